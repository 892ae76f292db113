# SPDX-License-Identifier: Apache-2.0
"""Threats 8, 9 and 23, and the faults 33 and 34 of buttons: what a card carries is what it was made for, and nothing else."""
import concurrent.futures
import re
import unittest

from front import TENANT, harness
from threat import ThreatTest

COUNTS = "select (select count(*) from decisions) as decisions, (select count(*) from grants) as grants, (select count(*) from jobs) as jobs"


class CardTest(ThreatTest):
    def asked(self, who="alex", text="7zip"):
        """A pending request, and megan's card of it."""
        number = self.world.ask_for(who, text)
        return number, self.world.card_of("megan", number)

    def data(self, card, verb="approve"):
        return dict(next(b for b in card["buttons"] if b.get("verb") == verb)["data"])

    def click(self, card, data, who="megan", verb=None, **changes):
        return self.invoke(self.press(verb or data["verb"], data), who, replyToId=card["id"], **changes)

    def effect(self, *numbers):
        """All that a press could bring about."""
        states = [(n, self.world.state(n), len(self.world.votes(n))) for n in numbers]
        return states, self.database.rows(COUNTS), [self.world.actions(n)[-1] for n in numbers if self.world.actions(n)]

    def no_effect(self, activity, *numbers):
        """HTTP 200, words or a card that are no error, and nothing is decided; the answer's text."""
        before = [(n, self.world.state(n), self.world.votes(n)) for n in numbers], self.database.rows(COUNTS)
        answer = self.accepted(activity).json()
        self.assertEqual(answer["statusCode"], 200, answer)
        self.assertEqual(([(n, self.world.state(n), self.world.votes(n)) for n in numbers], self.database.rows(COUNTS)), before)
        return str(answer["value"])


class TestForgedCards(CardTest):
    def test_threat_08_e19_no_field_of_a_button_can_be_changed(self):
        number, card = self.asked()
        other, other_card = self.asked("lynne")
        adeles = self.world.card_of("adele", number)
        good, others, form = self.data(card), self.data(other_card), self.data(self.world.card_of("alex", number, "cancel"), "cancel")
        token = good["t"]
        cases = {
            "another token": {**good, "t": "A" * len(token)},
            "a bit of the token": {**good, "t": token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]},
            "a shorter token": {**good, "t": token[:-1]},
            "a longer token": {**good, "t": token + "A"},
            "the token in lower case": {**good, "t": token.lower()},
            "a list for a token": {**good, "t": [token]},
            "an object for a token": {**good, "t": {"t": token}},
            "no token": {name: value for name, value in good.items() if name != "t"},
            "an empty token": {**good, "t": ""},
            "the number for a token": {**good, "t": str(number)},
            "adele's token": {**good, "t": self.data(adeles)["t"]},
            "the requester's token": {**good, "t": form["t"]},
            "A's token for B": {**good, "rid": other},
            "B's token for A": {**others, "rid": number},
            "A's token for what is not there": {**good, "rid": 4711},
            "A's token for a negative number": {**good, "rid": -number},
        }
        for name, data in cases.items():
            with self.subTest(case=name):
                self.no_effect(self.click(card, data), number, other)
        for name, who in (("the requester", "alex"), ("another approver", "adele"), ("nobody's", "isaiah")):
            with self.subTest(case=f"pressed by {name}"):
                self.no_effect(self.click(card, good, who), number, other)
        for verb in ("cancel", "submit", "retry", "give_up", "prefer"):
            with self.subTest(verb=verb):
                self.no_effect(self.click(card, {**good, "verb": verb}), number, other)
        self.assertGreater(self.database.value("select count(*) from audit_logs where action = 'token.refused'"), len(cases))
        self.accepted(self.click(card, good))  # untouched it still works
        self.assertEqual((len(self.world.votes(number)), len(self.world.votes(other))), (1, 0))
        self.world.check()

    def test_threat_08_e18_e19_a_button_in_another_conversation_is_judged_by_its_person(self):
        number, card = self.asked()
        data = self.data(card)
        place = {"id": "19:group-chat@thread.v2", "conversationType": "groupChat", "tenantId": TENANT}
        self.no_effect(self.click(card, data, "isaiah", conversation=place), number)
        self.no_effect(self.click(card, data, "alex", conversation=place), number)


class TestOldCards(CardTest):
    """Fault 33: the very bytes of an old press, and the same button pressed again, after each way in which a card grows old."""

    def delivered(self, number):
        self.world.ask("adele", f"approve {number}", f"#{number}")
        self.world.wait_state(number, "delivered", 120)

    def ways(self):
        def tokens_expire(number):
            self.database.execute("update action_tokens set expires_at = now() - interval '1 second'")

        def everything_is_cleaned_away(number):
            self.database.execute("delete from action_tokens")
            self.database.execute("delete from outbox where kind = 'update'")
            self.database.execute("delete from card_copies")
        return {
            "decided by another": self.delivered,
            "rejected by another": lambda number: self.world.ask("adele", f"reject {number} no", f"#{number}"),
            "withdrawn": lambda number: self.world.ask("alex", f"cancel {number}", f"#{number}"),
            "expired": tokens_expire,
            "deleted": everything_is_cleaned_away,
            "a year old": lambda number: self.world.age(days=366),
        }

    def test_fault_33_an_old_press_has_no_effect(self):
        for name, way in self.ways().items():
            with self.subTest(way=name):
                number, card = self.asked()
                data, reject = self.data(card), self.data(card, "reject")
                press = self.click(card, data)
                way(number)
                for activity in (press, press, self.click(card, data), self.click(card, {**reject, "reason": "late"})):
                    text = self.no_effect(activity, number)
                    self.assertNotIn("went wrong", text)
                self.assertFalse([v for v in self.world.votes(number) if v["oid"] == self.world.oid("megan")])
            self.begin_again()

    def test_fault_33_a_press_that_was_answered_is_answered_the_same_whatever_came_after(self):
        number, card = self.asked()
        press = self.click(card, self.data(card, "reject") | {"reason": "not needed"})
        first = self.accepted(press).text
        self.database.execute("delete from action_tokens")
        self.assertEqual(self.accepted(press).text, first)
        self.assertEqual(len(self.world.votes(number)), 1)
        self.world.check()


class TestReplayedButtons(CardTest):
    def test_fault_34_a_used_button_does_nothing_more(self):
        number, card = self.asked()
        good, reject = self.data(card), self.data(card, "reject")
        first = self.accepted(self.click(card, good)).json()
        again = self.accepted(self.click(card, good)).json()
        self.assertEqual(again, first)
        self.world.wait_state(number, "delivered", 120)
        self.no_effect(self.click(card, {**reject, "reason": "changed my mind"}), number)
        for who in ("adele", "alex", "isaiah"):
            self.no_effect(self.click(card, good, who), number)
        self.assertEqual(len(self.world.votes(number)), 1)
        self.world.check()

    def test_fault_34_the_button_of_an_old_version_decides_nothing(self):
        number, card = self.asked()
        self.database.execute(f"update requests set version = version + 1 where id = {number}")
        old = self.data(card)
        text = self.no_effect(self.click(card, old), number)
        self.assertIn(f"approve {number}", text)  # the card as it is now, with fresh buttons

        def fresh():
            data = self.data(self.world.card_of("megan", number))
            return data if data != old else None
        self.accepted(self.click(card, harness.until(fresh, "the card in the chat has fresh buttons")))
        self.assertEqual(len(self.world.votes(number)), 1)

    def test_fault_34_an_expired_button_decides_nothing(self):
        number, card = self.asked()
        self.world.age(days=400)
        self.no_effect(self.click(card, self.data(card)), number)

    def test_fault_34_a_button_is_kept_as_its_hash_alone(self):
        number, card = self.asked()
        token = self.data(card)["t"]
        self.assertGreaterEqual(len(token) * 6, 128)
        stored = self.database.rows("select * from action_tokens")
        self.assertNotIn(token, str(stored))
        self.assertNotIn(token, self.world.log())


# What each person gets for each command about alex's pending request: "unknown", the very words that a number gets which is not there;
# "seen": it is shown; "refused": why not; "done". patti is an admin and no approver; adele was asked and is no approver any more;
# lynne approves for another app; isaiah has nothing to do with it.
PEOPLE = ("alex", "isaiah", "lynne", "adele", "patti")
TABLE = {
    "show {}": ("seen", "unknown", "unknown", "seen", "seen"),
    "status {}": ("seen", "unknown", "unknown", "seen", "seen"),
    "request {}": ("seen", "unknown", "unknown", "seen", "seen"),
    "history {}": ("seen", "unknown", "unknown", "seen", "seen"),
    "why {}": ("seen", "unknown", "unknown", "seen", "seen"),
    "who decides {}": ("seen", "unknown", "unknown", "seen", "seen"),
    "approve {}": ("refused", "unknown", "unknown", "refused", "unknown"),
    "reject {} because": ("refused", "unknown", "unknown", "refused", "unknown"),
    "cancel {}": ("done", "unknown", "unknown", "unknown", "unknown"),
    "withdraw {}": ("done", "unknown", "unknown", "unknown", "unknown"),
}
MISSING = 4711
REFUSALS = ("cannot decide your own request", "no longer an approver")


class TestRights(CardTest):
    def test_threat_09_every_command_by_everybody_else_than_who_may(self):
        """All cells; what is not there and what is not yours are the same words. People type at the same time."""
        self.stage()
        number = self.world.ask_for("alex", "7zip")
        self.settled()
        self.world.members("Approvers", remove=["adele"])
        self.world.wait_notices()
        with concurrent.futures.ThreadPoolExecutor(len(PEOPLE)) as pool:
            columns = list(pool.map(lambda who: self.column(who, number), PEOPLE))
        self.assertEqual((self.world.state(number), self.world.votes(number)), ("pending", []))
        for who, column in zip(PEOPLE, columns):
            for command in (command for command in column if command in TABLE):
                text = column[command]
                with self.subTest(command=command, who=who):
                    cell = TABLE[command][PEOPLE.index(who)]
                    self.assertEqual(self.kind(text, number), cell, text)
                    if cell == "unknown":
                        self.assertEqual(text, column["show {}", MISSING].replace(str(MISSING), str(number)))
        self.assertEqual(sum(len(column) for column in columns) - len(PEOPLE), 48)
        for command in ("cancel {}", "withdraw {}"):
            self.world.ask("alex", command.format(number), f"#{number}")
            self.assertEqual(self.world.state(number), "cancelled")
            self.world.wait_notices()
            number = self.world.ask_for("alex", "7zip")
        self.world.check()

    def column(self, who, number):
        """What one person is answered to each command, and to one about a number that is not there."""
        answers = {command: self.world.ask(who, command.format(number))["text"] for command, cells in TABLE.items()
                   if cells[PEOPLE.index(who)] != "done"}
        return {**answers, ("show {}", MISSING): self.world.ask(who, f"show {MISSING}")["text"]}

    def stage(self):
        self.world.members("Admins", add=["patti"])
        self.addCleanup(self.world.members, "Admins", remove=["patti"])
        group = self.tenant.post("groups", {"name": "Others", "members": ["lynne"]})["id"]
        self.addCleanup(self.tenant.delete, "groups/Others")
        self.addCleanup(self.world.members, "Approvers", add=["adele"])
        self.world.policy([{"name": "others", "match": {"packages": ["Notepad++.Notepad++"]}, "stages": [{"ask": {"group": group}}]}])
        self.world.ask_for("isaiah", "notepad++")  # lynne is an approver: of this

    def kind(self, text, number):
        if f"I know no request #{number}" in text:
            return "unknown"
        if any(words in text for words in REFUSALS):
            return "refused"
        return "seen" if re.search(rf"#{number}\b", text) else "?"


class TestRepudiation(CardTest):
    def test_threat_23_each_decision_has_its_row_in_a_chain_that_the_service_cannot_change(self):
        first, card = self.asked()
        click = self.click(card, self.data(card), id="the-press")
        self.accepted(click)
        second = self.world.ask_for("lynne", "7zip")
        self.world.ask("adele", f"reject {second} not for this team", f"#{second}")
        rows = self.database.rows("select user_id, action, entity_id, details, correlation_id, source from audit_logs"
                                  " where action in ('decision.approved', 'decision.rejected') order by seq")
        self.assertEqual([(r["user_id"], r["action"], r["entity_id"]) for r in rows],
                         [(self.world.oid("megan"), "decision.approved", str(first)), (self.world.oid("adele"), "decision.rejected", str(second))])
        self.assertEqual(rows[0]["correlation_id"], "the-press")
        self.assertEqual(rows[1]["details"]["reason"], "not for this team")
        self.assertEqual({r["source"] for r in rows}, {"teams"})
        self.assertEqual(len(rows), self.database.value("select count(*) from decisions"))
        for statement in ("delete from audit_logs", "update audit_logs set user_id = 'x'", "truncate audit_logs",
                          "alter table audit_logs disable trigger all", "drop table audit_logs", "drop function audit_logs_refuse_change"):
            with self.subTest(statement=statement):
                done = harness.subprocess.run(
                    ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.database.url, "-c", f"begin; {statement}; rollback"],
                    capture_output=True, text=True, timeout=60)
                self.assertNotEqual(done.returncode, 0)
        self.world.check()



if __name__ == "__main__":
    unittest.main(verbosity=2)
