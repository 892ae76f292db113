/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes ZIP files byte by byte, right and wrong ones: every field of a header can be overridden,
 * and the finished file can be patched. Shares nothing with the code under test.
 */
#ifndef AD_TESTS_ZIP_MAKER_H
#define AD_TESTS_ZIP_MAKER_H

#include "ad/arena.h"
#include "ad/bytes.h"

#include <string.h>
#include <zlib.h>

#define MAKER_ROOM (8u << 20)
#define MAKER_ENTRIES_MAX 70000u

struct maker_entry {
	const char *name;
	const char *local_name; /* NULL: the same */
	const void *data;
	size_t len;
	bool deflate;
	bool descriptor;
	uint16_t flags;        /* added to the proper ones */
	uint32_t attributes;   /* external */
	uint16_t made_by;      /* version made by */
	uint32_t claimed_size; /* 0: the true one */
	bool reuse_previous;   /* the directory points at the entry before */
};

struct maker {
	uint8_t *data;
	size_t len;
	uint8_t *central;
	size_t central_len;
	size_t count;
	uint32_t last_offset;
};

static inline struct maker maker_new(struct ad_arena *arena)
{
	return (struct maker){ .data = ad_alloc(arena, MAKER_ROOM),
		.central = ad_alloc(arena, MAKER_ROOM) };
}

static inline void maker_put(uint8_t **at, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		*(*at)++ = (uint8_t)(value >> (8 * i));
}

static inline size_t maker_pack(const struct maker_entry *entry, uint8_t *out, size_t room)
{
	if (!entry->deflate) {
		if (entry->len > 0)
			memcpy(out, entry->data, entry->len);
		return entry->len;
	}
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)entry->data,
		.avail_in = (uInt)entry->len,
		.next_out = out,
		.avail_out = (uInt)room };
	(void)deflateInit2(&stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
	(void)deflate(&stream, Z_FINISH);
	(void)deflateEnd(&stream);
	return stream.total_out;
}

static inline void maker_add(struct maker *maker, struct maker_entry entry)
{
	const char *local_name = entry.local_name ? entry.local_name : entry.name;
	size_t name_len = strlen(local_name);
	uint32_t crc = (uint32_t)crc32_z(0, entry.data, entry.len);
	uint32_t offset = (uint32_t)maker->len;
	uint32_t size = entry.claimed_size ? entry.claimed_size : (uint32_t)entry.len;
	uint16_t flags = (uint16_t)(entry.flags | (entry.descriptor ? 8 : 0));
	uint8_t *body = maker->data + maker->len + 30 + name_len;
	uint32_t packed = (uint32_t)maker_pack(&entry, body, MAKER_ROOM - maker->len - 1000);
	bool open = entry.descriptor;

	uint8_t *at = maker->data + maker->len;
	maker_put(&at, 0x04034b50, 4);
	maker_put(&at, 20, 2);
	maker_put(&at, flags, 2);
	maker_put(&at, entry.deflate ? 8 : 0, 2);
	maker_put(&at, 0x00210000, 4);
	maker_put(&at, open ? 0 : crc, 4);
	maker_put(&at, open ? 0 : packed, 4);
	maker_put(&at, open ? 0 : size, 4);
	maker_put(&at, name_len, 2);
	maker_put(&at, 0, 2);
	memcpy(at, local_name, name_len);
	at = body + packed;
	if (open) {
		maker_put(&at, 0x08074b50, 4);
		maker_put(&at, crc, 4);
		maker_put(&at, packed, 4);
		maker_put(&at, size, 4);
	}
	maker->len = (size_t)(at - maker->data);
	if (entry.reuse_previous)
		offset = maker->last_offset;
	maker->last_offset = offset;

	at = maker->central + maker->central_len;
	maker_put(&at, 0x02014b50, 4);
	maker_put(&at, entry.made_by ? entry.made_by : 20, 2);
	maker_put(&at, 20, 2);
	maker_put(&at, flags, 2);
	maker_put(&at, entry.deflate ? 8 : 0, 2);
	maker_put(&at, 0x00210000, 4);
	maker_put(&at, crc, 4);
	maker_put(&at, packed, 4);
	maker_put(&at, size, 4);
	maker_put(&at, strlen(entry.name), 2);
	maker_put(&at, 0, 2);
	maker_put(&at, 0, 6);
	maker_put(&at, entry.attributes, 4);
	maker_put(&at, offset, 4);
	memcpy(at, entry.name, strlen(entry.name));
	maker->central_len = (size_t)(at - maker->central) + strlen(entry.name);
	maker->count++;
}

static inline void maker_text(struct maker *maker, const char *name, const char *text)
{
	maker_add(maker, (struct maker_entry){ .name = name, .data = text, .len = strlen(text) });
}

/* Appends directory and end records; ZIP64 ones as MSIX packages have them. */
static inline struct ad_bytes maker_end(struct maker *maker, bool zip64)
{
	uint64_t directory = maker->len;
	memcpy(maker->data + maker->len, maker->central, maker->central_len);
	maker->len += maker->central_len;
	uint8_t *at = maker->data + maker->len;
	uint64_t end64 = maker->len;
	if (zip64) {
		maker_put(&at, 0x06064b50, 4);
		maker_put(&at, 44, 8);
		maker_put(&at, 45 | 45 << 16, 4);
		maker_put(&at, 0, 8);
		maker_put(&at, maker->count, 8);
		maker_put(&at, maker->count, 8);
		maker_put(&at, maker->central_len, 8);
		maker_put(&at, directory, 8);
		maker_put(&at, 0x07064b50, 4);
		maker_put(&at, 0, 4);
		maker_put(&at, end64, 8);
		maker_put(&at, 1, 4);
	}
	maker_put(&at, 0x06054b50, 4);
	maker_put(&at, 0, 4);
	maker_put(&at, zip64 ? 0xffff : maker->count, 2);
	maker_put(&at, zip64 ? 0xffff : maker->count, 2);
	maker_put(&at, zip64 ? 0xffffffff : maker->central_len, 4);
	maker_put(&at, zip64 ? 0xffffffff : directory, 4);
	maker_put(&at, 0, 2);
	maker->len = (size_t)(at - maker->data);
	return (struct ad_bytes){ .data = maker->data, .len = maker->len };
}

#endif
