-- name: decisions_insert
insert into decisions (request_id, ordinal, oid, decision, reason)
values ($1, $2, $3, $4, $5);
