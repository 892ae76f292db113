# SPDX-License-Identifier: Apache-2.0
"""One person's flood, and a flood of nobody's: threats 21 and 26."""
import concurrent.futures
import json
import threading
import time
import unittest

import front

FRIENDS = ("adele", "isaiah", "patti", "lynne")


class TestBusy(front.FrontTest):
    """The limits that are in force when nobody writes any."""

    settings = {"limits.address_per_second": 50, "limits.person_per_minute": 60}

    def test_threat_21_one_persons_thousand_commands_disturb_nobody(self):
        others = []

        def flood(n):
            return self.post(self.activity("alex", "status", id=f"flood-{n}")).status
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            burst = pool.map(flood, range(1000))
            for n in range(20):
                begun = time.monotonic()
                self.assertIn(self.post(self.activity(FRIENDS[n % 4], "help")).status, (200, 429))
                others.append(time.monotonic() - begun)
            statuses = list(burst)
        self.assertLessEqual(set(statuses), {200, 429})
        self.assertLess(sorted(others)[-1], 10)  # nobody waits until the channel gives up
        self.world.wait_notices(60)
        told = [e for e in self.tenant.shown("alex", limit=1000) if "more at once" in e.get("text", "")]
        self.assertLessEqual(1, len(told))
        self.assertLessEqual(len(told), statuses.count(200))
        self.assertEqual(self.database.value("select count(*) from inbox where activity_id like 'flood-%'"), statuses.count(200))
        front.harness.until(lambda: self.post(self.activity("alex", "help")).status == 200, "and can go on", 90, 1)

    def test_threat_26_a_flood_of_forged_tokens_starves_nobody(self):
        """From many addresses, so that the limit of one does not hide what a forged token costs."""
        known = self.bearer()
        self.accepted(token=known)
        forged = [self.bearer(header={"kid": "key-1"}, sign=lambda data: bytes(256)) for _ in range(4)]
        body = json.dumps(self.activity())
        stop = threading.Event()
        flood = []

        def attack(source):
            connection = None
            while not stop.is_set():
                try:
                    connection = connection or front.http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=30, source_address=(source, 0))
                    connection.request("POST", "/api/messages", body, {"Content-Type": "application/json", "Authorization": f"Bearer {forged[len(flood) % 4]}"})
                    flood.append(front.Answer(connection.getresponse()).status)
                except OSError:
                    connection = None
            if connection:
                connection.close()
        attackers = [threading.Thread(target=attack, args=(f"127.0.0.{n}",)) for n in range(10, 18)]
        for attacker in attackers:
            attacker.start()
        try:
            for _ in range(30):
                self.accepted(token=known)
            self.accepted(token=self.bearer(nbf=1))  # and one that was never seen
        finally:
            stop.set()
            for attacker in attackers:
                attacker.join()
        self.assertGreater(flood.count(401), 100)
        self.assertLessEqual(set(flood), {401, 429, 503})

    def test_threat_26_without_a_bearer_no_body_is_read(self):
        with front.socket.create_connection(("127.0.0.1", self.world.port), timeout=30) as connection:
            connection.sendall(b"POST /api/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
            self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 401 "))  # before any byte of it was sent

if __name__ == "__main__":
    unittest.main(verbosity=2)
