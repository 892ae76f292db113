-- Members of an app's group beside the grants that explain them.

-- name: drifts_next
select id, group_id
from apps
where tenant_id = $1 and group_id <> '' and (drift_at is null or drift_at < now() - make_interval(secs => $2::bigint))
order by drift_at nulls first, id
limit 1;

-- A delivery joins the group first and becomes a grant then, and the directory shows both late: young ones are left alone.
-- name: drifts_missing
select g.oid
from grants g
join users u on u.tenant_id = g.tenant_id and u.oid = g.oid
where g.tenant_id = $1 and g.app_id = $2 and g.group_id = $3 and g.state = 'active' and u.state = 'active'
  and g.started_at < now() - interval '10 minutes' and not g.oid = any ($4::text[])
order by g.oid
limit 100;

-- Explained by now, not a member any more, or ignored for long enough: found again when it still is so.
-- name: drifts_gone
update drifts d
set state = 'gone'
where d.tenant_id = $1 and d.app_id = $2 and d.state in ('open', 'ignored')
  and (not d.oid = any ($3::text[]) or d.until < now()
       or exists (select from grants g
		where g.tenant_id = d.tenant_id and g.app_id = d.app_id and g.oid = d.oid and g.state = 'active'));

-- name: drifts_found
insert into drifts (tenant_id, app_id, oid, name, kind)
select $1, $2::bigint, m.oid, m.name, 'extra'
from unnest($3::text[], $4::text[]) as m (oid, name)
where not exists (select from grants g
	where g.tenant_id = $1 and g.app_id = $2 and g.oid = m.oid and (g.state = 'active' or g.removed_at is null))
  and not exists (select from requests r
	where r.tenant_id = $1 and r.app_id = $2 and r.state in ('approved', 'fulfilling')
	  and m.oid = coalesce(nullif(r.beneficiary_oid, ''), r.requester_oid))
  and not exists (select from drifts d
	where d.tenant_id = $1 and d.app_id = $2 and d.oid = m.oid and d.state = 'removed' and d.removed_at is null)
on conflict (tenant_id, app_id, oid, kind) where state in ('open', 'ignored') do nothing;

-- name: drifts_looked
update apps set drift_at = now() where id = $1;

-- name: drifts_open
select id, oid, name
from drifts
where tenant_id = $1 and app_id = $2 and state = 'open' and ($3::bigint = 0 or id <= $3)
order by name, oid;

-- name: drifts_apps
select a.id, a.name, count(*), max(d.id)
from drifts d
join apps a on a.id = d.app_id
where d.tenant_id = $1 and d.state = 'open'
group by a.id
order by a.name
limit $2;

-- name: drifts_decide
update drifts
set state = $4, decided_by = $5, decided_at = now(),
    until = case when $4 = 'ignored' then now() + make_interval(days => $6::int) end
where tenant_id = $1 and app_id = $2 and state = 'open' and id <= $3
returning id, oid, name;

-- name: drifts_removals
select d.id, a.group_id, d.oid
from drifts d
join apps a on a.id = d.app_id
where d.tenant_id = $1 and d.state = 'removed' and d.removed_at is null
  and not exists (select from grants g
	where g.tenant_id = d.tenant_id and g.app_id = d.app_id and g.oid = d.oid and g.state = 'active')
order by d.id
limit 50;

-- name: drifts_removed
update drifts set removed_at = now() where id = any ($1::bigint[]);

-- A request that says where the grant comes from. None for somebody whom the directory has not named.
-- name: drifts_adopt
insert into requests (tenant_id, requester_oid, app_id, state, justification, stage, closed_at)
select u.tenant_id, u.oid, $3, 'delivered', $4, 0, now()
from users u
where u.tenant_id = $1 and u.oid = $2
returning id;
