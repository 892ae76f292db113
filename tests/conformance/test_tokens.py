# SPDX-License-Identifier: Apache-2.0
"""Who may speak for the channel: cases A01 to A32, A41, A46 to A48 of the protocol's list, and what the vendors' own lists have besides.

The exact second of a limit is tested with a clock of its own (unit_identity_verify); here ten seconds lie on either side.
"""
import json
import os
import random
import socket
import unittest

import front
from issuer import ISSUER, Key, b64, openssl


class TestTokens(front.FrontTest):
    shared = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.foreign = Key("key-1")  # another key under the same id

    def test_a01_a_good_token_is_accepted(self):
        good = self.bearer()
        for _ in range(2):  # verified, then remembered
            self.accepted(token=good)

    def test_a02_no_authorization(self):
        self.refused(401, authorization="")

    def test_a03_an_empty_header(self):
        self.refused(401, authorization=" ")

    def test_a04_schemes_and_shapes_of_the_header(self):
        fetches = self.issuer.count()
        good = self.bearer()
        self.each({"basic": "Basic dXNlcjpwYXNz", "scheme alone": "Bearer", "two tokens": "Bearer a b", "no scheme": good,
                   "two spaces": f"Bearer  {good}", "good and more": f"Bearer {good} x", "comma": f"Bearer {good},{good}",
                   "negotiate": f"Negotiate {good}"},
                  lambda value: self.refused(401, authorization=value))
        self.assertEqual(self.issuer.count(), fetches)
        self.accepted(authorization=f"bearer {good}")  # RFC 9110: without regard to case

    def test_a05_two_authorization_headers(self):
        """Refused as a request that can be read in two ways; the SDKs take the one or the other."""
        good = self.bearer()
        body = json.dumps(self.activity()).encode()
        before = self.rows()
        head = (f"POST /api/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                f"Authorization: Bearer {good}\r\nAuthorization: Bearer {good}\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", self.world.port), timeout=60) as connection:
            connection.sendall(head + body)
            self.assertIn(connection.recv(65536).split()[1], (b"400", b"401"))
        self.assertEqual(self.rows(), before)

    def test_a06_what_is_no_token(self):
        good = self.bearer()
        header, payload, signature = good.split(".")
        self.each({"one segment": header, "two": f"{header}.{payload}", "four": f"{good}.x", "empty signature": f"{header}.{payload}.",
                   "empty payload": f"{header}..{signature}", "padding": f"{good}=", "junk": f"{good}!", "point": f"{good}.",
                   "standard alphabet": f"{header}.{payload}.{signature[:-4]}+/+/", "words": "not.a.token",
                   "header no JSON": f"e30x.{payload}.{signature}",
                   "payload null": self.key.token("null"), "payload a list": self.key.token("[]"), "payload cut": self.key.token('{"iss":'),
                   "claim twice": self.key.token(json.dumps(self.claims())[:-1] + f', "aud": "{front.APP}"}}')},
                  lambda token: self.refused(401, token=token))
        self.accepted(token=good)

    def test_a07_issuers(self):
        fetches = self.issuer.count()
        wrong = {"absent": None, "number": 7, "list": [ISSUER], "other": "https://login.example/", "slash": ISSUER + "/",
                 "upper case": ISSUER.upper(), "entra": f"https://sts.windows.net/{front.TENANT}/", "empty": "", "blank": ISSUER + " "}
        self.each(wrong, lambda issuer: self.refused(401, token=self.bearer(header={"kid": "unknown"}, iss=issuer)))
        self.each(wrong, lambda issuer: self.refused(401, token=self.bearer(iss=issuer)))
        self.assertEqual(self.issuer.count(), fetches)

    def test_a08_audiences_that_are_not_ours(self):
        self.each({"absent": None, "empty": "", "other": "00000000-0000-4000-8000-000000000012", "list without": ["a", "b"],
                   "empty list": [],
                   "scheme": f"api://{front.APP}", "botid": f"api://botid-{front.APP}", "number": 7, "object": {"a": front.APP},
                   "nested": [[front.APP]]},
                  lambda audience: self.refused(401, token=self.bearer(aud=audience)))

    def test_a09_a_list_of_audiences_with_ours(self):
        self.accepted(token=self.bearer(aud=["another", front.APP]))

    def test_a10_a_token_for_another_app_that_names_us_elsewhere(self):
        other = "00000000-0000-4000-8000-000000000012"
        self.refused(401, token=self.bearer(aud=other, appid=front.APP, azp=front.APP, ver="2.0"))

    def test_a11_expiry(self):
        self.settled()  # the clock stands still for no job
        now = int(self.claims()["nbf"]) + 10
        self.refused(401, token=self.bearer(exp=now - 310, nbf=now - 4000))
        self.accepted(token=self.bearer(exp=now - 290, nbf=now - 4000))

    def test_a12_not_before(self):
        self.settled()
        now = int(self.claims()["nbf"]) + 10
        self.refused(401, token=self.bearer(nbf=now + 310))
        self.refused(401, token=self.bearer(iat=now + 310))
        self.accepted(token=self.bearer(nbf=now + 290))
        self.refused(401, token=self.bearer(nbf="soon"))

    def test_a13_a14_without_a_number_there_is_no_expiry(self):
        self.each({"absent": {}, "text": {"exp": "1999999999"}, "null": {"exp": None}, "list": {"exp": [1999999999]},
                   "negative": {"exp": -1},
                   "endless": {"exp": 1e300}}, lambda extra: self.refused(401, token=self.key.token({**self.claims(exp=None), **extra})))

    def test_a15_threat_03_algorithms(self):
        folder = self.world.folder
        elliptic = folder / "ec.pem"
        elliptic.write_bytes(openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout"))
        pss = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")
        signers = {
            "none": (lambda _: b""), "None": (lambda _: b"x"), "nOnE": self.key.raw_sign, "HS256": self.key.hs256, "hs256": self.key.hs256,
            "RS384": self.key.by_openssl(folder, "sha384"), "RS512": self.key.by_openssl(folder, "sha512"),
            "PS256": self.key.by_openssl(folder, "sha256", *pss), "rs256": self.key.raw_sign,
            "ES256": lambda data: openssl("dgst", "-sha256", "-sign", str(elliptic), data=data)}
        self.each({name: (name, sign) for name, sign in signers.items()},
                  lambda signer: self.refused(401, token=self.bearer(header={"alg": signer[0]}, sign=signer[1])))
        self.refused(401, token=self.bearer(header={"alg": None}))
        self.refused(401, token=self.bearer(header={"alg": ["RS256"]}))
        self.refused(401, token=self.bearer(sign=self.key.hs256))  # says RS256, is an HMAC
        self.refused(401, token=self.key.token(self.claims(), '{"alg":"none","alg":"RS256","kid":"key-1"}'))

    def test_a16_signatures_of_something_else(self):
        good = self.bearer()
        header, payload, signature = good.split(".")
        flipped = signature[:100] + ("A" if signature[100] != "A" else "B") + signature[101:]
        other = b64(json.dumps(self.claims(exp=1999999999)))
        self.each({"one bit": f"{header}.{payload}.{flipped}", "another payload": f"{header}.{other}.{signature}",
                   "another key": self.bearer(key=self.foreign), "cut": good[:-8],
                   "of nothing": self.bearer(sign=lambda _: self.key.raw_sign(b"")),
                   "zeros": self.bearer(sign=lambda _: bytes(256)), "one": self.bearer(sign=lambda _: bytes(255) + b"\1")},
                  lambda token: self.refused(401, token=token))
        self.accepted(token=good)

    def test_a17_threat_04_key_ids(self):
        before = self.issuer.count()
        self.each({"absent": None, "empty": "", "number": 1, "long": "k" * 300, "path": "../../etc/passwd", "sql": "x' or '1'='1",
                   "case": "KEY-1", "NUL": "key-1\0", "list": ["key-1"], "unknown": "key-2"},
                  lambda kid: self.refused(401, token=self.bearer(header={"kid": kid})))
        self.assertLessEqual(self.issuer.count() - before, 1)

    def test_threat_04_headers_that_bring_their_own_key(self):
        for header in ({"jku": "https://attacker.example/keys"}, {"x5u": "https://attacker.example/cert"}, {"jwk": self.foreign.jwk()},
                       {"x5c": [self.foreign.certificate(-10, 10)]}, {"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"zip": "DEF"}):
            with self.subTest(header=header):
                self.refused(401, token=self.bearer(header=header))
                self.refused(401, token=self.bearer(key=self.foreign, header=header))

    def test_a21_service_urls_that_are_no_claim(self):
        self.each({"absent": {}, "empty": {"serviceurl": ""}, "null": {"serviceurl": None}, "number": {"serviceurl": 7},
                   "list": {"serviceurl": [self.service_url]}, "camel case": {"serviceUrl": self.service_url},
                   "upper case": {"SERVICEURL": self.service_url}},
                  lambda extra: self.refused(401, token=self.key.token({**self.claims(serviceurl=None), **extra})))

    def test_a22_a_service_url_of_another_token(self):
        port = self.tenant.port
        self.each({"host": f"http://127.0.0.2:{port}/teams/{front.TENANT}/", "path": f"http://127.0.0.1:{port}/other/",
                   "userinfo": f"http://127.0.0.1:{port}@attacker.example/teams/{front.TENANT}/",
                   "port": f"http://127.0.0.1:{port}0/teams/{front.TENANT}/",
                   "scheme": self.service_url.replace("http", "https"), "longer": self.service_url + "x", "query": self.service_url + "?x",
                   "two slashes": self.service_url + "/"},
                  lambda url: self.refused(401, self.activity(serviceUrl=url)))

    def test_a23_one_slash_at_the_end_is_no_difference(self):
        self.accepted(self.activity(serviceUrl=self.service_url.rstrip("/")))
        self.accepted(token=self.bearer(serviceurl=self.service_url.rstrip("/")))

    def test_a24_case_of_host_and_path(self):
        local = self.service_url.replace("127.0.0.1", "localhost")
        self.accepted(self.activity(serviceUrl=local),
                      token=self.bearer(serviceurl=local.replace("localhost", "LOCALHOST").replace("http", "HTTP")))
        self.refused(401, self.activity(serviceUrl=local), token=self.bearer(serviceurl=local.replace("/teams/", "/Teams/")))

    def test_a25_an_activity_without_a_service_url(self):
        self.refused(400, self.activity(serviceUrl=None))
        self.refused(400, self.activity(serviceUrl=""))

    def test_a26_threat_01_a_host_that_is_not_listed(self):
        hosts = ("https://attacker.trafficmanager.net/", "https://smba.trafficmanager.net.attacker.example/",
                 "https://notbotframework.com/",
                 "https://botframework.com.attacker.example/", "https://169.254.169.254/latest/", "https://localhost/",
                 "http://smba.trafficmanager.net/teams/",
                 "https://smba.trafficmanager.net:8443/teams/", "https://user@smba.trafficmanager.net/teams/",
                 "https://smba.trafficmanager.net@attacker.example/",
                 "https://[::1]/", "https://2130706433/", "https://teams.microsoft.us/", "ftp://smba.trafficmanager.net/",
                 "file:///etc/passwd", "https://x.azurewebsites.net/")
        self.each({host: host for host in hosts},
                  lambda url: self.refused(403, self.activity(serviceUrl=url), token=self.bearer(serviceurl=url)))

    def test_a31_a32_threat_06_channels(self):
        self.each({"absent": None, "empty": "", "webchat": "webchat", "directline": "directline", "emulator": "emulator", "case": "MSTeams",
                   "blank": "msteams "},
                  lambda channel: self.refused(403, self.activity(channelId=channel)))

    def test_a41_a_skills_token(self):
        self.refused(401, token=self.bearer(ver="2.0", azp="00000000-0000-4000-8000-000000000099",
                                            iss=f"https://login.microsoftonline.com/{front.TENANT}/v2.0"))
        self.refused(401, token=self.bearer(ver="1.0", appid="00000000-0000-4000-8000-000000000099",
                                            iss=f"https://sts.windows.net/{front.TENANT}/"))

    def test_a46_threat_19_the_reason_is_in_the_log_alone(self):
        evil = "x\r\n{\"level\":\"error\"}\u2028\u2029\u0085\u202e\x1b[31m"
        answer = self.refused(401, token=self.bearer(iss=evil))
        self.assertEqual(answer.headers["www-authenticate"], front.CHALLENGE)
        self.refused(400, self.activity(id=evil))
        self.refused(403, self.activity(recipient={"id": "28:" + "\u2028" * 5}))
        self.refused(401, token=self.bearer(header={"kid": evil}))
        raw = self.world.log()
        for line in raw.splitlines():
            self.assertTrue(json.loads(line)["msg"])
        self.assertIn("token of another issuer", raw)
        self.assertFalse(set("\r\u2028\u2029\u0085\u202e\x1b") & set(raw))

    def test_a47_threat_05_a_header_of_16_kib_and_more(self):
        self.each({"16 KiB + 1": (16 << 10) + 1, "31 KiB": 31 << 10, "33 KiB": 33 << 10, "267 kB": 267000, "9 MB": 9000000},
                  lambda size: self.assertIn(self.post(token="x" * size).status, (401, 431)))
        self.accepted()

    def test_a48_mutations_of_token_and_body_do_no_harm(self):
        seed = int(os.environ.get("APPDESK_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
        print(f"seed {seed}", flush=True)
        dice = random.Random(seed)
        good, body = self.bearer(), json.dumps(self.activity()).encode()
        for _ in range(300):
            token, text = good, body
            if dice.random() < 0.5:
                at = dice.randrange(len(token))
                token = token[:at] + chr(dice.randrange(33, 127)) + token[at + dice.randrange(3):]
            else:
                at = dice.randrange(len(text))
                text = text[:at] + bytes(dice.randrange(256) for _ in range(dice.randrange(4))) + text[at + dice.randrange(4):]
            self.assertIn(self.post(token=token, body=text).status, (200, 400, 401, 403))
        self.accepted()


class TestEndorsements(front.FrontTest):
    """What a key may speak for is said by the issuer, key by key."""

    shared = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.odd = {
            "a18 elliptic": {"kty": "EC"}, "a18 without n": {"n": None}, "a18 without e": {"e": None}, "a18 n is no number": {"n": "!"},
            "use enc": {"use": "enc"}, "another algorithm": {"alg": "RS512"}, "a20 expired": {"x5c": [cls.key.certificate(-2000, -1000)]},
            "a20 not yet valid": {"x5c": [cls.key.certificate(1000, 2000)]}, "a20 broken": {"x5c": ["AAAA"]}}
        cls.unendorsed = {
            "a27 another channel": ["webchat"], "a28 none": None, "a28 empty": [], "a28 text": "msteams", "a28 object": {"msteams": True},
            "a30 case": ["MSTeams"], "blank": ["msteams "], "nested": [["msteams"]], "numbers": [1, 2]}
        weak = cls.weak = Key("weak", 1024)
        keys = [cls.key.jwk(), weak.jwk(), cls.key.jwk(kid="several", endorsements=["webchat", "msteams", "directline"]),
                cls.key.jwk(kid="valid", x5c=[cls.key.certificate(-1000, 100000)])]
        keys += [cls.key.jwk(kid=kid, **changes) for kid, changes in cls.odd.items()]
        keys += [cls.key.jwk(kid=kid, endorsements=list_) for kid, list_ in cls.unendorsed.items()]
        cls.issuer.keys = keys
        cls.world.end()
        cls.world.begin()

    def test_a18_a20_keys_that_are_none(self):
        for kid in self.odd:
            with self.subTest(kid=kid):
                self.refused(401, token=self.bearer(header={"kid": kid}))

    def test_a19_a_key_of_1024_bits(self):
        self.refused(401, token=self.bearer(key=self.weak))

    def test_a20_a_key_with_a_valid_certificate(self):
        self.accepted(token=self.bearer(header={"kid": "valid"}))

    def test_a27_a28_a30_threat_06_keys_that_do_not_speak_for_teams(self):
        for kid in self.unendorsed:
            with self.subTest(kid=kid):
                self.refused(403, token=self.bearer(header={"kid": kid}))

    def test_a29_one_of_several_endorsements(self):
        self.accepted(token=self.bearer(header={"kid": "several"}))


if __name__ == "__main__":
    unittest.main(verbosity=2)
