// SPDX-License-Identifier: Apache-2.0
/*
 * What AppDesk sent and answered, before the official packages' own validators.
 *
 *   node validate.mjs < { "sent": [{ "method", "path", "body" }], "answers": [{ "status", "body" }] }
 *
 * Prints { judged: { activities, conversations, cards, answers }, faults: [{ where, judge, fault }] }.
 */
import { strict as assert } from 'node:assert';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { checkTypes } from './types.mjs';

const require = createRequire(import.meta.url);
const { AdaptiveCard, SerializationContext, Versions } = require('adaptivecards/dist/adaptivecards.js');
const { Activity, activityZodSchema } = require('@microsoft/agents-activity');
const { ConnectorClient: AgentsConnector } = require('@microsoft/agents-hosting');
const { ConnectorClient, MicrosoftAppCredentials } = require('botframework-connector');
const { assertActivity } = require('botframework-schema');

const CARD = 'application/vnd.microsoft.card.adaptive';
/* Which types declare an answer. In two of the packages a value is always an object, although a message's is a text. */
const ANSWERS = {
	[CARD]: ['bf.AdaptiveCardInvokeResponse', 'agents.AdaptiveCardInvokeResponse', 'teams.AdaptiveCardActionCardResponse'],
	'application/vnd.microsoft.activity.message': ['teams.AdaptiveCardActionMessageResponse'],
	'application/vnd.microsoft.error': ['bf.AdaptiveCardInvokeResponse', 'agents.AdaptiveCardInvokeResponse', 'TeamsError'],
};
const given = JSON.parse(fs.readFileSync(0, 'utf8'));
const copy = (value) => JSON.parse(JSON.stringify(value));
const faults = [];
const types = [];
const judged = { activities: 0, conversations: 0, cards: 0, answers: 0 };

async function ask(where, judge, question) {
	try {
		await question();
	} catch (error) {
		faults.push({ where, judge, fault: error.issues ? JSON.stringify(error.issues) : error.message });
	}
}

/* A connector that keeps what the SDKs' clients write. */
const wire = { last: undefined };
const connector = http.createServer(async (request, response) => {
	const parts = [];
	for await (const part of request) parts.push(part);
	wire.last = JSON.parse(Buffer.concat(parts).toString());
	response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"1"}');
});
await new Promise((resolve) => connector.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${connector.address().port}`;
const clients = { 'botframework-connector': new ConnectorClient(MicrosoftAppCredentials.Empty, { baseUri: base }).conversations,
	'agents-hosting': AgentsConnector.createClientWithToken(base, '') };

/* Each SDK's client, given our activity, writes our activity: it knows each property and refuses none. */
async function rewrite(client, activity) {
	await client.sendToConversation(activity.conversation.id, copy(activity));
	assert.deepEqual(wire.last, activity);
}

/*
 * assertActivity of botframework-schema is for activities as they arrive: a bot's lack what the connector adds (to whom it is, accounts' names, the conversation's kind, its own
 * address) and some that nobody sends in a message (label, valueType, callerId, localTimezone).
 */
function asReceived(activity) {
	const account = (one) => ({ name: '', ...one });
	return { serviceUrl: base, channelId: 'msteams', localTimezone: '', callerId: '', label: '', valueType: '', text: '', ...activity, from: account(activity.from),
		recipient: account(activity.recipient ?? { id: '' }), conversation: { name: '', isGroup: false, conversationType: 'personal', ...activity.conversation } };
}

async function judgeCard(where, card) {
	judged.cards++;
	types.push({ where, type: 'cards.IAdaptiveCard', value: card });
	await ask(where, 'adaptivecards', () => {
		const context = new SerializationContext(Versions.v1_5);
		const parsed = new AdaptiveCard();
		parsed.parse(copy(card), context);
		const events = Array.from({ length: context.eventCount }, (_, i) => context.getEventAt(i).message);
		assert.deepEqual([...events, ...parsed.validateProperties().validationEvents.map((event) => event.message)], []);
	});
}

async function judgeActivity(where, activity) {
	judged.activities++;
	types.push({ where, type: 'Sent', value: activity });
	await ask(where, 'agents-activity', () => {
		assert.deepEqual(activityZodSchema.strict().parse(copy(activity)), activity);
		assert.deepEqual(JSON.parse(Activity.fromObject(copy(activity)).toJsonString()), activity);
	});
	await ask(where, 'botframework-schema', () => assertActivity(asReceived(activity)));
	for (const [name, client] of Object.entries(clients)) await ask(where, name, () => rewrite(client, activity));
	for (const attachment of activity.attachments ?? []) if (attachment.contentType === CARD) await judgeCard(where, attachment.content);
}

async function judgeSent({ method, path, body }, i) {
	const where = `sent ${i}: ${method} ${path}`;
	if (!path.endsWith('/v3/conversations')) return judgeActivity(where, body);
	judged.conversations++;
	types.push({ where, type: 'Create', value: body });
	return body.activity ? judgeActivity(where, body.activity) : undefined;
}

/* What the message extension found: in the form of both packages, each result with its card. */
async function judgeFound(where, body) {
	for (const type of ['bf.MessagingExtensionResponse', 'teams.MessagingExtensionResponse']) types.push({ where, type, value: body });
	for (const { content } of body.composeExtension.attachments ?? []) await judgeCard(where, content);
}

/* The HTTP status of every answer to an invoke is 200; the body is one of the kinds that the three packages declare. */
async function judgeAnswer({ status, body }, i) {
	const where = `answer ${i}`;
	judged.answers++;
	await ask(where, 'status', () => assert.equal(status, 200));
	if (body?.composeExtension) return judgeFound(where, body);
	for (const type of ANSWERS[body?.type] ?? ['teams.AdaptiveCardActionResponse']) types.push({ where, type, value: body });
	if (body?.type === CARD) await judgeCard(where, body.value);
}

for (const [i, sent] of given.sent.entries()) await judgeSent(sent, i);
for (const [i, answer] of given.answers.entries()) await judgeAnswer(answer, i);
for (const fault of checkTypes(types)) faults.push({ judge: 'types', ...fault });
console.log(JSON.stringify({ judged, faults }));
process.exit(0);
