# SPDX-License-Identifier: Apache-2.0
"""People who join or move get, keep and lose the apps that come with what they are, without asking (product 1.3, 1.4, 1.5).
Methods begin with the promise they are about (docs/internals/directory.md)."""
import json
import unittest

import harness
from processes import until
from test_directory import DirectoryTest

SEVEN_ZIP = "7zip.7zip"


def details(row):
    return row["details"] if isinstance(row["details"], dict) else json.loads(row["details"])


class JoinersTest(DirectoryTest):
    settings = {"graph.directory_every_s": "1"}

    def begin(self):
        super().begin()
        self.change("alex", department="Studio")
        self.synced()
        self.world.ask_for("megan", "notepad++")  # the counter is in use: what is laxer waits for a second admin

    def rule(self, departments=("Studio",), packages=(SEVEN_ZIP,), grace_days=14, pairs=None, **match):
        self.world.policy([{
            "name": "comes with it", "priority": 10,
            "match": {"departments": list(departments), "packages": list(packages), **match},
            "birthright": {"grace_days": grace_days}}], pairs)

    def grants(self, app="7-Zip", state="active"):
        names = {person["id"]: person["key"] for person in self.tenant.get("people")["people"]}
        return sorted(names[oid] for oid in self.database.column(
            f"select g.oid from grants g join apps a on a.id = g.app_id where a.name = '{app}' and g.state = '{state}'"))

    def wait_grants(self, *people, **which):
        until(lambda: self.grants(**which) == sorted(people), f"{people} have it ({self.grants(**which)})", 60, 0.1)

    def looked(self):
        """Two rounds of it have ended that began after now."""
        for _ in range(2):
            before = self.database.value("select clock_timestamp()")
            until(lambda: self.database.value(
                f"select count(*) from jobs where kind = 'birthright' and state = 'queued' and changed_at > '{before}'::timestamptz"),
                "a round", 60, 0.1)

    def members(self):
        group = self.database.value("select group_id from apps where name = '7-Zip'")
        return sorted(self.tenant.group(group)["members"]) if group else []

    def skipped(self):
        return {row["oid"]: row["reason"] for row in self.database.rows("select oid, reason from birthright_skips")}


class TestJoiners(JoinersTest):
    def test_1_5_who_is_named_gets_the_app_without_asking_and_is_told_once(self):
        self.rule()
        self.wait_grants("alex")
        self.tenant.wait("alex", "7-Zip is ready")
        self.assertEqual(self.members(), ["alex"])
        request = self.database.rows("select id, state, policy_name, policy_version, by_right from requests where by_right")
        self.assertEqual(len(request), 1)
        number = request[0].pop("id")
        self.assertEqual(request[0], {"state": "delivered", "policy_name": "comes with it", "policy_version": 1, "by_right": True})
        created = [row for row in self.audited("request.created") if row["entity_id"] == str(number)]
        self.assertEqual((details(created[0])["policy"], details(created[0])["policy_version"]), ("comes with it", 1))
        self.looked()
        self.assertEqual(self.database.value(f"select count(*) from outbox where kind = 'send' and recipient_oid = '{self.world.oid('alex')}'"), 1)
        self.world.check()

    def test_1_5_who_asks_for_it_reads_that_they_get_it(self):
        self.rule()
        self.wait_grants("alex")
        self.world.wait_notices()
        card = self.world.ask("alex", "7zip")
        pressed = self.tenant.press("alex", "form", activity=card["id"])
        self.assertEqual(pressed["status"], 200)
        self.assertIn("You already get 7-Zip", self.tenant.wait("alex", "You already get 7-Zip")["text"])

    def test_1_3_a_joiner_and_a_member_of_a_group_get_it(self):
        group = self.tenant.post("groups", {"name": "Writers", "members": ["lynne"]})["id"]
        self.world.policy([
            {"name": "one", "priority": 10, "match": {"departments": ["Brand new"], "packages": [SEVEN_ZIP]}, "birthright": {}},
            {"name": "two", "priority": 20, "match": {"groups": [group], "packages": [SEVEN_ZIP]}, "birthright": {}}])
        self.wait_grants("lynne")
        self.change("patti", department="brand NEW")
        self.wait_grants("lynne", "patti")
        self.world.members("Writers", add=["isaiah"])
        self.wait_grants("isaiah", "lynne", "patti")
        self.world.check()

    def test_1_5_never_for_guests_closed_accounts_and_unknown_attributes(self):
        self.change("nora", department="Studio")  # a guest
        self.change("lynne", department="Studio", enabled=False)
        self.change("patti", department="")
        self.synced()
        self.rule()
        self.wait_grants("alex")
        self.looked()
        self.assertEqual(self.grants(), ["alex"])
        self.assertEqual(self.database.value("select count(*) from requests where by_right"), 1)

    def test_1_5_who_may_not_use_the_counter_is_skipped(self):
        self.tenant.post("groups", {"name": "Crowd", "crowd": 1})
        self.tenant.post("delta/expire", {})
        until(lambda: self.database.value("select count(*) from users") == 8, "the crowd is known", 60, 0.1)
        self.rule(departments=["Crowd"])
        until(self.skipped, "somebody is skipped", 60, 0.1)
        self.assertEqual(list(self.skipped().values()), ["no_access"])
        self.assertEqual(len(self.audited("birthright.skipped")), 1)
        self.assertEqual(self.grants(), [])

    def test_f21_separation_of_duties_holds(self):
        number = self.world.ask_for("alex", "notepad++")
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered")
        self.rule(pairs=[[SEVEN_ZIP, "Notepad++.Notepad++", "Nobody has both."]])
        until(self.skipped, "alex is skipped", 60, 0.1)
        self.assertEqual(self.skipped(), {self.world.oid("alex"): "conflict"})
        self.looked()
        self.assertEqual((self.grants(), len(self.audited("birthright.skipped"))), ([], 1))

    def test_1_5_seats_hold(self):
        self.world.command("catalog", "seats", SEVEN_ZIP, "1")
        self.change("lynne", department="Studio")
        self.synced()
        self.rule()
        until(lambda: len(self.grants()) == 1 and self.skipped(), "one has it, one is skipped", 60, 0.1)
        self.assertEqual(list(self.skipped().values()), ["no_seat"])
        self.looked()
        self.assertEqual(self.database.value("select count(*) from requests where by_right"), 1)

    def test_1_5_what_was_given_back_does_not_come_again(self):
        self.rule()
        self.wait_grants("alex")
        number = self.database.value("select request_id from grants")
        self.world.ask("alex", f"confirm return {number}", "given back")
        until(lambda: self.members() == [], "alex has left the group")
        self.looked()
        self.assertEqual(self.grants(), [])

    def test_t11_a_birthright_waits_for_a_second_admin_who_reads_how_many_it_means(self):
        path = self.world.folder / "birthright.json"
        path.write_text(json.dumps({"policies": [{
            "name": "comes with it", "match": {"departments": ["Studio"], "packages": [SEVEN_ZIP]}, "birthright": {}}]}))
        self.assertIn("at most 1 who does not have them", self.world.command("policy", "diff", path))
        self.assertRegex(self.world.command("policy", "import", path), r"change \d+ waits")
        self.assertIn("at most 1 who does not have them", self.world.card_with("megan", "proposal_accept")["text"])
        self.looked()
        self.assertEqual(self.grants(), [])


class TestMovers(JoinersTest):
    def has(self, **rule):
        self.rule(**rule)
        self.wait_grants("alex")
        self.tenant.wait("alex", "7-Zip is ready")

    def until_days(self):
        return self.database.value("select coalesce(round(extract(epoch from expires_at - now()) / 86400), 0)::int from grants")

    def test_1_3_who_moves_keeps_it_for_the_grace_and_is_told(self):
        self.has()
        self.change("alex", department="Sales")
        card = self.tenant.wait("alex", "came with the job that you had")
        self.assertTrue(harness.has_button(card, "grant_extend"))
        self.assertEqual((self.grants(), self.until_days()), (["alex"], 14))
        self.assertEqual(len(self.audited("grant.lapsing")), 1)
        self.world.age(days=15)
        self.wait_grants("alex", state="expired")
        until(lambda: self.members() == [], "alex has left the group", 60, 0.1)
        self.looked()
        self.assertEqual(self.grants(), [])
        self.world.check()

    def test_1_3_who_comes_back_within_the_grace_keeps_it(self):
        self.has()
        self.change("alex", department="Sales")
        self.tenant.wait("alex", "came with the job that you had")
        self.change("alex", department="Studio")
        self.tenant.wait("alex", "stays with you after all")
        self.assertEqual((self.grants(), self.until_days()), (["alex"], 0))
        self.world.check()

    def test_1_3_without_grace_it_ends_at_once(self):
        self.has(grace_days=0)
        self.change("alex", department="Sales")
        self.tenant.wait("alex", "is being taken from your computer")
        self.wait_grants("alex", state="revoked")
        until(lambda: self.members() == [], "alex has left the group", 60, 0.1)
        self.world.check()

    def test_1_5_it_lapses_when_the_policy_goes(self):
        self.has()
        self.world.policy([{"name": "other", "priority": 10, "stages": [{"ask": "group"}]}])
        self.tenant.wait("alex", "came with the job that you had")
        self.assertEqual(self.until_days(), 14)


class TestReviews(JoinersTest):
    """Who was given an app by somebody, and has another place now."""

    def has(self):
        """alex of the studio has 7-Zip, which a policy for the studio lets its group decide."""
        self.world.policy([{"name": "studio", "priority": 10, "match": {"departments": ["Studio"]}, "stages": [{"ask": "group"}]}])
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered")
        self.wait_grants("alex")
        return number

    def review(self):
        return self.database.value("select coalesce(max(id), 0) from requests where is_review")

    def moves(self, **changes):
        """alex is elsewhere now, and patti, the manager there, is asked; the number."""
        self.change("alex", **{"department": "Sales", "manager": "patti", **changes})
        until(self.review, "there is a review", 60, 0.1)
        return self.review()

    def test_1_3_who_moves_keeps_it_when_the_new_manager_says_so(self):
        self.has()
        number = self.moves()
        card = self.world.card_of("patti", number)
        self.assertIn("Does Alex Wilber keep 7-Zip?", card["text"])
        self.assertIn("Was in Studio, is in Sales now.", card["text"])
        self.assertEqual(self.asked(number), {"patti": "asked"})
        self.tenant.wait("alex", "somebody has to say whether you keep 7-Zip")
        refused = self.world.ask("alex", f"cancel {number}", "cannot be withdrawn")
        self.assertFalse(harness.has_button(refused, "cancel"))
        self.assertEqual(self.world.state(number), "pending")
        self.world.approve("patti", number)
        self.tenant.wait("alex", f"You keep 7-Zip (request #{number})")
        self.assertEqual((self.world.state(number), self.grants(), self.members()), ("delivered", ["alex"], ["alex"]))
        self.assertEqual(len(self.audited("grant.kept")), 1)
        self.synced()
        self.assertEqual(self.review(), number)  # one move, one question
        self.world.check()

    def test_1_3_what_the_new_manager_rejects_goes_at_once(self):
        self.has()
        number = self.moves()
        self.world.card_of("patti", number)
        self.world.ask("patti", f"reject {number} sales has an archive server")
        self.tenant.wait("alex", "sales has an archive server")
        self.wait_grants("alex", state="revoked")
        until(lambda: self.members() == [], "alex has left the group", 60, 0.1)
        self.world.ask("patti", f"undo {number}", "no decision")
        self.assertEqual(self.world.state(number), "rejected")
        self.world.check()

    def test_1_3_what_nobody_answers_ends_after_a_last_notice(self):
        self.has()
        number = self.moves()
        for asked in ("patti", "megan"):  # an app without an owner: the admins come next
            self.world.card_of(asked, number)
            self.world.age(days=8)
        self.world.wait_state(number, "expired")
        told = self.tenant.wait("alex", "Nobody has said whether you keep 7-Zip")
        self.assertTrue(harness.has_button(told, "grant_extend"))
        self.assertEqual(self.database.value("select ceil(extract(epoch from expires_at - now()) / 86400)::int from grants"), 14)
        self.world.age(days=15)
        self.wait_grants("alex", state="expired")
        self.world.check()

    def test_1_3_another_job_title_is_a_move_and_the_manager_may_give_days(self):
        self.change("alex", jobTitle="Editor")
        self.synced()
        self.world.policy([{"name": "editors", "priority": 10, "match": {"titles": ["Editor"]}, "stages": [{"ask": "group"}]}])
        self.world.approve("megan", self.world.ask_for("alex", "7zip"))
        self.wait_grants("alex")
        number = self.moves(department="Studio", jobTitle="Buyer")
        self.assertIn("Was Editor, is Buyer now.", self.world.card_of("patti", number)["text"])
        self.world.ask("patti", f"approve {number} 30 days")
        self.tenant.wait("alex", "You keep 7-Zip until")
        self.assertEqual(self.database.value("select ceil(extract(epoch from expires_at - now()) / 86400)::int from grants"), 30)
        self.world.check()

    def test_1_3_under_the_same_policy_nobody_is_asked(self):
        self.has()
        self.change("alex", manager="patti")
        until(lambda: self.audited("user.moved"), "alex has moved", 60, 0.1)
        self.synced()
        self.assertEqual((self.review(), self.grants()), (0, ["alex"]))

    def test_1_3_a_question_about_what_was_given_back_is_over(self):
        origin = self.has()
        number = self.moves()
        self.world.card_of("patti", number)
        self.world.wait_notices()
        back = self.world.ask("alex", f"return {origin}", "7-Zip")
        self.tenant.press("alex", "grant_return_yes", activity=back["id"])
        self.world.wait_state(number, "cancelled")
        self.wait_no_buttons("patti", number)
        self.world.check()


if __name__ == "__main__":
    unittest.main(verbosity=2)
