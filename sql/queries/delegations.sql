-- name: delegations_from
with recursive chain (from_oid, to_oid, id, depth) as (
	select d.from_oid, d.to_oid, d.id, 1
	from delegations d
	where d.tenant_id = $1 and d.from_oid = any ($2::text[])
	  and d.ended_at is null and d.starts_at <= now() and d.ends_at > now()
	union
	select d.from_oid, d.to_oid, d.id, c.depth + 1
	from chain c
	join delegations d on d.tenant_id = $1 and d.from_oid = c.to_oid
	where c.depth <= $3::int and d.ended_at is null and d.starts_at <= now() and d.ends_at > now()
)
select distinct on (from_oid) from_oid, to_oid
from chain
order by from_oid, id desc;

-- name: delegations_insert
insert into delegations (tenant_id, from_oid, to_oid, ends_at)
values ($1, $2, $3, (date '1970-01-01' + ($4::bigint::int + 1))::timestamp at time zone person_zone($1, $2))
returning id;

-- name: delegations_end
update delegations
set ended_at = now()
where tenant_id = $1 and from_oid = $2 and ended_at is null and ends_at > now()
returning id;

-- name: delegations_get
select d.id, d.from_oid, coalesce(f.name, ''), d.to_oid, coalesce(t.name, ''), iso_utc(d.starts_at), iso_utc(d.ends_at - interval '1 second'),
       ceil(extract(epoch from d.ends_at - now()))::bigint, d.ended_at is not null
from delegations d
left join users f on f.tenant_id = d.tenant_id and f.oid = d.from_oid
left join users t on t.tenant_id = d.tenant_id and t.oid = d.to_oid
where d.tenant_id = $1 and d.id = $2;

-- name: delegations_of
select d.id, d.from_oid, coalesce(f.name, ''), d.to_oid, coalesce(t.name, ''), iso_utc(d.starts_at), iso_utc(d.ends_at - interval '1 second'),
       ceil(extract(epoch from d.ends_at - now()))::bigint, false
from delegations d
left join users f on f.tenant_id = d.tenant_id and f.oid = d.from_oid
left join users t on t.tenant_id = d.tenant_id and t.oid = d.to_oid
where d.tenant_id = $1 and (d.from_oid = $2 or d.to_oid = $2) and d.ended_at is null and d.starts_at <= now()
  and d.ends_at > now()
order by d.from_oid <> $2, 3, 1;

-- Among what is undecided, not among all that this person was ever asked.
-- name: delegations_open_seats
select r.id, r.stage, a.level
from requests r
cross join lateral (
	select a.level
	from stage_approvers a
	join stages s on s.request_id = a.request_id and s.ordinal = a.ordinal
	where a.request_id = r.id and a.ordinal = r.stage and a.oid = $2 and a.state = 'asked' and s.state = 'open'
	  and a.on_behalf_of = coalesce($3::text, '')
	  and not exists (select from decisions d where d.request_id = r.id and d.ordinal = a.ordinal
	    and (d.oid = a.oid or coalesce(nullif(d.on_behalf_of, ''), d.oid) = coalesce(nullif(a.on_behalf_of, ''), a.oid)))
	offset 0) a
where r.tenant_id = $1 and r.state in ('pending', 'needs_info')
order by r.id;
