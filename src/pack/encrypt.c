/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files -> stored ZIP -> AES-256-CBC -> HMAC, in one pass: all sizes are known before the first
 * byte is read (packaging.md 4.2, 10). The caller's thread reads and hashes; a lane encrypts, and a
 * second one authenticates and writes. Only the MAC, which stands first, is written last.
 */
#include "encrypt.h"

#include "ad/file.h"
#include "ad/text.h"
#include "lane.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define FLUSH_BYTES ((uint64_t)32 << 20) /* of ciphertext, after which the disk begins */
#define PIECE_MAX (AD_PACK_CHUNK + AD_AES_BLOCK_LEN)

/* One encryption under way: the caller's thread. */
struct pass {
	const struct ad_intunewin_wish *wish;
	struct ad_sha256 *digest;
	struct ad_lane *lane; /* to middle */
	uint64_t plain;
	uint64_t total;
	uint8_t *chunk;
};

/* The same encryption: the lane that encrypts. */
struct middle {
	const char *out;
	struct ad_cbc_encryptor *encryptor;
	struct ad_lane *lane; /* to tail */
};

/* The same encryption: the last lane. */
struct tail {
	struct ad_hmac *hmac;
	int fd;
	uint64_t written; /* bytes of ciphertext */
	uint64_t flushed; /* of them, those that the disk was told to begin with */
	uint32_t crc;     /* of them */
};

static int authenticate_and_write(void *ctx, const uint8_t *data, size_t len, struct ad_err *err)
{
	struct tail *tail = ctx;
	ad_hmac_update(tail->hmac, data, len);
	tail->crc = ad_zip_crc32(tail->crc, data, len);
	tail->written += len;
	int r = ad_file_write_all(tail->fd, data, len, err);
	if (r == 0 && tail->written - tail->flushed >= FLUSH_BYTES) {
		/* The disk begins meanwhile, not when all is there; it is synced at the end. */
		(void)sync_file_range(tail->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
		tail->flushed = tail->written;
	}
	return r;
}

/* An empty piece of the lane; its thread says why there is none. */
static int next_piece(
	struct ad_lane *lane, const char *out, struct ad_lane_piece **ret, struct ad_err *err)
{
	*ret = ad_lane_next(lane);
	return *ret ? 0 : AD_FAIL(err, AD_EIO, "%s: writing failed", out);
}

static int encrypt_piece(void *ctx, const uint8_t *data, size_t len, struct ad_err *err)
{
	struct middle *middle = ctx;
	struct ad_lane_piece *piece;
	int r = next_piece(middle->lane, middle->out, &piece, err);
	if (r < 0)
		return r;
	piece->len = ad_cbc_encryptor_update(middle->encryptor, data, len, piece->room);
	ad_lane_send(middle->lane, piece);
	return 0;
}

/* Behind the last byte: the padding. */
static int encrypt_end(struct middle *middle, struct ad_err *err)
{
	struct ad_lane_piece *piece;
	int r = next_piece(middle->lane, middle->out, &piece, err);
	if (r < 0)
		return r;
	ad_cbc_encryptor_final(middle->encryptor, piece->room);
	piece->len = AD_AES_BLOCK_LEN;
	ad_lane_send(middle->lane, piece);
	return 0;
}

/* Takes the zip's bytes as they come, in pieces of any size. */
static int on_zip(void *context, const void *data, size_t len, struct ad_err *err)
{
	struct pass *pass = context;
	const uint8_t *bytes = data;
	ad_sha256_update(pass->digest, data, len);
	while (len > 0) {
		struct ad_lane_piece *piece;
		size_t part = len < AD_PACK_CHUNK ? len : AD_PACK_CHUNK;
		int r = next_piece(pass->lane, pass->wish->out, &piece, err);
		if (r < 0)
			return r;
		memcpy(piece->room, bytes, part);
		piece->len = part;
		ad_lane_send(pass->lane, piece);
		bytes += part;
		len -= part;
		pass->plain += part;
	}
	if (pass->wish->keep_going &&
		!pass->wish->keep_going(pass->wish->keep_going_ctx, pass->plain, pass->total))
		return AD_FAIL(err, AD_EBUSY, "packaging was stopped");
	return 0;
}

/* Up to the end of the file, or of its part. */
static int copy_path(struct pass *pass, struct ad_zip_store *store, int fd, uint64_t left,
	struct ad_sha256 *sha, struct ad_err *err)
{
	while (left > 0) {
		ssize_t got;
		size_t room = left < AD_PACK_CHUNK ? (size_t)left : AD_PACK_CHUNK;
		int r = ad_stream_read(fd, pass->chunk, room, &got, err);
		if (r < 0 || got == 0)
			return r;
		left -= (uint64_t)got;
		if (sha)
			ad_sha256_update(sha, pass->chunk, (size_t)got);
		r = ad_zip_store_write(store, pass->chunk, (size_t)got, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_path(struct pass *pass, struct ad_zip_store *store,
	const struct ad_intunewin_file *file, struct ad_err *err)
{
	uint8_t found[AD_SHA256_LEN];
	AD_AUTO_FD int fd = open(file->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || (file->is_part && lseek(fd, (off_t)file->part_at, SEEK_SET) < 0))
		return AD_FAIL(err, AD_EIO, "%s: %s", file->path, strerrordesc_np(errno));
	uint64_t most = file->is_part ? file->part_len : UINT64_MAX;
	if (!file->sha256)
		return copy_path(pass, store, fd, most, NULL, err);
	struct ad_sha256 *sha = ad_sha256_new();
	int r = copy_path(pass, store, fd, most, sha, err);
	ad_sha256_final(sha, found);
	ad_sha256_free(sha);
	if (r == 0 && memcmp(found, file->sha256, sizeof(found)) != 0)
		r = AD_FAIL(err, AD_EINTEGRITY, "%s is not the file that was verified any more",
			file->name);
	return r;
}

static int add_files(struct pass *pass, struct ad_zip_store *store, struct ad_err *err)
{
	for (size_t i = 0; i < pass->wish->files_count; i++) {
		const struct ad_intunewin_file *file = &pass->wish->files[i];
		int r = ad_zip_store_next(store, err);
		if (r == 0)
			r = file->path ? add_path(pass, store, file, err)
				       : ad_zip_store_write(store, file->data, file->len, err);
		if (r < 0)
			return r;
	}
	return ad_zip_store_finish(store, err);
}

static int size_of(const struct ad_intunewin_file *file, uint64_t *ret, struct ad_err *err)
{
	int64_t size = 0;
	int r = file->path && !file->is_part ? ad_file_size(file->path, &size, err) : 0;
	*ret = file->is_part ? file->part_len : file->path ? (uint64_t)size : file->len;
	return r;
}

static int plan_zip(struct ad_arena *arena, const struct ad_intunewin_wish *wish,
	struct ad_zip_store **ret, struct ad_err *err)
{
	struct ad_zip_store_file *files = ad_alloc_array(arena, wish->files_count, sizeof *files);
	bool has_setup = false;
	if (wish->files_count > AD_INTUNEWIN_FILES_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "more than %u files", AD_INTUNEWIN_FILES_MAX);
	for (size_t i = 0; i < wish->files_count; i++) {
		int r = size_of(&wish->files[i], &files[i].size, err);
		if (r < 0)
			return r;
		files[i].name = wish->files[i].name;
		has_setup |= ad_text_eq(wish->files[i].name, wish->setup_file);
	}
	if (!has_setup)
		return AD_FAIL(err, AD_EINVAL, "the setup file is not among the files");
	int r = ad_zip_store_new(arena, files, wish->files_count, ret, err);
	if (r == 0 && ad_zip_store_total(*ret) > AD_INTUNEWIN_PLAIN_MAX)
		r = AD_FAIL(err, AD_ETOOBIG, "larger than Intune's limit of 30 GiB");
	return r;
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

int ad_pack_encryption_plan(struct ad_arena *arena, const struct ad_intunewin_wish *wish,
	struct ad_pack_encryption *ret, struct ad_err *err)
{
	ret->wish = wish;
	ret->info = (struct ad_intunewin_info){ .setup_file = ad_strdup(arena, wish->setup_file),
		.name = ad_strdup(arena, wish->name) };
	int r = plan_zip(arena, wish, &ret->store, err);
	if (r < 0)
		return r;
	ret->info.size = ad_zip_store_total(ret->store);
	ret->info.size_encrypted = ad_intunewin_encrypted_size(ret->info.size);
	fresh_keys(&ret->info);
	return 0;
}

/* Reads, hashes, and hands over; then waits until all of it is encrypted. */
static int feed(
	struct pass *pass, struct ad_zip_store *store, struct middle *middle, struct ad_err *err)
{
	struct ad_err lane_err = { 0 };
	int r = ad_lane_start(AD_PACK_CHUNK, encrypt_piece, middle, &pass->lane, err);
	if (r < 0)
		return r;
	ad_zip_store_set_sink(store, on_zip, pass);
	r = add_files(pass, store, err);
	int lane_r = ad_lane_end(pass->lane, &lane_err);
	if (lane_r < 0 && err)
		*err = lane_err; /* the cause of what this thread met */
	if (lane_r < 0)
		return lane_r;
	return r == 0 ? encrypt_end(middle, err) : r;
}

/* All threads, until the last byte of ciphertext is written. */
static int run_pass(struct ad_pack_encryption *encryption, struct tail *tail, struct ad_err *err)
{
	struct ad_intunewin_info *info = &encryption->info;
	struct ad_err lane_err = { 0 };
	struct pass pass = { .wish = encryption->wish, .total = info->size };
	struct middle middle = { .out = encryption->wish->out };
	int r = ad_lane_start(PIECE_MAX, authenticate_and_write, tail, &middle.lane, err);
	if (r < 0)
		return r;
	pass.digest = ad_sha256_new();
	middle.encryptor = ad_cbc_encryptor_new(info->encryption_key, info->iv);
	pass.chunk = ad_xalloc(AD_PACK_CHUNK);
	r = feed(&pass, encryption->store, &middle, err);
	int lane_r = ad_lane_end(middle.lane, &lane_err);
	if (r == 0)
		ad_sha256_final(pass.digest, info->digest);
	ad_sha256_free(pass.digest);
	ad_cbc_encryptor_free(middle.encryptor);
	free(pass.chunk);
	if (lane_r < 0 && err)
		*err = lane_err; /* the cause of what the other threads met */
	return lane_r < 0 ? lane_r : r;
}

static int write_head(struct ad_pack_encryption *encryption, struct tail *tail, struct ad_err *err)
{
	uint8_t head[AD_INTUNEWIN_HEAD_LEN] = { 0 };
	memcpy(head + AD_INTUNEWIN_MAC_LEN, encryption->info.iv, AD_INTUNEWIN_IV_LEN);
	ad_hmac_update(tail->hmac, encryption->info.iv, AD_INTUNEWIN_IV_LEN);
	return ad_file_write_all(tail->fd, head, sizeof(head), err);
}

/* The MAC to its place at the beginning; the CRC of the whole. */
static int write_mac(struct ad_pack_encryption *encryption, struct tail *tail, off_t begin,
	uint32_t *ret_crc, struct ad_err *err)
{
	struct ad_intunewin_info *info = &encryption->info;
	AD_ASSERT(AD_INTUNEWIN_HEAD_LEN + tail->written == info->size_encrypted);
	ad_hmac_final(tail->hmac, info->mac);
	if (pwrite(tail->fd, info->mac, AD_INTUNEWIN_MAC_LEN, begin) !=
		(ssize_t)AD_INTUNEWIN_MAC_LEN)
		return AD_FAIL(
			err, AD_EIO, "%s: %s", encryption->wish->out, strerrordesc_np(errno));
	uint32_t crc = ad_zip_crc32(0, info->mac, AD_INTUNEWIN_MAC_LEN);
	crc = ad_zip_crc32(crc, info->iv, AD_INTUNEWIN_IV_LEN);
	*ret_crc = ad_zip_crc32_join(crc, tail->crc, tail->written);
	return 0;
}

int ad_pack_encryption_run(
	struct ad_pack_encryption *encryption, int fd, uint32_t *ret_crc, struct ad_err *err)
{
	struct ad_intunewin_info *info = &encryption->info;
	off_t begin = lseek(fd, 0, SEEK_CUR);
	if (begin < 0)
		return AD_FAIL(
			err, AD_EIO, "%s: %s", encryption->wish->out, strerrordesc_np(errno));
	struct tail tail = { .fd = fd };
	tail.hmac = ad_hmac_new((struct ad_bytes){ info->mac_key, sizeof(info->mac_key) });
	int r = write_head(encryption, &tail, err);
	if (r == 0)
		r = run_pass(encryption, &tail, err);
	if (r == 0)
		r = write_mac(encryption, &tail, begin, ret_crc, err);
	ad_hmac_free(tail.hmac);
	return r;
}

int ad_intunewin_encrypt(struct ad_arena *arena, const struct ad_intunewin_wish *wish,
	struct ad_intunewin_info *ret, struct ad_err *err)
{
	struct ad_pack_encryption encryption;
	struct ad_stream_out out;
	uint32_t crc;
	int r = ad_pack_encryption_plan(arena, wish, &encryption, err);
	if (r < 0)
		return r;
	r = ad_stream_create(arena, wish->out, &out, err);
	if (r == 0)
		r = ad_stream_finish(
			&out, ad_pack_encryption_run(&encryption, out.fd, &crc, err), err);
	if (r == 0)
		*ret = encryption.info;
	ad_crypto_wipe(&encryption.info, sizeof(encryption.info));
	return r;
}
