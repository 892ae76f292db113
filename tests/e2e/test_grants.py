# SPDX-License-Identifier: Apache-2.0
"""Grants over time: they end by themselves, are extended, given back, taken away, and there are only so many."""
import unittest

import harness

DAY = 24
LOOK_S = 30


class GrantTest(harness.WorldTest):
    def grant(self, who="alex", app="7zip", days=30, approver="adele"):
        """From words to a grant of so many days; the request's number."""
        number = self.world.ask_for(who, app)
        if days:
            self.database.execute(f"update requests set wanted_days = {days} where id = {number}")
        self.world.approve(approver, number)
        self.world.wait_state(number, "delivered", 120)
        self.world.wait_notices()  # the card that tells of it is there
        return number

    def later(self, hours):
        """So much time has passed."""
        self.world.age(hours=hours)

    def grant_state(self, number):
        return self.database.value(f"select state from grants where request_id = {number}")

    def wait_grant(self, number, state):
        harness.until(lambda: self.grant_state(number) == state, f"the grant of #{number} is {state}", LOOK_S, 0.1)

    def wait_removed(self, number):
        harness.until(lambda: self.database.value(f"select count(*) from grants where request_id = {number} and removed_at is not null"),
                      f"the membership of #{number} is gone", LOOK_S, 0.1)

    def members(self, number):
        """Keys of who is in the app's group."""
        group = self.database.value(f"select group_id from grants where request_id = {number}")
        return self.tenant.group(group)["members"]

    def events(self, action):
        return self.database.value(f"select count(*) from audit_logs where action = '{action}'")

    def days_left(self, number):
        return self.database.value(
            f"select round(extract(epoch from expires_at - now()) / 86400)::int from grants where request_id = {number}")


class TestGrants(GrantTest):
    def test_F17_R6_a_grant_ends_by_itself_with_one_event_and_a_notice(self):
        number = self.grant(days=30)
        self.assertEqual(self.days_left(number), 30)
        self.assertIn("alex", self.members(number))
        again = self.tenant.press("alex", "form", activity=self.world.ask("alex", "7zip", "what I found")["id"])
        self.assertIn("You have 7-Zip already, until", str(again["message"] or again["entry"]["text"]))
        self.later(30 * DAY - 1)
        self.assertEqual(self.grant_state(number), "active")
        self.later(2)
        self.wait_grant(number, "expired")
        self.tenant.wait("alex", "Your time with 7-Zip is over")
        self.wait_removed(number)
        self.assertNotIn("alex", self.members(number))
        self.assertEqual(self.events("grant.expired"), 1)
        self.assertIn("its time was over", self.world.ask("alex", f"history {number}", "What happened")["text"])
        self.world.check()

    def test_F17_without_a_wish_for_days_it_is_for_good(self):
        number = self.grant(days=0)
        self.assertEqual(self.database.value("select count(*) from grants where expires_at is null"), 1)
        self.assertEqual(self.database.value("select count(*) from jobs where kind = 'grant'"), 0)
        self.assertIn("You have it", self.world.ask("alex", f"grant {number}", "7-Zip")["text"])

    def test_F17_what_an_approver_narrows_counts(self):
        number = self.world.ask_for("alex", "7zip")
        self.database.execute(f"update requests set wanted_days = 90, granted_days = 7 where id = {number}")
        self.world.approve("adele", number)
        self.world.wait_state(number, "delivered", 120)
        self.assertEqual(self.days_left(number), 7)

    def test_F17_overdue_ends_run_before_everything_else(self):
        """The service was down over the expiry; packages wait, too."""
        number = self.grant(days=30)
        self.world.kill_service()
        last = self.database.value("select max(id) from jobs")
        self.later(31 * DAY)
        self.database.execute("insert into jobs (tenant_id, kind, key, payload, run_at) select tenant_id, 'package', "
                              "'app:' || id, json_build_object('app_id', id), now() - interval '9 days' from apps "
                              "where winget_id <> '7zip.7zip' order by id limit 3")
        self.world.let_time_pass()
        self.world.start_service()
        self.wait_grant(number, "expired")
        self.wait_removed(number)
        harness.until(lambda: self.database.value("select count(*) from jobs where kind = 'package' and fence > 0") > 1,
                      "packages are worked on", LOOK_S)
        self.assertEqual(self.events("grant.expired"), 1)
        self.assertEqual(self.database.value("select count(*) from job_steps where finished_at between now() - interval '1 hour' and "
                                             "(select ended_at from grants) and job_id in (select id from jobs where "
                                             f"kind = 'package' and id > {last})"), 0)

    def test_F17_somebody_else_keeps_the_app(self):
        first, second = self.grant("alex"), self.grant("lynne")
        self.database.execute(f"update grants set expires_at = now() + interval '90 days' where request_id = {second}")
        self.later(31 * DAY)
        self.wait_grant(first, "expired")
        self.wait_removed(first)
        self.assertEqual(self.grant_state(second), "active")
        self.assertIn("lynne", self.members(second))
        self.assertNotIn("alex", self.members(first))

    def test_F17_a_membership_that_cannot_be_removed_is_tried_again(self):
        number = self.grant(days=30)
        self.tenant.fault(match="graph", method="DELETE", contains="/members/", status=503, count=-1)
        self.later(31 * DAY)
        self.wait_grant(number, "expired")
        harness.until(lambda: self.database.value("select count(*) from jobs where kind = 'grant' and state = 'retry_wait'"),
                      "it waits for its next try", LOOK_S)
        self.tenant.clear_faults()
        self.world.let_time_pass()
        self.wait_removed(number)
        self.assertNotIn("alex", self.members(number))
        self.assertEqual(self.events("grant.expired"), 1)

    def test_F18_R15_warned_two_weeks_and_a_day_before_the_end(self):
        number = self.grant(days=30)
        self.later(16 * DAY + 1)
        card = self.world.card_with("alex", "grant_let_end", "Do you still need it?")
        self.assertTrue(harness.has_button(card, "grant_extend"))
        self.assertTrue(harness.has_button(card, "grant_return"))
        self.assertEqual(self.database.value("select warned_days from grants"), 14)
        self.later(13 * DAY)
        harness.until(lambda: self.database.value("select warned_days from grants") == 1, "the second notice", LOOK_S)
        self.world.wait_notices()
        self.assertEqual(len([e for e in self.tenant.shown("alex") if "Do you still need it?" in e["text"]]), 2)
        self.assertEqual(self.grant_state(number), "active")
        self.world.check()

    def test_F18_who_lets_it_end_hears_no_more(self):
        number = self.grant(days=30)
        self.later(16 * DAY + 1)
        card = self.world.card_with("alex", "grant_let_end", "Do you still need it?")
        pressed = self.tenant.press("alex", "grant_let_end", activity=card["id"])
        self.assertIn("you hear no more of it", pressed["entry"]["text"])
        self.later(13 * DAY)
        self.later(1 * DAY)
        self.wait_grant(number, "expired")
        self.assertEqual(self.database.value("select count(*) from outbox where fact like 'grant.%.ending.1.%'"), 0)

    def policy(self, **more):
        self.world.policy([{"name": "tools", "stages": [{"ask": "group"}], **more}])

    def test_F18_R15_an_extension_has_its_own_approval_and_moves_the_end(self):
        number = self.grant(days=30)
        jobs = self.database.value("select count(*) from jobs where kind = 'package'")
        self.later(17 * DAY)
        card = self.world.card_with("alex", "grant_extend", "Do you still need it?")
        self.tenant.press("alex", "grant_extend", activity=card["id"])
        more = self.database.value("select max(id) from requests")
        self.assertEqual(self.world.state(more), "pending")
        self.assertIn("More time: 30 days", self.world.card_of("adele", more)["text"])
        self.assertEqual(self.days_left(number), 13)
        self.world.approve("adele", more)
        self.world.wait_state(more, "delivered")
        self.assertEqual(self.days_left(number), 43)
        self.tenant.wait("alex", "Your time with 7-Zip is extended until")
        self.assertEqual(self.database.value("select count(*) from jobs where kind = 'package'"), jobs)
        self.assertEqual(self.database.value("select count(*) from grants"), 1)
        self.assertEqual(self.events("grant.extended"), 1)
        self.later(29 * DAY + 1)  # the notices begin anew
        harness.until(lambda: self.database.value("select warned_days from grants") == 14, "it is warned of its new end", LOOK_S)
        self.later(15 * DAY)
        self.wait_grant(number, "expired")
        self.wait_removed(number)
        self.world.check()

    def test_F18_a_rejected_extension_changes_nothing(self):
        number = self.grant(days=30)
        self.world.ask("alex", f"extend {number} 10 days", "7-Zip")
        more = self.database.value("select max(id) from requests")
        self.assertEqual(self.database.value(f"select wanted_days from requests where id = {more}"), 10)
        self.world.ask("adele", f"reject {more} not needed any more", "7-Zip")
        self.world.wait_state(more, "rejected")
        self.later(31 * DAY)
        self.wait_grant(number, "expired")
        self.assertEqual(self.events("grant.extended"), 0)

    def test_F18_the_longest_time_counts_with_extensions(self):
        self.policy(grant_days=30, grant_max_days=50)
        number = self.grant(days=30)
        self.world.ask("alex", f"extend {number}", "7-Zip")
        more = self.database.value("select max(id) from requests")
        self.assertEqual(self.database.value(f"select wanted_days from requests where id = {more}"), 20)
        self.world.approve("adele", more)
        self.world.wait_state(more, "delivered")
        self.assertEqual(self.days_left(number), 50)
        self.world.ask("alex", f"extend {number}", "at most 50 days")
        self.assertEqual(self.database.value("select max(id) from requests"), more)

    def test_F18_the_owner_alone_is_asked_where_the_policy_says_so(self):
        self.policy(ask_owner=True)
        number = self.grant(days=30)
        self.database.execute(f"update apps set owner_oid = '{self.world.oid('lynne')}'")
        self.world.ask("alex", f"extend {number}", "7-Zip")
        more = self.database.value("select max(id) from requests")
        self.assertEqual(self.database.column(f"select oid from stage_approvers where request_id = {more}"), [self.world.oid("lynne")])
        self.world.approve("lynne", more)
        self.world.wait_state(more, "delivered")
        self.assertEqual(self.days_left(number), 60)

    def test_F18_approved_too_late_it_says_so(self):
        number = self.grant(days=10)
        self.world.ask("alex", f"extend {number}", "7-Zip")
        more = self.database.value("select max(id) from requests")
        self.later(11 * DAY)
        self.wait_grant(number, "expired")
        self.world.approve("adele", more)
        self.world.wait_state(more, "failed")
        self.tenant.wait("alex", "was over before")

    def verdict(self, number):
        return self.database.rows(f"select works, words, answer, version from verdicts where request_id = {number}")[0]

    def press_copied(self, who, card, verb, **changes):
        """A press on a card that somebody has copied, with other data."""
        button = next(b for b in card["buttons"] if b.get("verb") == verb)
        action = {"type": "Action.Execute", "verb": verb, "data": {**button["data"], **changes}}
        sent = self.tenant.send({"type": "invoke", "name": "adaptiveCard/action", "replyToId": card["id"],
                                 "value": {"action": action, "trigger": "manual"}}, **{"as": who})
        self.assertEqual(sent["status"], 200)

    def test_R14_it_works_is_written_down_once_and_only_by_its_person(self):
        number = self.grant()
        other = self.grant(who="lynne", app="notepad++")
        ready = self.world.card_with("alex", "works", "7-Zip is ready")
        self.press_copied("lynne", ready, "works")
        self.world.ask("lynne", f"works {number}", "no")
        self.assertEqual(self.events("token.refused"), 1)
        self.assertEqual(self.database.value("select count(*) from verdicts"), 0)
        first = self.tenant.press("alex", "works", activity=ready["id"])
        self.assertIn("written down that 7-Zip works", first["entry"]["text"])
        again = self.tenant.send(first["activity"])
        self.assertEqual(again["status"], 200)
        self.assertIn("works for you", self.world.ask("alex", f"works {number}")["text"])
        self.press_copied("alex", ready, "works", rid=other)
        self.assertEqual(self.events("token.refused"), 2)
        self.assertEqual(self.database.column("select request_id from verdicts"), [number])
        self.assertEqual(self.events("verdict.works"), 1)
        self.assertIn("says that it works", self.world.ask("alex", f"history {number}", "What happened")["text"])
        self.world.check()

    def test_R14_what_does_not_work_is_told_to_each_admin_and_the_first_answer_counts(self):
        number = self.grant()
        ready = self.world.card_with("alex", "works_not", "7-Zip is ready")
        said = self.tenant.press("alex", "works_not", {"reason": "It closes <b>at once</b>"}, activity=ready["id"])
        self.assertIn("The admins have what you wrote", said["entry"]["text"])
        self.world.ask("alex", f"does not work {number} at all", "The admins have what you wrote")
        self.assertEqual(self.verdict(number), {"works": False, "words": "It closes <b>at once</b>", "answer": "", "version": 1})
        card = self.world.card_with("megan", "reply", "7-Zip does not work")
        self.assertIn("It closes <b>at once</b>", card["text"])
        self.world.ask("lynne", f"reply {number} Nothing is wrong", "admin")
        empty = self.tenant.press("megan", "reply", {"answer": " "}, activity=card["id"], force=True)
        self.assertIn("Write what to do", empty["message"] or empty["entry"]["text"])
        sent = self.tenant.press("megan", "reply", {"answer": "Restart your computer"}, activity=card["id"])
        self.assertIn("Sent to Alex Wilber", sent["entry"]["text"])
        self.world.ask("megan", f"reply {number} Or reinstall it", "has already answered")
        told = self.world.card_with("alex", "works", "Restart your computer")
        self.tenant.press("alex", "works", activity=told["id"])
        harness.until(lambda: "It works now" in next(e for e in self.tenant.shown("megan") if e["id"] == card["id"])["text"], "the admin's card says so")
        self.assertEqual(self.verdict(number), {"works": True, "words": "", "answer": "", "version": 3})
        self.assertEqual([self.events(f"verdict.{what}") for what in ("broken", "answered", "works")], [1, 1, 1])
        self.world.ask("alex", f"confirm return {number}", "is given back")
        self.world.ask("alex", f"works {number}", "7-Zip")
        self.assertEqual(self.verdict(number)["version"], 3)
        self.world.check()

    def test_F19_a_grant_is_given_back_after_a_question_and_approvers_hear_nothing(self):
        number = self.grant(days=30)
        self.world.wait_notices()
        told = self.database.value("select max(id) from outbox")
        ready = self.world.card_with("alex", "grant_return", "7-Zip is ready")
        asked = self.tenant.press("alex", "grant_return", activity=ready["id"])
        self.assertIn("Give 7-Zip back?", asked["entry"]["text"])
        self.assertEqual(self.grant_state(number), "active")
        done = self.tenant.press("alex", "grant_return_yes", activity=ready["id"])
        self.assertIn("given back", done["entry"]["text"])
        self.assertEqual(self.grant_state(number), "returned")
        self.wait_removed(number)
        self.assertNotIn("alex", self.members(number))
        self.assertEqual(self.events("grant.returned"), 1)
        self.world.wait_notices()
        others = self.database.value(f"select count(*) from outbox where recipient_oid <> '{self.world.oid('alex')}' and id > {told}")
        self.assertEqual(others, 0)
        self.world.check()

    def test_F19_R16_words_do_the_same_and_the_app_can_be_asked_for_again(self):
        number = self.grant(days=30)
        self.assertIn("until", self.world.ask("alex", "grants", "What you have")["text"])
        self.world.ask("alex", "return 7zip", "Give 7-Zip back?")
        self.world.ask("alex", f"confirm return {number}", "is given back")
        self.wait_removed(number)
        again = self.grant(days=30)
        self.assertGreater(again, number)
        self.assertIn("alex", self.members(again))
        self.assertEqual(self.grant_state(again), "active")
        self.world.check()

    def test_F19_nobody_gives_back_what_is_anothers(self):
        number = self.grant(days=30)
        for words in (f"return {number}", f"confirm return {number}", f"let it end {number}", f"grant {number}"):
            self.world.ask("lynne", words, "You have no app")
        self.world.ask("lynne", "return 7zip", "You have no such app")
        self.assertEqual(self.grant_state(number), "active")

    def test_A14_an_approver_takes_it_away_and_says_why(self):
        number = self.grant(days=30)
        self.world.ask("adele", f"revoke {number}", "Please say why")
        self.world.ask("lynne", f"revoke {number} I want it", "You have no app")
        self.assertEqual(self.grant_state(number), "active")
        self.world.ask("adele", f"revoke {number} The licence ended", "is taken from Alex")
        self.assertEqual(self.grant_state(number), "revoked")
        self.tenant.wait("alex", "Adele Vance has taken 7-Zip away from you: The licence ended")
        self.wait_removed(number)
        self.assertNotIn("alex", self.members(number))
        self.assertEqual(self.events("grant.revoked"), 1)
        self.grant(days=30)
        self.world.check()

    def test_R5_R16_A14_who_owns_an_app_hears_once_a_day_what_came_about_without_them(self):
        self.database.execute(f"update apps set owner_oid = '{self.world.oid('lynne')}'")
        self.world.ask("lynne", "hello")
        self.world.policy([{"name": "small things", "automatic": {"max": 9, "window_days": 30}}])
        number = self.world.ask_for("alex", "7zip")
        self.world.wait_state(number, "delivered", 120)
        self.world.ask("alex", f"confirm return {number}", "is given back")
        self.wait_removed(number)
        again = self.world.ask_for("alex", "7zip")
        self.world.wait_state(again, "delivered", 120)
        self.world.ask("megan", f"revoke {again} The licence ended", "is taken from Alex")
        waits = self.database.value("select extract(hour from run_at at time zone 'Europe/Berlin') from jobs where kind = 'news' and state = 'queued'")
        self.assertEqual(waits, 9, "by the owner's own clock")
        self.database.execute("update jobs set run_at = now() where kind = 'news'")
        told = self.tenant.wait("lynne", "News for you")["text"]
        for words in (f"The policy small things approved 7-Zip for Alex Wilber, request #{number}.", f"Alex Wilber has given 7-Zip back, request #{number}.",
                      f"Megan Bowen has taken 7-Zip away from Alex Wilber, request #{again}: The licence ended"):
            self.assertIn(words, told)
        self.world.check()

    def test_R16_an_owner_is_not_told_what_they_did_themselves(self):
        self.database.execute(f"update apps set owner_oid = '{self.world.oid('alex')}'")
        number = self.grant()
        self.world.ask("alex", f"confirm return {number}", "is given back")
        self.assertEqual(self.database.value("select count(*) from held_notices"), 0)

    def test_A14_who_is_no_approver_any_more_takes_nothing_away(self):
        number = self.grant(days=30, approver="adele")
        self.world.members("Approvers", remove=["adele"])
        self.world.ask("adele", f"revoke {number} I was one once", "You have no app")
        self.assertEqual(self.grant_state(number), "active")

    def test_E32_while_it_is_frozen_nothing_ends(self):
        number = self.grant(days=30)
        self.world.command("settings", "set", "Frozen", "true")
        self.world.ask("alex", f"confirm return {number}", "The counter is frozen")
        self.database.execute("update portal_settings set changed_at = now() - interval '40 days' where key = 'Frozen'")
        self.later(31 * DAY)
        harness.until(lambda: self.database.value("select count(*) from jobs where kind = 'grant' and fence > 0 and run_at > now()"),
                      "the grant was looked at", LOOK_S)
        self.assertEqual(self.grant_state(number), "active")
        self.world.command("settings", "set", "Frozen", "false")
        harness.until(lambda: self.days_left(number) > 0, "its end has moved", LOOK_S)


class TestSeats(GrantTest):
    def refused(self, who):
        number = self.world.ask_for(who, "7zip")
        self.world.approve("adele", number)
        self.world.wait_state(number, "failed", 120)
        return number

    def test_E35_without_a_free_seat_a_request_fails_and_waits_in_the_queue(self):
        self.world.command("catalog", "seats", "7zip.7zip", "1")
        first = self.grant("alex", days=0)
        form = self.world.open_form("isaiah", "7zip")
        self.assertIn("All seats (1) are taken", form["text"])
        second, third = self.refused("lynne"), self.refused("patti")
        self.assertEqual(self.database.value(f"select reason from requests where id = {second}"), "No seat is free.")
        self.assertIn("Your place in the queue is 1", self.tenant.wait("lynne", "Your place in the queue")["text"])
        self.assertIn("Your place in the queue is 2", self.tenant.wait("patti", "Your place in the queue")["text"])
        self.assertEqual(self.members(first), ["alex"])
        card = self.world.card_with("megan", "seats", f"#{second}")
        pressed = self.tenant.press("megan", "seats", activity=card["id"])
        listed = self.tenant.wait("megan", "Who has 7-Zip", after=pressed["seq"])
        self.assertIn(f"revoke {first} reason", listed["text"])
        # A seat is given back: the first of the queue is told and asks again with one press.
        self.world.ask("alex", f"confirm return {first}", "is given back")
        told = self.tenant.wait("lynne", "You are the next in the queue")
        self.wait_removed(first)
        form = self.tenant.press("lynne", "form", activity=told["id"])["entry"]
        self.assertIn("0 of 1 seats are taken", form["text"])
        self.tenant.press("lynne", "submit", {"justification": "as before"}, activity=form["id"])
        again = self.database.value("select max(id) from requests")
        self.world.approve("adele", again)
        self.world.wait_state(again, "delivered", 120)
        self.assertEqual(self.members(first), ["lynne"])
        self.assertEqual(self.database.value(f"select count(*) from outbox where recipient_oid = '{self.world.oid('patti')}' "
                                             "and fact like '%.seat_free'"), 0)
        self.assertEqual(self.world.state(third), "failed")
        self.world.check()

    def test_E35_only_as_many_as_there_are_seats_are_served_by_one_job(self):
        self.world.command("catalog", "seats", "7zip.7zip", "2")
        numbers = [self.world.ask_for(who, "7zip") for who in ("alex", "lynne", "patti")]
        self.tenant.fault(match="graph", contains="/deviceAppManagement", status=503, retry_after=1, count=4)
        for number in numbers:
            self.world.approve("adele", number)
        harness.until(lambda: sorted(self.world.state(n) for n in numbers) == ["delivered", "delivered", "failed"], "two of three", 120)
        self.assertEqual(self.database.value("select count(*) from grants where state = 'active'"), 2)
        winner = next(n for n in numbers if self.world.state(n) == "delivered")
        self.assertEqual(len(self.members(winner)), 2)
        self.world.check()

    def test_E35_who_waits_hears_of_a_raised_limit(self):
        self.world.command("catalog", "seats", "7zip.7zip", "1")
        self.grant("alex", days=0)
        self.refused("lynne")
        card = self.world.card_with("megan", "seats", "No seat is free for 7-Zip")
        self.assertEqual(len([b for b in card["buttons"] if b.get("verb") == "seats"]), 2)
        self.world.command("catalog", "seats", "7zip.7zip", "2")
        self.tenant.wait("lynne", "You are the next in the queue")
        self.grant("lynne", days=0)
        self.assertEqual(self.events("catalog.seats"), 2)
        self.world.check()

    def test_E35_seats_are_for_admins(self):
        self.world.ask("lynne", "seats 7zip", "Only admins")
        self.assertIn("There is no limit", self.world.ask("megan", "seats 7zip", "Who has 7-Zip")["text"])


class TestGrantKills(GrantTest):
    """F38: whenever the process dies, a grant ends once, and nothing is lost."""

    def test_F38_killed_anywhere_in_the_end_of_a_grant(self):
        for point in ("before.look", "worked.look", "after.look", "before.membership", "worked.membership", "after.membership"):
            with self.subTest(point=point):
                number = self.grant(days=30)
                self.assertEqual(self.world.stop_service(), 0)
                self.later(31 * DAY)
                self.world.start_service(fault=f"job.{point}=kill", ready=False)
                self.world.service.wait_killed()
                self.world.let_time_pass()
                self.world.start_service()
                self.wait_grant(number, "expired")
                self.wait_removed(number)
                self.assertNotIn("alex", self.members(number))
                self.assertEqual(self.events("grant.expired"), 1)
                self.world.wait_notices()
                told = len([e for e in self.tenant.shown("alex") if "Your time with 7-Zip is over" in e["text"]])
                # Once `look` has committed, its notice may be under way when the process dies, and then it comes twice.
                under_way = point not in ("before.look", "worked.look")
                self.assertIn(told, (1, 2) if under_way else (1,))
                self.world.check(twins=under_way)
            self.begin_again()


if __name__ == "__main__":
    unittest.main(verbosity=2)
