-- name: tokens_insert
insert into action_tokens (token_sha256, tenant_id, oid, purpose, request_id, app_id, job_id, version, expires_at)
values ($1, $2, $3, $4, nullif($5::bigint, 0), nullif($6::bigint, 0), nullif($7::bigint, 0), $8,
        now() + make_interval(days => $9));

-- name: tokens_lock
select request_id, app_id, job_id, version, expires_at <= now(), used_at is not null, answer
from action_tokens
where token_sha256 = $1 and tenant_id = $2 and oid = $3 and purpose = $4
for update;

-- name: tokens_used
update action_tokens
set used_at = now(), answer = $2
where token_sha256 = $1 and used_at is null;
