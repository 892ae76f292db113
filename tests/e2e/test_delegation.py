# SPDX-License-Identifier: Apache-2.0
"""Delegation: somebody else is asked, both are named, and nobody decides for themselves by it."""
import datetime
import unittest

import harness


class TestDelegation(harness.WorldTest):
    def setUp(self):
        super().setUp()
        for who in ("megan", "adele", "isaiah", "patti", "lynne"):
            self.world.ask(who, "hello")  # who is named has been met

    def delegate(self, who, words, expect):
        return self.world.ask(who, f"delegate {words}", expect)

    def alone(self, who):
        """The only approver is this one."""
        others = {"megan", "adele"} - {who}
        self.tenant.post("groups/Approvers/members", {"add": [who], "remove": sorted(others)})

    def cards(self, who, number, verb="approve"):
        return [e for e in self.tenant.shown(who) if f"#{number}" in e.get("text", "") and harness.has_button(e, verb)]

    def decision(self, number):
        return self.database.rows(f"select oid, on_behalf_of, decision from decisions where request_id = {number}")[0]

    def audit(self, action):
        return self.database.rows(f"select user_id, details from audit_logs where action = '{action}' order by seq")

    def age(self, hours):
        """As if this much time had gone by for delegations and their timers."""
        self.database.execute(f"update delegations set starts_at = starts_at - interval '{hours} hours', "
                              f"ends_at = ends_at - interval '{hours} hours'")
        self.database.execute(f"update jobs set run_at = run_at - interval '{hours} hours' where kind = 'delegation'")

    def test_F8_A8_new_cards_go_to_the_stand_in_and_both_are_named(self):
        self.alone("adele")
        shown = self.delegate("adele", "to Patti Fernandez until friday", "Patti Fernandez decides for you")
        self.assertTrue(harness.has_button(shown, "delegate_off"))
        self.tenant.wait("patti", "Adele Vance has asked you to decide in their place until")
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("patti", number)
        self.assertIn("Adele Vance", card["text"])
        self.assertEqual(self.cards("adele", number), [])
        self.tenant.press("patti", "approve", activity=card["id"])
        self.assertEqual(self.decision(number), {
            "oid": self.world.oid("patti"), "on_behalf_of": self.world.oid("adele"), "decision": "approved"})
        told = self.audit("decision.approved")[-1]
        self.assertEqual((told["user_id"], told["details"]["on_behalf_of"]), (self.world.oid("patti"), self.world.oid("adele")))
        self.assertEqual(len(self.audit("delegation.created")), 1)
        self.world.wait_state(number, "delivered")
        self.world.check()

    def test_A8_admins_read_in_their_digest_who_decides_for_whom(self):
        self.delegate("adele", "to Patti Fernandez until friday", "Patti Fernandez decides for you")
        self.assertEqual(self.database.column("select oid from held_notices"), [self.world.oid("megan")])
        self.database.execute("update jobs set run_at = now() where kind = 'news'")
        self.assertIn("Patti Fernandez decides in the place of Adele Vance until", self.tenant.wait("megan", "News for you")["text"])

    def test_F8_the_giver_may_decide_nevertheless(self):
        self.alone("adele")
        self.delegate("adele", "to Patti Fernandez until friday", "decides for you")
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("patti", number)
        self.world.ask("adele", f"approve {number}", f"#{number}")
        self.assertEqual(self.decision(number)["oid"], self.world.oid("adele"))

    def test_F8_what_waits_goes_to_the_stand_in_too_and_comes_back(self):
        self.alone("adele")
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("adele", number)
        shown = self.delegate("adele", "to Patti Fernandez until friday", "One question that waits for you now went to them")
        card = self.world.card_of("patti", number)
        self.assertIn("Adele Vance", card["text"])
        later = self.world.ask_for("lynne", "7zip")
        self.world.card_of("patti", later)
        self.assertEqual(self.cards("adele", later), [])
        self.tenant.press("adele", "delegate_off", activity=shown["id"])
        self.tenant.wait("patti", "You do not decide in the place of Adele Vance any more")
        for each in (number, later):
            self.world.card_of("adele", each)
            harness.until(lambda: self.cards("patti", each) == [], "the stand-in's buttons are gone", 30)
        self.world.ask("patti", f"approve {later}")
        self.assertEqual(self.world.state(later), "pending")
        self.assertEqual(len(self.audit("delegation.ended")), 1)
        self.world.approve("adele", later)
        self.world.wait_state(later, "delivered")
        self.world.check()

    def test_F8_who_stands_in_and_who_is_stood_for_have_one_voice(self):
        self.world.policy([{"name": "all", "stages": [{"ask": "group", "need": "all"}]}])
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("adele", number)
        self.delegate("adele", "to Patti Fernandez until friday", "One question that waits for you now went to them")
        self.tenant.press("patti", "approve", activity=self.world.card_of("patti", number)["id"])
        harness.until(lambda: not self.cards("adele", number) and "1 of 2 approved, by Patti Fernandez" in self.cards("megan", number)[-1]["text"],
                      "it is heard once", 30)
        self.world.ask("adele", f"reject {number} not by me", "counted already")
        self.world.ask("megan", f"approve {number}", f"#{number}")
        self.world.wait_state(number, "delivered")
        self.world.check()

    def test_F8_who_stands_in_once_more_has_buttons_once_more(self):
        self.alone("adele")
        number = self.world.ask_for("alex", "7zip")
        self.delegate("adele", "to Patti Fernandez until friday", "One question that waits for you now went to them")
        self.world.card_of("patti", number)
        self.world.ask("adele", "delegate off", "You decide yourself again")
        harness.until(lambda: self.cards("patti", number) == [], "the stand-in's buttons are gone", 30)
        self.delegate("adele", "to Patti Fernandez until friday", "decides for you")
        card = self.world.card_of("patti", number)
        self.tenant.press("patti", "approve", activity=card["id"])
        self.world.wait_state(number, "delivered")
        self.world.check()

    def test_F8_who_hands_over_leaves_nobody_in_their_place(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("adele", number)
        self.delegate("adele", "to Patti Fernandez until friday", "One question that waits for you now went to them")
        self.world.card_of("patti", number)
        self.world.ask("adele", f"hand over {number} to Megan Bowen", "Megan Bowen")
        harness.until(lambda: not self.cards("patti", number) and not self.cards("adele", number), "their buttons are gone", 30)
        self.world.ask("adele", "delegate off", "You decide yourself again")
        for who in ("patti", "adele"):
            self.world.ask(who, f"approve {number}")
            self.assertEqual((self.world.state(number), self.cards(who, number)), ("pending", []))
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered")
        self.world.check()

    def test_F8_its_time_ends_it(self):
        self.alone("adele")
        self.delegate("adele", "to patti until tomorrow", "Patti Fernandez decides for you")
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("patti", number)
        self.age(72)
        self.tenant.wait("patti", "You do not decide in the place of Adele Vance any more")
        self.world.card_of("adele", number)
        self.world.ask("patti", f"approve {number}")
        self.assertEqual(self.world.state(number), "pending")
        self.assertEqual([row["user_id"] for row in self.audit("delegation.ended")], ["system"])
        self.world.check()

    def test_F8_right_ends_with_the_clock_even_when_no_timer_ran(self):
        self.alone("adele")
        self.delegate("adele", "to patti until tomorrow", "decides for you")
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("patti", number)
        self.database.execute("update delegations set starts_at = now() - interval '3 days', ends_at = now() - interval '1 day'")
        self.tenant.press("patti", "approve", activity=card["id"])
        self.assertEqual(self.world.state(number), "pending")

    def test_F8_a_new_delegation_takes_the_place_of_the_old_one(self):
        self.alone("adele")
        number = self.world.ask_for("alex", "7zip")
        self.delegate("adele", "to patti until friday", "decides for you")
        self.world.card_of("patti", number)
        self.delegate("adele", "to lynne until friday", "Lynne Robbins decides for you")
        self.world.card_of("lynne", number)
        harness.until(lambda: self.cards("patti", number) == [], "the first one's buttons are gone", 30)
        self.assertIn("Lynne Robbins decides for you", self.world.ask("adele", "delegations", "Who decides for whom")["text"])
        self.assertIn("You decide for Adele Vance", self.world.ask("lynne", "delegations", "Who decides for whom")["text"])
        self.world.ask("patti", "delegations", "Nobody decides for you")

    def test_F8_days_as_people_write_them(self):
        today = datetime.datetime.now(datetime.timezone.utc).date()
        for words, expect in (
                ("to patti", "Until when should Patti Fernandez decide for you?"),
                ("to patti until the cows come home", "Until when should Patti Fernandez"),
                ("to patti until 2020-01-01", "That day is over"),
                (f"to patti until {today + datetime.timedelta(days=200)}", "for 90 days at most"),
                ("", "Say who and until when"),
                ("to nobody of that name until friday", "I know nobody called nobody of that name"),
                ("to Adele Vance until friday", "You decide for yourself already")):
            self.delegate("adele", words, expect)
        self.assertEqual(self.database.value("select count(*) from delegations"), 0)
        self.delegate("adele", f"@Patti Fernandez until {today + datetime.timedelta(days=20)}", "Patti Fernandez decides for you")
        ends = self.database.value("select to_char(ends_at at time zone 'Europe/Berlin', 'YYYY-MM-DD HH24:MI') from delegations")
        self.assertEqual(ends, f"{today + datetime.timedelta(days=21)} 00:00")

    def test_F8_people_are_named_by_mention_mail_upn_and_name(self):
        patti = self.world.oid("patti")
        for words in ("to pattif@example.com until friday", "to PATTI FERNANDEZ until friday", "patti until friday"):
            self.delegate("adele", words, "Patti Fernandez decides for you")
            self.world.ask("adele", "delegate off", "You decide yourself again")
        for mentioned in ({"id": "29:user-patti", "name": "Patti Fernandez"}, {"id": "29:x", "name": "P.", "aadObjectId": patti}):
            said = self.tenant.send({"type": "message", "text": "delegate to <at>Patti</at> until friday", "entities": [
                {"type": "mention", "text": "<at>Patti</at>", "mentioned": mentioned}]}, **{"as": "adele"})
            self.assertIn(said["status"], (200, 202))
            harness.until(lambda: self.database.value(
                f"select count(*) from delegations where ended_at is null and to_oid = '{patti}'") == 1, "it counts", 30)
            self.world.ask("adele", "delegate off", "You decide yourself again")

    def test_F8_who_was_never_met_is_found_in_the_directory(self):
        self.database.execute(f"delete from users where oid = '{self.world.oid('patti')}'")
        self.delegate("adele", "to pattif@example.com until friday", "Patti Fernandez decides for you")

    def test_F8_a_name_of_several_people_gets_a_list(self):
        self.database.execute(
            f"update users set name = 'Patti Smith', mail = 'smith@example.com' where oid = '{self.world.oid('lynne')}'")
        shown = self.delegate("adele", "to patti until friday", "may be several people")
        self.assertIn("pattif@example.com", shown["text"])
        self.assertIn("smith@example.com", shown["text"])
        self.assertEqual(self.database.value("select count(*) from delegations"), 0)

    def test_F8_who_cannot_stand_in(self):
        self.tenant.post("people/patti", {"enabled": False})
        self.delegate("adele", "to patti until friday", "The account of Patti Fernandez is closed")

    def test_E2_a_stand_in_never_decides_their_own_request(self):
        self.alone("adele")
        self.delegate("adele", "to Patti Fernandez until friday", "decides for you")
        number = self.world.ask_for("patti", "7zip")
        self.world.card_of("adele", number)
        self.assertEqual(self.cards("patti", number), [])
        self.world.ask("patti", f"approve {number}")
        self.assertEqual(self.world.state(number), "pending")
        self.world.approve("adele", number)
        self.world.wait_state(number, "delivered")

    def test_E2_nor_what_was_open_before(self):
        self.alone("adele")
        number = self.world.ask_for("patti", "7zip")
        self.world.card_of("adele", number)
        self.delegate("adele", "to Patti Fernandez until friday", "Nothing waits for you at the moment")
        self.assertEqual(self.cards("patti", number), [])
        self.world.ask("patti", f"approve {number}")
        self.assertEqual(self.world.state(number), "pending")

    def test_E2_an_approver_s_request_is_not_decided_by_their_own_stand_in_chain(self):
        """Adele asks; Megan hands on to Patti, who hands on to Adele: nobody decides but Megan."""
        self.alone("megan")
        self.delegate("patti", "to Adele Vance until friday", "decides for you")
        self.delegate("megan", "to Patti Fernandez until friday", "decides for you")
        number = self.world.ask_for("adele", "7zip")
        self.world.card_of("megan", number)
        self.world.ask("adele", f"approve {number}")
        self.world.ask("patti", f"approve {number}")
        self.assertEqual(self.world.state(number), "pending")

    def test_E2_chains_are_followed_and_loops_refused(self):
        self.alone("adele")
        self.delegate("adele", "to Patti Fernandez until friday", "decides for you")
        self.delegate("patti", "to Lynne Robbins until friday", "decides for you")
        self.delegate("lynne", "to Adele Vance until friday", "they would come back to you")
        self.delegate("patti", "to Adele Vance until friday", "they would come back to you")
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("lynne", number)
        self.tenant.press("lynne", "approve", activity=card["id"])
        self.assertEqual(self.decision(number)["on_behalf_of"], self.world.oid("adele"))
        self.world.wait_state(number, "delivered")

    def test_E32_nothing_is_handed_on_while_frozen(self):
        self.world.command("settings", "set", "Frozen", "true")
        self.delegate("adele", "to patti until friday", "The counter is frozen")
        self.world.ask("adele", "delegate off", "The counter is frozen")
        self.assertEqual(self.database.value("select count(*) from delegations"), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
