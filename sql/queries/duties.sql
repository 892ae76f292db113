-- The pairs of an app, each with the other app where the person has it or will get it.
-- name: duties_pairs
select i.app_a, i.app_b,
       case when exists (
                select from grants g
                where g.tenant_id = $1 and g.oid = $2 and g.app_id = i.other and g.state = 'active')
            or exists (
                select from requests r
                where r.tenant_id = $1 and coalesce(nullif(r.beneficiary_oid, ''), r.requester_oid) = $2 and r.app_id = i.other
                  and r.state in ('approved', 'fulfilling'))
            then i.other else 0 end,
       i.reason
from (
	select app_a, app_b, reason, app_b as other from incompatibilities where tenant_id = $1 and app_a = $3
	union all
	select app_a, app_b, reason, app_a from incompatibilities where tenant_id = $1 and app_b = $3
) i
order by 1, 2;
