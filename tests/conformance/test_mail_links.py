# SPDX-License-Identifier: Apache-2.0
"""One-time links in mails: looking changes nothing, one press decides, by the rules of Teams, and the secret stays secret."""
import base64
import contextlib
import hashlib
import http.client
import json
import os
import re
import subprocess
import threading
import time
import unittest
import urllib.parse

import threat
import wire
from front import Answer, TENANT

harness = threat.harness
FORM = "application/x-www-form-urlencoded"
COPIES_S = 10  # until every copy of a card tells the truth
SCANNERS = (
    {"User-Agent": "Mozilla/5.0 (compatible; link-check/1.0)"},
    {"User-Agent": "preview", "Purpose": "prefetch", "Sec-Purpose": "prefetch;prerender"},
    {"X-Moz": "prefetch", "Accept": "*/*"},
    {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"},
    {"Cookie": "a=b", "Referer": "https://mail.example/"},
)


class LinkTest(threat.ThreatTest):
    settings = {"mail.transport": "graph", "mail.from": "appdesk@example.com", "mail.links": "true",
                "server.public_url": "https://appdesk.example"}

    def link(self, who, number, decision="approved", **columns):
        """A link as a mail carries it, and its row as the mail's maker writes it; its text."""
        text = base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
        request = self.database.rows(f"select version, stage from requests where id = {number}")[0]
        values = {"token_sha256": f"\\x{hashlib.sha256(text.encode()).hexdigest()}", "tenant_id": TENANT, "oid": self.world.oid(who),
                  "purpose": "mail", "request_id": number, "stage": request["stage"], "decision": decision,
                  "version": request["version"], "expires_at": "2100-01-01", **columns}
        names, texts = ", ".join(values), ", ".join(f"'{value}'" for value in values.values())
        self.known(who)
        self.database.execute(f"insert into action_tokens ({names}) values ({texts})")
        self.made = [*getattr(self, "made", []), text]
        return text

    def known(self, who):
        """The person has a row, as whoever gets a mail has."""
        name = next(p for p in self.people() if p["key"] == who)["displayName"]
        self.database.execute("insert into users (tenant_id, oid, name, mail) values "
                              f"('{TENANT}', '{self.world.oid(who)}', '{name}', '{who}@example.com') on conflict do nothing")

    def look(self, link, method="GET", headers=None):
        return self.request(method, f"/act/{link}", headers=headers)

    def press(self, link, reason=None, body=None, headers=None):
        fields = {"reason": reason} if reason is not None else {}
        data = urllib.parse.urlencode(fields).encode() if body is None else body
        return self.request("POST", f"/act/{link}", data, {"Content-Type": FORM, **(headers or {})})

    def decisions(self, number):
        return self.database.rows(f"select oid, decision, reason from decisions where request_id = {number}")

    def undecided(self, number):
        self.assertEqual(self.world.state(number), "pending")
        self.assertEqual(self.decisions(number), [])

    def audits(self, number, action):
        return self.database.rows("select user_id, source, ip_address, correlation_id, details from audit_logs "
                                  f"where entity_id = '{number}' and action = '{action}' order by seq")

    def no_buttons_left(self, who, number):
        def closed():
            cards = [e for e in self.tenant.shown(who) if f"#{number}" in e.get("text", "")]
            return cards and not any(harness.has_button(e, "approve") for e in cards)
        harness.until(closed, f"no card of {who} about #{number} has a button", COPIES_S, 0.05)

    def no_secret_in_the_log(self):
        log = self.world.log()
        for link in self.made:
            self.assertNotIn(link, log)
            self.assertNotIn(hashlib.sha256(link.encode()).hexdigest(), log)
        audit = json.dumps(self.database.rows("select details, correlation_id, entity_id from audit_logs"))
        for link in self.made:
            self.assertNotIn(link, audit)


class TestMailLinks(LinkTest):
    def test_e32_a_link_decides_nothing_while_the_counter_is_frozen_and_works_afterwards(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number)
        self.world.command("settings", "set", "Frozen", "true")
        self.assertIn("The app counter is frozen", self.look(link).text)
        self.assertIn("The app counter is frozen", self.press(link).text)
        self.undecided(number)
        self.world.command("settings", "set", "Frozen", "false")
        self.assertEqual(self.press(link).status, 200)
        self.assertEqual(len(self.decisions(number)), 1)

    def test_1_27_a_link_does_not_approve_for_a_device_that_is_not_compliant_and_works_when_it_is(self):
        self.world.policy([{"name": "trusted", "stages": [{"ask": "group"}], "require_compliant_device": True}])
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number)
        self.tenant.post("people/alex/devices", {"devices": [{"name": "PC-alex", "compliance": "noncompliant"}]})
        refused = self.press(link)
        self.assertEqual(refused.status, 403)
        self.assertIn("PC-alex is not compliant", refused.text)
        self.undecided(number)
        self.tenant.wait("alex", "could not be approved yet")
        self.tenant.post("people/alex/devices", {"devices": [{"name": "PC-alex"}]})
        harness.until(lambda: self.press(link).status == 200, "the link works")
        self.assertEqual(len(self.decisions(number)), 1)

    def test_f11_a_decision_by_mail_is_on_every_card_within_10_seconds(self):
        number = self.world.ask_for("alex", "7zip")
        for who in ("megan", "adele"):
            self.world.card_of(who, number)
        link = self.link("megan", number)
        begun = time.monotonic()
        answer = self.press(link)
        self.assertEqual(answer.status, 200, answer.text)
        self.assertIn("You approved 7-Zip for Alex Wilber", answer.text)
        for who in ("megan", "adele"):
            self.no_buttons_left(who, number)
        self.tenant.wait("alex", "approved your request")
        self.assertLess(time.monotonic() - begun, harness.within(COPIES_S))
        late = self.world.ask("adele", f"approve {number}", "Already decided by")
        self.assertIn("Megan Bowen", late["text"])
        self.assertEqual([d["oid"] for d in self.decisions(number)], [self.world.oid("megan")])
        row = self.audits(number, "decision.approved")[0]
        self.assertEqual((row["user_id"], row["source"], row["ip_address"]), (self.world.oid("megan"), "email", "127.0.0.1"))
        self.world.wait_state(number, "delivered", 120)
        self.no_secret_in_the_log()
        self.world.check()

    def test_f11_a_rejection_by_mail_is_on_every_card_within_10_seconds(self):
        """Nothing but the decision itself changes the cards: no job follows it."""
        number = self.world.ask_for("alex", "7zip")
        for who in ("megan", "adele"):
            self.world.card_of(who, number)
        begun = time.monotonic()
        self.assertEqual(self.press(self.link("megan", number, "rejected"), "We have one").status, 200)
        for who in ("megan", "adele"):
            self.no_buttons_left(who, number)
        self.tenant.wait("alex", "We have one")
        self.assertLess(time.monotonic() - begun, harness.within(COPIES_S))
        self.world.check()

    def test_e34_an_old_link_says_no_longer_valid_and_how_things_stand(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("adele", number)
        self.world.approve("megan", number)
        for method in ("GET", "POST"):
            answer = self.look(link) if method == "GET" else self.press(link)
            self.assertEqual(answer.status, 410)
            self.assertIn("This link is no longer valid", answer.text)
            self.assertRegex(answer.text, r"Approved by Megan Bowen, \d+ \w+ 20\d\d")
            self.assertNotIn("<form", answer.text)
        self.assertEqual(len(self.decisions(number)), 1)
        cancelled = self.world.ask_for("lynne", "7zip")
        link = self.link("adele", cancelled)
        self.world.ask("lynne", f"cancel {cancelled}", f"#{cancelled}")
        answer = self.press(link)
        self.assertEqual(answer.status, 410)
        self.assertIn("Withdrawn", answer.text)
        self.assertEqual(self.world.state(cancelled), "cancelled")
        self.no_secret_in_the_log()

    def test_e34_a_link_is_dead_when_the_stage_has_moved(self):
        number = self.world.ask_for("alex", "7zip")
        other_stage = self.link("adele", number, stage=2)
        other_version = self.link("adele", number, version=7)
        for link in (other_stage, other_version):
            self.assertEqual(self.look(link).status, 410)
            answer = self.press(link)
            self.assertEqual(answer.status, 410)
            self.assertIn("still open", answer.text)
        self.undecided(number)
        self.assertEqual(self.database.value("select count(*) from action_tokens where purpose = 'mail' and expires_at <= now()"), 2)

    def test_threat_12_looking_changes_nothing_whatever_a_scanner_does(self):
        number = self.world.ask_for("alex", "7zip")
        link, reject = self.link("megan", number), self.link("megan", number, "rejected")
        self.world.wait_notices()
        (before, calls), tokens = self.settled(), self.database.rows("select * from action_tokens order by token_sha256")
        crowd = threat.Crowd()
        for headers in SCANNERS:
            crowd.add(self.scan, (link, reject), headers)
        crowd.end(wait=True)
        self.assertEqual(self.rows(), before)
        self.assertEqual(self.outward(), calls)
        self.assertEqual(self.database.rows("select * from action_tokens order by token_sha256"), tokens)
        self.undecided(number)
        self.assertEqual(self.press(link).status, 200)
        self.assertEqual(self.decisions(number)[0]["decision"], "approved")

    def scan(self, links, headers):
        for link in links * 5:
            page = self.look(link, headers=headers)
            head = self.look(link, "HEAD", headers)
            self.assertEqual((page.status, head.status, head.text), (200, 200, ""))
            self.assertEqual(head.headers["content-length"], str(len(page.text.encode())))
            for method in ("OPTIONS", "PUT", "DELETE", "PATCH"):
                refused = self.look(link, method, headers)
                self.assertEqual(refused.status, 405)
                self.assertEqual(refused.headers["allow"], "GET, HEAD, POST")

    def test_fault_34_a_used_link_decides_nothing_more(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number, "rejected")
        other = self.link("megan", number)
        self.assertEqual(self.press(link, "We have an archiver").status, 200)
        self.assertEqual(self.world.state(number), "rejected")
        for again in (link, other):
            answer = self.press(again, "Once more")
            self.assertEqual(answer.status, 410)
            self.assertRegex(answer.text, r"Rejected by Megan Bowen, \d+ \w+ 20\d\d")
        self.assertEqual(self.decisions(number), [
            {"oid": self.world.oid("megan"), "decision": "rejected", "reason": "We have an archiver"}])
        reasons = [row["details"]["reason"] for row in self.audits(number, "decision.refused")]
        self.assertEqual(reasons, ["used_link", "already"])
        self.tenant.wait("alex", "We have an archiver")

    def test_fault_34_a_link_decides_for_its_person_and_its_way_alone(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number, "rejected")
        swapped = urllib.parse.urlencode({"decision": "approved", "oid": self.world.oid("adele"), "request": "1", "verb": "approve",
                                          "reason": "no"}).encode()
        answer = self.request("POST", f"/act/{link}?decision=approved&oid={self.world.oid('adele')}", swapped, {"Content-Type": FORM})
        self.assertEqual(answer.status, 200)
        self.assertEqual([(d["oid"], d["decision"]) for d in self.decisions(number)], [(self.world.oid("megan"), "rejected")])

    def test_fault_34_a_link_is_no_button_and_a_button_no_link(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        button = next(b for b in card["buttons"] if b.get("verb") == "approve")["data"]["t"]
        self.assertEqual(self.look(button).status, 404)
        self.assertEqual(self.press(button).status, 404)
        link = self.link("megan", number)
        self.accepted(self.invoke(self.press_of({"t": link, "rid": number, "v": 1}), "megan"))
        self.undecided(number)

    def press_of(self, data):
        return {"action": {"type": "Action.Execute", "verb": "approve", "data": {"verb": "approve", **data}}, "trigger": "manual"}

    def test_fault_34_an_expired_link_decides_nothing(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number, expires_at="2020-01-01")
        for answer in (self.look(link), self.press(link)):
            self.assertEqual(answer.status, 410)
            self.assertIn("no longer valid", answer.text)
        self.undecided(number)

    def test_threat_20_what_is_no_link_of_ours_is_answered_alike_and_told_nothing(self):
        number = self.world.ask_for("alex", "7zip")
        real = self.link("megan", number)
        unknown = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")
        self.world.wait_notices()
        before, calls = self.settled()
        pages = set()
        shapes = ("", "x", unknown, real[:-1], real + "A", real + "/", f"{real}%00", real.replace(real[0], "%41", 1), "../" + real,
                  "'%20or%201=1--", "A" * 1500)
        for shape in shapes:
            for answer in (self.look(shape), self.press(shape)):
                self.assertEqual(answer.status, 404, shape)
                self.assertNotIn("7-Zip", answer.text)
                pages.add(answer.text)
        self.assertEqual(len(pages), 1)
        self.assertEqual(self.rows(), before)
        self.assertEqual(self.outward(), calls)
        self.undecided(number)
        self.assertGreaterEqual(self.metrics("refused_total", why="link"), 2 * len(shapes))

    def test_threat_09_who_left_the_group_decides_nothing_by_mail(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("adele", number)
        self.tenant.post("groups/Approvers/members", {"remove": ["adele"]})
        answer = self.press(link)
        self.assertEqual(answer.status, 403)
        self.assertIn("no longer an approver", answer.text)
        self.undecided(number)
        self.assertEqual(self.audits(number, "decision.refused")[0]["source"], "email")

    def test_threat_09_nobody_decides_their_own_request_by_mail(self):
        number = self.world.ask_for("megan", "7zip")
        answer = self.press(self.link("megan", number))
        self.assertEqual(answer.status, 403)
        self.assertIn("You cannot decide your own request", answer.text)
        self.undecided(number)

    def test_threat_09_an_empty_approver_setting_denies_links_too(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.command("settings", "set", "ApproverGroupId", "")
        self.assertEqual(self.press(self.link("megan", number)).status, 403)
        self.undecided(number)

    def test_threat_13_a_rejection_by_mail_asks_for_its_reason_and_what_is_written_stays_text(self):
        number = self.world.ask_for("alex", "7zip", "because of <script>alert('x')</script> & \"this\"")
        link = self.link("megan", number, "rejected")
        page = self.look(link)
        self.assertIn('<label for="reason">', page.text)
        self.assertNotIn("<script", page.text)
        self.assertIn("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;this&quot;", page.text)
        for reason in (None, "", " \u00a0\r\n"):
            answer = self.press(link, reason)
            self.assertEqual(answer.status, 400)
            self.assertIn("A rejection needs a reason", answer.text)
        answer = self.press(link, "</textarea><b>" + "y" * 500)
        self.assertEqual(answer.status, 400)
        self.assertIn("too long", answer.text)
        self.assertIn("&lt;/textarea&gt;&lt;b&gt;yyy", answer.text)
        self.undecided(number)
        self.assertEqual(self.press(link, "Not <b>now</b>,\r\nperhaps later").status, 200)
        self.assertEqual(self.decisions(number)[0]["reason"], "Not <b>now</b>,\nperhaps later")

    def test_threat_12_a_form_of_another_kind_is_not_taken(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number, "rejected")
        self.assertEqual(self.press(link, headers={"Content-Type": "text/plain"}).status, 415)
        self.assertEqual(self.press(link, headers={"Content-Type": "application/json"}).status, 415)
        self.assertEqual(self.press(link, body=b"reason=" + b"x" * 8192).status, 413)
        for body in (b"reason=%ff%fe", b"reason=%0", b"reason=a%00b", b"reason=a&reason=b", b"reason=%zz", b"%="):
            answer = self.press(link, body=body)
            self.assertEqual(answer.status, 400, body)
            self.assertIn("could not be read", answer.text)
        self.undecided(number)

    def test_threat_12_pages_have_strict_headers_and_no_script(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number)
        pages = [self.look(link), self.press("none"), self.press(link), self.look(link)]
        self.assertEqual([p.status for p in pages], [200, 404, 200, 410])
        for page in pages:
            style = page.text.split("<style>")[1].split("</style>")[0]
            digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
            self.assertEqual(page.headers["content-security-policy"],
                             f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
                             "frame-ancestors 'none'")
            self.assertEqual(page.headers["referrer-policy"], "no-referrer")
            self.assertEqual(page.headers["cache-control"], "no-store")
            self.assertEqual(page.headers["x-content-type-options"], "nosniff")
            self.assertEqual(page.headers["content-type"], "text/html; charset=utf-8")
            self.assertNotIn("set-cookie", page.headers)
            for word in ("<script", "http://", "src=", "url(", "@import", "javascript:"):
                self.assertNotIn(word, page.text)
            self.assertIsNone(re.search(r"<[^>]*\son\w+\s*=", page.text))
            self.assertNotIn(link, page.text)

    def test_a_click_on_a_card_and_a_link_in_the_same_moment_make_one_decision(self):
        for requester in ("alex", "isaiah", "patti", "lynne"):
            number = self.world.ask_for(requester, "7zip")
            card, link = self.world.card_of("adele", number), self.link("megan", number, "rejected")
            button = next(b for b in card["buttons"] if b["verb"] == "approve")
            click = self.invoke(self.press_of(button["data"]), "adele", replyToId=card["id"])
            barrier, answers = threading.Barrier(2), {}

            def by_card():
                barrier.wait()
                answers["card"] = self.post(click).status

            def by_link():
                barrier.wait()
                answers["link"] = self.press(link, "no")
            threads = [threading.Thread(target=by_card), threading.Thread(target=by_link)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            made = self.decisions(number)
            self.assertEqual(len(made), 1)
            by_mail = made[0]["oid"] == self.world.oid("megan")
            self.assertEqual(answers["link"].status, 200 if by_mail else 410)
            self.assertEqual(answers["card"], 200)

    def test_the_same_link_pressed_many_times_at_once_decides_once(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number)
        statuses = []
        crowd = threat.Crowd()
        for _ in range(6):
            crowd.add(lambda: statuses.append(harness.until(
                lambda: (status := self.press(link).status) != 503 and status, "the press is judged")))
        crowd.end(wait=True)
        self.assertEqual(sorted(statuses), [200] + [410] * 5)
        self.assertEqual(len(self.decisions(number)), 1)
        self.assertEqual(self.database.value("select count(*) from jobs where kind = 'package'"), 1)

    def test_without_the_directory_nothing_is_decided_and_the_link_stays_good(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number)
        self.tenant.fault(match="graph", status=503, count=-1)
        answer = self.press(link)
        self.assertEqual(answer.status, 503)
        self.assertIn("retry-after", answer.headers)
        self.assertIn("Nothing was decided", answer.text)
        self.undecided(number)
        self.tenant.clear_faults()
        self.assertEqual(self.press(link).status, 200)
        self.assertEqual(len(self.decisions(number)), 1)


    def test_fault_02_a_commit_without_an_answer_is_looked_up(self):
        """The press was stored, and its presser is not told otherwise."""
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number)
        self.settled()
        self.world.restart(fault="db.commit.after=fail:1")
        answer = self.press(link)
        self.assertEqual(answer.status, 200, answer.text)
        self.assertIn("You approved 7-Zip for Alex Wilber", answer.text)
        self.assertEqual(len(self.decisions(number)), 1)
        self.tenant.wait("alex", "approved your request", timeout_ms=15000)  # sooner than a lease runs out

    def test_fault_07_a_press_that_waits_for_a_lock_says_so_and_the_link_stays_good(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number)
        with self.locked(number):
            answer = self.press(link)
            self.assertEqual(answer.status, 503)
            self.assertIn("Nothing was decided", answer.text)
            self.assertEqual(self.look(link).status, 200)
        self.undecided(number)
        self.assertEqual(self.press(link).status, 200)

    @contextlib.contextmanager
    def locked(self, number):
        """Somebody holds the request's row."""
        url = self.world.cluster.url(self.database.name, "postgres")
        holder = subprocess.Popen(["psql", "-X", "-q", "-d", url], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        holder.stdin.write(f"begin; select id from requests where id = {number} for update;\n")
        holder.stdin.flush()
        held = ("select count(*) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'"
                " and application_name = 'psql' and query like '%for update%'")
        try:
            harness.until(lambda: self.database.value(held), "the row is held")
            yield
        finally:
            holder.stdin.close()
            holder.wait(timeout=30)


class TestMailInstead(LinkTest):
    """The whole way: Teams does not take a question, a mail brings it, and its link decides."""

    def setUp(self):
        super().setUp()
        for who in ("alex", "megan", "adele"):
            self.world.ask(who, "help")  # they have conversations

    def mail_to(self, who, words=""):
        def find():
            mails = self.tenant.get("mail", to=who)["mail"]
            return [mail for mail in mails if words in mail["subject"]]
        return harness.until(find, f"a mail to {who} with {words!r}", 60, 0.1)

    def links_in(self, mail):
        links = re.findall(r"https://appdesk\.example/act/([A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])", mail["body"])
        self.made = [*getattr(self, "made", []), *links]
        return links

    def test_f11_a_question_that_teams_does_not_take_is_decided_by_mail(self):
        self.tenant.post("people/adele", {"blocked": "ConversationBlockedByUser"})
        number = self.world.ask_for("alex", "7zip")
        mails = self.mail_to("adele", "Alex Wilber asks for 7-Zip")
        self.assertEqual(len(mails), 1)
        self.assertIn("I have to open what customers send", mails[0]["body"])
        links = self.links_in(mails[0])
        self.assertEqual(len(links), 2)
        page = self.look(links[0])
        self.assertEqual(page.status, 200)
        self.assertIn("You decide as Adele Vance", page.text)
        self.undecided(number)
        begun = time.monotonic()
        self.assertEqual(self.press(links[0]).status, 200)
        self.no_buttons_left("megan", number)
        self.tenant.wait("alex", "Adele Vance approved your request")
        self.assertLess(time.monotonic() - begun, harness.within(COPIES_S))
        self.assertEqual([d["oid"] for d in self.decisions(number)], [self.world.oid("adele")])
        late = self.world.ask("megan", f"approve {number}", "Already decided by")
        self.assertIn("Adele Vance", late["text"])
        self.assertEqual(self.press(links[1], "too late").status, 410)
        self.world.wait_notices()
        self.assertEqual(len(self.mail_to("adele")), 1)
        self.no_secret_in_the_log()
        self.world.command("audit", "verify")


class TestMailLinksLimits(LinkTest):
    settings = {**LinkTest.settings, "limits.person_per_minute": "3"}

    def test_threat_21_who_presses_too_often_is_told_to_wait_and_who_looks_is_not(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("adele", number, "rejected")
        statuses = [self.press(link).status for _ in range(6)]
        self.assertEqual(statuses[:3], [400] * 3)
        self.assertEqual(statuses[-1], 429)
        self.assertIn(int(self.press(link).headers["retry-after"]), range(1, 61))
        self.assertEqual({self.look(link).status for _ in range(20)}, {200})
        self.undecided(number)


class TestMailLinksBusy(LinkTest):
    settings = {**LinkTest.settings, "server.turn_workers": "1", "server.turn_queue": "2"}
    locked = TestMailLinks.locked

    def test_a_full_queue_is_a_page_that_says_so(self):
        number = self.world.ask_for("alex", "7zip")
        links = [self.link("megan", number) for _ in range(6)]
        answers = []
        crowd = threat.Crowd()
        with self.locked(number):
            for link in links:
                crowd.add(lambda link=link: answers.append(self.press(link)))
            crowd.end(wait=True)
        self.assertEqual({answer.status for answer in answers}, {503})
        for answer in answers:
            self.assertIn("Nothing was decided", answer.text)
            self.assertIn("content-security-policy", answer.headers)
            self.assertIn("retry-after", answer.headers)
        self.assertGreater(self.metrics("refused_total", why="queue"), 0)
        self.undecided(number)
        self.assertEqual(self.press(links[0]).status, 200)


class TestMailLinksOff(LinkTest):
    settings = {**LinkTest.settings, "mail.links": "false"}

    def test_without_the_setting_there_are_no_links(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number)
        for answer in (self.look(link), self.press(link)):
            self.assertEqual((answer.status, answer.text), (404, ""))
        self.undecided(number)


class TestMailLinksTls(LinkTest):
    def test_links_work_behind_our_own_tls(self):
        number = self.world.ask_for("alex", "7zip")
        link = self.link("megan", number)
        wire.make_certificate(self.world.folder, "first")
        self.world.restart(wire.tls_settings(self.world.folder))
        page, done = self.secure("GET", link), self.secure("POST", link)
        self.assertEqual((page.status, done.status), (200, 200))
        self.assertEqual(page.headers["strict-transport-security"], "max-age=31536000")
        self.assertIn("<form", page.text)
        self.assertEqual(len(self.decisions(number)), 1)

    def secure(self, method, link):
        connection = http.client.HTTPSConnection("127.0.0.1", self.world.port, timeout=60, context=wire.client_tls())
        try:
            connection.request(method, f"/act/{link}", headers={"Content-Type": FORM})
            return Answer(connection.getresponse())
        finally:
            connection.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
