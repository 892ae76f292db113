/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSZIP in buffer format: a header of 24 bytes, then blocks of at most 32 KiB, each a deflate
 * stream of its own that may refer back into the block before.
 */
#include "ad/archive/mszip.h"

#include "ad/little_endian.h"

#include <stdbool.h>

#define ZLIB_CONST
#include <zlib.h>

#define HEADER_LEN 24u
#define MAGIC 0xc0e5510au /* 0A 51 E5 C0 */
#define CHECK_OFFSET 6u
#define ALGORITHM_MSZIP 2u
#define BLOCK_OUT 32768u
#define BLOCK_OVERHEAD 6u /* length, "CK" */

static int malformed(struct ad_err *err, const char *what)
{
	return AD_FAIL(err, AD_EINVAL, "mszip: %s", what);
}

/* Low byte of the CRC-32 over the header without the check itself. */
static uint8_t header_check(const uint8_t *header)
{
	uLong crc = crc32(0, header, CHECK_OFFSET);
	crc = crc32(crc, header + CHECK_OFFSET + 1, HEADER_LEN - CHECK_OFFSET - 1);
	return (uint8_t)crc;
}

static int read_header(struct ad_bytes packed, size_t max, uint64_t *ret_size, struct ad_err *err)
{
	const uint8_t *header = packed.data;
	if (packed.len < HEADER_LEN || ad_le32(header) != MAGIC ||
		ad_le16(header + 4) != HEADER_LEN)
		return malformed(err, "no header");
	if (header[CHECK_OFFSET] != header_check(header))
		return malformed(err, "header check is wrong");
	if (header[7] != ALGORITHM_MSZIP)
		return AD_FAIL(err, AD_EINVAL, "mszip: algorithm %u instead of MSZIP", header[7]);
	uint64_t size = ad_le64(header + 8);
	if (ad_le64(header + 16) != (size < BLOCK_OUT ? size : BLOCK_OUT))
		return malformed(err, "size of the first block is wrong");
	if (size > max)
		return AD_FAIL(err, AD_ETOOBIG, "mszip: inflates to more than %zu bytes", max);
	*ret_size = size;
	return 0;
}

/* Inflates one block to exactly len bytes at out, with what lies before out as dictionary. */
static bool inflate_block(struct ad_bytes block, uint8_t *out, uInt len, uInt dictionary_len)
{
	z_stream stream = { .next_in = block.data,
		.avail_in = (uInt)block.len,
		.next_out = out,
		.avail_out = len };
	AD_ASSERT(inflateInit2(&stream, -MAX_WBITS) == Z_OK);
	bool ok = dictionary_len == 0 ||
		  inflateSetDictionary(&stream, out - dictionary_len, dictionary_len) == Z_OK;
	ok = ok && inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0 &&
	     stream.avail_out == 0;
	(void)inflateEnd(&stream);
	return ok;
}

/* Takes the block at the front of *rest. */
static int take_block(struct ad_bytes *rest, struct ad_bytes *ret, struct ad_err *err)
{
	if (rest->len < BLOCK_OVERHEAD)
		return malformed(err, "block is cut off");
	size_t len = ad_le32(rest->data); /* counts "CK" */
	if (len < 2 || len > rest->len - 4 || memcmp(rest->data + 4, "CK", 2) != 0)
		return malformed(err, "block header is wrong");
	*ret = (struct ad_bytes){ .data = rest->data + BLOCK_OVERHEAD, .len = len - 2 };
	rest->data += 4 + len;
	rest->len -= 4 + len;
	return 0;
}

int ad_mszip_decode(struct ad_arena *arena, struct ad_bytes packed, size_t max,
	struct ad_bytes *ret, struct ad_err *err)
{
	uint64_t size = 0;
	if (packed.len > UINT32_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "mszip: packed data is too large");
	int rc = read_header(packed, max, &size, err);
	if (rc)
		return rc;
	struct ad_bytes rest = { .data = packed.data + HEADER_LEN, .len = packed.len - HEADER_LEN };
	uint8_t *out = ad_alloc(arena, (size_t)size + 1);
	for (uint64_t done = 0; done < size;) {
		struct ad_bytes block;
		uint64_t left = size - done;
		uInt len = left < BLOCK_OUT ? (uInt)left : BLOCK_OUT;
		rc = take_block(&rest, &block, err);
		if (rc)
			return rc;
		if (!inflate_block(block, out + done, len, done ? BLOCK_OUT : 0))
			return malformed(err, "block does not inflate to its size");
		done += len;
	}
	if (rest.len > 0)
		return malformed(err, "bytes behind the last block");
	*ret = (struct ad_bytes){ .data = out, .len = (size_t)size };
	return 0;
}
