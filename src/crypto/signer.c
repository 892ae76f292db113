/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that we sign with; see crypto/signer.h. */
#include "ad/crypto/signer.h"

#include <limits.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

struct ad_signer {
	EVP_PKEY *key;
	int64_t begins_s;
	int64_t ends_s;
	uint8_t thumbprint[AD_SHA256_LEN];
};

/* Nobody is there to type a passphrase: OpenSSL would ask the terminal. */
static int no_passphrase(char *room, int size, int writing, void *ctx)
{
	(void)room, (void)size, (void)writing, (void)ctx;
	return -1;
}

static BIO *as_bio(struct ad_bytes pem)
{
	return pem.len > 0 && pem.len <= INT_MAX ? BIO_new_mem_buf(pem.data, (int)pem.len) : NULL;
}

static X509 *read_certificate(struct ad_bytes pem)
{
	BIO *in = as_bio(pem);
	X509 *certificate = in ? PEM_read_bio_X509(in, NULL, no_passphrase, NULL) : NULL;
	BIO_free(in);
	return certificate;
}

static EVP_PKEY *read_key(struct ad_bytes pem)
{
	BIO *in = as_bio(pem);
	EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL) : NULL;
	BIO_free(in);
	return key;
}

static int64_t as_unix_s(const ASN1_TIME *time)
{
	struct tm tm;
	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static int check(const X509 *certificate, EVP_PKEY *key, struct ad_err *err)
{
	if (!certificate)
		return AD_FAIL(err, AD_ECONFIG, "no certificate in PEM form");
	if (!key)
		return AD_FAIL(err, AD_ECONFIG,
			"no private key in PEM form without passphrase (-----BEGIN PRIVATE "
			"KEY-----)");
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		return AD_FAIL(err, AD_ECONFIG, "the private key is not an RSA key");
	if (EVP_PKEY_get_bits(key) < (int)AD_RSA_BITS_MIN)
		return AD_FAIL(err, AD_ECONFIG, "an RSA key of %d bits is shorter than %u",
			EVP_PKEY_get_bits(key), AD_RSA_BITS_MIN);
	if (EVP_PKEY_eq(X509_get0_pubkey(certificate), key) != 1)
		return AD_FAIL(err, AD_ECONFIG, "certificate and private key are not a pair");
	return 0;
}

int ad_signer_new(struct ad_bytes certificate_pem, struct ad_bytes key_pem, struct ad_signer **ret,
	struct ad_err *err)
{
	X509 *certificate = read_certificate(certificate_pem);
	EVP_PKEY *key = read_key(key_pem);
	int rc = check(certificate, key, err);
	if (rc == 0) {
		struct ad_signer *signer = ad_xalloc(sizeof *signer);
		AD_ASSERT(X509_digest(certificate, EVP_sha256(), signer->thumbprint, NULL) == 1);
		signer->begins_s = as_unix_s(X509_get0_notBefore(certificate));
		signer->ends_s = as_unix_s(X509_get0_notAfter(certificate));
		signer->key = key;
		key = NULL;
		*ret = signer;
	}
	EVP_PKEY_free(key);
	X509_free(certificate);
	ERR_clear_error();
	return rc;
}

void ad_signer_free(struct ad_signer *signer)
{
	if (!signer)
		return;
	EVP_PKEY_free(signer->key);
	free(signer);
}

const uint8_t *ad_signer_thumbprint(const struct ad_signer *signer)
{
	return signer->thumbprint;
}

int64_t ad_signer_begins_s(const struct ad_signer *signer)
{
	return signer->begins_s;
}

int64_t ad_signer_ends_s(const struct ad_signer *signer)
{
	return signer->ends_s;
}

struct ad_bytes ad_signer_ps256(
	const struct ad_signer *signer, struct ad_arena *arena, struct ad_bytes data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx = NULL;
	size_t len = (size_t)EVP_PKEY_get_size(signer->key);
	uint8_t *signature = ad_alloc(arena, len);
	AD_ASSERT(ctx && EVP_DigestSignInit(ctx, &key_ctx, EVP_sha256(), NULL, signer->key) == 1 &&
		  EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		  EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, RSA_PSS_SALTLEN_DIGEST) == 1 &&
		  EVP_DigestSign(ctx, signature, &len, data.data, data.len) == 1);
	EVP_MD_CTX_free(ctx);
	return (struct ad_bytes){ .data = signature, .len = len };
}
