/* SPDX-License-Identifier: Apache-2.0 */
/* SignedData writer (RFC 2315 section 9, RFC 5652 section 5); see signed_data.h. */
#include "signed_data.h"

#include <openssl/sha.h>

#define OID_SIGNED_DATA "1.2.840.113549.1.7.2"
#define OID_RSA_ENCRYPTION "1.2.840.113549.1.1.1"
#define OID_CONTENT_TYPE "1.2.840.113549.1.9.3"
#define OID_MESSAGE_DIGEST "1.2.840.113549.1.9.4"

struct ad_bytes dt_sha256(struct ad_arena *arena, struct ad_bytes data)
{
	uint8_t *digest = ad_alloc(arena, DT_SHA256_LEN);

	SHA256(data.data, data.len, digest);
	return (struct ad_bytes){ digest, DT_SHA256_LEN };
}

/* Copies what an i2d function allocated and frees it. */
static struct ad_bytes adopt_der(struct ad_arena *arena, uint8_t *der, int len)
{
	struct ad_bytes bytes;

	AD_ASSERT(len > 0);
	bytes = (struct ad_bytes){ ad_memdup(arena, der, (size_t)len), (size_t)len };
	OPENSSL_free(der);
	return bytes;
}

struct ad_bytes dt_der_of_certificate(struct ad_arena *arena, X509 *certificate)
{
	uint8_t *der = NULL;
	int len = i2d_X509(certificate, &der);

	return adopt_der(arena, der, len);
}

struct ad_bytes dt_der_of_name(struct ad_arena *arena, X509_NAME *name)
{
	uint8_t *der = NULL;
	int len = i2d_X509_NAME(name, &der);

	return adopt_der(arena, der, len);
}

static struct ad_bytes issuer_and_serial(struct ad_arena *arena, X509 *certificate)
{
	uint8_t *der = NULL;
	int len = i2d_ASN1_INTEGER(X509_get_serialNumber(certificate), &der);
	struct ad_bytes serial = adopt_der(arena, der, len);

	return DT_SEQUENCE(arena, dt_der_of_name(arena, X509_get_issuer_name(certificate)), serial);
}

int dt_signed_data_sign(struct ad_arena *arena, struct dt_signed_data *data, struct ad_err *err)
{
	size_t count = data->attribute_count + 2, len;
	struct ad_bytes *attributes = ad_alloc_array(arena, count, sizeof(*attributes));
	struct ad_bytes digest = dt_sha256(arena, data->digested);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t *signature;
	int done = 0;

	attributes[0] =
		dt_der_attribute(arena, OID_CONTENT_TYPE, dt_der_oid(arena, data->content_type));
	attributes[1] =
		dt_der_attribute(arena, OID_MESSAGE_DIGEST, dt_der(arena, DT_DER_OCTETS, digest));
	for (size_t i = 0; i < data->attribute_count; i++)
		attributes[2 + i] = data->attributes[i];
	data->signed_attributes = dt_der_set_of(arena, DT_DER_SET, attributes, count);

	len = (size_t)EVP_PKEY_get_size(data->key);
	signature = ad_alloc(arena, len);
	done = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, data->key) == 1 &&
	       EVP_DigestSign(context, signature, &len, data->signed_attributes.data,
		       data->signed_attributes.len) == 1;
	EVP_MD_CTX_free(context);
	if (!done)
		return AD_FAIL(err, AD_EBUG, "cannot sign attributes");
	data->signature = (struct ad_bytes){ signature, len };
	return 0;
}

/* The signed attributes are hashed as a SET but stand in the SignerInfo as [0]: same bytes, other
 * tag. */
static struct ad_bytes retagged(struct ad_arena *arena, struct ad_bytes element, uint8_t tag)
{
	uint8_t *copy = ad_memdup(arena, element.data, element.len);

	copy[0] = tag;
	return (struct ad_bytes){ copy, element.len };
}

static struct ad_bytes signer_info(struct ad_arena *arena, const struct dt_signed_data *data)
{
	struct ad_bytes after = { NULL, 0 };

	if (data->unsigned_attribute.len)
		after = dt_der(arena, DT_DER_CONTEXT_1, data->unsigned_attribute);
	return DT_SEQUENCE(arena, dt_der_uint(arena, 1), issuer_and_serial(arena, data->signer),
		dt_der_algorithm(arena, DT_OID_SHA256),
		retagged(arena, data->signed_attributes, DT_DER_CONTEXT_0),
		dt_der_algorithm(arena, OID_RSA_ENCRYPTION),
		dt_der(arena, DT_DER_OCTETS, data->signature), after);
}

struct ad_bytes dt_signed_data_encode(struct ad_arena *arena, const struct dt_signed_data *data)
{
	struct ad_bytes content = DT_SEQUENCE(arena, dt_der_oid(arena, data->content_type),
		dt_der(arena, DT_DER_CONTEXT_0, data->content));
	struct ad_bytes signed_data = DT_SEQUENCE(arena, dt_der_uint(arena, data->version),
		dt_der(arena, DT_DER_SET, dt_der_algorithm(arena, DT_OID_SHA256)), content,
		dt_der(arena, DT_DER_CONTEXT_0, data->certificates),
		dt_der(arena, DT_DER_SET, signer_info(arena, data)));

	return DT_SEQUENCE(arena, dt_der_oid(arena, OID_SIGNED_DATA),
		dt_der(arena, DT_DER_CONTEXT_0, signed_data));
}
