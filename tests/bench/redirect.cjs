// SPDX-License-Identifier: Apache-2.0
/* The two sign-in hosts that the SDK knows by name are played by the load generator, in plain HTTP. Nothing else is reached. */
'use strict';
const http = require('node:http');
const https = require('node:https');

const HOSTS = ['login.botframework.com', 'login.microsoftonline.com'];
const WORLD = { protocol: 'http:', hostname: '127.0.0.1', port: Number(process.env.BENCH_WORLD_PORT) };

/* The options of a request to one of the hosts, led to the world; an error for any other host. */
function lead(target, options) {
	const url = typeof target === 'string' ? new URL(target) : target;
	const from = url instanceof URL
		? { hostname: url.hostname, path: url.pathname + url.search, ...options }
		: { ...url, ...options, hostname: url.hostname ?? url.host };
	if (!HOSTS.includes(from.hostname)) throw new Error(`the peer may not reach ${from.hostname}`);
	return { ...from, ...WORLD, host: WORLD.hostname, agent: undefined, headers: { ...from.headers, host: from.hostname } };
}

https.request = (target, options, answer) =>
	typeof options === 'function' ? http.request(lead(target), options) : http.request(lead(target, options), answer);
https.get = (...args) => {
	const request = https.request(...args);
	request.end();
	return request;
};

const fetchAny = globalThis.fetch;
globalThis.fetch = (target, options) => {
	const url = new URL(target.url ?? target);
	if (url.protocol === 'https:') {
		if (!HOSTS.includes(url.hostname)) throw new Error(`the peer may not reach ${url.hostname}`);
		return fetchAny(`http://127.0.0.1:${WORLD.port}${url.pathname}${url.search}`, options);
	}
	return fetchAny(target, options);
};
