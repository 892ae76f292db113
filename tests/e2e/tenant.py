# SPDX-License-Identifier: Apache-2.0
"""The local tenant's control API: act as a person, see what was shown, look into Intune, order faults."""
import json
import urllib.error
import urllib.parse
import urllib.request

from processes import within

WAIT_MS = 30000  # sanitizers included
CALL_S = 60


class Refused(AssertionError):
    """The control API said no: status and sentence."""

    def __init__(self, status, text):
        super().__init__(f"{status}: {text}")
        self.status = status
        self.text = text


class Tenant:
    """A client of one running tenant. Any thread."""

    def __init__(self, port):
        self.port = port
        self.base = f"http://127.0.0.1:{port}"

    def call(self, method, path, body=None, /, **query):
        address = f"{self.base}/control/{path}"
        given = {key: value for key, value in query.items() if value is not None}
        if given:
            address += "?" + urllib.parse.urlencode(given)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=CALL_S + int(query.get("timeout_ms", 0)) / 1000) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            raise Refused(error.code, f"{method} {path}: {text}") from None

    def get(self, path, /, **query):
        return self.call("GET", path, **query)

    def post(self, path, body, /):
        return self.call("POST", path, body)

    def delete(self, path):
        return self.call("DELETE", path)

    # ---- acting as a person ----

    def say(self, who, text, **more):
        return self.post("say", {"as": who, "text": text, **more})

    def press(self, who, verb, inputs=None, activity=None, **more):
        """Presses the button with this verb on the given card, or on the newest card that has one."""
        place = {"activity": activity} if activity else {"last": True}
        return self.post("press", {"as": who, "verb": verb, "inputs": inputs or {}, **place, **more})

    def sign_in(self, who, **how):
        """What the person's client does that was asked to sign in (docs/guides/local-tenant.md); the bot's answer."""
        return self.post("signin", {"as": who, **how})

    def find(self, who, text=None, **more):
        """Looks for something with the message extension; what the bot answers."""
        return self.post("find", {"as": who, "text": text, **more})

    def share(self, who, attachment, conversation=None):
        """Puts what was found into a message; the entry that everybody there sees."""
        place = {"conversation": conversation} if conversation else {}
        return self.post("share", {"as": who, "attachment": attachment, **place})["entry"]

    def send(self, activity=None, **more):
        """Posts any activity, or any bytes, with any kind of token; the bot's HTTP answer."""
        return self.post("activity", {"activity": activity or {}, **more})

    # ---- what was shown ----

    def seq(self):
        return self.get("healthz")["seq"]

    def shown(self, who, **more):
        return self.get("shown", **{"as": who}, **more)["entries"]

    def wait(self, who, text=None, after=None, timeout_ms=None, new=None):
        """The first thing from the bot that holds the words, as soon as it is there. timeout_ms: a limit that is a promise's own.
        new=1: and is no change of what was there."""
        timeout_ms = timeout_ms or int(within(WAIT_MS))
        return self.get("wait", **{"as": who}, text=text, after=after, new=new, timeout_ms=timeout_ms)["entry"]

    def messages(self, **more):
        return self.get("messages", **more)["messages"]

    # ---- what AppDesk did ----

    def calls(self, **filters):
        return self.get("calls", **filters)["calls"]

    def complaints(self):
        return self.get("complaints")["complaints"]

    def intune_apps(self):
        return self.get("intune")["apps"]

    def intune_content(self, app_id):
        return self.get(f"intune/{app_id}/content")

    def group(self, name_or_id):
        """A group with its members as keys, or None."""
        groups = self.get("groups")["groups"]
        return next((g for g in groups if name_or_id in (g["id"], g.get("name"), g.get("displayName"))), None)

    # ---- changing the world ----

    def fault(self, **order):
        return self.post("faults", order)

    def clear_faults(self):
        return self.delete("faults")

    def tamper(self, kind, package=None):
        return self.post("world", {"tamper": kind, **({"package": package} if package else {})})

    def restore(self):
        return self.post("world", {"restore": True})

    def reset(self):
        return self.post("reset", {})
