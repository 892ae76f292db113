#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A second opinion about an .intunewin: check_intunewin.py FILE NAME=PATH...

Opens the outer container, has the openssl program compute MAC, digest and plain zip, has unzip test both archives, and compares
every file."""
import base64
import io
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile


def openssl(*words, data):
    return subprocess.run(["openssl", *words], input=data, stdout=subprocess.PIPE, check=True).stdout


def unzip_accepts(data):
    """Where unzip is installed; in CI it is."""
    if not shutil.which("unzip"):
        assert os.environ.get("CI") != "true", "unzip is not there; scripts/setup test installs it"
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        subprocess.run(["unzip", "-tqq", file.name], check=True)


def main():
    with open(sys.argv[1], "rb") as file:
        unzip_accepts(file.read())
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
    mac = openssl("dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{secret('MacKey').hex()}", "-binary", data=blob[32:])
    assert mac == blob[:32] == secret("Mac"), "MAC"
    assert blob[32:48] == secret("InitializationVector"), "IV"
    plain = openssl("enc", "-d", "-aes-256-cbc", "-K", secret("EncryptionKey").hex(), "-iv", blob[32:48].hex(), data=blob[48:])
    assert len(plain) == size, "plain size"
    assert openssl("dgst", "-sha256", "-binary", data=plain) == secret("FileDigest"), "digest"
    unzip_accepts(plain)
    with zipfile.ZipFile(io.BytesIO(plain)) as inner:
        assert inner.testzip() is None
        expected = dict(a.split("=", 1) for a in sys.argv[2:])
        assert sorted(inner.namelist()) == sorted(expected), "names"
        assert info.find("SetupFile").text in expected
        for name, path in expected.items():
            with open(path, "rb") as file:
                assert inner.read(name) == file.read(), name


main()
