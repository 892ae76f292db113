# SPDX-License-Identifier: Apache-2.0
"""The oracle of the faults: a driver numbers what people ask for, and goes on asking until each number was answered 2xx.

Number n is one form that one person submits for one app, always with the same activity id, as the channel delivers again what it got
no answer to. In the end each number has exactly one request, one line in the audit trail, and one card that its person sees.
Approvers' cards are not waited for: the channel takes one message each 0.7 s for one person, and each request asks the same people.
"""
import base64
import collections
import hashlib
import json
import os
import threading
import time

import front
import threat

IS_LONG = os.environ.get("APPDESK_FAULTS") == "long"
APPS = 20        # for each person: as many requests may be open at a time
THREADS = 12
AGAIN_S = 0.2    # before the channel delivers again
GOOD_S = 1.0     # an answer after this is a bad one
PATIENCE_S = 14  # the channel's: it gives up on an answer after 15 s

Try = collections.namedtuple("Try", "number begun seconds status retry_after")


def scaled(ci, full):
    """How often, how long: in CI, and behind APPDESK_FAULTS=long."""
    return full if IS_LONG else ci


class NumbersTest(threat.ThreatTest):
    def numbers(self, count):
        numbers = Numbers(self, count)
        self.addCleanup(numbers.end, check=False)
        return numbers

    def signs(self, token="readyz"):
        return self.world.admin(f"/{token}")[0]


class Numbers:
    """The driver, and what it was answered."""

    def __init__(self, test, count):
        self.test, self.world, self.count = test, test.world, count
        self.lock = threading.Lock()
        self.tries, self.answered, self.next = [], set(), 0
        self.crowd = None
        self.bearer = test.bearer()
        self.people = self._make_people(-(-count // APPS))
        self.apps = self._make_apps()
        self._make_forms()

    # ---- who asks for what ----

    def _make_people(self, count):
        tenant = self.test.tenant
        for n in range(count):
            tenant.post("people", {"key": f"asker{n}", "name": f"Asker {n}"})
        people = {person["key"]: person for person in tenant.get("people")["people"]}
        return [people[f"asker{n}"] for n in range(count)]

    def _make_apps(self):
        database = self.test.database
        database.execute("insert into apps (tenant_id, name, publisher, winget_id) "
                         f"select '{front.TENANT}', 'Numbered app ' || chr(64 + n), 'Test', 'Test.App' || n from generate_series(1, {APPS}) n")
        return self.test.database.column("select id from apps where winget_id like 'Test.App%' order by id")

    def token(self, number):
        return base64.urlsafe_b64encode(hashlib.md5(f"form {number}".encode()).digest()).decode().rstrip("=")

    def _make_forms(self):
        rows = []
        for number in range(self.count):
            sha = hashlib.sha256(self.token(number).encode()).hexdigest()
            person, app = self.asks(number)
            rows.append(f"('\\x{sha}', '{front.TENANT}', '{person['id']}', 'submit', {app}, now() + interval '1 day')")
        for begin in range(0, len(rows), 500):
            self.test.database.execute("insert into action_tokens (token_sha256, tenant_id, oid, purpose, app_id, expires_at) values "
                                       + ", ".join(rows[begin:begin + 500]))

    def asks(self, number):
        """The person and the app of a number."""
        return self.people[number % len(self.people)], self.apps[number // len(self.people)]

    def activity(self, number):
        person, _ = self.asks(number)
        value = {"verb": "submit", "t": self.token(number), "justification": f"number {number}"}
        return {
            "type": "message", "id": f"number-{number}", "channelId": "msteams", "serviceUrl": self.test.service_url, "value": value,
            "from": {"id": person["mri"], "name": person["displayName"], "aadObjectId": person["id"]},
            "recipient": {"id": f"28:{front.APP}", "name": "AppDesk"},
            "conversation": {"id": self.chat(person), "conversationType": "personal", "tenantId": front.TENANT},
            "channelData": {"tenant": {"id": front.TENANT}}}

    def chat(self, person):
        return f"a:personal-chat-{person['key']}"

    # ---- asking ----

    def start(self, per_s, threads=THREADS):
        """Goes on, at this rhythm, with the numbers that are left."""
        self.crowd = threat.Crowd()
        self.pace(per_s)
        for _ in range(threads):
            self.crowd.add(self._ask, self.crowd)

    def pace(self, per_s):
        """From now on so many a second; what could not be asked so far is forgotten."""
        with self.lock:
            self.began, self.first, self.per_s = time.monotonic(), self.next, per_s

    def _ask(self, crowd):
        sender = threat.Sender(self.world.port)
        try:
            while not crowd.ending.is_set():
                with self.lock:
                    number, self.next = self.next, self.next + 1
                if number >= self.count:
                    return
                due = self.began + (number - self.first) / self.per_s
                if not crowd.pace(max(0, due - time.monotonic())):
                    with self.lock:
                        self.next = min(self.next, number)  # not begun: for the next load
                    return
                while not self.ask_once(sender, number):
                    time.sleep(AGAIN_S)  # the channel's own rhythm
        finally:
            sender.close()

    def ask_once(self, sender, number):
        begun = time.monotonic()
        try:
            status, headers, _, _ = sender.post(self.activity(number), self.bearer)
        except (OSError, front.http.client.HTTPException) as fault:
            sender.close()
            status, headers = (0 if isinstance(fault, ConnectionRefusedError) else -1), {}
        with self.lock:
            self.tries.append(Try(number, begun, time.monotonic() - begun, status, "retry-after" in headers))
            if 200 <= status < 300:
                self.answered.add(number)
        return 200 <= status < 300

    def wait(self, seconds):
        """Lets the load run on for a while."""
        end = time.monotonic() + seconds
        front.harness.until(lambda: time.monotonic() >= end or self.crowd.faults, "the time is over", seconds + 5)

    def end(self, check=True):
        """No new numbers; those that were begun are asked until they are answered."""
        if self.crowd:
            crowd, self.crowd = self.crowd, None
            try:
                crowd.end()
            except Exception:
                if check:
                    raise

    # ---- what the driver saw ----

    def recovery_s(self, healed):
        """From this moment until 99 of 100 answers are good again, to the end."""
        after = sorted((t for t in self.tries if t.begun + t.seconds > healed), key=lambda t: t.begun)
        bad, last, good_s = 0, healed, front.harness.within(GOOD_S)
        for n, one in enumerate(reversed(after), 1):
            if not 200 <= one.status < 300 or one.seconds >= good_s:
                bad += 1
                if bad > n / 100:
                    last = max(last, one.begun + one.seconds)
        return last - healed

    def statuses(self):
        return collections.Counter(t.status for t in self.tries)

    def slowest_s(self):
        return max(t.seconds for t in self.tries)

    # ---- the judgement ----

    def judge(self, doubled=0, unsettled=0):
        """Each number that was answered has exactly one of everything. doubled: cards that may be there twice. unsettled: numbers
        that were begun and never answered."""
        test, database = self.test, self.test.database
        try:
            front.harness.until(
                lambda: database.value("select (select count(*) from outbox where state = 'pending' and card <> 'approval')"
                                       " + (select count(*) from jobs where state = 'running')") == 0, "all is done", 180, 0.3)
        except AssertionError as late:
            left = database.rows("select id, fact, card, attempts, last_error, lease_owner, due_at - now() as due, lease_until - now() as leased"
                                 " from outbox where state = 'pending' and card <> 'approval' order by id limit 10")
            jobs = database.rows("select id, kind, key, state from jobs where state = 'running'")
            raise AssertionError(f"{late}: {left} {jobs}") from None
        wanted = {(self.asks(n)[0]["id"], self.asks(n)[1]): n for n in self.answered}
        requests = database.rows("select id, requester_oid, app_id from requests")
        found = [wanted.get((r["requester_oid"], r["app_id"])) for r in requests]
        test.assertEqual(sorted(set(wanted.values()) - set(found)), [], "numbers that were answered and are lost")
        test.assertLessEqual(found.count(None), unsettled)
        test.assertEqual(len(requests), len({(r["requester_oid"], r["app_id"]) for r in requests}))
        trail = collections.Counter(database.column("select entity_id from audit_logs where action = 'request.created'"))
        test.assertEqual(trail, collections.Counter(str(r["id"]) for r in requests))
        self._judge_cards(doubled)
        test.world.command("audit", "verify")

    def _judge_cards(self, doubled):
        names = dict(zip(self.apps, (f"Numbered app {chr(65 + n)}" for n in range(APPS))))
        cards = collections.Counter()
        for message in self.test.tenant.messages():
            text = json.dumps(message["activity"])
            for app, name in names.items():
                if f"{name}\"" in text or f"{name} " in text or f"{name}*" in text or f"{name}." in text:
                    cards[message["conversation"], app] += 1
        seen = {n: cards[self.chat(self.asks(n)[0]), self.asks(n)[1]] for n in self.answered}
        self.test.assertEqual([n for n, count in seen.items() if count == 0], [], "numbers whose card nobody saw")
        twice = [n for n, count in seen.items() if count > 1]
        self.test.assertLessEqual(len(twice), doubled, f"cards that are there twice: {twice}")
        self.doubled = len(twice)
