/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys and certificates that come from outside: JWK numbers, x5c, PEM. */
#include "ad/crypto.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#define EXPONENT_BYTES_MAX 4u
#define MODULUS_BYTES_MAX (AD_RSA_BITS_MAX / 8)
#define CERT_BYTES_MAX (64u << 10)

static struct ad_bytes without_leading_zeros(struct ad_bytes number)
{
	while (number.len > 0 && number.data[0] == 0) {
		number.data++;
		number.len--;
	}
	return number;
}

static int check_exponent(struct ad_bytes e, uint32_t *ret, struct ad_err *err)
{
	if (e.len > EXPONENT_BYTES_MAX)
		return AD_FAIL(err, AD_EINVAL, "RSA exponent is longer than 32 bits");
	uint32_t value = 0;
	for (size_t i = 0; i < e.len; i++)
		value = value << 8 | e.data[i];
	if (value < AD_RSA_EXPONENT_MIN || value % 2 == 0)
		return AD_FAIL(err, AD_EINVAL, "RSA exponent %lu is too small or even",
			(unsigned long)value);
	*ret = value;
	return 0;
}

static int check_modulus(struct ad_bytes n, unsigned *ret_bits, struct ad_err *err)
{
	if (n.len > MODULUS_BYTES_MAX)
		return AD_FAIL(err, AD_EINVAL, "RSA key is longer than %u bits", AD_RSA_BITS_MAX);
	unsigned bits = (unsigned)n.len * 8;
	for (unsigned top = n.len > 0 ? n.data[0] : 0; top > 0 && top < 0x80; top <<= 1)
		bits--;
	if (bits < AD_RSA_BITS_MIN)
		return AD_FAIL(err, AD_EINVAL, "RSA key of %u bits is shorter than %u", bits,
			AD_RSA_BITS_MIN);
	if (n.data[n.len - 1] % 2 == 0)
		return AD_FAIL(err, AD_EINVAL, "RSA modulus is even");
	*ret_bits = bits;
	return 0;
}

static EVP_PKEY *public_key(struct ad_bytes n, uint32_t e)
{
	EVP_PKEY *key = NULL;
	BIGNUM *modulus = BN_bin2bn(n.data, (int)n.len, NULL);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	AD_ASSERT(modulus && builder);
	AD_ASSERT(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1);
	AD_ASSERT(OSSL_PARAM_BLD_push_uint32(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1);
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	AD_ASSERT(parameters && context);
	if (EVP_PKEY_fromdata_init(context) != 1 ||
		EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(builder);
	BN_free(modulus);
	return key;
}

static char *public_pem(struct ad_arena *arena, EVP_PKEY *key)
{
	char *text = NULL;
	BIO *out = BIO_new(BIO_s_mem());
	AD_ASSERT(out);
	if (PEM_write_bio_PUBKEY(out, key) == 1) {
		char *data = NULL;
		long len = BIO_get_mem_data(out, &data);
		text = ad_strndup(arena, data, (size_t)len);
	}
	BIO_free(out);
	return text;
}

int ad_crypto_rsa_public_pem_from_jwk(struct ad_arena *arena, struct ad_bytes n, struct ad_bytes e,
	char **ret_pem, unsigned *ret_bits, struct ad_err *err)
{
	uint32_t exponent = 0;
	unsigned bits = 0;
	n = without_leading_zeros(n);
	int rc = check_modulus(n, &bits, err);
	if (!rc)
		rc = check_exponent(without_leading_zeros(e), &exponent, err);
	if (rc)
		return rc;
	EVP_PKEY *key = public_key(n, exponent);
	char *pem = key ? public_pem(arena, key) : NULL;
	EVP_PKEY_free(key);
	ERR_clear_error();
	if (!pem)
		return AD_FAIL(err, AD_EINVAL, "RSA key cannot be used");
	*ret_pem = pem;
	*ret_bits = bits;
	return 0;
}

struct ad_rsa_key {
	EVP_PKEY *key;
};

static void free_key(void *ptr)
{
	EVP_PKEY_free(ptr);
}

struct ad_rsa_key *ad_rsa_key_from_pem(struct ad_arena *arena, const char *pem)
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = in ? PEM_read_bio_PUBKEY(in, NULL, NULL, NULL) : NULL;
	BIO_free(in);
	ERR_clear_error();
	if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
		EVP_PKEY_free(key);
		return NULL;
	}
	struct ad_rsa_key *ret = ad_alloc(arena, sizeof *ret);
	ret->key = key;
	ad_arena_defer(arena, free_key, key);
	return ret;
}

bool ad_rsa_verify(const struct ad_rsa_key *key, struct ad_bytes data, struct ad_bytes signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key->key) == 1 &&
		    EVP_DigestVerify(ctx, signature.data, signature.len, data.data, data.len) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

int ad_crypto_cert_valid_at(struct ad_bytes der, int64_t unix_s, struct ad_err *err)
{
	const unsigned char *at = der.data;
	X509 *certificate = der.len <= CERT_BYTES_MAX ? d2i_X509(NULL, &at, (long)der.len) : NULL;
	bool readable = certificate && at == der.data + der.len;
	time_t when = (time_t)unix_s;
	/* X509_cmp_time answers 0 for a date that it cannot read. */
	bool begun = readable && X509_cmp_time(X509_get0_notBefore(certificate), &when) < 0;
	bool lasts = readable && X509_cmp_time(X509_get0_notAfter(certificate), &when) > 0;
	X509_free(certificate);
	ERR_clear_error();
	if (!readable)
		return AD_FAIL(err, AD_EINVAL, "certificate cannot be read");
	if (!begun || !lasts)
		return AD_FAIL(err, AD_EAUTH, "certificate is not valid at this time");
	return 0;
}

int ad_crypto_cert_der_from_pem(struct ad_arena *arena, const char *pem, size_t len,
	struct ad_bytes *ret_der, struct ad_err *err)
{
	unsigned char *der = NULL;
	int der_len = -1;
	BIO *in = len <= INT_MAX ? BIO_new_mem_buf(pem, (int)len) : NULL;
	X509 *certificate = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	if (certificate)
		der_len = i2d_X509(certificate, &der);
	if (der_len > 0)
		*ret_der = (struct ad_bytes){ .data = ad_memdup(arena, der, (size_t)der_len),
			.len = (size_t)der_len };
	OPENSSL_free(der);
	X509_free(certificate);
	BIO_free(in);
	ERR_clear_error();
	if (der_len <= 0)
		return AD_FAIL(err, AD_EINVAL, "no certificate in PEM form");
	return 0;
}
