// SPDX-License-Identifier: Apache-2.0
/*
 * The peer's sending loop: the official SDK sends numbered notices to people it knows, so many at a time, from memory to nowhere: it
 * reads no database and records nothing. NOTICES, TOGETHER, CONNECTOR_URL and BENCH_WORLD_PORT come from the environment; prints one line
 * of JSON with what it used.
 */
'use strict';
require('./redirect.cjs');

const TENANT = '00000000-0000-4000-8000-000000000001';
const APP = '00000000-0000-4000-8000-000000000011';
process.env.clientId = APP;
process.env.clientSecret = 'no-secret';
process.env.tenantId = TENANT;

const { CloudAdapter } = require('@microsoft/agents-hosting');

const notices = Number(process.env.NOTICES);
const people = Math.max(1, Math.floor(notices / 2));
const padding = 'x'.repeat(600);
const adapter = new CloudAdapter();
let next = 1;

async function worker() {
	while (next <= notices) {
		const number = next++;
		const person = number % people;
		const reference = {
			agent: { id: `28:${APP}` },
			user: { id: `29:torture-${person}` },
			conversation: { id: `a:torture-${person}`, tenantId: TENANT },
			channelId: 'msteams',
			serviceUrl: process.env.CONNECTOR_URL,
		};
		await adapter.continueConversation(APP, reference, async (context) => {
			await context.sendActivity(`notice ${number} ${padding}`);
		});
	}
}

async function main() {
	await Promise.all(Array.from({ length: Number(process.env.TOGETHER) }, worker));
	const used = process.cpuUsage();
	const peak = require('node:fs').readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\s+(\d+)/)[1];
	console.log(JSON.stringify({ cpu_s: (used.user + used.system) / 1e6, peak_mib: peak / 1024 }));
}

main().catch((fault) => {
	console.error(fault);
	process.exit(1);
});
