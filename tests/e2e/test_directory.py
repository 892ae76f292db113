# SPDX-License-Identifier: Apache-2.0
"""The organisation changes while requests are open: people leave, move and change managers, groups empty and vanish.
Methods begin with the promise they are about (docs/internals/directory.md)."""
import json
import unittest

import harness
from processes import until
from tenant import Refused

MEGAN, ADELE, ISAIAH, ALEX, LYNNE, PATTI = (harness.guid(tail) for tail in ("21", "22", "23", "20", "25", "24"))


class DirectoryTest(harness.WorldTest):
    settings = {"graph.directory_every_s": "1"}

    # ---- the organisation ----

    def synced(self):
        """A round of the directory has ended that began after now."""
        between = "select clock_timestamp() from jobs where kind = 'directory' and state <> 'running'"  # what is asked next is asked later
        before = until(lambda: self.database.value(between), "no round is under way", 60, 0.01)
        until(lambda: self.database.value(
            f"select count(*) from directory_sync where full_at is not null and synced_at > '{before}'::timestamptz") == 1,
            "the directory was asked", 60, 0.1)
        until(lambda: self.database.value("select count(*) from jobs where kind = 'person' and state <> 'succeeded'") == 0,
              "everybody's news were followed", 60, 0.1)

    def begin(self):
        super().begin()
        self.synced()

    def change(self, who, **what):
        self.tenant.post(f"people/{who}", what)

    def policy(self, **members):
        body = {"name": "test", "priority": 10, **members}
        text = json.dumps(body).replace("'", "''")
        tenant = "(select tenant_id from portal_settings limit 1)"
        self.database.execute(
            "insert into policies (tenant_id, name, version, priority, body, created_by) "
            f"values ({tenant}, 'test', 1, 10, '{text}', 'cli')")
        self.database.execute(f"insert into policies_active (tenant_id, name, version) values ({tenant}, 'test', 1)")

    # ---- what came of it ----

    def asked(self, number):
        """Who was asked in the present stage: key -> state."""
        names = {person["id"]: person["key"] for person in self.tenant.get("people")["people"]}
        rows = self.database.rows(
            "select a.oid, a.state from stage_approvers a join requests r on r.id = a.request_id and r.stage = a.ordinal "
            f"where r.id = {number}")
        return {names.get(row["oid"], row["oid"]): row["state"] for row in rows}

    def wait_asked(self, number, expected):
        until(lambda: self.asked(number) == expected, f"#{number} asks {expected} ({self.asked(number)})", 60, 0.1)

    def audited(self, action):
        return self.database.rows(f"select entity_id, details from audit_logs where action = '{action}' order by id")

    def buttons_of(self, who, number):
        """Whether any card of this person still lets them approve the request."""
        return any(harness.has_button(entry, "approve") for entry in self.tenant.shown(who) if f"#{number}" in entry["text"])

    def wait_no_buttons(self, who, number):
        until(lambda: not self.buttons_of(who, number), f"{who}'s copies of #{number} have no buttons", 30, 0.1)


class TestSync(DirectoryTest):
    def user(self, who):
        return self.database.rows(
            f"select state, manager_oid, department, guest, name from users where oid = '{self.world.oid(who)}'")[0]

    def entry(self, who, card):
        """The card as it is now."""
        return [entry for entry in self.tenant.shown(who) if entry["id"] == card["id"]][-1]

    def test_everybody_is_known_with_manager_and_department(self):
        self.assertEqual(self.database.value("select count(*) from users"), 7)
        self.assertEqual(self.user("alex"), {
            "state": "active", "manager_oid": ISAIAH, "department": "Marketing", "guest": False, "name": "Alex Wilber"})
        self.assertTrue(self.user("nora")["guest"])
        self.assertEqual(self.database.value("select count(*) from audit_logs where action like 'user.%'"), 0)

    def test_what_changes_is_audited_once(self):
        self.change("alex", manager="megan", department="Sales")
        self.change("lynne", enabled=False)
        until(lambda: self.audited("user.moved") and self.audited("user.disabled"), "both are audited")
        self.change("lynne", enabled=True)
        until(lambda: self.audited("user.enabled"), "lynne is back")
        self.tenant.delete("people/patti")
        until(lambda: self.audited("user.deleted"), "patti is gone")
        self.synced()
        moved = self.audited("user.moved")
        self.assertEqual([row["entity_id"] for row in moved], [ALEX])
        details = moved[0]["details"] if isinstance(moved[0]["details"], dict) else json.loads(moved[0]["details"])
        self.assertEqual(details, {
            "manager": MEGAN, "manager_before": ISAIAH, "department": "Sales", "department_before": "Marketing",
            "job_title": "Assistant", "job_title_before": "Assistant"})
        for action, oid in (("user.disabled", LYNNE), ("user.enabled", LYNNE), ("user.deleted", PATTI)):
            self.assertEqual([row["entity_id"] for row in self.audited(action)], [oid], action)
        self.world.check()

    def test_a_forgotten_link_leads_to_a_full_round(self):
        self.assertEqual(self.world.stop_service(), 0)
        self.change("lynne", enabled=False)
        self.tenant.post("delta/expire", {})
        self.world.start_service()
        until(lambda: self.audited("user.disabled"), "lynne's account is closed")
        self.assertTrue([call for call in self.tenant.calls(surface="graph", path="users/delta") if call["status"] == 410])

    def test_admins_hear_that_it_fails_and_that_it_works_again(self):
        self.tenant.say("megan", "help")  # an admin whom the counter has seen
        shown = "following who joins, moves and leaves"
        self.tenant.fault(match="graph", contains="users/delta", status=403, count=1, body={
            "error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges"}})
        card = self.tenant.wait("megan", shown)
        self.assertIn("Insufficient privileges", card["text"])
        number = self.database.value("select id from jobs where kind = 'directory'")
        self.assertEqual(self.database.value(f"select state from jobs where id = {number}"), "retry_wait")
        self.tenant.say("megan", "jobs")
        self.tenant.wait("megan", f"#{number} {shown}", after=card["seq"])
        self.tenant.say("megan", f"give up {number} not needed")
        self.tenant.wait("megan", f"AppDesk needs job #{number}", after=card["seq"])
        self.tenant.press("megan", "retry", activity=card["id"])
        until(lambda: "Done" in self.entry("megan", card)["text"], "the same card says that it works")
        self.assertFalse(harness.has_button(self.entry("megan", card), "retry"))
        # The next time is told anew, though the directory does not even say who is an admin.
        self.tenant.fault(match="graph", status=403, count=1000)
        until(lambda: [e for e in self.tenant.shown("megan", after=card["seq"])
                       if shown in e["text"] and e["id"] != card["id"] and harness.has_button(e, "retry")], "a new card", 60)

    def test_who_vanished_while_nobody_looked_is_found_by_the_full_round(self):
        self.world.stop_service()
        self.tenant.delete("people/patti")
        self.tenant.post("delta/expire", {})  # the link that would have told of it is gone
        self.world.start_service()
        until(lambda: self.audited("user.deleted"), "patti is gone")
        self.assertEqual(self.database.value("select count(*) from users where state = 'deleted'"), 1)

    def test_a_list_that_is_wrong_takes_nothing_from_anybody(self):
        """The changes say that somebody was deleted; asked for by id, the person is there."""
        base = f"{self.tenant.base}/graph"
        self.tenant.fault(match="graph", contains="users/delta", status=200, body={
            "value": [{"id": ALEX, "@removed": {"reason": "deleted"}}],
            "@odata.deltaLink": f"{base}/v1.0/users/delta?$deltatoken=none"})
        number = self.world.ask_for("alex", "7zip")
        until(lambda: self.database.value("select count(*) from jobs where kind = 'person' and state = 'succeeded'") == 1,
              "alex was looked up")
        self.assertEqual(self.user("alex")["state"], "active")
        self.assertEqual(self.world.state(number), "pending")
        self.assertEqual(self.audited("user.deleted"), [])


class TestE6Leaver(DirectoryTest):
    def test_e6_an_open_request_of_a_leaver_is_cancelled(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("megan", number)
        self.change("alex", enabled=False)
        self.world.wait_state(number, "cancelled")
        self.assertEqual(self.database.value(f"select reason from requests where id = {number}"), "leaver")
        self.wait_no_buttons("megan", number)
        self.wait_no_buttons("adele", number)
        self.assertEqual([row["entity_id"] for row in self.audited("request.closed")], [str(number)])
        self.world.ask("megan", f"approve {number}")
        self.assertEqual(self.world.state(number), "cancelled")
        self.world.check()

    def test_e6_a_package_job_goes_on_only_if_others_wait(self):
        self.tenant.fault(match="cdn", status=503, count=-1)
        first, second = self.world.ask_for("alex", "7zip"), self.world.ask_for("lynne", "7zip")
        self.world.approve("megan", first)
        self.world.approve("megan", second)
        job = "select state from jobs where kind = 'package'"
        self.tenant.delete("people/alex")
        self.world.wait_state(first, "cancelled")
        self.assertNotEqual(self.database.value(job), "cancelled")
        self.change("lynne", enabled=False)
        self.world.wait_state(second, "cancelled")
        until(lambda: self.database.value(job) == "cancelled", "nobody waits any more")
        self.assertEqual(self.tenant.intune_apps(), [])

    def test_e6_what_a_leaver_holds_is_revoked(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered")
        self.change("alex", enabled=False)
        until(lambda: self.database.value("select state from grants") == "revoked", "the grant is revoked")
        self.assertEqual(
            self.database.rows("select end_reason, ended_by from grants"), [{"end_reason": "leaver", "ended_by": "system"}])
        self.assertEqual(len(self.audited("grant.revoked")), 1)
        app = self.database.value("select group_id from apps where name = '7-Zip'")
        until(lambda: self.tenant.group(app)["members"] == [], "the membership is gone")
        self.world.check()

    def test_e6_delegations_of_and_to_a_leaver_end(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("megan", number)
        self.world.ask("megan", "delegate to Lynne Robbins until 2026-12-20")
        self.world.ask("lynne", "delegate to Patti Fernandez until 2026-12-20")
        self.world.ask("isaiah", "delegate to Patti Fernandez until 2026-12-20")
        live = "select from_oid from delegations where ended_at is null"
        self.assertEqual(sorted(self.database.column(live)), [MEGAN, ISAIAH, LYNNE])
        self.change("lynne", enabled=False)
        until(lambda: self.database.column(live) == [ISAIAH], "two have ended")
        self.assertEqual(len(self.audited("delegation.ended")), 2)
        self.world.approve("megan", number)  # the seat is hers again
        self.assertNotEqual(self.world.state(number), "pending")


class TestE5ApproverLeft(DirectoryTest):
    def test_e5_others_of_the_slate_go_on(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("adele", number)
        self.change("adele", enabled=False)
        self.wait_asked(number, {"megan": "asked", "adele": "left"})
        self.wait_no_buttons("adele", number)
        self.assertTrue(self.buttons_of("megan", number))
        self.world.approve("megan", number)
        self.assertNotEqual(self.world.state(number), "pending")

    def test_e5_the_stage_goes_to_the_alternates_when_nobody_is_left(self):
        self.policy(stages=[{"ask": {"user": LYNNE}, "alternates": [{"user": PATTI}]}])
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("lynne", number)
        self.tenant.delete("people/lynne")
        self.wait_asked(number, {LYNNE: "left", "patti": "asked"})
        self.tenant.wait("alex", "Patti Fernandez")
        self.world.approve("patti", number)
        self.assertNotEqual(self.world.state(number), "pending")

    def test_e5_who_leaves_the_group_is_not_asked_any_more(self):
        """Nobody left the organisation, only the group."""
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("adele", number)
        self.tenant.post("groups/Approvers/members", {"remove": ["adele"]})
        self.wait_asked(number, {"megan": "asked", "adele": "left"})
        self.wait_no_buttons("adele", number)

    def test_e5_a_new_member_is_asked_when_all_others_have_left(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("adele", number)
        self.tenant.post("groups/Approvers/members", {"remove": ["adele", "megan"], "add": ["isaiah"]})
        self.wait_asked(number, {"megan": "left", "adele": "left", "isaiah": "asked"})
        self.world.approve("isaiah", number)
        self.assertNotEqual(self.world.state(number), "pending")

    def test_g4_somebody_hears_when_nobody_is_left(self):
        self.policy(stages=[{"ask": {"user": LYNNE}}])
        self.world.command("settings", "set", "AdminGroupId", harness.guid("a4"))  # patti alone
        number = self.world.ask_for("patti", "7zip")
        self.world.card_of("lynne", number)
        self.change("lynne", enabled=False)
        self.tenant.wait("patti", "nobody can decide")
        self.assertEqual(self.world.state(number), "pending")
        self.assertEqual(self.asked(number), {"lynne": "left"})
        self.assertEqual(self.database.value("select count(*) from decisions"), 0)


class TestE7Mover(DirectoryTest):
    def test_e7_a_new_manager_is_asked_where_the_policy_follows(self):
        self.policy(stages=[{"ask": "manager"}])
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("isaiah", number)
        self.change("alex", manager="patti")
        self.wait_asked(number, {"isaiah": "replaced", "patti": "asked"})
        self.wait_no_buttons("isaiah", number)
        self.tenant.wait("alex", "Patti Fernandez")
        try:
            self.tenant.press("isaiah", "approve", activity=card["id"])
        except Refused:
            pass  # the button is gone
        self.world.ask("isaiah", f"approve {number}")
        self.assertEqual(self.world.state(number), "pending")
        self.world.approve("patti", number)
        self.assertNotEqual(self.world.state(number), "pending")
        self.world.check()

    def test_e7_the_manager_at_submit_decides_where_the_policy_does_not_follow(self):
        self.policy(stages=[{"ask": "manager"}], follow=False)
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("isaiah", number)
        self.change("alex", manager="patti")
        until(lambda: self.audited("user.moved"), "alex has moved")
        self.synced()
        self.assertEqual(self.asked(number), {"isaiah": "asked"})
        self.world.ask("patti", f"approve {number}")
        self.assertEqual(self.world.state(number), "pending")
        self.world.approve("isaiah", number)
        self.assertNotEqual(self.world.state(number), "pending")

    def test_e7_a_stage_that_opens_later_asks_the_manager_of_then(self):
        self.policy(stages=[{"ask": "group"}, {"ask": "manager"}])
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("adele", number)
        self.change("alex", manager="patti")
        self.world.approve("adele", number)
        self.wait_asked(number, {"patti": "asked"})
        self.assertFalse(self.buttons_of("isaiah", number))

    def test_e7_the_manager_at_submit_is_asked_later_where_the_policy_does_not_follow(self):
        self.policy(stages=[{"ask": "group"}, {"ask": "manager"}], follow=False)
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("adele", number)
        self.change("alex", manager="patti")
        self.world.approve("adele", number)
        self.wait_asked(number, {"isaiah": "asked"})


class TestF6Manager(DirectoryTest):
    def test_f6_the_manager_is_asked_and_nobody_else(self):
        self.policy(stages=[{"ask": "manager", "alternates": ["group"]}])
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("isaiah", number)
        self.assertEqual(self.asked(number), {"isaiah": "asked"})
        self.assertFalse(self.buttons_of("megan", number))

    def test_f6_without_a_manager_the_fallback_is_asked_and_the_requester_told(self):
        self.policy(stages=[{"ask": "manager", "alternates": ["group"]}])
        self.change("alex", manager=None)
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("megan", number)
        self.assertEqual(self.asked(number), {"adele": "asked", "megan": "asked"})
        self.tenant.wait("alex", "Adele Vance")
        self.world.approve("adele", number)
        self.assertNotEqual(self.world.state(number), "pending")

    def test_f6_a_manager_whose_account_is_closed_is_no_manager(self):
        self.policy(stages=[{"ask": "manager", "alternates": ["group"]}])
        self.change("isaiah", enabled=False)
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("megan", number)
        self.assertEqual(self.asked(number), {"adele": "asked", "megan": "asked"})


class TestF41LiveMembership(DirectoryTest):
    settings = {"graph.directory_every_s": "86400"}  # no round helps: the click itself asks

    def synced(self):
        until(lambda: self.database.value("select count(*) from directory_sync where full_at is not null") == 1,
              "the first round has ended", 60, 0.1)

    def test_f41_a11_who_left_the_group_is_refused_at_the_next_click(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("adele", number)
        self.tenant.post("groups/Approvers/members", {"remove": ["adele"]})
        pressed = self.tenant.press("adele", "approve", activity=card["id"])
        self.assertIn("You are no longer an approver", str(pressed["message"] or pressed["entry"]["text"]))
        self.assertEqual(self.world.state(number), "pending")
        self.assertEqual(self.database.value("select count(*) from decisions"), 0)
        self.assertEqual(self.world.actions(number)[-1], "decision.refused")

    def test_f41_who_joined_the_group_may_decide_at_once(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("adele", number)
        self.tenant.post("groups/Approvers/members", {"add": ["isaiah"]})
        self.world.ask("isaiah", f"approve {number}", f"#{number}")
        self.assertNotEqual(self.world.state(number), "pending")


class TestE22Groups(DirectoryTest):
    CROWD = 1200
    CARDS = 50  # AD_DESK_CARDS_MAX

    def group_policy(self, name):
        self.policy(stages=[{"ask": {"group": self.tenant.group(name)["id"]}}])

    def test_e22_of_an_empty_group_others_are_asked(self):
        self.tenant.post("groups", {"name": "Nobody"})
        self.group_policy("Nobody")
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("megan", number)  # the admins, for the app has no owner
        self.assertEqual(self.asked(number), {"megan": "asked"})
        self.world.approve("megan", number)
        self.assertNotEqual(self.world.state(number), "pending")

    def test_e22_a_group_in_a_group_counts(self):
        self.tenant.post("groups", {"name": "Inner", "members": ["lynne"]})
        self.tenant.post("groups", {"name": "Outer", "members": ["Inner"]})
        self.group_policy("Outer")
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("lynne", number)
        self.assertNotEqual(self.world.state(number), "pending")

    def test_e22_a_deleted_group_leaves_nobody_asked_in_vain(self):
        self.tenant.post("groups", {"name": "Deciders", "members": ["lynne", "patti"]})
        self.group_policy("Deciders")
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("lynne", number)
        self.tenant.delete("groups/Deciders")
        self.wait_asked(number, {"lynne": "left", "patti": "left", "megan": "asked"})
        self.wait_no_buttons("lynne", number)
        self.world.approve("megan", number)
        self.assertNotEqual(self.world.state(number), "pending")

    def test_e22_of_a_large_group_fifty_get_a_card_and_all_may_decide(self):
        self.tenant.post("groups", {"name": "Crowd", "crowd": self.CROWD})
        self.group_policy("Crowd")
        numbers = [self.world.ask_for(who, "7zip") for who in ("alex", "lynne")]
        cards = {}
        for number in numbers:
            cards[number] = set(self.database.column(
                f"select distinct recipient_oid from outbox where card = 'approval' and request_id = {number}"))
            self.assertEqual(len(cards[number]), self.CARDS)
        self.assertNotEqual(*cards.values())  # the load goes round
        without = next(key for key in (f"crowd{n}" for n in range(self.CROWD, 0, -1))
                       if self.world.oid(key) not in cards[numbers[0]])
        self.world.ask(without, f"approve {numbers[0]}", f"#{numbers[0]}")
        self.assertNotEqual(self.world.state(numbers[0]), "pending")


class TestBrake(DirectoryTest):
    """1.3: when very many people seem to have left at once, nothing follows before an admin says so."""
    settings = {"graph.directory_every_s": "1", "graph.brake_people": "5"}
    CROWD = [f"crowd{n}" for n in range(1, 9)]
    SIX = ["alex", *CROWD[:5]]

    def begin(self):
        super().begin()
        self.tenant.post("groups", {"name": "Crowd", "crowd": len(self.CROWD)})
        self.tenant.post("delta/expire", {})  # a crowd is no news: the full round tells of it
        until(lambda: self.known() == 7 + len(self.CROWD), "the crowd is known", 20, 0.1)
        self.number = self.world.ask_for("alex", "7zip")

    def known(self):
        return self.database.value("select count(*) from users where acted_state = 'active'")

    def leave(self, *who, back=False):
        """In one round, as the directory sees it."""
        self.world.stop_service()
        for key in who:
            self.change(key, enabled=back)
        self.world.start_service()

    def card(self):
        return self.world.card_with("megan", "directory_resume")

    def brake(self):
        return self.database.value("select id from directory_brakes")

    def followed(self):
        return self.database.value("select count(*) from jobs where kind = 'person'")

    def rounds(self, count=2):
        for _ in range(count):
            before = self.database.value("select clock_timestamp()")
            until(lambda: self.database.value(
                f"select count(*) from directory_sync where synced_at > '{before}'::timestamptz") == 1, "a round", 60, 0.1)

    def test_1_3_a_mass_of_leavers_waits_for_an_admin(self):
        self.leave(*self.SIX)
        card = self.card()
        self.assertIn("6 people have left", card["text"])
        self.rounds()
        self.assertEqual((self.followed(), self.world.state(self.number)), (0, "pending"))
        self.assertEqual(len([e for e in self.tenant.shown("megan") if harness.has_button(e, "directory_resume")]), 1)
        pressed = self.tenant.press("megan", "directory_resume", activity=card["id"])
        self.assertIn("6 people are looked up", pressed["entry"]["text"])
        self.world.wait_state(self.number, "cancelled")
        until(lambda: self.known() == 9, "all of them are followed", 60, 0.1)
        self.assertEqual([len(self.audited(f"directory.{what}")) for what in ("braked", "released", "mended")], [1, 1, 0])
        self.world.ask("megan", f"resume directory {self.brake()}", "Megan Bowen has said so already")
        self.world.check()

    def test_1_3_few_leavers_do_not_wait(self):
        self.leave(*self.SIX[:4])
        self.world.wait_state(self.number, "cancelled")
        self.assertEqual(self.audited("directory.braked"), [])

    def test_1_3_a_full_round_that_misses_many_waits(self):
        self.world.stop_service()
        for who in self.SIX:
            self.tenant.delete(f"people/{who}")
        self.tenant.post("delta/expire", {})
        self.world.start_service()
        self.card()
        self.assertEqual((self.followed(), self.world.state(self.number)), (0, "pending"))
        self.world.ask("megan", f"resume directory {self.brake()}", "looked up")
        until(lambda: len(self.audited("user.deleted")) == 6, "they are gone", 60, 0.1)

    def test_1_3_what_is_mended_in_the_directory_is_over_by_itself(self):
        self.leave(*self.SIX)
        self.card()
        self.leave(*self.SIX[1:], back=True)
        self.rounds()
        self.assertEqual((self.followed(), self.world.state(self.number)), (0, "pending"))  # one still waits for a word
        self.leave("alex", back=True)
        until(lambda: self.audited("directory.mended"), "it is over", 60, 0.1)
        self.world.ask("megan", "directory", "Nothing of what the directory says waits")
        self.world.ask("megan", f"resume directory {self.brake()}", "over by itself")
        self.assertEqual(self.followed(), 0)
        self.world.check()

    def test_1_3_more_than_were_shown_are_shown_first(self):
        self.leave(*self.SIX)
        old = self.card()
        self.leave(*self.CROWD[5:7])
        self.rounds()
        pressed = self.tenant.press("megan", "directory_resume", activity=old["id"])
        self.assertIn("8 people have left", pressed["entry"]["text"])
        self.assertEqual(self.followed(), 0)
        self.tenant.press("megan", "directory_resume", activity=pressed["entry"]["id"])
        until(lambda: self.known() == 7, "all of them are followed", 60, 0.1)

    def test_1_3_typed_words_are_for_admins_alone(self):
        self.leave(*self.SIX)
        self.card()
        self.world.ask("adele", f"resume directory {self.brake()}", "admin")
        self.world.ask("megan", "directory", "6 people have left")
        self.world.ask("megan", "resume directory 99", "Nothing of what")
        self.assertEqual(self.followed(), 0)
        self.world.age(days=1)
        until(lambda: len([e for e in self.tenant.shown("megan") if harness.has_button(e, "directory_resume")]) == 3,
              "told again after a day", 60, 0.1)


class TestG19Drift(DirectoryTest):
    settings = {"graph.directory_every_s": "1", "graph.drift_every_s": "1"}

    def begin(self):
        super().begin()
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("adele", number)
        self.world.wait_state(number, "delivered")
        self.app, self.group = self.database.rows("select id, group_id from apps where name = '7-Zip'")[0].values()

    def members(self):
        return sorted(self.tenant.group(self.group)["members"])

    def add(self, *who):
        self.tenant.post(f"groups/{self.group}/members", {"add": list(who)})

    def states(self):
        return {row["oid"]: row["state"] for row in self.database.rows("select oid, state from drifts")}

    def looked(self):
        """Every group was looked at that began after now."""
        before = self.database.value("select clock_timestamp()")
        for _ in range(2):
            until(lambda: self.database.value(
                f"select count(*) from apps where group_id <> '' and drift_at <= '{before}'::timestamptz") == 0, "looked", 60, 0.1)
            before = self.database.value("select clock_timestamp()")

    def cards(self):
        return [entry for entry in self.tenant.shown("megan") if harness.has_button(entry, "drift_adopt")]

    def test_g19_members_without_a_grant_are_put_before_the_admins_once(self):
        self.looked()
        self.assertEqual(self.states(), {})
        self.add("lynne", "patti")
        until(self.cards, "megan has a card")
        self.looked()
        shown = self.cards()
        self.assertEqual(len(shown), 1)
        for name in ("Lynne Robbins", "Patti Fernandez"):
            self.assertIn(name, shown[0]["text"])
        self.assertEqual(self.states(), {LYNNE: "open", PATTI: "open"})
        self.assertFalse([e for e in self.tenant.shown("adele") if harness.has_button(e, "drift_adopt")])
        self.world.check()

    def test_g19_adopted_they_have_a_grant(self):
        self.add("lynne")
        card = until(self.cards, "megan has a card")[0]
        self.tenant.press("megan", "drift_adopt", activity=card["id"])
        self.assertEqual(self.states(), {LYNNE: "adopted"})
        self.assertEqual(
            self.database.value(f"select count(*) from grants where oid = '{LYNNE}' and state = 'active' and expires_at is null"), 1)
        self.assertEqual([row["entity_id"] for row in self.audited("drift.adopted")], [str(self.app)])
        self.looked()
        self.assertEqual(self.members(), ["alex", "lynne"])
        self.assertEqual(len(self.cards()), 1)
        self.world.check()

    def test_g19_removed_they_leave_the_group(self):
        self.add("lynne")
        card = until(self.cards, "megan has a card")[0]
        self.tenant.press("megan", "drift_remove", activity=card["id"])
        until(lambda: self.members() == ["alex"], "lynne has left the group")
        self.looked()
        self.assertEqual(self.states(), {LYNNE: "removed"})
        self.assertEqual(len(self.audited("drift.removed")), 1)

    def test_g19_ignored_nothing_is_said_for_thirty_days(self):
        self.add("lynne")
        until(self.cards, "megan has a card")
        self.world.ask("megan", f"ignore drift {self.app}", "30 days")
        self.looked()
        self.assertEqual(self.states(), {LYNNE: "ignored"})
        self.assertEqual(len(self.cards()), 1)
        self.assertEqual(self.members(), ["alex", "lynne"])
        self.database.execute("update drifts set until = now() - interval '1 s'")
        until(lambda: len(self.cards()) == 2, "they are found again")

    def test_g19_typed_words_show_and_act_for_admins_alone(self):
        self.add("lynne")
        until(self.cards, "megan has a card")
        self.world.ask("megan", "drift", "Lynne Robbins")
        self.world.ask("adele", "drift")
        self.world.ask("adele", f"remove drift {self.app}")
        self.assertEqual(self.states(), {LYNNE: "open"})
        self.world.ask("megan", f"adopt drift {self.app}", "has a grant now")
        self.world.ask("megan", "drift", "Nobody")

    def test_g19_a_member_with_a_grant_is_put_back(self):
        self.tenant.post(f"groups/{self.group}/members", {"remove": ["alex"]})
        self.looked()
        self.assertEqual(self.members(), [])  # young grants are left alone: the directory may be behind
        self.database.execute("update grants set started_at = now() - interval '1 hour'")
        until(lambda: self.members() == ["alex"], "alex is back")
        until(lambda: self.audited("grant.drift"), "it is in the trail")
        self.assertEqual(self.states(), {})
        self.world.check()


if __name__ == "__main__":
    unittest.main(verbosity=2)
