-- Card copies. An id of 0 never matches: ids start at 1.

-- name: copies_list
select c.outbox_id, c.tenant_id, c.recipient_oid, c.card, coalesce(c.request_id, 0), coalesce(c.job_id, 0),
	c.conversation_id, c.activity_id, c.shown_version, coalesce(person_locale(c.tenant_id, c.recipient_oid), '')
from card_copies c
where c.request_id = $1::bigint or c.job_id = $2::bigint
order by c.outbox_id;

-- name: copies_find
select outbox_id, tenant_id, recipient_oid, card, coalesce(request_id, 0), coalesce(job_id, 0), conversation_id,
	activity_id, shown_version, ''
from card_copies
where conversation_id = $1 and activity_id = $2;

-- name: copies_learn
update card_copies
set service_url = $2, conversation_id = $3, activity_id = $4
where outbox_id = $1::bigint and activity_id = '';

-- A second card of the copy $1. Nothing is sent: its row only names it. One for each copy, by its fact.
-- name: copies_adopt
with twin as (
	insert into outbox (tenant_id, recipient_oid, kind, fact, activity, request_id, card, service_url, conversation_id,
		state, activity_id, done_at)
	select o.tenant_id, o.recipient_oid, 'send', format('twin.%s', o.id), '', o.request_id, o.card, $2, $3,
		'sent', $4, now()
	from outbox o
	where o.id = $1::bigint
	on conflict (tenant_id, recipient_oid, fact) where kind = 'send' do nothing
	returning id
)
insert into card_copies (outbox_id, tenant_id, recipient_oid, card, request_id, job_id, service_url, conversation_id,
	activity_id)
select twin.id, c.tenant_id, c.recipient_oid, c.card, c.request_id, c.job_id, $2, $3, $4
from card_copies c, twin
where c.outbox_id = $1::bigint
returning outbox_id;

-- A list or a form that became the card of a request or job.
-- name: copies_become
update card_copies
set card = $2, request_id = nullif($3::bigint, 0), job_id = nullif($4::bigint, 0), shown_version = 0
where outbox_id = $1::bigint and card = 'view';

-- What was delivered: before its outbox row is finished, in a statement of its own, so that nobody holds rows of
-- both tables while waiting. All who lock several copies do it in the order of their ids.
-- name: copies_place
with r as (
	select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
		as r (id, activity_id, service_url, conversation_id)
), locked as (
	select c.outbox_id from card_copies c join r on r.id = c.outbox_id
	order by c.outbox_id
	for no key update of c
)
update card_copies c
set activity_id = r.activity_id, service_url = r.service_url, conversation_id = r.conversation_id
from r join locked on locked.outbox_id = r.id
where c.outbox_id = r.id;

-- The copies $1 get the contents $3, of the versions $4, by their places $2: one update row per copy that does not show
-- something newer. A waiting one keeps its place and its due time (the connector may have asked for patience) and gets the
-- new content; revision tells a sender that has the old content in its hands.
-- A list as the result of a query has no length that a planner could know: the plan for any list does, and is kept.
-- name: copies_change
with wanted as (
	select w.id, ($3::text[])[w.n] as activity, ($4::bigint[])[w.n]::int as version, ($5::bigint[])[w.n] <> 0 as urgent
	from unnest((select $1::bigint[]), (select $2::bigint[])) as w (id, n)
), locked as (
	select c.outbox_id, w.activity, w.version, w.urgent
	from card_copies c join wanted w on w.id = c.outbox_id
	where c.shown_version <= w.version
	order by c.outbox_id
	for no key update of c
), fresh as (
	update card_copies c
	set shown_version = locked.version
	from locked where c.outbox_id = locked.outbox_id
	returning c.outbox_id, c.tenant_id, c.recipient_oid, c.request_id, locked.activity, locked.version, locked.urgent
)
insert into outbox (tenant_id, recipient_oid, kind, fact, activity, request_id, copy_of, lease_owner, lease_until,
	urgent)
select tenant_id, recipient_oid, 'update', format('copy.%s.v%s', outbox_id, version), activity, request_id, outbox_id,
	$6, now() + $7::int * interval '1 second', urgent
from fresh
order by outbox_id
on conflict (copy_of) where kind = 'update' and state = 'pending' do update
set activity = excluded.activity, fact = excluded.fact, revision = outbox.revision + 1,
	urgent = outbox.urgent or excluded.urgent
returning id;

-- What they show is over: the next failure of the job is told on new cards.
-- name: copies_part
update card_copies set job_id = null where job_id = $1::bigint;
