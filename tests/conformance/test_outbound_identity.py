# SPDX-License-Identifier: Apache-2.0
"""Who we are: access tokens by secret and by certificate, kept, renewed and shared: cases T01 to T05 and T09 to T11."""
import re
import threading
import time
import unittest

from identity import APP, BOT_SCOPE, DAY_S, GRAPH_SCOPE, TENANT, WIDE, IdentityTest, harness, make_certificate, parts, stamp, until

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
UNKNOWN_APP = {"error": "unauthorized_client", "error_codes": [700016],
               "error_description": "AADSTS700016: Application with identifier 'CANARY' was not found in the directory 'Contoso'."}


class TestOwnTokens(IdentityTest):
    """What holds for every credential, with a secret."""

    def life(self, seconds):
        self.tenant.post("settings", {"token_lifetime_s": seconds})

    def test_t01_a_token_is_kept_until_its_refresh_point(self):
        for _ in range(5):
            self.speak()
        self.assertEqual(len(self.forms()), 1)
        self.assertEqual(len(self.forms(GRAPH_SCOPE)), 1)
        self.assertEqual(self.metric('token_fetches_total{for="bot"}'), 1)

    def test_t02_parallel_callers_make_one_request(self):
        self.tenant.fault(match="token", delay_ms=1500, count=2)
        people = [person["key"] for person in self.tenant.get("people")["people"] if person["installed"]][:WIDE]
        self.assertGreater(len(people), 3)
        threads = [threading.Thread(target=self.tenant.say, args=(who, "help")) for who in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for who in people:
            self.tenant.wait(who)
        self.assertEqual(len(self.forms()), 1)
        self.assertEqual(len(self.forms(GRAPH_SCOPE)), 1)

    def test_t03_a_token_is_renewed_in_the_background_and_never_used_after_its_end(self):
        self.life(24)
        self.speak()
        until(lambda: len(self.forms(status=200)) >= 2, "renewed at half of its life, unasked", 30)
        self.speak()
        self.assertEqual([c for c in self.tenant.calls(surface="connector") if c["status"] == 401], [])

    def test_t04_the_form_of_a_request_with_a_secret(self):
        self.speak()
        form = self.forms()[0]
        del form["n"]
        self.assertEqual(form, {"grant_type": "client_credentials", "client_id": APP, "scope": BOT_SCOPE, "client_secret": "***",
                                "status": 200})

    def test_t09_an_outage_of_the_endpoint_leaves_the_token_in_use(self):
        self.life(40)
        self.speak()
        self.tenant.fault(match="token", status=500, count=-1)
        self.wait_log("our own token cannot be renewed")
        line = self.lines("our own token cannot be renewed")[0]
        self.assertEqual((line["level"], line["in_use"], line["status"]), ("warn", "the last one", "500"))
        until(lambda: self.metric('token_failing{for="bot"}') == 1, "the bot's own token is not renewed")
        self.speak()
        self.life(3599)
        self.tenant.clear_faults()
        self.wait_log("our own token is renewed", 60)
        self.speak()
        self.world.check()

    def test_a_token_that_the_connector_refuses_is_replaced_once(self):
        self.speak()
        self.tenant.post("tokens/revoke", {})
        self.speak()
        self.assertEqual(len(self.forms()), 2)
        self.world.wait_notices()
        self.assertEqual(len([c for c in self.tenant.calls(surface="connector") if c["status"] == 401]), 1)

    def test_t10_an_app_that_the_tenant_does_not_know_is_told_and_not_asked_for_in_a_loop(self):
        self.tenant.fault(match="token", contains="token", status=400, body=UNKNOWN_APP, count=-1)
        began = time.monotonic()
        self.tenant.say("alex", "help")
        line = self.wait_told("AADSTS700016")
        self.assertEqual(line["level"], "error")
        self.assertIn("check the client id", line["err"])
        self.assertNotIn("CANARY", self.log())
        until(lambda: len(self.forms()) >= 4, "it is tried again, later and later", 60)
        waited = time.monotonic() - began
        self.assertGreater(waited, 0.5 + 1 + 2)  # the shortest that 1, 2 and 4 seconds with jitter can be
        self.tenant.clear_faults()
        self.tenant.wait("alex")
        self.world.check()


class TestCertificate(IdentityTest):
    @classmethod
    def prepare(cls):
        cls.certificate, cls.key = make_certificate(cls.files, "bot")
        cls.other, cls.other_key = make_certificate(cls.files, "other")
        cls.pem = cls.files / "in-use.pem"
        cls.settings = {"bot.credential": "certificate", "bot.certificate": cls.pem, "bot.secret": "", "graph.secret": ""}
        cls.write(cls, cls.certificate, cls.key)

    def write(self, certificate, key):
        """As certbot and its like do: beside, then renamed."""
        fresh = self.pem.with_suffix(".new")
        fresh.write_text(certificate.read_text() + key.read_text())
        fresh.replace(self.pem)

    def setUp(self):
        self.write(self.certificate, self.key)
        super().setUp()
        self.register(self.certificate)

    def register(self, *certificates):
        """These and no others: the app has two places for them."""
        for name, certificate in (("first", certificates[0]), ("second", certificates[-1])):
            self.tenant.post("secrets", {"name": f"certificate-{name}", "certificate": certificate.read_text()})

    def test_t04_t05_a_certificate_takes_the_place_of_the_secret(self):
        """The tenant checks signature, thumbprint, audience, times and that no assertion comes twice."""
        self.speak()
        for scope in (BOT_SCOPE, GRAPH_SCOPE):
            form = self.forms(scope)[0]
            self.assertEqual(set(form) - {"status", "n"},
                             {"grant_type", "client_id", "scope", "client_assertion_type", "client_assertion"})
            self.assertEqual((form["status"], form["client_id"], form["client_assertion_type"]), (200, APP, ASSERTION_TYPE))
            header, claims = parts(form["client_assertion"])
            self.assertEqual(set(header), {"alg", "typ", "x5t#S256"})
            self.assertEqual((header["alg"], header["typ"]), ("PS256", "JWT"))
            self.assertEqual(claims["aud"], f"{self.tenant.base}/{TENANT}/oauth2/v2.0/token")
            self.assertEqual((claims["iss"], claims["sub"]), (APP, APP))
            self.assertRegex(claims["jti"], "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
            self.assertEqual((claims["exp"] - claims["nbf"], claims["iat"]), (600, claims["nbf"]))
        self.world.check()

    def test_t05_every_request_has_an_assertion_of_its_own(self):
        self.speak()
        for count in (2, 3, 4):
            self.tenant.post("tokens/revoke", {})
            self.speak()
            until(lambda n=count: len(self.forms(status=200)) >= n, "a new token is had")
        proofs = [form["client_assertion"] for form in self.forms() + self.forms(GRAPH_SCOPE)]
        self.assertEqual(len({parts(proof)[1]["jti"] for proof in proofs}), len(proofs))

    def test_a_renewed_certificate_needs_no_restart(self):
        self.speak()
        self.register(self.other)
        self.write(self.other, self.other_key)
        self.wait_log("our new certificate is in use")
        self.tenant.post("tokens/revoke", {})
        self.speak()
        thumbprints = [parts(form["client_assertion"])[0]["x5t#S256"] for form in self.forms(status=200)]
        self.assertEqual(len(set(thumbprints)), 2)
        self.assertEqual(self.forms(status=401), [])

    def test_a_broken_new_file_leaves_the_old_certificate_in_use_and_is_told(self):
        self.speak()
        for round_, text in enumerate(("", "-----BEGIN CERTIFICATE-----\nAAAA\n", self.certificate.read_text(),
                                       self.certificate.read_text() + self.other_key.read_text())):
            with self.subTest(text=text[:40]):
                before = len(self.lines("cannot be used, the last one stays"))
                self.pem.write_text(text)
                until(lambda n=before: len(self.lines("cannot be used, the last one stays")) > n or round_ == 1, "the log tells")
                self.tenant.post("tokens/revoke", {})
                self.speak()
        self.pem.unlink()
        self.tenant.post("tokens/revoke", {})
        self.speak()
        self.assertEqual(self.forms(status=401), [])
        line = self.lines("cannot be used, the last one stays")[0]
        self.assertEqual((line["level"], line["for"]), ("error", "bot"))
        self.assertIn(str(self.pem), line["err"])
        self.write(self.other, self.other_key)
        self.wait_log("our new certificate is in use")

    def test_the_end_of_a_certificate_is_told_in_time(self):
        cases = {"soon": (stamp(-DAY_S), stamp(10 * DAY_S + 600), "warn", "ends soon"),
                 "ended": (stamp(-2 * DAY_S), stamp(-DAY_S), "error", "has ended"),
                 "early": (stamp(DAY_S), stamp(90 * DAY_S), "error", "not valid yet")}
        for name, (begins, ends, level, words) in cases.items():
            with self.subTest(case=name):
                made = make_certificate(self.files, name, begins=begins, ends=ends)
                self.assertEqual(self.world.stop_service(), 0)  # who sees the new file would tell it as well
                self.write(*made)
                self.world.start_service()
                self.wait_log(words)
                found = self.lines(words)
                self.assertEqual([(line["level"], line["for"]) for line in found], [(level, "bot")])
        left = self.metric('token_certificate_expires_seconds{for="bot"}')
        self.assertAlmostEqual(left, 90 * DAY_S, delta=600)

    def test_a_key_in_a_file_of_its_own_and_another_certificate_for_graph(self):
        self.register(self.other, self.certificate)
        self.world.restart({"bot.certificate": self.other, "bot.certificate_key": self.other_key, "graph.certificate": self.pem})
        self.speak()
        used = {parts(self.forms(scope)[-1]["client_assertion"])[0]["x5t#S256"] for scope in (BOT_SCOPE, GRAPH_SCOPE)}
        self.assertEqual(len(used), 2)
        self.assertEqual(self.forms(status=401), [])

    def test_an_unregistered_certificate_is_told_with_what_to_do(self):
        self.register(self.other)
        self.tenant.say("alex", "help")
        self.assertIn("upload the certificate", self.wait_told("AADSTS700027")["err"])
        self.register(self.certificate)
        self.tenant.wait("alex")

    def test_what_is_missing_or_does_not_fit_stops_the_start_with_its_name(self):
        missing, mixed = self.files / "missing.pem", self.files / "mixed.pem"
        mixed.write_text(self.certificate.read_text() + self.other_key.read_text())
        self.refused_start({"bot.certificate": ""}, "bot.certificate")
        self.refused_start({"bot.certificate": missing}, "bot.certificate", str(missing))
        self.refused_start({"bot.certificate": self.certificate}, "bot.certificate", "private key")
        self.refused_start({"bot.certificate": mixed}, "bot.certificate", "not a pair")
        self.refused_start({"graph.certificate": missing}, "graph.certificate", str(missing))
        self.refused_start({"bot.credential": "passport"}, "bot.credential", "passport")
        self.refused_start({"graph.credential": "secret"}, "graph.secret")

    def test_t11_no_secret_is_in_the_log(self):
        """Not in a bad hour either: refusals that repeat what was sent, at the highest level of detail."""
        self.world.restart({"log.level": "debug"})
        self.speak()
        proof = self.forms()[0]["client_assertion"]
        self.tenant.fault(match="token", status=400, count=3, body={**UNKNOWN_APP, "error": proof, "error_description": proof})
        self.tenant.post("tokens/revoke", {})
        self.tenant.say("alex", "help")
        until(lambda: len(self.forms(status=400)) >= 2, "it is refused")
        self.wait_log("our own token cannot be renewed")
        self.tenant.clear_faults()
        self.tenant.wait("alex")
        key = [line for line in self.key.read_text().splitlines() if "-----" not in line]
        log = self.log()
        for secret in [proof, proof.split(".")[2], *key]:
            self.assertNotIn(secret, log)
        self.assertIsNone(re.search(r"eyJ[\w-]{20,}\.", log))


class TestSecret(IdentityTest):
    def test_t11_no_secret_is_in_the_log(self):
        self.world.restart({"log.level": "debug"})
        self.speak()
        self.tenant.fault(match="token", status=401, count=2, body={**UNKNOWN_APP, "error_description": harness.SECRET})
        self.tenant.post("tokens/revoke", {})
        self.tenant.say("alex", "help")
        until(lambda: len(self.forms(status=401)) + len(self.forms(GRAPH_SCOPE, status=401)) >= 2, "it is refused")
        self.tenant.wait("alex")
        self.assertNotIn(harness.SECRET, self.log())
        self.assertIsNone(re.search(r"eyJ[\w-]{20,}\.", self.log()))


if __name__ == "__main__":
    unittest.main(verbosity=2)
