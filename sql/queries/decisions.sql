-- name: decisions_insert
insert into decisions (request_id, ordinal, oid, decision, reason, on_behalf_of, is_final, granted_days)
values ($1, $2, $3, $4, $5, $6, $7::boolean, nullif($8::int, 0));

-- The fewest days that any approval of the stage gives; 0: none of them says.
-- name: decisions_narrowest
select coalesce(min(granted_days), 0)
from decisions
where request_id = $1 and ordinal = $2 and decision = 'approved';
