-- Apps that people miss.

-- A new one, or the open one for the same: that row is held then. The last column: whether it is new.
-- name: suggestions_put
insert into suggestions (tenant_id, wanted)
values ($1, $2)
on conflict (tenant_id, lower(wanted)) where state = 'open' do update
set wanted = suggestions.wanted
returning id, xmax = 0;

-- name: suggestions_join
insert into suggestion_people (suggestion_id, oid)
values ($1, $2)
on conflict do nothing
returning 1;

-- What one person waits for.
-- name: suggestions_count
select count(*)
from suggestion_people p
join suggestions s on s.id = p.suggestion_id
where s.tenant_id = $1 and p.oid = $2 and s.state = 'open';

-- name: suggestions_told_by
update suggestions set job_id = $3 where tenant_id = $1 and id = $2;

-- name: suggestions_lock
select id from suggestions where tenant_id = $1 and id = $2 for update;

-- name: suggestions_get
select s.id, s.wanted, s.found, s.package_id, s.facts, s.state, s.version, s.job_id, s.app_id,
       to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), s.decided_by, coalesce(d.name, ''), s.reason,
       coalesce(by.name, ''), by.others
from suggestions s
left join users d on d.tenant_id = s.tenant_id and d.oid = s.decided_by
cross join lateral (
	select (array_agg(coalesce(u.name, '') order by p.joined_at, p.oid))[1] as name, greatest(count(*) - 1, 0) as others
	from suggestion_people p
	left join users u on u.tenant_id = s.tenant_id and u.oid = p.oid
	where p.suggestion_id = s.id) by
where s.tenant_id = $1 and s.id = $2;

-- name: suggestions_of_job
select id from suggestions where tenant_id = $1 and job_id = $2;

-- name: suggestions_open
select id
from suggestions
where tenant_id = $1 and state = 'open'
order by id
limit $2;

-- name: suggestions_people
select oid from suggestion_people where suggestion_id = $1 order by joined_at, oid;

-- Its cards show more from now on.
-- name: suggestions_touch
update suggestions set version = version + 1 where tenant_id = $1 and id = $2;

-- name: suggestions_looked
update suggestions
set found = $3, package_id = $4, facts = $5, version = version + 1
where tenant_id = $1 and id = $2;

-- name: suggestions_close
update suggestions
set state = $3, decided_by = $4, decided_at = now(), reason = $5, app_id = nullif($6::bigint, 0), package_id = $7,
    version = version + 1
where tenant_id = $1 and id = $2;
