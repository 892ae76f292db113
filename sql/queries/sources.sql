-- name: sources_get
select highest_version from winget_sources where base_url = $1;

-- The first version that was ever accepted; no row when another node was first.
-- name: sources_insert
insert into winget_sources (base_url, highest_version)
values ($1, $2)
on conflict (base_url) do nothing
returning 1;

-- Compare and set: no row when the mark is not $2 any more.
-- name: sources_raise
update winget_sources
set highest_version = $3, seen_at = now()
where base_url = $1 and highest_version = $2
returning 1;
