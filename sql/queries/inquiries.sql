-- Questions of those who decide, and what the requester answered. While one is open the stage's clock rests.

-- name: inquiries_insert
insert into inquiries (request_id, ordinal, asked_by, question)
values ($1, $2, $3, $4)
returning id;

-- name: inquiries_answer
update inquiries
set answer = $2, answered_at = now()
where id = $1 and answered_at is null;

-- name: inquiries_of
select i.id, i.ordinal, i.asked_by, coalesce(u.name, ''), i.question, iso_utc(i.asked_at), i.answer,
       iso_utc(i.answered_at)
from inquiries i
join requests r on r.id = i.request_id
left join users u on u.tenant_id = r.tenant_id and u.oid = i.asked_by
where i.request_id = $1
order by i.id;

-- name: inquiries_pause
with clock as (
	update stages
	set left_s = greatest(0, extract(epoch from deadline_at - now()))::int, deadline_at = null
	where request_id = $1 and ordinal = $3 and state = 'open' and deadline_at is not null
)
update requests
set state = 'needs_info', version = version + 1, pauses = pauses + 1, paused_at = now(), changed_at = now()
where id = $1 and version = $2 and state = 'pending';

-- name: inquiries_resume
with clock as (
	update stages s
	set deadline_at = now() + left_s * interval '1 second', left_s = null,
	    waits_since = coalesce(s.waits_since, s.opened_at) + (now() - r.paused_at)
	from requests r
	where r.id = $1 and r.state = 'needs_info' and s.request_id = $1 and s.ordinal = $3 and s.state = 'open'
)
update requests
set state = 'pending', version = version + 1, paused_at = null, changed_at = now()
where id = $1 and version = $2 and state = 'needs_info';
