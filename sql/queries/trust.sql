-- Trust rules of apps.

-- name: trust_get
select array_to_json(hosts), signer, issuer, coalesce(found::text, '') from app_trust where app_id = $1;

-- What is not known yet, from a package that was delivered. No row: there was nothing to learn.
-- name: trust_learn
insert into app_trust (app_id, hosts, signer, issuer)
values ($1, $2::text[], $3, $4)
on conflict (app_id) do update
set hosts = case when app_trust.hosts = '{}' then excluded.hosts else app_trust.hosts end,
    signer = case when app_trust.signer = '' then excluded.signer else app_trust.signer end,
    issuer = case when app_trust.signer = '' or app_trust.issuer = '' then excluded.issuer else app_trust.issuer end,
    found = null, changed_by = 'system', changed_at = now()
where app_trust.hosts = '{}' or app_trust.signer = ''
	or (app_trust.issuer = '' and excluded.issuer <> '' and app_trust.signer = excluded.signer)
returning app_id;

-- name: trust_found
update app_trust set found = $2::jsonb where app_id = $1;

-- What was found is expected from now on; hosts that were stay.
-- name: trust_accept
update app_trust t
set hosts = array(select unnest(t.hosts) union select jsonb_array_elements_text(t.found->'hosts') order by 1),
    signer = t.found->>'signer', issuer = t.found->>'issuer', found = null, changed_by = $2, changed_at = now()
where app_id = $1 and found is not null
returning app_id;

-- name: trust_set
insert into app_trust (app_id, hosts, signer, issuer, changed_by)
values ($1, $2::text[], $3, $4, $5)
on conflict (app_id) do update
set hosts = excluded.hosts, signer = excluded.signer, issuer = excluded.issuer, changed_by = excluded.changed_by,
    changed_at = now();
