# SPDX-License-Identifier: Apache-2.0
"""Faults 23 and 24: each call of the disk fails once. What stands in the end is whole, or nothing."""
import os
import pathlib
import resource
import signal
import tempfile
import unittest

import harness
import tools

ENVIRONMENT = {**harness.PLAIN_ENVIRONMENT, "ASAN_OPTIONS": "detect_leaks=0"}  # leaks cannot be looked for while strace looks on
SIZE = 1_000_003


class TestDiskErrors(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.out = self.folder / "out/x.intunewin"
        self.out.parent.mkdir()
        self.installer = self.folder / "setup.exe"
        self.installer.write_bytes(os.urandom(SIZE))

    def create(self, *through, **more):
        return tools.run(*through, harness.APPDESK, "intunewin", "create", self.installer, "-o", self.out, env=ENVIRONMENT, **more)

    def assert_whole(self):
        folder = self.folder / "in"
        said = tools.run(harness.APPDESK, "intunewin", "extract", self.out, folder)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertEqual((folder / "setup.exe").read_bytes(), self.installer.read_bytes())
        for path in (folder / "setup.exe", self.out):
            path.unlink()

    def each(self, call, error, path):
        """One run for each time that the program makes this call on this file, which then fails; what they came to."""
        strace = tools.need("strace")
        log = self.folder / "strace"
        for n in range(1, 1000):
            done = self.create(strace, "-f", "-o", log, "-P", path, "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={n}")
            if "INJECTED" not in log.read_text():
                self.assertGreater(n, 1, f"{call} is never made")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assert_whole()
                return
            yield done

    def refused(self, call, error, path, words):
        for done in self.each(call, error, path):
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(words, done.stderr)
            self.assertEqual(list(self.out.parent.iterdir()), [])

    def part(self):
        return f"{self.out}.part"

    def test_fault_23_a_disk_that_is_full_at_any_write_leaves_nothing(self):
        self.refused("write", "ENOSPC", self.part(), "No space left on device")
        self.refused("pwrite64", "ENOSPC", self.part(), "No space left on device")

    def test_fault_24_an_error_of_any_write_sync_close_or_rename_leaves_nothing(self):
        for call in ("write", "pwrite64", "fsync", "close", "rename"):
            with self.subTest(call=call):
                self.refused(call, "EIO", self.part(), "Input/output error")

    def test_fault_24_an_error_of_any_read_leaves_nothing(self):
        self.refused("read", "EIO", self.installer, "Input/output error")

    def test_fault_24_a_file_system_that_cannot_be_written_is_told(self):
        self.refused("openat", "EROFS", self.part(), "Read-only file system")

    def test_fault_24_interrupted_calls_are_made_again(self):
        for call, path in (("write", self.part()), ("read", self.installer)):
            for done in self.each(call, "EINTR", path):
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assert_whole()

    def test_fault_24_a_write_that_comes_to_an_end_in_its_middle_is_noticed(self):
        """The file may not become larger: the kernel writes what still fits, and then nothing."""
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE // 2 + 1, SIZE // 2 + 1))
        done = self.create(preexec_fn=limit)
        self.assertEqual(done.returncode, 1)
        self.assertIn("File too large", done.stderr)
        self.assertEqual(list(self.out.parent.iterdir()), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
