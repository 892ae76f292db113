// SPDX-License-Identifier: Apache-2.0
/*
 * The SDKs have the addresses of their login hosts built in. Here the connection, and nothing else, goes to the stage (stage.mjs): names, paths, TLS and certificate checks
 * stay theirs. Any other name that they want to know is refused, so that a test cannot leave the machine.
 */
import dns from 'node:dns';
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';

const HOSTS = new Set(['login.microsoftonline.com', 'login.botframework.com']);

/* What the stage wrote when it started: ports, clients, keys. */
export function openStage(folder) {
	const stage = JSON.parse(fs.readFileSync(path.join(folder, 'stage.json'), 'utf8'));
	const { connect } = tls;
	tls.connect = (options, ...rest) => {
		const name = options.host ?? options.servername;
		return connect.call(tls, HOSTS.has(name) ? { ...options, servername: name, host: '127.0.0.1', port: stage.https } : options, ...rest);
	};
	const { lookup } = dns;
	dns.lookup = (name, ...rest) => {
		if (name === 'localhost' || name === '127.0.0.1') return lookup.call(dns, name, ...rest);
		console.error(`wire: ${name} was asked for`);
		return rest.at(-1)(Object.assign(new Error(`${name} is outside`), { code: 'ENOTFOUND' }));
	};
	return stage;
}
