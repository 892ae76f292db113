/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one installer inside a zip. A reader opens the zip, which is checked whole before a byte is
 * inflated (ad/archive/zip.h), and writes that one entry to a file of ours: where it lands and what
 * it is called is no word of the zip's.
 */
#include "ad/pack.h"

#include "ad/archive/zip.h"
#include "ad/crypto.h"
#include "ad/file.h"
#include "ad/sandbox/reader.h"

#include <errno.h>
#include <fcntl.h>

#define PIECE ((size_t)64 << 10)

/* ---- in the reader ---- */

static int write_piece(void *context, const void *data, size_t len, struct ad_err *err)
{
	const int *fd = context;
	return ad_file_write_all(*fd, data, len, err);
}

static int answer(struct ad_arena *arena, void **state, const struct ad_json *question,
	struct ad_bytes bytes, struct ad_json **ret, struct ad_err *err)
{
	static const struct ad_zip_limits limits = { .entries = AD_PACK_NESTED_ENTRIES_MAX,
		.entry_bytes = AD_PACK_NESTED_MAX,
		.total_bytes = AD_PACK_NESTED_TOTAL_MAX };
	const char *path = ad_json_str(question, "path");
	const char *name = ad_json_str(question, "name");
	struct ad_zip *zip;
	int fd = ad_reader_output();
	(void)state;
	(void)bytes;
	int r = ad_zip_open(arena, path ? path : "", &limits, &zip, err);
	if (r < 0)
		return r;
	const struct ad_zip_entry *entry = ad_zip_find(zip, name ? name : "");
	if (!entry || entry->folder)
		return AD_FAIL(err, AD_EINVAL, "the zip has no file '%.200s' in it", name);
	*ret = ad_json_new_object(arena);
	ad_json_set_int(arena, *ret, "size", (int64_t)entry->size);
	return ad_zip_stream(zip, entry, write_piece, &fd, err);
}

const struct ad_reader_kind ad_pack_nested_reader = {
	.name = "nested",
	.refusal = "the zip around the installer cannot be read",
	.memory_max = (size_t)512 << 20,
	.cpu_s = 300,
	.answer_ms = 600000,
	.output_max = AD_PACK_NESTED_MAX,
	.answer = answer,
};

/* ---- in the service ---- */

/* *ret: how much it says to have written. */
static int ask(struct ad_arena *arena, const char *zip, const char *name, int out, int64_t *ret,
	struct ad_err *err)
{
	struct ad_json *about = ad_json_new_object(arena);
	struct ad_json *said;
	ad_json_set_str(arena, about, "name", name);
	int r = ad_reader_once(arena, &ad_pack_nested_reader, zip, about, out, &said, err);
	*ret = r == 0 ? ad_json_int(said, "size", 0) : 0;
	/* Nobody who asked can mend what the publisher has published. */
	if (r < 0 && err && err->class == AD_CLASS_CALLER)
		err->class = AD_CLASS_PERMANENT;
	return r;
}

/* What lies there once the reader has ended. */
static int hash_file(int fd, struct ad_pack_nested *ret, struct ad_err *err)
{
	static _Thread_local uint8_t piece[PIECE];
	struct ad_sha256 *sha = ad_sha256_new();
	ssize_t got;
	off_t at = 0;
	while ((got = pread(fd, piece, sizeof piece, at)) > 0) {
		ad_sha256_update(sha, piece, (size_t)got);
		at += got;
	}
	ad_sha256_final(sha, ret->sha256);
	ad_sha256_free(sha);
	ret->size = (uint64_t)at;
	return got == 0 ? 0 : AD_FAIL(err, AD_EIO, "installer: %s", strerrordesc_np(errno));
}

int ad_pack_nested_extract(struct ad_arena *arena, const char *zip, const char *name,
	const char *out, struct ad_pack_nested *ret, struct ad_err *err)
{
	if (unlink(out) != 0 && errno != ENOENT)
		return AD_FAIL(err, AD_EIO, "%s: %s", out, strerrordesc_np(errno));
	AD_AUTO_FD int fd = open(out, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", out, strerrordesc_np(errno));
	int64_t written;
	int r = ask(arena, zip, name, fd, &written, err);
	if (r == 0 && fsync(fd) != 0)
		r = AD_FAIL(err, AD_EIO, "%s: %s", out, strerrordesc_np(errno));
	if (r == 0)
		r = hash_file(fd, ret, err);
	/* Whatever else ends up in its descriptor 2, which a library may take for its own. */
	if (r == 0 && ret->size != (uint64_t)written)
		r = AD_FAIL(err, AD_EIO, "the installer inside the zip is not what came out of it");
	if (r == 0 && ret->size == 0)
		r = AD_FAIL(err, AD_EINVAL, "the installer inside the zip is empty");
	if (r < 0)
		(void)unlink(out);
	return r;
}
