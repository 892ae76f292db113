# SPDX-License-Identifier: Apache-2.0
"""Who is let in: a request that is refused leaves no row and causes no call."""
import concurrent.futures
import http.client
import json
import unittest

import harness

REFUSED = ("none", "expired", "not_yet", "forged", "unknown_key", "wrong_audience", "wrong_issuer", "no_endorsement",
           "other_service_url", "no_service_url", "no_expiry", "alg_none", "hs256", "trailing", "raw:Bearer", "raw:Basic eDp5",
           "raw:Bearer a.b.c", "raw:Bearer " + "x" * 20000)
STATUS = {"no_endorsement": 403}  # the token is good, the channel is not one that its key may speak for
FOREIGN_TENANT = "00000000-0000-4000-8000-00000000beef"
TABLES = ("inbox", "users", "outbox", "requests", "bot_conversation_references")


class TestTrust(harness.WorldTest):
    def begin(self):
        super().begin()
        self.world.wait_directory()

    def rows(self):
        return {table: self.database.value(f"select count(*) from {table}") for table in TABLES}

    def assert_untouched(self, before):
        self.assertEqual(self.rows(), before)
        calls = [c for c in self.tenant.calls() if c["surface"] in ("connector", "graph", "token")]
        # A job asks the directory for its news on its own, with a token of its own.
        news = [c for c in calls if c["surface"] == "graph" and "/delta" in c["path"]]
        tokens = [c for c in calls if c["surface"] == "token"]
        self.assertEqual([c for c in calls if c not in news and c not in tokens], [])
        self.assertLessEqual(len(tokens), 1 if news else 0)

    def test_a_bad_token_is_401_and_leaves_no_trace(self):
        before = self.rows()
        for kind in REFUSED:
            with self.subTest(kind=kind[:40]):
                answer = self.tenant.send({"text": "I need 7zip"}, token=kind)
                self.assertEqual(answer["status"], STATUS.get(kind, 401))
                self.assertFalse(answer["body"] and "7-Zip" in str(answer["body"]))
        self.assert_untouched(before)

    def test_the_refusal_does_not_depend_on_the_body(self):
        """The body is not even parsed before the token has passed."""
        before = self.rows()
        for body in ("{", "[" * 5000, "null"):
            self.assertEqual(self.tenant.send(token="forged", body=body)["status"], 401)
        self.assert_untouched(before)

    def test_a_foreign_tenant_is_403_and_leaves_no_trace(self):
        before = self.rows()
        chat = {"id": "a:personal-chat-alex", "conversationType": "personal", "tenantId": FOREIGN_TENANT}
        foreign = {"text": "hi", "conversation": chat, "channelData": {"tenant": {"id": FOREIGN_TENANT}}}
        self.assertEqual(self.tenant.send(foreign)["status"], 403)
        self.assert_untouched(before)

    def test_an_activity_of_two_tenants_is_400_and_leaves_no_trace(self):
        before = self.rows()
        self.assertEqual(self.tenant.send({"text": "hi", "channelData": {"tenant": {"id": FOREIGN_TENANT}}})["status"], 400)
        self.assert_untouched(before)

    def test_a_service_url_off_the_list_gets_nothing(self):
        """The token's claim and the body agree, but the host is not one of ours."""
        before = self.rows()
        answer = self.tenant.send({"text": "hi", "serviceUrl": "https://attacker.example/teams/"})
        self.assertIn(answer["status"], (401, 403))
        self.assert_untouched(before)

    def test_what_is_no_activity_is_400(self):
        for body in ("{", "[]", "7", '"text"', "{}", '{"type":7}', '{"type":"message"}', '{"a":' * 200 + "1" + "}" * 200, "\xff"):
            with self.subTest(body=body[:30]):
                self.assertEqual(self.tenant.send(body=body)["status"], 400)
        self.assertEqual(self.rows()["inbox"], 0)

    def test_the_front_door_refuses_by_the_book(self):
        cases = (
            ("GET", "/api/messages", {}, None, 405),
            ("PUT", "/api/messages", {"Content-Type": "application/json"}, b"{}", 405),
            ("POST", "/api/messages", {"Content-Type": "application/json"}, b"{}", 401),
            ("POST", "/api/messages", {"Content-Type": "text/plain", "Authorization": "Bearer x"}, b"{}", 415),
            ("POST", "/api/messages", {"Content-Type": "application/json", "Authorization": "Bearer x"}, b" " * ((1 << 20) + 1), 413),
            ("POST", "/api/message", {"Content-Type": "application/json"}, b"{}", 404),
            ("GET", "/", {}, None, 404),
            ("GET", "/healthz", {}, None, 404),
        )
        for method, path, headers, body, expected in cases:
            with self.subTest(method=method, path=path, expected=expected):
                self.assertEqual(self.raw(method, path, headers, body), expected)

    def raw(self, method, path, headers, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=20)
        try:
            try:
                connection.request(method, path, body, headers)
            except ConnectionError:
                pass  # it answered and closed before all of a large body was sent
            return connection.getresponse().status
        finally:
            connection.close()

    def test_the_same_activity_twice_has_one_effect(self):
        said = self.tenant.say("alex", "I need 7zip")
        self.tenant.wait("alex", "7-Zip", after=said["seq"])
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: self.tenant.send(said["activity"])["status"], range(16)))
        self.assertEqual(set(answers), {said["status"]})
        self.world.wait_notices()
        self.assertEqual(self.rows()["inbox"], 1)
        self.assertEqual(self.rows()["outbox"], 1)
        self.assertEqual(len([e for e in self.tenant.shown("alex") if e["from"] == "bot"]), 1)

    def test_the_same_activity_after_a_restart_has_one_effect(self):
        said = self.tenant.say("alex", "I need 7zip")
        self.world.wait_notices()
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service()
        self.assertEqual(self.tenant.send(said["activity"])["status"], said["status"])
        self.world.wait_notices()
        self.assertEqual(self.rows()["outbox"], 1)

    def test_a_rotated_signing_key_is_learnt(self):
        self.world.ask("alex", "help")
        self.tenant.post("keys/rotate", {})
        harness.until(lambda: self.tenant.send({"text": "help"})["status"] in (200, 202), "the new key is accepted", 90, 1)

    def test_a_revoked_token_of_ours_is_replaced(self):
        self.world.ask("alex", "help")
        self.tenant.post("tokens/revoke", {})
        self.world.ask("alex", "help")

    def test_a_guest_gets_nothing_from_the_catalogue(self):
        entry = self.world.ask("nora", "I need 7zip")
        self.assertFalse(harness.has_button(entry, "form"))

    def test_e24_a_persons_words_never_become_markup(self):
        long = "Donaudampfschifffahrtsgesellschaftskapitän" * 9 + " 😀𝒳\U0001f468\u200d\U0001f469 שלום"
        number = self.world.ask_for("alex", "7zip", justification="[click](http://evil.example) **bold** <at>x</at> ${app} " + long)
        card = self.world.card_of("megan", number)
        for words in (long.split()[0], "😀𝒳", "שלום"):
            self.assertIn(words, card["text"])
        self.assertLess(len(json.dumps(card["card"], ensure_ascii=False).encode()), 28 * 1024)
        text = str(card["card"])
        self.assertNotIn("[click](http://evil.example)", text)
        self.assertNotIn("<at>x</at>", text)
        self.world.check()


if __name__ == "__main__":
    unittest.main(verbosity=2)
