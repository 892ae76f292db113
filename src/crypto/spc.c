/* SPDX-License-Identifier: Apache-2.0 */
/* SpcIndirectDataContent in its PKCS#7; that of an MSIX package: a fixed SpcSipInfo, then the
 * digests. */
#include "spc.h"

#include "chain.h"
#include "der.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#define OID_SPC_INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"

/* ---- the PKCS#7 around it ---- */

static int refuse(struct ad_err *err, const char *why)
{
	return AD_FAIL(err, AD_EINTEGRITY, "signature: %s", why);
}

/* The digest covers the content octets of the SEQUENCE, without its tag and length. */
static int read_content(const PKCS7 *p7, struct ad_bytes *ret, struct ad_err *err)
{
	const PKCS7 *contents = p7->d.sign->contents;
	if (!ad_chain_oid_is(contents->type, OID_SPC_INDIRECT_DATA))
		return refuse(err, "signed content is not indirect data");
	const ASN1_TYPE *other = contents->d.other;
	if (!other || other->type != V_ASN1_SEQUENCE)
		return refuse(err, "signed content is missing");
	struct ad_bytes whole = { .data = ASN1_STRING_get0_data(other->value.sequence),
		.len = (size_t)ASN1_STRING_length(other->value.sequence) };
	if (!ad_der_take(&whole, AD_DER_SEQUENCE, ret) || whole.len > 0)
		return refuse(err, "signed content is malformed");
	return 0;
}

static bool signed_attributes_proper(const PKCS7_SIGNER_INFO *signer)
{
	const ASN1_TYPE *type = PKCS7_get_signed_attribute(signer, NID_pkcs9_contentType);
	return type && type->type == V_ASN1_OBJECT &&
	       ad_chain_oid_is(type->value.object, OID_SPC_INDIRECT_DATA) &&
	       PKCS7_get_signed_attribute(signer, NID_pkcs9_messageDigest);
}

int ad_spc_form(const PKCS7 *p7, PKCS7_SIGNER_INFO **ret_signer, struct ad_bytes *ret_content,
	struct ad_err *err)
{
	if (!PKCS7_type_is_signed(p7) || !p7->d.sign || !p7->d.sign->contents)
		return refuse(err, "not well-formed PKCS#7 signed data");
	const STACK_OF(PKCS7_SIGNER_INFO) *signers = p7->d.sign->signer_info;
	if (sk_PKCS7_SIGNER_INFO_num(signers) != 1)
		return refuse(err, "must have exactly one signer");
	*ret_signer = sk_PKCS7_SIGNER_INFO_value(signers, 0);
	if (!signed_attributes_proper(*ret_signer))
		return refuse(err, "signed attributes are missing or of another content");
	return read_content(p7, ret_content, err);
}

int ad_spc_leaf(PKCS7 *p7, X509 **ret, struct ad_err *err)
{
	STACK_OF(X509) *signers = PKCS7_get0_signers(p7, NULL, 0);
	X509 *leaf = sk_X509_num(signers) == 1 ? sk_X509_value(signers, 0) : NULL;
	sk_X509_free(signers);
	if (!leaf)
		return refuse(err, "has no signer certificate");
	*ret = leaf;
	return 0;
}

int ad_spc_verify(PKCS7 *p7, X509_STORE *store, struct ad_bytes content, struct ad_err *err)
{
	if (content.len > INT_MAX)
		return refuse(err, "signed content is too long");
	BIO *bio = BIO_new_mem_buf(content.data, (int)content.len);
	AD_ASSERT(bio);
	int verified = PKCS7_verify(p7, NULL, store, bio, NULL, store ? 0 : PKCS7_NOVERIFY);
	BIO_free(bio);
	if (verified == 1)
		return 0;
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());
	return AD_FAIL(err, AD_EINTEGRITY, "signature: does not verify: %s",
		reason ? reason : "unknown reason");
}

/* ---- what a package's says ---- */

#define TAG_LEN 4u
#define SIP_VERSION 0x01, 0x01, 0x00, 0x00
#define SIP_ZEROS 5

/* 1.3.6.1.4.1.311.2.1.30 */
static const uint8_t oid_sip_info[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01,
	0x1e };
/* 2.16.840.1.101.3.4.2.1 */
static const uint8_t oid_sha256[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };
/* Kind of the signed thing: a package; bundles have another one. */
static const uint8_t sip_guid[] = { 0x4b, 0xdf, 0xc5, 0x0a, 0x07, 0xce, 0xe2, 0x4d, 0xb7, 0x6e,
	0x23, 0xc8, 0x39, 0xa0, 0x9f, 0xd1 };

static bool take_sip_info(struct ad_bytes *rest)
{
	static const uint8_t version[] = { SIP_VERSION };
	static const uint8_t zero[] = { 0 };
	struct ad_bytes attribute;
	struct ad_bytes info;
	if (!ad_der_take(rest, AD_DER_SEQUENCE, &attribute) ||
		!ad_der_take_exact(&attribute, AD_DER_OID, oid_sip_info, sizeof oid_sip_info) ||
		!ad_der_take(&attribute, AD_DER_SEQUENCE, &info) || attribute.len > 0)
		return false;
	if (!ad_der_take_exact(&info, AD_DER_INTEGER, version, sizeof version) ||
		!ad_der_take_exact(&info, AD_DER_OCTETS, sip_guid, sizeof sip_guid))
		return false;
	for (int i = 0; i < SIP_ZEROS; i++) {
		if (!ad_der_take_exact(&info, AD_DER_INTEGER, zero, sizeof zero))
			return false;
	}
	return info.len == 0;
}

static bool take_digest_info(struct ad_bytes *rest, struct ad_bytes *ret_blob)
{
	struct ad_bytes digest_info;
	struct ad_bytes algorithm;
	if (!ad_der_take(rest, AD_DER_SEQUENCE, &digest_info) ||
		!ad_der_take(&digest_info, AD_DER_SEQUENCE, &algorithm) ||
		!ad_der_take_exact(&algorithm, AD_DER_OID, oid_sha256, sizeof oid_sha256))
		return false;
	/* The parameters may be NULL or absent. */
	if (algorithm.len > 0 && !ad_der_take_exact(&algorithm, AD_DER_NULL, "", 0))
		return false;
	return algorithm.len == 0 && ad_der_take(&digest_info, AD_DER_OCTETS, ret_blob) &&
	       digest_info.len == 0;
}

/* "APPX", then the records in their fixed order; one more for packages with a code integrity
 * catalogue. */
static bool read_blob(struct ad_bytes blob, struct ad_msix_digests *digests)
{
	const struct {
		const char *tag;
		uint8_t *digest;
	} records[] = {
		{ "AXPC", digests->axpc },
		{ "AXCD", digests->axcd },
		{ "AXCT", digests->axct },
		{ "AXBM", digests->axbm },
		{ "AXCI", digests->axci },
	};
	const size_t all = sizeof records / sizeof records[0];
	const size_t record_len = TAG_LEN + AD_SHA256_LEN;

	if (blob.len < TAG_LEN || memcmp(blob.data, "APPX", TAG_LEN) != 0)
		return false;
	size_t count = (blob.len - TAG_LEN) / record_len;
	if ((blob.len - TAG_LEN) % record_len != 0 || (count != all && count != all - 1))
		return false;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *record = blob.data + TAG_LEN + i * record_len;
		if (memcmp(record, records[i].tag, TAG_LEN) != 0)
			return false;
		memcpy(records[i].digest, record + TAG_LEN, AD_SHA256_LEN);
	}
	digests->has_axci = count == all;
	return true;
}

int ad_spc_parse(struct ad_bytes content, struct ad_msix_digests *ret, struct ad_err *err)
{
	struct ad_msix_digests digests = { 0 };
	struct ad_bytes blob;
	if (!take_sip_info(&content))
		return AD_FAIL(err, AD_EINTEGRITY, "signature: not the signature of a package");
	if (!take_digest_info(&content, &blob) || content.len > 0)
		return AD_FAIL(err, AD_EINTEGRITY, "signature: digests are not SHA-256");
	if (!read_blob(blob, &digests))
		return AD_FAIL(err, AD_EINTEGRITY, "signature: unexpected list of digests");
	*ret = digests;
	return 0;
}
