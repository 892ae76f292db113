# SPDX-License-Identifier: Apache-2.0
"""A running tenant, a bot that records and answers as told, and the calls that AppDesk would make."""
import base64
import http.server
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request

BUILD = pathlib.Path(os.environ["APPDESK_BUILD_DIR"])
PROGRAM = BUILD / "bin/appdesk-devtenant"
TENANT = "00000000-0000-4000-8000-000000000001"
APP = "00000000-0000-4000-8000-000000000011"
SECRET = "local-tenant-secret"
ALEX = "00000000-0000-4000-8000-000000000020"
MEGAN = "00000000-0000-4000-8000-000000000021"
BOT_SCOPE = "https://api.botframework.com/.default"
GRAPH_SCOPE = "https://graph.microsoft.com/.default"
STOP_S = 30


class Answer:
    """Status, headers and body of any call; errors are answers too."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body) if self.body else None


def http_call(method, url, body=None, headers=None, timeout=30):
    """body: bytes, or anything that becomes JSON."""
    headers = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())


class Recorder(http.server.ThreadingHTTPServer):
    """Plays whatever is called from the tenant: answer(method, path, body) gives status and JSON."""

    daemon_threads = True

    def __init__(self, answer):
        self.seen = []
        self.answer = answer
        super().__init__(("127.0.0.1", 0), RecorderHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def close(self):
        self.shutdown()
        self.server_close()


class RecorderHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            value = json.loads(body) if body else None
        except ValueError:
            value = body
        self.server.seen.append({"method": self.command, "path": self.path, "headers": self.headers, "body": value})
        status, answer = self.server.answer(self.command, self.path, value)
        text = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def log_message(self, *_):
        """Quiet."""


class TenantTest(unittest.TestCase):
    """One tenant for the tests of a class; every test begins with a reset one."""

    options = ()

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="devtenant-"))
        cls.reply = (200, None)
        cls.bot = Recorder(lambda *_: cls.reply)
        cls.start()

    @classmethod
    def start(cls):
        cls.errors = open(cls.folder / "errors", "ab")
        cls.program = subprocess.Popen(
            [PROGRAM, "serve", "--port", "0", "--dir", cls.folder / "state", "--bot",
             f"http://127.0.0.1:{cls.bot.port}/api/messages", "--installers", BUILD / "installers", *cls.options],
            stdout=subprocess.PIPE, stderr=cls.errors)
        line = cls.program.stdout.readline()
        if not line:
            raise AssertionError((cls.folder / "errors").read_text())
        cls.port = json.loads(line)["listening"]
        cls.base = f"http://127.0.0.1:{cls.port}"

    @classmethod
    def stop(cls, number=signal.SIGTERM):
        cls.program.send_signal(number)
        cls.program.wait(STOP_S)
        cls.program.stdout.close()
        cls.errors.close()
        if number == signal.SIGTERM and cls.program.returncode != 0:
            raise AssertionError((cls.folder / "errors").read_text())

    @classmethod
    def tearDownClass(cls):
        try:
            cls.stop()
        finally:
            cls.bot.close()
            shutil.rmtree(cls.folder)

    def setUp(self):
        type(self).reply = (200, None)
        self.bot.seen.clear()
        self.control("POST", "reset", {})

    # ---- the tester's side ----

    def control(self, method, where, body=None, status=200, **query):
        url = f"{self.base}/control/{where}"
        if query:
            url += "?" + urllib.parse.urlencode(query)
        answer = http_call(method, url, body)
        self.assertEqual(answer.status, status, answer.body)
        return answer.json

    def entries(self, who):
        return self.control("GET", "shown", **{"as": who})["entries"]

    # ---- AppDesk's side ----

    def token(self, scope, status=200, **more):
        form = {"grant_type": "client_credentials", "client_id": APP, "client_secret": SECRET, "scope": scope, **more}
        answer = http_call(
            "POST", f"{self.base}/{TENANT}/oauth2/v2.0/token", urllib.parse.urlencode(form).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(answer.status, status, answer.body)
        return answer.json

    def bearer(self, scope):
        return {"Authorization": "Bearer " + self.token(scope)["access_token"]}

    def connector(self, method, path, body=None, status=None, headers=None):
        answer = http_call(
            method, f"{self.base}/teams/{TENANT}/v3/{path}", body, self.bearer(BOT_SCOPE) if headers is None else headers)
        if status:
            self.assertEqual(answer.status, status, answer.body)
        return answer

    def graph(self, method, path, body=None, status=None, version="v1.0"):
        answer = http_call(method, f"{self.base}/graph/{version}/{path}", body, self.bearer(GRAPH_SCOPE))
        if status:
            self.assertEqual(answer.status, status, answer.body)
        return answer

    def send_card(self, who, card):
        """The activity id of a card that the bot writes to somebody's personal chat."""
        activity = {"type": "message", "attachments": [
            {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}]}
        return self.connector("POST", f"conversations/a:personal-chat-{who}/activities", activity, 201).json["id"]


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
