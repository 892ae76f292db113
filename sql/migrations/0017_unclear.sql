-- How many messages in a row a person's were not understood: after some of them somebody human is named.

alter table users
	add column unclear int not null default 0,
	add column unclear_at timestamptz;  -- the last of them; yesterday's do not count
