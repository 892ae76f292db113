// SPDX-License-Identifier: Apache-2.0
/*
 * The same bearer tokens for AppDesk and for the validators of both SDKs.
 *
 *   node matrix.mjs --dir DIR --bot http://127.0.0.1:PORT/api/messages
 *
 * Prints a JSON array of { token, appdesk: HTTP status, botbuilder, agents: "accepted" or the refusal }.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import jwt from 'jsonwebtoken';
import { openStage } from './wire.mjs';

const { values: options } = parseArgs({ options: { dir: { type: 'string' }, bot: { type: 'string' } } });
const stage = openStage(options.dir);
const judges = { botbuilder: (await import('./bot_framework.mjs')).makeJudge(stage), agents: (await import('./agents.mjs')).makeJudge(stage) };
const { keys } = stage;
const { serviceurl } = stage.clients.channel;
const now = Math.floor(Date.now() / 1000);
const GOOD = { iss: stage.issuer, aud: stage.app, serviceurl, nbf: now - 60, exp: now + 3600 };

/* A token like the good one, but for what is said; undefined takes a claim away. */
function mint(claims = {}, key = keys.good, header = {}) {
	const all = Object.fromEntries(Object.entries({ ...GOOD, ...claims }).filter(([, value]) => value !== undefined));
	const algorithm = header.alg ?? 'RS256';
	return jwt.sign(JSON.stringify(all), key.pem, { algorithm, header: { typ: 'JWT', alg: algorithm, kid: key.kid, ...header }, allowInsecureKeySizes: true });
}

/* What no library would sign: parts put together by hand. */
const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
const good = mint();
const [head, payload, signature] = good.split('.');

function hmacToken(secret) {
	const input = `${encode({ typ: 'JWT', alg: 'HS256', kid: keys.good.kid })}.${payload}`;
	return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const entra = (tid, more) => ({ iss: `https://sts.windows.net/${tid}/`, tid, appid: stage.app, ver: '1.0', serviceurl: undefined, ...more });
const bearer = (token) => `Bearer ${token}`;

const HEADERS = {
	'all right': bearer(good),
	'all right, key endorsed for several': bearer(mint({}, keys.many)),
	'expired 4 minutes ago, within the tolerance': bearer(mint({ exp: now - 240 })),
	'no header': undefined,
	'another scheme': `Basic ${good}`,
	'two tokens': `Bearer ${good} ${good}`,
	'not a token': bearer('abc'),
	'expired 10 minutes ago': bearer(mint({ exp: now - 600 })),
	'valid in 10 minutes': bearer(mint({ nbf: now + 600 })),
	'no expiry': bearer(mint({ exp: undefined })),
	'another issuer': bearer(mint({ iss: 'https://issuer.example' })),
	'issuer with a slash more': bearer(mint({ iss: `${stage.issuer}/` })),
	'no issuer': bearer(mint({ iss: undefined })),
	'another audience': bearer(mint({ aud: stage.clients.channel.id })),
	'no audience': bearer(mint({ aud: undefined })),
	'list of other audiences': bearer(mint({ aud: [stage.clients.channel.id, 'x'] })),
	'no service URL': bearer(mint({ serviceurl: undefined })),
	'service URL in camel case only': bearer(mint({ serviceurl: undefined, serviceUrl: serviceurl })),
	'service URL of another host': bearer(mint({ serviceurl: 'https://smba.trafficmanager.net/x/' })),
	'service URL with another path': bearer(mint({ serviceurl: `${serviceurl}x/` })),
	'algorithm none': bearer(`${encode({ typ: 'JWT', alg: 'none', kid: keys.good.kid })}.${payload}.`),
	'HS256 with the public key as secret': bearer(hmacToken(keys.good.public)),
	'RS384': bearer(mint({}, keys.good, { alg: 'RS384' })),
	'PS256': bearer(mint({}, keys.good, { alg: 'PS256' })),
	'key that nobody published': bearer(mint({}, keys.unpublished)),
	'unpublished key under a published id': bearer(mint({}, keys.unpublished, { kid: keys.good.kid })),
	'no key id': bearer(mint({}, keys.good, { kid: undefined })),
	'key of 1024 bits': bearer(mint({}, keys.weak)),
	'key endorsed for another channel': bearer(mint({}, keys.elsewhere)),
	'key without endorsements': bearer(mint({}, keys.bare)),
	'signature of another token': bearer(`${head}.${mint({ jti: 'x' }).split('.')[1]}.${signature}`),
	'signature cut': bearer(`${head}.${payload}.${signature.slice(0, -8)}`),
	'a byte more at the end': `${bearer(good)}=`,
	'Entra token of the app itself': bearer(mint(entra(stage.tenant))),
	'Entra token of another app': bearer(mint(entra(stage.tenant, { appid: stage.clients.channel.id }))),
	'Entra token of another tenant': bearer(mint(entra(stage.clients.stranger.id))),
	'list of audiences with ours': bearer(mint({ aud: [stage.app, 'x'] })),
	'service URL without its last slash': bearer(mint({ serviceurl: serviceurl.slice(0, -1) })),
	'service URL with its scheme in capitals': bearer(mint({ serviceurl: serviceurl.replace(/^http/, 'HTTP') })),
	'scheme in small letters': `bearer ${good}`,
};

/* Nothing that makes AppDesk say something. */
function makeActivity() {
	return { type: 'typing', id: randomUUID(), timestamp: new Date().toISOString(), channelId: 'msteams', serviceUrl: serviceurl,
		from: { id: '29:user-alex', name: 'Alex Wilber', aadObjectId: '00000000-0000-4000-8000-000000000020' }, recipient: { id: `28:${stage.app}`, name: 'AppDesk' },
		conversation: { id: 'a:personal-chat-alex', conversationType: 'personal', tenantId: stage.tenant }, channelData: { tenant: { id: stage.tenant } } };
}

async function askAppDesk(authorization) {
	const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) };
	return (await fetch(options.bot, { method: 'POST', headers, body: JSON.stringify(makeActivity()) })).status;
}

console.error = () => {}; // the SDKs tell each refusal there
const rows = [];
for (const [token, authorization] of Object.entries(HEADERS)) {
	const row = { token, appdesk: await askAppDesk(authorization) };
	for (const [name, judge] of Object.entries(judges)) row[name] = await judge(makeActivity(), authorization).then(() => 'accepted', (error) => error.message);
	rows.push(row);
}
console.log(JSON.stringify(rows));
process.exit(0);
