# SPDX-License-Identifier: Apache-2.0
"""Threats 20, 21 and 26: who asks too much, and who asks for what is not theirs."""
import json
import re
import socket
import threading
import time
import unittest

from threat import Crowd, ThreatTest, harness, percentile

SECONDS = 10
OTHERS_P99_S = 1
FLOOD = 5000  # requests
CALL_S = 120


class TestOneWhoFloods(ThreatTest):
    """Threat 21, with the limits that are in force when nobody sets any."""

    settings = {"limits.person_per_minute": 60, "limits.address_per_second": 50}
    RATE = 100  # messages a second of the one person, from eight places, so that no limit of an address is met

    def flood(self, crowd, token, place, answers):
        sender = self.sender(f"127.0.1.{place + 1}")
        for n in range(self.RATE * SECONDS // 8):
            if not crowd.pace(max(0, self.begun + n * 8 / self.RATE - time.monotonic())):
                return
            activity = self.activity("alex", "help", id=f"flood-{place}-{n}")
            answers.append((activity["id"], *sender.post(activity, token)))

    def another(self, crowd, who, place, answers):
        sender, token = self.sender(f"127.0.2.{place + 1}"), self.bearer()
        while crowd.pace(0.25):
            answers.append(sender.post(self.activity(who, "status"), token))

    def test_threat_21_a_person_who_floods_slows_nobody_and_is_told_once(self):
        token = self.bearer()
        for who in ("alex", "lynne", "isaiah", "patti"):
            self.accepted(self.activity(who, "status"), token)  # names and rights are at hand
        self.begun = time.monotonic()
        flood, others, crowd, rest = [], [], Crowd(), Crowd()
        for place, who in enumerate(("lynne", "isaiah", "patti")):
            rest.add(self.another, rest, who, place, others)
        for place in range(8):
            crowd.add(self.flood, crowd, token, place, flood)
        crowd.end(wait=True)
        rest.end()
        self.elapsed_s = time.monotonic() - self.begun
        self.judge_others(others)
        self.assert_can_go_on(token)
        self.judge_flood(flood)

    def judge_others(self, others):
        self.assertEqual({status for status, *_ in others}, {200})
        self.assertGreater(len(others), 50)
        self.assertLess(percentile([seconds for *_, seconds in others], 0.99), harness.within(OTHERS_P99_S))

    def judge_flood(self, flood):
        self.assertEqual(len(flood), self.RATE * SECONDS // 8 * 8)
        taken = [name for name, status, *_ in flood if status == 200]
        refused = [(status, headers, text) for _, status, headers, text, _ in flood if status != 200]
        self.assertEqual({status for status, *_ in refused}, {429})
        for _, headers, text in refused:
            self.assertIn(int(headers["retry-after"]), range(1, 62))
            self.assertEqual(text, "")
        self.assertEqual(sorted(self.database.column("select activity_id from inbox where activity_id like 'flood-%'")), sorted(taken))
        told = self.database.value(
            f"select count(*) from outbox where recipient_oid = '{self.world.oid('alex')}' and activity like '%more at once%'")
        self.assertLessEqual(len(taken) - told, 60 + self.elapsed_s + 1)
        self.assertEqual(told, 1, "the person is told once in a burst")

    def assert_can_go_on(self, token):
        """A click in the flood is told so in words and does nothing; afterwards all works again."""
        sender, rows = self.sender("127.0.1.1"), self.rows()

        def too_fast():
            answer = sender.post(self.invoke(self.press("help")), token)
            self.assertEqual(answer[0], 200)
            return "more at once" in json.loads(answer[2])["value"] and answer
        answer = harness.until(too_fast, "a click is too much")
        self.assertNotIn("retry-after", answer[1])
        self.assertEqual(json.loads(answer[2])["type"], "application/vnd.microsoft.activity.message")
        self.assertEqual(self.rows()["requests"], rows["requests"])
        harness.until(lambda: sender.post(self.activity("alex", "status"), token)[0] == 200, "the person can go on", 30, 0.5)


class TestStrangers(ThreatTest):
    """Threat 26: nobody needs an account to send us forged tokens."""

    settings = {"limits.person_per_minute": 60, "limits.address_per_second": 50}
    ADDRESSES = 100
    PLACES = 24

    def forged(self):
        """Two seconds' worth of one address: good in all but its signature, which has to be computed to see that."""
        good = self.bearer()
        token = good[:-20] + ("A" * 20 if good[-20:] != "A" * 20 else "B" * 20)
        body = b"{}"
        one = (f"POST /api/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
               f"Authorization: Bearer {token}\r\n\r\n").encode() + body
        return one * 100

    def flood(self, crowd, first, step, seen):
        """As fast as it is answered, up to what the limit of an address allows."""
        data, address = self.forged(), first
        while not crowd.ending.is_set():
            address = 2 + (address - 2 + step) % self.ADDRESSES
            answer = b""
            with socket.create_connection(("127.0.0.1", self.world.port), CALL_S, source_address=(f"127.0.0.{address}", 0)) as connection:
                try:
                    connection.sendall(data)
                    connection.shutdown(socket.SHUT_WR)
                    while part := connection.recv(1 << 18):
                        answer += part
                except ConnectionError:
                    pass  # it had answered what it wanted to
            with self.lock:
                seen["sent"] += 100
                for status in re.findall(rb"HTTP/1\.1 (\d+)", answer):
                    seen[int(status)] = seen.get(int(status), 0) + 1

    def test_threat_26_a_flood_of_forged_tokens_starves_nobody(self):
        self.lock = threading.Lock()
        token, sender, seen, times = self.bearer(), self.sender("127.0.3.1"), {"sent": 0}, []
        self.assertEqual(sender.post(self.activity(text="status"), token)[0], 200)
        self.world.wait_notices()
        before, crowd = self.rows(), Crowd()
        for n in range(self.PLACES):
            crowd.add(self.flood, crowd, 2 + n, self.PLACES, seen)
        people = ("alex", "lynne", "isaiah", "patti")
        end = time.monotonic() + 5
        while time.monotonic() < end or len(times) < 50:
            status, _, _, seconds = sender.post(self.activity(people[len(times) % 4], "status"), token)
            self.assertEqual(status, 200)
            times.append(seconds)
            self.assertTrue(crowd.pace(0.02))
        harness.until(lambda: crowd.faults or seen["sent"] > FLOOD, "it is a flood")
        crowd.end()
        self.assertLess(percentile(times, 0.99), harness.within(OTHERS_P99_S))
        del seen["sent"]
        self.assertLessEqual(set(seen), {401, 429, 503})
        self.assertIn(401, seen)
        self.assertEqual(self.rows()["inbox"], before["inbox"] + len(times))
        self.assertTrue(self.world.service.running())

    def test_threat_26_without_a_bearer_the_body_is_not_waited_for(self):
        """The answer comes although nothing of the body was sent."""
        for name, line in {"none": "", "empty": "Authorization:\r\n", "Basic": "Authorization: Basic dXNlcjpwYXNz\r\n",
                           "no token": "Authorization: Bearer\r\n"}.items():
            head = f"POST /api/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n{line}\r\n"
            with self.subTest(authorization=name), socket.create_connection(("127.0.0.1", self.world.port), timeout=CALL_S) as connection:
                connection.sendall(head.encode())
                try:
                    answer = connection.recv(65536).split()[1]
                except TimeoutError:
                    answer = b"none"
                self.assertEqual(answer, b"401")


class TestEnumeration(ThreatTest):
    """Threat 20: what is not yours and what does not exist look the same (their times: tests/bench/enumeration)."""

    def setUp(self):
        super().setUp()
        self.number = self.world.ask_for("alex", "7zip")
        self.missing = self.number + 1
        card = self.world.card_of("adele", self.number)
        self.foreign = next(b for b in card["buttons"] if b["verb"] == "approve")["data"]["t"]
        form = self.world.open_form("alex", "notepad")
        self.form = next(b for b in form["buttons"] if b["verb"] == "submit")["data"]
        self.world.ask("lynne", "status")
        self.world.wait_notices()

    def answer_to(self, ask, number):
        """Status, headers, body and the message that follows, with the number and what differs anyway left out."""
        newest = self.database.value("select max(id) from outbox")
        answer = ask(number)
        if not answer.text:
            self.world.wait_notices()
        shown = self.database.column(f"select activity from outbox where id > {newest} order by id")

        def without(text):
            return re.sub(rf"\b{number}\b(?!\.\d)", "N", text)  # a card's version is no number of ours
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        return answer.status, headers, without(answer.text), [without(text) for text in shown]

    def assert_alike(self, ask, foreign, missing):
        self.assertEqual(len(str(foreign)), len(str(missing)))
        first, second = self.answer_to(ask, foreign), self.answer_to(ask, missing)
        self.assertEqual(first, second)
        self.assertNotIn("7-Zip", str(first))

    def test_threat_20_typed_numbers(self):
        for words in ("status {}", "request {}", "show #{}", "cancel {}", "withdraw {}", "approve {}", "approve {} fine",
                      "reject {} because of that", "job {}", "retry {}", "give up {} because"):
            with self.subTest(words=words):
                self.assert_alike(lambda number: self.post(self.activity("lynne", words.format(number))), self.number, self.missing)

    def test_threat_20_numbers_in_clicks(self):
        for verb in ("view", "cancel", "approve", "reject", "job", "retry", "give_up"):
            with self.subTest(verb=verb):
                self.assert_alike(lambda number: self.post(self.invoke(self.press(verb, {"rid": number, "reason": "because of that"}),
                        "lynne")), self.number, self.missing)

    def test_threat_20_action_tokens_in_clicks(self):
        """One that was made for somebody else, and one that nobody made."""
        for token in (self.foreign, self.form["t"]):
            invented = ("A" if token[0] != "A" else "B") + token[1:]
            for verb in ("approve", "reject", "cancel", "submit", "form", "retry", "give_up"):
                with self.subTest(verb=verb):
                    self.assert_alike(lambda t: self.post(self.invoke(self.press(verb,
                            {"t": t, "reason": "because of that", "justification": "because of that"}), "lynne")), token, invented)
        self.assertEqual(self.world.state(self.number), "pending")


if __name__ == "__main__":
    unittest.main(verbosity=2)
