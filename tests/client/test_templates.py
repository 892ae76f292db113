# SPDX-License-Identifier: Apache-2.0
"""Our template engine gives the official engine's document, or refuses with it: on the lab's cases and on generated ones.

APPDESK_TEMPLATE_SECONDS: compare generated ones for so long; APPDESK_TEMPLATE_SEED: begin elsewhere.
"""
import os
import pathlib
import subprocess
import unittest

import clients

CASES = clients.FOLDER.parents[2] / "shared/lab/clients/template-cases/open"
GENERATED = 2000
START_S = 120


class TestTemplates(unittest.TestCase):
    def test_the_official_engine_expands_to_the_same(self):
        node = clients.find_node()
        clients.find_module("adaptivecards-templating")
        engine = pathlib.Path(os.environ["APPDESK_BUILD_DIR"]) / "bin/template_lines"
        seconds = int(os.environ.get("APPDESK_TEMPLATE_SECONDS", "0"))
        command = [node, clients.FOLDER / "templates.mjs", "--engine", engine, "--seed", os.environ.get("APPDESK_TEMPLATE_SEED", "1")]
        command += ["--seconds", str(seconds)] if seconds else ["--count", str(GENERATED)]
        if CASES.is_dir():
            command += ["--cases", CASES]
        else:
            print(f"without the lab's cases: no {CASES}")
        done = subprocess.run([str(word) for word in command], env=clients.environment(node), capture_output=True, text=True,
                              timeout=seconds + START_S)
        print(done.stdout, done.stderr)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
