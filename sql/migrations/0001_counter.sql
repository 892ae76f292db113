-- The counter's first schema: people, catalogue, requests, traffic, work, trust.
-- Runs as the owner role; the service's own role gets its rights at the end of each migration run (roles.sql).
-- Times are timestamptz and come from now(): the database's clock is the clock.

create extension if not exists pg_trgm;

-- A time as cards and exports show it: 2026-11-22T17:54:32Z.
create function iso_utc(at timestamptz) returns text language sql stable
	return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');

-- ---- people -----------------------------------------------------------------------------------------------

create table users (
	tenant_id   text not null,
	oid         text not null,              -- Entra object id: with the tenant, the only identity
	name        text not null default '',   -- for display, never for a decision
	mail        text not null default '',
	upn         text not null default '',
	locale      text not null default '',
	state       text not null default 'active' check (state in ('active', 'disabled', 'deleted')),
	seen_at     timestamptz not null default now(),   -- last activity of this person
	synced_at   timestamptz,                           -- last answer of the directory
	primary key (tenant_id, oid)
);

create table group_members_cache (
	tenant_id   text not null,
	group_id    text not null,
	oid         text not null,
	is_member   boolean not null,
	checked_at  timestamptz not null default now(),
	primary key (tenant_id, group_id, oid)
);

-- One personal conversation per person and bot. reference is AES-256-GCM over the reference's JSON; what is
-- needed to find and judge a row stands beside it in plain columns.
create table bot_conversation_references (
	tenant_id       text not null,
	oid             text not null,
	app_id          text not null,           -- references of another bot id are stale
	conversation_id text not null,           -- without ;messageid=
	reference       bytea not null,
	key_id          text not null,
	state           text not null default 'active' check (state in ('active', 'blocked', 'removed', 'stale')),
	last_error      text not null default '',
	updated_at      timestamptz not null default now(),
	primary key (tenant_id, oid, app_id)
);
create index bot_conversation_references_conversation on bot_conversation_references (conversation_id);

-- ---- catalogue --------------------------------------------------------------------------------------------

create table apps (
	id              bigint generated always as identity primary key,
	tenant_id       text not null,
	name            text not null check (name <> ''),
	publisher       text not null default '',
	description     text not null default '',
	winget_id       text not null,            -- package identifier in the source
	winget_version  text not null default '', -- '' = newest
	state           text not null default 'published' check (state in ('published', 'hidden')),
	group_id        text not null default '', -- Entra group that the Intune app is assigned to; made on first use
	search          tsvector generated always as (
		setweight(to_tsvector('simple', name), 'A') ||
		setweight(to_tsvector('simple', publisher), 'B') ||
		setweight(to_tsvector('simple', description), 'C')) stored,
	-- Whatever is like a word shares a trigram with it: cheap to look up, where likeness is dear to compute.
	trigrams        text[] generated always as (show_trgm(name)) stored,
	created_at      timestamptz not null default now(),
	updated_at      timestamptz not null default now(),
	unique (tenant_id, winget_id)
);
create index apps_search on apps using gin (search);
create index apps_trigrams on apps using gin (trigrams);
create index apps_name on apps (lower(name));
create index apps_winget_id on apps (lower(winget_id));

create table app_aliases (
	app_id    bigint not null references apps on delete cascade,
	alias     text not null check (alias <> ''),
	trigrams  text[] generated always as (show_trgm(alias)) stored,
	primary key (app_id, alias)
);
create index app_aliases_trigrams on app_aliases using gin (trigrams);
create index app_aliases_alias on app_aliases (lower(alias));

create table app_questions (
	id        bigint generated always as identity primary key,
	app_id    bigint not null references apps on delete cascade,
	ordinal   int not null,
	label     text not null check (label <> ''),
	kind      text not null check (kind in ('text', 'choice')),
	choices   jsonb not null default '[]',
	required  boolean not null default true,
	unique (app_id, ordinal)
);

-- What stands in Intune: one row per app and version that a job delivered.
create table app_versions (
	id             bigint generated always as identity primary key,
	app_id         bigint not null references apps,
	version        text not null,
	intune_app_id  text not null,
	job_id         bigint not null,
	published_at   timestamptz not null default now(),
	unique (app_id, version)
);

-- ---- requests ---------------------------------------------------------------------------------------------

create table requests (
	id             bigint generated always as identity primary key,  -- the human number, #123
	tenant_id      text not null,
	requester_oid  text not null,
	app_id         bigint not null references apps,
	state          text not null check (state in ('pending', 'approved', 'fulfilling', 'delivered',
	                   'rejected', 'cancelled', 'expired', 'failed')),
	version        int not null default 1,      -- grows with each change; decisions name the one they saw
	stage          int not null default 1,
	justification  text not null,
	reason         text not null default '',    -- of a rejection or failure, shown to the requester
	job_id         bigint,
	created_at     timestamptz not null default now(),
	changed_at     timestamptz not null default now(),
	closed_at      timestamptz,
	foreign key (tenant_id, requester_oid) references users (tenant_id, oid)
);
create index requests_by_person on requests (tenant_id, requester_oid, id desc);
create index requests_waiting on requests (app_id) where state in ('approved', 'fulfilling');
create index requests_pending on requests (tenant_id, id) where state = 'pending';
-- One open request per person and app.
create unique index requests_open on requests (tenant_id, requester_oid, app_id)
	where state in ('pending', 'approved', 'fulfilling');

create table answers (
	request_id  bigint not null references requests,
	ordinal     int not null,
	label       text not null,   -- the question as it was asked
	answer      text not null,
	primary key (request_id, ordinal)
);

create table stages (
	request_id  bigint not null references requests,
	ordinal     int not null,
	kind        text not null check (kind in ('group')),
	group_id    text not null,
	state       text not null default 'open' check (state in ('open', 'approved', 'rejected', 'closed')),
	opened_at   timestamptz not null default now(),
	closed_at   timestamptz,
	primary key (request_id, ordinal)
);

create table stage_approvers (
	request_id  bigint not null,
	ordinal     int not null,
	oid         text not null,
	name        text not null default '',
	primary key (request_id, ordinal, oid),
	foreign key (request_id, ordinal) references stages
);

-- One decision per stage: the primary key is the last line of defence of "one decision".
create table decisions (
	request_id  bigint not null,
	ordinal     int not null,
	oid         text not null,
	decision    text not null check (decision in ('approved', 'rejected')),
	reason      text not null default '',
	decided_at  timestamptz not null default now(),
	primary key (request_id, ordinal),
	foreign key (request_id, ordinal) references stages
);

-- A request with what a card shows of it: app, requester, present stage, its decision. Read after the lock on
-- requests, never locked itself: a locked join would show the decision as it was before the wait.
create view request_details as
	select r.id, r.tenant_id, r.requester_oid, u.name as requester_name, u.mail as requester_mail,
	       r.app_id, a.name as app_name, a.publisher as app_publisher, r.state, r.version, r.stage,
	       r.justification, r.reason, r.job_id, r.created_at, r.changed_at, r.closed_at,
	       s.state as stage_state, s.group_id as stage_group_id,
	       d.oid as decided_by_oid, coalesce(du.name, '') as decided_by_name, d.decided_at,
	       d.reason as decision_reason
	from requests r
	join users u on u.tenant_id = r.tenant_id and u.oid = r.requester_oid
	join apps a on a.id = r.app_id
	join stages s on s.request_id = r.id and s.ordinal = r.stage
	left join decisions d on d.request_id = s.request_id and d.ordinal = s.ordinal
	left join users du on du.tenant_id = r.tenant_id and du.oid = d.oid;

create table grants (
	id          bigint generated always as identity primary key,
	tenant_id   text not null,
	request_id  bigint not null references requests unique,
	oid         text not null,
	app_id      bigint not null references apps,
	group_id    text not null,
	state       text not null default 'active' check (state in ('active', 'returned', 'revoked', 'expired')),
	started_at  timestamptz not null default now()
);
create index grants_by_person on grants (tenant_id, oid, app_id);

-- ---- traffic ----------------------------------------------------------------------------------------------

-- Every acknowledged activity, with what was answered, so that a second delivery is answered the same.
create table inbox (
	conversation_id  text not null,
	activity_id      text not null,
	received_at      timestamptz not null default now(),
	status           int not null,
	answer           text not null default '',
	primary key (conversation_id, activity_id)
);
create index inbox_age on inbox (received_at);

-- Everything that leaves towards people. Written in the deciding transaction, already leased to the node that
-- decided; order within a conversation is the order of ids.
create table outbox (
	id               bigint generated always as identity primary key,
	tenant_id        text not null,
	recipient_oid    text not null,
	kind             text not null check (kind in ('send', 'update')),
	fact             text not null,            -- what this notice is about: 'request.12.v1.approver'
	activity         text not null,            -- the activity's JSON without addressing
	request_id       bigint references requests,
	card             text not null default '', -- role of a card that shows a request: 'receipt', 'approval', 'job'
	copy_of          bigint references outbox, -- kind update: the send row whose activity is replaced
	service_url      text not null default '', -- address of an answer in the conversation it came from;
	conversation_id  text not null default '', -- empty: the person's stored reference
	reply_to_id      text not null default '',
	state            text not null default 'pending'
	                     check (state in ('pending', 'sent', 'ambiguous', 'dead')),
	revision         int not null default 0,      -- grows when a waiting update is replaced by a newer one
	attempts         int not null default 0,
	maybe_sent       boolean not null default false,  -- an attempt ended without an answer
	due_at           timestamptz not null default now(),
	lease_owner      text not null default '',
	lease_until      timestamptz not null default now(),
	activity_id      text not null default '', -- as the connector named it
	last_error       text not null default '',
	created_at       timestamptz not null default now(),
	done_at          timestamptz
);
create index outbox_pending on outbox (due_at) where state = 'pending';
create index outbox_order on outbox (tenant_id, recipient_oid, id) where state = 'pending';
-- No more than one notice per person and fact.
create unique index outbox_fact on outbox (tenant_id, recipient_oid, fact) where kind = 'send';
-- No more than one waiting update per card copy: a newer one replaces it.
create unique index outbox_update on outbox (copy_of) where kind = 'update' and state = 'pending';
create index outbox_undelivered on outbox (id) where state in ('ambiguous', 'dead');

-- Cards out there that can be changed: they show a request or a job and change with it, or ('view') a list or a form
-- that a press replaces.
create table card_copies (
	outbox_id        bigint primary key references outbox,
	tenant_id        text not null,
	recipient_oid    text not null,
	card             text not null check (card in ('receipt', 'approval', 'job', 'view')),
	request_id       bigint references requests,
	job_id           bigint,
	service_url      text not null default '',
	conversation_id  text not null default '',
	activity_id      text not null default '',   -- '' until the connector has named it
	shown_version    int not null default 0
);
create index card_copies_request on card_copies (request_id);
create index card_copies_job on card_copies (job_id);
create index card_copies_activity on card_copies (conversation_id, activity_id);

-- What a button carries: 128 random bits, stored as SHA-256, bound to person, verb, and request version.
create table action_tokens (
	token_sha256  bytea primary key,
	tenant_id     text not null,
	oid           text not null,
	purpose       text not null,             -- 'submit', 'decide', 'retry'
	request_id    bigint references requests,
	app_id        bigint references apps,
	job_id        bigint,
	version       int not null default 0,    -- of the request that the card showed
	expires_at    timestamptz not null,
	used_at       timestamptz,
	answer        text not null default ''   -- what the first use was answered; a repeated press gets it again
);
create index action_tokens_age on action_tokens (expires_at);

-- ---- work -------------------------------------------------------------------------------------------------

create table jobs (
	id           bigint generated always as identity primary key,
	tenant_id    text not null,
	kind         text not null,
	key          text not null,             -- one live job per kind and key
	payload      jsonb not null default '{}',
	state        text not null default 'queued' check (state in ('queued', 'running', 'retry_wait',
	                 'waiting_upstream', 'succeeded', 'failed', 'cancelled')),
	step         text not null default '',  -- the step that runs or failed
	attempts     int not null default 0,    -- claims since the last finished step; counted at claim, so a crash counts
	crashes      int not null default 0,    -- of these, claims that ended without a word; five park the job
	fence        int not null default 0,    -- grows with each claim; a worker that lost its lease writes nothing
	run_at       timestamptz not null default now(),
	lease_owner  text not null default '',
	lease_until  timestamptz,
	last_error   text not null default '',
	error_class  text not null default '',
	created_at   timestamptz not null default now(),
	changed_at   timestamptz not null default now()
);
create unique index jobs_live on jobs (kind, key)
	where state in ('queued', 'running', 'retry_wait', 'waiting_upstream');
create index jobs_due on jobs (run_at) where state in ('queued', 'retry_wait', 'waiting_upstream');
create index jobs_leases on jobs (lease_until) where state = 'running';

create table job_steps (
	job_id       bigint not null references jobs,
	step         text not null,
	result       jsonb not null default '{}',
	finished_at  timestamptz not null default now(),
	primary key (job_id, step)
);

-- The whole chain of a package, from the signed index to the committed content. Kept for good.
create table evidence (
	id          bigint generated always as identity primary key,
	job_id      bigint not null references jobs unique,
	app_id      bigint not null references apps,
	chain       jsonb not null,
	created_at  timestamptz not null default now()
);

-- Per source: the newest index version ever accepted; an older one is a rollback.
create table winget_sources (
	base_url        text primary key,
	highest_version text not null,
	seen_at         timestamptz not null default now()
);

-- ---- trust ------------------------------------------------------------------------------------------------

create table portal_settings (
	tenant_id   text not null,
	key         text not null,
	value       text not null,
	changed_by  text not null,
	changed_at  timestamptz not null default now(),
	primary key (tenant_id, key)
);

-- Append-only, hash-chained per tenant; the service's role may insert and read, nothing else.
create table audit_logs (
	id              bigint generated always as identity primary key,
	tenant_id       text not null,
	seq             bigint not null,               -- without gaps per tenant
	user_id         text not null,                 -- object id, or 'system'
	user_email      text not null default '',
	action          text not null,                 -- 'request.created'
	entity_type     text not null,                 -- 'request'
	entity_id       text not null,
	details         jsonb not null default '{}',
	"timestamp"     timestamptz not null default now(),
	ip_address      text not null default '',
	source          text not null,                 -- 'teams', 'system', 'cli'
	correlation_id  text not null default '',
	prev_hash       bytea not null,
	hash            bytea not null,
	unique (tenant_id, seq)
);
create index audit_logs_entity on audit_logs (tenant_id, entity_type, entity_id);

-- The end of each chain: locked while a row is added, so that the numbers have no gap and no fork.
create table audit_heads (
	tenant_id  text primary key,
	seq        bigint not null,
	prev_hash  bytea not null,
	hash       bytea not null
);

-- The parts of a row's hash; include/ad/store/audit.h says what is hashed, and verifying does not trust these.
create function audit_time(at timestamptz) returns text language sql stable as $$
	select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
create function audit_first_hash() returns bytea language sql immutable as $$
	select decode(repeat('00', 32), 'hex')
$$;
create function audit_row_hash(prev_hash bytea, tenant_id text, seq bigint, at timestamptz,
	what text[], whence text[]) returns bytea language sql stable as $$
	select sha256(prev_hash || string_agg(int4send(octet_length(part)) || convert_to(part, 'UTF8'), ''::bytea order by n))
	from unnest(array['appdesk-audit-1', tenant_id, seq::text] || what || audit_time(at) || whence)
		with ordinality as parts (part, n)
$$;

create function audit_logs_refuse_change() returns trigger language plpgsql as $$
begin
	raise exception 'audit rows are never changed';
end $$;
create trigger audit_logs_append_only before update or delete or truncate on audit_logs
	for each statement execute function audit_logs_refuse_change();
