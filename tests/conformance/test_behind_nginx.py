# SPDX-License-Identifier: Apache-2.0
"""Two parsers in a row: whatever nginx lets through, both see the same requests, and each client gets its own answers."""
import collections
import concurrent.futures
import os
import shutil
import time
import unittest

import wire  # first: it knows where harness is
import cases
import harness
from maker import OK, Maker
from processes import free_port
from wire import Broken, Wire

AFTER, VICTIM = 98, 97  # numbers of good requests: behind the attack, and of somebody else who comes next
WAIT_S = 2  # nginx closes on a request that does not go on
LISTENING = {"whole": "on", "piecewise": "off"}  # hands over bodies once they are there, or as they come

CONFIG = """
error_log %(folder)s/error.log warn;
pid %(folder)s/nginx.pid;
events { worker_connections 512; }
http {
	access_log off;
	client_body_temp_path %(folder)s/body;
	proxy_temp_path %(folder)s/proxy;
	fastcgi_temp_path %(folder)s/fastcgi;
	uwsgi_temp_path %(folder)s/uwsgi;
	scgi_temp_path %(folder)s/scgi;
	client_header_timeout %(wait)d;
	client_body_timeout %(wait)d;
	large_client_header_buffers 4 64k;
	client_max_body_size 2m;
	merge_slashes off;
	upstream appdesk {
		server 127.0.0.1:%(upstream)d;
		keepalive 4;
	}
	%(servers)s
}
"""
SERVER = """
	server {
		listen 127.0.0.1:%(port)d;
		location / {
			proxy_pass http://appdesk;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host $http_host;
			proxy_set_header X-Forwarded-For $remote_addr;
			proxy_request_buffering %(buffering)s;
			add_header X-Activity $http_x_activity always;
		}
	}
"""


def answers_until_closed(client, within_s=wire.ANSWER_S):
    """All that came before the end."""
    end = time.monotonic() + within_s
    answers = []
    while True:
        answer = client.answer(within_s=end - time.monotonic())
        if answer is None:
            return answers
        answers.append(answer)


class TestBehindNginx(wire.WireTest):
    settings = {"server.behind_proxy": "true"}

    def begin(self):
        super().begin()
        folder = self.world.folder / "nginx"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.ports = {name: free_port() for name in LISTENING}
        servers = "".join(SERVER % {"port": self.ports[name], "buffering": buffering} for name, buffering in LISTENING.items())
        (folder / "nginx.conf").write_text(
            CONFIG % {"folder": folder, "wait": WAIT_S, "upstream": self.world.port, "servers": servers})
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        self.assertIsNotNone(program, "nginx is not installed; scripts/setup test does")
        self.nginx = harness.Program(
            [program, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log", "-g", "daemon off; master_process off;"],
            folder / "nginx.log", harness.PLAIN_ENVIRONMENT)
        self.addCleanup(self.nginx.stop)
        for port in self.ports.values():
            harness.until(lambda port=port: self.is_listening(port), "nginx listens")

    def maker(self, port):
        return Maker(self.template, self.token, self.bad_token, f"127.0.0.1:{port}")

    def attack(self, case, maker, port):
        """The attack with a good request behind it; then somebody else, who must get the answers to what they asked.
        Returns the activities of the attacker to which nginx believes to have got a good answer."""
        with Wire(port) as client:
            client.send(case.build(maker) + maker.post(AFTER, add=[b"Connection: close"]))
            mine = answers_until_closed(client)
        with Wire(port) as client:
            client.send(maker.forged() + maker.post(VICTIM, add=[b"Connection: close"]))
            theirs = answers_until_closed(client)
        if [answer.status for answer in theirs] not in [[401, status] for status in OK]:
            raise Broken(f"the next client, who asked for 401 and 200, was answered {theirs}")
        return {answer.headers["x-activity"] for answer in (*mine, theirs[1]) if answer.status in OK}

    def attack_all(self, name, table):
        """One after the other, so that the connections behind nginx are used again and again."""
        maker = self.maker(self.ports[name])
        problems, done = [], {}
        for number, case in enumerate(table):
            prefix = f"{name[:4]}-{number:04d}---"
            try:
                done[prefix] = self.attack(case, maker.named(prefix), self.ports[name]), f"{name}: {case.name}"
            except (Broken, OSError) as problem:
                problems.append(f"{name}: {case.name}: {problem}")
        return problems, done

    def test_threat_17_no_request_is_smuggled_past_a_proxy(self):
        """What nginx sees as a request is carried out, and nothing else is; no answer goes to somebody else."""
        table = [*cases.framing(), *cases.headers()]
        with concurrent.futures.ThreadPoolExecutor(len(LISTENING)) as pool:
            runs = [pool.submit(self.attack_all, name, table) for name in LISTENING]
        problems = [problem for run in runs for problem in run.result()[0]]
        self.assertEqual(self.world.stop_service(), 0)  # all that was let in has ended by then
        carried_out = collections.defaultdict(set)
        for activity in self.executed():
            carried_out[activity[:len(wire.ID)]].add(activity)
        for prefix, (answered, name) in ((prefix, row) for run in runs for prefix, row in run.result()[1].items()):
            if carried_out[prefix] != answered:
                problems.append(f"{name}: answered as done {sorted(answered)}, but done {sorted(carried_out[prefix])}")
        self.assertEqual(problems, [])

    def test_a_proxy_keeps_its_connections(self):
        """Else the attacks on them would prove nothing."""
        maker = self.maker(self.ports["whole"])
        for n in range(20):
            with Wire(self.ports["whole"]) as client:
                client.send(maker.post(n, add=[b"Connection: close"]))
                self.assertIn(client.answer().status, OK)
        self.assertEqual(len(self.executed()), 20)
        self.assertLessEqual(self.open_to_upstream(), 4)
        self.assertGreaterEqual(self.open_to_upstream(), 1)

    def open_to_upstream(self):
        """How many connections of anybody to the service are established."""
        port = f"0100007F:{self.world.port:04X}"
        with open("/proc/net/tcp") as table:
            rows = [line.split() for line in table.readlines()[1:]]
        return sum(row[2] == port and row[3] == "01" for row in rows)


if __name__ == "__main__":
    unittest.main(verbosity=2)
