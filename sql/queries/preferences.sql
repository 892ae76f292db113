-- What people wish to be told, and news that waits for it.

-- The defaults where nothing was ever wished.
-- name: preferences_get
select digest, muted, coalesce(to_char(quiet_from, 'HH24:MI'), ''), coalesce(to_char(quiet_until, 'HH24:MI'), ''),
	time_zone,
	greatest(0, ceil(extract(epoch from news_due(digest, quiet_from, quiet_until, time_zone, now()) - now())))::bigint,
	language,
	greatest(0, ceil(extract(epoch from news_due('daily', quiet_from, quiet_until, time_zone, now()) - now())))::bigint
from (
	select digest, muted, quiet_from, quiet_until, time_zone, language from preferences where tenant_id = $1 and oid = $2
	union all
	select 'off', false, null, null, person_zone($1, $2), '' where not exists (select from preferences where tenant_id = $1 and oid = $2)
) wish;

-- name: preferences_put
insert into preferences (tenant_id, oid, digest, muted, quiet_from, quiet_until, time_zone, language)
values ($1, $2, $3, $4::boolean, nullif($5, '')::time, nullif($6, '')::time, $7, $8)
on conflict (tenant_id, oid) do update
set digest = excluded.digest, muted = excluded.muted, quiet_from = excluded.quiet_from,
	quiet_until = excluded.quiet_until, time_zone = excluded.time_zone, language = excluded.language, updated_at = now();

-- The name as the time zone database spells it. Names of places only: abbreviations mean several zones.
-- name: preferences_zone
select name
from pg_timezone_names
where lower(name) = lower($1) and (name like '%/%' or name = 'UTC') and name not like 'posix/%'
limit 1;

-- No row when the person was told, or is to be told, this fact already, or is none that we know.
-- name: preferences_hold
insert into held_notices (tenant_id, oid, fact, text)
select $1, $2, $3, $4
where exists (select from users where tenant_id = $1 and oid = $2) and not exists (
	select from outbox where tenant_id = $1 and recipient_oid = $2 and fact = $3 and kind = 'send')
on conflict do nothing
returning fact;

-- name: preferences_take
with told as (
	update held_notices
	set told_at = now()
	where tenant_id = $1 and oid = $2 and told_at is null
	returning text, held_at, fact
)
select text, iso_utc(held_at) from told order by held_at, fact;

-- A wish that has changed counts for what waits already.
-- name: preferences_reschedule
update jobs
set run_at = now() + make_interval(secs => $2::bigint), changed_at = now()
where kind = 'news' and key = $1 and state = 'queued';
