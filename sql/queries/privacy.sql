-- People who want their data deleted.

-- A new one, or the open one of the person: that row is held then. The last column: whether it is new.
-- name: privacy_open
insert into privacy_tasks (tenant_id, oid)
values ($1, $2)
on conflict (tenant_id, oid) where state = 'open' do update
set oid = privacy_tasks.oid
returning id, xmax = 0;

-- name: privacy_told_by
update privacy_tasks set job_id = $3 where tenant_id = $1 and id = $2;

-- name: privacy_lock
select id from privacy_tasks where tenant_id = $1 and id = $2 for update;

-- name: privacy_get
select t.id, t.oid, coalesce(u.name, ''), t.state, t.version, coalesce(t.job_id, 0), iso_utc(t.created_at), t.done_by,
       coalesce(d.name, ''), t.note
from privacy_tasks t
left join users u on u.tenant_id = t.tenant_id and u.oid = t.oid
left join users d on d.tenant_id = t.tenant_id and d.oid = t.done_by
where t.tenant_id = $1 and t.id = $2;

-- name: privacy_of_job
select id from privacy_tasks where tenant_id = $1 and job_id = $2;

-- name: privacy_close
update privacy_tasks
set state = 'done', version = version + 1, done_at = now(), done_by = $3, note = $4
where tenant_id = $1 and id = $2;

-- What the person has wished, and what is only remembered of them: it can be asked again.
-- name: privacy_forget_wishes
delete from preferences where tenant_id = $1 and oid = $2;

-- name: privacy_forget_groups
delete from group_members_cache where tenant_id = $1 and oid = $2;
