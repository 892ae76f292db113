# SPDX-License-Identifier: Apache-2.0
"""The rules of asking and deciding, by the ids of what is promised: through the bot's door alone."""
import unittest

import harness


class RulesTest(harness.WorldTest):
    def user(self, who):
        return {"user": self.world.oid(who)}

    def policy(self, *stages, **more):
        """The one policy that counts for everything."""
        self.world.policy([{"name": "rule", **({"stages": list(stages)} if stages else {}), **more}])

    def owner(self, package, who):
        self.database.execute(f"update apps set owner_oid = '{self.world.oid(who)}' where winget_id = '{package}'")

    def press(self, who, number, verb="approve", **inputs):
        """On the card as it is when all who voted before have been shown to everybody."""
        self.world.wait_notices()
        return self.tenant.press(who, verb, inputs, activity=self.world.card_of(who, number, verb)["id"])

    def asked(self, number):
        """Keys of those who are asked in the open stage."""
        keys = {p["id"]: p["key"] for p in self.tenant.get("people")["people"]}
        stage = next(s for s in self.world.stages(number) if s["state"] == "open")
        return sorted(keys[oid] for oid in stage["asked"])

    def has_card(self, who, number):
        return any(f"#{number}" in e.get("text", "") and harness.has_button(e, "approve") for e in self.tenant.shown(who))

    def judge(self, number, state, votes):
        self.assertEqual((self.world.state(number), len(self.world.votes(number))), (state, votes))

    def approved(self, number):
        self.assertIn(self.world.state(number), ("approved", "fulfilling", "delivered"))


class TestPromises(RulesTest):
    def test_F3_nobody_approves_their_own_request_whatever_makes_them_an_approver(self):
        """By the group, as their own manager's stage, as the named person, and as the app's owner."""
        cases = {"group": "group", "manager": "manager", "named": self.user("megan"), "owner": "app_owner"}
        self.world.person("megan", manager="megan")
        self.addCleanup(self.world.person, "megan", manager=None)
        self.world.members("Admins", add=["patti"])
        self.addCleanup(self.world.members, "Admins", remove=["patti"])
        self.owner("7zip.7zip", "megan")
        for name, ask in cases.items():
            with self.subTest(rule=name):
                self.policy({"ask": ask})
                number = self.world.ask_for("megan", "7zip")
                self.assertNotIn("megan", self.asked(number))
                self.world.ask("megan", f"approve {number}", "cannot decide your own request")
                self.judge(number, "pending", 0)
                self.assertFalse(self.has_card("megan", number))
                refused = [row for row in self.world.trail(number) if row["action"] == "decision.refused"]
                self.assertEqual([(r["user_id"], r["details"]["reason"]) for r in refused], [(self.world.oid("megan"), "self")])
                self.world.ask("megan", f"cancel {number}", "Withdrawn by you")
                self.world.wait_notices()
        self.world.check()

    def test_F4_A2_the_second_stage_is_asked_after_the_first_has_agreed_and_the_third_after_the_second(self):
        people = ("isaiah", "megan", "adele")
        self.policy(*({"ask": self.user(who)} for who in people))
        number = self.world.ask_for("alex", "7zip")
        for n, who in enumerate(people):
            self.world.card_of(who, number)
            self.world.wait_notices()
            self.assertEqual([self.has_card(p, number) for p in people], [p == who for p in people])
            self.assertEqual([s["state"] for s in self.world.stages(number)], ["approved"] * n + ["open"] + ["waiting"] * (2 - n))
            for early in people[n + 1:]:
                self.world.ask(early, f"approve {number}")
            self.judge(number, "pending", n)
            self.press(who, number)
        self.tenant.wait("alex", f"Isaiah Langer approved your request #{number}")
        self.approved(number)
        self.assertEqual([v["ordinal"] for v in self.world.votes(number)], [1, 2, 3])
        self.world.wait_state(number, "delivered", 120)
        self.world.check()

    def test_F4_a_rejection_in_any_stage_ends_it(self):
        self.policy({"ask": self.user("isaiah")}, {"ask": "group"})
        number = self.world.ask_for("alex", "7zip")
        self.press("isaiah", number)
        self.press("adele", number, "reject", reason="not for this team")
        self.judge(number, "rejected", 2)
        self.tenant.wait("alex", "not for this team")
        self.assertEqual([s["state"] for s in self.world.stages(number)], ["approved", "rejected"])
        self.world.check()

    def test_F5_A9_two_of_three_must_agree_and_nobody_counts_twice(self):
        self.world.members("Approvers", add=["patti"])
        self.addCleanup(self.world.members, "Approvers", remove=["patti"])
        self.policy({"ask": "group", "need": 2})
        number = self.world.ask_for("alex", "7zip")
        self.press("megan", number)
        self.judge(number, "pending", 1)
        self.assertFalse(self.world.votes(number)[0]["is_final"])
        harness.until(lambda: all(any("1 of 2 approved, by Megan Bowen" in e["text"] for e in self.tenant.shown(who) if f"#{number}" in e["text"])
                                  for who in ("alex", "adele", "patti")), "everybody sees the progress", 10)
        self.world.ask("megan", f"approve {number}", "counted already")
        self.judge(number, "pending", 1)
        self.press("adele", number)
        self.approved(number)
        self.assertEqual([v["is_final"] for v in self.world.votes(number)], [False, True])
        self.world.ask("patti", f"approve {number}", "Already decided by Adele Vance")
        self.world.wait_state(number, "delivered", 120)
        self.world.check()

    def test_F5_one_rejection_ends_it_unless_the_policy_says_otherwise(self):
        self.world.members("Approvers", add=["patti"])
        self.addCleanup(self.world.members, "Approvers", remove=["patti"])
        self.policy({"ask": "group", "need": 2})
        number = self.world.ask_for("alex", "7zip")
        self.press("megan", number)
        self.press("adele", number, "reject", reason="no")
        self.judge(number, "rejected", 2)
        self.policy({"ask": "group", "need": 2, "reject_ends": False})
        second = self.world.ask_for("lynne", "7zip")
        self.press("adele", second, "reject", reason="I would not")
        self.judge(second, "pending", 1)
        self.press("megan", second)
        self.press("patti", second)
        self.approved(second)
        third = self.world.ask_for("isaiah", "7zip")
        self.press("adele", third, "reject", reason="no")
        self.press("patti", third, "reject", reason="no, too")
        self.judge(third, "rejected", 2)
        self.world.wait_state(second, "delivered", 120)
        self.world.check()

    def test_F5_nobody_votes_twice_where_a_rejection_ends_nothing(self):
        self.policy({"ask": "group", "reject_ends": False})
        number = self.world.ask_for("alex", "7zip")
        self.press("adele", number, "reject", reason="I would not")
        self.world.ask("adele", f"approve {number}", "counted already")
        self.judge(number, "pending", 1)
        self.press("megan", number)
        self.approved(number)

    def test_F15_of_several_approvals_the_narrowest_counts_whoever_comes_last(self):
        self.policy({"ask": "group", "need": 2}, grant_days=90)
        number = self.world.ask_for("alex", "7zip")
        self.world.ask("megan", f"approve {number} 7 days", f"#{number}")
        self.world.ask("adele", f"approve {number}", f"#{number}")
        self.approved(number)
        self.assertEqual(self.database.value(f"select granted_days from requests where id = {number}"), 7)

    def test_F21_R7_who_has_one_is_refused_the_other_and_both_are_named(self):
        self.world.policy([], [["7zip.7zip", "Notepad++.Notepad++", "Nobody packs what they wrote."]])
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", 120)
        self.world.wait_notices()
        told = self.refused("alex", "notepad++")
        for words in ("7-Zip", "Notepad++", "Nobody packs what they wrote."):
            self.assertIn(words, told)
        self.assertEqual(self.database.value("select count(*) from requests"), 1)
        self.assertEqual(self.database.column("select details->>'reason' from audit_logs where action = 'request.refused'"), ["conflict"])
        shown = self.world.card_with("alex", "grant_return", "was not requested")
        self.assertIn(f"return {number}", shown["text"])
        self.tenant.press("alex", "grant_return", activity=shown["id"])
        self.tenant.wait("alex", "Give 7-Zip back?", after=shown["seq"])
        other = self.world.ask_for("lynne", "notepad++")  # it counts by person
        self.judge(other, "pending", 0)
        self.world.check()

    def refused(self, who, text):
        """What is shown instead of a new request."""
        matches = self.world.ask(who, text)
        pressed = self.tenant.press(who, "form", activity=matches["id"])
        entry = pressed["entry"] or {}
        if not harness.has_button(entry, "submit"):
            return str(pressed["message"] or entry.get("text"))
        sent = self.tenant.press(who, "submit", {"justification": "for work"}, activity=entry["id"])
        return str(sent["message"] or (sent["entry"] or {}).get("text"))

    def test_F21_what_was_granted_while_the_other_waited_blocks_its_approval(self):
        first = self.world.ask_for("alex", "7zip")
        second = self.world.ask_for("alex", "notepad++")
        self.world.policy([], [["7zip.7zip", "Notepad++.Notepad++"]])
        self.press("megan", first)
        said = self.world.ask("adele", f"approve {second}", "may not stand beside")
        for words in ("7-Zip", "Notepad++"):
            self.assertIn(words, said["text"])
        self.judge(second, "pending", 0)
        self.world.ask("adele", f"reject {second} has the other one", f"#{second}")
        self.judge(second, "rejected", 1)
        self.world.wait_state(first, "delivered", 120)
        self.world.check()

    def facts(self, who, number):
        """What the approver's card tells, as titles and values."""
        card = self.world.card_of(who, number)["card"]
        return {fact["title"]: fact["value"] for part in card["body"] if part["type"] == "FactSet" for fact in part["facts"]}

    def test_A1_the_card_tells_how_it_went_with_this_app_and_person_before(self):
        """Somebody else's past is not told, nor that of another app."""
        past = ("Had it before", "Asked before", "Duties")
        first = self.world.ask_for("alex", "7zip")
        self.assertFalse(set(past) & set(self.facts("megan", first)))
        self.world.ask("megan", f"reject {first} we pack with Explorer", f"#{first}")
        second = self.world.ask_for("alex", "7zip")
        rejected = self.facts("megan", second)
        self.assertRegex(rejected["Asked before"], r"^Not approved, \{\{DATE\(20.*,SHORT\)\}\}$")
        self.assertNotIn("Had it before", rejected)
        for times, words in ((1, "Once, last until {{DATE(20"), (2, "Twice, last until {{DATE(20")):
            self.world.approve("megan", second)
            self.world.wait_state(second, "delivered", 120)
            self.world.ask("alex", f"confirm return {second}", "is given back")
            second = self.world.ask_for("alex", "7zip")
            with self.subTest(times=times):
                self.assertTrue(self.facts("megan", second)["Had it before"].startswith(words))
        others = [self.world.ask_for("lynne", "7zip"), self.world.ask_for("alex", "notepad++")]
        for number in others:
            self.assertFalse(set(past) & set(self.facts("megan", number)))
        self.world.check()

    def test_A1_the_card_tells_whether_duties_are_apart(self):
        first = self.world.ask_for("alex", "7zip")
        self.world.policy([], [["7zip.7zip", "Notepad++.Notepad++"]])
        second = self.world.ask_for("alex", "notepad++")
        self.assertIn("Has nothing that may not stand beside this app, {{DATE(20", self.facts("megan", second)["Duties"])
        self.press("megan", first)
        self.world.ask("adele", f"request {second}", f"#{second}")
        self.assertIn("Has 7-Zip, which may not stand beside this app, {{DATE(20", self.facts("adele", second)["Duties"])
        self.world.wait_state(first, "delivered", 120)
        self.world.check()

    def test_A1_the_card_of_a_later_stage_names_who_has_decided_an_earlier_one(self):
        self.policy({"ask": "group"}, {"ask": "group"})
        number = self.world.ask_for("alex", "7zip")
        self.assertNotIn("Duties", self.facts("adele", number))
        self.press("megan", number)
        self.world.wait_notices()
        self.assertIn("Megan Bowen has decided an earlier stage, too, {{DATE(20", self.facts("adele", number)["Duties"])
        self.press("adele", number)
        self.approved(number)

    def test_F24_the_fourth_in_the_window_goes_to_people(self):
        for name in ("Inkwell", "Quarry"):
            self.world.command("catalog", "add", f"Contoso.{name}", "--name", name, "--publisher", "Contoso")
        self.policy({"ask": "group"}, automatic={"max": 3, "window_days": 30})
        numbers = [self.world.ask_for("alex", text) for text in ("7zip", "notepad++", "Inkwell", "Quarry")]
        for number in numbers[:3]:
            self.assertNotEqual(self.world.state(number), "pending")
            self.assertEqual(self.database.value(f"select stage from requests where id = {number}"), 0)
        self.judge(numbers[3], "pending", 0)
        self.world.card_of("megan", numbers[3])
        lynnes = self.world.ask_for("lynne", "7zip")  # the cap is each person's own
        self.assertNotEqual(self.world.state(lynnes), "pending")
        self.world.age(days=31)
        self.world.ask("alex", f"cancel {numbers[3]}", f"#{numbers[3]}")
        self.world.wait_notices()
        again = self.world.ask_for("alex", "Quarry")  # the window has moved on
        self.assertNotEqual(self.world.state(again), "pending")

    def test_F24_nothing_is_approved_because_there_is_nobody_to_ask(self):
        self.world.members("Approvers", remove=["adele", "megan"])
        self.addCleanup(self.world.members, "Approvers", add=["adele", "megan"])
        self.world.members("Admins", remove=["megan"])
        self.addCleanup(self.world.members, "Admins", add=["megan"])
        self.policy({"ask": "app_owner"})
        form = self.world.open_form("alex", "7zip")
        self.tenant.press("alex", "submit", {"justification": "for work"}, activity=form["id"])
        self.assertEqual(self.database.value("select count(*) from requests where state <> 'pending'"), 0)
        self.assertEqual(self.database.value("select count(*) from jobs where kind = 'package'"), 0)
        self.assertEqual(self.database.value("select count(*) from decisions"), 0)

    def test_F38_killed_between_any_two_steps_nothing_is_lost_and_nothing_doubled(self):
        self.policy({"ask": self.user("isaiah")}, {"ask": "group", "need": 2})
        number = self.world.ask_for("alex", "7zip")
        for who in ("isaiah", "megan", "adele"):
            self.again()
            self.world.card_of(who, number)
            self.again()
            self.press(who, number)
        self.again()
        self.world.wait_state(number, "delivered", 120)
        self.assertEqual(len(self.world.votes(number)), 3)
        self.assertEqual(self.database.value("select count(*) from grants"), 1)
        self.assertEqual(len(self.tenant.intune_apps()), 1)
        self.world.check(twins=True)

    def again(self):
        """kill -9 and a new process, whose leases are free at once."""
        self.world.kill_service()
        self.world.let_time_pass()
        self.world.start_service()


class TestEdges(RulesTest):
    def test_E1_a_manager_who_asks_is_replaced_by_whoever_comes_next_and_is_told(self):
        """isaiah's manager is megan; megan has none: her request goes on to the alternate, then the owner, then the admins."""
        self.policy({"ask": "manager", "alternates": [self.user("megan"), self.user("adele")]})
        number = self.world.ask_for("megan", "7zip")
        self.assertEqual(self.asked(number), ["adele"])
        self.assertEqual(self.world.stages(number)[0]["level"], 2)
        self.judge(number, "pending", 0)

    def test_E1_then_the_app_s_owner_then_the_admins_and_never_approved_by_itself(self):
        self.world.members("Admins", add=["patti"])
        self.addCleanup(self.world.members, "Admins", remove=["patti"])
        self.policy({"ask": self.user("alex")})
        self.owner("7zip.7zip", "lynne")
        number = self.world.ask_for("alex", "7zip")
        self.assertEqual(self.asked(number), ["lynne"])
        other = self.world.ask_for("alex", "notepad++")  # without an owner
        self.assertEqual(self.asked(other), ["megan", "patti"])
        self.tenant.wait("alex", "Waiting for Lynne Robbins")
        self.tenant.wait("alex", "Waiting for Megan Bowen or Patti Fernandez")
        for each in (number, other):
            self.judge(each, "pending", 0)
        self.press("lynne", number)
        self.approved(number)
        self.world.wait_state(number, "delivered", 120)
        self.world.check()

    def test_E4_in_a_quorum_stage_a_rejection_ends_what_was_half_approved(self):
        self.policy({"ask": "group", "need": "all"})
        number = self.world.ask_for("alex", "7zip")
        self.press("megan", number)
        self.press("adele", number, "reject", reason="no seat left")
        self.judge(number, "rejected", 2)
        self.assertEqual([v["decision"] for v in self.world.votes(number) if v["is_final"]], ["rejected"])
        self.tenant.wait("alex", "no seat left")
        self.world.check()

    def test_E28_without_the_database_a_press_is_not_stored_and_says_so(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        self.world.wait_notices()
        self.database.cluster.run("postgres", f"alter database {self.database.name} allow_connections false")
        self.database.cluster.run("postgres", "select pg_terminate_backend(pid) from pg_stat_activity"
                                  f" where datname = '{self.database.name}' and usename <> 'postgres'")
        pressed = self.tenant.press("megan", "approve", activity=card["id"])
        self.assertIn(pressed["status"], (200, 503))
        if pressed["status"] == 200:
            self.assertIn("again", str(pressed["message"] or pressed["entry"]))
        harness.until(lambda: self.world.admin("/readyz")[0] == 503, "the health is red", 30)
        self.database.cluster.run("postgres", f"alter database {self.database.name} allow_connections true")
        self.world.wait_ready()
        self.judge(number, "pending", 0)
        self.tenant.press("megan", "approve", activity=card["id"])
        self.assertEqual(len(self.world.votes(number)), 1)

    def test_E31_the_same_activity_again_within_a_day_acts_once(self):
        number = self.world.ask_for("alex", "7zip")
        pressed = self.world.approve("megan", number)
        self.world.age(hours=23)
        again = self.tenant.send(pressed["activity"], **{"as": "megan"})
        self.assertEqual((again["status"], again["body"]), (200, pressed["body"]))
        self.assertEqual(len(self.world.votes(number)), 1)

    def test_E33_a_rule_that_became_automatic_leaves_what_waits_to_people(self):
        self.policy({"ask": "group"})
        number = self.world.ask_for("alex", "7zip")
        self.policy({"ask": "group"}, automatic={"max": 5, "window_days": 30})
        self.world.age(hours=1)
        self.judge(number, "pending", 0)
        self.assertEqual(self.asked(number), ["adele", "megan"])
        said = self.world.ask("megan", f"why {number}")
        self.assertIn("rule", said["text"])
        self.press("megan", number)
        self.judge_policy(number, 1)
        self.world.wait_state(number, "delivered", 120)
        self.world.check()

    def judge_policy(self, number, version):
        """Decided under the rule that it was made under."""
        decided = [row["details"]["policy_version"] for row in self.world.trail(number) if row["action"] == "decision.approved"]
        self.assertEqual(decided, [version])


if __name__ == "__main__":
    unittest.main(verbosity=2)
