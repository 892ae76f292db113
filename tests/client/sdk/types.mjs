// SPDX-License-Identifier: Apache-2.0
/* Values against the declared types of packages, by the TypeScript compiler: a property or a word that a type does not know is a fault. */
import path from 'node:path';
import ts from 'typescript';

const FILE = path.join(import.meta.dirname, 'values.ts'); // never written: it says where imports are looked for
const IMPORTS = ["import type * as bf from 'botframework-schema';", "import type * as agents from '@microsoft/agents-hosting';",
	"import type * as activity from '@microsoft/agents-activity';", "import type * as teams from '@microsoft/teams.api';", "import type * as cards from '@microsoft/teams.cards';",
	// What a bot says of an account or a conversation is its id; the connector knows the rest.
	"type Account = Partial<bf.ChannelAccount>;",
	// An inner HTTP error is what one service has of another's failure; the SDKs' own makers of errors give none.
	"type TeamsError = Omit<teams.AdaptiveCardActionErrorResponse, 'value'> & { value: Omit<teams.HttpError, 'innerHttpError'> };",
	"type Create = Omit<Partial<bf.ConversationParameters>, 'bot' | 'members'> & { bot?: Account; members?: Account[] };",
	"type Sent = Omit<Partial<bf.Activity>, 'from' | 'recipient' | 'conversation'> & { from?: Account; recipient?: Account; conversation?: Partial<bf.ConversationAccount> };"];
const OPTIONS = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022, strict: true, noEmit: true, skipLibCheck: true,
	types: [] };

/* Cards' words may be written in small letters, says the card schema; the types have capitals. */
function isCaseOnly(text) {
	const [, ours, theirs] = /Type '"(\w+)"' is not assignable .* Did you mean '"(\w+)"'\?$/.exec(text) ?? [];
	return ours !== undefined && ours.toLowerCase() === theirs.toLowerCase();
}

function flatten(diagnostic) {
	return ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
}

/* The card schema lets a choice say its type; the types have forgotten it. */
function withoutChoiceType(key, value) {
	if (value?.type !== 'Input.Choice') return value;
	const { type, ...rest } = value;
	return rest;
}

/* checks: [{ where, type, value }]; a list of { where, fault }. */
export function checkTypes(checks) {
	const text = [...IMPORTS, ...checks.map(({ type, value }, i) => `export const v${i}: ${type} = ${JSON.stringify(value, withoutChoiceType)};`)].join('\n');
	const host = ts.createCompilerHost(OPTIONS);
	const { getSourceFile } = host;
	host.getSourceFile = (name, ...rest) => (name === FILE ? ts.createSourceFile(name, text, OPTIONS.target) : getSourceFile.call(host, name, ...rest));
	const program = ts.createProgram([FILE], OPTIONS, host);
	return ts.getPreEmitDiagnostics(program).filter((diagnostic) => !isCaseOnly(flatten(diagnostic))).map((diagnostic) => {
		const { file, start } = diagnostic;
		const line = file ? file.getLineAndCharacterOfPosition(start).line - IMPORTS.length : -1;
		const near = file?.fileName === FILE ? `near ${text.slice(start, start + 60)}: ` : '';
		return { where: checks[line]?.where ?? 'types', fault: `${checks[line]?.type ?? ''} ${near}${flatten(diagnostic)}` };
	});
}
