-- Requests, answers, stages, slates. Reads come from the view request_details, its columns always in the order of
-- read_request() in src/store/requests.c.

-- name: requests_insert
insert into requests (tenant_id, requester_oid, app_id, state, justification)
values ($1, $2, $3, 'pending', $4)
on conflict (tenant_id, requester_oid, app_id)
	where state in ('pending', 'needs_info', 'approved', 'fulfilling') do nothing
returning id;

-- name: requests_answer_insert
insert into answers (request_id, ordinal, label, answer)
values ($1, $2, $3, $4);

-- name: requests_stage_insert
insert into stages (request_id, ordinal, kind, group_id, opened_at)
values ($1, $2, 'group', $3, now());

-- name: requests_approvers_insert
insert into stage_approvers (request_id, ordinal, oid, name)
select $1, $2, p.oid, p.name
from unnest($3::text[], $4::text[]) as p(oid, name);

-- name: requests_lock
select id
from requests
where tenant_id = $1 and id = $2
for update;

-- name: requests_get
select id, tenant_id, requester_oid, requester_name, requester_mail, app_id, app_name, app_publisher, state,
       version, stage, justification, reason, job_id, iso_utc(created_at), iso_utc(changed_at), iso_utc(closed_at),
       stage_state, stage_group_id, decided_by_oid, decided_by_name, iso_utc(decided_at), decision_reason
from request_details
where tenant_id = $1 and id = $2;

-- name: requests_standing
select id, tenant_id, requester_oid, requester_name, requester_mail, app_id, app_name, app_publisher, state,
       version, stage, justification, reason, job_id, iso_utc(created_at), iso_utc(changed_at), iso_utc(closed_at),
       stage_state, stage_group_id, decided_by_oid, decided_by_name, iso_utc(decided_at), decision_reason
from request_details
where tenant_id = $1 and requester_oid = $2 and app_id = $3
  and (state in ('pending', 'needs_info', 'approved', 'fulfilling')
       or (state = 'delivered'
           and exists (select from grants g where g.request_id = request_details.id and g.state = 'active')))
order by id desc
limit 1;

-- name: requests_of
select id, tenant_id, requester_oid, requester_name, requester_mail, app_id, app_name, app_publisher, state,
       version, stage, justification, reason, job_id, iso_utc(created_at), iso_utc(changed_at), iso_utc(closed_at),
       stage_state, stage_group_id, decided_by_oid, decided_by_name, iso_utc(decided_at), decision_reason
from request_details
where tenant_id = $1 and requester_oid = $2
order by id desc
limit $3;

-- name: requests_open_count
select count(*)
from requests
where tenant_id = $1 and requester_oid = $2 and state in ('pending', 'needs_info', 'approved', 'fulfilling');

-- name: requests_pending
select id, tenant_id, requester_oid, requester_name, requester_mail, app_id, app_name, app_publisher, state,
       version, stage, justification, reason, job_id, iso_utc(created_at), iso_utc(changed_at), iso_utc(closed_at),
       stage_state, stage_group_id, decided_by_oid, decided_by_name, iso_utc(decided_at), decision_reason
from request_details
where tenant_id = $1 and requester_oid <> $2 and state in ('pending', 'needs_info')
order by id
limit $3;

-- name: requests_waiting_lock
select id
from requests
where tenant_id = $1 and app_id = $2 and state in ('approved', 'fulfilling')
order by id
for update;

-- name: requests_waiting
select id, tenant_id, requester_oid, requester_name, requester_mail, app_id, app_name, app_publisher, state,
       version, stage, justification, reason, job_id, iso_utc(created_at), iso_utc(changed_at), iso_utc(closed_at),
       stage_state, stage_group_id, decided_by_oid, decided_by_name, iso_utc(decided_at), decision_reason
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
where request_id = $1 and ordinal = $2
order by name, oid;

-- name: requests_change
update requests
set state = $3, version = version + 1, reason = coalesce($4, reason), job_id = coalesce(nullif($5::bigint, 0), job_id),
    changed_at = now(),
    closed_at = case when $3 in ('pending', 'needs_info', 'approved', 'fulfilling') then null else now() end
where id = $1 and version = $2;

-- name: requests_stage_end
update stages
set state = $3, closed_at = now()
where request_id = $1 and ordinal = $2 and state = 'open';
