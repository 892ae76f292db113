# SPDX-License-Identifier: Apache-2.0
"""A mail server that keeps what it is given and misbehaves on order: STARTTLS or TLS at once, login, and faults at each step.

    sink = Sink(folder, users={"desk": "secret"})
    sink.order("rcpt", reply="450 4.2.1 later", times=1)
    sink.mails[0].message["Subject"]

Steps: greeting, ehlo, starttls, auth, mail, rcpt, data (before the text), end (after its last dot). An order replies, or drops
the connection, or holds it until release().
"""
import base64
import email
import email.policy
import socket
import socketserver
import ssl
import subprocess
import threading

LINE_MAX = 1000  # bytes with CR LF (RFC 5321 4.5.3.1.6)
HOLD_S = 60


def certificate(folder, name="localhost"):
    """A key and a certificate of its own for this host; their paths. The certificate is also the authority's."""
    folder.mkdir(parents=True, exist_ok=True)
    key, pem = folder / f"{name}.key", folder / f"{name}.pem"
    if not pem.exists():
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-keyout", key, "-out", pem, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
            check=True, capture_output=True, timeout=60)
    return key, pem


class Mail:
    """One mail as it was taken: envelope, bytes, and what Python's own reader makes of them."""

    def __init__(self, session, data):
        self.sender, self.recipients, self.data = session.sender, list(session.recipients), data
        self.is_tls, self.user, self.greeted_as = session.is_tls, session.user, session.greeted_as
        self.message = email.message_from_bytes(data, policy=email.policy.default)

    def text(self, kind="plain"):
        return self.message.get_body((kind,)).get_content()


class Sink:
    def __init__(self, folder, users=None, tls="starttls", port=0):
        self.users, self.tls = users or {}, tls
        self.mails, self.attempts, self.commands, self.logins = [], [], [], []
        self.orders = []
        self.changed = threading.Condition()
        self.held = 0
        self.is_released = False
        self.key, self.pem = certificate(folder)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.pem, self.key)
        self._listen(port)

    def _listen(self, port):
        sink = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                Session(sink, self.request).run()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # a client that leaves is no news

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self):
        """Stops listening; what is held lets go."""
        self.release()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()
            self.server = None

    def listen_again(self):
        self._listen(self.port)

    def order(self, step, reply=None, drop=False, hold=False, times=1):
        """times: -1 for ever."""
        with self.changed:
            self.is_released = False
            self.orders.append({"step": step, "reply": reply, "drop": drop, "hold": hold, "times": times})

    def clear(self):
        with self.changed:
            self.orders = []

    def release(self):
        with self.changed:
            self.is_released = True
            self.changed.notify_all()

    def take_order(self, step):
        with self.changed:
            for order in self.orders:
                if order["step"] == step and order["times"] != 0:
                    order["times"] -= 1
                    return order
        return None

    def hold(self):
        with self.changed:
            self.held += 1
            self.changed.wait_for(lambda: self.is_released)


class Session:
    """One connection."""

    def __init__(self, sink, connection):
        self.sink, self.connection = sink, connection
        self.connection.settimeout(HOLD_S)
        self.is_tls, self.user, self.greeted_as = False, None, ""
        self.sender, self.recipients = None, []
        if sink.tls == "at once":
            self.wrap()
        self.file = self.connection.makefile("rb")

    def wrap(self):
        self.connection = self.sink.context.wrap_socket(self.connection, server_side=True)
        self.file = self.connection.makefile("rb")
        self.is_tls = True

    def say(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def obey(self, step):
        """True when an order has answered in our place; False to go on as usual; None to leave."""
        order = self.sink.take_order(step)
        if not order:
            return False
        if order["hold"]:
            self.sink.hold()
            return None
        if order["drop"]:
            return None
        self.say(order["reply"])
        return True

    def run(self):
        try:
            if not self.answer("greeting", "220 sink ESMTP"):
                return
            while line := self.file.readline():  # STARTTLS puts another file there
                command = line.decode("latin-1").rstrip("\r\n")
                with self.sink.changed:
                    self.sink.commands.append(command)
                verb = command.split(" ")[0].split(":")[0].upper()
                step = getattr(self, f"on_{verb.lower()}", None)
                if verb == "QUIT":
                    self.say("221 2.0.0 bye")
                    return
                if (step(command) if step else self.say("502 5.5.1 unknown") or True) is False:
                    return
        except (OSError, ssl.SSLError, ValueError):
            pass  # the other side has left
        finally:
            try:
                self.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.connection.close()

    def answer(self, step, usual):
        """Says the usual thing unless an order says otherwise; False to leave."""
        obeyed = self.obey(step)
        if obeyed is None:
            return False
        if not obeyed:
            self.say(usual)
        self.refused = obeyed
        return True

    def on_ehlo(self, command):
        self.greeted_as = command[5:]
        more = ["STARTTLS"] if self.sink.tls == "starttls" and not self.is_tls else []
        if self.sink.users and (self.is_tls or self.sink.tls == "none"):
            more.append("AUTH PLAIN LOGIN")
        lines = ["sink", *more, "SIZE 1000000"]
        return self.answer("ehlo", "\r\n".join(f"250{'-' if n < len(lines) - 1 else ' '}{line}" for n, line in enumerate(lines)))

    def on_helo(self, command):
        return self.answer("ehlo", "250 sink")

    def on_starttls(self, _command):
        if not self.answer("starttls", "220 2.0.0 go on"):
            return False
        if not self.refused:
            self.wrap()
        return True

    def on_auth(self, command):
        words = command.split(" ")
        if words[1].upper() == "PLAIN":
            if len(words) < 3:
                self.say("334 ")
                words.append(self.file.readline().decode().strip())
            _, user, password = base64.b64decode(words[2]).decode().split("\0")
        else:
            self.say("334 VXNlcm5hbWU6")
            user = base64.b64decode(self.file.readline()).decode()
            self.say("334 UGFzc3dvcmQ6")
            password = base64.b64decode(self.file.readline()).decode()
        with self.sink.changed:
            self.sink.logins.append((user, password, self.is_tls))
        if self.sink.users.get(user) != password:  # a server that tells too much
            self.say(f"535 5.7.8 wrong password {password} {base64.b64encode(password.encode()).decode()}")
            return True
        self.user = user
        return self.answer("auth", "235 2.7.0 welcome")

    def on_mail(self, command):
        if self.sink.users and not self.user:
            self.say("530 5.7.0 who are you?")
            return True
        self.sender, self.recipients = command[10:].split(" ")[0], []
        return self.answer("mail", "250 2.1.0 ok")

    def on_rcpt(self, command):
        self.recipients.append(command[8:].split(" ")[0])
        return self.answer("rcpt", "250 2.1.5 ok")

    def on_data(self, _command):
        if not self.answer("data", "354 go on"):
            return False
        if self.refused:
            return True
        lines = []
        for line in self.file:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        else:
            return False
        mail = Mail(self, b"".join(lines))
        with self.sink.changed:
            self.sink.attempts.append(mail)
        if not self.answer("end", "250 2.0.0 taken"):
            return False
        if not self.refused:
            with self.sink.changed:
                self.sink.mails.append(mail)
        return True
