-- One row per object id, in their order; '' for a person or a language that is not known. (A list as the result of a
-- query: see copies_change.)
-- name: locales_of
select coalesce(person_locale($1, p.oid), '')
from unnest((select $2::text[])) with ordinality as p(oid, position)
order by p.position;
