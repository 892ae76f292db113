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
