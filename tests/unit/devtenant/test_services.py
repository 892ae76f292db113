# SPDX-License-Identifier: Apache-2.0
"""The services behind AppDesk: directory, Intune, block storage, CDN; faults on order; a restart; the small commands."""
import base64
import hashlib
import hmac
import io
import http.client
import json
import os
import re
import secrets
import signal
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.parse
import zipfile

from fixture import ALEX, MEGAN, PROGRAM, Recorder, TenantTest, http_call

APPS = "deviceAppManagement/mobileApps"
CAST = "microsoft.graph.win32LobApp/contentVersions"
LYNNE = "00000000-0000-4000-8000-000000000025"
EVERYONE, APPROVERS = ("00000000-0000-4000-8000-0000000000a1", "00000000-0000-4000-8000-0000000000a2")


def win32_app(**changes):
    app = {
        "@odata.type": "#microsoft.graph.win32LobApp", "displayName": "7-Zip", "description": "Archiver", "publisher": "Igor Pavlov",
        "notes": "[AppDesk|1|7zip.7zip|24.09]", "fileName": "IntunePackage.intunewin", "setupFilePath": "7z.msi",
        "installCommandLine": "msiexec /i 7z.msi", "uninstallCommandLine": "msiexec /x {X}", "applicableArchitectures": "x64",
        "minimumSupportedWindowsRelease": "1809",
        "installExperience": {"runAsAccount": "system", "deviceRestartBehavior": "basedOnReturnCode"},
        "returnCodes": [{"returnCode": 0, "type": "success"}, {"returnCode": 3010, "type": "softReboot"}],
        "rules": [{"@odata.type": "#microsoft.graph.win32LobAppProductCodeRule", "ruleType": "detection", "productCode": "{X}"}],
    }
    app.update(changes)
    return {key: value for key, value in app.items() if value is not None}


def aes_cbc(key, iv, plain):
    """AES by the openssl program: a third implementation beside AppDesk's and the tenant's."""
    return subprocess.run(
        ["openssl", "enc", "-aes-256-cbc", "-K", key.hex(), "-iv", iv.hex()], input=plain, capture_output=True, check=True).stdout


def package(files):
    """Encrypted file, its size before, and fileEncryptionInfo."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            out.writestr(name, data)
    plain, key, mac_key, iv = raw.getvalue(), secrets.token_bytes(32), secrets.token_bytes(32), secrets.token_bytes(16)
    body = iv + aes_cbc(key, iv, plain)
    mac = hmac.digest(mac_key, body, "sha256")
    named = {"encryptionKey": key, "macKey": mac_key, "initializationVector": iv, "mac": mac,
             "fileDigest": hashlib.sha256(plain).digest()}
    info = {name: base64.b64encode(value).decode() for name, value in named.items()}
    return mac + body, len(plain), {**info, "profileIdentifier": "ProfileVersion1", "fileDigestAlgorithm": "SHA256"}


class TestDirectory(TenantTest):
    def test_people_are_found_by_object_id_and_upn(self):
        self.assertEqual(self.graph("GET", "users/alexw@example.com", status=200).json["id"], ALEX)
        one = self.graph("GET", f"users/{ALEX}?$select=id,accountEnabled,userType", status=200).json
        self.assertEqual(one, {"id": ALEX, "accountEnabled": True, "userType": "Member"})
        self.assertNotIn("accountEnabled", self.graph("GET", f"users/{ALEX}").json)
        missing = self.graph("GET", "users/alex", status=404).json["error"]
        self.assertEqual(missing["code"], "Request_ResourceNotFound")
        self.assertEqual(self.graph("GET", f"users/{ALEX}/manager").json["displayName"], "Isaiah Langer")
        self.graph("GET", f"users/{MEGAN}/manager", status=404)
        found = self.graph("GET", "users?$filter=" + urllib.parse.quote("startswith(displayName,'Al')"), status=200).json["value"]
        self.assertEqual([user["id"] for user in found], [ALEX])

    def test_memberships_are_counted_through_groups_in_groups(self):
        self.control("POST", "groups", {"name": "Outer", "members": ["Approvers"]}, 201)
        outer = self.graph("GET", "groups?$filter=" + urllib.parse.quote("displayName eq 'Outer'")).json["value"][0]["id"]
        asked = {"groupIds": [outer, APPROVERS, "00000000-0000-4000-8000-0000000000ff"]}
        self.assertEqual(set(self.graph("POST", f"users/{MEGAN}/checkMemberGroups", asked, 200).json["value"]), {outer, APPROVERS})
        self.assertEqual(self.graph("POST", f"users/{ALEX}/checkMemberGroups", asked, 200).json["value"], [])
        self.assertEqual(len(self.graph("GET", f"groups/{outer}/transitiveMembers").json["value"]), 2)
        self.assertEqual(self.graph("GET", f"groups/{outer}/members").json["value"][0]["@odata.type"], "#microsoft.graph.group")

    def test_everybody_has_a_manager_but_the_head_and_the_guest(self):
        people = {one["key"]: one for one in self.control("GET", "people")["people"]}
        names = {one["id"]: key for key, one in people.items()}
        self.assertEqual(
            {key: names.get(one["manager"]) for key, one in people.items()},
            {"alex": "isaiah", "lynne": "isaiah", "isaiah": "megan", "adele": "megan", "patti": "megan", "megan": None,
             "nora": None})
        expanded = self.graph("GET", f"users/{ALEX}?$select=id,department,jobTitle&$expand=manager", status=200).json
        self.assertEqual((expanded["department"], expanded["jobTitle"]), ("Marketing", "Assistant"))
        self.assertEqual(expanded["manager"]["displayName"], "Isaiah Langer")

    def test_a_person_has_the_devices_that_one_gives_them(self):
        def devices(oid):
            found = self.graph("GET", f"users/{oid}/managedDevices?$select=deviceName,complianceState", status=200).json["value"]
            return [(one["deviceName"], one["complianceState"]) for one in found]
        self.assertEqual(devices(ALEX), [("PC-alex", "compliant")])
        self.control("POST", "people/alex/devices", {"devices": [{"name": "PC-42", "compliance": "noncompliant"}, {"name": "PC-43"}]})
        self.assertEqual(devices(ALEX), [("PC-42", "noncompliant"), ("PC-43", "compliant")])
        self.assertEqual(devices(MEGAN), [("PC-megan", "compliant")])
        self.assertNotIn("devices", self.graph("GET", f"users/{ALEX}?$select=id,devices", status=200).json)
        everybodys = self.graph("GET", "deviceManagement/managedDevices", status=200).json["value"]
        self.assertEqual(len({one["id"] for one in everybodys}), 7)
        for order in ({"devices": [{"name": ""}]}, {"devices": [{"name": "x", "compliance": "good"}]}, {"devices": {}}):
            self.control("POST", "people/alex/devices", order, 400)
        self.control("POST", "people/somebody/devices", {"devices": []}, 404)

    def test_people_move_and_go(self):
        self.control("POST", "people/alex", {"manager": "megan", "department": "Sales", "enabled": False})
        one = self.graph("GET", f"users/{ALEX}?$select=id,accountEnabled,department", status=200).json
        self.assertEqual(one, {"id": ALEX, "accountEnabled": False, "department": "Sales"})
        self.assertEqual(self.graph("GET", f"users/{ALEX}/manager").json["id"], MEGAN)
        self.control("POST", "people/alex", {"manager": "somebody"}, 400)
        self.control("POST", "people/alex", {"manager": None})
        self.graph("GET", f"users/{ALEX}/manager", status=404)
        self.control("DELETE", "people/megan")
        self.graph("GET", f"users/{MEGAN}", status=404)
        members = self.graph("GET", f"groups/{APPROVERS}/transitiveMembers").json["value"]
        self.assertEqual([one["displayName"] for one in members], ["Adele Vance"])
        self.assertEqual(self.connector(
            "POST", "conversations/a:personal-chat-megan/activities", {"type": "message", "text": "x"}).status, 404)

    def test_a_group_can_be_deleted(self):
        self.control("POST", "groups", {"name": "Outer", "members": ["Approvers"]}, 201)
        outer = self.graph("GET", "groups?$filter=" + urllib.parse.quote("displayName eq 'Outer'")).json["value"][0]["id"]
        self.control("DELETE", "groups/Approvers")
        self.graph("GET", f"groups/{APPROVERS}/transitiveMembers", status=404)
        self.assertEqual(self.graph("GET", f"groups/{outer}/members").json["value"], [])
        asked = {"groupIds": [APPROVERS]}
        self.assertEqual(self.graph("POST", f"users/{MEGAN}/checkMemberGroups", asked, 200).json["value"], [])

    def test_a_crowd_fills_a_group(self):
        group = self.control("POST", "groups", {"name": "Crowd", "members": ["alex"], "crowd": 1200}, 201)["id"]
        first = self.graph("GET", f"groups/{group}/transitiveMembers?$top=999", status=200).json
        rest = http_call("GET", first["@odata.nextLink"], headers=self.bearer("https://graph.microsoft.com/.default")).json
        self.assertEqual(len(first["value"]) + len(rest["value"]), 1201)
        self.assertEqual(self.graph("GET", "users/crowd1200@example.com", status=200).json["displayName"], "Crowd 1200")
        self.control("POST", "groups", {"name": "More", "crowd": 5001}, 400)

    def test_changes_come_by_link(self):
        def go(link):
            answer = http_call("GET", link, headers=self.bearer("https://graph.microsoft.com/.default"))
            self.assertEqual(answer.status, 200, answer.body)
            return answer.json
        self.control("POST", "settings", {"delta_page": 5})
        page = self.graph("GET", "users/delta?$select=id,displayName,manager", status=200).json
        self.assertEqual(len(page["value"]), 5)
        self.control("DELETE", "people/lynne")  # between two pages
        page = go(page["@odata.nextLink"])
        seen = page["value"]
        page = go(page["@odata.deltaLink"])
        seen += page["value"]
        self.assertIn({"id": LYNNE, "@removed": {"reason": "changed"}}, seen)
        link = page["@odata.deltaLink"]
        self.control("POST", "people/alex", {"manager": "megan"})
        page = go(link)
        self.assertEqual([one["id"] for one in page["value"]], [ALEX])
        self.assertEqual([one["id"] for one in page["value"][0]["manager@delta"] if "@removed" not in one], [MEGAN])
        self.control("POST", "people/alex", {"department": "Sales"})
        self.assertNotIn("manager@delta", go(page["@odata.deltaLink"])["value"][0])
        self.control("POST", "delta/expire", {})
        gone = http_call("GET", link, headers=self.bearer("https://graph.microsoft.com/.default"))
        self.assertEqual((gone.status, gone.json["error"]["code"]), (410, "syncStateNotFound"))

    def test_long_lists_come_in_pages(self):
        self.control("POST", "settings", {"member_page": 4})
        first = self.graph("GET", f"groups/{EVERYONE}/members").json
        self.assertEqual(len(first["value"]), 4)
        rest = http_call("GET", first["@odata.nextLink"], headers=self.bearer("https://graph.microsoft.com/.default")).json
        self.assertEqual(len(rest["value"]), 2)
        self.assertNotIn("@odata.nextLink", rest)

    def test_a_new_group_is_not_seen_at_once(self):
        body = {"displayName": "App 7-Zip", "mailNickname": "app-7zip", "mailEnabled": False, "securityEnabled": True}
        group = self.graph("POST", "groups", body, 201).json["id"]
        member = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{ALEX}"}
        self.graph("POST", f"groups/{group}/members/$ref", member, 404)
        self.graph("POST", f"groups/{group}/members/$ref", member, 204)
        again = self.graph("POST", f"groups/{group}/members/$ref", member, 400).json["error"]["message"]
        self.assertIn("already exist", again)
        self.graph("DELETE", f"groups/{group}/members/{ALEX}/$ref", status=204)
        self.graph("DELETE", f"groups/{group}/members/{ALEX}/$ref", status=404)
        self.graph("POST", "groups", {**body, "mailNickname": "with blank"}, 400)

    def test_mail_is_kept(self):
        message = {"subject": "Ready", "body": {"contentType": "Text", "content": "7-Zip"},
                   "toRecipients": [{"emailAddress": {"address": "alexw@example.com"}}]}
        self.graph("POST", "users/appdesk@example.com/sendMail", {"message": message}, 202)
        self.assertEqual(self.control("GET", "mail", to="alex")["mail"][0]["subject"], "Ready")
        self.assertEqual(self.control("GET", "mail", to="megan")["mail"], [])

    def test_an_unknown_filter_or_call_is_refused(self):
        self.graph("GET", "users?$filter=" + urllib.parse.quote("displayName ne 'x'"), status=400)
        self.graph("GET", "planner/plans", status=404)


class TestIntune(TenantTest):
    def create(self, **changes):
        return self.graph("POST", APPS, win32_app(**changes), 201).json["id"]

    def refused(self, **changes):
        return self.graph("POST", APPS, win32_app(**changes), 400).json["error"]["message"]

    def file(self, app, data, size):
        version = self.graph("POST", f"{APPS}/{app}/{CAST}", {}, 201).json["id"]
        path = f"{APPS}/{app}/{CAST}/{version}/files"
        body = {"@odata.type": "#microsoft.graph.mobileAppContentFile", "name": "IntunePackage.intunewin", "size": size,
                "sizeEncrypted": len(data), "manifest": None, "isDependency": False}
        made = self.graph("POST", path, body, 201).json
        self.assertEqual(made["uploadState"], "azureStorageUriRequestPending")
        return version, f"{path}/{made['id']}"

    def reach(self, path, state, attempts=3):
        for _ in range(attempts):
            file = self.graph("GET", path, status=200).json
            if file["uploadState"] == state:
                return file
        return self.fail(f"{file['uploadState']} instead of {state}")

    def upload(self, uri, data, piece=100000):
        ids = []
        for at in range(0, len(data), piece):
            ids.append(base64.b64encode(b"%06d" % len(ids)).decode())
            url = f"{uri}&comp=block&blockid={urllib.parse.quote(ids[-1], safe='')}"
            self.assertEqual(http_call("PUT", url, data[at:at + piece], {"x-ms-blob-type": "BlockBlob"}).status, 201)
        latest = "".join(f"<Latest>{one}</Latest>" for one in ids)
        xml = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{latest}</BlockList>'
        return http_call("PUT", f"{uri}&comp=blocklist", xml.encode()).status

    def publish(self, app, files, spoil=None):
        data, size, info = package(files)
        version, path = self.file(app, data, size)
        self.assertEqual(self.upload(self.reach(path, "azureStorageUriRequestSuccess")["azureStorageUri"], data), 201)
        self.graph("POST", f"{path}/commit", {"fileEncryptionInfo": {**info, **(spoil or {})}}, 200)
        self.reach(path, "commitFileFailed" if spoil else "commitFileSuccess")
        return version

    def test_an_app_is_published_by_content_that_was_committed(self):
        app = self.create()
        assignment = {"@odata.type": "#microsoft.graph.mobileAppAssignment", "intent": "available", "target": {
            "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": EVERYONE}}
        self.graph("POST", f"{APPS}/{app}/assign", {"mobileAppAssignments": [assignment]}, 400)
        setup = os.urandom(300000)
        version = self.publish(app, {"7z.msi": setup, "readme.txt": b"x"})
        change = {"@odata.type": "#microsoft.graph.win32LobApp", "committedContentVersion": "9"}
        self.graph("PATCH", f"{APPS}/{app}", change, 400)
        self.graph("PATCH", f"{APPS}/{app}", {**change, "committedContentVersion": version}, 204)
        states = [self.graph("GET", f"{APPS}/{app}?$select=id,publishingState").json["publishingState"] for _ in range(3)]
        self.assertEqual((states[0], states[-1]), ("processing", "published"))
        self.graph("POST", f"{APPS}/{app}/assign", {"mobileAppAssignments": [assignment]}, 204)
        self.graph("POST", f"{APPS}/{app}/assignments", assignment, 400)
        content = self.control("GET", f"intune/{app}/content")
        self.assertTrue(content["ok"], content)
        self.assertEqual(content["sha256"], hashlib.sha256(setup).hexdigest())
        self.assertEqual({entry["name"] for entry in content["entries"]}, {"7z.msi", "readme.txt"})
        shown = self.control("GET", "intune")["apps"][0]
        self.assertEqual(shown["assignments"][0]["target"]["groupId"], EVERYONE)
        found = self.graph("GET", f"{APPS}?$filter=" + urllib.parse.quote("contains(notes,'[AppDesk|1|')")).json["value"]
        self.assertEqual([one["id"] for one in found], [app])

    def test_content_that_a_device_could_not_use_is_not_committed(self):
        other = base64.b64encode(bytes(32)).decode()
        for spoil in ({"fileDigest": other}, {"mac": other}, {"encryptionKey": other}, {"macKey": other},
                      {"profileIdentifier": "x"}):
            with self.subTest(spoil=spoil):
                app = self.create()
                self.publish(app, {"7z.msi": b"x" * 1000}, spoil)
                self.assertFalse(self.control("GET", f"intune/{app}/content")["ok"])
                self.graph("POST", f"{APPS}/{app}/{CAST}", {}, 400)

    def test_a_body_that_intune_would_refuse_is_refused(self):
        self.assertIn("publisher", self.refused(publisher=None))
        self.assertIn("nonsense", self.refused(nonsense=1))
        self.assertIn("detection", self.refused(rules=[]))
        self.assertIn("twice", self.refused(returnCodes=[{"returnCode": 0, "type": "success"}] * 2))
        self.assertIn("arm64", self.refused(applicableArchitectures="arm64"))
        self.assertIn("1.1", self.refused(minimumSupportedWindowsRelease="1.1"))
        late = {key: win32_app()[key] for key in reversed(win32_app())}
        self.assertIn("odata.type", self.graph("POST", APPS, late, 400).json["error"]["message"])
        script = {"@odata.type": "#microsoft.graph.win32LobAppPowerShellScriptRule", "ruleType": "detection", "scriptContent": "eA=="}
        self.assertIn("only detection", self.refused(rules=win32_app()["rules"] + [script]))

    def test_an_upload_address_ends_and_is_renewed_with_its_blocks(self):
        data, size, _ = package({"7z.msi": b"x"})
        _, path = self.file(self.create(), data, size)
        old = self.reach(path, "azureStorageUriRequestSuccess")["azureStorageUri"]
        block = f"&comp=block&blockid={urllib.parse.quote(base64.b64encode(b'000000'), safe='')}"
        self.assertEqual(http_call("PUT", old + block, data).status, 201)
        self.assertEqual(http_call("PUT", old.replace("sig=", "sig=A") + block, data).status, 403)
        self.control("POST", "uploads/expire", {})
        self.assertEqual(http_call("PUT", old + block, data).status, 403)
        self.graph("POST", f"{path}/renewUpload", status=204)
        new = self.reach(path, "azureStorageUriRenewalSuccess")["azureStorageUri"]
        listed = f"<BlockList><Latest>{base64.b64encode(b'000000').decode()}</Latest></BlockList>"
        self.assertEqual(http_call("PUT", f"{new}&comp=blocklist", listed.encode()).status, 201)

    def test_blocks_are_checked(self):
        data, size, _ = package({"7z.msi": b"x"})
        _, path = self.file(self.create(), data, size)
        uri = self.reach(path, "azureStorageUriRequestSuccess")["azureStorageUri"]

        def put(name, **headers):
            quoted = urllib.parse.quote(base64.b64encode(name), safe="")
            return http_call("PUT", f"{uri}&comp=block&blockid={quoted}", data, headers).status

        self.assertEqual(put(b"0001"), 201)
        self.assertEqual(put(b"0000002"), 400)
        self.assertEqual(put(b"0002", **{"Content-MD5": base64.b64encode(bytes(16)).decode()}), 400)
        self.assertEqual(put(b"0002", **{"Content-MD5": base64.b64encode(hashlib.md5(data).digest()).decode()}), 201)
        missing = "<BlockList><Latest>" + base64.b64encode(b"0009").decode() + "</Latest></BlockList>"
        self.assertEqual(http_call("PUT", f"{uri}&comp=blocklist", missing.encode()).status, 400)


class TestWorld(TenantTest):
    def test_files_have_etags_and_can_be_spoilt_and_restored(self):
        url = f"{self.base}/cache/source2.msix"
        first = http_call("GET", url)
        self.assertEqual(http_call("GET", url, headers={"If-None-Match": first.headers["ETag"]}).status, 304)
        self.assertTrue(re.fullmatch(r"\d{4}\.\d+\.\d+\.\d+", first.headers["x-ms-meta-sourceversion"]))
        self.control("POST", "world", {"tamper": "index-missing"})
        self.assertEqual(http_call("GET", url).status, 404)
        self.control("POST", "world", {"restore": True})
        self.assertEqual(http_call("GET", url).status, 200)
        self.control("POST", "world", {"tamper": "nonsense"}, 422)
        self.assertEqual(http_call("GET", f"{self.base}/cache/..%2fkeys/root.pem").status, 404)
        self.assertEqual(http_call("GET", f"{self.base}/installers/7z2409-x64.msi").status, 200)


class TestFaults(TenantTest):
    def mail(self):
        return self.graph("POST", "users/appdesk@example.com/sendMail", {"message": {
            "subject": "x", "toRecipients": [{"emailAddress": {"address": "alexw@example.com"}}]}})

    def test_a_fault_strikes_the_calls_that_were_ordered(self):
        self.control("POST", "faults", {"match": "graph", "contains": "sendMail", "skip": 1, "count": 1, "status": 429, "retry_after": 7})
        self.assertEqual(self.mail().status, 202)
        struck = self.mail()
        self.assertEqual((struck.status, struck.headers["Retry-After"], struck.json["error"]["code"]), (429, "7", "TooManyRequests"))
        self.assertEqual(self.mail().status, 202)
        calls = self.control("GET", "calls", path="sendMail")["calls"]
        self.assertEqual([(call["status"], call["fault"]) for call in calls], [(202, False), (429, True), (202, False)])
        self.control("POST", "faults", {"match": "graph", "stats": 429}, 400)

    def test_a_call_can_be_carried_out_and_its_answer_lost(self):
        self.control("POST", "faults", {"match": "/graph/v1.0/users", "after": True, "cut": True})
        with self.assertRaises((urllib.error.URLError, http.client.RemoteDisconnected)):
            self.mail()
        self.assertEqual(len(self.control("GET", "mail")["mail"]), 1)

    def test_an_answer_can_end_in_its_middle(self):
        self.control("POST", "faults", {"match": "cdn", "cut": "body"})
        with self.assertRaises(http.client.IncompleteRead):
            http_call("GET", f"{self.base}/cache/source2.msix")

    def test_an_answer_can_be_changed_cut_and_slowed_at_any_byte(self):
        url = f"{self.base}/cache/source2.msix"
        whole = http_call("GET", url).body
        for at in (0, 5, len(whole) - 1, -1):
            self.control("POST", "faults", {"match": "cdn", "flip": at})
            changed = http_call("GET", url).body
            self.assertEqual([i for i, pair in enumerate(zip(whole, changed)) if pair[0] != pair[1]], [at % len(whole)])
        self.control("POST", "faults", {"match": "cdn", "cut": 1000})
        with self.assertRaises(http.client.IncompleteRead) as cut:
            http_call("GET", url)
        self.assertEqual(cut.exception.partial, whole[:1000])
        self.control("POST", "faults", {"match": "cdn", "rate": len(whole)})
        began = time.monotonic()
        self.assertEqual(http_call("GET", url).body, whole)
        self.assertGreater(time.monotonic() - began, 0.5)

    def test_an_answer_can_stop_before_its_end_until_the_fault_is_removed(self):
        self.control("POST", "faults", {"match": "cdn", "stall": -10})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(connection.close)
        connection.request("GET", "/cache/source2.msix")
        answer = connection.getresponse()
        length = int(answer.headers["Content-Length"])
        self.assertEqual(len(answer.read(length - 10)), length - 10)
        self.control("DELETE", "faults")
        with self.assertRaises(http.client.IncompleteRead):
            answer.read()

    def test_a_hanging_call_ends_with_its_fault(self):
        self.control("POST", "faults", {"match": "keys", "hang": True})
        ended = []

        def call():
            try:
                http_call("GET", f"{self.base}/v1/.well-known/keys")
            except OSError as error:
                ended.append(error)

        hanging = threading.Thread(target=call)
        hanging.start()
        while not self.control("GET", "calls", surface="keys")["calls"]:
            pass
        self.assertEqual(ended, [])
        self.control("DELETE", "faults")
        hanging.join(20)
        self.assertEqual(len(ended), 1)


    def test_a_caller_that_gave_up_does_no_harm(self):
        self.control("POST", "faults", [{"match": "keys", "hang": True}, {"match": "keys", "delay_ms": 300, "count": 2}])
        for _ in range(3):
            with self.assertRaises(OSError):
                http_call("GET", f"{self.base}/v1/.well-known/keys", timeout=0.1)
        self.control("DELETE", "faults")
        self.assertEqual(http_call("GET", f"{self.base}/v1/.well-known/keys").status, 200)

    def test_a_stop_ends_what_is_held_back(self):
        self.control("POST", "faults", [{"match": "keys", "hang": True}, {"match": "keys", "delay_ms": 60000}])
        for _ in range(2):
            with self.assertRaises(OSError):
                http_call("GET", f"{self.base}/v1/.well-known/keys", timeout=0.1)
        self.stop()
        self.start()


class TestLife(TenantTest):
    def test_a_restart_goes_on_where_it_was(self):
        self.connector("POST", "conversations/a:personal-chat-alex/activities", {"type": "message", "text": "kept"}, 201)
        headers = self.bearer("https://graph.microsoft.com/.default")
        keys = http_call("GET", f"{self.base}/v1/.well-known/keys").json
        self.stop(signal.SIGKILL)
        self.start()
        self.assertEqual(self.entries("alex")[0]["text"], "kept")
        self.assertEqual(http_call("GET", f"{self.base}/v1/.well-known/keys").json, keys)
        self.assertEqual(http_call("GET", f"{self.base}/graph/v1.0/users", headers=headers).status, 200)

    def run_command(self, *words, typed=""):
        done = subprocess.run([PROGRAM, words[0], "--port", str(self.port), *words[1:]], input=typed, capture_output=True,
                              text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def test_the_small_commands_act_and_show(self):
        self.assertEqual(self.run_command("say", "--as", "alex", "I", "need", "zip")[0], 0)
        self.assertEqual(self.bot.seen[0]["body"]["text"], "I need zip")
        self.send_card("alex", {"type": "AdaptiveCard", "version": "1.5", "body": [
            {"type": "TextBlock", "text": "Which \\#one? {{DATE(2026-11-22T17:54:32Z, SHORT)}} {{TIME(2026-11-22T17:54:32Z)}}"},
            {"type": "Input.Text", "id": "why", "isRequired": True}],
            "actions": [{"type": "Action.Submit", "title": "Ask", "data": {"verb": "ask"}}]})
        code, text = self.run_command("shown", "--as", "alex")
        self.assertEqual(code, 0)
        self.assertIn("| Which #one? 2026-11-22 17:54", text)
        self.assertIn("[1] Ask", text)
        self.assertEqual(self.run_command("press", "--as", "alex", "Ask")[0], 1)
        self.assertEqual(self.run_command("press", "--as", "alex", "ask", "why=work")[0], 0)
        self.assertEqual(self.run_command("wait", "--as", "alex", "which")[0], 0)
        self.assertEqual(self.run_command("wait", "--as", "alex", "--timeout-ms", "1", "never")[0], 1)
        self.assertEqual(self.run_command("say")[0], 2)
        code, text = self.run_command("chat", "--as", "alex", typed='hello\n/press 1 why="for work"\n/quit\n')
        self.assertEqual((code, "Which #one?" in text), (0, True), text)
        self.assertEqual([post["body"].get("text") for post in self.bot.seen[2:]], ["hello", None])
        self.assertEqual(self.bot.seen[3]["body"]["value"], {"verb": "ask", "why": "for work"})


class TestBridge(TenantTest):
    """A Playground is played by a recorder: it posts without a token, and is called back at its connector."""

    @classmethod
    def setUpClass(cls):
        cls.playground = Recorder(lambda method, path, body: (201 if method == "POST" else 200, {"id": "pg-1"}))
        cls.options = ("--playground", f"megan=http://127.0.0.1:{cls.playground.port}")
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.playground.close()

    def post(self, **more):
        return http_call("POST", f"{self.base}/bridge/megan/api/messages", {
            "type": "message", "id": "u-1", "text": "hi", "channelId": "msteams",
            "serviceUrl": f"http://localhost:{self.playground.port}/_connector",
            "from": {"id": "pg-user", "name": "Somebody"}, "recipient": {"id": "pg-bot"},
            "conversation": {"id": "pg-chat", "conversationType": "personal", "tenantId": "pg-tenant"},
            "channelData": {"tenant": {"id": "pg-tenant"}}, **more})

    def test_the_playground_speaks_as_its_person_and_hears_the_answers(self):
        self.assertEqual(self.post().status, 200)
        activity = self.bot.seen[0]["body"]
        self.assertTrue(self.bot.seen[0]["headers"]["Authorization"].startswith("Bearer "))
        self.assertEqual(activity["from"]["aadObjectId"], MEGAN)
        self.assertEqual(activity["conversation"]["id"], "a:personal-chat-megan")
        self.assertTrue(activity["serviceUrl"].startswith(self.base))
        self.assertNotIn("pg-", json.dumps(activity))
        self.playground.seen.clear()
        path = f"conversations/{activity['conversation']['id']}/activities"
        sent = self.connector("POST", f"{path}/{activity['id']}", {"type": "message", "text": "hello", "replyToId": activity["id"]}, 201)
        heard = self.playground.seen[0]
        self.assertEqual(heard["path"], "/_connector/v3/conversations/pg-chat/activities")
        self.assertEqual(heard["body"]["replyToId"], "u-1")
        self.connector("PUT", f"{path}/{sent.json['id']}", {"type": "message", "text": "hello again"}, 200)
        self.assertEqual(self.playground.seen[1]["path"], "/_connector/v3/conversations/pg-chat/activities/pg-1")
        self.connector("DELETE", f"{path}/{sent.json['id']}", status=200)
        self.assertIn("deleted", self.playground.seen[2]["body"]["text"])
        self.post(replyToId="pg-1", id="u-2")
        self.assertEqual(self.bot.seen[1]["body"]["replyToId"], sent.json["id"])

    def test_an_invoke_is_answered_through_the_bridge(self):
        type(self).reply = (200, {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "done"})
        answer = self.post(type="invoke", name="adaptiveCard/action", value={"action": {"verb": "x"}})
        self.assertEqual(answer.json["value"], "done")

    def test_a_group_chat_of_a_playground_is_its_own(self):
        self.post(conversation={"id": "19:chat@thread.v2;messageid=5", "conversationType": "groupChat"})
        self.assertEqual(self.bot.seen[0]["body"]["conversation"]["id"], "19:chat-megan@thread.v2;messageid=5")

    def test_the_playground_finds_its_bot_by_head(self):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        for _ in range(2):
            line.request("HEAD", "/bridge/megan/api/messages")
            self.assertEqual(line.getresponse().read(), b"")
        line.close()

    def test_nobody_else_comes_over_the_bridge(self):
        answer = http_call("POST", f"{self.base}/bridge/alex/api/messages", {
            "type": "message", "serviceUrl": "http://example.com/", "conversation": {"id": "x"}})
        self.assertEqual(answer.status, 404)
        self.assertEqual(self.bot.seen, [])


if __name__ == "__main__":
    unittest.main()
