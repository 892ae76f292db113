// SPDX-License-Identifier: Apache-2.0
/*
 * An app manifest against Microsoft's own schema of the version that it names.
 *
 *   node manifest.mjs < manifest.json
 *
 * Prints one line per fault. Exit status: 0 none, 1 faults, 2 no such version.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const manifest = JSON.parse(fs.readFileSync(0, 'utf8'));
const home = path.dirname(createRequire(import.meta.url).resolve('@microsoft/app-manifest/package.json'));
const file = path.join(home, 'build/json-schemas/teams', `v${manifest.manifestVersion}`, 'MicrosoftTeams.schema.json');
if (!fs.existsSync(file)) {
	console.log(`there is no schema of version ${manifest.manifestVersion}`);
	process.exit(2);
}
const { $schema, ...schema } = JSON.parse(fs.readFileSync(file, 'utf8')); // says draft 4, of which it uses nothing that has changed since
const judge = addFormats(new Ajv({ strict: false, allErrors: true })).compile(schema);
if (!judge(manifest)) {
	for (const { instancePath, message, params } of judge.errors) console.log(`${instancePath || '/'}: ${message} ${JSON.stringify(params)}`);
	process.exit(1);
}
