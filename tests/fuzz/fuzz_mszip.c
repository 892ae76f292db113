/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Promises of ad_mszip_decode, about any bytes: an error says something; what comes out has the
 * length that the header declares, never more than was allowed, and a NUL behind it. The header's
 * check is made right first, else hardly any input would come further.
 */
#include "fuzz.h"

#include "ad/archive/mszip.h"
#include "ad/archive/zip.h"

#define HEADER_LEN 24u
#define CHECK_OFFSET 6u
#define SIZE_OFFSET 8u
#define OUT_MAX ((size_t)1 << 20)

static void mend_check(uint8_t *header)
{
	uint32_t crc = ad_zip_crc32(0, header, CHECK_OFFSET);
	crc = ad_zip_crc32(crc, header + CHECK_OFFSET + 1, HEADER_LEN - CHECK_OFFSET - 1);
	header[CHECK_OFFSET] = (uint8_t)crc;
}

static uint64_t declared(const uint8_t *header)
{
	uint64_t size = 0;
	for (size_t i = 8; i-- > 0;)
		size = size << 8 | header[SIZE_OFFSET + i];
	return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	uint8_t *copy = ad_alloc(arena, len ? len : 1);
	struct ad_bytes out = { 0 };
	struct ad_err err = { 0 };
	memcpy(copy, data, len);
	if (len >= HEADER_LEN)
		mend_check(copy);
	int rc = ad_mszip_decode(arena, (struct ad_bytes){ copy, len }, OUT_MAX, &out, &err);
	AD_ASSERT(rc == 0 || (err.code == rc && err.text[0]));
	if (rc == 0)
		AD_ASSERT(out.len <= OUT_MAX && out.len == declared(copy) &&
			  out.data[out.len] == '\0');
	ad_arena_free(arena);
	return 0;
}
