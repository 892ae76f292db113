# SPDX-License-Identifier: Apache-2.0
"""Two official SDKs as judges: what they send is accepted, what AppDesk sends they accept, and no token passes here that fails there."""
import collections
import json
import subprocess
import unittest

import clients
import harness
import story
from processes import Program

SDK = clients.FOLDER / "sdk"
SCRIPT_S = 120
MODULES = ("botbuilder", "@microsoft/agents-hosting", "@microsoft/teams.api", "typescript", "adaptivecards")
ACCEPTED = ("all right", "all right, key endorsed for several", "expired 4 minutes ago, within the tolerance")
# Other ways to write what is right. The SDKs disagree about them; we take those that one of them takes.
SPELLINGS = dict.fromkeys(("list of audiences with ours", "service URL without its last slash", "service URL with its scheme in capitals",
                           "scheme in small letters"), ["agents"])
JUDGES = {"types", "agents-activity", "botframework-schema", "botframework-connector", "adaptivecards", "status"}
LEAST = {"activities": 30, "conversations": 1, "cards": 30, "answers": 15}
TENANT = harness.guid("01")
HOSTS = "subjectAltName=DNS:login.microsoftonline.com,DNS:login.botframework.com,IP:127.0.0.1"


def make_certificate(folder):
    """For the login hosts that the SDKs insist on; trusted by their processes alone."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stage", "-addext", HOSTS,
         "-keyout", folder / "tls.key", "-out", folder / "tls.pem"], check=True, capture_output=True, timeout=60)


def find_modules():
    for module in MODULES:
        clients.find_module(module)


def run_script(node, name, *words, given=None, environment=None):
    """One of the scripts; the JSON that it prints."""
    done = subprocess.run(
        [node, SDK / f"{name}.mjs", *words], input=given, env=environment or clients.environment(node), capture_output=True, text=True,
        timeout=SCRIPT_S)
    if done.returncode:
        raise AssertionError(f"{name}: {done.stdout[-2000:]} {done.stderr[-4000:]}")
    return json.loads(done.stdout)


class TestTowardsAppDesk(harness.WorldTest):
    """A world whose AppDesk lives with the stage's keys, channel and tokens; see sdk/stage.mjs."""

    @classmethod
    def setUpClass(cls):
        find_modules()
        cls.node = clients.find_node()
        super().setUpClass()
        cls.folder = cls.world.folder / "stage"
        cls.folder.mkdir()
        make_certificate(cls.folder)
        cls.environment = dict(clients.environment(cls.node), NODE_EXTRA_CA_CERTS=str(cls.folder / "tls.pem"))
        cls.start_stage()

    @classmethod
    def start_stage(cls):
        command = [cls.node, SDK / "stage.mjs", "--dir", cls.folder]
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

    def ask_stage(self, name, *words):
        bot = f"http://127.0.0.1:{self.world.port}/api/messages"
        return run_script(self.node, name, "--dir", self.folder, "--bot", bot, *words, environment=self.environment)

    def converse(self, family, done, refused):
        heard = self.ask_stage("converse", "--family", family)
        self.assertEqual(heard["steps"], [["ask", done], ["form", done], ["submit", done],
                                          ["another audience", refused], ["another issuer", refused]])
        self.assertEqual(self.database.rows("select state, justification from requests"),
                         [{"state": "pending", "justification": "I have to open what customers send"}])
        self.assertGreaterEqual(len(heard["calls"]), 2, "the cards with the buttons that were pressed")
        for verdicts in heard["calls"]:
            self.assertEqual(verdicts, {"botbuilder": "accepted", "agents": "accepted"})
        self.assertEqual([verdict for verdict in heard["forged"].values() if verdict == "accepted"], [])
        self.world.check()

    def test_the_bot_framework_sdk_makes_a_request_and_takes_the_token_of_the_answers(self):
        self.converse("botbuilder", 200, 401)

    def test_the_agents_sdk_makes_a_request_and_takes_the_token_of_the_answers(self):
        self.converse("agents", "OK", "Unauthorized")

    def test_a_token_that_passes_here_passes_at_both_sdks(self):
        rows = self.ask_stage("matrix")
        for row in rows:
            print(f"{row['token']:46}{row['appdesk']:<5}{row['botbuilder'][:50]:52}{row['agents'][:60]}")
        passing = [row for row in rows if row["appdesk"] < 300]
        accepted = {row["token"]: [name for name in ("botbuilder", "agents") if row[name] == "accepted"] for row in passing}
        self.assertEqual(accepted, {**{token: ["botbuilder", "agents"] for token in ACCEPTED}, **SPELLINGS})
        self.assertEqual({row["appdesk"] for row in rows}, {200, 401, 403})


class TestFromAppDesk(story.Story):
    """The world without a stage; what comes out of it is judged."""

    @classmethod
    def setUpClass(cls):
        find_modules()
        cls.node = clients.find_node()
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.answers = []
        for way in ("press", "send", "find"):
            self.record(way)

    def record(self, way):
        act = getattr(self.tenant, way)

        def act_and_keep(*args, **more):
            answer = act(*args, **more)
            self.answers.append({"status": answer["status"], "body": answer["body"]})
            return answer
        setattr(self.tenant, way, act_and_keep)
        self.addCleanup(delattr, self.tenant, way)

    def act_against_the_rules(self):
        """Presses that end in a word or in an error."""
        number = self.world.ask_for("isaiah", "7zip")
        card = self.world.card_of("megan", number)
        first = self.tenant.press("megan", "approve", activity=card["id"])
        self.tenant.send(first["activity"])
        for who, verb, data in (("adele", "reject", first["activity"]["value"]["action"]["data"]), ("lynne", "approve", {"t": "forged"}),
                                ("alex", "nonsense", {}), ("alex", "form", {"app": 999}), ("alex", "jobs", {}), ("alex", "submit", {})):
            action = {"type": "Action.Execute", "verb": verb, "data": {**data, "verb": verb}}
            self.invoke(who, {"action": action, "trigger": "manual"})
        self.invoke("alex", "no action")
        self.tenant.find("alex", "quantum flux simulator")

    def invoke(self, who, value):
        self.tenant.send({"type": "invoke", "name": "adaptiveCard/action", "value": value}, **{"as": who})

    def sent(self):
        calls = self.tenant.calls(surface="connector", body=1)
        return [{key: call[key] for key in ("method", "path", "body")} for call in calls if call["method"] in ("POST", "PUT")]

    def validate(self, sent, answers):
        return run_script(self.node, "validate", given=json.dumps({"sent": sent, "answers": answers}))

    def test_all_that_is_sent_and_answered_is_valid_for_the_official_packages(self):
        self.tell()
        self.act_against_the_rules()
        self.world.ask("lynne", "cancel 1")
        for place in ("group", "channel"):
            self.tenant.say("alex", "help", conversation=place)
        self.world.wait_notices()
        found = self.validate(self.sent(), self.answers)
        print(found["judged"], collections.Counter((a["body"].get("statusCode"), a["body"].get("type")) for a in self.answers))
        self.assertEqual(found["faults"], [])
        for kind, least in LEAST.items():
            self.assertGreaterEqual(found["judged"][kind], least, kind)

    def test_the_judges_see_what_is_broken(self):
        self.world.ask("alex", "7zip")
        message = self.sent()[0]
        message["body"]["sumary"] = message["body"].pop("summary")
        message["body"]["attachments"][0]["content"]["body"][0]["type"] = "TextBlok"
        message["body"]["attachments"][0]["contentType"], content_type = 7, message["body"]["attachments"][0]["contentType"]
        card = {"statusCode": 200, "type": content_type, "value": message["body"]["attachments"][0]["content"]}
        found = self.validate([message], [{"status": 500, "body": card}])
        self.assertEqual({fault["judge"] for fault in found["faults"]}, JUDGES)


if __name__ == "__main__":
    unittest.main(verbosity=2)
