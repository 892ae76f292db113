# SPDX-License-Identifier: Apache-2.0
"""Decisions: who may, how often, and what everybody is told."""
import threading
import unittest

import harness
from tenant import Refused


class TestDecide(harness.WorldTest):
    def decisions(self, number):
        return self.database.rows(f"select oid, decision, reason from decisions where request_id = {number}")

    def said(self, pressed):
        """What a press was answered with: the line beside the card, or the card's words."""
        return pressed["message"] or (pressed["entry"] or {}).get("text", "")

    def test_r13_a3_a_rejection_tells_the_requester_why_and_packages_nothing(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number, "reject")
        pressed = self.tenant.press("megan", "reject", {"reason": "Use the built-in archiver"}, activity=card["id"])
        self.assertEqual(pressed["status"], 200)
        self.assertEqual(self.world.state(number), "rejected")
        told = self.world.card_with("alex", "form", "Use the built-in archiver")  # its button asks again
        for words in (f"#{number}", "Megan Bowen decided against", "Something else may do the same"):
            self.assertIn(words, told["text"])
        self.assertEqual(self.database.value("select count(*) from jobs where kind = 'package'"), 0)
        self.assertEqual(self.tenant.intune_apps(), [])
        self.world.check()

    def test_a3_a_rejection_without_a_reason_is_not_taken(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number, "reject")
        pressed = self.tenant.press("megan", "reject", activity=card["id"], force=True)
        self.assertEqual(pressed["status"], 200)
        self.assertEqual(self.world.state(number), "pending")
        self.assertEqual(self.decisions(number), [])

    def test_a3_a_common_reason_is_chosen_and_ones_own_words_are_added(self):
        chosen = "We have an app that does the same."
        for own, told in ((None, chosen), ("It is on your desktop.", f"{chosen}\nIt is on your desktop.")):
            with self.subTest(own=own):
                number = self.world.ask_for("alex", "7zip")
                card = self.world.card_of("megan", number, "reject")
                inputs = {"common": chosen, **({"reason": own} if own else {})}
                self.assertEqual(self.tenant.press("megan", "reject", inputs, activity=card["id"])["status"], 200)
                self.assertEqual(self.world.state(number), "rejected")
                self.assertEqual(self.decisions(number)[0]["reason"], told)
                self.world.card_with("alex", "form", told.splitlines()[-1])

    def test_e26_typed_words_and_the_submit_of_an_old_client_decide_as_buttons_do(self):
        first = self.world.ask_for("alex", "7zip")
        second = self.world.ask_for("lynne", "7zip")
        self.world.ask("adele", f"approve {first}", f"#{first}")
        self.world.ask("adele", f"reject #{second} not for this team", f"#{second}")
        self.assertIn(self.world.state(first), ("approved", "fulfilling", "delivered"))
        self.assertEqual(self.world.state(second), "rejected")
        self.tenant.wait("lynne", "not for this team")
        self.assertEqual(self.decisions(second)[0]["reason"], "not for this team")
        third = self.world.ask_for("isaiah", "7zip")
        card = self.world.card_of("adele", third)
        fallback = next(b for b in card["buttons"] if b.get("verb") == "approve")["data"]
        sent = self.tenant.send({"type": "message", "text": None, "value": fallback, "replyToId": card["id"]}, **{"as": "adele"})
        self.assertIn(sent["status"], (200, 202))
        self.assertEqual(len(self.decisions(third)), 1)

    def test_a10_the_second_approver_is_told_who_decided(self):
        number = self.world.ask_for("alex", "7zip")
        late = self.world.card_of("adele", number)
        self.world.approve("megan", number)
        pressed = self.press_if_there("adele", late)
        typed = self.world.ask("adele", f"approve {number}", "Already decided by")
        self.assertIn("Megan Bowen", typed["text"])
        self.assertIn(self.database.value(f"select to_char(decided_at at time zone 'UTC', 'YYYY-MM-DD') from decisions where request_id = {number}"),
                      str(typed["card"]))
        self.assertFalse(harness.has_button(typed, "approve") or harness.has_button(typed, "reject"))
        if pressed:
            self.assertIn("Megan Bowen", self.said(pressed))
        self.assertEqual(len(self.decisions(number)), 1)

    # ---- several at once (product F45) ----

    def ticks(self, *numbers):
        return {f"pick_{n}": f"{n}:{self.database.value(f'select version from requests where id = {n}')}" for n in numbers}

    def audited(self, number):
        return self.database.column("select user_id from audit_logs where action in ('decision.approved', 'decision.rejected')"
                                    f" and entity_id = '{number}'")

    def test_f45_a7_ticked_requests_are_confirmed_once_and_decided_one_by_one(self):
        numbers = [self.world.ask_for(who, "7zip") for who in ("alex", "lynne", "isaiah")]
        late, edited = numbers[1:]
        listed = self.world.ask("megan", "pending", "Waiting for your decision")
        self.assertEqual(listed["text"].count("Risk: Low"), 3)
        ticks = self.ticks(*numbers)
        asked = self.tenant.press("megan", "bulk_approve", ticks, activity=listed["id"])["entry"]
        self.assertIn("Approve 3 requests?", asked["text"])
        self.assertEqual([self.world.state(n) for n in numbers], ["pending"] * 3)
        # Meanwhile somebody else decides one of them, and another one is changed.
        self.world.ask("adele", f"reject {late} not for this team", "You rejected")
        form = self.world.ask("isaiah", f"edit {edited}", "Change request")
        self.tenant.press("isaiah", "edit_send", {"justification": "For something else"}, activity=form["id"])
        pressed = self.tenant.press("megan", "bulk_approve_yes", activity=asked["id"])
        for words in ("1 of 3 requests decided", f"✓ #{numbers[0]}", f"✗ #{late}", "Already decided by Adele Vance", "changed since your card"):
            self.assertIn(words, pressed["entry"]["text"])
        self.assertEqual([len(self.decisions(n)) for n in numbers], [1, 1, 0])
        megan = self.world.oid("megan")
        self.assertEqual([self.audited(n) for n in numbers], [[megan], [self.world.oid("adele")], []])
        again = self.tenant.send(pressed["activity"])
        self.assertEqual(again["body"], pressed["body"])
        self.world.wait_state(numbers[0], "delivered", 120)
        self.world.check()

    def test_a7_those_of_low_risk_are_ticked_by_one_button_and_no_other(self):
        low = [self.world.ask_for(who, "7zip") for who in ("alex", "lynne")]
        self.database.execute("update apps set classification = 'high' where winget_id = 'Notepad++.Notepad++'")
        high = self.world.ask_for("alex", "notepad++")
        listed = self.world.ask("megan", "pending", "Waiting for your decision")
        ticked = self.tenant.press("megan", "pending_low", activity=listed["id"])["entry"]
        typed = self.world.ask("megan", "pending low risk", "Waiting for your decision")
        for entry in (ticked, typed):
            values = {i["id"]: i.get("value") for i in entry["inputs"] if i["id"].startswith("pick_")}
            self.assertEqual({name for name, value in values.items() if value != "false"}, {f"pick_{n}" for n in low}, values)
            self.assertIn(f"pick_{high}", values)
            self.assertFalse(harness.has_button(entry, "pending_low"))
        asked = self.tenant.press("megan", "bulk_approve", {k: v for k, v in values.items() if v != "false"}, activity=ticked["id"])["entry"]
        self.assertIn("Approve 2 requests?", asked["text"])
        self.assertNotIn("Notepad++", asked["text"])

    def test_f45_words_do_the_same_and_a_rejection_needs_its_reason(self):
        first, second = self.world.ask_for("alex", "7zip"), self.world.ask_for("lynne", "7zip")
        own = self.world.ask_for("megan", "7zip")
        self.world.ask("megan", f"reject {first}, {second}", "needs a reason")
        # Another one that waits is no part of the reason.
        asked = self.world.ask("megan", f"reject {first} {second} too expensive", "Reject 2 requests?")
        self.assertIn(f"confirm reject {first}, {second} too expensive", asked["text"])
        self.world.ask("megan", f"reject {first} 3000 files are enough", "You rejected")
        self.assertEqual(self.decisions(first)[0]["reason"], "3000 files are enough")
        done = self.world.ask("megan", f"confirm reject {first}, {second}, {own}, 77 too expensive", "1 of 4 requests decided")
        for words in ("Already decided by", "You rejected", "cannot decide your own", "no request #77"):
            self.assertIn(words, done["text"])
        self.assertEqual((self.world.state(second), self.world.state(own)), ("rejected", "pending"))
        self.tenant.wait("lynne", "too expensive")

    def test_f45_a_forged_list_decides_nothing(self):
        numbers = [self.world.ask_for(who, "7zip") for who in ("alex", "lynne", "isaiah")]
        asked = self.world.ask("megan", f"approve {numbers[0]}, {numbers[1]}", "Approve 2 requests?")
        button = next(b for b in asked["buttons"] if b.get("verb") == "bulk_approve_yes")
        for who, data in (("megan", {"picks": f"{numbers[2]}:1"}), ("adele", {}), ("megan", {"t": ""})):
            value = {"action": {"type": "Action.Execute", "verb": "bulk_approve_yes", "data": {**button["data"], **data}}, "trigger": "manual"}
            sent = self.tenant.send({"type": "invoke", "name": "adaptiveCard/action", "replyToId": asked["id"], "value": value}, **{"as": who})
            self.assertEqual(sent["status"], 200)
        self.assertEqual([self.world.state(n) for n in numbers], ["pending"] * 3)

    def press_if_there(self, who, card):
        """The press of Approve; None when their copy of the card has lost the button already."""
        try:
            return self.tenant.press(who, "approve", activity=card["id"])
        except Refused:
            now = next(e for e in self.tenant.shown(who) if e["id"] == card["id"])
            self.assertFalse(harness.has_button(now, "approve"))
            return None

    def test_a_card_that_was_not_refreshed_yet_decides_nothing(self):
        """The press of an old copy, as a phone without network sends it later."""
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("adele", number)
        self.tenant.fault(match="connector", method="PUT", status=503, count=-1)
        self.world.approve("megan", number)
        pressed = self.tenant.press("adele", "approve", activity=card["id"])
        self.assertEqual(pressed["status"], 200)
        self.assertIn("Already decided by", self.said(pressed))
        self.assertIn("Megan Bowen", self.said(pressed))
        self.assertEqual(len(self.decisions(number)), 1)
        self.tenant.clear_faults()

    def test_nobody_decides_their_own_request(self):
        number = self.world.ask_for("megan", "7zip")
        self.world.ask("megan", f"approve {number}")
        self.assertEqual(self.world.state(number), "pending")
        self.assertEqual(self.decisions(number), [])
        self.assertFalse([e for e in self.tenant.shown("megan") if harness.has_button(e, "approve")])
        self.world.approve("adele", number)
        self.assertEqual(len(self.decisions(number)), 1)

    def test_who_is_no_approver_decides_nothing(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.ask("isaiah", f"approve {number}")
        self.assertEqual(self.world.state(number), "pending")

    def test_who_left_the_group_decides_nothing(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("adele", number)
        self.tenant.post("groups/Approvers/members", {"remove": ["adele"]})
        pressed = self.tenant.press("adele", "approve", activity=card["id"])
        self.assertEqual(pressed["status"], 200)
        self.assertEqual(self.world.state(number), "pending")

    def test_e18_a_stolen_button_decides_nothing(self):
        """Another person's press carries another person's token."""
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        button = next(b for b in card["buttons"] if b.get("verb") == "approve")
        activity = {"type": "invoke", "name": "adaptiveCard/action", "replyToId": card["id"],
                    "value": {"action": {"type": "Action.Execute", "verb": "approve", "data": button["data"]}, "trigger": "manual"}}
        for who in ("adele", "alex", "isaiah"):
            sent = self.tenant.send(activity, **{"as": who})
            self.assertEqual(sent["status"], 200, who)
            self.assertEqual(self.world.state(number), "pending", who)
            self.assertEqual("was not made for you" in str(sent["body"]), who != "isaiah", who)  # who sees nothing of it learns nothing
        self.assertEqual(self.database.value("select count(*) from audit_logs where action = 'token.refused'"), 3)

    def press_together(self, presses):
        """(who, verb, card, inputs) each, released by a barrier; who -> answer. Nobody's card changes before all have pressed."""
        self.tenant.fault(match="connector", method="PUT", delay_ms=60000, count=-1)
        self.addCleanup(self.tenant.clear_faults)
        barrier = threading.Barrier(len(presses))
        answers = {}

        def press(who, verb, card, inputs):
            barrier.wait()
            answers[who] = self.tenant.press(who, verb, inputs, activity=card)

        threads = [threading.Thread(target=press, args=each) for each in presses]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.tenant.clear_faults()
        return answers

    def check_one_decision(self, number, answers):
        self.assertEqual({answer["status"] for answer in answers.values()}, {200})
        made = self.decisions(number)
        self.assertEqual(len(made), 1, made)
        audited = self.database.column(
            f"select user_id from audit_logs where action in ('decision.approved', 'decision.rejected') and entity_id = '{number}'")
        self.assertEqual(audited, [made[0]["oid"]])
        loser = "adele" if made[0]["oid"] == self.world.oid("megan") else "megan"
        self.assertIn("Already decided by", self.said(answers[loser]))

    def test_two_approvers_in_the_same_moment_make_one_decision(self):
        for requester in ("alex", "isaiah", "patti", "lynne"):
            number = self.world.ask_for(requester, "7zip")
            answers = self.press_together(
                [(who, "approve", self.world.card_of(who, number)["id"], {}) for who in ("megan", "adele")])
            self.check_one_decision(number, answers)

    def test_approved_and_rejected_in_the_same_moment_is_one_of_them(self):
        for requester in ("alex", "isaiah", "patti", "lynne"):
            number = self.world.ask_for(requester, "notepad++")
            cards = {who: self.world.card_of(who, number)["id"] for who in ("megan", "adele")}
            answers = self.press_together(
                [("megan", "approve", cards["megan"], {}), ("adele", "reject", cards["adele"], {"reason": "not now"})])
            self.check_one_decision(number, answers)
            rejected = self.decisions(number)[0]["decision"] == "rejected"
            self.assertEqual(self.world.state(number) == "rejected", rejected)

    def test_the_same_click_twice_acts_once_and_is_answered_the_same(self):
        number = self.world.ask_for("alex", "7zip")
        pressed = self.world.approve("megan", number)
        again = self.tenant.send(pressed["activity"])
        self.assertEqual(again["status"], 200)
        self.assertEqual(again["body"], pressed["body"])
        self.assertEqual(len(self.decisions(number)), 1)

    def test_r10_a_withdrawal_is_asked_about_and_cannot_be_approved_any_more(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.wait_notices()
        card = self.world.card_of("megan", number)
        receipt = self.world.card_of("alex", number, "cancel")
        self.assertIn(f"Withdraw request #{number}?", str(receipt["card"]))
        self.tenant.press("alex", "cancel", activity=receipt["id"])
        self.assertEqual(self.world.state(number), "cancelled")
        pressed = self.press_if_there("megan", card)
        harness.until(lambda: all("Withdrawn" in e["text"] and not harness.has_button(e, "approve") for who in ("megan", "adele")
                                  for e in self.tenant.shown(who) if e["id"] == card["id"] or f"#{number}" in e["text"]),
                      "the approvers' cards say so", 10)
        self.world.ask("megan", f"approve {number}", f"#{number}")
        self.assertEqual(self.world.state(number), "cancelled")
        if pressed:
            self.assertEqual(pressed["status"], 200)

    def test_without_an_approver_nothing_is_approved_and_the_admins_hear_of_it(self):
        self.tenant.post("groups/Approvers/members", {"remove": ["adele", "megan"]})
        form = self.world.open_form("alex", "7zip")
        pressed = self.tenant.press("alex", "submit", {"justification": "for work"}, activity=form["id"])
        self.assertEqual(pressed["status"], 200)
        self.assertEqual(self.database.value("select count(*) from requests where state <> 'pending'"), 0)
        self.tenant.wait("megan")

    def test_an_empty_approver_setting_denies(self):
        self.world.command("settings", "set", "ApproverGroupId", "")
        form = self.world.open_form("alex", "7zip")
        self.tenant.press("alex", "submit", {"justification": "for work"}, activity=form["id"])
        self.assertEqual(self.database.value("select count(*) from requests where state in ('approved', 'fulfilling')"), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
