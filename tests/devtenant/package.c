/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MAC (32 bytes) over the rest, IV (16), AES-256-CBC of a zip. Read in pieces: installers are
 * large. The plain file appears under its name only when everything was right.
 */
#include "package.h"

#include "ad/file.h"
#include "ad/text.h"
#include "crypt.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#define KEY_SIZE 32
#define IV_SIZE 16
#define HEAD_SIZE (DT_SHA256_SIZE + IV_SIZE)
#define PIECE ((size_t)256 << 10)
#define ENTRIES_MAX 100000

struct secrets {
	uint8_t *key, *mac_key, *iv, *mac, *digest;
};

struct reading {
	FILE *in, *out;
	EVP_MAC_CTX *mac;
	EVP_MD_CTX *digest;
	EVP_CIPHER_CTX *cipher;
	int64_t plain_size;
};

static int field(struct ad_arena *arena, const struct ad_json *info, const char *name, size_t size,
	uint8_t **ret, struct ad_err *err)
{
	const char *text = ad_json_str(info, name);
	size_t len = 0;

	if (!text || ad_base64_decode(arena, text, strlen(text), ret, &len) || len != size)
		return AD_FAIL(err, AD_EINTEGRITY, "%s is not %zu bytes of base64", name, size);
	return 0;
}

static int read_secrets(
	struct ad_arena *arena, const struct ad_json *info, struct secrets *ret, struct ad_err *err)
{
	int rc = field(arena, info, "encryptionKey", KEY_SIZE, &ret->key, err);

	if (!rc)
		rc = field(arena, info, "macKey", KEY_SIZE, &ret->mac_key, err);
	if (!rc)
		rc = field(arena, info, "initializationVector", IV_SIZE, &ret->iv, err);
	if (!rc)
		rc = field(arena, info, "mac", DT_SHA256_SIZE, &ret->mac, err);
	if (!rc)
		rc = field(arena, info, "fileDigest", DT_SHA256_SIZE, &ret->digest, err);
	if (rc)
		return rc;
	if (dt_same_bytes(ret->key, ret->mac_key, KEY_SIZE))
		return AD_FAIL(err, AD_EINTEGRITY, "the MAC key is the encryption key");
	if (!ad_text_eq(ad_json_str(info, "profileIdentifier"), "ProfileVersion1"))
		return AD_FAIL(err, AD_EINTEGRITY, "profileIdentifier is not ProfileVersion1");
	if (!ad_text_eq(ad_json_str(info, "fileDigestAlgorithm"), "SHA256"))
		return AD_FAIL(err, AD_EINTEGRITY, "fileDigestAlgorithm is not SHA256");
	return 0;
}

/* Decrypted bytes go to the digest and to the file. */
static bool put(struct reading *reading, const uint8_t *data, int len)
{
	reading->plain_size += len;
	return EVP_DigestUpdate(reading->digest, data, (size_t)len) == 1 &&
	       fwrite(data, 1, (size_t)len, reading->out) == (size_t)len;
}

static int decrypt_stream(struct reading *reading, struct ad_err *err)
{
	static uint8_t cipher[PIECE], plain[PIECE + IV_SIZE];
	size_t got;
	int len;

	while ((got = fread(cipher, 1, sizeof(cipher), reading->in))) {
		EVP_MAC_update(reading->mac, cipher, got);
		if (EVP_DecryptUpdate(reading->cipher, plain, &len, cipher, (int)got) != 1 ||
			!put(reading, plain, len))
			return AD_FAIL(err, AD_EINTEGRITY, "the file cannot be decrypted");
	}
	if (EVP_DecryptFinal_ex(reading->cipher, plain, &len) != 1 || !put(reading, plain, len))
		return AD_FAIL(err, AD_EINTEGRITY, "the padding is wrong: other key or cut file");
	return 0;
}

/* The two sums, after the last byte. */
static int compare(
	struct reading *reading, const struct secrets *secrets, int64_t size, struct ad_err *err)
{
	uint8_t sum[EVP_MAX_MD_SIZE];
	size_t mac_len = 0;
	unsigned len = 0;

	EVP_MAC_final(reading->mac, sum, &mac_len, sizeof(sum));
	if (!dt_same_bytes(sum, secrets->mac, DT_SHA256_SIZE))
		return AD_FAIL(err, AD_EINTEGRITY, "the MAC does not fit");
	EVP_DigestFinal_ex(reading->digest, sum, &len);
	if (!dt_same_bytes(sum, secrets->digest, DT_SHA256_SIZE))
		return AD_FAIL(err, AD_EINTEGRITY, "fileDigest is not that of the plain file");
	if (reading->plain_size != size)
		return AD_FAIL(err, AD_EINTEGRITY, "size is %lld, the plain file has %lld bytes",
			(long long)size, (long long)reading->plain_size);
	return 0;
}

static int decrypt_file(
	struct reading *reading, const struct secrets *secrets, int64_t size, struct ad_err *err)
{
	uint8_t head[HEAD_SIZE];

	if (fread(head, 1, sizeof(head), reading->in) != sizeof(head))
		return AD_FAIL(err, AD_EINTEGRITY, "the file is shorter than MAC and IV");
	if (!dt_same_bytes(head, secrets->mac, DT_SHA256_SIZE))
		return AD_FAIL(err, AD_EINTEGRITY, "the file does not begin with the MAC");
	if (!dt_same_bytes(head + DT_SHA256_SIZE, secrets->iv, IV_SIZE))
		return AD_FAIL(err, AD_EINTEGRITY, "the IV does not follow the MAC");
	char name[] = "SHA256";
	OSSL_PARAM params[] = { OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_END };
	EVP_MAC_init(reading->mac, secrets->mac_key, KEY_SIZE, params);
	EVP_MAC_update(reading->mac, secrets->iv, IV_SIZE);
	EVP_DigestInit_ex(reading->digest, EVP_sha256(), NULL);
	EVP_DecryptInit_ex(reading->cipher, EVP_aes_256_cbc(), NULL, secrets->key, secrets->iv);
	int rc = decrypt_stream(reading, err);
	return rc ? rc : compare(reading, secrets, size, err);
}

/* Opens both files and what reads them, and closes all of it. */
static int decrypt_to(const struct dt_package *package, const struct secrets *secrets,
	const char *part, struct ad_err *err)
{
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	struct reading reading = {
		.in = fopen(package->path, "rbe"),
		.out = fopen(part, "wbe"),
		.mac = EVP_MAC_CTX_new(hmac),
		.digest = EVP_MD_CTX_new(),
		.cipher = EVP_CIPHER_CTX_new(),
	};
	int rc = reading.in && reading.out ? decrypt_file(&reading, secrets, package->size, err)
					   : AD_FAIL(err, AD_EIO, "%s: %s", part, strerror(errno));

	EVP_CIPHER_CTX_free(reading.cipher);
	EVP_MD_CTX_free(reading.digest);
	EVP_MAC_CTX_free(reading.mac);
	EVP_MAC_free(hmac);
	if (reading.in)
		fclose(reading.in);
	if (reading.out && fclose(reading.out) && !rc)
		rc = AD_FAIL(err, AD_EIO, "%s: %s", part, strerror(errno));
	return rc;
}

int dt_package_decrypt(struct ad_arena *arena, const struct dt_package *package, struct ad_err *err)
{
	struct secrets secrets = { NULL, NULL, NULL, NULL, NULL };
	const char *part = ad_printf(arena, "%s.part", package->plain_path);
	int64_t size = 0;
	int rc = ad_file_size(package->path, &size, err);

	if (rc)
		return AD_FAIL(err, AD_EINTEGRITY, "nothing was uploaded");
	if (size != package->size_encrypted)
		return AD_FAIL(err, AD_EINTEGRITY, "sizeEncrypted is %lld, uploaded were %lld",
			(long long)package->size_encrypted, (long long)size);
	rc = read_secrets(arena, package->info, &secrets, err);
	if (!rc)
		rc = decrypt_to(package, &secrets, part, err);
	if (!rc && rename(part, package->plain_path))
		rc = AD_FAIL(err, AD_EIO, "%s: %s", part, strerror(errno));
	if (rc)
		unlink(part);
	return rc;
}

static int hash_entry(struct ad_arena *arena, zip_t *zip, zip_uint64_t index,
	struct ad_json *entries, struct ad_err *err)
{
	static uint8_t piece[PIECE];
	uint8_t sum[EVP_MAX_MD_SIZE];
	const char *name = zip_get_name(zip, index, ZIP_FL_ENC_STRICT);
	zip_file_t *file = name ? zip_fopen_index(zip, index, 0) : NULL;
	struct ad_json *entry = ad_json_new_object(arena);
	int64_t size = 0;
	zip_int64_t got = 0;

	if (!file)
		return AD_FAIL(err, AD_EINTEGRITY, "zip entry %llu cannot be opened",
			(unsigned long long)index);
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
	while ((got = zip_fread(file, piece, sizeof(piece))) > 0) {
		EVP_DigestUpdate(digest, piece, (size_t)got);
		size += got;
	}
	EVP_DigestFinal_ex(digest, sum, NULL);
	EVP_MD_CTX_free(digest);
	zip_fclose(file);
	if (got < 0)
		return AD_FAIL(err, AD_EINTEGRITY, "zip entry '%s' is damaged", name);
	ad_json_set_str(arena, entry, "name", name);
	ad_json_set_int(arena, entry, "size", size);
	ad_json_set_str(arena, entry, "sha256", ad_hex(arena, sum, DT_SHA256_SIZE));
	ad_json_append(arena, entries, entry);
	return 0;
}

int dt_package_entries(struct ad_arena *arena, const char *plain_path, struct ad_json **ret_entries,
	struct ad_err *err)
{
	int code = 0;
	zip_t *zip = zip_open(plain_path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
	struct ad_json *entries = ad_json_new_array(arena);
	int rc = 0;

	if (!zip)
		return AD_FAIL(err, AD_EINTEGRITY, "the plain file is no sound zip (%d)", code);
	zip_int64_t count = zip_get_num_entries(zip, 0);
	if (count > ENTRIES_MAX)
		rc = AD_FAIL(err, AD_ETOOBIG, "the zip has too many entries");
	for (zip_int64_t i = 0; !rc && i < count; i++)
		rc = hash_entry(arena, zip, (zip_uint64_t)i, entries, err);
	zip_discard(zip);
	*ret_entries = entries;
	return rc;
}
