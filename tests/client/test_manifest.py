# SPDX-License-Identifier: Apache-2.0
"""The app package that `appdesk manifest` writes, judged by Microsoft's own schema."""
import json
import subprocess
import unittest
import zipfile

import clients
import harness

JUDGE_S = 60


class TestManifest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for module in ("@microsoft/app-manifest", "ajv", "ajv-formats"):
            clients.find_module(module)
        cls.node = clients.find_node()
        folder = harness.BUILD / "client-manifest"
        folder.mkdir(exist_ok=True)
        harness.appdesk(None, "manifest", "--app-id", harness.guid("11"), "--host", "appdesk.contoso.net", "-o", folder / "package.zip")
        cls.manifest = json.loads(zipfile.ZipFile(folder / "package.zip").read("manifest.json"))

    def judge(self, manifest):
        done = subprocess.run([self.node, clients.FOLDER / "manifest.mjs"], input=json.dumps(manifest), env=clients.environment(self.node),
                              capture_output=True, text=True, timeout=JUDGE_S)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.stdout.splitlines()

    def test_the_official_schema_takes_the_manifest(self):
        self.assertEqual(self.judge(self.manifest), [])

    def test_the_judge_finds_what_is_wrong(self):
        faults = "\n".join(self.judge({**self.manifest, "id": "appdesk", "more": True, "name": {"short": "x" * 31}}))
        for word in ("/id", '"additionalProperty":"more"', "/name/short"):
            self.assertIn(word, faults)


if __name__ == "__main__":
    unittest.main(verbosity=2)
