-- Reviews: who has another place in the organisation keeps an app for which another policy counts there only when
-- somebody says so. A review is a request of the counter itself about a grant that exists.

alter table requests add column is_review boolean not null default false; -- about the grant extends_grant

-- The job title that was acted upon, as the other acted_ columns; null: none yet.
alter table users add column acted_title text;
update users set acted_title = job_title where acted_department is not null;
drop index users_unsettled;
create index users_unsettled on users (tenant_id, oid)
	where missed or state <> acted_state or manager_oid <> acted_manager or department <> acted_department
	      or job_title <> acted_title;
create or replace view unsettled_people as
	select u.tenant_id, u.oid, u.name,
	       u.acted_state = 'active' and (u.missed or u.state <> 'active') as leaves,
	       u.acted_state = 'active' and u.state = 'active' and not u.missed as moves
	from users u
	where (u.missed or u.state <> u.acted_state or u.manager_oid <> u.acted_manager or u.department <> u.acted_department
	       or u.job_title <> u.acted_title)
	  and not exists (select from jobs j
		where j.tenant_id = u.tenant_id and j.kind = 'person' and j.key = 'person:' || u.oid
		  and (j.state in ('queued', 'running', 'retry_wait', 'waiting_upstream')
		       or j.state = 'failed' and j.changed_at > now() - interval '1 day'));
