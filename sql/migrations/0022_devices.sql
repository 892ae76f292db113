-- The device that an app is wanted for, as Intune has it: its name stays, whatever becomes of the device. Of its
-- compliance the last answer is kept, with its time.

alter table requests
	add column device_id text not null default '',         -- of Intune; '': none was chosen
	add column device_name text not null default '',
	add column device_compliance text not null default ''  -- ad_compliance; '' without a device
		check (device_compliance in ('', 'unknown', 'compliant', 'noncompliant', 'inGracePeriod', 'gone')),
	add column device_at timestamptz;                      -- when Intune said so

alter table revisions drop constraint revisions_what_check;
alter table revisions
	add constraint revisions_what_check check (what in ('justification', 'days', 'device', 'answer', 'undone'));

-- With the device at its end.
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
	       r.bundle_id, coalesce(b.name, u.name) as beneficiary_name,
	       r.device_id, r.device_name, r.device_compliance, iso_utc(r.device_at) as device_at
	from requests r
	join users u on u.tenant_id = r.tenant_id and u.oid = r.requester_oid
	join apps a on a.id = r.app_id
	left join stages s on s.request_id = r.id and s.ordinal = r.stage
	left join decisions d on d.request_id = s.request_id and d.ordinal = s.ordinal and d.is_final
	left join users du on du.tenant_id = r.tenant_id and du.oid = d.oid
	left join users b on b.tenant_id = r.tenant_id and b.oid = r.beneficiary_oid;
