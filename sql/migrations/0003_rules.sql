-- The rules of asking and deciding: policies with ordered stages, quorum and alternates, delegation, questions,
-- separation of duties, grants that end, the directory's news, and what needs a second admin.

-- ---- people -----------------------------------------------------------------------------------------------

alter table users
	add column manager_oid text not null default '',   -- as the directory said last; '' has none
	add column department text not null default '',
	add column job_title text not null default '',
	add column guest boolean not null default false,
	add column time_zone text not null default '';      -- IANA, from the last activity; '' not known
create index users_manager on users (tenant_id, manager_oid) where manager_oid <> '';

-- What has been done about somebody's state, manager and department: whatever learns of a change writes the columns
-- above alone, and a job brings the counter in line with them. Null: nothing was known before, so nothing has changed.
alter table users
	add column acted_state text not null default 'active',
	add column acted_manager text,
	add column acted_department text;
create index users_unsettled on users (tenant_id, oid)
	where state <> acted_state or manager_oid <> acted_manager or department <> acted_department;

-- The zone, or null when it is none: clients name what we may not know.
create function known_zone(zone text) returns text language plpgsql stable as $$
begin
	perform now() at time zone zone;
	return zone;
exception when invalid_parameter_value then
	return null;
end $$;
-- By whose clock it is day and night for a person.
create function person_zone(tenant text, person text) returns text language sql stable as $$
	select coalesce(
		(select known_zone(nullif(u.time_zone, '')) from users u where u.tenant_id = tenant and u.oid = person),
		(select p.time_zone from preferences p where p.tenant_id = tenant and p.oid = person),
		'UTC')
$$;

-- Where the next question for the directory's changes begins.
create table directory_sync (
	tenant_id   text primary key,
	delta_link  text not null default '',    -- '': a full round begins
	full_since  timestamptz,                 -- a full round is under way since then
	full_at     timestamptz,                 -- last full round
	synced_at   timestamptz                  -- last round of any kind
);

-- to_oid decides for from_oid meanwhile. Time decides whether one counts: nothing needs to run for it to end.
create table delegations (
	id          bigint generated always as identity primary key,
	tenant_id   text not null,
	from_oid    text not null,
	to_oid      text not null,
	starts_at   timestamptz not null default now(),
	ends_at     timestamptz not null,
	ended_at    timestamptz,                 -- taken back early
	created_at  timestamptz not null default now(),
	foreign key (tenant_id, from_oid) references users (tenant_id, oid),
	foreign key (tenant_id, to_oid) references users (tenant_id, oid),
	check (from_oid <> to_oid),
	check (ends_at > starts_at)
);
create index delegations_from on delegations (tenant_id, from_oid, ends_at) where ended_at is null;
create index delegations_to on delegations (tenant_id, to_oid, ends_at) where ended_at is null;

-- ---- catalogue --------------------------------------------------------------------------------------------

alter table apps
	add column classification text not null default 'low' check (classification in ('low', 'medium', 'high', 'critical')),
	add column owner_oid text not null default '',
	add column seats int check (seats > 0);             -- null: as many as wanted

-- Who has one may not have the other. Kept once per pair, and it counts both ways.
create table incompatibilities (
	tenant_id  text not null,
	app_a      bigint not null references apps,
	app_b      bigint not null references apps,
	reason     text not null default '',
	primary key (tenant_id, app_a, app_b),
	check (app_a < app_b)
);
create index incompatibilities_b on incompatibilities (tenant_id, app_b);

-- A version of a policy is never changed: a decision names the one it was made under.
create table policies (
	tenant_id   text not null,
	name        text not null check (name <> ''),
	version     int not null,
	priority    int not null,                -- the lowest that matches counts
	body        jsonb not null,              -- docs/guides/policies.md
	created_by  text not null,               -- object id, or 'cli'
	created_at  timestamptz not null default now(),
	primary key (tenant_id, name, version)
);
-- The version of each policy that counts now.
create table policies_active (
	tenant_id   text not null,
	name        text not null,
	version     int not null,
	changed_at  timestamptz not null default now(),
	primary key (tenant_id, name),
	foreign key (tenant_id, name, version) references policies (tenant_id, name, version)
);

-- A change that makes the counter laxer waits for a second admin. Time decides whether an open one still counts.
create table proposals (
	id           bigint generated always as identity primary key,
	tenant_id    text not null,
	kind         text not null check (kind in ('policies', 'setting')),
	subject      text not null,              -- a setting's key; '' for a file of policies
	content      jsonb not null,             -- what is to be done, and what counted when it was proposed
	weakens      jsonb not null,             -- what becomes laxer: [{"what": "stage_gone", "before": ..., "after": ...}]
	proposed_by  text not null,              -- object id, or 'cli'
	state        text not null default 'open' check (state in ('open', 'accepted', 'refused', 'expired')),
	expires_at   timestamptz not null,
	job_id       bigint,                     -- that tells the admins; their cards are its copies
	created_at   timestamptz not null default now(),
	decided_by   text not null default '',
	decided_at   timestamptz,
	reason       text not null default ''    -- of a refusal
);
create index proposals_open on proposals (tenant_id, id) where state = 'open';

alter table card_copies drop constraint card_copies_card_check;
alter table card_copies
	add constraint card_copies_card_check check (card in ('receipt', 'approval', 'job', 'view', 'proposal'));

-- A weakened setting counts until then and not longer; null: for good.
alter table portal_settings add column expires_at timestamptz;

-- ---- requests ---------------------------------------------------------------------------------------------

drop view request_details;

alter table requests drop constraint requests_state_check;
alter table requests
	add constraint requests_state_check check (state in ('pending', 'needs_info', 'approved', 'fulfilling', 'delivered',
		'rejected', 'cancelled', 'expired', 'failed')),
	add column beneficiary_oid text not null default '',     -- for whom it is; '' the requester
	add column policy_name text not null default '',         -- '' the built-in rule: one stage, the approver group
	add column policy_version int not null default 0,
	add column round int not null default 1,                 -- grows when an edit or an undo begins the stages anew
	add column wanted_days int check (wanted_days > 0),      -- null: for good
	add column granted_days int check (granted_days > 0),    -- narrowed by an approver; null: as wanted
	add column app_version text not null default '',         -- narrowed by an approver; '' the catalogue's
	add column extends_grant bigint references grants,       -- this asks for more time, not for an app
	add column approved_at timestamptz,
	add column pauses int not null default 0,                -- how often an approver has asked back
	add column paused_at timestamptz,                        -- while it waits for the requester
	add column nudged_at timestamptz;

drop index requests_open;
create unique index requests_open on requests (tenant_id, requester_oid, app_id)
	where state in ('pending', 'needs_info', 'approved', 'fulfilling');
drop index requests_pending;
create index requests_pending on requests (tenant_id, id) where state in ('pending', 'needs_info');
create index requests_auto on requests (tenant_id, requester_oid, approved_at) where stage = 0;

-- Stages are added, never reused: a new round gets new ordinals. step is what people call it: "stage 1 of 3", and names
-- the rule in the request's policy version. level 0 asks whom the rule names, n its nth alternate, then the app's
-- owner, then the admins.
alter table stages drop constraint stages_kind_check;
alter table stages drop constraint stages_state_check;
alter table stages
	add constraint stages_kind_check check (kind in ('group', 'manager', 'user', 'app_owner', 'admins')),
	add constraint stages_state_check check (state in ('waiting', 'open', 'approved', 'rejected', 'expired', 'closed')),
	alter column opened_at drop not null,
	alter column opened_at drop default,
	add column round int not null default 1,
	add column step int not null default 1,
	add column steps int not null default 1,                -- stages of its round
	add column person_oid text not null default '',         -- kind user; the manager at submit, unless it follows
	add column need int not null default 1,                 -- approvals wanted; 0: of all who were asked
	add column level int not null default 0,
	add column deadline_at timestamptz,                     -- of the present level; null: waits for good
	add column left_s int,                                  -- while paused: what was left of the deadline
	add column waits_since timestamptz,                     -- of the present level; later by each pause and freeze
	add column reminders int not null default 0,            -- rounds of them, at the present level
	add column checked_at timestamptz;                      -- when its people were held against the directory
create index stages_open on stages (deadline_at) where state = 'open';

-- How somebody came to be asked, and whether they still are.
alter table stage_approvers
	add column level int not null default 0,
	add column via text not null default 'group'
		check (via in ('group', 'manager', 'user', 'app_owner', 'admins', 'delegate', 'handover')),
	add column on_behalf_of text not null default '',
	add column state text not null default 'asked' check (state in ('asked', 'replaced', 'left', 'unreachable'));
create index stage_approvers_person on stage_approvers (oid, request_id);

-- Votes; the one that ends its stage is final, and there is only one of these per stage: the last line of defence
-- of "one decision".
alter table decisions drop constraint decisions_pkey;
alter table decisions
	add column on_behalf_of text not null default '',
	add column is_final boolean not null default true,
	add column granted_days int,
	add column app_version text not null default '',
	add primary key (request_id, ordinal, oid);
create unique index decisions_final on decisions (request_id, ordinal) where is_final;

-- An approver asks, the requester answers.
create table inquiries (
	id           bigint generated always as identity primary key,
	request_id   bigint not null references requests,
	ordinal      int not null,                -- stage
	asked_by     text not null,
	question     text not null,
	asked_at     timestamptz not null default now(),
	answer       text not null default '',
	answered_at  timestamptz
);
create index inquiries_request on inquiries (request_id, id);

-- What an edit wrote instead is kept: answers belong to the round that they were given in, and what a new round changed
-- is a line of its own. what: a field of the form, or 'undone' (before: whose decision, after: why).
alter table answers drop constraint answers_pkey;
alter table answers
	add column round int not null default 1,
	add primary key (request_id, round, ordinal);
create table revisions (
	request_id  bigint not null references requests,
	round       int not null,                -- that begins with it
	line        int not null,
	what        text not null check (what in ('justification', 'days', 'answer', 'undone')),
	label       text not null default '',    -- what = 'answer': the question
	before      text not null,
	after       text not null,
	primary key (request_id, round, line)
);

-- A request with what a card shows of it, in the order of read_request() in src/store/requests.c. Read after the
-- lock on requests, never locked itself: a locked join would
-- show the decision as it was before the wait. A request that a rule approved has stage 0 and no row in stages.
create view request_details as
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
	       a.owner_oid as app_owner_oid, a.classification as app_classification
	from requests r
	join users u on u.tenant_id = r.tenant_id and u.oid = r.requester_oid
	join apps a on a.id = r.app_id
	left join stages s on s.request_id = r.id and s.ordinal = r.stage
	left join decisions d on d.request_id = s.request_id and d.ordinal = s.ordinal and d.is_final
	left join users du on du.tenant_id = r.tenant_id and du.oid = d.oid;

-- The rows of the trail that are about a request: its own, and those of its job and its grant. offset 0 keeps the
-- planner from walking the whole trail by its numbers, in the hope to meet some of them soon.
create view request_trail as
	select e.request_id, l.*
	from (
		select tenant_id, id as request_id, 'request' as entity_type, id::text as entity_id from requests
		union all
		select tenant_id, id, 'job', job_id::text from requests where job_id is not null
		union all
		select tenant_id, request_id, 'grant', id::text from grants
		union all
		select tenant_id, id, 'grant', extends_grant::text from requests where extends_grant is not null
	) e
	cross join lateral (
		select * from audit_logs a
		where a.tenant_id = e.tenant_id and a.entity_type = e.entity_type and a.entity_id = e.entity_id
		offset 0) l;

-- ---- grants -----------------------------------------------------------------------------------------------

alter table grants
	add column expires_at timestamptz,                      -- null: for good
	add column warned_days int,                             -- the last notice before the end: 14, then 1
	add column ended_at timestamptz,
	add column ended_by text not null default '',           -- object id, or 'system'
	add column end_reason text not null default '',
	add column removed_at timestamptz;                      -- the membership is gone; null while active or on its way
create index grants_expiring on grants (expires_at) where state = 'active' and expires_at is not null;
create index grants_by_app on grants (tenant_id, app_id) where state = 'active';

-- A grant with what people see of it. warned_days -1: no notice of its end yet.
create view grant_details as
	select g.id, g.tenant_id, g.request_id, g.oid, coalesce(u.name, '') as person_name, g.app_id, a.name as app_name,
	       g.group_id, g.state, iso_utc(g.started_at) as started_at, iso_utc(g.expires_at) as expires_at,
	       coalesce(extract(epoch from g.expires_at - now()), 0)::bigint as left_s,
	       coalesce(extract(epoch from g.expires_at - g.started_at), 0)::bigint as lasts_s,
	       coalesce(g.warned_days, -1) as warned_days, iso_utc(g.ended_at) as ended_at, g.ended_by,
	       coalesce(e.name, '') as ended_by_name, g.end_reason, g.removed_at is not null as removed
	from grants g
	join apps a on a.id = g.app_id
	left join users u on u.tenant_id = g.tenant_id and u.oid = g.oid
	left join users e on e.tenant_id = g.tenant_id and e.oid = g.ended_by;

-- Members of an app's group that no grant explains, and grants whose member is gone.
create table drifts (
	id          bigint generated always as identity primary key,
	tenant_id   text not null,
	app_id      bigint not null references apps,
	oid         text not null,
	name        text not null default '',
	kind        text not null check (kind in ('extra', 'missing')),
	state       text not null default 'open' check (state in ('open', 'adopted', 'removed', 'ignored', 'gone')),
	found_at    timestamptz not null default now(),
	until       timestamptz,                 -- ignored until then
	decided_by  text not null default '',
	decided_at  timestamptz,
	removed_at  timestamptz                  -- the membership is gone; null while removed and on its way
);
alter table apps add column drift_at timestamptz;      -- when the group's members were looked at last
create index drifts_removing on drifts (tenant_id, id) where state = 'removed' and removed_at is null;
create unique index drifts_open on drifts (tenant_id, app_id, oid, kind) where state in ('open', 'ignored');

-- ---- work -------------------------------------------------------------------------------------------------

-- What must not wait goes first, however long something else has been due: 0 the end of a grant, 1 all else.
alter table jobs add column priority smallint not null default 1 check (priority in (0, 1));
drop index jobs_due;
create index jobs_due on jobs (priority, run_at) where state in ('queued', 'retry_wait', 'waiting_upstream');
-- What admins look at: few, beside millions that are done.
create index jobs_open on jobs (tenant_id) where state not in ('succeeded', 'cancelled');
