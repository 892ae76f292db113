-- Written by each turn, so an unchanged person costs no new row version more than once an hour.
-- name: users_seen
insert into users (tenant_id, oid, name, locale)
values ($1, $2, $3, $4)
on conflict (tenant_id, oid) do update
set name = coalesce(nullif(excluded.name, ''), users.name),
    locale = coalesce(nullif(excluded.locale, ''), users.locale),
    seen_at = now()
where users.seen_at < now() - interval '1 hour'
   or excluded.name not in ('', users.name)
   or excluded.locale not in ('', users.locale);

-- name: users_synced
insert into users (tenant_id, oid, name, mail, upn, state, synced_at)
values ($1, $2, $3, $4, $5, $6, now())
on conflict (tenant_id, oid) do update
set name = excluded.name, mail = excluded.mail, upn = excluded.upn, state = excluded.state, synced_at = now();

-- name: users_get
select name, mail, upn, locale, state,
       to_char(seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(synced_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from users
where tenant_id = $1 and oid = $2;
