# SPDX-License-Identifier: Apache-2.0
"""The steps of a random schedule: what is drawn, how it reaches the product, and what it means for the model.

A step of people is an Act: an activity as the channel posts it, and the same thing done to a model. So it can be sent alone, in the
same moment as another one, or to a process that is killed meanwhile.
"""
import dataclasses
import hashlib
import itertools
import threading
import time

import front
import model

HOUR = 60
AGES = (HOUR, HOUR, HOUR, 5 * HOUR, 26 * HOUR, 75 * HOUR, 16 * 24 * HOUR)
KILL_S = 0.04  # about as long as a turn takes
BUTTONS_LAST = 30 * 24 * HOUR
LATE_MIN = 57  # in the last minutes of an hour nobody delegates: the end of a day would be too near to a whole number of hours
WEIGHTS = {"ask": 8, "vote": 42, "cancel": 3, "edit": 4, "inquire": 7, "answer": 7, "hand_over": 6, "undo": 7, "delegate": 5,
           "delegate_off": 2, "deliver": 5, "extend": 4, "give_back": 1.5, "revoke": 1.5, "race": 9, "directory": 3, "freeze": 1, "age": 12}
RACERS = ("vote", "vote", "vote", "cancel", "edit", "inquire", "answer", "hand_over", "undo")


@dataclasses.dataclass
class Act:
    words: tuple
    activity: dict
    apply: object  # done to a model.Counter; whether anything came of it


class Steps:
    """Of a test: the database, the people and the cards are the test's."""

    # ---- drawing ----

    def draw(self, n):
        if n < 2:
            return "ask"
        kinds = dict(WEIGHTS)
        if self.counter.frozen:
            kinds["freeze"] = 25
        return self.random.choices(list(kinds), list(kinds.values()))[0]

    def pick(self, *states):
        """A request in one of these states; most of the time one of the last three."""
        numbers = [r.number for r in self.counter.requests.values() if r.state in (states or model.UNDECIDED)]
        if not numbers and states:
            return None
        return self.random.choice(numbers[-3:] * 4 + list(self.counter.requests)) if self.counter.requests else None

    def somebody(self, number):
        """Mostly one of those who are asked."""
        stage = self.counter.requests[number].stage
        asked = sorted(who for who, seat in stage.seats.items() if not seat.gone)
        return self.random.choice([*self.cast, "lynne", "megan", *asked * 5])

    def owner(self, number):
        own = self.counter.requests[number].who
        return own if self.random.random() < 0.85 else self.random.choice(self.requesters)

    # ---- sending ----

    def typed(self, who, text, apply):
        return Act((who, text), self.activity(who, text), apply)

    def on_card(self, who, number, verb, old, **inputs):
        """The press of a button that the channel has shown; on one that is not there any more when old. None: there is none."""
        shown = [(card, entry, button) for card, entries in self.cards.items() if entries[-1]["to"] == who
                 for entry in (entries[:-1] if old else entries[-1:])
                 for button in entry.get("buttons", []) if button.get("verb") == verb and button["data"].get("rid") == number]
        if not shown:
            return None
        card, entry, button = self.random.choice(shown)
        data = {**button["data"], **inputs}
        is_too_old = self.counter.now - entry["since"] >= BUTTONS_LAST
        return self.invoke(self.press(verb, data), who, replyToId=card), 0 if is_too_old else data["v"]

    def offer_token(self, who, purpose, app=None, number=None):
        """A form's token, as the form writes it."""
        self.tokens += 1
        secret = self.secret({"id": f"{purpose} {self.tokens}"}, who, purpose)
        sha = hashlib.sha256(secret.encode()).hexdigest()
        self.database.execute(
            "insert into action_tokens (token_sha256, tenant_id, oid, purpose, app_id, request_id, version, expires_at) values"
            f" ('\\x{sha}', '{front.TENANT}', '{self.oid(who)}', '{purpose}', {self.apps[app] if app else 'null'}, {number or 'null'},"
            f" {self.counter.requests[number].version if number else 0}, now() + interval '1 day')")
        return secret

    # ---- acts ----

    def act_ask(self):
        who, app = self.random.choice(self.requesters), self.random.choice(list(self.policies))
        days = self.random.choice((None, None, 3, 20))
        value = {"verb": "submit", "t": self.offer_token(who, "submit", app=app), "justification": "for work"}
        if days is not None:
            value["days"] = str(days)
        before = self.newest()
        return Act((who, app, days), self.activity(who, None, value=value),
                   lambda counter: counter.ask_for(self.newest(), who, app, days) if self.newest() > before else not counter.ask_for(0, who, app))

    def act_vote(self):
        number = self.pick()
        if number is None:
            return None
        who = self.somebody(number)
        approve, reason = self.random.random() < 0.75, self.random.random() < 0.9
        days = self.random.choice((0, 0, 0, 2, 7, 30)) if approve else 0
        way = self.random.choice(("typed", "card", "card", "card", "old card"))
        inputs = {**({"days": str(days)} if days else {}), **({"reason": "not now"} if not approve and reason else {})}
        pressed = None if way == "typed" else self.on_card(who, number, "approve" if approve else "reject", way == "old card", **inputs)
        if pressed:
            activity, version = pressed
            return Act((who, number, approve, inputs, way, version), activity, lambda counter: counter.vote(
                number, who, approve, reason, days, stale=version != counter.requests[number].version))
        text = f"approve {number}{f' {days} days' if days else ''}" if approve else f"reject {number}{' not now' if reason else ''}"
        return self.typed(who, text, lambda counter: counter.vote(number, who, approve, reason, days))

    def act_inquire(self):
        number = self.pick()
        if number is None:
            return None
        who = self.somebody(number)
        pressed = self.on_card(who, number, "ask", False, question="What for?") if self.random.random() < 0.5 else None
        if pressed:
            activity, version = pressed
            return Act((who, number, "ask on card", version), activity, lambda counter: counter.inquire(
                number, who, stale=version != counter.requests[number].version))
        return self.typed(who, f"ask {number} what for?", lambda counter: counter.inquire(number, who))

    def of_owner(self, text, do, *states):
        number = self.pick(*states)
        if number is None:
            return None
        who = self.owner(number)
        return self.typed(who, text.format(number), lambda counter: do(counter, number, who))

    def act_answer(self):
        return self.of_owner("answer {} for work", model.Counter.answer, model.NEEDS_INFO)

    def act_cancel(self):
        return self.of_owner("cancel {}", model.Counter.cancel)

    def act_give_back(self):
        return self.of_owner("confirm return {}", model.Counter.give_back, model.DELIVERED)

    def act_edit(self):
        number = self.pick()
        if number is None:
            return None
        who, days = self.owner(number), self.random.choice((0, 3, 20))
        value = {"verb": "edit_send", "t": self.offer_token(who, "edit", number=number), "rid": number,
                 "justification": f"something else {self.tokens}", "days": str(days)}
        return Act((who, number, "edit", days), self.activity(who, None, value=value), lambda counter: counter.edit(number, who, days))

    def act_hand_over(self):
        number = self.pick()
        if number is None:
            return None
        stage = self.counter.requests[number].stage
        own = [who for who, seat in stage.seats.items() if not seat.gone and seat.of == who] or [self.somebody(number)]
        who, to = self.random.choice(sorted(own)), self.random.choice([*self.cast[2:], "megan", "lynne"])
        if who in stage.seats and stage.seats[who].of != who:
            return None
        return self.typed(who, f"hand over {number} to {self.name(self.oid(to))}", lambda counter: counter.hand_over(number, who, to))

    def act_undo(self):
        number = self.pick(model.APPROVED, model.REJECTED)
        if number is None:
            return None
        decided = (self.counter.requests[number].stage.decided or (None,))[0]
        who = decided if decided and self.random.random() < 0.85 else self.somebody(number)
        return self.typed(who, f"undo {number} wrong button", lambda counter: counter.undo(number, who))

    def act_delegate(self):
        """To people who neither delegate nor stand in, so that it is always clear in whose place somebody is asked."""
        busy = {person for giver, (to, _) in self.counter.delegations.items() for person in (giver, to)}
        free = [who for who in self.cast[2:] if who not in busy]
        if len(free) < 2 or time.gmtime().tm_min >= LATE_MIN:
            return None
        who, to = self.random.sample(free, 2)
        return self.typed(who, f"delegate to {self.name(self.oid(to))} until tomorrow",
                          lambda counter: counter.delegate(who, to, self.minutes_of_delegation()))

    def minutes_of_delegation(self):
        minutes = self.database.value("select extract(epoch from ends_at - now()) / 60 from delegations order by id desc limit 1")
        return float(minutes or 0)

    def act_delegate_off(self):
        givers = sorted(self.counter.delegations)
        who = self.random.choice(givers * 5 + self.cast[2:])
        return self.typed(who, "delegate off", lambda counter: counter.delegate_off(who))

    def act_extend(self):
        number, days = self.pick(model.DELIVERED), self.random.choice((5, 30))
        if number is None:
            return None
        who, before = self.owner(number), self.newest()
        return self.typed(who, f"extend {number} {days} days", lambda counter: counter.extend(
            self.newest(), who, number, days) if self.newest() > before else not counter.extend(0, who, number, days))

    def act_revoke(self):
        number = self.pick(model.DELIVERED)
        if number is None:
            return None
        who = self.random.choice([*self.cast, "megan"])
        return self.typed(who, f"revoke {number} not used", lambda counter: counter.revoke(number, who))

    # ---- doing ----

    def act(self, kind):
        """One act that is drawn; also what a kill in the midst of it leaves is the act done once, as the channel delivers it again."""
        one = getattr(self, f"act_{kind}")()
        if one is None:
            return None
        killed = self.random.random() < self.kills
        if killed:
            self.send_and_kill(one.activity)
        else:
            self.accepted(one.activity, self.token)
        came = one.apply(self.counter)
        self.steps[f"{kind} {'done' if came else 'refused'}"] += 1
        return (*one.words, came, "killed" if killed else "")

    def send_and_kill(self, activity):
        sender = threading.Thread(target=self.try_to_send, args=(activity,))
        sender.start()
        time.sleep(self.random.random() * KILL_S)
        self.kill()
        sender.join()
        self.accepted(activity, self.token)

    def try_to_send(self, activity):
        try:
            self.post(activity, self.token)
        except OSError:
            pass  # that is what the kill is for

    def do_race(self):
        """Two people at once, mostly about the same request: it is as if one of them had been first."""
        acts = []
        while len(acts) < 2:
            act = getattr(self, f"act_{self.random.choice(RACERS)}")()
            if act:
                acts.append(act)
        self.together([act.activity for act in acts], lag_s=self.random.choice((0, 0, 0.003)))
        # Of two buttons of one card the second gets the answer of the first.
        orders = [acts[:1], acts[1:]] if self.are_of_one_card(acts) else [acts, acts[::-1]]
        self.candidates = [self.after(order) for order in orders]
        return [act.words for act in acts]

    def are_of_one_card(self, acts):
        first, second = (act.activity.get("value", {}).get("action", {}).get("data", {}).get("t") for act in acts)
        return bool(first) and first == second

    def do_directory(self):
        who = self.random.choice(self.cast[3:])
        joins = who not in self.counter.group
        self.world.members("Approvers", **{"add" if joins else "remove": [who]})
        (self.counter.group.add if joins else self.counter.group.remove)(who)
        return who, joins

    def do_freeze(self):
        self.freeze(not self.counter.frozen)
        return self.counter.frozen

    def freeze(self, on):
        self.world.command("settings", "set", "Frozen", "true" if on else "false")
        self.database.execute("update jobs set run_at = now() where kind = 'delegation' and state = 'queued'")
        self.counter.freeze(on)

    def do_deliver(self):
        app = self.random.choice([r.app for r in self.counter.requests.values() if r.state == model.APPROVED] or list(self.policies))
        self.database.execute(f"update jobs set run_at = now() where kind = 'package' and state = 'queued' and key = 'app:{self.apps[app]}'")
        if self.random.random() < self.kills:
            time.sleep(self.random.random())
            self.kill()
        self.counter.deliver(app)
        return app

    def do_age(self):
        """Time passes, for a service that is there or is not."""
        minutes, down = self.random.choice(AGES), self.random.random() < self.kills
        if down:
            self.world.kill_service()
        self.world.age(minutes=minutes)
        if down:
            self.start_again()
        elif self.random.random() < self.kills:
            time.sleep(self.random.random())
            self.kill()
        self.candidates = [self.after([lambda counter, first=first: counter.age(minutes, first)]) for first in self.orders_of_timers(minutes)]
        return minutes, down

    def orders_of_timers(self, minutes):
        """Which requests may have been looked at before a delegation that ends has ended."""
        waiting = [number for number, request in self.counter.requests.items() if request.state == model.PENDING]
        if all(left > minutes for _, left in self.counter.delegations.values()):
            return [()]
        return [first for count in range(len(waiting) + 1) for first in itertools.combinations(waiting, count)]

    def kill(self):
        self.world.kill_service()
        self.start_again()

    def start_again(self):
        self.steps["kill -9"] += 1
        self.world.let_time_pass()
        self.world.start_service()
        while self.senders:
            self.senders.popitem()[1].close()
        self.newest_notice = self.first_notice  # a notice from before may have come once more
