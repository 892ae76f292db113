-- Requests and answers. Reads come from the view request_details, whose columns read_request() in
-- src/store/requests.c knows by their order.

-- For somebody else it is a draft.
-- name: requests_insert
insert into requests (tenant_id, requester_oid, app_id, state, justification, stage, policy_name, policy_version,
	wanted_days, extends_grant, is_review, beneficiary_oid, device_id, device_name, device_compliance, device_at)
values ($1, $2, $3, case when $10 = '' then 'pending' else 'draft' end, $4, 0, $5, $6, nullif($7::int, 0),
	nullif($8::bigint, 0), $9, $10, $11, $12, $13, case when $11 = '' then null else now() end)
on conflict (tenant_id, (coalesce(nullif(beneficiary_oid, ''), requester_oid)), app_id)
	where state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling') do nothing
returning id;

-- name: requests_answer_insert
insert into answers (request_id, ordinal, label, answer)
values ($1, $2, $3, $4);

-- name: requests_lock
select id
from requests
where tenant_id = $1 and id = $2
for update;

-- name: requests_get
select *
from request_details
where tenant_id = $1 and id = $2;

-- Of who will hold the app, whoever asked.
-- name: requests_standing
select *
from request_details
where tenant_id = $1 and id = (
	select max(r.id)
	from requests r
	where r.tenant_id = $1 and r.app_id = $3
	  and (r.requester_oid = $2 and r.beneficiary_oid = '' or r.beneficiary_oid = $2 and r.beneficiary_oid <> '')
	  and (r.state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling')
	       or r.state = 'delivered' and exists (select from grants g where g.request_id = r.id and g.state = 'active')));

-- Those that the person asked for, and those that others asked for them.
-- name: requests_of
select *
from request_details
where tenant_id = $1 and id in (
	(select id from requests where tenant_id = $1 and requester_oid = $2 order by id desc limit $3)
	union
	(select id from requests where tenant_id = $1 and beneficiary_oid = $2 and beneficiary_oid <> '' order by id desc limit $3))
order by id desc
limit $3;

-- What the counter itself asks about a person is not theirs.
-- name: requests_open_count
select count(*)
from requests
where tenant_id = $1 and requester_oid = $2 and state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling')
  and not is_review;

-- name: requests_pending
select d.*
from request_details d
where tenant_id = $1 and requester_oid <> $2 and beneficiary_oid <> $2 and state in ('pending', 'needs_info')
  and ((stage_group_id <> '' and stage_group_id = $3) or exists (
      select from stage_approvers a
      where a.request_id = d.id and a.ordinal = d.stage and a.oid = $2 and a.state = 'asked'))
  and not exists (select from decisions v where v.request_id = d.id and v.ordinal = d.stage and v.oid = $2)
order by id
limit $4;

-- name: requests_waiting_lock
select id
from requests
where tenant_id = $1 and app_id = $2 and state in ('approved', 'fulfilling')
order by id
for update;

-- name: requests_waiting
select *
from request_details
where tenant_id = $1 and app_id = $2 and state in ('approved', 'fulfilling')
order by id;

-- Those that count: of the last round that brought any.
-- name: requests_answers
select ordinal, label, answer
from answers
where request_id = $1 and round = (select max(round) from answers where request_id = $1)
order by ordinal;

-- name: requests_was_asked
select exists (select from stage_approvers where request_id = $1 and oid = $2);

-- name: requests_approvers
select oid, name
from stage_approvers
where request_id = $1 and ordinal = $2 and state = 'asked'
order by name, oid;

-- name: requests_change
update requests
set state = $3, version = version + 1, reason = coalesce($4, reason), job_id = coalesce(nullif($5::bigint, 0), job_id),
    stage = coalesce(nullif($6::int, 0), stage), granted_days = coalesce(nullif($7::int, 0), granted_days),
    approved_at = case when $8::boolean then now() else approved_at end, changed_at = now(),
    closed_at = case when $3 in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling') then null else now() end
where id = $1 and version = $2;

-- name: requests_device
update requests
set device_id = $2, device_name = $3, device_compliance = $4, device_at = case when $2 = '' then null else now() end
where id = $1
returning iso_utc(device_at);

-- name: requests_stage
update requests set stage = $2 where id = $1;

-- name: requests_automatic_count
select count(*)
from (
	select from requests
	where tenant_id = $1 and requester_oid = $2 and beneficiary_oid = '' and stage = 0 and not by_right
	  and approved_at > now() - $3::int * interval '1 day'
	union all
	select from requests
	where tenant_id = $1 and beneficiary_oid = $2 and beneficiary_oid <> '' and stage = 0 and not by_right
	  and approved_at > now() - $3::int * interval '1 day') r;
