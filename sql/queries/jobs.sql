-- state || '' keeps what asks for a job by its id on the primary key (why: migration 0008).

-- A live job of the same kind and key is given instead. Its row is touched so that it stays locked until the
-- caller's transaction ends: the job then cannot finish without seeing what that transaction wrote.
-- $8: it may bring the time of a queued one forward, never push it back; a pause after a failure stays.
-- name: jobs_add
insert into jobs (tenant_id, kind, key, payload, run_at, priority)
values ($1, $2, $3, $4,
	coalesce(to_timestamp(nullif($6::bigint, 0)), now() + make_interval(secs => $5::bigint)), $7)
on conflict (kind, key) where state in ('queued', 'running', 'retry_wait', 'waiting_upstream', 'waiting_admin')
do update set changed_at = now(), run_at = case
	when $8::boolean and jobs.state = 'queued' then least(jobs.run_at, excluded.run_at) else jobs.run_at end
returning id;

-- name: jobs_get
select id, tenant_id, kind, key, payload, state, step, attempts, crashes, fence, last_error, error_class,
	extract(epoch from run_at)::bigint, extract(epoch from created_at)::bigint, extract(epoch from changed_at)::bigint,
	extract(epoch from failing_since)::bigint, error_code, failures, assignee_oid, assignee_name,
	escalated_at is not null as is_escalated
from jobs where id = $1;

-- Open are those with something to do now: what only waits for its time is none of these.
-- Few, whatever the number of those that are done: a partial index holds them.
-- name: jobs_list
select id, tenant_id, kind, key, payload, state, step, attempts, crashes, fence, last_error, error_class,
	extract(epoch from run_at)::bigint, extract(epoch from created_at)::bigint, extract(epoch from changed_at)::bigint,
	extract(epoch from failing_since)::bigint, error_code, failures, assignee_oid, assignee_name,
	escalated_at is not null as is_escalated
from jobs
where tenant_id = $1 and state not in ('succeeded', 'cancelled') and (state <> 'queued' or run_at <= now())
order by changed_at desc, id desc
limit $2;

-- A failed job whose key has a live successor stays as it is.
-- name: jobs_retry
update jobs j
set state = 'queued', run_at = now(), attempts = 0, crashes = 0, error_class = '', changed_at = now()
where id = $1 and state || '' in ('failed', 'retry_wait', 'waiting_upstream', 'waiting_admin')
	and not exists (select from jobs o
		where o.kind = j.kind and o.key = j.key and o.id <> j.id
			and o.state in ('queued', 'running', 'retry_wait', 'waiting_upstream', 'waiting_admin'))
returning id;

-- Only what is stuck: a job that was retried meanwhile works for those who wait. The fence moves on, so a worker
-- that was given up for lost writes nothing any more.
-- name: jobs_cancel
update jobs
set state = 'cancelled', fence = fence + 1, lease_owner = '', lease_until = null, changed_at = now()
where id = $1 and state || '' in ('retry_wait', 'waiting_upstream', 'waiting_admin', 'failed')
returning id;

-- One statement, so no two claims meet; each branch walks one range of its own partial index. What has priority 0 goes
-- before all else that is due. A job found running has lost its worker. coalesce asks for the next only when the one
-- before found none.
-- name: jobs_claim
with first as (
	select id from jobs
	where state in ('queued', 'retry_wait', 'waiting_upstream') and priority = 0 and run_at <= now()
		and kind = any($1::text[])
	order by run_at
	limit 1
	for update skip locked
), lost as (
	select id from jobs
	where state = 'running' and lease_until < now() and kind = any($1::text[])
	order by priority, lease_until
	limit 1
	for update skip locked
), due as (
	select id from jobs
	where state in ('queued', 'retry_wait', 'waiting_upstream') and priority = 1 and run_at <= now()
		and kind = any($1::text[])
	order by run_at
	limit 1
	for update skip locked
)
update jobs
set state = 'running', attempts = attempts + 1, crashes = crashes + (state = 'running')::int, fence = fence + 1,
	lease_owner = $2, lease_until = now() + make_interval(secs => $3::bigint), changed_at = now()
where id = coalesce((select id from first), (select id from lost), (select id from due))
returning id, tenant_id, kind, key, payload, state, step, attempts, crashes, fence, last_error, error_class,
	extract(epoch from run_at)::bigint, extract(epoch from created_at)::bigint, extract(epoch from changed_at)::bigint,
	extract(epoch from failing_since)::bigint, error_code, failures, assignee_oid, assignee_name,
	escalated_at is not null as is_escalated;

-- name: jobs_renew
update jobs
set lease_until = now() + make_interval(secs => $3::bigint)
where id = any($2::bigint[]) and state || '' = 'running' and lease_owner = $1
returning id, fence;

-- name: jobs_hold
select 1 from jobs where id = $1 and fence = $2 and state || '' = 'running' for update;

-- A job that is stuck, in the hands of an admin.
-- name: jobs_assign
update jobs set assignee_oid = $2, assignee_name = $3
where id = $1 and state || '' in ('retry_wait', 'waiting_upstream', 'waiting_admin', 'failed')
returning id;

-- Once while it fails.
-- name: jobs_escalate
update jobs set escalated_at = now()
where id = $1 and state || '' in ('retry_wait', 'waiting_upstream', 'waiting_admin', 'failed') and escalated_at is null
returning id;

-- name: jobs_note
insert into job_log (job_id, step, event, detail) select id, step, $2, $3 from jobs where id = $1;

-- The newest lines, oldest first.
-- name: jobs_log
select extract(epoch from at)::bigint, step, event, detail
from (
	select id, at, step, event, detail from job_log where job_id = $1
	union all
	select 0, finished_at, step, 'done', '' from job_steps where job_id = $1
	order by 2 desc, 1 desc
	limit $2
) newest
order by at, id;

-- Without a next step the job has succeeded. The claim that finished a step is the first attempt at the next. Steps
-- before the one that failed may have to be done again: that ends nothing.
-- name: jobs_step_done
with held as (
	update jobs
	set step = coalesce($5, $3), attempts = 1, crashes = 0, last_error = '', error_class = '', error_code = '',
		changed_at = now(),
		failed_step = case when $5::text is null or failed_step = $3 then '' else failed_step end,
		failures = case when $5::text is null or failed_step = $3 then 0 else failures end,
		failing_since = case when $5::text is null or failed_step = $3 then null else failing_since end,
		escalated_at = case when $5::text is null or failed_step = $3 then null else escalated_at end,
		assignee_oid = case when $5::text is null then '' else assignee_oid end,
		assignee_name = case when $5::text is null then '' else assignee_name end,
		state = case when $5::text is null then 'succeeded' else state end,
		lease_owner = case when $5::text is null then '' else lease_owner end,
		lease_until = case when $5::text is null then null else lease_until end
	where id = $1 and fence = $2 and state || '' = 'running'
	returning id
)
insert into job_steps (job_id, step, result)
select id, $3, $4::jsonb from held
on conflict (job_id, step) do update set result = excluded.result, finished_at = now()
returning 1;

-- name: jobs_steps
select step, result from job_steps where job_id = $1;

-- name: jobs_step_drop
delete from job_steps s using jobs j
where s.job_id = $1 and s.step = $3 and j.id = s.job_id and j.fence = $2 and j.state || '' = 'running';

-- $11: so many lines of its log are kept before this one.
-- name: jobs_settle
with settled as (
	update jobs
	set state = $3, step = $4, last_error = $5, error_class = $6, error_code = $10,
		run_at = now() + make_interval(secs => $7::bigint / 1000.0), attempts = attempts - $8::boolean::int,
		crashes = case when $9::boolean then 0 else crashes end, failures = failures + ($3 <> 'queued')::int,
		failed_step = case when $3 = 'queued' then failed_step else $4 end,
		failing_since = case when $3 = 'queued' then failing_since else coalesce(failing_since, now()) end,
		lease_owner = '', lease_until = null, changed_at = now()
	where id = $1 and fence = $2 and state || '' = 'running'
	returning id
), noted as (
	insert into job_log (job_id, step, event, detail) select id, $4, 'failed', $5 from settled where $3 <> 'queued'
), forgotten as (
	delete from job_log l using settled
	where l.job_id = settled.id
		and l.id <= (select id from job_log where job_id = $1 order by id desc offset $11::bigint limit 1)
)
select 1 from settled;

-- A step that says so sends its job to wait for its next time: from its first step on, and uncounted.
-- name: jobs_again
with held as (
	update jobs
	set state = 'queued', step = '', attempts = 0, crashes = 0, last_error = '', error_class = '', error_code = '',
		failed_step = '', failures = 0, failing_since = null, escalated_at = null, assignee_oid = '', assignee_name = '',
		run_at = now() + make_interval(secs => $3::bigint / 1000.0),
		lease_owner = '', lease_until = null, changed_at = now()
	where id = $1 and fence = $2 and state || '' = 'running'
	returning id
), forgotten as (
	delete from job_steps s using held where s.job_id = held.id
), gone as (
	delete from job_log l using held where l.job_id = held.id
)
select 1 from held;
