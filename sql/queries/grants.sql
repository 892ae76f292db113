-- Grants. Reads come from the view grant_details, whose columns read_grant() in src/store/grants.c knows by their order.

-- Days 0: for good.
-- name: grants_put
insert into grants (tenant_id, request_id, oid, app_id, group_id, expires_at, by_right)
values ($1, $2, $3, $4, $5, now() + nullif($6::int, 0) * interval '1 day', (select by_right from requests where id = $2))
on conflict (request_id) do nothing
returning id;

-- name: grants_lock
select id from grants where tenant_id = $1 and id = $2 for update;

-- name: grants_get
select * from grant_details where tenant_id = $1 and id = $2;

-- By the request that brought it, or by one that asked for more time of it.
-- name: grants_of_request
select g.*
from grant_details g
join requests r on r.tenant_id = $1 and r.id = $2
where g.tenant_id = $1 and (g.request_id = r.id or g.id = r.extends_grant);

-- What the person has; those that end first come first.
-- name: grants_of_person
select *
from grant_details
where tenant_id = $1 and oid = $2 and state = 'active'
order by expires_at nulls last, id
limit $3;

-- Who has the app, longest first.
-- name: grants_of_app
select *
from grant_details
where tenant_id = $1 and app_id = $2 and state = 'active'
order by id
limit $3;

-- name: grants_count
select count(*) from grants where tenant_id = $1 and app_id = $2 and state = 'active';

-- name: grants_end
update grants
set state = $2, ended_at = now(), ended_by = $3, end_reason = $4
where id = $1 and state = 'active'
returning 1;

-- name: grants_warned
update grants set warned_days = $2 where id = $1;

-- name: grants_extend
update grants
set expires_at = expires_at + $2::int * interval '1 day', warned_days = null
where id = $1 and state = 'active' and expires_at is not null
returning 1;

-- At most so long from now on; notices begin anew.
-- name: grants_limit
update grants
set expires_at = least(expires_at, now() + $2::int * interval '1 day'), warned_days = null
where id = $1 and state = 'active'
returning 1;

-- The next one that somebody has given this person; what comes by right is looked at by itself.
-- name: grants_given
select *
from grant_details
where tenant_id = $1 and oid = $2 and state = 'active' and id > $3
  and not (select by_right from grants where grants.id = grant_details.id)
order by id
limit 1;

-- name: grants_removed
update grants set removed_at = now() where id = $1 and removed_at is null;

-- Whether the person is to be in the group for another reason: one more grant, or a request on its way to one.
-- name: grants_other_reason
select exists (
		select from grants o
		where o.tenant_id = g.tenant_id and o.oid = g.oid and o.group_id = g.group_id and o.state = 'active'),
	exists (
		select from requests r
		join apps a on a.id = r.app_id
		where r.tenant_id = g.tenant_id and coalesce(nullif(r.beneficiary_oid, ''), r.requester_oid) = g.oid
			and a.group_id = g.group_id
			and r.extends_grant is null and r.state in ('approved', 'fulfilling'))
from grants g
where g.id = $1;

-- Who asks again leaves the queue.
-- name: grants_seat_queue
select r.id, coalesce(nullif(r.beneficiary_oid, ''), r.requester_oid)
from requests r
where r.tenant_id = $1 and r.app_id = $2 and r.state = 'failed' and r.reason = $3
	and not exists (select from requests n
		where n.tenant_id = r.tenant_id and n.app_id = r.app_id and n.id > r.id and n.beneficiary_oid = ''
			and n.requester_oid = coalesce(nullif(r.beneficiary_oid, ''), r.requester_oid) offset 0)
	and not exists (select from requests n
		where n.tenant_id = r.tenant_id and n.app_id = r.app_id and n.id > r.id and n.beneficiary_oid <> ''
			and n.beneficiary_oid = coalesce(nullif(r.beneficiary_oid, ''), r.requester_oid) offset 0)
order by r.id
limit $4;
