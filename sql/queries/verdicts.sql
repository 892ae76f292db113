-- What people say of the apps that they have.

-- name: verdicts_get
select v.oid, coalesce(p.name, ''), v.works, v.words, v.version, iso_utc(v.said_at), v.answered_by, coalesce(a.name, ''), v.answer
from verdicts v
left join users p on p.tenant_id = v.tenant_id and p.oid = v.oid
left join users a on a.tenant_id = v.tenant_id and a.oid = v.answered_by
where v.tenant_id = $1 and v.request_id = $2;

-- The one that counts; an answer to an earlier one is over.
-- name: verdicts_put
insert into verdicts (tenant_id, request_id, oid, works, words)
values ($1, $2, $3, $4, $5)
on conflict (request_id) do update
set oid = excluded.oid, works = excluded.works, words = excluded.words, version = verdicts.version + 1, said_at = now(),
    answered_by = '', answer = '', answered_at = null;

-- name: verdicts_answer
update verdicts
set answered_by = $3, answer = $4, answered_at = now(), version = version + 1
where tenant_id = $1 and request_id = $2;
