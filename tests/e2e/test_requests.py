# SPDX-License-Identifier: Apache-2.0
"""What requester and approver can do with an open request besides deciding it. Methods are named by the ids of the product page."""
import json
import threading
import unittest

import harness
from processes import until


def walk(value):
    """Every object inside."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from walk(item)


class Requests(harness.WorldTest):
    """Base: small words for what the tests look at."""

    def said(self, pressed):
        """What a press was answered with: the line beside the card, or the card's words."""
        return pressed["message"] or (pressed["entry"] or {}).get("text", "")

    def press(self, who, verb, number, **inputs):
        """A press on the newest card of this person that shows the request and has the button."""
        card = self.world.card_of(who, number, verb)
        return self.tenant.press(who, verb, inputs, activity=card["id"])

    def told(self, who, number):
        """The facts of all that this person was sent about the request, without answers to themselves."""
        return self.database.column(
            f"select fact from outbox where kind = 'send' and recipient_oid = '{self.world.oid(who)}' and request_id = {number}"
            " and fact not like 'reply.%' order by id")

    def actions(self, number):
        return self.database.column(
            f"select action from audit_logs where entity_type = 'request' and entity_id = '{number}' order by seq")

    def shows(self, who, number, words, verb=None):
        """Some card of this person about the request has the words (and such a button) now."""
        def find():
            return [e for e in self.tenant.shown(who) if f"#{number}" in e.get("text", "") and words in e.get("text", "")
                    and (verb is None or harness.has_button(e, verb))]
        return until(find, f"{who} sees {words!r}")[-1]

    def answered(self, who, text, outcome):
        """Says something; the turn's outcome, as the log names it."""
        self.world.ask(who, text)
        until(lambda: f'"outcome":"{outcome}"' in self.world.log(), f"{text!r} ends {outcome}")

    def together(self, *acts):
        """Both at once; their results, in order."""
        barrier = threading.Barrier(len(acts))
        results = [None] * len(acts)

        def run(i, act):
            barrier.wait()
            results[i] = act()

        threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results


class TestQuestions(Requests):
    def test_f42_e24_r21_everybody_reads_the_language_that_is_theirs(self):
        """What the activity says counts, and before it what the person has chosen; also for what comes while somebody else acts."""
        for locale, words in (("xx-YY", "What you can tell me"), ("de-AT", "Was Sie mir sagen können"), ("fr", "Ce que vous pouvez me dire")):
            said = self.tenant.say("patti", "help", locale=locale)
            self.assertNotIn("rtl", self.tenant.wait("patti", words, after=said["seq"])["card"])
        said = self.tenant.say("patti", "مساعدة", locale="ar-EG")
        self.assertTrue(self.tenant.wait("patti", "ما يمكنك قوله لي", after=said["seq"])["card"]["rtl"])
        self.world.ask("alex", "sprache deutsch", "Ab jetzt schreibe ich Ihnen auf Deutsch")
        self.world.ask("adele", "language fr", "Désormais je vous écris en français")
        self.world.ask("alex", "language klingonisch-de", "Zu „language klingonisch-de“ habe ich nichts gefunden")
        number = self.world.ask_for("alex", "7zip")
        self.shows("alex", number, f"Anfrage #{number}", "cancel")
        self.shows("adele", number, "Alex Wilber demande", "approve")
        self.shows("megan", number, "Alex Wilber asks for", "approve")
        said = self.tenant.say("adele", f"refuser {number} Nous avons déjà une application")
        self.tenant.wait("adele", f"Vous avez refusé la demande #{number}", after=said["seq"])
        self.tenant.wait("alex", "wurde nicht genehmigt", after=said["seq"])
        self.shows("megan", number, "Rejected by Adele Vance")
        # What is decided together is told in the same language, too.
        number = self.world.ask_for("patti", "7zip")
        done = self.world.ask("adele", f"confirmer refuser {number} Nous avons déjà une application", "1 décidée sur 1 demande")
        self.assertIn(f"Vous avez refusé la demande #{number}", done["text"])
        self.world.ask("alex", "mehrere 7zip,notepad++", "Mehrere Apps anfragen")
        for who, command, words in (("alex", "sprache auto", "in the language of your Teams"), ("adele", "langue auto", "in the language of your Teams")):
            self.world.ask(who, command, words)

    def test_r13_who_is_refused_reads_why_and_what_else_there_is(self):
        number = self.world.ask_for("alex", "pdf editor", q1="Contracts")
        self.world.ask("adele", f"reject {number} The licence has ended", "You rejected")
        card = self.tenant.wait("alex", f"Adele Vance decided against request #{number}")
        self.assertIn("The licence has ended", card["text"])
        self.assertTrue(harness.has_button(card, "form"), "it may be asked for again")
        shown = self.tenant.press("alex", "alternatives", activity=card["id"])
        found = self.tenant.wait("alex", "What else there is", after=shown["seq"] - 1)
        self.assertIn("Notepad++", found["text"])
        self.assertNotIn("Contoso PDF Reader is", found["text"])
        self.assertEqual([b["verb"] for b in found["buttons"]].count("form"), 1, "the app itself is no alternative")
        # What is hidden from a person is none either, and a stranger learns nothing of the request.
        self.database.execute("update apps set state = 'hidden' where name = 'Notepad++'")
        self.world.ask("alex", f"alternatives {number}", "I know nothing in the catalogue")
        self.assertIn(f"#{number}", self.world.ask("patti", f"alternatives {number}")["text"])
        self.assertNotIn("Contoso", self.world.ask("patti", f"alternatives {number}")["text"])

    def test_r22_who_wants_their_data_deleted_reads_what_is_kept_and_hears_of_the_end(self):
        """What the counter can delete is gone at once; admins, or the contact of the setting, deal with the rest, and one wish is open."""
        alex = f"oid = '{self.world.oid('alex')}'"
        number = self.world.ask_for("alex", "7zip")
        self.world.ask("alex", "digest daily", "once a day at")
        self.database.execute(f"insert into held_notices (tenant_id, oid, fact, text) select tenant_id, oid, 'test', 'Waits' from preferences where {alex}")
        first = self.world.ask("alex", "delete my data", "number 1")
        for words in ("Deleted just now", "preferences", "Kept, and why", "requests", "audit trail"):
            self.assertIn(words, first["text"])
        self.assertEqual(self.database.value(f"select count(*) from preferences where {alex}"), 0)
        self.assertEqual(self.database.value(f"select count(*) from group_members_cache where {alex}"), 0)
        self.assertEqual(self.world.state(number), "pending")
        again = self.world.ask("alex", "forget me", "number 1")
        self.assertIn("You have asked for this already", again["text"])
        # Nobody but those who deal with it sees it, or ends it.
        card = self.world.card_with("megan", "privacy_done", "Alex Wilber")
        for words in ("privacy 1", "privacy done 1 no"):
            self.assertIn("no wish number 1", self.world.ask("alex", words)["text"])
        pressed = self.tenant.press("megan", "privacy_done", {"reason": "The old list is gone."}, activity=card["id"])
        self.assertIn("A wish about data is dealt with", pressed["entry"]["text"])
        self.assertFalse(harness.has_button(pressed["entry"], "privacy_done"))
        self.tenant.wait("alex", "Megan Bowen has dealt with your wish 1 about your data: The old list is gone.")
        self.assertIn("dealt with", self.world.ask("megan", "privacy done 1")["text"])
        # The contact of the setting, who is no admin, in place of the admins.
        self.world.command("settings", "set", "PrivacyContactId", self.world.oid("lynne"))
        self.world.ask("alex", "delete my data", "Deleted just now")
        second = self.database.value("select id from privacy_tasks where state = 'open'")
        self.world.card_with("lynne", "privacy_done", "Alex Wilber")
        self.world.ask("lynne", f"privacy done {second}", "A wish about data is dealt with")
        self.tenant.wait("alex", f"Lynne Robbins has dealt with your wish {second}")
        told = f"select recipient_oid from outbox where fact = 'privacy.{second}' and kind = 'send'"
        self.assertEqual(self.database.column(told), [self.world.oid("lynne")])
        self.assertEqual(self.database.column("select action || ' ' || entity_id from audit_logs where entity_type = 'privacy' order by seq"),
                         ["privacy.asked 1", "privacy.done 1", f"privacy.asked {second}", f"privacy.done {second}"])
        self.world.check()

    def test_f14_a4_r12_a_question_goes_to_the_requester_and_its_answer_back_to_the_same_stage(self):
        number = self.world.ask_for("alex", "7zip")
        self.press("megan", "ask", number, question="For how long do you need it?")
        self.assertEqual(self.world.state(number), "needs_info")
        asked = self.tenant.wait("alex", "For how long do you need it?")
        self.assertIn("Megan Bowen", asked["text"])
        self.assertTrue(harness.has_button(asked, "answer"))
        self.assertTrue(harness.has_button(asked, "cancel"))
        self.shows("adele", number, "For how long do you need it?", "approve")
        pressed = self.press("alex", "answer", number, answer="Two weeks, for the audit")
        self.assertIn(f"#{number}", self.said(pressed))
        self.assertEqual(self.world.state(number), "pending")
        self.assertEqual(self.database.value(f"select stage from requests where id = {number}"), 1)
        for who in ("megan", "adele"):
            self.shows(who, number, "Two weeks, for the audit", "approve")
        self.assertEqual(len([f for f in self.told("megan", number) if f.endswith(".reply")]), 1)
        row = self.database.rows(f"select question, answer, asked_by from inquiries where request_id = {number}")
        self.assertEqual(len(row), 1)
        self.assertEqual((row[0]["question"], row[0]["answer"]), ("For how long do you need it?", "Two weeks, for the audit"))
        self.world.approve("adele", number)
        self.assertIn(self.world.state(number), ("fulfilling", "delivered"))
        self.assertEqual(self.actions(number)[:5],
                         ["request.created", "stage.opened", "inquiry.asked", "inquiry.answered", "decision.approved"])
        self.world.wait_state(number, "delivered", 120)
        self.world.check()

    def test_f14_the_clock_rests_while_a_question_is_open(self):
        number = self.world.ask_for("alex", "7zip")
        stage = f"from stages where request_id = {number} and state = 'open'"
        self.database.execute(f"update stages set deadline_at = now() + interval '5 hours' where request_id = {number}")
        self.world.ask("megan", f"ask {number} why not the built-in one?", f"#{number}")
        self.assertIsNone(self.database.value(f"select deadline_at {stage}"))
        left = self.database.value(f"select left_s {stage}")
        self.assertTrue(5 * 3600 - 300 < left <= 5 * 3600, left)
        self.database.execute(f"update stages set left_s = 3600 where request_id = {number}")
        self.world.ask("alex", f"answer {number} it cannot open them", f"#{number}")
        self.assertTrue(self.database.value(f"select deadline_at between now() + interval '50 min' and now() + interval '60 min' {stage}"))

    def test_f14_there_are_three_pauses_at_most(self):
        number = self.world.ask_for("alex", "7zip")
        for i in range(3):
            self.world.ask("megan", f"ask {number} question {i}?", f"#{number}")
            self.world.ask("alex", f"answer {number} answer {i}", f"#{number}")
        self.world.ask("megan", f"ask {number} once more?", "Three questions")
        self.assertEqual(self.world.state(number), "pending")
        self.assertFalse(harness.has_button(self.shows("megan", number, "answer 2", "approve"), "ask"))

    def test_f14_only_who_may_decide_asks_and_only_the_requester_answers(self):
        number = self.world.ask_for("alex", "7zip")
        for who in ("isaiah", "alex"):
            self.world.ask(who, f"ask {number} what is it?")
            self.assertEqual(self.world.state(number), "pending", who)
        self.world.ask("megan", f"ask {number} what for?", f"#{number}")
        for who in ("isaiah", "megan", "adele"):
            self.world.ask(who, f"answer {number} for me")
            self.assertEqual(self.world.state(number), "needs_info", who)

    def test_f14_a_second_question_waits_for_the_first_answer(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.ask("megan", f"ask {number} what for?", f"#{number}")
        self.answered("adele", f"ask {number} and why?", "asked_before")
        self.assertEqual(self.database.value(f"select count(*) from inquiries where request_id = {number}"), 1)

    def test_f14_the_card_of_an_earlier_question_answers_no_later_one(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.ask("megan", f"ask {number} first?", f"#{number}")
        old = self.shows("alex", number, "first?", "answer")
        button = next(b for b in old["buttons"] if b.get("verb") == "answer")
        self.world.ask("alex", f"answer {number} one", f"#{number}")
        self.world.ask("megan", f"ask {number} second?", f"#{number}")
        activity = {"type": "invoke", "name": "adaptiveCard/action", "replyToId": old["id"], "value": {"action": {
            "type": "Action.Execute", "verb": "answer", "data": {**button["data"], "answer": "late"}}, "trigger": "manual"}}
        self.assertEqual(self.tenant.send(activity, **{"as": "alex"})["status"], 200)
        self.assertEqual(self.world.state(number), "needs_info")
        self.assertEqual(self.database.column(f"select answer from inquiries where request_id = {number} order by id"), ["one", ""])

    def test_f14_a_question_that_is_open_can_be_decided_over(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.ask("megan", f"ask {number} what for?", f"#{number}")
        self.world.wait_notices()  # adele's card knows of the question
        self.world.approve("adele", number)
        self.assertIn(self.world.state(number), ("fulfilling", "delivered"))
        self.answered("alex", f"answer {number} for work", "no_question")


class TestEdits(Requests):
    def edit(self, who, number, **inputs):
        form = self.world.ask(who, f"edit {number}", f"Change request #{number}")
        return self.tenant.press(who, "edit_send", inputs, activity=form["id"])

    def test_r9_f13_an_edit_begins_anew_and_shows_what_has_changed(self):
        number = self.world.ask_for("alex", "pdf editor", justification="For contracts", q1="Contracts")
        self.world.wait_notices()
        form = self.press("alex", "edit", number)
        form = self.tenant.wait("alex", f"Change request #{number}", after=form["seq"])
        self.assertIn("begins the approval anew at stage 1", form["text"])
        self.assertIn("For contracts", str(form["card"]))
        pressed = self.tenant.press("alex", "edit_send", {"justification": "For manuals", "q1": "Manuals"}, activity=form["id"])
        self.assertIn(f"#{number}", self.said(pressed))
        row = self.database.rows(f"select state, version > 1 as newer, round, stage, justification from requests where id = {number}")[0]
        self.assertEqual((row["state"], row["round"], row["stage"], row["justification"]), ("pending", 2, 2, "For manuals"))
        self.assertTrue(row["newer"])
        for who in ("megan", "adele"):
            shown = self.shows(who, number, "Changed by Alex Wilber", "approve")
            for words in ("For contracts → For manuals", "Contracts → Manuals", "Which documents?"):
                self.assertIn(words, shown["text"], who)
        self.assertEqual(self.database.column(f"select answer from answers where request_id = {number} order by round"), ["Contracts", "Manuals"])
        self.tenant.press("adele", "approve", activity=shown["id"])
        self.assertIn(self.world.state(number), ("fulfilling", "delivered"))
        self.world.wait_state(number, "delivered", 120)
        self.world.check()

    def test_r8_the_list_says_what_comes_next_and_by_when(self):
        first = self.world.ask_for("alex", "7zip")
        second = self.world.ask_for("alex", "notepad++")
        self.database.execute(f"update stages set deadline_at = '2031-02-03 04:05Z' where request_id = {second}")
        self.world.ask("megan", f"ask {first} what for?", f"#{first}")
        listed = self.world.ask("alex", "my requests", "Your requests")["text"]
        self.assertLess(listed.index(f"#{second}"), listed.index(f"#{first}"))
        self.assertIn("Waiting for Adele Vance or Megan Bowen", listed)
        self.assertIn("2031-02-03", listed)
        self.assertIn("Waiting for your answer to a question", listed)

    def test_r8_one_of_the_list_is_withdrawn_there_once_it_is_confirmed(self):
        """Only what is the person's own and still waits can be chosen, whatever a forged press says."""
        first, second = self.world.ask_for("alex", "7zip"), self.world.ask_for("alex", "notepad++")
        theirs = self.world.ask_for("lynne", "7zip")
        late = self.world.ask_for("alex", "contoso reader", q1="Contracts")
        self.world.ask("megan", f"reject {late} no", f"#{late}")
        listed = self.world.ask("alex", "my requests", "Your requests")
        choices = next(part for part in walk(listed["card"]) if part.get("type") == "Input.ChoiceSet")
        self.assertEqual([choice["value"] for choice in choices["choices"]], [str(second), str(first)])
        self.assertEqual(len(listed["card"]["actions"]), 1)
        self.assertIn("Which request do you want to withdraw?", str(listed["card"]))
        pressed = self.tenant.press("alex", "cancel", {"chosen": str(first)}, activity=listed["id"])
        after = until(lambda: [e for e in self.tenant.shown("alex") if e["id"] == listed["id"] and f"#{first} for 7-Zip is withdrawn" in e["text"]],
                      "the list says so")[0]
        self.assertIn("Your requests", after["text"])
        self.assertEqual((pressed["status"], self.world.state(first), self.world.state(second)), (200, "cancelled", "pending"))
        self.assertIn("request.cancelled", self.actions(first))
        self.world.wait_notices()  # what is shown from here on is no change of the first list
        listed = self.world.ask("alex", "my requests", "Your requests")
        for forged in (theirs, "", "x"):
            pressed = self.tenant.press("alex", "cancel", {"chosen": str(forged)}, activity=listed["id"], force=True)
            self.assertIn("I know no request", self.said(pressed))
        self.assertEqual((self.world.state(theirs), self.world.state(second)), ("pending", "pending"))
        self.world.ask("megan", f"approve {second}", f"#{second}")
        self.tenant.press("alex", "cancel", {"chosen": str(second)}, activity=listed["id"])
        self.tenant.wait("alex", "cannot be withdrawn any more")
        self.assertNotEqual(self.world.state(second), "cancelled")
        self.world.wait_notices()
        done = self.world.ask("alex", "my requests", "Your requests")
        self.assertFalse(harness.has_button(done, "cancel"))
        self.world.wait_state(second, "delivered", 120)
        self.world.check()

    def test_r9_an_edit_without_a_difference_changes_nothing(self):
        number = self.world.ask_for("alex", "7zip", justification="the same")
        pressed = self.edit("alex", number, justification=" the same ")
        self.assertIn("stays as it is", self.said(pressed))
        self.assertEqual(self.database.value(f"select round from requests where id = {number}"), 1)

    def test_r9_only_the_requester_edits_and_only_while_undecided(self):
        number = self.world.ask_for("alex", "7zip")
        self.assertIn("I know no request", self.world.ask("lynne", f"edit {number}")["text"])
        form = self.world.ask("alex", f"edit {number}", f"Change request #{number}")
        self.world.approve("megan", number)
        pressed = self.tenant.press("alex", "edit_send", {"justification": "another"}, activity=form["id"])
        self.assertIn("cannot be changed any more", self.said(pressed))
        self.assertEqual(self.database.value(f"select round from requests where id = {number}"), 1)
        self.answered("alex", f"edit {number}", "closed")

    def test_e8_an_edit_and_an_approval_in_the_same_moment_are_one_of_them(self):
        for requester in ("alex", "isaiah", "patti", "lynne"):
            number = self.world.ask_for(requester, "7zip")
            form = self.world.ask(requester, f"edit {number}", f"Change request #{number}")
            card = self.world.card_of("megan", number)
            edited, approved = self.together(
                lambda: self.tenant.press(requester, "edit_send", {"justification": "another reason"}, activity=form["id"]),
                lambda: self.tenant.press("megan", "approve", activity=card["id"]))
            self.assertEqual({edited["status"], approved["status"]}, {200})
            won = self.database.value(f"select round from requests where id = {number}") == 2
            decided = self.database.value(f"select count(*) from decisions where request_id = {number}")
            self.assertEqual(decided, 0 if won else 1)
            self.assertIn("changed since your card was made" if won else "cannot be changed any more", self.said(approved if won else edited))

    def test_e8_f13_a_withdrawal_and_an_approval_in_the_same_moment_are_one_of_them(self):
        for requester in ("alex", "isaiah", "patti", "lynne"):
            number = self.world.ask_for(requester, "7zip")
            self.world.wait_notices()
            card = self.world.card_of("megan", number)
            receipt = self.world.card_of(requester, number, "cancel")
            cancelled, approved = self.together(
                lambda: self.tenant.press(requester, "cancel", activity=receipt["id"]),
                lambda: self.tenant.press("megan", "approve", activity=card["id"]))
            self.assertEqual({cancelled["status"], approved["status"]}, {200})
            won = self.world.state(number) == "cancelled"
            self.assertEqual(self.database.value(f"select count(*) from decisions where request_id = {number}"), 0 if won else 1)
            self.assertIn("Withdrawn" if won else "cannot be withdrawn", self.said(approved if won else cancelled))

    def test_f13_an_approver_with_an_old_card_hears_that_it_is_withdrawn(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        self.tenant.fault(match="connector", method="PUT", status=503, count=-1)
        self.tenant.say("alex", f"cancel {number}")
        self.world.wait_state(number, "cancelled")
        pressed = self.tenant.press("megan", "approve", activity=card["id"])
        self.assertIn("Withdrawn", self.said(pressed))
        self.assertEqual(self.database.value("select count(*) from jobs where kind = 'package'"), 0)
        self.tenant.clear_faults()

    def test_e9_a_card_from_before_an_edit_decides_nothing_and_is_made_fresh(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        self.tenant.fault(match="connector", method="PUT", status=503, count=-1)
        self.edit("alex", number, justification="something else")
        pressed = self.tenant.press("megan", "approve", activity=card["id"])
        self.assertIn("changed since your card was made", self.said(pressed))
        self.assertEqual(self.database.value(f"select count(*) from decisions where request_id = {number}"), 0)
        self.assertIn("something else", str(pressed["entry"]["card"]))
        again = self.tenant.press("megan", "approve", activity=pressed["entry"]["id"])
        self.assertEqual(again["status"], 200)
        self.assertEqual(self.database.value(f"select count(*) from decisions where request_id = {number}"), 1)
        self.tenant.clear_faults()

    def test_e20_a_message_that_is_edited_or_deleted_later_changes_nothing(self):
        number = self.world.ask_for("alex", "7zip", justification="as I wrote it")
        before = self.database.rows(f"select state, version, justification from requests where id = {number}")
        for kind in ("messageUpdate", "messageDelete"):
            activity = {"type": kind, "text": f"cancel {number}", "channelData": {"eventType": "editMessage"}}
            sent = self.tenant.send(activity, **{"as": "alex"})
            self.assertIn(sent["status"], (200, 202), kind)
            until(lambda: f'"activity":"{sent["activity"]["id"]}"' in self.world.log(), f"the log tells of the {kind}")
        self.assertEqual(self.database.rows(f"select state, version, justification from requests where id = {number}"), before)


class TestApprovers(Requests):
    def test_r11_a_reminder_once_a_day_to_those_whose_voice_is_awaited(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.wait_notices()
        done = self.press("alex", "nudge", number)
        for name in ("Megan Bowen", "Adele Vance", "24 hours"):
            self.assertIn(name, self.said(done))
        for who in ("megan", "adele"):
            self.assertEqual(len([f for f in self.told(who, number) if f.endswith(".nudge")]), 1, who)
        self.world.ask("alex", f"nudge {number}", "24 hours")
        count = f"select count(*) from outbox where fact like 'request.{number}.%.nudge'"
        self.assertEqual(self.database.value(count), 2)
        self.database.execute(f"update requests set nudged_at = nudged_at - interval '25 hours' where id = {number}")
        self.assertIn("I reminded", self.world.ask("alex", f"nudge {number}")["text"])
        self.assertEqual(self.database.value(count), 4)
        self.assertIn("I know no request", self.world.ask("lynne", f"nudge {number}")["text"])
        self.world.check()

    def test_f15_a5_an_approver_gives_less_and_the_requester_sees_both(self):
        number = self.world.ask_for("alex", "7zip")
        self.database.execute(f"update requests set wanted_days = 365 where id = {number}")
        self.press("megan", "approve", number, days="30")
        self.assertEqual(self.database.value(f"select granted_days from requests where id = {number}"), 30)
        told = self.tenant.wait("alex", "Good news")
        self.assertIn("30 days", told["text"])
        self.assertIn("365 days", told["text"])
        self.shows("alex", number, "30 days (asked for: 365 days)")
        details = self.database.value("select details from audit_logs where action = 'decision.approved'")
        self.assertIn('"granted_days": 30', str(details).replace("'", '"'))

    def test_f15_a5_typed_and_never_wider(self):
        number = self.world.ask_for("alex", "7zip")
        self.database.execute(f"update requests set wanted_days = 30 where id = {number}")
        self.world.ask("megan", f"approve {number} 90 days", f"#{number}")
        self.assertEqual(self.world.state(number), "pending")
        self.world.ask("megan", f"approve {number} 14 days", f"#{number}")
        self.assertEqual(self.database.value(f"select granted_days from requests where id = {number}"), 14)

    def test_a6_who_hands_over_decides_no_more_and_the_new_one_does(self):
        number = self.world.ask_for("alex", "7zip")
        pressed = self.press("megan", "hand_over", number)
        choice = self.tenant.wait("megan", f"Hand over request #{number}", after=pressed["seq"])
        self.assertIn("Adele Vance", str(choice["card"]))
        self.assertEqual([i["choices"] for i in choice["inputs"]], [[{"type": "Input.Choice", "title": "Adele Vance", "value": self.world.oid("adele")}]])
        self.tenant.press("megan", "hand_over", {"person": self.world.oid("adele")}, activity=choice["id"])
        rows = self.database.rows(f"select oid, state, via from stage_approvers where request_id = {number}")
        self.assertEqual({r["oid"]: (r["state"], r["via"]) for r in rows},
                         {self.world.oid("megan"): ("replaced", "group"), self.world.oid("adele"): ("asked", "handover")})
        self.assertEqual(len([f for f in self.told("adele", number) if f.endswith(".handover")]), 1)
        self.shows("alex", number, "Waiting for Adele Vance")
        self.world.ask("megan", f"approve {number}")
        self.assertEqual(self.world.state(number), "pending")
        self.world.approve("adele", number)
        self.assertIn(self.world.state(number), ("fulfilling", "delivered"))
        self.world.wait_state(number, "delivered", 120)
        self.world.check()

    def test_a6_never_to_a_party_or_to_who_may_not_decide(self):
        number = self.world.ask_for("alex", "7zip")
        for name in ("Alex Wilber", "Isaiah Langer", "Nobody At All"):
            self.world.ask("megan", f"hand over {number} to {name}", f"{name} cannot take")
        self.assertEqual(self.database.value(f"select count(*) from stage_approvers where request_id = {number} and state = 'asked'"), 2)
        self.answered("megan", f"hand over {number} to adele vance", "handed_over")
        self.assertEqual(self.database.value(f"select count(*) from stage_approvers where request_id = {number} and state = 'asked'"), 1)

    def test_a13_an_approval_is_taken_back_before_the_app_is_there(self):
        self.tenant.fault(match="cdn", status=503, count=-1)
        number = self.world.ask_for("alex", "7zip")
        decided = self.world.approve("megan", number)
        self.assertTrue(harness.has_button(decided["entry"], "undo"))
        asks = self.world.ask("megan", f"undo {number}", "Take your decision back?")
        self.tenant.press("megan", "undo", {"reason": "Pressed the wrong one."}, activity=asks["id"])
        row = self.database.rows(f"select state, stage, round, job_id from requests where id = {number}")[0]
        self.assertEqual((row["state"], row["stage"], row["round"], row["job_id"]), ("pending", 2, 2, None))
        told = self.tenant.wait("alex", "took back the decision")
        self.assertIn("Megan Bowen", told["text"])
        self.assertIn("Pressed the wrong one.", told["text"])
        card = self.shows("adele", number, "Pressed the wrong one.", "approve")
        self.tenant.clear_faults()
        self.tenant.press("adele", "approve", activity=card["id"])
        self.world.let_time_pass()
        self.world.wait_state(number, "delivered", 120)
        self.assertEqual(len([f for f in self.told("alex", number) if f.endswith(".approved")]), 2)
        self.world.check()

    def test_a13_a_rejection_is_taken_back(self):
        number = self.world.ask_for("alex", "7zip")
        self.press("megan", "reject", number, reason="no")
        self.world.ask("megan", f"undo {number} I was wrong", f"#{number}")
        self.assertEqual(self.world.state(number), "pending")
        self.tenant.wait("alex", "I was wrong")
        card = self.shows("adele", number, "I was wrong", "reject")
        self.tenant.press("adele", "reject", {"reason": "still no"}, activity=card["id"])
        self.tenant.wait("alex", "still no")
        self.assertEqual(self.world.state(number), "rejected")
        self.assertEqual(self.database.value(f"select count(*) from decisions where request_id = {number} and is_final"), 2)

    def test_a13_only_in_time_only_by_who_decided_and_only_once_asked_for(self):
        number = self.world.ask_for("alex", "7zip")
        self.press("megan", "reject", number, reason="no")
        self.world.ask("adele", f"undo {number} me too", "Only whoever made")
        self.world.ask("isaiah", f"undo {number} me too", "I know no request")
        again = self.world.ask_for("alex", "7zip")
        self.world.ask("megan", f"undo {number} wrong", f"That is request #{again}")
        self.world.ask("alex", f"cancel {again}", f"#{again}")
        self.database.execute("alter table decisions disable trigger user")
        self.database.execute(f"update decisions set decided_at = now() - interval '16 minutes' where request_id = {number}")
        self.world.ask("megan", f"undo {number} wrong", "15 minutes")
        self.assertEqual(self.world.state(number), "rejected")

    def test_f10_each_change_of_state_is_one_message_that_names_who_and_why(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.ask("megan", f"ask {number} what for?", f"#{number}")
        self.world.ask("alex", f"answer {number} for work", f"#{number}")
        card = self.shows("megan", number, "for work", "reject")
        self.tenant.press("megan", "reject", {"reason": "not for that"}, activity=card["id"])
        self.world.ask("megan", f"undo {number} a mistake", f"#{number}")
        card = self.shows("adele", number, "a mistake", "approve")
        self.tenant.press("adele", "approve", activity=card["id"])
        self.world.wait_state(number, "delivered", 120)
        self.world.wait_notices()
        told = [fact.split(".")[-1] for fact in self.told("alex", number)]
        self.assertEqual(told, ["question", "rejected", "undone", "approved", "delivered"])
        texts = self.database.column(
            "select coalesce(nullif(activity::jsonb->>'text', ''), activity::jsonb->>'summary') as text from outbox where kind = 'send'"
            f" and recipient_oid = '{self.world.oid('alex')}' and request_id = {number} and fact not like 'reply.%' order by id")
        for text, words in zip(texts, (("Megan Bowen", "what for?"), ("Megan Bowen", "not for that"), ("Megan Bowen", "a mistake"),
                                       ("Adele Vance",), ("7-Zip",))):
            for word in words:
                self.assertIn(word, text)

    # ---- several apps in one go (product R18, G20) ----

    def test_r18_g20_several_apps_in_one_form_are_requests_of_their_own_with_one_receipt(self):
        self.world.policy([
            {"name": "editors", "priority": 1, "match": {"packages": ["Notepad++.Notepad++"]}, "grant_days": 30, "grant_max_days": 90,
             "stages": [{"ask": "group"}]},
            {"name": "rest", "priority": 2, "stages": [{"ask": "group"}]}])
        self.world.command("catalog", "add", "Acme.Salt", "--name", "Salt")
        form = self.world.ask("alex", "I need 7zip, notepad++, salt and contoso pdf reader", "Ask for several apps")
        self.assertIn("asks questions of its own", form["text"])
        apps = {row["winget_id"]: row["id"] for row in self.database.rows("select winget_id, id from apps")}
        zip_id, notes_id = apps["7zip.7zip"], apps["Notepad++.Notepad++"]
        again = self.tenant.press("alex", "cart_send", {"justification": " "}, activity=form["id"], force=True)
        self.assertIn("is empty", again["entry"]["text"])
        self.database.execute("update apps set state = 'hidden' where name = 'Salt'")  # meanwhile
        sent = self.tenant.press("alex", "cart_send", {"justification": "New laptop", f"days_{notes_id}": "90"}, activity=form["id"])
        for words in ("Your 3 apps", "0 of 3 ready, 2 on the way, 1 not approved", "not in the catalogue any more"):
            self.assertIn(words, sent["entry"]["text"])
        rows = self.database.rows("select id, app_id, justification, wanted_days, bundle_id, policy_name from requests order by id")
        self.assertEqual([(r["app_id"], r["justification"], r["wanted_days"], r["policy_name"]) for r in rows],
                         [(zip_id, "New laptop", None, "rest"), (notes_id, "New laptop", 90, "editors")])
        self.assertEqual(len({r["bundle_id"] for r in rows}), 1)
        first, second = (r["id"] for r in rows)
        self.assertEqual([self.actions(n).count("request.created") for n in (first, second)], [1, 1])
        # The same press once more, and another form for the same: nothing new.
        self.assertEqual(self.tenant.send(sent["activity"])["body"], sent["body"])
        self.world.ask("alex", "several 7zip, notepad++", "already")
        self.assertEqual(self.database.value("select count(*) from requests"), 2)
        # Each is decided by itself; the one receipt shows both.
        self.world.approve("megan", first)
        card = self.world.card_of("adele", second, "reject")
        self.tenant.press("adele", "reject", {"reason": "There is an editor already"}, activity=card["id"])
        self.world.wait_state(first, "delivered", 120)
        receipt = sent["entry"]["id"]

        def shown():
            return next(e for e in self.tenant.shown("alex") if e["id"] == receipt)["text"]
        until(lambda: "1 of 3 ready, 2 not approved" in shown(), "the receipt tells the partial outcome")
        self.assertIn("There is an editor already", shown())
        self.world.check()

    def test_r18_a_name_with_and_in_it_and_one_app_alone_are_no_cart(self):
        self.world.command("catalog", "add", "Acme.Salt", "--name", "Salt and Pepper")
        for text in ("salt and pepper", "7zip, thanks", "7zip and archives"):
            self.assertNotIn("several apps", self.world.ask("alex", text)["text"], text)
        self.world.ask("alex", "several", "with commas between them")

    def test_g20_two_of_a_bundle_that_change_at_once_are_both_on_its_receipt(self):
        form = self.world.ask("alex", "7zip and notepad++", "Ask for several apps")
        sent = self.tenant.press("alex", "cart_send", {"justification": "New laptop"}, activity=form["id"])
        first, second = self.database.column("select id from requests order by id")
        self.together(lambda: self.tenant.say("megan", f"reject {first} no"), lambda: self.tenant.say("adele", f"reject {second} no"))
        until(lambda: "2 not approved" in next(e for e in self.tenant.shown("alex") if e["id"] == sent["entry"]["id"])["text"],
              "the receipt shows both", 15)

    def test_e25_e26_every_card_can_be_read_aloud_and_used_on_a_phone(self):
        number = self.world.ask_for("alex", "pdf editor", q1="Contracts")
        self.world.ask("megan", f"ask {number} what for?", f"#{number}")
        for who, words in (("alex", f"edit {number}"), ("alex", "status"), ("megan", f"hand over {number}"), ("megan", "pending"),
                           ("megan", "help"), ("alex", "preferences"), ("alex", f"why {number}"), ("alex", "7zip and notepad++")):
            self.world.ask(who, words)
        self.world.wait_notices()
        cards = [(e, e["card"]) for who in ("alex", "megan", "adele") for e in self.tenant.shown(who) if e["from"] == "bot" and e.get("card")]
        self.assertGreater(len(cards), 10)
        for entry, card in cards:
            with self.subTest(card=entry["text"].splitlines()[0]):
                self.check_accessible(card)

    def check_accessible(self, card):
        self.assertTrue(card["fallbackText"].strip())
        self.assertLessEqual(len(card.get("actions", [])), 5)
        parts = list(walk(card))
        self.assertTrue([p for p in parts if p.get("type") == "TextBlock" and p.get("style") == "heading" and p["text"].strip()])
        for part in parts:
            kind = part.get("type", "")
            if kind.startswith("Input.") and kind != "Input.Choice":
                self.assertTrue((part["title"] if kind == "Input.Toggle" else part["label"]).strip(), part)
            elif kind == "Image":
                self.assertTrue(part["altText"].strip(), part)
            elif kind == "ColumnSet":
                self.assertLessEqual(len(part["columns"]), 2, part)
            elif kind == "TextBlock":
                self.assertTrue(part["wrap"], part)
            elif kind == "Action.Execute":
                self.assertEqual((part["fallback"]["type"], part["fallback"]["data"]), ("Action.Submit", part["data"]), part)


class TestStages(Requests):
    """Alex's manager is Isaiah; then the approvers, Megan and Adele, agree."""

    POLICY = {"name": "two", "priority": 10, "stages": [{"ask": "manager"}, {"ask": "group"}],
              "grant_days": 90, "grant_max_days": 180, "undo_min": 5}

    def setUp(self):
        super().setUp()
        path = self.world.folder / "policies.json"
        path.write_text(json.dumps({"policies": [self.POLICY]}))
        self.world.command("policy", "import", path)

    def stages(self, number):
        return [(row["round"], row["step"], row["kind"], row["state"]) for row in self.database.rows(
            f"select round, step, kind, state from stages where request_id = {number} order by ordinal")]

    def test_r9_an_edit_at_the_second_stage_begins_again_at_the_first(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("isaiah", number)
        card = self.world.card_of("megan", number)
        form = self.world.ask("alex", f"edit {number}", f"Change request #{number}")
        self.tenant.press("alex", "edit_send", {"justification": "something else"}, activity=form["id"])
        self.assertEqual(self.stages(number), [(1, 1, "manager", "approved"), (1, 2, "group", "closed"),
                                               (2, 1, "manager", "open"), (2, 2, "group", "waiting")])
        self.shows("isaiah", number, "→ something else", "approve")
        until(lambda: not harness.has_button(next(e for e in self.tenant.shown("megan") if e["id"] == card["id"]), "approve"),
              "megan's card has no button any more")
        self.answered("megan", f"approve {number}", "not_approver")
        self.assertEqual(self.database.value(f"select count(*) from decisions where request_id = {number} and ordinal > 1"), 0)

    def test_a13_a_rejection_at_the_second_stage_opens_that_stage_again(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("isaiah", number)
        self.press("megan", "reject", number, reason="no")
        self.answered("isaiah", f"undo {number} me first", "not_yours")
        self.answered("megan", f"undo {number} not that one", "undone")
        self.assertEqual(self.stages(number), [(1, 1, "manager", "approved"), (1, 2, "group", "rejected"), (2, 2, "group", "open")])
        card = self.shows("adele", number, "not that one", "approve")
        self.tenant.press("adele", "approve", activity=card["id"])
        self.assertIn(self.world.state(number), ("fulfilling", "delivered"))
        self.world.wait_state(number, "delivered", 120)
        self.world.check()

    def test_a13_f15_what_an_earlier_stage_left_of_the_days_stays_when_a_later_decision_is_taken_back(self):
        number = self.world.ask_for("alex", "7zip")
        self.press("isaiah", "approve", number, days="30")
        self.press("megan", "reject", number, reason="no")
        self.answered("megan", f"undo {number} not that one", "undone")
        self.answered("adele", f"approve {number} 60 days", "wider")
        self.answered("adele", f"approve {number}", "decided")
        self.assertEqual(self.database.value(f"select granted_days from requests where id = {number}"), 30)

    def test_a13_the_policy_says_how_long_a_decision_can_be_taken_back(self):
        number = self.world.ask_for("alex", "7zip")
        self.press("isaiah", "reject", number, reason="no")
        self.database.execute("alter table decisions disable trigger user")
        self.database.execute(f"update decisions set decided_at = now() - interval '6 minutes' where request_id = {number}")
        self.world.ask("isaiah", f"undo {number} wrong", "can be taken back for 5 minutes")

    def test_f15_the_form_offers_what_the_policy_gives_and_each_stage_may_only_shorten_it(self):
        form = self.world.open_form("alex", "7zip")
        days = next(i for i in form["inputs"] if i["id"] == "days")
        self.assertEqual((days["value"], [c["value"] for c in days["choices"]]), ("90", ["7", "14", "30", "90", "180"]))
        self.tenant.press("alex", "submit", {"justification": "for the audit", "days": "180"}, activity=form["id"])
        number = self.database.value("select max(id) from requests")
        self.assertEqual(self.database.value(f"select wanted_days from requests where id = {number}"), 180)
        self.press("isaiah", "approve", number, days="30")
        card = self.world.card_of("megan", number)
        days = next(i for i in card["inputs"] if i["id"] == "days")
        self.assertEqual((days["value"], [c["value"] for c in days["choices"]]), ("30", ["7", "14", "30"]))
        self.answered("megan", f"approve {number} 60 days", "wider")
        self.tenant.press("megan", "approve", {"days": "14"}, activity=card["id"])
        told = self.tenant.wait("alex", "Good news")
        self.assertIn("14 days", told["text"])
        self.assertIn("180 days", told["text"])
        form = self.database.rows(f"select wanted_days, granted_days from requests where id = {number}")[0]
        self.assertEqual((form["wanted_days"], form["granted_days"]), (180, 14))


if __name__ == "__main__":
    unittest.main(verbosity=2)
