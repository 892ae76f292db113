# SPDX-License-Identifier: Apache-2.0
"""What time does to a request that waits: reminders by day, the next people, the end. Nobody sleeps: rows grow older."""
import datetime
import json
import unittest
import zoneinfo

import harness

HOUR = 60
MANAGER = {"name": "manager", "priority": 10, "match": {"packages": ["7zip.*"]},
           "stages": [{"ask": "manager", "timeout_min": HOUR, "alternates": ["group"]}]}


class TimerTest(harness.WorldTest):
    def setUp(self):
        super().setUp()
        for who in ("megan", "adele", "isaiah"):
            self.world.ask(who, "hello")

    def policy(self, *policies):
        path = self.world.folder / "policies.json"
        path.write_text(json.dumps({"policies": list(policies)}))
        self.world.command("policy", "import", path)

    def age(self, hours=0, minutes=0):
        """As if that much time had gone by for what waits."""
        by = f"interval '{hours * 60 + minutes} minutes'"
        for table, columns in (("stages", ("opened_at", "waits_since", "deadline_at")), ("requests", ("created_at", "paused_at")),
                               ("jobs", ("run_at", "created_at", "changed_at"))):
            sets = ", ".join(f"{column} = {column} - {by}" for column in columns)
            self.database.execute(f"update {table} set {sets}" + (" where kind = 'stage'" if table == "jobs" else ""))
        self.database.execute(f"update portal_settings set changed_at = changed_at - {by} where key = 'Frozen'")

    def clock(self, hour, *people):
        """It is about that hour where these people are; all when none is named."""
        now = datetime.datetime.now(datetime.timezone.utc)
        offset = (hour - now.hour + 11) % 24 - 11  # -11 to 12
        zone = f"Etc/GMT{'-' if offset >= 0 else '+'}{abs(offset)}"  # their signs are the other way round
        where = " where oid in (" + ", ".join(f"'{self.world.oid(who)}'" for who in people) + ")" if people else ""
        self.database.execute(f"update users set time_zone = '{zone}'{where}")

    def reminded(self, number):
        rows = self.database.rows("select recipient_oid, count(*) as n from outbox where kind = 'send' and fact like "
                                  f"'request.{number}.%.reminder.%' group by 1")
        return {row["recipient_oid"]: row["n"] for row in rows}

    def both(self, n):
        return {self.world.oid("megan"): n, self.world.oid("adele"): n}

    def looked(self, number):
        """The stage's timer has done what is due, and waits for its next time or is done."""
        harness.until(lambda: self.database.value(
            f"select count(*) from jobs where kind = 'stage' and key like '{number}.%' and (state = 'running' "
            "or (state in ('queued', 'retry_wait') and run_at <= now()))") == 0, "the timer has looked", 60, 0.1)

    def next_look(self, number):
        """Minutes until the timer looks again."""
        return self.database.value("select round(extract(epoch from run_at - now()) / 60)::int from jobs "
                                   f"where kind = 'stage' and key like '{number}.%' and state = 'queued'")

    def stage(self, number):
        return self.database.rows(f"select state, level, deadline_at from stages where request_id = {number} order by ordinal desc")[0]

    def actions(self, number):
        return self.database.column(
            f"select action from audit_logs where entity_type = 'request' and entity_id = '{number}' order by seq")

    def buttons(self, who, number):
        return [e for e in self.tenant.shown(who) if f"#{number}" in e.get("text", "") and harness.has_button(e, "approve")]


class TestReminders(TimerTest):
    def test_F9_exactly_one_after_a_day_then_ever_rarer(self):
        number = self.world.ask_for("alex", "7zip")
        self.clock(12)
        self.world.card_of("megan", number)
        self.world.wait_notices()
        self.age(hours=23)
        self.looked(number)
        self.assertEqual(self.reminded(number), {})
        seen = 0
        for waited, rounds in ((25, 1), (30, 1), (47, 1), (49, 2), (95, 2), (97, 3), (191, 3), (193, 4)):
            self.age(hours=waited - (seen or 23))
            seen = waited
            self.looked(number)
            self.assertEqual(self.reminded(number), self.both(rounds), f"after {waited} hours")
        self.assertEqual(self.actions(number).count("stage.reminded"), 4)
        self.assertEqual(self.buttons("megan", number)[-1]["text"].splitlines()[0], "Alex Wilber asks for 7-Zip")
        self.world.check()

    def test_F9_a_reminder_is_a_card_that_decides(self):
        number = self.world.ask_for("alex", "7zip")
        self.clock(12)
        self.world.card_of("megan", number)
        self.world.wait_notices()
        seq = self.tenant.seq()
        self.age(hours=25)
        card = self.tenant.wait("megan", f"#{number}", after=seq)
        self.tenant.press("megan", "approve", activity=card["id"])
        self.world.wait_state(number, "delivered")
        harness.until(lambda: not self.buttons("megan", number) and not self.buttons("adele", number), "no button is left", 30)
        self.world.check()

    def test_F9_none_at_night_but_in_the_morning(self):
        number = self.world.ask_for("alex", "7zip")
        self.clock(22, "megan")
        self.clock(12, "adele")
        self.world.card_of("megan", number)
        self.world.wait_notices()
        self.age(hours=25)
        self.looked(number)
        self.assertEqual(self.reminded(number), {self.world.oid("adele"): 1})
        morning = self.database.value(
            "select to_char(j.run_at at time zone u.time_zone, 'HH24:MI') from jobs j, users u where j.kind = 'stage' "
            f"and j.key like '{number}.%' and u.oid = '{self.world.oid('megan')}'")
        self.assertIn(morning, ("07:00", "07:01"))
        self.clock(8, "megan")
        self.database.execute("update jobs set run_at = now() where kind = 'stage'")
        self.looked(number)
        self.assertEqual(self.reminded(number), self.both(1))

    def test_F9_at_two_in_the_night_it_waits_until_seven_the_same_day(self):
        number = self.world.ask_for("alex", "7zip")
        self.clock(2, "megan", "adele")
        self.world.card_of("megan", number)
        self.age(hours=25)
        self.looked(number)
        self.assertEqual(self.reminded(number), {})
        self.assertLessEqual(self.next_look(number), 5 * HOUR + 1)

    def test_F9_nobody_is_reminded_of_what_is_decided(self):
        number = self.world.ask_for("alex", "7zip")
        self.clock(12)
        self.world.approve("megan", number)
        self.age(hours=25)
        self.looked(number)
        self.assertEqual(self.reminded(number), {})
        self.assertEqual(self.database.value("select count(*) from jobs where kind = 'stage' and state <> 'succeeded'"), 0)

    def test_F9_the_zone_is_that_of_the_client(self):
        zone = self.database.value(f"select person_zone(tenant_id, oid) from users where oid = '{self.world.oid('megan')}'")
        self.assertEqual(zone, "Europe/Berlin")
        self.database.execute("update users set time_zone = 'Nowhere/Land'")
        zone = self.database.value(f"select person_zone(tenant_id, oid) from users where oid = '{self.world.oid('megan')}'")
        self.assertEqual(zone, "UTC")


class TestDeadlines(TimerTest):
    def test_F7_the_alternates_are_asked_and_then_it_ends(self):
        self.policy(MANAGER)
        number = self.world.ask_for("alex", "7zip")
        first = self.world.card_of("isaiah", number)
        self.assertIn("Decide by", first["text"])
        self.assertEqual(self.buttons("megan", number), [])
        self.age(minutes=HOUR + 1)
        second = self.world.card_of("megan", number)
        self.assertIn("those before you did not decide", second["text"])
        self.world.card_of("adele", number)
        harness.until(lambda: any("others were asked as well" in e["text"] for e in self.buttons("isaiah", number)),
                      "the manager's card says so", 30)
        self.assertEqual(self.stage(number)["level"], 1)
        self.looked(number)
        self.assertEqual(self.world.state(number), "pending")
        self.age(minutes=HOUR + 1)
        self.world.wait_state(number, "expired")
        self.tenant.wait("alex", f"Nobody decided about your request #{number}")
        harness.until(lambda: not any(self.buttons(who, number) for who in ("isaiah", "megan", "adele")), "all cards are closed", 30)
        self.assertEqual(self.actions(number)[-3:], ["stage.escalated", "request.expired", "request.closed"])
        self.assertEqual(self.stage(number)["state"], "expired")
        self.world.check()

    def test_F7_who_was_asked_first_may_still_decide(self):
        self.policy(MANAGER)
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("isaiah", number)
        self.age(minutes=HOUR + 1)
        self.world.card_of("megan", number)
        self.world.wait_notices()
        self.world.approve("isaiah", number)
        self.world.wait_state(number, "delivered")
        self.world.check()

    def test_F7_nothing_is_approved_by_time_unless_the_policy_says_so(self):
        self.policy({**MANAGER, "stages": [{"ask": "manager", "timeout_min": HOUR, "on_timeout": "approve"}]})
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("isaiah", number)
        self.age(minutes=HOUR + 1)
        self.world.wait_state(number, "delivered")
        self.tenant.wait("alex", "the rules of your organisation approve it then")
        harness.until(lambda: any(f"#{number}" in e["text"] and "Ready" in e["text"] for e in self.tenant.shown("isaiah")),
                      "the manager's card does not wait for anybody any more", 30)
        row = self.database.rows(f"select user_id, details from audit_logs where action = 'decision.approved' and entity_id = '{number}'")[0]
        self.assertEqual(row["user_id"], "system")
        self.assertEqual((row["details"]["policy"], row["details"]["policy_version"], row["details"]["reason"]),
                         ("manager", 1, "timeout"))
        self.world.check()

    def test_F7_without_a_time_limit_it_waits(self):
        number = self.world.ask_for("alex", "7zip")
        self.clock(12)
        self.age(hours=24 * 40)
        self.looked(number)
        self.assertEqual(self.world.state(number), "pending")

    def test_F7_what_ran_out_while_the_service_was_down_is_done_once_at_start(self):
        self.policy(MANAGER)
        numbers = [self.world.ask_for(who, "7zip") for who in ("alex", "lynne")]
        self.world.wait_notices()
        self.world.kill_service()
        self.age(hours=72)
        self.world.start_service()
        for number in numbers:
            self.world.card_of("megan", number)
            self.looked(number)
            self.assertEqual(self.stage(number)["level"], 1)
            self.assertEqual(self.actions(number).count("stage.escalated"), 1)
            self.assertEqual(self.reminded(number), {})

    def test_G4_alternates_that_are_nobody_go_on_to_the_admins(self):
        self.policy({**MANAGER, "stages": [{"ask": "manager", "timeout_min": HOUR, "alternates": [{"group": harness.guid("a9")}]}]})
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("isaiah", number)
        self.age(minutes=HOUR + 1)
        self.world.card_of("megan", number)  # the admin
        self.assertEqual(self.buttons("adele", number), [])

    def test_G4_when_nobody_is_left_the_admins_and_the_requester_hear_of_it(self):
        self.policy({**MANAGER, "stages": [{"ask": "manager", "timeout_min": HOUR, "alternates": ["app_owner"]}]})
        self.tenant.post("people/megan", {"manager": "isaiah"})
        number = self.world.ask_for("megan", "7zip")
        self.world.card_of("isaiah", number)
        self.age(minutes=HOUR + 1)
        self.tenant.wait("megan", f"Nobody can decide request #{number}")
        self.tenant.wait("megan", f"At the moment nobody can decide your request #{number}")
        self.assertEqual(self.world.state(number), "pending")

    def test_E32_timers_wait_while_frozen_and_lose_no_time(self):
        self.policy(MANAGER)
        number = self.world.ask_for("alex", "7zip")
        self.clock(12)
        self.world.card_of("isaiah", number)
        self.age(minutes=30)
        self.world.command("settings", "set", "Frozen", "true")
        self.age(hours=72)
        self.looked(number)
        self.assertEqual(self.stage(number)["level"], 0)
        self.assertEqual(self.reminded(number), {})
        self.world.command("settings", "set", "Frozen", "false")
        self.looked(number)
        self.assertEqual(self.stage(number)["level"], 0)
        self.assertIn(self.next_look(number), range(28, 31))
        self.age(minutes=31)
        self.world.card_of("megan", number)

    def test_F7_timers_rest_while_the_requester_is_asked(self):
        """As an approver's question leaves the rows."""
        self.policy(MANAGER)
        number = self.world.ask_for("alex", "7zip")
        self.world.card_of("isaiah", number)
        self.age(minutes=30)
        self.database.execute(f"update stages set left_s = 1800, deadline_at = null where request_id = {number}")
        self.database.execute(f"update requests set state = 'needs_info', paused_at = now() where id = {number}")
        self.clock(12)
        self.age(hours=72)
        self.looked(number)
        self.assertEqual(self.stage(number)["level"], 0)
        self.assertEqual(self.reminded(number), {})
        self.assertLessEqual(self.next_look(number), 15)


class TestHours(TimerTest):
    """E23: deadlines count working hours by the policy's clock, and are kept in UTC."""

    ZONE = "Europe/Berlin"
    DAYS = ("mon", "tue", "wed", "thu", "fri")

    def ask(self, minutes):
        self.policy({**MANAGER, "stages": [{"ask": "manager", "timeout_min": minutes}],
                     "hours": {"from": "08:00", "until": "18:00", "days": list(self.DAYS), "time_zone": self.ZONE}})
        return self.world.ask_for("alex", "7zip")

    def reckon(self, opened, minutes):
        """Minute by minute on the wall clock, day by day."""
        at = opened.astimezone(zoneinfo.ZoneInfo(self.ZONE)).replace(tzinfo=None, second=0, microsecond=0)
        day = at.date()
        while True:
            begin = datetime.datetime.combine(day, datetime.time(8))
            end = datetime.datetime.combine(day, datetime.time(18))
            if day.weekday() < 5 and at < end:
                at = max(at, begin)
                worked = min(minutes, int((end - at).total_seconds() // 60))
                at, minutes = at + datetime.timedelta(minutes=worked), minutes - worked
                if minutes == 0:
                    return at
            day += datetime.timedelta(days=1)

    def local(self, number, column):
        text = self.database.value(f"select to_char({column} at time zone '{self.ZONE}', 'YYYY-MM-DD HH24:MI') "
                                   f"from stages where request_id = {number}")
        return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M")

    def check_deadline(self, minutes):
        number = self.ask(minutes)
        opened = self.local(number, "opened_at").replace(tzinfo=zoneinfo.ZoneInfo(self.ZONE))
        expect = self.reckon(opened, minutes)
        self.assertLessEqual(abs(self.local(number, "deadline_at") - expect), datetime.timedelta(minutes=1))
        return expect

    def test_E23_a_deadline_counts_working_hours(self):
        end = self.check_deadline(15 * HOUR)
        self.assertLess(end.weekday(), 5)

    def test_E23_a_deadline_beyond_the_change_of_the_clock_is_right_on_the_wall(self):
        """So many working days ahead that daylight saving begins or ends in between."""
        zone = zoneinfo.ZoneInfo(self.ZONE)
        now = datetime.datetime.now(zone)
        days = next(n for n in range(1, 250) if (now + datetime.timedelta(days=n)).utcoffset() != now.utcoffset())
        minutes = (days // 7 + 2) * 5 * 10 * HOUR
        end = self.check_deadline(minutes)
        self.assertNotEqual(end.replace(tzinfo=zone).utcoffset(), now.utcoffset())

    def test_E23_the_hour_that_a_clock_skips_or_shows_twice(self):
        """What the store asks the database for, around the changes of 2027 in Berlin."""
        for wall, utc in (("2027-03-28 01:59", "2027-03-28 00:59"), ("2027-03-28 02:30", "2027-03-28 01:30"),
                          ("2027-03-28 03:00", "2027-03-28 01:00"), ("2027-10-31 01:59", "2027-10-30 23:59"),
                          ("2027-10-31 02:30", "2027-10-31 01:30"), ("2027-10-31 03:00", "2027-10-31 02:00")):
            got = self.database.value(
                f"select to_char((timestamp '1970-01-01' + (extract(epoch from timestamp '{wall}') / 60)::bigint * interval '1 minute') "
                "at time zone known_zone('Europe/Berlin') at time zone 'UTC', 'YYYY-MM-DD HH24:MI')")
            self.assertEqual(got, utc, wall)


if __name__ == "__main__":
    unittest.main(verbosity=2)
