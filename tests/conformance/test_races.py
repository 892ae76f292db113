# SPDX-License-Identifier: Apache-2.0
"""Races as races: whoever commits first has done it, everybody else is told who it was, and nobody sees an error."""
import itertools
import random
import unittest

import numbered
from front import harness
from numbered import scaled
from rounds import RaceTest

ROUNDS = scaled(40, 1000)
FEW = scaled(10, 200)
CROWD = 50
LAG_S = 0.06  # about twice what an approval takes longer than a withdrawal: it asks the directory
ORDERS = scaled(12, 120)
SEED = int(harness.os.environ.get("APPDESK_SEED", "0")) or random.randrange(1, 1 << 30)


class TestTwoAtOnce(RaceTest):
    def race(self, verbs, count):
        """Rounds of megan and adele, each with one of the verbs, released by a barrier."""
        requests = self.requests(count)
        self.offer((request, who, "decide") for request in requests for who in ("megan", "adele"))
        answers = {}
        for request in requests:
            presses = [self.click(request, who, verb, **({"reason": "not now"} if verb == "reject" else {}))
                       for who, verb in zip(("megan", "adele"), verbs)]
            answers[request["id"]] = self.together(presses)
        made = self.decisions()
        winners = {"megan": 0, "adele": 0}
        for request in requests:
            decisions = made.get(request["id"], [])
            self.assertEqual(len(decisions), 1, (request, decisions))
            winner = self.names[decisions[0]["oid"]]["key"]
            winners[winner] += 1
            loser = answers[request["id"]][1 if winner == "megan" else 0]
            self.assertIn(f"Already decided by {self.name(decisions[0]['oid'])}", self.words(loser))
            self.assertEqual(decisions[0]["decision"], {"approve": "approved", "reject": "rejected"}[verbs[winner == "adele"]])
            rejected = self.world.state(request["id"]) == "rejected" if count <= FEW else decisions[0]["decision"] == "rejected"
            self.assertEqual(rejected, decisions[0]["decision"] == "rejected")
        print(f"{count} rounds of {verbs}: {winners}")
        self.whole()

    def test_fault_32_two_approvals_at_once(self):
        self.race(("approve", "approve"), ROUNDS // 2)

    def test_fault_32_e4_an_approval_and_a_rejection_at_once(self):
        self.race(("approve", "reject"), ROUNDS // 2)

    def test_e3_one_person_on_phone_and_desktop(self):
        """The same button from two devices: two activities. Both are answered the same."""
        requests = self.requests(FEW)
        self.offer((request, "megan", "decide") for request in requests)
        for request in requests:
            first, second = self.together([self.click(request, "megan", "approve"), self.click(request, "megan", "approve")])
            self.assertEqual(first, second)
        made = self.decisions()
        self.assertEqual({number: len(rows) for number, rows in made.items()}, {request["id"]: 1 for request in requests})
        self.whole()

    def test_e3_the_client_repeats_its_invoke(self):
        """One activity, delivered three times in the same moment and once more later."""
        requests = self.requests(FEW)
        self.offer((request, "megan", "decide") for request in requests)
        for request in requests:
            click = self.click(request, "megan", "approve")
            answers = self.together([click] * 3) + [self.accepted(click).json()]
            self.assertEqual([answer for answer in answers if answer != answers[0]], [])
        self.assertEqual(self.database.value("select count(*) from decisions"), len(requests))
        self.whole()

    def test_e8_a_withdrawal_and_an_approval_at_once(self):
        requests = self.requests(FEW)
        self.offer([(request, "megan", "decide") for request in requests]
                   + [(request, request["requester"], "cancel") for request in requests])
        ends = {"cancelled": 0, "approved": 0}
        for n, request in enumerate(requests):
            cancelling, approving = self.together([self.click(request, request["requester"], "cancel"),
                                                   self.click(request, "megan", "approve")], lag_s=n / len(requests) * LAG_S)
            if self.world.state(request["id"]) == "cancelled":
                ends["cancelled"] += 1
                self.assertIn("nothing left to decide", self.words(approving))
            else:
                ends["approved"] += 1
                self.assertIn("cannot be withdrawn any more", self.words(cancelling) + self.shown_to(request["requester"]))
        made = self.decisions()
        self.assertEqual(sum(len(rows) for rows in made.values()), ends["approved"])
        self.assertEqual(max((len(rows) for rows in made.values()), default=1), 1)
        print(f"{FEW} rounds of a withdrawal and an approval: {ends}")
        self.whole()

    def shown_to(self, who):
        """What waits for this person or has reached them."""
        return str(self.database.column(f"select activity from outbox where recipient_oid = '{self.oids()[who]}'"))


class TestOnePerson(RaceTest):
    CAP, FORMS = 2, 6

    def test_f24_a_cap_holds_when_many_forms_are_sent_at_once(self):
        self.world.policy([{"name": "light", "automatic": {"max": self.CAP, "window_days": 30}, "stages": [{"ask": "group"}]}])
        numbers = self.numbers(self.FORMS * numbered.APPS)
        for round_ in range(scaled(3, 20)):
            mine = [n for n in range(numbers.count) if n % len(numbers.people) == round_ % len(numbers.people)][:self.FORMS]
            person, _ = numbers.asks(mine[0])
            self.together([numbers.activity(n) for n in mine])
            rows = self.database.rows(f"select stage, state from requests where requester_oid = '{person['id']}'")
            self.assertEqual(len(rows), self.FORMS)
            self.assertEqual([row["stage"] for row in rows].count(0), self.CAP, rows)
        self.whole()

    def test_f5_two_votes_at_once_are_both_counted(self):
        """Nobody is told to look again because somebody else was heard a moment before."""
        self.world.policy([{"name": "two", "stages": [{"ask": "group", "need": 2}]}])
        requests = self.requests(FEW)
        self.offer((request, who, "decide") for request in requests for who in ("megan", "adele"))
        for request in requests:
            self.together([self.click(request, who, "approve") for who in ("megan", "adele")])
            votes = self.decisions()[request["id"]]
            self.assertEqual(sorted(vote["oid"] for vote in votes), sorted(self.oids()[who] for who in ("megan", "adele")))
            self.assertEqual(sorted(vote["is_final"] for vote in votes), [False, True], votes)
        self.whole()


class TestTwoNodes(RaceTest):
    def test_f12_fifty_approvals_at_once_over_two_nodes(self):
        names = [f"approver{n}" for n in range(CROWD)]
        for name in names:
            self.tenant.post("people", {"key": name, "name": f"Approver {name[8:]}"})
        self.world.members("Approvers", add=names)
        self.addCleanup(self.world.members, "Approvers", remove=names)
        second = self.world.start_second()
        self.addCleanup(second.stop)
        harness.until(lambda: self.world.admin("/readyz", second.admin_port)[0] == 200, "the second node is ready")
        number = self.world.ask_for("alex", "7zip")
        self.names = {p["id"]: p for p in self.tenant.get("people")["people"]}
        self.world.people = list(self.names.values())
        request = self.database.rows(f"select id, version, stage from requests where id = {number}")[0]
        self.offer((request, who, "decide") for who in names)
        answers = self.together([self.click(request, who, "approve") for who in names], (self.world.port, second.port))
        made = self.decisions()[number]
        self.assertEqual(len(made), 1, made)
        winner = self.name(made[0]["oid"])
        told = [name for name, answer in zip(names, answers) if f"Already decided by {winner}" in self.words(answer)]
        self.assertEqual(len(told), CROWD - 1)
        self.world.wait_state(number, "delivered", 120)
        self.assertEqual(self.database.rows("select (select count(*) from grants) as grants, (select count(*) from jobs where kind = 'package') as jobs,"
                                            " (select count(*) from audit_logs where action = 'decision.approved') as audits"),
                         [{"grants": 1, "jobs": 1, "audits": 1}])
        self.assertEqual(len(self.tenant.intune_apps()), 1)
        self.whole()


class TestOrders(RaceTest):
    """Fault 31: the activities of one request, in any order. What is about a request that is not there yet moves nothing."""

    def test_fault_31_the_five_activities_of_a_request_in_every_order(self):
        orders = list(itertools.permutations(("submit", "approve", "reject", "cancel", "show")))
        random.Random(SEED).shuffle(orders)
        print(f"APPDESK_SEED={SEED}: {ORDERS} of {len(orders)} orders")
        numbers = self.numbers(ORDERS)
        for n, order in enumerate(orders[:ORDERS]):
            with self.subTest(order=order, seed=SEED):
                self.check(numbers, n, order)
        self.whole()

    def check(self, numbers, n, order):
        person, _ = numbers.asks(n)
        # One at a time, and no insert that fails: the next number is known.
        number = self.database.value("select case when is_called then last_value + 1 else last_value end from requests_id_seq")
        activities = {
            "submit": numbers.activity(n), "approve": self.activity("megan", f"approve {number}"),
            "reject": self.activity("adele", f"reject {number} not now"), "cancel": self.by(person, f"cancel {number}"),
            "show": self.by(person, f"show {number}")}
        for kind in order:
            self.accepted(activities[kind])
        after = order[order.index("submit") + 1:]
        first = next((kind for kind in after if kind in ("approve", "reject", "cancel")), None)
        wanted = {"approve": "decision.approved", "reject": "decision.rejected", "cancel": "request.cancelled"}
        trail = [row["action"] for row in self.world.trail(number) if row["action"] in wanted.values()]
        self.assertEqual(trail, [wanted[first]] if first else [])
        self.assertEqual(len(self.world.votes(number)), int(first in ("approve", "reject")))
        states = {"approve": ("approved", "fulfilling", "failed"), "reject": ("rejected",), "cancel": ("cancelled",), None: ("pending",)}
        self.assertIn(self.world.state(number), states[first])
        for kind in order:  # all of it once more, as the channel may
            self.accepted(activities[kind])
        self.assertEqual([row["action"] for row in self.world.trail(number) if row["action"] in wanted.values()], trail)

    def by(self, person, text):
        activity = self.activity("alex", text)
        return {**activity, "from": {"id": person["mri"], "name": person["displayName"], "aadObjectId": person["id"]},
                "conversation": {**activity["conversation"], "id": f"a:personal-chat-{person['key']}"}}


if __name__ == "__main__":
    unittest.main(verbosity=2)
