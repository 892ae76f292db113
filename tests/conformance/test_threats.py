# SPDX-License-Identifier: Apache-2.0
"""Threats at the front door and on the way out, by their number in docs/security/threats.md."""
import hashlib
import hmac
import json
import re
import socket
import struct
import threading
import unittest

from threat import FOREIGN_TENANT, STRANGER, ThreatTest, front, harness
from issuer import Key, b64, number, openssl
from trap import reply


class TestStolenTokens(ThreatTest):
    """Threats 1 and 2: what we send goes to the hosts on the list, whoever names another one and wherever."""

    def test_threat_01_a_service_url_that_is_not_on_the_list_is_never_called(self):
        trap, port = self.trap(), self.tenant.port
        trapped = trap.port
        urls = (
            f"http://127.0.0.1:{trapped}/teams/{front.TENANT}/", f"http://localhost:{trapped}/teams/", f"https://127.0.0.1:{trapped}/",
            f"http://[::1]:{trapped}/",
            f"http://2130706433:{trapped}/", f"http://127.1:{trapped}/", f"http://0x7f000001:{trapped}/", f"http://0177.0.0.1:{trapped}/",
            f"http://127.0.0.1:{port}@127.0.0.1:{trapped}/", f"http://bot:secret@127.0.0.1:{port}/", f"http://@127.0.0.1:{port}/",
            f"http://127.0.0.1:{port}\\@127.0.0.1:{trapped}/",
            f"http://127.0.0.1:{port}#@127.0.0.1:{trapped}/", f"http://127.0.0.1:{trapped}#127.0.0.1:{port}",
            f"http://127.0.0.1:{trapped}?127.0.0.1:{port}/",
            f"http://127.0.0.1:{trapped}\\.botframework.com/", f"http://127.0.0.1:{port}.localhost:{trapped}/",
            f"http://127.0.0.1:{port}:{trapped}/", f"//127.0.0.1:{port}/",
            f"http:/127.0.0.1:{port}/", f"http:127.0.0.1:{port}/", f"http:///127.0.0.1:{port}/", "http://127.0.0.1/", "http://127.0.0.1:0/",
            f"http://127.0.0.1:{port + 65536}/",
            f"https://smba.trafficmanager.net:{trapped}/teams/", "http://smba.trafficmanager.net/teams/",
            "https://smba.trafficmanager.net:80/teams/",
            "https://evil.trafficmanager.net/teams/", "https://evil-smba.trafficmanager.net/",
            "https://smba.trafficmanager.net.evil.example/",
            f"https://smba.trafficmanager.net.localhost:{trapped}/", "https://smba.trafficmanager.net./teams/",
            "https://smba.trafficmanager.net%2eevil.example/",
            "https://smba.trafficmanager.net\u3002evil.example/", "https://\uff53mba.trafficmanager.net/",
            "https://smba.trafficmanager.net:443@evil.example/",
            f"https://localhost:{trapped}/smba.trafficmanager.net/", "https://evilbotframework.com/",
            f"https://botframework.com.localhost:{trapped}/",
            "https://.botframework.com/", "https://botframework.com/", "https://evil.example/.botframework.com",
            "https://teams.microsoft.com.evil.example/",
            "https://xteams.microsoft.com/", "gopher://smba.trafficmanager.net/", "wss://smba.trafficmanager.net/",
            "javascript://smba.trafficmanager.net/")
        cases = {}
        for url in urls:
            activity = self.activity(serviceUrl=url)
            cases[url] = {"activity": activity, "token": self.bearer(serviceurl=url)}
            cases[f"{url} in the body alone"] = {"activity": activity}
        self.all_refused({400, 401, 403}, cases)
        self.world.restart()
        self.world.ask("alex", "help")  # the sender has been at work
        self.world.wait_notices()
        self.assertEqual(trap.connections, 0)

    def test_threat_01_a_notice_to_a_host_that_is_not_on_the_list_is_never_sent(self):
        """As if somebody had written into the table: what is stored is judged again before the token is attached."""
        trap = self.trap()
        self.world.ask("alex", "help")
        urls = (f"{trap.base}/teams/", f"http://127.0.0.1:{self.tenant.port}@127.0.0.1:{trap.port}/",
                f"https://smba.trafficmanager.net:{trap.port}/", "", "x")
        notices = [self.notice("alex", f"forged {n}", service_url=url or " ", conversation_id="a:personal-chat-alex") for n,
                   url in enumerate(urls)]
        for notice in notices:
            self.assertEqual(self.outcome(notice)["state"], "dead")
        self.assertEqual(self.metrics("notices_total", state="refused_host"), len(urls))
        waiting = self.notice("alex", "waiting", service_url=trap.base + "/", conversation_id="a:x", due_at="2100-01-01")
        self.assertEqual(self.world.stop_service(), 0)
        self.database.execute(f"update outbox set due_at = now() where id = {waiting}")
        self.world.start_service()
        self.assertEqual(self.outcome(waiting)["state"], "dead")
        self.assertEqual(trap.connections, 0)

    def test_threat_01_a_reference_of_a_host_that_is_trusted_no_more_is_dead(self):
        trap = self.trap(reply(201, {"id": "1"}))
        self.world.restart(self.trust(trap))
        activity, token = self.from_place(trap.base, "megan")
        self.accepted(activity, token)
        harness.until(lambda: trap.seen("Authorization: Bearer "), "while it is trusted it gets the token")
        self.world.wait_notices()
        before = trap.connections
        self.world.restart({"bot.service_hosts": self.world.settings["bot.service_hosts"].rpartition(", ")[0]})
        outcome = self.outcome(self.notice("megan", "afterwards"))
        self.assertEqual((outcome["state"], "not on the list" in outcome["last_error"]), ("dead", True), outcome)
        self.assertEqual(trap.connections, before)

    def test_threat_01_a_redirect_takes_no_token_along(self):
        trap = self.trap()
        for status in (301, 302, 303, 307, 308):
            with self.subTest(status=status):
                place = self.trap(reply(status, Location=f"{trap.base}/v3/"))
                self.world.restart(self.trust(place))
                activity, token = self.from_place(place.base, text="status")
                newest = self.database.value("select coalesce(max(id), 0) from outbox")
                self.accepted(activity, token)
                harness.until(lambda: place.seen("Authorization: Bearer "), "the listed host is called")
                harness.until(lambda: self.database.value(
                    f"select count(*) from outbox where id > {newest} and (state <> 'pending' or attempts > 0)"), "its answer was read")
                self.database.execute("update outbox set state = 'dead' where state = 'pending'")
                self.world.settings["bot.service_hosts"] = self.world.settings["bot.service_hosts"].rpartition(", ")[0]
        self.assertEqual(trap.connections, 0)

    def test_threat_01_a_proxy_of_the_environment_is_not_used(self):
        trap = self.trap()
        names = ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY")
        self.world.restart(environment={**{name: trap.base for name in names}, "no_proxy": ""})
        self.world.ask("alex", "I need 7zip", "7-Zip")
        self.assertEqual(trap.connections, 0)

    def test_threat_02_no_address_inside_an_activity_or_a_token_is_ever_asked(self):
        trap = self.trap()
        url = f"{trap.base}/latest/meta-data/"
        person = self.activity()["from"]
        inside = {
            "attachments": [{"contentType": kind, "contentUrl": url, "thumbnailUrl": url, "content": {"downloadUrl": url, "url": url}}
                            for kind in ("image/png", "text/html", "application/vnd.microsoft.teams.file.download.info",
                                         "application/json")],
            "entities": [{"type": "clientInfo", "url": url}, {"type": url, "mentioned": {"id": url, "url": url}}],
            "from": {**person, "avatar": url, "url": url, "properties": {"picture": url}},
            "relatesTo": {"serviceUrl": url, "conversation": {"id": "a:x"}},
            "callerId": url, "replyToUrl": url, "label": url,
            "suggestedActions": {"actions": [{"type": "openUrl", "value": url, "image": url}]},
            "channelData": {"tenant": {"id": front.TENANT}, "serviceUrl": url, "source": {"url": url}, "team": {"id": url}}}
        for text in (f"I need {url}", f"![x]({url})", f"<img src='{url}'>", "help"):
            self.accepted(self.activity(text=text, **inside))
        self.accepted(self.invoke({**self.press("help", {"url": url}), "url": url}, **inside))
        self.accepted(self.invoke({"url": url}, name="composeExtension/queryLink"))
        self.all_refused({401}, {name: {"token": self.bearer(header=header)} for name, header in
                                 {"jku": {"jku": url}, "x5u": {"x5u": url}, "both": {"jku": url, "x5u": url}, "kid": {"kid": url}}.items()})
        self.accepted(token=self.bearer(jwks_uri=url, jku=url, iss_url=url))
        self.world.wait_notices()
        self.assertEqual(trap.connections, 0)

    def test_threat_02_a_redirect_of_a_host_of_ours_takes_no_secret_along(self):
        trap = self.trap()
        token_host, graph_host = self.trap(reply(307, Location=trap.base + "/token")), self.trap(reply(307, Location=trap.base + "/graph"))
        for host, settings, sent in (
                (token_host, {"bot.token_url": token_host.base + "/token", "graph.token_url": token_host.base + "/token"},
                 "client_secret="),
                (graph_host, {"graph.base_url": graph_host.base + "/v1.0"}, "Authorization: Bearer ")):
            with self.subTest(sent=sent):
                kept = dict(self.world.settings)
                self.world.restart(settings)
                self.accepted(self.activity(text="I need 7zip"))
                harness.until(lambda: host.seen(sent), "the host of ours got it")
                self.world.settings = kept
        self.assertEqual(trap.connections, 0)


class TestForgedTokens(ThreatTest):
    """Threats 3 to 6, beyond the protocol's own list (test_tokens.py)."""

    shared = True
    settings = {"bot.keys_min_refresh_s": 3600}  # an unknown key is not asked for while a case is counted

    def test_threat_03_the_public_key_is_no_secret_whatever_its_form(self):
        pem = openssl("rsa", "-pubout", data=self.key.pem)
        pkcs1 = openssl("rsa", "-RSAPublicKey_out", data=self.key.pem)
        forms = {"PEM": pem, "PEM without its last line feed": pem.rstrip(), "PEM with CR LF": pem.replace(b"\n", b"\r\n"), "PKCS#1": pkcs1,
                 "DER": openssl("rsa", "-pubout", "-outform", "DER", data=self.key.pem),
                 "PKCS#1 DER": openssl("rsa", "-RSAPublicKey_out", "-outform", "DER", data=self.key.pem),
                 "modulus": number(self.key.n), "JWK": json.dumps(self.key.jwk()).encode(), "key id": self.key.kid.encode(), "nothing": b"",
                 "NUL": b"\0"}
        cases = {}
        for form, secret in forms.items():
            for algorithm, digest in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512"), ("RS256", "sha256")):
                def sign(data, secret=secret, digest=digest):
                    return hmac.new(secret, data, digest).digest()
                cases[f"{algorithm} with {form}"] = {"token": self.bearer(header={"alg": algorithm}, sign=sign)}
        self.all_refused({401}, cases)

    def test_threat_03_what_was_verified_vouches_for_no_other_signature(self):
        """A good token is remembered: by all of it, and not by what it says."""
        good = self.bearer()
        self.accepted(token=good)
        header, payload, signature = good.split(".")

        def with_header(**changes):
            return b64(json.dumps({"alg": "RS256", "kid": self.key.kid, "typ": "JWT", **changes})) + f".{payload}"
        self.all_refused({401}, {
            name: {"token": token} for name, token in {
                "no signature": f"{header}.{payload}.", "two segments": f"{header}.{payload}", "none": with_header(alg="none") + ".",
                "none, signed": f"{with_header(alg='none')}.{signature}",
                "NONE": f"{with_header(alg='NONE')}.{signature}", "HS256": f"{with_header(alg='HS256')}.{signature}",
                "zeros": f"{header}.{payload}.{b64(bytes(256))}",
                "bits behind the end": f"{good[:-1]}{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[('AQgw'.find(good[-1]) + 1) % 26]}",
                "signature of the payload": f"{header}.{payload}.{b64(self.key.raw_sign(payload.encode()))}",
                "raw power": f"{header}.{payload}.{b64(self.unpadded(f'{header}.{payload}'.encode()))}"}.items()})
        self.accepted(token=good)

    def unpadded(self, data):
        """A signature of the digest without the padding that makes it one."""
        return pow(int.from_bytes(hashlib.sha256(data).digest(), "big"), self.key.d, self.key.n).to_bytes(256, "big")

    def test_threat_04_a_key_that_a_token_brings_counts_nothing(self):
        own = Key("attacker")
        trap = self.trap(reply(200, {"keys": [own.jwk()]}))
        headers = {}
        for name, value in (("jku", trap.base), ("x5u", trap.base), ("jwk", own.jwk()), ("x5c", [own.certificate(-100, 100)]),
                            ("crit", ["kid"]), ("b64", False), ("zip", "DEF"),
                            ("jku", None), ("jwk", {}), ("x5c", [])):
            for kid in (self.key.kid, own.kid):
                for signer in (own, self.key):
                    headers[f"{name}={str(value)[:20]} {kid} {signer.kid}"] = (signer,
                            {name: value, "kid": kid} if value is not None else json.dumps(
                        {"alg": "RS256", "kid": kid, name: None}))
        fetched = self.issuer.count()
        self.all_refused({401}, {name: {"token": signer.token(self.claims(), header)} for name, (signer, header) in headers.items()})
        self.assertEqual((trap.connections, self.issuer.count()), (0, fetched))

    def test_threat_04_a_key_id_is_a_name_and_nothing_else(self):
        file = self.world.folder / "key.pem"
        file.write_bytes(openssl("rsa", "-pubout", data=Key("x").pem))
        kids = ("../../../../../../etc/passwd", str(file), f"file://{file}", "/dev/null", "/dev/zero", "/proc/self/environ", "..\\..\\key",
                "'; drop table users; --", "' or 1=1 --",
                "1 union select 1", "%n%n%s%s", "$(id)", "`id`", "key-1\0", "\0", "key-1\n", " key-1", "key-1 ", "k\u0435y-1",
                "ke\u0301y-1", "*", "key-?", "key-1,key-1", "k" * 256,
                "k" * 257, "k" * 8000, "\U0001f511" * 64, "__proto__", "null", "0")
        self.all_refused({401}, {kid[:40]: {"token": self.bearer(header={"kid": kid})} for kid in kids})
        self.accepted()
        self.log_lines()

    def test_threat_05_a_token_of_any_size_does_no_harm(self):
        pid, memory = self.world.service.pid, self.memory_mb()
        for size in (16385, 20000, 31000, 33000, 65536, 267000, 1 << 20, 9 << 20):
            for shape in ("header", "payload", "signature", "nothing"):
                with self.subTest(size=size, shape=shape):
                    self.assertIn(self.send_token(self.long_token(size, shape)), (401, 431))
        threads = [threading.Thread(target=self.send_token, args=[self.long_token(size, "header")])
                   for size in (267000,) * 8 + (9 << 20,) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.accepted()
        self.assertTrue(self.world.service.running())
        self.assertEqual(self.world.service.pid, pid)
        self.assertLess(self.memory_mb() - memory, 64)

    def long_token(self, size, shape):
        """Well formed but for its size, in that segment."""
        header, payload, signature = self.bearer().split(".")
        fill = "A" * (size * 3 // 4)
        if shape == "header":
            header = b64(json.dumps({"alg": "RS256", "kid": self.key.kid, "fill": fill}))
        elif shape == "payload":
            payload = b64(json.dumps({**self.claims(), "fill": fill}))
        elif shape == "signature":
            signature = "A" * size
        return f"{header}.{payload}.{signature}" if shape != "nothing" else "x" * size

    def send_token(self, token):
        """The status; it may come before all is sent."""
        head = ("POST /api/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                f"Authorization: Bearer {token}\r\n\r\n{{}}")
        with socket.create_connection(("127.0.0.1", self.world.port), timeout=60) as connection:
            try:
                connection.sendall(head.encode())
            except ConnectionError:
                pass
            return int(connection.recv(65536).split()[1])

    def memory_mb(self):
        return int(re.search(r"VmRSS:\s+(\d+)", self.process("status")).group(1)) >> 10


class TestWebChat(ThreatTest):
    """Threat 6: channels where a client says who it is."""

    shared = True

    def test_threat_06_a_key_of_another_channel_gets_in_by_no_name(self):
        other = Key("web")
        self.issuer.keys = [*self.issuer.keys, other.jwk(endorsements=["webchat", "directline", "emulator", "MSTEAMS", "msteams ",
                "msteams,webchat"])]
        self.world.restart()
        activity = self.activity("megan")
        text = json.dumps(activity)

        def body(change):
            return {"body": change, "token": other.token(self.claims())}

        def of(**changes):
            return body(json.dumps({**activity, **changes}))
        self.all_refused({400, 403}, {
            "as Teams": of(), "as itself": of(channelId="webchat"), "as direct line": of(channelId="directline"),
            "two, Teams last": body(text[:-1] + ', "channelId": "webchat"}'),
            "two, Teams first": body(text.replace('"channelId": "msteams"', '"channelId": "webchat", "channelId": "msteams"')),
            "list": of(channelId=["webchat", "msteams"]),
            "in channel data": of(channelData={"tenant": {"id": front.TENANT}, "channelId": "msteams"}),
            "other case beside": of(ChannelId="msteams", channelId="webchat"),
            "no channel": body(json.dumps({k: v for k, v in activity.items() if k != "channelId"})), "empty": of(channelId=""),
            "null": of(channelId=None)})
        self.all_refused({403},
                         {"says so in its claims": {"activity": activity,
                                                    "token": other.token(self.claims(endorsements=["msteams"], channelId="msteams"))},
                                 "says so in its header": {"activity": activity,
                                                           "token": other.token(self.claims(), {"endorsements": ["msteams"]})}})
        self.accepted(activity)  # the same by a key of Teams


class TestTenants(ThreatTest):
    """Threat 7: a good token says that Teams sent it. It does not say that the sender is one of ours."""

    def test_threat_07_e21_a_tenant_that_is_not_ours_moves_nothing(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("megan", number)
        data = next(b for b in card["buttons"] if b["verb"] == "approve")["data"]
        chat = {"id": "a:personal-chat-megan", "conversationType": "personal"}
        both = {"channelData": {"tenant": {"id": FOREIGN_TENANT}}, "conversation": {**chat, "tenantId": FOREIGN_TENANT}}
        tenants = {"foreign": both, "missing": {"channelData": None, "conversation": chat},
                   "empty": {"channelData": {"tenant": {"id": ""}}, "conversation": {**chat, "tenantId": ""}},
                   "a list": {"channelData": {"tenant": {"id": [front.TENANT]}}},
                   "two lists": {"channelData": {"tenant": [{"id": front.TENANT}]}, "conversation": chat},
                   "mixed": {"channelData": {"tenant": {"id": FOREIGN_TENANT}}},
                   "mixed the other way": {"conversation": {**chat, "tenantId": FOREIGN_TENANT}},
                   "a prefix": {"channelData": {"tenant": {"id": front.TENANT[:-1]}}, "conversation": chat},
                   "a suffix": {"channelData": {"tenant": {"id": front.TENANT + "0"}}, "conversation": chat},
                   "an object": {"channelData": {"tenant": {"id": {"id": front.TENANT}}}, "conversation": chat},
                   "a wildcard": {"channelData": {"tenant": {"id": "*"}}, "conversation": chat}}
        cases = {}
        for name, change in tenants.items():
            cases[f"message of {name}"] = {"activity": self.activity("megan", f"approve {number}", **change)}
            cases[f"click of {name}"] = {"activity": self.invoke(self.press("approve", data), "megan", **change)}
            cases[f"installation of {name}"] = {"activity": self.activity("megan", None, type="installationUpdate", action="add", **change)}
        self.all_refused({400, 403}, cases)
        self.assertEqual(self.world.state(number), "pending")

    def test_threat_07_e21_guests_strangers_and_disabled_people_get_nothing(self):
        form = self.world.open_form("alex", "7zip")
        submit = {**next(b for b in form["buttons"] if b["verb"] == "submit")["data"],
                  "justification": "I have to open what customers send"}
        number, approve = self.pending_request()
        self.disable("lynne")
        stranger = {"from": {"id": "29:stranger", "name": "Megan Bowen", "aadObjectId": STRANGER},
                    "conversation": {"id": "a:stranger", "conversationType": "personal", "tenantId": front.TENANT}}
        before = self.rows()
        for name, who, change in (("a guest", "nora", {}), ("disabled", "lynne", {}), ("a stranger", "alex", stranger)):
            with self.subTest(name):
                self.try_everything(who, number, approve, submit, **change)
        for table in ("requests", "jobs"):
            self.assertEqual(self.rows()[table], before[table])
        self.assertEqual(self.world.state(number), "pending")

    def test_threat_07_a_disabled_approver_gets_nothing(self):
        number, approve = self.pending_request()
        self.disable("adele")
        self.try_everything("adele", number, approve, approve)
        self.assertEqual(self.world.state(number), "pending")

    def disable(self, who):
        """Somebody who was not looked at since: the next thing that they say or press has the directory asked."""
        self.world.wait_directory()
        self.tenant.post(f"people/{who}", {"enabled": False})
        self.database.execute(f"update users set synced_at = null where oid = '{self.world.oid(who)}'")

    def pending_request(self):
        """The number of a request, and what an approver's button sends."""
        number = self.world.ask_for("isaiah", "pdf editor", q1="Manuals")
        card = self.world.card_of("adele", number)
        return number, next(b for b in card["buttons"] if b["verb"] == "approve")["data"]

    def try_everything(self, who, number, approve, submit, **change):
        """All commands and clicks of this person, and that no answer shows an app or a colleague's request."""
        oid = change.get("from", {}).get("aadObjectId") or self.world.oid(who)
        newest, trail = self.database.value("select max(id) from outbox"), self.database.value("select max(seq) from audit_logs")
        clicks = []
        for text in ("I need 7zip", "pending", "jobs", f"status {number}", f"approve {number}", f"reject {number} because I can",
                     f"cancel {number}"):
            self.accepted(self.activity(who, text, **change))
        for verb, data in (("form", {"app": 1}), ("submit", submit), ("approve", approve),
                           ("reject", {**approve, "reason": "because I can"}), ("view", {"rid": number})):
            clicks.append(self.accepted(self.invoke(self.press(verb, data), who, **change)).text)
        self.world.wait_notices()
        shown = self.database.column(f"select activity from outbox where recipient_oid = '{oid}' and id > {newest}")
        self.assertTrue(shown)  # each is told something
        self.assertLessEqual(set(self.database.column(f"select action from audit_logs where seq > {trail}")),
                             {"decision.refused", "token.refused"})
        for word in ("7-Zip", "Contoso", "Isaiah", "customers send"):
            self.assertNotIn(word, " ".join(shown + clicks))


class TestJson(ThreatTest):
    """Threat 16, beyond the protocol's own list (test_activities.py, h21)."""

    shared = True

    def nested(self, depth):
        """An activity whose deepest value lies in so many objects and lists."""
        return json.dumps(self.activity())[:-1] + ', "x": ' + "[" * (depth - 1) + "]" * (depth - 1) + "}"

    def test_threat_16_depth_and_number_of_values_have_an_end(self):
        self.accepted(body=self.nested(64))
        text = json.dumps(self.activity())[:-1]
        self.accepted(body=text + ', "x": [' + "1," * 99000 + "1]}")
        bodies = {"65 levels": self.nested(65), "1001 levels": self.nested(1001), "500,000 levels": "[" * 500000,
                  "100,001 values": text + ', "x": [' + "1," * 100000 + "1]}",
                  "100,001 names": text + "".join(f', "n{n}": 1' for n in range(60000)) + ', "x": [' + "1," * 50000 + "1]}",
                  "trailing text": text + "} {}", "trailing NUL": text + "}\0",
                  "trailing comma": text + ",}", "comment": text + "/**/}", "NaN": text + ', "x": NaN}',
                  "infinity": text + ', "x": -Infinity}', "hexadecimal": text + ', "x": 0x10}',
                  "plus": text + ', "x": +1}', "raw NUL": text + ', "x": "\0"}', "NUL in a name": text + ', "x\\u0000": 1}',
                  "surrogate in a name": text + ', "\\udfff": 1}',
                  "name twice, escaped": text + ', "t\\u0079pe": "invoke"}',
                  "tenant twice": text.replace('{"tenant"', '{"tenant": {"id": "x"}, "tenant"') + "}",
                  "surrogate, then text": text + ', "x": "\\ud800\\u0041"}', "UTF-16": (text + "}").encode("utf-16"),
                  "BOM": b"\xef\xbb\xbf" + text.encode() + b"}",
                  "surrogate as UTF-8": text.encode() + b', "x": "\xed\xa0\x80"}',
                  "above Unicode": text.encode() + b', "x": "\xf4\x90\x80\x80"}'}
        self.all_refused({400}, {name: {"body": body} for name, body in bodies.items()})

    def test_threat_16_a_number_that_fits_nowhere_is_nobodys_request(self):
        request = self.world.ask_for("alex", "7zip")
        app = self.database.value("select id from apps where winget_id = 'Notepad++.Notepad++'")
        wrapped = [request + (1 << bits)
                   for bits in (8, 16, 31, 32, 52, 53, 63, 64, 65)] + [-request, request + 0.5, -(1 << 63), 1 << 63, (1 << 64) - 1,
                           10 ** 400, 1e308, str(request), [request],
                                                                                           {"rid": request}, True, None]
        trail = "select count(*) from audit_logs where action <> 'token.refused'"
        before = self.database.value(trail)
        for value in wrapped:
            with self.subTest(value=str(value)[:40]):
                for verb in ("cancel", "view", "approve", "job", "retry"):
                    answer = self.post(self.invoke(self.press(verb, {"rid": value})))
                    self.assertIn(answer.status, (200, 400))
                    self.assertNotIn("customers send", answer.text)
                if not isinstance(value, str):  # typed, that is the request
                    self.assertIn(self.post(self.activity(text=f"cancel {value}")).status, (200, 400))
                self.assertIn(self.post(self.invoke(self.press("form", {"app": value if value != request else app}))).status, (200, 400))
        self.assertEqual(self.world.state(request), "pending")
        self.assertEqual(self.database.value(trail), before)


class TestNumbersAndFormats(ThreatTest):
    """Threat 22: what a C program is attacked with. The service runs with sanitizers; a report of theirs fails the class."""

    shared = True
    FORMATS = "%n%s%x%p%.99999d%1$n%*d %(x)s {0} ${x}"

    def test_threat_22_text_is_never_a_format(self):
        for changes in ({"text": self.FORMATS}, {"id": self.FORMATS}, {"locale": self.FORMATS}, {"type": self.FORMATS}):
            with self.subTest(changes=changes):
                self.assertIn(self.post(self.activity(**changes)).status, (200, 202, 400))
        number = self.world.ask_for("alex", "7zip", justification=self.FORMATS)
        self.assertIn("%n%s%x%p%.99999d%1$n%*d", self.world.card_of("megan", number)["text"])
        self.assertEqual(self.database.value(f"select justification from requests where id = {number}"), self.FORMATS)

    def test_threat_22_lengths_at_the_edges_of_numbers_are_refused(self):
        body = json.dumps(self.activity()).encode()
        for length in (-1, 1 << 31, (1 << 32) + len(body), (1 << 63) - 1, 1 << 63, (1 << 64) + len(body), 10 ** 40):
            with self.subTest(length=length):
                self.assertIn(self.raw(f"Content-Length: {length}\r\n\r\n".encode() + body), (400, 413))
        for chunk in (b"80000000", b"ffffffff", b"7fffffffffffffff", b"ffffffffffffffff", b"1" + b"0" * 16, b"-1", b"f" * 100):
            with self.subTest(chunk=chunk):
                self.assertIn(self.raw(b"Transfer-Encoding: chunked\r\n\r\n" + chunk + b"\r\n" + body + b"\r\n0\r\n\r\n"), (400, 413))

    def raw(self, rest):
        """Status of a request with a good token, whose head ends with this."""
        with socket.create_connection(("127.0.0.1", self.world.port), timeout=60) as client:
            client.sendall(self.head() + rest)
            return int(client.makefile("rb").readline().split()[1])

    def head(self):
        return (f"POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                f"Authorization: Bearer {self.bearer()}\r\n").encode()

    def test_threat_22_callers_that_leave_before_their_answer_do_no_harm(self):
        """Each request is whole, and is carried out; the connection ends by a reset while it is."""
        for _ in range(50):
            body = json.dumps(self.activity(text="I need 7zip")).encode()
            client = socket.create_connection(("127.0.0.1", self.world.port), timeout=60)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(self.head() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            client.close()
        self.accepted()
        self.world.wait_notices()


class TestPages(ThreatTest):
    """Threat 27: what whoever runs this sees is on another listener, and says nothing about anybody."""

    shared = True
    PATHS = ("/", "/healthz", "/readyz", "/metrics", "/metrics/", "/debug", "/debug/pprof", "/status", "/admin", "/api", "/api/",
             "/api/messages/", "/api/messages/x", "/api/messages/../healthz",
             "/api/%6dessages", "/api/messages%00", "/api/messages%2f", "/api//messages", "//api/messages", "/API/messages",
             "/./api/messages", "/api/messages;x", "/api/message", "/.env",
             "/.well-known/openid-configuration", "/favicon.ico", "/robots.txt", "/v1/keys", "/cards", "/api/calls", "/api/notifications",
             "/server-status", "/../../etc/passwd")

    def test_threat_27_the_public_port_knows_one_path(self):
        good = {"Authorization": f"Bearer {self.bearer()}", "Content-Type": "application/json"}
        before, calls = self.settled()
        body = json.dumps(self.activity()).encode()
        for path in self.PATHS:
            for method, headers, sent in (("GET", {}, b""), ("POST", good, body), ("HEAD", {}, b""), ("OPTIONS", {}, b"")):
                with self.subTest(method=method, path=path):
                    answer = self.request(method, path, sent, headers)
                    self.assertEqual((answer.status, answer.text), (404, ""))
                    self.assertNotIn("server", answer.headers)
        self.assertEqual((self.rows(), self.outward()), (before, calls))

    def test_threat_27_the_admin_listener_takes_no_activity_and_is_on_loopback(self):
        self.assertEqual(self.world.admin("/api/messages")[0], 404)
        listening = set()
        for line in self.process("net/tcp").splitlines()[1:]:
            words = line.split()
            address, port = words[1].split(":")
            if words[3] == "0A" and int(port, 16) == self.world.admin_port:
                listening.add(address)
        self.assertEqual(listening, {"0100007F"})

    def test_threat_27_metrics_name_nobody(self):
        number = self.world.ask_for("alex", "7zip", justification="Because of project Kingfisher")
        self.world.approve("adele", number)
        self.world.wait_state(number, "delivered", 120)
        self.post(token=self.bearer(iss="evil\"} 1\nappdesk_forged 1"))
        self.post(self.activity(channelId='msteams"} 1'))
        for path in ("/healthz", "/readyz", "/metrics", "/nothing", "/metrics?x=Alex"):
            page = self.world.admin(path)[1]
            for word in (front.TENANT, front.APP, "Alex", "alex", "Wilber", "7-Zip", "7zip", "Kingfisher", "127.0.0.1", "evil", "forged",
                         "a:personal", str(self.tenant.port), harness.SECRET, "eyJ"):
                self.assertNotIn(word, page, path)
        for line in self.world.admin("/metrics")[1].splitlines():
            self.assertRegex(line, r'^(# TYPE appdesk_[a-z_]+ (counter|gauge)|appdesk_[a-z_]+(\{[a-z_]+="[a-z_0-9]+"\})? \d+)$')


class TestWrongPerson(ThreatTest):
    """Threat 28: what is said to a person first is said to that person."""

    def reference_of(self, who):
        rows = self.database.rows("select conversation_id, encode(reference, 'hex') as sealed, state from bot_conversation_references"
                                  f" where oid = '{self.world.oid(who)}'")
        return rows[0] if rows else None

    def told_in(self, conversation, words):
        return [m for m in self.tenant.messages(conversation=conversation) if words in json.dumps(m["activity"])]

    def test_threat_28_a_conversation_is_bound_to_one_person(self):
        """Somebody's conversation in another person's activity: neither one is told there what is meant for the other."""
        self.world.ask("alex", "help")
        before = self.reference_of("alex")
        others = {"id": "a:personal-chat-alex", "conversationType": "personal", "tenantId": front.TENANT}
        self.post(self.activity("lynne", "help", conversation=others))
        self.post(self.activity("lynne", None, type="conversationUpdate", conversation=others, membersAdded=[{"id": f"28:{front.APP}"}]))
        self.world.wait_notices()
        self.assertEqual(self.reference_of("alex"), before)
        self.assertEqual(self.outcome(self.notice("alex", "for Alex alone"))["state"], "sent")
        self.assertEqual(len(self.told_in("a:personal-chat-alex", "for Alex alone")), 1)
        self.outcome(self.notice("lynne", "for Lynne alone"))
        self.assertEqual(self.told_in("a:personal-chat-alex", "for Lynne alone"), [])

    def test_threat_28_a_sealed_reference_opens_in_its_own_row_alone(self):
        """As if somebody had written into the table."""
        for who in ("alex", "lynne"):
            self.world.ask(who, "help")
        self.database.execute("update bot_conversation_references set (conversation_id, reference) ="
                              " (select conversation_id, reference from bot_conversation_references"
                              f" where oid = '{self.world.oid('alex')}') where oid = '{self.world.oid('lynne')}'")
        self.outcome(self.notice("lynne", "for Lynne alone"))
        self.assertEqual(self.told_in("a:personal-chat-alex", "for Lynne alone"), [])

    def test_threat_28_an_app_that_was_removed_is_written_to_no_more(self):
        self.world.ask("megan", "help")
        self.tenant.post("uninstall", {"as": "megan"})
        self.assertEqual(self.reference_of("megan")["state"], "removed")
        self.world.wait_notices()
        self.tenant.delete("calls")
        self.assertEqual(self.outcome(self.notice("megan", "afterwards"))["state"], "dead")
        self.assertEqual(self.tenant.calls(surface="connector"), [])
        number = self.world.ask_for("alex", "7zip")  # megan may approve, so there is a notice for her
        self.world.card_of("adele", number)
        self.world.wait_notices()
        self.assertEqual([c for c in self.tenant.calls(surface="connector") if "megan" in c["path"]], [])

    def test_threat_28_references_of_another_app_are_not_used(self):
        place = self.trap(reply(201, {"id": "new-conversation"}))
        tokens = self.trap(reply(200, {"access_token": "x", "token_type": "Bearer", "expires_in": 3600}))
        settings = {**self.trust(place), "bot.token_url": tokens.base + "/token", "bot.service_url": place.base + "/"}
        self.world.restart(settings)
        activity, token = self.from_place(place.base, "megan")
        self.accepted(activity, token)
        harness.until(lambda: place.seen("personal-chat-megan"), "the old app answers in the conversation")
        self.world.wait_notices()
        self.world.restart({"bot.app_id": "00000000-0000-4000-8000-000000000012"})
        place.requests.clear()
        self.notice("megan", "from the new app")
        harness.until(lambda: place.seen("from the new app"), "the notice is sent")
        self.assertTrue(place.seen("POST /v3/conversations HTTP/1.1"))  # its own conversation was made
        self.assertEqual(place.seen("personal-chat-megan"), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
