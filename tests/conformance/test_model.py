# SPDX-License-Identifier: Apache-2.0
"""Random schedules, held against a model of the counter (model.py) after each step.

APPDESK_SEED names one schedule to be run again; APPDESK_SCHEDULES how many. A step is a request, a vote (typed, on a card, on a card
from before), a withdrawal, a change of the directory, a freeze, or kill -9 and a new process.
"""
import collections
import hashlib
import os
import random
import unittest

import front
import model
from numbered import scaled
from rounds import RaceTest

SEED = int(os.environ.get("APPDESK_SEED", "0"))
SCHEDULES = int(os.environ.get("APPDESK_SCHEDULES", "0")) or (1 if SEED else scaled(12, 1000))
STEPS = 14
CORE = ("request.created", "request.cancelled", "request.closed", "stage.opened", "decision.approved", "decision.rejected")
APPROVERS = ("megan", "adele", "patti")
POLICIES = {
    "Model.One": (model.Rule("group"),),
    "Model.Two": (model.Rule("manager"), model.Rule("group", 2)),
    "Model.Some": (model.Rule("group", 2, reject_ends=False),),
    "Model.All": (model.Rule("lynne", alternates=("group",)), model.Rule("group", 0)),
}
DONE = {"approved": "approved", "fulfilling": "approved", "delivered": "approved"}

# Packages and looks at the directory would come at moments that no model knows: here they never do.
HOLD = """
create function hold_jobs() returns trigger language plpgsql as $$ begin
    if new.kind not in ('notice', 'news') then new.run_at = now() + interval '10 years'; end if; return new; end $$;
create trigger hold_jobs before insert on jobs for each row execute function hold_jobs();
update jobs set run_at = now() + interval '10 years' where kind not in ('notice', 'news')"""


class TestModel(RaceTest):
    def setUp(self):
        super().setUp()
        self.database.execute(HOLD)
        self.world.members("Approvers", add=["patti"])
        self.addCleanup(self.world.members, "Approvers", add=["megan", "adele"], remove=["patti"])
        for package in POLICIES:
            self.world.command("catalog", "add", package, "--name", package.replace(".", " "), "--publisher", "Model")
        self.apps = {row["winget_id"]: row["id"] for row in self.database.rows("select id, winget_id from apps")}
        self.world.policy([{"name": package, "match": {"packages": [package]}, "stages": [self.document(rule) for rule in rules]}
                           for package, rules in POLICIES.items()])
        self.steps = collections.Counter()
        self.tokens = 0

    def document(self, rule):
        def ask(words):
            return words if words in ("group", "manager") else {"user": self.world.oid(words)}
        return {"ask": ask(rule.ask), "need": rule.need or "all", "reject_ends": rule.reject_ends,
                "alternates": [ask(words) for words in rule.alternates]}

    def test_random_schedules_do_what_the_model_does(self):
        first = SEED or random.randrange(1, 1 << 30)
        for seed in range(first, first + SCHEDULES):
            with self.subTest(APPDESK_SEED=seed):
                self.schedule(seed)
        print(f"{SCHEDULES} schedules from APPDESK_SEED={first}: {dict(self.steps)}")
        self.whole()
        self.copies_are_true()

    def copies_are_true(self):
        """Each card out there shows its request as it is, or is about to."""
        self.assertEqual(self.database.rows(
            "select c.outbox_id, c.card, r.id, r.version, c.shown_version from card_copies c join requests r on r.id = c.request_id"
            " where c.card in ('receipt', 'approval') and c.shown_version < r.version and not exists (select from outbox o"
            " where o.state = 'pending' and (o.copy_of = c.outbox_id or o.id = c.outbox_id))"), [])

    # ---- a schedule ----

    def schedule(self, seed):
        self.random, self.counter, self.seen = random.Random(seed), model.Counter(POLICIES), {}
        people = [f"s{seed}{letter}" for letter in "abc"]
        for key, manager in zip(people, ("isaiah", None, "megan")):
            self.tenant.post("people", {"key": key, "name": f"Person {key}", "manager": manager})
            self.counter.managers[key] = manager
        self.world.members("Approvers", add=[people[2], *APPROVERS])  # one of those who ask decides, too
        self.counter.group, self.counter.admins = {people[2], *APPROVERS}, {"megan"}
        self.known = {p["key"]: p for p in self.tenant.get("people")["people"]}
        self.keys = {p["id"]: key for key, p in self.known.items()}
        self.world.people = list(self.known.values())
        self.requesters = people
        trace = []
        try:
            for n in range(STEPS):
                weights = (4, 20, 1, 2, 8 if self.counter.frozen else 0.5, 0.2)
                kind = self.random.choices(("ask", "vote", "cancel", "directory", "freeze", "crash"), weights)[0]
                trace.append(self.step("ask" if n < 2 else kind))
                self.compare(trace)
        finally:
            self.world.members("Approvers", remove=people[2:])
            if self.counter.frozen:
                self.freeze(False)

    def step(self, kind):
        self.steps[kind] += 1
        return kind, getattr(self, f"do_{kind}")()

    def send(self, activity):
        self.accepted(activity, self.token)

    def do_ask(self):
        who, app = self.random.choice(self.requesters), self.random.choice(list(POLICIES))
        self.tokens += 1
        key = {"id": f"form {self.tokens} {who}", "version": 0}
        self.offer_form(key, who, app)
        can = self.counter.can_ask(who, app)
        before = self.newest()
        self.send(self.activity(who, None, value={"verb": "submit", "t": self.secret(key, who, "submit"), "justification": "for work"}))
        number = self.newest()
        self.assertEqual(number > before, can, f"{who} asks for {app}")
        if can:
            self.assertTrue(self.counter.ask(number, who, app))
        return who, app, number

    def newest(self):
        return self.database.value("select coalesce(max(id), 0) as id from requests")

    def offer_form(self, key, who, app):
        sha = hashlib.sha256(self.secret(key, who, "submit").encode()).hexdigest()
        self.database.execute("insert into action_tokens (token_sha256, tenant_id, oid, purpose, app_id, expires_at) values"
                              f" ('\\x{sha}', '{front.TENANT}', '{self.oids()[who]}', 'submit', {self.apps[app]}, now() + interval '1 day')")

    def pick(self):
        """Mostly one that is still open."""
        waiting = [r.number for r in self.counter.requests.values() if r.state == model.PENDING]
        return self.random.choice(waiting * 4 + list(self.counter.requests)) if self.counter.requests else None

    def do_vote(self):
        number = self.pick()
        if number is None:
            return None
        request = self.counter.requests[number]
        who = self.random.choice([*APPROVERS, "isaiah", "lynne", *self.requesters, *sorted(request.stage.asked) * 4])
        approve, reason = self.random.random() < 0.7, self.random.random() < 0.9
        way = self.random.choice(("typed", "card", "card", "old card"))
        versions = self.seen[number]
        version = self.random.choice(versions[:-1]) if way == "old card" and len(versions) > 1 else versions[-1]
        if way == "typed":
            self.send(self.activity(who, f"approve {number}" if approve else f"reject {number}{' not now' if reason else ''}"))
        else:
            self.tokens += 1
            card = {"id": number, "version": version, "press": self.tokens}
            self.offer([(card, who, "decide")])
            self.send(self.click(card, who, "approve" if approve else "reject", **({"reason": "not now"} if reason and not approve else {})))
        done = self.counter.vote(number, who, approve, reason, stale=version != versions[-1])
        self.steps["vote counted" if done else "vote refused"] += 1
        return number, who, approve, reason, way, version, done

    def secret(self, request, who, purpose):
        return super().secret({"id": (request["id"], request.get("press", 0))}, who, purpose)

    def do_cancel(self):
        number = self.pick()
        if number is None:
            return None
        owner = self.counter.requests[number].who
        who = owner if self.random.random() < 0.7 else self.random.choice(self.requesters)
        self.send(self.activity(who, f"cancel {number}"))
        return number, who, self.counter.cancel(number, who)

    def do_directory(self):
        who = self.random.choice(("adele", "patti"))
        joins = who not in self.counter.group
        self.world.members("Approvers", **{"add" if joins else "remove": [who]})
        (self.counter.group.add if joins else self.counter.group.remove)(who)
        return who, joins

    def do_freeze(self):
        self.freeze(not self.counter.frozen)
        return self.counter.frozen

    def freeze(self, on):
        self.world.command("settings", "set", "Frozen", "true" if on else "false")
        self.counter.frozen = on

    def do_crash(self):
        self.world.kill_service()
        self.world.let_time_pass()
        self.database.execute("update jobs set run_at = now() + interval '10 years' where kind not in ('notice', 'news')")
        self.world.start_service()
        self.senders.clear()

    # ---- both are the same ----

    def compare(self, trace):
        numbers = ", ".join(map(str, self.counter.requests)) or "0"
        core = ", ".join(f"'{action}'" for action in CORE)
        rows = self.database.rows(f"""
            select r.id, r.version, r.state, r.requester_oid,
                (select json_agg(json_build_array(s.state, s.level) order by s.ordinal) from stages s where s.request_id = r.id) as stages,
                (select coalesce(json_agg(json_build_array(d.ordinal, d.oid, d.decision, d.is_final)), '[]') from decisions d
                    where d.request_id = r.id) as votes,
                (select json_agg(json_build_array(a.action, a.user_id) order by a.seq) from audit_logs a
                    where a.entity_type = 'request' and a.entity_id = r.id::text and a.action in ({core})) as trail,
                (select coalesce(json_agg(json_build_array(o.fact, o.recipient_oid)), '[]') from outbox o
                    where o.request_id = r.id and o.kind = 'send' and o.channel = 'teams') as told
            from requests r where r.id in ({numbers})""")
        self.assertEqual({row["id"] for row in rows}, set(self.counter.requests), trace)
        for row in rows:
            request = self.counter.requests[row["id"]]
            self.assertEqual(self.of_product(row), self.of_model(request), trace)
            versions = self.seen.setdefault(row["id"], [])
            if row["version"] not in versions:
                versions.append(row["version"])

    def of_product(self, row):
        mine = f"request.{row['id']}."
        facts = [(fact.removeprefix(mine), self.keys[oid]) for fact, oid in row["told"] if fact.startswith(mine)]
        news = ("rejected", "approved")
        return {
            "state": DONE.get(row["state"], row["state"]),
            "stages": [tuple(stage) for stage in row["stages"]],
            "votes": sorted((n, self.keys[oid], decision, final) for n, oid, decision, final in row["votes"]),
            "trail": [(action, self.keys.get(oid)) for action, oid in row["trail"]],
            "told": sorted(fact for fact, who in facts if who == self.keys[row["requester_oid"]]
                           and (fact in news or fact.endswith(".agreed"))),
            "asked": sorted((int(fact.split(".")[0]), who) for fact, who in facts if fact.endswith(".approval")),
        }

    def of_model(self, request):
        def is_final(stage, n):
            return stage.state in ("approved", "rejected") and n == len(stage.votes)
        return {
            "state": request.state,
            "stages": [(stage.state, stage.level) for stage in request.stages],
            "votes": sorted((n, who, "approved" if yes else "rejected", is_final(stage, i))
                            for n, stage in enumerate(request.stages, 1) for i, (who, yes) in enumerate(stage.votes.items(), 1)),
            "trail": request.trail,
            "told": sorted(request.told),
            "asked": sorted((n, who) for n, stage in enumerate(request.stages, 1) for who in stage.asked),
        }


if __name__ == "__main__":
    unittest.main(verbosity=2)
