# SPDX-License-Identifier: Apache-2.0
"""From a wish to the app on the device: the whole way, by words and by buttons."""
import hashlib
import json
import unittest

import harness

INSTALLER = harness.INSTALLERS / "7z2409-x64.msi"


class TestPath(harness.WorldTest):
    def deliver(self, number, who="alex"):
        """Waits until this person is told that it is ready."""
        told = self.tenant.wait(who, "7-Zip is ready", timeout_ms=120000)
        self.world.wait_state(number, "delivered")
        return told

    def check_intune(self):
        """Exactly one app, published, whose content is the very installer that WinGet names."""
        apps = self.tenant.intune_apps()
        self.assertEqual([app["displayName"] for app in apps], ["7-Zip"])
        app = apps[0]
        self.assertEqual(app["publishingState"], "published")
        content = self.tenant.intune_content(app["id"])
        self.assertTrue(content["ok"], content)
        setup = next(e for e in content["entries"] if e["name"] == content["setupFile"])
        self.assertEqual(setup["sha256"].lower(), hashlib.sha256(INSTALLER.read_bytes()).hexdigest())
        self.assertEqual(content["sha256"].lower(), setup["sha256"].lower())
        return app

    def check_group(self, app, member):
        """Assigned to one group, as available, and the person is in it."""
        self.assertEqual(len(app["assignments"]), 1, app["assignments"])
        target = app["assignments"][0]["target"]["groupId"]
        self.assertEqual(self.tenant.group(target)["members"], [member])
        return target

    def test_f2_r4_r13_a2_a_wish_becomes_an_app_on_the_device(self):
        number = self.world.ask_for("alex", "I need 7zip")
        self.assertEqual(self.world.state(number), "pending")
        receipt = self.world.card_of("alex", number, "cancel")
        self.assertIn("7-Zip", receipt["text"])
        self.assertIn("Waiting for Adele Vance or Megan Bowen", receipt["text"])
        for verb, twin in (("edit", "edit"), ("nudge", "nudge"), ("cancel", "cancel"), ("history", "history"), (None, "why")):
            self.assertTrue(verb is None or harness.has_button(receipt, verb), verb)
            self.assertIn(f"{twin} {number}", receipt["text"])
        cards = {who: self.world.card_of(who, number) for who in ("megan", "adele")}
        self.assertIn("Alex Wilber", cards["megan"]["text"])

        pressed = self.world.approve("megan", number)
        self.assertEqual(pressed["status"], 200)
        self.assertIn("Approved by Megan Bowen", pressed["entry"]["text"])
        self.tenant.wait("alex", "Megan Bowen approved your request")
        self.check_copies(cards)
        self.deliver(number)

        app = self.check_intune()
        group = self.check_group(app, "alex")
        self.assertEqual(self.database.rows(f"select oid, decision from decisions where request_id = {number}"),
                         [{"oid": self.world.oid("megan"), "decision": "approved"}])
        self.assertEqual(self.database.rows("select state, group_id, oid from grants"),
                         [{"state": "active", "group_id": group, "oid": self.world.oid("alex")}])
        self.assertEqual(self.database.column("select state from jobs where kind = 'package'"), ["succeeded"])
        actions = self.database.column("select action from audit_logs order by seq")
        for action in ("request.created", "decision.approved", "grant.started"):
            self.assertIn(action, actions)
        self.world.check()

    def check_copies(self, cards):
        """Within ten seconds every copy of the approvers' card tells who decided, and decides nothing any more."""
        for who, card in cards.items():
            def now(who=who, card=card):
                return next(e for e in self.tenant.shown(who) if e["id"] == card["id"])
            harness.until(lambda now=now: "Megan Bowen" in now()["text"], f"the copy of {who} tells the decision", 10)
            self.assertFalse(harness.has_button(now(), "approve") or harness.has_button(now(), "reject"), who)

    def test_the_evidence_of_a_package_is_kept(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("adele", number)
        self.deliver(number)
        chain = self.database.value("select chain from evidence")
        digest = hashlib.sha256(INSTALLER.read_bytes()).hexdigest()
        self.assertIn(digest, json.dumps(chain).lower())

    def test_a1_a15_the_approver_sees_what_is_asked_for_and_the_first_time_a_tip(self):
        self.database.execute("update apps set classification = 'high' where winget_id = 'Contoso.Reader'")
        self.world.policy([{"name": "reader", "stages": [{"ask": "group", "timeout_min": 60}], "grant_days": 30}])
        number = self.world.ask_for("alex", "I need a PDF editor", q1="Contracts")
        card = self.world.card_of("megan", number)
        for words in ("Alex Wilber asks for Contoso PDF Reader", "I have to open what customers send", "Which documents?", "Contracts",
                      "Risk", "High", "30 days", "Decide by"):
            self.assertIn(words, card["text"])
        for verb in ("approve", "reject", "ask", "hand_over"):
            self.assertTrue(harness.has_button(card, verb), verb)
        self.assertIn("days", [i["id"] for i in card["inputs"]])  # the change that an approver may make
        self.assertEqual(self.database.column(f"select answer from answers where request_id = {number}"), ["Contracts"])
        self.world.wait_notices()
        self.assertEqual(self.database.value(f"select count(*) from card_copies where request_id = {number} and card = 'approval'"), 2)
        tip = "You are asked for the first time"
        for words in (tip, "delegate to", "digest daily", "quiet"):
            self.assertIn(words, card["text"])
        self.assertNotIn(tip, self.world.card_of("megan", self.world.ask_for("lynne", "7zip"))["text"])

    def test_a_form_with_a_missing_answer_comes_back(self):
        form = self.world.open_form("alex", "pdf editor")
        pressed = self.tenant.press("alex", "submit", {"justification": " ", "q1": ""}, activity=form["id"], force=True)
        self.assertEqual(pressed["status"], 200)
        self.assertTrue(harness.has_button(pressed["entry"], "submit"), pressed)
        self.assertEqual(self.database.value("select count(*) from requests"), 0)

    def test_a_second_person_gets_the_app_that_stands_already(self):
        first = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", first)
        self.deliver(first)
        second = self.world.ask_for("lynne", "7zip")
        self.world.approve("megan", second)
        self.deliver(second, "lynne")
        app = self.check_intune()
        target = app["assignments"][0]["target"]["groupId"]
        self.assertEqual(sorted(self.tenant.group(target)["members"]), ["alex", "lynne"])

    def test_r6_asking_twice_leads_to_the_same_request(self):
        number = self.world.ask_for("alex", "7zip")
        again = self.world.ask("alex", "7zip", "what I found")
        pressed = self.tenant.press("alex", "form", activity=again["id"])
        shown = pressed["message"] or pressed["entry"]["text"]
        self.assertIn(f"#{number}", shown)
        self.assertEqual(self.database.value("select count(*) from requests"), 1)

    def test_f1_f25_r2_a_wish_in_own_words_or_with_a_typo_finds_the_app_to_request(self):
        for words, app in (("I need 7zip", "7-Zip"), ("I want notpad", "Notepad++"), ("contoso raeder", "Contoso PDF Reader")):
            found = self.world.ask("alex", words, app)
            self.assertTrue(harness.has_button(found, "form"), words)
            self.assertLessEqual(len(found["buttons"]), 5)
        self.assertIn("type: winget contoso raeder", found["text"])
        self.assertEqual(self.database.value("select count(*) from requests"), 0)

    def test_r2_who_looks_for_an_app_reads_whether_it_has_to_be_approved_and_how_long_that_takes(self):
        self.world.policy([{"name": "small things", "match": {"packages": ["Notepad++.*"]}, "automatic": {"max": 9, "window_days": 30}}])
        self.assertIn("Needs approval", self.world.ask("alex", "7zip")["text"])
        self.assertIn("No approval needed", self.world.ask("alex", "notepad++")["text"])
        for days in (3, 1, 2):
            self.database.execute(
                "insert into requests (tenant_id, requester_oid, app_id, state, justification, created_at, closed_at) select a.tenant_id, u.oid, a.id,"
                f" 'delivered', 'x', now() - interval '{days} days', now() from apps a join users u using (tenant_id)"
                f" where a.winget_id = '7zip.7zip' and u.name = 'Alex Wilber'")
            told = self.world.ask("alex", "7zip")["text"]
        self.assertIn("Usually there within 2 days", told)
        self.assertNotIn("Usually", self.world.ask("alex", "notepad++")["text"], "three of them are wanted to tell")

    def test_r2_where_the_groups_of_the_person_decide_a_search_says_nothing_of_approval(self):
        """It asks the directory about no policy."""
        self.world.policy([{"name": "insiders", "match": {"packages": ["7zip.*"], "groups": [harness.guid(harness.GROUPS["ApproverGroupId"])]},
                            "automatic": {"max": 9, "window_days": 30}}])
        told = self.world.ask("alex", "7zip", "7-Zip")["text"]
        self.assertNotIn("Needs approval", told)
        self.assertNotIn("No approval needed", told)
        self.assertIn("Needs approval", self.world.ask("alex", "notepad++")["text"])

    def test_r2_details_tell_what_an_app_is_and_the_way_to_it(self):
        """Pressed in the list, or typed; its button asks."""
        self.world.command("catalog", "seats", "7zip.7zip", "5")
        self.world.policy([{"name": "strict", "match": {"packages": ["7zip.*"]}, "stages": [{"ask": {"user": self.world.oid("megan")}, "timeout_min": 2880}]}])
        self.database.execute("update apps set classification = 'high', description = 'Packs and unpacks', winget_version = '24.09' where winget_id = '7zip.7zip'")
        found = self.world.ask("alex", "7zip")
        self.assertIn("details 7-Zip", found["text"])
        pressed = self.tenant.press("alex", "details", activity=found["id"])
        shown = self.tenant.wait("alex", "details 7-Zip", after=found["seq"])
        for words in ("7-Zip", "Igor Pavlov", "Packs and unpacks", "24.09", "High", "0 of 5 seats are taken", "Approved by: Megan Bowen"):
            self.assertIn(words, shown["text"])
        self.assertEqual(pressed["status"], 200)
        typed = self.world.ask("alex", "details 7zip", "Packs and unpacks")
        self.assertEqual(typed["text"], shown["text"])
        self.assertEqual([button["verb"] for button in typed["buttons"]], ["form"])
        form = self.tenant.press("alex", "form", activity=typed["id"])["entry"]
        self.assertTrue(harness.has_button(form, "submit"))
        self.assertEqual(self.database.value("select count(*) from requests"), 0)

    def test_r2_details_of_what_is_hidden_or_not_for_the_person_tell_nothing(self):
        found = self.world.ask("alex", "7zip")
        self.database.execute("update apps set state = 'hidden', description = 'Packs and unpacks' where winget_id = '7zip.7zip'")
        unknown = "not in the catalogue any more"
        pressed = self.tenant.press("alex", "details", activity=found["id"])
        self.assertIn(unknown, pressed["message"] or self.tenant.wait("alex", unknown, after=found["seq"])["text"])
        self.world.ask("alex", "details 7zip", unknown)
        self.world.ask("alex", "details", "Details of which app?")

    def test_r2_where_a_rule_refuses_the_details_say_so_and_offer_no_request(self):
        self.world.policy([{"name": "never", "match": {"packages": ["7zip.*"]}, "refusal": "We pack with Explorer."}])
        told = self.world.ask("alex", "details 7-Zip", "We pack with Explorer.")
        self.assertFalse(harness.has_button(told, "form"))

    def test_r2_none_of_these_looks_in_winget_for_the_same_words(self):
        found = self.world.ask("alex", "editor", "what I found")
        self.tenant.press("alex", "winget", activity=found["id"])
        pressed = self.tenant.wait("alex", "You can also type: suggest", after=found["seq"])
        typed = self.tenant.wait("alex", "You can also type: suggest", after=self.world.ask_after("alex", "winget editor"))
        self.assertIn("for “editor”", pressed["text"])
        self.assertEqual(pressed["text"], typed["text"])

    def test_what_nobody_offers_is_said_so(self):
        self.assertIn("catalog", self.world.ask("alex", "quantum flux simulator")["text"].lower())

    def test_f40_e17_in_a_group_or_channel_the_answer_is_private(self):
        """What somebody needs is nobody else's business: the others see a pointer without a name."""
        for place in ("group", "channel"):
            before = self.tenant.seq()
            self.tenant.say("alex", "I need 7zip", conversation=place)
            private = self.tenant.wait("alex", "7-Zip", after=before)
            self.assertEqual(private["conversation"], "a:personal-chat-alex")
            self.world.wait_notices()
            told = [m["activity"] for m in self.tenant.messages() if m["seq"] > before and m["from"] == "bot"
                    and m["conversation"] != private["conversation"]]
            self.assertEqual([a.get("text") for a in told], ["I have answered you in our private chat."], place)
            self.assertFalse([a for a in told if a.get("attachments") or "Alex" in str(a.get("text"))], place)

    def test_nonsense_gets_help_and_never_silence(self):
        for text in ("", "??", "help"):
            self.assertTrue(self.world.ask("alex", text)["text"], text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
