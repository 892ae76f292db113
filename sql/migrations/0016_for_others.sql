-- A request for somebody else is a draft until they agree. Who will hold the app is the beneficiary where there is one,
-- else the requester: that person has one open request for an app, whoever asked.

alter table requests drop constraint requests_state_check;
alter table requests
	add constraint requests_state_check check (state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling', 'delivered',
		'rejected', 'cancelled', 'expired', 'failed'));

drop index requests_open;
create unique index requests_open on requests (tenant_id, (coalesce(nullif(beneficiary_oid, ''), requester_oid)), app_id)
	where state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling');

-- What somebody has asked for that is under way, for whomever it is.
create index requests_open_asked on requests (tenant_id, requester_oid, id)
	where state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling');

-- What was asked for somebody by others, and what of it is under way. requests_pending is made anew behind them: among
-- indexes that cost the same, the youngest is taken.
create index requests_for on requests (tenant_id, beneficiary_oid, id desc) where beneficiary_oid <> '';
drop index requests_beneficiary;
create index requests_beneficiary on requests (tenant_id, beneficiary_oid, id)
	where beneficiary_oid <> '' and state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling');
drop index requests_pending;
create index requests_pending on requests (tenant_id, id) where state in ('pending', 'needs_info');

-- With the name of the beneficiary at its end.
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
	       a.owner_oid as app_owner_oid, a.classification as app_classification, r.is_review,
	       r.bundle_id, coalesce(b.name, u.name) as beneficiary_name
	from requests r
	join users u on u.tenant_id = r.tenant_id and u.oid = r.requester_oid
	join apps a on a.id = r.app_id
	left join stages s on s.request_id = r.id and s.ordinal = r.stage
	left join decisions d on d.request_id = s.request_id and d.ordinal = s.ordinal and d.is_final
	left join users du on du.tenant_id = r.tenant_id and du.oid = d.oid
	left join users b on b.tenant_id = r.tenant_id and b.oid = r.beneficiary_oid;
