// SPDX-License-Identifier: Apache-2.0
// The official template engine: peer_cards.cjs TEMPLATE DATA SECONDS. Prints CPU seconds of one expansion with its text, and the
// document.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const warn = console.warn;
console.warn = () => {};
const { Template } = require(path.join(__dirname, "../client/node_modules/adaptivecards-templating"));
console.warn = warn;
const WARM_UP_S = 1;
const BATCH = 16; // expansions between two looks at the clock

const [templateFile, dataFile, seconds] = process.argv.slice(2);
const template = new Template(JSON.parse(fs.readFileSync(templateFile, "utf8")));
const data = JSON.parse(fs.readFileSync(dataFile, "utf8"));
const expand = () => JSON.stringify(template.expand({ $root: data }));

function measure(work, forSeconds) {
	const begin = process.cpuUsage();
	let spent = 0;
	let count = 0;
	while (spent < forSeconds) {
		for (let i = 0; i < BATCH; i++) work();
		count += BATCH;
		const { user, system } = process.cpuUsage(begin);
		spent = (user + system) / 1e6;
	}
	return spent / count;
}

measure(expand, WARM_UP_S);
console.log(JSON.stringify({ "official, expand and print": measure(expand, Number(seconds)), document: JSON.parse(expand()) }));
