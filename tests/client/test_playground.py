# SPDX-License-Identifier: Apache-2.0
"""Real clients: two people in two Microsoft 365 Agents Playgrounds, in a real browser, on the real program."""
import hashlib
import subprocess
import unittest

import clients
import harness
from processes import Program, free_port, until

PORTS = {"alex": free_port(), "megan": free_port()}
INSTALLER = harness.INSTALLERS / "contoso-reader-4.2.0-x64.msi"
START_S = 120
STORY_S = 400


class TestPlayground(harness.WorldTest):
    tenant_options = tuple(word for key, port in PORTS.items() for word in ("--playground", f"{key}=http://127.0.0.1:{port}"))

    @classmethod
    def setUpClass(cls):
        clients.find_module("playwright-core")
        clients.find_module("@microsoft/m365agentsplayground")
        cls.node, cls.browser = clients.find_node(), clients.find_browser()
        super().setUpClass()

    def start_playground(self, key):
        folder = self.world.folder / f"playground-{key}"
        clients.write_playground_config(folder, key)
        bot = f"{self.tenant.base}/bridge/{key}/api/messages"
        command = [self.node, clients.PLAYGROUND, "start", "-e", bot, "-c", "msteams", "-p", PORTS[key], "--disable-telemetry"]
        program = Program(command, folder / "log", clients.environment(self.node), folder=folder)
        self.addCleanup(program.kill)
        ready = f"Listening on {PORTS[key]}"
        until(lambda: ready in program.tail(1000) or not program.running(), f"the client of {key} listens", START_S)
        self.assertIn(ready, program.tail(1000))

    def test_a_wish_becomes_an_app_through_real_clients(self):
        for key in PORTS:
            self.start_playground(key)
        pictures = self.world.folder / "pictures"
        done = subprocess.run(
            [self.node, clients.FOLDER / "drive.mjs", "--requester", f"http://127.0.0.1:{PORTS['alex']}/",
             "--approver", f"http://127.0.0.1:{PORTS['megan']}/", "--out", pictures, "--chromium", self.browser],
            env=clients.environment(self.node), capture_output=True, text=True, timeout=STORY_S)
        print(done.stdout, done.stderr, f"pictures: {pictures}", sep="\n")
        self.assertEqual(done.returncode, 0)
        self.check_effects()

    def check_effects(self):
        """What the clients showed is what has happened."""
        self.assertEqual(self.database.rows("select id, state, justification from requests"),
                         [{"id": 1, "state": "delivered", "justification": "Customers send contracts as PDF"}])
        self.assertEqual(self.database.column("select oid from decisions"), [self.world.oid("megan")])
        apps = self.tenant.intune_apps()
        self.assertEqual([app["displayName"] for app in apps], ["Contoso PDF Reader"])
        content = self.tenant.intune_content(apps[0]["id"])
        self.assertTrue(content["ok"], content)
        self.assertEqual(content["sha256"].lower(), hashlib.sha256(INSTALLER.read_bytes()).hexdigest())
        target = apps[0]["assignments"][0]["target"]["groupId"]
        self.assertEqual(self.tenant.group(target)["members"], ["alex"])
        self.world.check()


if __name__ == "__main__":
    unittest.main(verbosity=2)
