# SPDX-License-Identifier: Apache-2.0
"""What people do from a wish to an app, and when it goes wrong: every card that AppDesk has is met on the way."""
import harness
from processes import until


class Story(harness.WorldTest):
    """Base of tests that look at what was met; keep() is called with each card's name and entry."""

    def keep(self, name, entry):
        self.assertTrue(entry and entry.get("card"), f"{name} is a card: {entry}")
        return entry

    def now(self, who, entry):
        return next(e for e in self.tenant.shown(who) if e["id"] == entry["id"])

    def tell(self):
        self.people_decide(self.people_ask())
        self.people_talk()
        self.admins_repair()
        self.somebody_is_away()
        self.people_stand_in()
        self.admins_freeze()
        self.grants_end()
        self.somebody_asks_for_another()
        self.rules_change()
        self.directory_changes()
        self.approvers_share_a_channel()

    def approvers_share_a_channel(self):
        self.tenant.say("megan", "requests here", conversation="channel")
        number = self.world.ask_for("adele", "7zip")
        shown = self.keep("channel", self.world.card_with("megan", "view", "Waits for a decision"))
        self.world.ask("adele", f"cancel {number}", "withdrawn")
        self.world.wait_notices()
        self.keep("channel-over", self.now("megan", shown))

    def somebody_asks_for_another(self):
        self.keep("matches-for-other", self.world.ask("isaiah", "notepad++ for lynner@example.com", "For Lynne Robbins"))
        form = self.keep("form-for-other", self.world.open_form("isaiah", "7zip for lynner@example.com"))
        sent = self.tenant.press("isaiah", "submit", {"justification": "She opens what customers send"}, activity=form["id"])
        self.keep("receipt-draft", sent["entry"])
        asked = self.keep("receipt-agree", self.world.card_with("lynne", "accept", "asked by Isaiah Langer"))
        self.keep("receipt-agreed", self.tenant.press("lynne", "accept", activity=asked["id"])["entry"])
        self.keep("approval-for-other", self.world.card_with("megan", "approve", "for Lynne Robbins"))

    def people_ask(self):
        self.keep("welcome", self.world.ask("alex", "hello", "I am the app counter"))
        self.keep("help", self.world.ask("megan", "help", "What you can tell me"))
        self.keep("not-found", self.world.ask("alex", "quantum flux simulator", "not in our catalogue"))
        self.keep("unclear", self.world.ask("lynne", "?!", "I did not understand that"))
        self.world.ask("lynne", "?", "I did not understand that")
        self.keep("unclear-human", self.world.ask("lynne", "...", "talk to a person"))
        self.people_miss()
        self.keep("matches", self.world.ask("alex", "editor", "what I found"))
        self.keep("details", self.world.ask("alex", "details pdf reader", "The newest one"))
        found = self.tenant.find("alex", "7zip")["body"]["composeExtension"]["attachments"]
        self.keep("offer", self.tenant.share("alex", found[0], "group"))
        form = self.keep("form", self.world.open_form("alex", "pdf editor"))
        faulty = self.tenant.press("alex", "submit", {"justification": " "}, activity=form["id"], force=True)
        self.keep("form-with-fault", faulty["entry"])
        sent = self.tenant.press("alex", "submit", {"justification": "Customers send contracts", "q1": "Contracts"}, activity=form["id"])
        self.keep("receipt", sent["entry"])
        return sent["entry"]

    def people_decide(self, receipt):
        card = self.keep("approval", self.world.card_with("megan", "approve"))
        self.people_ask_for_several()
        self.keep("pending-one", self.world.ask("megan", "pending", "Waiting for your decision"))
        self.tenant.press("megan", "approve", activity=card["id"])
        self.keep("approval-decided", self.tenant.wait("adele", "Approved by Megan Bowen"))
        self.keep("ready", self.tenant.wait("alex", "Contoso PDF Reader is ready", timeout_ms=120000))
        self.world.wait_notices()
        self.keep("receipt-delivered", self.now("alex", receipt))
        self.keep("status", self.world.ask("alex", "my requests", "Your requests"))
        self.two_may_not_stand_together()
        self.something_does_not_work()
        self.keep("alternatives", self.world.ask("alex", f"alternatives {self.world.database.value('select min(id) from requests')}", "What else there is"))
        self.keep("preferences", self.world.ask("alex", "digest daily", "once a day at"))

    def something_does_not_work(self):
        said = self.tenant.press("alex", "works_not", {"reason": "It closes as soon as I open a file"})
        self.keep("verdict-broken", said["entry"])
        trouble = self.keep("trouble", self.world.card_with("megan", "reply", "Contoso PDF Reader does not work"))
        sent = self.tenant.press("megan", "reply", {"answer": "Restart your computer, then install it once more."}, activity=trouble["id"])
        self.keep("trouble-answered", sent["entry"])
        told = self.keep("verdict-answered", self.world.card_with("alex", "works", "Restart your computer"))
        self.keep("verdict-works", self.tenant.press("alex", "works", activity=told["id"])["entry"])

    def two_may_not_stand_together(self):
        """Alex has the PDF reader by now, and wants what the rules keep apart from it."""
        self.world.policy([], [["Contoso.Reader", "Notepad++.Notepad++", "Nobody changes what they sign."]])
        form = self.world.open_form("alex", "notepad++")
        self.tenant.press("alex", "submit", {"justification": "For notes"}, activity=form["id"])
        self.keep("conflict", self.world.card_with("alex", "grant_return", "was not requested"))
        self.world.policy([], [])

    def people_miss(self):
        missing = self.keep("not-found-candidates", self.tenant.wait("alex", "These are in WinGet", after=self.world.ask_after("alex", "vlc")))
        self.keep("suggested", self.tenant.press("alex", "suggest", activity=missing["id"])["entry"])
        card = self.keep("suggestion", self.world.card_with("megan", "suggestion_publish", "VideoLAN.VLC"))
        self.world.ask("alex", "suggest something that draws arrows", "Thank you for the suggestion")
        self.keep("suggestion-in-words", self.world.card_with("megan", "suggestion_publish", "draws arrows"))
        self.keep("suggestions", self.world.ask("megan", "suggestions", "Apps that people miss"))
        self.keep("suggestion-ended", self.tenant.press("megan", "suggestion_publish", activity=card["id"])["entry"])
        self.keep("suggestion-published", self.world.card_with("alex", "form", "is in the catalogue now"))

    def people_ask_for_several(self):
        form = self.keep("cart", self.world.ask("isaiah", "7zip, vlc, contoso pdf reader and visio", "Ask for several apps"))
        self.keep("bundle", self.tenant.press("isaiah", "cart_send", {"justification": "New laptop"}, activity=form["id"])["entry"])
        numbers = self.world.database.column("select id from requests where bundle_id is not null order by id")
        self.keep("pending", self.world.ask("megan", "pending", "Waiting for your decision"))
        asked = self.keep("bulk", self.world.ask("megan", f"reject {numbers[0]}, {numbers[1]}, 99 Not on laptops", "Reject 2 requests?"))
        self.keep("bulk-done", self.tenant.press("megan", "bulk_reject_yes", activity=asked["id"])["entry"])

    def people_talk(self):
        number = self.world.ask_for("patti", "notepad++", justification="I write notes")
        card = self.world.card_of("megan", number, "ask")
        self.tenant.press("megan", "ask", {"question": "What is wrong with the editor that you have?"}, activity=card["id"])
        self.keep("receipt-asked", self.tenant.wait("patti", "What is wrong with the editor"))
        self.keep("approval-asked", self.tenant.wait("adele", "Megan Bowen has asked"))
        said = self.tenant.say("patti", f"answer {number} It has no tabs.")
        self.keep("approval-answered", self.tenant.wait("adele", "It has no tabs.", after=said["seq"]))
        form = self.keep("form-edit", self.world.ask("patti", f"edit {number}", f"Change request #{number}"))
        said = self.tenant.press("patti", "edit_send", {"justification": "I compare long files"}, activity=form["id"])
        self.keep("receipt-edited", said["entry"])
        changed = self.keep("approval-changed", self.tenant.wait("megan", "I compare long files", after=said["seq"]))
        self.keep("handover", self.world.ask("megan", f"hand over {number}", f"Hand over request #{number}"))
        decided = self.tenant.press("megan", "reject", {"reason": "Not for files"}, activity=changed["id"])
        self.keep("approval-own", decided["entry"])
        self.keep("undo", self.world.ask("megan", f"undo {number}", "Take your decision back?"))
        self.tenant.say("megan", f"undo {number} That was the wrong one.")
        undone = self.keep("approval-undone", self.tenant.wait("adele", "That was the wrong one."))
        self.tenant.press("adele", "approve", {"days": "30"}, activity=undone["id"])
        self.keep("receipt-narrowed", self.tenant.wait("patti", "30 days (asked for: for good)"))
        self.keep("history", self.world.ask("patti", f"history {number}", f"What happened to request #{number}"))
        self.keep("why", self.world.ask("megan", f"why {number}", f"Who decides request #{number}"))

    def admins_repair(self):
        self.keep("forget", self.world.ask("lynne", "delete my data", "Kept, and why"))
        card = self.keep("privacy", self.world.card_with("megan", "privacy_done"))
        self.keep("privacy-done", self.tenant.press("megan", "privacy_done", {"reason": "The list of licences is shorter now."}, activity=card["id"])["entry"])
        self.keep("doctor", self.world.ask("megan", "doctor", "How the counter is"))
        self.tenant.tamper("installer-changed", "7zip.7zip")
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        self.keep("job-failed", self.world.card_with("megan", "retry"))
        self.keep("jobs", self.world.ask("megan", "jobs", "or type: job "))
        self.world.database.execute("update jobs set run_at = now() where kind = 'news'")
        self.keep("news", self.tenant.wait("alex", "News for you"))
        self.tenant.restore()
        rejected = self.world.ask_for("lynne", "7zip")
        card = self.world.card_of("megan", rejected, "reject")
        self.tenant.press("megan", "reject", {"reason": "Use what is there"}, activity=card["id"])
        self.keep("approval-rejected", self.now("megan", card))
        self.keep("rejected", self.tenant.wait("lynne", "Use what is there"))
        self.keep("late", self.world.ask("adele", f"approve {rejected}", "Already decided by"))
        withdrawn = self.world.ask_for("isaiah", "pdf editor", q1="Contracts")
        self.world.card_of("megan", withdrawn)
        said = self.world.ask_after("isaiah", f"cancel {withdrawn}")
        self.keep("receipt-withdrawn", self.tenant.wait("isaiah", "Withdrawn", after=said))
        self.keep("approval-withdrawn", self.tenant.wait("megan", f"#{withdrawn}", after=said))

    def people_stand_in(self):
        self.world.ask("patti", "hello")
        self.keep("delegation", self.world.ask("adele", "delegate to Patti Fernandez until friday", "Patti Fernandez decides for you"))
        number = self.world.ask_for("isaiah", "pdf editor", q1="Manuals")
        self.tenant.wait("patti", "Adele Vance has asked you")
        self.keep("approval-on-behalf", self.world.card_of("patti", number))
        self.keep("delegations", self.world.ask("adele", "delegations", "Who decides for whom"))
        self.keep("delegation-ended", self.world.ask("adele", "delegate off", "You decide yourself again"))

    def admins_freeze(self):
        self.world.ask_for("lynne", "notepad++")
        asked = self.keep("freeze", self.world.ask("megan", "freeze We change over to a new tenant", "Freeze the counter?"))
        frozen = self.tenant.press("megan", "freeze", {"reason": "We change over to a new tenant"}, activity=asked["id"])
        self.keep("frozen", frozen["entry"])
        self.keep("pending-frozen", self.world.ask("megan", "pending", "Waiting for your decision"))
        self.keep("refused-frozen", self.world.ask("alex", "cancel 1", "The counter is frozen"))
        thawed = self.tenant.press("megan", "unfreeze", activity=frozen["entry"]["id"])
        self.keep("thawed", thawed["entry"])

    def grants_end(self):
        """The PDF reader that Alex has gets an end, comes near to it, is extended and given back; then its seats are all taken."""
        self.world.database.execute("update grants set expires_at = started_at + interval '30 days' where request_id = 1")
        self.world.database.execute("insert into jobs (tenant_id, kind, key, payload, priority) select tenant_id, 'grant', 'grant:' || id, "
                                    "json_build_object('grant', id), 0 from grants where request_id = 1")
        self.keep("grants", self.world.ask("alex", "grants", "What you have"))
        self.world.age(days=17)
        ending = self.keep("grant-ending", self.world.card_with("alex", "grant_extend", "Do you still need it?"))
        self.keep("receipt-extension", self.tenant.press("alex", "grant_extend", activity=ending["id"])["entry"])
        self.keep("approval-extension", self.world.card_with("megan", "approve", "More time"))
        self.world.command("catalog", "seats", "Contoso.Reader", "1")
        number = self.world.ask_for("patti", "pdf editor", q1="Manuals")
        self.world.approve("megan", number)
        self.keep("no-seat", self.world.card_with("megan", "seats", f"#{number}"))
        self.keep("seats", self.world.ask("megan", "seats contoso pdf", "Who has"))
        self.keep("grant-return", self.world.ask("alex", "return 1", "Give Contoso PDF Reader back?"))
        self.keep("grant-returned", self.world.ask("alex", "confirm return 1", "is given back"))
        self.keep("seat-free", self.tenant.wait("patti", "You are the next in the queue"))

    def somebody_is_away(self):
        self.tenant.post("people/adele", {"blocked": "ConversationBlockedByUser"})
        self.world.ask_for("isaiah", "notepad")
        self.keep("receipt-unreached", self.tenant.wait("isaiah", "Adele Vance could not be reached"))
        listed = self.keep("undelivered", self.world.ask("megan", "undelivered", "Messages that did not arrive"))
        said = self.tenant.press("megan", "notice", activity=listed["id"])
        self.keep("notice", self.tenant.wait("megan", "Adele Vance was not reached", after=said["seq"]))
        self.tenant.post("people/adele", {"blocked": None})
        self.tenant.say("adele", "hello")
        self.keep("missed", self.tenant.wait("adele", "While I could not reach you"))

    def rules_change(self):
        """Two people in a row for the PDF reader, then one: that is laxer, so another admin is asked."""
        self.world.command("catalog", "seats", "Contoso.Reader", "25")
        stages = [{"ask": "manager", "timeout_min": 2880, "alternates": ["app_owner"]}, {"ask": "admins"}]
        self.world.policy([{"name": "Contoso apps", "match": {"packages": ["Contoso.*"]}, "stages": stages, "grant_days": 90}])
        self.keep("policies", self.world.ask("megan", "policies", "The first one that matches counts"))
        self.keep("simulate", self.world.ask("megan", "simulate lynner@example.com contoso pdf reader", "If Lynne Robbins asked"))
        self.keep("form-staged", self.world.open_form("lynne", "pdf editor"))
        self.world.ask_for("lynne", "pdf editor", "I read what customers send", q1="Contracts")
        self.keep("receipt-staged", self.world.card_with("lynne", "edit", "Then: the admins"))
        self.keep("why-staged", self.world.ask("lynne", "why " + str(self.database.value("select max(id) from requests")), "Stage 2 of 2"))
        self.world.command("settings", "set", "VerifyManifestIntegrity", "false")
        card = self.keep("proposal", self.world.card_with("megan", "proposal_accept"))
        self.keep("proposals", self.world.ask("megan", "proposals", "Changes that wait for a second admin"))
        refused = self.tenant.press("megan", "proposal_refuse", {"reason": "The checks stay on"}, activity=card["id"])
        self.keep("proposal-ended", refused["entry"])

    def directory_changes(self):
        """Somebody is in an app's group whom nobody has put there, and nearly everybody has moved at once."""
        self.world.wait_directory()
        group = self.database.value("select group_id from apps where name = 'Contoso PDF Reader'")
        self.tenant.post(f"groups/{group}/members", {"add": ["lynne", "adele"]})
        self.database.execute("update apps set drift_at = null")
        self.hurry("drift", lambda: self.database.value("select count(*) from drifts where state = 'open'") == 2)
        self.keep("drift", self.world.card_with("megan", "drift_adopt"))
        for person in ("alex", "adele", "isaiah", "patti", "lynne"):
            self.world.person(person, department="Sales")
        self.hurry("directory", lambda: self.database.value("select count(*) from directory_brakes") == 1)
        self.keep("brake", self.world.card_with("megan", "directory_resume"))

    def hurry(self, kind, done):
        """What would come by itself within the hour comes now."""
        self.database.execute(f"update jobs set run_at = now() where kind = '{kind}' and state in ('queued', 'retry_wait')")
        until(done, f"{kind} is done")
