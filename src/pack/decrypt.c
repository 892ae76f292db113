/* SPDX-License-Identifier: Apache-2.0 */
/* The encrypted file back to the plain zip: nothing is decrypted before the MAC has been checked.
 */
#include "ad/pack/intunewin.h"

#include "ad/crypto.h"
#include "ad/file.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int rewind_to(int fd, off_t offset, struct ad_err *err)
{
	if (lseek(fd, offset, SEEK_SET) != offset)
		return AD_FAIL(err, AD_EIO, "seeking: %s", strerrordesc_np(errno));
	return 0;
}

/* Sizes, then MAC over IV and ciphertext; fd stands anywhere. */
static int check_mac(
	int fd, const struct ad_intunewin_info *info, uint8_t *chunk, struct ad_err *err)
{
	struct stat st;
	uint8_t head[AD_INTUNEWIN_HEAD_LEN];
	uint8_t mac[AD_INTUNEWIN_MAC_LEN];

	if (fstat(fd, &st) < 0)
		return AD_FAIL(err, AD_EIO, "stat: %s", strerrordesc_np(errno));
	if (info->size > AD_INTUNEWIN_PLAIN_MAX ||
		(uint64_t)st.st_size != ad_intunewin_encrypted_size(info->size))
		return AD_FAIL(err, AD_EINTEGRITY, "encrypted file has %lld bytes, not %llu",
			(long long)st.st_size,
			(unsigned long long)ad_intunewin_encrypted_size(info->size));
	if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return AD_FAIL(err, AD_EIO, "reading: %s", strerrordesc_np(errno));
	if (!ad_crypto_equal(head, info->mac, AD_INTUNEWIN_MAC_LEN) ||
		!ad_crypto_equal(head + AD_INTUNEWIN_MAC_LEN, info->iv, AD_INTUNEWIN_IV_LEN))
		return AD_FAIL(err, AD_EINTEGRITY, "MAC or IV is not the one that was announced");

	struct ad_hmac *hmac =
		ad_hmac_new((struct ad_bytes){ info->mac_key, sizeof(info->mac_key) });
	int r = rewind_to(fd, AD_INTUNEWIN_MAC_LEN, err);
	ssize_t got = 1;
	while (r == 0 && got > 0) {
		r = ad_stream_read(fd, chunk, AD_PACK_CHUNK, &got, err);
		if (r == 0)
			ad_hmac_update(hmac, chunk, (size_t)got);
	}
	ad_hmac_final(hmac, mac);
	ad_hmac_free(hmac);
	if (r == 0 && !ad_crypto_equal(mac, info->mac, sizeof(mac)))
		r = AD_FAIL(err, AD_EINTEGRITY, "the MAC does not fit the content");
	return r;
}

/* The ciphertext from fd as plain bytes to out; *ret_len is how many. */
static int decrypt(int fd, int out, struct ad_cbc_decryptor *decryptor, struct ad_sha256 *sha,
	uint64_t *ret_len, struct ad_err *err)
{
	uint8_t last[AD_AES_BLOCK_LEN];
	uint8_t *chunk = ad_xalloc(AD_PACK_CHUNK);
	uint8_t *plain = ad_xalloc(AD_PACK_CHUNK + AD_AES_BLOCK_LEN);
	size_t len = 0;
	ssize_t got = 1;
	int r = rewind_to(fd, AD_INTUNEWIN_HEAD_LEN, err);

	*ret_len = 0;
	while (r == 0 && got > 0) {
		r = ad_stream_read(fd, chunk, AD_PACK_CHUNK, &got, err);
		if (r < 0)
			break;
		len = ad_cbc_decryptor_update(decryptor, chunk, (size_t)got, plain);
		ad_sha256_update(sha, plain, len);
		*ret_len += len;
		r = ad_file_write_all(out, plain, len, err);
	}
	if (r == 0)
		r = ad_cbc_decryptor_final(decryptor, last, &len, err);
	if (r == 0) {
		ad_sha256_update(sha, last, len);
		*ret_len += len;
		r = ad_file_write_all(out, last, len, err);
	}
	ad_crypto_wipe(plain, AD_PACK_CHUNK);
	free(plain);
	free(chunk);
	return r;
}

static int write_plain(int fd, int out, const struct ad_intunewin_info *info, struct ad_err *err)
{
	uint8_t digest[AD_SHA256_LEN];
	uint64_t len;
	struct ad_sha256 *sha = ad_sha256_new();
	struct ad_cbc_decryptor *decryptor = ad_cbc_decryptor_new(info->encryption_key, info->iv);
	int r = decrypt(fd, out, decryptor, sha, &len, err);
	ad_sha256_final(sha, digest);
	ad_sha256_free(sha);
	ad_cbc_decryptor_free(decryptor);
	if (r == 0 && len != info->size)
		r = AD_FAIL(err, AD_EINTEGRITY, "plain zip has %llu bytes, not %llu",
			(unsigned long long)len, (unsigned long long)info->size);
	if (r == 0 && !ad_crypto_equal(digest, info->digest, sizeof(digest)))
		r = AD_FAIL(err, AD_EINTEGRITY, "the digest does not fit the plain zip");
	return r;
}

int ad_intunewin_decrypt(
	const char *path, const struct ad_intunewin_info *info, const char *out, struct ad_err *err)
{
	AD_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	uint8_t *chunk = ad_xalloc(AD_PACK_CHUNK);
	int r = check_mac(fd, info, chunk, err);
	free(chunk);
	if (r < 0)
		return r;
	struct ad_arena *arena = ad_arena_new();
	struct ad_stream_out plain;
	r = ad_stream_create(arena, out, &plain, err);
	if (r == 0)
		r = ad_stream_finish(&plain, write_plain(fd, plain.fd, info, err), err);
	ad_arena_free(arena);
	return r;
}
