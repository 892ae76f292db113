// SPDX-License-Identifier: Apache-2.0
/*
 * Draws Adaptive Cards with the official renderer and the Teams host configurations: light and dark, wide and narrow, one PNG each.
 *
 *   node render.mjs --out DIR [--chromium /usr/bin/chromium] CARD.json...
 *
 * A card whose name ends with a language (help-de) is drawn twice only: wide and dark, narrow and light; the others four times.
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

const require = createRequire(import.meta.url);
const { values: options, positionals: files } = parseArgs({ allowPositionals: true, options: {
	out: { type: 'string' }, chromium: { type: 'string', default: '/usr/bin/chromium' },
} });
if (!options.out || files.length === 0) {
	console.error('usage: render.mjs --out DIR [--chromium PROGRAM] CARD.json...');
	process.exit(2);
}
fs.mkdirSync(options.out, { recursive: true });

const WIDTHS = { wide: 640, narrow: 320 };
const THEMES = {
	light: { host: require('adaptivecards-designer/lib/hostConfigs/microsoft-teams-light.json'), paper: '#ffffff', ink: '#242424', line: '#c7c7c7' },
	dark: { host: require('adaptivecards-designer/lib/hostConfigs/microsoft-teams-dark.json'), paper: '#292929', ink: '#ffffff', line: '#666666' },
};

const scripts = ['markdown-it/dist/browser/markdown-it.umd.min.js', 'adaptivecards/dist/adaptivecards.min.js']
	.map((name) => path.join(import.meta.dirname, 'node_modules', name));

function page(theme, width) {
	return `<!doctype html><html lang="en"><meta charset="utf-8"><style>
		body { margin: 12px; width: ${width}px; background: ${theme.paper}; color: ${theme.ink}; font: 14px "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif; }
		#card { border: 1px solid ${theme.line}; border-radius: 4px; }
		button { font: inherit; color: inherit; background: ${theme.paper}; border: 1px solid ${theme.line}; border-radius: 4px; padding: 5px 12px; }
		input, select, textarea { font: inherit; color: inherit; background: ${theme.paper}; border: 1px solid ${theme.line}; box-sizing: border-box; }
		input:not([type=checkbox]):not([type=radio]), select, textarea { width: 100%; padding: 5px; }
	</style><body><div id="card"></div></body></html>`;
}

/* Runs in the page: draws the card, opens what is folded, and tells what is wrong with it. */
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
	/* Forms are part of the card; the menu of further buttons lies above it. */
	for (const button of place.querySelectorAll('button[aria-expanded=false]:not([aria-label="More options"])')) button.click();
	for (const button of place.querySelectorAll('button'))
		if (button.getBoundingClientRect().right > button.parentElement.getBoundingClientRect().right + 1) faults.push(`cuts the button ${button.innerText}`);
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
const sheets = [];

/* One page for each theme and width, which draws one card after the other. */
async function open(themeName, widthName) {
	const theme = THEMES[themeName], width = WIDTHS[widthName];
	const sheet = await browser.newPage({ viewport: { width: width + 24, height: 200 }, colorScheme: themeName });
	const place = { sheet, theme, name: `${themeName}-${widthName}`, errors: [] };
	sheet.on('pageerror', (error) => place.errors.push(error.message));
	await onlyLoopback(sheet);
	await sheet.setContent(page(theme, width));
	for (const source of scripts) await sheet.addScriptTag({ path: source });
	return place;
}

async function picture({ sheet, theme, name: look, errors }, file) {
	const name = `${path.basename(file, '.json')}-${look}.png`;
	const faults = await sheet.evaluate(draw, { card: JSON.parse(fs.readFileSync(file, 'utf8')), host: theme.host });
	await sheet.screenshot({ path: path.join(options.out, name), fullPage: true });
	faults.push(...errors.splice(0));
	sheets.push(`<figure><img src="${name}" alt="${name}"><figcaption>${name}</figcaption></figure>`);
	failed += faults.length > 0;
	console.log(`${faults.length ? 'not ok' : 'ok'} ${name}${faults.map((fault) => `\n  ${fault}`).join('')}`);
}

for (const themeName of Object.keys(THEMES)) for (const widthName of Object.keys(WIDTHS)) {
	const place = await open(themeName, widthName);
	const halves = (themeName === 'dark') === (widthName === 'wide');
	for (const file of files) if (halves || !/-(de|ar)\.json$/.test(file)) await picture(place, file);
	await place.sheet.close();
}
await browser.close();
fs.writeFileSync(path.join(options.out, 'index.html'),
	`<!doctype html><meta charset="utf-8"><style>body{display:flex;flex-wrap:wrap;font:12px sans-serif}figure{margin:8px}</style>${sheets.join('\n')}`);
process.exit(failed ? 1 : 0);
