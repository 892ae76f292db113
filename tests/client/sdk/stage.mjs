// SPDX-License-Identifier: Apache-2.0
/*
 * What is around two SDKs that think they are in the cloud, on loopback:
 *   https  login.microsoftonline.com (tokens for clients that show their secret) and login.botframework.com (keys), for the SDKs; wire.mjs brings them here
 *   http   the same keys for AppDesk, tokens for it, a channel (connector) under /channel/, and GET /calls: what AppDesk sent there
 * Tokens are signed by jsonwebtoken, the library that both SDKs verify with.
 *
 *   node stage.mjs --dir DIR
 *
 * DIR has tls.pem and tls.key; the stage writes stage.json and prints a line when it is ready.
 */
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { parseArgs } from 'node:util';
import jwt from 'jsonwebtoken';

const { values: options } = parseArgs({ options: { dir: { type: 'string' } } });
const ISSUER = 'https://api.botframework.com';
const TENANT = '00000000-0000-4000-8000-000000000001';
const STRANGER = '00000000-0000-4000-8000-000000000099';
const CHANNEL = '00000000-0000-4000-8000-000000000051';
const APP = '00000000-0000-4000-8000-000000000011';
const calls = [];

function makeKey(bits, endorsements, published = true) {
	const pair = crypto.generateKeyPairSync('rsa', { modulusLength: bits });
	const kid = crypto.randomUUID();
	const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid, use: 'sig', ...(endorsements ? { endorsements } : {}) };
	return { kid, jwk, published, pem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), public: pair.publicKey.export({ type: 'spki', format: 'pem' }) };
}

const keys = {
	good: makeKey(2048, ['msteams']), many: makeKey(2048, ['webchat', 'msteams']), elsewhere: makeKey(2048, ['webchat']),
	bare: makeKey(2048), weak: makeKey(1024, ['msteams']), unpublished: makeKey(2048, ['msteams'], false),
};

const published = { keys: Object.values(keys).filter((key) => key.published).map((key) => key.jwk) };

function metadata(origin) {
	return { issuer: ISSUER, authorization_endpoint: 'https://invalid.botframework.com', jwks_uri: `${origin}/v1/.well-known/keys`,
		id_token_signing_alg_values_supported: ['RS256'], token_endpoint_auth_methods_supported: ['private_key_jwt'] };
}

/*
 * "channel" gets what a channel shows to a bot, "stranger" what any application of another tenant gets. "app" is AppDesk, whose token says who it is to the connector.
 */
function makeClients(origin) {
	const serviceurl = `${origin}/channel/`;
	const entra = (tid, appid) => ({ iss: `https://sts.windows.net/${tid}/`, tid, appid, ver: '1.0' });
	return {
		channel: { id: CHANNEL, secret: 'the-secret-of-the-channel', serviceurl, claims: { iss: ISSUER, serviceurl } },
		stranger: { id: STRANGER, secret: 'the-secret-of-a-stranger', serviceurl, claims: { ...entra(STRANGER, STRANGER), serviceurl } },
		app: { id: APP, secret: 'local-tenant-secret', claims: entra(TENANT, APP) },
	};
}

async function grant(request, clients) {
	const form = new URLSearchParams(await readText(request));
	const client = Object.values(clients).find((one) => one.id === form.get('client_id'));
	const scope = form.get('scope') ?? '';
	if (form.get('grant_type') !== 'client_credentials' || !client || form.get('client_secret') !== client.secret || !scope.endsWith('/.default'))
		return [401, { error: 'invalid_client', error_description: 'AADSTS7000215', error_codes: [7000215] }];
	const claims = { ...client.claims, aud: scope.slice(0, -'/.default'.length) };
	const access_token = jwt.sign(claims, keys.good.pem, { algorithm: 'RS256', keyid: keys.good.kid, expiresIn: 3600, notBefore: 0 });
	return [200, { token_type: 'Bearer', expires_in: 3600, ext_expires_in: 3600, access_token }];
}

/* The login hosts, as far as these SDKs look at them. */
async function login(request, url, clients) {
	const origin = `https://${request.headers.host}`;
	const tenant = url.pathname.split('/')[1];
	if (url.pathname.endsWith('/oauth2/v2.0/token')) return grant(request, clients);
	if (url.pathname === '/v1/.well-known/openidconfiguration') return [200, metadata(origin)];
	if (url.pathname.endsWith('/keys')) return [200, published];
	if (url.pathname.endsWith('/.well-known/openid-configuration'))
		return [200, { issuer: `${origin}/${tenant}/v2.0`, token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`, authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
			jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys` }];
	return [404, { error: 'not_found' }];
}

/* AppDesk's side: keys, and a connector that takes and keeps whatever comes. */
async function channel(request, url, origin, clients) {
	if (url.pathname === `/${TENANT}/oauth2/v2.0/token`) return grant(request, clients);
	if (url.pathname === '/v1/.well-known/openidconfiguration') return [200, metadata(origin)];
	if (url.pathname === '/v1/.well-known/keys') return [200, published];
	if (url.pathname === '/calls') return [200, { calls }];
	if (!url.pathname.startsWith('/channel/v3/')) return [404, { error: { code: 'NotFound', message: url.pathname } }];
	calls.push({ method: request.method, path: url.pathname, authorization: request.headers.authorization, body: JSON.parse(await readText(request) || 'null') });
	return [request.method === 'POST' ? 201 : 200, { id: String(calls.length) }];
}

async function readText(request) {
	const parts = [];
	for await (const part of request) parts.push(part);
	return Buffer.concat(parts).toString();
}

function serve(server, handle) {
	server.on('request', async (request, response) => {
		const url = new URL(request.url, 'http://stage');
		const [status, body] = await handle(request, url).catch((error) => [500, { error: error.message }]);
		response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
	});
	return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

const file = (name) => path.join(options.dir, name);
const outer = http.createServer();
const inner = https.createServer({ key: fs.readFileSync(file('tls.key')), cert: fs.readFileSync(file('tls.pem')) });
const httpPort = await serve(outer, (request, url) => channel(request, url, origin, clients));
const origin = `http://127.0.0.1:${httpPort}`;
const clients = makeClients(origin);
const httpsPort = await serve(inner, (request, url) => login(request, url, clients));
const stage = { http: httpPort, https: httpsPort, issuer: ISSUER, tenant: TENANT, app: APP, origin, clients, keys };
fs.writeFileSync(file('stage.json'), JSON.stringify(stage), { mode: 0o600 });
console.log(JSON.stringify({ http: httpPort, https: httpsPort }));
