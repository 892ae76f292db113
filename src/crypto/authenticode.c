/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of an Authenticode signature, in this order: form, signature, signer, chain, what is
 * signed. */
#include "ad/crypto/authenticode.h"

#include "chain.h"
#include "der.h"
#include "spc.h"

#include "ad/text.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#define EKU_CODE_SIGNING "1.3.6.1.5.5.7.3.3"

/* ---- digests ---- */

/* Those that are still believed of a file; MD5 is not. */
static const struct algorithm {
	const char *name;
	int nid;
	uint8_t oid[9];
	size_t oid_len;
} algorithms[] = {
	{ "sha256", NID_sha256, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 }, 9 },
	{ "sha384", NID_sha384, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02 }, 9 },
	{ "sha512", NID_sha512, { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03 }, 9 },
	{ "sha1", NID_sha1, { 0x2b, 0x0e, 0x03, 0x02, 0x1a }, 5 },
};

struct ad_hash {
	EVP_MD_CTX *context;
};

struct ad_hash *ad_hash_new(const char *algorithm)
{
	struct ad_hash *hash = ad_xalloc(sizeof *hash);
	hash->context = EVP_MD_CTX_new();
	AD_ASSERT(hash->context);
	AD_ASSERT(EVP_DigestInit_ex(hash->context, EVP_get_digestbyname(algorithm), NULL) == 1);
	return hash;
}

void ad_hash_update(struct ad_hash *hash, const void *data, size_t len)
{
	AD_ASSERT(EVP_DigestUpdate(hash->context, data, len) == 1);
}

size_t ad_hash_final(struct ad_hash *hash, uint8_t ret[AD_HASH_MAX])
{
	unsigned len = 0;
	AD_ASSERT(EVP_DigestFinal_ex(hash->context, ret, &len) == 1);
	return len;
}

void ad_hash_free(struct ad_hash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->context);
	free(hash);
}

/* ---- one signature ---- */

struct check {
	PKCS7 *p7;
	X509 *leaf;             /* of p7 */
	STACK_OF(X509) * chain; /* its members are of p7 */
	struct ad_bytes content;
};

static int refuse(struct ad_err *err, const char *why)
{
	return AD_FAIL(err, AD_EINTEGRITY, "signature: %s", why);
}

static bool is_believed(const X509_ALGOR *algorithm)
{
	int nid = OBJ_obj2nid(algorithm->algorithm);
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (algorithms[i].nid == nid)
			return true;
	return false;
}

/* The list says the same as the signer; OpenSSL takes only digests that it knows from it. */
static bool digests_believed(const PKCS7 *p7, const PKCS7_SIGNER_INFO *signer)
{
	const STACK_OF(X509_ALGOR) *named = p7->d.sign->md_algs;
	for (int i = 0; i < sk_X509_ALGOR_num(named); i++)
		if (!is_believed(sk_X509_ALGOR_value(named, i)))
			return false;
	return is_believed(signer->digest_alg);
}

static int read_form(struct check *check, struct ad_bytes pkcs7, struct ad_err *err)
{
	const unsigned char *at = pkcs7.data;
	PKCS7_SIGNER_INFO *signer;
	if (pkcs7.len > AD_AUTHENTICODE_MAX)
		return AD_FAIL(
			err, AD_ETOOBIG, "signature is larger than %u bytes", AD_AUTHENTICODE_MAX);
	check->p7 = d2i_PKCS7(NULL, &at, (long)pkcs7.len);
	if (!check->p7)
		return refuse(err, "not well-formed PKCS#7 signed data");
	int rc = ad_spc_form(check->p7, &signer, &check->content, err);
	if (!rc && !digests_believed(check->p7, signer))
		return refuse(err, "its digest algorithm is not one of the SHA family");
	return rc;
}

/* ---- the chain that it brings along ---- */

static X509 *issuer_of(const struct check *check, X509 *certificate)
{
	const STACK_OF(X509) *all = check->p7->d.sign->cert;
	for (int i = 0; i < sk_X509_num(all); i++) {
		X509 *issuer = sk_X509_value(all, i);
		if (issuer != certificate && X509_check_ca(issuer) == 1 &&
			X509_check_issued(issuer, certificate) == X509_V_OK &&
			X509_verify(certificate, X509_get0_pubkey(issuer)) == 1)
			return issuer;
	}
	return NULL;
}

/* As far as it goes. A circle of certificates ends at the limit. */
static int build_chain(struct check *check, struct ad_err *err)
{
	check->chain = sk_X509_new_null();
	AD_ASSERT(check->chain);
	for (X509 *at = check->leaf; at; at = issuer_of(check, at)) {
		if (sk_X509_num(check->chain) == (int)AD_MSIX_CHAIN_MAX)
			return refuse(err, "its chain is too long");
		AD_ASSERT(sk_X509_push(check->chain, at) > 0);
		if (X509_check_issued(at, at) == X509_V_OK)
			break;
	}
	return 0;
}

static int check_signer(struct check *check, struct ad_err *err)
{
	int rc = ad_spc_leaf(check->p7, &check->leaf, err);
	if (!rc)
		rc = ad_spc_verify(check->p7, NULL, check->content, err);
	if (!rc && !ad_chain_has_eku(check->leaf, EKU_CODE_SIGNING))
		return refuse(err, "signer certificate is not for code");
	return rc ? rc : build_chain(check, err);
}

/* ---- what is signed ---- */

/* SEQUENCE (what kind of file), SEQUENCE { algorithm, digest } */
static bool read_digest(struct ad_bytes content, struct ad_authenticode *ret)
{
	struct ad_bytes kind;
	struct ad_bytes info;
	struct ad_bytes algorithm;
	struct ad_bytes oid;
	struct ad_bytes digest;
	if (!ad_der_take(&content, AD_DER_SEQUENCE, &kind) ||
		!ad_der_take(&content, AD_DER_SEQUENCE, &info) || content.len > 0 ||
		!ad_der_take(&info, AD_DER_SEQUENCE, &algorithm) ||
		!ad_der_take(&algorithm, AD_DER_OID, &oid) ||
		!ad_der_take(&info, AD_DER_OCTETS, &digest) || info.len > 0)
		return false;
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
		const struct algorithm *known = &algorithms[i];
		if (oid.len != known->oid_len || memcmp(oid.data, known->oid, oid.len) != 0)
			continue;
		if (digest.len != (size_t)EVP_MD_get_size(EVP_get_digestbyname(known->name)))
			return false;
		ret->algorithm = known->name;
		memcpy(ret->digest, digest.data, digest.len);
		ret->digest_len = digest.len;
		return true;
	}
	return false;
}

static int verify(struct ad_arena *arena, struct check *check, struct ad_bytes pkcs7,
	struct ad_authenticode *ret, struct ad_err *err)
{
	struct ad_authenticode signature = { 0 };
	uint8_t issuer[AD_SHA256_LEN];
	int rc = read_form(check, pkcs7, err);
	if (!rc)
		rc = check_signer(check, err);
	if (rc)
		return rc;
	if (!read_digest(check->content, &signature))
		return refuse(err, "what it says of the file is no digest of the SHA family");
	ad_chain_digest(sk_X509_value(check->chain, sk_X509_num(check->chain) - 1), issuer);
	signature.subject = ad_chain_subject(arena, check->leaf);
	signature.issuer_sha256 = ad_hex(arena, issuer, sizeof issuer);
	signature.chain = ad_chain_text(arena, check->chain);
	*ret = signature;
	return 0;
}

int ad_crypto_authenticode_verify(struct ad_arena *arena, struct ad_bytes pkcs7,
	struct ad_authenticode *ret, struct ad_err *err)
{
	struct check check = { 0 };
	int rc = verify(arena, &check, pkcs7, ret, err);
	sk_X509_free(check.chain);
	PKCS7_free(check.p7);
	ERR_clear_error();
	return rc;
}
