# SPDX-License-Identifier: Apache-2.0
"""Who decides, by which rule and until when: on the form before asking, on demand afterwards, and for admins as a trial."""
import json
import unittest

import harness

TWO_DAYS = 2 * 24 * 60
# Written by the turn that answers, whatever it says: the words said, the answer, and that somebody was seen.
OF_THE_TURN = {"inbox", "outbox", "card_copies", "bot_conversation_references", "users", "group_members_cache"}


class TestOutlook(harness.WorldTest):
    def policy(self, name, **document):
        """A policy that counts from now on."""
        body = json.dumps({"name": name, **document}).replace("'", "''")
        tenant = self.database.value("select tenant_id from portal_settings limit 1")
        self.database.execute(
            f"insert into policies (tenant_id, name, version, priority, body, created_by) values ('{tenant}', '{name}', 3, "
            f"{document.get('priority', 100)}, '{body}', 'cli');"
            f"insert into policies_active (tenant_id, name, version) values ('{tenant}', '{name}', 3)")

    def two_stages(self):
        self.policy("Standard", match={"packages": ["7zip.*"]}, grant_days=90, stages=[
            {"ask": "manager", "timeout_min": TWO_DAYS, "alternates": ["admins"]},
            {"ask": {"user": self.world.oid("patti")}, "timeout_min": 60, "on_timeout": "approve"}])

    def known(self, *people):
        for who in people:
            self.world.ask(who, "help")

    def assert_in_order(self, text, *parts):
        at = 0
        for part in parts:
            found = text.find(part, at)
            self.assertGreaterEqual(found, 0, f"{part!r} is not in {text[at:]!r} of {text!r}")
            at = found + len(part)

    # ---- G14: before asking ----

    def test_g14_r3_the_form_tells_who_will_decide_and_by_when(self):
        self.two_stages()
        form = self.world.open_form("alex", "7zip")
        self.assert_in_order(form["text"], "Approved by: the manager (Isaiah Langer)", "Within 2 days", "Then: Patti Fernandez",
                             "Within 1 hour")
        self.assertEqual([i["id"] for i in form["inputs"]], ["justification", "days"])
        self.assertEqual(self.database.value("select count(*) from requests"), 0)  # nobody is told of a draft

    def test_g14_the_form_tells_that_a_rule_approves(self):
        self.policy("Light", match={"packages": ["7zip.*"]}, automatic={"max": 3, "window_days": 30},
                    stages=[{"ask": "manager"}])
        self.assertIn("Approved by a rule, at once", self.world.open_form("alex", "7zip")["text"])

    # ---- F43, R20: why, who decides, what next ----

    def test_f43_r20_why_names_policy_version_people_deadline_and_what_follows(self):
        self.two_stages()
        number = self.world.ask_for("alex", "7zip")
        for words in (f"why {number}", f"who decides {number}"):
            text = self.world.ask("alex", words, "Who decides request")["text"]
            self.assert_in_order(
                text, f"#{number}", "The policy Standard, version 3", "It counts for the packages 7zip.*", "Stage 1 of 2: the manager",
                "Waits for a decision", "the manager (Isaiah Langer)", "Until", "If nobody decides by then: the admins",
                "Isaiah Langer: asked", "Stage 2 of 2: a named person", "Not asked yet", "Patti Fernandez", "Within 1 hour",
                "it counts as approved", "When they agree, stage 2 is asked")

    def test_f43_why_goes_with_the_request(self):
        self.two_stages()
        number = self.world.ask_for("alex", "7zip")
        pressed = self.world.approve("isaiah", number)
        self.assertEqual(self.world.database.value(f"select state from stages where request_id = {number} and ordinal = 1"), "approved",
                         pressed)
        text = self.world.ask("alex", f"why {number}", "Who decides request")["text"]
        self.assert_in_order(text, "Stage 1 of 2", "Approved by Isaiah Langer", "Isaiah Langer: approved", "Stage 2 of 2",
                             "Waits for a decision", "Patti Fernandez: asked", "When they agree, the app is prepared")
        card = self.world.card_of("patti", number, "reject")
        self.tenant.press("patti", "reject", {"reason": "We have something else"}, activity=card["id"])
        text = self.world.ask("isaiah", f"why {number}", "Who decides request")["text"]
        self.assert_in_order(text, "Patti Fernandez: rejected", "Nothing more follows by itself")
        self.assertNotIn("If nobody decides", text)

    def test_why_without_any_policy_tells_the_built_in_rule(self):
        number = self.world.ask_for("alex", "7zip")
        text = self.world.ask("alex", f"why {number}", "Who decides request")["text"]
        self.assert_in_order(text, "The built-in rule", "No policy counts for it", "Adele Vance: asked", "Megan Bowen: asked")

    def test_why_is_for_who_may_see_the_request(self):
        number = self.world.ask_for("alex", "7zip")
        self.assertIn("I know no request", self.world.ask("lynne", f"why {number}")["text"])

    # ---- F44, D7: simulate ----

    def contents(self):
        """Every table that is not the turn's own, as one text each."""
        tables = self.database.column("select table_name from information_schema.tables where table_schema = 'public' "
                                      "and table_type = 'BASE TABLE' order by 1")
        return {table: self.world.cluster.run(self.database.name, f"select t::text from {table} t order by 1")
                for table in tables if table not in OF_THE_TURN}

    def test_f44_d7_a_trial_tells_the_stages_and_changes_nothing(self):
        self.two_stages()
        self.known("alex", "megan")
        self.world.wait_settled()
        before, told = self.contents(), self.database.value("select count(*) from outbox where recipient_oid <> "
                                                            f"'{self.world.oid('megan')}'")
        for words in ("Alex Wilber 7-Zip", "alexw@example.com 7zip", "<at>Alex Wilber</at> 7-Zip"):
            text = self.world.ask("megan", f"simulate {words}", "If Alex Wilber asked for 7-Zip")["text"]
            self.assert_in_order(text, "The policy Standard, version 3", "Stage 1 of 2", "the manager (Isaiah Langer)", "Within 2 days",
                                 "If nobody decides by then: the admins", "Stage 2 of 2", "Patti Fernandez",
                                 "nothing was asked for, and nobody was told")
        self.world.wait_notices()
        self.assertEqual(self.contents(), before)
        self.assertEqual(self.database.value(f"select count(*) from outbox where recipient_oid <> '{self.world.oid('megan')}'"), told)

    def test_f44_d7_a_trial_tells_what_stands_in_the_way(self):
        self.known("alex", "megan")
        tenant = self.database.value("select tenant_id from portal_settings limit 1")
        number = self.world.ask_for("alex", "7zip")
        self.database.execute(
            f"insert into incompatibilities (tenant_id, app_a, app_b, reason) select '{tenant}', min(id), max(id), 'Two packers' from apps "
            f"where winget_id in ('7zip.7zip', 'Notepad++.Notepad++');"
            f"update requests set state = 'approved' where id = {number}")
        text = self.world.ask("megan", "simulate Alex Wilber 7-Zip", "If Alex Wilber asked")["text"]
        self.assert_in_order(text, "It could not be asked for", f"There is request #{number} already")
        text = self.world.ask("megan", "simulate Alex Wilber Notepad++", "If Alex Wilber asked")["text"]
        self.assert_in_order(text, "It could not be asked for", "It may not stand beside 7-Zip. Two packers")

    def test_f44_a_trial_tells_refusals_and_rules_that_approve(self):
        self.known("alex", "megan")
        self.policy("Never", match={"packages": ["7zip.*"]}, refusal="Use what Windows has")
        self.policy("Light", match={"packages": ["Notepad*"]}, automatic={"max": 3, "window_days": 30}, stages=[{"ask": "manager"}])
        self.assertIn("Use what Windows has", self.world.ask("megan", "simulate Alex Wilber 7-Zip", "If Alex Wilber asked")["text"])
        self.assertIn("A rule approves it at once", self.world.ask("megan", "simulate Alex Wilber Notepad++", "If Alex Wilber asked")["text"])

    def test_f44_a_trial_is_for_admins_and_says_what_it_does_not_know(self):
        self.known("alex", "megan")
        self.assertIn("Only admins", self.world.ask("alex", "simulate Alex Wilber 7-Zip")["text"])
        for words, answer in (("simulate", "I know nobody"), ("simulate Nobody Here 7-Zip", "I know nobody"),
                              ("simulate Alex Wilber quantum flux", "has nothing like")):
            self.assertIn(answer, self.world.ask("megan", words)["text"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
