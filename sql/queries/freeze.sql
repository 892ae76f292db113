-- The freeze of a tenant: settings Frozen and FrozenReason, and the clocks that stand still meanwhile.

-- name: freeze_get
select iso_utc(s.changed_at), s.changed_by, coalesce(u.name, ''), coalesce(r.value, '')
from portal_settings s
left join portal_settings r on r.tenant_id = s.tenant_id and r.key = 'FrozenReason'
left join users u on u.tenant_id = s.tenant_id and u.oid = s.changed_by
where s.tenant_id = $1 and s.key = 'Frozen' and s.value = 'true';

-- No row when it is frozen already: the first one stays, with its time.
-- name: freeze_on
insert into portal_settings (tenant_id, key, value, changed_by)
values ($1, 'Frozen', 'true', $2)
on conflict (tenant_id, key) do update
set value = 'true', changed_by = excluded.changed_by, changed_at = now()
where portal_settings.value <> 'true'
returning 1;

-- The moment since when it was frozen, exactly. No row when it is not.
-- name: freeze_off
with old as (
	select tenant_id, key, changed_at from portal_settings
	where tenant_id = $1 and key = 'Frozen' and value = 'true'
	for update
)
update portal_settings s
set value = 'false', changed_by = $2, changed_at = now()
from old
where s.tenant_id = old.tenant_id and s.key = old.key
returning old.changed_at::text, extract(epoch from now() - old.changed_at)::bigint;

-- What ran out before the freeze has run out. What began during the freeze is moved by its own share of it.
-- name: freeze_move_stages
update stages s
set deadline_at = case when s.deadline_at > $2::timestamptz then s.deadline_at + by.lost else s.deadline_at end,
    waits_since = s.waits_since + by.lost
from (select t.request_id, t.ordinal, now() - greatest($2::timestamptz, t.opened_at) as lost
      from stages t
      join requests r on r.id = t.request_id
      where r.tenant_id = $1 and t.state = 'open') by
where s.request_id = by.request_id and s.ordinal = by.ordinal and s.state = 'open';

-- name: freeze_move_grants
update grants
set expires_at = expires_at + (now() - greatest($2::timestamptz, started_at))
where tenant_id = $1 and state = 'active' and expires_at > $2::timestamptz;

-- A timer that came up during the freeze has only looked: it looks again now. The others wait on.
-- name: freeze_move_timers
update jobs
set run_at = case when changed_at > $2::timestamptz then least(run_at, now())
                  else run_at + (now() - $2::timestamptz) end
where tenant_id = $1 and kind in ('stage', 'grant') and state in ('queued', 'retry_wait') and run_at > $2::timestamptz;
