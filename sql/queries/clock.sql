-- Clocks of stages, and of people. Deadlines are kept in UTC; what a person's or a policy's clock shows is minutes since
-- 1970-01-01 00:00 of that clock (include/ad/domain/hours.h).

-- name: clock_stage
select extract(epoch from now() - coalesce(waits_since, opened_at))::bigint,
       ceil(extract(epoch from deadline_at - now()))::bigint, deadline_at is not null, reminders, level
from stages
where request_id = $1 and ordinal = $2;

-- Those of the present level who hold a card and have not answered, and what their clocks show when the stage has waited
-- that many seconds.
-- name: clock_reminded
select a.oid, coalesce(nullif(a.name, ''), u.name, ''), z.zone,
       floor(extract(epoch from (coalesce(s.waits_since, s.opened_at) + $3::bigint * interval '1 second')
                                at time zone z.zone) / 60)::bigint
from stages s
join requests r on r.id = s.request_id
join stage_approvers a on a.request_id = s.request_id and a.ordinal = s.ordinal
left join users u on u.tenant_id = r.tenant_id and u.oid = a.oid
cross join lateral (select person_zone(r.tenant_id, a.oid) as zone) z
where s.request_id = $1 and s.ordinal = $2 and a.state = 'asked' and a.level = s.level
  and exists (select from card_copies c where c.request_id = a.request_id and c.recipient_oid = a.oid and c.card = 'approval')
  and not exists (select from decisions d where d.request_id = a.request_id and d.ordinal = a.ordinal
    and (d.oid = a.oid or coalesce(nullif(d.on_behalf_of, ''), d.oid) = coalesce(nullif(a.on_behalf_of, ''), a.oid)))
order by a.oid;

-- name: clock_reminders
update stages set reminders = $3 where request_id = $1 and ordinal = $2;

-- What a clock shows now.
-- name: clock_local
select floor(extract(epoch from now() at time zone coalesce(known_zone($1), 'UTC')) / 60)::bigint;

-- Seconds until a clock shows that. A time that a clock leaves out in spring is the one after the gap; of a time that it
-- shows twice in autumn it is the second one.
-- name: clock_until
select ceil(extract(epoch from (timestamp '1970-01-01' + $2::bigint * interval '1 minute')
                               at time zone coalesce(known_zone($1), 'UTC') - now()))::bigint;
