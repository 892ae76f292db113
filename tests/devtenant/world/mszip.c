/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSZIP writer. 24 bytes of header (little-endian):
 *   0 magic | 4 u16 header length | 6 u8 header check | 7 u8 algorithm | 8 u64 length of the data |
 *   16 u64 length of the first block's data
 * then per 32 KiB of data: u32 length, "CK", one complete deflate stream whose dictionary is the
 * data of the block before. A reader that forgets the dictionary reads small files only.
 */
#include "mszip.h"

#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#define HEADER_LEN 24
#define HEADER_CHECK_AT 6
#define ALGORITHM_MSZIP 2
#define BLOCK_HEADER_LEN 6
#define BLOCK_ROOM (BLOCK_HEADER_LEN + DT_MSZIP_BLOCK + 1024)

static void put_le(uint8_t *out, uint64_t value, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

/* The check is the lowest byte of the CRC-32 over the header without the check itself. */
static void put_header(uint8_t header[HEADER_LEN], size_t data_len)
{
	static const uint8_t magic[] = { 0x0a, 0x51, 0xe5, 0xc0 };
	size_t first = data_len < DT_MSZIP_BLOCK ? data_len : DT_MSZIP_BLOCK;
	uLong crc;

	memcpy(header, magic, sizeof(magic));
	put_le(header + 4, HEADER_LEN, 2);
	header[7] = ALGORITHM_MSZIP;
	put_le(header + 8, data_len, 8);
	put_le(header + 16, first, 8);
	crc = crc32_z(0, header, HEADER_CHECK_AT);
	crc = crc32_z(crc, header + HEADER_CHECK_AT + 1, HEADER_LEN - HEADER_CHECK_AT - 1);
	header[HEADER_CHECK_AT] = (uint8_t)crc;
}

static bool put_block(
	uint8_t *out, struct ad_bytes block, struct ad_bytes dictionary, size_t *ret_len)
{
	z_stream stream = { 0 };
	bool done = deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 9,
			    Z_DEFAULT_STRATEGY) == Z_OK;

	if (done && dictionary.len)
		done = deflateSetDictionary(&stream, dictionary.data, (uInt)dictionary.len) == Z_OK;
	stream.next_in = (Bytef *)(uintptr_t)block.data;
	stream.avail_in = (uInt)block.len;
	stream.next_out = out + BLOCK_HEADER_LEN;
	stream.avail_out = BLOCK_ROOM - BLOCK_HEADER_LEN;
	done = done && deflate(&stream, Z_FINISH) == Z_STREAM_END;
	put_le(out, stream.total_out + 2, 4);
	out[4] = 'C';
	out[5] = 'K';
	*ret_len = BLOCK_HEADER_LEN + stream.total_out;
	deflateEnd(&stream);
	return done;
}

int dt_mszip(struct ad_arena *arena, struct ad_bytes data, struct ad_bytes *ret_packed,
	struct ad_err *err)
{
	size_t blocks = (data.len + DT_MSZIP_BLOCK - 1) / DT_MSZIP_BLOCK;
	uint8_t *packed = ad_alloc(arena, HEADER_LEN + blocks * BLOCK_ROOM);
	size_t used = HEADER_LEN, len;
	struct ad_bytes before = { NULL, 0 };

	put_header(packed, data.len);
	for (size_t start = 0; start < data.len; start += DT_MSZIP_BLOCK) {
		size_t left = data.len - start;
		struct ad_bytes block = { data.data + start,
			left < DT_MSZIP_BLOCK ? left : DT_MSZIP_BLOCK };

		if (!put_block(packed + used, block, before, &len))
			return AD_FAIL(err, AD_EBUG, "cannot compress version data");
		used += len;
		before = block;
	}
	*ret_packed = (struct ad_bytes){ packed, used };
	return 0;
}
