# SPDX-License-Identifier: Apache-2.0
"""Threat 19: no text from outside makes a log line of its own, and no secret is in a log, an argument, an answer or a counter."""
import base64
import json
import os
import signal
import socket
import unittest

from threat import ThreatTest, harness
from trap import reply

EVIL = ("x\r\n{\"ts\":\"0\",\"level\":\"error\",\"msg\":\"forged\"}", "x\n\nforged", "x\u2028{\"msg\":\"forged\"}\u2029",
        "x\u0085\u0085forged", "\u202egnp.forged\u202c\u2066\u2069", "\x1b[2J\x1b]0;forged\x07",
        "\x1b[31mforged\x9b", "\x00forged", "\x7f\x08\x08forged", "\ufeff\u200b\u200f\u2060forged", '","msg":"forged","x":"',
        "%s%n%x forged", "\\u000aforged", "\U0001f600" * 3 + "forged", "f" * 5000)
HIDDEN = set("\r\u2028\u2029\u0085\u202e\u202c\u2066\u2069\x1b\x07\x9b\x00\x7f\x08\ufeff\u200f")
CANARY = "CANARY-{}-5f1c"
SECRET, PASSWORD = CANARY.format("secret"), CANARY.format("password")
REFERENCE_KEY = base64.b64encode(b"CANARY-reference-key-of-32-bytes").decode()


class TestLogs(ThreatTest):
    settings = {"log.level": "debug", "security.reference_key": REFERENCE_KEY}

    def assert_whole(self):
        """Each line of the log is one JSON object with the fields that each has, and no text of a test made one."""
        raw = self.world.log()
        for line in self.log_lines():
            self.assertEqual({"ts", "level", "module", "msg"} - set(line), set(), line)
            self.assertNotIn("forged", (line["msg"], line["level"], line["ts"]))
            self.assertIn(line["level"], ("debug", "info", "warn", "error"))
            self.assertTrue(all(isinstance(value, str) for value in line.values()))
        self.assertEqual(HIDDEN & set(raw), set())
        self.assertLess(max(len(line) for line in raw.splitlines()), 16 << 10)

    def test_threat_19_no_field_of_an_activity_breaks_a_line(self):
        changes = []
        for evil in EVIL:
            person = self.activity()["from"]
            chat = self.activity()["conversation"]
            changes += [{name: evil} for name in ("type", "id", "channelId", "serviceUrl", "text", "locale", "name", "replyToId", "action",
                                                  "deliveryMode", "timestamp", evil[:60])]
            changes += [{"from": {**person, "id": evil}}, {"from": {**person, "name": evil}}, {"from": {**person, "aadObjectId": evil}},
                        {"recipient": {"id": evil}}, {"recipient": {"id": "28:" + evil}},
                        {"conversation": {**chat, "id": evil}}, {"conversation": {**chat, "tenantId": evil}},
                        {"channelData": {"tenant": {"id": evil}}},
                        {"conversation": {"id": "a:x", "tenantId": evil, "conversationType": evil},
                         "channelData": {"tenant": {"id": evil}}}]
        for change in changes:
            answer = self.post(self.activity(**change))
            self.assertIn(answer.status, (200, 400, 401, 403))
            self.assertNotIn("forged", answer.text)
        for evil in EVIL:
            for value in (self.press(evil, {"t": evil, "rid": evil, "justification": evil}), self.press("approve", {"t": evil}),
                          {"action": evil}, {evil[:60]: evil}):
                self.assertIn(self.post(self.invoke(value)).status, (200, 400))
            self.assertIn(self.post(self.invoke({}, name=evil)).status, (200, 400))
            self.assertEqual(self.post(body=evil.encode("utf-8", "surrogatepass")).status, 400)
        harness.until(lambda: self.database.value("select count(*) from outbox where attempts > 0 or state <> 'pending'"),
                      "the sender has been at work")
        self.assert_whole()

    def test_threat_19_no_field_of_a_token_or_head_breaks_a_line(self):
        for evil in EVIL:
            for header in ({"kid": evil}, {"alg": evil}, {"typ": evil}, {evil[:60]: evil, "crit": [evil]}):
                self.post(token=self.bearer(header=header))
            for claim in ("iss", "aud", "serviceurl", "exp", "nbf", "tid", evil[:60]):
                self.post(token=self.bearer(**{claim: evil}))
            self.assertEqual(self.post(token=self.key.token(evil)).status, 401)
            raw = evil.encode("utf-8", "surrogatepass")
            for head in (b"POST /" + raw + b" HTTP/1.1\r\nHost: a", raw + b" /api/messages HTTP/1.1\r\nHost: a",
                         b"POST /api/messages " + raw + b"\r\nHost: a", b"GET /metrics?" + raw + b" HTTP/1.1\r\nHost: a",
                         *(b"POST /api/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" + name + b": " + raw for name in (
                             b"Authorization", b"User-Agent", b"Content-Type", b"X-Forwarded-For", b"Forwarded", b"x-ms-conversation-id",
                             b"traceparent", b"Expect", b"Transfer-Encoding"))):
                self.send_head(head)
        self.assert_whole()

    def send_head(self, head):
        with socket.create_connection(("127.0.0.1", self.world.port), timeout=60) as connection:
            try:
                connection.sendall(head + b"\r\nConnection: close\r\n\r\n")
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass
            except OSError:
                pass  # it closed first; what it logged is what matters

    def test_threat_19_no_answer_of_a_host_of_ours_breaks_a_line(self):
        for evil in (evil for evil in EVIL if "\0" not in evil):  # the tenant's own JSON has none
            for status in (400, 403):
                self.tenant.fault(match="connector", status=status, body={"error": {"code": evil, "message": evil}}, count=1)
                self.accepted()
            self.tenant.fault(match="graph", status=400, body={"error": {"code": evil, "message": evil}}, count=1)
            self.accepted(self.activity("lynne", "I need 7zip"))
        token_host = self.trap(reply(401, {"error": EVIL[0], "error_description": EVIL[1] + harness.SECRET,
                                           "error_codes": [EVIL[2], 1e300, -1]}))
        self.tenant.clear_faults()
        self.world.restart({"bot.token_url": token_host.base + "/token"})
        self.accepted()
        harness.until(lambda: token_host.connections, "the token endpoint was asked")
        harness.until(lambda: "token for" in self.world.log(), "its refusal is logged")
        self.assert_whole()

    def test_threat_19_no_secret_is_in_a_log_an_argument_an_answer_or_a_counter(self):
        secret = self.world.folder / "bot.secret"
        secret.write_text(SECRET)
        dsn = self.world.folder / "database.url"
        dsn.write_text(f"{self.database.url} password={PASSWORD}\n")
        self.tenant.post("secrets", {"name": "bot-secret", "value": SECRET})
        self.world.restart({"bot.secret": f"@File({secret})", "graph.secret": "@Env(SECRET_OF_GRAPH)", "database.url": f"@File({dsn})"},
                           environment={"SECRET_OF_GRAPH": SECRET})
        good, bad = self.bearer(), self.bearer(iss="https://elsewhere.example")
        basic = CANARY.format("basic")
        answers = [self.post(token=token).text for token in (good, bad, CANARY.format("token"))]
        answers += [self.post(authorization=f"Basic {basic}").text, self.post(authorization=CANARY.format("scheme")).text,
                    self.post(body="{", token=good).text]
        number = self.world.ask_for("isaiah", "7zip", justification=CANARY.format("justification"))
        card = self.world.card_of("megan", number)
        action_token = next(b for b in card["buttons"] if b["verb"] == "approve")["data"]["t"]
        answers.append(self.post(self.invoke(self.press("reject", {"t": action_token, "reason": ""}), "megan")).text)
        answers.append(self.post(self.invoke(self.press("approve", {"t": action_token + "x"}), "megan")).text)
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", 120)
        self.tenant.post("secrets", {"name": "bot-secret", "value": "another"})
        self.tenant.post("tokens/revoke", {})
        answers.append(self.post(self.activity("lynne", "I need 7zip")).text)
        harness.until(lambda: "token for graph refused" in self.world.log(), "a refused secret is logged")
        dsn.write_text(f"host=/nowhere password={PASSWORD} user=x dbname=x")
        told = self.world.log().count('"reloaded"')
        self.world.service.signal(signal.SIGHUP)
        harness.until(lambda: self.world.log().count('"reloaded"') > told, "the file is read again")
        self.database.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                              " where usename = 'appdesk_app' and datname = current_database()")
        harness.until(lambda: self.world.admin("/readyz")[0] == 503, "the database is away")
        answers.append(self.post(token=good).text)
        for broken in (f"nosuch=1 password={PASSWORD}", f"password={PASSWORD} x", f"password='{PASSWORD}", f"{PASSWORD}",
                       f"postgresql://x:{PASSWORD}@[::1", f"postgresql://x:{PASSWORD}@h/x?y",
                       f"postgresql://x:{PASSWORD}%zz@h/x", f"postgresql://h/x?password={PASSWORD}&nosuch=1",
                       f"postgresql://x:{PASSWORD}@[]/x", f"postgresql://x:{PASSWORD}@[::1]x"):
            told = self.world.log().count("the old database.url stays")
            dsn.write_text(broken)
            self.world.service.signal(signal.SIGHUP)
            harness.until(lambda: self.world.log().count("the old database.url stays") > told, "the broken address is logged")
        pages = [self.world.admin(path)[1] for path in ("/metrics", "/healthz", "/readyz")]
        places = {"log": self.world.log(), "arguments": self.process("cmdline"), "answers": " ".join(answers), "pages": " ".join(pages),
                  "name": self.process("comm"),
                  "trail": json.dumps(self.database.rows("select * from audit_logs")),
                  "last errors": json.dumps(self.database.rows("select last_error from outbox union select last_error from jobs"))}
        secrets = {"secret": SECRET, "password": PASSWORD, "reference key": REFERENCE_KEY, "its bytes": "CANARY-reference-key",
                   "good token": good, "its signature": good[-40:],
                   "refused token": bad, "its signature ": bad[-40:], "no token": CANARY.format("token"), "basic": basic,
                   "scheme": CANARY.format("scheme"), "action token": action_token, "tokens of ours": "eyJ",
                   "installer's key": "EncryptionKey", "bearer": "Bearer ey"}
        for place, text in places.items():
            for name, value in secrets.items():
                if (place, name) == ("answers", "action token"):
                    continue  # in the card of the approver whom it was made for
                with self.subTest(place=place, secret=name):
                    self.assertNotIn(value, text)
        self.assertNotIn(CANARY.format("justification"), places["log"])
        self.assert_whole()

    def test_threat_19_a_crash_writes_no_memory_to_disk(self):
        """Even where the machine would let it: what is in memory are secrets. (A sanitizer would forbid it in the product's place.)"""
        options = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "disable_coredump=0"]))
        self.world.restart(through=("prlimit", "--core=unlimited:unlimited"), environment={"ASAN_OPTIONS": options})
        limit = next(line for line in self.process("limits").splitlines() if line.startswith("Max core file size"))
        self.assertEqual(limit.split()[4], "0", limit)


if __name__ == "__main__":
    unittest.main(verbosity=2)
