/* SPDX-License-Identifier: Apache-2.0 */
/* The outer container of an .intunewin, for hand-off (packaging.md 4.1). */
#include "encrypt.h"

#include "ad/file.h"
#include "ad/text.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define CONTENT_NAME "IntuneWinPackage/Contents/" AD_INTUNEWIN_NAME
#define DETECTION_NAME "IntuneWinPackage/Metadata/Detection.xml"
#define DETECTION_MAX 65536u
#define OUTER_ENTRIES_MAX 16u
#define INNER_ENTRIES_MAX 65535u

/* ---- making ---- */

static int to_fd(void *context, const void *data, size_t len, struct ad_err *err)
{
	const int *fd = context;
	return ad_file_write_all(*fd, data, len, err);
}

/* MAC and digest of info may still be missing: they are as long as they will be. */
static int plan_container(struct ad_arena *arena, const struct ad_intunewin_info *info,
	const struct ad_msi *msi, struct ad_zip_store **ret, struct ad_err *err)
{
	const struct ad_zip_store_file files[] = {
		{ .name = CONTENT_NAME, .size = info->size_encrypted },
		{ .name = DETECTION_NAME,
			.size = strlen(ad_intunewin_detection_xml(arena, info, msi)) },
	};
	return ad_zip_store_new(arena, files, 2, ret, err);
}

static int write_detection(struct ad_zip_store *store, const char *xml, struct ad_err *err)
{
	int r = ad_zip_store_next(store, err);
	if (r == 0)
		r = ad_zip_store_write(store, xml, strlen(xml), err);
	return r == 0 ? ad_zip_store_finish(store, err) : r;
}

/* ---- around a file that is encrypted already ---- */

static int copy(int fd, struct ad_zip_store *store, struct ad_err *err)
{
	uint8_t *chunk = ad_xalloc(AD_PACK_CHUNK);
	ssize_t got = 1;
	int r = ad_zip_store_next(store, err);
	while (r == 0 && got > 0) {
		r = ad_stream_read(fd, chunk, AD_PACK_CHUNK, &got, err);
		if (r == 0)
			r = ad_zip_store_write(store, chunk, (size_t)got, err);
	}
	free(chunk);
	return r;
}

int ad_intunewin_wrap(struct ad_arena *arena, const char *encrypted,
	const struct ad_intunewin_info *info, const struct ad_msi *msi, const char *out,
	struct ad_err *err)
{
	struct ad_zip_store *store;
	struct ad_stream_out stream;
	int r = plan_container(arena, info, msi, &store, err);
	if (r < 0)
		return r;
	AD_AUTO_FD int in = open(encrypted, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", encrypted, strerrordesc_np(errno));
	r = ad_stream_create(arena, out, &stream, err);
	if (r < 0)
		return r;
	ad_zip_store_set_sink(store, to_fd, &stream.fd);
	r = copy(in, store, err);
	if (r == 0)
		r = write_detection(store, ad_intunewin_detection_xml(arena, info, msi), err);
	return ad_stream_finish(&stream, r, err);
}

/* ---- both at once ---- */

/* The content is written past the outer zip, which is told its CRC. */
static int write_content(struct ad_pack_encryption *encryption, struct ad_zip_store *store, int fd,
	struct ad_err *err)
{
	uint32_t crc = 0;
	int r = ad_zip_store_next(store, err);
	if (r == 0)
		r = ad_pack_encryption_run(encryption, fd, &crc, err);
	return r == 0 ? ad_zip_store_written(store, encryption->info.size_encrypted, crc, err) : r;
}

static int write_both(struct ad_arena *arena, struct ad_pack_encryption *encryption,
	const struct ad_msi *msi, int fd, struct ad_err *err)
{
	struct ad_zip_store *store;
	int r = plan_container(arena, &encryption->info, msi, &store, err);
	if (r < 0)
		return r;
	ad_zip_store_set_sink(store, to_fd, &fd);
	r = write_content(encryption, store, fd, err);
	if (r < 0)
		return r;
	return write_detection(
		store, ad_intunewin_detection_xml(arena, &encryption->info, msi), err);
}

int ad_intunewin_create(struct ad_arena *arena, const struct ad_intunewin_wish *wish,
	const struct ad_msi *msi, struct ad_err *err)
{
	struct ad_pack_encryption encryption;
	struct ad_stream_out out;
	int r = ad_pack_encryption_plan(arena, wish, &encryption, err);
	if (r < 0)
		return r;
	r = ad_stream_create(arena, wish->out, &out, err);
	if (r == 0)
		r = ad_stream_finish(&out, write_both(arena, &encryption, msi, out.fd, err), err);
	ad_crypto_wipe(&encryption.info, sizeof(encryption.info));
	return r;
}

/* ---- reading ---- */

static int open_outer(struct ad_arena *arena, const char *path, struct ad_zip **ret_zip,
	struct ad_intunewin_info *ret, struct ad_err *err)
{
	const struct ad_zip_limits limits = { .entries = OUTER_ENTRIES_MAX,
		.entry_bytes = AD_INTUNEWIN_PLAIN_MAX + DETECTION_MAX,
		.total_bytes = AD_INTUNEWIN_PLAIN_MAX + 2 * DETECTION_MAX };
	struct ad_zip *zip;
	int r = ad_zip_open(arena, path, &limits, &zip, err);
	if (r < 0)
		return r;
	const struct ad_zip_entry *detection = ad_zip_find(zip, DETECTION_NAME);
	const struct ad_zip_entry *content = ad_zip_find(zip, CONTENT_NAME);
	if (!detection || !content)
		return AD_FAIL(err, AD_EINVAL, "no .intunewin: %s is missing",
			content ? DETECTION_NAME : CONTENT_NAME);
	struct ad_bytes xml;
	r = ad_zip_read(arena, zip, detection, DETECTION_MAX, &xml, err);
	if (r == 0)
		r = ad_intunewin_detection_parse(arena, (const char *)xml.data, xml.len, ret, err);
	if (r == 0 && content->size != ret->size_encrypted)
		r = AD_FAIL(err, AD_EINTEGRITY,
			"encrypted content has %llu bytes, Detection.xml means %llu",
			(unsigned long long)content->size, (unsigned long long)ret->size_encrypted);
	if (r == 0)
		*ret_zip = zip;
	return r;
}

int ad_intunewin_inspect(
	struct ad_arena *arena, const char *path, struct ad_intunewin_info *ret, struct ad_err *err)
{
	struct ad_zip *zip;
	return open_outer(arena, path, &zip, ret, err);
}

static int extract_entry(struct ad_arena *arena, struct ad_zip *zip,
	const struct ad_zip_entry *entry, const char *folder, struct ad_err *err)
{
	char *path = ad_printf(arena, "%s/%s", folder, entry->name);
	if (entry->folder)
		return ad_file_mkdirs(path, err);
	char *parent = ad_strdup(arena, path);
	*strrchr(parent, '/') = '\0';
	int r = ad_file_mkdirs(parent, err);
	return r < 0 ? r : ad_zip_extract(zip, entry, path, err);
}

static int extract_plain(
	struct ad_arena *arena, const char *plain, const char *folder, struct ad_err *err)
{
	const struct ad_zip_limits limits = { .entries = INNER_ENTRIES_MAX,
		.entry_bytes = AD_INTUNEWIN_PLAIN_MAX,
		.total_bytes = 2 * AD_INTUNEWIN_PLAIN_MAX };
	struct ad_zip *zip;
	int r = ad_zip_open(arena, plain, &limits, &zip, err);
	for (size_t i = 0; r == 0 && i < ad_zip_count(zip); i++)
		r = extract_entry(arena, zip, ad_zip_at(zip, i), folder, err);
	return r;
}

int ad_intunewin_extract(struct ad_arena *arena, const char *path, const char *folder,
	struct ad_intunewin_info *ret, struct ad_err *err)
{
	struct ad_zip *zip;
	int r = open_outer(arena, path, &zip, ret, err);
	if (r == 0)
		r = ad_file_mkdirs(folder, err);
	if (r < 0)
		return r;
	/* Both hold the whole content, so they go again whatever comes. */
	const char *encrypted = ad_printf(arena, "%s/.encrypted.tmp", folder);
	const char *plain = ad_printf(arena, "%s/.plain.tmp", folder);
	r = ad_zip_extract(zip, ad_zip_find(zip, CONTENT_NAME), encrypted, err);
	if (r == 0)
		r = ad_intunewin_decrypt(encrypted, ret, plain, err);
	if (r == 0)
		r = extract_plain(arena, plain, folder, err);
	(void)unlink(encrypted);
	(void)unlink(plain);
	return r;
}
