-- Rights of the service role, given after every migration run by the owner role. :service_role is replaced by the
-- role's quoted name, :'service_role' by the same as text. What is not granted here, the service cannot do.

do $$
begin
	if not exists (select from pg_roles where rolname = :'service_role') then
		create role :service_role login;
	end if;
end $$;

revoke create on schema public from public;
revoke all on all tables in schema public from :service_role;
grant usage on schema public to :service_role;
grant select, insert, update, delete on all tables in schema public to :service_role;

-- What has been decided, proven or noted in the trail stays as it is. (The table of the trail refuses a change to
-- everybody by a trigger; this refuses it to the service already.)
revoke update, delete on audit_logs, answers, revisions, decisions from :service_role;
revoke update, delete on policies from :service_role;
revoke delete on audit_heads, evidence, requests, users, stages, inquiries, grants, delegations, proposals, suggestions,
	bundles, verdicts, privacy_tasks from :service_role;

-- The schema's own history is only read.
revoke insert, update, delete on schema_migrations from :service_role;
