#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second opinion about an .intunewin: check_intunewin.py FILE NAME=PATH...

Opens the outer container, decrypts with the openssl program, and compares every file of the plain zip."""
import base64
import hashlib
import hmac
import io
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile


def main():
    with zipfile.ZipFile(sys.argv[1]) as outer:
        assert outer.testzip() is None
        assert all(i.compress_type == zipfile.ZIP_STORED for i in outer.infolist())
        xml = outer.read("IntuneWinPackage/Metadata/Detection.xml")
        blob = outer.read("IntuneWinPackage/Contents/IntunePackage.intunewin")
    assert not xml.startswith(b"<?xml") and b"\r\n" in xml
    info = ElementTree.fromstring(xml)
    enc = info.find("EncryptionInfo")

    def secret(name):
        return base64.b64decode(enc.find(name).text)

    size = int(info.find("UnencryptedContentSize").text)
    assert len(blob) == 48 + (size // 16 + 1) * 16, "size"
    assert secret("EncryptionKey") != secret("MacKey")
    mac = hmac.new(secret("MacKey"), blob[32:], hashlib.sha256).digest()
    assert mac == blob[:32] == secret("Mac"), "MAC"
    assert blob[32:48] == secret("InitializationVector"), "IV"
    plain = subprocess.run(
        ["openssl", "enc", "-d", "-aes-256-cbc", "-K", secret("EncryptionKey").hex(), "-iv", blob[32:48].hex()],
        input=blob[48:], stdout=subprocess.PIPE, check=True).stdout
    assert len(plain) == size, "plain size"
    assert hashlib.sha256(plain).digest() == secret("FileDigest"), "digest"
    with zipfile.ZipFile(io.BytesIO(plain)) as inner:
        assert inner.testzip() is None
        expected = dict(a.split("=", 1) for a in sys.argv[2:])
        assert sorted(inner.namelist()) == sorted(expected), "names"
        assert info.find("SetupFile").text in expected
        for name, path in expected.items():
            with open(path, "rb") as file:
                assert inner.read(name) == file.read(), name


main()
