# SPDX-License-Identifier: Apache-2.0
"""The trail for other eyes: verified, exported, and not to be changed unseen, whoever does it."""
import concurrent.futures
import csv
import hashlib
import io
import json
import pathlib
import subprocess
import threading
import unittest

import harness

COLUMNS = ["Id", "UserId", "UserEmail", "Action", "EntityType", "EntityId", "Details", "Timestamp", "IpAddress", "TenantId", "Seq",
           "Source", "CorrelationId", "Policy", "PolicyVersion", "PrevHash", "Hash"]
HASHED = ["TenantId", "Seq", "UserId", "UserEmail", "Action", "EntityType", "EntityId", "Details", "Timestamp", "IpAddress", "Source",
          "CorrelationId"]
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", " =1", "\t=1", "\uff1d1")
PAGE = 1000  # rows of one page of the program
WRITERS, EXPORTS = 8, 5


def row_hash(row):
    """The hash of an exported row, from the row and nothing else."""
    values = dict(row)
    if not isinstance(values["Details"], str):
        values["Details"] = json.dumps(values["Details"], ensure_ascii=False)
    parts = ["appdesk-audit-1", *(str(values[name]) for name in HASHED)]
    digest = hashlib.sha256(bytes.fromhex(row["PrevHash"]))
    for part in parts:
        digest.update(len(part.encode()).to_bytes(4, "big") + part.encode())
    return digest.hexdigest()


class TestAudit(harness.WorldTest):
    def run_audit(self, *words):
        return subprocess.run([harness.APPDESK, "audit", *words, "--config", self.world.config], env=harness.PLAIN_ENVIRONMENT,
                              capture_output=True, text=True, timeout=120)

    def export(self, *words):
        done = self.run_audit("export", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def lines(self, *words):
        return [json.loads(line) for line in self.export("--json", *words).splitlines()]

    def cells(self, *words):
        return list(csv.DictReader(io.StringIO(self.export(*words), newline="")))

    def append(self, count=1, at="now()", **columns):
        """Rows as the service appends them, through its own role's rights and the database's chain."""
        row = {"user_id": "o", "user_email": "", "action": "test.row", "entity_type": "test", "entity_id": "1", "details": "{}", **columns}
        words = {name: "'" + value.replace("'", "''") + "'" for name, value in row.items()}
        what = ", ".join(words.values())
        plain = ", ".join(word for name, word in words.items() if name != "details")
        tenant = self.database.value("select tenant_id from audit_heads")
        self.database.execute(f"""do $$ begin for i in 1..{count} loop
            with head as (update audit_heads h set seq = h.seq + 1, prev_hash = h.hash,
                hash = audit_row_hash(h.hash, h.tenant_id, h.seq + 1, {at}, array[{what}], array['', 'cli', ''])
                where tenant_id = '{tenant}' returning tenant_id, seq, prev_hash, hash)
            insert into audit_logs (tenant_id, seq, user_id, user_email, action, entity_type, entity_id, details, "timestamp",
                ip_address, source, correlation_id, prev_hash, hash)
            select tenant_id, seq, {plain}, {words["details"]}::jsonb, {at}, '', 'cli', '', prev_hash, hash
            from head; end loop; end $$""")

    def tamper(self, statement):
        """As the superuser, past the trigger."""
        self.database.execute(f"set session_replication_role = replica; {statement}")

    def verify(self, *words):
        done = self.run_audit("verify", "--json", *words)
        verdict = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if verdict["intact"] else 1, done.stderr)
        return verdict

    # ---- F34 ----

    def test_f34_verify_names_the_first_row_that_a_superuser_edited(self):
        self.world.ask_for("alex", "7zip")
        self.append(5)
        row = self.database.rows("select id, seq from audit_logs order by seq offset 4 limit 1")[0]
        self.tamper(f"update audit_logs set user_id = 'somebody else' where id in ({row['id']}, {row['id']} + 2)")
        done = self.run_audit("verify")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"broken at row {row['seq']} (id {row['id']}): the row was changed", done.stdout)

    def test_f34_verify_names_a_row_that_is_gone_and_an_end_that_was_cut_off(self):
        self.append(6)
        end = self.database.value("select max(seq) from audit_logs")
        self.tamper(f"delete from audit_logs where seq = {end - 2}")
        self.assertEqual(self.verify()["broken_seq"], end - 2)
        self.begin_again()
        self.append(6)
        end = self.database.value("select max(seq) from audit_logs")
        self.tamper(f"delete from audit_logs where seq >= {end - 1}")
        self.assertEqual(self.verify()["broken_seq"], end - 1)

    def test_t22_an_anchor_finds_a_chain_that_was_made_anew_to_its_end(self):
        """Who owns the database can cut the end off and remember another one; the anchor is kept elsewhere."""
        self.append(4)
        kept = self.verify()
        anchor = f"{kept['rows']}:{kept['end']}"
        self.append(2)
        self.assertTrue(self.verify("--anchor", anchor)["intact"])
        self.tamper(f"delete from audit_logs where seq >= {kept['rows']}; "
                    f"update audit_heads h set (seq, prev_hash, hash) = (select l.seq, l.prev_hash, l.hash from audit_logs l "
                    f"where l.tenant_id = h.tenant_id order by seq desc limit 1)")
        self.assertTrue(self.verify()["intact"])
        self.assertEqual(self.verify("--anchor", anchor)["broken_seq"], kept["rows"])
        self.append(3, action="test.other")
        self.assertTrue(self.verify()["intact"])
        verdict = self.verify("--anchor", anchor)
        self.assertEqual(verdict["broken_seq"], kept["rows"])
        self.assertIn("made anew", verdict["reason"])

    def test_t22_the_service_writes_an_anchor_into_its_log_each_day(self):
        """In the log, which is kept elsewhere; the next one is due in a day."""
        self.append(3)
        self.database.execute("update jobs set run_at = now() where kind = 'anchor'")

        def anchors():
            return [json.loads(line)["anchor"] for line in self.world.log().splitlines() if '"anchor of the audit trail"' in line]
        harness.until(anchors, "an anchor is in the log")
        self.assertTrue(self.verify("--anchor", anchors()[-1])["intact"])
        seq = int(anchors()[-1].partition(":")[0])
        self.tamper(f"delete from audit_logs where seq >= {seq}")
        self.assertEqual(self.verify("--anchor", anchors()[-1])["broken_seq"], seq)
        harness.until(lambda: self.database.value(
            "select count(*) from jobs where kind = 'anchor' and state = 'queued' and run_at > now() + interval '23 hours'") == 1,
            "the next anchor waits for tomorrow")

    def test_an_anchor_that_is_none_is_refused(self):
        for anchor in ("12", "x:00", "0:" + "0" * 64, "1:" + "0" * 63, "1:" + "g" * 64):
            done = self.run_audit("verify", "--anchor", anchor)
            self.assertEqual((done.returncode, done.stdout), (1, ""), anchor)
            self.assertIn("--anchor", done.stderr)

    # ---- export ----

    def test_an_export_has_all_columns_and_proves_itself(self):
        """JSON lines alone are enough to walk the chain, up to the row of the export itself."""
        number = self.world.ask_for("alex", "7zip", justification='Need "it" = now, ärger\u2028')
        self.world.approve("megan", number)
        rows = self.lines()  # while its package is made, and writes to the trail
        before = "0" * 64
        for seq, row in enumerate(rows, 1):
            self.assertEqual(list(row), COLUMNS)
            self.assertEqual((row["Seq"], row["PrevHash"]), (seq, before))
            self.assertEqual(row["Hash"], row_hash(row), row)
            before = row["Hash"]
        self.assertEqual(rows[-1]["Action"], "export.made")

    def test_an_export_ends_with_its_own_row_while_others_write(self):
        self.world.ask_for("alex", "7zip")
        ended = threading.Event()

        def write():
            while not ended.is_set():
                self.append()
        with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
            writers = [pool.submit(write) for _ in range(WRITERS)]
            try:
                last = [self.lines()[-1]["Action"] for _ in range(EXPORTS)]
            finally:
                ended.set()
            for writer in writers:
                writer.result()
        self.assertEqual(last, ["export.made"] * EXPORTS)

    def test_csv_and_json_say_the_same(self):
        self.world.ask_for("alex", "7zip")
        self.append(details='{"policy": "Standard, low", "policy_version": 3, "text": "two\\nlines and \\"quotes\\""}')
        until = self.lines()
        cells = self.cells()[:len(until)]
        for line, cell in zip(until, cells):
            self.assertEqual(list(cell), COLUMNS)
            for name, value in line.items():
                text = "" if value is None else json.dumps(value, ensure_ascii=False) if name == "Details" else str(value)
                self.assertEqual(cell[name], text, name)
        named = [c for c in cells if c["Action"] == "test.row"][0]
        self.assertEqual((named["Policy"], named["PolicyVersion"]), ("Standard, low", "3"))

    def test_a_formula_is_harmless_in_a_spreadsheet_and_unchanged_in_json(self):
        for formula in FORMULAS:
            self.append(user_email=formula)
        self.append(user_email="no=formula")
        emails = [row["UserEmail"] for row in self.lines() if row["Action"] == "test.row"]
        self.assertEqual(emails, [*FORMULAS, "no=formula"])
        cells = [row["UserEmail"] for row in self.cells() if row["Action"] == "test.row"]
        self.assertEqual(cells, [*("'" + formula for formula in FORMULAS), "no=formula"])

    def test_an_export_leaves_its_own_audit_row_with_what_was_asked(self):
        self.export("--json", "--since", "2020-01-01", "--request", "7")
        row = self.database.rows("select user_id, details from audit_logs where action = 'export.made'")
        self.assertEqual(row, [{"user_id": "cli", "details": {"format": "json lines", "since": "2020-01-01T00:00:00Z", "request": 7}}])

    def test_an_export_is_limited_by_time(self):
        for year in (2020, 2021, 2022):
            self.append(3, at=f"timestamptz '{year}-06-01 12:00:00+00'", action=f"test.{year}")
        for words, expected in (
                (("--until", "2021-01-01"), {"test.2020"}),
                (("--since", "2021-06-01T12:00:00Z", "--until", "2022-06-01T14:00:00+02:00"), {"test.2021"}),
                (("--since", "2021-06-01T12:00:01Z", "--until", "2023-01-01"), {"test.2022"})):
            found = [r["Action"] for r in self.lines(*words) if r["Action"].startswith("test.")]
            self.assertEqual(set(found), expected, words)
            self.assertEqual(len(found), 3)

    def test_a_long_export_is_whole(self):
        self.append(2 * PAGE + 5)
        rows = self.lines()
        self.assertEqual([row["Seq"] for row in rows], list(range(1, len(rows) + 1)))
        self.assertGreater(len(rows), 2 * PAGE + 5)

    def test_one_request_is_exported_with_its_job(self):
        first = self.world.ask_for("alex", "7zip")
        self.world.ask_for("lynne", "notepad")
        self.world.approve("megan", first)
        rows = self.lines("--request", str(first))
        actions = [row["Action"] for row in rows]
        for action in ("request.created", "decision.approved", "job.queued"):
            self.assertIn(action, actions)
        self.assertEqual({row["EntityId"] for row in rows if row["EntityType"] == "request"}, {str(first)})
        self.assertEqual([row["Seq"] for row in rows], sorted(row["Seq"] for row in rows))

    def test_a_file_is_whole_or_not_there_and_for_its_owner_alone(self):
        path = pathlib.Path(self.world.folder, "trail.csv")
        self.export("-o", str(path))
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertIn("export.made", path.read_text())
        self.assertFalse(path.with_name("trail.csv.part").exists())
        full = pathlib.Path(self.world.folder, "full")  # a device behind a link, so that a mistake replaces the link
        full.symlink_to("/dev/full")
        for bad in (pathlib.Path(self.world.folder, "none", "trail.csv"), full):
            done = self.run_audit("export", "-o", str(bad))
            self.assertEqual(done.returncode, 1)
            self.assertIn(str(bad), done.stderr)
        self.assertTrue(full.is_char_device())
        with open("/dev/full", "w") as nowhere:
            done = subprocess.run([harness.APPDESK, "audit", "export", "--config", self.world.config], stdout=nowhere,
                                  stderr=subprocess.PIPE, env=harness.PLAIN_ENVIRONMENT, timeout=60)
        self.assertEqual(done.returncode, 1)

    def test_what_is_no_time_or_number_is_refused_with_how_to_write_it(self):
        for words in (("--since", "yesterday"), ("--until", "2026-13-01"), ("--request", "12x"), ("--request", "0"),
                      ("--since", "2026-01-02", "--until", "2026-01-02")):
            done = self.run_audit("export", *words)
            self.assertEqual((done.returncode, done.stdout), (1, ""), words)
            self.assertIn(words[0], done.stderr)
        self.assertEqual(self.database.value("select count(*) from audit_logs where action = 'export.made'"), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
