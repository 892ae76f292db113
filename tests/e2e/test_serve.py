# SPDX-License-Identifier: Apache-2.0
"""The program as operators see it: TLS with a renewed certificate, the first hello, secrets that stay out of arguments."""
import hashlib
import os
import signal
import ssl
import subprocess
import unittest

import harness
from processes import free_port


class TestServe(harness.WorldTest):
    def make_certificate(self, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                        "-keyout", self.world.folder / "tls.key", "-out", self.world.folder / "tls.pem"],
                       check=True, capture_output=True, timeout=60)
        der = ssl.PEM_cert_to_DER_cert((self.world.folder / "tls.pem").read_text())
        return hashlib.sha256(der).hexdigest()

    def served(self, port):
        """SHA-256 of the certificate that a new connection is shown; None while nobody answers."""
        try:
            pem = ssl.get_server_certificate(("127.0.0.1", port), timeout=10)
        except OSError:
            return None
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()

    def test_a_renewed_certificate_is_served_after_sighup(self):
        first = self.make_certificate("first")
        port = free_port()
        self.world.settings = {"server.tls_certificate": self.world.folder / "tls.pem",
                               "server.tls_key": self.world.folder / "tls.key"}
        self.addCleanup(setattr, self.world, "settings", {})
        config = self.world._write_config(self.database, "tls.ini", port, free_port())
        program = harness.Program([harness.APPDESK, "serve", "--config", config], self.world.folder / "tls.log",
                                  harness.PLAIN_ENVIRONMENT)
        self.addCleanup(program.stop)
        harness.until(lambda: self.served(port) == first, "the first certificate is served")
        second = self.make_certificate("second")
        os.kill(program.process.pid, signal.SIGHUP)
        harness.until(lambda: self.served(port) == second, "the second certificate is served")

    def test_r1_an_installation_told_in_two_activities_is_welcomed_once(self):
        self.assertEqual(self.tenant.post("install", {"as": "alex"})["status"], 200)
        harness.until(lambda: self.database.value("select count(*) from inbox") == 2, "both activities are in")
        self.world.wait_notices()
        shown = [entry for entry in self.tenant.shown("alex") if entry["from"] == "bot"]
        self.assertEqual(len(shown), 1)
        for words in ("Hello", "You see this because", "I need a PDF editor", "your requests and how far they are", "language de"):
            self.assertIn(words, shown[0]["text"])
        for verb in ("status", "help"):
            self.assertTrue(harness.has_button(shown[0], verb), verb)
        self.assertEqual(self.database.column("select conversation_id from bot_conversation_references"), ["a:personal-chat-alex"])

    def test_the_owners_address_may_come_from_a_file(self):
        path = self.world.folder / "owner.url"
        path.write_text(self.database.owner_url + "\n")
        self.assertIn("the schema is at", harness.appdesk(None, "migrate", "--database", f"@File({path})"))
        with self.assertRaises(AssertionError):
            harness.appdesk(None, "migrate", "--database", f"@File({path}.missing)")


if __name__ == "__main__":
    unittest.main(verbosity=2)
