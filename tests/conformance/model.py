# SPDX-License-Identifier: Apache-2.0
"""What the counter should do, in plain Python: who is asked and who may decide, what becomes of a request, what time does to it.

Written from the promises and the guide of policies alone, for the tests that hold the product against it. People are keys, times
are minutes, and there is no database. What a person does is a method that says whether anything came of it.
"""
import dataclasses

PENDING, NEEDS_INFO, APPROVED, DELIVERED = "pending", "needs_info", "approved", "delivered"
REJECTED, CANCELLED, EXPIRED, FAILED = "rejected", "cancelled", "expired", "failed"
UNDECIDED = (PENDING, NEEDS_INFO)
DAY = 24 * 60
REMINDERS, PAUSES, CHAIN = 5, 3, 3
WARNINGS = (14, 1)  # days before a grant ends


@dataclasses.dataclass(frozen=True)
class Rule:
    """One stage of a policy. ask: 'group', 'manager', or a person's key. need: 0 means all who were asked. timeout: minutes, 0 none."""

    ask: str
    need: int = 1
    reject_ends: bool = True
    alternates: tuple = ()
    timeout: int = 0
    on_timeout: str = "expire"


@dataclasses.dataclass(frozen=True)
class Policy:
    stages: tuple
    days: int = 0  # how long it is given for when nobody says; 0: for good
    undo: int = 15


@dataclasses.dataclass
class Seat:
    """A voice that is asked for. of: whose it is; another's for who stands in."""

    of: str
    level: int
    handed: bool = False
    gone: bool = False


@dataclasses.dataclass
class Vote:
    of: str
    approve: bool
    days: int
    final: bool = False


@dataclasses.dataclass
class Stage:
    rule: Rule
    step: int
    state: str = "waiting"
    level: int = 0
    left: int = 0     # until the next people are asked
    waited: int = 0   # since these were
    reminders: int = 0
    asker: str = None  # whose question is open
    decided: tuple = None  # (who, when)
    seats: dict = dataclasses.field(default_factory=dict)  # person -> Seat
    votes: dict = dataclasses.field(default_factory=dict)  # person -> Vote

    def heard(self, of):
        return any(vote.of == of for vote in self.votes.values())

    def awaits(self, who):
        """They hold a card with buttons."""
        seat = self.seats.get(who)
        return self.state == "open" and seat is not None and not seat.gone and not self.heard(seat.of) and who not in self.votes


@dataclasses.dataclass
class Grant:
    number: int
    who: str
    app: str
    left: int  # minutes; 0: for good
    lasts: int
    warned: int = 99
    state: str = "active"


@dataclasses.dataclass
class Request:
    number: int
    who: str
    app: str
    days: int
    extends: Grant = None
    state: str = PENDING
    version: int = 1
    round: int = 1
    pauses: int = 0
    granted: int = 0
    at: int = 0  # the stage that counts
    stages: list = dataclasses.field(default_factory=list)  # of all rounds
    trail: list = dataclasses.field(default_factory=list)   # (action, person)
    told: list = dataclasses.field(default_factory=list)    # (what, ..., person)

    @property
    def stage(self):
        return self.stages[self.at]

    @property
    def last(self):
        return self.at + 1 == len(self.stages)


class Counter:
    def __init__(self, policies, group, admins, managers):
        self.policies, self.managers = policies, managers
        self.group, self.admins = set(group), set(admins)
        self.requests, self.grants = {}, {}
        self.delegations = {}  # giver -> [stand-in, minutes left]
        self.told = []         # about delegations and grants
        self.frozen, self.now = False, 0

    # ---- who ----

    def named(self, request, level):
        """Whom that level of the stage names."""
        rule = request.stage.rule
        asks = [rule.ask, *rule.alternates, "owner", "admins"]
        people = {"group": self.group, "manager": {self.managers.get(request.who)}, "admins": self.admins, "owner": set()}
        return set(people.get(asks[level], {asks[level]})) - {None, request.who}

    def levels(self, request):
        return len(request.stage.rule.alternates) + 3

    def stand_in(self, request, who):
        """Who decides in this person's place: the end of the chain, themselves when it is too long, a circle, or ends at the requester."""
        end = who
        for _ in range(CHAIN + 1):
            following = self.delegations.get(end, (None, 0))
            if following[1] <= 0:
                return who if end == request.who else end
            end = following[0]
            if end == who:
                return who
        return who

    def seat_of(self, request, who):
        """Whose voice this person has now; None: none."""
        stage = request.stage
        seat = stage.seats.get(who)
        named = {person for level in range(stage.level + 1) for person in self.named(request, level)}
        if who == request.who or (seat and seat.gone):
            return None
        if who in named or (seat and seat.handed):
            return who
        if seat and seat.of != who and seat.of in named and self.stand_in(request, seat.of) == who:
            return seat.of
        return None

    # ---- stages ----

    def begin(self, request):
        """A round: the stages of the policy from the first one on."""
        request.at = len(request.stages)
        request.stages += [Stage(rule, step) for step, rule in enumerate(self.policies[request.app].stages, 1)]
        self.open(request, 0)

    def open(self, request, first):
        """The first level from there that names somebody is asked, beside those who were."""
        stage = request.stage
        moved_on = stage.state == "open"
        for level in range(first, self.levels(request)):
            stage.level = level
            people = sorted(self.named(request, level))
            if people:
                break
        own = [who for who in people if self.stand_in(request, who) == who]
        for who in own:
            self.seat(request, who, who)
        for who in people:
            end = self.stand_in(request, who)
            if who not in own and end not in own:
                self.seat(request, end, who)
        stage.state, stage.left, stage.waited, stage.reminders = "open", stage.rule.timeout, 0, 0
        if not people:
            self.nobody(request)
        request.trail.append(("stage.escalated" if moved_on else "stage.opened", None))

    def nobody(self, request):
        for admin in self.admins:
            self.tell_once(request, (f"{request.at + 1}.nobody_admin", 1), admin)
        self.tell_once(request, (f"{request.at + 1}.nobody", request.round), request.who)

    def seat(self, request, who, of):
        request.stage.seats[who] = Seat(of, request.stage.level)
        self.tell_once(request, ("asked", request.at + 1), who)

    def tell(self, request, *what):
        request.told.append((*what, request.round, request.who))

    def tell_once(self, request, what, who):
        if (*what, who) in request.told:
            return False
        request.told.append((*what, who))
        return True

    # ---- asking ----

    def has(self, who, app):
        return any(g.who == who and g.app == app and g.state == "active" for g in self.grants.values())

    def on_its_way(self, who, app):
        return any(r.who == who and r.app == app and r.state in (*UNDECIDED, APPROVED) for r in self.requests.values())

    def ask_for(self, number, who, app, days=None):
        if self.frozen or self.has(who, app) or self.on_its_way(who, app):
            return False
        self.create(Request(number, who, app, self.policies[app].days if days is None else days))
        return True

    def create(self, request):
        request.trail.append(("request.created", request.who))
        self.requests[request.number] = request
        self.begin(request)

    def extend(self, number, who, of, days):
        grant = self.grants.get(of)
        if self.frozen or not grant or grant.who != who or grant.state != "active" or not grant.lasts or self.on_its_way(who, grant.app):
            return False
        self.create(Request(number, who, grant.app, days, extends=grant))
        return True

    def own(self, number, who):
        """The person's own request while it can be changed; None otherwise."""
        request = self.requests.get(number)
        return request if request and not self.frozen and request.who == who and request.state in UNDECIDED else None

    def cancel(self, number, who):
        request = self.own(number, who)
        if request:
            self.close(request, CANCELLED, ("request.cancelled", who))
        return bool(request)

    def edit(self, number, who, days):
        request = self.own(number, who)
        if not request or request.extends:
            return False
        self.end_stages(request, "closed")
        request.state, request.version, request.round = PENDING, request.version + 1, request.round + 1
        request.days, request.granted = days, 0
        request.trail.append(("request.edited", who))
        self.begin(request)
        return True

    def answer(self, number, who):
        request = self.own(number, who)
        if not request or request.state != NEEDS_INFO:
            return False
        request.state, request.version = PENDING, request.version + 1
        request.told.append(("reply", request.stage.asker))
        request.stage.asker = None
        request.trail.append(("inquiry.answered", who))
        return True

    # ---- deciding ----

    def may(self, number, who, stale=False):
        """The request that this person may decide now, and whose voice they have."""
        request = self.requests.get(number)
        if not request or self.frozen or stale or request.state not in UNDECIDED:
            return None, None
        of = self.seat_of(request, who)
        return (request, of) if of else (None, None)

    def vote(self, number, who, approve, reason=True, days=0, stale=False):
        request, of = self.may(number, who, stale)
        if not request or request.stage.heard(of) or who in request.stage.votes or not (approve or reason):
            return False
        longest = request.granted or request.days
        if approve and days and longest and days > longest:
            return False
        request.stage.votes[who] = Vote(of, approve, days if approve else 0)
        request.trail.append(("decision.approved" if approve else "decision.rejected", who))
        self.count(request, who)
        return True

    def count(self, request, who):
        stage = request.stage
        seats = len({seat.of for seat in stage.seats.values() if not seat.gone})
        wanted = min(stage.rule.need or seats, seats)
        noes = sum(not vote.approve for vote in stage.votes.values())
        if noes and (stage.rule.reject_ends or seats - noes < wanted):
            stage.votes[who].final, stage.decided = True, (who, self.now)
            stage.state = REJECTED
            self.close(request, REJECTED)
            self.tell(request, "rejected")
        elif len(stage.votes) - noes >= wanted:
            stage.votes[who].final, stage.decided = True, (who, self.now)
            self.agree(request)

    def agree(self, request):
        """The stage has agreed; of the days that its voices gave the fewest count."""
        stage = request.stage
        stage.state = APPROVED
        given = [vote.days for vote in stage.votes.values() if vote.days]
        request.granted = min(given) if given else request.granted
        request.version += 1
        if not request.last:
            request.state = PENDING
            self.tell(request, f"{request.at + 1}.agreed")
            request.at += 1
            self.open(request, 0)
        elif request.extends:
            request.version += 1  # approved, and given in the same moment
            self.lengthen(request)
        else:
            request.state = APPROVED
            self.tell(request, "approved")

    def inquire(self, number, who, stale=False):
        request, of = self.may(number, who, stale)
        if not request or request.state == NEEDS_INFO or request.pauses == PAUSES:
            return False
        request.state, request.version, request.pauses = NEEDS_INFO, request.version + 1, request.pauses + 1
        request.stage.asker = who
        request.told.append(("question", request.who))
        request.trail.append(("inquiry.asked", who))
        return True

    def hand_over(self, number, who, to):
        request, of = self.may(number, who)
        if not request or request.stage.heard(of) or to in (who, request.who):
            return False
        stage = request.stage
        seat = stage.seats.get(to)
        if not any(to in self.named(request, level) for level in range(self.levels(request))):
            return False
        if stage.rule.need != 1 and seat and not seat.gone:
            return False
        for seat in stage.seats.values():
            seat.gone = seat.gone or seat.of == who
        stage.seats.setdefault(who, Seat(who, stage.level)).gone = True
        stage.seats[to] = Seat(to, stage.level, handed=True)
        request.version += 1
        request.told.append(("handover", to))
        request.trail.append(("stage.handed_over", who))
        return True

    def undo(self, number, who):
        request = self.requests.get(number)
        if not request or self.frozen or request.state not in (REJECTED, APPROVED) or (request.stage.decided or (None,))[0] != who:
            return False
        if self.now - request.stage.decided[1] >= self.policies[request.app].undo:
            return False
        if request.state == REJECTED and (self.on_its_way(request.who, request.app) or self.has(request.who, request.app)):
            return False
        begin, step = len(request.stages), request.stage.step
        request.stages += [Stage(stage.rule, stage.step) for stage in request.stages[-self.left_of(request):]]
        request.at = begin
        request.state, request.version, request.round = PENDING, request.version + 1, request.round + 1
        request.granted = self.granted_before(request, step)
        self.open(request, 0)
        self.tell(request, "undone")
        request.trail.append(("decision.undone", who))
        return True

    def left_of(self, request):
        """How many stages the round has from the present one on."""
        return len(self.policies[request.app].stages) - request.stage.step + 1

    def granted_before(self, request, step):
        """What the steps before this one have left of the days."""
        agreed = {stage.step: stage for stage in request.stages if stage.state == APPROVED and stage.step < step}
        given = [vote.days for stage in agreed.values() for vote in stage.votes.values() if vote.days]
        return min(given) if given else 0

    # ---- the end ----

    def end_stages(self, request, state):
        for stage in request.stages:
            if stage.state in ("open", "waiting"):
                stage.state = state

    def close(self, request, state, *last):
        self.end_stages(request, "closed")
        request.state, request.version = state, request.version + 1
        request.trail += [*last, ("request.closed", None)]

    def lengthen(self, request):
        grant = request.extends
        if grant.state != "active":
            request.state = FAILED
            self.tell(request, "failed")
        else:
            days = request.granted or request.days
            grant.left, grant.lasts, grant.warned = grant.left + days * DAY, grant.lasts + days * DAY, 99
            request.state = DELIVERED
            self.tell(request, "extended")
        request.trail.append(("request.closed", None))

    def deliver(self, app):
        """The package is there."""
        for request in self.requests.values():
            if request.app != app or request.state != APPROVED:
                continue
            lasts = (request.granted or request.days) * DAY
            self.grants[request.number] = Grant(request.number, request.who, app, lasts, lasts)
            request.state, request.version = DELIVERED, request.version + 1
            request.told.append(("delivered", 1, request.who))
            request.trail += [("grant.started", None), ("request.closed", None)]

    def give_back(self, number, who):
        grant = self.grants.get(number)
        if self.frozen or not grant or grant.who != who or grant.state != "active":
            return False
        grant.state = "returned"
        return True

    def revoke(self, number, who):
        grant = self.grants.get(number)
        if self.frozen or not grant or grant.state != "active" or not self.may_revoke(self.requests[number], who):
            return False
        self.end_grant(grant, "revoked")
        return True

    def may_revoke(self, request, who):
        """Admins, and whom the stages named: the last one on the levels that were asked, the others on their first."""
        if who in self.admins:
            return True
        at, level, stages = request.at, request.stage.level, len(self.policies[request.app].stages)
        found = any(who in self.named(request, i) for i in range(level + 1))
        for request.at in range(at - stages + 1, at):
            found = found or who in self.named(request, 0)
        request.at = at
        return found

    def end_grant(self, grant, state):
        grant.state = state
        self.told.append(("grant", grant.number, state, grant.who))

    # ---- standing in ----

    def delegate(self, who, to, minutes):
        following, hops = to, 0
        while following in self.delegations and following != who and hops < CHAIN:
            following, hops = self.delegations[following][0], hops + 1
        if self.frozen or who == to or following == who:
            return False
        if who in self.delegations:
            self.end_delegation(who)
        self.delegations[who] = [to, minutes]
        self.told.append(("delegation", "begin", to))
        for request in self.open_ones():
            seat = request.stage.seats.get(who)
            end = self.stand_in(request, who)
            held = request.stage.seats.get(end)
            if request.stage.awaits(who) and seat.of == who and end != who and (not held or held.gone):
                request.stage.seats[end] = Seat(who, seat.level)
                self.tell_once(request, ("asked", request.at + 1), end)
        return True

    def delegate_off(self, who):
        if self.frozen or who not in self.delegations:
            return False
        self.end_delegation(who)
        return True

    def end_delegation(self, who):
        """What the stand-in was asked comes back."""
        to, _ = self.delegations.pop(who)
        self.told.append(("delegation", "end", to))
        for request in self.open_ones():
            seat = request.stage.seats.get(to)
            if not seat or seat.of != who or not request.stage.awaits(to):
                continue
            seat.gone = True
            own = request.stage.seats.setdefault(who, Seat(who, seat.level))
            if not own.gone:
                self.tell_once(request, ("asked", request.at + 1), who)

    def open_ones(self):
        return [request for request in self.requests.values() if request.state in UNDECIDED]

    # ---- time ----

    def freeze(self, on):
        self.frozen = on
        if not on:
            self.end_delegations()

    def end_delegations(self):
        for who in [who for who, (_, left) in self.delegations.items() if left <= 0]:
            self.end_delegation(who)

    def age(self, minutes, first=()):
        """So much time passes; no clock but that of delegations and decisions runs while all is frozen, none of a stage during a question.
        first: numbers of the requests whose timers are looked at before delegations end; all are due, and any may come first."""
        self.now += minutes
        for delegation in self.delegations.values():
            delegation[1] -= minutes
        if self.frozen:
            return
        waiting = [request for request in self.requests.values() if request.state == PENDING]
        for request in sorted(waiting, key=lambda request: request.number not in first):
            if request.number not in first:
                self.end_delegations()
            request.stage.left -= minutes
            request.stage.waited += minutes
            self.look(request)
        for grant in self.grants.values():
            if grant.lasts and grant.state == "active":
                grant.left -= minutes
                self.look_at_grant(grant)
        self.end_delegations()

    def look(self, request):
        stage = request.stage
        if stage.rule.timeout and stage.left <= 0:
            self.time_is_over(request)
        if stage is request.stage and stage.state == "open":
            self.remind(request)

    def time_is_over(self, request):
        stage = request.stage
        if stage.level < len(stage.rule.alternates):
            request.version += 1
            self.open(request, stage.level + 1)
        elif stage.rule.on_timeout == "approve":
            request.trail.append(("decision.approved", None))
            self.agree(request)
        else:
            stage.state = EXPIRED
            self.close(request, EXPIRED, ("request.expired", None))
            self.tell(request, "expired")

    def remind(self, request):
        """After one day, then after 2, 4, 8 and 16; what was missed is not made up for."""
        stage, due = request.stage, [DAY * 2 ** n for n in range(REMINDERS)]
        if stage.reminders == REMINDERS or stage.waited < due[stage.reminders]:
            return
        what = ("reminder", request.at + 1, stage.level, stage.reminders + 1)
        people = [who for who, seat in stage.seats.items() if stage.awaits(who) and seat.level == stage.level]
        if [who for who in people if self.tell_once(request, what, who)]:
            request.trail.append(("stage.reminded", None))
        stage.reminders = sum(minutes <= stage.waited for minutes in due)

    def look_at_grant(self, grant):
        if grant.left <= 0:
            self.end_grant(grant, "expired")
            return
        due = [days for days in WARNINGS if grant.left <= days * DAY < grant.lasts and days < grant.warned]
        if due:
            grant.warned = min(due)
            self.told.append(("grant", grant.number, "ending", min(due), grant.who))
