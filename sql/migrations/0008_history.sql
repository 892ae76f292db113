-- What is looked up stays as cheap as on the first day, however much is over.
-- A partial index of a state that is rare is one page when statistics are made, so the planner takes it for whatever
-- asks for that state, also for a row by its id, and then walks all rows that were in that state since. So such an
-- index demands something more, which only those say who mean it. Where none can, queries say state || ''.
-- Large tables that every turn writes come last, and what locks out readers comes at the end.

-- People by what they are called.
create index users_name on users (tenant_id, (lower(name) collate "C"));
create index users_mail on users (tenant_id, (lower(mail) collate "C"));
create index users_upn on users (tenant_id, (lower(upn) collate "C"));
analyze users; -- what is known of an expression comes with its index

-- Who has an app, longest first.
create index grants_of_app on grants (tenant_id, app_id, id) where state = 'active';

-- Those who wait for a seat, and requests for somebody else.
create index requests_failed on requests (tenant_id, app_id, reason, id) where state = 'failed';
create index requests_beneficiary on requests (tenant_id, beneficiary_oid, id)
	where beneficiary_oid <> '' and state in ('pending', 'needs_info', 'approved', 'fulfilling');

-- What a tenant asked for lately, beside one with many times as much.
create index requests_newest on requests (tenant_id, id);

-- Open stages of a request, and the one that was held against the directory longest ago.
create index stages_of_request on stages (request_id) where state = 'open' and request_id is not null;
create index stages_unwatched on stages ((coalesce(checked_at, '-infinity')), request_id)
	where state = 'open' and coalesce(checked_at, '-infinity') is not null;
analyze stages;

-- Whoever asks for jobs by time, or names a tenant.
create index jobs_by_time on jobs (priority, run_at)
	where state in ('queued', 'retry_wait', 'waiting_upstream') and run_at is not null;
create index jobs_of_tenant on jobs (tenant_id, kind, key)
	where state not in ('succeeded', 'cancelled') and tenant_id is not null;
create or replace view unsettled_people as
	select u.tenant_id, u.oid, u.name,
	       u.acted_state = 'active' and (u.missed or u.state <> 'active') as leaves,
	       u.acted_state = 'active' and u.state = 'active' and not u.missed as moves
	from users u
	where (u.missed or u.state <> u.acted_state or u.manager_oid <> u.acted_manager or u.department <> u.acted_department)
	  and not exists (select from jobs j
		where j.tenant_id = u.tenant_id and j.kind = 'person' and j.key = 'person:' || u.oid
		  and (j.state in ('queued', 'running', 'retry_wait', 'waiting_upstream')
		       or j.state = 'failed' and j.changed_at > now() - interval '1 day'));

-- Whoever asks for notices by time; the ledger, of one tenant or of all.
create index outbox_by_time on outbox (due_at) where state = 'pending' and due_at is not null;
create index outbox_ledger on outbox (tenant_id, id) where state in ('ambiguous', 'dead') and kind = 'send';

drop index grants_by_app, stages_open, jobs_due, jobs_open, outbox_pending, outbox_undelivered;
alter index grants_of_app rename to grants_by_app;
alter index stages_of_request rename to stages_open;
alter index jobs_by_time rename to jobs_due;
alter index jobs_of_tenant rename to jobs_open;
alter index outbox_by_time rename to outbox_pending;
alter index outbox_ledger rename to outbox_undelivered;
