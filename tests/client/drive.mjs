// SPDX-License-Identifier: Apache-2.0
/*
 * Two people in two real Teams-like clients (Microsoft 365 Agents Playground), each in a page of one headless browser: one finds
 * an app with the message extension, asks for it and fills the form, the other approves, the first is told that it is ready.
 * Pictures of each moment go to --out.
 *
 *   node drive.mjs --requester URL --approver URL --out DIR [--chromium /usr/bin/chromium] [--wish "I need a PDF editor"]
 *
 * Prints one line per step. Exit status: 0 done, 1 a step failed (its picture is NN-FAILED-<who>.png), 2 usage.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { browserOptions, onlyLoopback } from './browser.mjs';

const STEP_MS = 30000;
const DELIVERY_MS = 180000; // the whole packaging, with sanitizers on a busy machine

const { values: options } = parseArgs({ options: {
	requester: { type: 'string' }, approver: { type: 'string' }, out: { type: 'string' },
	chromium: { type: 'string', default: '/usr/bin/chromium' }, wish: { type: 'string', default: 'I need a PDF editor' },
} });
if (!options.requester || !options.approver || !options.out) {
	console.error('usage: drive.mjs --requester URL --approver URL --out DIR [--chromium PROGRAM] [--wish TEXT]');
	process.exit(2);
}
fs.mkdirSync(options.out, { recursive: true });

let steps = 0;

/* One person in front of the client. */
class Person {
	constructor(name, page) {
		this.name = name;
		this.page = page;
	}

	static async open(context, name, address) {
		const page = await context.newPage();
		page.setDefaultTimeout(STEP_MS);
		await onlyLoopback(page);
		await page.goto(address, { waitUntil: 'domcontentloaded' });
		const person = new Person(name, page);
		await person.composer().waitFor();
		await person.card('I am the app counter').waitFor(); // the installation was answered: all is connected
		return person;
	}

	composer() {
		return this.page.locator('[role=textbox][contenteditable=true]').first();
	}

	/* The newest card that shows the words. */
	card(words) {
		return this.page.locator('.ac-adaptiveCard').filter({ hasText: words }).last();
	}

	/* The composer may be made anew while the page settles: what is typed is looked at before it is sent. */
	async say(text) {
		const end = Date.now() + STEP_MS;
		while (!(await this.composer().innerText()).includes(text)) {
			if (Date.now() > end) throw new Error('the composer takes no text');
			await this.composer().click();
			await this.page.keyboard.insertText(text);
		}
		await this.page.keyboard.press('Enter');
	}

	async sees(words, timeout = STEP_MS) {
		await this.page.getByText(words).last().waitFor({ timeout });
	}

	async press(words, button) {
		const target = this.card(words).getByRole('button', { name: button }).last();
		await target.scrollIntoViewIfNeeded();
		await target.click();
	}

	async fill(words, label, text) {
		await this.card(words).getByLabel(label).first().fill(text);
	}

	/* A compact choice is a box that opens a list. */
	async choose(words, choice) {
		await this.card(words).getByRole('combobox').first().click();
		await this.page.getByRole('option', { name: choice }).first().click();
	}

	/* The message extension: what is found for text, and of that the entry with this title. */
	async share(text, title) {
		await this.page.getByRole('button', { name: 'Trigger Message Extension App' }).click();
		await this.page.getByText('Search Command', { exact: true }).last().click();
		await this.page.getByPlaceholder('Enter a search term').fill(text);
		await this.page.getByText(title, { exact: true }).last().click();
		await this.card(title).waitFor();
		await this.page.getByRole('button', { name: 'Send' }).last().click();
	}

	async picture(name) {
		const file = `${String(steps).padStart(2, '0')}-${name}-${this.name}.png`;
		await this.page.screenshot({ path: path.join(options.out, file) });
	}
}

async function step(person, what, action) {
	steps++;
	try {
		await action();
		console.log(`ok ${steps} ${person.name}: ${what}`);
		await person.picture(what.replace(/\W+/g, '-'));
	} catch (fault) {
		console.log(`not ok ${steps} ${person.name}: ${what}\n  ${String(fault.message).split('\n').slice(0, 6).join('\n  ')}`);
		await person.picture('FAILED');
		throw fault;
	}
}

async function story(requester, approver) {
	await step(requester, 'shares an app that the message extension finds', async () => {
		await requester.share('pdf', 'Contoso PDF Reader');
		await requester.card('Press Request to ask for it').waitFor();
	});
	await step(requester, 'presses Request on the shared card and gets the form', async () => {
		await requester.press('Press Request to ask for it', /^Request/);
		await requester.card('Which documents?').waitFor();
	});
	await step(requester, 'writes what is needed', async () => {
		await requester.say(options.wish);
		await requester.card('Contoso PDF Reader').waitFor();
	});
	await step(requester, 'presses Request and gets the form', async () => {
		await requester.press('Contoso PDF Reader', /^Request/);
		await requester.card('Which documents?').waitFor();
	});
	await step(requester, 'fills the form', async () => {
		await requester.fill('Which documents?', /why|justif|need/i, 'Customers send contracts as PDF');
		await requester.choose('Which documents?', 'Contracts');
	});
	await step(requester, 'sends it and gets the receipt', async () => {
		await requester.press('Which documents?', /^(Submit|Send)/);
		await requester.card(/#1\b/).waitFor();
	});
	await step(approver, 'has a card to decide on', async () => {
		await approver.card('Customers send contracts as PDF').getByRole('button', { name: /^Approve/ }).waitFor();
	});
	await step(approver, 'presses Approve and sees the decision', async () => {
		await approver.press('Customers send contracts as PDF', /^Approve/);
		await approver.sees(/Approved by/i);
	});
	await step(requester, 'is told that it is ready', () => requester.sees(/Reader is ready/, DELIVERY_MS));
}

const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'appdesk-client-'));
const context = await chromium.launchPersistentContext(profile, {
	...browserOptions(options.chromium), viewport: { width: 1280, height: 900 }, locale: 'en-US',
});
let failed = false;
try {
	const approver = await Person.open(context, 'approver', options.approver);
	const requester = await Person.open(context, 'requester', options.requester);
	await story(requester, approver);
} catch (fault) {
	failed = true;
	if (steps === 0) console.log(`not ok: ${fault.message}`);
} finally {
	await context.close();
	fs.rmSync(profile, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
