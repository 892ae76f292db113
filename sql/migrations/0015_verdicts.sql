-- What people say of an app that they were given: that it works, or that it does not and what they see; and what an
-- admin answers. What was said before is in the trail.

create table verdicts (
	request_id   bigint primary key references requests,  -- that brought the app
	tenant_id    text not null,
	oid          text not null,
	works        boolean not null,
	words        text not null default '',
	version      int not null default 1,                  -- grows with each change that its cards show
	said_at      timestamptz not null default now(),
	answered_by  text not null default '',
	answer       text not null default '',
	answered_at  timestamptz
);

alter table card_copies drop constraint card_copies_card_check;
alter table card_copies
	add constraint card_copies_card_check
	check (card in ('receipt', 'approval', 'job', 'view', 'proposal', 'suggestion', 'bundle', 'verdict'));
