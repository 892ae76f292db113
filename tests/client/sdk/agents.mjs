// SPDX-License-Identifier: Apache-2.0
/*
 * The Microsoft 365 Agents SDK. Its own: the activity's making, the MSAL token provider, the client that posts, the middleware that validates tokens and the adapter behind it.
 * Ours: the values, and the few methods of a web framework that the middleware uses.
 */
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const { Activity } = require('@microsoft/agents-activity');
const { AgentClient, CloudAdapter, ConversationState, MemoryStorage, MessageFactory, TurnContext, authorizeJWT } = require('@microsoft/agents-hosting');

export const name = 'agents';
export const version = require('@microsoft/agents-hosting/package.json').version;

/*
 * Release 1.8.1 of the client posts the insides of a copy of the activity, with "_channelId" and no "channelId", which no receiver can read. So the copy is written by the writer
 * that the SDK has for activities.
 */
function repair(activity) {
	const toJSON = { value() { return JSON.parse(this.toJsonString()); } };
	const clone = { value: () => Object.defineProperty(Activity.fromObject(JSON.parse(activity.toJsonString())), 'toJSON', toJSON) };
	return Object.defineProperty(activity, 'clone', clone);
}

const agentReference = (reference) => ({ ...reference, agent: reference.app });

export function makeMessage(text, reference) {
	return Activity.fromObject(MessageFactory.text(text)).applyConversationReference(agentReference(reference), true);
}

export function makeInvoke(action, reference) {
	const activity = Activity.fromObject({ type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } });
	return activity.applyConversationReference(agentReference(reference), true);
}

/* Posts as an agent posts to another one. The client tells only the word of the status; each post gets a conversation id of its making. */
export async function post(target, client, audience, activity) {
	Object.assign(process.env, { appdesk_endpoint: target, appdesk_clientId: audience, appdesk_serviceUrl: client.serviceurl });
	const settings = { clientId: client.id, clientSecret: client.secret, tenantId: 'botframework.com' };
	const state = new ConversationState(new MemoryStorage());
	const context = new TurnContext(new CloudAdapter(settings), activity, { aud: client.id });
	try {
		return { status: await new AgentClient('appdesk').postActivity(repair(activity), settings, state, context) };
	} catch (error) {
		return { status: /Failed to post activity to agent: ([A-Za-z ]+)/.exec(error.message)?.[1].trim() ?? error.message };
	}
}

function settingsFor(clientId, tenantId) {
	const settings = { clientId, clientSecret: 'unused', tenantId, authority: 'https://login.microsoftonline.com', validateIssuer: true };
	return { ...settings, connections: new Map([['serviceConnection', settings]]), connectionsMap: [{ serviceUrl: '*', connection: 'serviceConnection' }] };
}

/* A response with what the middleware calls; keeps the refusal. */
function makeResponse() {
	const response = { code: 200, status: (code) => Object.assign(response, { code }), setHeader: () => response, end: () => response };
	return Object.assign(response, { send: (body) => Object.assign(response, { body }) });
}

async function authorize(settings, authorization) {
	const request = { method: 'POST', headers: { authorization }, user: undefined };
	const response = makeResponse();
	let passed = false;
	await authorizeJWT(settings)(request, response, () => { passed = true; });
	if (!passed) throw new Error(JSON.stringify(response.body ?? response.code));
	return request;
}

/* Whether an agent on this SDK, with all of its checks switched on, would let the request in. */
export function makeJudge(stage) {
	const settings = settingsFor(stage.app, stage.tenant);
	const adapter = new CloudAdapter(settings, undefined, undefined, { validateServiceUrl: true });
	return async (activity, authorization) => {
		const request = await authorize(settings, authorization);
		if (!adapter.validateServiceUrl(request.user, Activity.fromObject(activity))) throw new Error('service URL of another host');
	};
}

/* Whether this SDK takes a token for the connector's: the connector is "the bot" here, and its id the audience. */
export async function checkOutgoing(stage, authorization) {
	await authorize(settingsFor(stage.issuer, stage.tenant), authorization);
}
