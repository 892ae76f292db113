-- Search of the catalogue: whatever the case, the accents, the spaces, and a letter or two.

drop index apps_search, apps_trigrams, apps_name, app_aliases_trigrams, app_aliases_alias;
alter table apps drop column search, drop column trigrams;
alter table app_aliases drop column trigrams;

-- A text as it is compared: lower case, without accents, one space between words. "+" and "#" belong to names ("c++").
create function search_words(text) returns text immutable strict parallel safe language sql as $$
	select trim(regexp_replace(
		lower(regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]', '', 'g')),
		'[\x01-\x22\x24-\x2a\x2c-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f\u0080-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'))
$$;
-- The same without spaces: "Visual Studio Code" is "visualstudiocode", however it is written.
create function search_squeezed(text) returns text immutable strict parallel safe language sql as $$
	select replace(search_words($1), ' ', '')
$$;
-- Words and their stems in each language that people may write in: nobody says which one a description is in.
create function search_stems(text) returns tsvector immutable strict parallel safe language sql as $$
	select to_tsvector('simple', $1) || to_tsvector('english', $1) || to_tsvector('german', $1)
	    || to_tsvector('french', $1) || to_tsvector('spanish', $1) || to_tsvector('arabic', $1)
$$;
create function search_language(locale text) returns regconfig stable strict parallel safe language sql as $$
	select (case lower(left(locale, 2)) when 'de' then 'german' when 'fr' then 'french' when 'es' then 'spanish'
	                                    when 'ar' then 'arabic' when 'ja' then 'simple' else 'english' end)::regconfig
$$;
-- The word with two neighbours changed, each pair once: the slip of a quick hand, that trigrams hardly notice.
create function search_swaps(word text, tail text) returns text immutable strict parallel safe language sql as $$
	select coalesce(string_agg('''' || overlay(word placing reverse(substr(word, i, 2)) from i) || '''' || tail, ' | '), '')
	from generate_series(1, length(word) - 1) i
	where length(word) between 3 and 30
$$;

alter table apps
	add column words text generated always as (search_words(name)) stored,
	add column squeezed text generated always as (search_squeezed(name)) stored,
	add column search tsvector generated always as (
		setweight(to_tsvector('simple', search_words(name) || ' ' || search_squeezed(name)), 'A') ||
		setweight(to_tsvector('simple', search_words(publisher) || ' ' || search_words(winget_id)), 'B') ||
		setweight(search_stems(search_words(name || ' ' || description)), 'C')) stored;
alter table app_aliases
	add column words text generated always as (search_words(alias)) stored,
	add column squeezed text generated always as (search_squeezed(alias)) stored;

-- Of published apps alone: a hidden one is not even looked at. Written seldom and read always, so what is new goes to its
-- place at once instead of to a list that each reader has to go through.
create index apps_search on apps using gin (search) with (fastupdate = off) where state = 'published';
create index apps_words on apps using gin (words gin_trgm_ops) with (fastupdate = off) where state = 'published';
create index apps_squeezed on apps using gin (squeezed gin_trgm_ops) with (fastupdate = off) where state = 'published';
create index apps_name on apps (squeezed) where state = 'published';
create index app_aliases_words on app_aliases using gin (words gin_trgm_ops) with (fastupdate = off);
create index app_aliases_squeezed on app_aliases using gin (squeezed gin_trgm_ops) with (fastupdate = off);
create index app_aliases_name on app_aliases (squeezed);
