# SPDX-License-Identifier: Apache-2.0
"""Rows for the measurements: requests that wait for a press, and the years of a counter that many people have used."""
from bots import APP, CATALOGUE, GROUP, TENANT

PERSON = "10000000-0000-4000-8000-"  # bench.h
OLD = "30000000-0000-4000-8000-"
APPROVERS = f"{GROUP}2"
CARDS = 800_000_000  # ids that no other number looks like
JOBS = 500_000_000
YEARS = 3
PER_PERSON = 50  # requests of one person in those years
FILL_S = 3600
FAR_JOBS = "insert into jobs (tenant_id, kind, key, state, run_at) select tenant_id, 'package', 'app:' || id, 'waiting_upstream', " \
           "now() + interval '1 year' from apps on conflict do nothing"


def oid(prefix, number):
    return f"'{prefix}' || lpad(({number})::text, 12, '0')"


def waiting(database, count, people, world, least=1):
    """Requests that are open at the approvers' stage, with the cards and the button that bench_load --approve presses: request
    first + n is pressed by person n % (people - 1) + 1. The first one's number, at least `least`. The cards' rows are CARDS + 4 * number
    + k. Their packages are being waited for, and their approvers were looked up, so that no job runs beside the measurement."""
    others = people - 1
    presser, requester = f"n % {others} + 1", f"(n + 1) % {others} + 1"
    first = database.value("select greatest((select coalesce(max(id), 0) + 1 from requests), "
                           f"(select coalesce(max(id), 0) - {CARDS} from outbox) / 4 + 1, {least}) as id")
    rows = f"(select {first} + n as id, n, {presser} as presser, {requester} as requester from generate_series(0, {count - 1}) n) q"
    url = f"http://127.0.0.1:{world}/teams/"
    database.execute(f"""
        insert into users (tenant_id, oid, name, mail) select '{TENANT}', {oid(PERSON, 'n')}, 'Person ' || n, 'person@example.com'
            from generate_series(0, {others}) n on conflict do nothing;
        insert into requests (id, tenant_id, requester_oid, app_id, state, justification) overriding system value
            select id, '{TENANT}', {oid(PERSON, 'requester')}, (n % {others} * 7 + n / {others}) % {CATALOGUE} + 1, 'pending', 'For work'
            from {rows};
        select setval(pg_get_serial_sequence('requests', 'id'), {first + count});
        insert into stages (request_id, ordinal, kind, group_id, checked_at)
            select id, 1, 'group', '{APPROVERS}', now() + interval '1 day' from {rows};
        insert into stage_approvers (request_id, ordinal, oid, name)
            select id, 1, {oid(PERSON, f'(presser + 2 * k - 1) % {others} + 1')}, 'Person' from {rows}, generate_series(0, 2) k;
        insert into action_tokens (token_sha256, tenant_id, oid, purpose, request_id, version, expires_at)
            select sha256(lpad(id::text, 22, '0')::bytea), '{TENANT}', {oid(PERSON, 'presser')}, 'decide', id, 1, now() + interval '30 days'
            from {rows};
        insert into outbox (id, tenant_id, recipient_oid, kind, fact, activity, request_id, card, state, activity_id, done_at)
            overriding system value
            select {CARDS} + 4 * id + k, '{TENANT}', {oid(PERSON, f'case k when 3 then requester else (presser + 2 * k - 1) % {others} + 1 end')}, 'send',
                'request.' || id || '.' || k, '{{}}', id, case k when 3 then 'receipt' else 'approval' end, 'sent',
                case k when 0 then 'c' else 'd' || k end || id, now()
            from {rows}, generate_series(0, 3) k;
        insert into card_copies (outbox_id, tenant_id, recipient_oid, card, request_id, service_url, conversation_id, activity_id,
                shown_version)
            select id, tenant_id, recipient_oid, card, request_id, '{url}', 'a:bench-' || substr(recipient_oid, 25)::int, activity_id, 1
            from outbox where request_id >= {first};
        select setval(pg_get_serial_sequence('outbox', 'id'), (select max(id) from outbox));
        select setval(pg_get_serial_sequence('jobs', 'id'), greatest({JOBS}, (select coalesce(max(id), 0) from jobs)));
        {FAR_JOBS}""", FILL_S)
    return first


def quiet(database, world):
    """What an earlier run has left is done with, and the directory has told of everybody: looking up each person of some years is
    work of the first day."""
    database.execute(f"""
        update requests set state = 'delivered', closed_at = now() where state in ('pending', 'needs_info', 'approved', 'fulfilling');
        update stages set state = 'closed' where state = 'open';
        update jobs set state = 'cancelled' where state not in ('succeeded', 'cancelled');
        insert into directory_sync (tenant_id, delta_link, full_at, synced_at)
            values ('{TENANT}', 'http://127.0.0.1:{world}/graph/v1.0/users/delta?x=1', now(), now())
            on conflict (tenant_id) do update set delta_link = excluded.delta_link, full_since = null, full_at = now()""", FILL_S)


# Of an old request by its number: most were delivered, some were not.
STATE = ("case when n % 100 < 80 then 'delivered' when n % 100 < 92 then 'rejected' when n % 100 < 96 then 'cancelled' "
         "when n % 100 < 98 then 'expired' else 'failed' end")


def in_bulk(database, table, statement):
    """Inserts without checking each row's links, which are right by construction, and with the table's further indexes made once
    at the end."""
    indexes = database.column(
        f"select i.indexdef from pg_indexes i where i.schemaname = 'public' and i.tablename = '{table}' and not exists "
        f"(select from pg_constraint c where c.conname = i.indexname)")
    names = database.column(
        f"select i.indexname from pg_indexes i where i.schemaname = 'public' and i.tablename = '{table}' and not exists "
        f"(select from pg_constraint c where c.conname = i.indexname)")
    for name in names:
        database.execute(f"drop index {name}")
    database.execute(f"set session_replication_role = replica; set synchronous_commit = off; {statement}", FILL_S)
    for index in indexes:
        database.execute(f"set maintenance_work_mem = '512MB'; {index}", FILL_S)


def old(database, requests, audit, jobs, tell=print):
    """Closed requests of some years with stages, slates, votes, grants and answers, the trail, done jobs, and what was said meanwhile."""
    people = max(requests // PER_PERSON, 1)
    at = f"now() - interval '{YEARS} years' + n * (interval '{YEARS} years' / {requests + 1})"
    series = f"generate_series(1, {requests}) n"
    words = max(requests // 5, 1)
    steps = (
        ("users", f"insert into users (tenant_id, oid, name, mail, upn, synced_at) select '{TENANT}', {oid(OLD, 'n')}, "
                  f"'Old ' || n, 'old-' || n || '@example.com', 'old-' || n || '@example.com', now() from generate_series(0, {people}) n"),
        ("requests", f"insert into requests (id, tenant_id, requester_oid, app_id, state, version, justification, job_id, created_at, "
                     f"changed_at, closed_at) overriding system value select n, '{TENANT}', {oid(OLD, f'n % {people}')}, "
                     f"n % {CATALOGUE} + 1, {STATE}, 3, 'I have to open what customers send me, number ' || n, n % {jobs} + 1, {at}, {at}, "
                     f"{at} + interval '3 hours' from {series}; select setval(pg_get_serial_sequence('requests', 'id'), {requests + 1})"),
        ("stages", f"insert into stages (request_id, ordinal, kind, group_id, state, opened_at, closed_at) select n, 1, 'group', "
                   f"'{APPROVERS}', case when n % 100 < 80 or n % 100 >= 98 then 'approved' when n % 100 < 92 then 'rejected' else 'closed' "
                   f"end, {at}, {at} from {series}"),
        ("stage_approvers", f"insert into stage_approvers (request_id, ordinal, oid, name) select n, 1, {oid(OLD, f'n * 31 % {people}')}, "
                            f"'Old' from {series}"),
        ("decisions", f"insert into decisions (request_id, ordinal, oid, decision, decided_at) select n, 1, "
                      f"{oid(OLD, f'n * 31 % {people}')}, case when n % 100 < 80 or n % 100 >= 98 then 'approved' else 'rejected' end, {at} "
                      f"from {series} where n % 100 < 92 or n % 100 >= 98"),
        ("grants", f"insert into grants (tenant_id, request_id, oid, app_id, group_id, state, started_at) select '{TENANT}', n, "
                   f"{oid(OLD, f'n % {people}')}, n % {CATALOGUE} + 1, '', case when n % 10 = 0 then 'active' else 'returned' end, {at} "
                   f"from {series} where n % 100 < 80"),
        ("answers", f"insert into answers (request_id, ordinal, label, answer) select n, 1, 'Which documents?', 'Contracts' from {series} "
                    f"where n % 10 = 0"),
        ("jobs", f"insert into jobs (tenant_id, kind, key, state, step, attempts, fence, run_at, created_at, changed_at) "
                 f"select '{TENANT}', 'package', 'app:' || n % {CATALOGUE} + 1, 'succeeded', 'deliver', 1, 1, t, t, t "
                 f"from (select n, now() - interval '{YEARS} years' + n * (interval '{YEARS} years' / {jobs + 1}) as t "
                 f"from generate_series(1, {jobs}) n) q"),
        ("audit_logs", f"insert into audit_logs (tenant_id, seq, user_id, user_email, action, entity_type, entity_id, details, "
                       f"\"timestamp\", source, prev_hash, hash) select '{TENANT}', n, {oid(OLD, f'n % {people}')}, 'old@example.com', "
                       f"case n % 3 when 0 then 'request.created' when 1 then 'decision.approved' else 'request.closed' end, 'request', "
                       f"(n / 3 % {requests} + 1)::text, '{{\"stage\": 1}}', now() - interval '{YEARS} years' + n * interval '1 second', "
                       f"'teams', sha256((n - 1)::text::bytea), sha256(n::text::bytea) from generate_series(1, {audit}) n; "
                       f"insert into audit_heads select tenant_id, seq, prev_hash, hash from audit_logs order by seq desc limit 1"),
        ("outbox", f"insert into outbox (tenant_id, recipient_oid, kind, fact, activity, state, activity_id, done_at) select '{TENANT}', "
                   f"{oid(OLD, f'n % {people}')}, 'send', 'reply.' || n, '{{}}', 'sent', n, now() from generate_series(1, {words}) n"),
        ("card_copies", "insert into card_copies (outbox_id, tenant_id, recipient_oid, card, conversation_id, activity_id) select id, "
                        "tenant_id, recipient_oid, 'view', 'a:old', activity_id from outbox"),
        ("inbox", f"insert into inbox (conversation_id, activity_id, status) select 'a:old-' || n % {people}, n, 200 "
                  f"from generate_series(1, {words}) n"),
        ("bot_conversation_references", f"insert into bot_conversation_references (tenant_id, oid, app_id, conversation_id, reference, "
                                        f"key_id) select tenant_id, oid, '{APP}', 'a:old-' || oid, '\\x00', 'old' from users"),
    )
    for table, statement in steps:
        in_bulk(database, table, statement)
        tell(f"  {table}: {database.value(f'select count(*) as n from {table}'):,} rows")
    database.execute("vacuum analyze", FILL_S)
