-- name: grants_put
insert into grants (tenant_id, request_id, oid, app_id, group_id)
values ($1, $2, $3, $4, $5)
on conflict (request_id) do nothing;
