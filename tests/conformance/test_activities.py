# SPDX-License-Identifier: Apache-2.0
"""Requests and activities: cases H01 to H22 of the protocol's list, and what the vendors' own lists have besides."""
import concurrent.futures
import json
import socket
import subprocess
import time
import unittest
import urllib.parse

import front

CARD = "application/vnd.microsoft.card.adaptive"
WORDS = "application/vnd.microsoft.activity.message"
ERROR = "application/vnd.microsoft.error"
CLICK_S = 3  # after about that long the client gives a click up


class TestRequests(front.FrontTest):
    shared = True

    def headers(self, **more):
        return {"Authorization": f"Bearer {self.bearer()}", "Content-Type": "application/json", **more}

    def test_h01_other_methods(self):
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"):
            with self.subTest(method=method):
                answer = self.request(method, headers=self.headers())
                self.assertEqual((answer.status, answer.headers["allow"], answer.text), (405, "POST", ""))

    def test_h02_bodies_that_are_no_object(self):
        bodies = (b"", b" ", b"[]", b'"text"', b"7", b"null", b"true", b"{", b'{"type":', b"{} {}", b"{}x", b'{"type":"message"}\0',
                  b"\xef\xbb\xbf{}", b"{'type':'message'}")
        self.each({str(body): body for body in bodies}, lambda body: self.refused(400, body=body))

    def test_h03_fields_that_must_be_there(self):
        self.each({"type": {"type": None}, "type number": {"type": 7}, "conversation": {"conversation": None},
                   "conversation id": {"conversation": {}},
                   "conversation text": {"conversation": "a:1"}, "id": {"id": None}, "from": {"from": None},
                   "recipient": {"recipient": None}, "from list": {"from": []}},
                  lambda change: self.refused(400, self.activity(**change)))

    def test_h04_what_we_do_not_know_is_no_fault(self):
        self.accepted(self.activity(type="holographicWave"))
        self.accepted(self.activity(tomorrow={"deep": [1, {"a": None}]}, semanticAction=7, attachments="x",
                                    entities=[{"type": "clientInfo"}, 7, None]))

    def test_h05_a_body_above_a_mebibyte(self):
        body = json.dumps(self.activity()).encode()
        self.accepted(body=body + b" " * ((1 << 20) - len(body)))
        self.refused(413, body=body + b" " * ((1 << 20) - len(body) + 1))

    def test_h06_media_types(self):
        given = ({"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}, {"Content-Type": ""},
                 {"Content-Type": "application/jsonp"}, {"Content-Encoding": "gzip"})
        self.each({str(headers): headers for headers in given}, lambda headers: self.refused(415, **headers))
        for kind in ("application/json; charset=utf-8", "Application/JSON;charset=UTF-8"):
            self.accepted(**{"Content-Type": kind})

    def test_h07_a_body_that_does_not_come(self):
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers(Host="a", **{"Content-Length": "100"}).items())
        with socket.create_connection(("127.0.0.1", self.world.port), timeout=60) as connection:
            connection.sendall(f"POST /api/messages HTTP/1.1\r\n{head}\r\n{{".encode())
            answer = b""
            while part := connection.recv(65536):
                answer += part
        self.assertTrue(answer.startswith(b"HTTP/1.1 408 "), answer)

    def test_h18_answers_that_would_have_to_go_into_the_response(self):
        for mode in ("expectReplies", "stream", "ephemeral"):
            with self.subTest(mode=mode):
                self.refused(400, self.activity(deliveryMode=mode))
        self.accepted(self.activity(deliveryMode="normal"))

    def test_h19_threat_07_a_tenant_that_is_not_ours(self):
        other = "00000000-0000-4000-8000-00000000beef"
        chat = {"id": "a:foreign", "conversationType": "personal"}
        self.each({"both": {"channelData": {"tenant": {"id": other}}, "conversation": {**chat, "tenantId": other}},
                   "channel data": {"channelData": {"tenant": {"id": other}}, "conversation": chat},
                   "conversation": {"channelData": {}, "conversation": {**chat, "tenantId": other}},
                   "none": {"channelData": {}, "conversation": chat}}, lambda change: self.refused(403, self.activity(**change)))
        self.each({"mixed": {"channelData": {"tenant": {"id": other}}},
                   "a list": {"channelData": {"tenant": {"id": [front.TENANT, other]}}},
                   "an object": {"channelData": {"tenant": {"id": {"$ne": ""}}}}},
                   lambda change: self.refused(400, self.activity(**change)))

    def test_a_recipient_that_is_not_this_bot(self):
        for recipient in ("28:00000000-0000-4000-8000-000000000012", front.APP, "29:user-alex", f"28:{front.APP}x"):
            with self.subTest(recipient=recipient):
                self.refused(403, self.activity(recipient={"id": recipient}))

    def test_a_sender_without_an_object_id(self):
        for sender in ({"id": "29:x"}, {"id": "29:x", "aadObjectId": ""}, {"id": "28:another-bot", "name": "Bot"},
                       {"id": "29:x", "aadObjectId": "alex"}):
            with self.subTest(sender=sender):
                self.refused(403, self.activity(**{"from": sender}))

    def test_h20_what_needs_no_answer_has_no_effect(self):
        before, calls = self.settled()
        for kind in ("typing", "messageReaction", "messageUpdate", "messageDelete", "event", "endOfConversation", "handoff", "trace"):
            for text in ("help", None):
                with self.subTest(kind=kind, text=text):
                    self.accepted(self.activity(type=kind, text=text, reactionsAdded=[{"type": "like"}], name="application/x"))
        self.accepted(self.activity(type="conversationUpdate", text=None,
                                    channelData={"tenant": {"id": front.TENANT}, "eventType": "channelRenamed"}))
        self.world.wait_notices()
        self.assertEqual(self.outward(), calls)
        now = self.rows()
        self.assertEqual((now["outbox"], now["requests"], now["audit_logs"]), (before["outbox"], before["requests"], before["audit_logs"]))

    def test_h21_threat_16_json_that_can_be_read_in_two_ways(self):
        good = json.dumps(self.activity())
        deep = '{"a":' * 2000 + "1" + "}" * 2000
        bodies = {"name twice": good[:-1] + ', "type": "invoke"}',
                  "name twice inside": good.replace('"conversationType"', '"id": "a:x", "id"'),
                  "NUL": good.replace("help", "he\\u0000lp"), "lone surrogate": good.replace("help", "\\ud800"),
                  "turned surrogates": good.replace("help", "\\udc00\\ud800"),
                  "deep": good[:-1] + f', "x": {deep}}}', "deep list": "[" * 100000,
                  "not UTF-8": good.encode().replace(b"help", b"\xff\xfe"),
                  "overlong": good.encode().replace(b"help", b"\xc0\xaf"), "control character": good.replace("help", "a\nb"),
                  "number": good.replace('"help"', "01"),
                  "many values": good[:-1] + ', "x": [' + "[]," * 120000 + "[]]}"}
        self.each(bodies, lambda body: self.refused(400, body=body))

    def test_h22_odd_ids_reach_the_connector_as_they_are(self):
        for tail in (";messageid=1", "/../x", "%2F", ":a:b", "?q#f", "+ &=", "ü€"):
            with self.subTest(tail=tail):
                conversation = {"id": f"a:odd{tail}", "conversationType": "personal", "tenantId": front.TENANT}
                self.accepted(self.activity(conversation=conversation))
                wanted = "/v3/conversations/" + urllib.parse.quote(conversation["id"], safe="-._~") + "/activities"
                front.harness.until(lambda: [c for c in self.tenant.calls(surface="connector") if wanted in c["path"]],
                                    f"{wanted} was called")


class TestAnswers(front.FrontTest):
    """What a click is answered, and that nothing outside holds an answer up."""

    def invoke_answer(self, value, **more):
        answer = self.accepted(self.invoke(value, **more))
        self.assertTrue(answer.headers["content-type"].startswith("application/json"))
        body = answer.json()
        self.assertEqual(sorted(body), ["statusCode", "type", "value"])
        self.assertTrue(body["value"])  # H16: an empty one shows an error
        return body

    def test_h08_a_hanging_connector_holds_no_answer_up(self):
        self.tenant.fault(match="connector", hang=True, count=-1)
        self.accepted()  # the connector will not answer before the fault is cleared
        self.assertEqual(self.database.value("select count(*) from outbox where state = 'pending'"), 1)
        self.tenant.clear_faults()
        self.world.wait_notices(90)  # a call that hung already is given up after 15 s and repeated after 30

    def test_h09_a_failing_connector_changes_no_answer(self):
        for status in (500, 502, 401, 403, 404):
            with self.subTest(status=status):
                self.tenant.fault(match="connector", status=status, count=1)
                self.accepted()

    def test_h10_fault_30_the_same_message_twice_has_one_effect(self):
        activity = self.activity()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertEqual({answer.status for answer in pool.map(lambda _: self.taken(activity), range(16))}, {200})
        self.world.wait_notices()
        self.assertEqual(self.database.value("select count(*) from outbox"), 1)

    def test_h11_the_same_click_under_a_new_id_has_one_effect(self):
        form = self.world.open_form("alex", "7zip")
        button = next(b for b in form["buttons"] if b["verb"] == "submit")
        value = self.press("submit", {**button["data"], "justification": "I have to open what customers send"})
        answers = [self.invoke_answer(value) for _ in range(3)]
        self.assertEqual(len({json.dumps(answer, sort_keys=True) for answer in answers}), 1)
        self.assertEqual(self.database.value("select count(*) from requests"), 1)

    def test_h12_an_invoke_that_we_do_not_know(self):
        for name in ("task/fetch", "composeExtension/queryLink", "signin/verifyState", "holographic/wave"):
            with self.subTest(name=name):
                self.assertEqual(self.accepted(self.invoke({"a": 1}, name=name)).json(), {})

    def test_h13_a_click_that_is_malformed(self):
        self.each({"no value": None, "no action": {}, "action text": {"action": "x"}, "data list": self.press("submit", [1]),
                   "data text": self.press("submit", "x"),
                   "another type": self.press("submit", kind="Action.OpenUrl"), "no type": {"action": {"verb": "submit", "data": {}}},
                   "long verb": self.press("v" * 65)},
                  lambda value: self.assertEqual((self.invoke_answer(value)["statusCode"], self.invoke_answer(value)["type"]),
                                                 (400, ERROR)))

    def test_h14_action_submit_inside_the_invoke(self):
        answer = self.invoke_answer(self.press(None, {"verb": "help"}, kind="Action.Submit"))
        self.assertEqual(answer["statusCode"], 200)

    def test_h15_a_click_without_a_verb(self):
        answer = self.invoke_answer(self.press(None))
        self.assertEqual((answer["statusCode"], answer["type"]), (400, ERROR))

    def test_h16_an_automatic_refresh_is_answered_and_has_no_effect(self):
        value = {**self.press("submit", {"justification": "x"}), "trigger": "automatic"}
        self.assertIn(self.invoke_answer(value)["type"], (CARD, WORDS))
        self.assertEqual(self.database.value("select count(*) from outbox"), 0)

    def test_h17_a_click_is_answered_while_the_database_is_locked(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        button = next(b for b in card["buttons"] if b["verb"] == "approve")
        value = self.press("approve", button["data"])
        self.invoke_answer(self.press("help"), who="megan")  # rights and prepared statements are at hand
        lock = subprocess.Popen(["psql", "-X", "-q", "-A", "-t", "-d", self.world.cluster.url(self.database.name, "postgres")],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(lock.wait, 30)
        self.addCleanup(lock.kill)
        lock.stdin.write("begin; lock table requests in access exclusive mode; select 'locked';\n")
        lock.stdin.flush()
        self.assertEqual(lock.stdout.readline().strip(), "locked")
        click, token = self.invoke(value, "megan"), self.bearer()
        begun = time.monotonic()
        answer = self.accepted(click, token)
        self.assertLess(time.monotonic() - begun, front.harness.within(CLICK_S))
        answer = answer.json()
        self.assertEqual((answer["statusCode"], answer["type"]), (500, ERROR))
        self.assertIn("try again", answer["value"]["message"])
        lock.communicate("rollback;\n")
        self.assertEqual(self.world.state(number), "pending")
        self.assertEqual(self.invoke_answer(value, who="megan")["statusCode"], 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
