-- Rows of one turn, and the chain's end after the last of them, in one statement: the lock shows the end as the transaction
-- before left it, and holds it from here to the commit. Where no chain has begun: no row, and nothing done, or with $11
-- an error, for who is not there to see that (a row without a number is refused).
-- The hash is audit_row_hash(), spelled out: a function with an aggregate is parsed and planned anew in each statement that
-- calls it, under the lock. (A list as the result of a query: see copies_change.)
-- name: audit_append
with recursive rows as (
	select r.*, p.bytes
	from unnest((select $2::text[]), (select $3::text[]), (select $4::text[]), (select $5::text[]),
		(select $6::text[]), (select $7::text[]), (select $8::text[]), (select $9::text[]), (select $10::text[]))
		with ordinality as r (user_id, user_email, action, entity_type, entity_id, details, ip_address, source,
			correlation_id, n)
	cross join lateral (
		select string_agg(int4send(octet_length(part)) || convert_to(part, 'UTF8'), ''::bytea order by i) as bytes
		from unnest(array[r.user_id, r.user_email, r.action, r.entity_type, r.entity_id, r.details::jsonb::text,
			audit_time(now()), r.ip_address, r.source, r.correlation_id]) with ordinality as parts (part, i)) p
), head as (
	select seq, hash from audit_heads where tenant_id = $1 for no key update
), chain (n, seq, prev_hash, hash) as (
	select 0::bigint, seq, hash, hash from head
	union all
	select r.n, c.seq + 1, c.hash, sha256(c.hash
		|| int4send(octet_length('appdesk-audit-1'::text)) || convert_to('appdesk-audit-1', 'UTF8')
		|| int4send(octet_length($1)) || convert_to($1, 'UTF8')
		|| int4send(octet_length((c.seq + 1)::text)) || convert_to((c.seq + 1)::text, 'UTF8') || r.bytes)
	from chain c join rows r on r.n = c.n + 1
), moved as (
	update audit_heads h
	set seq = c.seq, prev_hash = c.prev_hash, hash = c.hash
	from chain c
	where h.tenant_id = $1 and c.n = (select count(*) from rows)
)
insert into audit_logs (tenant_id, seq, user_id, user_email, action, entity_type, entity_id, details,
	ip_address, source, correlation_id, prev_hash, hash)
select $1, c.seq, r.user_id, r.user_email, r.action, r.entity_type, r.entity_id, r.details::jsonb, r.ip_address, r.source,
	r.correlation_id, c.prev_hash, c.hash
from chain c join rows r on r.n = c.n
union all
select $1, null, '', '', '', '', '', '{}', '', '', '', '', ''
where $11::boolean and not exists (select from head)
order by 2;

-- name: audit_begin
insert into audit_heads (tenant_id, seq, prev_hash, hash)
values ($1, 0, audit_first_hash(), audit_first_hash())
on conflict (tenant_id) do nothing;

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
