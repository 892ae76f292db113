# SPDX-License-Identifier: Apache-2.0
"""The catalogue as a file: import, export, and what people see of it."""
import concurrent.futures
import csv
import io
import json
import re
import subprocess
import time
import unittest

import harness
import winget_names
from cluster import SOURCE
from harness import guid
from processes import until
from tenant import Refused

READER = "Contoso.Reader"


class TestCatalogue(harness.WorldTest):
    def file(self, name, content):
        path = self.world.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    def load(self, content, *options, name="apps.json"):
        """Imports it; the report."""
        return json.loads(self.world.command("catalog", "import", self.file(name, content), "--json", *options))

    def refused(self, content, name="apps.csv"):
        """What an import that fails says."""
        done = subprocess.run([harness.APPDESK, "catalog", "import", self.file(name, content), "--config", self.world.config],
                              env=harness.PLAIN_ENVIRONMENT, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        return done.stderr

    def entries(self):
        return {app["winget_id"]: app for app in json.loads(self.world.command("catalog", "export"))}

    def trail(self, action):
        return self.database.rows(f"select details from audit_logs where action = '{action}' order by seq")

    def test_a_file_in_csv_makes_apps_and_the_same_file_changes_nothing(self):
        content = ('winget_id;name;seats;aliases;categories;questions\r\n'
                   'Acme.Draw;"Acme ""Draw""; light";;sketch; Design;Graphics;\r\n').replace("sketch; Design", '"Sketch; pen"')
        report = self.load(content, name="apps.csv")
        self.assertEqual((report["new"], report["changed"], report["same"]), (1, 0, 0))
        draw = self.entries()["Acme.Draw"]
        self.assertEqual((draw["name"], draw["aliases"], draw["categories"], draw["seats"], draw["state"]),
                         ('Acme "Draw"; light', ["pen", "sketch"], ["Graphics"], 0, "published"))
        self.assertEqual(self.load(content, name="apps.csv")["same"], 1)
        self.assertEqual(len(self.trail("catalog.changed")), 0)
        self.assertIn("Acme", self.world.ask("alex", "graphics")["text"])

    def test_an_import_changes_what_the_file_says_and_nothing_else(self):
        before = self.entries()
        report = self.load([{"winget_id": READER.lower(), "classification": "high", "publisher": "Contoso Ltd"}])
        self.assertEqual(report["apps"], [{"winget_id": READER, "change": "changed", "members": ["classification"]}])
        before[READER]["classification"] = "high"
        self.assertEqual(self.entries(), before)
        details = self.trail("catalog.changed")[-1]["details"]
        self.assertEqual((details["old"], details["new"]), ({"classification": "low"}, {"classification": "high"}))

    def test_a_dry_run_tells_everything_and_changes_nothing(self):
        before = self.entries()
        report = self.load([{"winget_id": "Acme.Draw", "name": "Draw"}, {"winget_id": READER, "seats": 5}], "--dry-run")
        self.assertEqual((report["new"], report["changed"], report["dry_run"]), (1, 1, True))
        self.assertEqual(self.entries(), before)

    def test_every_fault_is_named_with_its_line_and_nothing_is_imported(self):
        before = self.entries()
        said = self.refused("winget_id,name,seats,state,owner\n"
                            "Acme.A,A,many,,\n"
                            "Acme.B,,,,\n"
                            "Acme.C,C,,shown,\n"
                            "Acme.D,D,,,kim\n"
                            "Acme.E,E,,,\n")
        for fault in ("line 2: seats must be a whole number from 0 to 1000000", "line 3: name is missing",
                      "line 4: state must be one of published, hidden", "line 5: owner must be an object id", "4 faults"):
            self.assertIn(fault, said)
        self.assertIn("line 1: column 2 is called 'colour'; there are winget_id,name", self.refused("winget_id,colour\nA.B,red\n"))
        self.assertIn("line 3: acme.a is in line 2 already", self.refused("winget_id,name\nAcme.A,A\nacme.a,B\n"))
        self.assertIn("line 2: a quotation mark is not closed", self.refused('winget_id,name\nAcme.A,"A\n'))
        self.assertIn("line 3: has 3 columns where line 1 names 2", self.refused("winget_id,name\nA.A,A\nA.B,B,C\n"))
        self.assertIn("line 2: questions[0].kind must be one of text, long, choice, date",
                      self.refused('[\n{"winget_id": "A.A", "name": "A", "questions": [{"label": "Why?", "kind": "number"}]}]'))
        self.assertIn("line 1: no JSON", self.refused('{"winget_id": A.A}'))
        self.assertEqual(self.entries(), before)

    def test_what_is_exported_is_imported_as_it_was(self):
        self.load([{"winget_id": "Acme.Draw", "name": 'Draw, "the" best; ever', "description": "Ünïcode €", "seats": 7,
                    "state": "hidden", "owner": guid("21"), "group": guid("a2"), "audience": [guid("a2")],
                    "categories": ["Graphics", "Art"], "aliases": ["pen, ink"],
                    "questions": [{"label": "Why, please?", "kind": "long", "required": False},
                                  {"label": "Where?", "kind": "choice", "choices": ["At home", 'In "the" office']},
                                  {"label": "Until when?", "kind": "date"}, {"label": "What?", "kind": "text"}]}])
        before = self.entries()
        for form in ("json", "csv"):
            printed = self.world.command("catalog", "export", "--format", form)
            self.database.execute("truncate app_aliases, app_questions; update apps set name = 'x', seats = null, state = 'published',"
                                  " description = '', categories = '{}', audience = '{}', owner_oid = '', group_id = ''")
            self.assertEqual(self.load(printed, name=f"again.{form}")["changed"], len(before))
            self.assertEqual(self.entries(), before)
            self.assertEqual(self.world.command("catalog", "export", "--format", form), printed)
        self.assertEqual(len(list(csv.DictReader(io.StringIO(printed)))), len(before))

    def test_the_guides_examples_are_what_the_program_takes(self):
        guide = (SOURCE / "docs/guides/catalogue.md").read_text()
        examples = re.findall(r"^```(csv|json)\n(.*?)^```", guide, re.S | re.M)
        self.assertEqual([form for form, _ in examples], ["csv", "json"])
        for form, text in examples:
            report = self.load(text, name=f"example.{form}")
            self.assertEqual(report["fault_count"], 0)
        self.assertEqual(self.entries()["Contoso.Ledger"]["name"], 'Contoso Ledger, "the big one"')
        for member in self.entries()[READER]:
            self.assertIn(f"| `{member}` |", guide)

    def test_questions_of_four_kinds_are_asked_and_judged(self):
        self.load([{"winget_id": "7zip.7zip", "questions": [
            {"label": "Which team?", "kind": "text"}, {"label": "What for?", "kind": "long", "required": False},
            {"label": "Where?", "kind": "choice", "choices": ["Home", "Office"]}, {"label": "Until when?", "kind": "date"}]}])
        form = self.world.open_form("alex", "7zip")
        for label in ("Which team?", "What for?", "Where?", "Until when?"):
            self.assertIn(label, form["text"])
        inputs = {"justification": "Archives", "q1": "Sales", "q3": "Home", "q4": "tomorrow"}
        self.assertIn("choose a day", str(self.tenant.press("alex", "submit", inputs, activity=form["id"])))
        self.assertEqual(self.database.value("select count(*) from requests"), 0)
        number = self.world.ask_for("alex", "7zip", "Archives", q1="Sales", q2="Much\nto do", q3="Home", q4="2026-12-24")
        self.assertEqual(self.database.column(f"select answer from answers where request_id = {number} order by ordinal"),
                         ["Sales", "Much\nto do", "Home", "2026-12-24"])

    def test_f25_an_app_is_there_for_its_audience_alone(self):
        old = self.world.ask("alex", "contoso reader")
        self.load([{"winget_id": READER, "audience": [guid("a2")]}])  # Approvers: megan and adele
        self.assertIn("not in our catalogue", self.world.ask("alex", "contoso reader")["text"])
        self.assertIn("not in the catalogue", str(self.tenant.press("alex", "form", activity=old["id"])))
        form = self.world.open_form("adele", "contoso reader")
        self.assertIn("Contoso PDF Reader", form["text"])
        self.world.members("Approvers", remove=["adele"])
        self.tenant.press("adele", "submit", {"justification": "I still have the form", "q1": "Contracts"}, activity=form["id"])
        self.assertEqual(self.database.value("select count(*) from requests"), 0)

    # ---- apps that are not in it (product F26, D5) ----

    def two_admins(self):
        """Megan and Isaiah are admins and are known."""
        self.world.members("Admins", add=["isaiah"])
        for admin in ("megan", "isaiah"):
            self.world.ask(admin, "help")

    def suggestion(self, column, number=1):
        return self.database.value(f"select {column} from suggestions where id = {number}")

    def shown_now(self, who, card):
        return next(e for e in self.tenant.shown(who) if e["id"] == card["id"])

    def test_f26_r19_d5_what_nobody_finds_is_suggested_vetted_once_and_told_to_all_who_wait(self):
        self.two_admins()
        seq = self.world.ask_after("alex", "vlc please")
        found = self.tenant.wait("alex", "VideoLAN.VLC", after=seq)
        self.assertIn("not in our catalogue", found["text"])
        pressed = self.tenant.press("alex", "suggest", activity=found["id"])
        self.assertIn("Thank you for the suggestion", pressed["entry"]["text"])
        cards = {who: self.world.card_with(who, "suggestion_publish", "VideoLAN.VLC") for who in ("megan", "isaiah")}
        for known in ("VLC media player", "Local tenant samples", "GPL-2.0", "127.0.0.1", "Alex Wilber"):
            self.assertIn(known, cards["megan"]["text"])
        # Again, by somebody else, and in other letters: one suggestion with two people.
        self.world.ask("alex", "suggest VideoLAN.VLC", "already")
        self.world.ask("patti", "suggest videolan.vlc", "Thank you")
        self.assertEqual(self.database.value("select count(*) from suggestions"), 1)
        until(lambda: "and one more" in self.shown_now("isaiah", cards["isaiah"])["text"], "the admins see that two want it")
        inputs = {"classification": "high", "seats": "5"}
        self.tenant.press("megan", "suggestion_publish", inputs, activity=cards["megan"]["id"])
        try:
            self.tenant.press("isaiah", "suggestion_reject", {"reason": "No"}, activity=cards["isaiah"]["id"])
        except Refused:
            pass  # the button is gone
        until(lambda: "Published by Megan Bowen" in self.shown_now("isaiah", cards["isaiah"])["text"], "isaiah sees who has decided")
        self.assertEqual(self.suggestion("state"), "published")
        for who in ("alex", "patti"):
            news = self.world.card_with(who, "form", "VLC media player is in the catalogue now")
            self.assertIn("Why do you need it?", self.tenant.press(who, "form", activity=news["id"])["entry"]["text"])
        vlc = self.entries()["VideoLAN.VLC"]
        self.assertEqual((vlc["name"], vlc["publisher"], vlc["classification"], vlc["seats"], vlc["state"]),
                         ("VLC media player", "Local tenant samples", "high", 5, "published"))
        self.assertEqual(self.database.column("select action from audit_logs where entity_type = 'suggestion' or action = 'catalog.added'"
                                              " and user_id <> 'cli' order by seq"),
                         ["suggestion.opened", "suggestion.joined", "catalog.added", "suggestion.published"])
        until(lambda: not any(harness.has_button(self.shown_now(who, card), "suggestion_publish") for who, card in cards.items()),
              "no card of an admin has its buttons any more", 10)
        self.world.check()

    def test_f26_words_do_what_the_buttons_do_and_a_hidden_app_stays_unknown(self):
        self.two_admins()
        self.load([{"winget_id": "Contoso.Notes", "name": "Contoso Notes", "state": "hidden"}])
        told = [self.world.ask("alex", f"suggest {wanted}", "Thank you")["text"].replace(wanted, "X")
                for wanted in ("Contoso.Notes", "the blue thing with arrows")]
        self.assertEqual(told[0], told[1])
        card = self.world.card_with("megan", "suggestion_publish", "Contoso.Notes")["text"]
        for known in ("already, but hidden", "1.3.0", "What stands in the way", "installs for one user only"):
            self.assertIn(known, card)
        self.assertIn("WinGet has no package of this name", self.world.card_with("megan", "suggestion_publish", "the blue thing")["text"])
        self.world.ask("alex", "suggestions", "Only admins")
        self.world.ask("alex", "publish suggestion 1", "Only admins")
        self.assertIn("the blue thing", self.world.ask("megan", "suggestions", "Apps that people miss")["text"])
        hidden = self.tenant.say("megan", "anregung verbergen 1 kritisch", locale="de")
        self.tenant.wait("megan", "aber verborgen, von Megan Bowen", after=hidden["seq"])
        self.assertIn("cannot be asked for at present", self.tenant.wait("alex", "Your suggestion was looked at")["text"])
        self.world.ask("isaiah", "publish suggestion 2 please", "which WinGet package")
        self.world.ask("isaiah", "publish suggestion 2 Contoso.Draw 99999999", "does not fit")
        self.world.ask("isaiah", "reject suggestion 2", "Please say why")
        self.assertEqual(self.suggestion("state", 2), "open")
        self.world.ask("isaiah", "reject suggestion 2 We have Contoso Draw", "Rejected by Isaiah Langer")
        self.tenant.wait("alex", "will not offer “the blue thing with arrows”: We have Contoso Draw")
        notes = self.entries()["Contoso.Notes"]
        self.assertEqual((notes["state"], notes["classification"]), ("hidden", "critical"))
        # What is there for the person is no suggestion.
        self.assertIn("Why do you need it?", self.world.ask("alex", "suggest 7zip.7zip", "Request 7-Zip")["text"])
        self.assertEqual(self.database.value("select count(*) from suggestions"), 2)

    def test_f26_winget_that_cannot_be_asked_holds_up_no_suggestion(self):
        self.world.ask("megan", "help")
        self.tenant.tamper("index-unsigned")
        seq = self.world.ask_after("alex", "vlc")
        unasked = self.tenant.wait("alex", "cannot be asked right now", after=seq)
        self.tenant.press("alex", "suggest", activity=unasked["id"])
        card = self.world.card_with("megan", "suggestion_publish", "vlc")
        self.assertIn("WinGet could not be asked yet", card["text"])
        self.database.execute("update suggestions set wanted = 'VideoLAN.VLC'")
        self.tenant.restore()
        self.database.execute("update jobs set run_at = now() where kind = 'suggestion'")
        until(lambda: "GPL-2.0" in self.shown_now("megan", card)["text"], "the card tells what was found later")

        def publish(who):
            """As a channel does: what is answered 503 comes again."""
            return until(lambda: (status := self.tenant.say(who, "publish suggestion 1")["status"]) != 503 and status, "it is taken")
        racing = concurrent.futures.ThreadPoolExecutor(2)
        self.assertEqual({status // 100 for status in racing.map(publish, ("megan", "megan"))}, {2})
        self.assertEqual(self.database.value("select count(*) from audit_logs where action = 'suggestion.published'"), 1)

    @unittest.skipUnless(winget_names.INDEX.exists(), "the WinGet data is not there")
    def test_three_thousand_apps_come_in_while_people_ask(self):
        started = time.monotonic()
        report = self.load(winget_names.catalogue(3000))
        self.assertEqual(report["new"] + report["changed"], 3000)
        self.assertIn("7-Zip", self.world.ask("alex", "7zip")["text"])
        self.assertLess(time.monotonic() - started, harness.within(120))


if __name__ == "__main__":
    unittest.main()
