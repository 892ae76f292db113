-- Decisions that wait until who makes them has signed in again: what was wanted, and of whom. No token is ever here.

create table stepups (
	id            text primary key,                    -- random; the client names it when it brings a token
	tenant_id     text not null,
	oid           text not null,                       -- who decides, and has to sign in
	press_sha256  bytea,                               -- of the token of the button that is pressed again then; null: none is
	wish          jsonb not null,                      -- what is decided then
	created_at    timestamptz not null default now(),
	expires_at    timestamptz not null,
	used_at       timestamptz                          -- a sign-in has come, and what was wanted was carried out or refused
);
create index stepups_person on stepups (tenant_id, oid, created_at);
