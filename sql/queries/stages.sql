-- Stages, who is asked in them, and votes.

-- name: stages_insert
insert into stages (request_id, ordinal, round, step, steps, kind, group_id, person_oid, need, state)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting');

-- name: stages_last
select coalesce(max(ordinal), 0) from stages where request_id = $1;

-- name: stages_open
update stages
set state = 'open', level = $3, opened_at = coalesce(opened_at, now()),
    deadline_at = now() + nullif($4::bigint, 0) * interval '1 second', left_s = null, waits_since = now(), reminders = 0
where request_id = $1 and ordinal = $2 and state in ('waiting', 'open');

-- name: stages_end
update stages
set state = $3, closed_at = now()
where request_id = $1 and ordinal = $2 and state = 'open';

-- name: stages_close
update stages
set state = 'closed', closed_at = now()
where request_id = $1 and state in ('open', 'waiting');

-- name: stages_of
select s.ordinal, s.round, s.step, s.steps, s.kind, s.group_id, s.person_oid, s.need, s.state, s.level,
       iso_utc(s.opened_at), iso_utc(s.deadline_at), iso_utc(s.closed_at), u.name
from stages s
join requests r on r.id = s.request_id
left join decisions d on d.request_id = s.request_id and d.ordinal = s.ordinal and d.is_final
left join users u on u.tenant_id = r.tenant_id and u.oid = d.oid
where s.request_id = $1 and s.round = $2
order by s.ordinal;

-- name: stages_asked_put
insert into stage_approvers (request_id, ordinal, oid, name, level, via, on_behalf_of)
select $1, $2, p.oid, p.name, p.level, p.via, p.on_behalf_of
from unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[]) as p (oid, name, level, via, on_behalf_of)
on conflict (request_id, ordinal, oid) do update
set level = excluded.level, via = excluded.via, on_behalf_of = excluded.on_behalf_of, state = 'asked';

-- All of some stages, or one person of them; with what their voice has said, by whomever it was given, and, of one person, whether
-- they were never asked before. (Lists as the result of a query: see copies_change.)
-- name: stages_asked_of
select a.oid, coalesce(nullif(a.name, ''), u.name, ''), a.level, a.via, a.on_behalf_of, a.state, d.decision, w.n,
       $3::text is not null and not exists (select from stage_approvers b where b.oid = a.oid and b.request_id < a.request_id),
       d.oid
from unnest((select $1::bigint[]), (select $2::bigint[])) with ordinality as w (request_id, ordinal, n)
join stage_approvers a on a.request_id = w.request_id and a.ordinal = w.ordinal
join requests r on r.id = a.request_id
left join users u on u.tenant_id = r.tenant_id and u.oid = a.oid
left join lateral (
	select v.decision, v.oid from decisions v
	where v.request_id = a.request_id and v.ordinal = a.ordinal and (v.oid = a.oid
		or coalesce(nullif(v.on_behalf_of, ''), v.oid) = coalesce(nullif(a.on_behalf_of, ''), a.oid))
	order by v.decided_at
	limit 1) d on true
where $3::text is null or a.oid = $3
order by w.n, 2, 1;

-- name: stages_asked_mark
update stage_approvers
set state = $4
where request_id = $1 and ordinal = $2 and oid = $3;

-- name: stages_votes
select oid, on_behalf_of, decision
from decisions
where request_id = $1 and ordinal = $2
order by decided_at, oid;
