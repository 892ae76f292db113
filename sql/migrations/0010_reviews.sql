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

create or replace view request_details as
	select r.id, r.tenant_id, r.requester_oid, u.name as requester_name, u.mail as requester_mail,
	       r.app_id, a.name as app_name, a.publisher as app_publisher, r.state, r.version, r.stage,
	       r.justification, r.reason, r.job_id, iso_utc(r.created_at) as created_at,
	       iso_utc(r.changed_at) as changed_at, iso_utc(r.closed_at) as closed_at,
	       coalesce(s.state, 'approved') as stage_state, coalesce(s.group_id, '') as stage_group_id,
	       d.oid as decided_by_oid, coalesce(du.name, '') as decided_by_name,
	       iso_utc(d.decided_at) as decided_at, d.reason as decision_reason,
	       coalesce(nullif(r.beneficiary_oid, ''), r.requester_oid) as beneficiary_oid,
	       r.policy_name, r.policy_version, r.round, r.wanted_days, r.granted_days, r.app_version, r.extends_grant,
	       r.pauses, iso_utc(r.approved_at) as approved_at,
	       coalesce(s.kind, 'group') as stage_kind, coalesce(s.person_oid, '') as stage_person_oid,
	       coalesce(s.step, 0) as stage_step, coalesce(s.steps, 0) as stage_steps, coalesce(s.need, 1) as stage_need,
	       coalesce(s.level, 0) as stage_level, iso_utc(s.deadline_at) as deadline_at,
	       a.owner_oid as app_owner_oid, a.classification as app_classification, r.is_review
	from requests r
	join users u on u.tenant_id = r.tenant_id and u.oid = r.requester_oid
	join apps a on a.id = r.app_id
	left join stages s on s.request_id = r.id and s.ordinal = r.stage
	left join decisions d on d.request_id = s.request_id and d.ordinal = s.ordinal and d.is_final
	left join users du on du.tenant_id = r.tenant_id and du.oid = d.oid;
