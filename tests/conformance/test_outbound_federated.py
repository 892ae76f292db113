# SPDX-License-Identifier: Apache-2.0
"""Who we are because somebody else says so: a Kubernetes cluster, or the machine's identity: cases T04 and T08."""
import time
import unittest

from identity import APP, BOT_SCOPE, GRAPH_SCOPE, TENANT, IdentityTest, parts, until
from issuer import Key, openssl

CLUSTER = "https://cluster.example.com/"
ACCOUNT = "system:serviceaccount:apps:appdesk"
EXCHANGE = "api://AzureADTokenExchange"
IDENTITY = "00000000-0000-4000-8000-000000000012"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class FederatedTest(IdentityTest):
    settings = {"bot.credential": "federated", "bot.secret": "", "graph.secret": ""}

    def check_shape(self):
        """Both tokens are had for an assertion in place of the secret; the assertions, newest last."""
        proofs = []
        for scope in (BOT_SCOPE, GRAPH_SCOPE):
            form = self.forms(scope)[-1]
            proofs.append(form["client_assertion"])
            self.assertEqual({**form, "client_assertion": "", "n": 0},
                             {"grant_type": "client_credentials", "client_id": APP, "scope": scope, "client_assertion": "",
                              "client_assertion_type": ASSERTION_TYPE, "status": 200, "n": 0})
        return proofs


class TestKubernetes(FederatedTest):
    @classmethod
    def prepare(cls):
        cls.cluster = Key("cluster-1")
        cls.file = cls.files / "token"
        cls.settings = {**cls.settings, "bot.federated_token_file": cls.file}

    def token(self, **changes):
        now = int(time.time())
        return self.cluster.token({"iss": CLUSTER, "sub": ACCOUNT, "aud": [EXCHANGE], "iat": now, "nbf": now, "exp": now + 3600, **changes})

    def project(self, token):
        """As the kubelet does: beside, then renamed."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(token)
        fresh.replace(self.file)

    def setUp(self):
        self.first = self.token()
        self.project(self.first)
        super().setUp()
        self.trust(CLUSTER, ACCOUNT)

    def trust(self, issuer, subject):
        key = openssl("rsa", "-pubout", data=self.cluster.pem).decode()
        self.tenant.post("secrets", {"name": "cluster", "federated": {"issuer": issuer, "subject": subject, "key": key}})

    def test_t04_t08_the_clusters_token_takes_the_place_of_the_secret(self):
        self.speak()
        self.assertEqual(self.check_shape(), [self.first, self.first])
        self.world.check()

    def test_t08_the_file_is_read_for_each_exchange(self):
        self.speak()
        for nth in range(3):
            fresh = self.token(jti=str(nth))
            self.project(fresh + "\n")
            self.tenant.post("tokens/revoke", {})
            self.speak()
            until(lambda token=fresh: self.forms(status=200)[-1]["client_assertion"] == token, "the new token is exchanged")

    def test_t08_a_file_that_is_gone_for_a_while_does_no_harm(self):
        self.speak()
        self.file.unlink()
        self.speak()
        self.tenant.post("tokens/revoke", {})
        self.tenant.say("alex", "help")
        self.wait_log("bot.federated_token_file")
        self.project("two words")
        self.wait_log("holds no token")
        before = self.tenant.seq()
        self.project(self.token())
        self.tenant.wait("alex", after=before)

    def test_what_the_directory_refuses_is_told_with_what_to_do(self):
        cases = {"issuer": ("https://other.example.com/", ACCOUNT, {}, "AADSTS700211"), "subject": (CLUSTER, "nobody", {}, "AADSTS700213"),
                 "audience": (CLUSTER, ACCOUNT, {"aud": ["https://example.com"]}, "AADSTS700212"),
                 "ended": (CLUSTER, ACCOUNT, {"exp": 1}, "AADSTS700024")}
        for name, (issuer, subject, changes, code) in cases.items():
            with self.subTest(case=name):
                self.trust(issuer, subject)
                self.project(self.token(**changes))
                self.world.restart()
                self.tenant.say("alex", "help")
                self.assertRegex(self.wait_told(code)["err"], code + ": .*(credential|clock)")
        self.trust(CLUSTER, ACCOUNT)
        self.project(self.token())
        self.world.restart()
        self.world.let_time_pass()
        self.tenant.wait("alex")

    def test_t08_the_environment_of_a_workload_is_enough(self):
        """AZURE_AUTHORITY_HOST takes the place of the cloud's host for tokens."""
        self.world.restart({"bot.app_id": "", "bot.tenant_id": "", "bot.token_url": "", "graph.token_url": "", "graph.client_id": "",
                            "bot.federated_token_file": ""},
                           environment={"AZURE_FEDERATED_TOKEN_FILE": str(self.file), "AZURE_CLIENT_ID": APP.upper(), "AZURE_TENANT_ID": TENANT,
                                        "AZURE_AUTHORITY_HOST": self.tenant.base + "/"})
        self.speak()
        self.check_shape()

    def test_what_is_missing_stops_the_start_with_its_name(self):
        self.refused_start({"bot.federated_token_file": ""}, "AZURE_FEDERATED_TOKEN_FILE")
        self.refused_start({"bot.federated_token_file": ""}, "bot.federated_token_file", "missing", environment={"AZURE_FEDERATED_TOKEN_FILE": "/missing"})
        self.refused_start({"bot.managed_identity_client_id": IDENTITY},
                           "bot.managed_identity_client_id")

    def test_t11_no_token_is_in_the_log(self):
        self.world.restart({"log.level": "debug"})
        self.speak()
        self.tenant.fault(match="token", status=400, count=-1, body={"error": self.first, "error_description": self.first})
        self.tenant.post("tokens/revoke", {})
        said = self.tenant.say("alex", "help")
        self.wait_log("our own token cannot be renewed")
        self.tenant.clear_faults()
        self.tenant.wait("alex", after=said["seq"])
        for part in self.first.split("."):
            self.assertNotIn(part, self.log())


class TestIdentity(FederatedTest):
    """The machine's identity, which is not the bot, vouches for it."""

    settings = {**FederatedTest.settings, "bot.managed_identity_client_id": IDENTITY}

    def here(self):
        return {"AZURE_POD_IDENTITY_AUTHORITY_HOST": self.world.tenant.base}

    def test_t04_the_identitys_token_takes_the_place_of_the_secret(self):
        self.speak()
        for proof in self.check_shape():
            self.assertEqual(parts(proof)[1]["aud"], EXCHANGE)
        asked = self.tenant.calls(surface="identity")
        self.assertEqual([call["status"] for call in asked], [200, 200])
        for call in asked:
            self.assertIn("resource=api%3A%2F%2FAzureADTokenExchange&", call["path"])
            self.assertTrue(call["path"].endswith(f"client_id={IDENTITY}"), call["path"])
        self.world.check()

    def test_t08_each_exchange_has_an_assertion_of_its_own(self):
        """One that was kept would end, and all would stop."""
        self.speak()
        self.tenant.post("settings", {"token_lifetime_s": 24})
        self.tenant.post("tokens/revoke", {})
        self.speak()
        until(lambda: len(self.forms(status=200)) >= 3, "the bot's token is renewed", 60)
        proofs = [form["client_assertion"] for form in self.forms(status=200)]
        self.assertEqual(len(set(proofs)), len(proofs))


if __name__ == "__main__":
    unittest.main(verbosity=2)
