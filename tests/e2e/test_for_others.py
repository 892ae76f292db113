# SPDX-License-Identifier: Apache-2.0
"""Requests for somebody else (product R17): who may ask, what the person says to it, and whose rules count. Isaiah is the manager of Alex
and Lynne, Megan is an admin; who approves is Megan or Adele."""
import unittest

import harness


class TestForOthers(harness.WorldTest):
    settings = {"graph.directory_every_s": "1"}

    def begin(self):
        super().begin()
        self.world.wait_directory()

    def press_copied(self, who, card, verb, **changes):
        """A press on a card that somebody has copied, with other data."""
        button = next(b for b in card["buttons"] if b.get("verb") == verb)
        action = {"type": "Action.Execute", "verb": verb, "data": {**button["data"], **changes}}
        sent = self.tenant.send({"type": "invoke", "name": "adaptiveCard/action", "replyToId": card["id"],
                                 "value": {"action": action, "trigger": "manual"}}, **{"as": who})
        self.assertEqual(sent["status"], 200)

    def ask(self, who="isaiah", whom="alexw@example.com", app="7zip", **answers):
        """From words to a draft; its number."""
        form = self.world.open_form(who, f"I need {app} for {whom}")
        self.tenant.press(who, "submit", {"justification": "They open what customers send", **answers}, activity=form["id"])
        return self.database.value("select max(id) from requests")

    def refused(self):
        return self.database.value("select count(*) from audit_logs where action = 'request.refused'")

    def test_r17_a_manager_asks_the_person_agrees_and_holds_the_app(self):
        said = self.tenant.send({"type": "message", "text": "7zip for <at>Alex</at>", "entities": [
            {"type": "mention", "text": "<at>Alex</at>", "mentioned": {"id": "29:x", "name": "Alex", "aadObjectId": self.world.oid("alex")}}]},
            **{"as": "isaiah"})
        self.assertIn(said["status"], (200, 202))
        self.assertIn("For Alex Wilber", self.tenant.wait("isaiah", "Here is what I found")["text"])
        number = self.ask(whom="Alex Wilber")
        self.assertEqual(self.world.state(number), "draft")
        self.assertEqual(self.database.value("select count(*) from stage_approvers"), 0)
        card = self.world.card_of("alex", number, "accept")
        self.assertIn("For Alex Wilber, asked by Isaiah Langer", card["text"])
        accepted = self.tenant.press("alex", "accept", activity=card["id"])
        self.assertIn("goes its way now", accepted["entry"]["text"])
        self.assertEqual(self.tenant.send(accepted["activity"])["status"], 200)
        self.world.wait_state(number, "pending")
        self.tenant.wait("isaiah", f"Alex Wilber has accepted request #{number}")
        asked = self.world.card_of("adele", number)
        self.assertIn("Isaiah Langer (for Alex Wilber) asks for 7-Zip", asked["text"])
        self.world.approve("adele", number)
        self.world.wait_state(number, "delivered", 120)
        self.world.card_with("alex", "works", "7-Zip is ready")
        self.tenant.wait("isaiah", "7-Zip is ready for Alex Wilber")
        for who in ("alex", "isaiah"):
            self.tenant.wait(who, f"Adele Vance approved your request #{number}")
            self.assertIn("asked by Isaiah Langer", self.world.ask(who, "status", "Your requests")["text"])
        grant = self.database.rows(f"select oid, group_id from grants where request_id = {number}")[0]
        self.assertEqual(grant["oid"], self.world.oid("alex"))
        members = self.tenant.group(grant["group_id"])["members"]
        self.assertIn("alex", members)
        self.assertNotIn("isaiah", members)
        self.world.ask("isaiah", f"return {number}", "no")
        self.assertEqual(self.world.actions(number)[:3], ["request.created", "request.accepted", "stage.opened"])
        self.assertIn("agreed to have it", self.world.ask("isaiah", f"history {number}", "What happened")["text"])
        self.assertIn("asked by Isaiah", self.world.ask("alex", f"why {number}", "decides")["text"])
        found = self.world.ask("isaiah", "7zip for alexw@example.com")
        pressed = self.tenant.press("isaiah", "form", activity=found["id"])
        self.assertIn("Alex Wilber has 7-Zip already", pressed["message"] or pressed["entry"]["text"])
        self.world.check()

    def test_r2_r17_the_details_of_what_was_found_for_somebody_else_lead_to_their_form(self):
        found = self.world.ask("isaiah", "7zip for alexw@example.com", "Here is what I found")
        self.tenant.press("isaiah", "details", activity=found["id"])
        details = self.tenant.wait("isaiah", "details 7-Zip", after=found["seq"])
        self.assertIn("For Alex Wilber", details["text"])
        form = self.tenant.press("isaiah", "form", activity=details["id"])["entry"]
        self.tenant.press("isaiah", "submit", {"justification": "They open what customers send"}, activity=form["id"])
        self.assertEqual(self.database.value("select beneficiary_oid from requests"), self.world.oid("alex"))

    def test_r17_not_me_closes_it_and_nobody_else_can_answer(self):
        number = self.ask()
        card = self.world.card_of("alex", number, "accept")
        other = self.ask(whom="lynner@example.com")
        for who in ("lynne", "isaiah", "megan"):
            self.press_copied(who, card, "accept")
        self.press_copied("lynne", self.world.card_of("lynne", other, "accept"), "accept", rid=number)
        for who in ("lynne", "isaiah"):
            self.world.ask(who, f"accept {number}", "no request")
        self.world.ask("megan", f"approve {number}", "")
        self.assertEqual((self.world.state(number), self.world.state(other)), ("draft", "draft"))
        self.assertEqual(self.database.value("select count(*) from audit_logs where action = 'token.refused'"), 4)
        self.world.ask("alex", f"not me {number}", "is closed")
        self.assertEqual(self.world.state(number), "cancelled")
        self.tenant.wait("isaiah", "Alex Wilber says that 7-Zip is not for them")
        self.world.ask("alex", f"accept {number}", "waits for your answer no more")
        self.world.ask("isaiah", f"cancel {other}", "")
        self.assertEqual(self.world.state(other), "cancelled")
        self.assertEqual(self.world.actions(number), ["request.created", "decision.refused", "request.declined", "request.closed"])
        self.world.check()

    def test_r17_only_a_manager_or_an_admin_asks_for_somebody_else(self):
        refused = self.world.ask("patti", "7zip for @Alex Wilber", "Only Isaiah Langer")
        self.assertIn("an admin can ask for Alex Wilber", refused["text"])
        self.world.ask("isaiah", "7zip for @Megan Bowen", "Only an admin can ask for Megan Bowen")
        self.world.ask("isaiah", "7zip for nobody@example.com", "nobody@example.com")
        self.world.ask("megan", "7zip for nora_partner.example#EXT#@example.com", "may not use")
        form = self.world.open_form("patti", "7zip")
        self.assertNotIn("For whom?", form["text"])
        self.press_copied("patti", form, "submit", justification="I want it", **{"for": self.world.oid("alex")})
        self.assertEqual(self.database.value("select count(*) from requests"), 0)
        self.assertEqual(self.refused(), 4)
        offered = self.world.open_form("isaiah", "7zip")
        for words in ("For whom?", "Alex Wilber", "Lynne Robbins"):
            self.assertIn(words, offered["text"])
        self.tenant.press("isaiah", "submit", {"justification": "She asked me to", "for": self.world.oid("lynne")}, activity=offered["id"])
        mine = self.ask("megan", "Alex Wilber", "notepad++")
        self.assertEqual(self.database.column("select beneficiary_oid from requests order by id"), [self.world.oid("lynne"), self.world.oid("alex")])
        self.world.ask("alex", f"accept {mine}", "goes its way now")
        self.assertEqual(self.database.column(f"select oid from stage_approvers where request_id = {mine}"), [self.world.oid("adele")])
        self.world.check()

    def test_r17_the_rules_are_judged_for_who_will_hold_it(self):
        """F21, E1, E6: Alex holds what 7-Zip may not stand beside, his manager may not decide, and who leaves takes it with them."""
        apps = {name: self.database.value(f"select id from apps where name ilike '{name}%'") for name in ("7-Zip", "Notepad")}
        self.database.execute("insert into incompatibilities (tenant_id, app_a, app_b, reason) select tenant_id, "
                              f"least({apps['7-Zip']}, {apps['Notepad']}), greatest({apps['7-Zip']}, {apps['Notepad']}), 'Not both.' from apps limit 1")
        held = self.ask(app="notepad++")
        self.world.ask("alex", f"accept {held}", "goes its way")
        self.world.approve("adele", held)
        self.world.wait_state(held, "delivered", 120)
        form = self.world.open_form("isaiah", "7zip for alexw@example.com")
        told = self.tenant.press("isaiah", "submit", {"justification": "Archives"}, activity=form["id"])
        self.assertIn("Alex Wilber has Notepad++", told["message"] or told["entry"]["text"])
        self.world.policy([{"name": "managers", "match": {"packages": ["7zip.7zip"]}, "stages": [{"ask": "manager", "alternates": ["admins"]}]}])
        number = self.ask(whom="lynner@example.com")
        self.world.ask("lynne", f"accept {number}", "goes its way")
        self.assertEqual(self.database.column(f"select oid from stage_approvers where request_id = {number}"), [self.world.oid("megan")])
        self.world.person("lynne", enabled=False)
        self.world.wait_state(number, "cancelled", 60)
        self.tenant.wait("isaiah", "the person whom it was for has left")
        left = self.ask(whom="alexw@example.com", app="pdf editor", q1="Contracts")
        self.world.person("isaiah", enabled=False)
        self.world.wait_state(left, "cancelled", 60)
        self.tenant.wait("alex", "Isaiah Langer, who asked for it, has left")
        self.world.check()


if __name__ == "__main__":
    unittest.main(verbosity=2)
