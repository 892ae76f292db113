-- What begins the stages of a request anew: an edit, a decision that is taken back. And how often somebody may remind.

-- name: rounds_edit
update requests
set justification = $3, wanted_days = nullif($4::int, 0), policy_name = $5, policy_version = $6, granted_days = null,
    app_version = '', state = 'pending', version = version + 1, round = round + 1, paused_at = null, nudged_at = null,
    changed_at = now()
where id = $1 and version = $2 and state in ('pending', 'needs_info');

-- name: rounds_answer
insert into answers (request_id, round, ordinal, label, answer)
values ($1, $2, $3, $4, $5);

-- name: rounds_revise
insert into revisions (request_id, round, line, what, label, before, after)
select $1, $2, coalesce(max(line), 0) + 1, $3, $4, $5, $6
from revisions
where request_id = $1 and round = $2;

-- name: rounds_revisions
select what, label, before, after
from revisions
where request_id = $1 and round = $2
order by line;

-- The stages from the ordinal on, once more, as a round of their own.
-- name: rounds_again
insert into stages (request_id, ordinal, round, step, steps, kind, group_id, person_oid, need, state)
select s.request_id, l.last + s.ordinal - $2::int + 1, r.round + 1, s.step, s.steps, s.kind, s.group_id, s.person_oid,
       s.need, 'waiting'
from stages s
join requests r on r.id = s.request_id and r.round = s.round
cross join (select max(ordinal) as last from stages where request_id = $1) l
where s.request_id = $1 and s.ordinal >= $2::int
returning ordinal;

-- Of the days, what the steps before have left: each as it was decided last.
-- name: rounds_reopen
with step as (
	select distinct on (s.step) s.ordinal
	from stages s
	join stages again on again.request_id = s.request_id and again.ordinal = $3
	where s.request_id = $1 and s.state = 'approved' and s.step < again.step
	order by s.step, s.ordinal desc
)
update requests
set state = 'pending', version = version + 1, round = round + 1, stage = $3, reason = '', job_id = null,
    approved_at = null, app_version = '', closed_at = null,
    granted_days = (select min(d.granted_days) from decisions d join step using (ordinal)
                    where d.request_id = $1 and d.decision = 'approved'), nudged_at = null, changed_at = now()
where id = $1 and version = $2 and state in ('approved', 'fulfilling', 'rejected');

-- Seconds since the stage's final decision.
-- name: rounds_decided_ago
select extract(epoch from now() - decided_at)::bigint
from decisions
where request_id = $1 and ordinal = $2 and is_final;

-- name: rounds_nudged_at
select coalesce(extract(epoch from nudged_at) * 1000, 0)::bigint from requests where id = $1;

-- name: rounds_nudge
update requests
set nudged_at = now()
where id = $1 and (nudged_at is null or nudged_at <= now() - $2::int * interval '1 second');

-- Seconds until the next one.
-- name: rounds_nudge_wait
select greatest(1, extract(epoch from nudged_at - now())::bigint + $2::int)
from requests
where id = $1;

-- A package job that somebody's approval waits for: how far it is, its row held.
-- name: rounds_job
select state, step from jobs where id = $1 for update;

-- Nobody waits for it any more: it ends unless it works already.
-- name: rounds_job_end
update jobs j
set state = 'cancelled', fence = fence + 1, lease_owner = '', lease_until = null, changed_at = now()
where j.id = $1 and j.state || '' in ('queued', 'retry_wait', 'waiting_upstream', 'waiting_admin')
	and not exists (select from requests r where r.job_id = j.id and r.state in ('approved', 'fulfilling'))
returning id;
