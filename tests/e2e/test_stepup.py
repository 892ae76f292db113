# SPDX-License-Identifier: Apache-2.0
"""Approving an app of high risk wants a fresh sign-in of the very person: asked for, waited for, judged, and decided once."""
import json
import re
import unittest
import urllib.error
import urllib.request

import harness

MAX_AGE_S = 900
CONTEXT = "c1"
LOGIN = "application/vnd.microsoft.activity.loginRequest"
AGAIN = "application/vnd.microsoft.error.preconditionFailed"


class StepUpTest(harness.WorldTest):
    settings = {"stepup.connection": "signin", "stepup.max_age_s": str(MAX_AGE_S)}

    def begin(self):
        super().begin()
        self.database.execute("update apps set classification = 'high' where winget_id = '7zip.7zip'")

    def decisions(self, number):
        return self.database.rows(f"select oid, decision, reason, granted_days from decisions where request_id = {number}")

    def refused(self, number):
        """Why sign-ins about the request did not do."""
        return [row["details"]["reason"] for row in self.world.trail(number) if row["action"] == "stepup.refused"]

    def asked(self, who="alex", **more):
        """A request of high risk, and megan's press of its button, which decides nothing yet."""
        number = self.world.ask_for(who, "7zip")
        pressed = self.world.approve("megan", number, **more)
        self.assertEqual((pressed["status"], pressed["body"]["statusCode"], pressed["body"]["type"]), (200, 401, LOGIN))
        self.assertEqual(self.decisions(number), [])
        return number, pressed

    def sign_in(self, **how):
        how.setdefault("age_s", 5)
        return self.tenant.sign_in("megan", **how)

    def check_proof(self, number):
        proof, = [row["details"] for row in self.world.trail(number) if row["action"] == "decision.approved"]
        self.assertRegex(proof["signed_in_at"], r"^20\d\d-\d\d-\d\dT")
        return proof

    def no_token_anywhere(self):
        rows = self.database.rows("select (select json_agg(s) from stepups s)::text || (select json_agg(i) from inbox i)::text"
                                  " || (select json_agg(o) from outbox o)::text || (select json_agg(a) from audit_logs a)::text as text")
        self.assertNotIn("eyJ", str(rows))
        self.assertNotIn("eyJ", self.world.log())


class TestStepUp(StepUpTest):
    def test_a2_a_press_waits_for_a_sign_in_and_is_decided_once(self):
        number, pressed = self.asked()
        card = pressed["body"]["value"]
        self.assertEqual(card["connectionName"], "signin")
        self.assertIn("7-Zip for Alex Wilber", card["text"])
        self.assertEqual((card["buttons"][0]["type"], card["buttons"][0]["title"]), ("signin", "Sign in"))
        self.assertTrue(card["tokenExchangeResource"]["id"] and card["tokenExchangeResource"]["uri"].startswith("api://"))
        self.assertEqual(self.world.state(number), "pending")
        done = self.sign_in(silent=True)
        self.assertEqual(done["body"]["statusCode"], 200)
        self.assertIn("You approved", done["entry"]["text"])
        self.assertEqual(self.decisions(number), [{"oid": self.world.oid("megan"), "decision": "approved", "reason": "", "granted_days": None}])
        self.check_proof(number)
        # The same exchange again, as another activity: answered so that the client stops, and nothing is decided anew.
        again = self.sign_in(silent=True)
        self.assertEqual((again["status"], again["body"]["statusCode"], again["body"]["type"]), (200, 412, AGAIN))
        self.assertEqual(len(self.decisions(number)), 1)
        # The same activity again is answered as it was.
        self.assertEqual(self.tenant.send(done["activity"])["body"], done["body"])
        self.no_token_anywhere()
        self.world.wait_state(number, "delivered", 120)
        self.world.check()

    def test_a2_a_token_that_the_client_had_anyway_is_too_old_and_the_page_brings_a_new_one(self):
        number, _ = self.asked()
        old = self.sign_in(silent=True, age_s=MAX_AGE_S + 60)
        self.assertEqual((old["body"]["statusCode"], old["body"]["type"]), (412, AGAIN))
        self.assertIn("too old", old["body"]["value"]["message"])
        self.assertEqual((self.decisions(number), self.refused(number)), ([], ["stale"]))
        done = self.sign_in()
        self.assertIn("You approved", done["entry"]["text"])
        self.assertEqual(len(self.decisions(number)), 1)
        self.assertTrue(self.tenant.calls(surface="usertoken", method="DELETE"), "the service's own copy is dropped")
        self.no_token_anywhere()

    def test_a2_what_does_not_prove_a_fresh_sign_in_of_this_person_decides_nothing(self):
        number, _ = self.asked()
        cases = (
            ({"age_s": MAX_AGE_S + 60}, "stale", "too old"),
            ({"age_s": -1}, "stale", "too old"),  # the token does not say
            ({"person": "adele"}, "other_person", "somebody else"),
            ({"audience": "00000000-0000-4000-8000-0000000000ff"}, "audience", "could not be verified"),
            ({"tenant": "00000000-0000-4000-8000-0000000000fe"}, "invalid", "could not be verified"),
            ({"forged": True}, "invalid", "could not be verified"),
            ({"expired": True}, "expired_token", "could not be verified"),
        )
        for how, reason, words in cases:
            with self.subTest(reason=reason, how=how):
                said = self.sign_in(**how)
                self.assertEqual((said["status"], said["body"]["statusCode"]), (200, 200))
                self.assertIn(words, said["message"])
                self.assertEqual(self.refused(number)[-1], reason)
                self.assertEqual(self.decisions(number), [])
        self.assertEqual(len(self.refused(number)), len(cases))
        history = self.world.ask("megan", f"history {number}", "did not sign in as it is wanted")
        self.assertIn("Megan Bowen", history["text"])
        self.sign_in()
        self.assertEqual(len(self.decisions(number)), 1)
        self.world.check()

    def test_a2_a_client_that_sends_the_code_by_itself_decides_as_well(self):
        number, _ = self.asked()
        said = self.sign_in(alone=True)
        self.assertEqual((said["activity"]["name"], said["status"], said["body"]), ("signin/verifyState", 200, {}))
        self.tenant.wait("megan", "You approved")
        self.assertEqual(len(self.decisions(number)), 1)
        self.world.check()

    def test_a2_a_code_that_brings_nothing_decides_nothing(self):
        number, pressed = self.asked()
        value = {**pressed["activity"]["value"], "state": "123456"}
        activity = {k: v for k, v in pressed["activity"].items() if k != "id"}
        said = self.tenant.send({**activity, "value": value}, **{"as": "megan"})
        self.assertIn("could not be verified", said["body"]["value"])
        self.assertEqual((self.decisions(number), self.refused(number)), ([], ["no_token"]))

    def test_a2_after_five_minutes_the_sign_in_comes_too_late(self):
        number, _ = self.asked()
        self.world.age(minutes=6)
        said = self.sign_in()
        self.assertIn("five minutes", said["message"])
        self.assertEqual((self.decisions(number), self.refused(number)), ([], ["over"]))
        self.assertEqual(self.world.approve("megan", number)["body"]["statusCode"], 401)
        self.sign_in()
        self.assertEqual(len(self.decisions(number)), 1)

    def test_a2_all_other_checks_are_made_when_the_sign_in_has_come(self):
        number, _ = self.asked()
        self.world.ask("adele", f"reject {number} not for this team", "You rejected")
        said = self.sign_in()
        self.assertIn("Already decided by Adele Vance", said["entry"]["text"])
        self.assertEqual([d["decision"] for d in self.decisions(number)], ["rejected"])
        changed, _ = self.asked("lynne")
        form = self.world.ask("lynne", f"edit {changed}", "Change request")
        self.tenant.press("lynne", "edit_send", {"justification": "For something else"}, activity=form["id"])
        self.assertIn("changed since your card", self.sign_in()["entry"]["text"])
        self.assertEqual(self.decisions(changed), [])
        left, _ = self.asked("isaiah")
        self.world.members("Approvers", remove=["megan"])
        self.assertIn("no longer an approver", self.sign_in()["message"])
        self.assertEqual(self.decisions(left), [])
        self.world.check()

    def test_a2_who_may_not_decide_is_told_so_before_any_sign_in(self):
        number = self.world.ask_for("megan", "7zip")
        self.world.ask("megan", f"approve {number}", "cannot decide your own")
        self.assertEqual(self.database.value("select count(*) from stepups"), 0)
        self.assertEqual(self.tenant.calls(surface="usertoken"), [])

    def test_a2_low_risk_and_rejections_are_decided_at_once(self):
        low = self.world.ask_for("alex", "notepad++")
        self.world.approve("megan", low)
        self.assertEqual(len(self.decisions(low)), 1)
        high = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", high, "reject")
        self.tenant.press("megan", "reject", {"reason": "not needed"}, activity=card["id"])
        self.assertEqual(self.decisions(high)[0]["decision"], "rejected")
        self.assertEqual(self.tenant.calls(surface="usertoken"), [])
        self.world.check()

    def test_a2_typed_words_ask_by_a_card_and_the_client_signs_in_silently(self):
        number = self.world.ask_for("alex", "7zip")
        asked = self.world.ask("megan", f"approve {number} for the audit", "fresh sign-in")
        self.assertEqual(asked["signin"]["connectionName"], "signin")
        self.assertEqual(self.decisions(number), [])
        seq = self.tenant.seq()
        old = self.sign_in(silent=True, age_s=MAX_AGE_S + 60)
        self.assertEqual(old["status"], 412)
        self.assertIn("too old", old["body"]["failureDetail"])
        self.assertEqual(self.tenant.shown("megan", after=seq), [])
        done = self.sign_in(silent=True)
        self.assertEqual((done["status"], done["body"]["id"]), (200, asked["signin"]["tokenExchangeResource"]["id"]))
        self.tenant.wait("megan", "You approved", after=seq)
        self.assertEqual([d["reason"] for d in self.decisions(number)], ["for the audit"])
        self.check_proof(number)
        # Another of the person's clients brings the same exchange.
        self.assertEqual(self.sign_in(silent=True)["status"], 412)
        self.assertEqual(len(self.decisions(number)), 1)
        self.no_token_anywhere()
        self.world.check()

    def test_a2_typed_words_and_the_pages_code(self):
        number = self.world.ask_for("alex", "7zip")
        self.world.ask("megan", f"approve {number}", "fresh sign-in")
        seq = self.tenant.seq()
        self.assertEqual(self.sign_in(person="adele")["status"], 200)
        self.tenant.wait("megan", "somebody else", after=seq)
        self.assertEqual((self.decisions(number), self.refused(number)), ([], ["other_person"]))
        self.assertEqual(self.sign_in()["status"], 200)
        self.tenant.wait("megan", "You approved", after=seq)
        self.assertEqual(len(self.decisions(number)), 1)

    def test_a2_the_submit_of_an_old_client_asks_by_a_card(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        fallback = next(b for b in card["buttons"] if b.get("verb") == "approve")["data"]
        seq = self.tenant.seq()
        self.tenant.send({"type": "message", "text": None, "value": fallback, "replyToId": card["id"]}, **{"as": "megan"})
        self.assertIn("signin", self.tenant.wait("megan", "fresh sign-in", after=seq))
        self.assertEqual(self.decisions(number), [])
        self.sign_in(silent=True)
        self.assertEqual(len(self.decisions(number)), 1)

    def test_a2_somebody_elses_exchange_is_nobodys(self):
        number = self.world.ask_for("alex", "7zip")
        asked = self.world.ask("megan", f"approve {number}", "fresh sign-in")
        value = {"id": asked["signin"]["tokenExchangeResource"]["id"], "connectionName": "signin", "token": "a.b.c"}
        for name, status in (("signin/tokenExchange", 412), ("signin/verifyState", 200)):
            said = self.tenant.send({"type": "invoke", "name": name, "value": {**value, "state": "123456"}}, **{"as": "adele"})
            self.assertEqual(said["status"], status)
        self.tenant.wait("adele", "Nothing waits for a sign-in of yours")
        self.assertEqual((self.decisions(number), self.refused(number)), ([], []))

    def test_a2_several_are_decided_by_one_sign_in(self):
        numbers = [self.world.ask_for("alex", "7zip"), self.world.ask_for("lynne", "notepad++")]
        ticks = {f"pick_{n}": f"{n}:{self.database.value(f'select version from requests where id = {n}')}" for n in numbers}
        listed = self.world.ask("megan", "pending", "Waiting for your decision")
        asked = self.tenant.press("megan", "bulk_approve", ticks, activity=listed["id"])["entry"]
        pressed = self.tenant.press("megan", "bulk_approve_yes", activity=asked["id"])
        self.assertEqual((pressed["body"]["statusCode"], pressed["body"]["type"]), (401, LOGIN))
        self.assertEqual([self.decisions(n) for n in numbers], [[], []])
        self.assertEqual(self.sign_in(silent=True, age_s=MAX_AGE_S + 60)["body"]["statusCode"], 412)
        self.assertEqual([self.refused(n) for n in numbers], [["stale"], ["stale"]])
        done = self.sign_in()
        self.assertIn("2 of 2 requests decided", done["entry"]["text"])
        self.assertEqual([len(self.decisions(n)) for n in numbers], [1, 1])
        self.check_proof(numbers[0])
        self.assertEqual(self.sign_in(silent=True)["body"]["statusCode"], 412)
        self.world.check()

    def test_a2_typed_lists_ask_by_a_card(self):
        numbers = [self.world.ask_for(who, "7zip") for who in ("alex", "lynne")]
        self.world.ask("megan", f"approve {numbers[0]}, {numbers[1]}", "Approve 2 requests?")
        self.world.ask("megan", f"confirm approve {numbers[0]}, {numbers[1]}", "apps of high risk")
        self.assertEqual([self.decisions(n) for n in numbers], [[], []])
        seq = self.tenant.seq()
        self.sign_in(silent=True)
        self.tenant.wait("megan", "2 of 2 requests decided", after=seq)
        self.assertEqual([len(self.decisions(n)) for n in numbers], [1, 1])

    def test_a2_a_refresh_starts_nothing(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        button = next(b for b in card["buttons"] if b.get("verb") == "approve")
        value = {"action": {"type": "Action.Execute", "verb": "approve", "data": button["data"]}, "trigger": "automatic"}
        for more in ({}, {"state": "123456"}, {"authentication": {"id": "x", "connectionName": "signin", "token": "a.b.c"}}):
            said = self.tenant.send({"type": "invoke", "name": "adaptiveCard/action", "value": {**value, **more}, "replyToId": card["id"]},
                                    **{"as": "megan"})
            self.assertEqual(said["body"]["statusCode"], 200)
        self.assertEqual(self.database.value("select count(*) from stepups"), 0)
        self.assertEqual((self.decisions(number), self.tenant.calls(surface="usertoken")), ([], []))

    def test_a2_without_the_user_token_service_nothing_is_decided_and_it_is_said(self):
        number = self.world.ask_for("alex", "7zip")
        self.tenant.fault(match="usertoken", status=503, count=-1)
        pressed = self.world.approve("megan", number)
        self.assertEqual(pressed["body"]["statusCode"], 200)
        self.assertIn("cannot have you sign in right now", pressed["message"])
        self.tenant.clear_faults()
        for link in ("http://example.com/", "javascript:alert(1)", "", None):
            self.tenant.fault(match="usertoken", status=200, body={"signInLink": link})
            self.assertIn("cannot have you sign in right now", self.world.approve("megan", number)["message"])
        self.assertEqual(self.world.approve("megan", number)["body"]["statusCode"], 401)
        self.tenant.fault(match="usertoken", status=503, count=-1)
        self.assertIn("cannot have you sign in right now", self.sign_in()["message"])
        self.assertEqual((self.decisions(number), self.refused(number)), ([], []))
        self.tenant.clear_faults()
        self.sign_in()
        self.assertEqual(len(self.decisions(number)), 1)


class TestStepUpContext(StepUpTest):
    settings = {**StepUpTest.settings, "stepup.context": CONTEXT, "stepup.from": "medium"}

    def test_a2_the_wanted_authentication_context_must_be_there_and_is_in_the_trail(self):
        number, _ = self.asked()
        for acrs in (None, [], ["p1"], "c11"):
            how = {} if acrs is None else {"acrs": acrs}
            self.assertIn("not as strong", self.sign_in(**how)["message"])
        self.assertEqual((self.decisions(number), set(self.refused(number))), ([], {"context"}))
        self.assertEqual(self.sign_in(silent=True)["body"]["statusCode"], 412)
        self.sign_in(acrs=["p1", CONTEXT])
        self.assertEqual(self.check_proof(number)["acrs"], f"p1 {CONTEXT}")

    def test_a2_the_rule_begins_where_it_is_set(self):
        for risk, status in (("low", 200), ("medium", 401), ("high", 401), ("critical", 401)):
            self.database.execute(f"update apps set classification = '{risk}' where winget_id = '7zip.7zip'")
            who = {"low": "alex", "medium": "lynne", "high": "isaiah", "critical": "patti"}[risk]
            number = self.world.ask_for(who, "7zip")
            self.assertEqual(self.world.approve("megan", number)["body"]["statusCode"], status, risk)


class TestStepUpLinks(StepUpTest):
    settings = {**StepUpTest.settings, "mail.transport": "graph", "mail.from": "appdesk@example.com", "mail.links": "true",
                "server.public_url": "https://appdesk.example.com"}

    def open(self, link, form=None):
        address = f"http://127.0.0.1:{self.world.port}/act/{link}"
        data = None if form is None else form.encode()
        request = urllib.request.Request(address, data, {"Content-Type": "application/x-www-form-urlencoded"} if data is not None else {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def mailed(self):
        """The number of a request that megan has by mail, the mail, and its links."""
        self.world.person("megan", blocked="ConversationBlockedByUser")
        number = self.world.ask_for("alex", "7zip")
        found = harness.until(lambda: [m for m in self.tenant.get("mail", to="megan")["mail"] if f"#{number}" in json.dumps(m)], "a mail")
        links = re.findall(r"/act/([A-Za-z0-9_-]{43})", json.dumps(found[0]))
        return number, json.dumps(found[0]), list(dict.fromkeys(links))

    def test_a2_a_mail_has_no_link_that_cannot_approve(self):
        number, mail, links = self.mailed()
        self.assertEqual(len(links), 1)
        self.assertIn("wants a fresh sign-in, for which you need Teams", mail)
        self.assertNotIn("Approve and Reject", mail)
        self.assertEqual(self.open(links[0], "reason=not+needed")[0], 200)
        self.assertEqual([d["decision"] for d in self.decisions(number)], ["rejected"])

    def test_a2_a_link_cannot_step_up_and_says_so(self):
        """It was mailed before the app's risk was known to be high."""
        self.database.execute("update apps set classification = 'low' where winget_id = '7zip.7zip'")
        number, _, (approve, reject) = self.mailed()
        self.database.execute("update apps set classification = 'high' where winget_id = '7zip.7zip'")
        for form in (None, "", ""):
            status, page = self.open(approve, form)
            self.assertEqual(status, 403)
            self.assertIn("fresh sign-in, which a link cannot ask for", page)
        self.assertEqual(self.decisions(number), [])
        refusal = [row["details"]["reason"] for row in self.world.trail(number) if row["action"] == "decision.refused"]
        self.assertEqual(refusal, ["sign_in", "sign_in"])
        self.assertEqual(self.open(reject)[0], 200)
        self.assertEqual(self.open(reject, "reason=not+needed")[0], 200)
        self.assertEqual([d["decision"] for d in self.decisions(number)], ["rejected"])


class TestStepUpOff(harness.WorldTest):
    def test_a2_switched_off_all_is_as_before(self):
        self.database.execute("update apps set classification = 'critical' where winget_id = '7zip.7zip'")
        number = self.world.ask_for("alex", "7zip")
        pressed = self.world.approve("megan", number)
        self.assertEqual(pressed["body"]["statusCode"], 200)
        self.assertEqual(self.database.value(f"select count(*) from decisions where request_id = {number}"), 1)
        for name in ("signin/tokenExchange", "signin/verifyState"):
            said = self.tenant.send({"type": "invoke", "name": name, "value": {"id": "x", "token": "a.b.c", "state": "123456"}}, **{"as": "megan"})
            self.assertEqual((said["status"], said["body"]), (200, {}))
        self.assertEqual(self.tenant.calls(surface="usertoken"), [])
        self.world.check()


if __name__ == "__main__":
    unittest.main(verbosity=2)
