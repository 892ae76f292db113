// SPDX-License-Identifier: Apache-2.0
/*
 * The Bot Framework SDK. Its own: the activity's making, the app credentials with MSAL, the client that posts, the validation of tokens with its key cache. Ours: the values.
 */
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const { ConfigurationBotFrameworkAuthentication, MessageFactory, TurnContext } = require('botbuilder');
// The class in which all of this SDK's validations end. It is not among the package's exports.
const { JwtTokenExtractor } = require('botframework-connector/lib/auth/jwtTokenExtractor');

export const name = 'botbuilder';
export const version = require('botbuilder/package.json').version;

export function makeMessage(text, reference) {
	return TurnContext.applyConversationReference(MessageFactory.text(text), { ...reference, bot: reference.app }, true);
}

export function makeInvoke(action, reference) {
	const activity = { type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } };
	return TurnContext.applyConversationReference(activity, { ...reference, bot: reference.app }, true);
}

/* Posts as a bot posts to another one; { status, body }. */
export async function post(target, client, audience, activity) {
	const authentication = new ConfigurationBotFrameworkAuthentication({ MicrosoftAppId: client.id, MicrosoftAppPassword: client.secret, MicrosoftAppType: 'MultiTenant' });
	const poster = authentication.createBotFrameworkClient();
	return poster.postActivity(client.id, audience, target, client.serviceurl, activity.conversation.id, activity);
}

/* Whether a bot on this SDK would let the request in. */
export function makeJudge(stage) {
	const authentication = new ConfigurationBotFrameworkAuthentication({ MicrosoftAppId: stage.app, MicrosoftAppPassword: 'unused', MicrosoftAppType: 'MultiTenant' });
	return async (activity, authorization) => {
		await authentication.authenticateRequest(activity, authorization ?? '');
	};
}

/* Whether this SDK takes a token for the connector's, by the keys of the one who issued it. */
export async function checkOutgoing(stage, authorization, issuer) {
	const parameters = { issuer: [issuer], audience: stage.issuer, clockTolerance: 300, ignoreExpiration: false };
	const metadata = `https://login.microsoftonline.com/${stage.tenant}/v2.0/.well-known/openid-configuration`;
	const identity = await new JwtTokenExtractor(parameters, metadata, ['RS256']).getIdentityFromAuthHeader(authorization, 'msteams');
	if (!identity?.isAuthenticated) throw new Error('not authenticated');
}
