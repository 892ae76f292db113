# SPDX-License-Identifier: Apache-2.0
"""Installers inside zips: the one that the manifest names is packaged, with what it finds beside it; a zip that is unsafe is
refused."""
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
        def put(what):
            (self.installers / ZIP).write_bytes(what)
            self.tenant.post("world", {"restore": True})
        put(content)
        self.addCleanup(put, self.genuine)

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

    BESIDE = {"data/one.cab": b"cab" * 100000, "viewer.ini": b"", "Lies mich.txt": "f\u00fcr alle".encode()}

    def with_others(self):
        """The zip with files beside the installer, below it, and elsewhere."""
        return archive(("readme.txt", b"to be left"), (NESTED, self.msi), ("setup/data/", b""),
                       *((f"setup/{name}", content) for name, content in self.BESIDE.items()), ("setup-2/viewer.ini", b"to be left"))

    def hashes(self):
        """Of each file that a device gets."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in {"viewer.msi": self.msi, **self.BESIDE}.items()}

    def ordered(self):
        self.world.command("catalog", "add", "Contoso.Viewer", "--name", "Contoso Viewer")
        number = self.world.ask_for("alex", "Contoso Viewer")
        self.world.approve("megan", number)
        return number

    def assert_complete(self):
        """The app in Intune has the installer by its own name, and what it finds beside it."""
        (app,) = self.tenant.intune_apps()
        self.assertEqual(app["setupFilePath"], "viewer.msi")
        self.assertIn('msiexec /i "viewer.msi"', app["installCommandLine"])
        content = self.tenant.intune_content(app["id"])
        self.assertTrue(content["ok"], content)
        self.assertEqual({entry["name"]: entry["sha256"] for entry in content["entries"]}, self.hashes())

    def test_what_lies_beside_it_goes_with_it_and_it_keeps_its_name(self):
        self.serve(self.with_others())
        self.world.wait_state(self.ordered(), "delivered", DELIVERY_S)
        self.assert_complete()
        kept = json.loads(self.database.value("select chain->>'nested' from evidence"))
        self.assertEqual({file["name"]: (file["size"], file["sha256"]) for file in kept["beside"]},
                         {name: (len(content), self.hashes()[name]) for name, content in self.BESIDE.items()})
        self.world.check()

    def test_what_lies_beside_it_is_what_was_verified_after_a_death_and_a_change(self):
        """On the disk between two claims of the job."""
        for what, change in (("changed", lambda file: file.write_bytes(b"X" + file.read_bytes()[1:])), ("gone", pathlib.Path.unlink)):
            with self.subTest(what):
                self.serve(self.with_others())
                self.assertEqual(self.world.stop_service(), 0)
                self.world.start_service(fault="job.before.wrap=kill")
                number = self.ordered()
                self.world.service.wait_killed(DELIVERY_S)
                (file,) = self.world.folder.glob("work/job-*/beside.bin")
                change(file)
                self.world.let_time_pass()
                self.world.start_service()
                harness.until(lambda: self.retry_at_once() or self.world.state(number) == "delivered", "it is delivered", DELIVERY_S, 1)
                self.assert_complete()
                self.world.check(twins=True)
                self.begin_again()

    def retry_at_once(self):
        self.database.execute("update jobs set run_at = now() where state = 'retry_wait'")

    def test_handed_off_it_has_the_same_files(self):
        self.serve(self.with_others())
        with tempfile.TemporaryDirectory() as folder:
            done = tools.run(harness.APPDESK, "package", "Contoso.Viewer", "--out", folder, "--json", "--config", self.world.config,
                             env=harness.PLAIN_ENVIRONMENT)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            out = pathlib.Path(folder) / "x"
            file = pathlib.Path(folder) / "Contoso.Viewer-1.0.2-x64.intunewin"
            tools.run(harness.APPDESK, "intunewin", "extract", file, out, env=harness.PLAIN_ENVIRONMENT)
            found = {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in out.rglob("*") if path.is_file()}
        self.assertEqual(found, self.hashes())

    def test_too_many_files_beside_it_are_refused(self):
        self.assert_refused(archive((NESTED, self.msi), *((f"setup/{number}", b"") for number in range(1001))), "more than 1000 files beside")

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
