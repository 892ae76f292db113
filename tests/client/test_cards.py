# SPDX-License-Identifier: Apache-2.0
"""Every card that people meet is drawn by the official renderer, light and dark, wide and narrow, without a fault."""
import json
import subprocess
import unittest

import clients
import story

PICTURES_S = 300


class TestCards(story.Story):
    @classmethod
    def setUpClass(cls):
        clients.find_module("adaptivecards")
        cls.node, cls.browser = clients.find_node(), clients.find_browser()
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.cards = {}

    def keep(self, name, entry):
        self.cards[name] = super().keep(name, entry)["card"]
        return entry

    def test_every_card_is_drawn_without_a_fault(self):
        self.tell()
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
