# SPDX-License-Identifier: Apache-2.0
"""The front door and TLS: what it agrees to, what it survives, how long it waits, and a certificate that is replaced under load."""
import concurrent.futures
import hashlib
import os
import signal
import ssl
import struct
import subprocess
import threading
import time
import unittest

import wire  # first: it knows where harness is
import harness
from maker import OK, Maker
from wire import Broken, Wire

V10, V11, V12, V13 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
HANDSHAKE_S = 10
MARGIN_S = 3  # what a sanitizer and a busy machine may add to a deadline
HANDSHAKE, ALERT, APPLICATION, CHANGE_CIPHER = 22, 21, 23, 20
WEAK = ":@SECLEVEL=0"


def record(kind, data, version=0x0303, length=None):
    return struct.pack(">BHH", kind, version, len(data) if length is None else length) + data


def digest(der):
    return hashlib.sha256(der).hexdigest()


def client_hello():
    """The ClientHello of an ordinary client: the record as it goes over the wire."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = wire.client_tls().wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        hello.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def weaker_suites():
    """The names of TLS 1.2 suites that OpenSSL can still speak and that are not both forward secret and authenticated encryption."""
    listed = subprocess.run(["openssl", "ciphers", "-tls1_2", "-v", "ALL:COMPLEMENTOFALL" + WEAK], check=True, capture_output=True,
                            text=True, timeout=30).stdout
    rows = [line.split() for line in listed.splitlines()]
    return [row[0] for row in rows if row[1] != "TLSv1.3" and not (
        row[0].startswith(("ECDHE-", "DHE-")) and any(mode in row[0] for mode in ("GCM", "CCM", "CHACHA20", "ARIA")))]


class TestTls(wire.WireTest):
    def begin(self):
        super().begin()
        self.certificate = wire.make_certificate(self.world.folder, "first")
        self.program, self.port = self.second_service(wire.tls_settings(self.world.folder))
        self.maker = Maker(self.template, self.token, self.bad_token, f"127.0.0.1:{self.port}")

    def ask(self, tls=None, **more):
        """One good request over a new connection; the connection's TLS object afterwards."""
        with Wire(self.port, tls or wire.client_tls(), **more) as client:
            client.send(self.maker.post())
            answer = client.answer()
            self.assertIsNotNone(answer, "closed instead of answered")
            self.assertIn(answer.status, OK)
            return client.tls

    def assert_refused(self, tls, **more):
        with self.assertRaises((ssl.SSLError, Broken)):
            Wire(self.port, tls, **more).close()

    def assert_dropped(self, data, within_s=5):
        """These bytes end the connection, and no content comes back."""
        with Wire(self.port) as client:
            client.send_raw(data)
            self.assert_drops(client, within_s)

    def assert_drops(self, client, within_s=5):
        end = time.monotonic() + within_s
        said = b""
        while not client.gone:
            data = client.read_raw(end - time.monotonic())
            self.assertIsNotNone(data, "the connection stayed open")
            said += data
        self.assertNotIn(b"HTTP/1.1", said)

    def s_client(self, *options, stdin=b"", timeout=20):
        """openssl s_client; (exit status, all that it says)."""
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", *options], input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
        return done.returncode, done.stdout.decode(errors="replace")

    # ---- what it agrees to ----

    def test_threat_18_old_versions_are_refused(self):
        for version in (V10, V11):
            with self.subTest(version=version.name):
                self.assert_refused(wire.client_tls(version, version, "ALL" + WEAK))
        with self.subTest("SSL 3"):
            hello = client_hello()
            self.assert_dropped(hello[:1] + b"\x03\x00" + hello[3:9] + b"\x03\x00" + hello[11:60].ljust(len(hello) - 11, b"\0"))

    def test_threat_18_versions_1_2_and_1_3_are_spoken(self):
        for version, name in ((V12, "TLSv1.2"), (V13, "TLSv1.3")):
            with self.subTest(name):
                self.assertEqual(self.ask(wire.client_tls(version, version)).version(), name)

    def test_threat_18_the_highest_version_is_chosen(self):
        self.assertEqual(self.ask(wire.client_tls(V10, V13, "ALL" + WEAK)).version(), "TLSv1.3")

    def test_threat_18_suites_without_forward_secrecy_or_authenticated_encryption_are_refused(self):
        names = weaker_suites()
        for known in ("AES128-SHA", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA", "DHE-RSA-AES256-SHA"):
            self.assertIn(known, names)
        for name in names:
            with self.subTest(name):
                self.assert_refused(wire.client_tls(V12, V12, name + WEAK))
        with self.subTest("all of them at once"):
            self.assert_refused(wire.client_tls(V12, V12, ":".join(names) + WEAK))

    def test_threat_18_forward_secret_authenticated_suites_are_spoken(self):
        for name in ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"):
            with self.subTest(name):
                self.assertEqual(self.ask(wire.client_tls(V12, V12, name)).cipher()[0], name)

    def test_threat_18_a_weak_suite_in_front_is_not_preferred(self):
        tls = wire.client_tls(V12, V12, "AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256" + WEAK)
        self.assertEqual(self.ask(tls).cipher()[0], "ECDHE-RSA-AES128-GCM-SHA256")

    def test_threat_18_a_fallback_that_nobody_needed_is_refused(self):
        """TLS_FALLBACK_SCSV: somebody in between has pressed the client down to 1.2."""
        code, said = self.s_client("-tls1_2", "-fallback_scsv")
        self.assertNotEqual(code, 0)
        self.assertIn("inappropriate fallback", said)

    def test_threat_18_a_session_is_bound_to_its_handshake_and_never_compressed(self):
        _, said = self.s_client("-tls1_2", "-comp")
        for words in ("Secure Renegotiation IS supported", "Compression: NONE", "Extended master secret: yes"):
            self.assertIn(words, said)

    def test_threat_18_small_groups_are_refused(self):
        for options in (("-cipher", "DHE-RSA-AES128-GCM-SHA256" + WEAK), ("-groups", "prime192v1"), ("-groups", "secp224r1")):
            with self.subTest(options=options):
                code, said = self.s_client("-tls1_2", *options)
                self.assertNotEqual(code, 0)
                self.assertIn("handshake failure", said)

    def test_fault_37_renegotiation_is_refused(self):
        """The client asks for it in the middle of a connection (a line with R tells s_client to)."""
        with subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-tls1_2"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as client:
            self.addCleanup(client.kill)
            client.stdin.write(b"R\n")
            client.stdin.flush()
            harness.until(lambda: client.poll() is not None, "the connection ends", 20)
            code = client.returncode
            said = client.stdout.read().decode(errors="replace")
        self.assertIn("RENEGOTIATING", said)
        self.assertIn("no renegotiation", said)
        self.assertNotEqual(code, 0)
        self.ask()

    def test_threat_18_no_early_data_is_taken(self):
        """What can be sent in the first flight can be replayed by whoever has recorded it."""
        folder = self.world.folder
        early = folder / "early.txt"
        early.write_bytes(self.maker.post())
        _, said = self.s_client("-tls1_3", "-sess_out", folder / "session.pem", stdin=self.maker.nowhere())
        self.assertNotIn("Max Early Data: 16384", said)
        if (folder / "session.pem").exists():
            _, said = self.s_client("-tls1_3", "-sess_in", folder / "session.pem", "-early_data", early)
            self.assertNotIn("Early data was accepted", said)
        self.assert_untouched()

    def test_a_session_that_is_offered_again_is_served(self):
        for version in (V12, V13):
            with self.subTest(version=version.name):
                tls = wire.client_tls(version, version)
                session = self.ask(tls).session
                self.ask(tls, session=session)

    def test_protocols_that_it_does_not_speak_do_no_harm(self):
        for offer in (["h2"], ["h2", "spdy/3.1"], ["http/1.1"], ["h2", "http/1.1"], ["x" * 255]):
            with self.subTest(offer=offer[0][:9]):
                tls = wire.client_tls()
                tls.set_alpn_protocols(offer)
                self.assertIn(self.ask(tls).selected_alpn_protocol(), (None, "http/1.1"))

    def test_whatever_name_is_asked_for_is_served(self):
        for name in ("attacker.example", "a" * 60 + ".example", "localhost", None):
            with self.subTest(name=name):
                self.assertEqual(digest(self.ask(name=name).getpeercert(True)), digest(self.certificate))

    def test_a_connection_that_is_closed_says_so(self):
        """Without the alert, who listens cannot tell an end from a cut (RFC 9112 section 9.8)."""
        closing = (("asked for", self.maker.post(add=[b"Connection: close"]), OK), ("refused", self.maker.nowhere(), (404,)))
        for name, data, expected in closing:
            with self.subTest(name), Wire(self.port, wire.client_tls()) as client:
                client.send(data)
                self.assertIn(client.answer().status, expected)
                client.ends()
                self.assertTrue(client.farewell)

    # ---- what it survives ----

    def test_fault_37_what_is_no_tls_ends_the_connection(self):
        hello = client_hello()
        rows = (
            ("plain HTTP", self.maker.post()),
            ("zeros", bytes(2000)),
            ("ones", b"\xff" * 2000),
            ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n" * 10),
            ("an SSL 2 hello", b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(40)),
            ("an unknown kind of record", record(99, hello[5:])),
            ("an unknown version", record(HANDSHAKE, hello[5:], version=0x0999)),
            ("a record that is too large", record(HANDSHAKE, bytes(40), length=0xffff)),
            ("a hello that is too large", record(HANDSHAKE, b"\x01\xff\xff\xff" + bytes(16000)) * 20),
            ("a hello of lies", record(HANDSHAKE, hello[5:40] + b"\xff" * (len(hello) - 40))),
            ("an empty hello", record(HANDSHAKE, b"\x01\x00\x00\x00")),
            ("a server's hello", record(HANDSHAKE, b"\x02" + hello[6:])),
            ("content before the handshake", record(APPLICATION, self.maker.post()[:16000])),
            ("an alert first", record(ALERT, b"\x02\x28")),
            ("change of ciphers first", record(CHANGE_CIPHER, b"\x01") * 100),
            ("a heartbeat", record(24, b"\x01\xff\xff" + bytes(16))),
            ("content behind the hello", hello + record(APPLICATION, bytes(200))),
            ("a second hello", hello + hello),
        )
        for name, data in rows:
            with self.subTest(name):
                self.assert_dropped(data)
        self.assert_untouched()
        self.ask()

    def test_fault_37_forged_records_end_the_connection(self):
        rows = (
            ("garbage", record(APPLICATION, b"\xa5" * 300)),
            ("a record that is too large", record(APPLICATION, b"\xa5" * 18000)),
            ("an empty record", record(APPLICATION, b"")),
            ("plain HTTP", self.maker.post()),
            ("a plain alert", record(ALERT, b"\x02\x28")),
        )
        for version in (V12, V13):
            for name, data in rows:
                with self.subTest(name, version=version.name), Wire(self.port, wire.client_tls(version, version)) as client:
                    client.send(self.maker.post()[:200])
                    client.send_raw(data)
                    self.assert_drops(client)
        self.assert_untouched()
        self.ask()

    def test_fault_37_a_changed_byte_ends_the_connection(self):
        for version in (V12, V13):
            with self.subTest(version=version.name), Wire(self.port, wire.client_tls(version, version)) as client:
                client.tls.write(self.maker.post())
                data = bytearray(client.outgoing.read())
                data[-40] ^= 1
                client.send_raw(bytes(data))
                self.assert_drops(client)
        self.assert_untouched()

    def test_a_hello_may_come_in_pieces(self):
        """Many small records, and records cut anywhere by the network."""
        def in_records(hello):
            return b"".join(record(HANDSHAKE, hello[i:i + 20], version=0x0301) for i in range(5, len(hello), 20))
        for name, cut, size in (("records", in_records, 10000), ("bytes", bytes, 1), ("both", in_records, 7)):
            with self.subTest(name), Wire(self.port, wire.client_tls(), handshake=False) as client:
                data = cut(client.first_flight())
                for i in range(0, len(data), size):
                    client.send_raw(data[i:i + size])
                client.shake_hands()
                client.send(self.maker.post())
                self.assertIn(client.answer().status, OK)

    def test_content_may_come_in_pieces(self):
        """A record for each byte, and records cut by the network."""
        for size in (1, 3, 5000):
            with self.subTest(size=size), Wire(self.port, wire.client_tls()) as client:
                for byte in self.maker.post():
                    client.tls.write(bytes([byte]))
                data = client.outgoing.read()
                for i in range(0, len(data), size):
                    client.send_raw(data[i:i + size])
                self.assertIn(client.answer().status, OK)

    def test_fault_37_who_leaves_without_a_word_leaves_nothing_behind(self):
        post = self.maker.post()
        for leave in (Wire.close, Wire.reset):
            for sent in (0, 1, 100, len(post) - 1):
                client = Wire(self.port, wire.client_tls())
                client.send(post[:sent])
                leave(client)
            client = Wire(self.port, wire.client_tls(), handshake=False)
            client.send_raw(client.first_flight())
            leave(client)
        for leave in (Wire.close, Wire.reset):
            client = Wire(self.port, wire.client_tls())
            client.send(self.maker.forged())
            leave(client)
        self.ask()
        self.assertEqual(len(self.executed()), 1)

    # ---- how long it waits ----

    def stall(self, data):
        """Sends this much of a handshake and no more; the seconds until the other end lets go."""
        begun = time.monotonic()
        with Wire(self.port) as client:
            client.send_raw(data)
            client.closes(HANDSHAKE_S + MARGIN_S + 5)
            return time.monotonic() - begun

    def drip(self, data):
        """The same, one more byte each time that nothing has come for half a second."""
        begun = time.monotonic()
        with Wire(self.port) as client:
            for i in range(len(data)):
                if client.gone or time.monotonic() - begun > HANDSHAKE_S + MARGIN_S + 5:
                    break
                client.send_raw(data[i:i + 1])
                client.read_raw(within_s=0.5)
            return time.monotonic() - begun

    def test_fault_37_half_a_handshake_is_let_go_in_time(self):
        hello = client_hello()
        cuts = (0, 1, 4, 5, 6, 9, 11, 43, len(hello) // 2, len(hello) - 1, len(hello))
        with concurrent.futures.ThreadPoolExecutor(len(cuts) + 1) as pool:
            runs = {f"{n} bytes": pool.submit(self.stall, hello[:n]) for n in cuts}
            runs["byte by byte"] = pool.submit(self.drip, hello)
            for name, run in runs.items():
                with self.subTest(name):
                    self.assertLess(run.result(), HANDSHAKE_S + harness.within(MARGIN_S))
        self.assert_untouched()

    def test_fault_37_half_handshakes_do_not_hold_up_others(self):
        hello = client_hello()
        for n in range(50):
            client = Wire(self.port)
            self.addCleanup(client.close)
            client.send_raw(hello[:n * len(hello) // 49])
        self.ask()  # from here on the person is known
        for _ in range(10):
            begun = time.monotonic()
            self.ask()
            self.assertLess(time.monotonic() - begun, harness.within(1.0))

    # ---- a certificate that is replaced ----

    def served(self):
        """The digest of the certificate that a new connection is shown."""
        with Wire(self.port, wire.client_tls()) as client:
            return digest(client.tls.getpeercert(True))

    def test_fault_45_a_certificate_is_replaced_under_load_without_an_error(self):
        stopping = threading.Event()
        seen, faults = [], []

        def new_connections():
            while not stopping.is_set():
                seen.append(digest(self.ask().getpeercert(True)))

        def kept_connection():
            with Wire(self.port, wire.client_tls()) as client:
                while not stopping.is_set():
                    client.send(self.maker.post())
                    self.assertIn(client.answer().status, OK)

        def guarded(work):
            try:
                work()
            except (AssertionError, OSError) as fault:
                faults.append(repr(fault))

        threads = [threading.Thread(target=guarded, args=[work]) for work in (new_connections, new_connections, kept_connection)]
        for thread in threads:
            thread.start()
        certificates = [digest(self.certificate)]
        try:
            for number in range(5):
                certificates.append(digest(wire.make_certificate(self.world.folder, f"renewed-{number}")))
                os.kill(self.program.pid, signal.SIGHUP)
                harness.until(lambda: seen[-1:] == certificates[-1:] or faults, "the new certificate is served")
        finally:
            stopping.set()
            for thread in threads:
                thread.join()
        self.assertEqual(faults, [])
        self.assertEqual(list(dict.fromkeys(seen))[-1], certificates[-1])
        self.assertLessEqual(set(seen), set(certificates))

    def test_fault_45_a_broken_pair_keeps_the_old_one_and_is_told(self):
        folder = self.world.folder
        good = {name: (folder / name).read_bytes() for name in ("tls.key", "tls.pem")}
        wire.make_certificate(folder, "other")
        other = {name: (folder / name).read_bytes() for name in good}
        broken = (
            ("a key that is none", {"tls.key": b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}),
            ("a certificate that is none", {"tls.pem": b"nothing"}),
            ("an empty certificate", {"tls.pem": b""}),
            ("half a certificate", {"tls.pem": good["tls.pem"][:500]}),
            ("a key of another certificate", {"tls.key": other["tls.key"], "tls.pem": good["tls.pem"]}),
            ("no key", {"tls.key": None}),
        )
        for name, files in broken:
            with self.subTest(name):
                told = self.told()
                for file, content in {**good, **files}.items():
                    (folder / file).unlink(missing_ok=True)
                    if content is not None:
                        (folder / file).write_bytes(content)
                os.kill(self.program.pid, signal.SIGHUP)
                harness.until(lambda: self.told() > told, "the log tells of the pair", 20)
                self.assertEqual(self.served(), digest(self.certificate))
        renewed = digest(wire.make_certificate(folder, "renewed"))
        os.kill(self.program.pid, signal.SIGHUP)
        harness.until(lambda: self.served() == renewed, "the next good pair is served")
        self.ask()

    def told(self):
        """How many errors or warnings about TLS files the log holds."""
        lines = (self.world.folder / "second.log").read_text(errors="replace").splitlines()
        return sum("TLS" in line and ('"error"' in line or '"warn"' in line) for line in lines)


if __name__ == "__main__":
    unittest.main(verbosity=2)
