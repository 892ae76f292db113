# SPDX-License-Identifier: Apache-2.0
"""A channel's issuer under full control of a test: RSA keys, tokens of any form, and the host of metadata and keys.

RS256 is a power and a padding (RFC 8017 section 8.2), so tokens are signed here; the odd algorithms come from openssl.
"""
import base64
import hashlib
import hmac
import http.server
import json
import re
import subprocess
import threading
import time

ISSUER = "https://api.botframework.com"
RS256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")  # DigestInfo of SHA-256


def b64(data):
    """base64url without padding."""
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else data.encode()).rstrip(b"=").decode()


def number(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True, timeout=60).stdout


# ---- DER, as far as a certificate needs it ----

def der(tag, *parts):
    body = b"".join(parts)
    size = number(len(body)) or b"\0"
    return bytes([tag]) + (size if len(body) < 128 else bytes([0x80 | len(size)]) + size) + body


def der_number(value):
    data = number(value) or b"\0"
    return der(2, b"\0" + data if data[0] & 0x80 else data)


SHA256_RSA = der(0x30, bytes.fromhex("06092a864886f70d01010b0500"))
RSA = der(0x30, bytes.fromhex("06092a864886f70d0101010500"))


class Key:
    """An RSA key with an id."""

    def __init__(self, kid, bits=2048):
        self.kid = kid
        self.pem = openssl("genrsa", str(bits))
        text = openssl("rsa", "-text", "-noout", data=self.pem).decode()
        self.n, self.d = (int(re.sub(r"[\s:]", "", re.search(rf"^{name}:\n((?: +[0-9a-f:]+\n)+)", text, re.M).group(1)), 16)
                          for name in ("modulus", "privateExponent"))

    def raw_sign(self, data):
        """RSASSA-PKCS1-v1_5 with SHA-256."""
        size = (self.n.bit_length() + 7) // 8
        digest = RS256_PREFIX + hashlib.sha256(data).digest()
        block = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
        return pow(int.from_bytes(block, "big"), self.d, self.n).to_bytes(size, "big")

    def jwk(self, **changes):
        """As it is published; a change to None leaves a member out."""
        jwk = {"kty": "RSA", "use": "sig", "kid": self.kid, "n": b64(number(self.n)), "e": "AQAB", "endorsements": ["msteams"], **changes}
        return {name: value for name, value in jwk.items() if value is not None}

    def certificate(self, begins_s, ends_s, common_name="channel"):
        """Base64 of a self-signed certificate that is valid between these times (seconds from now)."""
        times = [der(0x18, time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + s)).encode()) for s in (begins_s, ends_s)]
        name = der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(0x0C, common_name.encode()))))
        public = der(0x30, RSA, der(3, b"\0", der(0x30, der_number(self.n), der_number(65537))))
        body = der(0x30, der(0xA0, der_number(2)), der_number(1), SHA256_RSA, name, der(0x30, *times), name, public)
        return base64.b64encode(der(0x30, body, SHA256_RSA, der(3, b"\0", self.raw_sign(body)))).decode()

    def token(self, claims, header=None, sign=None):
        """header: changes to the usual one, or its whole text. sign: what makes the signature; None: RS256 with this key."""
        if not isinstance(header, (str, bytes)):
            whole = {"alg": "RS256", "kid": self.kid, "typ": "JWT", **(header or {})}
            header = json.dumps({name: value for name, value in whole.items() if value is not None})
        text = b64(header) + "." + b64(claims if isinstance(claims, (str, bytes)) else json.dumps(claims))
        return text + "." + b64((sign or self.raw_sign)(text.encode()))

    # ---- signatures that must not count ----

    def hs256(self, data):
        """The public key, which everybody knows, as a secret."""
        return hmac.new(openssl("rsa", "-pubout", data=self.pem), data, hashlib.sha256).digest()

    def by_openssl(self, folder, digest, *options):
        """A function that signs with openssl: another hash, or PSS."""
        file = folder / f"{self.kid}.pem"
        file.write_bytes(self.pem)
        return lambda data: openssl("dgst", f"-{digest}", "-sign", str(file), *options, data=data)


class Issuer:
    """The host of the metadata and the keys. What it answers is this object's attributes; any thread."""

    def __init__(self):
        self.metadata = {}      # changes to the document
        self.keys = []          # JWKs
        self.documents = {}     # path -> bytes in place of what would be answered
        self.statuses = {}      # path -> status
        self.location = None    # redirects everything there
        self.open = threading.Event()  # cleared: whoever asks waits
        self.open.set()
        self.closing = threading.Event()
        self.drip_s = 0         # seconds between two bytes of an answer
        self.fetches = []       # paths, in their order
        self.lock = threading.Lock()
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.answer(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128  # who is not taken at once would come again a second later

        self.server = Server(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.metadata_url = f"{self.base}/v1/openid"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def close(self):
        self.open.set()
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def count(self, path="/v1/keys"):
        with self.lock:
            return self.fetches.count(path)

    def document(self, path):
        if path in self.documents:
            return self.documents[path]
        if path == "/v1/openid":
            return json.dumps({"issuer": ISSUER, "jwks_uri": f"{self.base}/v1/keys",
                               "id_token_signing_alg_values_supported": ["RS256"], **self.metadata}).encode()
        return json.dumps({"keys": self.keys}).encode()

    def answer(self, request):
        with self.lock:
            self.fetches.append(request.path)
        self.open.wait()
        body = self.document(request.path)
        try:
            request.send_response(self.statuses.get(request.path, 302 if self.location else 200))
            if self.location:
                request.send_header("Location", self.location)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            if not self.drip_s:
                request.wfile.write(body)
            for i in range(len(body) if self.drip_s else 0):
                request.wfile.write(body[i:i + 1])
                self.closing.wait(self.drip_s)
        except OSError:
            pass  # it did not want to wait
