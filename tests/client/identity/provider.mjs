// SPDX-License-Identifier: Apache-2.0
/*
 * A real OpenID provider where the directory is expected, and in front of the local tenant's Graph a gate that lets pass what the provider has issued:
 *   POST /TENANT/oauth2/v2.0/token   tokens by client secret or private_key_jwt
 *   any  /graph/...                  the bearer token is verified by jose against the provider's keys, then the call goes on to the tenant with a token of the tenant's
 *   GET  /seen                       {"granted": [client], "refused": [reason], "passed": N, "stopped": [reason]}
 *
 *   node provider.mjs --behind http://127.0.0.1:TENANTS_PORT --secret TEXT --certificate FILE
 *
 * There are two clients: "by-secret" and "by-certificate". Prints {"port": N} when it is ready.
 */
import fs from 'node:fs';
import http from 'node:http';
import { parseArgs } from 'node:util';
import * as jose from 'jose';
import Provider from 'oidc-provider';

const { values: options } = parseArgs({ options: { behind: { type: 'string' }, secret: { type: 'string' }, certificate: { type: 'string' } } });
const TENANT = '00000000-0000-4000-8000-000000000001';
const APP = '00000000-0000-4000-8000-000000000011';
const APP_SECRET = 'local-tenant-secret';
const GRAPH = 'https://graph.microsoft.com';
const TOKEN_PATH = '/oauth2/v2.0/token';
const KEYS_PATH = '/discovery/v2.0/keys';
const LIFE_S = 3600;
const seen = { granted: [], refused: [], passed: 0, stopped: [] };

async function newKey() {
	const pair = await jose.generateKeyPair('RS256', { extractable: true });
	return { ...(await jose.exportJWK(pair.privateKey)), kid: 'provider-1', alg: 'RS256', use: 'sig' };
}

async function makeClients() {
	const usual = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };
	const key = await jose.exportJWK(await jose.importX509(fs.readFileSync(options.certificate, 'utf8'), 'PS256'));
	return [
		{ ...usual, client_id: 'by-secret', client_secret: options.secret, token_endpoint_auth_method: 'client_secret_post' },
		{ ...usual, client_id: 'by-certificate', token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'PS256',
			jwks: { keys: [{ ...key, use: 'sig', alg: 'PS256' }] } },
	];
}

/* A scope names its resource, as the directory has it: "https://graph.microsoft.com/.default". */
function resourceOf(ctx) {
	const scope = ctx.oidc?.params?.scope ?? '';
	return scope.endsWith('/.default') ? scope.slice(0, -'/.default'.length) : undefined;
}

async function makeProvider(issuer, key) {
	const provider = new Provider(issuer, {
		clients: await makeClients(),
		jwks: { keys: [key] },
		routes: { token: TOKEN_PATH, jwks: KEYS_PATH },
		clientAuthMethods: ['client_secret_post', 'private_key_jwt'],
		enabledJWA: { clientAuthSigningAlgValues: ['PS256'] },
		ttl: { ClientCredentials: LIFE_S },
		features: {
			devInteractions: { enabled: false },
			clientCredentials: { enabled: true },
			resourceIndicators: {
				enabled: true,
				defaultResource: resourceOf,
				useGrantedResource: () => true,
				getResourceServerInfo: (ctx, resource) => ({ scope: `${resource}/.default`, audience: resource, accessTokenFormat: 'jwt',
					accessTokenTTL: LIFE_S, jwt: { sign: { alg: 'RS256' } } }),
			},
		},
	});
	provider.on('grant.success', (ctx) => seen.granted.push(ctx.oidc.client.clientId));
	provider.on('grant.error', (ctx, error) => seen.refused.push(error.error_detail ?? error.error_description ?? error.message));
	return provider;
}

async function bodyOf(request) {
	const pieces = [];
	for await (const piece of request) pieces.push(piece);
	return Buffer.concat(pieces);
}

async function tenantToken() {
	const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: APP, client_secret: APP_SECRET, scope: `${GRAPH}/.default` });
	const answer = await fetch(`${options.behind}/${TENANT}${TOKEN_PATH}`, { method: 'POST', body: form });
	return (await answer.json()).access_token;
}

async function pass(request, response, issuer, keys) {
	try {
		const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
		await jose.jwtVerify(token, keys, { issuer, audience: GRAPH, algorithms: ['RS256'] });
	} catch (error) {
		seen.stopped.push(error.message);
		response.writeHead(401).end();
		return;
	}
	seen.passed++;
	const body = await bodyOf(request);
	const headers = { authorization: `Bearer ${await tenantToken()}`, ...(body.length ? { 'content-type': request.headers['content-type'] } : {}) };
	const answer = await fetch(options.behind + request.url, { method: request.method, headers, body: body.length ? body : undefined });
	response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
	response.end(Buffer.from(await answer.arrayBuffer()));
}

const server = http.createServer();
server.listen(0, '127.0.0.1', async () => {
	const { port } = server.address();
	const issuer = `http://127.0.0.1:${port}/${TENANT}`;
	const key = await newKey();
	const callback = (await makeProvider(issuer, key)).callback();
	const keys = jose.createLocalJWKSet({ keys: [{ kty: key.kty, n: key.n, e: key.e, kid: key.kid, alg: key.alg, use: key.use }] });
	server.on('request', (request, response) => {
		if (request.url === '/seen') {
			response.end(JSON.stringify(seen));
		} else if (request.url.startsWith('/graph/')) {
			pass(request, response, issuer, keys).catch((error) => response.writeHead(502).end(error.message));
		} else {
			/* The provider lives below the tenant's path. */
			request.originalUrl = request.url;
			request.url = request.url.replace(`/${TENANT}`, '');
			callback(request, response);
		}
	});
	console.log(JSON.stringify({ port }));
});
