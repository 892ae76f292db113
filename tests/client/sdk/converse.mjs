// SPDX-License-Identifier: Apache-2.0
/*
 * One SDK talks to AppDesk with its own outgoing code: asks for an app, opens the form, sends it; then tries with a token for another audience and with one of another issuer.
 *
 *   node converse.mjs --dir DIR --family botbuilder|agents --bot http://127.0.0.1:PORT/api/messages
 *
 * Prints { steps: [[what, status]], calls, forged } as JSON: for each call that came to the stage's channel the verdicts of both SDKs on the token that AppDesk showed, and those on
 * the same token with a signature of nobody.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openStage } from './wire.mjs';

const { values: options } = parseArgs({ options: { dir: { type: 'string' }, family: { type: 'string' }, bot: { type: 'string' } } });
const stage = openStage(options.dir);
const families = { botbuilder: await import('./bot_framework.mjs'), agents: await import('./agents.mjs') };
const family = families[options.family];
const { channel, stranger } = stage.clients;
const CARD_MS = 30000;
const steps = [];
let before = 0;

function reference() {
	return { channelId: 'msteams', serviceUrl: channel.serviceurl, locale: 'en-US', activityId: randomUUID(),
		user: { id: '29:user-alex', name: 'Alex Wilber', aadObjectId: '00000000-0000-4000-8000-000000000020' }, app: { id: `28:${stage.app}`, name: 'AppDesk' },
		conversation: { id: 'a:personal-chat-alex', conversationType: 'personal', tenantId: stage.tenant } };
}

async function post(what, activity, client = channel, audience = stage.app) {
	activity.channelData = { tenant: { id: stage.tenant } };
	steps.push({ what, ...await family.post(options.bot, client, audience, activity) });
}

/* What came to the channel since this program started. */
async function readCalls() {
	return (await (await fetch(`${stage.origin}/calls`)).json()).calls.slice(before);
}

function findAction(card, verb) {
	if (card?.type === 'Action.Execute' && card.verb === verb) return { type: card.type, verb, title: card.title, data: card.data };
	for (const part of typeof card === 'object' && card ? Object.values(card) : []) {
		const found = findAction(part, verb);
		if (found) return found;
	}
	return undefined;
}

/* The newest card that AppDesk sent to the stage's channel and that has such a button. */
async function awaitAction(verb) {
	for (const end = Date.now() + CARD_MS; Date.now() < end; await pause(50)) {
		const found = (await readCalls()).toReversed().map((call) => findAction(call.body, verb)).find(Boolean);
		if (found) return found;
	}
	throw new Error(`no card with ${verb} came: ${JSON.stringify(steps)}`);
}

async function judge(authorization) {
	const { iss } = JSON.parse(Buffer.from(authorization.split('.')[1], 'base64url'));
	const verdicts = {};
	for (const [name, one] of Object.entries(families)) verdicts[name] = await one.checkOutgoing(stage, authorization, iss).then(() => 'accepted', (error) => error.message);
	return verdicts;
}

async function judgeCalls() {
	const shown = (await readCalls()).map((call) => call.authorization);
	return { calls: await Promise.all(shown.map(judge)), forged: await judge(`${shown[0].slice(0, -8)}AAAAAAAA`) };
}

before = (await readCalls()).length;
await post('ask', family.makeMessage('7zip', reference()));
await post('form', family.makeInvoke(await awaitAction('form'), reference()));
const submit = await awaitAction('submit');
submit.data.justification = 'I have to open what customers send';
await post('submit', family.makeInvoke(submit, reference()));
await post('another audience', family.makeMessage('hello', reference()), channel, '00000000-0000-4000-8000-000000000012');
await post('another issuer', family.makeMessage('hello', reference()), stranger);
console.log(JSON.stringify({ steps: steps.map(({ what, status }) => [what, status]), ...await judgeCalls() }));
process.exit(0);
