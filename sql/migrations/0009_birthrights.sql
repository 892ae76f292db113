-- Birthrights: apps that people get without asking, by the policy that counts for them.

-- by_right: the counter itself has asked, because of the policy that the request names.
alter table requests add column by_right boolean not null default false;
create index requests_by_right on requests (tenant_id, app_id, requester_oid) where by_right;
-- lapsed_at: its policy counts for the person no more since then, and expires_at is the end of the grace.
-- checked_at: when its person was held against the policies; null: at once.
alter table grants
	add column by_right boolean not null default false,
	add column lapsed_at timestamptz,
	add column checked_at timestamptz;
create index grants_by_right on grants (tenant_id, checked_at nulls first, id) where by_right and state = 'active';

-- Who is named by a policy and does not get its app all the same, and why; looked at again after a day, or under another policy.
create table birthright_skips (
	tenant_id       text not null,
	app_id          bigint not null references apps,
	oid             text not null,
	policy_name     text not null,
	policy_version  int not null,
	reason          text not null check (reason in ('other_policy', 'conflict', 'no_seat', 'no_access', 'gone')),
	skipped_at      timestamptz not null default now(),
	primary key (tenant_id, app_id, oid)
);
