# SPDX-License-Identifier: Apache-2.0
"""F33: the whole story of a request on demand, however old it is, for who may see it."""
import json
import unittest

import harness

PAGE = 10  # lines of one card
UNKNOWN = "I know no request"


class TestHistory(harness.WorldTest):
    def trail(self, number, *rows, entity="request"):
        """Rows of the trail as two years ago: (action, who, details). The chain is not what is looked at here."""
        tenant = self.database.value("select tenant_id from audit_heads")
        values = []
        for action, who, details in rows:
            oid = "system" if who == "system" else self.world.oid(who)
            values.append(f"('{action}', '{oid}', '{json.dumps(details)}'::jsonb)")
        self.database.execute(
            "insert into audit_logs (tenant_id, seq, user_id, action, entity_type, entity_id, details, \"timestamp\", source, prev_hash,"
            " hash)"
            f" select '{tenant}', n + (select max(seq) from audit_logs), who, action, '{entity}', '{number}', details,"
            " now() - interval '2 years' + n * interval '1 hour', 'teams', '', ''"
            " from (select row_number() over () as n, v.*"
            f" from (values {', '.join(values)}) as v(action, who, details)) as numbered;"
            " update audit_heads h set seq = (select max(seq) from audit_logs l where l.tenant_id = h.tenant_id)")

    def age(self, number):
        """A request that was asked for, decided, delivered and ended two years ago, with all that can have happened to it."""
        oid = self.world.oid
        people = ", ".join(f"('{p['id']}', '{p['displayName']}')" for p in self.tenant.get("people")["people"] if p["key"] != "lynne")
        self.database.execute("insert into users (tenant_id, oid, name) select h.tenant_id, p.oid, p.name from audit_heads h,"
                              f" (values {people}) as p(oid, name) on conflict do nothing")
        self.database.execute(f"""
            update requests set state = 'delivered', closed_at = now() - interval '2 years', created_at = now() - interval '2 years',
                job_id = 77 where id = {number};
            update stages set state = 'approved', step = 1, steps = 2 where request_id = {number};
            insert into stages (request_id, ordinal, kind, group_id, state, step, steps) values ({number}, 2, 'user', '', 'approved', 2, 2);
            insert into stage_approvers (request_id, ordinal, oid, name, level)
                values ({number}, 2, '{oid("lynne")}', 'Lynne', 0), ({number}, 2, '{oid("adele")}', 'Adele', 1);
            insert into decisions (request_id, ordinal, oid, decision, reason, on_behalf_of, is_final, granted_days, app_version)
                values ({number}, 1, '{oid("megan")}', 'approved', 'Fine with me', '', true, null, ''),
                       ({number}, 2, '{oid("adele")}', 'approved', '', '{oid("lynne")}', true, 30, '24.09');
            insert into grants (tenant_id, request_id, oid, app_id, group_id)
                select tenant_id, id, requester_oid, app_id, 'g' from requests where id = {number}""")
        grant = self.database.value("select max(id) from grants")
        self.trail(number,
                   ("request.edited", "alex", {"changes": [
                       {"what": "answer", "label": "Why", "before": "Fun", "after": "Work"},
                       {"what": "justification", "label": "", "before": "Old", "after": "New"},
                       {"what": "days", "label": "", "before": "30 days", "after": "7 days"}]}),
                   ("inquiry.asked", "megan", {"stage": 1, "question": "For which *files*?"}),
                   ("inquiry.answered", "alex", {"stage": 1, "question": "For which *files*?", "answer": "Those of customers"}),
                   ("stage.handed_over", "adele", {"stage": 1, "to_name": "Patti Fernandez"}),
                   ("approver.left", "system", {"stage": 2, "level": 0, "person": oid("lynne")}),
                   ("stage.reminded", "system", {"stage": 1}),
                   ("decision.approved", "megan", {"stage": 1, "reason": "Fine with me", "policy": "Standard", "policy_version": 4}),
                   ("stage.opened", "system", {"stage": 2}),
                   ("decision.refused", "lynne", {"reason": "self"}),
                   ("stage.escalated", "system", {"stage": 2, "level": 1}),
                   ("decision.approved", "adele", {"stage": 2}))
        self.trail(77, ("job.queued", "adele", {}), ("job.succeeded", "system", {}), entity="job")
        self.trail(grant, ("grant.started", "system", {}), ("grant.extended", "adele", {}), ("grant.expired", "system", {}),
                   entity="grant")
        self.trail(number, ("some.news", "megan", {}), ("request.closed", "system", {"events": 14}))

    def pages(self, who, number):
        """All of it, oldest first: the newest card, and each older one by its button."""
        page = self.world.ask(who, f"history {number}", f"What happened to request #{number}")
        texts = [page["text"]]
        while harness.has_button(page, "history"):
            pressed = self.tenant.press(who, "history", activity=page["id"])
            self.assertEqual(pressed["status"], 200, pressed)
            page = pressed["entry"]
            texts.insert(0, page["text"])
        return texts

    def assert_in_order(self, text, *parts):
        at = 0
        for part in parts:
            found = text.find(part, at)
            self.assertGreaterEqual(found, 0, f"{part!r} is not in {text[at:]!r}")
            at = found + len(part)

    def test_f33_a_request_of_two_years_ago_is_told_with_every_actor(self):
        number = self.world.ask_for("alex", "7zip")
        self.age(number)
        pages = self.pages("alex", number)
        self.assertEqual(len(pages), 2)
        self.assert_in_order(
            "\n".join(pages), "Alex Wilber asked", "Alex Wilber changed the request", "Why: Fun → Work",
            "Reason: Old → New", "For how long: 30 days → 7 days", "Megan Bowen asked a question",
            "For which", "files", "Alex Wilber answered", "Those of customers", "over to Patti Fernandez", "is not with", "were reminded", "Megan Bowen approved", "Stage 1 of 2",
            "By the policy Standard, version 4", "Fine with me", "A stage was opened", "Stage 2 of 2", "Asked: Lynne",
            "passed on to others", "Asked: Adele", "Adele Vance approved", "On behalf of Lynne", "For 30 days", "For version 24.09",
            "preparation was ordered", "prepared and checked", "The app was given", "extended", "time was over", "some.news: Megan Bowen",
            "Closed")

    def test_what_was_refused_is_for_admins_and_auditors(self):
        number = self.world.ask_for("alex", "7zip")
        self.age(number)
        self.assertNotIn("was refused", "\n".join(self.pages("alex", number)))
        for who in ("megan", "patti"):
            self.assertIn("tried to decide and was refused", "\n".join(self.pages(who, number)))

    def test_a_typed_history_goes_on_where_the_card_ends(self):
        number = self.world.ask_for("alex", "7zip")
        self.age(number)
        newest = self.world.ask("alex", f"history {number}", "What happened")["text"]
        before = int(newest.partition(f"type history {number} before ")[2].split()[0])
        older = self.world.ask("alex", f"history {number} before {before}", "Alex Wilber asked")["text"]
        self.assertNotIn("Closed", older)
        self.assertIn("Closed", self.world.ask("alex", f"history {number} before x")["text"])

    def test_a_history_is_for_who_may_see_the_request(self):
        number = self.world.ask_for("alex", "7zip")
        self.assertIn(UNKNOWN, self.world.ask("lynne", f"history {number}")["text"])
        self.world.ask("alex", f"history {number + 1}", UNKNOWN)

    def test_the_cards_of_a_request_lead_to_its_history(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        for who in ("alex", "megan"):
            card = self.world.card_with(who, "history", f"#{number}")
            before = self.tenant.seq()
            self.assertEqual(self.tenant.press(who, "history", activity=card["id"])["status"], 200)
            self.tenant.wait(who, "Megan Bowen approved", after=before)
            still = next(e for e in self.tenant.shown(who) if e["id"] == card["id"])
            self.assertTrue(harness.has_button(still, "history"), "the request's own card stays what it is")

    def test_one_statement_by_index_tells_it(self):
        """However long the trail is: no table of it is read through."""
        number = self.world.ask_for("alex", "7zip")
        self.age(number)
        statement = (harness.SOURCE / "sql/queries/history.sql").read_text().partition("name: history_page")[2]
        tenant = self.database.value("select tenant_id from audit_heads")
        for place, value in (("$1", f"'{tenant}'"), ("$2", number), ("$3", 2**62), ("$4", PAGE), ("$5", "true")):
            statement = statement.replace(place, str(value))
        plan = str(self.world.cluster.run(
            self.database.name, f"set enable_seqscan = off; explain (costs off) {statement.strip()}"))
        self.assertNotIn("Seq Scan", plan)
        self.assertIn("audit_logs_entity", plan)


if __name__ == "__main__":
    unittest.main(verbosity=2)
