-- name: groups_get
select group_id, is_member, greatest(0, extract(epoch from now() - checked_at)::bigint)
from group_members_cache
where tenant_id = $1 and oid = $2 and group_id = any ($3::text[]);

-- The same of those groups that settings name.
-- name: groups_set
select m.group_id, m.is_member, greatest(0, extract(epoch from now() - m.checked_at)::bigint)
from portal_settings s
join group_members_cache m on m.tenant_id = s.tenant_id and m.group_id = s.value and m.oid = $2
where s.tenant_id = $1 and s.key like '%GroupId';

-- What the directory said can be asked again: the commit of this statement does not wait for the disk.
-- name: groups_put
with soon as (select set_config('synchronous_commit', 'off', true))
insert into group_members_cache (tenant_id, group_id, oid, is_member, checked_at)
select $1, asked, $2, asked = any ($4::text[]), now()
from soon, (select distinct unnest($3::text[]) as asked) as groups
order by asked
on conflict (tenant_id, group_id, oid) do update
set is_member = excluded.is_member, checked_at = excluded.checked_at;

-- name: groups_known
select m.oid, u.name, u.mail
from group_members_cache m join users u on u.tenant_id = m.tenant_id and u.oid = m.oid
where m.tenant_id = $1 and m.group_id = $2 and m.is_member and u.state = 'active'
order by m.oid
limit $3;
