# SPDX-License-Identifier: Apache-2.0
"""Independent judges of who we say we are: our assertions before two libraries, our requests before a real OpenID provider."""
import json
import subprocess
import sys
import unittest
import urllib.request

import clients

sys.path.insert(0, str(clients.FOLDER.parent / "conformance"))
from identity import APP, BOT_SCOPE, GRAPH_SCOPE, TENANT, IdentityTest, make_certificate, until  # noqa: E402
from processes import Program  # noqa: E402

SCRIPTS = clients.FOLDER / "identity"
SECRET = "the provider's own + secret & more"
SCRIPT_S = 60
LEAST = 6  # assertions that are judged


class JudgedTest(IdentityTest):
    @classmethod
    def prepare(cls):
        for module in ("jose", "jsonwebtoken", "oidc-provider"):
            clients.find_module(module)
        cls.node = clients.find_node()
        cls.certificate, cls.key = make_certificate(cls.files, "bot")


class TestAssertions(JudgedTest):
    @classmethod
    def prepare(cls):
        super().prepare()
        cls.settings = {"bot.credential": "certificate", "bot.certificate": cls.certificate, "bot.certificate_key": cls.key, "bot.secret": "",
                        "graph.secret": ""}

    def judge(self, assertions, **changes):
        given = {"assertions": assertions, "certificate": self.certificate.read_text(), "client": APP,
                 "audience": f"{self.tenant.base}/{TENANT}/oauth2/v2.0/token", **changes}
        done = subprocess.run([self.node, SCRIPTS / "judge.mjs"], input=json.dumps(given), env=clients.environment(self.node),
                              capture_output=True, text=True, timeout=SCRIPT_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_t05_every_judge_takes_every_assertion(self):
        self.tenant.post("secrets", {"name": "certificate", "certificate": self.certificate.read_text()})
        self.speak()
        for count in range(2, LEAST):
            self.tenant.post("tokens/revoke", {})
            self.speak()
            until(lambda n=count: len(self.forms(status=200)) >= n, "a new token is had")
        assertions = [form["client_assertion"] for form in self.forms() + self.forms(GRAPH_SCOPE)]
        self.assertGreaterEqual(len(assertions), LEAST)
        for verdict in self.judge(assertions):
            self.assertEqual([verdict[judge] for judge in ("jose", "jsonwebtoken", "node")], ["good"] * 3)
            self.assertTrue(verdict["thumbprint"])
            self.assertEqual(sorted(verdict["header"]), ["alg", "typ", "x5t#S256"])
            self.assertLessEqual(verdict["claims"]["exp"] - verdict["claims"]["nbf"], 600)
        # The judges do judge: another audience, another certificate.
        for verdict in self.judge(assertions[:1], audience="https://example.com"):
            self.assertEqual([verdict[judge] == "good" for judge in ("jose", "jsonwebtoken", "node")], [False, False, True])
        other = make_certificate(self.files, "other")[0].read_text()
        for verdict in self.judge(assertions[:1], certificate=other):
            self.assertEqual([verdict[judge] == "good" for judge in ("jose", "jsonwebtoken", "node", "thumbprint")], [False] * 4)


class TestProvider(JudgedTest):
    """Graph's token comes from the provider, and Graph is behind a gate that lets nothing else pass."""

    def begin(self):
        """The provider first; the credential is each test's own."""
        command = [self.node, SCRIPTS / "provider.mjs", "--behind", self.world.tenant.base, "--secret", SECRET, "--certificate", self.certificate]
        provider = Program(command, self.world.folder / "provider.log", clients.environment(self.node), pipe=True)
        self.addCleanup(provider.kill)
        self.origin = f"http://127.0.0.1:{json.loads(provider.first_line())['port']}"
        super().begin()

    def restart_with(self, client, **more):
        self.world.restart({"graph.token_url": f"{self.origin}/{TENANT}/oauth2/v2.0/token", "graph.base_url": f"{self.origin}/graph",
                            "graph.client_id": client, **more})

    def seen(self):
        with urllib.request.urlopen(f"{self.origin}/seen", timeout=10) as answer:
            return json.load(answer)

    def check_story(self, client):
        number = self.world.ask_for("alex", "7zip")
        self.assertEqual(self.world.state(number), "pending")
        seen = self.seen()
        self.assertEqual((seen["granted"], seen["refused"], seen["stopped"]), ([client], [], []))
        self.assertGreater(seen["passed"], 0)
        self.assertEqual(len(self.forms(BOT_SCOPE)), 1)
        self.world.check()

    def test_t04_a_provider_takes_our_secret_and_graph_its_token(self):
        self.restart_with("by-secret", **{"graph.secret": SECRET})
        self.check_story("by-secret")
        self.assertNotIn(SECRET, self.log())

    def test_t04_t05_a_provider_takes_our_assertion_and_graph_its_token(self):
        self.restart_with("by-certificate",
                          **{"graph.credential": "certificate", "graph.certificate": self.certificate, "graph.certificate_key": self.key})
        self.check_story("by-certificate")

    def test_what_a_provider_refuses_is_told(self):
        """A wrong secret, and the assertion of another key."""
        other, other_key = make_certificate(self.files, "stranger")
        cases = {"secret": ("by-secret", {"graph.secret": "wrong"}),
                 "key": ("by-certificate", {"graph.credential": "certificate", "graph.certificate": other, "graph.certificate_key": other_key})}
        for name, (client, settings) in cases.items():
            with self.subTest(case=name):
                before = len(self.seen()["refused"])
                self.restart_with(client, **settings)
                self.tenant.say("alex", "help")
                until(lambda n=before: len(self.seen()["refused"]) > n, "the provider refuses")
                self.wait_log("token for graph refused: HTTP status 401, invalid_client")
                self.assertEqual((self.seen()["granted"], self.seen()["passed"]), ([], 0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
