# SPDX-License-Identifier: Apache-2.0
"""The message extension: the catalogue from any chat. What is found can be shared; whoever presses Request on a shared card asks for
themselves, and what comes of it is theirs alone (product F1, E17, E18)."""
import json
import time
import unittest

import harness

GROUP = "19:group-chat@thread.v2"
PAIR = "19:a0000000-0000-4000-8000-000000000001_a0000000-0000-4000-8000-000000000002@unq.gbl.spaces"
ALEX, ADELE = "a:personal-chat-alex", "a:personal-chat-adele"
WORLD = ("requests", "inbox", "outbox", "audit_logs", "card_copies", "action_tokens")


class TestExtension(harness.WorldTest):
    def find(self, who="alex", text=None, **more):
        """The whole answer of the extension."""
        found = self.tenant.find(who, text, **more)
        self.assertEqual(found["status"], 200, found)
        return found["body"]["composeExtension"]

    def names(self, text=None, who="alex", **more):
        """Titles of the list; or the sentence in its place."""
        found = self.find(who, text, **more)
        if found["type"] == "message":
            return found["text"]
        self.assertEqual((found["type"], found["attachmentLayout"]), ("result", "list"))
        return [attachment["preview"]["content"]["title"] for attachment in found["attachments"]]

    def rows(self):
        return {table: self.database.value(f"select count(*) from {table}") for table in WORLD}

    def share(self, text="7zip", who="alex", conversation="group"):
        return self.tenant.share(who, self.find(who, text)["attachments"][0], conversation)

    def press(self, who, shared):
        """Request on a shared card; the sentence that the presser sees beside it."""
        pressed = self.tenant.press(who, "form", activity=shared["id"])
        self.assertEqual((pressed["status"], pressed["body"]["type"]), (200, "application/vnd.microsoft.activity.message"), pressed)
        return pressed["message"]

    def said_by_bot(self, conversation):
        return [m for m in self.tenant.messages(conversation=conversation) if m["activity"]["from"]["id"].startswith("28:")]

    # ---- what is found ----

    def test_the_chats_own_search_answers(self):
        """The same words, typos included, find what they find in the chat, in the same order."""
        for text in ("7zip", "I need a PDF editor", "visio notpad", "editor", "Igor Pavlov", "7zip.7zip"):
            chat = json.dumps(self.world.ask("alex", text)["card"])
            shown = [name for name in ("7-Zip", "Contoso PDF Reader", "Notepad++") if f'"text": "{name}"' in chat]
            self.assertEqual(self.names(text), sorted(shown, key=chat.index), text)

    def test_what_is_typed_so_far_is_enough(self):
        for text, name in (("contoso p", "Contoso PDF Reader"), ("note", "Notepad++"), ("7-z", "7-Zip")):
            self.assertIn(name, self.names(text), text)

    def test_an_opened_extension_shows_what_is_asked_for_most(self):
        self.assertEqual(self.names(), ["7-Zip", "Contoso PDF Reader", "Notepad++"])
        for who in ("alex", "lynne"):
            self.world.ask_for(who, "notepad++")
        self.world.ask_for("alex", "pdf editor", q1="Manuals")
        popular = ["Notepad++", "Contoso PDF Reader", "7-Zip"]
        for text in (None, "", "  ", "I need", "?", "x"):
            self.assertEqual(self.names(text), popular, text)

    def test_pages_follow_each_other_without_gap_or_repetition(self):
        for text in (None, "editor archiver zip pdf"):
            whole = self.names(text)
            self.assertGreater(len(whole), 1)
            pages = [self.names(text, skip=skip, count=1) for skip in range(len(whole) + 1)]
            self.assertEqual(pages, [[name] for name in whole] + [[]])
        for skip, count in ((-1, 0), (100, 25), (2**31, 25), (2**40, 2**40)):
            self.assertIsInstance(self.names("7zip", skip=skip, count=count), list)

    def test_what_is_not_there_is_said_so(self):
        self.assertEqual(self.names("quantum flux"), "I found nothing for “quantum flux”. Try the name, the publisher, or what it does.")
        self.database.execute("update apps set state = 'hidden'")
        self.assertEqual(self.names(), "There is nothing in the catalogue yet.")

    def test_a_hidden_app_is_invisible(self):
        shared = self.share()
        self.database.execute("update apps set state = 'hidden' where name = '7-Zip'")
        self.assertNotIn("7-Zip", self.names())
        self.assertNotIn("7-Zip", self.names("7zip"))
        self.assertIn("not in the catalogue any more", self.tenant.press("alex", "form", activity=shared["id"])["message"])

    def test_an_app_is_found_by_its_audience_alone(self):
        """Also where it is asked for most; and who has left the audience learns nothing by a card that was shared."""
        self.database.execute(f"update apps set audience = array['{harness.guid('a2')}'] where name = '7-Zip'")  # megan and adele
        for text in (None, "7zip", "archiver"):
            self.assertIn("7-Zip", self.names(text, who="adele"), text)
            self.assertNotIn("7-Zip", str(self.names(text)), text)
        pages = [self.names(skip=skip, count=1) for skip in range(3)]
        self.assertEqual(pages, [["Contoso PDF Reader"], ["Notepad++"], []])
        shared = self.share(who="adele")
        self.assertIn("not in the catalogue", self.tenant.press("alex", "form", activity=shared["id"])["message"])
        self.world.wait_directory()
        asked = len(self.tenant.calls(surface="graph"))
        self.names("7zip", who="adele")
        self.assertEqual(len(self.tenant.calls(surface="graph")), asked, "memberships are remembered for a while")
        self.tenant.fault(match="graph", contains="/", status=503, count=-1)
        self.addCleanup(self.tenant.clear_faults)
        self.assertIn("7-Zip", self.names("7zip", who="adele"))

    def test_who_may_not_ask_sees_no_app(self):
        self.world.members("Everyone", remove=["isaiah"])
        for text in (None, "7zip"):
            self.assertIn("not open for your account", self.names(text, who="isaiah"))
        pressed = self.tenant.press("isaiah", "form", activity=self.share()["id"])
        self.assertIn("not open for your account", pressed["message"])

    def test_any_text_is_answered_and_none_is_markup(self):
        for text in ("x" * 5000, "'; drop table apps; --", "<b>7zip</b>", "\u202e7zip", "${app}", "%_%", "🙂" * 200, "\t\n"):
            self.assertTrue(self.names(text), text)
        self.database.execute("update apps set name = '<img src=x> [7](http://x) ${app}', description = '**bold** <b>b</b>' where name = '7-Zip'")
        result = self.find("alex", "7zip.7zip")["attachments"][0]
        self.assertNotRegex(json.dumps(result["preview"]), "[<>]")
        self.assertIn("\\[7\\]", result["content"]["body"][0]["text"])
        self.assertIn("${app}", result["preview"]["content"]["title"])

    def test_a_broken_query_is_answered_like_an_opened_one(self):
        for value in (None, {}, [], {"parameters": 5}, {"parameters": [7, {"name": "query", "value": 5}], "queryOptions": "all"},
                      {"queryOptions": {"skip": "x", "count": [1]}}):
            body = self.tenant.send({"type": "invoke", "name": "composeExtension/query", "value": value})["body"]
            self.assertEqual(body, self.tenant.find("alex")["body"], value)
        other = self.tenant.send({"type": "invoke", "name": "composeExtension/fetchTask", "value": {"commandId": "search"}})
        self.assertEqual((other["status"], other["body"]), (200, {}))

    def test_a_search_leaves_no_trace(self):
        """It comes with every letter: nothing is written, wherever it is typed."""
        before = self.rows()
        for conversation in (None, "group", "channel"):
            self.names("7zip", **({"conversation": conversation} if conversation else {}))
        self.assertEqual(self.rows(), before)

    def test_while_the_directory_hangs_a_search_is_answered_in_time(self):
        self.tenant.fault(match="graph", contains="/", hang=True, count=-1)
        self.addCleanup(self.tenant.clear_faults)
        begun = time.monotonic()
        found = self.find("lynne", "7zip")
        self.assertLess(time.monotonic() - begun, harness.within(5))
        self.assertEqual(found["type"], "message")
        self.assertIn("directory", found["text"])

    # ---- what is shared ----

    def test_a_shared_card_tells_of_the_app_alone(self):
        result = self.find("alex", "7zip")["attachments"][0]
        self.assertEqual(result["preview"]["content"], {"title": "7-Zip", "text": "Igor Pavlov · Packs and unpacks archives"})
        self.assertEqual(result["contentType"], "application/vnd.microsoft.card.adaptive")
        card = json.dumps(result["content"])
        self.assertIn("I need 7-Zip", card)
        self.assertNotRegex(card, r'(?i)alex|wilber|"t":|00000000-')

    def test_whoever_presses_asks_for_themselves(self):
        """Alex shares the card in a group, Adele presses it: the form, the request and the receipt are Adele's alone."""
        for who in ("alex", "adele"):
            self.world.ask(who, "hello")
        shared = self.share()
        before = self.tenant.seq()
        self.assertEqual(self.press("adele", shared), "I have answered you in our private chat.")
        form = self.tenant.wait("adele", "Why do you need it?", after=before)
        self.assertEqual(form["conversation"], ADELE)
        sent = self.tenant.press("adele", "submit", {"justification": "Customers send archives"}, activity=form["id"])
        self.assertRegex(sent["entry"]["text"], r"#\d+")
        self.assertEqual(self.database.rows("select requester_oid, justification from requests"),
                         [{"requester_oid": self.world.oid("adele"), "justification": "Customers send archives"}])
        self.world.wait_notices()
        self.assertEqual(self.said_by_bot(GROUP), [])
        self.assertEqual(self.tenant.messages(conversation=GROUP)[-1]["versions"], [])
        self.assertNotIn("Request 7-Zip", json.dumps(self.said_by_bot(ALEX)))

    def test_a_second_press_leads_to_the_same_request(self):
        self.world.ask("alex", "hello")
        shared, number = self.share(), self.world.ask_for("alex", "7zip")
        before = self.tenant.seq()
        self.press("alex", shared)
        self.assertEqual(self.tenant.wait("alex", f"#{number}", after=before)["conversation"], ALEX)
        self.assertEqual(self.database.value("select count(*) from requests"), 1)

    def test_a_press_that_is_delivered_twice_is_answered_once(self):
        shared = self.share()
        first = self.tenant.press("alex", "form", activity=shared["id"])
        again = self.tenant.send(first["activity"])
        self.assertEqual((again["status"], again["body"]), (200, first["body"]))
        self.world.wait_notices()
        self.assertEqual(len(self.said_by_bot(ALEX)), 1)

    def test_in_the_chat_with_the_bot_the_form_takes_the_cards_place(self):
        """Sharing it there is no question to the bot: its button does all."""
        shared = self.share(conversation=None)
        self.assertEqual(self.said_by_bot(ALEX), [])
        pressed = self.tenant.press("alex", "form", activity=shared["id"])
        self.assertIn("Why do you need it?", pressed["entry"]["text"])
        sent = self.tenant.press("alex", "submit", {"justification": "Archives"}, activity=shared["id"])
        self.assertEqual(sent["status"], 200)
        self.assertIn("#1", self.tenant.wait("alex", "#1")["text"])

    def test_the_chat_of_two_people_is_nobodys_private_chat(self):
        """Teams calls it personal: nothing may be written there, and no notice may ever go there."""
        self.world.ask("alex", "hello")
        chat = {"id": PAIR, "conversationType": "personal", "tenantId": harness.guid("01")}
        value = {"action": self.find("alex", "7zip")["attachments"][0]["content"]["actions"][0], "trigger": "manual"}
        before = self.tenant.seq()
        for activity in ({"name": "composeExtension/query", "value": {"commandId": "search"}}, {"name": "adaptiveCard/action", "value": value}):
            self.assertEqual(self.tenant.send({"type": "invoke", "conversation": chat, **activity})["status"], 200)
        self.assertEqual(self.tenant.wait("alex", "Why do you need it?", after=before)["conversation"], ALEX)
        self.assertEqual(self.database.column("select conversation_id from bot_conversation_references"), [ALEX])
        self.assertEqual(self.tenant.calls(path="unq.gbl.spaces"), [])

    def test_where_the_bot_is_no_member_a_press_is_answered_in_private_alone(self):
        """The client then tells of the button's data alone, and shows no answer."""
        chat = {"id": PAIR, "conversationType": "personal", "tenantId": harness.guid("01")}
        data = self.find("alex", "7zip")["attachments"][0]["content"]["actions"][0]["fallback"]["data"]
        for data, words in ((data, "Why do you need it?"), ({**data, "app": 999999}, "not in the catalogue")):
            before = self.tenant.seq()
            answer = self.tenant.send({"type": "invoke", "name": "composeExtension/onCardButtonClicked", "conversation": chat, "value": data})
            self.assertEqual((answer["status"], answer["body"]), (200, {}))
            self.assertEqual(self.tenant.wait("alex", words, after=before)["conversation"], ALEX)

    def test_who_cannot_be_written_to_is_told_how_to_mend_that(self):
        shared = self.share()
        self.assertIn("add the app AppDesk", self.press("alex", shared))
        self.tenant.post("install", {"as": "adele"})
        heard = "select count(*) from inbox where conversation_id = 'a:personal-chat-adele'"
        harness.until(lambda: self.database.value(heard) == 2, "the installation and the new member were handled")
        self.tenant.post("uninstall", {"as": "adele"})
        before = self.rows()["outbox"]
        self.assertIn("say hello there", self.press("adele", shared))
        self.assertEqual(self.rows()["outbox"], before)
        self.tenant.post("install", {"as": "adele"})
        self.world.ask("adele", "hello")
        self.assertEqual(self.press("adele", shared), "I have answered you in our private chat.")

    def tearDown(self):
        self.assertEqual(self.tenant.complaints(), [])
        super().tearDown()


if __name__ == "__main__":
    unittest.main(verbosity=2)
