# SPDX-License-Identifier: Apache-2.0
"""Two official SDKs as judges: what they send is accepted, what AppDesk sends they accept, and no token passes here that fails there."""
import json
import subprocess
import unittest

import clients
import harness
from processes import Program

SDK = clients.FOLDER / "sdk"
SCRIPT_S = 120
TENANT = harness.guid("01")
HOSTS = "subjectAltName=DNS:login.microsoftonline.com,DNS:login.botframework.com,IP:127.0.0.1"


def make_certificate(folder):
    """For the login hosts that the SDKs insist on; trusted by their processes alone."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stage", "-addext", HOSTS,
         "-keyout", folder / "tls.key", "-out", folder / "tls.pem"], check=True, capture_output=True, timeout=60)


class SdkTest(harness.WorldTest):
    """A world whose AppDesk also takes the stage's keys and its channel; see sdk/stage.mjs."""

    @classmethod
    def setUpClass(cls):
        for module in ("botbuilder", "@microsoft/agents-hosting", "@microsoft/teams.api", "typescript"):
            clients.find_module(module)
        cls.node = clients.find_node()
        super().setUpClass()
        cls.folder = cls.world.folder / "stage"
        cls.folder.mkdir()
        make_certificate(cls.folder)
        cls.environment = dict(clients.environment(cls.node), NODE_EXTRA_CA_CERTS=str(cls.folder / "tls.pem"))
        cls.start_stage()

    @classmethod
    def start_stage(cls):
        command = [cls.node, SDK / "stage.mjs", "--dir", cls.folder, "--tenant", cls.world.tenant.base]
        stage = Program(command, cls.folder / "log", cls.environment, pipe=True)
        cls.addClassCleanup(stage.kill)
        port = json.loads(stage.first_line())["http"]
        origin = f"http://127.0.0.1:{port}"
        cls.world.settings = {
            "bot.openid_metadata_url": f"{origin}/v1/.well-known/openidconfiguration",
            "bot.token_url": f"{origin}/{TENANT}/oauth2/v2.0/token",
            "bot.service_url": f"{origin}/channel/",
            "bot.service_hosts": f"127.0.0.1:{port}",
        }

    def run_script(self, name, *words, given=None):
        """One of the scripts; the JSON that it prints."""
        bot = f"http://127.0.0.1:{self.world.port}/api/messages"
        done = subprocess.run(
            [self.node, SDK / f"{name}.mjs", "--dir", self.folder, "--bot", bot, *words], input=given, env=self.environment,
            capture_output=True, text=True, timeout=SCRIPT_S)
        self.assertEqual(done.returncode, 0, f"{name}: {done.stdout[-2000:]} {done.stderr[-4000:]}")
        return json.loads(done.stdout)


class TestTowardsAppDesk(SdkTest):
    def test_x(self):
        for f in ("botbuilder", "agents"):
            r=self.run_script("converse", "--family", f)
            for x in r["steps"]: print(str(x)[:200])
            for x in r["calls"]: print(x["method"], x["path"], x["issuer"], x["verdicts"])
            print(self.database.rows("select id, state, justification from requests"))
            self.begin_again()

    def test_matrix(self):
        for r in self.run_script("matrix"):
            print(r["token"].ljust(45), r["appdesk"], r["botbuilder"][:60].ljust(60), r["agents"][:80])


if __name__ == "__main__":
    unittest.main(verbosity=2)
