# SPDX-License-Identifier: Apache-2.0
"""Every card that people meet is drawn by the official renderer, light and dark, wide and narrow, without a fault; the wordiest
also in German, which is long, and in Arabic, which is read from the right. The guides' pictures were drawn from these cards; with
APPDESK_PICTURES=DIR in the environment they are drawn anew (scripts/pictures)."""
import json
import os
import pathlib
import re
import subprocess
import unittest

import clients
import pictures
import story

PICTURES_S = 180
GALLERY = os.environ.get("APPDESK_PICTURES")
WANTED = os.environ.get("APPDESK_PICTURES_WANTED", "").split()  # scripts/pictures tells what they mean
GALLERY_S = 900
LOOPBACK = re.compile(r"127\\*\.0\.0\.1:\d+")  # where the local tenant's packages come from
WORDS = clients.FOLDER.parent.parent / "cards/text"


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
        card = json.dumps(super().keep(name, entry)["card"])
        self.cards[name] = json.loads(LOOPBACK.sub("downloads.example.com", card))
        return entry

    def abroad(self, language, who):
        """The cards with the most words and buttons, in the language; commands are understood in English, too."""
        words = json.loads((WORDS / f"{language}.json").read_text())

        def show(name, person, text, key):
            """Waits for the beginning of the title."""
            return self.keep(f"{name}-{language}", self.world.ask(person, text, words[key].split("${")[0].strip()))

        self.world.ask("megan", f"language {language}", words["preferences.title"])
        show("preferences", who, f"language {language}", "preferences.title")
        show("welcome", who, "hello", "welcome.title")
        show("not-found", who, "quantum flux simulator", "not_found.title")
        show("help", "megan", "help", "help.title")
        show("doctor", "megan", "doctor", "doctor.title")
        show("matches", who, "editor", "matches.title")
        form = self.keep(f"form-{language}", self.world.open_form(who, "7zip"))
        faulty = self.tenant.press(who, "submit", {"justification": " "}, activity=form["id"], force=True)
        self.keep(f"form-with-fault-{language}", faulty["entry"])
        sent = self.tenant.press(who, "submit", {"justification": "Customers send archives"}, activity=form["id"])
        self.keep(f"receipt-{language}", sent["entry"])
        number = self.database.value("select max(id) from requests")
        approval = self.keep(f"approval-{language}", self.world.card_of("megan", number))
        show("status", who, "status", "status.title")
        show("history", who, f"history {number}", "history.title")
        show("why", "megan", f"why {number}", "why.title")
        show("handover", "megan", f"hand over {number}", "handover.title")
        show("pending", "megan", "pending", "pending.title")
        show("freeze", "megan", "freeze We move", "freeze.title")
        said = self.tenant.press("megan", "reject", {"reason": "Not for files"}, activity=approval["id"])
        self.keep(f"rejected-{language}", self.tenant.wait(who, "Not for files", after=said["seq"]))
        show("forget", who, "delete my data", "forget.title")  # the language, too
        self.keep(f"privacy-{language}", self.world.card_with("megan", "privacy_done", clients.PEOPLE[who][1]))
        for person in ("megan", who):
            self.world.ask(person, "language auto", "What I tell you, and when")

    def draw(self, folder, *options):
        """A picture of each card for each look, in the folder."""
        files = []
        shown = {pictures.card_of(picture) for picture in pictures.named()}
        for name, card in self.cards.items():
            if "--guides" in WANTED and name not in shown:
                continue
            files.append(folder / f"{name}.json")
            files[-1].write_text(json.dumps(card, indent=1))
        done = subprocess.run(
            [self.node, clients.FOLDER / "render.mjs", "--out", folder, "--chromium", self.browser, *options, *files],
            env=clients.environment(self.node), capture_output=True, text=True, timeout=GALLERY_S if options else PICTURES_S)
        print(done.stdout, done.stderr, f"pictures: {folder}", sep="\n")
        self.assertEqual(done.returncode, 0)

    def test_e25_every_card_is_drawn_without_a_fault(self):
        self.tell()
        if "--guides" not in WANTED:
            self.abroad("de", "patti")
            self.abroad("ar", "isaiah")
        folder = pathlib.Path(GALLERY) if GALLERY else self.world.folder / "cards"
        folder.mkdir(parents=True, exist_ok=True)
        self.draw(folder, *(["--fine"] if GALLERY else []))
        if GALLERY:
            pictures.renew(self.cards, folder, "--all" in WANTED)
        stale = [f"docs/guides/pictures: {name} was drawn from another card; run scripts/pictures" for name in pictures.stale(self.cards)]
        self.assertFalse(stale, "\n".join(stale))


class TestPictures(unittest.TestCase):
    def test_a_picture_is_of_the_same_card_on_another_day_but_not_with_other_words(self):
        def card(text, token="a"):
            return pictures.digest({"body": [{"type": "TextBlock", "text": text}], "actions": [{"title": "Approve", "data": {"t": token}}]})
        now = card("#12 ends on Sunday, 29 November 2026, {{DATE(2026-11-29T10:00:00Z,SHORT)}}: sha 0a6b6c7d8e9f")
        self.assertEqual(now, card("#7 ends on Friday, 4 Sept 2027, {{DATE(2027-09-04T10:00:00Z,SHORT)}}: sha 1e2f3a4b5c6d7", "b"))
        self.assertNotEqual(now, card("#12 is over on Sunday, 29 November 2026, {{DATE(2026-11-29T10:00:00Z,SHORT)}}: sha 0a6b6c7d8e9f"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
