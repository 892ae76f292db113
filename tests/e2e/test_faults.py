# SPDX-License-Identifier: Apache-2.0
"""The outside world fails: nothing is lost, nothing happens twice, nothing unproven is packaged."""
import hashlib
import os
import subprocess
import unittest

import harness
import packages
from packages import DELIVERY_S, INSTALLER

DISK = 256 << 20
MARGIN = 64 << 20  # bytes that stay free in the work folder


class TestFaults(packages.PackageTest):
    # ---- what WinGet serves is not what its index says ----

    def test_threat_10_an_installer_with_another_hash_is_named_and_not_packaged(self):
        self.tenant.tamper("installer-changed", "7zip.7zip")
        number = self.approved()
        said = self.tenant.wait("megan", "Installer hash mismatch")
        self.assertIn("7zip.7zip", said["text"])
        self.assertIn(hashlib.sha256(INSTALLER.read_bytes()).hexdigest(), said["text"].lower())
        self.assertIn(self.installer_served(), said["text"].lower())
        self.assert_nothing_uploaded()
        self.assertIn(self.world.state(number), ("approved", "fulfilling"))
        self.tenant.restore()
        self.retry()
        self.assert_delivered_once(number)

    def installer_served(self):
        """SHA-256 of what the tenant gives out now for the installer."""
        served = self.world.folder / "tenant"
        copy = next(served.rglob("7z2409-x64.msi"))
        return hashlib.sha256(copy.read_bytes()).hexdigest()

    def test_threat_10_a_manifest_with_another_hash_is_named_and_not_packaged(self):
        self.tenant.tamper("manifest-changed", "7zip.7zip")
        number = self.approved()
        said = self.tenant.wait("megan", "Manifest integrity check failed")
        self.assertIn("7zip.7zip", said["text"])
        self.assert_nothing_uploaded()
        self.tenant.restore()
        self.retry()
        self.assert_delivered_once(number)

    def test_threat_10_an_index_that_is_not_genuine_packages_nothing(self):
        for kind, words in (("index-changed", "digest"), ("index-replaced", "digest"), ("index-unsigned", "no signature"),
                            ("index-self-signed", "does not verify"), ("index-wrong-signer", "signer is"),
                            ("index-no-store-eku", "lacks the usage"), ("index-no-timestamp", "no time stamp")):
            with self.subTest(kind=kind):
                self.tenant.tamper(kind)
                number = self.approved()
                self.assertTrue(self.tenant.wait("megan", "#%d" % number))
                self.wait_refused(words)
                self.assertIn("7zip.7zip", self.last_error())
                self.tenant.restore()
                self.begin_again()

    def test_threat_10_an_older_index_than_the_last_is_a_rollback(self):
        first = self.approved()
        self.world.wait_state(first, "delivered", DELIVERY_S)
        self.tenant.tamper("index-rollback")
        second = self.world.ask_for("lynne", "pdf editor", q1="Manuals")
        self.world.approve("adele", second)
        harness.until(lambda: self.database.value("select last_error from jobs where kind = 'package' order by id desc limit 1"), "the rollback is refused")
        self.assertEqual(len(self.tenant.intune_apps()), 1)
        self.tenant.restore()

    # ---- Microsoft's services are away ----

    def test_graph_away_for_a_while_delays_and_loses_nothing(self):
        number = self.world.ask_for("alex", "7zip")
        card = self.world.card_of("adele", number)
        self.tenant.press("adele", "approve", activity=card["id"])
        self.tenant.fault(match="graph", contains="/deviceAppManagement", status=503, retry_after=1, count=8)
        self.assert_delivered_once(number)

    def test_an_interrupted_upload_is_finished(self):
        for order in ({"cut": True}, {"cut": "body", "after": True}, {"status": 503}, {"status": 403}):
            with self.subTest(order=order):
                self.tenant.fault(match="blob", method="PUT", skip=1, count=1, **order)
                number = self.approved()
                self.assert_delivered_once(number)
                self.tenant.clear_faults()
                self.begin_again()

    def test_expired_upload_addresses_are_renewed(self):
        self.tenant.post("settings", {"sas_lifetime_s": 1})
        number = self.approved()
        self.assert_delivered_once(number)
        self.tenant.post("settings", {"sas_lifetime_s": 900})

    def test_an_app_that_was_made_without_our_knowing_is_found_again(self):
        """Graph carries the creation out, and the answer is lost."""
        self.tenant.fault(match="graph", method="POST", contains="/mobileApps", count=1, cut=True, after=True)
        number = self.approved()
        self.assert_delivered_once(number)

    def test_fault_23_a_download_that_leaves_no_room_for_its_package_ends_and_goes_on_later(self):
        self.work_on_small_disk(DISK)
        before = self.world.ask_for("lynne", "pdf editor", q1="Manuals")  # the source's index is there from now on
        self.world.approve("megan", before)
        self.world.wait_state(before, "delivered", DELIVERY_S)
        filler = self.world.folder / "work/filler"
        self.leave(filler, MARGIN + INSTALLER.stat().st_size * 3 // 2)
        number = self.approved()
        harness.until(lambda: "too little space" in self.last_error(), "the download ends", DELIVERY_S)
        self.assertEqual(list((self.world.folder / "work").glob("**/*.part")), [])
        filler.unlink()
        self.world.let_time_pass()
        self.world.wait_state(number, "delivered", DELIVERY_S)

    def work_on_small_disk(self, size):
        self.world.end()
        folder = self.world.folder / "work"
        folder.mkdir(exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True)
        if done.returncode:
            self.skipTest(f"only root may mount a small disk: {done.stderr}")
        self.addCleanup(subprocess.run, ["umount", folder], check=True)
        self.addCleanup(self.world.end)
        self.begin()

    def leave(self, filler, free):
        """Writes so much that no more than this is free."""
        disk = os.statvfs(filler.parent)
        with open(filler, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - free)

    def test_the_connector_away_for_a_while_loses_no_notice(self):
        self.tenant.fault(match="connector", status=503, count=3)
        said = self.tenant.say("alex", "help")
        self.tenant.wait("alex", after=said["seq"])
        self.world.check()

    def test_a_throttled_notice_waits_as_long_as_it_was_told(self):
        self.tenant.fault(match="connector", status=429, retry_after=2, count=1)
        said = self.tenant.say("alex", "help")
        self.tenant.wait("alex", after=said["seq"])
        self.world.check()

    def test_a_person_who_blocked_the_bot_is_not_tried_again(self):
        self.world.ask("adele", "help")
        self.tenant.post("people/adele", {"blocked": "ConversationBlockedByUser"})
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("megan", number)
        self.world.wait_notices()
        dead = self.database.rows("select recipient_oid, attempts from outbox where state = 'dead'")
        self.assertEqual(dead, [{"recipient_oid": self.world.oid("adele"), "attempts": 1}])
        self.tenant.post("people/adele", {"blocked": None})

    def test_give_up_tells_who_waits(self):
        self.tenant.tamper("installer-changed", "7zip.7zip")
        number = self.approved()
        card = self.world.card_with("megan", "give_up")
        self.tenant.press("megan", "give_up", {"reason": "The publisher has a problem"}, activity=card["id"])
        self.tenant.wait("alex", "The publisher has a problem")
        self.assertEqual(self.world.state(number), "failed")
        self.tenant.restore()


if __name__ == "__main__":
    unittest.main(verbosity=2)
