# SPDX-License-Identifier: Apache-2.0
"""Faults around the front door that are nobody's attack: each test names the row of docs/security/threats.md.

The clock is moved with libfaketime, through a file that says by how much; the monotonic clock goes on, as it does when a machine's
clock is set. It wants a program without a sanitizer: the build `run`, where there is one.
"""
import concurrent.futures
import os
import pathlib
import socket
import time
import unittest

import front

FAKETIME = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
PLAIN_APPDESK = front.harness.SOURCE / "build/run/bin/appdesk"
DESCRIPTORS = 64
CROWD = 500


class TestTokenEndpoint(front.FrontTest):
    """Fault 18: the endpoint of our own tokens is down, slow or talks nonsense."""

    def setUp(self):
        super().setUp()
        self.tenant.delete("calls")

    def fetches(self):
        return len(self.tenant.calls(surface="token"))

    def test_fault_18_what_it_says_holds_no_answer_up(self):
        nonsense = ({"status": 500}, {"status": 200, "body": {"access_token": "x"}}, {"status": 200, "body": {"token_type": "Bearer", "access_token": "x", "expires_in": 0}},
                    {"status": 200, "body": {"token_type": "Bearer", "access_token": "x", "expires_in": -1}}, {"status": 200, "body": {"token_type": "Bearer", "access_token": "x", "expires_in": 1e18}},
                    {"status": 200, "body": {"token_type": "Bearer", "access_token": "a\r\nb", "expires_in": 3600}}, {"status": 200, "body": "<html>"}, {"hang": True})
        for answer in nonsense:
            with self.subTest(answer=answer):
                self.tenant.fault(match="token", count=-1, **answer)
                begun, before = time.monotonic(), self.fetches()
                for _ in range(5):
                    self.accepted(self.activity("alex", "typing", type="typing"))  # needs no token
                    self.assertEqual(self.request("GET").status, 405)
                seconds = time.monotonic() - begun
                self.assertLessEqual(self.fetches() - before, 2 * seconds + 4)  # two apps' tokens, each at most once a second
                self.tenant.clear_faults()
        self.world.ask("alex", "help")
        self.world.wait_notices(90)

    def test_fault_18_a_token_that_is_good_is_used_until_its_end(self):
        self.world.ask("alex", "help")
        self.world.ask("megan", "help")
        self.tenant.fault(match="token", status=500, count=-1)
        before = self.fetches()
        for _ in range(5):
            self.world.ask("alex", "help")
        self.world.wait_notices()
        self.assertEqual(self.fetches(), before)


class TestDuplicates(front.FrontTest):
    def test_fault_30_once_twice_and_ten_times_also_after_a_restart(self):
        activities = {times: self.activity("alex", "help") for times in (1, 2, 10)}

        def post_all():
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                work = [activity for times, activity in activities.items() for _ in range(times)]
                return {answer.status for answer in pool.map(self.post, work)}
        self.assertEqual(post_all(), {200})
        self.world.wait_notices()
        self.assertEqual(self.database.value("select count(*) from outbox"), 3)
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service()
        self.assertEqual(post_all(), {200})
        self.world.wait_notices()
        self.assertEqual(self.database.value("select count(*) from outbox"), 3)
        self.assertEqual(len([e for e in self.tenant.shown("alex") if e["from"] == "bot"]), 3)


@unittest.skipUnless(FAKETIME.exists() and PLAIN_APPDESK.exists(), "needs libfaketime and the build 'run'")
class TestClock(front.FrontTest):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.world.stop_service(), 0)
        self.offset = self.world.folder / "clock"
        self.move(0)
        environment = dict(front.harness.PLAIN_ENVIRONMENT, LD_PRELOAD=str(FAKETIME), FAKETIME_TIMESTAMP_FILE=str(self.offset), FAKETIME_NO_CACHE="1",
                           FAKETIME_DONT_FAKE_MONOTONIC="1")
        self.world.service = front.harness.Program([PLAIN_APPDESK, "serve", "--config", self.world.config], self.world.folder / "appdesk.log", environment)
        self.world.wait_ready()

    def move(self, seconds):
        fresh = self.offset.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        os.replace(fresh, self.offset)

    def token_at(self, offset, **claims):
        """A token of a channel whose clock runs like that."""
        now = int(time.time()) + offset
        return self.bearer(nbf=now - 10, exp=now + 3600, **claims)

    def test_fault_29_five_minutes_between_two_clocks_are_no_fault(self):
        for skew in (-290, 290):
            with self.subTest(skew=skew):
                self.move(skew)
                self.accepted(token=self.token_at(0))
        self.move(0)
        now = int(time.time())
        self.accepted(token=self.bearer(exp=now - 290, nbf=now - 4000))
        self.refused(401, token=self.bearer(exp=now - 310, nbf=now - 4000))

    def test_fault_29_a_clock_that_jumps_an_hour_loses_no_lease(self):
        """Requests, jobs and notices go on while the clock is set forward and back; durations do not come from it."""
        self.world.approve("megan", self.world.ask_for("alex", "7zip"))  # a job runs meanwhile
        for jump in (3600, -3600):
            with self.subTest(jump=jump):
                self.move(jump)
                self.accepted(self.activity("alex", "help"), token=self.token_at(jump))
                self.world.wait_notices()
                self.move(0)
                self.accepted(self.activity("alex", "help"))
                self.world.wait_notices()
        front.harness.until(lambda: self.database.value("select count(*) from jobs where state <> 'succeeded'") == 0, "the job is done", 120, 0.2)
        self.assertEqual(self.database.value("select max(fence) from jobs"), 1)  # claimed once: its lease was never lost
        self.world.wait_notices()
        self.assertEqual(self.database.value("select count(*) from outbox where state <> 'sent'"), 0)

    def test_k06_keys_outlive_an_outage_of_a_day_but_not_of_four(self):
        self.accepted()
        self.issuer.statuses = {"/v1/openid": 503, "/v1/keys": 503}
        self.addCleanup(setattr, self.issuer, "statuses", {})
        day = 24 * 3600
        self.move(day + 3600)
        self.accepted(token=self.token_at(day + 3600))
        front.harness.until(lambda: "the channel's keys are a day old" in self.world.log(), "whoever runs this is told")
        self.move(4 * day)
        answer = self.post(token=self.token_at(4 * day))
        self.assertEqual(answer.status, 503)
        self.assertGreater(int(answer.headers["retry-after"]), 0)
        self.issuer.statuses = {}
        front.harness.until(lambda: self.post(token=self.token_at(4 * day)).status == 200, "fresh keys heal it", 90, 0.5)


class TestDescriptors(front.FrontTest):
    """Fault 38: a crowd takes every descriptor that there is."""

    def begin_with_few(self):
        self.assertEqual(self.world.stop_service(), 0)
        self.world.service = front.harness.Program(["prlimit", f"--nofile={DESCRIPTORS}", front.harness.APPDESK, "serve", "--config", self.world.config],
                                                   self.world.folder / "appdesk.log", front.harness.PLAIN_ENVIRONMENT)
        self.world.wait_ready()

    def cpu_s(self):
        with open(f"/proc/{self.world.service.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_fault_38_a_crowd_of_sockets_stops_nothing_for_long(self):
        self.begin_with_few()
        self.accepted()
        crowd = []
        self.addCleanup(lambda: [s.close() for s in crowd])
        for _ in range(CROWD):
            connection = socket.socket()
            connection.settimeout(5)
            try:
                connection.connect(("127.0.0.1", self.world.port))
                connection.sendall(b"POST /api/mess")
            except OSError:
                pass  # turned away: there is no room
            crowd.append(connection)
        begun, cpu = time.monotonic(), self.cpu_s()
        front.harness.until(lambda: self.try_post() == 200, "somebody who has something to say is served all the same", 30, 0.2)
        front.harness.until(lambda: time.monotonic() - begun > 3, "three seconds are gone", 10, 0.1)
        self.assertLess((self.cpu_s() - cpu) / (time.monotonic() - begun), 0.5)  # it does not spin; a sanitizer's cost included
        for connection in crowd:
            connection.close()
        begun = time.monotonic()
        front.harness.until(lambda: self.try_post() == 200, "it goes on", 10, 0.05)
        self.assertLess(time.monotonic() - begun, 2)
        self.world.wait_notices()
        self.assertTrue(self.world.service.running())

    def try_post(self):
        try:
            return self.post().status
        except (OSError, front.http.client.HTTPException):
            return 0


if __name__ == "__main__":
    unittest.main(verbosity=2)
