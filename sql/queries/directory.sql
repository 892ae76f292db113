-- What the directory says of people, and where the next question for changes begins.

-- name: directory_get
select delta_link, full_since is not null, coalesce(extract(epoch from now() - full_at)::bigint, -1)
from directory_sync where tenant_id = $1;

-- Before a page's people are written, so that whom a full round has told of was synced after its beginning.
-- name: directory_page
insert into directory_sync (tenant_id, delta_link, full_since, synced_at)
values ($1, $2, case when $3::boolean then now() end, now())
on conflict (tenant_id) do update
set delta_link = excluded.delta_link, synced_at = now(),
    full_since = case when $3::boolean then coalesce(directory_sync.full_since, now()) end;

-- name: directory_restart
update directory_sync set delta_link = '', full_since = null where tenant_id = $1;

-- Whom a full round did not tell of may be gone: each is looked up before anything is done about it.
-- name: directory_full
with done as (
	update directory_sync set full_since = null, full_at = now()
	from (select full_since as since from directory_sync where tenant_id = $1) before
	where tenant_id = $1 and before.since is not null
	returning before.since
)
update users u
set missed = true
from done
where u.tenant_id = $1 and u.state <> 'deleted' and (u.synced_at is null or u.synced_at < done.since);

-- Null leaves a column as it is. What is learnt for the first time is no change.
-- name: directory_learn
insert into users (tenant_id, oid, name, mail, upn, department, job_title, manager_oid, state, guest, synced_at,
	acted_state, acted_manager, acted_department, acted_title)
values ($1, $2, coalesce($3, ''), coalesce($4, ''), coalesce($5, ''), coalesce($6, ''), coalesce($7, ''), coalesce($8, ''),
	coalesce($9, 'active'), coalesce($10::boolean, false), now(), coalesce($9, 'active'), $8, $6, $7)
on conflict (tenant_id, oid) do update
set name = coalesce($3, users.name), mail = coalesce($4, users.mail), upn = coalesce($5, users.upn),
    department = coalesce($6, users.department), job_title = coalesce($7, users.job_title),
    manager_oid = coalesce($8, users.manager_oid), state = coalesce($9, users.state),
    guest = coalesce($10::boolean, users.guest), synced_at = now(), missed = false,
    acted_manager = coalesce(users.acted_manager, $8), acted_department = coalesce(users.acted_department, $6),
    acted_title = coalesce(users.acted_title, $7);

-- One job for each person whose change was not acted upon, 20 in a second. Without a limit: for all of them.
-- name: directory_unsettled
insert into jobs (tenant_id, kind, key, payload, run_at)
select u.tenant_id, 'person', 'person:' || u.oid, jsonb_build_object('oid', u.oid),
	now() + (row_number() over (order by u.oid) - 1) / 20 * interval '1 second'
from unsettled_people u
where u.tenant_id = $1
order by u.oid
limit nullif($2::bigint, 0)
on conflict (kind, key) where state in ('queued', 'running', 'retry_wait', 'waiting_upstream', 'waiting_admin') do nothing;

-- name: directory_person
select name, mail, state, acted_state, manager_oid, coalesce(acted_manager, manager_oid),
       department, coalesce(acted_department, department), job_title, coalesce(acted_title, job_title)
from users where tenant_id = $1 and oid = $2
for update;

-- name: directory_acted
update users
set acted_state = $3, acted_manager = $4, acted_department = $5, acted_title = $6
where tenant_id = $1 and oid = $2;

-- offset 0 keeps min() from walking all requests by their numbers, in the hope to meet one soon.
-- name: directory_request_of
select coalesce(min(id), 0)
from (
	select id from requests
	where tenant_id = $1 and requester_oid = $2 and state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling')
	union all
	select id from requests
	where tenant_id = $1 and beneficiary_oid = $2 and beneficiary_oid <> ''
	  and state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling')
	offset 0) r;

-- name: directory_undecided
select coalesce(min(id), 0)
from (
	select id from requests
	where tenant_id = $1 and requester_oid = $2 and beneficiary_oid = '' and state in ('pending', 'needs_info')
	union all
	select id from requests
	where tenant_id = $1 and beneficiary_oid = $2 and beneficiary_oid <> '' and state in ('pending', 'needs_info')
	offset 0) r
where id > $3;

-- Among what is undecided, not among all that this person was ever asked.
-- name: directory_asked_of
select coalesce(min(r.id), 0)
from requests r
cross join lateral (
	select from stage_approvers a
	join stages s on s.request_id = a.request_id and s.ordinal = a.ordinal
	where a.request_id = r.id and a.ordinal = r.stage and a.oid = $2 and a.state = 'asked' and s.state = 'open'
	  and not exists (select from decisions d where d.request_id = r.id and d.ordinal = a.ordinal
	    and (d.oid = a.oid or coalesce(nullif(d.on_behalf_of, ''), d.oid) = coalesce(nullif(a.on_behalf_of, ''), a.oid)))
	offset 0) a
where r.tenant_id = $1 and r.id > $3 and r.state in ('pending', 'needs_info');

-- name: directory_unwatched
select s.request_id
from stages s
cross join lateral (
	select from requests r
	where r.id = s.request_id and r.stage = s.ordinal and r.tenant_id = $1 and r.state in ('pending', 'needs_info')
	offset 0) r
where s.state = 'open' and coalesce(s.checked_at, '-infinity') < now() - make_interval(secs => $2::bigint)
order by coalesce(s.checked_at, '-infinity'), s.request_id
limit 1;

-- Also of a stage that has ended by it: the next one gets its own turn.
-- name: directory_watched
update stages s
set checked_at = now()
from requests r
where r.id = $1 and s.request_id = r.id and s.ordinal = r.stage;

-- Held before the count is made: who is approved meanwhile touches this row and is seen, or comes later.
-- name: directory_hold_job
select 1 from jobs where id = $1 for update;

-- name: directory_give_up_job
update jobs
set state = 'cancelled', fence = fence + 1, lease_owner = '', lease_until = null, changed_at = now()
where id = $1 and state || '' in ('queued', 'running', 'retry_wait', 'waiting_upstream', 'waiting_admin', 'failed')
  and not exists (select from requests where app_id = $2 and state in ('approved', 'fulfilling'))
returning id;

-- name: directory_delegation_of
select coalesce(min(id), 0) from delegations
where tenant_id = $1 and (from_oid = $2 or to_oid = $2) and ended_at is null and ends_at > now();

-- name: directory_end_delegation
update delegations set ended_at = now() where id = $1 and ended_at is null;
