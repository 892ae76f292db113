-- The ledger of notices that did not arrive, and what was done about them. Reads come from the view
-- ledger_entries, its columns always in the order of read_entry() in src/store/ledger.c.

-- name: ledger_count
select count(*) filter (where state = 'dead' and fallback <> 'digest'), count(*) filter (where state = 'ambiguous'),
	count(*) filter (where fallback = 'waiting')
from outbox
where state in ('ambiguous', 'dead') and kind = 'send';

-- Newest first, older than $2 (0: from the newest). What a digest has told is not owed any more.
-- name: ledger_list
select id, tenant_id, recipient_oid, name, mail, channel, fact, state, last_error, attempts, coalesce(request_id, 0),
       card, fallback, iso_utc(created_at), reference_state, mail_state, mail_error, has_activity,
       coalesce(job_id, 0), reference_error
from ledger_entries
where tenant_id = $1 and state in ('ambiguous', 'dead') and fallback <> 'digest'
	and ($2::bigint = 0 or id < $2::bigint)
order by id desc
limit $3::int;

-- name: ledger_get
select id, tenant_id, recipient_oid, name, mail, channel, fact, state, last_error, attempts, coalesce(request_id, 0),
       card, fallback, iso_utc(created_at), reference_state, mail_state, mail_error, has_activity,
       coalesce(job_id, 0), reference_error
from ledger_entries
where tenant_id = $1 and id = $2::bigint;

-- In a statement of its own, read afterwards: a locked join would show the row as it was before the wait. No key
-- lock: a decision that holds the card's copy adds changes that refer to this row.
-- name: ledger_lock
select id from outbox where tenant_id = $1 and id = $2::bigint for no key update;

-- name: ledger_settle
update outbox
set fallback = $2, last_error = case when $3 = '' then last_error else left(last_error || '; ' || $3, 500) end
where id = $1::bigint;

-- Another attempt of the same row, with new content unless $4 is empty.
-- name: ledger_resend
update outbox
set state = 'pending', fallback = $2, attempts = 0, maybe_sent = false, due_at = now(), retried_at = now(),
	done_at = null, lease_owner = $3, lease_until = now() + $5::int * interval '1 second',
	activity = case when $4 = '' then activity else $4 end
where id = $1::bigint and state || '' in ('ambiguous', 'dead') and kind = 'send' and channel = 'teams'
returning tenant_id, recipient_oid;

-- name: ledger_copy_shows
update card_copies set shown_version = greatest(shown_version, $2::int) where outbox_id = $1::bigint;

-- The next message makes the conversation anew, which shows whether the person can be reached again.
-- name: ledger_try_reference
update bot_conversation_references
set state = 'stale', updated_at = now()
where tenant_id = $1 and oid = $2 and app_id = $3 and state in ('blocked', 'removed');

-- name: ledger_ask
insert into jobs (tenant_id, kind, key, payload)
select tenant_id, 'notice', 'outbox:' || id, jsonb_build_object('outbox', id, 'tried', '', 'wish', $2::text)
from outbox
where id = $1::bigint
on conflict (kind, key) where state in ('queued', 'running', 'retry_wait', 'waiting_upstream', 'waiting_admin') do nothing;

-- Those of $2 whom Teams does not reach: blocked or removed, or without a conversation and one could not be made.
-- With $4 a mail would reach whoever has an address.
-- name: ledger_unreachable
select p.oid
from unnest($2::text[]) as p (oid)
left join bot_conversation_references r on r.tenant_id = $1 and r.oid = p.oid and r.app_id = $3
where (r.state in ('blocked', 'removed')
		or (r.state is null and exists (
			select from outbox o
			where o.tenant_id = $1 and o.recipient_oid = p.oid and o.state = 'dead'
				and o.fallback not in ('', 'digest')
			offset 0)))
	and not ($4::boolean and exists (
		select from users u
		where u.tenant_id = $1 and u.oid = p.oid and u.mail <> '' and u.state = 'active'));

-- People on the slate of a request to whom no question has gone: of a large group only some are asked at first.
-- name: ledger_alternates
select a.oid, a.name
from stage_approvers a
where a.request_id = $1::bigint and a.ordinal = $3::int and not exists (
	select from outbox o
	where o.tenant_id = $2 and o.recipient_oid = a.oid and o.kind = 'send'
		and o.fact = format('request.%s.%s.approval', a.request_id, a.ordinal))
order by a.oid
limit $4::int;

-- Names of people who were asked to decide a request and did not get the message.
-- name: ledger_unasked
select coalesce(nullif(u.name, ''), a.name), o.fallback
from stage_approvers a
join outbox o on o.tenant_id = $2 and o.recipient_oid = a.oid and o.kind = 'send'
	and o.fact = format('request.%s.%s.approval', a.request_id, a.ordinal)
left join users u on u.tenant_id = $2 and u.oid = a.oid
where a.request_id = $1::bigint and a.ordinal = $3::int and o.state || '' = 'dead'
	and o.fallback in ('mail', 'none')
order by 1;

-- What a person who is back has missed, oldest first.
-- name: ledger_missed
select id from outbox
where tenant_id = $1 and recipient_oid = $2 and state = 'dead' and fallback not in ('', 'digest')
	and created_at >= now() - $3::int * interval '1 day'
order by id
limit $4::int;
