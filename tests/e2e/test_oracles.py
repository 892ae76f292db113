# SPDX-License-Identifier: Apache-2.0
"""Programs of others agree with us about what we sign, verify and read. Of .intunewin: tests/unit/pack; of MSZIP: tests/unit/archive."""
import itertools
import json
import pathlib
import re
import tempfile
import unittest

import harness
import tools

SHARED = pathlib.Path(harness.SOURCE).parent / "shared/data/winget"
OSSLSIGNCODE_MIN = (2, 6)  # the first that knows app packages


class TestSignatures(harness.WorldTest):
    """The tenant signs as the publisher of the index does, osslsigncode as anybody may."""

    serials = itertools.count(1000)
    AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign"
    LEAF = "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning"
    STAMPER = "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping"

    def setUp(self):
        super().setUp()
        self.program = tools.need("osslsigncode")
        version = re.search(r"osslsigncode (\d+)\.(\d+)", tools.run(self.program, "--version").stdout)
        if tuple(int(part) for part in version.groups()) < OSSLSIGNCODE_MIN:
            self.skipTest(f"{version[0]} does not know app packages")
        self.tenant_folder = self.world.folder / "tenant/world"
        self.package = self.tenant_folder / "cache/source2.msix"

    def digests(self):
        """What the package says of itself, and what osslsigncode computes."""
        said = tools.run(self.program, "verify", "-in", self.package).stdout
        return (re.findall(r"^Current message digest +: (\w+)", said, re.M), re.findall(r"^Calculated message digest +: (\w+)", said, re.M))

    def ours(self, package=None, profile=None):
        return tools.run(harness.APPDESK, "winget", "verify", package or self.package, "--profile",
                         profile or self.tenant_folder / "trust/profile.json")

    def test_osslsigncode_computes_the_digests_that_we_accept(self):
        """It does not know the extension that Microsoft's own leaves have, so its whole verdict is not to be had."""
        claimed, computed = self.digests()
        self.assertEqual(len(claimed), 4)
        self.assertEqual((claimed, self.ours().returncode), (computed, 0))
        for kind in ("index-changed", "index-replaced"):
            with self.subTest(kind=kind):
                self.tenant.tamper(kind)
                claimed, computed = self.digests()
                self.assertNotEqual(claimed, computed)
                self.assertEqual(self.ours().returncode, 1)
                self.tenant.restore()

    def certificate(self, name, subject, extensions, issuer=None):
        """NAME.pem and NAME.key."""
        folder = self.world.folder
        (folder / "extensions").write_text(extensions)
        by = ["-CA", folder / f"{issuer}.pem", "-CAkey", folder / f"{issuer}.key"] if issuer else ["-signkey", folder / f"{name}.key"]
        for words in (["req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", subject, "-keyout", folder / f"{name}.key", "-out", folder / "asked"],
                      ["x509", "-req", "-in", folder / "asked", *by, "-set_serial", next(self.serials), "-days", 2, "-extfile", folder / "extensions",
                       "-out", folder / f"{name}.pem"]):
            made = tools.run(tools.need("openssl"), *words)
            self.assertEqual(made.returncode, 0, made.stderr)
        return folder / f"{name}.pem", folder / f"{name}.key"

    def signed_by_others(self):
        """The tenant's package, signed and stamped by osslsigncode, and the profile that trusts it."""
        given = json.loads((self.tenant_folder / "trust/profile.json").read_text())
        subject = "/C=US/ST=Test/L=Loopback/O=AppDesk Local Tenant/CN=AppDesk Local Tenant"
        root, _ = self.certificate("root", "/CN=Root", self.AUTHORITY)
        leaf, leaf_key = self.certificate("leaf", subject, self.LEAF, "root")
        stamp_root, _ = self.certificate("stamp-root", "/CN=Stamps", self.AUTHORITY)
        stamper, stamper_key = self.certificate("stamper", "/CN=Stamper", self.STAMPER, "stamp-root")
        chain = self.world.folder / "chain.pem"
        chain.write_text(stamper.read_text() + stamp_root.read_text())
        out, profile = self.world.folder / "signed.msix", self.world.folder / "profile.json"
        out.unlink(missing_ok=True)
        made = tools.run(self.program, "sign", "-h", "sha256", "-certs", leaf, "-key", leaf_key, "-ac", root, "-TSA-certs", chain,
                         "-TSA-key", stamper_key, "-in", self.package, "-out", out)
        self.assertEqual(made.returncode, 0, made.stdout + made.stderr)
        profile.write_text(json.dumps({**given, "root_certificates": [str(root)], "timestamp_root_certificates": [str(stamp_root)],
                                       "signer_eku": ["1.3.6.1.5.5.7.3.3"]}))
        return out, profile, root, stamp_root

    def test_what_osslsigncode_signs_both_accept_and_a_changed_byte_both_refuse(self):
        self.tenant.tamper("index-unsigned")
        package, profile, root, stamp_root = self.signed_by_others()

        def theirs():
            return tools.run(self.program, "verify", "-in", package, "-CAfile", root, "-TSA-CAfile", stamp_root)

        said = theirs()
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        said = self.ours(package, profile)
        self.assertEqual(said.returncode, 0, said.stderr)
        good = package.read_bytes()
        for at in range(200, len(good), len(good) // 12):
            with self.subTest(at=at):
                package.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
                refused = [run.returncode != 0 for run in (theirs(), self.ours(package, profile))]
                self.assertEqual(refused, [True, True])
        self.tenant.restore()


class TestMsiFacts(unittest.TestCase):
    FIELDS = {"product_code": "ProductCode", "product_version": "ProductVersion", "product_name": "ProductName",
              "manufacturer": "Manufacturer", "upgrade_code": "UpgradeCode"}
    SCOPES = {"1": 0, "2": 2}  # of ALLUSERS: machine, either; else a person
    ARCH = {"x64": "x64", "Intel64": "ia64", "Arm64": "arm64", "Intel": "x86", "": "x86"}

    def properties(self, path):
        """The table, from the rows behind names, types and key."""
        rows = tools.run("msiinfo", "export", path, "Property").stdout.splitlines()[3:]
        return dict(row.split("\t", 1) for row in rows if "\t" in row)

    def summary(self, path):
        lines = tools.run("msiinfo", "suminfo", path).stdout.splitlines()
        return dict(line.split(": ", 1) for line in lines if ": " in line)

    def built(self, folder):
        """MSIs for a machine, a person and either, with names of two code pages."""
        text = (harness.SOURCE / "tests/unit/pack/sample.wxs.in").read_text()
        (folder / "readme.txt").write_text("x")
        for place in ("", "1", "2"):
            for page, name in (("1252", "Café Tools"), ("932", "日本語 Tools")):
                users = f'<Property Id="ALLUSERS" Value="{place}"/>' if place else ""
                source, out = folder / "sample.wxs", folder / f"sample{place}-{page}.msi"
                source.write_text(text.replace("ALLUSERS", users, 1).replace("Söhne", "Sons").replace("Café", "Plain"))
                made = tools.run(tools.need("wixl"), "-o", out, source, cwd=folder)
                self.assertEqual(made.returncode, 0, made.stderr)
                self.encode(out, page, name)
                yield out

    def encode(self, path, page, name):
        """Gives it a name in a page that wixl does not write."""
        table = path.with_name("_ForceCodepage.idt")
        table.write_text(f"\r\n\r\n{page}\t_ForceCodepage\r\n", newline="")
        rename = f"UPDATE Property SET Value = '{name}' WHERE Property = 'ProductName'"
        for words in (("-i", table), ("-q", rename)):
            done = tools.run(tools.need("msibuild"), path, *words)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(name.encode(f"cp{page}"), path.read_bytes())

    def test_msiinfo_reads_the_same_facts(self):
        tools.need("msiinfo")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        files = [*harness.INSTALLERS.glob("*.msi"), *SHARED.rglob("*.msi"), *self.built(pathlib.Path(folder.name))]
        self.assertTrue(files)
        for path in files:
            with self.subTest(file=path.name):
                said = tools.run(harness.APPDESK, "msi", "inspect", "--json", path)
                self.assertEqual(said.returncode, 0, said.stderr)
                facts, properties, summary = json.loads(said.stdout), self.properties(path), self.summary(path)
                self.assertEqual({key: facts.get(key) for key in self.FIELDS},
                                 {key: properties.get(name) for key, name in self.FIELDS.items()})
                self.assertEqual(facts["package_code"], summary["Revision number (UUID)"])
                self.assertEqual(facts["arch"], self.ARCH[summary["Template"].partition(";")[0].strip()])
                self.assertEqual(facts["scope"], self.SCOPES.get(properties.get("ALLUSERS"), 1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
