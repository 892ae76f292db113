# SPDX-License-Identifier: Apache-2.0
"""What people do from a wish to an app, and when it goes wrong: every card that AppDesk has is met on the way."""
import harness


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

    def people_ask(self):
        self.keep("welcome", self.world.ask("alex", "hello"))
        self.keep("help", self.world.ask("megan", "help"))
        self.keep("not-found", self.world.ask("alex", "quantum flux simulator"))
        self.people_miss()
        self.keep("matches", self.world.ask("alex", "editor"))
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
        self.keep("pending", self.world.ask("megan", "pending"))
        self.tenant.press("megan", "approve", activity=card["id"])
        self.keep("approval-decided", self.tenant.wait("adele", "Approved by Megan Bowen"))
        self.keep("ready", self.tenant.wait("alex", "Contoso PDF Reader is ready", timeout_ms=120000))
        self.world.wait_notices()
        self.keep("receipt-delivered", self.now("alex", receipt))
        self.keep("status", self.world.ask("alex", "my requests"))
        self.keep("preferences", self.world.ask("alex", "digest daily", "once a day at"))

    def people_miss(self):
        missing = self.keep("not-found-candidates", self.tenant.wait("alex", "These are in WinGet", after=self.world.ask_after("alex", "vlc")))
        self.keep("suggested", self.tenant.press("alex", "suggest", activity=missing["id"])["entry"])
        card = self.keep("suggestion", self.world.card_with("megan", "suggestion_publish", "VideoLAN.VLC"))
        self.world.ask("alex", "suggest something that draws arrows")
        self.keep("suggestion-in-words", self.world.card_with("megan", "suggestion_publish", "draws arrows"))
        self.keep("suggestions", self.world.ask("megan", "suggestions", "Apps that people miss"))
        self.keep("suggestion-ended", self.tenant.press("megan", "suggestion_publish", activity=card["id"])["entry"])
        self.keep("suggestion-published", self.world.card_with("alex", "form", "is in the catalogue now"))

    def people_ask_for_several(self):
        form = self.keep("cart", self.world.ask("isaiah", "7zip, vlc, contoso pdf reader and visio", "Ask for several apps"))
        self.keep("bundle", self.tenant.press("isaiah", "cart_send", {"justification": "New laptop"}, activity=form["id"])["entry"])
        numbers = self.world.database.column("select id from requests where bundle_id is not null order by id")
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

    def admins_repair(self):
        self.tenant.tamper("installer-changed", "7zip.7zip")
        number = self.world.ask_for("alex", "7zip")
        self.world.approve("megan", number)
        self.keep("job-failed", self.world.card_with("megan", "retry"))
        self.keep("jobs", self.world.ask("megan", "jobs"))
        self.world.database.execute("update jobs set run_at = now() where kind = 'news'")
        self.keep("news", self.tenant.wait("alex", "News for you"))
        self.tenant.restore()
        rejected = self.world.ask_for("lynne", "7zip")
        card = self.world.card_of("megan", rejected, "reject")
        self.tenant.press("megan", "reject", {"reason": "Use what is there"}, activity=card["id"])
        self.keep("approval-rejected", self.now("megan", card))
        self.keep("rejected", self.tenant.wait("lynne", "Use what is there"))
        self.keep("late", self.world.ask("adele", f"approve {rejected}", "Already decided by"))

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
