-- The catalogue as a file: what an app is for, who may see it, and questions of four kinds.

alter table apps
	add column categories text[] not null default '{}',
	add column audience text[] not null default '{}';  -- Entra groups; none: everybody who may use the counter

-- What an app is for is looked for like its description.
create function search_list(text[]) returns text immutable strict parallel safe language sql as $$
	select search_words(array_to_string($1, ' '))
$$;
drop index apps_search;
alter table apps drop column search;
alter table apps
	add column search tsvector generated always as (
		setweight(to_tsvector('simple', search_words(name) || ' ' || search_squeezed(name)), 'A') ||
		setweight(to_tsvector('simple', search_words(publisher) || ' ' || search_words(winget_id)), 'B') ||
		setweight(search_stems(search_words(name || ' ' || description) || ' ' || search_list(categories)), 'C')) stored;
create index apps_search on apps using gin (search) with (fastupdate = off) where state = 'published';

alter table app_questions drop constraint app_questions_kind_check;
alter table app_questions add constraint app_questions_kind_check check (kind in ('text', 'long', 'choice', 'date'));

-- An app as a document: the entry of a file.
create function app_document(a apps) returns json stable language sql as $$
	select json_build_object(
		'winget_id', a.winget_id, 'name', a.name, 'publisher', a.publisher, 'description', a.description,
		'version', a.winget_version, 'state', a.state, 'classification', a.classification, 'owner', a.owner_oid,
		'seats', coalesce(a.seats, 0), 'group', a.group_id, 'categories', to_json(a.categories), 'audience', to_json(a.audience),
		'aliases', (select coalesce(json_agg(l.alias order by l.alias collate "C"), '[]') from app_aliases l where l.app_id = a.id),
		'questions', (
			select coalesce(json_agg(json_build_object(
				'label', q.label, 'kind', q.kind, 'choices', q.choices, 'required', q.required) order by q.ordinal), '[]')
			from app_questions q where q.app_id = a.id))
$$;
