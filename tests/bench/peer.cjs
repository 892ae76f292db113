// SPDX-License-Identifier: Apache-2.0
/*
 * The peer: a bot on the official SDK that verifies the token and answers each message with one text, and each press of Approve with a
 * card. It knows no catalogue and keeps nothing; with BENCH_UPSERT, the address of a database, it writes the conversation's reference
 * there before it answers a message, in one statement. PORT and BENCH_WORLD_PORT come from the environment.
 */
'use strict';
require('./redirect.cjs');

process.env.clientId = '00000000-0000-4000-8000-000000000011';
process.env.clientSecret = 'no-secret';
process.env.tenantId = '00000000-0000-4000-8000-000000000001';

const { AgentApplication } = require('@microsoft/agents-hosting');
const { startServer } = require('@microsoft/agents-hosting-express');

const CARD = {
	type: 'AdaptiveCard', version: '1.5',
	body: [
		{ type: 'TextBlock', text: 'You approved it', weight: 'bolder', size: 'medium' },
		{ type: 'FactSet', facts: [{ title: 'App', value: '7-Zip' }, { title: 'State', value: 'approved' }] },
	],
};
let save = null;
if (process.env.BENCH_UPSERT) {
	const { Pool } = require('pg');
	const pool = new Pool({ connectionString: process.env.BENCH_UPSERT, max: 10 });
	save = ({ conversation, from, recipient, serviceUrl, locale }) => pool.query({
		name: 'upsert',
		text: 'insert into peer_references (conversation_id, reference) values ($1, $2) on conflict (conversation_id) do update set ' +
			'reference = excluded.reference, updated_at = now()',
		values: [conversation.id, JSON.stringify({ conversation, from, recipient, serviceUrl, locale })],
	});
}

const bot = new AgentApplication({ startTypingTimer: false });
bot.adaptiveCards.actionExecute('approve', async () => CARD);
bot.onActivity('message', async (context) => {
	if (save) await save(context.activity);
	await context.sendActivity(`I heard: ${context.activity.text}`);
});
startServer(bot, { port: Number(process.env.PORT) });
