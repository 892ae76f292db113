-- What is sealed with a key that is to go. Every row says which key that is, but for the oldest packages, which say
-- nothing (''). j.tenant_id is not null finds the jobs that are open (why: migration 0008).

-- Rows that one of the keys $1 has sealed, and rows of which none of ours ($2) has.
-- name: rekey_count
with sealed as (
	select key_id from bot_conversation_references
	union all
	select split_part(activity, ':', 1) from outbox where channel = 'mail' and state = 'pending'
	union all
	select case when s.result->>'sealed' like '%:%' then split_part(s.result->>'sealed', ':', 1) else '' end
	from job_steps s join jobs j on j.id = s.job_id
	where s.step = 'wrap' and s.result ? 'sealed' and j.tenant_id is not null and j.state not in ('succeeded', 'cancelled')
)
select count(*) filter (where key_id = any($1::text[])),
	count(*) filter (where key_id <> '' and key_id <> all($2::text[]))
from sealed;

-- The next batch of each kind. A row that somebody holds is skipped: it comes with the next pass, unless it was
-- sealed anew by whoever holds it.
-- name: rekey_references
select tenant_id, oid, app_id, reference
from bot_conversation_references
where (tenant_id, oid, app_id) > ($1, $2, $3) and key_id = any($4::text[])
order by tenant_id, oid, app_id
limit $5::int
for no key update skip locked;

-- name: rekey_reference_put
update bot_conversation_references
set reference = $4::bytea, key_id = $5
where tenant_id = $1 and oid = $2 and app_id = $3;

-- name: rekey_mails
select id, tenant_id, recipient_oid, fact, activity
from outbox
where channel = 'mail' and state = 'pending' and id > $1 and split_part(activity, ':', 1) = any($2::text[])
order by id
limit $3::int
for no key update skip locked;

-- name: rekey_mail_put
update outbox set activity = $2 where id = $1 and state || '' = 'pending';

-- name: rekey_packages
select s.job_id, s.result->>'sealed'
from job_steps s join jobs j on j.id = s.job_id
where s.step = 'wrap' and s.result ? 'sealed' and j.tenant_id is not null and j.state not in ('succeeded', 'cancelled')
	and s.job_id > $1
	and case when s.result->>'sealed' like '%:%' then split_part(s.result->>'sealed', ':', 1) else '' end
		= any($2::text[])
order by s.job_id
limit $3::int
for no key update of s skip locked;

-- name: rekey_package_put
update job_steps
set result = jsonb_set(result, '{sealed}', to_jsonb($2::text))
where job_id = $1 and step = 'wrap';
