-- The approvers' channel: its cards are copies of a request as others are.

alter table card_copies drop constraint card_copies_card_check;
alter table card_copies
	add constraint card_copies_card_check check (card in ('receipt', 'approval', 'job', 'view', 'proposal', 'suggestion', 'bundle', 'verdict',
		'privacy', 'channel'));
