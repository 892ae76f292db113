-- name: schema_ping
select pg_is_in_recovery();

-- name: schema_applied
select number, name, sha256 from schema_migrations order by number;

-- name: schema_notify
select pg_notify($1, '');
