-- The schema's own history, and what the module db says for itself.

-- name: schema_create
create table if not exists schema_migrations (
	number      int primary key,
	name        text not null,
	sha256      text not null,
	applied_at  timestamptz not null default now()
);

-- name: schema_exists
select to_regclass('schema_migrations') is not null;

-- name: schema_applied
select number, name, sha256 from schema_migrations order by number;

-- name: schema_record
insert into schema_migrations (number, name, sha256) values ($1, $2, $3);

-- One migration run at a time; the number is ours alone ('appdesk' has no meaning to PostgreSQL).
-- name: schema_lock
select pg_advisory_lock(hashtext('appdesk'), hashtext('migrate'));

-- Whether the next one may be run.
-- name: schema_may_settle
select exists (select from pg_proc where proname = 'pg_logical_emit_message' and prorettype = 'pg_lsn'::regtype
	and proargtypes[0] = 'boolean'::regtype and proargtypes[2] = 'text'::regtype
	and has_function_privilege(oid, 'execute'));

-- Waits, with the end of its transaction, until all that can be seen now is where synchronous_commit wants it. When
-- it is on this server's disk already and nobody else has to have it, that is now; else this transaction writes
-- something, so that its commit waits for itself and with it for all that came before.
-- name: schema_settle
select pg_logical_emit_message(true, 'appdesk', '')
where case when pg_is_in_recovery() or current_setting('synchronous_commit') = 'off' then false
	else pg_current_wal_insert_lsn() > pg_current_wal_flush_lsn() or current_setting('synchronous_standby_names') <> ''
end;

-- name: schema_ping
select pg_is_in_recovery();

-- name: schema_notify
select pg_notify($1, '');
