# SPDX-License-Identifier: Apache-2.0
"""A place on loopback that nobody should call, or that answers what a hostile host would: it keeps all that it is sent."""
import json
import socketserver
import threading

HEAD_MAX = 1 << 20


def reply(status, body=None, **headers):
    """An answer as bytes; the connection ends behind it."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(data)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


class Trap:
    """answer: the bytes that each request is answered with; None closes without a word."""

    def __init__(self, answer=None):
        self.answer = answer
        self.connections = 0
        self.requests = []  # head and body of each, as text
        self.lock = threading.Lock()
        trap = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.settimeout(30)
                try:
                    trap.serve(self.request)
                except OSError:
                    pass  # it had seen enough

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 128  # who is not taken at once would come again a second later

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def serve(self, connection):
        with self.lock:
            self.connections += 1
        text = self.read(connection)
        with self.lock:
            self.requests.append(text)
        if self.answer:
            connection.sendall(self.answer)

    def read(self, connection):
        """One request, head and body, as text."""
        data = b""
        while b"\r\n\r\n" not in data and len(data) < HEAD_MAX:
            part = connection.recv(65536)
            if not part:
                break
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
        while len(body) < length:
            part = connection.recv(65536)
            if not part:
                break
            body += part
        return (head + b"\r\n\r\n" + body).decode(errors="replace")

    def seen(self, words):
        """The requests that hold these words."""
        with self.lock:
            return [request for request in self.requests if words in request]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
