-- Delivery: mail as the second channel, what was tried instead of a message that did not arrive, and what people
-- wish to be told.

-- channel mail: activity holds the mail, sealed, until it is sent; fallback_of names the notice that Teams did not
-- take. urgent: somebody waits for this person's decision, so it goes before news. fallback: what was done about a
-- notice that did not arrive: '' nothing yet, 'waiting' a job looks into it, else what it did; 'digest': the person
-- is back and was told in one message what was missed. retried_at: sent again on purpose, so it has fresh time.
alter table outbox
	add column channel text not null default 'teams' check (channel in ('teams', 'mail')),
	add column urgent boolean not null default false,
	add column fallback text not null default '' check (fallback in ('', 'waiting', 'install', 'mail', 'none', 'digest')),
	add column fallback_of bigint references outbox,
	add column retried_at timestamptz;
-- Order is kept within a conversation; a mailbox is another one.
drop index outbox_order;
create index outbox_order on outbox (tenant_id, recipient_oid, channel, id) where state = 'pending';
create index outbox_urgent on outbox (tenant_id, recipient_oid, channel) where state = 'pending' and urgent;
create index outbox_mails on outbox (due_at) where state = 'pending' and channel = 'mail';
create index outbox_fallbacks on outbox (fallback_of) where fallback_of is not null;
-- What a person who could not be reached has missed.
create index outbox_missed on outbox (tenant_id, recipient_oid, id)
	where state = 'dead' and fallback not in ('', 'digest');

-- The ledger: each notice with whom it is for and what came of the mail that was sent in its place.
create view ledger_entries as
	select o.id, o.tenant_id, o.recipient_oid, coalesce(u.name, '') as name, coalesce(u.mail, '') as mail, o.channel,
	       o.fact, o.state, o.last_error, o.attempts, o.request_id, o.card, o.fallback, o.created_at,
	       coalesce(r.state, '') as reference_state, coalesce(r.last_error, '') as reference_error, coalesce(m.state, '') as mail_state,
	       coalesce(m.last_error, '') as mail_error, o.activity <> '' as has_activity, k.job_id
	from outbox o
	left join users u on u.tenant_id = o.tenant_id and u.oid = o.recipient_oid
	left join card_copies k on k.outbox_id = o.id
	left join lateral (
		select c.state, c.last_error from bot_conversation_references c
		where c.tenant_id = o.tenant_id and c.oid = o.recipient_oid
		order by c.updated_at desc limit 1) r on true
	left join lateral (
		select f.state, f.last_error from outbox f where f.fallback_of = o.id order by f.id desc limit 1) m on true
	where o.kind = 'send' and (o.channel = 'teams' or o.fallback_of is null);

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

-- News that may wait (the closed list in docs/internals/desk.md), until the person wants to hear it. Not in the
-- outbox: what waits there holds up all that is behind it. A told row stays, so that nothing is told twice.
create table held_notices (
	tenant_id  text not null,
	oid        text not null,
	fact       text not null,
	text       text not null,
	held_at    timestamptz not null default now(),
	told_at    timestamptz,
	primary key (tenant_id, oid, fact),
	foreign key (tenant_id, oid) references preferences (tenant_id, oid)
);
create index held_notices_waiting on held_notices (tenant_id, oid, held_at) where told_at is null;

-- When news may be told that came up at a time: at once, with the digest at nine in the morning, and never within
-- quiet hours, all by the person's own clock.
create function news_due(digest text, quiet_from time, quiet_until time, time_zone text, at timestamptz)
returns timestamptz language sql stable as $$
	with local as (
		select case
			when digest <> 'daily' then here
			when here::time < '09:00' then here::date + time '09:00'
			else here::date + 1 + time '09:00' end as t
		from (select at at time zone time_zone as here) as now_there
	)
	select case
			when quiet_from is null or quiet_from = quiet_until then t
			when quiet_from < quiet_until and t::time >= quiet_from and t::time < quiet_until
				then t::date + quiet_until
			when quiet_from > quiet_until and t::time >= quiet_from then t::date + 1 + quiet_until
			when quiet_from > quiet_until and t::time < quiet_until then t::date + quiet_until
			else t end at time zone time_zone
	from local
$$;
