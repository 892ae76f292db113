-- name: decisions_insert
insert into decisions (request_id, ordinal, oid, decision, reason, on_behalf_of, is_final, granted_days)
values ($1, $2, $3, $4, $5, $6, $7::boolean, nullif($8::int, 0));
