# SPDX-License-Identifier: Apache-2.0
"""Faults 11 to 17 and 49: the connector throttles, fails, refuses, hangs, answers nonsense, loses answers, was away for long.

APPDESK_FAULTS=long has the full counts; the figures are printed.
"""
import gzip
import json
import re
import time
import unittest

from numbered import scaled
from peer import PeerTest, error, harness
from threat import Crowd, percentile
from trap import reply

OTHERS = ("lynne", "isaiah", "patti", "adele", "megan")
MIB = 1 << 20
WINDOW_S = 5


def tell(what, **figures):
    words = ", ".join(f"{name} {value:.2f} s" if isinstance(value, float) else f"{name} {value}" for name, value in figures.items())
    print(f"\n{what}: {words}", flush=True)


class NeighboursTest(PeerTest):
    """People who talk with the bot while one conversation, alex's, has a problem."""

    EVERY_S = 0.25  # one of the others says something; each of them far below the limit of a conversation

    def setUp(self):
        super().setUp()
        self.meet("alex", *OTHERS)

    def of(self, who):
        return self.peer.seen(f"personal-chat-{who}/")

    def talk(self, seconds, is_over=lambda: False):
        """They talk for so long, or until it is over. Seconds from what each of them says until the connector has the answer."""
        crowd, said = Crowd(), {who: [] for who in OTHERS}

        def speak():
            end, n = time.monotonic() + seconds, 0
            while time.monotonic() < end and not is_over() and crowd.pace(self.EVERY_S):
                who = OTHERS[n % len(OTHERS)]
                n += 1
                activity, token = self.from_place(self.peer.base, who, "status")
                said[who].append(time.monotonic())
                self.accepted(activity, token)
        crowd.add(speak)
        crowd.end(wait=True)
        for who, times in said.items():
            harness.until(lambda: len(self.of(who)) >= len(times), f"{who} is answered {len(times)} times")
        return [call.at - at for who, times in said.items() for call, at in zip(self.of(who), times)]

    def says_alex(self, text="status"):
        activity, token = self.from_place(self.peer.base, "alex", text)
        self.accepted(activity, token)


class TestThrottled(NeighboursTest):
    WAITS = scaled((2, 3, 5), (2, 3, 5, 9))  # what each refusal asks for, longer than the pause that we would make ourselves

    def test_fault_11_a_throttled_conversation_holds_up_nobody_and_is_asked_no_earlier_than_told(self):
        waits, told = iter(self.WAITS), []

        def answer(_connection, _call):
            after = next(waits, None)
            told.append((time.monotonic(), after or 0))
            return error(429, "Throttled", Retry_After=str(after)) if after else reply(201, {"id": f"act-x{len(told)}"})
        self.peer.rule(answer, path="personal-chat-alex/")
        for _ in range(5):
            self.says_alex()
        times = self.talk(60, is_over=lambda: len(told) > len(self.WAITS))
        self.world.wait_notices(60)
        self.assertEqual(len(told), len(self.WAITS) + 5)
        calls = [call.at for call in self.of("alex")]
        for at, after in told:
            early = [call - at for call in calls if 0.001 < call - at < after]
            self.assertEqual(early, [])
        p99 = percentile(times, 0.99)
        tell("fault 11", refused=len(self.WAITS), answers=len(times), p99=p99)
        self.assertLess(p99, harness.within(1))
        self.assertEqual(self.database.value("select count(*) from outbox where state <> 'sent'"), 0)


class TestFailing(PeerTest):
    def test_fault_12_a_connector_that_fails_up_to_eight_times_loses_nothing(self):
        """Certain failures are repeated until they are none; what may have arrived, once more, and is in the ledger then."""
        self.meet("alex")
        waits, unclear = {}, (500, 502, 504)
        for status in (412, 503, *unclear):
            for times in scaled((1, 2, 8), range(1, 9)):
                with self.subTest(status=status, times=times):
                    self.peer.clear()
                    self.peer.rule(error(status), times=times)
                    notice = self.notice("alex", f"failed.{status}.{times}")
                    attempts = min(times, 2) if status in unclear else times
                    for attempt in range(1, attempts + 1):
                        self.attempts(notice, attempt)
                        if attempt < attempts or status not in unclear or times == 1:
                            made, due_s = self.tried(notice)
                            since_s = time.monotonic() - self.peer.seen(f"failed.{status}.{times}")[attempt - 1].at
                            if made == attempt:  # on a busy machine the next one may be over
                                waits.setdefault((status, attempt), []).append((due_s, due_s + since_s))
                        self.hurry(notice, attempt)
                    ended = self.outcome(notice)["state"]
                    self.assertEqual(ended, "ambiguous" if status in unclear and times > 1 else "sent")
                    self.assertEqual(len(self.peer.seen(f"failed.{status}.{times}")), 2 if status in unclear else times + 1)
        self.check_waits(waits, unclear)

    def check_waits(self, waits, unclear):
        """Twice as long each time, at least half of it, never more than 5 min, and not the same for all."""
        for (status, attempt), seconds in waits.items():
            longest = 30 if status in unclear else min(2 ** (attempt - 1), 300)
            self.assertLessEqual(max(left for left, _ in seconds), longest + 0.1, (status, attempt))
            self.assertGreaterEqual(min(wait for _, wait in seconds), 30 if status in unclear else longest / 2, (status, attempt))
        spread = [left for place in ((503, 1), (503, 4), (412, 4)) for left, _ in waits.get(place, [])]
        self.assertGreater(len({round(left, 3) for left in spread}), len(spread) / 2)

    def test_fault_13_a_refusal_is_tried_once_and_its_person_not_again(self):
        self.meet("alex", "lynne")
        for status, code, calls in ((403, "ConversationBlockedByUser", 1), (403, None, 1), (400, "BadSyntax", 1),
                                    (404, "ConversationNotFound", 2), (410, None, 2)):  # gone: created anew once, then 404 again
            with self.subTest(status=status, code=code):
                self.meet("alex")
                self.peer.rule(error(status, code))
                ended = self.outcome(self.notice("alex", f"refused.{status}.{code}"))
                self.assertEqual((ended["state"], ended["attempts"]), ("dead", 1))
                self.assertEqual(len(self.peer.seen(f"refused.{status}.{code}")), calls)
                if code == "ConversationBlockedByUser":
                    self.outcome(self.notice("alex", f"later.{status}"))
                    self.assertEqual(self.peer.seen(f"later.{status}"), [])
                    self.assertEqual(self.reference("alex"), "blocked")
                self.peer.forgive()
                self.assertEqual(self.outcome(self.notice("lynne", f"other.{status}.{code}"))["state"], "sent")

    def test_fault_14_a_refused_token_costs_one_more_fetch_and_no_message(self):
        self.meet("alex")
        self.tenant.delete("calls")
        refused = []

        def answer(_connection, call):
            refused.append(call.headers["authorization"])
            return error(401, "Unauthorized") if refused[0] == refused[-1] else reply(201, {"id": f"act-x{len(refused)}"})
        self.peer.rule(answer)  # the first token is refused to everybody
        notices = [self.notice("alex", f"token {n}") for n in range(4)]
        for notice in notices:
            self.assertEqual(self.outcome(notice)["state"], "sent")
        self.assertEqual(len(self.tenant.calls(surface="token")), 1)


class TestSilent(NeighboursTest):
    def drip(self, connection, _call):
        connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(40):
            connection.sendall(b" ")
            if self.peer.open.wait(1):
                return

    def test_fault_15_a_connector_that_hangs_or_drips_for_one_holds_up_nobody(self):
        for name, answer in (("hangs", self.peer.hang), ("drips", self.drip)):
            with self.subTest(name):
                self.peer.clear()
                self.peer.rule(answer, path="personal-chat-alex/")
                begun = time.monotonic()
                self.says_alex(f"nothing like {name}")
                notice = self.database.value(f"select max(id) from outbox where kind = 'send' and recipient_oid = '{self.world.oid('alex')}'")
                times = self.talk(scaled(6, 14))
                self.attempts(notice, 1)
                released = time.monotonic() - begun
                p99 = percentile(times, 0.99)
                tell(f"fault 15, {name}", answers=len(times), p99=p99, released=released)
                self.assertLess(p99, harness.within(1))
                self.assertLess(released, harness.within(17))
                self.assertGreater(self.due_in_s(notice), 20)  # it may have arrived: once more, later
                self.peer.clear()
                self.world.let_time_pass()
                self.assertEqual(self.outcome(notice)["state"], "sent")


class TestNonsense(PeerTest):
    LIMIT = 32 * MIB
    ROUNDS = scaled(2, 3)  # more say something without sanitizers only, which keep some of what was freed: 8 MB a round

    def rss(self):
        return int(re.search(r"VmRSS:\s+(\d+) kB", self.process("status"))[1]) << 10

    def flood(self, connection, _call):
        """20 MB where a few words belong."""
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(20):
            connection.sendall(b"x" * MIB)

    def test_fault_16_nonsense_costs_no_memory_and_no_token(self):
        self.meet("alex")
        trap = self.trap(reply(201, {"id": "stolen"}))
        bomb = gzip.compress(b"\0" * (64 * MIB), 9)
        answers = {
            "garbage": b"\x00\xff" * 200, "no body": b"HTTP/1.1 200 OK\r\n\r\n", "words": reply(200, b"<html>fine</html>"),
            "large": self.flood, "short": b"HTTP/1.1 201 X\r\nContent-Length: 10\r\n\r\n{}",
            "long": b"HTTP/1.1 201 X\r\nContent-Length: 2\r\n\r\n{\"id\":\"more than two\"}",
            "negative": b"HTTP/1.1 201 X\r\nContent-Length: -1\r\n\r\n{}", "many heads": b"HTTP/1.1 200 X\r\n" + b"X-A: b\r\n" * 50000 + b"\r\n",
            "bomb": reply(200, bomb, Content_Encoding="gzip"), "deep": reply(201, b"[" * 100000),
            "long id": reply(201, {"id": "x" * 100000}), "no id": reply(201, {"id": 7}),
            "elsewhere": reply(307, {}, Location=f"{trap.base}/v3/conversations/x/activities"),
            "create elsewhere": reply(201, {"id": "a:1", "serviceUrl": f"{trap.base}/"})}

        def run(turn):
            for name, answer in answers.items():
                self.peer.clear()
                self.peer.rule(answer, times=1)
                notice = self.notice("alex", f"{turn}.{name}")
                self.database.execute("update outbox set due_at = now() where state = 'pending'")
                harness.until(lambda: self.database.value(f"select attempts from outbox where id = {notice}") > 0, name)
                self.peer.forgive()
                self.world.let_time_pass()
                self.assertIn(self.outcome(notice)["state"], ("sent", "ambiguous", "dead"), name)
        run("first")  # what is allocated once is not growth
        before = self.rss()
        for turn in range(self.ROUNDS):
            run(turn)
        growth = self.rss() - before
        tell("fault 16", rss_growth_mb=growth // MIB, rounds=self.ROUNDS)
        self.assertLess(growth, self.LIMIT)
        self.assertEqual(trap.connections, 0)
        self.assertTrue(self.world.service.running())


class TestLostAnswers(PeerTest):
    """Fault 17, through the tenant: it has shown the card, and AppDesk does not know."""

    def cards(self, number):
        return [entry for entry in self.tenant.shown("adele") if f"#{number}" in entry["text"]]

    def twins(self):
        self.world.ask("adele", "help")
        self.world.ask("megan", "help")
        self.tenant.fault(match="connector", method="POST", contains="personal-chat-adele", count=1, cut=True, after=True)
        number = self.world.ask_for("alex", "7zip")
        harness.until(lambda: self.cards(number), "the card has arrived")
        card = self.database.value(f"select outbox_id from card_copies where card = 'approval' and request_id = {number}"
                                   f" and recipient_oid = '{self.world.oid('adele')}'")
        self.attempts(card, 1)
        self.world.let_time_pass()
        harness.until(lambda: len(self.cards(number)) == 2, "it has been sent once more")
        self.world.wait_notices()
        return number

    def check(self, number):
        self.world.wait_state(number, "delivered", 120)
        self.world.wait_notices()
        self.assertEqual(len(self.cards(number)), 2)
        for entry in self.cards(number):
            self.assertFalse(harness.has_button(entry, "approve"), entry)
            self.assertIn("Approved by", entry["text"])
        self.assertEqual(self.database.value(f"select count(*) from decisions where request_id = {number}"), 1)
        self.assertEqual(self.database.value("select count(*) from jobs where kind = 'package'"), 1)
        self.world.command("audit", "verify")

    def test_fault_17_the_first_of_two_cards_decides_and_both_follow(self):
        number = self.twins()
        self.tenant.press("adele", "approve", activity=self.cards(number)[0]["id"])
        self.check(number)

    def test_fault_17_the_second_decides_and_the_first_follows_when_it_is_pressed(self):
        number = self.twins()
        first, second = (entry["id"] for entry in self.cards(number))
        self.tenant.press("adele", "approve", activity=second)
        harness.until(lambda: not harness.has_button(self.cards(number)[1], "approve"), "the second one follows")
        pressed = self.tenant.press("adele", "approve", activity=first)
        self.assertEqual(pressed["status"], 200)
        self.check(number)

    def test_fault_17_replies_that_are_lost_again_and_again_decide_nothing_twice(self):
        for who in ("adele", "megan"):
            self.world.ask(who, "help")
        for n, who in enumerate(("alex", "lynne", "isaiah", "patti")[:scaled(2, 4)]):
            with self.subTest(who):
                self.tenant.fault(match="connector", contains="activities", skip=n, count=3, cut=True, after=True)
                number = self.world.ask_for(who, "7zip")
                self.world.approve("megan", number)
                self.tenant.clear_faults()
                self.world.let_time_pass()
                self.world.wait_state(number, "delivered", 120)
                self.world.let_time_pass()
                self.world.wait_notices(60)
                self.assertEqual(self.database.value(f"select count(*) from decisions where request_id = {number}"), 1)
                self.assertLessEqual(len(self.cards(number)), 2)


class TestBacklog(PeerTest):
    """Fault 49: after an outage of hours. News of many people wait, some of a person more than one."""

    ROWS, PEOPLE = scaled(1500, 20000), scaled(300, 2000)
    settings = {"limits.tenant_per_second": 80}
    RATE = 50

    def test_fault_49_a_backlog_drains_in_order_at_its_rate_and_without_a_storm(self):
        self.meet("adele")
        form = self.world.open_form("alex", "7zip")
        self.world.wait_notices()
        self.world.stop_service()
        self.database.execute(
            "insert into outbox (tenant_id, recipient_oid, kind, fact, activity, service_url, conversation_id, created_at, due_at)"
            f" select '00000000-0000-4000-8000-000000000001', 'p' || n % {self.PEOPLE}, 'send', 'backlog.' || n,"
            f" '{{\"type\":\"message\",\"text\":\"backlog ' || n || '\"}}', '{self.peer.base}/', 'a:p' || n % {self.PEOPLE},"
            f" now() - interval '6 h' + n * interval '1 s', now() from generate_series(1, {self.ROWS}) n order by n")
        self.world.start_service()
        self.peer.wait("backlog", 20)
        waited = self.time_to_approve(form)
        harness.until(lambda: len(self.peer.seen("backlog")) == self.ROWS, "all is delivered", self.ROWS / self.RATE + 60, 1)
        calls = self.peer.seen("backlog")
        self.world.wait_notices(60)
        seconds = calls[-1].at - calls[0].at
        most = max(sum(1 for other in calls[n:n + 1000] if other.at - call.at < WINDOW_S) for n, call in enumerate(calls))
        tell("fault 49", rows=self.ROWS, seconds=seconds, per_s=round(self.ROWS / seconds, 1), most_in_5_s=most, an_approval_meanwhile=waited)
        self.check_order(calls)
        self.assertGreaterEqual(self.ROWS / seconds, self.RATE / harness.within(1))
        # A busy connector notices some together; each second: tests/unit/outbox/test_pace.c.
        self.assertLessEqual(most, 80 * (WINDOW_S - 1 + harness.within(1)))
        self.assertLess(waited, harness.within(1.5))
        self.assertEqual(self.database.value("select count(*) from outbox where attempts <> 1 or state <> 'sent'"), 0)

    def time_to_approve(self, form):
        """Seconds from a request that is made meanwhile to its card for the approver, while the backlog goes on."""
        begun = time.monotonic()
        self.tenant.press("alex", "submit", {"justification": "I have to open what customers send"}, activity=form["id"])
        return self.peer.wait("personal-chat-adele/")[0].at - begun

    def check_order(self, calls):
        last = {}
        for call in calls:
            number = int(json.loads(call.body)["text"].split()[1])
            self.assertGreater(number, last.get(call.path, 0))
            last[call.path] = number


if __name__ == "__main__":
    unittest.main(verbosity=2)
