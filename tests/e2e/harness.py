# SPDX-License-Identifier: Apache-2.0
"""A whole world for one test class: PostgreSQL, the local tenant, and AppDesk's own program between them.

    class TestSomething(harness.WorldTest):
        def test_a_promise(self):
            number = self.world.ask_for("alex", "7zip")

Each test gets a new database, an empty tenant and a started service. APPDESK_BUILD_DIR names the build;
APPDESK_TEST_CLUSTER a running cluster to share (else the class makes its own). What was written stays in
APPDESK_BUILD_DIR/e2e/<class> until the next run.
"""
import base64
import configparser
import contextlib
import fcntl
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest
import urllib.error
import urllib.request

import aging
import invariants
from cluster import SOURCE, Cluster, Database
from processes import Program, free_port, until, within
from tenant import Tenant

BUILD = pathlib.Path(os.environ.get("APPDESK_BUILD_DIR", SOURCE / "build/dev")).resolve()
APPDESK = BUILD / "bin/appdesk"
TENANT = BUILD / "bin/appdesk-devtenant"
INSTALLERS = BUILD / "installers"
PLAIN_ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("APPDESK_")}
SECRET = "local-tenant-secret"
REPORTS_SHOWN = 10

GROUPS = {"UserAccessGroupId": "a1", "ApproverGroupId": "a2", "AdminGroupId": "a3", "AuditorGroupId": "a4"}
CATALOGUE = (
    ("7zip.7zip", "--name", "7-Zip", "--publisher", "Igor Pavlov", "--aliases", "zip, 7zip, archiver",
     "--description", "Packs and unpacks archives"),
    ("Contoso.Reader", "--name", "Contoso PDF Reader", "--publisher", "Contoso Ltd", "--aliases", "pdf editor, pdf",
     "--question", "Which documents?", "--choices", "Contracts, Manuals"),
    ("Notepad++.Notepad++", "--name", "Notepad++", "--publisher", "Don Ho", "--aliases", "text editor"),
)
_numbers = itertools.count(1)


def guid(tail):
    """Ids of the tenant's people and groups end in two digits that its guide lists."""
    return f"00000000-0000-4000-8000-0000000000{tail}"


def appdesk(config, *words):
    """Runs the program once; its standard output."""
    done = subprocess.run(
        [APPDESK, *words, *(["--config", config] if config else [])], env=PLAIN_ENVIRONMENT, capture_output=True, text=True,
        timeout=within(120))
    if done.returncode:
        raise AssertionError(f"appdesk {' '.join(map(str, words))}: {done.returncode}: {done.stderr.strip()}")
    return done.stdout


@contextlib.contextmanager
def alone(what):
    """While one program makes what all of them use, the others wait."""
    with open(BUILD / f"e2e/{what}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def has_button(entry, verb):
    """Whether what is shown has a button with this verb, also in a part that is folded."""
    return any(button.get("verb") == verb for button in entry.get("buttons", []))


class World:
    """Everything around one test class. Not for more than one thread, but for what says otherwise."""

    def __init__(self, name, tenant_options=(), settings=None, own_cluster=False):
        self.folder = BUILD / "e2e" / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.port, self.admin_port = free_port(), free_port()
        self.settings = settings or {}
        self.service = None
        self.knows_directory = None  # the service whose first round is in
        self.database = None
        self.log_begins = 0
        self.closing = []
        try:
            self.cluster = self._find_cluster(own_cluster)
            self._start_tenant(tenant_options)
            self.template = self._find_template(own_cluster)
        except BaseException:
            self.close()
            raise

    # ---- making and unmaking ----

    def _find_cluster(self, own_cluster):
        shared = None if own_cluster else os.environ.get("APPDESK_TEST_CLUSTER")
        if shared:
            return Cluster(shared)
        cluster = Cluster(self.folder / "pg")
        self.closing.append(cluster.remove)
        cluster.start()
        return cluster

    def _start_tenant(self, options):
        """Its keys take longer to make than all the rest: worlds have those of the first."""
        keys, kept = self.folder / "tenant/world/keys", BUILD / "e2e/keys"
        with alone("keys"):
            if not kept.exists():
                self._run_tenant(options)
                shutil.copytree(keys, kept)
                return
        shutil.copytree(kept, keys)
        self._run_tenant(options)

    def _run_tenant(self, options):
        bot = f"http://127.0.0.1:{self.port}/api/messages"
        command = [TENANT, "serve", "--port", 0, "--dir", self.folder / "tenant", "--bot", bot, "--installers", INSTALLERS]
        self.tenant_program = Program([*command, *options], self.folder / "tenant.log", PLAIN_ENVIRONMENT, pipe=True)
        self.closing.append(self._stop_tenant)
        self.tenant = Tenant(json.loads(self.tenant_program.first_line())["listening"])

    def _stop_tenant(self):
        code = self.tenant_program.stop()
        if code:
            raise AssertionError(f"the tenant ended with {code}: {self.tenant_program.tail()}")

    def _new_database(self, template=None):
        database = Database(self.cluster, f"e2e_{os.getpid()}_{next(_numbers)}", template)
        self.closing.append(database.drop)
        return database

    def _find_template(self, own_cluster):
        """A database with schema, settings and catalogue, of which each test gets a copy. Who shares a cluster shares it, too."""
        if own_cluster or not os.environ.get("APPDESK_TEST_CLUSTER"):
            return self._make_template(f"e2e_template_{os.getpid()}_{next(_numbers)}")
        made_by = APPDESK.stat()
        name = f"e2e_template_{made_by.st_mtime_ns}_{made_by.st_size}"
        with alone("template"):
            if self.cluster.run("postgres", f"select 1 from pg_database where datname = '{name}'"):
                return Database(self.cluster, name, is_there=True)
            half = self._make_template(f"{name}_half")
            self.cluster.run("postgres", f"alter database {half.name} rename to {name}")
            return Database(self.cluster, name, is_there=True)

    def _make_template(self, name):
        self.cluster.run("postgres", f"drop database if exists {name}")
        database = Database(self.cluster, name)
        appdesk(None, "migrate", "--database", database.owner_url)
        config = self._write_config(database)
        for key, tail in GROUPS.items():
            appdesk(config, "settings", "set", key, guid(tail))
        for package in CATALOGUE:
            appdesk(config, "catalog", "add", *package)
        return database

    def _write_config(self, database, name="appdesk.ini", port=None, admin_port=None):
        """What the tenant prints for itself, with this world's own places."""
        printed = subprocess.run(
            [TENANT, "config", "--port", str(self.tenant.port), "--dir", self.folder / "tenant", "--database-url", database.url],
            env=PLAIN_ENVIRONMENT, capture_output=True, text=True, check=True, timeout=60).stdout
        config = configparser.RawConfigParser()
        config.read_string(printed)
        own = {
            "server.listen": f"127.0.0.1:{port or self.port}",
            "server.admin_listen": f"127.0.0.1:{admin_port or self.admin_port}",
            "database.url": database.url,
            "packaging.work_dir": self.folder / "work",
            "packaging.workers": "2",
            "cards.folder": SOURCE / "cards",
            "limits.address_per_second": "0",
            "limits.person_per_minute": "0",
            "security.reference_key": base64.b64encode(bytes(range(32))).decode(),
            **self.settings,
        }
        for key, value in own.items():
            section, option = key.split(".")
            if not config.has_section(section):
                config.add_section(section)
            config.set(section, option, str(value))
        path = self.folder / name
        with open(path, "w") as file:
            config.write(file)
        return path

    def begin(self):
        """A new database, an empty tenant, a started service."""
        self.tenant.reset()
        shutil.rmtree(self.folder / "work", ignore_errors=True)
        self.database = self._new_database(self.template)
        self.config = self._write_config(self.database)
        self.log_begins = self._log_size()
        self.start_service()

    def end(self):
        """Stops the service as an operator would."""
        service, self.service = self.service, None
        if not service:
            return
        code = service.stop()
        self.database.drop()
        if code:
            raise AssertionError(f"serve ended with {code}: {service.tail()}")
        reports = [line for line in self.log().splitlines() if "Sanitizer" in line or "runtime error:" in line]
        if reports:
            raise AssertionError("\n".join([f"reports in {self.folder}/appdesk.log:", *reports[:REPORTS_SHOWN]]))

    def close(self):
        """Takes everything down, also half of a world."""
        if self.service:
            self.service.kill()
            self.service = None
        faults = []
        for step in reversed(self.closing):
            try:
                step()
            except Exception as fault:  # each of the others still has to be taken down
                faults.append(str(fault))
        self.closing = []
        if faults:
            raise AssertionError("; ".join(faults))

    # ---- the service ----

    def start_service(self, fault=None, ready=True, through=(), environment=None):
        """fault: APPDESK_FAULT, such as 'job.after.upload=kill'. ready=False: do not wait for /readyz. through: a command that
        becomes the service, such as ('prlimit', '--nofile=64'). environment: variables besides the plain ones."""
        environment = {**PLAIN_ENVIRONMENT, **(environment or {}), **({"APPDESK_FAULT": fault} if fault else {})}
        self.service = Program([*through, APPDESK, "serve", "--config", self.config], self.folder / "appdesk.log", environment)
        if ready:
            self.wait_ready()

    def wait_ready(self, timeout_s=60):
        def ready():
            if not self.service.running():
                raise AssertionError(f"serve ended with {self.service.process.returncode}: {self.service.tail()}")
            return self.admin("/readyz")[0] == 200
        until(ready, "/readyz is 200", timeout_s)

    def wait_directory(self):
        """The first round of the directory's news is in: from here on a test's rows and calls are its own."""
        if self.knows_directory is not self.service:
            until(lambda: self.database.value("select count(*) from directory_sync where full_at is not null"), "the directory is known")
            self.knows_directory = self.service

    def kill_service(self):
        self.service.kill()

    def stop_service(self):
        """SIGTERM; the exit status."""
        return self.service.stop()

    def admin(self, path, port=None):
        """(status, body) of the admin listener; (0, '') when nobody listens. port: another process's. Any thread."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.admin_port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def restart(self, settings=None, **how):
        """Stops the service as an operator would and starts it with these settings changed; how: as start_service has it."""
        code = self.stop_service()
        if code:
            raise AssertionError(f"serve ended with {code}: {self.service.tail()}")
        self.settings = {**self.settings, **(settings or {})}
        self.config = self._write_config(self.database)
        self.start_service(**how)

    def command(self, *words):
        """appdesk WORDS --config ...; its standard output."""
        return appdesk(self.config, *words)

    def log(self):
        """What the services of this test wrote; those of earlier tests of the class have theirs before it, in the same file."""
        with open(self.folder / "appdesk.log", "rb") as file:
            file.seek(self.log_begins)
            return file.read().decode(errors="replace")

    def _log_size(self):
        file = self.folder / "appdesk.log"
        return file.stat().st_size if file.exists() else 0

    def start_second(self):
        """One more process on the same database and tenant, with ports of its own (.port, .admin_port). The caller stops it."""
        port, admin_port = free_port(), free_port()
        config = self._write_config(self.database, "second.ini", port, admin_port)
        second = Program([APPDESK, "serve", "--config", config], self.folder / "second.log", PLAIN_ENVIRONMENT)
        second.port, second.admin_port = port, admin_port
        until(lambda: self.admin("/readyz", admin_port)[0] == 200, "the second one is ready")
        return second

    def let_time_pass(self):
        """What a dead process had leased, and what waits for its next try, is due now: as if that time had gone by."""
        self.database.execute("update jobs set lease_until = now() - interval '1 s' where state = 'running'")
        self.database.execute("update jobs set run_at = now() where state in ('retry_wait', 'waiting_upstream')")
        self.database.execute("update outbox set lease_until = now() - interval '1 s', due_at = now() where state = 'pending'")

    def age(self, days=0, hours=0, minutes=0):
        """As if that much time had passed: all but the trail becomes older, and what is due now is done by the service's own poll."""
        aging.age(self.database, days * 86400 + hours * 3600 + minutes * 60)

    # ---- what admins do ----

    def policy(self, policies, incompatibilities=None):
        """These policies are the ones that count (docs/guides/policies.md); what the import says. Laxer ones than before are
        accepted by megan, an admin."""
        document = {"policies": policies}
        if incompatibilities is not None:
            document["incompatibilities"] = incompatibilities
        path = self.folder / "policies.json"
        path.write_text(json.dumps(document))
        said = self.command("policy", "import", path)
        waiting = re.search(r"change (\d+) waits", said)
        if waiting:
            self.ask("megan", f"accept change {waiting[1]}", "Accepted")
        return said

    def person(self, who, **changes):
        """The directory's entry changes: manager="megan" (None: nobody), department=, enabled=, installed=, ..."""
        return self.tenant.post(f"people/{who}", changes)

    def members(self, group, add=(), remove=()):
        """A group of the directory changes: world.members("Approvers", add=["lynne"])."""
        return self.tenant.post(f"groups/{group}/members", {"add": list(add), "remove": list(remove)})

    # ---- what people do ----

    def ask(self, who, text, expect=None):
        """Says something; what the bot shows then, which without words to expect is a new message."""
        return self.tenant.wait(who, expect, after=self.ask_after(who, text), new=None if expect else 1)

    def ask_after(self, who, text):
        """Says something; what comes of it has a higher number than this one."""
        said = self.tenant.say(who, text)
        if said["status"] not in (200, 202):
            raise AssertionError(f"{text!r} was answered {said['status']}: {said['body']}")
        return said["seq"]

    def open_form(self, who, text):
        """From words to the form; the entry that shows it."""
        seq = self.ask_after(who, text)
        matches = until(lambda: [e for e in self.tenant.shown(who, after=seq) if has_button(e, "form")], f"{text!r} finds something")
        pressed = self.tenant.press(who, "form", activity=matches[0]["id"])
        if pressed["entry"]:
            return pressed["entry"]
        return until(lambda: [e for e in self.tenant.shown(who, after=pressed["seq"]) if has_button(e, "submit")], "the form")[0]

    def ask_for(self, who, text, justification="I have to open what customers send", **answers):
        """From words to a request; its number."""
        newest = f"select coalesce(max(id), 0) as id from requests where requester_oid = '{self.oid(who)}'"
        before = self.database.value(newest)
        form = self.open_form(who, text)
        inputs = {"justification": justification, **answers}
        pressed = self.tenant.press(who, "submit", inputs, activity=form["id"])
        if pressed["status"] != 200:
            raise AssertionError(f"submit was answered {pressed['status']}: {pressed['body']}")
        number = self.database.value(newest)
        if number == before:
            raise AssertionError(f"no request came of it: {pressed}")
        return number

    def oid(self, who):
        return next(p["id"] for p in self.tenant.get("people")["people"] if p["key"] == who)

    def card_of(self, who, number, verb="approve"):
        """The newest card of this person that shows the request and has such a button."""
        return self.card_with(who, verb, f"#{number}")

    def card_with(self, who, verb, words=""):
        """The newest card of this person that has the words and such a button."""
        def find():
            return [e for e in self.tenant.shown(who) if words in e.get("text", "") and has_button(e, verb)]
        return until(find, f"{who} has a card with {words} and {verb}")[-1]

    def approve(self, who, number, **more):
        card = self.card_of(who, number)
        return self.tenant.press(who, "approve", activity=card["id"], **more)

    def state(self, number):
        return self.database.value(f"select state from requests where id = {number}")

    def wait_state(self, number, state, timeout_s=60):
        until(lambda: self.state(number) == state, f"#{number} is {state} ({self.state(number)})", timeout_s, 0.1)

    def votes(self, number):
        """Every vote, in the order they were given."""
        return self.database.rows("select ordinal, oid, on_behalf_of, decision, reason, is_final from decisions"
                                  f" where request_id = {number} order by decided_at, ordinal")

    def stages(self, number):
        """Every stage of every round, with the object ids of those who are asked in it now."""
        return self.database.rows(
            "select s.*, coalesce((select json_agg(a.oid order by a.oid) from stage_approvers a where a.request_id = s.request_id"
            " and a.ordinal = s.ordinal and a.state = 'asked'), '[]') as asked"
            f" from stages s where s.request_id = {number} order by s.ordinal")

    def trail(self, number):
        """The request's audit rows, oldest first."""
        return self.database.rows("select seq, user_id, action, details from audit_logs where entity_type = 'request'"
                                  f" and entity_id = '{number}' order by seq")

    def actions(self, number):
        """What was done to the request, oldest first."""
        return [row["action"] for row in self.trail(number)]

    # ---- what must hold whatever happened ----

    def wait_notices(self, timeout_s=30):
        """Every notice has its outcome. A conversation is written to at a pace, so that many take long: what ends the wait is that
        none got its outcome for timeout_s."""
        def pending():
            return self.database.value("select count(*) from outbox where state = 'pending'")
        left = pending()
        while left:
            left = until(lambda: (now := pending()) < left and [now], f"one of {left} notices has its outcome", timeout_s, 0.1)[0]

    def wait_settled(self, soon_s=30):
        """Nothing is under way any more, nor soon will be: no notice, and no job that is due within soon_s."""
        self.wait_directory()
        self.wait_notices()
        until(lambda: self.database.value(  # one look at both: a job's end is also told
            f"select (select count(*) from jobs where state = 'running' or run_at <= now() + interval '{soon_s} seconds'"
            " and state in ('queued', 'retry_wait', 'waiting_upstream')) + (select count(*) from outbox where state = 'pending')") == 0,
            "no job and no notice has work", 60 + soon_s, 0.1)

    def check(self, undelivered=0, twins=False):
        """What holds at every end: all told, the trail whole, every invariant, nothing that the real service breaks on, no secret
        in a log. twins: a process was killed, and a card may be there twice."""
        self.wait_notices()

        def judged():  # a job that ends meanwhile has something to tell, too
            rows = self.database.rows("select id, state, fact, last_error from outbox where state <> 'sent'")
            return [rows] if "pending" not in {row["state"] for row in rows} else None
        left = until(judged, "every notice has its outcome")[0]
        if len(left) != undelivered:
            raise AssertionError(f"undelivered notices: {left}")
        self.command("audit", "verify")
        invariants.check(self.database, self.tenant, twins)
        complaints = self.tenant.complaints()
        if complaints:
            raise AssertionError(f"the tenant complains: {complaints}")
        for secret in (SECRET, "Bearer ey", "EncryptionKey"):
            if secret in self.log():
                raise AssertionError(f"{secret!r} is in the log")


class WorldTest(unittest.TestCase):
    """Base of the test classes: one world for all tests of the class."""

    longMessage = True
    maxDiff = None
    tenant_options = ()
    settings = {}
    own_cluster = False  # True for who changes or crashes it

    @classmethod
    def setUpClass(cls):
        for program in (APPDESK, TENANT):
            if not program.exists():
                raise AssertionError(f"{program} is not built; APPDESK_BUILD_DIR names the build folder")
        cls.world = World(cls.__name__, cls.tenant_options, dict(cls.settings), cls.own_cluster)
        cls.addClassCleanup(cls.world.close)

    def setUp(self):
        self.addCleanup(self.world.end)
        self.begin()

    def begin(self):
        self.world.begin()
        self.tenant = self.world.tenant
        self.database = self.world.database

    def begin_again(self):
        """The next case of one test: everything new."""
        self.world.end()
        self.begin()
