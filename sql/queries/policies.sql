-- Policies: versions that never change, and the one of each name that counts now. And which apps exclude each other.

-- One import or acceptance at a time. Readers do not wait for it.
-- name: policies_lock
select pg_advisory_xact_lock(hashtextextended('policies:' || $1::text, 0));

-- name: policies_active
select p.name, p.version, p.priority, p.body, p.created_by,
       to_char(a.changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from policies_active a
join policies p using (tenant_id, name, version)
where a.tenant_id = $1
order by p.priority, p.name collate "C";

-- name: policies_get
select name, version, priority, body, created_by,
       to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from policies
where tenant_id = $1 and name = $2 and version = $3;

-- The next version of a name, which may have been away for a while.
-- name: policies_insert
insert into policies (tenant_id, name, version, priority, body, created_by)
values ($1, $2, (select coalesce(max(version), 0) + 1 from policies where tenant_id = $1 and name = $2), $3, $4, $5)
returning version;

-- name: policies_activate
insert into policies_active (tenant_id, name, version)
values ($1, $2, $3)
on conflict (tenant_id, name) do update
set version = excluded.version, changed_at = now();

-- name: policies_retire
delete from policies_active where tenant_id = $1 and name = $2;

-- name: incompatibilities_list
select i.app_a, i.app_b, a.winget_id, b.winget_id, i.reason
from incompatibilities i
join apps a on a.id = i.app_a
join apps b on b.id = i.app_b
where i.tenant_id = $1
order by lower(least(a.winget_id, b.winget_id)), lower(greatest(a.winget_id, b.winget_id));

-- name: incompatibilities_put
insert into incompatibilities (tenant_id, app_a, app_b, reason)
values ($1, least($2::bigint, $3), greatest($2::bigint, $3), $4)
on conflict (tenant_id, app_a, app_b) do update
set reason = excluded.reason;

-- name: incompatibilities_remove
delete from incompatibilities
where tenant_id = $1 and app_a = least($2::bigint, $3) and app_b = greatest($2::bigint, $3);
