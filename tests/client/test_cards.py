# SPDX-License-Identifier: Apache-2.0
"""Every card that people meet is drawn by the official renderer, light and dark, wide and narrow, without a fault."""
import json
import subprocess
import unittest

import clients
import harness

PICTURES_S = 300


class TestCards(harness.WorldTest):
    @classmethod
    def setUpClass(cls):
        clients.find_module("adaptivecards")
        cls.node, cls.browser = clients.find_node(), clients.find_browser()
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.cards = {}

    def keep(self, name, entry):
        self.assertTrue(entry and entry.get("card"), f"{name} is a card: {entry}")
        self.cards[name] = entry["card"]
        return entry

    def now(self, who, entry):
        return next(e for e in self.tenant.shown(who) if e["id"] == entry["id"])

    def people_ask(self):
        self.keep("welcome", self.world.ask("alex", "hello"))
        self.keep("help", self.world.ask("megan", "help"))
        self.keep("not-found", self.world.ask("alex", "quantum flux simulator"))
        self.keep("matches", self.world.ask("alex", "editor"))
        form = self.keep("form", self.world.open_form("alex", "pdf editor"))
        faulty = self.tenant.press("alex", "submit", {"justification": " "}, activity=form["id"], force=True)
        self.keep("form-with-fault", faulty["entry"])
        sent = self.tenant.press("alex", "submit", {"justification": "Customers send contracts", "q1": "Contracts"}, activity=form["id"])
        self.keep("receipt", sent["entry"])
        return sent["entry"]

    def people_decide(self, receipt):
        card = self.keep("approval", self.world.card_with("megan", "approve"))
        self.keep("pending", self.world.ask("megan", "pending"))
        self.tenant.press("megan", "approve", activity=card["id"])
        self.keep("approval-decided", self.tenant.wait("adele", "Approved by Megan Bowen"))
        self.keep("ready", self.tenant.wait("alex", "Contoso PDF Reader is ready", timeout_ms=120000))
        self.world.wait_notices()
        self.keep("receipt-delivered", self.now("alex", receipt))
        self.keep("status", self.world.ask("alex", "my requests"))

    def admins_repair(self):
        self.tenant.tamper("installer-changed", "7zip.7zip")
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        self.keep("job-failed", self.world.card_with("megan", "retry"))
        self.keep("jobs", self.world.ask("megan", "jobs"))
        self.tenant.restore()
        rejected = self.world.ask_for("lynne", "7zip")
        card = self.world.card_of("megan", rejected, "reject")
        self.tenant.press("megan", "reject", {"reason": "Use what is there"}, activity=card["id"])
        self.keep("approval-rejected", self.now("megan", card))
        self.keep("rejected", self.tenant.wait("lynne", "Use what is there"))
        self.keep("late", self.world.ask("adele", f"approve {rejected}", "Already decided by"))

    def test_every_card_is_drawn_without_a_fault(self):
        self.people_decide(self.people_ask())
        self.admins_repair()
        folder = self.world.folder / "cards"
        folder.mkdir()
        files = []
        for name, card in self.cards.items():
            files.append(folder / f"{name}.json")
            files[-1].write_text(json.dumps(card, indent=1))
        done = subprocess.run(
            [self.node, clients.FOLDER / "render.mjs", "--out", folder, "--chromium", self.browser, *files],
            env=clients.environment(self.node), capture_output=True, text=True, timeout=PICTURES_S)
        print(done.stdout, done.stderr, f"pictures: {folder}", sep="\n")
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
