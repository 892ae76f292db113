-- Waits for a transaction that is handling the same activity; no row when that one committed.
-- name: inbox_claim
insert into inbox (conversation_id, activity_id, status)
values ($1, $2, 0)
on conflict (conversation_id, activity_id) do nothing
returning 1;

-- name: inbox_get
select status, answer from inbox where conversation_id = $1 and activity_id = $2;

-- name: inbox_answer
update inbox set status = $3, answer = $4 where conversation_id = $1 and activity_id = $2;

-- name: inbox_forget
delete from inbox
where ctid = any (array(
	select ctid
	from inbox
	where received_at < now() - make_interval(days => $1)
	order by received_at
	limit $2
	for update skip locked));
