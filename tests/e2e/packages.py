# SPDX-License-Identifier: Apache-2.0
"""Base of the tests about what is packaged: one request for 7-Zip, and what stands in Intune in the end."""
import hashlib

import harness

INSTALLER = harness.INSTALLERS / "7z2409-x64.msi"
DELIVERY_S = 120


class PackageTest(harness.WorldTest):
    def approved(self, who="alex"):
        number = self.world.ask_for(who, "7zip")
        self.world.approve("adele", number)
        return number

    def assert_nothing_uploaded(self):
        self.assertEqual(self.tenant.intune_apps(), [])
        self.assertEqual(self.tenant.calls(surface="blob"), [])

    def assert_delivered_once(self, number, who="alex"):
        self.world.wait_state(number, "delivered", DELIVERY_S)
        self.world.wait_notices()
        self.assertEqual(len([e for e in self.tenant.shown(who) if "7-Zip is ready" in e["text"]]), 1)
        apps = self.tenant.intune_apps()
        self.assertEqual(len(apps), 1, [app["displayName"] for app in apps])
        content = self.tenant.intune_content(apps[0]["id"])
        self.assertTrue(content["ok"], content)
        self.assertEqual(content["sha256"].lower(), hashlib.sha256(INSTALLER.read_bytes()).hexdigest())
        self.world.check()

    def retry(self):
        """By the admin's card."""
        card = self.world.card_with("megan", "retry")
        pressed = self.tenant.press("megan", "retry", activity=card["id"])
        self.assertEqual(pressed["status"], 200)

    def last_error(self):
        """Why the newest package job does not go on; '' while it does."""
        return self.database.value("select last_error from jobs where kind = 'package' order by id desc limit 1") or ""

    def has_failed(self):
        """The newest package job has failed, be it on its way again."""
        return self.database.value("select count(*) from job_log where event = 'failed'"
                                   " and job_id = (select max(id) from jobs where kind = 'package')")

    def wait_refused(self, words):
        """The job says why it does not go on; nothing of it reached Intune."""
        harness.until(lambda: words in self.last_error(), f"refused: {words}", DELIVERY_S)
        self.assert_nothing_uploaded()

    def jobs_folders(self):
        return list((self.world.folder / "work").glob("job-*"))
