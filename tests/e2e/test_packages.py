# SPDX-License-Identifier: Apache-2.0
"""What stands in Intune: one version per group, nothing half-made after the end, every kind of installer."""
import json
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request

import harness

DELIVERY_S = 120
LEASE_LOST = re.compile(r"lease lost|the lease of job \d+ is lost")  # before the next step, or at the record of this one


class TestPackages(harness.WorldTest):
    def deliver(self, who, wish):
        number = self.world.ask_for(who, wish)
        self.world.approve("megan", number)
        self.world.wait_state(number, "delivered", DELIVERY_S)
        self.world.check()
        return number

    def parked(self, who, wish, **fault):
        """The job comes to rest without success, because Graph refuses what the fault names."""
        self.tenant.fault(match="graph", count=-1, status=403, **fault)
        number = self.world.ask_for(who, wish)
        self.world.approve("megan", number)
        harness.until(lambda: self.database.value("select count(*) from jobs where state = 'failed'") == 1, "parked", DELIVERY_S)
        self.tenant.clear_faults()
        return number

    def job(self):
        return self.database.value("select max(id) from jobs where kind = 'package'")

    def delete_app(self, app_id):
        """As an admin of Intune does, without telling us."""
        base = f"http://127.0.0.1:{self.tenant.port}"
        form = urllib.parse.urlencode({
            "grant_type": "client_credentials", "client_id": harness.guid("11"), "client_secret": harness.SECRET,
            "scope": "https://graph.microsoft.com/.default"}).encode()
        with urllib.request.urlopen(f"{base}/{harness.guid('01')}/oauth2/v2.0/token", form) as answer:
            token = json.load(answer)["access_token"]
        address = f"{base}/graph/v1.0/deviceAppManagement/mobileApps/{app_id}"
        urllib.request.urlopen(urllib.request.Request(address, method="DELETE", headers={"Authorization": f"Bearer {token}"})).close()

    def test_a_new_version_takes_the_place_of_the_old_one(self):
        self.deliver("alex", "7zip")
        self.tenant.post("world", {"publish": {"package": "7zip.7zip", "version": "25.01"}})
        self.deliver("lynne", "7zip")
        self.assertEqual(self.database.column("select version from app_versions order by id"), ["24.09", "25.01"])
        old, new = self.database.column("select intune_app_id from app_versions order by id")
        assigned = {app["id"]: len(app["assignments"]) for app in self.tenant.intune_apps()}
        self.assertEqual(assigned, {old: 0, new: 1})

    def test_a_parked_job_leaves_nothing_half_made(self):
        number = self.parked("alex", "7zip", method="POST", contains="/commit")
        self.assertEqual(self.tenant.intune_apps(), [])
        harness.until(lambda: not list((self.world.folder / "work").glob("job-*")), "its files are gone")
        self.tenant.say("megan", f"retry {self.job()}")
        self.world.wait_state(number, "delivered", DELIVERY_S)
        self.assertEqual(len(self.tenant.intune_apps()), 1)

    def test_an_app_that_could_not_be_deleted_is_not_doubled(self):
        """The job that failed left its app; the next request's job removes it before it makes its own."""
        self.tenant.fault(match="graph", method="DELETE", count=-1, status=403)
        number = self.parked("alex", "7zip", method="POST", contains="/commit")
        self.assertEqual(len(self.tenant.intune_apps()), 1)
        self.tenant.say("megan", f"give up {self.job()} not now")
        self.world.wait_state(number, "failed")
        self.deliver("lynne", "7zip")
        apps = self.tenant.intune_apps()
        self.assertEqual([app["publishingState"] for app in apps], ["published"])

    def test_an_app_deleted_behind_our_back_is_made_again(self):
        self.deliver("alex", "7zip")
        (app,) = self.tenant.intune_apps()
        self.delete_app(app["id"])
        self.deliver("lynne", "7zip")
        (again,) = self.tenant.intune_apps()
        self.assertNotEqual(again["id"], app["id"])

    def test_programs_are_packaged_with_what_removes_them(self):
        self.deliver("alex", "Notepad++")
        (app,) = self.tenant.intune_apps()
        content = self.tenant.intune_content(app["id"])
        self.assertTrue(content["ok"], content)
        names = [entry["name"] for entry in content["entries"]]
        self.assertIn("appdesk-uninstall.ps1", names)
        self.assertIn(app["setupFilePath"], names)
        self.assertIn(" /S", app["installCommandLine"])
        self.assertIn("appdesk-uninstall.ps1", app["uninstallCommandLine"])
        (rule,) = app["rules"]
        self.assertTrue(rule["keyPath"].startswith("HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\"))

    def freeze_at(self, point):
        """The process stops itself at the point; another one takes the job over; then the first one thaws."""
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault=f"{point}=stop")
        first = self.world.service
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        harness.until(lambda: pathlib.Path(f"/proc/{first.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T", "frozen")
        second = self.world.start_second()
        try:
            self.world.let_time_pass()
            self.world.wait_state(number, "delivered", DELIVERY_S)
            first.signal(signal.SIGCONT)
            harness.until(lambda: LEASE_LOST.search(self.world.log()), "the first one gives up")
            self.world.wait_notices()
        finally:
            first.signal(signal.SIGCONT)
            second.stop()

    def test_a_worker_that_was_frozen_does_nothing_twice(self):
        for point in ("job.before.create", "job.worked.create", "job.before.upload", "job.worked.commit", "job.before.deliver"):
            with self.subTest(point=point):
                self.freeze_at(point)
                self.world.check()
                (app,) = self.tenant.intune_apps()
                self.assertEqual(app["publishingState"], "published")
                self.assertEqual(len(app["assignments"]), 1)
                self.assertEqual(len([e for e in self.tenant.shown("alex") if "7-Zip is ready" in e["text"]]), 1)
            self.begin_again()

    def test_keys_never_lie_open(self):
        """Neither in the database nor in the log; storage addresses do not either."""
        self.deliver("alex", "7zip")
        rows = self.database.value("select string_agg(result::text, '') from job_steps")
        self.assertNotIn("encryptionKey", rows)
        for text in (rows, self.world.log(), self.database.value("select chain::text from evidence")):
            self.assertNotIn("sig=", text)
            self.assertNotIn("Bearer", text)

    def test_fault_23_a_full_disk_delays_and_leaves_nothing(self):
        work = self.world.folder / "work"
        work.mkdir(exist_ok=True)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", work], capture_output=True).returncode:
            self.skipTest("no right to mount a small disk")
        try:
            number = self.world.ask_for("alex", "7zip")
            self.world.approve("megan", number)
            harness.until(lambda: "MiB left" in (self.database.value(
                "select string_agg(last_error, '') from jobs") or ""), "refused for lack of space", DELIVERY_S)
            self.assertEqual(list(work.glob("job-*/*")), [])
        finally:
            subprocess.run(["umount", "-l", work], check=True)
        shutil.rmtree(work, ignore_errors=True)
        self.tenant.say("megan", f"retry {self.job()}")
        self.world.wait_state(number, "delivered", DELIVERY_S)


class TestMsi(unittest.TestCase):
    """libmsi follows what a file says of itself; this one leads it astray."""

    ENDS_ITS_READER = pathlib.Path(__file__).parent / "data/ends_its_reader.msi"

    def run_appdesk(self, *words):
        return subprocess.run([harness.APPDESK, *words], capture_output=True, text=True, timeout=60)

    def test_a_file_that_ends_its_reader_ends_nothing_else_and_is_refused(self):
        read = self.run_appdesk("msi", "inspect", self.ENDS_ITS_READER)
        self.assertNotEqual(read.returncode, 0)
        self.assertNotIn("appdesk: ", read.stderr, "it is read, so it proves nothing")
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "x.intunewin"
            made = self.run_appdesk("intunewin", "create", self.ENDS_ITS_READER, "-o", out)
            self.assertEqual(made.returncode, 1)
            self.assertRegex(made.stderr, "^appdesk: installer is no MSI that can be read, for it ends its reader by .*: its publisher has to mend it\n$")
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_a_package_is_looked_into_and_unpacked_in_the_sandbox(self):
        installer = harness.INSTALLERS / "7z2409-x64.msi"
        with tempfile.TemporaryDirectory() as folder:
            made, out = pathlib.Path(folder) / "x.intunewin", pathlib.Path(folder) / "new/out"
            self.assertEqual(self.run_appdesk("intunewin", "create", installer, "-o", made).returncode, 0)
            seen = self.run_appdesk("intunewin", "inspect", made)
            self.assertIn(installer.name, seen.stdout, seen.stderr)
            done = self.run_appdesk("intunewin", "extract", made, out)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([path.name for path in out.iterdir()], [installer.name])
            self.assertEqual((out / installer.name).read_bytes(), installer.read_bytes())

    def test_facts_of_an_msi_are_printed(self):
        said = self.run_appdesk("msi", "inspect", harness.INSTALLERS / "7z2409-x64.msi")
        self.assertEqual(said.returncode, 0, said.stderr)
        for words in ("7-Zip", "24.09.00.0", "x64", "machine"):
            self.assertIn(words, said.stdout)
        facts = json.loads(self.run_appdesk("msi", "inspect", "--json", harness.INSTALLERS / "7z2409-x64.msi").stdout)
        self.assertEqual(facts["product_name"], "7-Zip")


if __name__ == "__main__":
    unittest.main(verbosity=2)
