-- Mails in place of notices.

-- name: mails_notice
select o.recipient_oid, o.fact, o.activity, o.card, coalesce(o.request_id, 0), coalesce(c.job_id, 0),
	coalesce(u.mail, ''), coalesce(person_locale(o.tenant_id, o.recipient_oid), ''), coalesce(u.state, 'active') = 'active',
	exists (select from outbox m where m.fallback_of = o.id and m.channel = 'mail' and m.state <> 'dead'),
	(select count(*) from outbox m where m.fallback_of = o.id and m.channel = 'mail')
from outbox o
left join users u on u.tenant_id = o.tenant_id and u.oid = o.recipient_oid
left join card_copies c on c.outbox_id = o.id
where o.tenant_id = $1 and o.id = $2 and o.kind = 'send' and o.channel = 'teams';
