# SPDX-License-Identifier: Apache-2.0
"""The tests' own time machine, and the judge that every test calls at its end: that both can fail."""
import unittest

import aging
import harness
import invariants

DAY_S = 86400
COLUMNS = """select c.relname as table, a.attname as column from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.atttypid = 'timestamptz'::regtype"""


class TestAging(harness.WorldTest):
    def times(self):
        """(table, column) -> oldest and newest time in it, in seconds."""
        parts = [f"select '{c['table']}' as t, '{c['column']}' as c, extract(epoch from min({c['column']})) as oldest,"
                 f" extract(epoch from max({c['column']})) as newest from {c['table']}"
                 for c in self.database.rows(COLUMNS) if c["column"] != "timestamp"]
        rows = self.database.rows(" union all ".join(parts))
        return {(r["t"], r["c"]): (r["oldest"], r["newest"]) for r in rows if r["oldest"] is not None}

    def delivered(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", 120)
        self.world.check()
        return number

    def test_every_time_moves_but_those_of_the_trail_and_of_leases(self):
        self.delivered()
        self.assertEqual(self.world.stop_service(), 0)
        trail = self.database.rows('select seq, "timestamp" from audit_logs order by seq')
        before = self.times()
        self.world.age(days=3, hours=1, minutes=1)
        after = self.times()
        self.assertEqual(self.database.rows('select seq, "timestamp" from audit_logs order by seq'), trail)
        self.assertEqual(set(before), set(after))
        self.assertGreater(len(before), 20)
        for place, (oldest, newest) in before.items():
            with self.subTest(place=place):
                kept = place[0] in aging.KEPT_TABLES or place[1] in aging.KEPT_COLUMNS
                moved = 0 if kept else 3 * DAY_S + 3660
                self.assertAlmostEqual(after[place][0], oldest - moved, places=3)
                self.assertAlmostEqual(after[place][1], newest - moved, places=3)
        self.world.start_service()
        self.world.check()

    def test_beside_a_running_service_what_is_due_is_done_and_no_running_job_is_lost(self):
        number = self.world.ask_for("alex", "7zip")
        self.database.execute("insert into jobs (tenant_id, kind, key, run_at) select tenant_id, 'news', 'nobody', now() + interval '2 days'"
                              " from users limit 1")
        self.world.approve("megan", number)
        for _ in range(3):
            self.world.age(days=1)
        harness.until(lambda: self.database.value("select fence from jobs where key = 'nobody'") > 0, "its time has come", 30)
        self.world.wait_state(number, "delivered", 120)
        self.assertEqual(self.database.value("select crashes from jobs where kind = 'package'"), 0)
        self.assertEqual(len(self.tenant.intune_apps()), 1)
        self.world.check()

    def test_an_aged_card_is_older_than_its_token(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        self.world.age(days=400)
        self.tenant.press("megan", "approve", activity=card["id"])
        self.assertEqual((self.world.state(number), self.world.votes(number)), ("pending", []))


class TestInvariants(harness.WorldTest):
    """Each is broken once, in the database itself."""

    def broken(self, name, statement):
        self.database.execute("begin; set local session_replication_role = replica; " + statement + "; commit")
        found = invariants.faults(self.database)
        self.assertTrue([fault for fault in found if name in fault], (name, found))

    def test_what_is_broken_is_found(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.ask("megan", f"reject {number} no", f"#{number}")
        waiting = self.world.ask_for("lynne", "7zip")
        self.world.check()
        self.assertEqual(invariants.faults(self.database), {})
        lynne = self.world.oid("lynne")
        self.broken("exactly one request.closed", f"delete from audit_logs where action = 'request.closed' and entity_id = '{number}'")
        self.broken("behind its request.closed", "select 1")
        self.broken("without its audit row", f"insert into decisions (request_id, ordinal, oid, decision) values ({waiting}, 1, '{lynne}', 'approved')")
        self.broken("about themselves", "select 1")
        self.broken("an open one of a closed request", f"update stages set state = 'open' where request_id = {number}")
        self.broken("two final decisions", f"drop index decisions_final; insert into decisions (request_id, ordinal, oid, decision)"
                    f" values ({waiting}, 1, 'x', 'approved')")
        self.broken("nobody gave", f"delete from decisions where request_id = {waiting}; update requests set state = 'approved' where id = {waiting}")
        self.broken("two notices", "drop index outbox_fact; insert into outbox (tenant_id, recipient_oid, kind, fact, activity, state)"
                    " select tenant_id, recipient_oid, kind, fact, activity, 'sent' from outbox where kind = 'send' limit 1")
        self.broken("two active grants", f"insert into grants (tenant_id, request_id, oid, app_id, group_id)"
                    f" select tenant_id, n, requester_oid, app_id, 'g' from requests, generate_series(1, 2) n where id = {number}")
        self.broken("two grants of one", f"alter table grants drop constraint grants_request_id_key; update grants set request_id = {number}")
        self.broken("two live jobs", "drop index jobs_live; insert into jobs (tenant_id, kind, key, run_at)"
                    " select 't', 'news', 'x', now() + interval '1 day' from generate_series(1, 2)")

    def test_a_card_that_offers_what_is_decided_is_found(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("megan", number)
        self.world.wait_notices()
        self.assertEqual(invariants.stale_cards(self.database, self.tenant), [])
        self.database.execute(f"update requests set state = 'rejected' where id = {number}")
        self.assertIn(f"for #{number}, which is rejected", str(invariants.stale_cards(self.database, self.tenant)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
