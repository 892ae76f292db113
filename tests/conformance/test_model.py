# SPDX-License-Identifier: Apache-2.0
"""Random schedules, held against a model of the counter (model.py) after each step: state, trail, notices, and every card out there.

APPDESK_SEED names one schedule to be run again; APPDESK_SCHEDULES how many. Two clicks that race and moments of a kill are the
machine's own: a seed brings back what was tried, and nearly always what came of it.
"""
import collections
import copy
import datetime
import os
import random
import re
import traceback
import unittest

import front
import model
from numbered import scaled
from rounds import RaceTest
from steps import Steps

SEED = int(os.environ.get("APPDESK_SEED", "0"))
SCHEDULES = int(os.environ.get("APPDESK_SCHEDULES", "0")) or (1 if SEED else scaled(4, 1000))
STEPS = 16
KILLS = 0.05   # of all steps
OF_A_WORLD = 20  # schedules with one database
REST_S = 60
POLICIES = {
    "7zip.7zip": model.Policy((model.Rule("group"),)),
    "Contoso.Tool": model.Policy((model.Rule("manager", timeout=150, alternates=("group",)), model.Rule("group", 2)), days=20, undo=300),
    "Notepad++.Notepad++": model.Policy((model.Rule("group", 2, reject_ends=False, timeout=1470),)),
    "VideoLAN.VLC": model.Policy((model.Rule("group", reject_ends=False),)),
    "Contoso.Reader": model.Policy((model.Rule("lynne", timeout=150, alternates=("group",)),
                                    model.Rule("group", 0, timeout=1470, on_timeout="approve"))),
}
ACTIONS = ("request.created", "request.edited", "request.cancelled", "request.expired", "request.closed", "stage.opened", "stage.escalated",
           "stage.reminded", "stage.handed_over", "decision.approved", "decision.rejected", "decision.undone", "inquiry.asked",
           "inquiry.answered", "grant.started")
STATES = {"approved": model.APPROVED, "fulfilling": model.APPROVED}
LABELS = {model.PENDING: "Waiting for approval", model.NEEDS_INFO: "A question for the requester", model.APPROVED: "Approved",
          model.DELIVERED: "Ready", model.CANCELLED: "Withdrawn", model.EXPIRED: "Nobody decided in time", model.FAILED: "Could not be delivered",
          model.REJECTED: "Not approved"}
VERBS = ("approve", "reject", "ask", "hand_over", "cancel", "edit", "nudge", "answer")

# Looks at the directory would come at moments that no model knows, and packages are delivered by a step of their own. All live where
# it is about noon: nobody is asleep.
HOLD = ("""
create function hold_jobs() returns trigger language plpgsql as $$ begin
    if new.kind in ('directory', 'drift', 'watch', 'anchor') or (new.kind = 'package' and tg_op = 'INSERT') then
        new.run_at = now() + interval '10 years'; end if;
    return new; end $$;
create trigger hold_jobs before insert or update on jobs for each row execute function hold_jobs()""", """
update jobs set run_at = now() + interval '10 years' where kind <> 'notice'""", """
create function hold_zone() returns trigger language plpgsql as $$ begin new.time_zone = '{zone}'; return new; end $$;
create trigger hold_zone before insert or update on users for each row execute function hold_zone()""", """
update users set time_zone = ''""")
BUSY = """(select count(*) from outbox where state = 'pending') + (select count(*) from jobs where state = 'running'
    or (state in ('queued', 'retry_wait') and run_at <= now()))"""


def noon():
    """A zone where it is about noon."""
    ahead = (12 - datetime.datetime.now(datetime.timezone.utc).hour + 11) % 24 - 11
    return f"Etc/GMT{'-' if ahead >= 0 else '+'}{abs(ahead)}"  # their signs are the other way round


class TestModel(Steps, RaceTest):
    policies, kills = POLICIES, KILLS
    settings = {"limits.tenant_per_second": 1000}

    def begin(self):
        super().begin()
        self.world.wait_directory()
        for statements in HOLD:  # by themselves: the service takes other locks first
            self.database.execute(statements.format(zone=noon()))
        for package, name in (("Contoso.Tool", "Tool"), ("VideoLAN.VLC", "VLC")):
            self.world.command("catalog", "add", package, "--name", name, "--publisher", name)
        self.database.execute("delete from app_questions")
        self.apps = {row["winget_id"]: row["id"] for row in self.database.rows("select id, winget_id from apps")}
        self.world.policy([{"name": package, "match": {"packages": [package]}, "undo_min": policy.undo,
                            **({"grant_days": policy.days} if policy.days else {}), "stages": [self.document(rule) for rule in policy.stages]}
                           for package, policy in POLICIES.items()])
        self.tokens, self.cards, self.seqs = 0, {}, {}

    def document(self, rule):
        def ask(words):
            return words if words in ("group", "manager") else {"user": self.world.oid(words)}
        return {"ask": ask(rule.ask), "need": rule.need or "all", "reject_ends": rule.reject_ends, "on_timeout": rule.on_timeout,
                "alternates": [ask(words) for words in rule.alternates], **({"timeout_min": rule.timeout} if rule.timeout else {})}

    def test_random_schedules_do_what_the_model_does(self):
        first = SEED or random.randrange(1, 1 << 30)
        print(f"{SCHEDULES} schedules from APPDESK_SEED={first}", flush=True)
        self.steps = collections.Counter()
        for n, seed in enumerate(range(first, first + SCHEDULES)):
            if n and n % OF_A_WORLD == 0:
                self.whole()
                self.begin_again()
            with self.subTest(APPDESK_SEED=seed):
                self.told_at_once(seed)
        print(", ".join(f"{kind}: {count}" for kind, count in sorted(self.steps.items())), flush=True)
        self.whole()

    # ---- a schedule ----

    def told_at_once(self, seed):
        """A long run says what it has found when it finds it."""
        try:
            self.schedule(seed)
        except Exception:
            print(f"APPDESK_SEED={seed}: {traceback.format_exc()}", flush=True)
            raise

    def schedule(self, seed):
        self.random = random.Random(seed)
        self.token = self.bearer()  # lives for an hour, a long run for longer
        self.gather_people(seed)
        trace = []
        try:
            for n in range(STEPS):
                kind = self.draw(n)
                self.candidates = None
                self.steps[kind] += 1
                what = getattr(self, f"do_{kind}")() if hasattr(self, f"do_{kind}") else self.act(kind)
                trace.append((kind, what))
                self.compare(trace)
        finally:
            self.leave()

    def gather_people(self, seed):
        """Seven new ones: three who ask, of whom the last one decides as well, three who decide, and a manager."""
        self.cast = [f"s{seed}{letter}" for letter in "abcdefg"]
        self.requesters, deciders, manager = self.cast[:3], self.cast[2:6], self.cast[6]
        managers = dict(zip(self.requesters, (manager, None, self.cast[3])))
        for key in self.cast[::-1]:
            self.tenant.post("people", {"key": key, "name": f"Person {key}", "manager": managers.get(key)})
        self.world.members("Approvers", add=deciders, remove=["megan", "adele"])
        self.counter = model.Counter(POLICIES, deciders, {"megan"}, managers)
        self.names = {p["id"]: p for p in self.tenant.get("people")["people"]}
        self.world.people = list(self.names.values())
        self.keys = {oid: person["key"] for oid, person in self.names.items()}
        self.together([self.activity(who, "hello") for who in self.cast[2:]])  # who is named has been met
        self.first_notice = self.newest_notice = self.database.value("select coalesce(max(id), 0) as id from outbox")

    def leave(self):
        self.world.members("Approvers", remove=[who for who in self.cast[2:]])
        if self.counter.frozen:
            self.freeze(False)
        front.harness.until(self.no_timers, "nothing is left of this schedule that could ask the next one's people", REST_S, 0.05)

    def no_timers(self):
        """One that works is queued again when it has looked."""
        mine = "kind in ('stage', 'delegation', 'grant', 'package') and state"
        self.database.execute(f"update jobs set state = 'cancelled' where {mine} in ('queued', 'retry_wait')")
        return self.database.value(f"select count(*) from jobs where {mine} in ('queued', 'retry_wait', 'running')") == 0

    def oid(self, who):
        return next(person["id"] for person in self.people() if person["key"] == who)

    def newest(self):
        return self.database.value("select coalesce(max(id), 0) as id from requests")

    def after(self, acts):
        """The model as it is when these were done in this order."""
        counter = copy.deepcopy(self.counter)
        for act in acts:
            (act.apply if hasattr(act, "apply") else act)(counter)
        return counter

    # ---- both are the same ----

    def compare(self, trace):
        product = self.at_rest()
        candidates = self.candidates or [self.counter]
        self.counter = next((c for c in candidates if self.of_model(c, product) == product), candidates[0])
        self.look_at_cards()  # by the clock of what was done: what has come is new
        self.assertEqual(product, self.of_model(self.counter, product), "\n".join(map(str, trace)))
        self.check_cards(trace)

    def at_rest(self):
        found = {}

        def rest():
            found.update(self.read())
            return found["busy"] == 0
        front.harness.until(rest, "the counter is at rest", REST_S, 0.02)
        return self.of_product(found)

    def read(self):
        people = ", ".join(f"'{self.oid(who)}'" for who in self.cast)
        actions = ", ".join(f"'{action}'" for action in ACTIONS)
        return self.database.rows(f"""
            with r as (select * from requests where requester_oid in ({people})) select {BUSY} as busy,
            (select coalesce(max(id), 0) from outbox) as newest, (select coalesce(json_agg(distinct o.recipient_oid), '[]') from outbox o
                where o.id > {self.newest_notice}) as told_now,
            (select coalesce(json_agg(json_build_object('id', r.id, 'state', r.state, 'version', r.version, 'round', r.round, 'days', coalesce(r.wanted_days, 0),
                'stages', (select json_agg(json_build_array(s.step, s.state, s.level) order by s.ordinal) from stages s where s.request_id = r.id),
                'seats', (select json_agg(json_build_array(a.ordinal, a.oid, coalesce(nullif(a.on_behalf_of, ''), a.oid)))
                    from stage_approvers a where a.request_id = r.id and a.state = 'asked'),
                'votes', (select json_agg(json_build_array(d.ordinal, d.oid, coalesce(nullif(d.on_behalf_of, ''), d.oid), d.decision,
                    d.is_final, coalesce(d.granted_days, 0))) from decisions d where d.request_id = r.id),
                'trail', (select json_agg(json_build_array(a.action, a.user_id) order by a.seq) from audit_logs a
                    where a.entity_type = 'request' and a.entity_id = r.id::text and a.action in ({actions})))), '[]') from r) as requests,
            (select coalesce(json_agg(json_build_array(o.fact, o.recipient_oid)), '[]') from outbox o where o.id > {self.first_notice}
                and o.kind = 'send' and o.channel = 'teams' and o.fact ~ '^(request|grant|delegation)'
                and (o.recipient_oid in ({people}) or o.request_id in (select id from r))) as told,
            (select coalesce(json_agg(json_build_array(g.request_id, g.state, extract(epoch from g.expires_at - now()) / 60)), '[]')
                from grants g where g.request_id in (select id from r)) as grants,
            (select coalesce(json_agg(json_build_array(d.from_oid, d.to_oid)), '[]') from delegations d where d.ended_at is null
                and d.ends_at > now() and d.from_oid in ({people})) as delegations,
            (select coalesce(json_object_agg(c.activity_id, json_build_array(c.request_id, c.card)), '{{}}') from card_copies c
                where c.request_id in (select id from r) and c.card in ('receipt', 'approval')) as copies""")[0]

    def of_product(self, found):
        self.copies = found["copies"]
        self.told, self.newest_notice = {self.keys[oid] for oid in found["told_now"]}, found["newest"]
        key = self.keys.get
        return {
            "requests": {row["id"]: {
                "state": STATES.get(row["state"], row["state"]), "version": row["version"], "round": row["round"], "days": row["days"],
                "stages": row["stages"],
                "seats": sorted([n, key(who), key(of)] for n, who, of in row["seats"] or []),
                "votes": sorted([n, key(who), key(of), *rest] for n, who, of, *rest in row["votes"] or []),
                "trail": [[action, key(who)] for action, who in row["trail"]]} for row in found["requests"]},
            "told": sorted([*self.of_fact(fact), key(oid)] for fact, oid in found["told"]),
            "grants": sorted([number, state, self.hours(left) if state == "active" else 0] for number, state, left in found["grants"]),
            "delegations": sorted([key(giver), key(to)] for giver, to in found["delegations"]),
        }

    def hours(self, minutes):
        """To the nearest; what is frozen has its time only afterwards."""
        return 0 if self.counter.frozen or not minutes else round(minutes / 60)

    def of_fact(self, fact):
        """What a notice is about, as the model says it: without the numbers that only the product knows."""
        about, number, what = re.fullmatch(r"(\w+)\.(\d+)\.(.*)", fact).groups()
        if about == "delegation":
            return ["delegation", what]
        if about == "grant":
            word, *days = what.split(".")[:2]
            return ["grant", int(number), word, *map(int, days)]
        for pattern, name in ((r"\d+\.question", "question"), (r"\d+\.reply", "reply"), (r"v\d+\.handover", "handover")):
            if re.fullmatch(pattern, what):
                return [name, int(number)]
        asked = re.fullmatch(r"(\d+)\.approval", what)
        if asked:
            return ["asked", int(number), int(asked[1])]
        reminder = re.fullmatch(r"(\d+)\.(\d+)\.reminder\.(\d+)", what)
        if reminder:
            return ["reminder", int(number), *map(int, reminder.groups())]
        turn = re.fullmatch(r"(?:r(\d+)\.)?(.*)", what)
        return [turn[2], int(number), int(turn[1] or 1)]

    def of_model(self, counter, product):
        return {
            "requests": {number: {
                "state": r.state, "version": r.version, "round": r.round, "days": r.days,
                "stages": [[stage.step, stage.state, stage.level] for stage in r.stages],
                "seats": sorted([n, who, seat.of] for n, stage in enumerate(r.stages, 1) for who, seat in stage.seats.items() if not seat.gone),
                "votes": sorted([n, who, vote.of, "approved" if vote.approve else "rejected", vote.final, vote.days]
                                for n, stage in enumerate(r.stages, 1) for who, vote in stage.votes.items()),
                "trail": [list(event) for event in r.trail]} for number, r in counter.requests.items()},
            "told": sorted([*([what[0], r.number, *what[1:]] for r in counter.requests.values() for what in r.told),
                            *(list(what) for what in counter.told)]),
            "grants": sorted([g.number, g.state, self.hours(g.left if g.lasts else 0) if g.state == "active" else 0]
                             for g in counter.grants.values()),
            "delegations": sorted([giver, to] for giver, (to, left) in counter.delegations.items() if left > 0),
        }

    # ---- cards ----

    def look_at_cards(self):
        for who in self.told:
            news = self.tenant.get("shown", **{"as": who}, after=self.seqs.get(who, 0))
            self.seqs[who] = news["seq"]
            for entry in news["entries"]:
                if entry["from"] == "bot":
                    self.cards.setdefault(entry["id"], []).append({**entry, "to": who, "since": self.counter.now})

    def check_cards(self, trace):
        """Every copy says what its request is; who may press has a card with the buttons, and all buttons out there may be pressed."""
        usable = collections.Counter()
        for activity, (number, card) in self.copies.items():
            request, entry = self.counter.requests[number], self.cards[activity][-1]
            shown = {button["verb"]: button["data"].get("v", request.version) for button in entry.get("buttons", [])
                     if button.get("verb") in VERBS}
            expected = dict.fromkeys(self.buttons(request, entry["to"], card), request.version)
            told = "\n".join(map(str, [*trace, request, entry["to"], entry["text"]]))
            if card == "receipt" or not self.is_offered(request, entry["to"], shown):
                self.assertIn(shown, (expected, {}), told)
            self.assertIn(self.words(request, card, bool(shown)), entry["text"], told)
            usable[entry["to"], number] += shown == expected
        for request in self.counter.requests.values():
            for who in [request.who, *(who for who in request.stage.seats if request.stage.awaits(who))]:
                if request.state in model.UNDECIDED:
                    self.assertTrue(usable[who, request.number], f"{who} has no buttons for #{request.number}: {trace}")

    def is_offered(self, request, who, shown):
        """Of the group and not asked: what they type may be answered with buttons, which ask the directory when they are pressed."""
        return (request.state in model.UNDECIDED and who not in request.stage.seats and who in self.cast and who != request.who
                and set(shown.values()) == {request.version})

    def buttons(self, request, who, card):
        if request.state not in model.UNDECIDED:
            return []
        pending = request.state == model.PENDING
        if card == "receipt":
            return ["cancel", *([] if request.extends else ["edit"]), "nudge" if pending else "answer"]
        if not request.stage.awaits(who):
            return []
        return ["approve", "reject", "hand_over", *(["ask"] if pending and request.pauses < model.PAUSES else [])]

    def words(self, request, card, open_for_them):
        if card == "receipt":
            return LABELS[request.state]
        if open_for_them:
            return self.name(self.oid(request.who))
        if request.state in model.UNDECIDED:
            return LABELS[model.PENDING]
        if not request.stage.decided:
            return LABELS[request.state]
        by = self.name(self.oid(request.stage.decided[0]))
        return f"Rejected by {by}" if request.stage.state == model.REJECTED else f"Approved by {by}"


if __name__ == "__main__":
    unittest.main(verbosity=2)
