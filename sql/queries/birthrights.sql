-- Apps that people get without asking.

-- Who is named and has neither the app nor a request for it. Not who gave it back, or from whom it was taken by somebody.
-- $5: only these people; $6 false: everybody.
-- name: birthrights_due
select u.oid, u.name
from users u
where u.tenant_id = $1 and u.state = 'active' and u.acted_state = 'active' and not u.missed and not u.guest
  and (cardinality($3::text[]) = 0 or lower(u.department) in (select lower(d) from unnest($3::text[]) d))
  and (cardinality($4::text[]) = 0 or lower(u.job_title) in (select lower(t) from unnest($4::text[]) t))
  and (not $6::boolean or u.oid = any ($5::text[]))
  and not exists (select from grants g
	where g.tenant_id = $1 and g.oid = u.oid and g.app_id = $2
	  and (g.state = 'active' or g.by_right and g.state in ('returned', 'revoked') and g.ended_by <> 'system'))
  and not exists (select from requests r
	where r.tenant_id = $1 and coalesce(nullif(r.beneficiary_oid, ''), r.requester_oid) = u.oid and r.app_id = $2
	  and r.state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling'))
  and not exists (select from requests r
	where r.tenant_id = $1 and r.requester_oid = u.oid and r.app_id = $2 and r.by_right
	  and (r.state = 'cancelled' and r.reason <> 'leaver'
	       or r.closed_at > now() - interval '1 day' and r.state <> 'delivered'))
  and not exists (select from birthright_skips s
	where s.tenant_id = $1 and s.app_id = $2 and s.oid = u.oid
	  and s.policy_name = $7 and s.policy_version = $8::int and s.skipped_at > now() - interval '1 day')
order by u.oid
limit $9;

-- The same as a number, whoever was skipped; groups are not looked at.
-- name: birthrights_count
select count(*)
from users u
where u.tenant_id = $1 and u.state = 'active' and not u.guest
  and (cardinality($3::text[]) = 0 or lower(u.department) in (select lower(d) from unnest($3::text[]) d))
  and (cardinality($4::text[]) = 0 or lower(u.job_title) in (select lower(t) from unnest($4::text[]) t))
  and not exists (select from grants g
	where g.tenant_id = $1 and g.oid = u.oid and g.app_id = $2 and g.state = 'active');

-- name: birthrights_on_their_way
select count(*)
from requests
where tenant_id = $1 and app_id = $2 and extends_grant is null and state in ('approved', 'fulfilling');

-- name: birthrights_ask
insert into requests (tenant_id, requester_oid, app_id, state, justification, stage, policy_name, policy_version, by_right)
values ($1, $2, $3, 'pending', $4, 0, $5, $6, true)
on conflict (tenant_id, (coalesce(nullif(beneficiary_oid, ''), requester_oid)), app_id)
	where state in ('draft', 'pending', 'needs_info', 'approved', 'fulfilling') do nothing
returning id;

-- name: birthrights_skip
insert into birthright_skips (tenant_id, app_id, oid, policy_name, policy_version, reason)
values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, app_id, oid) do update
set policy_name = excluded.policy_name, policy_version = excluded.policy_version, reason = excluded.reason, skipped_at = now()
returning (select s.reason from birthright_skips s
	where s.tenant_id = $1 and s.app_id = $2 and s.oid = $3 and s.policy_name = $4 and s.policy_version = $5) is distinct from $6;

-- name: birthrights_is
select by_right from requests where id = $1;

-- name: birthrights_unchecked
select g.id, g.lapsed_at is not null, r.policy_name, r.policy_version
from grants g
join users u on u.tenant_id = g.tenant_id and u.oid = g.oid
join requests r on r.id = g.request_id
where g.tenant_id = $1 and g.by_right and g.state = 'active' and u.state = 'active'
  and (g.checked_at is null or g.checked_at < now() - interval '1 day')
order by g.checked_at nulls first, g.id
limit $2;

-- name: birthrights_checked
update grants set checked_at = now() where id = $1;

-- Of one person, or (an empty id) of everybody.
-- name: birthrights_check_anew
update grants set checked_at = null
where tenant_id = $1 and by_right and state = 'active' and checked_at is not null and ($2 = '' or oid = $2);

-- An end that came sooner by itself stays.
-- name: birthrights_lapse
update grants
set lapsed_at = now(), warned_days = null,
    expires_at = least(expires_at, now() + $2::int * interval '1 day')
where id = $1;

-- name: birthrights_restore
update grants set lapsed_at = null, expires_at = null, warned_days = null where id = $1;

-- Somebody gave it back, or it was taken from them by somebody: then it is no matter of course any more.
-- name: birthrights_refused
select exists (select from grants
	where tenant_id = $1 and oid = $2 and app_id = $3 and by_right and state in ('returned', 'revoked') and ended_by <> 'system');

-- name: birthrights_mark
update requests set by_right = true where id = $1;
