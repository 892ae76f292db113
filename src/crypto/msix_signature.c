/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification of AppxSignature.p7x, in this order: form, time stamp, signature and chain at the
 * stamped time, who the signer is, what is signed. Nothing of the signed content is used before the
 * signature over it has been verified, but the time at which to judge it.
 */
#include "ad/crypto/msix_signature.h"

#include "chain.h"
#include "spc.h"
#include "timestamp.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>

#define MAGIC "PKCX"
#define MAGIC_LEN 4u
#define OID_TIMESTAMP_TOKEN "1.3.6.1.4.1.311.3.3.1"

/* What lives while one signature is verified. */
struct check {
	struct ad_arena *arena;
	const struct ad_msix_trust *trust;
	int64_t now;
	struct ad_trail *trail; /* or NULL */
	PKCS7 *p7;
	PKCS7_SIGNER_INFO *signer_info; /* of p7 */
	struct ad_bytes content;        /* of p7: the octets that are digested */
	X509_STORE *store;
	X509 *leaf; /* of p7 */
	STACK_OF(X509) * chain;
};

static void check_release(struct check *check)
{
	sk_X509_pop_free(check->chain, X509_free);
	X509_STORE_free(check->store);
	PKCS7_free(check->p7);
	ERR_clear_error();
}

static int refuse(struct ad_err *err, const char *why)
{
	return AD_FAIL(err, AD_EINTEGRITY, "signature: %s", why);
}

static bool is_sha256(const X509_ALGOR *algorithm)
{
	return OBJ_obj2nid(algorithm->algorithm) == NID_sha256;
}

/* The list says the same as the signer; OpenSSL takes only digests that it knows from it. */
static bool digests_with_sha256(const struct check *check)
{
	const STACK_OF(X509_ALGOR) *algorithms = check->p7->d.sign->md_algs;
	for (int i = 0; i < sk_X509_ALGOR_num(algorithms); i++)
		if (!is_sha256(sk_X509_ALGOR_value(algorithms, i)))
			return false;
	return is_sha256(check->signer_info->digest_alg);
}

static int read_form(struct check *check, struct ad_bytes p7x, struct ad_err *err)
{
	ad_trail_begin(check->trail, "signature form");
	if (p7x.len > AD_MSIX_SIGNATURE_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "signature is larger than %u bytes",
			AD_MSIX_SIGNATURE_MAX);
	if (p7x.len < MAGIC_LEN || memcmp(p7x.data, MAGIC, MAGIC_LEN) != 0)
		return refuse(err, "not an AppxSignature.p7x");
	const unsigned char *at = p7x.data + MAGIC_LEN;
	check->p7 = d2i_PKCS7(NULL, &at, (long)(p7x.len - MAGIC_LEN));
	if (!check->p7 || at != p7x.data + p7x.len)
		return refuse(err, "not well-formed PKCS#7 signed data");
	int rc = ad_spc_form(check->p7, &check->signer_info, &check->content, err);
	if (!rc && !digests_with_sha256(check))
		return refuse(err, "digest algorithm is not SHA-256");
	if (!rc)
		ad_trail_saw(check->trail, "PKCS#7 of one signer over %zu bytes, SHA-256",
			check->content.len);
	return rc;
}

/* Exactly one attribute with exactly one value. */
static int find_token(const PKCS7_SIGNER_INFO *signer, struct ad_bytes *ret, struct ad_err *err)
{
	int found = 0;
	for (int i = 0; i < sk_X509_ATTRIBUTE_num(signer->unauth_attr); i++) {
		X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(signer->unauth_attr, i);
		if (!ad_chain_oid_is(X509_ATTRIBUTE_get0_object(attribute), OID_TIMESTAMP_TOKEN))
			continue;
		const ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(attribute, 0);
		if (++found > 1 || X509_ATTRIBUTE_count(attribute) != 1 ||
			value->type != V_ASN1_SEQUENCE)
			return refuse(err, "has more than one time stamp");
		ret->data = ASN1_STRING_get0_data(value->value.sequence);
		ret->len = (size_t)ASN1_STRING_length(value->value.sequence);
	}
	return found ? 0 : refuse(err, "has no time stamp");
}

static int verify_timestamp(
	struct check *check, struct ad_msix_signature *signature, struct ad_err *err)
{
	const ASN1_OCTET_STRING *value = check->signer_info->enc_digest;
	struct ad_timestamp_query query = {
		.trust = check->trust, .now = check->now, .trail = check->trail
	};
	ad_trail_begin(check->trail, "time stamp");
	int rc = find_token(check->signer_info, &query.token, err);
	if (rc)
		return rc;
	query.stamped.data = ASN1_STRING_get0_data(value);
	query.stamped.len = (size_t)ASN1_STRING_length(value);
	return ad_timestamp_verify(
		check->arena, &query, &signature->signed_at, &signature->timestamp_subject, err);
}

/* Whom the signature names, and whether that leads to a root. Says nothing about the signature yet.
 */
static int verify_signer(struct check *check, struct ad_err *err)
{
	ad_trail_begin(check->trail, "signer chain");
	int rc = ad_spc_leaf(check->p7, &check->leaf, err);
	if (!rc)
		rc = ad_chain_verify(check->store, check->leaf, check->p7->d.sign->cert, "signer",
			&check->chain, err);
	if (!rc)
		ad_trail_saw(check->trail, "%s", ad_chain_text(check->arena, check->chain));
	return rc;
}

/* The signature itself; OpenSSL builds the chain once more. */
static int verify_signature(struct check *check, struct ad_err *err)
{
	ad_trail_begin(check->trail, "signature");
	int rc = ad_spc_verify(check->p7, check->store, check->content, err);
	if (!rc)
		ad_trail_saw(check->trail, "is by the first of them, of the content");
	return rc;
}

static int check_identity(
	struct check *check, struct ad_msix_signature *signature, struct ad_err *err)
{
	const struct ad_msix_trust *trust = check->trust;
	ad_trail_begin(check->trail, "signer subject");
	signature->signer_subject = ad_chain_subject(check->arena, check->leaf);
	signature->signer_serial = ad_chain_serial(check->arena, check->leaf);
	if (!trust->signer_subject || strcmp(signature->signer_subject, trust->signer_subject) != 0)
		return AD_FAIL(err, AD_EINTEGRITY, "signature: signer is %.160s, expected %.160s",
			signature->signer_subject,
			trust->signer_subject ? trust->signer_subject : "nobody");
	ad_trail_saw(check->trail, "%s", signature->signer_subject);
	ad_trail_begin(check->trail, "signer usage");
	char *usages = NULL;
	for (size_t i = 0; i < trust->signer_eku_count; i++) {
		if (!ad_chain_has_eku(check->leaf, trust->signer_eku[i]))
			return AD_FAIL(err, AD_EINTEGRITY,
				"signature: signer certificate lacks the usage %s",
				trust->signer_eku[i]);
		usages = ad_printf(check->arena, "%s%s%s", usages ? usages : "", usages ? ", " : "",
			trust->signer_eku[i]);
	}
	if (!usages)
		return refuse(err, "trust profile demands no usage");
	ad_trail_saw(check->trail, "%s", usages);
	return 0;
}

static int read_digests(
	struct check *check, struct ad_msix_signature *signature, struct ad_err *err)
{
	ad_trail_begin(check->trail, "signed digests");
	int rc = ad_spc_parse(check->content, &signature->digests, err);
	if (!rc)
		ad_trail_saw(check->trail, "AXPC, AXCD, AXCT, AXBM%s",
			signature->digests.has_axci ? ", AXCI" : "");
	return rc;
}

static void describe_chain(const struct check *check, struct ad_msix_signature *signature)
{
	int count = sk_X509_num(check->chain);
	AD_ASSERT(count > 0 && count <= (int)AD_MSIX_CHAIN_MAX);
	for (int i = 0; i < count; i++)
		signature->chain[i] =
			ad_chain_subject(check->arena, sk_X509_value(check->chain, i));
	signature->chain_count = (size_t)count;
	ad_chain_digest(sk_X509_value(check->chain, count - 1), signature->root_sha256);
}

static int verify(struct check *check, struct ad_bytes p7x, struct ad_msix_signature *signature,
	struct ad_err *err)
{
	int rc = read_form(check, p7x, err);
	if (!rc)
		rc = verify_timestamp(check, signature, err);
	if (!rc)
		rc = ad_chain_store(check->trust->roots, check->trust->root_count,
			signature->signed_at, &check->store, err);
	if (!rc)
		rc = verify_signer(check, err);
	if (!rc)
		rc = verify_signature(check, err);
	if (!rc)
		rc = check_identity(check, signature, err);
	if (!rc)
		rc = read_digests(check, signature, err);
	if (!rc)
		describe_chain(check, signature);
	return rc;
}

int ad_crypto_msix_signature_verify(struct ad_arena *arena, const struct ad_msix_query *query,
	struct ad_msix_signature *ret, struct ad_err *err)
{
	struct check check = {
		.arena = arena, .trust = query->trust, .now = query->now, .trail = query->trail
	};
	struct ad_msix_signature signature = { 0 };
	int rc = verify(&check, query->p7x, &signature, err);
	check_release(&check);
	if (!rc)
		*ret = signature;
	return rc;
}
