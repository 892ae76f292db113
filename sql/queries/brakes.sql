-- The brake on what follows from the directory's news.

-- name: brakes_pending
select count(*) filter (where leaves), count(*) filter (where moves),
       (select count(*) from users where tenant_id = $1 and acted_state = 'active')
from unsettled_people
where tenant_id = $1;

-- Some of them, for people to judge by.
-- name: brakes_names
select coalesce(nullif(name, ''), oid)
from unsettled_people
where tenant_id = $1 and (leaves or moves)
order by leaves desc, name, oid
limit $2;

-- Without a number: the open one.
-- name: brakes_get
select b.id, b.leavers, b.movers, b.known, b.state, extract(epoch from now() - b.told_at)::bigint,
       coalesce(nullif(u.name, ''), b.decided_by)
from directory_brakes b
left join users u on u.tenant_id = b.tenant_id and u.oid = b.decided_by
where b.tenant_id = $1 and case when $2::bigint = 0 then b.state = 'open' else b.id = $2 end
for update of b;

-- name: brakes_open
insert into directory_brakes (tenant_id, leavers, movers, known) values ($1, $2, $3, $4) returning id;

-- name: brakes_told
update directory_brakes set leavers = $2, movers = $3, known = $4, told_at = now() where id = $1;

-- name: brakes_close
update directory_brakes set state = $2, decided_by = $3, decided_at = now() where id = $1;
