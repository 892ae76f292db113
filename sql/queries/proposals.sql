-- Changes that wait for a second admin. Columns of one are always: id, kind, subject, content, weakens, proposed_by,
-- who that is, state as it is now, expires_at, job_id, created_at, decided_by, who that is, decided_at, reason.

-- An open one that is the same.
-- name: proposals_same
select id
from proposals
where tenant_id = $1 and kind = $2 and subject = $3 and content = $4::jsonb and state = 'open' and expires_at > now()
order by id
limit 1;

-- name: proposals_insert
insert into proposals (tenant_id, kind, subject, content, weakens, proposed_by, expires_at)
values ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7::int))
returning id;

-- name: proposals_told_by
update proposals set job_id = $3 where tenant_id = $1 and id = $2;

-- name: proposals_lock
select id from proposals where tenant_id = $1 and id = $2 for update;

-- name: proposals_get
select p.id, p.kind, p.subject, p.content, p.weakens, p.proposed_by, coalesce(pu.name, ''),
       case when p.state = 'open' and p.expires_at <= now() then 'expired' else p.state end,
       to_char(p.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), p.job_id,
       to_char(p.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), p.decided_by, coalesce(du.name, ''),
       to_char(p.decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), p.reason,
       greatest(0, ceil(extract(epoch from p.expires_at - now())))::bigint
from proposals p
left join users pu on pu.tenant_id = p.tenant_id and pu.oid = p.proposed_by
left join users du on du.tenant_id = p.tenant_id and du.oid = p.decided_by
where p.tenant_id = $1 and p.id = $2;

-- name: proposals_of_job
select id from proposals where tenant_id = $1 and job_id = $2;

-- name: proposals_open
select id
from proposals
where tenant_id = $1 and state = 'open' and expires_at > now()
order by id
limit $2;

-- name: proposals_close
update proposals
set state = $3, decided_by = $4, decided_at = now(), reason = $5
where tenant_id = $1 and id = $2;

-- Whether somebody has ever asked for something here: before that a change makes nothing laxer for anybody.
-- name: proposals_in_use
select exists (select from requests where tenant_id = $1);
