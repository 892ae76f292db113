/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and certificates of a world; see trust.h. */
#include "trust.h"

#include "ad/file.h"
#include "ad/json.h"
#include "ad/text.h"
#include "msix.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#define KEY_BITS 2048
#define PEM_FILE_MAX (64u << 10)
#define DAY ((int64_t)86400)
#define CA_FROM INT64_C(1577836800) /* 2020-01-01 */
#define CA_TO INT64_C(2524608000)   /* 2050-01-01 */
#define LEAF_BEFORE (1 * DAY)       /* three days in all, as the real leaf */
#define LEAF_AFTER (2 * DAY)
#define TSA_BEFORE (100 * DAY)
#define TSA_AFTER (350 * DAY)
#define EXTENSIONS_MAX 6

struct extension {
	const char *name; /* short name or dotted */
	const char *value;
};

struct party {
	const char *name; /* file name */
	const char *common_name;
	enum dt_party issuer;
	int64_t before, after; /* relative to the publish time; 0 for the long-lived */
	struct extension extensions[EXTENSIONS_MAX];
};

#define CA_KEY_USAGE                                       \
	{                                                  \
		"keyUsage", "critical,keyCertSign,cRLSign" \
	}
#define CA_UP_TO(depth)                                                \
	{                                                              \
		"basicConstraints", "critical,CA:TRUE,pathlen:" #depth \
	}
#define KEY_IDS                                          \
	{ "subjectKeyIdentifier", "hash" },              \
	{                                                \
		"authorityKeyIdentifier", "keyid:always" \
	}

#define APPLICATION_POLICIES "1.3.6.1.4.1.311.21.10"

static const struct party parties[DT_PARTIES] = {
	[DT_ROOT] = { "root", "AppDesk Local Tenant Root", DT_ROOT, 0, 0,
		{ { "basicConstraints", "critical,CA:TRUE" }, CA_KEY_USAGE,
			{ "subjectKeyIdentifier", "hash" } } },
	[DT_PCA] = { "pca", "AppDesk Local Tenant Marketplace PCA", DT_ROOT, 0, 0,
		{ CA_UP_TO(1), CA_KEY_USAGE, KEY_IDS } },
	[DT_CA] = { "ca", "AppDesk Local Tenant Marketplace CA G 001", DT_PCA, 0, 0,
		{ CA_UP_TO(0), CA_KEY_USAGE, KEY_IDS } },
	[DT_LEAF] = { "leaf", "AppDesk Local Tenant", DT_CA, LEAF_BEFORE, LEAF_AFTER,
		{ { "extendedKeyUsage",
			  "critical,codeSigning," DT_OID_STORE ",1.3.6.1.4.1.311.76.5.100" },
			{ "basicConstraints", "critical,CA:FALSE" },
			{ "keyUsage", "critical,digitalSignature,nonRepudiation,keyEncipherment" },
			KEY_IDS,
			/* Unknown to OpenSSL and yet critical, as in the real leaf:
			 * SEQUENCE OF SEQUENCE { codeSigning }, { store }. */
			{ APPLICATION_POLICIES, "critical,DER:301A300A06082B06010505070303"
						"300C060A2B0601040182374C0301" } } },
	[DT_TSA_ROOT] = { "tsa-root", "AppDesk Local Tenant Time-Stamp Root", DT_TSA_ROOT, 0, 0,
		{ { "basicConstraints", "critical,CA:TRUE" }, CA_KEY_USAGE,
			{ "subjectKeyIdentifier", "hash" } } },
	[DT_TSA_PCA] = { "tsa-pca", "AppDesk Local Tenant Time-Stamp PCA", DT_TSA_ROOT, 0, 0,
		{ CA_UP_TO(0), CA_KEY_USAGE, KEY_IDS } },
	/* The real one does not mark its key usage critical either (RFC 3161 says it must). */
	[DT_TSA] = { "tsa", "AppDesk Local Tenant Time-Stamp Service", DT_TSA_PCA, TSA_BEFORE,
		TSA_AFTER,
		{ { "extendedKeyUsage", "timeStamping" },
			{ "basicConstraints", "critical,CA:FALSE" }, KEY_IDS } },
};

static void free_key(void *key)
{
	EVP_PKEY_free(key);
}

static void free_certificate(void *certificate)
{
	X509_free(certificate);
}

static char *key_path(
	struct ad_arena *arena, const char *out_dir, enum dt_party who, const char *kind)
{
	return ad_printf(arena, "%s/keys/%s.%s.pem", out_dir, parties[who].name, kind);
}

static int write_bio(const char *path, BIO *bio, unsigned mode, struct ad_err *err)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	if (len <= 0)
		return AD_FAIL(err, AD_EBUG, "cannot encode %s", path);
	return ad_file_write(path, data, (size_t)len, mode, err);
}

static int make_key(const char *path, EVP_PKEY **ret_key, struct ad_err *err)
{
	EVP_PKEY *key = EVP_RSA_gen(KEY_BITS);
	BIO *bio = BIO_new(BIO_s_mem());
	int code = AD_EBUG;

	if (key && bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
		code = write_bio(path, bio, 0600, err);
	else
		code = AD_FAIL(err, AD_EBUG, "cannot make RSA key %s", path);
	BIO_free(bio);
	if (code) {
		EVP_PKEY_free(key);
		return code;
	}
	*ret_key = key;
	return 0;
}

static int load_pem(struct ad_arena *arena, const char *path, BIO **ret_bio, struct ad_err *err)
{
	char *data;
	size_t len;
	int code = ad_file_read(arena, path, PEM_FILE_MAX, &data, &len, err);

	if (code)
		return code;
	*ret_bio = BIO_new_mem_buf(data, (int)len);
	return *ret_bio ? 0 : AD_FAIL(err, AD_EBUG, "cannot open %s", path);
}

static int load_or_make_key(struct ad_arena *arena, const char *out_dir, enum dt_party who,
	EVP_PKEY **ret_key, struct ad_err *err)
{
	const char *path = key_path(arena, out_dir, who, "key");
	BIO *bio;
	int code;

	if (!ad_file_exists(path))
		return make_key(path, ret_key, err);
	code = load_pem(arena, path, &bio, err);
	if (code)
		return code;
	*ret_key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return *ret_key ? 0 : AD_FAIL(err, AD_EINVAL, "%s is not a private key", path);
}

/* The order of the real subject: country first. */
static int set_subject(X509 *certificate, const char *common_name)
{
	const char *const parts[][2] = { { "C", "US" }, { "ST", "Test" }, { "L", "Loopback" },
		{ "O", "AppDesk Local Tenant" }, { "CN", common_name } };
	X509_NAME *name = X509_get_subject_name(certificate);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!X509_NAME_add_entry_by_txt(name, parts[i][0], MBSTRING_ASC,
			    (const unsigned char *)parts[i][1], -1, -1, 0))
			return 0;
	return 1;
}

static int set_serial(X509 *certificate)
{
	BIGNUM *number = BN_new();
	int done = number && BN_rand(number, 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
		   BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));

	BN_free(number);
	return done;
}

static int add_extensions(X509 *certificate, X509 *issuer, const struct extension *extensions)
{
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	for (size_t i = 0; i < EXTENSIONS_MAX && extensions[i].name; i++) {
		X509_EXTENSION *extension =
			X509V3_EXT_conf(NULL, &context, extensions[i].name, extensions[i].value);
		int done = extension && X509_add_ext(certificate, extension, -1);

		X509_EXTENSION_free(extension);
		if (!done)
			return 0;
	}
	return 1;
}

struct issue {
	struct party party;
	EVP_PKEY *key;
	X509 *issuer; /* NULL: self-signed */
	EVP_PKEY *issuer_key;
	int64_t not_before, not_after;
};

static X509 *issue_certificate(const struct issue *issue)
{
	X509 *certificate = X509_new();
	X509 *issuer = issue->issuer ? issue->issuer : certificate;

	if (certificate && X509_set_version(certificate, X509_VERSION_3) &&
		set_serial(certificate) && set_subject(certificate, issue->party.common_name) &&
		X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) &&
		ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)issue->not_before) &&
		ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)issue->not_after) &&
		X509_set_pubkey(certificate, issue->key) &&
		add_extensions(certificate, issuer, issue->party.extensions) &&
		X509_sign(certificate, issue->issuer_key, EVP_sha256()))
		return certificate;
	X509_free(certificate);
	return NULL;
}

static void bend_leaf(struct issue *issue, enum dt_leaf_kind kind)
{
	switch (kind) {
	case DT_LEAF_GOOD:
		break;
	case DT_LEAF_SELF_SIGNED:
		issue->issuer = NULL;
		issue->issuer_key = issue->key;
		break;
	case DT_LEAF_OTHER_SUBJECT:
		issue->party.common_name = "Another Publisher";
		break;
	case DT_LEAF_NO_STORE:
		issue->party.extensions[0].value = "critical,codeSigning";
		break;
	}
}

static int save_certificate(const char *path, X509 *certificate, struct ad_err *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int code;

	if (bio && PEM_write_bio_X509(bio, certificate))
		code = write_bio(path, bio, 0644, err);
	else
		code = AD_FAIL(err, AD_EBUG, "cannot encode %s", path);
	BIO_free(bio);
	return code;
}

/* A kept CA certificate, or a new one; leaves are always new. */
static int open_certificate(struct ad_arena *arena, const char *out_dir, enum dt_party who,
	struct issue *issue, struct dt_trust *trust, struct ad_err *err)
{
	const char *path = key_path(arena, out_dir, who, "crt");
	int kept = issue->party.after == 0, code;
	BIO *bio;

	if (kept && ad_file_exists(path)) {
		code = load_pem(arena, path, &bio, err);
		if (code)
			return code;
		trust->certificate[who] = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		BIO_free(bio);
	} else {
		trust->certificate[who] = issue_certificate(issue);
		if (kept && trust->certificate[who]) {
			code = save_certificate(path, trust->certificate[who], err);
			if (code)
				return code;
		}
	}
	if (!trust->certificate[who])
		return AD_FAIL(err, AD_EBUG, "cannot make or read certificate %s", path);
	return 0;
}

int dt_trust_open(struct ad_arena *arena, const char *out_dir, int64_t publish_time,
	enum dt_leaf_kind kind, struct dt_trust *ret_trust, struct ad_err *err)
{
	struct dt_trust trust = { 0 };
	int code = ad_file_mkdirs(ad_printf(arena, "%s/keys", out_dir), err);

	for (enum dt_party who = DT_ROOT; !code && who < DT_PARTIES; who++) {
		struct issue issue = { .party = parties[who] };

		code = load_or_make_key(arena, out_dir, who, &trust.key[who], err);
		if (code)
			break;
		ad_arena_defer(arena, free_key, trust.key[who]);
		issue.key = trust.key[who];
		/* A root's issuer is itself, so its own slot is still empty here. */
		issue.issuer = trust.certificate[parties[who].issuer];
		issue.issuer_key = trust.key[parties[who].issuer];
		issue.not_before = CA_FROM;
		issue.not_after = CA_TO;
		if (issue.party.after) {
			issue.not_before = publish_time - issue.party.before;
			issue.not_after = publish_time + issue.party.after;
		}
		if (who == DT_LEAF)
			bend_leaf(&issue, kind);
		code = open_certificate(arena, out_dir, who, &issue, &trust, err);
		if (trust.certificate[who])
			ad_arena_defer(arena, free_certificate, trust.certificate[who]);
	}
	if (!code)
		*ret_trust = trust;
	return code;
}

static struct ad_json *list_of(struct ad_arena *arena, const char *const *texts, size_t count)
{
	struct ad_json *list = ad_json_new_array(arena);

	for (size_t i = 0; i < count; i++)
		ad_json_append(arena, list, ad_json_new_string(arena, texts[i]));
	return list;
}

int dt_trust_write(struct ad_arena *arena, const char *out_dir, const struct dt_trust *trust,
	struct ad_err *err)
{
	static const char *const ekus[] = { "1.3.6.1.5.5.7.3.3", DT_OID_STORE };
	const char *root = ad_printf(arena, "%s/trust/root.pem", out_dir);
	const char *tsa_root = ad_printf(arena, "%s/trust/timestamp-root.pem", out_dir);
	struct ad_json *profile = ad_json_new_object(arena);
	const char *text;
	int code = ad_file_mkdirs(ad_printf(arena, "%s/trust", out_dir), err);

	if (!code)
		code = save_certificate(root, trust->certificate[DT_ROOT], err);
	if (!code)
		code = save_certificate(tsa_root, trust->certificate[DT_TSA_ROOT], err);
	if (code)
		return code;
	ad_json_set_str(arena, profile, "name", "local tenant");
	ad_json_set(arena, profile, "root_certificates", list_of(arena, &root, 1));
	ad_json_set(arena, profile, "timestamp_root_certificates", list_of(arena, &tsa_root, 1));
	ad_json_set_str(arena, profile, "signer_subject", DT_SIGNER_SUBJECT);
	ad_json_set(
		arena, profile, "signer_eku", list_of(arena, ekus, sizeof(ekus) / sizeof(*ekus)));
	ad_json_set_str(arena, profile, "package_name", DT_PACKAGE_NAME);
	ad_json_set_str(arena, profile, "package_publisher", DT_PUBLISHER);
	text = ad_json_print(arena, profile);
	return ad_file_write(
		ad_printf(arena, "%s/trust/profile.json", out_dir), text, strlen(text), 0644, err);
}
