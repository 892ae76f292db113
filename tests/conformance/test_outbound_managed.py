# SPDX-License-Identifier: Apache-2.0
"""Who we are where the machine says so: managed identity at IMDS and in an App Service: cases T04, T06 and T07."""
import time
import unittest
import urllib.parse

from identity import APP, IdentityTest, harness, until

HEADER = "local-identity-header"
OTHER = "00000000-0000-4000-8000-0000000000ff"
AS_TEXT, AS_NUMBER, AS_DATE = range(3)
BOT, GRAPH = "https://api.botframework.com", "https://graph.microsoft.com"


class ManagedTest(IdentityTest):
    settings = {"bot.credential": "managed_identity", "bot.secret": "", "graph.secret": ""}
    path, version = "", ""

    def asked(self, resource=BOT, **filters):
        """The queries that the machine's identity was asked with for this resource."""
        queries = []
        for call in self.tenant.calls(surface="identity", **filters):
            path, _, query = call["path"].partition("?")
            self.assertEqual(path, self.path)
            queries.append(dict(urllib.parse.parse_qsl(query, strict_parsing=True)))
        return [query for query in queries if query["resource"] == resource]

    def check_shape(self):
        self.speak()
        for resource in (BOT, GRAPH):
            self.assertEqual(self.asked(resource), [{"api-version": self.version, "resource": resource, "client_id": APP}])
        self.assertEqual(self.tenant.calls(surface="token"), [])
        self.world.check()

    def check_ends(self):
        for form in (AS_TEXT, AS_NUMBER, AS_DATE):
            with self.subTest(form=form):
                self.tenant.post("settings", {"identity_expires_as": form, "token_lifetime_s": 24})
                self.tenant.delete("calls")
                self.world.restart()
                self.speak()
                until(lambda: len(self.asked()) >= 2, "renewed at half of its life", 30)
                self.speak()
        self.assertEqual([c for c in self.tenant.calls(surface="connector") if c["status"] == 401], [])

    def spoken_after(self, **fault):
        """Seconds until somebody is answered although the identity has this fault for the bot."""
        self.tenant.fault(match="identity", contains=urllib.parse.quote(BOT, safe=""), **fault)
        began = time.monotonic()
        self.speak()
        return time.monotonic() - began


class TestImds(ManagedTest):
    path, version = "/metadata/identity/oauth2/token", "2018-02-01"

    def here(self):
        # A proxy that nobody listens at: what would go through it would not arrive.
        return {"AZURE_POD_IDENTITY_AUTHORITY_HOST": self.world.tenant.base, "http_proxy": "http://127.0.0.1:9", "NO_PROXY": ""}

    def test_t04_t06_the_machine_is_asked_directly_for_a_resource(self):
        self.check_shape()

    def test_t06_the_end_is_text_a_number_or_a_date(self):
        self.check_ends()

    def test_t06_the_system_assigned_identity_has_no_client_id(self):
        self.world.restart({"graph.managed_identity_client_id": "system"})
        self.speak()
        self.assertNotIn("client_id", self.asked(GRAPH)[-1])
        self.assertEqual(self.asked()[0]["client_id"], APP)

    def test_t07_not_found_and_too_many_are_tried_again(self):
        for status in (404, 429, 503):
            with self.subTest(status=status):
                self.tenant.delete("calls")
                self.tenant.post("tokens/revoke", {})
                self.assertGreaterEqual(self.spoken_after(status=status, count=2), 1 + 2)
                self.assertEqual([c["status"] for c in self.tenant.calls(surface="identity", path="botframework")], [status, status, 200])

    def test_t07_gone_is_waited_for(self):
        self.assertGreaterEqual(self.spoken_after(status=410, count=1), 10)
        self.assertEqual([c["status"] for c in self.tenant.calls(surface="identity", path="botframework")], [410, 200])

    def test_t07_a_stop_waits_for_no_retry(self):
        self.tenant.fault(match="identity", status=410, count=-1)
        self.tenant.say("alex", "help")
        until(lambda: self.tenant.calls(surface="identity", status=410), "the machine is asked")
        began = time.monotonic()
        self.assertEqual(self.world.stop_service(), 0)
        self.assertLess(time.monotonic() - began, harness.within(25))
        self.world.service = None
        self.database.drop()

    def test_an_identity_that_is_not_there_is_told_with_what_to_do(self):
        self.world.restart({"bot.managed_identity_client_id": OTHER})
        self.tenant.say("alex", "help")
        line = self.wait_told("from the managed identity (IMDS) refused")
        self.assertIn("assigned to this machine", line["err"])
        self.world.restart({"bot.managed_identity_client_id": ""})
        self.tenant.wait("alex")

    def test_what_does_not_fit_stops_the_start_with_its_name(self):
        self.refused_start({"bot.managed_identity_client_id": "bot"}, "bot.managed_identity_client_id")
        self.refused_start({"graph.scope": GRAPH}, "graph.scope")
        for variable, value in (("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://192.0.2.1"),
                                ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "machine"), ("IDENTITY_ENDPOINT", "http://127.0.0.1/msi/token")):
            self.refused_start({}, "IDENTITY_HEADER" if "ENDPOINT" in variable else variable, environment={variable: value})


class TestAppService(ManagedTest):
    path, version = "/msi/token", "2019-08-01"

    def here(self):
        return {"IDENTITY_ENDPOINT": f"{self.world.tenant.base}/msi/token", "IDENTITY_HEADER": HEADER}

    def test_t04_t06_the_service_is_asked_with_its_header(self):
        self.check_shape()

    def test_t06_the_end_is_text_a_number_or_a_date(self):
        self.check_ends()

    def test_t07_what_passes_is_tried_again_when_it_says(self):
        self.assertGreaterEqual(self.spoken_after(status=503, count=1, retry_after=3), 3)
        self.assertEqual([c["status"] for c in self.tenant.calls(surface="identity", path="botframework")], [503, 200])

    def test_t11_the_header_is_not_in_the_log(self):
        self.world.restart({"log.level": "debug"})
        self.tenant.fault(match="identity", status=401, count=2, body={"error": HEADER})
        self.tenant.say("alex", "help")
        self.wait_log("from the managed identity (App Service) refused")
        self.tenant.wait("alex")
        self.assertNotIn(HEADER, self.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
