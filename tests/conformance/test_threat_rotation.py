# SPDX-License-Identifier: Apache-2.0
"""Threat 25: a secret is renewed while everybody works, and nobody notices. TLS pairs: test_tls.py, fault 45."""
import signal
import subprocess
import unittest

from threat import Crowd, ThreatTest, harness

PEOPLE = ("alex", "lynne", "isaiah", "patti")
ROUNDS = 8  # answers that each person gets before and after


class TestRotation(ThreatTest):
    own_cluster = True

    def load(self):
        """Four people who ask again and again; what they were answered."""
        crowd, answers = Crowd(), {who: [] for who in PEOPLE}

        def work(who, place):
            sender, token = self.sender(f"127.0.4.{place + 1}"), self.bearer()
            while crowd.pace(0.2):
                answers[who].append(sender.post(self.activity(who, "status"), token)[0])
        for place, who in enumerate(PEOPLE):
            crowd.add(work, who, place)
        self.addCleanup(crowd.ending.set)
        return crowd, answers

    def wait_rounds(self, crowd, answers):
        """Until everybody was answered some more times."""
        wanted = {who: len(answers[who]) + ROUNDS for who in PEOPLE}
        harness.until(lambda: crowd.faults or all(len(answers[who]) >= wanted[who] for who in PEOPLE), "everybody is answered")

    def assert_no_error(self, crowd, answers):
        crowd.end()
        self.assertEqual({status for list_ in answers.values() for status in list_}, {200})
        self.world.wait_notices(60)
        self.assertEqual(self.database.value("select count(*) from outbox where state <> 'sent'"), 0)
        self.assertEqual(self.database.value("select count(*) from inbox"), sum(map(len, answers.values())))

    def test_threat_25_the_bots_secret_is_renewed_under_load(self):
        """First where it is judged, then where it is read; the tokens that the old one has brought end at once."""
        file = self.world.folder / "bot.secret"
        file.write_text(harness.SECRET + "\n")
        self.world.restart({"bot.secret": f"@File({file})", "graph.secret": f"@File({file})"})
        crowd, answers = self.load()
        self.wait_rounds(crowd, answers)
        for secret in ("renewed-once", "renewed-twice"):
            self.tenant.post("secrets", {"name": "bot-secret", "value": secret})
            self.tenant.post("tokens/revoke", {})
            harness.until(lambda: [c for c in self.tenant.calls(surface="token") if c["status"] == 401] or crowd.faults,
                          "the old secret is refused")
            file.with_suffix(".new").write_text(secret)
            newest = self.tenant.calls()[-1]["n"]
            file.with_suffix(".new").replace(file)
            harness.until(lambda: self.tenant.calls(surface="token", status=200, after=newest), "the new one is taken")
            self.wait_rounds(crowd, answers)
            harness.until(lambda: self.tenant.calls(surface="connector", status=201, after=newest), "notices are sent")
            self.assertFalse(secret in self.world.log() or harness.SECRET in self.world.log())
            self.tenant.delete("calls")
        self.assert_no_error(crowd, answers)

    def psql(self, password):
        """Whether the service's role gets in with this password."""
        return subprocess.run(["psql", "-X", "-w", "-d", f"{self.database.url} password={password}", "-c", "select 1"], capture_output=True,
                              timeout=60).returncode == 0

    def demand_passwords(self):
        """From the service's role alone, for this cluster is behind a door of its own."""
        rules = self.world.cluster.folder / "data/pg_hba.conf"
        kept = rules.read_text()

        def put(text):
            rules.write_text(text)
            self.world.cluster.run("postgres", "select pg_reload_conf()")
        put("local all appdesk_app scram-sha-256\n" + kept)
        self.addCleanup(put, kept)
        harness.until(lambda: not self.psql("wrong"), "a password is demanded")

    def renew_password(self, password):
        self.database.execute(f"alter role appdesk_app password '{password}'")

    def test_threat_25_the_databases_password_is_renewed_under_load(self):
        file = self.world.folder / "database.url"
        file.write_text(f"{self.database.url} password=first\n")
        self.renew_password("first")
        self.demand_passwords()
        self.world.restart({"database.url": f"@File({file})"})
        crowd, answers = self.load()
        self.wait_rounds(crowd, answers)
        for password in ("second", "third"):
            self.renew_password(password)
            file.write_text(f"{self.database.url} password={password}\n")
            told = self.world.log().count('"reloaded"')
            self.world.service.signal(signal.SIGHUP)
            harness.until(lambda: self.world.log().count('"reloaded"') > told, "the file is read again")
            self.wait_rounds(crowd, answers)
        self.assert_no_error(crowd, answers)
        self.assertFalse(self.psql("first"))
        self.database.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'appdesk_app'")
        harness.until(lambda: self.post(self.activity(text="status")).status == 200, "new connections use the new password")
        for word in ("first", "second", "third"):
            self.assertNotIn(f"password={word}", self.world.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
