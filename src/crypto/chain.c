/* SPDX-License-Identifier: Apache-2.0 */
/* Building and judging the certificate chains of package signatures. */
#include "chain.h"

#include "ad/text.h"

#include <limits.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#define OID_TEXT_MAX 128
/* Application policies: repeats the extended key usage in Microsoft's form; leaves of the store
 * mark it critical, and OpenSSL does not know it. */
#define OID_APPLICATION_POLICIES "1.3.6.1.4.1.311.21.10"
/* 112 bits: no SHA-1 and no RSA under 2048 below the root. */
#define SECURITY_LEVEL 2

bool ad_chain_oid_is(const ASN1_OBJECT *object, const char *dotted)
{
	char text[OID_TEXT_MAX];
	int len = OBJ_obj2txt(text, (int)sizeof text, object, 1);
	return len > 0 && len < (int)sizeof text && strcmp(text, dotted) == 0;
}

char *ad_chain_subject(struct ad_arena *arena, X509 *certificate)
{
	BIO *out = BIO_new(BIO_s_mem());
	AD_ASSERT(out);
	char *data = NULL;
	(void)X509_NAME_print_ex(out, X509_get_subject_name(certificate), 0,
		XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
	long len = BIO_get_mem_data(out, &data);
	char *text = ad_strndup(arena, data ? data : "", len > 0 ? (size_t)len : 0);
	BIO_free(out);
	return text;
}

void ad_chain_digest(X509 *certificate, uint8_t ret[AD_SHA256_LEN])
{
	unsigned char *der = NULL;
	int len = i2d_X509(certificate, &der);
	AD_ASSERT(len > 0);
	ad_sha256(der, (size_t)len, ret);
	OPENSSL_free(der);
}

char *ad_chain_text(struct ad_arena *arena, STACK_OF(X509) * chain)
{
	uint8_t root[AD_SHA256_LEN];
	int last = sk_X509_num(chain) - 1;
	char *text = ad_chain_subject(arena, sk_X509_value(chain, 0));
	for (int i = 1; i <= last; i++)
		text = ad_printf(
			arena, "%s < %s", text, ad_chain_subject(arena, sk_X509_value(chain, i)));
	ad_chain_digest(sk_X509_value(chain, last), root);
	return ad_printf(arena, "%s (SHA-256 %s)", text, ad_hex(arena, root, sizeof root));
}

char *ad_chain_serial(struct ad_arena *arena, X509 *certificate)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	char *hex = number ? BN_bn2hex(number) : NULL;
	char *text = ad_text_lower(arena, hex ? hex : "");
	OPENSSL_free(hex);
	BN_free(number);
	return text;
}

bool ad_chain_has_eku(X509 *leaf, const char *dotted)
{
	bool found = false;
	EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(leaf, NID_ext_key_usage, NULL, NULL);
	for (int i = 0; !found && i < sk_ASN1_OBJECT_num(usages); i++)
		found = ad_chain_oid_is(sk_ASN1_OBJECT_value(usages, i), dotted);
	EXTENDED_KEY_USAGE_free(usages);
	return found;
}

static int add_root(X509_STORE *store, struct ad_bytes der, struct ad_err *err)
{
	const unsigned char *at = der.data;
	X509 *root = der.len <= LONG_MAX ? d2i_X509(NULL, &at, (long)der.len) : NULL;
	bool added = root && at == der.data + der.len && X509_STORE_add_cert(store, root) == 1;
	X509_free(root);
	return added ? 0 : AD_FAIL(err, AD_ECONFIG, "root certificate cannot be read");
}

int ad_chain_store(const struct ad_bytes *roots, size_t count, int64_t unix_s, X509_STORE **ret,
	struct ad_err *err)
{
	if (count == 0)
		return AD_FAIL(err, AD_ECONFIG, "trust profile has no root certificate");
	X509_STORE *store = X509_STORE_new();
	AD_ASSERT(store);
	X509_VERIFY_PARAM *rules = X509_STORE_get0_param(store);
	X509_VERIFY_PARAM_set_time(rules, (time_t)unix_s);
	X509_VERIFY_PARAM_set_depth(rules, AD_MSIX_CHAIN_MAX - 2);
	X509_VERIFY_PARAM_set_auth_level(rules, SECURITY_LEVEL);
	/* Any purpose: the time stamp's usage is not marked critical, which OpenSSL's own purpose
	 * demands; both usages are checked by us. Unknown critical extensions likewise. */
	AD_ASSERT(X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_ANY) == 1);
	AD_ASSERT(X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_IGNORE_CRITICAL) == 1);
	for (size_t i = 0; i < count; i++) {
		int rc = add_root(store, roots[i], err);
		if (rc) {
			X509_STORE_free(store);
			return rc;
		}
	}
	*ret = store;
	return 0;
}

static bool extensions_known(X509 *certificate)
{
	for (int i = 0; i < X509_get_ext_count(certificate); i++) {
		X509_EXTENSION *extension = X509_get_ext(certificate, i);
		if (X509_EXTENSION_get_critical(extension) &&
			!X509_supported_extension(extension) &&
			!ad_chain_oid_is(
				X509_EXTENSION_get_object(extension), OID_APPLICATION_POLICIES))
			return false;
	}
	return true;
}

static bool key_strong(X509 *certificate)
{
	EVP_PKEY *key = X509_get0_pubkey(certificate);
	return key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
	       EVP_PKEY_get_bits(key) >= (int)AD_RSA_BITS_MIN;
}

static int check_chain(STACK_OF(X509) * chain, const char *what, struct ad_err *err)
{
	X509 *leaf = sk_X509_value(chain, 0);
	for (int i = 0; i < sk_X509_num(chain); i++) {
		X509 *certificate = sk_X509_value(chain, i);
		if (!extensions_known(certificate))
			return AD_FAIL(err, AD_EINTEGRITY,
				"signature: %s chain has an unknown critical extension", what);
		if (!key_strong(certificate))
			return AD_FAIL(err, AD_EINTEGRITY,
				"signature: %s chain has a key that is not RSA of %u bits or more",
				what, AD_RSA_BITS_MIN);
	}
	if (X509_check_ca(leaf) == 1)
		return AD_FAIL(
			err, AD_EINTEGRITY, "signature: %s certificate is an authority", what);
	if ((X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) == 0)
		return AD_FAIL(err, AD_EINTEGRITY,
			"signature: %s certificate is not for signatures", what);
	return 0;
}

/* Says where the chain stopped: expected is a root of the trust profile. */
static int refuse_chain(X509_STORE_CTX *context, const char *what, struct ad_err *err)
{
	const char *reason = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
	X509 *at = X509_STORE_CTX_get_current_cert(context);
	struct ad_arena *arena = ad_arena_new();
	int rc = AD_FAIL(err, AD_EINTEGRITY,
		"signature: %s chain does not verify: expected one that is valid up to a root of "
		"the trust profile, found %s at %.160s",
		what, reason, at ? ad_chain_subject(arena, at) : "no certificate");
	ad_arena_free(arena);
	return rc;
}

int ad_chain_verify(X509_STORE *store, X509 *leaf, STACK_OF(X509) * untrusted, const char *what,
	STACK_OF(X509) * *ret_chain, struct ad_err *err)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	AD_ASSERT(context && X509_STORE_CTX_init(context, store, leaf, untrusted) == 1);
	int rc = 0;
	STACK_OF(X509) *chain = NULL;
	if (X509_verify_cert(context) != 1) {
		rc = refuse_chain(context, what, err);
	} else {
		chain = X509_STORE_CTX_get1_chain(context);
		AD_ASSERT(chain);
		rc = check_chain(chain, what, err);
	}
	X509_STORE_CTX_free(context);
	if (rc) {
		sk_X509_pop_free(chain, X509_free);
		return rc;
	}
	*ret_chain = chain;
	return 0;
}
