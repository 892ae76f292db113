# SPDX-License-Identifier: Apache-2.0
"""Trust rules: where an installer comes from and who signed it is learnt, and a change goes to an admin."""
import json
import pathlib
import shutil
import tempfile
import unittest

import harness
import packages
import tools
from packages import DELIVERY_S

SIGNER = "CN=Contoso Ltd"
SIGNED = "7z2501-x64.msi"


class TestOrigin(packages.PackageTest):
    """The tenant offers 24.09, which nobody has signed, and 25.01, which somebody has."""

    @classmethod
    def setUpClass(cls):
        cls.installers = pathlib.Path(tempfile.mkdtemp(prefix="appdesk-origin-"))
        cls.addClassCleanup(shutil.rmtree, cls.installers)
        shutil.copytree(harness.INSTALLERS, cls.installers, dirs_exist_ok=True)
        cls.sign(SIGNED)
        cls.tenant_options = ("--installers", str(cls.installers))
        super().setUpClass()

    @classmethod
    def sign(cls, name):
        key, certificate = cls.installers / "key.pem", cls.installers / "certificate.pem"
        made = tools.run(tools.need("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                         "-subj", f"/{SIGNER}", "-addext", "extendedKeyUsage=codeSigning")
        assert made.returncode == 0, made.stderr
        plain = cls.installers / f"plain-{name}"
        (cls.installers / name).rename(plain)
        signed = tools.run(tools.need("osslsigncode"), "sign", "-certs", certificate, "-key", key, "-add-msi-dse",
                           "-in", plain, "-out", cls.installers / name)
        assert signed.returncode == 0, signed.stdout + signed.stderr

    def publish(self, version, **more):
        self.tenant.post("world", {"publish": {"package": "7zip.7zip", "version": version, **more}})

    def rule(self):
        return json.loads(self.world.command("catalog", "trust", "7zip.7zip", "--json"))

    def learnt(self):
        """Alex has 24.09; the rule is what it was."""
        number = self.approved()
        self.world.wait_state(number, "delivered", DELIVERY_S)
        self.assertEqual(self.rule(), {"hosts": ["127.0.0.1"], "signer": "unsigned", "issuer": ""})

    def waiting(self, who="lynne"):
        """Somebody asks, and the job waits for an admin; the number of the request, of the job, and Megan's card."""
        number = self.approved(who)
        harness.until(lambda: self.state() == "waiting_admin", "it waits for an admin", DELIVERY_S)
        self.assertEqual(len(self.tenant.intune_apps()), self.apps)
        card = self.world.card_with("megan", "accept_installer")
        return number, self.database.value("select max(id) from jobs where kind = 'package'"), card

    def state(self):
        return self.database.value("select state from jobs where kind = 'package' order by id desc limit 1")

    def setUp(self):
        super().setUp()
        self.apps = 1

    def audited(self, action):
        return self.database.value(f"select count(*) from audit_logs where action = '{action}'")

    def test_another_signer_waits_for_an_admin_who_accepts_it_by_the_card(self):
        self.learnt()
        self.publish("25.01")
        number, _, card = self.waiting()
        for words in ("not signed", SIGNER, "Expected", "Found"):
            self.assertIn(words, json.dumps(card))
        self.assertNotIn('"verb": "retry"', json.dumps(card))
        pressed = self.tenant.press("megan", "accept_installer", activity=card["id"])
        self.assertEqual(pressed["status"], 200)
        self.world.wait_state(number, "delivered", DELIVERY_S)
        rule = self.rule()
        self.assertEqual(rule["signer"], SIGNER)
        self.assertEqual(len(rule["issuer"]), 64)
        kept = json.loads(self.database.value("select chain->>'trust' from evidence order by job_id desc limit 1"))
        self.assertEqual((kept["signer"], kept["issuer"], kept["hosts"]), (SIGNER, rule["issuer"], ["127.0.0.1"]))
        self.assertEqual((self.audited("trust.learned"), self.audited("trust.accepted")), (1, 1))
        self.world.check()

    def test_a_package_for_hand_off_names_who_signed_its_installer(self):
        self.publish("25.01")
        report = json.loads(self.world.command("package", "7zip.7zip", "--out", self.world.folder / "out", "--json"))
        self.assertEqual((report["signature"]["signer"], report["signature"]["signed"]), (SIGNER, True))
        self.assertEqual(len(report["signature"]["issuer_sha256"]), 64)
        self.assertIn(SIGNER, next(step["saw"] for step in report["steps"] if step["step"] == "installer signer"))

    def test_unsigned_where_a_signer_was_expected_is_kept_out_and_people_hear_why(self):
        self.publish("25.01")
        self.world.wait_state(self.approved(), "delivered", DELIVERY_S)
        self.assertEqual(self.rule()["signer"], SIGNER)
        self.publish("25.02")
        number, _, card = self.waiting()
        pressed = self.tenant.press("megan", "keep_out", {"reason": "The publisher does not know it"}, activity=card["id"])
        self.assertEqual(pressed["status"], 200)
        self.world.wait_state(number, "failed", DELIVERY_S)
        self.tenant.wait("lynne", "The publisher does not know it")
        self.assertEqual(self.rule()["signer"], SIGNER)
        self.assertEqual((self.audited("trust.kept_out"), len(self.tenant.intune_apps())), (1, 1))
        self.world.check()

    def test_another_host_waits_for_an_admin_who_accepts_it_by_typing(self):
        self.learnt()
        self.publish("24.10", host="localhost")
        number, job, card = self.waiting()
        self.assertIn("localhost", json.dumps(card))
        self.tenant.say("megan", f"accept installer {job}")
        self.world.wait_state(number, "delivered", DELIVERY_S)
        self.assertEqual(self.rule()["hosts"], ["127.0.0.1", "localhost"])
        self.world.check()

    def test_typed_keep_out_ends_it_with_a_reason_of_its_own(self):
        self.learnt()
        self.publish("24.10", host="localhost")
        number, job, _ = self.waiting()
        self.tenant.say("megan", f"keep out {job}")
        self.world.wait_state(number, "failed", DELIVERY_S)
        self.tenant.wait("lynne", "no longer comes from where it used to")

    def test_a_rule_that_is_set_lets_a_waiting_job_go_on_after_retry(self):
        self.learnt()
        self.publish("24.10", host="localhost")
        number, job, _ = self.waiting()
        said = self.world.command("catalog", "trust", "7zip.7zip", "--hosts", "localhost,127.0.0.1")
        self.assertIn("localhost, 127.0.0.1", said)
        self.tenant.say("megan", f"retry {job}")
        self.world.wait_state(number, "delivered", DELIVERY_S)

    def test_a_package_that_was_fetched_before_there_were_rules_is_delivered_and_teaches_none(self):
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault="job.after.fetch=kill")
        number = self.world.ask_for("alex", "7zip")
        try:
            self.world.approve("adele", number)
        except AssertionError:
            pass  # it may die before it has answered
        self.world.service.wait_killed()
        self.assertEqual(self.database.value("select count(*) from job_steps where step = 'fetch' and result ? 'trust'"), 1)
        self.database.execute("update job_steps set result = result - 'trust' where step = 'fetch'")
        self.world.let_time_pass()
        self.world.start_service()
        self.world.wait_state(number, "delivered", DELIVERY_S)
        self.assertEqual(self.rule(), {"hosts": [], "signer": "", "issuer": ""})


if __name__ == "__main__":
    unittest.main(verbosity=2)
