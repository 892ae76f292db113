# SPDX-License-Identifier: Apache-2.0
"""Installers inside zips: the one that the manifest names is packaged; a zip that wants more than that is refused."""
import hashlib
import io
import json
import pathlib
import shutil
import struct
import tempfile
import unittest
import zipfile

import harness
import tools
from test_hostile_files import archive

ZIP = "contoso-viewer-1.0.2.zip"
NESTED = "setup/viewer.msi"
DELIVERY_S = 120


class TestNested(harness.WorldTest):
    @classmethod
    def setUpClass(cls):
        cls.installers = pathlib.Path(tempfile.mkdtemp(prefix="appdesk-nested-"))
        cls.addClassCleanup(shutil.rmtree, cls.installers)
        shutil.copytree(harness.INSTALLERS, cls.installers, dirs_exist_ok=True)
        cls.tenant_options = ("--installers", str(cls.installers))
        super().setUpClass()
        cls.genuine = (cls.installers / ZIP).read_bytes()
        with zipfile.ZipFile(io.BytesIO(cls.genuine)) as opened:
            cls.msi = opened.read(NESTED)

    def serve(self, content):
        """The tenant offers this zip, with the hash that it has."""
        (self.installers / ZIP).write_bytes(content)
        self.addCleanup((self.installers / ZIP).write_bytes, self.genuine)
        self.tenant.post("world", {"restore": True})

    def package(self):
        """Exit status and report of `appdesk package`; what is in the folder afterwards."""
        with tempfile.TemporaryDirectory() as folder:
            done = tools.run(harness.APPDESK, "package", "Contoso.Viewer", "--out", folder, "--json", "--config", self.world.config,
                             env=harness.PLAIN_ENVIRONMENT)
            return done, sorted(str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*"))

    def assert_refused(self, content, words):
        self.serve(content)
        done, left = self.package()
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(words, json.loads(done.stdout)["error"])
        self.assertEqual(left, [])

    def test_the_installer_inside_is_what_a_device_gets(self):
        self.world.command("catalog", "add", "Contoso.Viewer", "--name", "Contoso Viewer")
        number = self.world.ask_for("alex", "Contoso Viewer")
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", DELIVERY_S)
        (app,) = self.tenant.intune_apps()
        self.assertEqual(app["setupFilePath"], "setup-Contoso.Viewer-1.0.2-x64.msi")
        self.assertIn("msiexec /i", app["installCommandLine"])
        content = self.tenant.intune_content(app["id"])
        self.assertTrue(content["ok"], content)
        self.assertEqual([entry["sha256"] for entry in content["entries"] if entry["name"] == app["setupFilePath"]],
                         [hashlib.sha256(self.msi).hexdigest()])
        (rule,) = app["rules"]
        self.assertEqual(rule["productCode"], "{AD000001-0000-4000-8000-000000040102}")
        kept = json.loads(self.database.value("select chain->>'nested' from evidence"))
        self.assertEqual(kept, {"path": NESTED, "size": len(self.msi), "sha256": hashlib.sha256(self.msi).hexdigest()})
        self.world.check()

    def test_handed_off_it_is_the_same(self):
        done, left = self.package()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(json.loads(done.stdout)["nested"]["sha256"], hashlib.sha256(self.msi).hexdigest())
        self.assertEqual(left, ["Contoso.Viewer-1.0.2-x64.intunewin"])

    def test_threat_11_a_zip_that_leaves_its_folder_is_refused_whole(self):
        for name in ("../evil.msi", "/evil.msi", "..\\evil.msi", "C:/evil.msi", "setup/../../evil.msi", "NUL", "setup/viewer.msi:x"):
            with self.subTest(name=name):
                self.assert_refused(archive((NESTED, self.msi), (name, b"evil")), "name")
                self.assertFalse(list(self.installers.parent.glob("evil*")))

    def test_threat_11_a_doubled_or_missing_installer_is_refused(self):
        self.assert_refused(archive((NESTED, self.msi), (NESTED, b"another")), "twice")
        self.assert_refused(archive(("other.msi", self.msi)), "has no file 'setup/viewer.msi'")
        self.assert_refused(archive((NESTED, b"")), "empty")
        self.assert_refused(self.genuine[:-30], "zip")

    def test_threat_15_a_bomb_is_refused_before_it_goes_off(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr(NESTED, bytes(1 << 20))
        bomb = bytearray(out.getvalue())
        at = bomb.rindex(b"PK\1\2")
        for place in (22, at + 24):  # inflated size, in both headers
            struct.pack_into("<I", bomb, place, 0xfffffff0)
        self.assert_refused(bytes(bomb), "is larger than")
        small = io.BytesIO()
        with zipfile.ZipFile(small, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr(NESTED, self.msi)
            for number in range(20001):
                made.writestr(f"many/{number}", b"")
        self.assert_refused(small.getvalue(), "are too many")


if __name__ == "__main__":
    unittest.main(verbosity=2)
