# SPDX-License-Identifier: Apache-2.0
"""From the publishers to Intune: servers that are slow, cut, changed or away, and processes that die on the way."""
import pathlib
import signal
import unittest

import harness
import packages
from packages import DELIVERY_S, INSTALLER

SIZE = INSTALLER.stat().st_size if INSTALLER.exists() else 0


class TestPublishers(packages.PackageTest):
    """Fault 47: the publisher's server. Fault 48: the index and what it names."""

    def on_installer(self, **fault):
        self.tenant.fault(match="cdn", contains="/installers/", **fault)

    def begin_again(self):
        self.tenant.clear_faults()
        super().begin_again()

    def test_fault_47_a_slow_server_is_waited_for(self):
        self.on_installer(rate=SIZE // 3)
        self.assert_delivered_once(self.approved())

    def test_fault_47_a_download_that_is_cut_or_stalls_is_begun_anew(self):
        for order in ({"cut": 0}, {"cut": 1}, {"cut": SIZE // 2}, {"cut": -1}, {"stall": -(SIZE // 100)}):
            with self.subTest(order=order):
                self.on_installer(count=1, **order)
                number = self.approved()
                harness.until(self.has_failed, "the download failed", DELIVERY_S)
                self.world.let_time_pass()
                self.assert_delivered_once(number)
                self.begin_again()

    def test_fault_47_a_changed_byte_anywhere_is_no_installer(self):
        for at in (0, SIZE // 2, -1):
            with self.subTest(at=at):
                self.on_installer(count=1, flip=at)
                number = self.approved()
                self.wait_refused("Installer hash mismatch: package 7zip.7zip")
                self.retry()
                self.assert_delivered_once(number)
                self.begin_again()

    def test_fault_47_two_halves_of_different_files_make_no_installer(self):
        self.on_installer(count=-1, cut=SIZE // 2)
        number = self.approved()
        harness.until(self.has_failed, "the download was cut", DELIVERY_S)
        self.tenant.tamper("installer-changed", "7zip.7zip")
        self.tenant.clear_faults()
        self.world.let_time_pass()
        self.wait_refused("Installer hash mismatch: package 7zip.7zip")
        self.tenant.restore()
        self.retry()
        self.assert_delivered_once(number)

    def test_fault_48_an_index_that_is_away_stops_packages_and_nothing_else(self):
        for order in ({"status": 500}, {"status": 503, "retry_after": 1}, {"cut": True}, {"cut": "body"}):
            with self.subTest(order=order):
                self.tenant.fault(match="cdn", contains="source2.msix", count=-1, **order)
                number = self.approved()
                harness.until(lambda: self.last_error(), "the index is away", DELIVERY_S)
                self.assertTrue(self.world.ask("lynne", "help")["text"])
                other = self.world.ask_for("lynne", "pdf editor", q1="Manuals")
                self.assertEqual(self.world.approve("adele", other)["status"], 200)
                self.assert_nothing_uploaded()
                self.tenant.clear_faults()
                self.world.let_time_pass()
                self.world.wait_state(number, "delivered", DELIVERY_S)
                self.begin_again()

    def test_fault_48_a_changed_byte_anywhere_is_no_index(self):
        for at in (0, 40, 100000, -200, -1):
            with self.subTest(at=at):
                self.tenant.fault(match="cdn", contains="source2.msix", count=-1, flip=at)
                number = self.approved()
                self.wait_refused("Manifest integrity check failed: package 7zip.7zip, index")
                self.tenant.clear_faults()
                self.retry()
                self.assert_delivered_once(number)
                self.begin_again()

    def test_fault_48_an_index_that_is_stale_packages_nothing(self):
        self.tenant.tamper("index-stale")
        number = self.approved()
        self.wait_refused("stale")
        self.tenant.restore()
        self.retry()
        self.assert_delivered_once(number)

    def test_fault_48_what_the_index_names_and_the_server_lacks_is_asked_for_again(self):
        for kind, words in (("index-missing", "no index"), ("versions-missing", "no version data"), ("manifest-missing", "no manifest")):
            with self.subTest(kind=kind):
                self.tenant.tamper(kind, "7zip.7zip")
                number = self.approved()
                self.wait_refused(words)
                self.tenant.restore()
                self.world.let_time_pass()
                self.assert_delivered_once(number)
                self.begin_again()


class TestDisk(packages.PackageTest):
    def frozen_after(self, step):
        """A request whose job stands still behind the step; its number."""
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault=f"job.after.{step}=stop:1")
        number = self.approved()
        stat = pathlib.Path(f"/proc/{self.world.service.pid}/stat")
        harness.until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", "frozen")
        return number

    def test_threat_10_a_file_that_was_changed_on_the_disk_is_not_packaged_but_fetched_again(self):
        """Between its verification and its use, with the same length: what is packaged is what was verified."""
        number = self.frozen_after("fetch")
        (folder,) = self.jobs_folders()
        (setup,) = folder.glob("setup-*")
        content = bytearray(setup.read_bytes())
        content[len(content) // 2] ^= 1
        setup.write_bytes(content)
        self.world.service.signal(signal.SIGCONT)
        self.wait_refused("is not the file that was verified any more")
        self.world.let_time_pass()
        self.assert_delivered_once(number)

    def test_fault_25_killed_in_the_middle_of_a_download_it_begins_the_download_anew(self):
        self.tenant.fault(match="cdn", contains="/installers/", count=1, stall=SIZE // 2)
        number = self.approved()
        harness.until(lambda: [path for folder in self.jobs_folders() for path in folder.glob("setup-*") if path.stat().st_size],
                      "half of it is there", DELIVERY_S)
        self.world.wait_notices()  # no card is half sent when it dies
        self.world.kill_service()
        self.tenant.clear_faults()
        self.world.let_time_pass()
        self.world.start_service()
        self.assert_delivered_once(number)

    def test_fault_28_a_package_that_ends_its_process_is_parked_and_others_go_on(self):
        self.assertEqual(self.world.stop_service(), 0)
        self.world.start_service(fault="job.before.wrap=kill")
        number = self.approved()
        for _ in range(4):
            self.world.service.wait_killed()
            self.world.let_time_pass()
            self.world.start_service(fault="job.before.wrap=kill", ready=False)
        self.world.service.wait_killed()
        self.world.let_time_pass()
        self.world.start_service()
        harness.until(lambda: self.database.column("select state from jobs where kind = 'package'") == ["failed"], "parked", DELIVERY_S)
        self.world.card_with("megan", "retry", f"#{number}")
        self.assert_nothing_uploaded()
        other = self.world.ask_for("lynne", "text editor")
        self.world.approve("megan", other)
        self.world.wait_state(other, "delivered", DELIVERY_S)

    def test_threat_10_a_package_that_the_index_does_not_name_is_not_packaged(self):
        self.database.execute("update apps set winget_id = 'Nobody.Knows' where winget_id = '7zip.7zip'")
        self.approved()
        self.wait_refused("Nobody.Knows is not in the index")


if __name__ == "__main__":
    unittest.main(verbosity=2)
