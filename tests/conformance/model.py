# SPDX-License-Identifier: Apache-2.0
"""What the counter should do, in a page of Python: requests, stages with quorum and whoever comes next, parties, votes, freeze.

Written from the guide of policies alone, for the tests that hold the product against it. It knows people by key, and no database.
"""
import dataclasses

PENDING, APPROVED, REJECTED, CANCELLED = "pending", "approved", "rejected", "cancelled"


@dataclasses.dataclass(frozen=True)
class Rule:
    """One stage of a policy. ask: 'group', 'manager', or a person's key. need: 0 means all who were asked."""

    ask: str
    need: int = 1
    reject_ends: bool = True
    alternates: tuple = ()


@dataclasses.dataclass
class Stage:
    rule: Rule
    level: int = 0
    asked: frozenset = frozenset()
    votes: dict = dataclasses.field(default_factory=dict)  # person -> approved?
    state: str = "waiting"


@dataclasses.dataclass
class Request:
    number: int
    who: str
    app: str
    stages: list
    state: str = PENDING
    step: int = 0
    trail: list = dataclasses.field(default_factory=list)  # (action, person)
    told: list = dataclasses.field(default_factory=list)   # what the requester has heard

    @property
    def stage(self):
        return self.stages[self.step]


class Counter:
    def __init__(self, policies):
        self.policies = policies  # app -> rules
        self.group, self.admins, self.managers = set(), set(), {}
        self.requests = {}
        self.frozen = False

    # ---- who ----

    def named(self, request, level):
        """The people that a level of the stage names."""
        rule = request.stage.rule
        asks = [rule.ask, *rule.alternates, "owner", "admins"]
        kind = asks[level] if level < len(asks) else None
        people = {"group": self.group, "manager": {self.managers.get(request.who)}, "admins": self.admins, "owner": set(), None: set()}
        return set(people.get(kind, {kind})) - {None, request.who}

    def levels(self, request):
        return len(request.stage.rule.alternates) + 3

    def open(self, request):
        """The first level that names somebody is asked; nobody at all is False."""
        for level in range(self.levels(request)):
            people = self.named(request, level)
            if people:
                stage = request.stage
                stage.state, stage.level, stage.asked = "open", level, frozenset(people)
                request.trail.append(("stage.opened", None))
                return True
        return False

    def may(self, request, who):
        return any(who in self.named(request, level) for level in range(request.stage.level + 1))

    # ---- what people do; True when something came of it ----

    def can_ask(self, who, app):
        return not self.frozen and not any(
            r.who == who and r.app == app and r.state in (PENDING, APPROVED) for r in self.requests.values())

    def ask(self, number, who, app):
        request = Request(number, who, app, [Stage(rule) for rule in self.policies[app]])
        request.trail.append(("request.created", who))
        self.requests[number] = request
        return self.open(request)

    def cancel(self, number, who):
        request = self.requests.get(number)
        if not request or self.frozen or request.who != who or request.state != PENDING:
            return False
        request.trail.append(("request.cancelled", who))
        self.close(request, CANCELLED)
        return True

    def vote(self, number, who, approve, reason=True, stale=False):
        request = self.requests.get(number)
        if (not request or self.frozen or request.state != PENDING or who == request.who or not self.may(request, who)
                or who in request.stage.votes or stale or not (approve or reason)):
            return False
        stage = request.stage
        stage.votes[who] = approve
        request.trail.append(("decision.approved" if approve else "decision.rejected", who))
        self.count(request, stage)
        return True

    def count(self, request, stage):
        seats = len(stage.asked)
        wanted = min(stage.rule.need or seats, seats)
        noes = list(stage.votes.values()).count(False)
        if noes and (stage.rule.reject_ends or seats - noes < wanted):
            stage.state = REJECTED
            request.told.append("rejected")
            self.close(request, REJECTED)
        elif len(stage.votes) - noes >= wanted:
            stage.state = APPROVED
            if request.step + 1 == len(request.stages):
                request.state = APPROVED
                request.told.append("approved")
            else:
                request.told.append(f"{request.step + 1}.agreed")
                request.step += 1
                self.open(request)

    def close(self, request, state):
        request.state = state
        for stage in request.stages:
            if stage.state in ("open", "waiting"):
                stage.state = "closed"
        request.trail.append(("request.closed", None))
