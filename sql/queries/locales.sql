-- One row per object id, in their order; '' for a person or a language that is not known. (A list as the result of a
-- query: see copies_change.)
-- name: locales_of
select coalesce(u.locale, '')
from unnest((select $2::text[])) with ordinality as p(oid, position)
left join users u on u.tenant_id = $1 and u.oid = p.oid
order by p.position;
