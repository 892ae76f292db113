# SPDX-License-Identifier: Apache-2.0
"""Base of the tests that play the channel themselves: AppDesk trusts the test's own issuer, the local tenant plays the rest."""
import http.client
import json
import pathlib
import sys
import time
import urllib.request
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import harness  # noqa: E402
from issuer import ISSUER, Issuer, Key  # noqa: E402

TENANT = "00000000-0000-4000-8000-000000000001"
APP = "00000000-0000-4000-8000-000000000011"
TABLES = ("inbox", "users", "outbox", "requests", "bot_conversation_references", "audit_logs", "jobs", "card_copies", "action_tokens")
OUTWARD = ("connector", "graph", "token")
CHALLENGE = 'Bearer error="invalid_token"'


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.text = response.read().decode()

    def json(self):
        return json.loads(self.text)


class FrontTest(harness.WorldTest):
    """shared: one service for all tests of the class, which must not disturb each other."""

    shared = False

    @classmethod
    def setUpClass(cls):
        cls.issuer = Issuer()
        cls.addClassCleanup(cls.issuer.close)
        cls.key = Key("key-1")
        cls.issuer.keys = [cls.key.jwk()]
        cls.settings = {"bot.openid_metadata_url": cls.issuer.metadata_url, "bot.issuer": ISSUER, "bot.keys_min_refresh_s": 60,
                        **cls.settings}
        super().setUpClass()
        port = cls.world.tenant.port
        cls.world.settings["bot.service_hosts"] = f"127.0.0.1:{port}, localhost:{port}"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/.well-known/keys", timeout=30) as answer:
            cls.issuer.keys += json.load(answer)["keys"]  # what the tenant says as a person counts too
        if cls.shared:
            cls.world.begin()
            cls.addClassCleanup(cls.world.end)

    def setUp(self):
        if not self.shared:
            super().setUp()
        self.tenant, self.database = self.world.tenant, self.world.database

    # ---- what the channel sends ----

    @property
    def service_url(self):
        return f"http://127.0.0.1:{self.tenant.port}/teams/{TENANT}/"

    def claims(self, **changes):
        """A good token's claims; a change to None leaves one out."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": APP, "nbf": now - 10, "exp": now + 3600, "serviceurl": self.service_url, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def bearer(self, key=None, header=None, sign=None, **claims):
        return (key or self.key).token(self.claims(**claims), header, sign)

    def activity(self, who="alex", text="help", **changes):
        person = next(p for p in self.people() if p["key"] == who)
        activity = {
            "type": "message", "id": uuid.uuid4().hex, "channelId": "msteams", "serviceUrl": self.service_url, "text": text,
            "from": {"id": person["mri"], "name": person["displayName"], "aadObjectId": person["id"]},
            "recipient": {"id": f"28:{APP}", "name": "AppDesk"},
            "conversation": {"id": f"a:personal-chat-{who}", "conversationType": "personal", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}}, **changes}
        return {name: value for name, value in activity.items() if value is not None}

    def people(self):
        if not hasattr(self.world, "people"):
            self.world.people = self.tenant.get("people")["people"]
        return self.world.people

    def invoke(self, value, who="alex", name="adaptiveCard/action", **changes):
        return self.activity(who, None, type="invoke", name=name, value=value, **changes)

    def press(self, verb, data=None, kind="Action.Execute", **more):
        action = {"type": kind, "verb": verb, "data": data if data is not None else {}, **more}
        return {"action": action, "trigger": "manual"}

    # ---- posting ----

    def request(self, method="POST", path="/api/messages", body=b"", headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=60)
        try:
            try:
                connection.request(method, path, body, headers or {})
            except ConnectionError:
                pass  # it answered and closed before all of a large body was sent
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def post(self, activity=None, token=None, authorization=None, body=None, **headers):
        """token None: a good one. authorization: the whole header's value, in place of a token; "" leaves the header out."""
        value = f"Bearer {token or self.bearer()}" if authorization is None else authorization
        given = {"Content-Type": "application/json", **({"Authorization": value} if value else {}), **headers}
        if body is None:
            body = json.dumps(activity if activity is not None else self.activity())
        return self.request(body=body if isinstance(body, bytes) else body.encode(), headers=given)

    # ---- what came of it ----

    def rows(self):
        counts = ", ".join(f"(select count(*) from {table}) as {table}" for table in TABLES)
        return self.database.rows(f"select {counts}")[0]

    def outward(self):
        return [c["n"] for c in self.tenant.calls() if c["surface"] in OUTWARD]

    def settled(self):
        """Rows and calls, when nothing is under way any more that could add some, nor soon will be."""
        self.world.wait_settled()
        return self.rows(), self.outward()

    def taken(self, activity):
        """Posts it as a channel does: what is answered 503 comes again."""
        return harness.until(lambda: (answer := self.post(activity)).status != 503 and answer, "it is taken")

    def accepted(self, *args, **more):
        answer = self.post(*args, **more)
        self.assertEqual(answer.status, 200, answer.text)
        return answer

    def refused(self, status, *args, **more):
        """Refused so, and no row is written, no call is made, no reason is told to the sender."""
        before, calls = self.settled()
        answer = self.post(*args, **more)
        self.assertEqual(answer.status, status, answer.text)
        self.assertEqual(answer.text, "")
        self.assertEqual(self.rows(), before)
        self.assertEqual(self.outward(), calls)
        if status == 401:
            self.assertIn(answer.headers["www-authenticate"], ("Bearer", CHALLENGE))
        return answer

    def refresh(self):
        """Asks for keys that nobody has until a fetch has begun; short only where bot.keys_min_refresh_s is."""
        before = self.issuer.count("/v1/openid")

        def asked():
            self.post(token=self.bearer(header={"kid": "nobody"}))
            return self.issuer.count("/v1/openid") > before
        harness.until(asked, "the keys were asked for", 65, 0.2)

    def each(self, cases, check):
        """check(value) for each named case."""
        for name, value in cases.items():
            with self.subTest(case=name):
                check(value)

    def metric(self, name):
        for line in self.world.admin("/metrics")[1].splitlines():
            if line.startswith(f"appdesk_{name} "):
                return float(line.split()[-1])
        raise AssertionError(f"no metric {name}")
