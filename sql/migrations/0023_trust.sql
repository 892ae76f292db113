-- From where an app's installer comes and who signed it: learnt from the first package, changed by admins.

create table app_trust (
	app_id     bigint primary key references apps (id) on delete cascade,
	hosts      text[] not null default '{}',  -- '{}': not known yet
	signer     text not null default '',      -- subject, or 'unsigned'; '': not known yet
	issuer     text not null default '',      -- SHA-256 of the last certificate of its chain; '': any
	found      jsonb,                         -- an installer that is not within it waits for an admin
	changed_by text not null default 'system',
	changed_at timestamptz not null default now()
);

-- A job that waits for an admin is a live one: who asks for the app meanwhile waits with it.
alter table jobs drop constraint jobs_state_check;
alter table jobs add constraint jobs_state_check check (state in ('queued', 'running', 'retry_wait',
	'waiting_upstream', 'waiting_admin', 'succeeded', 'failed', 'cancelled'));
drop index jobs_live;
create unique index jobs_live on jobs (kind, key)
	where state in ('queued', 'running', 'retry_wait', 'waiting_upstream', 'waiting_admin');

alter table job_log drop constraint job_log_event_check;
alter table job_log add constraint job_log_event_check
	check (event in ('failed', 'retried', 'accepted', 'assigned', 'escalated'));
