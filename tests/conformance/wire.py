# SPDX-License-Identifier: Apache-2.0
"""The front door as an attacker sees it: sockets that carry any bytes, plain or inside TLS, and what came back.

TLS runs in memory between the test and the socket, so that a test may cut, split or forge what goes over the wire.
"""
import json
import os
import pathlib
import select
import socket
import ssl
import struct
import subprocess
import sys
import time
import warnings

# What a sanitizer keeps back of freed memory is not the program's, whose memory is judged here.
os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=8")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import harness  # noqa: E402
from processes import free_port  # noqa: E402

ANSWER_S = 40  # longer than the arrival deadline, sanitizers and a busy machine included
READ_BYTES = 65536


class Answer:
    """One answer; interim ones (100) that came before it are in interim."""

    def __init__(self, status, headers, body, interim):
        self.status = status
        self.headers = headers
        self.body = body
        self.interim = interim

    def __repr__(self):
        return f"<{self.status}>"


class Broken(AssertionError):
    """What came is no HTTP answer, or nothing came although the connection is open."""


class Wire:
    """One client connection. tls: an ssl.SSLContext, or None. Not for more than one thread."""

    def __init__(self, port, tls=None, name="localhost", handshake=True, session=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.gone = False
        self.farewell = False  # TLS said that this is the end
        self.tls = None
        if tls:
            self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = tls.wrap_bio(self.incoming, self.outgoing, server_hostname=name, session=session)
        try:
            if tls and handshake:
                self.shake_hands()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """As a machine that lost its power and came back: RST instead of a farewell."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # ---- bytes on the socket ----

    def send_raw(self, data):
        """False when the other end is gone."""
        try:
            self.socket.sendall(data)
            return True
        except (ConnectionError, TimeoutError):
            return False

    def read_raw(self, within_s=ANSWER_S):
        """What came next; b'' once it has closed; None when nothing came in time."""
        poll = select.poll()  # unlike select, it takes a thousand sockets
        poll.register(self.socket, select.POLLIN)
        if not poll.poll(max(within_s, 0) * 1000):
            return None
        try:
            data = self.socket.recv(READ_BYTES)
        except ConnectionError:
            data = b""
        self.gone = not data
        return data

    def closes(self, within_s):
        """Whether the other end closes in time; what it still says (an alert, an answer) is read over."""
        end = time.monotonic() + within_s
        while not self.gone:
            if self.read_raw(end - time.monotonic()) is None:
                return False
        return True

    # ---- TLS ----

    def flush(self):
        return self.send_raw(self.outgoing.read()) if self.outgoing.pending else True

    def first_flight(self):
        """The bytes of the ClientHello, for the test to send as it likes."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self.outgoing.read()

    def shake_hands(self):
        """ssl.SSLError when refused, Broken when the connection ends or stays silent."""
        while True:
            try:
                self.tls.do_handshake()
                self.flush()
                return
            except ssl.SSLWantReadError:
                self.flush()
            except ssl.SSLError:
                self.flush()
                raise
            data = self.read_raw()
            if not data:
                raise Broken("silence" if data is None else "closed in the middle of the handshake")
            self.incoming.write(data)

    def _decrypt(self):
        parts = []
        while True:
            try:
                part = self.tls.read(READ_BYTES)
                self.farewell |= not part
            except ssl.SSLWantReadError:
                part = b""
            except ssl.SSLZeroReturnError:  # the same, when we have said farewell before
                self.farewell, part = True, b""
            if not part:
                return b"".join(parts)
            parts.append(part)

    # ---- content ----

    def send(self, data):
        """False when the other end is gone."""
        if not self.tls:
            return self.send_raw(data)
        view = memoryview(data)
        while view:
            view = view[self.tls.write(view):]
        return self.flush()

    def finish_sending(self):
        """Says that nothing more comes, and goes on listening."""
        if self.tls:
            try:
                self.tls.unwrap()
            except ssl.SSLError:
                pass  # the other end has not said so yet
            self.flush()
        else:
            self.socket.shutdown(socket.SHUT_WR)

    def read(self, within_s=ANSWER_S):
        """What came next, decrypted; b'' once it has closed; None when nothing came in time."""
        end = time.monotonic() + within_s
        while True:
            data = self.read_raw(end - time.monotonic())
            if not data or not self.tls:
                return data
            self.incoming.write(data)
            content = self._decrypt()
            if content:
                return content

    def _fill(self, enough, end):
        """Reads until enough(received); False when the connection ends before its first byte."""
        while not enough():
            data = self.read(end - time.monotonic())
            if data is None:
                raise Broken(f"silence behind {self.received[:80]!r}")
            if not data and not self.received:
                return False
            if not data:
                raise Broken(f"closed in the middle of an answer: {self.received[:80]!r}")
            self.received += data
        return True

    def answer(self, within_s=ANSWER_S, method="POST"):
        """The next final answer; None when the connection was closed instead."""
        end = time.monotonic() + within_s
        interim = []
        while True:
            if not self._fill(lambda: b"\r\n\r\n" in self.received, end):
                return None
            head, _, self.received = self.received.partition(b"\r\n\r\n")
            status, headers = parse_head(head)
            if status >= 200:
                break
            interim.append(status)
        length = 0 if method == "HEAD" or status == 204 else int(headers.get("content-length", 0))
        # A body of length 0 is complete even when the connection has ended behind the head.
        if length and not self._fill(lambda: len(self.received) >= length, end):
            raise Broken("an answer without its body")
        body, self.received = self.received[:length], self.received[length:]
        return Answer(status, headers, body, interim)

    def ends(self, within_s=10):
        """Asserts that the connection is closed and that nothing more was said on it."""
        end = time.monotonic() + within_s
        while not self.received:
            data = self.read(end - time.monotonic())
            if data is None:
                raise Broken("the connection stayed open")
            if not data:
                return
            self.received += data
        raise Broken(f"one answer too many: {self.received[:32]!r}")


def parse_head(head):
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1.") or not words[1].isdigit():
        raise Broken(f"no HTTP answer: {lines[0][:80]!r}")
    pairs = (line.partition(":") for line in lines[1:])
    return int(words[1]), {name.lower(): value.strip() for name, _, value in pairs}


# ---- TLS ----

def client_tls(lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.TLSv1_3, ciphers=None):
    """A client that checks nothing: what the server agrees to is the question, not who it is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if ciphers:
        context.set_ciphers(ciphers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what some clients want
        context.minimum_version, context.maximum_version = lowest, highest
    return context


def make_certificate(folder, name):
    """A new pair, tls.pem and tls.key, in the folder; the certificate in DER."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-keyout", folder / "tls.key", "-out", folder / "tls.pem"], check=True, capture_output=True, timeout=60)
    return ssl.PEM_cert_to_DER_cert((folder / "tls.pem").read_text())


def tls_settings(folder):
    return {"server.tls_certificate": folder / "tls.pem", "server.tls_key": folder / "tls.key"}


# ---- a world to attack ----

ID = b"activity-id-"  # the ids of activities begin so, unless a test names them
TABLES = ("users where synced_at is null", "outbox", "requests", "bot_conversation_references")


class WireTest(harness.WorldTest):
    """A service to attack, with what an attacker may have: a good token and a good activity of somebody."""

    def begin(self):
        for name in ("appdesk", "second"):  # each test is judged by its own logs
            log = self.world.folder / f"{name}.log"
            if log.exists():
                log.rename(self.world.folder / f"{name}.before-{self._testMethodName}.log")
        super().begin()
        self.port = self.world.port
        self.token = self.tenant.get("token", kind="valid")["token"]
        self.bad_token = self.tenant.get("token", kind="forged")["token"]
        self.template = self.make_template()

    def make_template(self):
        """An activity as the tenant posts it: it asks for help, which is answered with one message."""
        activity = self.tenant.send({"text": "help"}, token="forged")["activity"]
        activity.update(id=f"{ID.decode()}{0:04d}")
        return json.dumps(activity, separators=(",", ":")).encode()

    def second_service(self, settings):
        """One more program on the same database, with these settings; its public port."""
        port, admin = free_port(), free_port()
        before, self.world.settings = self.world.settings, {**self.world.settings, **settings}
        try:
            config = self.world._write_config(self.database, "second.ini", port, admin)
        finally:
            self.world.settings = before
        program = harness.Program([harness.APPDESK, "serve", "--config", config], self.world.folder / "second.log",
                                  harness.PLAIN_ENVIRONMENT)
        self.addCleanup(self.stop_second, program)
        harness.until(lambda: self.is_listening(port) or not program.running(), "the second service listens")
        self.assertTrue(program.running(), program.tail())
        return program, port

    def stop_second(self, program):
        self.assertEqual(program.stop(), 0)
        said = (self.world.folder / "second.log").read_text(errors="replace")
        for report in ("Sanitizer", "runtime error:"):
            self.assertNotIn(report, said)

    @staticmethod
    def is_listening(port):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return True
        except OSError:
            return False

    # ---- what must not have happened ----

    def executed(self):
        """The ids of the activities that were carried out."""
        return set(self.database.column("select activity_id from inbox"))

    def assert_untouched(self):
        """No activity was carried out, nothing was stored, nobody outside was called."""
        self.assertEqual(self.executed(), set())
        rows = {table: self.database.value(f"select count(*) from {table}") for table in TABLES}
        self.assertEqual(rows, dict.fromkeys(TABLES, 0))
        outward = [call for call in self.tenant.calls() if call["surface"] in ("connector", "graph", "token")]
        # A job asks the directory for its news on its own, with a token of its own.
        news = [call for call in outward if call["surface"] == "graph" and "/delta" in call["path"]]
        tokens = [call for call in outward if call["surface"] == "token"]
        self.assertEqual([call for call in outward if call not in news and call not in tokens], [])
        self.assertLessEqual(len(tokens), 1)

    def rss_bytes(self, pid):
        """Resident memory of the process now."""
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) << 10
