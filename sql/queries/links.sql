-- One-time links in mails: rows of action_tokens with purpose 'mail'. Columns of links_get and links_lock in the order
-- of read_link() in src/store/links.c.

-- name: links_insert
insert into action_tokens (token_sha256, tenant_id, oid, purpose, request_id, stage, decision, version, expires_at)
values ($1, $2, $3, 'mail', $4, $5, $6, $7, now() + make_interval(days => $8));

-- name: links_get
select t.tenant_id, t.oid, t.request_id, t.stage, t.decision, t.version, u.name, u.mail, person_locale(t.tenant_id, t.oid),
	t.expires_at <= now(), t.used_at is not null
from action_tokens t
join users u on u.tenant_id = t.tenant_id and u.oid = t.oid
where t.token_sha256 = $1 and t.purpose = 'mail';

-- name: links_lock
select t.tenant_id, t.oid, t.request_id, t.stage, t.decision, t.version, u.name, u.mail, person_locale(t.tenant_id, t.oid),
	t.expires_at <= now(), t.used_at is not null
from action_tokens t
join users u on u.tenant_id = t.tenant_id and u.oid = t.oid
where t.token_sha256 = $1 and t.purpose = 'mail'
for update of t;

-- name: links_used
update action_tokens
set used_at = now()
where token_sha256 = $1 and purpose = 'mail' and used_at is null;

-- name: links_expire
update action_tokens
set expires_at = now()
where token_sha256 = $1 and purpose = 'mail' and expires_at > now();
