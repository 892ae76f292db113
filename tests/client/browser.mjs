// SPDX-License-Identifier: Apache-2.0
/* How the tests start a browser: headless, without services of its own, and with this machine as its whole network. */

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync'];

export function browserOptions(program) {
	return { executablePath: program, args: FLAGS };
}

/* Pages ask for fonts and telemetry elsewhere; they get nothing. */
export async function onlyLoopback(page) {
	await page.route('**/*', (route) => {
		const { protocol, hostname } = new URL(route.request().url());
		const inside = protocol === 'data:' || protocol === 'blob:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
		return inside ? route.continue() : route.abort();
	});
}
