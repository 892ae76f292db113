# SPDX-License-Identifier: Apache-2.0
"""The freeze: nothing is decided or changed, reads go on, and no clock runs."""
import unittest

import harness

WHY = "We move to a new tenant"


class TestFrozen(harness.WorldTest):
    def freeze(self, who="megan", why=WHY):
        asked = self.world.ask(who, f"freeze {why}", "Freeze the counter?")
        return self.tenant.press(who, "freeze", {"reason": why}, activity=asked["id"])

    def unfreeze(self, who="megan"):
        shown = self.world.ask(who, "unfreeze", "The counter is frozen")
        return self.tenant.press(who, "unfreeze", activity=shown["id"])

    def actions(self, like):
        return self.database.column(f"select action from audit_logs where action like '{like}' order by seq")

    def is_frozen(self):
        return self.database.value("select count(*) from portal_settings where key = 'Frozen' and value = 'true'") == 1

    def rows(self):
        """Everything that must not change while it is frozen."""
        return [self.database.rows(f"select * from {table} order by 1, 2")
                for table in ("requests", "stages", "stage_approvers", "decisions", "grants")]

    def test_D11_it_takes_the_word_and_the_button(self):
        asked = self.world.ask("megan", f"freeze {WHY}", "Freeze the counter?")
        self.assertFalse(self.is_frozen())
        pressed = self.tenant.press("megan", "freeze", {"reason": WHY}, activity=asked["id"])
        self.assertEqual(pressed["status"], 200)
        self.assertTrue(self.is_frozen())
        self.assertIn(WHY, pressed["entry"]["text"])
        self.assertIn("Megan Bowen", pressed["entry"]["text"])
        shown = self.world.ask("megan", "unfreeze", "The counter is frozen")
        self.assertTrue(self.is_frozen())
        self.tenant.press("megan", "unfreeze", activity=shown["id"])
        self.assertFalse(self.is_frozen())
        self.assertEqual(self.actions("freeze.%"), ["freeze.on", "freeze.off"])
        self.world.check()

    def test_D11_the_buttons_have_typed_twins(self):
        self.world.ask("megan", f"confirm freeze {WHY}", WHY)
        self.assertTrue(self.is_frozen())
        self.world.ask("megan", "confirm unfreeze", "works again")
        self.assertFalse(self.is_frozen())

    def test_D11_a_reason_is_asked_for(self):
        asked = self.world.ask("megan", "freeze", "Please say why")
        pressed = self.tenant.press("megan", "freeze", {"reason": " "}, activity=asked["id"], force=True)
        self.assertIn("Please say why", pressed["entry"]["text"])
        self.assertFalse(self.is_frozen())

    def test_D11_only_admins_freeze(self):
        for words in ("freeze now", "unfreeze", "confirm freeze now", "confirm unfreeze"):
            self.world.ask("adele", words, "Only admins")
        asked = self.world.ask("megan", f"freeze {WHY}", "Freeze the counter?")
        self.tenant.post("groups/Admins/members", {"remove": ["megan"]})
        self.tenant.press("megan", "freeze", {"reason": WHY}, activity=asked["id"])
        self.assertFalse(self.is_frozen())

    def test_E32_buttons_and_words_that_change_something_get_the_freeze_card(self):
        number = self.world.ask_for("alex", "7zip")
        form = self.world.open_form("lynne", "pdf editor")
        card = self.world.card_of("adele", number)
        receipt = self.world.card_with("alex", "cancel", f"#{number}")
        self.freeze()
        before = self.rows()
        pressed = [
            self.tenant.press("adele", "approve", activity=card["id"]),
            self.tenant.press("adele", "reject", {"reason": "no"}, activity=card["id"]),
            self.tenant.press("alex", "cancel", activity=receipt["id"]),
            self.tenant.press("lynne", "submit", {"justification": "for work", "q1": "Manuals"}, activity=form["id"]),
        ]
        for answer in pressed:
            self.assertEqual(answer["status"], 200)
            self.assertIn("The counter has been frozen since", answer["message"])
            self.assertIn(f"(by Megan Bowen). Nothing is decided or changed until it works again. Why: {WHY}", answer["message"])
        for who, words in (("adele", f"approve {number}"), ("adele", f"reject {number} no"), ("alex", f"cancel {number}")):
            shown = self.world.ask(who, words, "The counter is frozen")
            self.assertIn(WHY, shown["text"])
            self.assertFalse(harness.has_button(shown, "unfreeze"), "who is no admin ends no freeze")
        self.assertEqual(self.rows(), before)
        self.assertEqual(self.actions("change.refused"), ["change.refused"] * 7)
        self.world.check()

    def test_E32_the_same_buttons_work_when_it_is_over(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("adele", number)
        self.freeze()
        self.tenant.press("adele", "approve", activity=card["id"])
        self.assertEqual(self.world.state(number), "pending")
        self.unfreeze()
        self.tenant.press("adele", "approve", activity=card["id"])
        self.world.wait_state(number, "delivered")
        self.world.check()

    def test_E32_reads_work_and_say_so(self):
        number = self.world.ask_for("alex", "7zip")
        self.freeze()
        for who, words, expect in (("alex", "hello", "app counter"), ("alex", "help", "What you can tell me"),
                                   ("adele", "pending", "Waiting for your decision")):
            shown = self.world.ask(who, words, expect)
            self.assertIn("The counter has been frozen since", shown["text"])
        self.assertIn(f"#{number}", self.world.ask("alex", "status", "7-Zip")["text"])
        self.assertIn("7-Zip", self.world.ask("alex", f"request {number}", f"#{number}")["text"])

    def test_E32_the_first_freeze_stays(self):
        self.freeze()
        since = self.database.value("select changed_at from portal_settings where key = 'Frozen'")
        self.world.command("settings", "set", "Frozen", "true")
        shown = self.world.ask("megan", "confirm freeze another reason", "The counter is frozen")
        self.assertIn(WHY, shown["text"])
        self.assertEqual(self.database.value("select changed_at from portal_settings where key = 'Frozen'"), since)
        self.assertEqual(self.actions("freeze.%"), ["freeze.on"])

    def test_E32_operators_freeze_by_settings(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.command("settings", "set", "FrozenReason", "Audit in Progress")
        self.world.command("settings", "set", "Frozen", "true")
        self.assertIn("Frozen = true", self.world.command("settings", "get"))
        shown = self.world.ask("adele", f"approve {number}", "The counter is frozen")
        self.assertIn("Audit in Progress", shown["text"])
        self.assertIn("the operators", shown["text"])
        self.world.command("settings", "set", "Frozen", "false")
        self.world.approve("adele", number)
        self.world.wait_state(number, "delivered")
        self.assertEqual(self.actions("freeze.%"), ["freeze.on", "freeze.off"])
        self.world.check()

    def test_E32_no_clock_runs_while_it_lasts(self):
        """A day of freeze moves every clock by a day; what began in its middle by half of that."""
        first = self.world.ask_for("alex", "7zip")
        second = self.world.ask_for("lynne", "7zip")
        late = self.world.ask_for("patti", "7zip")
        self.world.approve("megan", self.world.ask_for("isaiah", "notepad++"))
        self.world.let_time_pass()
        harness.until(lambda: self.database.value("select count(*) from grants") == 1, "a grant is there", 60)
        self.freeze()
        execute = self.database.execute
        execute("update portal_settings set changed_at = now() - interval '24 hours' where key = 'Frozen'")
        execute(f"update stages set opened_at = now() - interval '30 hours', waits_since = now() - interval '20 hours', "
                f"deadline_at = now() + interval '1 hour' where request_id = {first}")
        execute(f"update stages set opened_at = now() - interval '12 hours', deadline_at = now() + interval '2 hours' "
                f"where request_id = {second}")
        execute(f"update stages set opened_at = now() - interval '48 hours', deadline_at = now() - interval '30 hours' "
                f"where request_id = {late}")
        execute("update grants set started_at = now() - interval '48 hours', expires_at = now() + interval '3 hours'")
        for key, changed, due in (("t.1", 40, 5), ("t.2", 1, 5)):
            execute("insert into jobs (tenant_id, kind, key, run_at, changed_at) select tenant_id, 'stage', "
                    f"'{key}', now() + interval '{due} hours', now() - interval '{changed} hours' from requests limit 1")
        self.unfreeze()

        def hours(sql):
            return round(float(self.database.value(f"select extract(epoch from ({sql}) - now()) / 3600")))

        self.assertEqual(hours(f"select deadline_at from stages where request_id = {first}"), 25)
        self.assertEqual(hours(f"select waits_since from stages where request_id = {first}"), 4)
        self.assertEqual(hours(f"select deadline_at from stages where request_id = {second}"), 14)
        self.assertEqual(hours(f"select deadline_at from stages where request_id = {late}"), -30)
        self.assertEqual(hours("select expires_at from grants"), 27)
        self.assertEqual(hours("select run_at from jobs where key = 't.1'"), 29)
        self.assertEqual(hours("select run_at from jobs where key = 't.2'"), 0)



if __name__ == "__main__":
    unittest.main(verbosity=2)
