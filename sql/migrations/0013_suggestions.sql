-- Apps that people miss: anybody suggests one, an admin looks at it and puts it into the catalogue or not.

create table suggestions (
	id           bigint generated always as identity primary key,
	tenant_id    text not null,
	wanted       text not null,              -- as the first one put it: a package of WinGet, or plain words
	found        text not null default '' check (found in ('', 'found', 'unknown', 'unavailable')),  -- '': not looked for yet
	package_id   text not null default '',   -- what it is in WinGet, spelt as it is there
	facts        jsonb not null default '{}',  -- what the manifest says: name, publisher, version, licence, hosts, fault
	state        text not null default 'open' check (state in ('open', 'published', 'hidden', 'rejected')),
	version      int not null default 1,     -- grows with each change that its cards show
	job_id       bigint,                     -- that looks and tells the admins; their cards are its copies
	app_id       bigint references apps,     -- what it became
	created_at   timestamptz not null default now(),
	decided_by   text not null default '',
	decided_at   timestamptz,
	reason       text not null default ''    -- of a rejection
);
-- Who suggests what waits already joins.
create unique index suggestions_open on suggestions (tenant_id, lower(wanted)) where state = 'open';
create index suggestions_job on suggestions (job_id) where job_id is not null;

create table suggestion_people (
	suggestion_id  bigint not null references suggestions,
	oid            text not null,
	joined_at      timestamptz not null default now(),
	primary key (suggestion_id, oid)
);
create index suggestion_people_oid on suggestion_people (oid, suggestion_id);

alter table card_copies drop constraint card_copies_card_check;
alter table card_copies
	add constraint card_copies_card_check check (card in ('receipt', 'approval', 'job', 'view', 'proposal', 'suggestion'));
