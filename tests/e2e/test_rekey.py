# SPDX-License-Identifier: Apache-2.0
"""The key that seals references is changed while everybody works: each reference is used at every moment, and none is lost."""
import base64
import hashlib
import json
import subprocess
import unittest

import harness
from harness import until

TENANT, APP = harness.guid("01"), harness.guid("11")
OLD, NEW, FOREIGN = (bytes(range(start, start + 32)) for start in (0, 100, 200))
MANY = 6000  # references that nobody uses meanwhile
PEOPLE = ("alex", "lynne", "isaiah", "patti")
DONE = "security.reference_keys_old can be emptied"


def text(key):
    return base64.b64encode(key).decode()


def key_id(key):
    return hashlib.sha256(key).hexdigest()[:8]


class TestRekey(harness.WorldTest):
    def setUp(self):
        self.addCleanup(setattr, self.world, "settings", dict(self.world.settings))
        log = self.world.folder / "appdesk.log"
        self.log_begin = log.stat().st_size if log.exists() else 0  # the tests of a class share it
        super().setUp()
        for who in PEOPLE:
            self.world.ask(who, "help")
        self.world.wait_notices()
        self.told = 0

    def with_keys(self, key, *old):
        return {"security.reference_key": text(key), "security.reference_keys_old": ", ".join(map(text, old))}

    def make_many(self, key=OLD, count=MANY):
        """People who wrote before, with references under this key."""
        subprocess.run([harness.BUILD / "bin/torture_people", self.database.url, key_id(key), text(key), TENANT, APP,
                        f"{self.tenant.base}/teams/{TENANT}/", str(count)], check=True, timeout=300)

    def keys(self):
        """Key id -> rows."""
        rows = self.database.rows("select key_id, count(*) as n from bot_conversation_references group by key_id")
        return {row["key_id"]: row["n"] for row in rows}

    def facts(self):
        """All that a row says but for what is sealed."""
        return self.database.rows("select tenant_id, oid, app_id, conversation_id, state, last_error, updated_at::text as at "
                                  "from bot_conversation_references order by oid")

    def left(self, key="old"):
        for line in self.world.admin("/metrics")[1].splitlines():
            if line.startswith(f'appdesk_sealed_rows_left{{key="{key}"}} '):
                return int(line.split()[-1])
        return None

    def log(self):
        with open(self.world.folder / "appdesk.log", "rb") as log:
            log.seek(self.log_begin)
            return log.read().decode(errors="replace")

    def lines(self, words):
        return [json.loads(line) for line in self.log().rpartition("\n")[0].splitlines() if words in line and line.startswith("{")]

    def notify(self, who):
        """A message out of the blue; it must come through the stored reference."""
        self.told += 1
        words = f"news {self.told}"
        activity = json.dumps({"type": "message", "text": words})
        self.database.execute("insert into outbox (tenant_id, recipient_oid, kind, fact, activity) values "
                              f"('{TENANT}', '{self.world.oid(who)}', 'send', '{words}', '{activity}')")
        self.tenant.wait(who, words)

    def notify_all(self):
        for who in PEOPLE:
            self.notify(who)

    def created(self):
        """Conversations that were made anew, as when there is no reference."""
        return [call for call in self.tenant.calls(surface="connector", method="POST") if call["path"].endswith("/v3/conversations")]

    def wait_done(self, since=0):
        until(lambda: len(self.lines(DONE)) > since, "the log says that the old key can go", 120, 0.1)

    def test_references_are_used_all_the_time_and_none_is_lost(self):
        self.make_many()
        before = self.facts()
        self.world.restart(self.with_keys(NEW, OLD), ready=False)
        seen = set()
        while not self.lines(DONE):
            for who in PEOPLE:
                seen.add(self.left())
                self.notify(who)
        self.assertEqual(self.keys(), {key_id(NEW): MANY + len(PEOPLE)})
        self.assertEqual(self.facts(), before)
        self.assertEqual((self.left(), self.left("unknown")), (0, 0))
        self.assertGreater(len(seen - {None, 0}), 0, "there was a time in between")
        progress = [int(line["rows_left"]) for line in self.lines("sealing again with the new key")]
        self.assertEqual(progress[0], MANY + len(PEOPLE))
        self.world.restart(self.with_keys(NEW))
        self.notify_all()
        self.assertEqual(self.left("unknown"), 0)
        self.assertEqual(self.created(), [])
        self.world.check()
        for key in (OLD, NEW):
            self.assertNotIn(text(key), self.log())

    def test_a_crash_in_between_costs_nothing(self):
        self.make_many()
        before = self.facts()
        self.world.restart(self.with_keys(NEW, OLD), ready=False)
        until(lambda: 0 < self.keys().get(key_id(NEW), 0) < MANY, "it is under way", 60, 0.01)
        self.world.kill_service()
        self.assertEqual(len(self.keys()), 2)
        self.world.start_service()
        self.notify_all()
        self.wait_done()
        self.assertEqual(self.keys(), {key_id(NEW): MANY + len(PEOPLE)})
        self.assertEqual(self.facts(), before)
        self.assertEqual(self.created(), [])

    def test_two_nodes_do_it_together(self):
        self.make_many()
        before = self.facts()
        self.world.restart(self.with_keys(NEW, OLD))
        second = self.world.start_second()
        try:
            self.wait_done()
            self.notify_all()
        finally:
            self.assertEqual(second.stop(), 0)
        self.assertEqual(self.keys(), {key_id(NEW): MANY + len(PEOPLE)})
        self.assertEqual(self.facts(), before)
        self.assertEqual(self.created(), [])

    def test_nodes_are_changed_one_after_the_other(self):
        """First each learns the new key, then each takes it: nobody ever meets a row that it cannot read."""
        self.world.restart(self.with_keys(OLD, NEW))
        self.wait_done()
        first = self.world.start_second()  # goes on with the old key
        try:
            self.world.restart(self.with_keys(NEW, OLD))
            until(lambda: key_id(NEW) in self.keys(), "the new key seals")
            for _ in range(3):
                self.notify_all()
        finally:
            self.assertEqual(first.stop(), 0)
        until(lambda: set(self.keys()) == {key_id(NEW)}, "all is sealed with the new key", 90, 0.2)
        self.notify_all()
        self.assertEqual(self.created(), [])
        self.world.check()

    def test_who_speaks_meanwhile_is_sealed_with_the_new_key_at_once(self):
        self.world.restart(self.with_keys(NEW, OLD))
        self.world.ask("megan", "help")
        self.assertEqual(self.database.value(
            f"select key_id from bot_conversation_references where oid = '{self.world.oid('megan')}'"), key_id(NEW))

    def test_an_unknown_key_is_told_and_its_rows_wait_for_it(self):
        self.world.restart(self.with_keys(FOREIGN))
        words = "rows are sealed with a key that is not configured"
        until(lambda: self.lines(words), "the log tells")
        line = self.lines(words)[0]
        self.assertEqual((line["level"], int(line["rows"])), ("error", len(PEOPLE)))
        self.assertIn("security.reference_keys_old", line["msg"])
        self.assertEqual(self.left("unknown"), len(PEOPLE))
        self.notify("alex")  # as to somebody who never wrote: the conversation is made anew
        self.assertEqual(len(self.created()), 1)
        self.assertEqual(self.keys(), {key_id(OLD): len(PEOPLE) - 1, key_id(FOREIGN): 1})
        self.world.restart(self.with_keys(FOREIGN, OLD))
        self.wait_done()
        self.notify_all()
        self.assertEqual(len(self.created()), 1)
        self.assertEqual(self.keys(), {key_id(FOREIGN): len(PEOPLE)})

    def test_a_package_that_waits_is_delivered_under_the_new_key(self):
        self.tenant.fault(match="blob", status=503, count=-1)
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        sealed = "select result->>'sealed' from job_steps where step = 'wrap'"
        until(lambda: self.database.column(sealed), "it is wrapped", 120)
        self.world.restart(self.with_keys(NEW, OLD))
        self.wait_done()
        self.assertTrue(self.database.value(sealed).startswith(key_id(NEW) + ":"))
        self.world.restart(self.with_keys(NEW))
        self.tenant.clear_faults()
        self.world.let_time_pass()
        self.world.wait_state(number, "delivered", 120)
        self.world.check()

    def test_keys_that_are_none_stop_the_start_and_are_never_shown(self):
        config = self.world._write_config(self.database, "refused.ini")
        short = text(NEW[:16])
        for value, words in ((f"{text(OLD)}, {short}", "security.reference_keys_old"), ("@File(/missing)", "/missing")):
            environment = {**harness.PLAIN_ENVIRONMENT, "APPDESK_SECURITY_REFERENCE_KEYS_OLD": value}
            done = subprocess.run([harness.APPDESK, "check-config", "--config", config], env=environment, capture_output=True, text=True,
                                  timeout=60)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)
            self.assertNotIn(short, done.stderr)
        file = self.world.folder / "old.key"
        file.write_text(text(NEW) + "\n")
        environment = {**harness.PLAIN_ENVIRONMENT, "APPDESK_SECURITY_REFERENCE_KEYS_OLD": f"@File({file}), {text(FOREIGN)}"}
        shown = subprocess.run([harness.APPDESK, "check-config", "--json", "--config", config], env=environment, capture_output=True,
                               text=True, check=True, timeout=60).stdout
        self.assertEqual(json.loads(shown)["security.reference_keys_old"], ["***", "***"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
