-- News waits for people who never wished anything, too, and for those who had their wishes deleted.

alter table held_notices
	drop constraint held_notices_tenant_id_oid_fkey,
	add foreign key (tenant_id, oid) references users (tenant_id, oid);
