/* SPDX-License-Identifier: Apache-2.0 */
/* Authenticode over an app package; see p7x.h. */
#include "p7x.h"

#include "signed_data.h"
#include "timestamp.h"

#define OID_SPC_INDIRECT_DATA "1.3.6.1.4.1.311.2.1.4"
#define OID_SPC_STATEMENT_TYPE "1.3.6.1.4.1.311.2.1.11"
#define OID_SPC_OPUS_INFO "1.3.6.1.4.1.311.2.1.12"
#define OID_SPC_INDIVIDUAL "1.3.6.1.4.1.311.2.1.21"
#define OID_SPC_SIP_INFO "1.3.6.1.4.1.311.2.1.30"
#define OID_RFC3161_TOKEN "1.3.6.1.4.1.311.3.3.1"
#define SIP_VERSION 0x01010000

/* Says which Windows component understands the digests: that of packages (bundles have another). */
static const uint8_t package_sip[] = { 0x4b, 0xdf, 0xc5, 0x0a, 0x07, 0xce, 0xe2, 0x4d, 0xb7, 0x6e,
	0x23, 0xc8, 0x39, 0xa0, 0x9f, 0xd1 };

static struct ad_bytes digests(struct ad_arena *arena, const struct dt_p7x *p7x)
{
	return dt_bytes_cat(arena,
		DT_BYTES_LIST(dt_bytes_of_text("APPX"), dt_bytes_of_text("AXPC"), p7x->entries,
			dt_bytes_of_text("AXCD"), p7x->tail, dt_bytes_of_text("AXCT"),
			p7x->content_types, dt_bytes_of_text("AXBM"), p7x->block_map));
}

/* The two halves of SpcIndirectDataContent; the signature covers them without the SEQUENCE around.
 */
static struct ad_bytes indirect_data(struct ad_arena *arena, const struct dt_p7x *p7x)
{
	struct ad_bytes zero = dt_der_uint(arena, 0);
	struct ad_bytes sip =
		dt_der(arena, DT_DER_OCTETS, (struct ad_bytes){ package_sip, sizeof(package_sip) });
	struct ad_bytes info = DT_SEQUENCE(
		arena, dt_der_uint(arena, SIP_VERSION), sip, zero, zero, zero, zero, zero);

	return dt_bytes_cat(
		arena, DT_BYTES_LIST(DT_SEQUENCE(arena, dt_der_oid(arena, OID_SPC_SIP_INFO), info),
			       DT_SEQUENCE(arena, dt_der_algorithm(arena, DT_OID_SHA256),
				       dt_der(arena, DT_DER_OCTETS, digests(arena, p7x)))));
}

/* SpcSpOpusInfo { programName [0] { unicode [0] "Local tenant" } } */
static struct ad_bytes opus_info(struct ad_arena *arena)
{
	static const uint8_t name[] = "\0L\0o\0c\0a\0l\0 \0t\0e\0n\0a\0n\0t";
	struct ad_bytes text = dt_der(
		arena, DT_DER_CONTEXT_PRIMITIVE_0, (struct ad_bytes){ name, sizeof(name) - 1 });

	return DT_SEQUENCE(arena, dt_der(arena, DT_DER_CONTEXT_0, text));
}

/* Leaf first, as in the real file; the root is what the reader has to bring along. */
static struct ad_bytes chain(struct ad_arena *arena, const struct dt_trust *trust)
{
	return dt_bytes_cat(
		arena, DT_BYTES_LIST(dt_der_of_certificate(arena, trust->certificate[DT_LEAF]),
			       dt_der_of_certificate(arena, trust->certificate[DT_PCA]),
			       dt_der_of_certificate(arena, trust->certificate[DT_CA])));
}

int dt_p7x_sign(struct ad_arena *arena, const struct dt_p7x *p7x, struct ad_bytes *ret_bytes,
	struct ad_err *err)
{
	struct ad_bytes covered = indirect_data(arena, p7x), token;
	const struct ad_bytes attributes[] = {
		dt_der_attribute(arena, OID_SPC_STATEMENT_TYPE,
			DT_SEQUENCE(arena, dt_der_oid(arena, OID_SPC_INDIVIDUAL))),
		dt_der_attribute(arena, OID_SPC_OPUS_INFO, opus_info(arena)),
	};
	struct dt_signed_data data = {
		.version = 1,
		.content_type = OID_SPC_INDIRECT_DATA,
		.content = dt_der(arena, DT_DER_SEQUENCE, covered),
		.digested = covered,
		.certificates = chain(arena, p7x->trust),
		.attributes = attributes,
		.attribute_count = sizeof(attributes) / sizeof(attributes[0]),
		.signer = p7x->trust->certificate[DT_LEAF],
		.key = p7x->trust->key[DT_LEAF],
	};
	int code = dt_signed_data_sign(arena, &data, err);

	if (!code && !p7x->no_timestamp) {
		code = dt_timestamp(arena, p7x->trust, data.signature, p7x->time, &token, err);
		if (!code)
			data.unsigned_attribute = dt_der_attribute(arena, OID_RFC3161_TOKEN, token);
	}
	if (!code)
		*ret_bytes = dt_bytes_cat(arena, DT_BYTES_LIST(dt_bytes_of_text("PKCX"),
							 dt_signed_data_encode(arena, &data)));
	return code;
}
