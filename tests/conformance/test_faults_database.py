# SPDX-License-Identifier: Apache-2.0
"""Faults 1 to 8: the database dies, hangs, fails over, is locked. Whatever is answered 2xx is there, once; all else is a 503 in time.

numbered.py is the driver and the oracle. APPDESK_FAULTS=long has the full counts. What it does when nobody can be asked at all, and that
it neither spins nor floods its log, is in tests/e2e/test_database.py.
"""
import concurrent.futures
import json
import random
import subprocess
import time
import unittest

import numbered
from doors import Door
from numbered import scaled
from pair import SYNCHRONOUS, Standby

harness = numbered.front.harness
BACKENDS = ("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            " and backend_type = 'client backend' order by random() limit 1")


class DatabaseTest(numbered.NumbersTest):
    own_cluster = True  # because it is crashed

    def only_503(self, driver):
        """No answer but 2xx and 503, which says when to come again; none later than the channel waits."""
        self.assertEqual([t for t in driver.tries if t.status not in (200, 202, 503)], [])
        self.assertEqual([t for t in driver.tries if t.status == 503 and not t.retry_after], [])
        self.assertLess(driver.slowest_s(), harness.within(numbered.PATIENCE_S))

    def tell(self, driver, what, **figures):
        words = ", ".join(f"{name} {value:.2f} s" if isinstance(value, float) else f"{name} {value}" for name, value in figures.items())
        print(f"\n{what}: {len(driver.answered)} numbers, statuses {dict(driver.statuses())}, {words}", flush=True)

    def crash(self):
        self.world.cluster.crash()
        harness.until(lambda: self.signs() == 503, "/readyz is red", 15)


class TestBackends(DatabaseTest):
    def test_fault_01_backends_killed_in_the_middle_of_transactions(self):
        seconds, per_s = scaled(8, 60), scaled(30, 50)
        driver = self.numbers(per_s * (seconds + 4))
        driver.start(per_s)
        killed, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            self.database.execute(BACKENDS)
            killed += 1
            driver.wait(0.2)
        healed = time.monotonic()
        driver.wait(3)
        driver.end()
        self.tell(driver, "fault 1", killed=killed, recovery=driver.recovery_s(healed))
        self.only_503(driver)
        driver.judge()
        self.assertLess(driver.recovery_s(healed), harness.within(2))


class TestCommit(DatabaseTest):
    def setUp(self):
        super().setUp()
        self.door = Door(self.world.cluster)
        self.addCleanup(self.door.close)
        self.world.restart({"database.url": self.door.url(self.database)})

    def test_fault_02_commits_whose_answer_is_lost(self):
        cuts, per_s = scaled(40, 500), 30
        driver = self.numbers(scaled(600, 6000))
        driver.start(per_s)
        self.door.cut(every=4)
        harness.until(lambda: self.door.cuts >= cuts or driver.crowd.faults, f"{cuts} commits are cut", scaled(120, 600), 0.1)
        self.door.cut(every=0)
        driver.end()
        self.tell(driver, "fault 2", cuts=self.door.cuts)
        self.only_503(driver)
        driver.judge()

    def test_the_time_of_a_commit_that_is_lost_is_not_taken_from_the_directory(self):
        """It takes longer than a turn waits for the directory, which has done nothing: the person is not told that it is away."""
        driver = self.numbers(1)
        sender = numbered.threat.Sender(self.world.port)
        self.addCleanup(sender.close)
        self.door.mute(b"inbox_answer")  # a turn's
        self.assertTrue(driver.ask_once(sender, 0))
        self.assertGreater(driver.slowest_s(), 5)
        self.only_503(driver)
        driver.judge()

    def test_fault_06_a_connection_that_is_half_open(self):
        seconds, per_s = scaled(12, 60), 20
        driver = self.numbers(per_s * (seconds + 20))
        driver.start(per_s)
        driver.wait(2)
        self.door.silence(True)
        began = time.monotonic()
        driver.wait(seconds)
        self.door.silence(False)
        healed = time.monotonic()
        driver.wait(12)
        driver.end()
        stuck = [t.seconds for t in driver.tries if began - 1 < t.begun < healed]
        self.tell(driver, "fault 6", longest=max(stuck), recovery=driver.recovery_s(healed))
        self.only_503(driver)
        self.assertLess(max(stuck), harness.within(10), "a worker is freed")
        driver.judge()


class TestServer(DatabaseTest):
    def test_fault_03_a_server_that_stops_at_once(self):
        away, per_s = scaled(5, 15), 30
        driver = self.numbers(per_s * (away + 14))
        driver.start(per_s)
        driver.wait(2)
        self.crash()
        self.assertEqual(self.signs("healthz"), 200)
        driver.wait(away)
        self.world.cluster.start()
        healed = time.monotonic()
        driver.wait(7)
        driver.end()
        self.tell(driver, "fault 3", recovery=driver.recovery_s(healed))
        self.only_503(driver)
        driver.judge()
        self.assertLess(driver.recovery_s(healed), harness.within(5))

    def test_fault_04_no_database_at_the_start(self):
        away = scaled(5, 30)
        driver = self.numbers(60)
        self.assertEqual(self.world.stop_service(), 0)
        self.world.cluster.crash()
        self.world.start_service(ready=False)
        harness.until(lambda: self.signs("healthz") == 200, "it is alive")
        self.assertEqual(self.signs(), 503)
        driver.start(20)
        driver.wait(away)
        self.assertEqual(driver.answered, set())
        self.world.cluster.start()
        healed = time.monotonic()
        harness.until(lambda: self.signs() == 200, "/readyz is green", 15)
        ready = time.monotonic() - healed
        driver.end()
        self.tell(driver, "fault 4", ready=ready)
        self.only_503(driver)
        self.assertLess(ready, harness.within(5))
        driver.judge()


class TestFailover(DatabaseTest):
    def setUp(self):
        super().setUp()
        primary = self.world.cluster
        self.standby = Standby(primary)
        self.standby.start()
        self.addCleanup(self.standby.remove)
        self.addCleanup(setattr, self.database, "cluster", primary)
        ports = f"{primary.value('port')},{self.standby.port}"
        socket = primary.value("socket")
        words = [word for word in self.database.url.split() if not word.startswith(("host=", "port="))]
        url = " ".join([f"host={socket},{socket} port={ports} target_session_attrs=read-write", *words])
        self.world.restart({"database.url": url})
        self.addCleanup(self.standby.bring_back)

    def fail_over(self, die):
        per_s = 25
        driver = self.numbers(per_s * 28)
        driver.start(per_s)
        driver.wait(3)
        die()
        driver.wait(2)
        self.standby.promote()
        healed = time.monotonic()
        self.database.cluster = self.standby
        driver.wait(14)
        driver.end()
        self.only_503(driver)
        return driver, healed

    def judge(self, driver, healed, what):
        self.tell(driver, what, recovery=driver.recovery_s(healed))
        driver.judge()
        self.assertLess(driver.recovery_s(healed), harness.within(10))

    def test_fault_05_the_primary_dies_and_the_standby_takes_over(self):
        driver, healed = self.fail_over(self.world.cluster.crash)
        self.judge(driver, healed, "fault 5, stopped")

    def test_fault_05_the_primary_freezes_and_the_standby_takes_over(self):
        self.thawed = False

        def thaw():
            if not self.thawed:
                self.thawed = True
                self.standby.thaw()
        self.addCleanup(thaw)
        driver, healed = self.fail_over(self.standby.freeze)
        self.judge(driver, healed, "fault 5, frozen")


class TestDurable(DatabaseTest):
    def set(self, **settings):
        cluster, reload = self.world.cluster, "select pg_reload_conf()"
        self.addCleanup(cluster.run, "postgres", reload)
        for name, value in settings.items():
            cluster.run("postgres", f"alter system set {name} = {value}")
            self.addCleanup(cluster.run, "postgres", f"alter system reset {name}")
        cluster.run("postgres", reload)

    def test_what_was_answered_is_there_when_the_server_dies_at_that_moment(self):
        self.set(wal_writer_delay="'10s'")  # nobody else writes what a commit left behind
        # A database copied from a template loses track of the numbers its sequences gave, if the server dies before a checkpoint.
        self.database.execute("checkpoint")
        driver = self.numbers(scaled(4, 40))
        sender = numbered.threat.Sender(self.world.port)
        self.addCleanup(sender.close)
        for number in range(driver.count):
            harness.until(lambda: driver.ask_once(sender, number), "it is answered", 15)
            self.crash()
            self.world.cluster.start()
        self.tell(driver, "crashes at an answer", crashes=driver.count)
        self.only_503(driver)
        driver.judge()

    def waiting(self, application):
        return self.database.value(f"select count(*) from pg_stat_activity where application_name = '{application}' and wait_event = 'SyncRep'")

    def test_locks_are_free_before_the_disk_has_it_and_nobody_is_told_before(self):
        driver = self.numbers(3)
        sender = numbered.threat.Sender(self.world.port)
        self.addCleanup(sender.close)
        self.assertEqual(sender.post(driver.activity(0), driver.bearer)[0], 200)  # what is asked of the directory is known
        self.world.wait_directory()
        before = self.database.value("select count(*) from requests")
        self.set(**{SYNCHRONOUS: "'nobody'"})  # a disk that takes its time
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            told = [pool.submit(self.post, driver.activity(n)) for n in (1, 2)]
            harness.until(lambda: self.waiting("appdesk turn") == 2, "both wait for the disk")
            # Both have extended the one chain of the trail: the second one did not wait for the first one's disk.
            self.assertEqual(self.database.value("select count(*) from requests"), before + 2)
            told.append(pool.submit(self.world.command, "audit", "verify"))
            harness.until(lambda: self.waiting("appdesk cli") == 1, "a reader waits for what it saw")
            self.assertFalse(any(one.done() for one in told))
            self.set(**{SYNCHRONOUS: "''"})
            self.assertEqual([told[n].result().status for n in (0, 1)], [200, 200])
            told[2].result()

    def test_a_reader_alone_makes_nobody_write(self):
        self.assertEqual(self.world.stop_service(), 0)
        now = "select txid_snapshot_xmax(txid_current_snapshot())"

        def costs_nothing():
            self.database.execute("checkpoint")
            before = self.database.value(now)
            self.world.command("audit", "verify")
            return self.database.value(now) == before
        harness.until(costs_nothing, "no transaction id is used", 10, 0)


class TestLocks(DatabaseTest):
    own_cluster = False

    def psql(self, statements):
        """Another session, which goes on by itself."""
        session = subprocess.Popen(["psql", "-X", "-q", "-d", self.world.cluster.url(self.database.name, "postgres")],
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(session.stderr.close)
        self.addCleanup(session.wait)
        self.addCleanup(session.kill)
        session.stdin.write(statements)
        session.stdin.close()
        return session

    def test_fault_07_every_worker_waits_for_one_lock(self):
        seconds, per_s = scaled(8, 20), scaled(60, 200)
        driver = self.numbers(per_s * (seconds + 6))
        driver.start(per_s / 2)  # everybody once: the directory is asked about nobody while the table is locked
        harness.until(lambda: driver.next >= len(driver.people), "everybody was there", 60)
        driver.end()
        session = self.psql(f"begin; lock table requests in access exclusive mode; select pg_sleep({seconds}); commit;")
        harness.until(lambda: self.database.value("select count(*) from pg_locks where relation = 'requests'::regclass and granted"
                                                  " and mode = 'AccessExclusiveLock'"), "the table is locked", 10)
        driver.start(per_s, threads=scaled(40, 100))
        session.wait()
        healed = time.monotonic()
        driver.pace(30)
        driver.wait(6)
        driver.end()
        self.tell(driver, "fault 7", slowest=driver.slowest_s(), recovery=driver.recovery_s(healed))
        self.only_503(driver)
        driver.judge()
        self.assertLess(driver.slowest_s(), harness.within(3))
        self.assertLess(driver.recovery_s(healed), harness.within(2))

    def test_fault_08_locks_taken_in_the_opposite_order(self):
        seconds, per_s = scaled(8, 30), 30
        driver = self.numbers(per_s * (seconds + 4))
        deadlocks = "select deadlocks from pg_stat_database where datname = current_database()"
        before = self.database.value(deadlocks)
        driver.start(per_s)
        end = time.monotonic() + seconds
        while time.monotonic() < end or (self.database.value(deadlocks) == before and time.monotonic() < end + 60):
            forms = ", ".join(f"'\\x{numbered.hashlib.sha256(driver.token(n).encode()).hexdigest()}'"
                              for n in range(max(0, driver.next - numbered.THREADS), driver.next))
            session = self.psql(
                "begin; select 1 from audit_heads for update; select pg_sleep(0.3);"
                f" select 1 from action_tokens where token_sha256 in ({forms}) for update; commit;")
            session.wait()
            driver.wait(random.uniform(0.05, 0.2))
        driver.wait(2)
        driver.end()
        self.tell(driver, "fault 8", deadlocks=self.database.value(deadlocks) - before)
        self.only_503(driver)
        self.assertGreater(self.database.value(deadlocks), before)
        driver.judge()


class TestClicks(numbered.front.FrontTest):
    settings = {"server.turn_workers": "1"}

    def test_fault_07_a_click_goes_before_the_messages_that_wait(self):
        token = self.bearer()
        for activity in (self.activity("alex", "status"), self.invoke(self.press("view", {"rid": 1}), "lynne")):
            self.accepted(activity, token=token)  # names and rights are at hand, and the token is known
        self.world.wait_directory()
        self.database.execute("update users set synced_at = null where oid = '" + self.world.oid("isaiah") + "'")
        self.tenant.fault(match="graph", delay_ms=60000, count=1)
        first = self.activity("isaiah", "status")  # about whom the directory has to be asked
        messages = [self.activity("alex", "status") for _ in range(5)]
        click = self.invoke(self.press("view", {"rid": 1}), "lynne")
        sent = [first, *messages, click]
        with concurrent.futures.ThreadPoolExecutor(len(sent)) as pool:
            answers = []
            for activity in sent:
                answers.append(pool.submit(self.post, activity, token=token))
                harness.until(lambda: self.metric("turns_pending") == len(answers), "it waits", step_s=0.01)
                harness.until(lambda: self.tenant.get("faults")["faults"][0]["hits"], "the one worker is held", step_s=0.01)
            self.tenant.clear_faults()
            self.assertEqual({answer.result().status for answer in answers}, {200})
        ids = [activity["id"] for activity in sent]
        turns = [line for line in map(json.loads, self.world.log().splitlines()) if line["msg"] == "turn" and line["activity"] in ids]
        self.assertEqual([turn["activity"] for turn in turns], [first["id"], click["id"], *(m["id"] for m in messages)])


if __name__ == "__main__":
    unittest.main(verbosity=2)
