-- Decisions that wait for a sign-in (stepups). Old ones go when a new one comes: nobody asks for them any more.

-- name: stepups_insert
with gone as (
	delete from stepups where created_at < now() - interval '1 day'
)
insert into stepups (id, tenant_id, oid, press_sha256, wish, expires_at)
values ($1, $2, $3, $4, $5::jsonb, now() + make_interval(secs => $6::bigint));

-- The newest of the person; $3: the one of this id alone, '': any; $4: those that wait for this button alone, null: any.
-- name: stepups_find
select id, wish::text, expires_at <= now(), used_at is not null
from stepups
where tenant_id = $1 and oid = $2 and ($3 = '' or id = $3) and ($4::bytea is null or press_sha256 = $4)
order by created_at desc
limit 1;

-- name: stepups_lock
select id, wish::text, expires_at <= now(), used_at is not null
from stepups
where tenant_id = $1 and oid = $2 and id = $3
for update;

-- name: stepups_used
update stepups set used_at = now() where id = $1 and used_at is null;
