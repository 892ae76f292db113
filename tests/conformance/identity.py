# SPDX-License-Identifier: Apache-2.0
"""Base of the tests of who we are to others: certificates made on the spot, and what went to the token endpoint."""
import base64
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import harness  # noqa: E402
from harness import until  # noqa: E402

TENANT = "00000000-0000-4000-8000-000000000001"
APP = "00000000-0000-4000-8000-000000000011"
BOT_SCOPE = "https://api.botframework.com/.default"
GRAPH_SCOPE = "https://graph.microsoft.com/.default"
DAY_S = 24 * 3600
WIDE = 8  # people who ask at a time


def openssl(*words):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, check=True, timeout=60).stdout


def make_certificate(folder, name, days=90, begins=None, ends=None):
    """A self-signed certificate and its key; (certificate, key) files. begins and ends: YYYYMMDDHHMMSSZ in place of days."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", days, "-subj", f"/CN={name}")
    if begins or ends:
        made = folder / f"{name}.ca"
        made.mkdir()
        (made / "index.txt").touch()
        (made / "serial").write_text("01\n")
        (made / "ca.cnf").write_text(f"[ca]\ndefault_ca=own\n[own]\ndatabase={made}/index.txt\nserial={made}/serial\nnew_certs_dir={made}\n"
                                     "default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n")
        openssl("req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", made / "request")
        openssl("ca", "-batch", "-selfsign", "-config", made / "ca.cnf", "-keyfile", key, "-in", made / "request", "-notext", "-out",
                certificate, "-startdate", begins, "-enddate", ends)
    return certificate, key


def stamp(seconds_from_now):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds_from_now))


def parts(jwt):
    """(header, claims), unverified."""
    def read(segment):
        return json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    header, claims, _ = jwt.split(".")
    return read(header), read(claims)


class IdentityTest(harness.WorldTest):
    """environment: what the machine's host tells the service."""

    environment = {}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="appdesk-identity-")
        cls.addClassCleanup(folder.cleanup)
        cls.files = pathlib.Path(folder.name)
        cls.prepare()
        super().setUpClass()

    @classmethod
    def prepare(cls):
        """Files and settings, before there is a world."""

    def begin(self):
        """As the world begins, with the environment of this machine."""
        start = self.world.start_service

        def start_here(*args, environment=None, **how):
            start(*args, environment={**self.here(), **(environment or {})}, **how)
        self.world.start_service = start_here
        self.addCleanup(setattr, self.world, "start_service", start)
        super().begin()

    def here(self):
        return self.environment

    def setUp(self):
        log = self.world.folder / "appdesk.log"
        self.log_begin = log.stat().st_size if log.exists() else 0  # the tests of a class share it
        self.addCleanup(setattr, self.world, "settings", dict(self.world.settings))
        super().setUp()

    def speak(self, who="alex"):
        """Somebody asks and is answered: the bot has a token that the connector takes."""
        self.world.ask(who, "help")

    def forms(self, scope=BOT_SCOPE, **filters):
        """The forms that went to the token endpoint for this scope, oldest first."""
        calls = self.tenant.calls(surface="token", body=1, **filters)
        forms = [dict(urllib.parse.parse_qsl(call["body"], strict_parsing=True)) | {"status": call["status"], "n": call["n"]} for call in calls]
        return [form for form in forms if form["scope"] == scope]

    def log(self):
        """What this test's service has logged."""
        with open(self.world.folder / "appdesk.log", "rb") as log:
            log.seek(self.log_begin)
            return log.read().decode(errors="replace")

    def wait_log(self, words, timeout_s=30):
        until(lambda: words in self.log(), f"the log says {words!r}", timeout_s, 0.1)

    def lines(self, words):
        return [json.loads(line) for line in self.log().splitlines() if words in line and line.startswith("{")]

    def wait_told(self, words):
        """The line by which the watch over our own tokens tells an operator of this; others may write of it, too."""
        def told():
            return [line for line in self.lines(words) if line["msg"] == "our own token cannot be renewed" and words in line["err"]]
        return until(told, f"the log tells of {words!r}")[0]

    def metric(self, name):
        """The metric with this name and label, as it is written there, or None."""
        found = re.search(rf"^appdesk_{re.escape(name)} (\S+)$", self.world.admin("/metrics")[1], re.MULTILINE)
        return float(found[1]) if found else None

    def refused_start(self, settings, *words, environment=None):
        """These settings do not start the service, and whoever tries reads why."""
        kept = self.world.settings
        self.world.settings = {**kept, **settings}
        config = self.world._write_config(self.database, "refused.ini")
        self.world.settings = kept
        for command in ("check-config", "serve"):
            done = subprocess.run([harness.APPDESK, command, "--config", config], env={**harness.PLAIN_ENVIRONMENT, **(environment or {})}, capture_output=True,
                                  text=True, timeout=60)
            self.assertNotEqual(done.returncode, 0, done.stdout)
            for word in words:
                self.assertIn(word, done.stderr)
