-- The chain's end moves by one and the row is added, in one statement: the upsert holds the end from here to the
-- commit, and its expressions see the end as the transaction before left it.
-- name: audit_append
with head as (
	insert into audit_heads as h (tenant_id, seq, prev_hash, hash)
	values ($1, 1, audit_first_hash(), audit_row_hash(audit_first_hash(), $1, 1, now(),
		array[$2, $3, $4, $5, $6, $7::jsonb::text], array[$8, $9, $10]))
	on conflict (tenant_id) do update
	set seq = h.seq + 1,
	    prev_hash = h.hash,
	    hash = audit_row_hash(h.hash, $1, h.seq + 1, now(),
		array[$2, $3, $4, $5, $6, $7::jsonb::text], array[$8, $9, $10])
	returning seq, prev_hash, hash
)
insert into audit_logs (tenant_id, seq, user_id, user_email, action, entity_type, entity_id, details,
	ip_address, source, correlation_id, prev_hash, hash)
select $1, seq, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, prev_hash, hash
from head;

-- name: audit_count
select count(*), coalesce(max(seq), 0)
from audit_logs
where tenant_id = $1 and entity_type = $2 and entity_id = $3;

-- name: audit_page
select seq, user_id, user_email, action, entity_type, entity_id, details::text, audit_time(timestamp),
       ip_address, source, correlation_id, prev_hash, hash, id
from audit_logs
where tenant_id = $1
  and seq > $2
  and seq <= $3
  and ($4::timestamptz is null or timestamp >= $4)
  and ($5::timestamptz is null or timestamp < $5)
order by seq
limit $6;

-- name: audit_of_request
select seq, user_id, user_email, action, entity_type, entity_id, details::text, audit_time(timestamp),
       ip_address, source, correlation_id, prev_hash, hash, id
from request_trail
where tenant_id = $1
  and seq > $2
  and seq <= $3
  and ($4::timestamptz is null or timestamp >= $4)
  and ($5::timestamptz is null or timestamp < $5)
  and request_id = $7
order by seq
limit $6;

-- Whether the first row from a number on is older than a time and some hours.
-- name: audit_is_before
select timestamp < $3::timestamptz + make_interval(hours => $4)
from audit_logs
where tenant_id = $1 and seq >= $2
order by seq
limit 1;

-- name: audit_head
select seq, hash from audit_heads where tenant_id = $1;

-- name: audit_tenants
select tenant_id from audit_heads
union
select tenant_id from audit_logs
order by 1;
