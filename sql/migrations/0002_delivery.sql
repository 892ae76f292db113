-- Delivery: mail as the second channel, what was tried instead of a message that did not arrive, and what people
-- wish to be told.

-- channel mail: activity holds the mail, sealed, until it is sent; fallback_of names the notice that Teams did not
-- take. urgent: somebody waits for this person's decision, so it goes before news. fallback: what was done about a
-- notice that did not arrive: '' nothing yet, 'waiting' a job looks into it, else what it did.
alter table outbox
	add column channel text not null default 'teams' check (channel in ('teams', 'mail')),
	add column urgent boolean not null default false,
	add column fallback text not null default '' check (fallback in ('', 'waiting', 'install', 'mail', 'none')),
	add column fallback_of bigint references outbox;
-- Order is kept within a conversation; a mailbox is another one.
drop index outbox_order;
create index outbox_order on outbox (tenant_id, recipient_oid, channel, id) where state = 'pending';
create index outbox_urgent on outbox (tenant_id, recipient_oid, channel) where state = 'pending' and urgent;
create index outbox_fallbacks on outbox (fallback_of) where fallback_of is not null;

-- A link in a mail decides one way, at one stage, and is dead when the stage moves.
alter table action_tokens
	add column stage int not null default 0,
	add column decision text not null default '' check (decision in ('', 'approved', 'rejected'));

-- What a person wishes. Notices that somebody must see (a decision that is waited for, the end of one's own
-- request) come whatever stands here.
create table preferences (
	tenant_id    text not null,
	oid          text not null,
	digest       text not null default 'off' check (digest in ('off', 'daily')),
	muted        boolean not null default false,
	quiet_from   time,                             -- by the person's own clock; null: never quiet
	quiet_until  time,
	time_zone    text not null default 'UTC',      -- an IANA name
	updated_at   timestamptz not null default now(),
	primary key (tenant_id, oid),
	foreign key (tenant_id, oid) references users (tenant_id, oid),
	check ((quiet_from is null) = (quiet_until is null))
);
