# SPDX-License-Identifier: Apache-2.0
"""The front door as its settings make it: limits, a named proxy, a full queue, an address of the database that changes."""
import concurrent.futures
import http.client
import re
import signal
import unittest

import harness
from processes import free_port

PER_MINUTE = 3  # of which one comes back in 20 s
PER_SECOND = 2
FLOOD = 100
CLIENT = "203.0.113.9"


class Post:
    """The tenant's own token and activities, posted from wherever a test wants them to come from."""

    def __init__(self, world):
        self.world = world
        said = world.tenant.send({"text": "help"})
        self.activity = said["activity"]
        self.token = world.tenant.get("token", kind="valid")["token"]

    def __call__(self, activity=None, source="127.0.0.1", token=None, headers=None):
        """(status, headers) of one post on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=60, source_address=(source, 0))
        try:
            body = harness.json.dumps(activity or self.activity)
            connection.request("POST", "/api/messages", body, {
                "Content-Type": "application/json", "Authorization": f"Bearer {token or self.token}", **(headers or {})})
            answer = connection.getresponse()
            answer.read()
            return answer.status, dict(answer.getheaders())
        finally:
            connection.close()


def refused(world, why):
    """How often the front door has refused for this reason since it was started."""
    return int(re.search(rf'appdesk_refused_total{{why="{why}"}} (\d+)', world.admin("/metrics")[1]).group(1))


class TestPersonLimit(harness.WorldTest):
    settings = {"limits.person_per_minute": PER_MINUTE}

    def test_who_writes_too_fast_is_told_once_and_then_asked_to_wait(self):
        answers = [self.tenant.say("alex", "help") for _ in range(PER_MINUTE + 4)]
        self.world.wait_notices()
        self.assertEqual([a["status"] for a in answers], [200] * (PER_MINUTE + 1) + [429] * 3)
        told = [e for e in self.tenant.shown("alex") if "more at once" in e.get("text", "")]
        self.assertEqual(len(told), 1)
        self.assertEqual(self.database.value("select count(*) from inbox"), PER_MINUTE + 1)
        self.assertEqual(refused(self.world, "person_limit"), 4)
        self.assertEqual(self.tenant.say("megan", "help")["status"], 200)
        self.world.check()

    def test_a_click_too_many_is_told_so_in_its_answer_and_does_nothing(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        for _ in range(PER_MINUTE):
            self.assertEqual(self.tenant.say("megan", "help")["status"], 200)
        pressed = self.tenant.press("megan", "approve", activity=card["id"])
        self.assertEqual(pressed["status"], 200)
        self.assertIn("more at once", pressed["message"])
        self.assertEqual(self.world.state(number), "pending")

    def test_an_answer_says_how_long_to_wait(self):
        for _ in range(PER_MINUTE + 1):
            self.tenant.say("alex", "help")
        answer = self.tenant.send({"text": "help"})
        self.assertEqual(answer["status"], 429)
        seconds = int({k.lower(): v for k, v in answer["headers"].items()}["retry-after"])
        self.assertGreater(seconds, 0)
        self.assertLessEqual(seconds, 60 // PER_MINUTE + 1)


class TestAddressLimit(harness.WorldTest):
    settings = {"limits.address_per_second": PER_SECOND}

    def test_a_flood_of_strangers_from_one_address_refuses_nobody_who_is_known(self):
        post = Post(self.world)
        self.assertEqual(post()[0], 200)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            flood = list(pool.map(lambda n: post(token=f"{post.token}x{n}"), range(FLOOD)))
        statuses = {status for status, _ in flood}
        self.assertEqual(statuses, {401, 429})
        self.assertTrue(all(int(headers["Retry-After"]) >= 1 for status, headers in flood if status == 429))
        self.assertEqual(post()[0], 200)
        self.assertEqual(post(source="127.0.0.2", token="x")[0], 401)  # another address has its own limit
        self.assertGreaterEqual(refused(self.world, "address_limit"), FLOOD // 2)


class TestProxy(harness.WorldTest):
    settings = {"server.behind_proxy": "true", "server.proxies": "127.0.0.1, 10.0.0.0/8"}

    def test_the_trail_names_the_client_that_the_proxy_names(self):
        number = self.world.ask_for("alex", "7zip")
        answer = self.tenant.send({"text": f"cancel {number}"}, headers={"X-Forwarded-For": f"198.51.100.1, {CLIENT}, 10.1.2.3"})
        self.assertEqual(answer["status"], 200)
        rows = self.database.rows("select action, ip_address from audit_logs where entity_type = 'request' "
                                  f"and entity_id = '{number}' order by seq")
        self.assertEqual(rows[0]["ip_address"], "127.0.0.1")
        self.assertEqual([tuple(row.values()) for row in rows[-2:]], [("request.cancelled", CLIENT), ("request.closed", CLIENT)])
        self.world.check()

    def test_nobody_but_the_proxy_gets_in(self):
        post = Post(self.world)
        before = self.database.value("select count(*) from inbox")
        fresh = dict(post.activity, id="another")
        self.assertEqual(post(fresh, source="127.0.0.9", headers={"X-Forwarded-For": "127.0.0.1"})[0], 403)
        self.assertEqual(self.database.value("select count(*) from inbox"), before)
        self.assertEqual(refused(self.world, "proxy"), 1)
        self.assertEqual(post(fresh)[0], 200)


class TestQueue(harness.WorldTest):
    settings = {"server.turn_workers": 1, "server.turn_queue": 2}

    def test_a_full_queue_says_when_to_come_back_and_nothing_is_lost(self):
        post = Post(self.world)
        self.tenant.fault(match="graph", delay_ms=1500, count=-1)
        activities = [dict(post.activity, id=f"m{n}", text="I need 7zip") for n in range(12)]
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(post, activities))
        busy = [headers for status, headers in answers if status == 503]
        self.assertEqual({status for status, _ in answers}, {200, 503})
        self.assertTrue(all(int(headers["Retry-After"]) > 0 for headers in busy))
        self.assertEqual(refused(self.world, "queue"), len(busy))
        kept = [a["id"] for a, (status, _) in zip(activities, answers) if status == 200]
        self.assertEqual(sorted(kept), sorted(self.database.column("select activity_id from inbox where activity_id like 'm%'")))
        self.tenant.clear_faults()
        for activity in activities:
            self.assertEqual(post(activity)[0], 200)
        self.world.check()


class TestReload(harness.WorldTest):
    def start_from_file(self, text):
        """The service with the address of its database in a file; the file."""
        file = self.world.folder / "database.url"
        file.write_text(text)
        self.world.settings = {"database.url": f"@File({file})"}
        self.addCleanup(setattr, self.world, "settings", {})
        self.assertEqual(self.world.stop_service(), 0)
        self.world.config = self.world._write_config(self.database)
        self.world.start_service()
        return file

    def test_threat_25_a_new_address_of_the_database_is_taken_without_a_restart(self):
        """The file that holds it is replaced, then SIGHUP; every connection is cut, and whoever comes back uses the new one."""
        file = self.start_from_file(self.database.url + " application_name=before\n")
        self.world.ask("alex", "help")
        self.world.wait_settled()  # everybody has a connection who needs one
        file.write_text(self.database.url + " application_name=after\n")
        self.world.service.signal(signal.SIGHUP)
        harness.until(lambda: '"reloaded"' in self.world.log(), "the reload is logged")
        names = ("select distinct application_name as n from pg_stat_activity where datname = current_database()"
                 " and application_name in ('before', 'after')")
        self.assertEqual(self.database.column(names), ["before"])  # what works is not cut
        self.database.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'before'")
        harness.until(lambda: self.tenant.say("alex", "help")["status"] == 200, "answers again")
        harness.until(lambda: self.database.column(names) == ["after"], "all connections are new ones")

    def test_what_cannot_be_read_stays_as_it_was(self):
        file = self.start_from_file(self.database.url)
        file.write_text("nosuch=1")
        self.world.service.signal(signal.SIGHUP)
        harness.until(lambda: "the old database.url stays" in self.world.log(), "the fault is logged")
        self.world.ask("alex", "help")


class TestHostNames(harness.WorldTest):
    def test_a_wrong_network_of_proxies_stops_the_start(self):
        self.world.settings = {"server.proxies": "proxy.example"}
        self.addCleanup(setattr, self.world, "settings", {})
        config = self.world._write_config(self.database, "proxies.ini", free_port(), free_port())
        program = harness.Program([harness.APPDESK, "serve", "--config", config], self.world.folder / "proxies.log",
                                  harness.PLAIN_ENVIRONMENT)
        self.assertEqual(program.process.wait(60), 2)
        program.stop()
        self.assertIn("server.proxies: 'proxy.example' is neither an address nor a network", program.tail())


if __name__ == "__main__":
    unittest.main(verbosity=2)
