# SPDX-License-Identifier: Apache-2.0
"""Mail leaves by SMTP or by Graph: once or not at all, readable by others, to nobody else, and nothing of it stays behind.

What Teams does not take (the person blocked the bot) is what is mailed here. Python's own mail reader judges the messages.
"""
import base64
import contextlib
import email.utils
import re
import time
import unittest

import harness
from smtp_sink import LINE_MAX, Sink, certificate

PASSWORD = "canary-password-4711"
ALEX, ADELE = "alex.wilber@example.com", "adele.vance@example.com"
REASON = "Zahlen pr\u00fcfen\n.\n..two dots\nQUIT\nFrom here \U0001f4e6 " + "very long line " * 60
AFTER_S = 60


class MailTest(harness.WorldTest):
    def setUp(self):
        self.addCleanup(setattr, self.world, "settings", dict(self.world.settings))
        super().setUp()

    def begin(self):
        super().begin()
        self.log_begin = len(self.world.log())
        for who in ("alex", "megan", "adele"):
            self.world.ask(who, "help")
        self.world.wait_notices()

    def block(self, who="adele"):
        self.tenant.post(f"people/{who}", {"blocked": "ConversationBlockedByUser"})

    def ask(self, reason="I have to open what customers send"):
        """A request whose question to Adele goes by mail; its number."""
        self.block()
        return self.world.ask_for("alex", "7zip", reason)

    def ask_who_dies(self):
        with contextlib.suppress(AssertionError):  # it may die before it has answered
            self.ask()

    def mail_rows(self):
        return self.database.rows("select id, state, attempts, maybe_sent, activity, last_error from outbox where channel = 'mail' order by id")

    def row(self, state, timeout_s=AFTER_S):
        """The one mail, when it has this state."""
        def find():
            rows = self.mail_rows()
            return rows[0] if rows and rows[0]["state"] == state else None
        found = harness.until(find, f"a mail is {state}", timeout_s)
        self.assertEqual(len(self.mail_rows()), 1)
        return found

    def waiting(self, words):
        """A mail waits for its next try, or has waited: the log says why."""
        harness.until(lambda: [line for line in self.log().splitlines() if "not delivered yet" in line and words in line],
                      f"a mail waits because of {words} ({self.mail_rows()})")

    def becomes_sent(self, when):
        def look():
            self.now()
            return [row["state"] for row in self.mail_rows()] == ["sent"]
        harness.until(look, f"the mail is sent {when}")

    def now(self):
        """What waits for its next try is due."""
        self.database.execute("update outbox set due_at = now() where state = 'pending' and channel = 'mail'")

    def log(self):
        """What was logged in this test."""
        return self.world.log()[self.log_begin:]

    def nothing_stays(self):
        self.assertEqual({row["activity"] for row in self.mail_rows()}, {""})
        log = self.log()
        for secret in (PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), "example.com\"", "customers send", "canary"):
            self.assertNotIn(secret, log.replace('"mail.from', ""))


class SmtpTest(MailTest):
    tls = "starttls"

    @classmethod
    def setUpClass(cls):
        folder = harness.BUILD / "e2e" / "smtp"
        cls.sink = Sink(folder, {"desk": PASSWORD}, cls.tls, port=harness.free_port())
        cls.addClassCleanup(lambda: cls.sink.close())
        cls.password_file = folder / "password"
        cls.password_file.write_text(PASSWORD + "\n")
        cls.settings = {"mail.transport": "smtp", "mail.from": "desk@counter.example", "mail.smtp_ca": cls.sink.pem,
                        "mail.smtp_url": f"{'smtps' if cls.tls == 'at once' else 'smtp'}://localhost:{cls.sink.port}",
                        "mail.smtp_user": "desk", "mail.smtp_password": f"@File({cls.password_file})"}
        super().setUpClass()

    def setUp(self):
        self.sink.clear()
        self.sink.mails, self.sink.attempts, self.sink.commands, self.sink.logins, self.sink.held = [], [], [], [], 0
        super().setUp()
        self.addCleanup(self.sink.release)

    def taken(self, count=1):
        return harness.until(lambda: len(self.sink.mails) >= count and self.sink.mails, f"{count} mails are taken")

    def readable(self, mail):
        """Python reads what was meant, and every line keeps to the rules of mail."""
        self.assertNotIn(b"\n", mail.data.replace(b"\r\n", b""))
        self.assertNotIn(b"\r", mail.data.replace(b"\r\n", b""))
        self.assertLess(max(map(len, mail.data.splitlines(True))), LINE_MAX)
        self.assertTrue(mail.data.isascii())
        message = mail.message
        self.assertEqual(list(message.defects), [])
        for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
            self.assertEqual(len(message.get_all(name)), 1, name)
        self.assertIsNone(message["Bcc"])
        self.assertIsNone(message["Cc"])
        self.assertEqual({part.get_content_charset() for part in message.walk() if part.get_content_maintype() == "text"}, {"utf-8"})
        self.assertEqual([d for part in message.walk() for d in part.defects], [])
        self.assertLess(abs(email.utils.parsedate_to_datetime(message["Date"]).timestamp() - time.time()), 600)


class TestStartTls(SmtpTest):
    def test_a_mail_arrives_once_and_others_can_read_it(self):
        self.database.execute("update apps set name = 'B\u00fccherma\u00df \U0001f4e6 with a name that is far too long for one line'"
                              " where name = '7-Zip'")
        self.ask(REASON)
        mail = self.taken()[0]
        self.row("sent")
        self.readable(mail)
        self.assertEqual((mail.sender, mail.recipients), ("<desk@counter.example>", [f"<{self.address('adele')}>"]))
        self.assertEqual((mail.is_tls, mail.user, mail.greeted_as), (True, "desk", "counter.example"))
        self.assertIn("B\u00fccherma\u00df \U0001f4e6 with a name that is far too long", mail.message["Subject"])
        self.assertEqual(mail.message.get_body(("html",)).get_content_type(), "text/html")
        for line in ("Zahlen pr\u00fcfen", "..two dots", "QUIT", "From here \U0001f4e6"):
            self.assertIn(line, mail.text())
        self.assertRegex(mail.message["Message-ID"], r"^<appdesk\.\d+\.[0-9a-f]{16}@counter\.example>$")
        self.assertEqual(mail.message["Auto-Submitted"], "auto-generated")
        self.assertEqual(len(self.sink.attempts), 1)
        self.assertNotIn("QUIT\r\n.", "\r\n".join(self.sink.commands))
        self.nothing_stays()

    def address(self, who):
        return next(p["mail"] for p in self.tenant.get("people")["people"] if p["key"] == who)

    def test_a_server_that_says_later_is_asked_again_with_the_same_message_id(self):
        self.sink.order("end", reply="451 4.3.0 try again")
        self.sink.order("rcpt", reply="450 4.2.1 busy")
        self.sink.order("greeting", reply="421 4.3.2 full")
        self.ask()
        self.waiting("421")
        for words in ("450", "451"):
            self.now()
            self.waiting(words)
        self.now()
        self.row("sent")
        self.assertEqual(len(self.taken()), 1)
        self.assertEqual(len({mail.message["Message-ID"] for mail in self.sink.attempts}), 1)
        self.assertEqual(len(self.sink.attempts), 2)
        self.nothing_stays()

    def test_a_server_that_says_no_ends_the_mail(self):
        for step in ("mail", "rcpt", "data", "end"):
            with self.subTest(step):
                self.sink.order(step, reply="554 5.7.1 no: https://counter.example/act/canary for adele@example.com")
                self.ask()
                row = self.row("dead")
                self.assertIn("554 5.7.1 no:", row["last_error"])
                self.assertNotIn("canary", row["last_error"])
                self.assertNotIn("@", row["last_error"])
                self.assertEqual((row["attempts"], self.sink.mails), (1, []))
                self.nothing_stays()
                self.sink.clear()
                self.sink.attempts = []
                self.begin_again()

    def test_a_server_that_is_away_gets_the_mail_when_it_is_back(self):
        self.sink.close()
        self.addCleanup(lambda: self.sink.server or self.sink.listen_again())
        self.ask()
        self.waiting("mail server")
        self.sink.listen_again()
        self.now()
        self.row("sent")
        self.assertEqual(len(self.taken()), 1)

    def test_a_connection_lost_after_the_text_is_not_known_and_not_repeated(self):
        self.sink.order("end", drop=True)
        self.ask()
        row = self.row("ambiguous")
        self.assertEqual((row["attempts"], len(self.sink.attempts)), (1, 1))
        self.now()
        self.world.let_time_pass()
        self.world.ask("alex", "status")
        self.assertEqual(len(self.sink.attempts), 1)
        self.nothing_stays()

    def test_a_connection_lost_before_the_text_is_tried_again(self):
        for step in ("greeting", "mail", "rcpt"):
            self.sink.order(step, drop=True)
        self.ask()
        self.becomes_sent("after three drops")
        self.assertEqual((len(self.taken()), len(self.sink.attempts)), (1, 1))

    def test_a_node_that_dies_with_a_mail_under_way_does_not_double_it(self):
        self.sink.order("end", hold=True)
        self.ask()
        harness.until(lambda: self.sink.held == 1, "the server holds its last word")
        self.world.kill_service()
        self.sink.release()
        self.world.start_service()
        self.world.let_time_pass()
        row = self.row("ambiguous")
        self.assertIn("its node ended", row["last_error"])
        self.assertEqual(len(self.sink.attempts), 1)
        self.nothing_stays()

    def test_a_stop_does_not_wait_for_a_server_that_says_nothing(self):
        self.sink.order("end", hold=True)
        self.ask()
        harness.until(lambda: self.sink.held == 1, "the server holds its last word")
        begun = time.monotonic()
        self.assertEqual(self.world.stop_service(), 0)
        self.assertLess(time.monotonic() - begun, harness.within(15))
        self.assertEqual(self.row("ambiguous")["attempts"], 1)
        self.world.start_service()

    def test_a_server_that_says_nothing_holds_nobody_else_up(self):
        self.sink.order("end", hold=True)
        self.ask()
        harness.until(lambda: self.sink.held == 1, "the server holds its last word")
        begun = time.monotonic()
        for _ in range(5):
            self.world.ask("alex", "status")
        self.assertLess(time.monotonic() - begun, harness.within(10))
        self.assertEqual(self.mail_rows()[0]["state"], "pending")
        pending = "select count(*) from outbox where channel = 'teams' and state = 'pending'"
        harness.until(lambda: self.database.value(pending) == 0, "what goes to Teams is sent", 10)
        self.sink.release()

    def test_a_refused_login_waits_for_the_password_and_never_tells_it(self):
        self.sink.users = {"desk": "canary-rotated"}
        self.addCleanup(lambda: setattr(self.sink, "users", {"desk": PASSWORD}))
        self.addCleanup(lambda: self.password_file.write_text(PASSWORD + "\n"))
        self.ask()
        self.waiting("535")
        self.assertEqual(self.sink.attempts, [])
        self.password_file.write_text("canary-rotated\n")
        self.becomes_sent("with the new password")
        self.assertEqual(len(self.taken()), 1)
        self.assertEqual(self.log().count("mail cannot be sent"), 1)
        self.assertEqual({tls for _, _, tls in self.sink.logins}, {True})
        errors = [row["last_error"] for row in self.mail_rows()]
        self.assertNotIn("canary", str(errors))
        self.nothing_stays()

    def test_a_certificate_that_is_not_the_servers_gets_no_password_and_no_mail(self):
        _, other = certificate(harness.BUILD / "e2e" / "smtp-other")
        self.world.restart({"mail.smtp_ca": other})
        self.ask()
        self.waiting("certificate")
        self.assertEqual((self.sink.logins, self.sink.attempts), ([], []))
        self.assertFalse([c for c in self.sink.commands if c.startswith(("AUTH", "MAIL", "RCPT"))])


class TestTlsAtOnce(SmtpTest):
    tls = "at once"

    def test_a_mail_arrives_once_over_smtps(self):
        self.ask()
        mail = self.taken()[0]
        self.row("sent")
        self.readable(mail)
        self.assertEqual((mail.is_tls, mail.user, len(self.sink.attempts)), (True, "desk", 1))
        self.nothing_stays()


    def test_authorities_that_cannot_be_read_stop_the_start(self):
        self.assertEqual(self.world.stop_service(), 0)
        config = self.world.config.with_name("no-authorities.ini")
        text = self.world.config.read_text().replace(str(self.sink.pem), "/nonexistent/ca.pem")
        config.write_text(text)
        with self.assertRaisesRegex(AssertionError, "mail.smtp_ca: /nonexistent/ca.pem cannot be read"):
            harness.appdesk(config, "serve")
        self.world.start_service()


class TestGraphMail(MailTest):
    settings = {"mail.transport": "graph", "mail.from": "appdesk@example.com", "mail.alert_to": "ops@example.com, duty@example.com"}

    def mails(self, to="adele"):
        return self.tenant.get("mail", to=to)["mail"]

    def calls(self):
        return self.tenant.calls(surface="graph", path="sendMail")

    def fault(self, **order):
        self.tenant.fault(match="/graph/v1.0/users/appdesk", **order)

    def test_a_mail_arrives_once(self):
        self.ask()
        self.row("sent")
        mails = self.mails()
        self.assertEqual(len(mails), 1)
        self.assertEqual(mails[0]["from"], "appdesk@example.com")
        self.assertIn("7-Zip", mails[0]["subject"])
        self.assertEqual(len(self.calls()), 1)
        self.nothing_stays()

    def test_a_mail_whose_answer_is_lost_is_not_repeated(self):
        self.fault(cut=True, after=True)
        self.ask()
        self.row("ambiguous")
        self.world.let_time_pass()
        self.world.ask("alex", "status")
        self.assertEqual((len(self.mails()), len(self.calls())), (1, 1))
        self.nothing_stays()

    def test_a_node_that_dies_before_a_mail_leaves_loses_nothing(self):
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault="outbox.before.mail=kill")
        self.ask_who_dies()
        self.world.service.wait_killed()
        self.world.start_service()
        self.world.let_time_pass()
        self.row("sent")
        self.assertEqual((len(self.mails()), len(self.calls())), (1, 1))

    def test_a_node_that_dies_before_it_writes_what_became_of_a_mail_does_not_double_it(self):
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault="outbox.after.mail=kill")
        self.ask_who_dies()
        self.world.service.wait_killed()
        self.world.start_service()
        self.world.let_time_pass()
        self.row("ambiguous")
        self.assertEqual((len(self.mails()), len(self.calls())), (1, 1))
        self.nothing_stays()

    def test_a_throttled_mailbox_gets_the_mail_later(self):
        self.fault(status=429, retry_after=1)
        self.fault(status=503)
        self.ask()
        self.becomes_sent("when the mailbox takes it")
        self.assertEqual((len(self.mails()), len(self.calls())), (1, 3))

    def test_a_missing_permission_is_said(self):
        self.fault(status=403, count=-1)
        self.ask()
        row = self.row("dead")
        self.assertIn("Mail.Send", row["last_error"])
        self.assertEqual(len(self.calls()), 1)
        self.assertIn("mail cannot be sent", self.log())
        self.nothing_stays()

    def test_operators_hear_by_mail_that_the_tenant_refuses_the_bot(self):
        self.tenant.post("people/megan", {"blocked": "BotDisabledByAdmin"})
        self.world.ask_for("alex", "7zip")
        for address in ("ops@example.com", "duty@example.com"):
            mail = harness.until(lambda to=address: self.mails(to), f"{address} is told", 30)
            self.assertEqual(len(mail), 1)
            self.assertTrue(re.search("polic|Teams", mail[0]["subject"] + mail[0]["body"]))


if __name__ == "__main__":
    unittest.main()
