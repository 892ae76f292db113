-- Rights of the service role, given after every migration run by the owner role. :service_role is replaced by the
-- quoted role name. What is not granted here, the service cannot do.

revoke create on schema public from public;
revoke all on all tables in schema public from :service_role;
grant usage on schema public to :service_role;
grant select, insert, update, delete on all tables in schema public to :service_role;
grant usage, select on all sequences in schema public to :service_role;

-- The trail is written and read, never changed (the trigger on the table refuses that to everybody, this already
-- to the service); the schema's own history is only read.
revoke update, delete on audit_logs from :service_role;
revoke insert, update, delete on schema_migrations from :service_role;
