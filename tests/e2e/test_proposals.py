# SPDX-License-Identifier: Apache-2.0
"""Threat T11: what makes the counter laxer needs two admins, carries an end, and is told to all of them."""
import json
import unittest

import harness
from processes import until

STRICT = {"name": "everything", "stages": [{"ask": "group"}, {"ask": "admins"}]}
LAX = {"name": "everything", "stages": [{"ask": "group"}]}


class TestProposals(harness.WorldTest):
    def setUp(self):
        super().setUp()
        self.tenant.post("groups/Admins/members", {"add": ["isaiah"]})
        for admin in ("megan", "isaiah"):
            self.world.ask(admin, "help")
        # Somebody has asked here already: from now on the rules are somebody's.
        self.world.ask_for("alex", "7zip")

    def import_policy(self, policy):
        path = self.world.folder / "policies.json"
        path.write_text(json.dumps({"policies": [policy]}))
        return self.world.command("policy", "import", path)

    def propose(self):
        """A policy that asks fewer people; both admins hold a card about it."""
        self.import_policy(STRICT)
        said = self.import_policy(LAX)
        self.assertIn("laxer        everything: fewer stages have to agree", said)
        self.assertIn("change 1 waits for a second admin", said)
        return {who: self.world.card_with(who, "proposal_accept") for who in ("megan", "isaiah")}

    def version(self):
        return self.database.value("select version from policies_active")

    def state(self):
        return self.database.value("select state from proposals")

    def actions(self):
        return self.database.rows("select action, user_id, source from audit_logs where action like 'proposal.%'"
                                  " or action = 'policy.version' or entity_id = 'VerifyManifestIntegrity' order by seq")

    def wait_card(self, who, card, words):
        until(lambda: words in next(e for e in self.tenant.shown(who) if e["id"] == card["id"])["text"],
              f"the card of {who} says {words}", 10)

    def test_T11_laxer_policies_wait_for_another_admin(self):
        cards = self.propose()
        self.assertIn("Changed: everything", cards["isaiah"]["text"])
        self.assertEqual(self.version(), 1)
        pressed = self.tenant.press("isaiah", "proposal_accept", activity=cards["isaiah"]["id"])
        self.assertEqual(pressed["status"], 200)
        self.assertEqual((self.version(), self.state()), (2, "accepted"))
        self.wait_card("megan", cards["megan"], "Accepted by Isaiah Langer")
        isaiah = self.world.oid("isaiah")
        self.assertEqual([(row["action"], row["user_id"], row["source"]) for row in self.actions()], [
            ("policy.version", "cli", "cli"), ("proposal.opened", "cli", "cli"),
            ("policy.version", isaiah, "teams"), ("proposal.accepted", isaiah, "teams")])
        self.world.check()

    def test_T11_words_do_what_the_buttons_do(self):
        self.propose()
        self.assertIn("the policies", self.world.ask("megan", "proposals", "second admin")["text"])
        self.world.ask("megan", "change 1", "fewer stages have to agree")
        self.world.ask("adele", "accept change 1", "Only admins")
        self.world.ask("megan", "refuse change 1", "Please say why")
        self.assertEqual(self.state(), "open")
        self.world.ask("megan", "refuse change 1 the admins must stay in", "the admins must stay in")
        self.assertEqual((self.version(), self.state()), (1, "refused"))
        self.world.ask("isaiah", "accept change 1", "Refused by Megan Bowen")
        self.assertEqual(self.version(), 1)
        self.world.ask("isaiah", "proposals", "No change waits")

    def test_T11_a_weakened_setting_ends_by_itself(self):
        said = self.world.command("settings", "set", "VerifyManifestIntegrity", "false")
        self.assertIn("nothing is changed yet: change 1 waits for a second admin", said)
        self.assertIn("VerifyManifestIntegrity = true", self.world.command("settings", "get"))
        card = self.world.card_with("megan", "proposal_accept")
        self.assertIn("VerifyManifestIntegrity becomes false, for 7 days", card["text"])
        self.tenant.press("megan", "proposal_accept", activity=card["id"])
        self.assertIn("VerifyManifestIntegrity = false", self.world.command("settings", "get"))
        self.database.execute("update portal_settings set expires_at = expires_at - interval '7 days'")
        self.assertIn("VerifyManifestIntegrity = true", self.world.command("settings", "get"))

    def test_T11_nobody_accepts_for_a_week_and_it_is_over(self):
        cards = self.propose()
        self.database.execute("update proposals set expires_at = now() - interval '1 s'")
        pressed = self.tenant.press("megan", "proposal_accept", activity=cards["megan"]["id"])
        self.assertEqual(pressed["status"], 200)
        self.assertEqual(self.version(), 1)
        # The job that comes by then says so on every card.
        self.database.execute("update jobs set run_at = now() where kind = 'proposal'")
        until(lambda: self.state() == "expired", "the change is expired", 30)
        self.wait_card("isaiah", cards["isaiah"], "Nobody accepted it in time")
        self.assertEqual(self.actions()[-1]["action"], "proposal.expired")


if __name__ == "__main__":
    unittest.main()
