# SPDX-License-Identifier: Apache-2.0
"""The channel's side: keys, tokens, the connector, people who write and press."""
import base64
import hashlib
import json
import subprocess
import threading
import time
import unittest
import uuid

from fixture import ALEX, APP, BOT_SCOPE, GRAPH_SCOPE, MEGAN, TENANT, TenantTest, http_call, unbase64url

SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
CARD = {
    "type": "AdaptiveCard", "version": "1.5",
    "body": [
        {"type": "TextBlock", "text": "Request #7"},
        {"type": "FactSet", "facts": [{"title": "App", "value": "7-Zip"}]},
        {"type": "Input.Text", "id": "reason", "label": "Why", "isRequired": True},
        {"type": "Input.ChoiceSet", "id": "ring", "value": "a", "choices": [
            {"title": "First", "value": "a"}, {"title": "Second", "value": "b"}]},
        {"type": "Input.Toggle", "id": "urgent", "title": "Urgent"},
        {"type": "ActionSet", "actions": [{"type": "Action.Execute", "title": "Approve", "verb": "decide", "data": {"t": "x"}}]},
    ],
    "actions": [
        {"type": "Action.Submit", "title": "Later", "data": {"verb": "later"}, "associatedInputs": "none"},
        {"type": "Action.ShowCard", "title": "More", "card": {"type": "AdaptiveCard", "body": [
            {"type": "Input.Text", "id": "note"}], "actions": [{"type": "Action.Execute", "title": "Reject", "verb": "no"}]}},
    ],
}


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def openssl(*words, typed=None):
    return subprocess.run(["openssl", *words], input=typed, capture_output=True, check=True).stdout


def verified_claims(token, keys):
    """Claims of a token that one of the published keys signed, and that key; None otherwise."""
    header, claims, signature = token.split(".")
    kid = json.loads(unbase64url(header))["kid"]
    for key in keys:
        if key["kid"] != kid:
            continue
        n, e = (int.from_bytes(unbase64url(key[name]), "big") for name in "ne")
        size = (n.bit_length() + 7) // 8
        block = pow(int.from_bytes(unbase64url(signature), "big"), e, n).to_bytes(size, "big")
        digest = SHA256_PREFIX + hashlib.sha256(f"{header}.{claims}".encode()).digest()
        if block == b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest:
            return json.loads(unbase64url(claims)), key
    return None


class TestKeys(TenantTest):
    def keys(self):
        metadata = http_call("GET", f"{self.base}/v1/.well-known/openidconfiguration").json
        self.assertEqual(metadata["issuer"], "https://api.botframework.com")
        self.assertEqual(metadata["id_token_signing_alg_values_supported"], ["RS256"])
        return http_call("GET", metadata["jwks_uri"]).json["keys"]

    def make(self, kind):
        return self.control("GET", "token", kind=kind)["token"]

    def test_an_activity_carries_a_token_of_a_published_endorsed_key(self):
        self.control("POST", "say", {"as": "alex", "text": "hello"})
        post = self.bot.seen[0]
        claims, key = verified_claims(post["headers"]["Authorization"].removeprefix("Bearer "), self.keys())
        self.assertEqual(claims["aud"], APP)
        self.assertEqual(claims["serviceurl"], post["body"]["serviceUrl"])
        self.assertEqual(set(claims), {"aud", "exp", "iss", "nbf", "serviceurl"})
        self.assertIn("msteams", key["endorsements"])

    def test_forged_tokens_differ_in_what_their_kind_says(self):
        keys = self.keys()
        self.assertIsNone(verified_claims(self.make("forged"), keys))
        self.assertIsNone(verified_claims(self.make("unknown_key"), keys))
        self.assertNotIn("endorsements", verified_claims(self.make("no_endorsement"), keys)[1])
        self.assertNotEqual(verified_claims(self.make("wrong_audience"), keys)[0]["aud"], APP)
        self.assertNotIn("exp", verified_claims(self.make("no_expiry"), keys)[0])
        self.assertNotIn("serviceurl", verified_claims(self.make("no_service_url"), keys)[0])
        self.assertEqual(json.loads(unbase64url(self.make("alg_none").split(".")[0]))["alg"], "none")
        self.assertEqual(json.loads(unbase64url(self.make("hs256").split(".")[0]))["alg"], "HS256")

    def test_rotation_replaces_the_signing_key(self):
        before = {key["kid"] for key in self.keys()}
        fresh = self.control("POST", "keys/rotate", {"keep_old": True})["kid"]
        self.assertEqual({key["kid"] for key in self.keys()}, before | {fresh})
        newer = self.control("POST", "keys/rotate", {})["kid"]
        self.assertEqual(len(self.keys()), 2)
        self.assertEqual(verified_claims(self.make("valid"), self.keys())[1]["kid"], newer)

    def test_an_activity_can_be_sent_with_any_token_and_any_body(self):
        type(self).reply = (401, None)
        answer = self.control("POST", "activity", {"activity": {"text": "x"}, "token": "none"})
        self.assertEqual(answer["status"], 401)
        self.assertNotIn("Authorization", self.bot.seen[0]["headers"])
        self.assertEqual(self.bot.seen[0]["body"]["from"]["aadObjectId"], ALEX)
        self.control("POST", "activity", {"body": "no json", "token": "raw:Basic abc"})
        self.assertEqual(self.bot.seen[1]["body"], b"no json")
        self.assertEqual(self.bot.seen[1]["headers"]["Authorization"], "Basic abc")


class TestTokens(TenantTest):
    def test_a_token_is_given_for_the_right_secret_only(self):
        self.assertEqual(self.token(BOT_SCOPE)["token_type"], "Bearer")
        self.assertIn("AADSTS7000215", self.token(BOT_SCOPE, 401, client_secret="x")["error_description"])
        self.assertEqual(self.token(BOT_SCOPE, 400, client_id=TENANT)["error_codes"], [700016])
        self.token("https://example.com/.default", 400)

    def test_a_renewed_secret_is_the_only_one_from_then_on(self):
        self.control("POST", "secrets", {"name": "bot-secret", "value": "renewed"})
        self.token(BOT_SCOPE, client_secret="renewed")
        self.token(BOT_SCOPE, 401, client_secret="local-tenant-secret")

    def test_a_surface_takes_only_tokens_for_itself(self):
        path = "conversations/a:personal-chat-alex/members"
        self.assertEqual(self.connector("GET", path, headers={}).status, 401)
        self.assertEqual(self.connector("GET", path, headers=self.bearer(GRAPH_SCOPE)).status, 401)
        good = self.bearer(BOT_SCOPE)
        self.assertEqual(self.connector("GET", path, headers=good).status, 200)
        self.control("POST", "tokens/revoke", {})
        self.assertEqual(self.connector("GET", path, headers=good).status, 401)

    def test_an_expired_token_is_refused(self):
        self.control("POST", "settings", {"token_lifetime_s": 0})
        self.assertEqual(self.graph("GET", "users").status, 401)

    def test_the_vault_and_the_managed_identity_give_secrets_to_who_may(self):
        identity = f"{self.base}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net"
        self.assertEqual(http_call("GET", identity).status, 400)
        token = http_call("GET", identity, headers={"Metadata": "true"}).json["access_token"]
        secret = f"{self.base}/vault/secrets/bot-secret?api-version=7.4"
        self.assertEqual(http_call("GET", secret).status, 401)
        answer = http_call("GET", secret, headers={"Authorization": f"Bearer {token}"})
        self.assertEqual(answer.json["value"], "local-tenant-secret")

    def test_a_managed_identity_can_stand_for_the_secret(self):
        identity = f"{self.base}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api://AzureADTokenExchange"
        proof = http_call("GET", identity, headers={"Metadata": "true"}).json["access_token"]
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        self.token(BOT_SCOPE, client_secret="", client_assertion=proof, client_assertion_type=kind)
        self.token(BOT_SCOPE, 401, client_secret="", client_assertion=proof + "A", client_assertion_type=kind)

    def assertion(self, **changes):
        """A client assertion as MSAL makes it: PS256, the certificate's SHA-256 thumbprint, a fresh id."""
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        if not key.exists():
            openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=bot")
        thumbprint = hashlib.sha256(openssl("x509", "-in", certificate, "-outform", "DER")).digest()
        now = int(time.time())
        claims = {"aud": f"{self.base}/{TENANT}/oauth2/v2.0/token", "iss": APP, "sub": APP, "jti": str(uuid.uuid4()), "nbf": now,
                  "exp": now + 600, **changes}
        header = {"alg": "PS256", "typ": "JWT", "x5t#S256": base64url(thumbprint)}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
        padding = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")
        signature = openssl("dgst", "-sha256", "-sign", key, *padding, typed=signed.encode())
        return certificate.read_text(), f"{signed}.{base64url(signature)}"

    def test_a_registered_certificate_can_stand_for_the_secret(self):
        kind = {"client_secret": "", "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
        certificate, proof = self.assertion()
        self.token(BOT_SCOPE, 401, client_assertion=proof, **kind)
        self.control("POST", "secrets", {"name": "bot", "certificate": certificate})
        self.token(BOT_SCOPE, client_assertion=proof, **kind)
        self.assertIn("used before", self.token(BOT_SCOPE, 401, client_assertion=proof, **kind)["error_description"])
        for wrong in ({"aud": "https://example.com"}, {"sub": TENANT}, {"exp": 1}):
            self.token(BOT_SCOPE, 401, client_assertion=self.assertion(**wrong)[1], **kind)
        head, claims, _ = self.assertion()[1].split(".")
        self.token(BOT_SCOPE, 401, client_assertion=f"{head}.{claims}.{proof.split('.')[2]}", **kind)


class TestConnector(TenantTest):
    def test_a_message_is_shown_changed_and_deleted(self):
        path = "conversations/a:personal-chat-alex/activities"
        first = self.connector("POST", path, {"type": "message", "text": "one"}, 201).json["id"]
        self.connector("PUT", f"{path}/{first}", {"type": "message", "text": "two"}, 200)
        entry = self.entries("alex")[0]
        self.assertEqual((entry["text"], entry["updated"], entry["from"]), ("two", True, "bot"))
        self.assertEqual(self.entries("megan"), [])
        self.connector("DELETE", f"{path}/{first}", status=200)
        self.assertTrue(self.entries("alex")[0]["deleted"])
        self.assertEqual(self.connector("PUT", f"{path}/{first}", {"type": "message", "text": "x"}).status, 404)
        versions = self.control("GET", "messages", text="two")["messages"][0]["versions"]
        self.assertEqual([version["text"] for version in versions], ["one"])

    def test_a_personal_chat_is_created_once_and_only_where_the_app_is_installed(self):
        def create(member, **more):
            return self.connector("POST", "conversations", {"members": [{"id": member}], "tenantId": TENANT, **more})

        self.assertEqual(create(ALEX).json["id"], create("29:user-alex").json["id"])
        self.assertEqual(create("alexw@example.com").status, 400)
        self.assertEqual(self.connector("POST", "conversations", {"members": [{"id": ALEX}]}).status, 400)
        self.control("POST", "uninstall", {"as": "alex"})
        refused = create(ALEX)
        self.assertEqual((refused.status, refused.json["error"]["code"]), (403, "ForbiddenOperationException"))
        self.control("POST", "people/megan", {"blocked": "ConversationBlockedByUser"})
        sent = self.connector("POST", "conversations/a:personal-chat-megan/activities", {"type": "message", "text": "x"})
        self.assertEqual((sent.status, sent.json["error"]["code"]), (403, "ConversationBlockedByUser"))

    def test_members_are_found_by_every_name_that_teams_takes(self):
        members = self.connector("GET", "conversations/19%3Agroup-chat%40thread.v2/members", status=200).json
        self.assertEqual(len(members), 6)
        page = self.connector("GET", "conversations/19%3Agroup-chat%40thread.v2/pagedmembers?pageSize=50", status=200).json
        self.assertEqual(len(page["members"]), 6)
        for name in (ALEX, "29%3Auser-alex", "alexw%40example.com"):
            one = self.connector("GET", f"conversations/a%3Apersonal-chat-alex/members/{name}", status=200).json
            self.assertEqual(one["objectId"], ALEX)
        self.assertEqual(self.connector("GET", "conversations/a:personal-chat-alex/members/nobody@example.com").status, 404)

    def test_what_cannot_be_shown_is_refused(self):
        path = "conversations/a:personal-chat-alex/activities"
        self.assertEqual(self.connector("POST", path, {"type": "message"}).status, 400)
        self.assertEqual(self.connector("POST", path, {"type": "message", "text": "x" * 60000}).status, 413)
        self.assertEqual(self.connector("POST", "conversations/a:nowhere/activities", {"type": "message", "text": "x"}).status, 404)
        self.connector("POST", path, {"type": "message", "text": "x", "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "content": {"type": "AdaptiveCard", "version": "1.6"}}]}, 201)
        complaints = " ".join(c["what"] for c in self.control("GET", "complaints")["complaints"])
        self.assertIn("text beside a card", complaints)
        self.assertIn("1.6", complaints)


class TestPeople(TenantTest):
    def press(self, status=200, **order):
        return self.control("POST", "press", order, status)

    def test_what_is_said_reaches_the_bot_as_teams_sends_it(self):
        type(self).reply = (202, None)
        said = self.control("POST", "say", {"as": "alex", "text": "hi"})
        self.assertEqual(said["status"], 202)
        activity = self.bot.seen[0]["body"]
        self.assertEqual(activity["channelData"]["tenant"]["id"], TENANT)
        self.assertEqual(activity["recipient"]["id"], f"28:{APP}")
        self.assertEqual(activity["conversation"]["id"], "a:personal-chat-alex")
        self.control("POST", "say", {"as": "alex", "text": "hi", "conversation": "group"})
        activity = self.bot.seen[1]["body"]
        self.assertTrue(activity["text"].startswith("<at>"))
        self.assertEqual(activity["entities"][-1]["mentioned"]["id"], f"28:{APP}")

    def test_a_press_sends_the_data_and_inputs_of_the_button(self):
        card = self.send_card("megan", CARD)
        type(self).reply = (200, {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Thank you"})
        done = self.press(**{"as": "megan", "last": True, "button": "approve", "inputs": {"reason": "fine"}})
        self.assertEqual(done["message"], "Thank you")
        activity = self.bot.seen[0]["body"]
        self.assertEqual((activity["name"], activity["replyToId"]), ("adaptiveCard/action", card))
        self.assertEqual(activity["value"]["trigger"], "manual")
        self.assertEqual(activity["value"]["action"]["data"], {"t": "x", "reason": "fine", "ring": "a", "urgent": "false"})
        self.press(**{"as": "megan", "verb": "no", "inputs": {"reason": "r", "note": "n"}})
        self.assertEqual(self.bot.seen[1]["body"]["value"]["action"]["data"]["note"], "n")
        self.press(**{"as": "megan", "button": "Later"})
        submitted = self.bot.seen[2]["body"]
        self.assertEqual((submitted["type"], submitted["value"]), ("message", {"verb": "later"}))
        self.assertNotIn("text", submitted)

    def test_a_client_lets_nothing_through_that_the_card_forbids(self):
        self.send_card("megan", CARD)
        self.press(422, **{"as": "megan", "button": "Approve"})
        self.press(422, **{"as": "megan", "button": "Approve", "inputs": {"reason": "x", "ring": "c"}})
        self.press(422, **{"as": "megan", "button": "Approve", "inputs": {"reason": "x", "note": "hidden card"}})
        self.press(404, **{"as": "alex", "button": "Approve"})
        self.assertEqual(self.bot.seen, [])
        self.press(**{"as": "megan", "button": "Approve", "inputs": {"evil": "1"}, "force": True})
        self.assertEqual(self.bot.seen[0]["body"]["value"]["action"]["data"]["evil"], "1")

    def test_a_returned_card_replaces_the_view_of_the_presser_until_the_next_update(self):
        card = self.send_card("megan", CARD)
        type(self).reply = (200, {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": {
            "type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "Approved by you"}]}})
        entry = self.press(**{"as": "megan", "button": "Approve", "inputs": {"reason": "x"}})["entry"]
        self.assertEqual((entry["text"].strip(), entry["mine"], entry["buttons"]), ("Approved by you", True, []))
        self.connector("PUT", f"conversations/a:personal-chat-megan/activities/{card}", {"type": "message", "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}]}, 200)
        self.assertFalse(self.entries("megan")[0]["mine"])

    def test_an_invoke_that_teams_cannot_read_is_a_complaint(self):
        self.send_card("megan", CARD)
        type(self).reply = (500, None)
        self.assertEqual(self.press(**{"as": "megan", "button": "Approve", "inputs": {"reason": "x"}})["status"], 500)
        self.assertIn("HTTP 500", self.control("GET", "complaints")["complaints"][0]["what"])

    def test_a_refresh_is_asked_for_only_by_those_that_the_card_names(self):
        refresh = {"action": {"type": "Action.Execute", "verb": "see", "data": {"k": 1}}, "userIds": ["29:user-megan"]}
        activity = {"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": {
            "type": "AdaptiveCard", "version": "1.5", "body": [], "refresh": refresh}}]}
        self.connector("POST", "conversations/19:group-chat@thread.v2/activities", activity, 201)
        self.press(409, **{"as": "alex", "refresh": True})
        self.press(**{"as": "megan", "refresh": True})
        value = self.bot.seen[0]["body"]["value"]
        self.assertEqual((value["trigger"], value["action"]["verb"]), ("automatic", "see"))

    def test_a_wait_ends_when_the_words_are_shown(self):
        seen = []
        waiting = threading.Thread(target=lambda: seen.append(
            self.control("GET", "wait", **{"as": "alex", "text": "READY", "timeout_ms": 20000})["entry"]))
        waiting.start()
        path = "conversations/a:personal-chat-alex/activities"
        first = self.connector("POST", path, {"type": "message", "text": "wait"}, 201).json["id"]
        self.connector("PUT", f"{path}/{first}", {"type": "message", "text": "it is ready"}, 200)
        waiting.join(20)
        self.assertEqual(seen[0]["id"], first)
        after = self.control("GET", "healthz")["seq"]
        late = self.control("GET", "wait", status=408, **{"as": "alex", "text": "ready", "after": after, "timeout_ms": 1})
        self.assertEqual(len(late["entries"]), 1)

    def test_a_wait_for_what_is_new_passes_over_a_change(self):
        path = "conversations/a:personal-chat-alex/activities"
        old = self.connector("POST", path, {"type": "message", "text": "old"}, 201).json["id"]
        after = self.control("GET", "healthz")["seq"]
        self.connector("PUT", f"{path}/{old}", {"type": "message", "text": "changed"}, 200)
        wanted = {"as": "alex", "after": after, "timeout_ms": 1}
        self.assertEqual(self.control("GET", "wait", **wanted)["entry"]["id"], old)
        self.control("GET", "wait", status=408, **wanted, new=1)
        new = self.connector("POST", path, {"type": "message", "text": "new"}, 201).json["id"]
        self.connector("PUT", f"{path}/{new}", {"type": "message", "text": "new, and changed"}, 200)
        self.assertEqual(self.control("GET", "wait", **wanted, new=1)["entry"]["id"], new)

    def test_installing_tells_the_bot_twice(self):
        self.control("POST", "install", {"as": "megan"})
        kinds = {post["body"]["type"] for post in self.bot.seen}
        self.assertEqual(kinds, {"installationUpdate", "conversationUpdate"})
        self.assertEqual(self.bot.seen[0]["body"]["from"]["aadObjectId"], MEGAN)


if __name__ == "__main__":
    unittest.main()
