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

-- name: schema_ping
select pg_is_in_recovery();

-- name: schema_notify
select pg_notify($1, '');
