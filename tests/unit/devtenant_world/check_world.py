#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a world of the local tenant with means that share nothing with its writer.

    check_world.py OUT_DIR TIME

Walks the whole chain (signed index, version data, manifests, installers) as a client at the Unix time
TIME would, with the Python standard library and the openssl program. Prints what is wrong, one word a
line, sorted, e.g. "axpc" or "manifest:7zip.7zip"; nothing when all is well. Exit code 2: cannot check.
"""

import base64
import hashlib
import json
import os
import re
import sqlite3
import struct
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree as ET
import zipfile
import zlib

NS_MAP = "{http://schemas.microsoft.com/appx/2010/blockmap}"
NS_MANIFEST = "{http://schemas.microsoft.com/appx/manifest/foundation/windows10}"
FOOTPRINT = {"[Content_Types].xml", "AppxBlockMap.xml", "AppxSignature.p7x"}
SIP_PACKAGE = "4bdfc50a07cee24db76e23c839a09fd1"
MAX_AGE_S = 14 * 86400

OID_SHA256 = "2.16.840.1.101.3.4.2.1"
OID_TOKEN = "1.3.6.1.4.1.311.3.3.1"
OID_DIGEST = "1.2.840.113549.1.9.4"
OID_TYPE = "1.2.840.113549.1.9.3"

DDL = {
    "metadata": "name TEXT,value TEXT",
    "packages": "rowid INTEGER,id TEXT,name TEXT,moniker TEXT,latest_version TEXT,"
    "arp_min_version TEXT,arp_max_version TEXT,hash BLOB",
    "tags2": "rowid INTEGER,tag TEXT",
    "tags2_map": "tag INT64,package INT64",
    "commands2": "rowid INTEGER,command TEXT",
    "commands2_map": "command INT64,package INT64",
    "pfns2": "pfn TEXT,package INT64",
    "productcodes2": "productcode TEXT,package INT64",
    "upgradecodes2": "upgradecode TEXT,package INT64",
    "norm_names2": "norm_name TEXT,package INT64",
    "norm_publishers2": "norm_publisher TEXT,package INT64",
}

problems = set()


def expect(word, condition):
    if not condition:
        problems.add(word)
    return bool(condition)


def sha256(data):
    return hashlib.sha256(data).digest()


def openssl(*arguments, stdin=None):
    done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True)
    return done.returncode == 0, done.stdout, done.stderr


def read(path):
    with open(path, "rb") as file:
        return file.read()


# ---- DER -----------------------------------------------------------------------------------------


class Der:
    """One element: tag, content, the raw bytes, and the children of a constructed one."""

    def __init__(self, data, at=0):
        start = at
        self.tag = data[at]
        length = data[at + 1]
        at += 2
        if length & 0x80:
            octets = length & 0x7F
            length = int.from_bytes(data[at : at + octets], "big")
            at += octets
        self.end = at + length
        if self.end > len(data):
            raise ValueError("element passes the end")
        self.content = data[at : self.end]
        self.raw = data[start : self.end]

    @property
    def children(self):
        found, at = [], 0
        while at < len(self.content):
            found.append(Der(self.content, at))
            at = found[-1].end
        return found

    def __getitem__(self, index):
        return self.children[index]

    @property
    def oid(self):
        numbers, value = [], 0
        for octet in self.content:
            value = value << 7 | octet & 0x7F
            if not octet & 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(str(n) for n in [first, numbers[0] - 40 * first, *numbers[1:]])


def attributes_of(element):
    return {child[0].oid: child[1].children[0] for child in element.children}


class SignedData:
    def __init__(self, data):
        outer = Der(data)
        if outer.end != len(data) or outer[0].oid != "1.2.840.113549.1.7.2":
            raise ValueError("not SignedData")
        body = outer[1][0].children
        self.version = body[0].content[-1]
        self.content_type = body[2][0].oid
        self.content = body[2][1][0]
        self.certificates = [c.raw for c in body[3].children if c.tag == 0x30]
        self.other_certificates = [c for c in body[3].children if c.tag != 0x30]
        self.signers = body[4].children
        signer = self.signers[0].children
        self.issuer_and_serial = signer[1]
        self.attributes = attributes_of(signer[3])
        self.attributes_der = b"\x31" + signer[3].raw[1:]
        self.signature = signer[5].content
        self.unsigned = attributes_of(signer[6]) if len(signer) > 6 else {}

    def signer_certificate(self):
        for raw in self.certificates:
            fields = Der(raw)[0].children
            if fields[1].content == self.issuer_and_serial[1].content:
                return raw
        raise ValueError("no signer certificate")


def pem(der):
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{text}-----END CERTIFICATE-----\n"


def check_signature(word, folder, signed, covered):
    """The signature proper, with the openssl program as the judge."""
    expect(word, signed.attributes[OID_DIGEST].content == sha256(covered))
    expect(word, signed.attributes[OID_TYPE].oid == signed.content_type)
    certificate = os.path.join(folder, "signer.pem")
    with open(certificate, "w") as file:
        file.write(pem(signed.signer_certificate()))
    done, key, _ = openssl("x509", "-in", certificate, "-noout", "-pubkey")
    with open(os.path.join(folder, "key.pem"), "wb") as file:
        file.write(key)
    with open(os.path.join(folder, "signature"), "wb") as file:
        file.write(signed.signature)
    done, _, _ = openssl(
        "dgst", "-sha256", "-verify", os.path.join(folder, "key.pem"), "-signature",
        os.path.join(folder, "signature"), stdin=signed.attributes_der,
    )
    expect(word, done)
    return certificate


def check_chain(word, folder, signed, certificate, roots, time):
    others = os.path.join(folder, "others.pem")
    with open(others, "w") as file:
        file.write("".join(pem(c) for c in signed.certificates))
    trusted = [argument for root in roots for argument in ("-CAfile", root)]
    done, _, _ = openssl(
        "verify", *trusted, "-no-CApath", "-untrusted", others, "-attime", str(time),
        "-ignore_critical", "-purpose", "any", certificate,
    )
    return expect(word, done)


# ---- the archive -------------------------------------------------------------------------------------


class Archive:
    """Its own look at the bytes: zipfile is used for the payload only."""

    def __init__(self, data):
        self.data = data
        end = len(data) - 22
        assert data[end : end + 4] == b"PK\5\6", "end record"
        assert data[end + 8 : end + 20] == b"\xff" * 12, "classic end must point to zip64"
        locator = end - 20
        assert data[locator : locator + 4] == b"PK\6\7", "locator"
        self.end64 = struct.unpack_from("<Q", data, locator + 8)[0]
        assert data[self.end64 : self.end64 + 4] == b"PK\6\6" and self.end64 + 56 == locator
        self.count, _, self.size, self.start = struct.unpack_from("<QQQQ", data, self.end64 + 24)
        self.records, at = [], self.start
        for _ in range(self.count):
            fields = struct.unpack_from("<IHHHHHHIIIHHHHHII", data, at)
            name_len, extra_len, comment_len = fields[10:13]
            length = 46 + name_len + extra_len + comment_len
            self.records.append(
                {
                    "name": data[at + 46 : at + 46 + name_len].decode(),
                    "needed": fields[2], "flags": fields[3], "method": fields[4], "crc": fields[7],
                    "packed": fields[8], "size": fields[9], "offset": fields[16],
                    "raw": data[at : at + length],
                }
            )
            at += length
        assert at == self.start + self.size == self.end64

    def digests(self):
        """AXPC and AXCD: the package as it was before the signature was added."""
        data, signature = self.data, self.records[-1]
        assert signature["name"] == "AppxSignature.p7x"
        offset = signature["offset"]
        size = self.size - len(signature["raw"])
        end64 = bytearray(data[self.end64 : self.end64 + 56])
        struct.pack_into("<QQQQ", end64, 24, self.count - 1, self.count - 1, size, offset)
        locator = bytearray(data[self.end64 + 56 : self.end64 + 76])
        struct.pack_into("<Q", locator, 8, offset + size)
        tail = data[self.start : self.start + size] + end64 + locator + data[-22:]
        return sha256(data[:offset]), sha256(tail)

    def check_form(self):
        at = 0
        for record in self.records:
            footprint = record["name"] in ("[Content_Types].xml", "AppxSignature.p7x")
            assert record["offset"] == at, "entries lie one behind the other"
            local = struct.unpack_from("<IHHHHHIIIHH", self.data, at)
            assert local[1] == record["needed"] == (20 if footprint else 45)
            assert local[2] == record["flags"] == (0 if footprint else 8)
            name_len, extra_len = local[9:11]
            assert self.data[at + 30 : at + 30 + name_len].decode() == record["name"]
            assert extra_len == 0
            at += 30 + name_len + record["packed"]
            sizes = (record["crc"], record["packed"], record["size"])
            if footprint:
                assert local[6:9] == sizes
                continue
            assert local[6:9] == (0, 0, 0)
            assert struct.unpack_from("<IIQQ", self.data, at) == (0x08074B50, *sizes)
            at += 24
        assert at == self.start, "the data ends where the directory begins"
        names = [record["name"] for record in self.records]
        assert names[-4:-1] == ["AppxManifest.xml", "AppxBlockMap.xml", "[Content_Types].xml"]
        assert names[-5] == "Public/index.db" and all(n.startswith("Assets/") for n in names[:-5])


def inflate(data):
    try:
        return zlib.decompressobj(-15).decompress(data)
    except zlib.error:
        return None


def check_block_map(archive, payload):
    files = ET.fromstring(payload["AppxBlockMap.xml"]).findall(NS_MAP + "File")
    records = {record["name"]: record for record in archive.records}
    listed = [file.get("Name").replace("\\", "/") for file in files]
    expect("block-map", sorted(listed) == sorted(set(records) - FOOTPRINT))
    for file, name in zip(files, listed):
        record, data = records[name], payload.get(name)
        if data is None:
            continue
        expect("block-map", int(file.get("Size")) == len(data))
        expect("block-map", int(file.get("LfhSize")) == 30 + len(name))
        blocks = file.findall(NS_MAP + "Block")
        expect("block-map", len(blocks) == (len(data) + 65535) // 65536)
        packed = 0
        for i, block in enumerate(blocks):
            digest = base64.b64encode(sha256(data[i * 65536 : (i + 1) * 65536])).decode()
            expect("block-map", block.get("Hash") == digest)
            expect("block-map", (block.get("Size") is None) == (record["method"] == 0))
            if block.get("Size"):
                # Each block can be inflated alone.
                at = record["offset"] + 30 + len(name) + packed
                end = at + int(block.get("Size"))
                plain = inflate(archive.data[at:end])
                expect("block-map", plain == data[i * 65536 : (i + 1) * 65536])
                packed += int(block.get("Size"))
        expect("block-map", record["method"] == 0 or packed + 2 == record["packed"])


def inflate_all(data):
    payload = {}
    with zipfile.ZipFile(data) as archive:
        for name in archive.namelist():
            try:
                payload[name] = archive.read(name)
            except (zipfile.BadZipFile, zlib.error):
                problems.add("damaged:" + name)
    return payload


# ---- the signed index -----------------------------------------------------------------------------------


def digest_records(signed):
    sip, info = signed.content.children
    assert sip[0].oid == "1.3.6.1.4.1.311.2.1.30" and sip[1][1].content.hex() == SIP_PACKAGE
    assert info[0][0].oid == OID_SHA256
    blob = info[1].content
    assert blob[:4] == b"APPX" and len(blob) == 148
    return {blob[i : i + 4].decode(): blob[i + 4 : i + 40 - 4] for i in range(4, 148, 36)}


def check_timestamp(folder, signed, profile):
    if not expect("timestamp", OID_TOKEN in signed.unsigned):
        return None
    raw = signed.unsigned[OID_TOKEN].raw
    token = SignedData(raw)
    info = Der(token.content.content)
    path = os.path.join(folder, "token")
    with open(path, "wb") as file:
        file.write(raw)
    stamp = info[4].content.decode()
    done, seconds, _ = openssl("asn1parse", "-inform", "DER", "-in", path)
    expect("timestamp", done)
    time = int(
        subprocess.run(
            ["date", "-u", "-d", "%s-%s-%s %s:%s:%s" % re.match(
                r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.\d+Z", stamp).groups(), "+%s"],
            capture_output=True, check=True,
        ).stdout
    )
    expect("timestamp", token.version == 3 and len(token.signers) == 1)
    expect("timestamp", token.content_type == "1.2.840.113549.1.9.16.1.4")
    expect("timestamp", [c.tag for c in token.other_certificates] == [0xA1])
    expect("timestamp", info[2][1].content == sha256(signed.signature))
    certificate = check_signature("timestamp", folder, token, token.content.content)
    roots = profile["timestamp_root_certificates"]
    check_chain("timestamp", folder, token, certificate, roots, time)
    # A second opinion by OpenSSL's own CMS reader, which sees the whole structure.
    done, content, _ = openssl(
        "cms", "-verify", "-inform", "DER", "-in", path, "-CAfile", roots[0], "-no-CApath",
        "-attime", str(time), "-purpose", "any", "-binary",
    )
    expect("timestamp", done and content == token.content.content)
    return time


def check_signer(folder, signed, certificate, profile, time):
    _, text, _ = openssl("x509", "-in", certificate, "-noout", "-subject", "-nameopt", "RFC2253")
    expect("subject", text.decode().strip() == "subject=" + profile["signer_subject"])
    _, text, _ = openssl("x509", "-in", certificate, "-noout", "-ext", "extendedKeyUsage")
    usages = {"1.3.6.1.5.5.7.3.3": "Code Signing"}
    expect("eku", all(usages.get(o, o) in text.decode() for o in profile["signer_eku"]))
    expect("eku", "critical" in text.decode())
    expect("chain", len(signed.certificates) == 3)
    root = Der(base64.b64decode("".join(
        read(profile["root_certificates"][0]).decode().split("\n")[1:-2]))).raw
    expect("chain", root not in signed.certificates)
    if time is not None:
        check_chain("chain", folder, signed, certificate, profile["root_certificates"], time)


def check_signed_index(path, profile, folder):
    """Returns the database's bytes and the publish time that the version tells."""
    data = read(path)
    archive = Archive(data)
    archive.check_form()
    payload = inflate_all(path)
    check_block_map(archive, payload)
    if not payload["AppxSignature.p7x"].startswith(b"PKCX"):
        raise ValueError("no PKCX")
    signature = payload["AppxSignature.p7x"][4:]
    with open(os.path.join(folder, "p7"), "wb") as file:
        file.write(signature)
    expect("pkcs7", openssl("pkcs7", "-inform", "DER", "-in", file.name, "-print", "-noout")[0])
    expect("pkcs7", openssl("asn1parse", "-inform", "DER", "-in", file.name)[0])

    signed = SignedData(signature)
    expect("signature", signed.version == 1 and len(signed.signers) == 1)
    expect("signature", signed.content_type == "1.3.6.1.4.1.311.2.1.4")
    expect("signature", {"1.3.6.1.4.1.311.2.1.11", "1.3.6.1.4.1.311.2.1.12"} <= set(signed.attributes))
    certificate = check_signature("signature", folder, signed, signed.content.content)
    time = check_timestamp(folder, signed, profile)
    check_signature("signature", folder, signed, signed.content.content)
    check_signer(folder, signed, certificate, profile, time)

    told = digest_records(signed)
    found = dict(zip(("AXPC", "AXCD"), archive.digests()))
    found["AXCT"] = sha256(payload["[Content_Types].xml"])
    found["AXBM"] = sha256(payload["AppxBlockMap.xml"])
    for tag, digest in found.items():
        expect(tag.lower(), told[tag] == digest)

    identity = ET.fromstring(payload["AppxManifest.xml"]).find(NS_MANIFEST + "Identity")
    expect("identity", identity.get("Name") == profile["package_name"])
    expect("identity", identity.get("Publisher") == profile["package_publisher"])
    year, day, minute, _ = (int(part) for part in identity.get("Version").split("."))
    published = int(subprocess.run(
        ["date", "-u", "-d", "%d-%d-%d %d:%d" % (
            year, day // 100, day % 100, minute // 100 - 1, minute % 100), "+%s"],
        capture_output=True, check=True).stdout)
    expect("time", time is None or abs(time - published) < 60)
    return payload.get("Public/index.db"), published


def check_database(data, folder):
    path = os.path.join(folder, "index.db")
    with open(path, "wb") as file:
        file.write(data)
    database = sqlite3.connect(f"file:{path}?immutable=1", uri=True)
    expect("schema", database.execute("PRAGMA quick_check").fetchone() == ("ok",))
    objects = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    expect("schema", {o[1] for o in objects} == set(DDL) and {o[0] for o in objects} == {"table"})
    for name, columns in DDL.items():
        rows = database.execute(f"PRAGMA table_info({name})").fetchall()
        expect("schema", ",".join(f"{row[1]} {row[2]}" for row in rows) == columns)
    metadata = dict(database.execute("SELECT name, value FROM metadata"))
    expect("schema", metadata.get("majorVersion") == "2" and metadata.get("minorVersion") == "0")
    expect("schema", database.execute("SELECT count(*) FROM packages").fetchone()[0] >= 5000)
    expect("schema", database.execute(
        "SELECT count(*) = count(DISTINCT lower(id)) FROM packages").fetchone()[0])
    lost = "SELECT count(*) FROM {0} WHERE package NOT IN (SELECT rowid FROM packages)"
    for name in DDL:
        if "package INT64" in DDL[name]:
            expect("schema", database.execute(lost.format(name)).fetchone()[0] == 0)
    return database


# ---- below the index -----------------------------------------------------------------------------------


def unpack_mszip(data):
    magic, header_len, check, kind, total, first = struct.unpack_from("<4sHBBQQ", data)
    assert magic == b"\x0a\x51\xe5\xc0" and header_len == 24 and kind == 2
    assert check == zlib.crc32(data[:6] + data[7:24]) & 0xFF and first == min(total, 32768)
    out, at, blocks = b"", 24, 0
    while len(out) < total:
        length = struct.unpack_from("<I", data, at)[0]
        assert data[at + 4 : at + 6] == b"CK"
        inflater = zlib.decompressobj(-15, zdict=out[-32768:]) if out else zlib.decompressobj(-15)
        if out:
            # A writer that does not carry the dictionary would be no test for a reader that must.
            assert inflate(data[at + 6 : at + 4 + length]) is None
        block = inflater.decompress(data[at + 6 : at + 4 + length])
        assert inflater.eof and not inflater.unused_data
        assert len(block) == min(32768, total - len(out))
        out, at, blocks = out + block, at + 4 + length, blocks + 1
    assert at == len(data) and len(out) == total
    return out.decode(), blocks


def parse_versions(text):
    head, _, body = text.partition("vD:\n")
    assert head == "sV: 1.0\n"
    entries = []
    for line in body.splitlines():
        key, value = line[2:].split(": ", 1)
        if line.startswith("- "):
            entries.append({})
        entries[-1][key] = value
    return entries


def check_manifest(world, package, entry):
    """Every installer of the manifest is there and hashes as it says."""
    word = "manifest:" + package
    path = os.path.join(world, "cache", entry["rP"])
    assert re.fullmatch(r"manifests/[^/]/[^\\?#]+/[0-9a-f]{4}", entry["rP"])
    if not expect(word, os.path.exists(path)):
        return
    data = read(path)
    if not expect(word, sha256(data).hex() == entry["s256H"].lower()):
        return
    text = data.decode("ascii")
    assert text.count("\r\n") == text.count("\n") == text.count("\r") > 10
    keys = [line.split(":")[0] for line in text.splitlines() if re.match("[A-Z]", line)]
    assert keys == sorted(keys) and len(keys) == len(set(keys)), keys
    fields = dict(re.findall(r"^([A-Z]\w+): (.*)\r$", text, re.M))
    assert fields["PackageIdentifier"] == package and fields["PackageVersion"] == entry["v"]
    assert (fields["ManifestType"], fields["ManifestVersion"]) == ("merged", "1.12.0")
    offers = re.findall(
        r"    DisplayVersion: (\S+)\r\n    ProductCode: '?(.*?)'?\r\n.*?"
        r"  InstallerSha256: (\w+)\r\n  InstallerUrl: (\S+)\r\n", text, re.S)
    assert len(offers) == text.count("InstallerUrl")
    for version, product_code, digest, url in offers:
        name = urllib.parse.unquote(urllib.parse.urlparse(url).path)
        path = os.path.join(world, name.lstrip("/"))
        word = "installer:" + package
        if expect(word, os.path.exists(path)):
            if expect(word, sha256(read(path)).hex() == digest.lower()):
                check_installer(path, fields, text, version, product_code)
    icon = re.search(r"IconUrl: (\S+)\r\n", text).group(1)
    data = read(os.path.join(world, urllib.parse.urlparse(icon).path.lstrip("/")))
    assert sha256(data).hex() == fields_of_icon(text) and data[:4] == b"\0\0\1\0"
    assert data[22:30] == b"\x89PNG\r\n\x1a\n"


def check_installer(path, fields, text, version, product_code):
    """Is the file of the type that the manifest says, and does an MSI say the same of itself?"""
    data = read(path)
    kind = fields["InstallerType"]
    if kind == "zip":
        member = re.search(r"RelativeFilePath: (\S+)", text).group(1).replace("\\", "/")
        with zipfile.ZipFile(path) as archive, tempfile.NamedTemporaryFile() as inner:
            inner.write(archive.read(member))
            inner.flush()
            return check_msi(inner.name, fields, version, product_code)
    if kind == "wix":
        return check_msi(path, fields, version, product_code)
    assert data[:2] == b"MZ" and (b"NullsoftInst" in data) == (kind == "nullsoft")


def check_msi(path, fields, version, product_code):
    table = subprocess.run(
        ["msiinfo", "export", path, "Property"], capture_output=True, check=True).stdout
    properties = dict(
        line.split("\t") for line in table.decode().splitlines()[3:] if "\t" in line)
    assert properties["ProductCode"] == product_code
    assert properties["ProductVersion"] == version
    assert properties["ProductName"] == fields["PackageName"]


def fields_of_icon(text):
    return re.search(r"IconSha256: (\w+)\r\n", text).group(1)


def check_package(world, database, described):
    package = described["id"]
    word = "versions:" + package
    row = database.execute(
        "SELECT latest_version, hash, rowid FROM packages WHERE id = ?", (package,)).fetchone()
    if not expect("hash:" + package, row and isinstance(row[1], bytes) and len(row[1]) == 32):
        return
    path = os.path.join(
        world, "cache", "packages", package, row[1][:4].hex(), "versionData.mszyml")
    if not expect(word, os.path.exists(path)) or not expect(word, sha256(read(path)) == row[1]):
        return
    text, blocks = unpack_mszip(read(path))
    entries = parse_versions(text)
    expect(word, blocks >= (3 if package == "VideoLAN.VLC" else 1))
    expect(word, entries[0]["v"] == row[0])
    expect(word, len({entry["rP"] for entry in entries}) == len(entries))
    real = [version["version"] for version in described["versions"]]
    expect(word, [entry["v"] for entry in entries[: len(real)]] == real)
    for entry in entries[: len(real)]:
        check_manifest(world, package, entry)
    tags = database.execute(
        "SELECT count(*) FROM tags2_map WHERE package = ?", (row[2],)).fetchone()[0]
    codes = database.execute(
        "SELECT count(*) FROM productcodes2 WHERE package = ?", (row[2],)).fetchone()[0]
    expect("schema", tags >= 2 and codes >= 1)


def check_world(world, now, folder):
    profile = json.loads(read(os.path.join(world, "trust", "profile.json")))
    described = json.loads(read(os.path.join(world, "world.json")))
    path = os.path.join(world, "cache", "source2.msix")
    if not expect("no-index", os.path.exists(path)):
        return
    with zipfile.ZipFile(path) as archive:
        if not expect("no-signature", "AppxSignature.p7x" in archive.namelist()):
            return
    data, published = check_signed_index(path, profile, folder)
    expect("stale", now - published <= MAX_AGE_S)
    expect("older", published >= described["publish_time"] // 60 * 60)
    if data is None:
        return
    database = check_database(data, folder)
    for package in described["packages"]:
        check_package(world, database, package)


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        check_world(sys.argv[1], int(sys.argv[2]), folder)
    for word in sorted(problems):
        print(word)
    return 0


if __name__ == "__main__":
    sys.exit(main())
