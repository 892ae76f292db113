# SPDX-License-Identifier: Apache-2.0
"""Time that passes at once: the whole database becomes older, so that timers fire as if one had waited."""
from processes import until

TRIES = 10
# The trail is never changed, and what was migrated when is nobody's timer.
KEPT_TABLES = ("audit_logs", "schema_migrations")
# A lease belongs to a worker that lives now: an older one would be taken from it.
KEPT_COLUMNS = ("lease_until",)

# Triggers and foreign keys rest: rows move in time and in nothing else. The tables are locked, so that a transaction of the
# service stands wholly before or wholly behind the jump.
AGE = """
do $age$
declare
	t record;
	jump constant interval := make_interval(secs => {seconds});
begin
	set local session_replication_role = replica;
	set local lock_timeout = '5s';
	for t in
		select c.oid::regclass as name, string_agg(format('%1$I = %1$I - $1', a.attname), ', ') as moves
		from pg_class c
		join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and c.relname <> all('{{{tables}}}')
			and a.atttypid = 'timestamptz'::regtype and a.attgenerated = '' and a.attname <> all('{{{columns}}}')
		group by c.oid, c.relname
		order by c.relname
	loop
		execute format('lock table %s in share row exclusive mode', t.name);
		execute format('update %s set %s', t.name, t.moves) using jump;
	end loop;
end $age$"""


def age(database, seconds):
    """Every time in every row lies `seconds` further back; in one transaction, beside a running service."""
    statement = AGE.format(seconds=seconds, tables=",".join(KEPT_TABLES), columns=",".join(KEPT_COLUMNS))
    faults = []

    def done():
        try:
            database.execute(statement)
            return True
        except AssertionError as fault:  # a transaction of the service stood in the way
            if "deadlock detected" not in str(fault) and "lock timeout" not in str(fault):
                raise
            faults.append(fault)
            if len(faults) == TRIES:
                raise
            return False
    until(done, "the database is older")
