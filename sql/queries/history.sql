-- What happened to a request: rows of its trail, newest first, with what the tables know about each. $5: also what was
-- refused, which is for admins and auditors.
-- name: history_page
with line as (
	select tenant_id, request_id, seq, "timestamp", action, user_id, user_email, details,
	       case when details->>'stage' ~ '^[0-9]{1,6}$' then (details->>'stage')::int end as ordinal,
	       case when details->>'level' ~ '^[0-9]{1,6}$' then (details->>'level')::int end as level
	from request_trail
	where tenant_id = $1 and request_id = $2 and seq < $3 and ($5::boolean or action not like '%.refused')
	order by seq desc
	limit $4
)
select l.seq, iso_utc(l."timestamp"), l.action, l.user_id,
       coalesce(nullif(u.name, ''), nullif(l.user_email, ''), l.user_id), l.details::text,
       coalesce(nullif(b.name, ''), nullif(seat.name, ''), d.on_behalf_of, ''), coalesce(d.granted_days, 0), coalesce(d.app_version, ''),
       coalesce(s.step, 0), coalesce(s.steps, 0), coalesce(asked.names, '[]')::text,
       coalesce(nullif(p.name, ''), nullif(about.name, ''), l.details->>'to_name', '')
from line l
left join users u on u.tenant_id = l.tenant_id and u.oid = l.user_id
left join stages s on s.request_id = l.request_id and s.ordinal = l.ordinal
left join decisions d on d.request_id = l.request_id and d.ordinal = l.ordinal and d.oid = l.user_id
	and l.action in ('decision.approved', 'decision.rejected')
left join users b on b.tenant_id = l.tenant_id and b.oid = d.on_behalf_of
left join stage_approvers seat on seat.request_id = l.request_id and seat.ordinal = l.ordinal and seat.oid = d.on_behalf_of
left join users p on p.tenant_id = l.tenant_id and p.oid = l.details->>'person'
left join stage_approvers about on about.request_id = l.request_id and about.ordinal = l.ordinal
	and about.oid = l.details->>'person'
left join lateral (
	select json_agg(coalesce(nullif(p.name, ''), a.name) order by p.name, a.oid) as names
	from stage_approvers a
	left join users p on p.tenant_id = l.tenant_id and p.oid = a.oid
	where l.action in ('stage.opened', 'stage.escalated') and a.request_id = l.request_id and a.ordinal = l.ordinal
	  and a.level = coalesce(l.level, case l.action when 'stage.opened' then 0 else a.level end)) asked on true
order by l.seq desc;
