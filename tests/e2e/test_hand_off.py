# SPDX-License-Identifier: Apache-2.0
"""What an operator does without Intune: judge a source, take a package with its evidence, look at the plan of a manifest."""
import hashlib
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import harness
import outcomes

GENUINE = outcomes.DATA / "source-v1/source.msix"
DOCUMENT = harness.SOURCE / "docs/internals/outcomes.md"
LINKS = ["index", "index row", "version data", "version", "manifest", "choice", "installer", "installer signer", "plan", "package"]
# What is spoiled, and the link that must not let it through.
SPOILED = {"index-changed": "index", "index-unsigned": "index", "versions-changed": "version data", "manifest-changed": "manifest",
           "installer-changed": "installer"}


def run(*words):
    return subprocess.run([harness.APPDESK, *words], env=harness.PLAIN_ENVIRONMENT, capture_output=True, text=True, timeout=120)


@unittest.skipUnless(GENUINE.exists(), f"{GENUINE} is not there")
class TestVerify(unittest.TestCase):
    def verify(self, data, *words):
        with tempfile.NamedTemporaryFile(suffix=".msix") as file:
            file.write(data)
            file.flush()
            return run("winget", "verify", file.name, *words)

    def test_the_genuine_source_is_verified_by_what_is_built_in(self):
        done = run("winget", "verify", GENUINE)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertTrue(all(line.startswith("ok ") for line in lines[:18]), done.stdout)
        for words in ("digest AXCD", "2022-01-10T16:", "CN=Microsoft Root Certificate Authority 2011", "2022.110.1704.949"):
            self.assertIn(words, done.stdout)
        report = json.loads(run("winget", "verify", GENUINE, "--json").stdout)
        self.assertTrue(report["verified"])
        self.assertEqual(report["version"], "2022.110.1704.949")
        self.assertEqual(report["sha256"], hashlib.sha256(GENUINE.read_bytes()).hexdigest())
        self.assertEqual(len(report["steps"]), 18)
        self.assertTrue(all(step["ok"] and step["saw"] for step in report["steps"]))

    def test_what_was_tampered_with_fails_at_its_own_step_after_those_before_it(self):
        genuine = GENUINE.read_bytes()
        content, directory = bytearray(genuine), bytearray(genuine)
        content[1000] ^= 1
        name = genuine.rindex(b"Public/index.db")
        directory[name - 46 + 38] ^= 1  # external attributes of its record: no reader needs them
        for data, step, passed in ((genuine[:2000000], "container", 0), (content, "digest AXPC", 10), (directory, "digest AXCD", 11)):
            with self.subTest(step=step):
                done = self.verify(data, "--json")
                report = json.loads(done.stdout)
                self.assertEqual((done.returncode, report["verified"], report["failed_step"]), (1, False, step))
                self.assertEqual([s["ok"] for s in report["steps"]], [True] * passed + [False])
                text = self.verify(data)
                self.assertEqual(text.returncode, 1)
                self.assertEqual(text.stdout.count("FAILED"), 1)
                self.assertIn("is not verified", text.stderr)
                if step != "container":
                    self.assertRegex(text.stdout, f"FAILED  {step} +expected [0-9a-f]{{64}}, found [0-9a-f]{{64}}")

    def test_no_sample_of_other_people_passes(self):
        for path in sorted((outcomes.DATA / "msix").iterdir()):
            with self.subTest(path=path.name):
                report = json.loads(run("winget", "verify", path, "--json").stdout)
                self.assertFalse(report["verified"])
                self.assertFalse(report["steps"][-1]["ok"])
                self.assertTrue(report["steps"][-1]["error"])


class TestHandOff(harness.WorldTest):
    def package(self, *words, ok=True):
        """The report and what was left in the folder."""
        out = self.world.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        done = run("package", *words, "--out", out, "--json", "--config", self.world.config)
        self.assertEqual(done.returncode, 0 if ok else 1, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["ok"], ok)
        return report, done.stderr, sorted(p.name for p in out.iterdir())

    def test_a_package_comes_with_all_that_was_compared(self):
        report, said, files = self.package("7zip.7zip")
        self.assertEqual(files, ["7zip.7zip-24.09-x64.intunewin"])
        self.assertEqual([step["step"] for step in report["steps"] if step["ok"]], LINKS)
        self.assertEqual(said, "")
        evidence, made = report["evidence"], report["intunewin"]
        installer = (harness.INSTALLERS / "7z2409-x64.msi").read_bytes()
        self.assertEqual(evidence["installer"]["sha256"], hashlib.sha256(installer).hexdigest())
        self.assertEqual(len(evidence["index"]["signature"]["chain"]), 4)
        self.assertEqual(made["sha256"], hashlib.sha256(pathlib.Path(made["path"]).read_bytes()).hexdigest())
        self.assertEqual(report["signature"], {"signed": False})
        self.assertIn("msiexec /i", report["plan"]["install"])
        mark = self.database.value("select max(highest_version) from winget_sources")
        self.assertEqual(mark, evidence["index"]["version"])
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(run("intunewin", "extract", made["path"], pathlib.Path(folder) / "x").returncode, 0)
            self.assertEqual((pathlib.Path(folder) / "x" / report["plan"]["setup_file"]).read_bytes(), installer)
        self.assertNotIn("encryption_key", json.dumps(report))

    def test_people_read_the_same_in_lines(self):
        out = self.world.folder / "out"
        done = run("package", "7zip.7zip", "--version", "24.08", "--out", out, "--config", self.world.config)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("24.08, as asked", done.stdout)
        for start in ("ok      manifest", "evidence.manifest.sha256", "plan.install", "intunewin.path", "installer.architecture"):
            self.assertTrue(any(line.startswith(start) for line in done.stdout.splitlines()), start)

    def test_what_is_off_is_named_and_nothing_is_written(self):
        for kind, link in SPOILED.items():
            with self.subTest(kind=kind):
                self.tenant.tamper(kind, "7zip.7zip")
                report, said, files = self.package("7zip.7zip", ok=False)
                self.assertEqual(report["failed_step"], link)
                self.assertTrue(all(step["ok"] for step in report["steps"][:-1]))
                self.assertIn("Manifest integrity check failed: package 7zip.7zip, ", said)
                self.assertIn(link, said)
                if "changed" in kind:
                    self.assertRegex(said, "expected [0-9a-f]{64}, found [0-9a-f]{64}")
                self.assertEqual(files, [])
            self.begin_again()

    def test_an_older_index_than_anybody_accepted_is_refused(self):
        self.package("7zip.7zip")
        self.tenant.tamper("index-rollback")
        report, said, _ = self.package("7zip.7zip", ok=False)
        self.assertEqual(report["failed_step"], "index")
        self.assertIn("rolled back", said)

    def test_scope_and_architecture_are_what_was_asked_for(self):
        report, said, _ = self.package("7zip.7zip", "--scope", "user", ok=False)
        self.assertEqual(report["failed_step"], "choice")
        self.assertIn("other scope than asked for", said)
        wrong = run("package", "7zip.7zip", "--arch", "mips", "--out", "x", "--config", self.world.config)
        self.assertEqual((wrong.returncode, wrong.stderr), (1, "appdesk: --arch is 'mips': write x64, x86 or arm64\n"))


@unittest.skipUnless(outcomes.DATA.exists(), f"{outcomes.DATA} is not there")
class TestPreview(unittest.TestCase):
    def test_every_manifest_gets_a_plan_or_one_reason(self):
        found = outcomes.all_outcomes()
        self.assertGreater(len(found), 100)
        for path, said in found.items():
            with self.subTest(path=path.name):
                if said["ok"]:
                    plan = said["plan"]
                    self.assertTrue(plan["install"] and plan["uninstall"] and plan["detection"] and plan["return_codes"])
                else:
                    self.assertRegex(said["error"], r"^[^\n]{12,}$")
        self.assertTrue(DOCUMENT.read_text().startswith(outcomes.document(found)), f"{DOCUMENT}: make it anew with outcomes.py")

    def test_people_read_a_plan_in_lines(self):
        done = run("package", "--manifest", outcomes.DATA / "manifests-multi/MultiFileManifestV1")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for start in ("installer.type", "plan.install", "plan.detection[0].key", "plan.return_codes[0]"):
            self.assertTrue(any(line.startswith(start) for line in done.stdout.splitlines()), start)

    def test_people_read_one_reason(self):
        path = outcomes.DATA / "manifests-single/winget-cli/Manifest-Bad-UrlMissing.yaml"
        done = run("package", "--manifest", path)
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1))
        self.assertIn(f"{path}: ", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
