# SPDX-License-Identifier: Apache-2.0
"""N01-N15: what the sender makes of the connector's answers, by the table in docs/internals/outbox.md."""
import email.utils
import json
import time
import unittest
import urllib.parse

from peer import PeerTest, error, harness
from threat import front
from trap import reply

NOBODY = "00000000-0000-4000-8000-0000000000ef"


class TestRetries(PeerTest):
    def setUp(self):
        super().setUp()
        self.meet("alex")

    def test_n01_a_throttled_conversation_waits_as_long_as_it_was_told(self):
        self.peer.rule(error(429, "Throttled", Retry_After="3"), times=1)
        self.assertEqual(self.outcome(self.notice("alex", "patience"))["state"], "sent")
        first, second = self.peer.wait("patience", 2)
        self.assertGreaterEqual(second.at - first.at, 3)

    def test_n01_a_date_is_as_good_as_seconds(self):
        told = {}

        def answer(_connection, _call):
            told["until"] = int(time.time()) + 4
            return error(429, "Throttled", Retry_After=email.utils.formatdate(told["until"], usegmt=True))
        self.peer.rule(answer, times=1)
        self.assertEqual(self.outcome(self.notice("alex", "patience"))["state"], "sent")
        again = self.peer.wait("patience", 2)[1]
        self.assertGreaterEqual(time.time() - (time.monotonic() - again.at), told["until"])

    def test_n02_a_failed_precondition_is_repeated_with_back_off(self):
        self.peer.rule(error(412, "PreconditionFailed"), times=2)
        self.assertEqual(self.outcome(self.notice("alex", "again"))["state"], "sent")
        first, second, third = self.peer.wait("again", 3)
        self.assertGreaterEqual(second.at - first.at, 0.4)
        self.assertGreaterEqual(third.at - second.at, 0.9)

    def test_n03_a_post_without_a_clear_answer_is_repeated_once_after_30_s(self):
        """And what comes of it then is in the ledger."""
        for name, answer in (("502", error(502)), ("500", error(500, "ServiceError")), ("504", error(504)), ("cut", lambda *_: None)):
            with self.subTest(name):
                self.peer.clear()
                self.peer.rule(answer)
                notice = self.notice("alex", f"unclear {name}")
                self.attempts(notice, 1)
                self.assertGreater(self.due_in_s(notice), 25)
                self.assertLess(self.due_in_s(notice), 31)
                self.assertEqual(len(self.peer.seen("unclear")), 1)
                self.world.let_time_pass()
                self.assertEqual(self.outcome(notice)["state"], "ambiguous")
                self.peer.forgive()
                self.world.let_time_pass()
                self.assertEqual(self.outcome(self.notice("alex", f"behind {name}"))["state"], "sent")
                self.assertEqual(len(self.peer.seen("unclear")), 2)

    def test_n03_a_put_without_a_clear_answer_is_repeated(self):
        for name, answer, who in (("502", error(502), "isaiah"), ("504", error(504), "lynne"), ("cut", lambda *_: None, "patti")):
            with self.subTest(name):
                number, _, activity_id = self.copy_at_peer(requester=who)
                self.peer.clear()
                self.peer.rule(answer, method="PUT", times=2)
                self.world.approve("megan", number)
                calls = self.peer.wait(activity_id, 3, "PUT")
                self.assertEqual(len({call.body for call in calls}), 1)
                self.world.wait_notices()
                self.assertEqual(self.database.value("select count(*) from outbox where kind = 'update' and state <> 'sent'"), 0)

    def test_n04_a_refused_token_is_renewed_once(self):
        self.peer.rule(error(401, "Unauthorized"), times=1)
        self.tenant.delete("calls")
        self.assertEqual(self.outcome(self.notice("alex", "renewed")), {"state": "sent", "attempts": 1, "last_error": ""})
        first, second = self.peer.wait("renewed", 2)
        self.assertNotEqual(first.headers["authorization"], second.headers["authorization"])
        self.assertEqual(len(self.tenant.calls(surface="token")), 1)

    def test_n04_a_new_token_that_is_refused_waits_and_tells_the_operator_once(self):
        self.peer.rule(error(401), times=4)
        self.assertEqual(self.outcome(self.notice("alex", "refused"))["state"], "sent")
        self.assertEqual(len(self.peer.seen("refused")), 5)
        self.assertEqual(self.alarms(), ["registration"])
        self.assertEqual(self.metric("notice_alarms_total"), 1)

    def test_n12_a_burst_to_one_conversation_stays_under_all_limits(self):
        for n in range(14):
            self.notice("alex", f"burst {n}")
        calls = self.peer.wait("burst", 14)
        self.assertEqual([call.json()["text"] for call in calls], [f"burst {n}" for n in range(14)])
        times = [call.at for call in calls]
        for window, limit in ((1, 7), (2, 8)):
            for n in range(limit, len(times)):
                self.assertGreaterEqual(times[n] - times[n - limit], window - 0.05)


class TestRefusals(PeerTest):
    # code -> what becomes of the person's reference
    GONE = {"BotNotInConversationRoster": "removed", "ConversationBlockedByUser": "blocked", "ForbiddenOperationException": "removed",
            "MessageWritesBlocked": "blocked", "NotEnoughPermissions": "active"}

    def refused(self, answer, text, who="alex"):
        """One attempt, then dead; the reference's state."""
        self.meet(who)
        self.peer.rule(answer)
        ended = self.outcome(self.notice(who, text))
        self.assertEqual((ended["state"], ended["attempts"]), ("dead", 1), ended)
        self.assertEqual(len(self.peer.seen(text)), 1)
        self.assertTrue(self.world.service.running())
        return self.reference(who), ended["last_error"]

    def test_n05_every_code_has_its_consequence_for_the_reference(self):
        for code, state in self.GONE.items():
            old = json.dumps({"errorCode": 209, "message": json.dumps({"subCode": code, "details": "d"})}).encode()
            for shape, answer in (("new", error(403, code)), ("old", error(403, body=old))):
                with self.subTest(code=code, shape=shape):
                    found, why = self.refused(answer, f"{shape}.{code}")
                    self.assertEqual(found, state)
                    self.assertIn(code, why)
                    self.outcome(self.notice("alex", f"later.{shape}.{code}"))
                    self.assertEqual(len(self.peer.seen(f"later.{shape}.{code}")), 1 if state == "active" else 0)
        with self.subTest(code="a code of 403 with a 404"):
            self.assertEqual(self.refused(error(404, "BotNotInConversationRoster"), "gone")[0], "removed")
        self.assertEqual(self.alarms(), ["permission"])

    def test_n05_whoever_writes_again_is_written_to_again(self):
        self.assertEqual(self.refused(error(403, "MessageWritesBlocked"), "blocked")[0], "blocked")
        self.peer.clear()
        self.meet("alex")
        self.assertEqual(self.reference("alex"), "active")
        self.assertEqual(self.outcome(self.notice("alex", "welcome back"))["state"], "sent")

    def test_n05_a_tenant_that_refuses_the_bot_is_left_alone(self):
        """BotDisabledByAdmin, and BotNotRegistered for a new token: nobody else's message is tried, nothing is lost, one alarm."""
        for code, answer, calls in (("policy", error(403, "BotDisabledByAdmin"), 1), ("registration", error(401, "BotNotRegistered"), 2)):
            with self.subTest(code):
                self.meet("alex", "lynne")
                self.peer.rule(answer)
                first = self.notice("alex", f"first {code}")
                self.attempts(first, 1)
                others = [self.notice(who, f"other {n} {code}") for who in ("alex", "lynne") for n in range(5)]
                self.attempts(others[-5], 1)
                self.assertGreater(self.due_in_s(first), 200)
                self.assertEqual(len(self.peer.seen(code)), calls)
                self.assertEqual(self.reference("alex"), "active")
                self.assertEqual(self.alarms().count(code), 1)
                self.peer.clear()
                self.world.restart()
                self.world.let_time_pass()
                self.world.wait_notices(60)
                self.assertEqual(self.database.value("select count(*) from outbox where state <> 'sent'"), 0)

    def test_n06_a_refusal_that_nobody_can_read_is_final_and_harmless(self):
        bodies = {"none": b"", "page": b"<html>no</html>", "half": b'{"error":{"co', "array": b"[]", "number": b'{"error":{"code":7}}',
                  "text": b'{"error":"BotDisabledByAdmin"}', "deep": b"[" * 5000, "null": b'{"error":null}', "bytes": bytes(range(256)),
                  "other code": b'{"error":{"code":"BotOnHoliday","message":"later"}}', "long": b'{"error":{"code":"' + b"x" * 70000 + b'"}}',
                  "inner": b'{"errorCode":209,"message":"{not json"}', "lines": b'{"error":{"code":"a","message":"x\\ny\\u2028z"}}'}
        for name, body in bodies.items():
            with self.subTest(name):
                self.assertEqual(self.refused(error(403, body=body), f"unreadable.{name}")[0], "active")
        self.log_lines()  # each is one JSON object

    def test_n09_a_redirect_is_not_followed_and_the_token_stays_here(self):
        trap = self.trap(reply(201, {"id": "stolen"}))
        for status in (301, 302, 303, 307, 308):
            with self.subTest(status=status):
                self.refused(reply(status, {}, Location=f"{trap.base}/v3/x"), f"moved.{status}")
        self.assertEqual(trap.connections, 0)

    def test_n10_a_stored_service_url_off_the_list_is_refused_before_a_token_is_fetched(self):
        tokens = self.trap(reply(200, {"access_token": "x", "token_type": "Bearer", "expires_in": 3600}))
        self.meet("alex")
        listed = self.world.settings["bot.service_hosts"]
        self.world.restart({"bot.service_hosts": listed.rpartition(",")[0], "bot.token_url": tokens.base + "/token"})
        ended = self.outcome(self.notice("alex", "to whom"))
        self.assertEqual((ended["state"], ended["attempts"]), ("dead", 1))
        self.assertIn("not on the list", ended["last_error"])
        column = self.outcome(self.notice("lynne", "own address", service_url=self.peer.base + "/", conversation_id="a:x"))
        self.assertEqual(column["state"], "dead")
        self.assertEqual((self.peer.seen(), tokens.connections), ([], 0))
        self.assertEqual(self.metrics("notices_total", state="refused_host"), 2)
        self.world.restart({"bot.service_hosts": listed})

    def test_n14_a_conversation_that_cannot_be_created_says_why(self):
        self.peer.rule(error(400, "BadArgument"), path="/v3/conversations", times=1)  # another bot's id, or none
        self.peer.rule(error(400, "BadSyntax"), path="/v3/conversations", times=1)  # no member
        self.peer.rule(error(404, "MemberNotFoundInConversation"), path="/v3/conversations", times=1)  # the bot, or a stranger
        for code in ("BadArgument", "BadSyntax", "MemberNotFoundInConversation"):
            with self.subTest(code):
                ended = self.outcome(self.notice("patti", code))
                self.assertEqual((ended["state"], ended["attempts"]), ("dead", 1))
                self.assertIn(code, ended["last_error"])
        self.assertEqual(len(self.creates("patti")), 3)
        self.assertEqual(self.alarms(), ["malformed"])


class TestPlaces(PeerTest):
    def test_n11_the_path_of_region_and_tenant_is_kept(self):
        for path in ("/emea/00000000-0000-4000-8000-000000000001/", "/teams", "/amer-client-ss.msg/x%20y/"):
            with self.subTest(path):
                self.meet("alex", base=self.peer.base + path)
                self.assertEqual(self.outcome(self.notice("alex", f"at {path}"))["state"], "sent")
                self.assertEqual(self.peer.wait("at ")[0].path,
                                 path.rstrip("/") + "/v3/conversations/a%3Apersonal-chat-alex/activities")

    def test_n11_ids_are_whole_segments(self):
        for n, name in enumerate(("19:x@thread.tacv2;messageid=1690000000000", "a:1/../2", "a:%2f?q=1#f", "a:\u00e4 b", "a:+&=,")):
            with self.subTest(name):
                self.peer.clear()
                self.assertEqual(self.outcome(self.notice("alex", f"segment {n}", service_url=self.peer.base + "/",
                                                          conversation_id=name))["state"], "sent")
                self.assertEqual(self.peer.wait("segment")[0].path,
                                 f"/v3/conversations/{urllib.parse.quote(name, safe='')}/activities")
                self.assertEqual(self.peer.seen("segment")[0].json()["conversation"]["id"], name)

    def test_n11_an_answer_in_a_thread_stays_in_the_thread(self):
        thread = "19:channel@thread.tacv2;messageid=1690000000000"
        activity, token = self.from_place(self.peer.base, "alex", "<at>AppDesk</at> help", conversation={
            "id": thread, "conversationType": "channel", "tenantId": front.TENANT, "isGroup": True})
        self.accepted(activity, token)
        segment = urllib.parse.quote(thread, safe="")
        self.peer.wait(f"/v3/conversations/{segment}/activities")
        self.world.wait_notices()

    def test_n13_a_personal_conversation_is_created_for_one_member_and_its_tenant(self):
        self.assertEqual(self.outcome(self.notice("patti", "first contact"))["state"], "sent")
        self.outcome(self.notice("patti", "second contact"))
        create, *sends = self.peer.seen()
        self.assertEqual((create.method, create.path), ("POST", "/first/v3/conversations"))
        self.assertEqual(create.json(), {
            "bot": {"id": f"28:{front.APP}"}, "members": [{"id": self.world.oid("patti")}], "tenantId": front.TENANT,
            "channelData": {"tenant": {"id": front.TENANT}}})
        self.assertEqual([call.json()["text"] for call in sends], ["first contact", "second contact"])

    def test_e13_a_conversation_that_is_gone_is_created_anew_once_by_object_id(self):
        self.meet("alex")
        self.peer.rule(error(404, "ConversationNotFound"), path="personal-chat-alex/activities")
        self.assertEqual(self.outcome(self.notice("alex", "where are you")), {"state": "sent", "attempts": 1, "last_error": ""})
        gone, create, sent = self.peer.seen()
        self.assertEqual(create.json()["members"], [{"id": self.world.oid("alex")}])
        self.assertIn("created", sent.path)
        self.peer.clear()
        self.peer.rule(error(404, "ConversationNotFound"))
        ended = self.outcome(self.notice("alex", "still there"))
        self.assertEqual((ended["state"], ended["attempts"]), ("dead", 1))
        self.assertEqual(len(self.peer.seen("still there")), 2)
        self.assertEqual(len(self.creates("alex")), 1)
        self.assertEqual(self.reference("alex"), "stale")


class TestCardsOut(PeerTest):
    def card(self, call):
        return call.json()["attachments"][0]["content"]

    def test_n07_a_card_that_is_too_big_is_sent_shorter_then_as_text(self):
        self.meet("adele")
        self.peer.rule(error(413, "MessageSizeTooBig"), times=1)
        self.world.ask("megan", "help")
        number = self.world.ask_for("alex", "7zip", "I have to open what customers send. " * 10)
        self.peer.wait(f"#{number}", 2)
        self.world.wait_notices()
        whole, shorter = self.peer.seen(f"#{number}")
        self.assertLess(len(shorter.body), len(whole.body))
        self.assertEqual(self.card(shorter)["actions"], self.card(whole)["actions"])
        self.peer.clear()
        self.peer.rule(error(413, "MessageSizeTooBig"), method="PUT", times=2)
        self.world.approve("megan", number)
        last = self.peer.wait(self.activity_id(number), 3, "PUT")[2].json()
        self.world.wait_notices()
        self.assertIn("Approved by", last["text"])
        self.assertNotIn("attachments", last)

    def test_n08_a_card_that_is_gone_is_posted_anew_and_known_by_its_new_id(self):
        number, _, old = self.copy_at_peer()
        self.peer.rule(error(404, "ActivityNotFoundInConversation"), method="PUT", times=1)
        self.world.approve("megan", number)
        anew = self.peer.wait("Approved by", 2)[1]
        self.assertEqual(anew.method, "POST")
        harness.until(lambda: self.activity_id(number) not in ("", old), "the copy has a new id")
        self.world.wait_state(number, "delivered", 120)  # it is changed once more, where it is now
        self.peer.wait(self.activity_id(number), 1, "PUT")


class TestAmbiguous(PeerTest):
    def test_n03_a_card_of_which_nobody_knows_is_changed_once_its_button_tells_its_id(self):
        """Both sendings ended without an answer; the card is there all the same."""
        self.meet("adele")
        self.peer.rule(error(502))
        number = self.world.ask_for("alex", "7zip")
        call = self.peer.wait(f"#{number}")[0]
        card = self.database.value(f"select outbox_id from card_copies where card = 'approval' and request_id = {number}"
                                   f" and recipient_oid = '{self.world.oid('adele')}'")
        self.attempts(card, 1)
        self.world.let_time_pass()
        self.assertEqual(self.outcome(card)["state"], "ambiguous")
        self.assertEqual(len(self.peer.seen(f"#{number}")), 2)
        self.peer.clear()
        button = call.json()["attachments"][0]["content"]["actions"][0]
        activity, token = self.from_place(self.peer.base, "adele", None, type="invoke", name="adaptiveCard/action", replyToId="told-by-teams",
                                          value={"action": {"type": "Action.Execute", "verb": "approve", "data": button["data"]},
                                                 "trigger": "manual"})
        self.accepted(activity, token)
        shown = self.peer.wait("told-by-teams", 1, "PUT")[0].json()["attachments"][0]["content"]
        self.assertLessEqual({button["verb"] for button in shown["actions"]}, {"history", "undo"})  # decided
        self.assertEqual(self.activity_id(number), "told-by-teams")
        self.assertEqual(self.database.value(f"select count(*) from decisions where request_id = {number}"), 1)


class TestKilled(PeerTest):
    def killed_at(self, point):
        self.meet("alex")
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault=f"{point}=kill")
        notice = self.notice("alex", f"through {point}")
        self.world.service.wait_killed()
        self.world.let_time_pass()
        self.world.start_service()
        self.assertEqual(self.outcome(notice)["state"], "sent")
        return len(self.peer.seen("through"))

    def test_n15_killed_before_the_call_it_is_sent_once(self):
        self.assertEqual(self.killed_at("outbox.before.send"), 1)

    def test_n15_killed_between_call_and_record_nothing_is_lost_and_one_comes_twice_at_most(self):
        self.assertEqual(self.killed_at("outbox.after.send"), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
