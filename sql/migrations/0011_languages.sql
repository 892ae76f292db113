-- In which language people are written to.

-- As the person has chosen it: "de"; '': the one of their Teams.
alter table preferences add column language text not null default '';

-- How somebody reads, as ICU writes a locale: the language, and by whose clock dates are meant: "de-AT@timezone=Europe/Vienna".
create function person_locale(tenant text, person text) returns text language sql stable as $$
	select coalesce(nullif(p.language, ''), u.locale) || '@timezone=' || person_zone(tenant, person)
	from users u
	left join preferences p on p.tenant_id = u.tenant_id and p.oid = u.oid
	where u.tenant_id = tenant and u.oid = person
$$;
