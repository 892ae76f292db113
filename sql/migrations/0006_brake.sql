-- A mass of people who left or moved at once is looked at by an admin before anything follows from it.

-- missed: the last full round did not tell of this person.
alter table users add column missed boolean not null default false;
drop index users_unsettled;
create index users_unsettled on users (tenant_id, oid)
	where missed or state <> acted_state or manager_oid <> acted_manager or department <> acted_department;

-- People whose change is acted upon next: leaves when they may lose something by it, moves when others may be asked in their
-- stead. Whose job is on its way is none of them; whose job has failed is none of them for a day.
create view unsettled_people as
	select u.tenant_id, u.oid, u.name,
	       u.acted_state = 'active' and (u.missed or u.state <> 'active') as leaves,
	       u.acted_state = 'active' and u.state = 'active' and not u.missed as moves
	from users u
	where (u.missed or u.state <> u.acted_state or u.manager_oid <> u.acted_manager or u.department <> u.acted_department)
	  and not exists (select from jobs j
		where j.kind = 'person' and j.key = 'person:' || u.oid
		  and (j.state in ('queued', 'running', 'retry_wait', 'waiting_upstream')
		       or j.state = 'failed' and j.changed_at > now() - interval '1 day'));

-- While one is open, nothing follows from the directory's news. leavers, movers and known: as the admins were told last.
create table directory_brakes (
	id          bigint generated always as identity primary key,
	tenant_id   text not null,
	leavers     int not null,
	movers      int not null,
	known       int not null,
	state       text not null default 'open' check (state in ('open', 'released', 'mended')),
	found_at    timestamptz not null default now(),
	told_at     timestamptz not null default now(),
	decided_by  text not null default '',
	decided_at  timestamptz
);
create unique index directory_brakes_open on directory_brakes (tenant_id) where state = 'open';
