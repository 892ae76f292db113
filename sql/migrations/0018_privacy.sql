-- People who want their data deleted: what cannot be deleted by the counter itself is somebody's to deal with.

create table privacy_tasks (
	id          bigint generated always as identity primary key,
	tenant_id   text not null,
	oid         text not null,                   -- whose data
	state       text not null default 'open' check (state in ('open', 'done')),
	version     int not null default 0,
	job_id      bigint references jobs,          -- that tells those who deal with it
	created_at  timestamptz not null default now(),
	done_at     timestamptz,
	done_by     text not null default '',
	note        text not null default ''         -- for the person, from who has dealt with it
);
create unique index privacy_tasks_open on privacy_tasks (tenant_id, oid) where state = 'open';
create index privacy_tasks_job on privacy_tasks (job_id);

alter table card_copies drop constraint card_copies_card_check;
alter table card_copies
	add constraint card_copies_card_check check (card in ('receipt', 'approval', 'job', 'view', 'proposal', 'suggestion', 'bundle', 'verdict',
		'privacy'));
