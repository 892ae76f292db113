-- name: settings_get
select value from portal_settings where tenant_id = $1 and key = $2;

-- name: settings_lock
select value from portal_settings where tenant_id = $1 and key = $2 for update;

-- name: settings_list
select key, value, changed_by, to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from portal_settings
where tenant_id = $1
order by key;

-- name: settings_set
insert into portal_settings (tenant_id, key, value, changed_by)
values ($1, $2, $3, $4)
on conflict (tenant_id, key) do update
set value = excluded.value, changed_by = excluded.changed_by, changed_at = now();
