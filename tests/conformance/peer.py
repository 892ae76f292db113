# SPDX-License-Identifier: Apache-2.0
"""A Bot Connector of the test's own: it answers well unless a rule says otherwise, and notes the moment of every call."""
import itertools
import json
import threading
import time

from threat import ThreatTest, harness
from trap import Trap, reply


class Call:
    def __init__(self, text):
        self.at = time.monotonic()
        head, _, self.body = text.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        self.method, self.path, *_ = [*first.split(" "), "", ""]
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def json(self):
        return json.loads(self.body)


def error(status, code=None, body=None, **headers):
    """An error as the connector words it."""
    return reply(status, body if code is None else {"error": {"code": code, "message": "no"}}, **headers)


class Peer(Trap):
    def __init__(self):
        self.calls, self.rules, self.numbers = [], [], itertools.count(1)
        self.open = threading.Event()  # ends what hangs
        super().__init__()

    def rule(self, answer, method="POST", path="/activities", times=-1, body=""):
        """What fits is answered so; the oldest rule that has times left wins. answer: bytes, or what is called with
        (connection, call) and may return bytes."""
        with self.lock:
            self.rules.append({"answer": answer, "method": method, "path": path, "times": times, "body": body})

    def hang(self, _connection, _call):
        self.open.wait(60)

    def forgive(self):
        """From now on all is answered well."""
        with self.lock:
            self.rules = []

    def clear(self):
        with self.lock:
            self.calls, self.rules = [], []
            self.open.set()
            self.open = threading.Event()

    def serve(self, connection):
        text = self.read(connection)
        if not text.strip():
            return
        call = Call(text)
        with self.lock:
            self.calls.append(call)
            answer = self.find(call)
        if callable(answer):
            answer = answer(connection, call)
        if answer:
            connection.sendall(answer)

    def find(self, call):
        for rule in self.rules:
            if rule["times"] and rule["method"] == call.method and rule["path"] in call.path and rule["body"] in call.body:
                rule["times"] -= 1
                return rule["answer"]
        number = next(self.numbers)
        if call.method == "PUT":
            return reply(200, {"id": call.path.rpartition("/")[2]})
        return reply(201, {"id": f"act-{number}" if "/activities" in call.path else f"a:created-{number}"})

    def seen(self, words="", method=None):
        """The calls that hold these words in their path or body."""
        with self.lock:
            return [c for c in self.calls if (words in c.body or words in c.path) and method in (None, c.method)]

    def wait(self, words="", count=1, method=None, timeout_s=30):
        return harness.until(lambda: (self.seen(words, method) if len(self.seen(words, method)) >= count else None),
                             f"the connector is called {count} times with {words!r}", timeout_s)


class PeerTest(ThreatTest):
    """Base of tests whose connector is a Peer; whoever meets the bot there is written to there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = Peer()
        cls.addClassCleanup(cls.peer.close)
        cls.world.settings["bot.service_hosts"] += f", 127.0.0.1:{cls.peer.port}"
        cls.world.settings["bot.service_url"] = cls.peer.base + "/first/"

    def setUp(self):
        self.peer.clear()
        super().setUp()
        self.addCleanup(self.peer.clear)

    def meet(self, *people, base=None):
        """They write to the bot, and are answered."""
        self.peer.forgive()
        for who in people:
            activity, token = self.from_place(base or self.peer.base, who)
            self.accepted(activity, token)
        self.world.wait_notices()
        self.peer.clear()

    def creates(self, who):
        """The calls that make a conversation with this person; others are written to as well: admins hear of who is not reached."""
        return [call for call in self.peer.seen(self.world.oid(who)) if call.path.endswith("/v3/conversations")]

    def alarms(self):
        """Kinds of the alarms of this test, in their order."""
        lines = [json.loads(line) for line in self.world.log().rpartition("\n")[0].splitlines()]
        return [line["alarm"] for line in lines if "alarm" in line]

    def reference(self, who):
        return self.database.value(f"select state from bot_conversation_references where oid = '{self.world.oid(who)}'")

    def due_in_s(self, notice):
        return self.database.value(f"select extract(epoch from due_at - now()) from outbox where id = {notice}")

    def tried(self, notice):
        """Attempts that were recorded, and in how many seconds the next one is due: of one moment."""
        row = self.database.rows(f"select attempts, extract(epoch from due_at - now()) as due from outbox where id = {notice}")[0]
        return row["attempts"], row["due"]

    def hurry(self, notice, tried):
        """The next attempt after so many is due now; one that was made meanwhile, by itself, keeps its pause."""
        self.database.execute(f"update outbox set due_at = now() where id = {notice} and attempts = {tried}")

    def attempts(self, notice, count):
        """Waits until so many attempts have been recorded."""
        harness.until(lambda: self.database.value(f"select attempts from outbox where id = {notice}") >= count,
                      f"{count} attempts are recorded")

    def copy_at_peer(self, who="adele", requester="alex"):
        """An approver's card at the peer: number of the request, the call that brought it, the id that it got."""
        self.meet(who)
        self.world.ask("megan", "help")  # she is at the tenant
        number = self.world.ask_for(requester, "7zip")
        call = self.peer.wait(f"#{number}")[0]
        self.world.wait_notices()
        return number, call, self.activity_id(number, who)

    def activity_id(self, number, who="adele"):
        return self.database.value("select activity_id from card_copies where card = 'approval'"
                                   f" and request_id = {number} and recipient_oid = '{self.world.oid(who)}'")
