# SPDX-License-Identifier: Apache-2.0
"""Many requests at once, buttons for them, and people who press in the same moment: what the tests of races share."""
import base64
import concurrent.futures
import hashlib
import json
import threading
import time

import front
import numbered
import threat

invariants = front.harness.invariants
ROWS = 400  # of one insert


class RaceTest(numbered.NumbersTest):
    """Requests are made as people make them, in a flood; their buttons are rows as the makers of cards write them, since the channel
    takes one card in 0.7 s for one person. Cards that come by then are not waited for."""

    def setUp(self):
        super().setUp()
        self.senders = {}
        self.addCleanup(lambda: [sender.close() for sender in self.senders.values()])
        self.token = self.bearer()

    # ---- requests and their buttons ----

    def requests(self, count):
        """So many pending requests of many people; rows with id, version, stage, requester."""
        numbers = self.numbers(count)
        numbers.start(per_s=1000)
        numbers.crowd.end(wait=True)
        self.assertEqual(len(numbers.answered), count)
        rows = self.database.rows("select id, version, stage, requester_oid, app_id from requests where state = 'pending' order by id")
        self.assertEqual(len(rows), count)
        self.names = {p["id"]: p for p in self.tenant.get("people")["people"]}
        self.world.people = list(self.names.values())
        return [{**row, "requester": self.names[row["requester_oid"]]["key"]} for row in rows]

    def secret(self, request, who, purpose):
        digest = hashlib.md5(f"{purpose} {request['id']} {who}".encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def offer(self, offers):
        """A button for each (request, who, purpose): decide, cancel."""
        rows, oids = [], self.oids()
        for request, who, purpose in offers:
            sha = hashlib.sha256(self.secret(request, who, purpose).encode()).hexdigest()
            rows.append(f"('\\x{sha}', '{front.TENANT}', '{oids[who]}', '{purpose}',"
                        f" {request['id']}, {request['version']}, now() + interval '1 day')")
        for begin in range(0, len(rows), ROWS):
            self.database.execute("insert into action_tokens (token_sha256, tenant_id, oid, purpose, request_id, version, expires_at)"
                                  " values " + ", ".join(rows[begin:begin + ROWS]))

    def oids(self):
        return {person["key"]: person["id"] for person in self.people()}

    def click(self, request, who, verb, **inputs):
        """The press of a button that was offered. Each call is another device."""
        purpose = "cancel" if verb == "cancel" else "decide"
        data = {"verb": verb, "t": self.secret(request, who, purpose), "rid": request["id"], "v": request["version"], **inputs}
        return self.invoke(self.press(verb, data), who)

    # ---- in the same moment ----

    def together(self, activities, ports=(), lag_s=0):
        """Posts all at once, each by a thread of its own; the answers' JSON in their order. Everybody gets HTTP 200. lag_s: how much
        later the first one is, so that each of two that take unlike long can win."""
        gate = threading.Barrier(len(activities))

        def send(slot):
            gate.wait(60)
            if slot == 0 and lag_s:
                time.sleep(lag_s)

            def taken():
                """As a channel and a person do: what was not stored comes again."""
                status, _, text, _ = self.senders[slot].post(activities[slot], self.token)
                is_stored = status != 503 and json.loads(text or "{}").get("statusCode") != 500
                return is_stored and (status, text)
            return front.harness.until(taken, "it is taken")
        for slot in range(len(activities)):
            if slot not in self.senders:
                self.senders[slot] = threat.Sender(ports[slot % len(ports)] if ports else self.world.port)
        with concurrent.futures.ThreadPoolExecutor(len(activities)) as pool:
            answers = list(pool.map(send, range(len(activities))))
        self.assertEqual({status for status, _ in answers}, {200}, answers)
        return [json.loads(text) if text else {} for _, text in answers]

    def words(self, answer):
        self.assertEqual(answer["statusCode"], 200, answer)
        return json.dumps(answer["value"], ensure_ascii=False)

    # ---- the judgement ----

    def decisions(self):
        """Request -> its decisions, all of them."""
        found = {}
        for row in self.database.rows("select request_id, oid, decision, reason, is_final from decisions"):
            found.setdefault(row["request_id"], []).append(row)
        return found

    def name(self, oid):
        return self.names[oid]["displayName"]

    def whole(self):
        """The trail, and every invariant."""
        self.world.command("audit", "verify")
        self.assertEqual(invariants.faults(self.database), {})
