# SPDX-License-Identifier: Apache-2.0
"""Faults around the front door, by their number in docs/security/threats.md: hosts that fail, clocks that jump, what comes twice.

Times of the defaults that a test cannot wait for: a key id that nobody knows causes a fetch at most every 60 s
(bot.keys_min_refresh_s), so after a rotation a new key works after 60 s and one fetch of at most 5 s: 65 s. Here the interval is 1 s.
"""
import concurrent.futures
import glob
import json
import re
import socket
import subprocess
import threading
import time
import unittest

from threat import ThreatTest, front, harness
from issuer import Issuer, Key

ANSWER_S = 1


class TestTokenEndpoint(ThreatTest):
    """Fault 18: the host that our own tokens come from."""

    GARBAGE = {
        "down": {"status": 500}, "hangs": {"hang": True}, "cut": {"cut": "body"}, "words": {"status": 200, "body": "<html>busy</html>"},
        "empty": {"status": 200, "body": {}},
        "no life": {"status": 200, "body": {"token_type": "Bearer", "access_token": "GARBAGE", "expires_in": 0}},
        "ended before": {"status": 200, "body": {"token_type": "Bearer", "access_token": "GARBAGE", "expires_in": -1}},
        "endless": {"status": 200, "body": {"token_type": "Bearer", "access_token": "GARBAGE", "expires_in": 10 ** 18}},
        "no text": {"status": 200, "body": {"token_type": "Bearer", "access_token": ["GARBAGE"], "expires_in": 3600}},
        "a header of its own": {"status": 200, "body": {"token_type": "Bearer", "access_token": "x\r\nX-GARBAGE: 1", "expires_in": 3600}}}
    WINDOW_S = 2.5

    def setUp(self):
        super().setUp()
        for who in ("alex", "lynne"):
            self.world.ask(who, "I need 7zip", "7-Zip")  # names and rights are at hand
        self.world.wait_notices()

    def test_fault_18_a_token_is_used_until_it_ends_whatever_its_endpoint_does(self):
        fetched = len(self.tenant.calls(surface="token"))
        for order in self.GARBAGE.values():
            self.tenant.fault(match="token", count=-1, **order)
            self.world.ask("alex", "status")
            self.tenant.clear_faults()
        self.assertEqual(len(self.tenant.calls(surface="token")), fetched)

    def test_fault_18_without_a_token_everybody_is_answered_and_nothing_is_lost(self):
        for name, order in self.GARBAGE.items():
            with self.subTest(name):
                self.tenant.fault(match="token", count=-1, **order)
                self.world.restart()
                begun, times = time.monotonic(), []
                self.tenant.delete("calls")
                self.accepted(self.activity("alex", "status"))  # what must not be lost
                while time.monotonic() - begun < self.WINDOW_S:
                    sent = time.monotonic()
                    self.accepted(self.invoke(self.press("view", {"rid": 1}), "lynne"))  # answered in the response alone
                    times.append(time.monotonic() - sent)
                self.assertLess(sorted(times)[int(len(times) * 0.9)], harness.within(ANSWER_S))
                # of the connector's token and of Graph's: one a second each, and the first
                calls = len(self.tenant.calls(surface="token"))
                self.assertLessEqual(calls, 2 * (time.monotonic() - begun + 1))
                self.assertEqual(self.tenant.calls(surface="connector"), [])
                self.assertNotIn("GARBAGE", self.world.log())
                self.tenant.clear_faults()
        self.assertEqual(self.world.stop_service(), 0)
        self.world.let_time_pass()
        self.world.start_service()
        self.world.wait_notices()
        self.assertEqual(self.database.value("select count(*) from outbox where state <> 'sent'"), 0)

    def test_fault_18_many_who_need_a_token_wait_for_one_fetch(self):
        self.world.restart()
        self.tenant.delete("calls")
        self.tenant.fault(match="token", delay_ms=1500, count=-1)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            people = ("alex", "lynne") * 10
            self.assertEqual({answer.status for answer in pool.map(lambda who: self.post(self.activity(who, "status")), people)}, {200})
        self.world.wait_notices()
        self.assertLessEqual(len(self.tenant.calls(surface="token")), 2)  # the connector's, and perhaps Graph's


class TestKeyHost(ThreatTest):
    """Faults 19 and 21 beyond test_keys.py: a host that hangs, and right words in a wrong answer."""

    settings = {"bot.keys_min_refresh_s": 1}

    def setUp(self):
        super().setUp()
        self.accepted()

    def test_fault_19_while_the_key_host_hangs_good_tokens_are_good_and_unknown_keys_are_refused_fast(self):
        self.issuer.open.clear()
        self.addCleanup(self.issuer.open.set)
        self.refresh()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            begun = time.monotonic()
            unknown = [pool.submit(self.post, token=self.bearer(header={"kid": f"unknown-{n}"})) for n in range(40)]
            for _ in range(40):
                self.accepted()
            self.assertLessEqual({answer.result().status for answer in unknown}, {401, 503})
            # at most a few wait, and each 2 s; nobody waits for the host's own 10 s
            self.assertLess(time.monotonic() - begun, harness.within(10))
        self.issuer.open.set()
        new = Key("after")
        self.issuer.keys = [*self.issuer.keys, new.jwk()]
        harness.until(lambda: self.post(token=self.bearer(key=new)).status == 200, "it heals by itself", 65, 0.2)

    def test_fault_21_keys_in_an_answer_that_is_no_answer_replace_nothing(self):
        attacker, good = Key("attacker"), self.issuer.keys
        other = Issuer()
        self.addCleanup(other.close)
        other.keys = [attacker.jwk(), attacker.jwk(kid=self.key.kid)]

        def restore():
            self.issuer.keys, self.issuer.statuses, self.issuer.location = good, {}, None
        self.addCleanup(restore)
        for name, status, location in (("not found", 404, None), ("an error", 500, None), ("unauthorised", 401, None),
                                       ("a redirect", 302, other.base + "/v1/keys")):
            with self.subTest(name):
                self.issuer.keys, self.issuer.statuses, self.issuer.location = other.keys, {"/v1/keys": status}, location
                self.refresh()
                self.all_refused({401, 503}, {kid: {"token": attacker.token(self.claims(), {"kid": kid})}
                                              for kid in ("attacker", self.key.kid)})
                self.accepted()
                restore()
                self.refresh()
        self.assertEqual(other.fetches, [])


class Clock:
    """The wall clock of one process: libfaketime, with the monotonic clock left alone, as when somebody sets the time.

    A sanitizer has to be loaded first, which it cannot be behind a preloaded library; so it is preloaded too, in front.
    The library for threads (MT): the other one shares a buffer between threads that read the file, sees a mixture of two texts
    now and then, and ends the program or makes up a time.
    """

    def __init__(self, folder):
        libraries = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not libraries:
            raise AssertionError("libfaketime is not installed: scripts/setup test")
        linked = subprocess.run(["ldd", harness.APPDESK], capture_output=True, text=True, check=True).stdout
        first = re.findall(r"=> (\S*/lib[at]san\.so\S*)", linked)
        self.file = folder / "clock"
        self.environment = {"LD_PRELOAD": " ".join([*first, libraries[0]]), "FAKETIME_TIMESTAMP_FILE": str(self.file),
                            "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}

    def offset(self, seconds):
        self.set(f"{seconds:+d}")

    def stop_at(self, unix_s):
        self.set(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(unix_s)))

    def set(self, text):
        fresh = self.file.with_suffix(".new")
        fresh.write_text(text + "\n")
        fresh.replace(self.file)


class TestClock(ThreatTest):
    """Fault 29."""

    def setUp(self):
        super().setUp()
        self.clock = Clock(self.world.folder)

    def service_time(self):
        """What the service takes the time for, by its log."""
        self.accepted(token=self.bearer(nbf=None, exp=int(time.time()) + 86400))
        return harness.until(lambda: [line["ts"] for line in self.log_lines() if line["msg"] == "turn"], "a turn is logged")[-1]

    def test_fault_29_the_edges_of_a_tokens_life_are_exact_to_the_second(self):
        now = int(time.time())
        self.clock.stop_at(now)
        self.world.restart(environment=self.clock.environment)
        self.assertEqual(self.service_time()[:19], time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)))
        far = {"nbf": now - 7200, "exp": now + 7200}
        for good in ({"exp": now - 299}, {"exp": now - 300}, {"nbf": now + 299}, {"nbf": now + 300}, {"iat": now + 300}):
            with self.subTest(good=str({name: value - now for name, value in good.items()})):
                self.accepted(token=self.bearer(**{**far, **good}))
        self.all_refused({401}, {str({name: value - now for name, value in bad.items()}): {"token": self.bearer(**{**far, **bad})}
                                 for bad in ({"exp": now - 301}, {"nbf": now + 301}, {"iat": now + 301})})
        remembered = self.bearer(**{**far, "exp": now})
        for later, status in ((0, 200), (299, 200), (300, 200), (301, 401)):
            self.clock.stop_at(now + later)
            self.assertEqual(self.post(token=remembered).status, status, later)

    def test_fault_29_jumps_of_an_hour_lose_no_lease_and_no_request(self):
        self.clock.offset(0)
        self.world.restart(environment=self.clock.environment)
        for who, text, offset in (("alex", "7zip", 3600), ("lynne", "notepad", -3600)):
            with self.subTest(offset=offset):
                self.clock.offset(0)
                number = self.world.ask_for(who, text)
                self.tenant.fault(match="graph", contains="/deviceAppManagement", delay_ms=3000, count=1)
                self.world.approve("adele", number)
                harness.until(lambda: self.database.value("select count(*) from jobs where state = 'running' and kind = 'package'"), "the job runs")
                with socket.create_connection(("127.0.0.1", self.world.port), timeout=30) as slow:
                    body = json.dumps(self.activity(who, "status")).encode()
                    token = self.bearer(nbf=None, exp=int(time.time()) + 86400)
                    head = ("POST /api/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                            f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n")
                    slow.sendall(head.encode() + body[:10])
                    self.clock.offset(offset)
                    before = self.service_time()
                    self.assertNotEqual(before[:13], time.strftime("%Y-%m-%dT%H", time.gmtime()))  # it has jumped
                    slow.sendall(body[10:])
                    self.assertIn(b" 200 ", slow.recv(65536)[:20])  # what had begun is not late
                self.world.wait_state(number, "delivered", 120)
                self.clock.offset(0)
                self.world.wait_notices(60)
        self.assertEqual(set(self.database.column("select fence from jobs where kind = 'package'")), {1})  # each was claimed once
        self.assertEqual(self.database.value("select count(*) from outbox where state <> 'sent'"), 0)
        self.world.command("audit", "verify")

    def test_fault_29_e23_a_clock_that_is_five_minutes_off_refuses_nobody(self):
        for offset in (-290, 290):
            with self.subTest(offset=offset):
                self.clock.offset(offset)
                self.world.restart(environment=self.clock.environment)
                now = int(time.time())
                self.accepted(token=self.bearer(nbf=now, iat=now, exp=now + 60))
                self.world.wait_notices()
                self.assertEqual(self.database.value("select count(*) from outbox where state <> 'sent'"), 0)

    def test_k06_fault_19_keys_outlive_an_outage_of_a_day_but_not_of_four(self):
        """Whoever runs this is told after a day; after three the keys are not believed any more, until there are fresh ones."""
        day = 24 * 3600
        self.clock.offset(0)
        self.world.restart(environment=self.clock.environment)
        self.accepted()
        self.issuer.statuses = {"/v1/openid": 503, "/v1/keys": 503}
        self.addCleanup(setattr, self.issuer, "statuses", {})
        for days, status in ((1.1, 200), (2.9, 200), (4, 503)):
            with self.subTest(days=days):
                self.clock.offset(int(days * day))
                now = int(time.time() + days * day)
                answer = self.post(token=self.bearer(nbf=now - 10, exp=now + 60))
                self.assertEqual(answer.status, status)
                self.assertEqual(status == 503, "retry-after" in answer.headers)
        harness.until(lambda: "the channel's keys are a day old" in self.world.log(), "whoever runs this is told")
        self.issuer.statuses = {}
        harness.until(lambda: self.post(token=self.bearer(nbf=now - 10, exp=now + 600)).status == 200, "fresh keys heal it", 90, 0.5)


class TestTwice(ThreatTest):
    """Fault 30: whatever comes again, at once or after a restart, is answered the same and has one effect."""

    def again(self, activity, times):
        """Posts it so often at the same moment; the one answer that all get."""
        gate = threading.Barrier(times)

        def send(_):
            gate.wait(30)
            answer = self.taken(activity)
            return answer.status, answer.text
        with concurrent.futures.ThreadPoolExecutor(times) as pool:
            answers = set(pool.map(send, range(times)))
        self.assertEqual(len(answers), 1, answers)
        status, text = answers.pop()
        self.assertEqual(status, 200)
        return text

    def click(self, card, verb, who, **inputs):
        button = next(b for b in card["buttons"] if b.get("verb") == verb)
        return self.invoke(self.press(verb, {**button["data"], **inputs}), who, replyToId=card["id"])

    def test_fault_30_once_twice_and_ten_times_is_once(self):
        sent = []

        def send(activity, times):
            sent.append((activity, self.again(activity, times)))
        for times, who, approver in ((1, "alex", "megan"), (2, "lynne", "adele"), (10, "isaiah", "megan")):
            with self.subTest(times=times):
                seq = self.tenant.seq()
                send(self.activity(who, None, type="installationUpdate", action="add"), times)
                send(self.activity(who, "I need 7zip"), times)
                matches = self.tenant.wait(who, "7-Zip", after=seq)
                send(self.click(matches, "form", who), times)
                self.world.wait_notices()
                form = self.world.open_form(who, "7zip")
                send(self.click(form, "submit", who, justification="I have to open what customers send"), times)
                number = self.database.value(f"select max(id) from requests where requester_oid = '{self.world.oid(who)}'")
                send(self.click(self.world.card_of(approver, number), "approve", approver), times)
                self.world.wait_state(number, "delivered", 120)
                send(self.activity(who, f"cancel {number}"), times)
        self.world.wait_notices()
        counts = ("select (select count(*) from requests) as requests, (select count(*) from decisions) as decisions,"
                  " (select count(*) from jobs where kind = 'package') as jobs")
        self.assertEqual(self.database.rows(counts), [{"requests": 3, "decisions": 3, "jobs": 3}])
        rows = self.rows()
        shown = {who: len(self.tenant.shown(who)) for who in ("alex", "lynne", "isaiah", "megan", "adele")}
        self.world.restart()
        for times in (1, 10):
            for activity, text in sent:
                self.assertEqual(self.again(activity, times), text)
        self.world.wait_notices()
        self.assertEqual(self.rows(), rows)
        self.assertEqual({who: len(self.tenant.shown(who)) for who in shown}, shown)
        self.world.command("audit", "verify")


class TestDescriptors(ThreatTest):
    """Fault 38."""

    FEW, MANY, WINDOW_S = 64, 500, 3

    def dawdler(self):
        """Somebody who begins to say something and says no more."""
        client = socket.create_connection(("127.0.0.1", self.world.port), timeout=30)
        self.addCleanup(client.close)
        try:
            client.sendall(b"POST /api/messages HTTP/1.1\r\nHost: ")
        except ConnectionError:
            pass  # there was no place for this one
        return client

    def served(self):
        """Whether a newcomer with a good token is answered."""
        try:
            return self.post(self.activity("alex", "status")).status == 200
        except (OSError, front.http.client.HTTPException):
            return False

    def test_fault_38_without_descriptors_it_waits_and_goes_on(self):
        self.world.restart(through=("prlimit", f"--nofile={self.FEW}"))
        self.accepted()
        clients = [self.dawdler() for _ in range(self.MANY)]
        begun, used = time.monotonic(), self.cpu_s()
        harness.until(lambda: time.monotonic() - begun >= self.WINDOW_S, "the time of the measurement is over")
        share = (self.cpu_s() - used) / (time.monotonic() - begun)
        self.assertLess(share, 0.2)
        harness.until(self.served, "a newcomer gets the place of one who says nothing", 5)
        clients += [self.dawdler() for _ in range(self.MANY)]
        for client in clients:
            client.close()
        harness.until(self.served, "it goes on when the places are free", 2)
        self.assertTrue(self.world.service.running())
        self.assertEqual(self.world.admin("/readyz")[0], 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
