# SPDX-License-Identifier: Apache-2.0
"""Turns at their edges: whose rights count, a directory that hangs, a commit without an answer, a stop while others hang."""
import concurrent.futures
import json
import re
import subprocess
import time
import unittest

import harness

OUR_TENANT = "00000000-0000-4000-8000-000000000001"
PARTNER_TENANT = "00000000-0000-4000-8000-00000000beef"
PATIENCE_S = 10  # Teams gives up on a bot that is silent for longer


class TestRightsInTurns(harness.WorldTest):
    settings = {"bot.tenants": f"{OUR_TENANT}, {PARTNER_TENANT.upper()}"}

    def of_partner(self, who, text):
        """The same object id, but in another tenant that may talk to us."""
        chat = {"id": f"a:partner-{who}", "conversationType": "personal", "tenantId": PARTNER_TENANT}
        activity = {"text": text, "conversation": chat, "channelData": {"tenant": {"id": PARTNER_TENANT}}}
        return self.tenant.send(activity, **{"as": who})["status"]

    def person(self, who):
        return self.database.rows(
            "select u.name, r.conversation_id, r.state from users u left join bot_conversation_references r"
            f" on r.tenant_id = u.tenant_id and r.oid = u.oid where u.tenant_id = '{OUR_TENANT}' and u.oid = '{self.world.oid(who)}'")

    def test_nobody_of_another_tenant_is_one_of_ours(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.ask("megan", "help")
        before = self.person("megan")
        for words in (f"approve {number}", f"show {number}", "I need 7zip", "pending", "jobs"):
            self.assertIn(self.of_partner("megan", words), (200, 202), words)
        self.assertEqual(self.world.state(number), "pending")
        self.assertEqual(self.person("megan"), before)
        said = self.database.column(f"select activity from outbox where tenant_id = '{PARTNER_TENANT}'")
        self.assertEqual(len(said), 5)
        self.assertFalse([text for text in said if "7-Zip" in text or "Alex" in text])

    def test_who_is_disabled_decides_nothing(self):
        self.world.wait_directory()
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("adele", number)
        self.tenant.post("people/adele", {"enabled": False})
        self.assertEqual(self.tenant.press("adele", "approve", activity=card["id"])["status"], 200)
        self.assertEqual(self.world.state(number), "pending")
        self.tenant.post("people/adele", {"enabled": True})
        self.world.ask("adele", f"approve {number}", f"#{number}")
        self.assertNotEqual(self.world.state(number), "pending")


class TestTurns(harness.WorldTest):
    def answer_to(self, **activity):
        """What alex is shown after this."""
        seq = self.tenant.seq()
        self.assertIn(self.tenant.send(activity, **{"as": "alex"})["status"], (200, 202))
        return self.tenant.wait("alex", after=seq)

    def test_r23_what_is_not_understood_is_never_met_with_silence(self):
        """One short card; the third in a row names somebody human, until something is understood or a day has passed."""
        human = "Would you rather talk to a person?"
        picture = {"text": "", "attachments": [{"contentType": "image/gif", "contentUrl": "https://img.example/1.gif", "name": "1.gif"}]}
        first = self.answer_to(**picture)
        self.assertIn("I did not understand that", first["text"])
        self.assertNotIn(human, first["text"])
        self.assertTrue(harness.has_button(first, "help"))
        self.assertNotIn(human, self.answer_to(text="?!\U0001f937")["text"])
        seq = self.tenant.seq()
        liked = self.tenant.send({"type": "messageReaction", "reactionsAdded": [{"type": "like"}]}, **{"as": "alex"})
        self.assertIn(liked["status"], (200, 202))
        third = self.answer_to(text="quantum flux simulator")
        self.assertEqual([e["id"] for e in self.tenant.shown("alex", after=seq)], [third["id"]], "a reaction asks for nothing")
        self.assertIn(human, third["text"])
        self.assertIn("Write to ", third["text"])
        answered = self.tenant.wait("alex", "not in WinGet either")
        self.assertIn(human, answered["text"])
        self.world.ask("alex", "status")
        self.world.command("settings", "set", "HumanContact", "Service desk, extension 4711")
        for _ in range(2):
            self.assertNotIn(human, self.answer_to(**picture)["text"])
        self.assertIn("extension 4711", self.answer_to(**picture)["text"])
        self.assertIn("extension 4711", self.answer_to(**picture)["text"])
        self.world.age(days=2)
        self.assertNotIn(human, self.answer_to(**picture)["text"])
        self.world.ask("alex", "7zip", "7-Zip")
        self.assertEqual(self.database.value(f"select unclear from users where oid = '{self.world.oid('alex')}'"), 0)
        self.world.check()

    def checklist(self):
        """The card that megan gets, and the state of each of its lines."""
        card = self.world.ask("megan", "doctor", "How the counter is")
        return card, {title: state for state, title in re.findall(r"(PASS|WARN|FAIL|CLOUD) · (.+)", card["text"])}

    def command_checklist(self):
        """The exit code of the command, and the state of each line by its name."""
        done = subprocess.run([harness.APPDESK, "doctor", "--json", "--config", self.world.config], capture_output=True, text=True,
                              timeout=60, env=harness.PLAIN_ENVIRONMENT)
        return done.returncode, {row["check"]: row["state"] for row in json.loads(done.stdout)}

    def test_d14_the_doctor_tells_admins_what_is_wrong_and_what_to_do(self):
        self.world.wait_directory()
        self.assertIn("admins", self.world.ask("alex", "doctor")["text"])
        self.assertEqual(self.checklist()[1], {
            "Database": "PASS", "Directory (Microsoft Graph)": "PASS", "News of the directory": "PASS", "People who may ask": "PASS",
            "Approvers": "PASS", "Admins": "PASS", "Messages": "PASS", "Jobs": "PASS", "WinGet source": "WARN", "Mail": "WARN",
            "Credential of the bot": "CLOUD", "Credential for Graph": "CLOUD", "Signing keys of Teams": "PASS", "Audit trail": "PASS",
            "Freeze": "PASS", "Room for packages": "PASS", "Readers of foreign files": "PASS",
            "Consent and delivery": "CLOUD"})
        code, lines = self.command_checklist()
        self.assertEqual((code, lines["directory"], lines["audit"], lines["cloud"]), (0, "PASS", "PASS", "CLOUD"))
        self.assertNotIn("keys", lines, "no process, no keys")
        # Each of these shows on its own line, and the card says what to do.
        self.world.command("settings", "set", "ApproverGroupId", "")
        self.world.command("settings", "set", "Frozen", "true")
        self.database.execute("update outbox set state = 'dead' where id = (select min(id) from outbox)")
        self.database.execute("insert into jobs (tenant_id, kind, key, state, step, last_error)"
                              f" values ('{OUR_TENANT}', 'package', 'app:1', 'failed', 'fetch', 'no route')")
        self.database.execute("update directory_sync set synced_at = now() - interval '2 days'")
        self.database.execute("alter table audit_logs disable trigger user; update audit_logs set user_id = 'nobody'"
                              " where seq = (select max(seq) from audit_logs); alter table audit_logs enable trigger user")
        self.tenant.fault(match="graph", contains="/groups/", status=403, count=-1)
        begun = time.monotonic()
        card, lines = self.checklist()
        self.assertLess(time.monotonic() - begun, harness.within(PATIENCE_S))
        self.assertEqual({title: state for title, state in lines.items() if state in ("WARN", "FAIL")}, {
            "Directory (Microsoft Graph)": "FAIL", "News of the directory": "FAIL", "People who may ask": "WARN", "Approvers": "FAIL",
            "Admins": "WARN", "Messages": "WARN", "Jobs": "WARN", "WinGet source": "WARN", "Mail": "WARN", "Audit trail": "FAIL",
            "Freeze": "WARN"})
        for hint in ("settings set ApproverGroupId", "GroupMember.Read.All", "type: undelivered", "type: unfreeze", "audit verify"):
            self.assertIn(hint, card["text"])
        self.assertEqual(self.command_checklist()[0], 1)
        self.tenant.clear_faults()
        again = self.tenant.press("megan", "doctor", activity=card["id"])["entry"]
        self.assertEqual(again["id"], card["id"])
        self.assertIn("PASS · Directory", again["text"])

    def test_a_directory_that_hangs_is_waited_for_once(self):
        self.tenant.fault(match="graph", hang=True, count=-1)
        begun = time.monotonic()
        self.assertIn("directory", str(self.world.ask("alex", "help")))
        self.assertLess(time.monotonic() - begun, harness.within(PATIENCE_S))
        self.tenant.clear_faults()
        self.world.ask("alex", "I need 7zip", "7-Zip")

    def test_a_commit_without_an_answer_is_looked_up(self):
        """The press was stored, and its presser is not told otherwise."""
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        self.world.wait_settled()
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault="db.commit.after=fail:1")
        pressed = self.tenant.press("megan", "approve", activity=card["id"])
        self.assertEqual(pressed["status"], 200)
        self.assertNotIn("microsoft.error", str(pressed["body"]))
        self.assertIn("Approved by", str(pressed["body"]))
        self.assertEqual(self.database.value("select count(*) from decisions"), 1)
        self.tenant.wait("alex", "approved your request", timeout_ms=15000)  # sooner than a lease runs out

    def test_an_event_without_an_id_is_not_taken_for_the_one_before(self):
        self.world.ask("alex", "help")
        state = "select state from bot_conversation_references"
        for action, wanted in (("add", "active"), ("remove", "removed"), ("add", "active")):
            answer = self.tenant.send({"type": "installationUpdate", "action": action, "id": ""})
            self.assertIn(answer["status"], (200, 202))
            self.assertEqual(self.database.value(state), wanted)

    def test_a_stop_waits_for_no_download(self):
        """The job that hangs on it is given back, as if it had not been tried."""
        self.tenant.fault(match="/installers", hang=True, count=-1)
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        harness.until(lambda: self.tenant.get("faults")["faults"][0]["hits"], "the download begins")
        begun = time.monotonic()
        self.assertEqual(self.world.stop_service(), 0)
        self.assertLess(time.monotonic() - begun, harness.within(15))
        self.assertEqual(self.database.rows("select state, step, attempts from jobs where kind = 'package'"),
                         [{"state": "queued", "step": "fetch", "attempts": 0}])
        self.tenant.clear_faults()
        self.world.start_service()
        self.world.wait_state(number, "delivered", 60)

    def test_a_stop_waits_for_no_host(self):
        """The keys' host takes the request and says nothing, and a turn waits for it."""
        self.assertEqual(self.world.stop_service(), 0)
        self.tenant.fault(match="keys", hang=True, count=-1)
        self.world.start_service(ready=False)
        harness.until(lambda: self.world.admin("/healthz")[0] == 200, "it is alive")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            said = pool.submit(self.tenant.say, "alex", "help")
            begun = time.monotonic()
            self.assertEqual(self.world.stop_service(), 0)
            self.assertLess(time.monotonic() - begun, harness.within(15))
            self.tenant.clear_faults()
            said.exception()
        self.world.start_service()


if __name__ == "__main__":
    unittest.main(verbosity=2)
