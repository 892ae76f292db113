-- The catalogue. Columns of an app are always: id, name, publisher, description, winget_id, winget_version,
-- published, group_id, classification, owner_oid, seats, audience.

-- $2: the words without filler, $3: the whole text, which may be a name ("Any Desk"), $4: the person's language. Each
-- app that has something of it, word for word or nearly, is a candidate; the fifty that look best are compared with care.
-- A word counts by its length. What is much worse than the best is left out, so that "pdf editor" does not list every editor.
-- name: apps_search
with asked as materialized (
	select search_words($2) as words, search_squeezed($2) as squeezed, search_squeezed($3) as whole),
word as materialized (
	select w.word, w.at, length(w.word)::real as len,
	       to_tsquery('simple', '''' || w.word || '''' || case when length(w.word) > 2 then ':*' else '' end)
	       || to_tsquery(search_language($4), '''' || w.word || '''')
	       || to_tsquery('simple', search_swaps(w.word, case when length(w.word) > 4 then ':*' else '' end)) as query
	from asked, unnest(string_to_array(asked.words, ' ')) with ordinality w (word, at)
	limit 8),
total as materialized (select sum(len) as len from word),
swapped as materialized (select search_swaps(squeezed, '')::tsquery as query from asked),
-- at: the place of the word that was found, 0 for the whole.
named as (
	select l.app_id, w.at, w.len * word_similarity(w.word, l.words) as quality
	from word w join app_aliases l on w.word <% l.words
	where w.len > 2
	union all
	select l.app_id, 0, similarity(w.squeezed, l.squeezed)
	from asked w join app_aliases l on l.squeezed % w.squeezed
	union all
	select l.app_id, 0, 1
	from asked w join app_aliases l on l.squeezed = any (array[w.squeezed, w.whole])),
hits as (
	select a.id, w.at, w.len as quality
	from word w join apps a on a.search @@ w.query
	where a.tenant_id = $1 and a.state = 'published'
	union all
	select a.id, w.at, w.len * word_similarity(w.word, a.words)
	from word w join apps a on w.word <% a.words
	where w.len > 2 and a.tenant_id = $1 and a.state = 'published'
	union all
	select a.id, 0, similarity(w.squeezed, a.squeezed)
	from asked w join apps a on a.squeezed % w.squeezed
	where a.tenant_id = $1 and a.state = 'published'
	union all
	select a.id, 0, 0.9
	from swapped w join apps a on a.search @@ w.query
	where a.tenant_id = $1 and a.state = 'published'
	union all
	select a.id, 0, 1
	from asked w join apps a on a.squeezed = any (array[w.squeezed, w.whole])
	where a.tenant_id = $1 and a.state = 'published'
	union all
	-- One by one, by its key: a plan that is made for any number of them reads the whole table.
	select a.id, n.at, n.quality
	from named n
	cross join lateral (
		select id from apps where id = n.app_id and tenant_id = $1 and state = 'published' limit 1) a),
found as (
	select id, coalesce(sum(quality) filter (where at > 0) / max(total.len), 0) as share,
	       coalesce(max(quality) filter (where at = 0), 0) as likeness
	from (select id, at, max(quality) as quality from hits group by id, at) best
	cross join total
	group by id),
likely as (
	select * from found order by share + likeness desc limit 50),
scored as (
	select a.*,
	       case when f.likeness = 1 or lower(a.winget_id) = lower($3) then 4 else 0 end
	       + case when starts_with(a.squeezed, w.squeezed) then 0.3 else 0 end
	       + 2 * greatest(f.share, f.likeness)
	       + greatest(f.likeness, word_similarity(w.words, a.words))
	       + greatest(f.likeness, similarity(w.squeezed, a.squeezed)) as score
	from likely f
	cross join lateral (select * from apps where id = f.id limit 1) a
	cross join asked w)
select id, name, publisher, description, winget_id, winget_version, state = 'published', group_id,
       classification, owner_oid, seats, array_to_json(audience)
from (select *, max(score) over () as top from scored) ranked
where score >= 0.6 * least(top, 2)
order by score desc, name, id
limit $5;

-- Those that people look for by the words of this one: its aliases say what it is for.
-- name: apps_alike
with own as materialized (
	select distinct word
	from app_aliases, unnest(string_to_array(words, ' ')) word
	where app_id = $2 and length(word) > 2
	limit 20),
hits as (
	select l.app_id as id, own.word from own join app_aliases l on own.word <% l.words
	union
	select a.id, own.word from own join apps a on own.word <% a.words where a.tenant_id = $1 and a.state = 'published'),
found as (select id, count(*) as n from hits where id <> $2 group by id order by n desc limit 100)
select a.id, name, publisher, description, winget_id, winget_version, state = 'published', group_id,
       classification, owner_oid, seats, array_to_json(audience)
from found f
cross join lateral (select * from apps where id = f.id and tenant_id = $1 and state = 'published' limit 1) a
order by f.n desc, name, a.id
limit $3;

-- Of late: among the newest requests, however many there are of older ones.
-- name: apps_popular
with asked as (
	select app_id, count(*) as times
	from (select app_id from requests where tenant_id = $1 order by id desc limit 1000) newest
	group by app_id)
select id, name, publisher, description, winget_id, winget_version, state = 'published', group_id,
       classification, owner_oid, seats, array_to_json(audience)
from apps left join asked on app_id = id
where tenant_id = $1 and state = 'published'
order by times desc nulls last, name, id
limit $2;

-- Minutes from asking to having it, where three or more of late tell: among the newest requests, however many there are of older ones.
-- name: apps_usual
select app_id, ceil(percentile_cont(0.5) within group (order by extract(epoch from closed_at - created_at)) / 60)::int
from (select * from requests where tenant_id = $1 order by id desc limit 2000) newest
where app_id = any ($2::bigint[]) and state = 'delivered' and extends_grant is null and not is_review and not by_right
group by app_id
having count(*) >= 3;

-- name: apps_get
select id, name, publisher, description, winget_id, winget_version, state = 'published', group_id,
       classification, owner_oid, seats, array_to_json(audience)
from apps
where tenant_id = $1 and id = $2;

-- name: apps_by_package
select id from apps where tenant_id = $1 and lower(winget_id) = lower($2) order by id limit 1;

-- name: apps_list
select id, name, publisher, description, winget_id, winget_version, state = 'published', group_id,
       classification, owner_oid, seats, array_to_json(audience)
from apps
where tenant_id = $1
order by name, id
limit $2;

-- name: apps_questions
select ordinal, label, kind, choices, required
from app_questions
where app_id = $1
order by ordinal;

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

-- The catalogue as documents, by package, a page at a time; $2: the package that the page before ended with.
-- name: apps_documents
select winget_id, app_document(apps)
from apps
where tenant_id = $1 and winget_id collate "C" > $2
order by winget_id collate "C"
limit $3;

-- One entry, whatever the case of its package.
-- name: apps_document
select id, app_document(apps)
from apps
where tenant_id = $1 and lower(winget_id) = lower($2)
order by id
limit 1;

-- An entry becomes what the document says, whole.
-- name: apps_document_put
with given as (select $2::json as app),
put as (
	insert into apps (tenant_id, winget_id, name, publisher, description, winget_version, state, classification, owner_oid,
	                  seats, group_id, categories, audience)
	select $1, app->>'winget_id', app->>'name', app->>'publisher', app->>'description', app->>'version', app->>'state',
	       app->>'classification', app->>'owner', nullif((app->>'seats')::int, 0), app->>'group',
	       array(select json_array_elements_text(app->'categories')), array(select json_array_elements_text(app->'audience'))
	from given
	on conflict (tenant_id, winget_id) do update
	set name = excluded.name, publisher = excluded.publisher, description = excluded.description,
	    winget_version = excluded.winget_version, state = excluded.state, classification = excluded.classification,
	    owner_oid = excluded.owner_oid, seats = excluded.seats, group_id = excluded.group_id,
	    categories = excluded.categories, audience = excluded.audience, updated_at = now()
	returning id),
alias as (select json_array_elements_text(app->'aliases') as alias from given),
unnamed as (
	delete from app_aliases l using put where l.app_id = put.id and l.alias not in (select alias from alias)),
named as (
	insert into app_aliases (app_id, alias) select put.id, alias.alias from put, alias on conflict do nothing),
question as (
	select ordinal, q->>'label' as label, q->>'kind' as kind, (q->'choices')::jsonb as choices, (q->>'required')::boolean as required
	from given, json_array_elements(app->'questions') with ordinality list (q, ordinal)),
unasked as (
	delete from app_questions q using put where q.app_id = put.id and q.ordinal > (select count(*) from question)),
asked as (
	insert into app_questions (app_id, ordinal, label, kind, choices, required)
	select put.id, q.ordinal, q.label, q.kind, q.choices, q.required from put, question q
	on conflict (app_id, ordinal) do update
	set label = excluded.label, kind = excluded.kind, choices = excluded.choices, required = excluded.required)
select id from put;
