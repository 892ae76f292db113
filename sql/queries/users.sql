-- Written by each turn, so an unchanged person costs no new row version more than once an hour.
-- name: users_seen
insert into users (tenant_id, oid, name, locale, time_zone)
values ($1, $2, $3, $4, $5)
on conflict (tenant_id, oid) do update
set name = coalesce(nullif(excluded.name, ''), users.name),
    locale = coalesce(nullif(excluded.locale, ''), users.locale),
    time_zone = coalesce(nullif(excluded.time_zone, ''), users.time_zone),
    seen_at = now()
where users.seen_at < now() - interval '1 hour'
   or excluded.name not in ('', users.name)
   or excluded.locale not in ('', users.locale)
   or excluded.time_zone not in ('', users.time_zone);

-- name: users_hold
select from users where tenant_id = $1 and oid = $2 for no key update;

-- As person_locale() has it, with what the activity of this turn says (the row may not be there yet).
-- name: users_locale
select coalesce(nullif(p.language, ''), nullif($3, ''), u.locale, '') || '@timezone=' ||
       coalesce(known_zone(nullif($4, '')), person_zone($1, $2)), coalesce(u.unclear, 0)
from (select) as one
left join users u on u.tenant_id = $1 and u.oid = $2
left join preferences p on p.tenant_id = $1 and p.oid = $2;

-- name: users_unclear
insert into users (tenant_id, oid, unclear, unclear_at)
values ($1, $2, 1, now())
on conflict (tenant_id, oid) do update
set unclear = case when users.unclear_at > now() - interval '1 day' then users.unclear + 1 else 1 end, unclear_at = now()
returning unclear;

-- name: users_clear
update users set unclear = 0 where tenant_id = $1 and oid = $2;

-- As groups_put: it can be asked again.
-- name: users_synced
with soon as (select set_config('synchronous_commit', 'off', true))
insert into users (tenant_id, oid, name, mail, upn, state, acted_state, synced_at)
select $1, $2, $3, $4, $5, $6, $6, now() from soon
on conflict (tenant_id, oid) do update
set name = excluded.name, mail = excluded.mail, upn = excluded.upn, state = excluded.state, synced_at = now();

-- name: users_get
select name, mail, upn, locale, state,
       to_char(seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       to_char(synced_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), department, guest, job_title, time_zone
from users
where tenant_id = $1 and oid = $2;

-- Whole names, mail addresses and user principal names; where there is none, first names.
-- name: users_find
with named as (
	select oid, name, mail, upn, true as whole
	from users
	where tenant_id = $1 and state = 'active'
	  and (lower(name) collate "C" = $2 or lower(mail) collate "C" = $2 or lower(upn) collate "C" = $2)
	union all
	select oid, name, mail, upn, false
	from users
	where tenant_id = $1 and state = 'active'
	  and lower(name) collate "C" >= $2 || ' ' and lower(name) collate "C" < $2 || '!'
)
select oid, name, mail, upn
from named
where whole or not exists (select from named where whole)
order by name, oid
limit $3;

-- Whose manager somebody is.
-- name: users_reports
select oid, name, mail, upn
from users
where tenant_id = $1 and manager_oid = $2 and manager_oid <> '' and state = 'active' and not guest
order by name, oid
limit $3;

-- The day that it is there, as days since 1970-01-01.
-- name: users_today
select ((now() at time zone person_zone($1, $2))::date - date '1970-01-01')::bigint;

-- name: users_known
insert into users (tenant_id, oid, name, mail)
values ($1, $2, $3, $4)
on conflict (tenant_id, oid) do nothing;
