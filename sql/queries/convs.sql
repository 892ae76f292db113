-- References sealed with a key that is none of ours ($..: key_id) are as good as missing.

-- name: convs_put
insert into bot_conversation_references
	(tenant_id, oid, app_id, conversation_id, reference, key_id)
select $1, $2, $3, $4, $5::bytea, $6
where not exists (
	select from bot_conversation_references
	where conversation_id = $4 and tenant_id = $1 and app_id = $3 and oid <> $2)
on conflict (tenant_id, oid, app_id) do update
set conversation_id = excluded.conversation_id, reference = excluded.reference,
	key_id = excluded.key_id, state = 'active', last_error = '', updated_at = now();

-- What a turn wants to know of who is speaking: whether they have missed something that is still owed, and the
-- reference with the key $4, when it is active and was written within an hour.
-- name: convs_seen
select exists (
		select from outbox
		where tenant_id = $1 and recipient_oid = $2 and state = 'dead' and fallback not in ('', 'digest')),
	(select reference
	 from bot_conversation_references
	 where tenant_id = $1 and oid = $2 and app_id = $3 and key_id = $4 and state = 'active'
		and updated_at > now() - interval '1 hour');

-- name: convs_get
select tenant_id, oid, app_id, conversation_id, reference, state, last_error
from bot_conversation_references
where tenant_id = $1 and oid = $2 and app_id = $3 and key_id = any($4::text[]);

-- Anybody's: colleagues share the service URL. Stops at the first row of the primary key.
-- name: convs_any
select tenant_id, oid, app_id, conversation_id, reference, state, last_error
from bot_conversation_references
where tenant_id = $1 and app_id = $2 and key_id = any($3::text[]) and state = 'active'
limit 1;

-- name: convs_mark
update bot_conversation_references
set state = $4, last_error = $5, updated_at = now()
where tenant_id = $1 and oid = $2 and app_id = $3;
