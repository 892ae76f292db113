/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing archives of stored entries in one pass. The plan fixes every offset before the first
 * byte, so that the size of the whole is known; each write advances through the plan.
 */
#include "ad/archive/zip_store.h"

#include "format.h"
#include "ad/little_endian.h"

#include "ad/text.h"

#define VERSION_PLAIN 20u
#define VERSION_ZIP64 45u
#define DATE_1980_01_01 0x0021u /* the first day that the format knows; time 0 */
#define LOCAL_ZIP64_LEN 20u     /* id, length, two sizes */
#define CENTRAL_ZIP64_MAX 28u   /* and the offset */

struct planned {
	struct ad_zip_store_file file;
	size_t name_len;
	uint64_t offset; /* of the local header */
	bool zip64_size;
	bool zip64_offset;
	uint32_t crc; /* of what was written */
};

struct ad_zip_store {
	struct planned *files;
	size_t count;
	uint64_t directory_offset;
	uint64_t directory_len;
	bool zip64_end;
	ad_zip_sink sink;
	void *context;
	size_t begun;     /* files that next was called for */
	uint64_t written; /* bytes of the current file */
};

static uint64_t local_len(const struct planned *file)
{
	return ZIP_LOCAL_LEN + file->name_len + (file->zip64_size ? LOCAL_ZIP64_LEN : 0);
}

static uint64_t descriptor_len(const struct planned *file)
{
	if (file->file.crc_known)
		return 0;
	return file->zip64_size ? ZIP_DESCRIPTOR64_LEN : ZIP_DESCRIPTOR_LEN;
}

static uint16_t central_extra_len(const struct planned *file)
{
	unsigned numbers = (file->zip64_size ? 2u : 0u) + (file->zip64_offset ? 1u : 0u);
	return (uint16_t)(numbers ? 4 + 8 * numbers : 0);
}

static void plan_offsets(struct ad_zip_store *store)
{
	uint64_t offset = 0;
	for (size_t i = 0; i < store->count; i++) {
		struct planned *file = &store->files[i];
		file->offset = offset;
		file->zip64_size = file->file.size >= ZIP_IN_ZIP64_32;
		file->zip64_offset = offset >= ZIP_IN_ZIP64_32;
		offset += local_len(file) + file->file.size + descriptor_len(file);
		store->directory_len += ZIP_CENTRAL_LEN + file->name_len + central_extra_len(file);
	}
	store->directory_offset = offset;
	store->zip64_end = store->count >= ZIP_IN_ZIP64_16 ||
			   store->directory_len >= ZIP_IN_ZIP64_32 ||
			   store->directory_offset >= ZIP_IN_ZIP64_32;
}

static int by_name(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;
	return strcmp(*left, *right);
}

static int check_names(struct ad_arena *arena, const struct ad_zip_store *store, struct ad_err *err)
{
	const char **names = ad_alloc_array(arena, store->count, sizeof *names);
	for (size_t i = 0; i < store->count; i++) {
		const struct planned *file = &store->files[i];
		int rc = ad_zip_name_check(file->file.name, file->name_len, err);
		if (rc)
			return rc;
		names[i] = ad_text_lower(arena, file->file.name);
	}
	qsort(names, store->count, sizeof *names, by_name);
	for (size_t i = 1; i < store->count; i++) {
		if (strcmp(names[i - 1], names[i]) == 0)
			return AD_FAIL(err, AD_EINVAL, "zip: two files have the same name");
	}
	return 0;
}

int ad_zip_store_new(struct ad_arena *arena, const struct ad_zip_store_file *files, size_t count,
	struct ad_zip_store **ret, struct ad_err *err)
{
	if (count > AD_ZIP_ENTRIES_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "zip: %zu files are too many", count);
	struct ad_zip_store *store = ad_alloc(arena, sizeof *store);
	store->count = count;
	store->files = ad_alloc_array(arena, count, sizeof *store->files);
	for (size_t i = 0; i < count; i++) {
		if (files[i].size > INT64_MAX / AD_ZIP_ENTRIES_MAX)
			return AD_FAIL(err, AD_ETOOBIG, "zip: file is too large");
		store->files[i].file = files[i];
		store->files[i].file.name = ad_strdup(arena, files[i].name);
		store->files[i].name_len = strlen(files[i].name);
	}
	int rc = check_names(arena, store, err);
	if (rc)
		return rc;
	plan_offsets(store);
	*ret = store;
	return 0;
}

uint64_t ad_zip_store_total(const struct ad_zip_store *store)
{
	return store->directory_offset + store->directory_len +
	       (store->zip64_end ? ZIP_END64_LEN + ZIP_LOCATOR_LEN : 0) + ZIP_END_LEN;
}

void ad_zip_store_set_sink(struct ad_zip_store *store, ad_zip_sink sink, void *context)
{
	store->sink = sink;
	store->context = context;
}

static uint32_t size_field(const struct planned *file)
{
	return file->zip64_size ? ZIP_IN_ZIP64_32 : (uint32_t)file->file.size;
}

/* The fields from "version needed" to "extra length", which both headers share. */
static void put_common(
	uint8_t *at, const struct planned *file, uint32_t crc, uint32_t size, uint16_t extra_len)
{
	bool zip64 = file->zip64_size || file->zip64_offset;
	ad_put_le16(at, zip64 ? VERSION_ZIP64 : VERSION_PLAIN);
	ad_put_le16(at + 2, ZIP_FLAG_UTF8 | (file->file.crc_known ? 0 : ZIP_FLAG_DESCRIPTOR));
	ad_put_le16(at + 4, ZIP_METHOD_STORE);
	ad_put_le16(at + 6, 0);
	ad_put_le16(at + 8, DATE_1980_01_01);
	ad_put_le32(at + 10, crc);
	ad_put_le32(at + 14, size);
	ad_put_le32(at + 18, size);
	ad_put_le16(at + 22, (uint16_t)file->name_len);
	ad_put_le16(at + 24, extra_len);
}

static int emit(struct ad_zip_store *store, const void *data, size_t len, struct ad_err *err)
{
	return store->sink(store->context, data, len, err);
}

static int emit_local(struct ad_zip_store *store, const struct planned *file, struct ad_err *err)
{
	uint8_t header[ZIP_LOCAL_LEN];
	uint8_t extra[LOCAL_ZIP64_LEN];
	bool known = file->file.crc_known;
	uint16_t extra_len = file->zip64_size ? LOCAL_ZIP64_LEN : 0;
	/* Sizes that a descriptor repeats are 0 here, or in the ZIP64 field. */
	uint32_t size = known || file->zip64_size ? size_field(file) : 0;

	ad_put_le32(header, ZIP_LOCAL_SIGNATURE);
	put_common(header + 4, file, known ? file->file.crc : 0, size, extra_len);
	ad_put_le16(extra, ZIP_EXTRA_ZIP64);
	ad_put_le16(extra + 2, LOCAL_ZIP64_LEN - 4);
	ad_put_le64(extra + 4, known ? file->file.size : 0);
	ad_put_le64(extra + 12, known ? file->file.size : 0);
	int rc = emit(store, header, sizeof header, err);
	if (!rc)
		rc = emit(store, file->file.name, file->name_len, err);
	if (!rc && extra_len > 0)
		rc = emit(store, extra, extra_len, err);
	return rc;
}

static int emit_descriptor(
	struct ad_zip_store *store, const struct planned *file, struct ad_err *err)
{
	uint8_t descriptor[ZIP_DESCRIPTOR64_LEN];
	ad_put_le32(descriptor, ZIP_DESCRIPTOR_SIGNATURE);
	ad_put_le32(descriptor + 4, file->crc);
	if (file->zip64_size) {
		ad_put_le64(descriptor + 8, file->file.size);
		ad_put_le64(descriptor + 16, file->file.size);
	} else {
		ad_put_le32(descriptor + 8, (uint32_t)file->file.size);
		ad_put_le32(descriptor + 12, (uint32_t)file->file.size);
	}
	return emit(store, descriptor, (size_t)descriptor_len(file), err);
}

static int end_file(struct ad_zip_store *store, struct ad_err *err)
{
	if (store->begun == 0)
		return 0;
	const struct planned *file = &store->files[store->begun - 1];
	if (store->written != file->file.size)
		return AD_FAIL(err, AD_EINVAL, "zip: file ended after %llu of %llu bytes",
			(unsigned long long)store->written, (unsigned long long)file->file.size);
	if (!file->file.crc_known)
		return emit_descriptor(store, file, err);
	if (file->crc != file->file.crc)
		return AD_FAIL(err, AD_EINVAL, "zip: file does not have the CRC that was given");
	return 0;
}

int ad_zip_store_next(struct ad_zip_store *store, struct ad_err *err)
{
	if (!store->sink || store->begun == store->count)
		return AD_FAIL(err, AD_EBUG, "zip: no further file is planned");
	int rc = end_file(store, err);
	if (rc)
		return rc;
	store->begun++;
	store->written = 0;
	return emit_local(store, &store->files[store->begun - 1], err);
}

int ad_zip_store_write(struct ad_zip_store *store, const void *data, size_t len, struct ad_err *err)
{
	if (store->begun == 0)
		return AD_FAIL(err, AD_EBUG, "zip: no file was begun");
	struct planned *file = &store->files[store->begun - 1];
	if (len > file->file.size - store->written)
		return AD_FAIL(err, AD_EINVAL, "zip: file is longer than planned");
	file->crc = ad_zip_crc32(file->crc, data, len);
	store->written += len;
	return emit(store, data, len, err);
}

int ad_zip_store_written(struct ad_zip_store *store, uint64_t len, uint32_t crc, struct ad_err *err)
{
	if (store->begun == 0 || store->written > 0)
		return AD_FAIL(err, AD_EBUG, "zip: no file was begun, or its bytes were written");
	store->files[store->begun - 1].crc = crc;
	store->written = len; /* compared with the plan at the file's end */
	return 0;
}

static int emit_central(struct ad_zip_store *store, const struct planned *file, struct ad_err *err)
{
	uint8_t header[ZIP_CENTRAL_LEN] = { 0 };
	uint8_t extra[CENTRAL_ZIP64_MAX];
	uint16_t extra_len = central_extra_len(file);
	uint8_t *at = extra + 4;

	ad_put_le32(header, ZIP_CENTRAL_SIGNATURE);
	ad_put_le16(header + 4, VERSION_ZIP64);
	put_common(header + 6, file, file->crc, size_field(file), extra_len);
	ad_put_le32(header + 42, file->zip64_offset ? ZIP_IN_ZIP64_32 : (uint32_t)file->offset);
	ad_put_le16(extra, ZIP_EXTRA_ZIP64);
	ad_put_le16(extra + 2, (uint16_t)(extra_len - 4));
	if (file->zip64_size) {
		ad_put_le64(at, file->file.size);
		ad_put_le64(at + 8, file->file.size);
		at += 16;
	}
	if (file->zip64_offset)
		ad_put_le64(at, file->offset);
	int rc = emit(store, header, sizeof header, err);
	if (!rc)
		rc = emit(store, file->file.name, file->name_len, err);
	if (!rc && extra_len > 0)
		rc = emit(store, extra, extra_len, err);
	return rc;
}

static int emit_end64(struct ad_zip_store *store, struct ad_err *err)
{
	uint8_t end[ZIP_END64_LEN + ZIP_LOCATOR_LEN] = { 0 };
	uint8_t *locator = end + ZIP_END64_LEN;
	ad_put_le32(end, ZIP_END64_SIGNATURE);
	ad_put_le64(end + 4, ZIP_END64_LEN - 12);
	ad_put_le16(end + 12, VERSION_ZIP64);
	ad_put_le16(end + 14, VERSION_ZIP64);
	ad_put_le64(end + 24, store->count);
	ad_put_le64(end + 32, store->count);
	ad_put_le64(end + 40, store->directory_len);
	ad_put_le64(end + 48, store->directory_offset);
	ad_put_le32(locator, ZIP_LOCATOR_SIGNATURE);
	ad_put_le64(locator + 8, store->directory_offset + store->directory_len);
	ad_put_le32(locator + 16, 1);
	return emit(store, end, sizeof end, err);
}

static uint32_t at_most(uint64_t value, uint32_t in_zip64)
{
	return value < in_zip64 ? (uint32_t)value : in_zip64;
}

int ad_zip_store_finish(struct ad_zip_store *store, struct ad_err *err)
{
	uint8_t end[ZIP_END_LEN] = { 0 };
	if (!store->sink || store->begun != store->count)
		return AD_FAIL(err, AD_EBUG, "zip: planned files are missing");
	int rc = end_file(store, err);
	for (size_t i = 0; !rc && i < store->count; i++)
		rc = emit_central(store, &store->files[i], err);
	if (!rc && store->zip64_end)
		rc = emit_end64(store, err);
	if (rc)
		return rc;
	ad_put_le32(end, ZIP_END_SIGNATURE);
	ad_put_le16(end + 8, (uint16_t)at_most(store->count, ZIP_IN_ZIP64_16));
	ad_put_le16(end + 10, (uint16_t)at_most(store->count, ZIP_IN_ZIP64_16));
	ad_put_le32(end + 12, at_most(store->directory_len, ZIP_IN_ZIP64_32));
	ad_put_le32(end + 16, at_most(store->directory_offset, ZIP_IN_ZIP64_32));
	return emit(store, end, sizeof end, err);
}
