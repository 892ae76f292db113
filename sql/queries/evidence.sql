-- name: evidence_add
insert into evidence (job_id, app_id, chain) values ($1, $2, $3)
on conflict (job_id) do nothing;
