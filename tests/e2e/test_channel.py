# SPDX-License-Identifier: Apache-2.0
"""The approvers' channel: shows what waits to everybody who is in it, and lets nobody do what they may not (product E17, F40)."""
import json
import unittest

import harness

GONE = {"error": {"code": "ConversationNotFound", "message": "Conversation not found."}}


class TestE17Channel(harness.WorldTest):
    REASON = "The merger with Fabrikam"

    def say_there(self, who, text):
        """Says it in the channel; what the person alone is shown then, and everybody sees the pointer to it."""
        before = self.tenant.say(who, text, conversation="channel")["seq"]
        own = harness.until(lambda: self.tenant.shown(who, after=before, conversation=f"a:personal-chat-{who}"), f"{who} has an answer")
        self.world.wait_notices()
        return own[0]

    def begin(self):
        super().begin()
        self.world.ask("alex", "help")
        self.world.ask("lynne", "help")

    def show_requests(self):
        self.assertIn("From now on", self.say_there("megan", "requests here")["text"])

    def there(self, number):
        """The card of the request in the channel: every message of it with its versions."""
        self.world.wait_notices()
        return [m for m in self.tenant.messages(text=f"#{number}") if m["from"] == "bot" and "thread.tacv2" in m["conversation"]]

    def one_there(self, number):
        found = self.there(number)
        self.assertEqual(len(found), 1, found)
        return found[0]

    # ---- what it shows ----

    def test_f40_it_shows_number_app_and_risk_and_nothing_about_anybody(self):
        self.show_requests()
        number = self.world.ask_for("alex", "7zip", self.REASON)
        waiting = json.dumps(self.one_there(number), ensure_ascii=False)
        for words in (f"#{number}", "7-Zip", "Low", "Waits for a decision"):
            self.assertIn(words, waiting)
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", 120)
        message = self.one_there(number)
        now = json.dumps(message["activity"], ensure_ascii=False)
        self.assertIn("Nothing to decide any more", now)
        self.assertNotIn("Action.Execute", now)
        everything = json.dumps(message, ensure_ascii=False)
        for words in ("Alex", "Megan", "Fabrikam", self.world.oid("alex"), self.world.oid("megan")):
            self.assertNotIn(words, everything)

    def test_what_moves_between_stages_keeps_its_one_card(self):
        self.world.policy([{"name": "two", "stages": [{"ask": "manager"}, {"ask": "group"}]}])
        self.show_requests()
        number = self.world.ask_for("alex", "7zip")
        self.assertEqual(self.there(number), [], "a manager is asked, and no group")
        self.world.approve("isaiah", number)
        self.assertIn("Waits", json.dumps(self.one_there(number)["activity"]))
        self.world.ask("alex", f"cancel {number}", "withdrawn")
        self.assertIn("Nothing to decide", json.dumps(self.one_there(number)["activity"]))

    def test_f2_an_app_that_not_everybody_may_see_is_not_named_there(self):
        self.show_requests()
        self.world.command("catalog", "add", "Contoso.Tool", "--name", "Secret Tool", "--publisher", "Contoso")
        self.database.execute(f"update apps set audience = array['{harness.guid('a1')}'] where name = 'Secret Tool'")
        number = self.world.ask_for("alex", "secret tool")
        self.world.card_of("megan", number)
        self.world.wait_notices()
        self.assertNotIn("Secret", json.dumps([m for m in self.tenant.messages() if "thread.tacv2" in m["conversation"]]))

    def test_e24_it_speaks_the_language_of_who_chose_it_also_when_it_is_over(self):
        self.world.ask("megan", "language de", "Deutsch")
        self.say_there("megan", "anfragen hier")
        number = self.world.ask_for("alex", "7zip")
        self.assertIn("Wartet auf eine Entscheidung", json.dumps(self.one_there(number)["activity"]))
        self.say_there("megan", "keine anfragen hier")
        self.world.ask("alex", f"cancel {number}", "withdrawn")
        self.assertIn("nichts mehr zu entscheiden", json.dumps(self.one_there(number)["activity"]))

    # ---- who may do what there ----

    def press_open(self, who, number):
        return self.tenant.press(who, "view", activity=self.one_there(number)["id"])

    def test_whoever_opens_it_there_sees_in_private_what_they_may_see(self):
        self.show_requests()
        number = self.world.ask_for("alex", "7zip", self.REASON)
        pressed = self.press_open("adele", number)
        private = self.tenant.wait("adele", "Fabrikam", after=pressed["seq"])
        self.assertEqual(private["conversation"], "a:personal-chat-adele")
        self.assertTrue(harness.has_button(private, "approve"))
        before = self.tenant.seq()
        refused = self.press_open("lynne", number)
        self.assertIn("no request", json.dumps(refused["body"]))
        self.world.wait_notices()
        self.assertEqual(self.tenant.shown("lynne", after=before), [])
        self.assertNotIn("Fabrikam", json.dumps(self.one_there(number)))

    def test_a_decision_typed_there_is_checked_for_who_types_it(self):
        self.show_requests()
        number = self.world.ask_for("alex", "7zip", self.REASON)
        self.say_there("lynne", f"approve {number}")
        self.say_there("alex", f"approve {number}")
        self.assertEqual(self.world.state(number), "pending")
        self.assertEqual(self.world.votes(number), [])
        self.say_there("adele", f"approve {number}")
        self.assertEqual([vote["oid"] for vote in self.world.votes(number)], [self.world.oid("adele")])

    def test_only_admins_choose_the_channel_and_only_where_others_read(self):
        self.say_there("lynne", "requests here")
        self.assertIn("private chat", self.world.ask("megan", "requests here")["text"])
        self.assertEqual(self.there(self.world.ask_for("alex", "7zip")), [])
        self.show_requests()
        number = self.world.ask_for("lynne", "7zip")
        self.one_there(number)
        self.say_there("lynne", "no requests here")
        self.assertIn("thread.tacv2", self.world.command("settings", "get", "ApproverChannel"))
        self.say_there("megan", "no requests here")
        self.assertEqual(self.there(self.world.ask_for("lynne", "pdf editor", q1="Manuals")), [])
        changes = self.database.rows("select entity_id, user_id from audit_logs where action = 'settings.changed'"
                                     f" and user_id = '{self.world.oid('megan')}' and entity_id = 'ApproverChannel'")
        self.assertEqual(len(changes), 2, "each change has its audit row")

    def test_operators_choose_its_language_and_end_it_and_name_no_channel(self):
        self.show_requests()
        for key, value, why in (("ApproverChannel", "19:another@thread.tacv2", "requests here"), ("ApproverChannelLanguage", "xx", "language")):
            with self.assertRaisesRegex(AssertionError, why):
                self.world.command("settings", "set", key, value)
        self.world.command("settings", "set", "ApproverChannelLanguage", "de")
        self.assertIn("Wartet auf eine Entscheidung", json.dumps(self.one_there(self.world.ask_for("alex", "7zip")), ensure_ascii=False))
        self.world.command("settings", "set", "ApproverChannel", "")
        self.assertEqual(self.there(self.world.ask_for("lynne", "7zip")), [])

    # ---- when it cannot be written to ----

    def test_f39_admins_hear_that_the_channel_is_not_reached_and_deciding_goes_on(self):
        self.show_requests()
        self.tenant.fault(match="connector", contains="thread.tacv2", status=404, body=GONE, count=-1)
        before = self.tenant.seq()
        number = self.world.ask_for("alex", "7zip")
        told = self.tenant.wait("megan", "the approvers' channel", after=before)
        self.assertIn(f"#{number}", told["text"])
        self.assertNotIn("channel%3A", json.dumps([call["path"] for call in self.tenant.calls()]), "nobody asks the directory for it")
        self.tenant.clear_faults()
        notice = self.database.value("select id from outbox where state = 'dead'")
        self.world.ask("megan", f"retry notice {notice}")
        self.one_there(number)
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", 120)
        self.assertIn("Nothing to decide", json.dumps(self.one_there(number)["activity"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
