# SPDX-License-Identifier: Apache-2.0
"""The database goes away and comes back: honest answers meanwhile, nothing lost, no restart needed.

Under a steady load, with numbers: tests/conformance/test_faults_database.py.
"""
import concurrent.futures
import threading
import time
import unittest

import harness

HEAL_S = 15


class TestDatabase(harness.WorldTest):
    """Has a cluster of its own, because it crashes it."""

    def test_fault_03_a_crash_of_the_database_is_survived_without_a_restart(self):
        self.world.ask("alex", "help")
        self.world.cluster.crash()
        harness.until(lambda: self.world.admin("/readyz")[0] == 503, "/readyz is red", HEAL_S)
        self.assertEqual(self.world.admin("/healthz")[0], 200)
        said = self.tenant.say("alex", "I need 7zip")
        self.assertEqual(said["status"], 503)
        pid = self.world.service.pid
        self.world.cluster.start()
        harness.until(lambda: self.world.admin("/readyz")[0] == 200, "/readyz is green", HEAL_S)
        again = self.tenant.send(said["activity"])
        self.assertIn(again["status"], (200, 202))
        self.tenant.wait("alex", "7-Zip", after=said["seq"])
        self.assertEqual(self.world.service.pid, pid)
        self.assertTrue(self.world.service.running())
        self.world.check()

    def test_fault_03_a_press_while_the_database_is_away_is_not_taken(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        self.world.cluster.crash()
        try:
            pressed = self.tenant.press("megan", "approve", activity=card["id"])
        finally:
            self.world.cluster.start()
        self.assertNotEqual(pressed["status"], 500)
        harness.until(lambda: self.world.admin("/readyz")[0] == 200, "/readyz is green", HEAL_S)
        self.assertEqual(self.world.state(number), "pending")
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", 120)
        self.world.check()

    def test_fault_04_it_starts_without_the_database_and_waits_for_it(self):
        self.assertEqual(self.world.stop_service(), 0)
        self.world.cluster.crash()
        try:
            self.world.start_service(ready=False)
            harness.until(lambda: self.world.admin("/healthz")[0] == 200, "/healthz is 200")
            self.assertEqual(self.world.admin("/readyz")[0], 503)
            self.assertEqual(self.tenant.say("alex", "help")["status"], 503)
        finally:
            self.world.cluster.start()
        self.world.wait_ready()
        self.world.ask("alex", "help")

    def test_fault_03_what_was_acknowledged_under_fire_is_there(self):
        """Many people write while the database crashes: each 2xx has its row and its answer, each other answer is 503."""
        stop = threading.Event()
        acknowledged, refused = [], []
        people = ("alex", "megan", "adele", "isaiah", "patti", "lynne")

        def write(who):
            while not stop.is_set():
                said = self.tenant.say(who, "help")
                (acknowledged if said["status"] < 300 else refused).append((said["status"], said["activity"]["id"]))

        with concurrent.futures.ThreadPoolExecutor(len(people)) as pool:
            writers = [pool.submit(write, who) for who in people]
            try:
                harness.until(lambda: len(acknowledged) > 20, "there is traffic")
                self.world.cluster.crash()
                harness.until(lambda: len(refused) > 5, "it refuses", HEAL_S)
                self.world.cluster.start()
                settled = len(acknowledged)
                harness.until(lambda: len(acknowledged) > settled + 10, "it takes again", HEAL_S)
            finally:
                stop.set()
        for writer in writers:
            writer.result()
        self.assertEqual({status for status, _ in refused}, {503})
        kept = set(self.database.column("select activity_id from inbox"))
        self.assertEqual([i for _, i in acknowledged if i not in kept], [])
        self.world.wait_notices(120)
        facts = set(self.database.column("select fact from outbox where state = 'sent'"))
        self.assertEqual([i for _, i in acknowledged if f"reply.{i}" not in facts], [])

    def test_fault_03_while_the_database_is_away_it_neither_spins_nor_floods_the_log(self):
        self.world.cluster.crash()
        try:
            harness.until(lambda: self.world.admin("/readyz")[0] == 503, "/readyz is red", HEAL_S)
            used = self.cpu_s()
            before, began = self.world.log().count("\n"), time.monotonic()
            harness.until(lambda: time.monotonic() - began > 5, "five seconds of outage are seen", 10, 0.5)
            self.assertLess(self.world.log().count("\n") - before, 5)
            self.assertLess(self.cpu_s() - used, 0.05 * (time.monotonic() - began))
        finally:
            self.world.cluster.start()
        self.world.wait_ready()

    def cpu_s(self):
        with open(f"/proc/{self.world.service.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100


if __name__ == "__main__":
    unittest.main(verbosity=2)
