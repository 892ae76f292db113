-- Several apps asked for in one go: requests like any other, that were filed together.

create table bundles (
	id             bigint generated always as identity primary key,
	tenant_id      text not null,
	requester_oid  text not null,
	refused        jsonb not null default '[]',  -- what was not even filed: [{"app": ..., "text": a sentence}]
	created_at     timestamptz not null default now()
);
alter table requests add column bundle_id bigint references bundles;
create index requests_bundle on requests (bundle_id) where bundle_id is not null;

-- With what reviews and bundles have added, at its end.
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
	       r.bundle_id
	from requests r
	join users u on u.tenant_id = r.tenant_id and u.oid = r.requester_oid
	join apps a on a.id = r.app_id
	left join stages s on s.request_id = r.id and s.ordinal = r.stage
	left join decisions d on d.request_id = s.request_id and d.ordinal = s.ordinal and d.is_final
	left join users du on du.tenant_id = r.tenant_id and du.oid = d.oid;

-- The card of a bundle is a copy of its first request.
alter table card_copies drop constraint card_copies_card_check;
alter table card_copies
	add constraint card_copies_card_check check (card in ('receipt', 'approval', 'job', 'view', 'proposal', 'suggestion', 'bundle'));
