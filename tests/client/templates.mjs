// SPDX-License-Identifier: Apache-2.0
// Our template engine beside the official one (npm adaptivecards-templating): the same templates and data to both, the same
// documents or refusals from both.
//   node templates.mjs --engine build/dev/bin/template_lines [--cases FOLDER] [--count N | --seconds S] [--seed N]
// Cases of the folder first, then generated ones; prints the seed, what differs, and the sums. Exit status 1 when something differs.
// Not compared: messages, what makes the official engine itself crash (a TypeError or RangeError of JavaScript), the last digit of a
// power, and what passes our limits.
import { spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Generator } from "./template_generator.mjs";

process.env.TZ = "UTC";
const warn = console.warn;
console.warn = () => {};
const { Template } = createRequire(import.meta.url)("adaptivecards-templating/dist/adaptivecards-templating.js");
const BATCH = 200;
const SHOWN_MAX = 20;
const LIMIT = /takes too long or is too big/; // ours alone has limits

const copy = (value) => JSON.parse(JSON.stringify(value));
const canonical = (value) => {
	if (Array.isArray(value)) return value.map(canonical);
	if (!value || typeof value !== "object") return value;
	return Object.fromEntries(Object.keys(value).sort().map((key) => [key, canonical(value[key])]));
};
const isCrash = (error) => ["TypeError", "RangeError"].includes(error?.name) || /^(TypeError|RangeError)|Cannot (read|destructure|convert)|is not a function|is not iterable/.test(error?.message ?? error);

function official({ template, data, host }) {
	try {
		const context = { $root: copy(data), ...(host === undefined ? {} : { $host: copy(host) }) };
		return { value: copy(new Template(copy(template)).expand(context) ?? null) };
	} catch (error) {
		return { error: String(error?.message ?? error), crash: isCrash(error) };
	}
}

// A child that answers each line with one.
class Engine {
	constructor(command) {
		this.child = spawn(command, { stdio: ["pipe", "pipe", "inherit"] });
		this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
	}

	async answer(cases) {
		for (const one of cases) this.child.stdin.write(`${JSON.stringify({ template: one.template, data: one.data, host: one.host })}\n`);
		const answers = [];
		for (const one of cases) {
			const { value, done } = await this.lines.next();
			if (done) throw new Error(`the engine ended at ${JSON.stringify(one)}`);
			answers.push(JSON.parse(value));
		}
		return answers;
	}

	end() {
		this.child.stdin.end();
	}
}

function isSame(theirs, ours) {
	if ("error" in theirs || "error" in ours) return "error" in theirs && "error" in ours;
	return JSON.stringify(canonical(theirs.value)) === JSON.stringify(canonical(ours.value));
}

// V8 is sometimes wrong in the last digit of a power.
const isPower = (template) => /\^|exp\(/.test(JSON.stringify(template));
const rounded = (answer) => JSON.stringify(canonical(answer.value ?? null)).replace(/\d+(\.\d+)?(e[+-]?\d+)?/g, (number) => Number(number).toPrecision(15));

const shown = (answer) => JSON.stringify("value" in answer ? answer.value : { error: answer.error });

async function compare(engine, cases, sums) {
	const answers = await engine.answer(cases);
	cases.forEach((one, i) => {
		const theirs = one.stored ?? official(one);
		if (theirs.crash || one.quirk || LIMIT.test(answers[i].error)) {
			sums.passed++;
			return;
		}
		if (!isSame(theirs, answers[i]) && isPower(one.template) && rounded(theirs) === rounded(answers[i])) {
			sums.passed++;
			return;
		}
		sums.compared++;
		sums.refused += "error" in theirs;
		if (isSame(theirs, answers[i])) return;
		sums.different++;
		if (sums.different > SHOWN_MAX) return;
		console.log(`DIFFERS ${one.name ?? ""}\n  template ${JSON.stringify(one.template)}\n  data     ${JSON.stringify(one.data)}`);
		console.log(`  official ${shown(theirs)}\n  ours     ${shown(answers[i])}`);
	});
}

function readCases(folder) {
	return fs.readdirSync(folder).filter((name) => name.endsWith(".json")).sort().map((name) => {
		const one = JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
		return { ...one, name, stored: "error" in one ? { error: one.error } : { value: one.expected } };
	});
}

const { values } = parseArgs({
	options: { engine: { type: "string" }, cases: { type: "string" }, count: { type: "string" }, seconds: { type: "string" }, seed: { type: "string" } },
});
const seed = Number(values.seed ?? 1);
const sums = { compared: 0, refused: 0, passed: 0, different: 0 };
const engine = new Engine(values.engine);
if (values.cases) await compare(engine, readCases(values.cases), sums);
console.log(`cases: ${sums.compared} compared, ${sums.different} different`);
const generator = new Generator(seed);
const until = values.seconds ? Date.now() + 1000 * Number(values.seconds) : Infinity;
let left = values.seconds ? Infinity : Number(values.count ?? 300);
while (left > 0 && Date.now() < until && sums.different <= SHOWN_MAX) {
	const batch = Array.from({ length: Math.min(BATCH, left) }, () => generator.next());
	await compare(engine, batch, sums);
	left -= batch.length;
}
engine.end();
console.warn = warn;
console.log(`seed ${seed}: ${sums.compared} compared (${sums.refused} refused by both or one), ${sums.passed} passed over, ${sums.different} different`);
process.exit(sums.different || !sums.compared ? 1 : 0);
