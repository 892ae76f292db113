# SPDX-License-Identifier: Apache-2.0
"""Base of the tests that are named after threats and faults: many hostile requests in a row, and that nothing came of them."""
import http.client
import json
import os
import pathlib
import threading
import time

os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=8")  # freed memory is not to look like kept memory
import front  # noqa: E402
from trap import Trap  # noqa: E402

harness = front.harness
STRANGER = "00000000-0000-4000-8000-0000000000ee"  # nobody in the directory
FOREIGN_TENANT = "00000000-0000-4000-8000-00000000beef"


class ThreatTest(front.FrontTest):
    def setUp(self):
        self.addCleanup(setattr, self.world, "settings", dict(self.world.settings))
        super().setUp()

    def trap(self, answer=None):
        trap = Trap(answer)
        self.addCleanup(trap.close)
        return trap

    def sender(self, source="127.0.0.1"):
        sender = Sender(self.world.port, source)
        self.addCleanup(sender.close)
        return sender

    def trust(self, *traps):
        """The setting that makes these hosts the connector's, beside the tenant's own."""
        own = self.world.settings["bot.service_hosts"]
        return {"bot.service_hosts": ", ".join([own, *(f"127.0.0.1:{trap.port}" for trap in traps)])}

    def from_place(self, base, who="alex", text="help", **changes):
        """An activity and its token that both say that the connector is there."""
        url = f"{base}/teams/{front.TENANT}/" if base.count("/") == 2 else base
        return self.activity(who, text, serviceUrl=url, **changes), self.bearer(serviceurl=url)

    def all_refused(self, statuses, cases):
        """Each case (name -> what post takes) is refused with one of these; no row and no call comes of all of them together."""
        before, calls = self.settled()
        for name, case in cases.items():
            with self.subTest(case=name):
                answer = self.post(**case)
                self.assertIn(answer.status, statuses)
                self.assertEqual(answer.text, "")
        self.assertEqual(self.rows(), before)
        self.assertEqual(self.outward(), calls)

    def notice(self, who, text, **columns):
        """A notice that waits in the outbox for this person, as a job would leave it; its id."""
        activity = json.dumps({"type": "message", "text": text}).replace("'", "''")
        values = {"tenant_id": front.TENANT, "recipient_oid": self.world.oid(who), "kind": "send", "fact": f"test.{text}",
                  "activity": activity, **columns}
        names, texts = ", ".join(values), ", ".join(f"'{value}'" for value in values.values())
        self.database.execute(f"insert into outbox ({names}) values ({texts})")
        return self.database.value(f"select max(id) from outbox where fact = 'test.{text}'")

    def outcome(self, notice, timeout_s=30):
        """How the notice ended."""
        def state():
            row = self.database.rows(f"select state, attempts, last_error from outbox where id = {notice}")[0]
            return row if row["state"] != "pending" else None
        return harness.until(state, "the notice has its outcome", timeout_s, 0.1)

    def metrics(self, name, **labels):
        """The value of a labelled counter."""
        label = ",".join(f'{key}="{value}"' for key, value in labels.items())
        return self.metric(f"{name}{{{label}}}")

    def log_lines(self):
        """What the service has written, each line read as one JSON object."""
        lines = [json.loads(line) for line in self.world.log().splitlines()]
        for line in lines:
            self.assertIsInstance(line, dict)
        return lines

    def process(self, file):
        return pathlib.Path(f"/proc/{self.world.service.pid}/{file}").read_text(errors="replace")

    def cpu_s(self):
        """Seconds of processor time that the service has used."""
        words = self.process("stat").rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / 100


class Sender:
    """Posts on a kept connection from one address of loopback; opens it again when it was closed. One thread."""

    def __init__(self, port, source="127.0.0.1"):
        self.port, self.source, self.connection = port, source, None

    def post(self, activity, token):
        """(status, headers, body, seconds)"""
        body = json.dumps(activity)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        begun = time.monotonic()
        kept = self.connection is not None
        try:
            answer = self.ask(body, headers)
        except (http.client.BadStatusLine, ConnectionError):
            if not kept:
                raise
            self.close()  # the service had closed it
            answer = self.ask(body, headers)
        text = answer.read().decode()
        if answer.will_close:
            self.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text, time.monotonic() - begun

    def ask(self, body, headers):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(self.source, 0))
        self.connection.request("POST", "/api/messages", body, headers)
        return self.connection.getresponse()

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None


class Crowd:
    """Threads that go on until they are told to end, or until their work is done; the first fault of any of them is raised."""

    def __init__(self):
        self.ending = threading.Event()
        self.faults = []
        self.threads = []

    def add(self, work, *args):
        def run():
            try:
                work(*args)
            except Exception as fault:  # told by end()
                self.faults.append(fault)
                self.ending.set()
        self.threads.append(threading.Thread(target=run, daemon=True))
        self.threads[-1].start()

    def pace(self, seconds):
        """Waits for the next turn of a load's rhythm; False when it is over."""
        return not self.ending.wait(seconds)

    def end(self, wait=False):
        """wait: until their work is done."""
        if not wait:
            self.ending.set()
        for thread in self.threads:
            thread.join()
        if self.faults:
            raise self.faults[0]


def percentile(samples, share):
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
