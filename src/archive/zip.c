/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening archives and inflating entries. The layout is checked by our own reader first; libzip
 * then has to see the same entries, and inflates them.
 */
#include "layout.h"

#include "ad/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zip.h>
#include <zlib.h>

#define CHUNK (64u << 10)

/* A gigabyte that is wrapped passes here twice; this one uses the processor's own multiplication.
 */
uint32_t ad_zip_crc32(uint32_t crc, const void *data, size_t len)
{
	return libdeflate_crc32(crc, data, len);
}

uint32_t ad_zip_crc32_join(uint32_t first, uint32_t second, uint64_t len)
{
	return (uint32_t)crc32_combine(first, second, (z_off_t)len);
}

static void discard(void *handle)
{
	zip_discard(handle);
}

static int open_handle(struct ad_arena *arena, struct ad_zip *zip, struct ad_err *err)
{
	zip_error_t reason;
	zip_error_init(&reason);
	zip_source_t *source =
		zip_source_buffer_create(zip->bytes.data, zip->bytes.len, 0, &reason);
	AD_ASSERT(source);
	zip->handle = zip_open_from_source(source, ZIP_RDONLY, &reason);
	zip_error_fini(&reason);
	if (!zip->handle) {
		zip_source_free(source);
		return AD_FAIL(err, AD_EINVAL, "zip: not readable");
	}
	ad_arena_defer(arena, discard, zip->handle);
	return 0;
}

/* Two readers that see two things in one file are an attack. */
static int compare_views(const struct ad_zip *zip, struct ad_err *err)
{
	const zip_uint64_t wanted = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
				    ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD;
	bool same = zip_get_num_entries(zip->handle, 0) == (zip_int64_t)zip->count;
	for (size_t i = 0; same && i < zip->count; i++) {
		const struct ad_zip_record *record = &zip->records[i];
		zip_stat_t stat;
		same = zip_stat_index(zip->handle, i, ZIP_FL_ENC_RAW, &stat) == 0 &&
		       (stat.valid & wanted) == wanted &&
		       strcmp(stat.name, record->entry.name) == 0 &&
		       stat.size == record->entry.size &&
		       stat.comp_size == record->entry.packed_size &&
		       stat.crc == record->entry.crc && stat.comp_method == record->method;
	}
	return same ? 0 : AD_FAIL(err, AD_EINVAL, "zip: directory is ambiguous");
}

int ad_zip_open_bytes(struct ad_arena *arena, struct ad_bytes bytes,
	const struct ad_zip_limits *limits, struct ad_zip **ret, struct ad_err *err)
{
	struct ad_zip *zip = ad_alloc(arena, sizeof *zip);
	zip->bytes = bytes;
	int rc = ad_zip_layout(arena, zip, limits, err);
	if (!rc)
		rc = open_handle(arena, zip, err);
	if (!rc)
		rc = compare_views(zip, err);
	if (!rc)
		*ret = zip;
	return rc;
}

struct mapping {
	void *start;
	size_t len;
};

static void unmap(void *pointer)
{
	const struct mapping *mapping = pointer;
	(void)munmap(mapping->start, mapping->len);
}

static int map_file(
	struct ad_arena *arena, const char *path, struct ad_bytes *ret, struct ad_err *err)
{
	struct stat stat;
	AD_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &stat) != 0)
		return AD_FAIL(err, errno == ENOENT ? AD_ENOTFOUND : AD_EIO, "%s: %s", path,
			strerrordesc_np(errno));
	if (!S_ISREG(stat.st_mode) || stat.st_size <= 0)
		return AD_FAIL(err, AD_EINVAL, "%s: not a file with content", path);
	struct mapping *mapping = ad_alloc(arena, sizeof *mapping);
	mapping->len = (size_t)stat.st_size;
	mapping->start = mmap(NULL, mapping->len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapping->start == MAP_FAILED)
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	ad_arena_defer(arena, unmap, mapping);
	*ret = (struct ad_bytes){ .data = mapping->start, .len = mapping->len };
	return 0;
}

int ad_zip_open(struct ad_arena *arena, const char *path, const struct ad_zip_limits *limits,
	struct ad_zip **ret, struct ad_err *err)
{
	struct ad_bytes bytes;
	int rc = map_file(arena, path, &bytes, err);
	return rc ? rc : ad_zip_open_bytes(arena, bytes, limits, ret, err);
}

size_t ad_zip_count(const struct ad_zip *zip)
{
	return zip->count;
}

const struct ad_zip_entry *ad_zip_at(const struct ad_zip *zip, size_t index)
{
	return index < zip->count ? &zip->records[index].entry : NULL;
}

const struct ad_zip_entry *ad_zip_find(const struct ad_zip *zip, const char *name)
{
	for (size_t i = 0; i < zip->count; i++) {
		if (strcmp(zip->records[i].entry.name, name) == 0)
			return &zip->records[i].entry;
	}
	return NULL;
}

static int damaged(const struct ad_zip_entry *entry, struct ad_err *err)
{
	return AD_FAIL(err, AD_EINVAL, "zip: %.200s is damaged", entry->name);
}

static int stream_file(zip_file_t *file, const struct ad_zip_entry *entry, ad_zip_sink sink,
	void *context, struct ad_err *err)
{
	uint8_t *chunk = ad_xalloc(CHUNK);
	uint64_t total = 0;
	zip_int64_t got = 0;
	int rc = 0;
	/* libzip compares the CRC when it reaches the end, so the end has to be read, too. */
	while (!rc && (got = zip_fread(file, chunk, CHUNK)) > 0) {
		total += (uint64_t)got;
		if (total > entry->size)
			break;
		rc = sink(context, chunk, (size_t)got, err);
	}
	free(chunk);
	if (!rc && (got < 0 || total != entry->size))
		rc = damaged(entry, err);
	return rc;
}

int ad_zip_stream(struct ad_zip *zip, const struct ad_zip_entry *entry, ad_zip_sink sink,
	void *context, struct ad_err *err)
{
	const struct ad_zip_record *record = (const struct ad_zip_record *)entry;
	AD_ASSERT(record->index < zip->count && record == &zip->records[record->index]);
	zip_file_t *file = zip_fopen_index(zip->handle, record->index, 0);
	if (!file)
		return damaged(entry, err);
	int rc = stream_file(file, entry, sink, context, err);
	(void)zip_fclose(file);
	return rc;
}

struct memory {
	uint8_t *data;
	size_t len;
};

static int to_memory(void *context, const void *data, size_t len, struct ad_err *err)
{
	struct memory *memory = context;
	(void)err;
	memcpy(memory->data + memory->len, data, len);
	memory->len += len;
	return 0;
}

int ad_zip_read(struct ad_arena *arena, struct ad_zip *zip, const struct ad_zip_entry *entry,
	size_t max, struct ad_bytes *ret, struct ad_err *err)
{
	if (entry->size > max)
		return AD_FAIL(
			err, AD_ETOOBIG, "zip: %.200s is larger than %zu bytes", entry->name, max);
	/* The stream stops before it passes entry->size. */
	struct memory memory = { .data = ad_alloc(arena, (size_t)entry->size + 1) };
	int rc = ad_zip_stream(zip, entry, to_memory, &memory, err);
	if (!rc)
		*ret = (struct ad_bytes){ .data = memory.data, .len = memory.len };
	return rc;
}

static int to_file(void *context, const void *data, size_t len, struct ad_err *err)
{
	const int *fd = context;
	return ad_file_write_all(*fd, data, len, err);
}

int ad_zip_extract(
	struct ad_zip *zip, const struct ad_zip_entry *entry, const char *path, struct ad_err *err)
{
	AD_AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return AD_FAIL(err, errno == EEXIST ? AD_ECONFLICT : AD_EIO, "%s: %s", path,
			strerrordesc_np(errno));
	int rc = ad_zip_stream(zip, entry, to_file, &fd, err);
	if (!rc && fsync(fd) != 0)
		rc = AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	if (rc)
		(void)unlink(path);
	return rc;
}
