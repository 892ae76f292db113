-- The catalogue. Columns of an app are always: id, name, publisher, description, winget_id, winget_version,
-- published, group_id, classification, owner_oid, seats.

-- Exact name, alias or identifier counts most, then the share of words that are found, then likeness (typos). What
-- is much worse than the best is left out, so that "pdf editor" does not list every editor.
-- name: apps_search
with wanted as (
	select $2::text as words,
	       show_trgm($2) as trigrams,
	       replace(plainto_tsquery('simple', $2)::text, '&', '|')::tsquery as any_word),
hits as (
	select a.id, 0.0::real as alias_likeness, false as alias_exact
	from apps a, wanted w
	where a.tenant_id = $1 and a.state = 'published'
	  and (a.search @@ w.any_word or lower(a.name) = w.words or lower(a.winget_id) = w.words
	       or (a.trigrams && w.trigrams and (a.name % w.words or w.words <% a.name)))
	union all
	select l.app_id, greatest(similarity(l.alias, w.words), word_similarity(w.words, l.alias)),
	       lower(l.alias) = w.words
	from app_aliases l, wanted w
	where lower(l.alias) = w.words
	   or (l.trigrams && w.trigrams and (l.alias % w.words or w.words <% l.alias))),
best as (
	select id, max(alias_likeness) as alias_likeness, bool_or(alias_exact) as alias_exact
	from hits
	group by id),
scored as (
	select a.*,
	       (case when b.alias_exact or lower(a.name) = w.words or lower(a.winget_id) = w.words
	             then 4 else 0 end)
	       + 2 * share.found
	       + 1.5 * greatest(b.alias_likeness, word_similarity(w.words, a.name)) as score
	from best b
	join apps a on a.id = b.id and a.tenant_id = $1 and a.state = 'published'
	cross join wanted w
	cross join lateral (
		select (count(*) filter (where a.search @@ plainto_tsquery('simple', word)))::real
		       / greatest(count(*), 1) as found
		from unnest(string_to_array(w.words, ' ')) word) share)
select id, name, publisher, description, winget_id, winget_version, state = 'published', group_id,
       classification, owner_oid, seats
from (select *, max(score) over () as top from scored) ranked
where score >= 0.6 * least(top, 2)
order by score desc, name, id
limit $3;

-- name: apps_get
select id, name, publisher, description, winget_id, winget_version, state = 'published', group_id,
       classification, owner_oid, seats
from apps
where tenant_id = $1 and id = $2;

-- name: apps_by_package
select id from apps where tenant_id = $1 and lower(winget_id) = lower($2) order by id limit 1;

-- name: apps_list
select id, name, publisher, description, winget_id, winget_version, state = 'published', group_id,
       classification, owner_oid, seats
from apps
where tenant_id = $1
order by name, id
limit $2;

-- name: apps_questions
select ordinal, label, kind, choices, required
from app_questions
where app_id = $1
order by ordinal;

-- name: apps_insert
insert into apps (tenant_id, name, publisher, description, winget_id, winget_version, state, classification, owner_oid, seats)
values ($1, $2, $3, $4, $5, $6, case when $7::boolean then 'published' else 'hidden' end, $8, $9, nullif($10::int, 0))
on conflict (tenant_id, winget_id) do nothing
returning id;

-- name: apps_alias_add
insert into app_aliases (app_id, alias)
values ($1, $2)
on conflict do nothing;

-- name: apps_question_add
insert into app_questions (app_id, ordinal, label, kind, choices, required)
values ($1, $2, $3, $4, $5, $6);

-- name: apps_claim_group
update apps
set group_id = case when group_id = '' then $2 else group_id end, updated_at = now()
where id = $1
returning group_id;

-- name: apps_version_get
select intune_app_id, job_id
from app_versions
where app_id = $1 and version = $2;

-- name: apps_versions_other
select version, intune_app_id, job_id
from app_versions
where app_id = $1 and version <> $2
order by id;

-- name: apps_version_put
insert into app_versions (app_id, version, intune_app_id, job_id)
values ($1, $2, $3, $4)
on conflict (app_id, version) do update
set intune_app_id = excluded.intune_app_id, job_id = excluded.job_id, published_at = now();

-- name: apps_seats_set
update apps
set seats = nullif($3::int, 0), updated_at = now()
where tenant_id = $1 and lower(winget_id) = lower($2)
returning id;
