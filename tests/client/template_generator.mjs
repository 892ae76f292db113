// SPDX-License-Identifier: Apache-2.0
// Templates and data by chance, the same for the same seed: expressions that mostly make sense, elements with $data and $when,
// and now and then a text that is cut or mixed up.

const NAMES = ["name", "size", "ok", "none", "empty", "tags", "vendor", "list", "when", "price", "zero", "deep", "Mixed"];
const WORDS = ["7-Zip", "", "a", "Straße", "naïve café", "😀 emoji", "x,y,z", "12", " 3.5 ", "true", "False", "it's", "\"q\"", "a\\b", "line\nbreak", "ÀÉ",
	"hello big world", "İstanbul", "<b>", "${name}", "2026-03-05T14:07:09.123Z", "https://User@Example.com:8080/a/b?c=d#e", "%41", "YWJj", "z", "Z", "aa"];
const NUMBERS = [0, 1, 2, 3, -1, 7, 10, 12.5, 0.1, 0.2, 1e21, 1e-7, 123456.789, 1561600, -4.5, 2.5, 1.005, 100, 255, 9007199254740991];
const DATES = ["2026-03-05T14:07:09.123Z", "2024-02-29T00:00:00.000Z", "1999-12-31T23:59:59.999Z", "2026-03-05T14:07:09Z", "2026-03-05", "nonsense"];
const UNITS = ["Day", "Week", "Second", "Minute", "Hour", "Month", "Year", "Fortnight"];
const PATTERNS = ["yyyy-MM-dd", "dd/MM/yyyy HH:mm:ss", "ddd, MMM d yyyy", "dddd MMMM", "hh:mm tt", "yy M d H h s", "fff", "zzz", "'at' HH", "", "o", "K", "D"];
const LOOSE_DATES = ["12", "March 5", "5 Mar 2026 4:05 pm", "Thu, 05 Mar 2026 14:07:09 GMT", "1/2/3", "2026-3-5", "20260305", "2026-03-05 14:07:09+01:30", "(x) jan 5", "12:30", "5 EST"];
const ZONES = ["Pacific Standard Time", "Europe/Berlin", "India Standard Time", "UTC", "Nowhere", "America/New_York", "Nepal Standard Time"];
const ADDRESSES = ["https://h/a/../b c?x=\"", "https://bücher.de:443/%2e", "http://0x7f.1", "https://a b/", "http://[::1]:8/", "foo://A/", "mailto:x@y?z 1", "file:///C:/x", "https:h", "h:"];
const TIMEXES = ["2026-03-05", "XXXX-WXX-3", "XXXX-02-29", "2026", "2026-03", "SU", "2026-W10-WE", "T14", "T14:30:05", "TMO", "2026-03-05T14", "2026-03-05TEV", "P2W", "PT1.5H", "PRESENT_REF",
	"(2026-03-05,2026-03-07,P2D)", "(T08,T12,PT4H)", "TXX:15:28", "nonsense", ""];
const REGEXES = ["a", "^[a-z]+$", "(?i)ZIP", "\\d+", "[^\\w]", "(a|b)*c?", "x{1,2}", "(?<n>e).?", "(", "a++", "\\bx", "(?m)^b", ".", "[\\s-]", "\\p{L}"];
const XML_TEXTS = ["'{\"k\":1,\"2\":[2,null],\"1\":{\"#text\":\"<\"}}'", "'[1,[2]]'", "'nope'", "'{\"?a\":{},\"b\":{\"#text\":\"t\",\"c\":\"\"}}'"];
const LOCALES = ["en-US", "de-DE", "fr-FR", "en-IN", "ar-EG", "tr", "xx"];

// Arguments: n number, s text, a list, o anything, b truth, d date, u unit, p pattern, l locale, w small whole number, x property name, L list of objects, N list of numbers,
// m a date in a loose form, z time zone, q timex, r regular expression, X text of JSON for xml, P path that can be set, A address
const FUNCTIONS = {
	s: ["concat s s", "concat o o o", "toUpper s", "toLower s", "toUpper s l", "trim s", "replace s s s", "substring s w", "substring s w w", "join a s", "join a s s", "titleCase s",
		"sentenceCase s", "string o", "string n l", "formatNumber n w", "formatNumber n w l", "addOrdinal w", "base64 s", "base64ToString s", "dataUri s", "uriComponent s",
		"uriComponentToString s", "jsonStringify o", "formatDateTime d p", "formatEpoch n p", "addDays d n", "addHours d n p", "addMinutes d w", "addSeconds d w", "addToTime d w u",
		"addToTime d w u p", "subtractFromTime d w u", "startOfDay d", "startOfHour d p", "startOfMonth d", "date d", "getTimeOfDay d", "uriHost s", "uriPath s", "uriQuery s", "uriScheme s",
		"uriPathAndQuery s", "uriHost A", "uriPathAndQuery A", "uriQuery A", "first s", "last s", "take s w", "reverse s", "if b s s", "coalesce s s", "EOL", "formatTicks ticks(d) p", "dataUriToString s", "add s s", "add s n",
		"replaceIgnoreCase s s s", "replaceIgnoreCase s r s", "formatDateTime m", "formatDateTime m p", "convertFromUTC d z", "convertFromUTC d z p", "convertToUTC d z", "convertToUTC m z p",
		"xml v", "xml X", "stringOrValue s", "stringOrValue name", "setPathToValue P s", "setPathToValue P o", "resolve q", "dateReadBack d d", "getNextViableDate q", "getPreviousViableDate q z", "getNextViableTime q z", "getPreviousViableTime q"],
	n: ["add n n", "sub n n", "mul n n", "div n n", "mod w w", "exp w w", "max n n", "min n n n", "max N", "min N", "round n", "round n w", "floor n", "ceiling n", "abs n", "sqrt n",
		"length s", "count a", "count s", "count v", "indexOf s s", "indexOf a o", "lastIndexOf s s", "lastIndexOf a o", "countWord s", "int s", "int n", "float s", "float n", "sum N",
		"average N", "dayOfMonth d", "dayOfWeek d", "dayOfYear d", "month d", "year d", "dateTimeDiff d d", "ticksToDays n", "ticksToHours w", "ticksToMinutes ticks(d)", "if b n n"],
	b: ["equals o o", "equals n n", "not b", "and b b", "or b b", "or o o", "greater n n", "less s s", "lessOrEquals n n", "greaterOrEquals s s", "greater o o", "exists o", "empty a", "empty s", "empty o",
		"contains s s", "contains a o", "contains v x", "startsWith s s", "endsWith s s", "bool o", "isString o", "isInteger o", "isFloat o", "isArray o", "isObject o", "isBoolean o",
		"isDateTime d", "any a,x,b", "all a,x,b", "isMatch s r", "isMatch s s", "isDefinite q", "isDate q", "isTime q", "isDuration q", "isDateRange q", "isTimeRange q", "isPresent q",
		"isDate v", "or b n", "or s", "or a"],
	a: ["createArray o o", "split s s", "split s", "range w w", "skip a w", "take a w", "subArray a w", "subArray a w w", "union a a", "intersection a a", "unique a", "flatten a", "flatten a w",
		"sortBy a", "sortBy L x", "sortByDescending L x", "concat a a", "select a,x,o", "foreach a,x,o", "where a,x,b", "indicesAndValues a", "select v,x,o", "createArray", "if b a a"],
	v: ["json t", "setProperty json('{}') x o", "addProperty json('{\"k\":1}') x o", "removeProperty json('{\"k\":1}') x", "merge v v", "getProperty v x", "first L", "last L", "where v,x,b", "coalesce v v"],
};
const JSON_TEXTS = ["'{\"k\":1,\"2\":2,\"1\":[3]}'", "'[1,2]'", "'nope'", "'{\"a\":{\"b\":\"c\"}}'", "'5'", "'{}'"];

export class Generator {
	constructor(seed) {
		this.state = (seed * 2654435761 + 1) >>> 0;
		this.count = 0;
	}

	random() { // mulberry32
		this.state = (this.state + 0x6d2b79f5) >>> 0;
		let t = this.state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	}

	upTo(n) {
		return Math.floor(this.random() * n);
	}

	pick(list) {
		return list[this.upTo(list.length)];
	}

	chance(part) {
		return this.random() < part;
	}

	quote(text) {
		return this.chance(0.5) ? `'${text.replaceAll("'", "\\'")}'` : `"${text.replaceAll('"', '\\"')}"`;
	}

	data() {
		const item = () => ({ id: this.pick(NUMBERS), n: this.pick(WORDS), on: this.chance(0.5), ...(this.chance(0.2) ? { more: null } : {}) });
		const many = (make, most) => Array.from({ length: this.upTo(most + 1) }, make);
		return {
			name: this.pick(WORDS), size: this.pick(NUMBERS), ok: this.chance(0.5), none: null, empty: "", tags: many(() => this.pick(WORDS), 4), zero: 0,
			vendor: { url: this.pick(WORDS), contact: { mail: "m@x" }, "odd key": 1, 10: "ten", 9: "nine" }, list: many(item, 3), when: this.pick(DATES),
			price: this.pick(NUMBERS), deep: [[1, [2]], many(() => this.pick(NUMBERS), 3)], Mixed: many(() => this.pick([1, "a", null, true, [1], { k: 1 }]), 4),
		};
	}

	path() {
		const root = this.chance(0.15) ? this.pick(["$root.", "$data.", "$host.", "$ROOT."]) : "";
		const tail = ["", "", "", ".url", ".contact.mail", "[0]", "['url']", "['odd key']", "[1].id", ".nope", "[zero]", "[0].n", ".length", "['10']", "[name]"];
		return root + this.pick([...NAMES, "nope", "NAME", "$index", "$data", "x"]) + this.pick(tail);
	}

	literal(kind) {
		switch (kind) {
		case "n": return String(Math.abs(this.pick(NUMBERS.filter((n) => Math.abs(n) < 1e9 && Math.abs(n) > 1e-4 || n === 0))));
		case "w": return (this.chance(0.1) ? "-" : "") + this.upTo(5);
		case "s": return this.quote(this.pick(WORDS.filter((w) => !/[{}\n`\\]/.test(w))));
		case "b": return this.pick(["true", "false", "ok", "none"]);
		case "d": return this.chance(0.3) ? "when" : this.quote(this.pick(DATES));
		case "u": return this.quote(this.pick(UNITS));
		case "p": return `"${this.pick(PATTERNS)}"`;
		case "l": return this.quote(this.pick(LOCALES));
		case "x": return this.quote(this.pick(["id", "n", "k", "url", "nope", "URL"]));
		case "L": return "list";
		case "N": return this.pick(["createArray(3, 1, 2)", "deep[1]", "[1.5, 2]", "select(list, x, x.id)"]);
		case "t": return this.pick(JSON_TEXTS);
		case "a": return this.pick(["tags", "list", "deep", "Mixed", "[1, 'a']", "[]"]);
		case "m": return this.quote(this.pick(LOOSE_DATES));
		case "z": return this.quote(this.pick(ZONES));
		case "q": return this.quote(this.pick(TIMEXES));
		case "r": return this.quote(this.pick(REGEXES));
		case "X": return this.pick(XML_TEXTS);
		case "A": return this.quote(this.pick(ADDRESSES));
		case "P": return this.pick(["$it", "$it", "size", "vendor.url", "$root.nope.x", "$root['no'].x", "$root.vendor", "1"]); // what is written already would change as well
		case "v": return this.pick(["vendor", "list[0]", "{a: 1, 'b': name}", "$data"]);
		default: return this.literal(this.pick(["n", "s", "b", "a", "v"]));
		}
	}

	call(kind, depth) {
		const [name, ...kinds] = this.pick(FUNCTIONS[kind]).split(" ");
		const args = kinds.map((k) => {
			if (/^[a-zA-Z](,|$)/.test(k)) {
				const [list, variable, body] = k.split(",");
				if (!variable) return this.expression(list, depth - 1);
				const arrow = this.chance(0.3) ? `${variable} => ` : `${variable}, `;
				return `${this.expression(list, depth - 1)}, ${arrow}${this.chance(0.6) ? this.pick(["x", "x.id", "x.n", "x.on", "x.key", "$index"]) : this.expression(body, depth - 1)}`;
			}
			return k.replace("(d)", `(${this.literal("d")})`);
		});
		return `${name}(${args.join(", ")})`;
	}

	operator(kind, depth) {
		const two = (sign, a, b) => `${this.expression(a, depth - 1)} ${sign} ${this.expression(b, depth - 1)}`;
		switch (kind) {
		case "n": return this.pick([() => two(this.pick(["+", "-", "*", "/"]), "n", "n"), () => two(this.pick(["%", "^"]), "w", "w"), () => `-${this.expression("n", depth - 1)}`])();
		case "b": return this.pick([() => two(this.pick(["==", "!=", "<", "<=", ">", ">="]), "n", "n"), () => two(this.pick(["==", "!="]), "o", "o"),
			() => two(this.pick(["&&", "||"]), "b", "b"), () => `!${this.expression("b", depth - 1)}`])();
		case "s": return this.pick([() => two("&", "s", "o"), () => two("+", "s", "n"), () => two("?" + "?", "o", "s"), () => `${this.expression("b", depth - 1)} ? ${this.expression("s", depth - 1)} : ${this.expression("s", depth - 1)}`,
			() => `\`in \${${this.expression("o", depth - 1)}}\``])();
		default: return `(${this.expression(kind, depth - 1)})`;
		}
	}

	expression(kind, depth) {
		if (this.chance(0.04)) kind = this.pick(["n", "s", "b", "a", "v"]); // the wrong kind
		if (depth <= 0 || !FUNCTIONS[kind === "o" ? "s" : kind]) return this.chance(0.5) && !"updlmzqrXPA".includes(kind) ? this.path() : this.literal(kind);
		if (kind === "o") return this.expression(this.pick(["n", "s", "b", "a", "v"]), depth);
		const way = this.random();
		if (way < 0.5) return this.call(kind, depth);
		if (way < 0.65) return this.operator(kind, depth);
		return way < 0.85 ? this.path() : this.literal(kind);
	}

	text() {
		const binding = () => `\${${this.chance(0.1) ? " " : ""}${this.expression("o", 1 + this.upTo(3))}}`;
		const way = this.random();
		if (way < 0.45) return binding();
		if (way < 0.8) return `${this.pick(["", "a ", "\\", "$", "€ "])}${binding()}${this.pick(["", " b", "}", "$5"])}${this.chance(0.3) ? binding() : ""}`;
		if (way < 0.9) return this.pick(["plain", "", "$", "${", "\\${x}", "${}", "a } b", "`"]);
		const whole = Array.from(binding());
		const start = whole.slice(0, this.upTo(whole.length)).join("");
		if (this.chance(0.5)) return start;
		return start + this.pick(["'", '"', "}", "{", "`", "(", ")", ",", "!", "%", "\\", " "]) + whole.slice(this.upTo(whole.length)).join("");
	}

	element(depth) {
		const made = {};
		if (this.chance(0.25)) made.$data = this.pick(["${list}", "${tags}", "${vendor}", "${nope}", "${none}", "${[]}", "${where(list, x, x.on)}", [{ id: 1 }, { id: 2 }], { id: 3 }, [], "${deep}", "${Mixed}"]);
		if (this.chance(0.2)) made.$when = this.pick([`\${${this.expression("b", 2)}}`, "${id > 1}", "${$index == 0}", "${nope}", true, false, "yes", "a ${ok}"]);
		for (let i = this.upTo(3) + 1; i > 0; i--) made[`k${i}`] = this.value(depth - 1);
		return made;
	}

	value(depth) {
		const way = this.random();
		if (depth <= 0 || way < 0.55) return this.text();
		if (way < 0.75) return this.element(depth);
		if (way < 0.9) return Array.from({ length: this.upTo(4) }, () => this.value(depth - 1));
		return this.pick([1, null, true, 0.5, "x"]);
	}

	next() {
		this.count++;
		return { name: `#${this.count}`, template: this.chance(0.7) ? { t: this.text() } : this.element(3), data: this.data(), ...(this.chance(0.3) ? { host: { name: "host", size: 3 } } : {}) };
	}
}
