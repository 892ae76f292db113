// SPDX-License-Identifier: Apache-2.0
/*
 * The peer: a bot on the official SDK that verifies the token and answers each message with one text. It knows no database and no
 * catalogue. PORT and BENCH_WORLD_PORT come from the environment.
 */
'use strict';
require('./redirect.cjs');

process.env.clientId = '00000000-0000-4000-8000-000000000011';
process.env.clientSecret = 'no-secret';
process.env.tenantId = '00000000-0000-4000-8000-000000000001';

const { AgentApplication } = require('@microsoft/agents-hosting');
const { startServer } = require('@microsoft/agents-hosting-express');

const bot = new AgentApplication({ startTypingTimer: false });
bot.onActivity('message', async (context) => {
	await context.sendActivity(`I heard: ${context.activity.text}`);
});
startServer(bot, { port: Number(process.env.PORT) });
