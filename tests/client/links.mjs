// SPDX-License-Identifier: Apache-2.0
/* A person with a browser on the pages of links. Prints what was seen as JSON.
 * node links.mjs CHROMIUM APPROVE_URL                      presses the button
 * node links.mjs CHROMIUM APPROVE_URL REJECT_URL REASON    looks at both and rejects */
import { chromium } from 'playwright-core';
import { browserOptions, onlyLoopback } from './browser.mjs';

const [program, approve, reject, reason] = process.argv.slice(2);
const SIZES = [{ width: 320, height: 640 }, { width: 1280, height: 800 }];
const seen = { complaints: [], headers: [], looks: [], pages: {} };

/* What the page looks like, and whether it can be used with eyes, ears and a keyboard. */
function look() {
	const style = (selector, name) => {
		const element = document.querySelector(selector);
		return element ? getComputedStyle(element)[name] : null;
	};
	const field = document.querySelector('textarea');
	return {
		language: document.documentElement.lang,
		title: document.title,
		heading: document.querySelector('h1').innerText,
		text: document.body.innerText,
		back: style('body', 'backgroundColor'),
		ink: style('body', 'color'),
		button: style('button', 'height'),
		label: field ? field.labels[0].innerText : null,
		fits: document.documentElement.scrollWidth <= window.innerWidth,
		scripts: document.scripts.length,
	};
}

async function open(browser, options) {
	const page = await (await browser.newContext(options)).newPage();
	await onlyLoopback(page);
	page.on('console', (message) => seen.complaints.push(message.text()));
	page.on('pageerror', (error) => seen.complaints.push(String(error)));
	page.on('request', (request) => seen.headers.push(request.headers()));
	return page;
}

async function visit(page, url) {
	await page.goto(url);
	return page.evaluate(look);
}

async function press(page) {
	await Promise.all([page.waitForNavigation(), page.click('button')]);
	return page.evaluate(look);
}

async function approveIt(browser) {
	const page = await open(browser, { viewport: SIZES[0] });
	await visit(page, approve);
	seen.pages.approved = await press(page);
}

async function rejectIt(browser) {
	for (const colorScheme of ['light', 'dark']) {
		for (const viewport of SIZES) {
			const page = await open(browser, { colorScheme, viewport });
			seen.looks.push({ colorScheme, ...(await visit(page, reject)) });
		}
	}
	const page = await open(browser, { viewport: SIZES[0] });
	seen.pages.approve = await visit(page, approve);
	await visit(page, reject);
	await page.click('button');
	seen.pages.without = await page.evaluate(look); // the browser itself asks for the reason
	await page.keyboard.press('Tab');
	await page.fill('textarea', reason);
	seen.pages.rejected = await press(page);
	seen.pages.again = await visit(page, reject);
}

const browser = await chromium.launch(browserOptions(program));
try {
	await (reject ? rejectIt(browser) : approveIt(browser));
} finally {
	await browser.close();
}
console.log(JSON.stringify(seen));
