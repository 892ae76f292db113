-- A value that counts for a while only reads as never set when that is over.

-- name: settings_get
select case when expires_at <= now() then '' else value end from portal_settings where tenant_id = $1 and key = $2;

-- name: settings_lock
select case when expires_at <= now() then '' else value end from portal_settings where tenant_id = $1 and key = $2 for update;

-- name: settings_list
select key, case when expires_at <= now() then '' else value end, changed_by,
       to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from portal_settings
where tenant_id = $1
order by key;

-- name: settings_set
insert into portal_settings (tenant_id, key, value, changed_by, expires_at)
values ($1, $2, $3, $4, now() + make_interval(days => nullif($5::int, 0)))
on conflict (tenant_id, key) do update
set value = excluded.value, changed_by = excluded.changed_by, changed_at = now(), expires_at = excluded.expires_at;
