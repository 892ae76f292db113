# SPDX-License-Identifier: Apache-2.0
"""A job that fails is somebody's: admins see what, why and how often, one of them takes it, and who is on call is called."""
import re
import unittest

import harness

CREATE = {"match": "graph", "method": "POST", "contains": "/mobileApps"}
REFUSED = {"error": {"code": "BadRequest", "message": "No: client_secret=hunter2-hunter2&app=7"}}
TRIES = 99  # of a fault that lasts


class TestCare(harness.WorldTest):
    def failing(self, **fault):
        """A job that fails for good: its number and the request's."""
        self.tenant.post("groups/Admins/members", {"add": ["isaiah"]})
        for admin in ("megan", "isaiah"):
            self.world.ask(admin, "help")
        self.tenant.fault(**{**CREATE, "status": 400, "body": REFUSED, "count": TRIES, **fault})
        request = self.world.ask_for("alex", "7zip")
        self.world.approve("adele", request)
        self.card()
        return self.database.value("select id from jobs where kind = 'package'"), request

    def cards(self, who):
        """Copies of the job's card in somebody's chat; each counts once, however often it was changed."""
        return [e for e in self.tenant.shown(who) if harness.has_button(e, "retry")]

    def card(self, who="megan"):
        self.world.wait_notices()
        return self.world.card_with(who, "retry")

    def fails(self, times):
        harness.until(lambda: self.database.value("select failures from jobs where kind = 'package' and state = 'failed'") == times,
                      f"it has failed {times} times")
        self.world.wait_notices()

    def retry(self):
        self.assertEqual(self.tenant.press("megan", "retry", activity=self.card()["id"])["status"], 200)

    def calls(self, who="isaiah"):
        return [e for e in self.tenant.shown(who) if "nobody looks after it yet" in e["text"]]

    def test_d1_admins_have_one_card_with_all_that_matters_and_the_requester_a_softer_word(self):
        job, request = self.failing()
        for who in ("megan", "isaiah"):
            with self.subTest(who):
                card = harness.until(lambda: self.cards(who), f"{who} has the card")
                self.assertEqual(len(card), 1)
                for words in (f"Job #{job}", "7-Zip", "create", "HTTP 400", "Error code", "Attempts", f"#{request} Alex"):
                    self.assertIn(words, card[0]["text"])
                for verb in ("retry", "take_job", "give_up"):
                    self.assertTrue(harness.has_button(card[0], verb), verb)
                self.assertIn("Details", card[0]["text"])
        said = self.tenant.wait("alex", "takes longer")
        self.assertNotIn("HTTP 400", said["text"])
        self.assertEqual(self.cards("alex") + self.cards("adele"), [])

    def test_d1_who_takes_a_job_is_named_on_every_card_and_may_be_relieved(self):
        job, _ = self.failing()
        pressed = self.tenant.press("megan", "take_job", activity=self.card()["id"])
        self.assertIn("Looks after it", pressed["entry"]["text"])
        self.assertFalse(harness.has_button(pressed["entry"], "take_job"))
        self.world.wait_notices()
        theirs = self.card("isaiah")
        self.assertIn("Megan Bowen looks after job", theirs["text"])
        self.assertTrue(harness.has_button(theirs, "take_job"))
        self.world.ask("isaiah", f"take job {job}", "Isaiah Langer looks after job")
        self.world.wait_notices()
        self.assertIn("Isaiah Langer", self.card("megan")["text"])
        self.world.ask("adele", f"take job {job}", "Only admins")
        self.assertEqual(self.database.column("select user_id from audit_logs where action = 'job.assigned' order by seq"),
                         [self.world.oid("megan"), self.world.oid("isaiah")])
        self.tenant.clear_faults()
        self.world.ask("megan", f"retry {job}")
        self.world.wait_state(self.database.value("select id from requests"), "delivered", 120)
        self.assertEqual(self.database.value(f"select assignee_oid from jobs where id = {job}"), "")
        self.world.ask("megan", f"take job {job}", "Done")
        self.assertEqual(self.database.value("select count(*) from audit_logs where action = 'job.assigned'"), 2)

    def test_d2_the_same_failure_changes_the_card_and_counts(self):
        job, _ = self.failing()
        first = {who: self.card(who)["id"] for who in ("megan", "isaiah")}
        for times in (2, 3):
            self.retry()
            self.fails(times)
        for who, activity in first.items():
            shown = self.cards(who)
            self.assertEqual([e["id"] for e in shown], [activity])
            self.assertRegex(shown[0]["text"], r"Failed so far\W+3")
        self.assertEqual(self.database.value("select count(*) from outbox where fact = 'request.1.delayed'"), 1)

    def test_d2_after_so_many_failures_who_is_on_call_is_called_once(self):
        with self.assertRaisesRegex(AssertionError, "EscalationFailures is a number from 1 to 1000, or empty"):
            self.world.command("settings", "set", "EscalationFailures", "0")
        self.world.command("settings", "set", "EscalationFailures", "3")
        self.world.command("settings", "set", "OnCallAdminId", self.world.oid("isaiah"))
        job, _ = self.failing()
        for times in (2, 3, 4):
            self.assertEqual(self.calls(), [])
            self.retry()
            self.fails(times)
            if times == 3:
                called = harness.until(self.calls, "isaiah is called")
                self.assertIn(f"Job #{job} (7-Zip) has failed 3 times", called[0]["text"])
                break
        self.retry()
        self.fails(4)
        harness.until(lambda: self.database.value("select count(*) from jobs where kind = 'escalation' and state <> 'succeeded'") == 0,
                      "nobody waits to be called")
        self.world.wait_notices()
        self.assertEqual(len(self.calls()), 1)
        self.assertEqual(self.calls("megan"), [])
        self.assertEqual(self.database.column("select details ->> 'called' from audit_logs where action = 'job.escalated'"),
                         ["Isaiah Langer"])

    def test_d2_after_so_many_hours_all_admins_are_called_when_nobody_is_on_call(self):
        job, _ = self.failing()
        self.world.age(hours=3)
        self.world.ask("megan", f"take job {job}", "looks after")
        self.assertEqual(self.database.value("select count(*) from audit_logs where action = 'job.escalated'"), 0)
        self.world.age(hours=2)
        for who in ("megan", "isaiah"):
            called = self.tenant.wait(who, f"Job #{job} (7-Zip) has failed")
            self.assertIn("Megan Bowen looks after it", called["text"])
        self.world.wait_notices()
        self.assertIn("all admins were called", self.card()["text"])
        self.assertEqual(self.database.value("select count(*) from audit_logs where action = 'job.escalated'"), 1)

    def test_d3_jobs_say_their_step_and_age_and_one_job_its_log_without_secrets(self):
        job, request = self.failing()
        self.retry()
        self.fails(2)
        listed = self.world.ask("megan", "jobs", f"#{job} 7-Zip")
        for words in ("Step: create", "Since"):
            self.assertIn(words, listed["text"])
        opened = self.world.ask("megan", f"job {job}", "What happened")
        for words in ("fetch: done", "Megan Bowen let it go on", "client_secret=***"):
            self.assertIn(words, opened["text"])
        self.assertEqual(len(re.findall(r"create: .*HTTP 400", opened["text"])), 2)
        kept = self.database.value("select string_agg(to_jsonb(t)::text, '') from (select last_error as x from jobs union all"
                                   " select details::text from audit_logs union all select detail from job_log) t")
        self.assertIn("client_secret", kept)
        for place in (kept, str(self.tenant.shown("megan")), self.world.log()):
            self.assertNotIn("hunter2", place)
        self.world.ask("adele", f"job {job}", "Only admins")
        self.assertIn(self.world.state(request), ("approved", "fulfilling"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
