# SPDX-License-Identifier: Apache-2.0
"""Policies as files, from the command line to what people meet at the counter."""
import json
import subprocess
import unittest

import harness

MANAGER = {"name": "manager", "priority": 20, "match": {"packages": ["7zip.*"]}, "stages": [{"ask": "manager"}]}
EVERYTHING = {"name": "everything", "priority": 900, "stages": [{"ask": "group"}]}


class PolicyTest(harness.WorldTest):
    def file(self, *policies, **more):
        path = self.world.folder / "policies.json"
        path.write_text(json.dumps({"policies": list(policies), **more}))
        return path

    def import_policies(self, *policies, **more):
        return json.loads(self.world.command("policy", "import", "--json", self.file(*policies, **more)))


class TestCommands(PolicyTest):
    def refused(self, *words):
        run = subprocess.run([harness.APPDESK, *words], capture_output=True, text=True, env=harness.PLAIN_ENVIRONMENT)
        self.assertEqual(run.returncode, 1, run.stdout)
        return run.stderr

    def test_a_file_is_checked_without_a_database(self):
        checked = harness.appdesk(None, "policy", "check", self.file(MANAGER, EVERYTHING))
        self.assertEqual(checked, "2 policies, no fault\n")
        said = self.refused("policy", "check", self.file(EVERYTHING, {**MANAGER, "stages": [{"ask": "boss"}]}))
        self.assertIn("policies[1]: policy 'manager': stages[0].ask must be", said)

    def test_import_list_and_export_are_a_round_trip(self):
        self.assertIn("no policies", self.world.command("policy", "list"))
        path = self.file(EVERYTHING, MANAGER, incompatibilities=[["7zip.7zip", "Contoso.Reader", "Because"]])
        self.assertIn("new          manager", self.world.command("policy", "diff", path))
        self.assertIn("no policies", self.world.command("policy", "list"))
        self.assertIn("new          manager (version 1)", self.world.command("policy", "import", path))
        listed = json.loads(self.world.command("policy", "list", "--json"))
        self.assertEqual([(p["name"], p["version"], p["changed_by"]) for p in listed],
                         [("manager", 1, "cli"), ("everything", 1, "cli")])
        exported = json.loads(self.world.command("policy", "export"))
        self.assertEqual([p["name"] for p in exported["policies"]], ["manager", "everything"])
        self.assertEqual(exported["incompatibilities"], [["7zip.7zip", "Contoso.Reader", "Because"]])
        path.write_text(json.dumps(exported))
        self.assertEqual(self.world.command("policy", "import", path), "nothing changes\n")

    def test_only_what_changed_gets_a_new_version(self):
        self.import_policies(MANAGER, EVERYTHING)
        steps = self.import_policies({**MANAGER, "priority": 30}, EVERYTHING)["steps"]
        self.assertEqual([(s["change"], s["name"], s["old_version"], s["new_version"]) for s in steps],
                         [("changed", "manager", 1, 2)])
        self.assertEqual(self.database.column("select action from audit_logs where action = 'policy.version'"),
                         ["policy.version"] * 3)


class TestAtTheCounter(PolicyTest):
    """Alex works in Marketing, and Isaiah is Alex's manager; Megan and Adele are approvers."""

    def policy_of(self, number):
        row = self.database.rows(f"select policy_name, policy_version from requests where id = {number}")[0]
        return row["policy_name"], row["policy_version"]

    def asked(self, number):
        people = {person["id"]: person["key"] for person in self.tenant.get("people")["people"]}
        return sorted(people[oid] for oid in self.database.column(
            f"select oid from stage_approvers where request_id = {number} and state = 'asked'"))

    def audit(self, number, action):
        return self.database.rows(
            f"select details->>'policy' as policy, details->>'policy_version' as version from audit_logs"
            f" where entity_id = '{number}' and action = '{action}'")

    def test_the_first_policy_that_matches_counts(self):
        self.import_policies(MANAGER, EVERYTHING)
        by_manager = self.world.ask_for("alex", "7zip")
        self.assertEqual(self.policy_of(by_manager), ("manager", 1))
        self.assertEqual(self.asked(by_manager), ["isaiah"])
        by_group = self.world.ask_for("alex", "notepad")
        self.assertEqual(self.policy_of(by_group), ("everything", 1))
        self.assertEqual(self.asked(by_group), ["adele", "megan"])
        # Behind the wide one it counts no more, and what was asked before stays under its version.
        self.database.execute("delete from policies_active")
        self.import_policies({**MANAGER, "priority": 950}, EVERYTHING)
        self.assertEqual(self.policy_of(self.world.ask_for("lynne", "7zip"))[0], "everything")
        self.world.approve("isaiah", by_manager)
        self.world.wait_state(by_manager, "delivered", 120)
        for action in ("request.created", "decision.approved"):
            self.assertEqual(self.audit(by_manager, action), [{"policy": "manager", "version": "1"}])
        self.world.check()

    def test_a_department_has_a_policy_of_its_own(self):
        self.world.ask("alex", "help")
        self.database.execute("update users set department = 'Marketing' where name = 'Alex Wilber'")
        self.import_policies({**MANAGER, "match": {"departments": ["marketing"]}}, EVERYTHING)
        self.assertEqual(self.policy_of(self.world.ask_for("alex", "7zip"))[0], "manager")
        self.assertEqual(self.policy_of(self.world.ask_for("patti", "7zip"))[0], "everything")

    def test_a_refusal_says_why_and_stores_nothing(self):
        why = "Please use the built-in archiver."
        self.import_policies({"name": "no", "match": {"packages": ["7ZIP.*"]}, "refusal": why})
        matches = self.world.ask("alex", "7zip")
        pressed = self.tenant.press("alex", "form", activity=matches["id"])
        self.assertIn(why, json.dumps(pressed))
        self.assertEqual(self.database.value("select count(*) from requests"), 0)
        self.assertEqual(self.database.column("select details->>'reason' from audit_logs where action = 'request.refused'"),
                         ["policy"])

    QUESTIONS = [{"label": "Which customer?", "required": True}, {"label": "Where?", "choices": ["Here", "There"]}]

    def submit(self, who, form, **inputs):
        pressed = self.tenant.press(who, "submit", inputs, activity=form["id"], force=True)
        self.assertEqual(pressed["status"], 200)
        return pressed["entry"]

    def test_F16_a_policy_asks_and_what_was_answered_is_kept(self):
        self.import_policies({**EVERYTHING, "questions": self.QUESTIONS})
        form = self.world.open_form("alex", "pdf editor")
        for words in ("Which documents?", "Which customer?", "Where?"):
            self.assertIn(words, form["text"])
        shown = self.submit("alex", form, justification="why", q1="Contracts", q2="  ", q3="Here")
        self.assertIn("Which customer?", shown["text"])
        self.assertIn("Please look at this again", shown["text"])
        shown = self.submit("alex", form, justification="why", q1="Contracts", q2="Contoso", q3="Nowhere")
        self.assertIn("Please look at this again", shown["text"])
        for table in ("requests", "answers", "stages"):
            self.assertEqual(self.database.value(f"select count(*) from {table}"), 0, table)
        self.submit("alex", form, justification="why", q1="Contracts", q2="Contoso", q3="There")
        kept = self.database.rows("select ordinal, label, answer from answers order by ordinal")
        self.assertEqual([(row["ordinal"], row["label"], row["answer"]) for row in kept],
                         [(1, "Which documents?", "Contracts"), (2, "Which customer?", "Contoso"), (3, "Where?", "There")])
        # Approvers read them, and nothing changes them: not another version of the policy either.
        number = self.database.value("select max(id) from requests")
        self.assertIn("Contoso", self.world.card_of("megan", number)["text"])
        self.import_policies({**EVERYTHING, "questions": [{"label": "Other?"}]})
        self.assertEqual(self.database.rows("select ordinal, label, answer from answers order by ordinal"), kept)

    def test_E9_a_form_of_another_policy_is_shown_again(self):
        self.import_policies(EVERYTHING)
        form = self.world.open_form("alex", "7zip")
        self.import_policies({**EVERYTHING, "questions": self.QUESTIONS})
        shown = self.submit("alex", form, justification="I unpack archives")
        self.assertIn("The rules for this app have changed", shown["text"])
        self.assertIn("Which customer?", shown["text"])
        self.assertEqual(self.database.value("select count(*) from requests"), 0)
        self.submit("alex", shown, justification="I unpack archives", q1="Contoso")
        self.assertEqual(self.policy_of(self.database.value("select max(id) from requests")), ("everything", 2))

    def test_F24_R5_a_rule_approves_so_often_and_then_people_decide(self):
        self.import_policies({"name": "quick", "automatic": {"max": 1, "window_days": 30}})
        first = self.world.ask_for("alex", "7zip")
        self.world.wait_state(first, "delivered", 120)
        self.world.ask("alex", f"request {first}", "Approved by the rule quick")
        self.assertEqual(set(self.database.column("select recipient_oid from outbox")), {self.world.oid("alex")})
        self.assertEqual(self.database.column("select action from audit_logs where action like 'decision.%'"),
                         ["decision.automatic"])
        second = self.world.ask_for("alex", "notepad")
        self.assertEqual(self.world.state(second), "pending")
        self.assertEqual(self.asked(second), ["adele", "megan"])

    def test_E21_a_guest_needs_a_policy_that_names_guests(self):
        self.tenant.post("groups/Everyone/members", {"add": ["nora"]})
        self.world.ask("nora", "help")
        self.database.execute(f"update users set guest = true where oid = '{self.world.oid('nora')}'")
        matches = self.world.ask("nora", "7zip")
        pressed = self.tenant.press("nora", "form", activity=matches["id"])
        self.assertIn("Guests cannot ask", json.dumps(pressed))
        self.assertEqual(self.database.value("select count(*) from requests"), 0)
        self.import_policies({"name": "guests", "match": {"guests": True}, "stages": [{"ask": "group"}]})
        self.assertEqual(self.policy_of(self.world.ask_for("nora", "7zip"))[0], "guests")


if __name__ == "__main__":
    unittest.main()
