# SPDX-License-Identifier: Apache-2.0
"""The pages of links in mails, in a real browser: narrow and wide, light and dark, without a word of complaint."""
import json
import subprocess
import sys
import unittest

import clients
sys.path.insert(0, str(clients.FOLDER.parent / "conformance"))
import test_mail_links  # noqa: E402

BROWSER_S = 120
REASON = "We have <b>one</b> already,\nask Megan"


class TestLinks(test_mail_links.LinkTest):
    def browse(self, *arguments):
        node = clients.find_node()
        clients.find_module("playwright-core")
        done = subprocess.run([node, clients.FOLDER / "links.mjs", clients.find_browser(), *arguments], capture_output=True, text=True,
                              timeout=BROWSER_S, env=clients.environment(node))
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_a_person_with_a_browser_decides(self):
        number = self.world.ask_for("alex", "7zip", "I open what customers send " + "and more " * 30 + "x" * 200)
        link, other = self.link("megan", number, "rejected"), self.link("megan", number)
        base = f"http://127.0.0.1:{self.world.port}/act/"
        seen = self.browse(base + other, base + link, REASON)
        self.check_looks(seen)
        pages = seen["pages"]
        self.assertEqual(pages["approve"]["heading"], "Approve 7-Zip for Alex Wilber?")
        self.assertEqual(pages["without"]["heading"], "Reject 7-Zip for Alex Wilber?")
        self.assertEqual(pages["rejected"]["heading"], "You rejected 7-Zip for Alex Wilber")
        self.assertEqual(pages["again"]["heading"], "This link is no longer valid")
        self.assertIn("Rejected by Megan Bowen", pages["again"]["text"])
        self.assertEqual(self.decisions(number)[0]["reason"], REASON)

    def check_looks(self, seen):
        # a page that answers 410 is told of in the console, and that is all
        complaints = [c for c in seen["complaints"] if "status of 410" not in c]
        self.assertEqual(complaints, [])
        self.assertEqual(len({look["back"] for look in seen["looks"]}), 2)
        for look in seen["looks"]:
            self.assertTrue(look["fits"], look)
            self.assertEqual(look["scripts"], 0)
            self.assertEqual(look["language"], "en")
            self.assertIn("Why not?", look["label"])
            self.assertGreaterEqual(float(look["button"].removesuffix("px")), 44)
        for headers in seen["headers"]:
            self.assertNotIn("cookie", headers)
            self.assertNotIn("referer", headers)

    def test_a_button_without_a_field_decides_too(self):
        """The form that approves has nothing to send but itself."""
        number = self.world.ask_for("alex", "7zip")
        seen = self.browse(f"http://127.0.0.1:{self.world.port}/act/{self.link('megan', number)}")
        self.assertEqual(seen["pages"]["approved"]["heading"], "You approved 7-Zip for Alex Wilber")
        self.assertEqual(self.decisions(number)[0]["decision"], "approved")


if __name__ == "__main__":
    unittest.main(verbosity=2)
