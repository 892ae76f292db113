-- What whoever decides about a request wants to know of it besides: one row for each thing that there is to say.
-- name: background_of
with r as (
	select id, tenant_id, app_id, stage, round, coalesce(nullif(beneficiary_oid, ''), requester_oid) as oid
	from requests
	where id = $1
)
select 'had', '', count(*), coalesce(iso_utc(max(g.ended_at)), '')
from r
join grants g on g.tenant_id = r.tenant_id and g.oid = r.oid and g.app_id = r.app_id and g.state <> 'active'
having count(*) > 0
union all
select 'before', b.state, 1, coalesce(iso_utc(b.closed_at), '')
from r
cross join lateral (
	select p.state, p.closed_at
	from (
		(select id, state, closed_at from requests
		 where tenant_id = r.tenant_id and requester_oid = r.oid and beneficiary_oid = '' and app_id = r.app_id and id < r.id
		   and state in ('rejected', 'cancelled', 'expired', 'failed') and extends_grant is null
		 order by id desc
		 limit 1)
		union all
		(select id, state, closed_at from requests
		 where tenant_id = r.tenant_id and beneficiary_oid = r.oid and beneficiary_oid <> '' and app_id = r.app_id and id < r.id
		   and state in ('rejected', 'cancelled', 'expired', 'failed') and extends_grant is null
		 order by id desc
		 limit 1)
	) p
	order by p.id desc
	limit 1) b
union all
-- Apps that may not stand beside it; 1: the person has this one, or will get it (as duties_pairs has it).
select 'barred', a.name, (exists (
		select from grants g
		where g.tenant_id = r.tenant_id and g.oid = r.oid and g.app_id = a.id and g.state = 'active')
	or exists (
		select from requests o
		where o.tenant_id = r.tenant_id and coalesce(nullif(o.beneficiary_oid, ''), o.requester_oid) = r.oid and o.app_id = a.id
		  and o.state in ('approved', 'fulfilling')))::int, iso_utc(now())
from r
join incompatibilities i on i.tenant_id = r.tenant_id and r.app_id in (i.app_a, i.app_b)
join apps a on a.id = case when i.app_a = r.app_id then i.app_b else i.app_a end
union all
-- Who is asked now and has decided an earlier stage.
select distinct 'again', u.name, 1, iso_utc(now())
from r
join stage_approvers s on s.request_id = r.id and s.ordinal = r.stage and s.state = 'asked'
join decisions d on d.request_id = r.id and d.ordinal < r.stage and d.oid = s.oid
join stages e on e.request_id = d.request_id and e.ordinal = d.ordinal and e.round = r.round
join users u on u.tenant_id = r.tenant_id and u.oid = s.oid
order by 1, 2;
