-- The outbox. One person's rows of one channel leave in the order of ids: whoever wants a row must hold the leases
-- of all older pending ones. A lease is over when lease_until has passed.
-- state || '' keeps what asks for rows by their ids on the primary key (why: migration 0008).

-- No row when this person was told this fact before.
-- name: outbox_add
with added as (
	insert into outbox (tenant_id, recipient_oid, kind, fact, activity, request_id, card, service_url,
		conversation_id, reply_to_id, lease_owner, lease_until, urgent)
	values ($1, $2, 'send', $3, $4, nullif($5::bigint, 0), $6, $7, $8, $9, $10,
		now() + $11::int * interval '1 second', $14)
	on conflict (tenant_id, recipient_oid, fact) where kind = 'send' do nothing
	returning id, tenant_id, recipient_oid, card, request_id
), copied as (
	insert into card_copies (outbox_id, tenant_id, recipient_oid, card, request_id, job_id, shown_version)
	select id, tenant_id, recipient_oid, card, request_id, nullif($12::bigint, 0), $13::int
	from added
	where card <> ''
)
select id from added;

-- No row when this person was mailed this fact before.
-- name: outbox_add_mail
insert into outbox (tenant_id, recipient_oid, channel, kind, fact, activity, request_id, fallback_of, lease_owner,
	lease_until, urgent)
values ($1, $2, 'mail', 'send', $3, $4, nullif($5::bigint, 0), nullif($6::bigint, 0), $7,
	now() + $8::int * interval '1 second', $9)
on conflict (tenant_id, recipient_oid, fact) where kind = 'send' do nothing
returning id;

-- Rows leased to this node ($2) of all people whom the rows $1 are for: a row that was committed earlier but
-- handed over later must not be overtaken. Nothing of a person of whom others hold, or wait with, an older row.
-- name: outbox_load
with ours as (
	select o.id
	from (select distinct tenant_id, recipient_oid, channel from outbox where id = any($1::bigint[])) k
	cross join lateral (
		select * from outbox
		where tenant_id = k.tenant_id and recipient_oid = k.recipient_oid and channel = k.channel
			and state = 'pending' and lease_owner = $2
		offset 0) o
	where (
		select p.id from outbox p
		where p.tenant_id = o.tenant_id and p.recipient_oid = o.recipient_oid and p.channel = o.channel
			and p.state = 'pending' and p.id < o.id
			and (p.lease_owner <> $2 or p.lease_until <= now())
		limit 1) is null
), mine as (
	update outbox o
	set lease_until = now() + $3::int * interval '1 second'
	from ours
	where o.id = ours.id and o.state || '' = 'pending' and o.lease_owner = $2
	returning o.*
)
select m.id, m.kind, m.revision, m.attempts, m.maybe_sent, m.tenant_id, m.recipient_oid, m.fact, m.activity,
	case when m.kind = 'update' then coalesce(c.service_url, '') else m.service_url end,
	case when m.kind = 'update' then coalesce(c.conversation_id, '') else m.conversation_id end,
	m.reply_to_id, coalesce(m.copy_of, case when m.card <> '' then m.id else 0 end),
	coalesce(c.activity_id, ''), r.reference, r.state, m.urgent, m.channel
from mine m
left join card_copies c on c.outbox_id = m.copy_of
left join bot_conversation_references r on r.tenant_id = m.tenant_id and r.oid = m.recipient_oid
	and r.app_id = $4 and r.key_id = any($5::text[])
order by m.id;

-- The oldest row of each person, when it is due and free. First, with a limit of their own ($6), the rows that are
-- urgent or stand before an urgent one: there are few, and they are found by their people. Mails ($7) leave slowly:
-- they have a limit of their own too.
-- Whether a row is the oldest is looked up row by row, with a limit: "not exists" is a join, and with the statistics of
-- an empty table that join takes minutes when an outage has left a long queue.
-- name: outbox_claim
with heads as (
	select h.id
	from (select distinct tenant_id, recipient_oid, channel from outbox
		where state = 'pending' and urgent and channel = 'teams') w
	cross join lateral (
		select o.id, o.due_at, o.lease_until from outbox o
		where o.tenant_id = w.tenant_id and o.recipient_oid = w.recipient_oid and o.channel = w.channel
			and o.state = 'pending'
		order by o.id
		limit 1) h
	where h.due_at <= now() and h.lease_until <= now()
	order by h.due_at
	limit $6::int
), urgent as (
	select o.id from outbox o
	where o.id in (select id from heads) and o.state = 'pending' and o.due_at <= now() and o.lease_until <= now()
	for no key update skip locked
), due as (
	select o.id from outbox o
	where o.state = 'pending' and o.channel = 'teams' and o.due_at <= now() and o.lease_until <= now()
		and o.id = (
			select p.id from outbox p
			where p.tenant_id = o.tenant_id and p.recipient_oid = o.recipient_oid and p.channel = o.channel
				and p.state = 'pending'
			order by p.id
			limit 1)
		and o.id not in (select id from heads)
	order by o.due_at
	limit $1::int
	for no key update skip locked
), mails as (
	select o.id, o.urgent as is_urgent from outbox o
	where o.state = 'pending' and o.channel = 'mail' and o.due_at <= now() and o.lease_until <= now()
		and o.id = (
			select p.id from outbox p
			where p.tenant_id = o.tenant_id and p.recipient_oid = o.recipient_oid and p.channel = o.channel
				and p.state = 'pending'
			order by p.id
			limit 1)
	order by o.urgent desc, o.due_at
	limit $7::int
	for no key update skip locked
), chosen as (
	select id, true as is_urgent from urgent
	union all
	select id, false from due
	union all
	select id, is_urgent from mails
), mine as (
	update outbox o
	set lease_owner = $2, lease_until = now() + $3::int * interval '1 second'
	from chosen where o.id = chosen.id
	returning o.*, chosen.is_urgent
)
select m.id, m.kind, m.revision, m.attempts, m.maybe_sent, m.tenant_id, m.recipient_oid, m.fact, m.activity,
	case when m.kind = 'update' then coalesce(c.service_url, '') else m.service_url end,
	case when m.kind = 'update' then coalesce(c.conversation_id, '') else m.conversation_id end,
	m.reply_to_id, coalesce(m.copy_of, case when m.card <> '' then m.id else 0 end),
	coalesce(c.activity_id, ''), r.reference, r.state, m.is_urgent, m.channel
from mine m
left join card_copies c on c.outbox_id = m.copy_of
left join bot_conversation_references r on r.tenant_id = m.tenant_id and r.oid = m.recipient_oid
	and r.app_id = $4 and r.key_id = any($5::text[])
order by m.id;

-- Before a mail leaves: from here on it may have arrived, whatever becomes of this node. No row when it is not
-- this node's any more.
-- name: outbox_begin_mail
update outbox
set maybe_sent = true
where id = $1::bigint and lease_owner = $2 and state || '' = 'pending' and channel = 'mail' and lease_until > now()
returning id;

-- name: outbox_give_back
update outbox
set lease_owner = '', lease_until = now()
where id = any($1::bigint[]) and lease_owner = $2 and state || '' = 'pending';

-- Results of this node's ($1) rows. A row that a deciding transaction holds at this moment is skipped and
-- answered 'locked', so that the sender waits for nobody; one that is not this node's any more has no answer.
-- An update that was replaced while it was sent (revision) stays pending: the newer content follows. What a mail
-- said is not kept longer than it is needed.
-- A notice that is dead because its person cannot be reached gets a job that tries something else, in this very
-- statement: no crash can come between the two. So does one whose mail is dead. An answer where it was asked
-- (service_url) gets none: it means something there alone, and strangers must cause no jobs.
-- name: outbox_record
with r as (
	select * from unnest($2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
			$8::text[], $10::bigint[], $11::bigint[])
		as r (id, revision, state, maybe_sent, delay_ms, activity_id, error, unreachable, held)
), judged as (
	select r.*, o.fallback as tried, case
			when r.state <> 'pending' and o.revision <> r.revision then 'pending'
			when r.state <> 'pending' or r.held = 1
				or greatest(o.created_at, o.retried_at) >= now() - $9::int * interval '1 second'
				then r.state
			when r.maybe_sent = 1 then 'ambiguous'
			else 'dead' end as outcome
	from outbox o join r on r.id = o.id
	where o.lease_owner = $1 and o.state || '' = 'pending'
	for no key update of o skip locked
), done as (
	update outbox o
	set state = j.outcome,
		attempts = o.attempts + 1,
		maybe_sent = j.maybe_sent = 1,
		due_at = now() + j.delay_ms * interval '1 millisecond',
		lease_owner = '',
		lease_until = now(),
		activity_id = case when j.activity_id <> '' then j.activity_id else o.activity_id end,
		last_error = j.error,
		activity = case when o.channel = 'mail' and j.outcome <> 'pending' then '' else o.activity end,
		fallback = case when j.outcome = 'dead' and j.unreachable = 1 and o.kind = 'send' and o.channel = 'teams'
				and o.service_url = ''
			then 'waiting' else o.fallback end,
		done_at = case when j.outcome = 'pending' then null else now() end
	from judged j
	where o.id = j.id
	returning o.id, o.state, o.tenant_id, o.fallback, o.fallback_of, j.tried
), lost as (
	select tenant_id, id, tried from done where state = 'dead' and fallback = 'waiting'
	union all
	select tenant_id, fallback_of, 'mail' from done where state = 'dead' and fallback_of is not null
), asked as (
	insert into jobs (tenant_id, kind, key, payload)
	select tenant_id, 'notice', 'outbox:' || id, jsonb_build_object('outbox', id, 'tried', tried)
	from lost
	on conflict (kind, key) where state in ('queued', 'running', 'retry_wait', 'waiting_upstream', 'waiting_admin') do nothing
)
select r.id, coalesce(done.state, 'locked')
from r
left join done on done.id = r.id
left join outbox still on still.id = r.id and still.lease_owner = $1 and still.state || '' = 'pending'
where done.id is not null or still.id is not null
order by r.id;

-- name: outbox_renew
with mine as (
	select id from outbox where id = any($1::bigint[]) and lease_owner = $2 and state || '' = 'pending'
), free as (
	select o.id from outbox o join mine on mine.id = o.id for no key update of o skip locked
), renewed as (
	update outbox o
	set lease_until = now() + $3::int * interval '1 second'
	from free where o.id = free.id
)
select id from mine order by id;

-- name: outbox_release_all
update outbox
set lease_owner = '', lease_until = now()
where lease_owner = $1 and state = 'pending';
