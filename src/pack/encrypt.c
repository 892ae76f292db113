/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files -> stored ZIP -> AES-256-CBC -> HMAC, in one pass: all sizes are known before the first
 * byte is read (packaging.md 4.2, 10). Only the MAC, which stands first, is written last.
 */
#include "ad/pack/intunewin.h"

#include "ad/archive/zip_store.h"
#include "ad/crypto.h"
#include "ad/file.h"
#include "ad/text.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define FILES_MAX 64u

/* One encryption under way. */
struct pass {
	const struct ad_intunewin_wish *wish;
	struct ad_sha256 *digest;
	struct ad_hmac *hmac;
	struct ad_cbc_encryptor *encryptor;
	int fd;
	uint64_t written; /* bytes of ciphertext */
	uint64_t plain;
	uint64_t total;
	uint8_t *room; /* AD_PACK_CHUNK + one block */
	uint8_t *chunk;
};

static int put(struct pass *pass, const uint8_t *cipher, size_t len, struct ad_err *err)
{
	ad_hmac_update(pass->hmac, cipher, len);
	pass->written += len;
	return ad_file_write_all(pass->fd, cipher, len, err);
}

/* Takes the zip's bytes as they come, in pieces of any size. */
static int on_zip(void *context, const void *data, size_t len, struct ad_err *err)
{
	struct pass *pass = context;
	const uint8_t *bytes = data;
	ad_sha256_update(pass->digest, data, len);
	while (len > 0) {
		size_t part = len < AD_PACK_CHUNK ? len : AD_PACK_CHUNK;
		size_t out = ad_cbc_encryptor_update(pass->encryptor, bytes, part, pass->room);
		int r = put(pass, pass->room, out, err);
		if (r < 0)
			return r;
		bytes += part;
		len -= part;
		pass->plain += part;
	}
	if (pass->wish->keep_going &&
		!pass->wish->keep_going(pass->wish->keep_going_ctx, pass->plain, pass->total))
		return AD_FAIL(err, AD_EBUSY, "packaging was stopped");
	return 0;
}

static int add_path(
	struct pass *pass, struct ad_zip_store *store, const char *path, struct ad_err *err)
{
	AD_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	for (;;) {
		ssize_t got;
		int r = ad_stream_read(fd, pass->chunk, AD_PACK_CHUNK, &got, err);
		if (r == 0 && got > 0)
			r = ad_zip_store_write(store, pass->chunk, (size_t)got, err);
		if (r < 0 || got == 0)
			return r;
	}
}

static int add_files(struct pass *pass, struct ad_zip_store *store, struct ad_err *err)
{
	for (size_t i = 0; i < pass->wish->files_count; i++) {
		const struct ad_intunewin_file *file = &pass->wish->files[i];
		int r = ad_zip_store_next(store, err);
		if (r == 0)
			r = file->path ? add_path(pass, store, file->path, err)
				       : ad_zip_store_write(store, file->data, file->len, err);
		if (r < 0)
			return r;
	}
	return ad_zip_store_finish(store, err);
}

static int plan_zip(struct ad_arena *arena, const struct ad_intunewin_wish *wish,
	struct ad_zip_store **ret, struct ad_err *err)
{
	struct ad_zip_store_file files[FILES_MAX] = { 0 };
	bool has_setup = false;
	if (wish->files_count > FILES_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "more than %u files", FILES_MAX);
	for (size_t i = 0; i < wish->files_count; i++) {
		int64_t size = (int64_t)wish->files[i].len;
		if (wish->files[i].path) {
			int r = ad_file_size(wish->files[i].path, &size, err);
			if (r < 0)
				return r;
		}
		files[i].name = wish->files[i].name;
		files[i].size = (uint64_t)size;
		has_setup |= ad_text_eq(wish->files[i].name, wish->setup_file);
	}
	if (!has_setup)
		return AD_FAIL(err, AD_EINVAL, "the setup file is not among the files");
	int r = ad_zip_store_new(arena, files, wish->files_count, ret, err);
	if (r == 0 && ad_zip_store_total(*ret) > AD_INTUNEWIN_PLAIN_MAX)
		r = AD_FAIL(err, AD_ETOOBIG, "larger than Intune's limit of 30 GiB");
	return r;
}

static int run(struct pass *pass, struct ad_zip_store *store, struct ad_intunewin_info *info,
	struct ad_err *err)
{
	uint8_t last[AD_AES_BLOCK_LEN];
	uint8_t head[AD_INTUNEWIN_HEAD_LEN] = { 0 };

	memcpy(head + AD_INTUNEWIN_MAC_LEN, info->iv, AD_INTUNEWIN_IV_LEN);
	ad_hmac_update(pass->hmac, info->iv, AD_INTUNEWIN_IV_LEN);
	int r = ad_file_write_all(pass->fd, head, sizeof(head), err);
	ad_zip_store_set_sink(store, on_zip, pass);
	if (r == 0)
		r = add_files(pass, store, err);
	if (r < 0)
		return r;
	ad_cbc_encryptor_final(pass->encryptor, last);
	r = put(pass, last, sizeof(last), err);
	if (r < 0)
		return r;
	AD_ASSERT(AD_INTUNEWIN_HEAD_LEN + pass->written == info->size_encrypted);
	ad_sha256_final(pass->digest, info->digest);
	ad_hmac_final(pass->hmac, info->mac);
	if (pwrite(pass->fd, info->mac, AD_INTUNEWIN_MAC_LEN, 0) != (ssize_t)AD_INTUNEWIN_MAC_LEN ||
		fsync(pass->fd) < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", pass->wish->out, strerrordesc_np(errno));
	return 0;
}

static void fresh_keys(struct ad_intunewin_info *info)
{
	ad_crypto_random(info->encryption_key, sizeof(info->encryption_key));
	ad_crypto_random(info->mac_key, sizeof(info->mac_key));
	ad_crypto_random(info->iv, sizeof(info->iv));
}

uint64_t ad_intunewin_encrypted_size(uint64_t size)
{
	return AD_INTUNEWIN_HEAD_LEN + (size / AD_AES_BLOCK_LEN + 1) * AD_AES_BLOCK_LEN;
}

int ad_intunewin_encrypt(struct ad_arena *arena, const struct ad_intunewin_wish *wish,
	struct ad_intunewin_info *ret, struct ad_err *err)
{
	struct ad_zip_store *store;
	int r = plan_zip(arena, wish, &store, err);
	if (r < 0)
		return r;
	struct ad_intunewin_info info = { .setup_file = ad_strdup(arena, wish->setup_file),
		.name = ad_strdup(arena, wish->name) };
	info.size = ad_zip_store_total(store);
	info.size_encrypted = ad_intunewin_encrypted_size(info.size);
	fresh_keys(&info);

	struct ad_stream_out out;
	r = ad_stream_create(arena, wish->out, &out, err);
	if (r < 0)
		return r;
	struct pass pass = { .wish = wish, .fd = out.fd, .total = info.size };
	pass.digest = ad_sha256_new();
	pass.hmac = ad_hmac_new((struct ad_bytes){ info.mac_key, sizeof(info.mac_key) });
	pass.encryptor = ad_cbc_encryptor_new(info.encryption_key, info.iv);
	pass.room = ad_xalloc(AD_PACK_CHUNK + AD_AES_BLOCK_LEN);
	pass.chunk = ad_xalloc(AD_PACK_CHUNK);
	r = run(&pass, store, &info, err);
	ad_sha256_free(pass.digest);
	ad_hmac_free(pass.hmac);
	ad_cbc_encryptor_free(pass.encryptor);
	free(pass.room);
	free(pass.chunk);
	r = ad_stream_finish(&out, r, err);
	if (r == 0)
		*ret = info;
	ad_crypto_wipe(&info, sizeof(info));
	return r;
}
