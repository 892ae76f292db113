# SPDX-License-Identifier: Apache-2.0
"""Threats 11 and 15: archives that want to leave their folder, or to eat their reader."""
import base64
import hashlib
import hmac
import io
import json
import os
import pathlib
import secrets
import stat
import struct
import subprocess
import tempfile
import time
import unittest
import warnings
import zipfile

import harness
import tools

SECONDS_MAX = 10
MEMORY_MAX = 256 << 20

DEVICES = ("CON", "con.txt", "PRN", "AUX", "aux.log", "NUL", "NUL.exe", "COM1", "com9.dll", "LPT1", "lpt9.x", "CONIN$", "CONOUT$")
HOSTILE = (
    "/etc/passwd", "/setup.exe", "//server/share/x", "../up.exe", "../../up.exe", "a/../../up.exe", "a/..", "..", ".", "./x", "a/./x", "a//x",
    "..\\up.exe", "a\\x", "\\x", "\\\\server\\share\\x", "C:/x", "C:x", "C:\\x", "c:", "x:stream", "setup.exe:Zone.Identifier", "a/b:c",
    *DEVICES, *(f"folder/{name}" for name in DEVICES[:4]), "NUL /x", "nul./x",
    "dot.", "dot./x", "blank ", "blank /x", "a/dot.", "tab\there", "line\nend", "return\rend", "bell\a", "escape\x1b[2J", "del\x7f",
    "star*", "what?", 'quote"', "less<", "more>", "pipe|", " /x", "x/ /y")


def member(name, mode=0):
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name  # as it stands
    info.external_attr = mode << 16
    info.create_system = 3
    return info


def archive(*members):
    """The bytes of a ZIP with these (name or ZipInfo, content)."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as made:
        warnings.simplefilter("ignore")  # doubled names are meant
        for name, content in members:
            made.writestr(member(name) if isinstance(name, str) else name, content)
    return out.getvalue()


def intunewin(inner, setup="setup.exe"):
    """A container whose sums are all right, around these bytes."""
    key, mac_key, iv = secrets.token_bytes(32), secrets.token_bytes(32), secrets.token_bytes(16)
    encrypted = subprocess.run([tools.need("openssl"), "enc", "-aes-256-cbc", "-K", key.hex(), "-iv", iv.hex()], input=inner,
                               capture_output=True, check=True).stdout
    mac = hmac.new(mac_key, iv + encrypted, hashlib.sha256).digest()
    fields = {"EncryptionKey": key, "MacKey": mac_key, "InitializationVector": iv, "Mac": mac, "FileDigest": hashlib.sha256(inner).digest()}
    coded = "".join(f"<{name}>{base64.b64encode(value).decode()}</{name}>" for name, value in fields.items())
    xml = (f"<ApplicationInfo><Name>x</Name><UnencryptedContentSize>{len(inner)}</UnencryptedContentSize><FileName>IntunePackage.intunewin"
           f"</FileName><SetupFile>{setup}</SetupFile><EncryptionInfo>{coded}<ProfileIdentifier>ProfileVersion1</ProfileIdentifier>"
           "<FileDigestAlgorithm>SHA256</FileDigestAlgorithm></EncryptionInfo></ApplicationInfo>")
    return archive(("IntuneWinPackage/Contents/IntunePackage.intunewin", mac + iv + encrypted),
                   ("IntuneWinPackage/Metadata/Detection.xml", xml))


class HostileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_bounded(self, *words):
        """Exit status and what it said to its users; it must have been quick and small."""
        began = time.monotonic()
        with open(self.folder / "said", "w+") as said:
            child = subprocess.Popen([harness.APPDESK, *words], stdout=said, stderr=said)
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            text = said.read()
        self.assertLess(used.ru_utime + used.ru_stime, SECONDS_MAX)
        self.assertLess(time.monotonic() - began, harness.within(6 * SECONDS_MAX))  # it waits for nothing
        self.assertLess(used.ru_maxrss << 10, MEMORY_MAX)
        return child.returncode, text


class TestEntries(HostileTest):
    def extract(self, inner):
        place = self.folder / "a/b/place"
        package = self.folder / "x.intunewin"
        package.write_bytes(intunewin(inner))
        place.parent.mkdir(parents=True, exist_ok=True)
        return place, self.run_bounded("intunewin", "extract", package, place)

    def assert_nothing_outside(self, place):
        inside = [path for path in self.folder.rglob("*") if path.is_symlink() or path.is_file()]
        self.assertEqual(sorted(path.name for path in inside if place not in path.parents), ["said", "x.intunewin"])
        self.assertFalse([path for path in place.rglob("*") if path.is_symlink() or not path.is_dir()])

    def assert_refused(self, inner):
        place, (code, said) = self.extract(inner)
        self.assertEqual(code, 1, said)
        self.assert_nothing_outside(place)

    def test_threat_11_no_name_of_an_entry_leads_out_of_its_folder_or_to_a_device(self):
        self.assertGreaterEqual(len(HOSTILE), 60)
        for name in HOSTILE:
            with self.subTest(name=name):
                self.assert_refused(archive(("setup.exe", "x"), (name, "hostile")))

    def test_threat_11_links_devices_and_doubled_names_are_refused(self):
        for mode in (stat.S_IFLNK | 0o777, stat.S_IFCHR | 0o600, stat.S_IFBLK | 0o600, stat.S_IFIFO | 0o600):
            with self.subTest(mode=oct(mode)):
                self.assert_refused(archive(("setup.exe", "x"), (member("link", mode), "/etc/passwd")))
        for twin in ("setup.exe", "SETUP.EXE", "setup.exe/x", "Setup.exe/"):
            with self.subTest(twin=twin):
                self.assert_refused(archive(("setup.exe", "x"), (twin, "")))

    def test_threat_11_what_is_harmless_comes_out_as_it_went_in(self):
        files = {"setup.exe": b"x" * 1000, "folder/deep/a b.txt": b"", "gr\u00fc\u00df.txt": "\u20ac".encode(), "console.txt": b"1", ".hidden": b"2"}
        place, (code, said) = self.extract(archive(*files.items()))
        self.assertEqual(code, 0, said)
        self.assertEqual({str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}, files)


def lies(data, field, value):
    """The archive with this field of its last directory record changed: 24 is the size, 42 the place."""
    at = data.rindex(b"PK\1\2") + field
    return data[:at] + struct.pack("<I", value) + data[at + 4:]


class TestBombs(HostileTest):
    """A source package is read before anybody has vouched for it: its signature is inside."""

    def setUp(self):
        super().setUp()
        root = self.folder / "root.pem"
        tools.run(tools.need("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Test", "-keyout", "/dev/null", "-out", root)
        self.profile = self.folder / "profile.json"
        self.profile.write_text(json.dumps({
            "name": "test", "root_certificates": ["root.pem"], "timestamp_root_certificates": ["root.pem"], "signer_subject": "CN=Test",
            "signer_eku": ["1.3.6.1.5.5.7.3.3"], "package_name": "Test", "package_publisher": "CN=Test"}))

    def bombs(self):
        signature = ("AppxSignature.p7x", b"PKCX" + bytes(100))
        yield "two hundred million zeros", self.packed(200_000_000, signature)
        one = archive(("Public/index.db", bytes(1000)), signature)
        yield "an entry of four gigabytes", lies(one, 24, 0xfffffffe)
        yield "entries that overlap", lies(one, 42, 0)
        yield "65,536 entries", archive(*((f"{n}", b"") for n in range(65_536)), signature)
        inner = archive(("0.zip", self.packed(1_000_000, signature)), signature)
        for _ in range(10):
            inner = archive(("0.zip", inner), ("1.zip", inner), signature)
        yield "archives in archives", inner
        yield "a directory alone", one[one.index(b"PK\1\2"):]
        yield "no archive", bytes(1_000_000)

    def packed(self, size, *others):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
            with made.open("Public/index.db", "w") as file:
                for _ in range(size // 1_000_000):
                    file.write(bytes(1_000_000))
            for name, content in others:
                made.writestr(member(name), content)
        return out.getvalue()

    def test_threat_15_archives_that_want_to_eat_their_reader_are_refused_at_once(self):
        for what, data in self.bombs():
            with self.subTest(what=what):
                path = self.folder / "source2.msix"
                path.write_bytes(data)
                code, said = self.run_bounded("winget", "verify", path, "--profile", self.profile)
                self.assertEqual(code, 1, said)
                self.assertTrue(said.startswith("appdesk: "), said)
                self.assertNotIn("Sanitizer", said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
