/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 3161 time stamps. Read with OpenSSL's CMS functions: its PKCS#7 and TS functions refuse
 * tokens that carry an obsolete attribute certificate, as genuine ones do.
 */
#include "timestamp.h"

#include "chain.h"

#include "ad/clock.h"

#include <limits.h>
#include <openssl/cms.h>
#include <openssl/ts.h>

#define EKU_TIME_STAMPING "1.3.6.1.5.5.7.3.8"
#define CLOCK_TOLERANCE_S (24 * 3600)
#define TIME_DIGITS 14 /* YYYYMMDDHHMMSS */

struct stamp {
	CMS_ContentInfo *token;
	TS_TST_INFO *info;
	STACK_OF(X509) * certificates;
	X509_STORE *store;
	STACK_OF(X509) * chain;
};

static void stamp_release(struct stamp *stamp)
{
	sk_X509_pop_free(stamp->chain, X509_free);
	X509_STORE_free(stamp->store);
	sk_X509_pop_free(stamp->certificates, X509_free);
	TS_TST_INFO_free(stamp->info);
	CMS_ContentInfo_free(stamp->token);
}

static int refuse(struct ad_err *err, const char *why)
{
	return AD_FAIL(err, AD_EINTEGRITY, "signature: time stamp %s", why);
}

static int number_at(const char *digits, size_t count)
{
	int value = 0;
	for (size_t i = 0; i < count; i++)
		value = value * 10 + (digits[i] - '0');
	return value;
}

/* "20220110160512.345Z"; the fraction is cut off. */
static bool read_time(const ASN1_GENERALIZEDTIME *time, int64_t *ret)
{
	const char *text = (const char *)ASN1_STRING_get0_data(time);
	size_t len = (size_t)ASN1_STRING_length(time);
	if (len <= TIME_DIGITS || text[len - 1] != 'Z' || strspn(text, "0123456789") < TIME_DIGITS)
		return false;
	if (len > TIME_DIGITS + 1 && text[TIME_DIGITS] != '.')
		return false;
	struct tm parts = {
		.tm_year = number_at(text, 4) - 1900,
		.tm_mon = number_at(text + 4, 2) - 1,
		.tm_mday = number_at(text + 6, 2),
		.tm_hour = number_at(text + 8, 2),
		.tm_min = number_at(text + 10, 2),
		.tm_sec = number_at(text + 12, 2),
	};
	*ret = (int64_t)timegm(&parts);
	return true;
}

static int parse_token(struct stamp *stamp, struct ad_bytes token, struct ad_err *err)
{
	const unsigned char *at = token.data;
	stamp->token =
		token.len <= LONG_MAX ? d2i_CMS_ContentInfo(NULL, &at, (long)token.len) : NULL;
	if (!stamp->token || at != token.data + token.len)
		return refuse(err, "cannot be read");
	if (OBJ_obj2nid(CMS_get0_type(stamp->token)) != NID_pkcs7_signed ||
		OBJ_obj2nid(CMS_get0_eContentType(stamp->token)) != NID_id_smime_ct_TSTInfo ||
		sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(stamp->token)) != 1)
		return refuse(err, "is not a token with one signer");
	ASN1_OCTET_STRING **content = CMS_get0_content(stamp->token);
	if (!content || !*content)
		return refuse(err, "is empty");
	const unsigned char *start = ASN1_STRING_get0_data(*content);
	at = start;
	stamp->info = d2i_TS_TST_INFO(NULL, &at, ASN1_STRING_length(*content));
	if (!stamp->info || at != start + ASN1_STRING_length(*content))
		return refuse(err, "has unreadable content");
	return 0;
}

static int check_imprint(TS_TST_INFO *info, struct ad_bytes stamped, struct ad_err *err)
{
	uint8_t expected[AD_SHA256_LEN];
	TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
	const ASN1_OBJECT *algorithm = NULL;
	X509_ALGOR_get0(&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
	const ASN1_OCTET_STRING *digest = TS_MSG_IMPRINT_get_msg(imprint);
	ad_sha256(stamped.data, stamped.len, expected);
	if (OBJ_obj2nid(algorithm) != NID_sha256)
		return refuse(err, "is not made with SHA-256");
	if (ASN1_STRING_length(digest) != (int)sizeof expected ||
		!ad_crypto_equal(ASN1_STRING_get0_data(digest), expected, sizeof expected))
		return refuse(err, "belongs to another signature");
	return 0;
}

/* Who signed the stamp, and whether that leads to a root. Says nothing about the signature yet. */
static int check_signer(struct stamp *stamp, struct ad_err *err)
{
	CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(stamp->token), 0);
	X509_ALGOR *digest = NULL;
	const ASN1_OBJECT *algorithm = NULL;
	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, NULL);
	X509_ALGOR_get0(&algorithm, NULL, NULL, digest);
	int nid = OBJ_obj2nid(algorithm);
	if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512)
		return refuse(err, "is signed with a weak digest");
	(void)CMS_set1_signers_certs(stamp->token, NULL, 0);
	STACK_OF(X509) *signers = CMS_get0_signers(stamp->token);
	if (sk_X509_num(signers) != 1) {
		sk_X509_free(signers);
		return refuse(err, "has no signer");
	}
	X509 *leaf = sk_X509_value(signers, 0);
	sk_X509_free(signers);
	stamp->certificates = CMS_get1_certs(stamp->token);
	if (!ad_chain_has_eku(leaf, EKU_TIME_STAMPING))
		return refuse(err, "is not by a time stamp authority");
	return ad_chain_verify(
		stamp->store, leaf, stamp->certificates, "time stamp", &stamp->chain, err);
}

static int verify(struct ad_arena *arena, struct stamp *stamp,
	const struct ad_timestamp_query *query, int64_t *ret_time, struct ad_err *err)
{
	struct ad_trail *trail = query->trail;
	int rc = parse_token(stamp, query->token, err);
	if (!rc)
		rc = check_imprint(stamp->info, query->stamped, err);
	if (rc)
		return rc;
	if (!read_time(TS_TST_INFO_get_time(stamp->info), ret_time))
		return refuse(err, "has an unreadable time");
	if (*ret_time > query->now + CLOCK_TOLERANCE_S)
		return refuse(err, "lies in the future");
	ad_trail_saw(trail, "of this very signature, at %s", ad_clock_iso(arena, *ret_time));
	ad_trail_begin(trail, "time stamp chain");
	rc = ad_chain_store(query->trust->timestamp_roots, query->trust->timestamp_root_count,
		*ret_time, &stamp->store, err);
	if (!rc)
		rc = check_signer(stamp, err);
	if (rc)
		return rc;
	ad_trail_saw(trail, "%s", ad_chain_text(arena, stamp->chain));
	ad_trail_begin(trail, "time stamp signature");
	if (CMS_verify(stamp->token, NULL, stamp->store, NULL, NULL, 0) != 1)
		return refuse(err, "has a bad signature or an untrusted signer");
	ad_trail_saw(trail, "is by the first of them");
	return 0;
}

int ad_timestamp_verify(struct ad_arena *arena, const struct ad_timestamp_query *query,
	int64_t *ret_time, const char **ret_subject, struct ad_err *err)
{
	struct stamp stamp = { 0 };
	int64_t time = 0;
	int rc = verify(arena, &stamp, query, &time, err);
	if (!rc) {
		*ret_time = time;
		*ret_subject = ad_chain_subject(arena, sk_X509_value(stamp.chain, 0));
	}
	stamp_release(&stamp);
	return rc;
}
