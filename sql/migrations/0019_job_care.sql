-- How a job fails, what happened to it meanwhile, and who of the admins looks after it.

alter table jobs
	add column error_code text not null default '',     -- "timeout"; the class says what comes of it
	add column failed_step text not null default '',    -- the last that failed; until it is done, the job is failing
	add column failures int not null default 0,         -- claims that failed since failing_since
	add column assignee_oid text not null default '',   -- of the admins; until the job is done
	add column assignee_name text not null default '',
	add column escalated_at timestamptz;                -- the admin on call was called, since failing_since

-- Finished steps are in job_steps. The newest lines of a job are kept.
create table job_log (
	id      bigint generated always as identity primary key,
	job_id  bigint not null references jobs,
	at      timestamptz not null default now(),
	step    text not null,
	event   text not null check (event in ('failed', 'retried', 'assigned', 'escalated')),
	detail  text not null default ''                    -- what went wrong, or the admin's name
);
create index job_log_job on job_log (job_id, id);
