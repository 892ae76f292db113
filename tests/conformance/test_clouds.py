# SPDX-License-Identifier: Apache-2.0
"""One cloud at a time, the channel's tokens alone, and no way without them: cases A33 to A40 and A42 to A45.

There is no mode for the Emulator and none without authentication, so what would be accepted there is refused here, whatever is configured.
"""
import unittest

import front
from issuer import ISSUER
from processes import free_port

GOV_ISSUER = "https://api.botframework.us"
GOV_TENANT = "cab8a31a-1906-4287-a0d8-4eef66b95f6e"
OTHER_TENANT = "00000000-0000-4000-8000-00000000beef"
OTHER_APP = "00000000-0000-4000-8000-000000000099"


def entra(tenant):
    """Both forms of an issuer of the directory."""
    return f"https://sts.windows.net/{tenant}/", f"https://login.microsoftonline.com/{tenant}/v2.0"


class TestPublicCloud(front.FrontTest):
    shared = True

    def refuse_entra(self, tenant=front.TENANT, **claims):
        """A token of the directory, signed by a key that we trust, so that nothing but its kind speaks against it."""
        for issuer in entra(tenant):
            self.refused(401, token=self.bearer(iss=issuer, tid=tenant, **claims))
            self.refused(401, token=self.bearer(iss=issuer, tid=tenant, serviceurl=None, **claims))

    def test_a33_a_token_of_the_emulator(self):
        for tenant in ("d6d49420-f39b-4df7-a1dc-d59a935871db", "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
                       "72f988bf-86f1-41af-91ab-2d7cd011db47", front.TENANT):
            self.refuse_entra(tenant, ver="1.0", appid=front.APP)

    def test_a34_with_appid_of_version_1(self):
        self.refuse_entra(ver="1.0", appid=front.APP)

    def test_a35_with_azp_of_version_2(self):
        self.refuse_entra(ver="2.0", azp=front.APP)

    def test_a36_without_either(self):
        self.refuse_entra(ver="1.0")
        self.refuse_entra(ver="2.0")

    def test_a37_of_another_version_or_none(self):
        self.refuse_entra(ver="3.0", appid=front.APP, azp=front.APP)
        self.refuse_entra(appid=front.APP, azp=front.APP)

    def test_a38_of_another_app(self):
        self.refuse_entra(ver="1.0", appid=OTHER_APP)
        self.refuse_entra(ver="2.0", azp=OTHER_APP)

    def test_a39_of_a_tenant_that_is_not_ours(self):
        self.refuse_entra(OTHER_TENANT, ver="1.0", appid=front.APP)

    def test_a40_of_a_tenant_that_is_not_the_issuers(self):
        for issuer in entra(front.TENANT):
            for tid in (OTHER_TENANT, front.TENANT.upper()):
                self.refused(401, token=self.bearer(iss=issuer, tid=tid, ver="2.0", azp=front.APP))

    def test_a42_a_token_of_the_government_cloud(self):
        self.refused(401, token=self.bearer(iss=GOV_ISSUER))
        for issuer in (f"https://sts.windows.net/{GOV_TENANT}/", f"https://login.microsoftonline.us/{GOV_TENANT}/v2.0"):
            self.refused(401, token=self.bearer(iss=issuer, ver="1.0", appid=front.APP))

    def test_a42_a_host_of_the_government_cloud(self):
        url = "https://smba.infra.gov.teams.microsoft.us/teams/"
        self.refused(403, self.activity(serviceUrl=url), token=self.bearer(serviceurl=url))

    def test_what_names_a_person_in_the_token_counts_for_nothing(self):
        """Claims beside those that we read are ignored: the channel's token says nothing about who writes."""
        self.accepted(token=self.bearer(oid=OTHER_APP, roles=["admin"], tid=OTHER_TENANT, name="Megan Bowen"))


class TestGovernmentCloud(front.FrontTest):
    shared = True
    settings = {"bot.cloud": "usgov", "bot.issuer": GOV_ISSUER}

    def test_a42_a_token_of_the_public_cloud(self):
        self.refused(401, token=self.bearer(iss=ISSUER))

    def test_a43_a_token_of_the_government_cloud(self):
        self.accepted(token=self.bearer(iss=GOV_ISSUER))

    def test_a43_hosts_are_those_of_the_government_cloud(self):
        public = "https://smba.trafficmanager.net/teams/"
        self.refused(403, self.activity(serviceUrl=public), token=self.bearer(iss=GOV_ISSUER, serviceurl=public))


class TestStart(front.FrontTest):
    """Without an app id nothing starts: neither a service that believes everybody nor one that believes nobody."""

    shared = True

    def start_fails(self, **settings):
        kept = dict(self.world.settings)
        self.world.settings.update({key.replace("__", "."): value for key, value in settings.items()})
        self.addCleanup(self.world.settings.update, kept)
        config = self.world._write_config(self.database, "wrong.ini", free_port(), free_port())
        program = front.harness.Program([front.harness.APPDESK, "serve", "--config", config], self.world.folder / "wrong.log",
                                        front.harness.PLAIN_ENVIRONMENT)
        self.assertEqual(program.process.wait(60), 2)
        program.stop()
        return program.tail()

    def test_a44_no_app_id_on_an_open_address(self):
        self.assertIn("bot.app_id", self.start_fails(bot__app_id="", server__listen="0.0.0.0:0"))

    def test_a45_no_app_id_on_loopback_for_development(self):
        self.assertIn("bot.app_id", self.start_fails(bot__app_id="", dev__loopback="true"))

    def test_there_is_no_key_that_switches_authentication_off(self):
        for key in ("bot.allow_unauthenticated", "dev.anonymous", "dev.emulator", "dev.dev_emulator"):
            with self.subTest(key=key):
                self.assertIn(f"unknown key '{key}'", self.start_fails(**{key.replace(".", "__"): "true"}))
                del self.world.settings[key]


if __name__ == "__main__":
    unittest.main(verbosity=2)
