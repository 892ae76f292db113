// SPDX-License-Identifier: Apache-2.0
/*
 * Draws Adaptive Cards with the official renderer and the Teams host configurations: light and dark, wide and narrow, one PNG each.
 *
 *   node render.mjs --out DIR [--chromium /usr/bin/chromium] [--fine] CARD.json...
 *
 * A card whose name ends with a language (help-de) is drawn twice only: wide and dark, narrow and light; the others four times.
 * --fine: pictures for people: every card four times, with twice the points and small files, as one meets it; with its forms
 * unfolded beside that (approval-open).
 *
 * Prints one line per picture, and writes DIR/index.html with all of them. A card fails when the renderer reports an error or a warning, draws nothing, is wider than its
 * place, cuts a button, or has an input or button that no screen reader can name. Exit status: 0 all fine, 1 a card failed, 2 usage.
 */
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { browserOptions, onlyLoopback } from './browser.mjs';
import { squeeze } from './png.mjs';

const require = createRequire(import.meta.url);
const { values: options, positionals: files } = parseArgs({ allowPositionals: true, options: {
	out: { type: 'string' }, chromium: { type: 'string', default: '/usr/bin/chromium' }, fine: { type: 'boolean', default: false },
} });
if (!options.out || files.length === 0) {
	console.error('usage: render.mjs --out DIR [--chromium PROGRAM] [--fine] CARD.json...');
	process.exit(2);
}
fs.mkdirSync(options.out, { recursive: true });

const WIDTHS = { wide: 640, narrow: 320 };
const MARGIN = 12;
const ZONE = 'Europe/Berlin'; /* where the local tenant's people are */
const THEMES = {
	light: { scheme: 'light', host: require('adaptivecards-designer/lib/hostConfigs/microsoft-teams-light.json'), paper: '#ffffff', ink: '#242424', line: '#c7c7c7' },
	dark: { scheme: 'dark', host: require('adaptivecards-designer/lib/hostConfigs/microsoft-teams-dark.json'), paper: '#292929', ink: '#ffffff', line: '#666666' },
};

const scripts = ['markdown-it/dist/browser/markdown-it.umd.min.js', 'adaptivecards/dist/adaptivecards.min.js']
	.map((name) => path.join(import.meta.dirname, 'node_modules', name));

function page(theme, width) {
	return `<!doctype html><html lang="en"><meta charset="utf-8"><style>
		html { color-scheme: ${theme.scheme}; }
		body { margin: ${MARGIN}px; width: ${width}px; background: ${theme.paper}; color: ${theme.ink}; font: 14px ${theme.host.fontTypes.default.fontFamily}; }
		#card { border: 1px solid ${theme.line}; border-radius: 4px; }
		button { font: inherit; color: inherit; background: ${theme.paper}; border: 1px solid ${theme.line}; border-radius: 4px; padding: 5px 12px; }
		#card button * { overflow: visible !important; } /* else the last letter is cut */
		input, select, textarea { font: inherit; color: inherit; background: ${theme.paper}; border: 1px solid ${theme.line}; box-sizing: border-box; }
		input:not([type=checkbox]):not([type=radio]), select, textarea { width: 100%; padding: 5px; }
	</style><body><div id="card"></div></body></html>`;
}

/* The next three run in the page. This one draws the card and tells what the renderer finds wrong with it. */
function draw({ card, host }) {
	const { AdaptiveCard, HostConfig, SerializationContext, Versions } = window.AdaptiveCards;
	AdaptiveCard.onProcessMarkdown = (text, result) => {
		result.outputHtml = window.markdownit({ html: false }).disable(['image', 'heading', 'code', 'fence', 'table', 'blockquote', 'hr']).render(text);
		result.didProcess = true;
	};
	const faults = [];
	const context = new SerializationContext(Versions.v1_5);
	const drawn = new AdaptiveCard();
	drawn.hostConfig = new HostConfig(host);
	drawn.parse(card, context);
	for (let i = 0; i < context.eventCount; i++) faults.push(context.getEventAt(i).message);
	for (const event of drawn.validateProperties().validationEvents) faults.push(event.message);
	const element = drawn.render();
	const place = document.getElementById('card');
	place.replaceChildren();
	if (!element || !place.appendChild(element).innerText.trim()) return ['draws nothing'];
	return faults;
}

/* Forms are part of the card; the menu of further buttons lies above it. Whether there were any. */
function unfold() {
	const folded = [...document.querySelectorAll('#card button[aria-expanded=false]:not([aria-label="More options"])')];
	for (const button of folded) button.click();
	return folded.length > 0;
}

/* What is wrong with how it stands there. */
function judge() {
	const place = document.getElementById('card'), faults = [];
	for (const button of place.querySelectorAll('button'))
		if (button.getBoundingClientRect().right > button.parentElement.getBoundingClientRect().right + 1) faults.push(`cuts the button ${button.innerText}`);
	const raw = /\{\\?\{(?:DATE|TIME)\([^)]*\)|\uFFFD/.exec(place.innerText);
	if (raw) faults.push(`shows ${raw[0]}, which is for programs`);
	if (document.documentElement.scrollWidth > innerWidth) faults.push('is wider than its place');
	for (const input of place.querySelectorAll('input, select, textarea, button')) {
		const labels = [...(input.labels ?? [])].map((label) => label.innerText);
		const described = (input.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.innerText ?? '');
		const name = [input.getAttribute('aria-label'), input.innerText, ...labels, ...described].join('').trim();
		if (!name) faults.push(`has a nameless ${input.tagName.toLowerCase()}`);
	}
	return faults;
}

const browser = await chromium.launch(browserOptions(options.chromium));
let failed = 0;
const sheets = new Map(); /* the pictures of each card */

/* The reader's client writes days and times in its own language. */
function localeOf(file) {
	return /-(de|ar)\.json$/.exec(file)?.[1] ?? 'en-GB';
}

/* One page for each theme, width and language, which draws one card after the other. */
async function open(themeName, widthName, locale) {
	const theme = THEMES[themeName], width = WIDTHS[widthName];
	const sheet = await browser.newPage({
		viewport: { width: width + 2 * MARGIN, height: 200 }, colorScheme: themeName, locale, timezoneId: ZONE, deviceScaleFactor: options.fine ? 2 : 1,
	});
	const place = { sheet, theme, width, name: `${themeName}-${widthName}`, errors: [] };
	sheet.on('pageerror', (error) => place.errors.push(error.message));
	await onlyLoopback(sheet);
	await sheet.setContent(page(theme, width));
	for (const source of scripts) await sheet.addScriptTag({ path: source });
	return place;
}

/* As much of the page as the card takes. */
async function shoot({ sheet, width }) {
	const bottom = await sheet.evaluate(() => document.getElementById('card').getBoundingClientRect().bottom);
	const png = await sheet.screenshot({ fullPage: true, clip: { x: 0, y: 0, width: width + 2 * MARGIN, height: Math.ceil(bottom) + MARGIN } });
	return options.fine ? squeeze(png) : png;
}

async function keep(place, card) {
	const name = `${card}-${place.name}.png`;
	fs.writeFileSync(path.join(options.out, name), await shoot(place));
	const figure = `<figure><img src="${name}" alt="${name}" width="${place.width + 2 * MARGIN}" loading="lazy"><figcaption>${name}</figcaption></figure>`;
	sheets.set(card, [...(sheets.get(card) ?? []), figure]);
}

async function picture(place, file) {
	const { sheet, theme, errors } = place;
	const card = path.basename(file, '.json');
	const faults = await sheet.evaluate(draw, { card: JSON.parse(fs.readFileSync(file, 'utf8')), host: theme.host });
	if (options.fine) await keep(place, card);
	const unfolded = await sheet.evaluate(unfold);
	faults.push(...await sheet.evaluate(judge), ...errors.splice(0));
	if (unfolded || !options.fine) await keep(place, options.fine ? `${card}-open` : card);
	failed += faults.length > 0;
	console.log(`${faults.length ? 'not ok' : 'ok'} ${card}-${place.name}${faults.map((fault) => `\n  ${fault}`).join('')}`);
}

for (const themeName of Object.keys(THEMES)) for (const widthName of Object.keys(WIDTHS)) {
	const halves = (themeName === 'dark') === (widthName === 'wide');
	for (const locale of new Set(files.map(localeOf))) {
		if (locale !== 'en-GB' && !halves && !options.fine) continue;
		const place = await open(themeName, widthName, locale);
		for (const file of files) if (localeOf(file) === locale) await picture(place, file);
		await place.sheet.close();
	}
}
await browser.close();
fs.writeFileSync(path.join(options.out, 'index.html'), `<!doctype html><html lang="en"><meta charset="utf-8"><title>Cards</title><style>
body { font: 14px sans-serif } nav { columns: 14em } nav a { display: block } section { display: flex; flex-wrap: wrap } figure { margin: 8px } h2 { width: 100% }
</style><nav>${[...sheets.keys()].map((card) => `<a href="#${card}">${card}</a>`).join('\n')}</nav>
${[...sheets].map(([card, figures]) => `<section id="${card}"><h2>${card}</h2>${figures.join('\n')}</section>`).join('\n')}</html>`);
process.exit(failed ? 1 : 0);
