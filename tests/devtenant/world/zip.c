/* SPDX-License-Identifier: Apache-2.0 */
/* ZIP writer (APPNOTE 4.3, 4.4, 4.5); see zip.h. */
#include "zip.h"

#include <string.h>
#include <time.h>
#include <zlib.h>

#define ARCHIVE_MAX (512u << 20)
#define LOCAL_HEADER_LEN 30
#define CENTRAL_RECORD_LEN 46
#define DESCRIPTOR_LEN 24
#define END64_LEN 56
#define LOCATOR_LEN 20
#define END_LEN 22
#define FLAG_STREAMED 0x0008
#define VERSION_ZIP64 45
#define VERSION_DEFLATE 20
#define METHOD_STORED 0
#define METHOD_DEFLATED 8

static void put(uint8_t **at, uint64_t value, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		*(*at)++ = (uint8_t)(value >> (8 * i));
}

static void free_zip(void *pointer)
{
	struct dt_zip *zip = pointer;

	ad_buf_release(&zip->file);
	ad_buf_release(&zip->central);
}

void dt_zip_init(struct dt_zip *zip, struct ad_arena *arena, int64_t time)
{
	time_t seconds = (time_t)time;
	struct tm parts;

	gmtime_r(&seconds, &parts);
	*zip = (struct dt_zip){ .arena = arena };
	ad_buf_init(&zip->file, ARCHIVE_MAX);
	ad_buf_init(&zip->central, ARCHIVE_MAX);
	zip->dos_date =
		(uint16_t)((parts.tm_year - 80) << 9 | (parts.tm_mon + 1) << 5 | parts.tm_mday);
	zip->dos_time = (uint16_t)(parts.tm_hour << 11 | parts.tm_min << 5 | parts.tm_sec / 2);
	ad_arena_defer(arena, free_zip, zip);
}

static int deflate_some(z_stream *stream, int flush, uint8_t *out, size_t room, size_t *used)
{
	int result;

	stream->next_out = out + *used;
	stream->avail_out = (uInt)(room - *used);
	result = deflate(stream, flush);
	*used = room - stream->avail_out;
	return result == (flush == Z_FINISH ? Z_STREAM_END : Z_OK);
}

/*
 * Every block ends in a full flush, so that a block map can say where it ends and each block can be
 * inflated alone. The stream ends in an empty deflate block of two bytes that belongs to no block.
 */
static bool deflate_blocks(struct ad_arena *arena, struct dt_zip_entry *entry, uint8_t *out,
	size_t room, size_t *ret_len)
{
	z_stream stream = { 0 };
	size_t used = 0;
	bool done = deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK;

	entry->block_count = (entry->data.len + DT_ZIP_BLOCK - 1) / DT_ZIP_BLOCK;
	entry->block_len = ad_alloc_array(arena, entry->block_count + 1, sizeof(uint32_t));
	for (size_t i = 0; done && i < entry->block_count; i++) {
		size_t start = i * DT_ZIP_BLOCK, before = used;
		size_t left = entry->data.len - start;

		stream.next_in = (Bytef *)(uintptr_t)(entry->data.data + start);
		stream.avail_in = (uInt)(left < DT_ZIP_BLOCK ? left : DT_ZIP_BLOCK);
		done = deflate_some(&stream, Z_FULL_FLUSH, out, room, &used);
		entry->block_len[i] = (uint32_t)(used - before);
	}
	done = done && deflate_some(&stream, Z_FINISH, out, room, &used);
	deflateEnd(&stream);
	*ret_len = used;
	return done;
}

static int compress_entry(struct ad_arena *arena, struct dt_zip_entry *entry,
	struct ad_bytes *ret_bytes, struct ad_err *err)
{
	size_t room = entry->data.len + entry->data.len / 8 + 1024, len;
	uint8_t *out;

	if (entry->stored) {
		*ret_bytes = entry->data;
		return 0;
	}
	out = ad_alloc(arena, room);
	if (!deflate_blocks(arena, entry, out, room, &len))
		return AD_FAIL(err, AD_EBUG, "cannot deflate %s", entry->name);
	*ret_bytes = (struct ad_bytes){ out, len };
	return 0;
}

/* The fields that local header and central record have in common, from "version needed" on. */
static void put_common(
	uint8_t **at, const struct dt_zip *zip, const struct dt_zip_entry *entry, bool sizes_known)
{
	put(at, entry->footprint ? VERSION_DEFLATE : VERSION_ZIP64, 2);
	put(at, entry->footprint ? 0 : FLAG_STREAMED, 2);
	put(at, entry->stored ? METHOD_STORED : METHOD_DEFLATED, 2);
	put(at, zip->dos_time, 2);
	put(at, zip->dos_date, 2);
	put(at, sizes_known ? entry->crc : 0, 4);
	put(at, sizes_known ? entry->compressed_len : 0, 4);
	put(at, sizes_known ? entry->data.len : 0, 4);
	put(at, strlen(entry->name), 2);
	put(at, 0, 2); /* no extra field */
}

static void add_local(struct dt_zip *zip, struct dt_zip_entry *entry, struct ad_bytes compressed)
{
	uint8_t header[LOCAL_HEADER_LEN], descriptor[DESCRIPTOR_LEN], *at = header;

	put(&at, 0x04034b50, 4);
	put_common(&at, zip, entry, entry->footprint);
	ad_buf_add(&zip->file, header, sizeof(header));
	ad_buf_adds(&zip->file, entry->name);
	ad_buf_add(&zip->file, compressed.data, compressed.len);
	if (entry->footprint)
		return;
	at = descriptor;
	put(&at, 0x08074b50, 4);
	put(&at, entry->crc, 4);
	put(&at, entry->compressed_len, 8);
	put(&at, entry->data.len, 8);
	ad_buf_add(&zip->file, descriptor, sizeof(descriptor));
}

static void add_central(struct dt_zip *zip, const struct dt_zip_entry *entry)
{
	uint8_t record[CENTRAL_RECORD_LEN], *at = record;

	put(&at, 0x02014b50, 4);
	put(&at, VERSION_ZIP64, 2); /* made by */
	put_common(&at, zip, entry, true);
	put(&at, 0, 2); /* comment */
	put(&at, 0, 2); /* disk */
	put(&at, 0, 2); /* internal attributes */
	put(&at, 0, 4); /* external attributes */
	put(&at, entry->offset, 4);
	ad_buf_add(&zip->central, record, sizeof(record));
	ad_buf_adds(&zip->central, entry->name);
}

int dt_zip_add(struct dt_zip *zip, struct dt_zip_entry *entry, struct ad_err *err)
{
	struct ad_bytes compressed;
	int code = compress_entry(zip->arena, entry, &compressed, err);

	if (code)
		return code;
	entry->crc = (uint32_t)crc32_z(0, entry->data.data, entry->data.len);
	entry->offset = zip->file.len;
	entry->local_header_len = LOCAL_HEADER_LEN + strlen(entry->name);
	entry->compressed_len = compressed.len;
	add_local(zip, entry, compressed);
	add_central(zip, entry);
	zip->count++;
	if (zip->file.overflow || zip->central.overflow)
		return AD_FAIL(err, AD_ETOOBIG, "archive is full at %s", entry->name);
	return 0;
}

struct ad_bytes dt_zip_tail(const struct dt_zip *zip)
{
	uint8_t end[END64_LEN + LOCATOR_LEN + END_LEN], *at = end;

	put(&at, 0x06064b50, 4);
	put(&at, END64_LEN - 12, 8); /* what follows this field */
	put(&at, VERSION_ZIP64, 2);
	put(&at, VERSION_ZIP64, 2);
	put(&at, 0, 4); /* this disk */
	put(&at, 0, 4); /* disk of the directory */
	put(&at, zip->count, 8);
	put(&at, zip->count, 8);
	put(&at, zip->central.len, 8);
	put(&at, zip->file.len, 8);

	put(&at, 0x07064b50, 4);
	put(&at, 0, 4);
	put(&at, zip->file.len + zip->central.len, 8);
	put(&at, 1, 4); /* disks */

	put(&at, 0x06054b50, 4);
	put(&at, 0, 4);          /* disks */
	put(&at, UINT32_MAX, 4); /* both counts: see the zip64 record */
	put(&at, UINT64_MAX, 8); /* size and offset: the same */
	put(&at, 0, 2);          /* comment */
	return dt_bytes_cat(
		zip->arena, DT_BYTES_LIST({ (const uint8_t *)zip->central.data, zip->central.len },
				    { end, sizeof(end) }));
}
