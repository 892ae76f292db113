# SPDX-License-Identifier: Apache-2.0
"""The table of hostile and of merely unusual requests, and what the front door has to answer to each.

A case is bytes, the statuses of its answers in order, and whether the connection stays open behind them. Where RFC 9112
lets a server choose, refusing is right: what two parsers could read differently is not read at all.
"""
import typing

from maker import LINE, OK, chunk

HEADERS_MAX = 100
HEAD_MAX = 32 << 10
TARGET_MAX = 2048
HIDDEN = 99  # the number of a request that must not be seen as one


class Case(typing.NamedTuple):
    """kept: the connection goes on behind the answers; closed otherwise. None: either."""

    name: str
    build: typing.Callable
    answers: tuple
    kept: typing.Optional[bool]


def refused(name, build, *statuses):
    return Case(name, build, (statuses,), False)


def accepted(name, build, kept=True):
    return Case(name, build, (OK,), kept)


def judged(prefix, rows, build):
    """Rows of (name, what, statuses...): no status, or OK alone, is acceptance with the connection kept."""
    for name, what, *statuses in rows:
        name = f"{prefix}: {name}"
        if not statuses:
            yield accepted(name, lambda m, what=what: build(m, what))
        else:
            kept = None if set(statuses) & set(OK) else False
            yield Case(name, lambda m, what=what: build(m, what), (tuple(statuses),), kept)


# ---- the request line ----

LINES = (
    ("lower-case method", b"post /api/messages HTTP/1.1", 405),
    ("mixed-case method", b"Post /api/messages HTTP/1.1", 405),
    ("space in the method", b"PO ST /api/messages HTTP/1.1", 400),
    ("space before the method", b" " + LINE, 400),
    ("empty line before it", b"\r\n" + LINE, 400),
    ("no method", b"/api/messages HTTP/1.1", 400),
    ("empty method", b" /api/messages HTTP/1.1", 400),
    ("method with a parenthesis", b"PO(ST /api/messages HTTP/1.1", 400),
    ("method with a quote", b'PO"ST /api/messages HTTP/1.1', 400),
    ("method with a colon", b"POST: /api/messages HTTP/1.1", 400),
    ("method beyond ASCII", b"P\xd6ST /api/messages HTTP/1.1", 400),
    ("method with a NUL", b"PO\0ST /api/messages HTTP/1.1", 400),
    ("method with a control byte", b"PO\x01ST /api/messages HTTP/1.1", 400),
    ("long method", b"P" * 300 + b" /api/messages HTTP/1.1", 400, 501),
    ("two spaces before the target", b"POST  /api/messages HTTP/1.1", 400),
    ("two spaces before the version", b"POST /api/messages  HTTP/1.1", 400),
    ("space behind the version", LINE + b" ", 400),
    ("tab before the target", b"POST\t/api/messages HTTP/1.1", 400),
    ("tab before the version", b"POST /api/messages\tHTTP/1.1", 400),
    ("vertical tab before the version", b"POST /api/messages\x0bHTTP/1.1", 400),
    ("form feed before the version", b"POST /api/messages\x0cHTTP/1.1", 400),
    ("bare LF", b"POST /api/messages HTTP/1.1\nX-A: b", 400),
    ("bare CR", b"POST /api/messages HTTP/1.1\rX-A: b", 400),
    ("two CR", LINE + b"\r", 400),
    ("no version", b"POST /api/messages", 400),
    ("empty version", b"POST /api/messages ", 400),
    ("HTTP/0.9", b"POST /api/messages HTTP/0.9", 400, 505),
    ("HTTP/1.2", b"POST /api/messages HTTP/1.2", 400, 505),
    ("HTTP/1.10", b"POST /api/messages HTTP/1.10", 400, 505),
    ("HTTP/01.1", b"POST /api/messages HTTP/01.1", 400, 505),
    ("HTTP/1.", b"POST /api/messages HTTP/1.", 400, 505),
    ("HTTP/1,1", b"POST /api/messages HTTP/1,1", 400, 505),
    ("HTTP/1.1.1", b"POST /api/messages HTTP/1.1.1", 400, 505),
    ("HTTP/2.0", b"POST /api/messages HTTP/2.0", 505),
    ("HTTP/9.9", b"POST /api/messages HTTP/9.9", 505),
    ("lower-case version", b"POST /api/messages http/1.1", 400, 505),
    ("HTTPS/1.1", b"POST /api/messages HTTPS/1.1", 400),
    ("version with a NUL", b"POST /api/messages HTTP/1.1\0", 400),
    ("more behind the version", LINE + b" HTTP/1.1", 400),
)
TARGETS = (
    ("absolute-form of this host", b"http://%s/api/messages"),
    ("absolute-form over https", b"https://%s/api/messages"),
    ("absolute-form, upper-case scheme", b"HTTP://%s/api/messages"),
    ("absolute-form with a query", b"http://%s/api/messages?a=b"),
    ("absolute-form of another host", b"http://attacker.example/api/messages", 400),
    ("absolute-form of another port", b"http://127.0.0.1:1/api/messages", 400),
    ("absolute-form with userinfo", b"http://user@%s/api/messages", 400),
    ("absolute-form without a host", b"http:///api/messages", 400),
    ("absolute-form without a path", b"http://%s", 400, 404),
    ("absolute-form of another scheme", b"ftp://%s/api/messages", 400),
    ("authority-form", b"%s", 400),
    ("network-path", b"//%s/api/messages", 404, 400),
    ("asterisk", b"*", 400),
    ("relative", b"api/messages", 400),
    ("fragment", b"/api/messages#top", 400),
    ("empty fragment", b"/api/messages#", 400),
    ("query", b"/api/messages?a=b&c=%20"),
    ("empty query", b"/api/messages?"),
    ("as long as may be", b"/api/messages?" + b"q" * (TARGET_MAX - 14)),
    ("one byte too long", b"/api/messages?" + b"q" * (TARGET_MAX - 13), 414),
    ("much too long", b"/" + b"q" * 20000, 414),
    ("percent without digits", b"/api/messages?%", 400),
    ("percent with one digit", b"/api/messages?%4", 400),
    ("percent with other letters", b"/api/messages?%zz", 400),
    ("encoded letter", b"/api/%6dessages", 404),
    ("encoded slash", b"/api%2fmessages", 404),
    ("encoded NUL", b"/api/messages%00", 404, 400),
    ("encoded line end", b"/api/messages%0d%0aX-A:%20b", 404, 400),
    ("two slashes first", b"//api/messages", 404, 400),
    ("two slashes inside", b"/api//messages", 404),
    ("one up", b"/x/../api/messages", 404),
    ("one up, encoded", b"/x/%2e%2e/api/messages", 404),
    ("here", b"/api/./messages", 404),
    ("slash behind it", b"/api/messages/", 404),
    ("more behind it", b"/api/messagesx", 404),
    ("parameter", b"/api/messages;v=1", 404),
    ("upper-case", b"/API/messages", 404),
    ("backslashes", b"\\api\\messages", 400),
    ("backslash inside", b"/api\\messages", 400),
    ("space", b"/api/ messages", 400),
    ("quote", b'/api/messages?"', 400),
    ("angle brackets", b"/api/messages?<x>", 400),
    ("braces", b"/api/messages?{x}", 400),
    ("bar and caret", b"/api/messages?|^`", 400),
    ("control byte", b"/api/messages?\x01", 400),
    ("NUL", b"/api/messages?\0", 400),
    ("DEL", b"/api/messages?\x7f", 400),
    ("beyond ASCII", b"/api/messages?\xc3\xa9", 400),
    ("admin path", b"/metrics", 404),
)
METHODS = ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW", "PROPFIND")


def request_lines():
    yield from judged("line", LINES, lambda m, what: m.post(line=what))
    yield from judged("target", TARGETS, lambda m, what: m.post(line=b"POST " + what + b" HTTP/1.1"))
    for method in METHODS:
        yield refused(f"method: {method} with a body", lambda m, w=method.encode(): m.post(line=w + LINE[4:]), 405)
        yield refused(f"method: {method}", lambda m, w=method.encode(): m.post(line=w + LINE[4:], framing=None, body=b""), 405)
    yield refused("method: CONNECT", lambda m: m.post(line=b"CONNECT 127.0.0.1:80 HTTP/1.1", framing=None, body=b""), 400, 405)
    yield refused("method: OPTIONS *", lambda m: m.post(line=b"OPTIONS * HTTP/1.1", framing=None, body=b""), 400, 405)
    yield refused("method: GET hides a request in its body", lambda m: m.post(line=b"GET /nowhere HTTP/1.1", body=m.post(HIDDEN)), 400, 404)
    yield refused("method: GET with a chunked body", lambda m: m.chunked(line=b"GET /api/messages HTTP/1.1"), 400, 405)
    yield refused("line: HTTP/0.9 request", lambda m: b"GET /api/messages\r\n\r\n", 400)
    yield refused("line: HTTP/2 preface", lambda m: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), 400, 505)
    yield refused("line: SOCKS", lambda m: b"\x05\x01\x00\r\n\r\n", 400)
    yield refused("line: only LF", lambda m: m.post().replace(b"\r\n", b"\n"), 400)
    yield refused("line: NUL bytes", lambda m: bytes(16), 400)
    yield accepted("line: HTTP/1.0", lambda m: m.post(line=b"POST /api/messages HTTP/1.0"), kept=False)
    yield accepted("line: HTTP/1.0 without Host", lambda m: m.post(line=b"POST /api/messages HTTP/1.0", host=None), kept=False)
    yield accepted("line: HTTP/1.0 that would be kept", lambda m: m.post(
        line=b"POST /api/messages HTTP/1.0", add=[b"Connection: keep-alive"]), kept=None)
    yield accepted("target: absolute-form, the host in another case", lambda m: m.post(
        line=b"POST http://BOT.example/api/messages HTTP/1.1", host=b"Host: bot.Example"))


# ---- headers ----

HEADERS = (
    ("space before the colon", b"X-A : b", 400),
    ("tab before the colon", b"X-A\t: b", 400),
    ("folded with a space", b"X-A: b\r\n c", 400),
    ("folded with a tab", b"X-A: b\r\n\tc", 400),
    ("folded to nothing", b"X-A: b\r\n ", 400),
    ("space before the name", b" X-A: b", 400),
    ("empty name", b": b", 400),
    ("no colon", b"X-A", 400),
    ("underscore in the name", b"x_a: b"),
    ("every token byte in the name", b"!#$%&'*+-.^_`|~09azAZ: b"),
    ("parenthesis in the name", b"X(A: b", 400),
    ("slash in the name", b"X/A: b", 400),
    ("space in the name", b"X A: b", 400),
    ("quotes in the name", b'"X-A": b', 400),
    ("bracket in the name", b"X[A: b", 400),
    ("at in the name", b"X@A: b", 400),
    ("beyond ASCII in the name", b"X-\xc3\xa9: b", 400),
    ("NUL in the name", b"X-\0A: b", 400),
    ("DEL in the name", b"X-\x7fA: b", 400),
    ("control byte in the name", b"X-\x1fA: b", 400),
    ("no value", b"X-A:"),
    ("blanks for a value", b"X-A: \t  "),
    ("no space behind the colon", b"X-A:b"),
    ("colons in the value", b"X-A: b:c::"),
    ("tab in the value", b"X-A: b\tc"),
    ("obs-text in the value", b"X-A: \xe9\xff"),
    ("NUL in the value", b"X-A: b\0c", 400),
    ("DEL in the value", b"X-A: b\x7f", 400),
    ("escape in the value", b"X-A: \x1b[0m", 400),
    ("bell in the value", b"X-A: \x07", 400),
    ("vertical tab in the value", b"X-A: b\x0bc", 400),
    ("form feed in the value", b"X-A: b\x0cc", 400),
    ("bare CR in the value", b"X-A: b\rX-B: c", 400),
    ("bare LF in the value", b"X-A: b\nX-B: c", 400),
    ("CR CR LF", b"X-A: b\r", 400),
    ("the same name twice", b"X-A: b\r\nX-A: c"),
    ("upgrade to h2c", b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__"),
    ("upgrade to a WebSocket", b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="),
    ("keep-alive", b"Connection: keep-alive"),
    ("Proxy-Connection", b"Proxy-Connection: close"),
    ("TE", b"TE: trailers, deflate"),
    ("another place for the path", b"X-Original-URL: /metrics\r\nX-Rewrite-URL: /metrics"),
    ("range", b"Range: bytes=0-1"),
    ("gzip", b"Content-Encoding: gzip", 415),
    ("x-gzip", b"Content-Encoding: x-gzip", 415),
    ("br", b"Content-Encoding: br", 415),
    ("identity", b"Content-Encoding: identity"),
    ("gzip in a list", b"Content-Encoding: identity, gzip", 415),
    ("gzip in a second line", b"Content-Encoding: identity\r\nContent-Encoding: gzip", 400, 415),
    ("another method", b"X-HTTP-Method-Override: DELETE"),
)
HOSTS = (
    ("missing", None, 400),
    ("empty", b"Host:", 400),
    ("blank", b"Host: \t", 400),
    ("twice the same", b"Host: %s\r\nHost: %s", 400),
    ("twice", b"Host: %s\r\nHost: attacker.example", 400),
    ("twice in other cases", b"Host: %s\r\nhOST: attacker.example", 400),
    ("list", b"Host: %s, attacker.example", 400),
    ("two words", b"Host: %s attacker.example", 400),
    ("userinfo", b"Host: user@%s", 400),
    ("path", b"Host: %s/x", 400),
    ("absolute", b"Host: http://%s/", 400),
    ("query", b"Host: %s?x", 400),
    ("fragment", b"Host: %s#x", 400),
    ("backslash", b"Host: %s\\x", 400),
    ("quotes", b'Host: "%s"', 400),
    ("angle brackets", b"Host: <x>", 400),
    ("port of letters", b"Host: bot.example:http", 400),
    ("negative port", b"Host: bot.example:-1", 400),
    ("two ports", b"Host: bot.example:80:81", 400),
    ("open bracket", b"Host: [::1", 400),
    ("beyond ASCII", b"Host: b\xc3\xb6t.example", 400),
    ("space before the colon", b"Host : %s", 400),
    ("folded", b"Host:\r\n %s", 400),
    ("name", b"Host: bot.example"),
    ("name and port", b"Host: bot.example:443"),
    ("IPv6", b"Host: [::1]:3978"),
)
CONTENT_TYPES = (
    ("missing", None, 415),
    ("empty", b"Content-Type:", 415),
    ("text", b"Content-Type: text/plain", 415),
    ("text/json", b"Content-Type: text/json", 415),
    ("form", b"Content-Type: application/x-www-form-urlencoded", 415),
    ("multipart", b"Content-Type: multipart/form-data; boundary=application/json", 415),
    ("longer", b"Content-Type: application/jsonp", 415),
    ("list", b"Content-Type: application/json, text/plain", 415, 400),
    ("twice", b"Content-Type: application/json\r\nContent-Type: application/json", 400),
    ("twice, different", b"Content-Type: application/json\r\nContent-Type: text/plain", 400),
    ("charset", b"Content-Type: application/json; charset=utf-8"),
    ("charset, tight", b"Content-Type: application/json;charset=UTF-8"),
    ("charset, quoted", b'Content-Type: application/json; charset="utf-8"'),
    ("upper-case", b"Content-Type: APPLICATION/JSON"),
    ("blanks around", b"Content-Type:  application/json \t"),
)
AUTHORIZATIONS = (
    ("missing", None, 401),
    ("twice the same", b"Authorization: Bearer %s\r\nAuthorization: Bearer %s", 400),
    ("twice, the good one first", b"Authorization: Bearer %s\r\nAuthorization: Bearer x", 400),
    ("twice, the good one last", b"Authorization: Basic eDp5\r\nAuthorization: Bearer %s", 400),
    ("folded", b"Authorization: Bearer\r\n %s", 400),
    ("space before the colon", b"Authorization : Bearer %s", 400),
)
UNAUTHORIZED = (
    ("empty", b"Authorization:"),
    ("list", b"Authorization: Bearer %s, Bearer %s"),
    ("list, another scheme", b"Authorization: Basic eDp5, Bearer %s"),
    ("Basic", b"Authorization: Basic eDp5"),
    ("no scheme", b"Authorization: %s"),
    ("two words", b"Authorization: Bearer %s x"),
)


def padded(m, size):
    """A request whose head has exactly this many bytes."""
    bare = m.post(add=[b"X-Pad: "]).index(b"\r\n\r\n") + 4
    return m.post(add=[b"X-Pad: " + b"p" * (size - bare)])


def many(m, count):
    """A request with this many header lines."""
    own = len(m.lines()) - 1
    return m.post(add=[b"X-%d: y" % i for i in range(count - own)])


def headers():
    yield from judged("header", HEADERS, lambda m, what: m.post(add=[what]))
    yield from judged("host", HOSTS, lambda m, what: m.post(host=what))
    yield from judged("content-type", CONTENT_TYPES, lambda m, what: m.post(kind=what))
    yield from judged("authorization", AUTHORIZATIONS, lambda m, what: m.post(auth=what))
    for name, what in UNAUTHORIZED:
        yield Case(f"authorization: {name}", lambda m, what=what: m.post(auth=what), ((401,),), None)
    yield refused("authorization: in the query", lambda m: m.post(
        line=b"POST /api/messages?access_token=" + m.token[:1000] + b" HTTP/1.1", auth=None), 401)
    yield accepted("header: as many as may be", lambda m: many(m, HEADERS_MAX))
    yield refused("header: one too many", lambda m: many(m, HEADERS_MAX + 1), 431)
    yield refused("header: a thousand", lambda m: many(m, 1000), 431)
    yield accepted("header: as large a head as may be", lambda m: padded(m, HEAD_MAX))
    yield refused("header: a head one byte too large", lambda m: padded(m, HEAD_MAX + 1), 431)
    yield refused("header: a head that never ends", lambda m: m.post(add=[b"X-Pad: " + b"p" * (2 * HEAD_MAX)])[:HEAD_MAX + 9000], 431)
    for name, value in (("close", b"close"), ("close in another case", b"Close"), ("close in a list", b"foo, close"),
                        ("close in a second line", b"keep-alive\r\nConnection: close")):
        yield accepted(f"header: {name}", lambda m, value=value: m.post(add=[b"Connection: " + value]), kept=False)


# ---- how long the body is ----

LENGTHS = (
    ("missing", None, 400, 411),
    ("empty", b"Content-Length:", 400),
    ("blank", b"Content-Length:  ", 400),
    ("plus", b"Content-Length: +%d", 400),
    ("minus", b"Content-Length: -%d", 400),
    ("hexadecimal", b"Content-Length: 0x10", 400),
    ("letters", b"Content-Length: ten", 400),
    ("fraction", b"Content-Length: %d.0", 400),
    ("exponent", b"Content-Length: 1e1", 400),
    ("two words", b"Content-Length: %d %d", 400),
    ("list of the same", b"Content-Length: %d, %d", 400),
    ("list", b"Content-Length: %d, 5", 400),
    ("comma behind it", b"Content-Length: %d,", 400),
    ("semicolon behind it", b"Content-Length: %d;", 400),
    ("twice the same", b"Content-Length: %d\r\nContent-Length: %d", 400),
    ("twice", b"Content-Length: %d\r\nContent-Length: 0", 400),
    ("twice in other cases", b"Content-Length: 0\r\ncontent-length: %d", 400),
    ("underscore", b"Content_Length: %d", 400, 411),
    ("space before the colon", b"Content-Length : %d", 400),
    ("folded", b"Content-Length:\r\n %d", 400),
    ("vertical tab", b"Content-Length: \x0b%d", 400),
    ("NUL behind it", b"Content-Length: %d\0", 400),
    ("digits beyond ASCII", b"Content-Length: \xd9\xa1\xd9\xa0", 400),
    ("one byte too large", b"Content-Length: 1048577", 413),
    ("15 digits", b"Content-Length: 999999999999999", 413),
    ("2^32 more", b"Content-Length: 4294967296", 413),
    ("2^63", b"Content-Length: 9223372036854775808", 400, 413),
    ("2^64", b"Content-Length: 18446744073709551616", 400, 413),
    ("a thousand digits", b"Content-Length: " + b"9" * 1000, 400, 413),
    ("leading zeros", b"Content-Length: 000%d"),
    ("blanks around", b"Content-Length: \t %d \t"),
    ("in another case", b"cOnTeNt-LeNgTh: %d"),
)
ENCODINGS = (
    ("in another case", b"Transfer-Encoding: CHUNKED"),
    ("blanks around", b"Transfer-Encoding:\t chunked \t"),
    ("identity", b"Transfer-Encoding: identity", 400, 501),
    ("gzip", b"Transfer-Encoding: gzip", 400, 501),
    ("gzip, chunked", b"Transfer-Encoding: gzip, chunked", 400, 501),
    ("chunked, gzip", b"Transfer-Encoding: chunked, gzip", 400, 501),
    ("chunked, identity", b"Transfer-Encoding: chunked, identity", 400, 501),
    ("chunked, chunked", b"Transfer-Encoding: chunked, chunked", 400, 501),
    ("xchunked", b"Transfer-Encoding: xchunked", 400, 501),
    ("chunkedx", b"Transfer-Encoding: chunkedx", 400, 501),
    ("quoted", b'Transfer-Encoding: "chunked"', 400, 501),
    ("parameter", b"Transfer-Encoding: chunked;q=1", 400, 501),
    ("comma before it", b"Transfer-Encoding: , chunked", 400, 501),
    ("comma behind it", b"Transfer-Encoding: chunked,", 400, 501),
    ("empty", b"Transfer-Encoding:", 400, 501),
    ("vertical tab", b"Transfer-Encoding: \x0bchunked", 400),
    ("NUL behind it", b"Transfer-Encoding: chunked\0", 400),
    ("long s", "Transfer-Encoding: \u0441hunked".encode(), 400, 501),
    ("folded", b"Transfer-Encoding:\r\n chunked", 400),
    ("space before the colon", b"Transfer-Encoding : chunked", 400),
    ("underscore", b"Transfer_Encoding: chunked", 400, 411),
    ("twice", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400),
    ("identity first", b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", 400),
    ("identity last", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 400),
    ("behind a bare LF", b"X-A: b\nTransfer-Encoding: chunked", 400),
    ("behind a bare CR", b"X-A: b\rTransfer-Encoding: chunked", 400),
)


def lengths():
    yield from judged("length", LENGTHS, lambda m, what: m.post(framing=what))
    yield Case("length: nothing", lambda m: m.post(body=b""), ((400,),), None)
    yield Case("length: shorter than the body", lambda m: m.post(body=b'{"type":1}' + m.post(HIDDEN), framing=b"Content-Length: 7"),
               ((400,), (400,)), False)
    for name, what, *statuses in ENCODINGS:
        yield from judged("encoding", [(name, what, *statuses)], lambda m, what: m.post(framing=what, body=chunk(m.body()) + b"0\r\n\r\n"))
    yield refused("encoding: in HTTP/1.0", lambda m: m.chunked(line=b"POST /api/messages HTTP/1.0"), 400)


# ---- chunks ----

CHUNKS = (
    ("one", lambda b: chunk(b)),
    ("two", lambda b: chunk(b[:9]) + chunk(b[9:])),
    ("of one byte", lambda b: b"".join(chunk(b[i:i + 1]) for i in range(len(b)))),
    ("upper-case digits", lambda b: b"%X\r\n%s\r\n" % (len(b), b)),
    ("leading zeros", lambda b: b"%08x\r\n%s\r\n" % (len(b), b)),
    ("extension", lambda b: b"%x;a\r\n%s\r\n" % (len(b), b)),
    ("extension with a value", lambda b: b"%x;a=b;c=d\r\n%s\r\n" % (len(b), b)),
    ("quoted extension", lambda b: b'%x;a="b;c\\"d"\r\n%s\r\n' % (len(b), b)),
    ("quoted extension that does not end", lambda b: b'%x;a="b\r\n%s\r\n' % (len(b), b), 400, *OK),
    ("0x", lambda b: b"0x%x\r\n%s\r\n" % (len(b), b), 400),
    ("plus", lambda b: b"+%x\r\n%s\r\n" % (len(b), b), 400),
    ("minus", lambda b: b"-%x\r\n%s\r\n" % (len(b), b), 400),
    ("minus one", lambda b: b"-1\r\n%s\r\n" % b, 400),
    ("space before the size", lambda b: b" %x\r\n%s\r\n" % (len(b), b), 400),
    ("space behind the size", lambda b: b"%x \r\n%s\r\n" % (len(b), b), 400),
    ("tab behind the size", lambda b: b"%x\t\r\n%s\r\n" % (len(b), b), 400),
    ("space before an extension", lambda b: b"%x ;a=b\r\n%s\r\n" % (len(b), b), 400),
    ("no size", lambda b: b"\r\n%s\r\n" % b, 400),
    ("only an extension", lambda b: b";a=b\r\n%s\r\n" % b, 400),
    ("no digit", lambda b: b"g\r\n%s\r\n" % b, 400),
    ("underscore", lambda b: b"1_0\r\n%s\r\n" % b, 400),
    ("fraction", lambda b: b"%x.0\r\n%s\r\n" % (len(b), b), 400),
    ("comma", lambda b: b"%x,\r\n%s\r\n" % (len(b), b), 400),
    ("17 digits", lambda b: b"1%016x\r\n%s\r\n" % (len(b), b), 400, 413),
    ("2^32 more", lambda b: b"1%08x\r\n%s\r\n" % (len(b), b), 400, 413),
    ("20 leading zeros", lambda b: b"%020x\r\n%s\r\n" % (len(b), b), 400, *OK),
    ("NUL in the size", lambda b: b"%x\0\r\n%s\r\n" % (len(b), b), 400),
    ("NUL in an extension", lambda b: b"%x;a\0\r\n%s\r\n" % (len(b), b), 400),
    ("control byte in an extension", lambda b: b"%x;a=\x1b\r\n%s\r\n" % (len(b), b), 400),
    ("bare CR in an extension", lambda b: b"%x;a\rb\r\n%s\r\n" % (len(b), b), 400),
    ("bare LF in an extension", lambda b: b"%x;a\nb\r\n%s\r\n" % (len(b), b), 400),
    ("bare LF behind the size", lambda b: b"%x\n%s\r\n" % (len(b), b), 400),
    ("bare CR behind the size", lambda b: b"%x\r%s\r\n" % (len(b), b), 400),
    ("bare LF behind the data", lambda b: b"%x\r\n%s\n" % (len(b), b), 400),
    ("bare CR behind the data", lambda b: b"%x\r\n%s\r" % (len(b), b), 400),
    ("nothing behind the data", lambda b: b"%x\r\n%s" % (len(b), b), 400),
    ("more data than said", lambda b: b"%x\r\n%s\r\n" % (len(b) - 2, b), 400),
    ("less data than said", lambda b: b"%x\r\n%s\r\n" % (len(b) + 1, b), 400),
    ("endless extension", lambda b: b"%x;%s\r\n%s\r\n" % (len(b), b"a" * 20000, b), 400, 413),
)
LASTS = (
    ("more zeros", b"0000\r\n\r\n"),
    ("extension", b"0;a=b\r\n\r\n"),
    ("trailer", b"0\r\nX-A: b\r\n\r\n"),
    ("16 trailers", b"0\r\n" + b"X-A: b\r\n" * 16 + b"\r\n"),
    ("too many trailers", b"0\r\n" + b"X-A: b\r\n" * 200 + b"\r\n", 400, 431),
    ("endless trailer", b"0\r\nX-A: " + b"b" * 20000 + b"\r\n\r\n", 400, 431),
    ("Content-Length as a trailer", b"0\r\nContent-Length: 5\r\n\r\n", 400, *OK),
    ("Transfer-Encoding as a trailer", b"0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, *OK),
    ("Host as a trailer", b"0\r\nHost: attacker.example\r\n\r\n", 400, *OK),
    ("folded trailer", b"0\r\nX-A: b\r\n c\r\n\r\n", 400),
    ("trailer without a colon", b"0\r\nPOST /api/messages HTTP/1.1\r\n\r\n", 400),
    ("trailer without a name", b"0\r\n: b\r\n\r\n", 400),
    ("space before a trailer's colon", b"0\r\nX-A : b\r\n\r\n", 400),
    ("bare LF behind a trailer", b"0\r\nX-A: b\n\r\n", 400),
    ("bare LF at the end", b"0\r\n\n", 400),
    ("bare LF behind the size", b"0\n\r\n", 400),
    ("NUL in a trailer", b"0\r\nX-A: b\0\r\n\r\n", 400),
    ("minus", b"-0\r\n\r\n", 400),
    ("0x", b"0x0\r\n\r\n", 400),
)


def chunks():
    yield from judged("chunk", CHUNKS, lambda m, what: m.chunked(what))
    yield from judged("last chunk", LASTS, lambda m, what: m.chunked(last=what))
    yield refused("last chunk: authorization as a trailer", lambda m: m.chunked(
        last=b"0\r\nAuthorization: Bearer " + m.token + b"\r\n\r\n", auth=None), 401)
    yield Case("chunk: nothing but the last", lambda m: m.chunked(lambda body: b""), ((400,),), None)
    yield refused("chunk: together more than may be", lambda m: m.chunked(lambda body: chunk(b" " * 65536) * 17), 413)


# ---- requests inside of others ----

def both(m, framing, body):
    return m.post(framing=framing, body=body)


def hidden_behind_zero(m):
    """Ends at once for who reads chunks; for who counts bytes, all of it is a body."""
    return b"0\r\n\r\n" + m.post(HIDDEN)


def hidden_in_chunk(m):
    """All of it is a chunk for who reads chunks; for who counts few bytes, a request follows."""
    return chunk(m.post(HIDDEN)) + b"0\r\n\r\n"


SMUGGLED = (
    ("length, then encoding", b"Content-Length: %d\r\nTransfer-Encoding: chunked"),
    ("encoding, then length", b"Transfer-Encoding: chunked\r\nContent-Length: %d"),
    ("encoding with a blank before the colon", b"Content-Length: %d\r\nTransfer-Encoding : chunked"),
    ("encoding with a tab", b"Content-Length: %d\r\nTransfer-Encoding:\tchunked"),
    ("encoding with a vertical tab", b"Content-Length: %d\r\nTransfer-Encoding:\x0bchunked"),
    ("encoding folded", b"Content-Length: %d\r\nTransfer-Encoding:\r\n chunked"),
    ("encoding behind a bare LF", b"Content-Length: %d\r\nX-A: b\nTransfer-Encoding: chunked"),
    ("encoding behind a bare CR", b"Content-Length: %d\r\nX-A: b\rTransfer-Encoding: chunked"),
    ("encoding in quotes", b'Content-Length: %d\r\nTransfer-Encoding: "chunked"'),
    ("encoding unknown", b"Content-Length: %d\r\nTransfer-Encoding: xchunked"),
    ("encoding identity", b"Content-Length: %d\r\nTransfer-Encoding: identity"),
    ("encoding twice", b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x"),
    ("encoding with a NUL", b"Content-Length: %d\r\nTransfer-Encoding: chunked\0"),
    ("encoding named in other letters", b"Content-Length: %d\r\nTr\xc3\xa0nsfer-Encoding: chunked"),
    ("two lengths, the short one last", b"Content-Length: %d\r\nContent-Length: 5"),
    ("two lengths, the short one first", b"Content-Length: 5\r\nContent-Length: %d"),
    ("two lengths in a list", b"Content-Length: 5, %d"),
    ("length with a plus", b"Content-Length: +%d"),
    ("length behind a blank", b"Content-Length : %d"),
)

UNREAD = (
    ("nowhere", {"line": b"POST /nowhere HTTP/1.1"}, 404),
    ("no token", {"auth": None}, 401),
    ("another type", {"kind": b"Content-Type: text/plain"}, 415),
    ("packed", {"add": [b"Content-Encoding: gzip"]}, 415),
    ("another method", {"line": b"PUT /api/messages HTTP/1.1"}, 405),
)


def smuggled():
    for name, framing in SMUGGLED:
        yield refused(f"smuggled behind the last chunk: {name}", lambda m, f=framing: both(m, f, hidden_behind_zero(m)), 400, 501)
        yield refused(f"smuggled in a chunk: {name}", lambda m, f=framing: both(m, f.replace(b"%d", b"4"), hidden_in_chunk(m)), 400, 501)
    yield refused("smuggled behind a bare LF in an extension", lambda m: m.chunked(
        lambda body: b"5;\nxxxxx\r\n" + chunk(m.post(HIDDEN))), 400)
    yield refused("smuggled behind a chunk with no end", lambda m: m.chunked(
        lambda body: b"5\r\nxxxxx0\r\n\r\n" + m.post(HIDDEN)), 400)
    yield refused("smuggled in HTTP/1.0", lambda m: both(
        m, b"Content-Length: 5\r\nTransfer-Encoding: chunked", hidden_in_chunk(m)).replace(b"HTTP/1.1", b"HTTP/1.0", 1), 400)
    yield refused("smuggled in an absolute-form of another host", lambda m: m.post(
        line=b"POST http://attacker.example/api/messages HTTP/1.1", body=m.post(HIDDEN)), 400)
    yield refused("smuggled behind a head without its length", lambda m: m.post(framing=None, body=m.post(HIDDEN)), 400, 411)
    yield refused("smuggled in the body of HEAD", lambda m: m.post(line=b"HEAD /api/messages HTTP/1.1", body=m.post(HIDDEN)), 405)
    for name, parts, status in UNREAD:
        yield refused(f"smuggled in a body that is not read: {name}", lambda m, p=parts: m.post(body=m.post(HIDDEN), **p), status)
    yield Case("smuggled in a body that is no activity", lambda m: m.post(body=m.post(HIDDEN)), ((400,),), True)
    yield Case("smuggled in a chunk that is no activity", lambda m: m.chunked(lambda body: chunk(m.post(HIDDEN))), ((400,),), True)


# ---- several in one ----

def pipelined():
    yield Case("pipelined: two", lambda m: m.post(0) + m.post(1), (OK, OK), True)
    yield Case("pipelined: two, chunked first", lambda m: m.chunked(n=0) + m.post(1), (OK, OK), True)
    yield Case("pipelined: ten", lambda m: b"".join(m.post(n) for n in range(10)), (OK,) * 10, True)
    yield Case("pipelined: fifty", lambda m: b"".join(m.post(n) for n in range(50)), (OK,) * 50, True)
    yield Case("pipelined: in order", lambda m: m.post(0) + m.forged() + m.nonsense() + m.post(1) + m.nonsense() + m.forged(),
               (OK, (401,), (400,), OK, (400,), (401,)), True)
    yield Case("pipelined: framing in doubt", lambda m: m.post(0) + m.post(HIDDEN, framing=b"Content-Length: +%d"), (OK, (400,)), False)
    yield Case("pipelined: nowhere", lambda m: m.post(0) + m.nowhere(), (OK, (404,)), False)
    yield Case("pipelined: an error among fifty", lambda m: b"".join(m.post(n) for n in range(24)) + m.post(
        HIDDEN, add=[b"X-A : b"]) + b"".join(m.post(n) for n in range(25, 50)), (OK,) * 24 + ((400,),), False)
    yield Case("pipelined: behind a close", lambda m: m.post(0, add=[b"Connection: close"]) + m.post(HIDDEN), (OK,), False)
    yield Case("pipelined: behind HTTP/1.0", lambda m: m.post(0, line=b"POST /api/messages HTTP/1.0") + m.post(HIDDEN), (OK,), False)
    yield Case("pipelined: an empty line between", lambda m: m.post(0) + b"\r\n" + m.post(HIDDEN), (OK, (400,)), False)
    yield Case("pipelined: bytes between", lambda m: m.post(0) + b"x" + m.post(HIDDEN), (OK, (405,)), False)


def framing():
    """The cases about where a message ends."""
    return [*lengths(), *chunks(), *smuggled()]


def table():
    return [*request_lines(), *headers(), *framing(), *pipelined()]
