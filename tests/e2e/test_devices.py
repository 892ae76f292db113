# SPDX-License-Identifier: Apache-2.0
"""For which device an app is wanted: offered in the form, kept and shown, and demanded to be compliant by a policy. Isaiah is Alex's manager, Megan
and Adele are approvers, and Megan is an admin."""
import json
import unittest

import harness
from processes import until

SEVEN = {"name": "trusted", "priority": 20, "match": {"packages": ["7zip.*"]}, "stages": [{"ask": "group"}],
         "require_compliant_device": True, "device_refusal": "Ask at desk 4."}
OTHERS = {"name": "everything", "priority": 900, "stages": [{"ask": "group"}]}


class Devices(harness.WorldTest):
    offers = True  # the setting OfferDevices

    def begin(self):
        super().begin()
        if self.offers:
            self.world.command("settings", "set", "OfferDevices", "true")

    def have(self, who, *devices):
        """This person's devices from now on, each a name, or a name and what Intune says of it; who is named later reports earlier."""
        named = [device if isinstance(device, tuple) else (device, "compliant") for device in devices]
        self.tenant.post(f"people/{who}/devices", {"devices": [
            {"name": name, "compliance": compliance, "lastSync": f"2026-11-{20 - i:02}T00:00:00Z"} for i, (name, compliance) in enumerate(named)]})

    def choices(self, form):
        """What the form offers, and what is chosen."""
        found = [one for one in form["card"]["body"] if one.get("id") == "device"]
        return ([choice["title"] for choice in found[0]["choices"]], found[0].get("value", "")) if found else ([], "")

    def device_id(self, form, name):
        found = next(one for one in form["card"]["body"] if one.get("id") == "device")
        return next(choice["value"] for choice in found["choices"] if choice["title"].startswith(name))

    def submit(self, who, form, **inputs):
        return self.tenant.press(who, "submit", {"justification": "Customers send archives", **inputs}, activity=form["id"], force=True)

    def said(self, pressed):
        return pressed["message"] or (pressed["entry"] or {}).get("text", "")

    def requests(self):
        return self.database.value("select count(*) from requests")

    def kept(self, number):
        row = self.database.rows(f"select device_name, device_compliance, device_at from requests where id = {number}")[0]
        self.assertEqual(row["device_name"] == "", row["device_at"] is None)
        return row["device_name"], row["device_compliance"]

    def detail(self, number, action, name):
        return next(row["details"].get(name) for row in self.world.trail(number) if row["action"] == action)


class TestChoice(Devices):
    def test_r3_the_only_device_is_preset_kept_and_shown_on_every_card(self):
        """R14: what is delivered says where to look."""
        self.have("alex", ("PC-42", "noncompliant"))
        form = self.world.open_form("alex", "7zip")
        titles, chosen = self.choices(form)
        self.assertEqual(titles, ["PC-42 (not compliant)"])
        self.assertEqual(chosen, self.device_id(form, "PC-42"))
        self.submit("alex", form)
        number = self.database.value("select max(id) from requests")
        self.assertEqual(self.kept(number), ("PC-42", "noncompliant"))
        self.assertEqual(self.detail(number, "request.created", "device"), "PC-42")
        self.assertEqual(self.detail(number, "request.created", "device_id"), chosen)
        self.assertIn("PC-42", self.world.card_of("alex", number, "cancel")["text"])
        # A1: who decides sees whether it is compliant, and since when that is known.
        self.assertIn("PC-42: not compliant, 20", self.world.card_of("adele", number)["text"])
        self.assertIn("For the device PC-42", self.world.ask("adele", f"history {number}", "What happened")["text"])
        self.world.approve("adele", number)
        self.world.wait_state(number, "delivered", 120)
        self.assertIn("Open Company Portal on PC-42", self.world.card_with("alex", "works", "7-Zip is ready")["text"])
        self.assertEqual(self.detail(number, "decision.approved", "compliance"), "noncompliant")
        self.world.check()

    def test_f32_of_several_devices_one_must_be_chosen(self):
        self.have("alex", "PC-NEW", "PC-OLD")
        form = self.world.open_form("alex", "7zip")
        self.assertEqual(self.choices(form), (["PC-NEW (compliant)", "PC-OLD (compliant)"], ""))
        again = self.submit("alex", form)
        self.assertIn("For which device?", self.said(again))
        self.assertIn("Please look at this again", self.said(again))
        self.submit("alex", form, device="99999999-0000-4000-8000-000000000020")
        self.assertEqual(self.requests(), 0)
        self.submit("alex", form, device=self.device_id(form, "PC-OLD"))
        number = self.database.value("select max(id) from requests")
        self.world.wait_notices()
        self.assertEqual(self.kept(number), ("PC-OLD", "compliant"))
        # R9: it may be another one, and the approvers see that it is.
        edit = self.tenant.press("alex", "edit", activity=self.world.card_of("alex", number, "edit")["id"])
        shown = edit["entry"] if edit["entry"] and harness.has_button(edit["entry"], "edit_send") else self.world.card_with("alex", "edit_send")
        self.assertEqual(self.choices(shown)[1], self.device_id(form, "PC-OLD"))
        self.tenant.press("alex", "edit_send", {"device": self.device_id(form, "PC-NEW")}, activity=shown["id"])
        self.assertEqual(self.kept(number), ("PC-NEW", "compliant"))
        self.world.card_with("adele", "approve", "PC-OLD → PC-NEW")
        self.assertIn("Device: PC-OLD → PC-NEW", self.world.ask("alex", f"history {number}", "What happened")["text"])
        # Of several apps at once nobody is asked: the one that reported last.
        cart = self.world.ask("patti", "several 7zip, notepad++", "")
        self.have("patti", "PC-P1", "PC-P2")
        self.tenant.press("patti", "cart_send", {"justification": "Both"}, activity=self.cart_id("patti", cart))
        until(lambda: self.requests() == 3, "both are filed")
        self.assertEqual(self.database.column("select device_name from requests where bundle_id is not null"), ["PC-P1", "PC-P1"])
        self.world.check()

    def cart_id(self, who, cart):
        return cart["id"] if harness.has_button(cart, "cart_send") else self.world.card_with(who, "cart_send")["id"]

    def test_r3_without_devices_or_permission_or_intune_the_form_works(self):
        faults = ({}, {"status": 403}, {"status": 503}, {"hang": True})
        for fault in faults:
            with self.subTest(fault=fault):
                self.tenant.clear_faults()
                self.have("alex", *([("PC-42", "compliant")] if fault else []))
                if fault:
                    self.tenant.fault(match="graph", contains="managedDevices", count=-1, **fault)
                form = self.world.open_form("alex", "7zip")
                self.assertEqual(self.choices(form), ([], ""))
                self.submit("alex", form)
                number = self.database.value("select max(id) from requests")
                self.assertEqual(self.kept(number), ("", ""))
                self.assertNotIn("Device", self.world.card_of("adele", number)["text"])
                self.world.ask("alex", f"cancel {number}", "")
                self.world.wait_state(number, "cancelled")
        self.tenant.clear_faults()
        self.world.check()

    def test_r17_who_asks_for_somebody_does_not_learn_their_devices(self):
        """It is theirs that reported last, taken when they agree; whoever decides sees it."""
        self.world.wait_directory()
        self.have("alex", "PC-A1", "PC-A2")
        form = self.world.open_form("isaiah", "7zip for alexw@example.com")
        self.assertEqual(self.choices(form), ([], ""))
        self.tenant.press("isaiah", "submit", {"justification": "For the fair"}, activity=form["id"])
        number = self.database.value("select max(id) from requests")
        self.assertEqual(self.kept(number), ("", ""))
        self.world.ask("alex", f"accept {number}", "goes its way now")
        self.assertEqual(self.kept(number), ("PC-A1", "compliant"))
        self.assertEqual(self.detail(number, "request.accepted", "device"), "PC-A1")
        self.assertIn("PC-A1: compliant", self.world.card_of("adele", number)["text"])
        self.assertIn("PC-A1", self.world.ask("alex", f"request {number}", f"#{number}")["text"])
        self.assertIn("PC-A1", self.world.ask("alex", f"history {number}", "What happened")["text"])
        self.world.approve("adele", number)
        self.world.wait_state(number, "delivered", 120)
        self.world.card_with("alex", "works", "on PC-A1")
        self.world.ask("isaiah", f"history {number}", "What happened")
        self.world.ask("isaiah", f"request {number}", f"#{number}")
        self.world.check()
        self.assertNotIn("PC-A1", json.dumps(self.tenant.shown("isaiah")))


class TestSwitch(Devices):
    offers = False

    def test_r3_devices_are_not_looked_at_before_the_setting_says_so(self):
        form = self.world.open_form("alex", "7zip")
        self.assertEqual(self.choices(form), ([], ""))
        self.submit("alex", form)
        self.assertEqual(self.kept(self.database.value("select max(id) from requests")), ("", ""))
        self.assertEqual(self.tenant.calls(path="managedDevices"), [])
        # A form from before is asked for what it does not say yet, and one device goes without saying.
        before = {who: self.world.open_form(who, "notepad++") for who in ("alex", "patti")}
        self.have("patti", "PC-P1", "PC-P2")
        self.world.command("settings", "set", "OfferDevices", "true")
        self.submit("alex", before["alex"])
        self.assertEqual(self.kept(self.database.value("select max(id) from requests")), ("PC-alex", "compliant"))
        again = self.submit("patti", before["patti"])
        self.assertEqual(self.choices(again["entry"])[0], ["PC-P1 (compliant)", "PC-P2 (compliant)"])
        self.world.check()

    def test_0_19_admins_learn_from_doctor_which_permission_lacks(self):
        self.assertNotIn("Devices of people", self.world.ask("megan", "doctor", "the counter")["text"])
        self.world.command("settings", "set", "OfferDevices", "true")
        self.assertIn("Intune tells them", self.world.ask("megan", "doctor", "Devices of people")["text"])
        self.tenant.fault(match="graph", contains="managedDevices", count=-1, status=403)
        told = self.world.ask("megan", "doctor", "DeviceManagementManagedDevices.Read.All")["text"]
        self.assertIn("forms ask for no device", told)
        self.world.policy([SEVEN, OTHERS])
        self.world.command("settings", "set", "OfferDevices", "false")
        self.world.ask("megan", "doctor", "a policy demands a compliant device")
        self.tenant.clear_faults()
        self.tenant.fault(match="graph", contains="managedDevices", count=-1, status=400)
        self.world.ask("megan", "doctor", "They cannot be looked up")
        self.tenant.clear_faults()
        self.world.check()


class TestDemand(Devices):
    offers = False  # a policy that demands a device asks for it whatever the setting says

    def begin(self):
        super().begin()
        self.world.policy([SEVEN, OTHERS])

    def refusals(self):
        return self.database.column("select details->>'reason' from audit_logs where action in ('request.refused', 'decision.refused') order by seq")

    def test_1_27_a_device_that_is_not_compliant_is_refused_with_the_words_of_the_policy(self):
        self.have("alex", ("PC-42", "noncompliant"))
        form = self.world.open_form("alex", "7zip")
        for words in ("Only for a device that is compliant", "PC-42 is not compliant", "Ask at desk 4."):
            self.assertIn(words, form["text"])
        refused = self.said(self.submit("alex", form))
        for words in ("7-Zip is only for a compliant device, and PC-42 is not compliant", "open Company Portal on that device", "Ask at desk 4."):
            self.assertIn(words, refused)
        self.assertEqual((self.requests(), self.refusals()), (0, ["device"]))
        # A grace period does not make it compliant, and what nobody knows does not either.
        for state in ("inGracePeriod", "unknown", "conflict"):
            self.have("alex", ("PC-42", state))
            self.submit("alex", form)
            self.assertEqual(self.requests(), 0, state)
        self.have("alex")
        self.assertIn("none of your Windows devices is managed", self.said(self.submit("alex", form)))
        self.tenant.fault(match="graph", contains="managedDevices", count=-1, status=403)
        self.assertIn("I cannot look up at present", self.said(self.submit("alex", form)))
        self.assertIn("I cannot look up at present", self.world.open_form("alex", "7zip")["text"])
        self.assertEqual(self.requests(), 0)
        self.tenant.clear_faults()
        # Other apps do not care, and the same form is good when the device is.
        self.world.ask_for("alex", "notepad++")
        self.have("alex", "PC-42")
        self.submit("alex", form)
        self.assertEqual(self.kept(self.database.value("select max(id) from requests")), ("PC-42", "compliant"))
        self.world.check()

    def test_1_27_it_is_looked_at_once_more_when_somebody_approves(self):
        number = self.world.ask_for("alex", "7zip")
        self.assertIn("It demands a compliant device", self.world.ask("alex", f"why {number}", "decides")["text"])
        card = self.world.card_of("adele", number)
        self.assertIn("PC-alex: compliant", card["text"])
        self.have("alex", ("PC-alex", "noncompliant"))
        refused = self.tenant.press("adele", "approve", activity=card["id"])
        self.assertIn(f"Request #{number} was not approved", refused["entry"]["text"])
        self.assertIn("PC-alex: not compliant", refused["entry"]["text"])
        self.assertTrue(harness.has_button(refused["entry"], "approve"), "it may be approved later")
        self.tenant.wait("alex", f"Request #{number} for 7-Zip could not be approved yet: your device PC-alex is not compliant")
        # Typed, in bulk and by somebody else it is the same, and the person hears of it once.
        self.world.ask("megan", f"approve {number}", "was not approved")
        self.world.ask("megan", f"confirm approve {number}", "0 of 1")
        self.have("alex", "PC-OTHER")
        self.world.ask("megan", f"approve {number}", "PC-alex is no longer managed")
        self.tenant.fault(match="graph", contains="managedDevices", count=-1, status=503)
        self.world.ask("megan", f"approve {number}", "cannot be looked up at present")
        self.tenant.clear_faults()
        self.assertEqual((self.world.state(number), self.refusals()), ("pending", ["device"] * 5))
        self.world.check()
        told = [e for e in self.tenant.shown("alex") if "could not be approved yet" in e.get("text", "")]
        self.assertEqual(len(told), 1)
        # A rejection needs no device; when it is compliant again, so is the card.
        self.have("alex", ("PC-alex", "compliant"))
        self.world.approve("adele", number)
        self.world.wait_state(number, "delivered", 120)
        self.assertEqual(self.detail(number, "decision.approved", "compliance"), "compliant")
        self.world.check()

    def test_1_27_a_rejection_asks_nobody_about_devices(self):
        number = self.world.ask_for("alex", "7zip")
        self.have("alex", ("PC-alex", "noncompliant"))
        self.world.ask("adele", f"reject {number} Not now", "You rejected")
        self.assertEqual(self.world.state(number), "rejected")
        self.world.check()

    def test_1_27_R17_the_person_who_agrees_needs_a_compliant_device(self):
        self.world.wait_directory()
        self.have("alex", ("PC-A1", "noncompliant"))
        form = self.world.open_form("isaiah", "7zip for alexw@example.com")
        self.assertNotIn("PC-A1", form["text"])
        self.tenant.press("isaiah", "submit", {"justification": "For the fair"}, activity=form["id"])
        number = self.database.value("select max(id) from requests")
        self.world.ask("alex", f"accept {number}", "PC-A1 is not compliant")
        self.assertEqual(self.world.state(number), "draft")
        self.have("alex", ("PC-A1", "noncompliant"), "PC-A2")
        self.world.ask("alex", f"accept {number}", "goes its way now")
        self.assertEqual(self.kept(number), ("PC-A2", "compliant"))
        self.world.check()

    def test_1_27_to_drop_the_demand_takes_a_second_admin(self):
        path = self.world.folder / "laxer.json"
        path.write_text(json.dumps({"policies": [{**OTHERS}, {k: v for k, v in SEVEN.items() if not k.startswith(("require", "device"))}]}))
        self.world.ask_for("patti", "7zip")
        self.assertIn("waits for a second admin", self.world.command("policy", "import", path))
        self.assertIn("trusted: also for devices that are not compliant", self.world.card_with("megan", "proposal_accept")["text"])
        exported = json.loads(self.world.command("policy", "export"))["policies"][0]
        self.assertEqual((exported["require_compliant_device"], exported["device_refusal"]), (True, "Ask at desk 4."))
        self.world.check()


if __name__ == "__main__":
    unittest.main(verbosity=2)
