# SPDX-License-Identifier: Apache-2.0
"""Requests as bytes: a good one, and the same with any of its parts replaced."""
import copy

from wire import ID

OK = (200, 201, 202)
LINE = b"POST /api/messages HTTP/1.1"
CHUNKED = b"Transfer-Encoding: chunked"


class Maker:
    """Builds requests of one sender. The ids of their activities are a prefix and a number."""

    def __init__(self, activity, token, bad_token, host):
        self.activity = activity
        self.prefix = ID
        self.token = token.encode()
        self.bad_token = bad_token.encode()
        self.host_name = host.encode()

    def named(self, prefix):
        """The same sender with other activities: prefix takes the place of ID."""
        maker = copy.copy(self)
        maker.prefix = prefix.encode()
        maker.activity = self.activity.replace(self.prefix, maker.prefix)
        return maker

    def body(self, n=0):
        return self.activity.replace(self.prefix + b"0000", self.prefix + b"%04d" % n)

    def lines(self, line=LINE, host=b"Host: %s", add=(), auth=b"Authorization: Bearer %s", kind=b"Content-Type: application/json",
              framing=b"Content-Length: %d", length=0, n=0):
        """The head's lines; %s and %d stand for what is right. None leaves a line out. X-Activity says whose head it is."""
        fill = ((host, b"%s", self.host_name), (auth, b"%s", self.token), (kind, b"", b""), (framing, b"%d", b"%d" % length))
        host, auth, kind, framing = (text if text is None or not mark else text.replace(mark, value) for text, mark, value in fill)
        name = b"X-Activity: %s%04d" % (self.prefix, n)
        return [text for text in (line.replace(b"%s", self.host_name), host, name, *add, auth, kind, framing) if text is not None]

    def post(self, n=0, body=None, **parts):
        """A good request but for the parts that are given."""
        body = self.body(n) if body is None else body
        return b"\r\n".join(self.lines(length=len(body), n=n, **parts)) + b"\r\n\r\n" + body

    def chunked(self, chunks=None, n=0, last=b"0\r\n\r\n", **parts):
        """The same with a chunked body. chunks(body) writes the chunks but the last."""
        body = self.body(n)
        text = chunks(body) if chunks else chunk(body)
        return b"\r\n".join(self.lines(framing=CHUNKED, n=n, **parts)) + b"\r\n\r\n" + text + last

    def forged(self):
        """Complete, and refused by whoever looks at the token: its answer is 401 on a connection that goes on."""
        return self.post(auth=b"Authorization: Bearer " + self.bad_token)

    def nonsense(self):
        """Complete and permitted, but no activity: its answer is 400 on a connection that goes on."""
        return self.post(body=b"{")

    def nowhere(self):
        return b"GET /nowhere HTTP/1.1\r\nHost: " + self.host_name + b"\r\n\r\n"


def chunk(data, size=None):
    return b"%x\r\n%s\r\n" % (len(data) if size is None else size, data)
