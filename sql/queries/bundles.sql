-- Requests that were filed together.

-- name: bundles_insert
insert into bundles (tenant_id, requester_oid)
values ($1, $2)
returning id;

-- name: bundles_add
update requests set bundle_id = $1 where id = $2;

-- name: bundles_refused
update bundles set refused = $2 where id = $1;

-- name: bundles_lock
select id from bundles where tenant_id = $1 and id = $2 for update;

-- name: bundles_get
select requester_oid, refused from bundles where tenant_id = $1 and id = $2;

-- name: bundles_requests
select *
from request_details
where tenant_id = $1 and bundle_id = $2
order by id;
