// SPDX-License-Identifier: Apache-2.0
/*
 * Judges client assertions by two libraries and by node's own cryptography.
 *
 *   node judge.mjs < {"assertions": [JWT], "certificate": PEM, "client": ID, "audience": URL}
 *
 * Prints for each assertion {"jose", "jsonwebtoken", "node": "good" or the reason, "thumbprint": whether it names the certificate, "header", "claims"}.
 */
import crypto from 'node:crypto';
import fs from 'node:fs';
import * as jose from 'jose';
import jwt from 'jsonwebtoken';

const { assertions, certificate, client, audience } = JSON.parse(fs.readFileSync(0, 'utf8'));
const x509 = new crypto.X509Certificate(certificate);
const thumbprint = crypto.createHash('sha256').update(x509.raw).digest('base64url');
const wanted = { audience, issuer: client, subject: client };

async function verdict(judge) {
	try {
		await judge();
		return 'good';
	} catch (error) {
		return error.message || String(error);
	}
}

function verifySignature(assertion) {
	const [header, claims, signature] = assertion.split('.');
	const padding = { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: crypto.constants.RSA_PSS_SALTLEN_DIGEST };
	if (!crypto.verify('sha256', Buffer.from(`${header}.${claims}`), { key: x509.publicKey, ...padding }, Buffer.from(signature, 'base64url')))
		throw new Error('the signature is wrong');
}

async function judge(assertion) {
	const header = jose.decodeProtectedHeader(assertion);
	return {
		jose: await verdict(async () => jose.jwtVerify(assertion, await jose.importX509(certificate, 'PS256'),
			{ ...wanted, algorithms: ['PS256'], typ: 'JWT', requiredClaims: ['jti', 'exp', 'nbf', 'iat'], maxTokenAge: '10m' })),
		jsonwebtoken: await verdict(() => jwt.verify(assertion, x509.publicKey, { ...wanted, algorithms: ['PS256'] })),
		node: await verdict(() => verifySignature(assertion)),
		thumbprint: header['x5t#S256'] === thumbprint,
		header,
		claims: jose.decodeJwt(assertion),
	};
}

console.log(JSON.stringify(await Promise.all(assertions.map(judge))));
