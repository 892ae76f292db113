-- How the counter is. What waits is looked for at the end of its index where the oldest stands.

-- name: doctor_checkup
with slow as (select make_interval(secs => $3::int) as s),
waiting as (
	select count(*) as n, min(created_at) as since
	from (
		select created_at from outbox
		where state = 'pending' and due_at is not null
		order by due_at
		limit $4::int
	) o, slow
	where created_at < now() - s
), stuck as (
	select count(*) as n
	from jobs
	where tenant_id = $1 and state not in ('succeeded', 'cancelled')
		and state in ('failed', 'retry_wait', 'waiting_upstream', 'waiting_admin')
), due as (
	select min(run_at) as since
	from (
		(select run_at from jobs
		where state in ('queued', 'retry_wait', 'waiting_upstream') and run_at is not null and priority = 0
		order by run_at limit 1)
		union all
		(select run_at from jobs
		where state in ('queued', 'retry_wait', 'waiting_upstream') and run_at is not null and priority = 1
		order by run_at limit 1)
	) j, slow
	where run_at < now() - s
)
select (select max(number) from schema_migrations),
	coalesce(iso_utc(d.synced_at), ''), coalesce(extract(epoch from now() - d.synced_at)::bigint, -1),
	waiting.n, coalesce(iso_utc(waiting.since), ''), coalesce(extract(epoch from now() - waiting.since)::bigint, -1),
	stuck.n, coalesce(iso_utc(due.since), ''), coalesce(extract(epoch from now() - due.since)::bigint, -1),
	coalesce(w.highest_version, ''), coalesce(iso_utc(w.seen_at), ''),
	coalesce(extract(epoch from now() - w.seen_at)::bigint, -1)
from waiting, stuck, due
left join directory_sync d on d.tenant_id = $1
left join winget_sources w on w.base_url = $2;
