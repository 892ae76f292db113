# SPDX-License-Identifier: Apache-2.0
"""People whom Teams does not reach: product E11, E12, E15, E16, F39, D8, G22, R21. No notice is lost without a word."""
import time
import unittest

from threat import ThreatTest, harness

OF_A_DIGEST = 30  # pieces of news in one message
BLOCKED = ("ConversationBlockedByUser", "MessageWritesBlocked", "BotNotInConversationRoster")
TEAMS_APP = "00000000-0000-4000-8000-0000000000d1"  # of the tenant's catalogue


class UndeliveredTest(ThreatTest):
    def setUp(self):
        super().setUp()
        for who in ("alex", "megan", "adele"):
            self.world.ask(who, "help")  # they have conversations
        self.settle()

    def settle(self):
        """Nothing is on its way that would come between."""
        self.world.wait_directory()
        self.world.wait_notices()

    def block(self, who, code="ConversationBlockedByUser"):
        self.tenant.post(f"people/{who}", {"blocked": code})

    def remove(self, who):
        self.tenant.post(f"people/{who}", {"installed": False})

    def never_came(self, who):
        """As if this person had no app from the start."""
        self.remove(who)
        self.database.execute(f"delete from bot_conversation_references where oid = '{self.world.oid(who)}'")

    def back(self, who):
        self.tenant.post(f"people/{who}", {"blocked": None, "installed": True})

    def reference(self, who):
        return self.database.value(f"select state from bot_conversation_references where oid = '{self.world.oid(who)}'")

    def notice_of(self, who, fact):
        """The notice of this person about this fact, when nothing is left to do for it."""
        def find():
            rows = self.database.rows(
                "select id, state, attempts, fallback, last_error from outbox where kind = 'send' and channel = 'teams'"
                f" and recipient_oid = '{self.world.oid(who)}' and fact = '{fact}'")
            return rows[0] if rows and rows[0]["state"] != "pending" and rows[0]["fallback"] != "waiting" else None
        return harness.until(find, f"the notice {fact} of {who} has its end", 60, 0.1)

    def heard(self, who, words):
        return [entry for entry in self.tenant.shown(who) if words in entry.get("text", "")]

    def audited(self, action):
        return self.database.value(f"select count(*) from audit_logs where action = '{action}'")


class TestUnreachable(UndeliveredTest):
    def test_f39_e11_a_block_is_recorded_and_the_admins_hear_of_it_once(self):
        for code in BLOCKED:
            with self.subTest(code):
                self.block("adele", code)
                first = self.world.ask_for("alex", "7zip")
                self.assertEqual(self.notice_of("adele", f"request.{first}.1.approval")["fallback"], "none")
                second = self.world.ask_for("alex", "notepad")
                rows = self.database.rows(f"select attempts from outbox where recipient_oid = '{self.world.oid('adele')}'"
                                          " and state = 'dead'")
                self.assertEqual({row["attempts"] for row in rows}, {1})  # no storm
                self.assertIn(self.reference("adele"), ("blocked", "removed"))
                self.tenant.wait("megan", "I cannot reach Adele Vance")
                self.world.wait_notices()
                self.assertEqual(len(self.heard("megan", "I cannot reach Adele Vance")), 1)
                self.assertEqual(self.state_of_slate(second), {"megan"})  # the second one did not count on her any more
                self.assertGreater(self.audited("notice.undelivered"), 0)
                self.world.command("audit", "verify")
                self.begin_again()
                self.world.ask("adele", "help")
                self.world.ask("megan", "help")

    def state_of_slate(self, number):
        keys = {person["id"]: person["key"] for person in self.people()}
        return {keys[oid] for oid in self.database.column(f"select oid from stage_approvers where request_id = {number}")}

    def test_f39_admins_hear_of_whom_a_request_goes_on_without_however_it_showed(self):
        """A changed card that was refused, or an app that was taken away, says so as well; nobody is told of either."""
        for name in ("a refused change", "an app taken away"):
            with self.subTest(name):
                number = self.world.ask_for("alex", "7zip")
                self.world.wait_notices()
                if name == "a refused change":
                    self.block("adele")
                    self.world.approve("megan", number)
                else:
                    self.tenant.post("uninstall", {"as": "adele"})
                harness.until(lambda: self.reference("adele") in ("blocked", "removed"), "the reference is marked")
                self.world.wait_notices()
                self.assertEqual(self.heard("megan", "I cannot reach Adele Vance"), [])
                second = self.world.ask_for("lynne", "notepad")
                self.tenant.wait("megan", f"I cannot reach Adele Vance in Teams, so request #{second}")
                self.assertEqual(self.state_of_slate(second), {"megan"})
                self.world.ask_for("lynne", "7zip")
                self.world.wait_notices()
                self.assertEqual(len(self.heard("megan", "I cannot reach Adele Vance")), 1)  # once a day
                self.begin_again()
                for who in ("alex", "megan", "adele"):
                    self.world.ask(who, "help")

    def test_e11_who_waits_sees_whom_the_question_did_not_reach(self):
        self.block("adele")
        number = self.world.ask_for("alex", "7zip")
        self.notice_of("adele", f"request.{number}.1.approval")
        receipt = harness.until(lambda: self.heard("alex", "Adele Vance could not be reached"), "the receipt says so", 30)[-1]
        self.assertTrue(harness.has_button(receipt, "cancel"))
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", 120)

    def test_e11_when_nobody_is_left_nothing_is_asked_and_the_admins_know(self):
        self.block("adele")
        self.block("megan")
        first = self.world.ask_for("alex", "7zip")
        for who in ("adele", "megan"):
            self.notice_of(who, f"request.{first}.1.approval")
        told = (f"select count(*) from outbox where fact = 'request.{first}.1.nobody_admin'"
                f" and recipient_oid = '{self.world.oid('megan')}'")
        harness.until(lambda: self.database.value(told) == 1, "the admin is told that nobody is left")
        self.tenant.wait("alex", f"At the moment nobody can decide your request #{first}")
        self.tenant.wait("alex", "Adele Vance and Megan Bowen could not be reached")
        form = self.world.open_form("alex", "notepad")
        pressed = self.tenant.press("alex", "submit", {"justification": "I write"}, activity=form["id"])
        self.assertIn("Nobody can approve Notepad++ at the moment", str(pressed["body"]))
        self.assertEqual(self.database.value("select count(*) from requests"), 1)
        # the group decides: whoever of it comes back may
        self.back("adele")
        self.assertIn(f"#{first}", str(self.world.ask("adele", "pending")))

    def test_g22_a_person_hears_a_fact_once_whatever_comes_again(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", 120)
        self.world.wait_notices()
        self.world.restart()
        self.world.wait_notices()
        twice = self.database.rows("select recipient_oid, fact from outbox where kind = 'send' group by 1, 2 having count(*) > 1")
        self.assertEqual(twice, [])
        self.assertEqual(len(self.heard("alex", "7-Zip is ready")), 1)


class TestLedger(UndeliveredTest):
    def undelivered(self):
        self.block("adele")
        number = self.world.ask_for("alex", "7zip")
        notice = self.notice_of("adele", f"request.{number}.1.approval")
        return number, notice["id"]

    def test_d8_admins_see_who_what_why_since_when_and_what_was_done(self):
        self.assertIn("Nothing is undelivered", self.world.ask("megan", "undelivered")["text"])
        number, notice = self.undelivered()
        listed = self.world.ask("megan", "undelivered", "Messages that did not arrive")
        for words in (f"#{notice} Adele Vance", f"Request #{number}: asked to decide", "ConversationBlockedByUser",
                      "There was no other way"):
            self.assertIn(words, listed["text"])
        pressed = self.tenant.press("megan", "notice", activity=listed["id"])
        card = pressed["entry"] if "was not reached" in str(pressed.get("entry")) else self.tenant.wait("megan", "was not reached")
        for words in ("Adele Vance was not reached", f"Request #{number}: asked to decide", "ConversationBlockedByUser"):
            self.assertIn(words, str(card))

    def test_d8_nobody_but_an_admin_sees_or_does_anything(self):
        _, notice = self.undelivered()
        for words in ("undelivered", f"notice {notice}", f"retry notice {notice}", f"install notice {notice}"):
            self.world.ask("alex", words, "Only admins")
        self.assertEqual(self.database.value(f"select state from outbox where id = {notice}"), "dead")

    def test_d8_a_retry_sends_it_once_more_with_what_is_true_now(self):
        number, notice = self.undelivered()
        card = self.world.ask("megan", f"notice {notice}", "was not reached")
        self.back("adele")
        self.tenant.press("megan", "notice_retry", activity=card["id"])
        approval = self.world.card_of("adele", number)
        self.assertTrue(harness.has_button(approval, "approve"))
        self.assertEqual(self.notice_of("adele", f"request.{number}.1.approval")["state"], "sent")
        self.assertEqual(self.reference("adele"), "active")
        # a press on a card that is too old is answered and does nothing
        answer = self.accepted(self.invoke(self.press("notice_retry", {"rid": notice}), "megan", replyToId=card["id"]))
        self.assertIn("does not need you now", answer.text)
        self.assertIn("does not need you now", self.world.ask("megan", f"retry notice {notice}")["text"])
        self.world.wait_notices()
        self.assertEqual(len(self.heard("adele", f"#{number}")), 1)
        self.assertEqual(self.audited("notice.retried"), 1)
        self.tenant.press("adele", "approve", activity=approval["id"])
        self.world.wait_state(number, "delivered", 120)

    def test_d8_a_retry_of_what_was_decided_meanwhile_shows_the_decision(self):
        number, notice = self.undelivered()
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", 120)
        self.back("adele")
        self.world.ask("megan", f"retry notice {notice}", "sent again")
        card = self.tenant.wait("adele", f"#{number}")
        self.assertFalse(harness.has_button(card, "approve"))
        self.assertIn("Approved by Megan Bowen", card["text"])

    def test_d8_a_retry_that_fails_is_in_the_ledger_again(self):
        number, notice = self.undelivered()
        self.world.ask("megan", f"retry notice {notice}", "sent again")
        row = self.notice_of("adele", f"request.{number}.1.approval")
        self.assertEqual((row["state"], row["fallback"]), ("dead", "none"))
        self.assertIn(f"#{notice}", self.world.ask("megan", "undelivered")["text"])
        self.assertIn("There is no notice #99999", self.world.ask("megan", "retry notice 99999")["text"])
        self.assertIn("There is no notice #99999", self.world.ask("megan", "notice 99999")["text"])

    def test_d8_long_ledgers_come_in_pages(self):
        _, notice = self.undelivered()
        self.database.execute(
            "insert into outbox (tenant_id, recipient_oid, kind, fact, activity, state, last_error)"
            f" select tenant_id, recipient_oid, 'send', 'test.' || n, activity, 'dead', 'test' from outbox,"
            f" generate_series(1, 25) n where id = {notice}")
        page = self.world.ask("megan", "undelivered", "Messages that did not arrive")
        seen = 0
        for _ in range(3):
            self.assertTrue(harness.has_button(page, "undelivered") or seen == 2)
            seen += 1
            if seen < 3:
                pressed = self.tenant.press("megan", "undelivered", activity=page["id"])
                page = self.tenant.wait("megan", "Messages that did not arrive", after=pressed["seq"])
        self.assertIn(f"#{notice} Adele Vance", page["text"])


class TestInstall(UndeliveredTest):
    settings = {"graph.install_app": TEAMS_APP}

    def installed_for(self, who, fact):
        """How often it was tried to install the app, for a notice that came thereby. Teams tells us of the installation while the
        job still has to note it; then the notice is sent because its person is back."""
        row = self.notice_of(who, fact)
        self.assertEqual(row["state"], "sent")
        self.assertIn(row["fallback"], ("install", ""))
        return len([call for call in self.tenant.calls(surface="graph") if "/teamwork/installedApps" in call["path"]])

    def test_e16_the_app_is_installed_for_who_never_had_it_and_the_notice_follows(self):
        self.never_came("adele")
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("adele", number)
        self.assertTrue(harness.has_button(card, "approve"))
        self.assertEqual(self.installed_for("adele", f"request.{number}.1.approval"), 1)

    def test_e11_who_blocked_or_removed_the_app_is_left_alone(self):
        self.tenant.post("uninstall", {"as": "adele"})
        number = self.world.ask_for("alex", "7zip")
        self.assertEqual(self.database.column(f"select oid from stage_approvers where request_id = {number}"), [self.world.oid("megan")])
        self.world.wait_notices()  # her card of the first one came before she blocked
        self.block("megan")
        second = self.world.ask_for("alex", "notepad")
        self.assertEqual(self.notice_of("megan", f"request.{second}.1.approval")["fallback"], "none")
        self.assertEqual([call for call in self.tenant.calls(surface="graph") if "/teamwork/installedApps" in call["path"]], [])

    def test_e16_without_the_permission_the_admins_hear_why(self):
        self.tenant.fault(match="graph", contains="/teamwork/installedApps", status=403, count=-1)
        self.never_came("adele")
        number = self.world.ask_for("alex", "7zip")
        row = self.notice_of("adele", f"request.{number}.1.approval")
        self.assertEqual(row["fallback"], "none")
        self.assertIn("install Teams app", row["last_error"])
        self.tenant.wait("megan", "I cannot reach Adele Vance")

    def test_d8_an_admin_has_the_app_installed(self):
        self.tenant.fault(match="graph", contains="/teamwork/installedApps", status=403, count=1)
        self.never_came("adele")
        number = self.world.ask_for("alex", "7zip")
        notice = self.notice_of("adele", f"request.{number}.1.approval")["id"]
        card = self.world.ask("megan", f"notice {notice}", "was not reached")
        self.tenant.press("megan", "notice_install", activity=card["id"])
        self.world.card_of("adele", number)
        self.assertEqual(self.installed_for("adele", f"request.{number}.1.approval"), 2)  # of which one was refused
        self.assertEqual(self.audited("notice.install_asked"), 1)


class TestMail(UndeliveredTest):
    settings = {"mail.transport": "graph", "mail.from": "appdesk@example.com", "mail.alert_to": "ops@example.com"}

    def mails_for(self, who):
        return self.database.rows("select id, fact, fallback_of from outbox where channel = 'mail' and recipient_oid ="
                                  f" '{self.world.oid(who)}' order by id")

    def test_e16_e11_who_has_no_app_or_blocked_it_gets_a_mail_instead(self):
        for way in (self.never_came, self.block):
            with self.subTest(way.__name__):
                way("adele")
                number = self.world.ask_for("alex", "7zip")
                notice = self.notice_of("adele", f"request.{number}.1.approval")
                self.assertEqual((notice["state"], notice["fallback"]), ("dead", "mail"))
                self.assertEqual([mail["fallback_of"] for mail in self.mails_for("adele")], [notice["id"]])
                mail = harness.until(lambda: self.mailbox("adelev@example.com"), "the mail arrives")[0]
                self.assertIn("https://teams.microsoft.com/", mail["body"])  # a way to the app
                self.assertIn("7-Zip", mail["subject"] + mail["body"])
                self.tenant.wait("alex", "Adele Vance could not be reached in Teams, so a mail was sent")
                # she is reached, so she is asked the next time as well, and no admin is bothered
                second = self.world.ask_for("alex", "notepad")
                self.assertEqual(self.notice_of("adele", f"request.{second}.1.approval")["fallback"], "mail")
                self.assertEqual(self.heard("megan", "I cannot reach"), [])
                self.assertEqual(self.database.value("select count(*) from outbox where fact like 'request.%.nobody'"), 0)
                self.begin_again()
                for who in ("megan", "adele", "alex"):
                    self.world.ask(who, "help")

    def mailbox(self, address):
        return [mail for mail in self.tenant.get("mail")["mail"] if address in mail["to"]]

    def test_f39_a_mail_that_does_not_arrive_is_no_end_either(self):
        self.tenant.fault(match="graph", contains="/sendMail", status=403, count=-1)
        self.block("adele")
        number = self.world.ask_for("alex", "7zip")
        self.tenant.wait("megan", "I cannot reach Adele Vance")
        row = self.notice_of("adele", f"request.{number}.1.approval")
        self.assertEqual(row["fallback"], "none")
        self.assertIn("the mail failed", row["last_error"])
        self.assertIn("A mail did not arrive either", self.world.ask("megan", "undelivered", "did not arrive")["text"])

    def test_d8_an_admin_sends_a_mail_instead(self):
        self.tenant.post("people/adele", {"mail": None})
        self.never_came("adele")
        self.database.execute(f"update users set mail = '' where oid = '{self.world.oid('adele')}'")
        number = self.world.ask_for("alex", "7zip")
        row = self.notice_of("adele", f"request.{number}.1.approval")
        self.assertEqual(row["fallback"], "none")
        self.assertIn("no mail address is known", row["last_error"])
        self.tenant.wait("megan", "I cannot reach Adele Vance")
        self.assertIn("knows no mail address", self.world.ask("megan", f"mail notice {row['id']}")["text"])
        self.database.execute(f"update users set mail = 'adele@example.com' where oid = '{self.world.oid('adele')}'")
        card = self.world.ask("megan", f"notice {row['id']}", "was not reached")
        pressed = self.tenant.press("megan", "notice_mail", activity=card["id"])
        self.assertIn("A mail goes to Adele Vance", str(pressed))
        self.assertEqual(len(self.mails_for("adele")), 1)
        again = self.accepted(self.invoke(self.press("notice_mail", {"rid": row["id"]}), "megan", replyToId=card["id"]))
        self.assertIn("does not need you now", again.text)
        self.assertEqual(len(self.mails_for("adele")), 1)
        self.assertEqual(self.audited("notice.mailed"), 1)

    def test_f39_when_no_admin_is_reached_either_the_operators_are(self):
        for who in ("adele", "megan"):
            self.tenant.post(f"people/{who}", {"mail": None, "blocked": "ConversationBlockedByUser"})
            self.database.execute(f"update users set mail = '', synced_at = now() where oid = '{self.world.oid(who)}'")
        number = self.world.ask_for("alex", "7zip")
        for who in ("adele", "megan"):
            self.assertEqual(self.notice_of(who, f"request.{number}.1.approval")["fallback"], "none")
        alerts = "select count(*) from outbox where channel = 'mail' and recipient_oid = 'alert:ops@example.com'"
        harness.until(lambda: self.database.value(alerts) > 0, "the operators are written to")
        self.assertLessEqual(self.database.value(alerts), 2)  # about each person once a day


class TestBack(UndeliveredTest):
    def miss(self):
        """Lynne is away while her request is decided and delivered, and Adele while there is something to decide; the number."""
        self.world.ask("lynne", "help")
        number = self.world.ask_for("lynne", "7zip")
        self.world.wait_notices()
        self.block("lynne", "MessageWritesBlocked")
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", 120)
        for fact in ("approved", "delivered"):
            self.notice_of("lynne", f"request.{number}.{fact}")
        return number

    def digests(self, who):
        return self.heard(who, "While I could not reach you")

    def test_e15_who_comes_back_hears_in_one_message_what_was_missed(self):
        for back in ("message", "install"):
            with self.subTest(back):
                number = self.miss()
                self.back("lynne")
                if back == "message":
                    self.tenant.say("lynne", "hello")
                else:
                    self.tenant.post("install", {"as": "lynne"})
                digest = self.tenant.wait("lynne", "While I could not reach you")
                for words in (f"Request #{number}: it was approved", f"Request #{number}: the app is ready"):
                    self.assertIn(words, digest["text"])
                self.assertEqual(self.reference("lynne"), "active")
                self.world.ask("lynne", "status", "Your requests")
                self.world.wait_notices()
                self.assertEqual(len(self.digests("lynne")), 1)
                self.assertIn("Nothing is undelivered", self.world.ask("megan", "undelivered")["text"])
                self.begin_again()
                for who in ("megan", "adele", "alex"):
                    self.world.ask(who, "help")

    def test_e15_an_open_question_comes_again_with_its_card(self):
        self.block("adele")
        number = self.world.ask_for("alex", "7zip")
        self.notice_of("adele", f"request.{number}.1.approval")
        self.back("adele")
        self.tenant.say("adele", "hi")
        self.assertIn("This still waits for you", self.tenant.wait("adele", "While I could not reach you")["text"])
        card = self.world.card_of("adele", number)
        self.tenant.press("adele", "approve", activity=card["id"])
        self.world.wait_state(number, "delivered", 120)
        self.world.wait_notices()
        self.assertEqual(len(self.digests("adele")), 1)

    def test_e15_a_question_that_was_decided_meanwhile_is_only_told(self):
        self.block("adele")
        number = self.world.ask_for("alex", "7zip")
        self.notice_of("adele", f"request.{number}.1.approval")
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", 120)
        self.back("adele")
        self.tenant.say("adele", "hi")
        digest = self.tenant.wait("adele", "While I could not reach you")
        self.assertNotIn("This still waits for you", digest["text"])
        self.assertFalse(any(harness.has_button(entry, "approve") for entry in self.tenant.shown("adele")))

    def test_e15_what_is_older_than_a_week_stays_in_the_ledger(self):
        number = self.miss()
        self.database.execute("update outbox set created_at = now() - interval '8 days' where state = 'dead'"
                              f" and fact = 'request.{number}.approved'")
        self.back("lynne")
        self.tenant.say("lynne", "hello")
        digest = self.tenant.wait("lynne", "While I could not reach you")
        self.assertNotIn("it was approved", digest["text"])
        self.assertIn("the app is ready", digest["text"])
        self.assertIn("it was approved", self.world.ask("megan", "undelivered")["text"])


class TestTenantBlocked(UndeliveredTest):
    settings = {"mail.transport": "graph", "mail.from": "appdesk@example.com", "mail.alert_to": "ops@example.com, boss@example.com"}

    def test_e12_all_waits_the_operators_hear_once_and_nothing_is_lost(self):
        for code in ("BotDisabledByAdmin", "BotNotRegistered"):
            with self.subTest(code):
                status = 403 if code == "BotDisabledByAdmin" else 401
                self.tenant.fault(match="connector", status=status, body={"error": {"code": code, "message": "no"}}, count=-1)
                for who in ("alex", "megan", "adele"):
                    self.tenant.say(who, "help")
                alerts = ("select count(*) from outbox where channel = 'mail' and recipient_oid like 'alert:%'")
                harness.until(lambda: {to for mail in self.tenant.get("mail")["mail"] for to in mail["to"]} ==
                              {"ops@example.com", "boss@example.com"}, "both operators are written to", 60)
                self.assertEqual(self.database.value(alerts), 2)
                told = {"BotDisabledByAdmin": "the tenant's policy refuses", "BotNotRegistered": "refuses a new token"}[code]
                harness.until(lambda: told in self.world.log(), "the log says it")
                self.assertEqual(self.world.log().count(told), 1)
                # two days later they still wait: what nobody can deliver is not given up
                self.database.execute("update outbox set created_at = now() - interval '2 days' where channel = 'teams'"
                                      " and state = 'pending'")
                calls = len(self.tenant.calls(surface="connector"))
                self.world.restart()
                self.world.let_time_pass()
                harness.until(lambda: len(self.tenant.calls(surface="connector")) > calls, "it is tried again", 60)
                harness.until(lambda: self.database.value("select count(*) from outbox where lease_until > now()") == 0,
                              "the attempts are recorded", 60, 0.1)
                self.assertEqual(self.database.value("select count(*) from outbox where channel = 'teams' and state <> 'sent'"
                                                     " and state <> 'pending'"), 0)
                self.assertLessEqual(self.database.value(alerts), 4)  # each hour once, and an hour may have ended
                self.tenant.clear_faults()
                self.world.restart()
                self.world.let_time_pass()
                harness.until(lambda: self.database.value(
                    "select count(*) from outbox where channel = 'teams' and state <> 'sent'") == 0, "all of it arrives", 60)
                self.begin_again()
                for who in ("megan", "adele", "alex"):
                    self.world.ask(who, "help")


class TestPreferences(UndeliveredTest):
    def delay(self, who="alex"):
        """A request of this person that takes longer, which is news; its number."""
        self.tenant.tamper("installer-changed", "7zip.7zip")
        number = self.world.ask_for(who, "7zip")
        self.world.approve("megan", number)
        self.world.card_with("megan", "retry")
        self.world.wait_notices()
        return number

    def held(self):
        return self.database.column("select fact from held_notices where told_at is null order by fact")

    def news_job(self):
        return self.database.rows("select state, extract(epoch from run_at - now())::int as wait_s from jobs where kind = 'news'")

    def test_r21_who_wishes_nothing_hears_news_at_once(self):
        self.delay()
        self.tenant.wait("alex", "takes longer than usual")
        self.assertEqual((self.held(), self.news_job()), ([], []))

    def test_r21_muted_leaves_out_news_and_nothing_else(self):
        said = self.world.ask("alex", "mute", "News are muted")
        self.assertIn("always come at once", said["text"])
        number = self.delay()
        self.assertEqual(len(self.heard("alex", "approved your request")), 1)
        self.assertEqual((self.heard("alex", "takes longer than usual"), self.held()), ([], []))
        self.tenant.restore()
        card = self.world.card_with("megan", "retry")
        self.tenant.press("megan", "retry", activity=card["id"])
        self.world.wait_state(number, "delivered", 120)
        self.tenant.wait("alex", "7-Zip is ready")
        self.assertIn("News come again", self.world.ask("alex", "unmute")["text"])
        self.assertEqual(self.audited("preferences.changed"), 2)

    def test_r21_a_daily_digest_is_one_message_and_says_each_thing_once(self):
        self.world.ask("alex", "digest daily", "once a day at 09:00")
        number = self.delay()
        self.assertEqual(self.held(), [f"request.{number}.delayed"])
        self.database.execute("insert into held_notices (tenant_id, oid, fact, text)"
                              " select tenant_id, oid, 'test', 'Something else' from held_notices")
        job = self.news_job()
        self.assertEqual(len(job), 1)
        self.assertEqual(job[0]["state"], "queued")
        self.assertTrue(0 < job[0]["wait_s"] <= 86400)
        self.assertEqual(self.heard("alex", "takes longer than usual"), [])
        self.database.execute("update jobs set run_at = now() where kind = 'news'")
        digest = self.tenant.wait("alex", "News for you")
        for words in ("takes longer than usual", "Something else"):
            self.assertIn(words, digest["text"])
        # the same fact again is old news
        self.tenant.press("megan", "retry", activity=self.world.card_with("megan", "retry")["id"])
        harness.until(lambda: self.database.value("select count(*) from audit_logs where action = 'job.failed'") > 1, "it fails again", 60)
        self.world.wait_notices()
        self.assertEqual(self.held(), [])
        self.assertEqual(len(self.heard("alex", "News for you")), 1)

    def test_r21_a_digest_counts_what_it_has_no_room_for(self):
        self.world.ask("alex", "digest daily", "once a day at 09:00")
        self.delay()
        self.database.execute("insert into held_notices (tenant_id, oid, fact, text, held_at)"
                              " select tenant_id, oid, 'test.' || n, 'News ' || n || '.', held_at + n * interval '1 ms'"
                              f" from held_notices, generate_series(1, {OF_A_DIGEST + 1}) n")
        self.database.execute("update jobs set run_at = now() where kind = 'news'")
        digest = self.tenant.wait("alex", "News for you")
        self.assertIn("2 pieces of news not shown here", digest["text"])
        self.assertNotIn(f"News {OF_A_DIGEST}.", digest["text"])
        self.assertEqual(self.held(), [], "all of it counts as told")

    def test_f9_quiet_hours_hold_news_until_they_end_by_the_persons_clock(self):
        now = self.database.value("select to_char(now() at time zone 'Asia/Kolkata' - interval '1 h', 'HH24:MI') || '-' ||"
                                  " to_char(now() at time zone 'Asia/Kolkata' + interval '2 h', 'HH24:MI')")
        said = self.world.ask("alex", f"quiet {now} asia/kolkata", "No news from")
        self.assertIn("(Asia/Kolkata)", said["text"])
        number = self.delay()
        self.assertEqual(self.held(), [f"request.{number}.delayed"])
        wait_s = self.news_job()[0]["wait_s"]
        self.assertTrue(7000 < wait_s <= 7200, wait_s)
        self.assertEqual(len(self.heard("alex", "approved your request")), 1)  # a result does not wait
        # an earlier end counts for what waits
        self.world.ask("alex", "quiet off", "no quiet hours any more")
        self.tenant.wait("alex", "takes longer than usual")

    def test_r21_preferences_are_shown_and_nonsense_changes_nothing(self):
        shown = self.world.ask("alex", "preferences", "What I tell you, and when")
        self.assertIn("at once", shown["text"])
        for words, answer in (("quiet 25:00-07:00", "did not understand"), ("quiet 20:00-20:00", "did not understand"),
                              ("quiet 20:00-07:00 Mars/Base", "do not know this time zone"),
                              ("quiet 20:00-07:00 CET'; drop table users; --", "do not know this time zone")):
            with self.subTest(words):
                self.assertIn(answer, self.world.ask("alex", words)["text"])
        self.assertEqual(self.database.value("select count(*) from preferences"), 0)
        pressed = self.tenant.press("alex", "prefer", activity=shown["id"])  # its first button: mute
        self.assertIn("News are muted", str(pressed))
        self.assertTrue(self.database.value("select muted from preferences"))

    def test_r21_admins_who_are_mute_still_hear_alarms(self):
        self.world.ask("megan", "mute", "News are muted")
        self.delay()
        self.assertTrue(harness.has_button(self.world.card_with("megan", "retry"), "retry"))


class TestCrash(UndeliveredTest):
    def test_f39_a_kill_at_any_point_of_the_fallback_loses_nothing_and_tells_nobody_twice(self):
        for point in ("job.before.fallback", "job.worked.fallback", "job.after.fallback"):
            with self.subTest(point):
                self.block("adele")
                self.world.restart(fault=f"{point}=kill")
                self.tenant.fault(match="connector", contains="personal-chat-megan", status=503, count=-1)  # nothing is half sent to her
                self.tenant.say("alex", "7zip")
                number = self.world.ask_for("alex", "7zip")
                harness.until(lambda: not self.world.service.running(), "the process is killed", 30)
                self.world.service = None
                self.tenant.clear_faults()
                self.world.let_time_pass()
                self.world.start_service()
                self.assertEqual(self.notice_of("adele", f"request.{number}.1.approval")["fallback"], "none")
                self.tenant.wait("megan", "I cannot reach Adele Vance")
                self.world.wait_notices()
                self.assertEqual(len(self.heard("megan", "I cannot reach Adele Vance")), 1)
                self.begin_again()
                self.world.ask("adele", "help")
                self.world.ask("megan", "help")


class TestBusy(UndeliveredTest):
    settings = {"packaging.workers": 1}

    def test_f39_a_fallback_does_not_stand_behind_packages(self):
        number = self.world.ask_for("alex", "7zip")
        self.tenant.fault(match="graph", contains="/deviceAppManagement", delay_ms=15000, count=-1)
        self.world.approve("megan", number)
        harness.until(lambda: self.database.value("select count(*) from jobs where kind = 'package' and state = 'running'"),
                      "the only worker is busy")
        self.world.wait_notices()  # her card has changed: the next thing that she is sent is a question
        self.block("adele")
        second = self.world.ask_for("lynne", "notepad")
        begun = time.monotonic()
        self.assertEqual(self.notice_of("adele", f"request.{second}.1.approval")["fallback"], "none")
        self.assertLess(time.monotonic() - begun, harness.within(15))
        self.assertEqual(self.database.value("select state from jobs where kind = 'package'"), "running")
        self.tenant.clear_faults()


if __name__ == "__main__":
    unittest.main(verbosity=2)
