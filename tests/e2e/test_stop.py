# SPDX-License-Identifier: Apache-2.0
"""A graceful stop: what was taken is finished, what was not is refused, and the exit status is 0."""
import concurrent.futures
import threading
import unittest

import harness

PEOPLE = ("alex", "megan", "adele", "isaiah", "patti", "lynne")


class TestStop(harness.WorldTest):
    def test_sigterm_under_traffic_loses_nothing_and_exits_0(self):
        stop = threading.Event()
        acknowledged, strange = [], []

        def write(who):
            while not stop.is_set():
                try:
                    said = self.tenant.say(who, "help")
                except AssertionError:
                    return  # nobody listens any more
                if said["status"] < 300:
                    acknowledged.append(said["activity"]["id"])
                elif said["status"] != 503:
                    strange.append(said["status"])

        with concurrent.futures.ThreadPoolExecutor(len(PEOPLE)) as pool:
            writers = [pool.submit(write, who) for who in PEOPLE]
            try:
                harness.until(lambda: len(acknowledged) > 30, "there is traffic")
                self.assertEqual(self.world.stop_service(), 0)
            finally:
                stop.set()
        for writer in writers:
            writer.result()
        self.assertEqual(strange, [])
        kept = set(self.database.column("select activity_id from inbox"))
        self.assertEqual([i for i in acknowledged if i not in kept], [])
        self.world.start_service()
        self.world.wait_notices(120)
        facts = set(self.database.column("select fact from outbox where state = 'sent'"))
        self.assertEqual([i for i in acknowledged if f"reply.{i}" not in facts], [])

    def test_a_job_that_was_stopped_goes_on_at_the_next_start_at_once(self):
        """A stopped process gives its job back: nobody waits for a lease to run out."""
        self.tenant.fault(match="blob", delay_ms=3000, count=1)
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        harness.until(lambda: self.database.value("select count(*) from job_steps where step = 'create'"), "the upload begins")
        self.assertEqual(self.world.stop_service(), 0)
        self.assertEqual(self.database.value("select count(*) from jobs where state = 'running'"), 0)
        self.world.start_service()
        self.world.wait_state(number, "delivered", 60)
        self.assertEqual(len(self.tenant.intune_apps()), 1)
        self.world.check()

    def test_a_second_process_on_the_same_database_shares_the_work(self):
        """Two nodes: whoever dies, the other delivers."""
        second = self.world.start_second()
        self.addCleanup(second.kill)
        number = self.world.ask_for("alex", "7zip")
        self.world.wait_notices()  # no card is half sent when it dies
        self.world.approve("megan", number)
        self.world.kill_service()
        self.world.let_time_pass()
        self.world.wait_state(number, "delivered", 120)
        self.world.wait_notices()
        self.assertEqual(len(self.tenant.intune_apps()), 1)
        self.assertEqual(second.stop(), 0)
        self.world.start_service()
        self.world.check()


if __name__ == "__main__":
    unittest.main(verbosity=2)
