-- name: evidence_add
insert into evidence (job_id, app_id, chain) values ($1, $2, $3)
on conflict (job_id) do nothing;

-- name: evidence_get
select job_id, app_id, chain, extract(epoch from created_at)::bigint from evidence where job_id = $1;

-- name: evidence_of_app
select job_id, app_id, chain, extract(epoch from created_at)::bigint
from evidence where app_id = $1
order by id desc
limit 1;
