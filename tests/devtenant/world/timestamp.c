/* SPDX-License-Identifier: Apache-2.0 */
/* Time-stamp tokens (RFC 3161 section 2.4.2, RFC 5652); see timestamp.h. */
#include "timestamp.h"

#include "signed_data.h"

#include <time.h>

#define OID_TST_INFO "1.2.840.113549.1.9.16.1.4"
#define OID_SIGNING_CERTIFICATE_V2 "1.2.840.113549.1.9.16.2.47"
#define OID_POLICY "1.3.6.1.4.1.601.10.3.1"
#define OID_SHA256_WITH_RSA "1.2.840.113549.1.1.11"

/* Real tokens have fractions of a second, which some readers of this type trip over. */
static struct ad_bytes generalized_time(struct ad_arena *arena, int64_t time)
{
	time_t seconds = (time_t)time;
	struct tm parts;
	char text[32];
	size_t len;

	gmtime_r(&seconds, &parts);
	len = strftime(text, sizeof(text), "%Y%m%d%H%M%S.837Z", &parts);
	return dt_der(arena, DT_DER_GENERALIZED_TIME, (struct ad_bytes){ (uint8_t *)text, len });
}

static struct ad_bytes directory_name(struct ad_arena *arena, X509 *certificate)
{
	struct ad_bytes name = dt_der_of_name(arena, X509_get_subject_name(certificate));

	return dt_der(arena, DT_DER_CONTEXT_4, name);
}

static struct ad_bytes tst_info(struct ad_arena *arena, const struct dt_trust *trust,
	struct ad_bytes signature, int64_t time)
{
	struct ad_bytes digest = dt_sha256(arena, signature);
	struct ad_bytes imprint = DT_SEQUENCE(arena, dt_der_algorithm(arena, DT_OID_SHA256),
		dt_der(arena, DT_DER_OCTETS, digest));

	return DT_SEQUENCE(arena, dt_der_uint(arena, 1), dt_der_oid(arena, OID_POLICY), imprint,
		dt_der_uint(arena, (uint64_t)time), generalized_time(arena, time),
		DT_SEQUENCE(arena, dt_der_uint(arena, 1)), /* accurate to a second */
		dt_der(arena, DT_DER_CONTEXT_0, directory_name(arena, trust->certificate[DT_TSA])));
}

/*
 * The certificate set of a real token ends in an obsolete attribute certificate, tagged [1]. It
 * says nothing that anybody needs, but a reader that knows plain certificates only chokes on it.
 */
static struct ad_bytes attribute_certificate(struct ad_arena *arena, const struct dt_trust *trust)
{
	static const uint8_t no_signature[] = { 0, 0 };
	struct ad_bytes holder =
		dt_der(arena, DT_DER_CONTEXT_1, directory_name(arena, trust->certificate[DT_TSA]));
	struct ad_bytes info = DT_SEQUENCE(arena, dt_der_uint(arena, 1), DT_SEQUENCE(arena, holder),
		dt_der_algorithm(arena, OID_SHA256_WITH_RSA));

	return dt_der_join(arena, DT_DER_CONTEXT_1,
		DT_BYTES_LIST(info, dt_der_algorithm(arena, OID_SHA256_WITH_RSA),
			dt_der(arena, DT_DER_BIT_STRING,
				(struct ad_bytes){ no_signature, sizeof(no_signature) })));
}

int dt_timestamp(struct ad_arena *arena, const struct dt_trust *trust, struct ad_bytes signature,
	int64_t time, struct ad_bytes *ret_token, struct ad_err *err)
{
	struct ad_bytes tsa = dt_der_of_certificate(arena, trust->certificate[DT_TSA]);
	struct ad_bytes pca = dt_der_of_certificate(arena, trust->certificate[DT_TSA_PCA]);
	struct ad_bytes info = tst_info(arena, trust, signature, time);
	struct ad_bytes hash = dt_der(arena, DT_DER_OCTETS, dt_sha256(arena, tsa));
	/* SigningCertificateV2 { certs { ESSCertIDv2 { SHA-256 by default, hash } } } */
	struct ad_bytes signing_certificate = dt_der_attribute(arena, OID_SIGNING_CERTIFICATE_V2,
		DT_SEQUENCE(arena, DT_SEQUENCE(arena, DT_SEQUENCE(arena, hash))));
	struct ad_bytes certificates =
		dt_bytes_cat(arena, DT_BYTES_LIST(tsa, pca, attribute_certificate(arena, trust)));
	struct dt_signed_data data = {
		.version = 3,
		.content_type = OID_TST_INFO,
		.content = dt_der(arena, DT_DER_OCTETS, info),
		.digested = info,
		.certificates = certificates,
		.attributes = &signing_certificate,
		.attribute_count = 1,
		.signer = trust->certificate[DT_TSA],
		.key = trust->key[DT_TSA],
	};
	int code = dt_signed_data_sign(arena, &data, err);

	if (!code)
		*ret_token = dt_signed_data_encode(arena, &data);
	return code;
}
