/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one installer inside a zip, and the files that it finds beside it. A reader opens the zip,
 * which is checked whole before a byte is inflated (ad/archive/zip.h), and writes the content of
 * them, one after the other, to a file of ours; then that is taken apart. Where it lands is no word
 * of the zip's, and what it is called there is used in the package alone.
 */
#include "ad/pack.h"

#include "ad/archive/zip.h"
#include "ad/crypto.h"
#include "ad/file.h"
#include "ad/sandbox/reader.h"
#include "ad/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define PIECE ((size_t)64 << 10)

/* ---- in the reader ---- */

static int write_piece(void *context, const void *data, size_t len, struct ad_err *err)
{
	const int *fd = context;
	return ad_file_write_all(*fd, data, len, err);
}

/* What the installer calls a file in its folder or below; NULL: it lies elsewhere, or is the
 * installer. */
static const char *name_beside(const struct ad_zip_entry *entry, const char *installer)
{
	size_t folder = (size_t)(ad_file_name(installer) - installer);
	bool is_there = !entry->folder && strncmp(entry->name, installer, folder) == 0;
	return is_there && !ad_text_eq(entry->name, installer) ? entry->name + folder : NULL;
}

static int write_beside(struct ad_arena *arena, struct ad_zip *zip, const char *installer,
	struct ad_json *list, struct ad_err *err)
{
	int fd = ad_reader_output();
	size_t count = 0;
	for (size_t i = 0; i < ad_zip_count(zip); i++) {
		const struct ad_zip_entry *entry = ad_zip_at(zip, i);
		const char *name = name_beside(entry, installer);
		if (!name)
			continue;
		if (++count > AD_PACK_BESIDE_MAX)
			return AD_FAIL(err, AD_ETOOBIG,
				"the zip has more than %u files beside the installer",
				AD_PACK_BESIDE_MAX);
		struct ad_json *file = ad_json_new_object(arena);
		ad_json_set_str(arena, file, "name", name);
		ad_json_set_int(arena, file, "size", (int64_t)entry->size);
		ad_json_append(arena, list, file);
		int r = ad_zip_stream(zip, entry, write_piece, &fd, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int answer(struct ad_arena *arena, void **state, const struct ad_json *question,
	struct ad_bytes bytes, struct ad_json **ret, struct ad_err *err)
{
	static const struct ad_zip_limits limits = { .entries = AD_PACK_NESTED_ENTRIES_MAX,
		.entry_bytes = AD_PACK_NESTED_MAX,
		.total_bytes = AD_PACK_NESTED_TOTAL_MAX };
	const char *path = ad_json_str(question, "path");
	const char *name = ad_json_str(question, "name");
	struct ad_json *beside = ad_json_new_array(arena);
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
	ad_json_set(arena, *ret, "beside", beside);
	r = ad_zip_stream(zip, entry, write_piece, &fd, err);
	return r == 0 ? write_beside(arena, zip, name, beside, err) : r;
}

const struct ad_reader_kind ad_pack_nested_reader = {
	.name = "nested",
	.refusal = "the zip around the installer cannot be read",
	.memory_max = (size_t)512 << 20,
	.cpu_s = 300,
	.answer_ms = 600000,
	.output_max = AD_PACK_NESTED_TOTAL_MAX,
	.answer = answer,
};

/* ---- in the service: what it says ---- */

static int not_believed(struct ad_err *err)
{
	return AD_FAIL(err, AD_EIO, "the files inside the zip are not what came out of it");
}

/* The descriptor that it writes to is one that a library in there may take for its own. */
static int read_beside(struct ad_arena *arena, const struct ad_json *list,
	struct ad_pack_nested *ret, struct ad_err *err)
{
	size_t count = ad_json_count(list);
	struct ad_pack_beside *files = ad_alloc_array(arena, count, sizeof *files);
	uint64_t offset = 0;
	if (count > AD_PACK_BESIDE_MAX)
		return not_believed(err);
	const struct ad_json *file = ad_json_first(list);
	for (size_t i = 0; i < count; i++, file = ad_json_next(file)) {
		const char *name = ad_json_str(file, "name");
		int64_t size = ad_json_int(file, "size", -1);
		if (!name || ad_zip_name_check(name, strlen(name), NULL) < 0 || size < 0 ||
			(uint64_t)size > AD_PACK_NESTED_TOTAL_MAX)
			return not_believed(err);
		files[i] = (struct ad_pack_beside){
			.name = ad_strdup(arena, name), .offset = offset, .size = (uint64_t)size
		};
		offset += (uint64_t)size;
	}
	ret->beside = files;
	ret->beside_count = count;
	return 0;
}

static int ask(struct ad_arena *arena, const struct ad_pack_nested_wish *wish, int out,
	struct ad_pack_nested *ret, struct ad_err *err)
{
	struct ad_json *about = ad_json_new_object(arena);
	struct ad_json *said;
	ad_json_set_str(arena, about, "name", wish->name);
	int r = ad_reader_once(arena, &ad_pack_nested_reader, wish->zip, about, out, &said, err);
	/* Nobody who asked can mend what the publisher has published. */
	if (r < 0 && err && err->class == AD_CLASS_CALLER)
		err->class = AD_CLASS_PERMANENT;
	if (r < 0)
		return r;
	int64_t size = ad_json_int(said, "size", -1);
	if (size < 0 || (uint64_t)size > AD_PACK_NESTED_MAX)
		return not_believed(err);
	ret->size = (uint64_t)size;
	return read_beside(arena, ad_json_get(said, "beside"), ret, err);
}

uint64_t ad_pack_beside_size(const struct ad_pack_nested *nested)
{
	size_t count = nested->beside_count;
	const struct ad_pack_beside *last = count > 0 ? &nested->beside[count - 1] : NULL;
	return last ? last->offset + last->size : 0;
}

/* ---- in the service: what it wrote ---- */

static int fail_errno(const char *path, struct ad_err *err)
{
	return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
}

/* Whatever an earlier try left there goes. */
static int create(const char *path, int *ret, struct ad_err *err)
{
	if (unlink(path) != 0 && errno != ENOENT)
		return fail_errno(path, err);
	*ret = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *ret < 0 ? fail_errno(path, err) : 0;
}

/* Hashes that part of a file, and copies it to the end of another one unless that is -1. */
static int take(int from, uint64_t at, uint64_t size, int to, uint8_t sha256[AD_SHA256_LEN],
	struct ad_err *err)
{
	static _Thread_local uint8_t piece[PIECE];
	struct ad_sha256 *sha = ad_sha256_new();
	int r = 0;
	while (r == 0 && size > 0) {
		ssize_t got = pread(from, piece, size < PIECE ? (size_t)size : PIECE, (off_t)at);
		if (got <= 0) {
			r = got == 0 ? not_believed(err) : fail_errno("installer", err);
			break;
		}
		ad_sha256_update(sha, piece, (size_t)got);
		r = to >= 0 ? ad_file_write_all(to, piece, (size_t)got, err) : 0;
		at += (uint64_t)got;
		size -= (uint64_t)got;
	}
	ad_sha256_final(sha, sha256);
	ad_sha256_free(sha);
	return r;
}

/* What follows the installer becomes the other file. */
static int move_beside(const struct ad_pack_nested_wish *wish, int fd,
	struct ad_pack_nested *nested, struct ad_err *err)
{
	struct ad_pack_beside *files = nested->beside;
	AD_AUTO_FD int to = -1;
	int r = create(wish->beside, &to, err);
	for (size_t i = 0; r == 0 && i < nested->beside_count; i++)
		r = take(fd, nested->size + files[i].offset, files[i].size, to, files[i].sha256,
			err);
	if (r == 0 && fsync(to) != 0)
		r = fail_errno(wish->beside, err);
	return r;
}

static int take_apart(const struct ad_pack_nested_wish *wish, int fd, struct ad_pack_nested *nested,
	struct ad_err *err)
{
	size_t count = nested->beside_count;
	uint64_t total = nested->size + ad_pack_beside_size(nested);
	struct stat st;
	if (fstat(fd, &st) != 0)
		return fail_errno(wish->out, err);
	if ((uint64_t)st.st_size != total)
		return not_believed(err);
	if (nested->size == 0)
		return AD_FAIL(err, AD_EINVAL, "the installer inside the zip is empty");
	int r = take(fd, 0, nested->size, -1, nested->sha256, err);
	if (r == 0 && count > 0)
		r = move_beside(wish, fd, nested, err);
	if (r == 0 && (ftruncate(fd, (off_t)nested->size) != 0 || fsync(fd) != 0))
		r = fail_errno(wish->out, err);
	return r;
}

int ad_pack_nested_extract(struct ad_arena *arena, const struct ad_pack_nested_wish *wish,
	struct ad_pack_nested *ret, struct ad_err *err)
{
	AD_AUTO_FD int fd = -1;
	*ret = (struct ad_pack_nested){ 0 };
	int r = create(wish->out, &fd, err);
	if (r == 0)
		r = ask(arena, wish, fd, ret, err);
	if (r == 0)
		r = take_apart(wish, fd, ret, err);
	if (r < 0) {
		(void)unlink(wish->out);
		(void)unlink(wish->beside);
	}
	return r;
}
