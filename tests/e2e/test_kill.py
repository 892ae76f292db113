# SPDX-License-Identifier: Apache-2.0
"""kill -9: whenever the process dies, everything ends once, and nothing that was acknowledged is lost."""
import unittest

import harness

STEPS = ("resolve", "verify", "fetch", "wrap", "create", "upload", "commit", "assign", "deliver")
DELIVERY_S = 120
LEASE_S = 30  # a dead process's job is taken over after this at the latest


class TestKill(harness.WorldTest):
    def assert_everything_once(self, number):
        self.world.wait_state(number, "delivered", DELIVERY_S)
        self.world.check(twins=True)
        self.assertEqual(len(self.tenant.intune_apps()), 1)
        self.assertTrue(self.tenant.intune_content(self.tenant.intune_apps()[0]["id"])["ok"])
        told = [e for e in self.tenant.shown("alex") if "7-Zip is ready" in e["text"]]
        self.assertEqual(len(told), 1, [e["text"] for e in told])
        groups = [app["assignments"] for app in self.tenant.intune_apps()]
        self.assertEqual([len(assignments) for assignments in groups], [1])
        self.assertEqual(self.database.value("select count(*) from grants"), 1)
        self.assertEqual(self.database.value("select count(*) from jobs where kind = 'package'"), 1)

    def kill_at(self, point):
        """The process dies at the point, and a new one, without the fault, goes on."""
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault=f"{point}=kill")
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        self.world.wait_notices()
        if point == "job.after.deliver":  # what it tells must not be half sent when it dies
            self.tenant.fault(match="connector", status=503, count=-1)
        try:
            self.tenant.press("megan", "approve", activity=card["id"])
        except AssertionError:
            pass  # it may die before it has answered
        self.world.service.wait_killed()
        self.tenant.clear_faults()
        return number

    def restart(self):
        self.world.let_time_pass()
        self.world.start_service()

    def kill_everywhere(self, when):
        for step in STEPS:
            with self.subTest(step=step):
                number = self.kill_at(f"job.{when}.{step}")
                self.restart()
                self.assert_everything_once(number)
            self.begin_again()

    def test_fault_25_killed_before_any_step_it_goes_on_with_that_step(self):
        self.kill_everywhere("before")

    def test_fault_25_killed_between_a_steps_work_and_its_record_it_repeats_the_step_without_harm(self):
        self.kill_everywhere("worked")

    def test_fault_25_killed_after_any_step_it_goes_on_behind_that_step(self):
        self.kill_everywhere("after")

    def test_fault_25_a_dead_process_is_noticed_in_time(self):
        """By the lease alone: nothing helps it along."""
        number = self.kill_at("job.after.fetch")
        self.world.start_service()
        harness.until(lambda: self.database.value("select count(*) from job_steps where step = 'wrap'"), "wrap is done", LEASE_S)
        self.assert_everything_once(number)

    def test_killed_between_commit_and_send_the_notice_still_arrives(self):
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault="outbox.before.send=kill")
        self.say_and_die()
        self.assertEqual(self.database.value("select count(*) from outbox where state = 'pending'"), 1)
        self.world.start_service()
        self.tenant.wait("alex", "7-Zip", timeout_ms=60000)
        self.world.check(twins=True)
        self.assertEqual(len([e for e in self.tenant.shown("alex") if e["from"] == "bot"]), 1)

    def say_and_die(self):
        try:
            self.tenant.say("alex", "I need 7zip")
        except AssertionError:
            pass  # it may die before it has answered
        self.world.service.wait_killed()

    def test_killed_between_a_send_and_its_record_the_notice_is_never_lost_and_at_most_doubled(self):
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault="outbox.after.send=kill")
        self.say_and_die()
        self.restart()
        self.world.wait_notices(60)
        shown = [e for e in self.tenant.shown("alex") if e["from"] == "bot"]
        self.assertIn(len(shown), (1, 2))

    def test_killed_after_its_commit_a_turn_is_answered_from_the_record(self):
        """The answer was lost with the process: the channel delivers again, and nothing happens twice."""
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        button = next(b for b in card["buttons"] if b.get("verb") == "approve")
        click = {"type": "invoke", "name": "adaptiveCard/action", "id": "f:the-click", "replyToId": card["id"],
                 "value": {"action": {"type": "Action.Execute", "verb": "approve", "data": button["data"]}, "trigger": "manual"}}
        self.world.wait_settled()
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault="db.commit.after=kill:1")
        with self.assertRaises(AssertionError):
            self.tenant.send(click, **{"as": "megan"})
        self.world.service.wait_killed()
        self.restart()
        again = self.tenant.send(click, **{"as": "megan"})
        self.assertEqual(again["status"], 200)
        self.assertIn("Megan Bowen", str(again["body"]))
        self.assertEqual(self.database.value("select count(*) from decisions"), 1)
        self.assert_everything_once(number)


if __name__ == "__main__":
    unittest.main(verbosity=2)
