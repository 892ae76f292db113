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


if __name__ == "__main__":
    unittest.main()
