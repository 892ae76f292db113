/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the directory and the local headers, and holding them against each other. */
#include "layout.h"

#include "format.h"
#include "ad/little_endian.h"

#include <sys/stat.h>

#define HOST_UNIX 3u
#define HOST_DARWIN 19u

static int malformed(struct ad_err *err, const struct ad_zip_record *record, const char *what)
{
	return AD_FAIL(err, AD_EINVAL, "zip: entry %zu: %s", record->index, what);
}

/* Finds the ZIP64 field among the extra fields; false when they are malformed. */
static bool find_zip64(struct ad_bytes extra, struct ad_bytes *ret)
{
	bool found = false;
	*ret = (struct ad_bytes){ 0 };
	while (extra.len >= 4) {
		size_t len = ad_le16(extra.data + 2);
		if (len > extra.len - 4)
			return false;
		if (ad_le16(extra.data) == ZIP_EXTRA_ZIP64) {
			if (found)
				return false;
			found = true;
			*ret = (struct ad_bytes){ .data = extra.data + 4, .len = len };
		}
		extra.data += 4 + len;
		extra.len -= 4 + len;
	}
	/* Some writers pad with up to three bytes. */
	return true;
}

/* Replaces *value by the next number of the ZIP64 field when it says that it is there. */
static bool from_zip64(uint64_t *value, struct ad_bytes *zip64)
{
	if (*value != ZIP_IN_ZIP64_32)
		return true;
	if (zip64->len < 8)
		return false;
	*value = ad_le64(zip64->data);
	zip64->data += 8;
	zip64->len -= 8;
	return true;
}

/* Links, devices and sockets; a name alone decides about folders. */
static bool special_file(const uint8_t *central)
{
	unsigned host = ad_le16(central + 4) >> 8;
	mode_t type = (mode_t)(ad_le32(central + 38) >> 16) & S_IFMT;
	if (host != HOST_UNIX && host != HOST_DARWIN)
		return false;
	return type != 0 && type != S_IFREG && type != S_IFDIR;
}

static int check_record(
	const struct ad_zip_record *record, const struct ad_zip_limits *limits, struct ad_err *err)
{
	const struct ad_zip_entry *entry = &record->entry;
	if ((record->flags & ~ZIP_FLAGS_READABLE) != 0)
		return malformed(err, record,
			record->flags & ZIP_FLAG_ENCRYPTED ? "encrypted" : "unknown flags");
	if (record->method != ZIP_METHOD_STORE && record->method != ZIP_METHOD_DEFLATE)
		return malformed(err, record, "neither stored nor deflated");
	if (record->method == ZIP_METHOD_STORE && entry->size != entry->packed_size)
		return malformed(err, record, "stored with two sizes");
	if (entry->folder && entry->size > 0)
		return malformed(err, record, "folder with content");
	if (entry->size > limits->entry_bytes)
		return AD_FAIL(err, AD_ETOOBIG, "zip: entry %zu is larger than %llu bytes",
			record->index, (unsigned long long)limits->entry_bytes);
	if (entry->size / AD_ZIP_RATIO_MAX > entry->packed_size)
		return AD_FAIL(err, AD_ETOOBIG, "zip: entry %zu inflates more than deflate can",
			record->index);
	return 0;
}

/* Reads the record at *offset of the directory and moves *offset behind it. */
static int read_record(struct ad_arena *arena, const struct ad_zip *zip, uint64_t *offset,
	struct ad_zip_record *record, struct ad_err *err)
{
	struct ad_zip_entry *entry = &record->entry;
	uint64_t end = zip->directory_offset + zip->directory_len;
	const uint8_t *central = zip->bytes.data + *offset;
	struct ad_bytes zip64;
	if (end - *offset < ZIP_CENTRAL_LEN || ad_le32(central) != ZIP_CENTRAL_SIGNATURE)
		return malformed(err, record, "no directory record");
	size_t name_len = ad_le16(central + 28);
	size_t extra_len = ad_le16(central + 30);
	record->central_offset = *offset;
	record->central_len = ZIP_CENTRAL_LEN + name_len + extra_len + ad_le16(central + 32);
	if (record->central_len > end - *offset)
		return malformed(err, record, "directory record is cut off");
	*offset += record->central_len;
	record->flags = ad_le16(central + 8);
	record->method = ad_le16(central + 10);
	entry->crc = ad_le32(central + 16);
	entry->packed_size = ad_le32(central + 20);
	entry->size = ad_le32(central + 24);
	record->local_offset = ad_le32(central + 42);
	const char *name = (const char *)central + ZIP_CENTRAL_LEN;
	struct ad_bytes extra = { .data = central + ZIP_CENTRAL_LEN + name_len, .len = extra_len };
	if (!find_zip64(extra, &zip64) || !from_zip64(&entry->size, &zip64) ||
		!from_zip64(&entry->packed_size, &zip64) ||
		!from_zip64(&record->local_offset, &zip64))
		return malformed(err, record, "extra field is wrong");
	if (ad_le16(central + 34) != 0)
		return malformed(err, record, "archive in parts");
	if (special_file(central))
		return malformed(err, record, "link or device");
	int rc = ad_zip_name_check(name, name_len, err);
	if (rc)
		return rc;
	entry->name = ad_strndup(arena, name, name_len);
	entry->folder = name[name_len - 1] == '/';
	return 0;
}

/* A local field may be left open for the data descriptor. */
static bool field_agrees(uint64_t local, uint64_t central, bool open)
{
	return local == central || (open && (local == 0 || local == ZIP_IN_ZIP64_32));
}

/* The header, whose fixed part, name and extra field are there, says the same as the directory. */
static bool local_agrees(const uint8_t *local, const struct ad_zip_record *record)
{
	const struct ad_zip_entry *entry = &record->entry;
	bool open = (record->flags & ZIP_FLAG_DESCRIPTOR) != 0;
	size_t name_len = ad_le16(local + 26);
	uint64_t packed_size = ad_le32(local + 18);
	uint64_t size = ad_le32(local + 22);
	struct ad_bytes extra = { .data = local + ZIP_LOCAL_LEN + name_len,
		.len = ad_le16(local + 28) };
	struct ad_bytes zip64;
	if (!find_zip64(extra, &zip64))
		return false;
	if (!open && (!from_zip64(&size, &zip64) || !from_zip64(&packed_size, &zip64)))
		return false;
	return ad_le16(local + 6) == record->flags && ad_le16(local + 8) == record->method &&
	       field_agrees(ad_le32(local + 14), entry->crc, open) &&
	       field_agrees(packed_size, entry->packed_size, open) &&
	       field_agrees(size, entry->size, open);
}

static int read_local(const struct ad_zip *zip, struct ad_zip_record *record, struct ad_err *err)
{
	const struct ad_zip_entry *entry = &record->entry;
	const uint8_t *local = zip->bytes.data + record->local_offset;
	if (record->local_offset > zip->directory_offset ||
		zip->directory_offset - record->local_offset < ZIP_LOCAL_LEN ||
		ad_le32(local) != ZIP_LOCAL_SIGNATURE)
		return malformed(err, record, "no local header");
	size_t name_len = ad_le16(local + 26);
	uint64_t room = zip->directory_offset - record->local_offset;
	record->local_len = ZIP_LOCAL_LEN + name_len + ad_le16(local + 28);
	if (record->local_len > room || entry->packed_size > room - record->local_len)
		return malformed(err, record, "data is cut off");
	record->data_end = record->local_offset + record->local_len + entry->packed_size;
	if (name_len != strlen(entry->name) ||
		memcmp(local + ZIP_LOCAL_LEN, entry->name, name_len) != 0)
		return malformed(err, record, "local header has another name");
	if (!local_agrees(local, record))
		return malformed(err, record, "local header disagrees with the directory");
	return 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct ad_zip_record *const *left = a;
	const struct ad_zip_record *const *right = b;
	return ((*left)->local_offset > (*right)->local_offset) -
	       ((*left)->local_offset < (*right)->local_offset);
}

static int check_overlap(struct ad_arena *arena, struct ad_zip *zip, struct ad_err *err)
{
	zip->by_offset = ad_alloc_array(arena, zip->count, sizeof(struct ad_zip_record *));
	for (size_t i = 0; i < zip->count; i++)
		zip->by_offset[i] = &zip->records[i];
	qsort(zip->by_offset, zip->count, sizeof(struct ad_zip_record *), by_offset);
	for (size_t i = 1; i < zip->count; i++) {
		if (zip->by_offset[i]->local_offset < zip->by_offset[i - 1]->data_end)
			return malformed(err, zip->by_offset[i], "overlaps another entry");
	}
	return 0;
}

int ad_zip_layout(struct ad_arena *arena, struct ad_zip *zip, const struct ad_zip_limits *limits,
	struct ad_err *err)
{
	uint64_t total = 0;
	int rc = ad_zip_find_directory(zip, &zip->count, err);
	if (rc)
		return rc;
	if (zip->count > limits->entries || zip->count > AD_ZIP_ENTRIES_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "zip: %zu entries are too many", zip->count);
	zip->records = ad_alloc_array(arena, zip->count, sizeof *zip->records);
	uint64_t offset = zip->directory_offset;
	for (size_t i = 0; i < zip->count; i++) {
		struct ad_zip_record *record = &zip->records[i];
		record->index = i;
		rc = read_record(arena, zip, &offset, record, err);
		if (!rc)
			rc = check_record(record, limits, err);
		if (!rc)
			rc = read_local(zip, record, err);
		if (rc)
			return rc;
		total += record->entry.size;
		if (total > limits->total_bytes)
			return AD_FAIL(err, AD_ETOOBIG,
				"zip: entries inflate to more than %llu bytes",
				(unsigned long long)limits->total_bytes);
	}
	if (offset != zip->directory_offset + zip->directory_len)
		return AD_FAIL(err, AD_EINVAL, "zip: directory has bytes behind its last record");
	rc = ad_zip_names_unique(arena, zip, err);
	return rc ? rc : check_overlap(arena, zip, err);
}
