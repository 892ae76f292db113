/* SPDX-License-Identifier: Apache-2.0 */
/* PNG (8 bits, RGBA) and ICO writers; see image.h. */
#include "image.h"

#include "ad/err.h"

#include <string.h>
#include <zlib.h>

#define PIXEL_LEN 4
#define ICO_SIZE 64
#define ICO_HEADER_LEN 22

static void put_be32(uint8_t *out, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static struct ad_bytes chunk(struct ad_arena *arena, const char *type, struct ad_bytes content)
{
	uint8_t len[4], crc[4];
	struct ad_bytes body = dt_bytes_cat(arena, DT_BYTES_LIST(dt_bytes_of_text(type), content));

	put_be32(len, (uint32_t)content.len);
	put_be32(crc, (uint32_t)crc32_z(0, body.data, body.len));
	return dt_bytes_cat(arena, DT_BYTES_LIST({ len, 4 }, body, { crc, 4 }));
}

static void paint(uint8_t *pixel, int x, int y, int size, uint32_t color)
{
	int dx = 2 * x + 1 - size, dy = 2 * y + 1 - size; /* twice the distance from the centre */
	int far_x = dx < 0 ? -dx : dx, far_y = dy < 0 ? -dy : dy;
	int corner_x = far_x - size * 3 / 4, corner_y = far_y - size * 3 / 4;
	int light = 4 * (dx * dx + dy * dy) < size * size;
	int outside = corner_x > 0 && corner_y > 0 &&
		      16 * (corner_x * corner_x + corner_y * corner_y) > size * size;

	for (int i = 0; i < 3; i++) {
		unsigned part = (color >> (16 - 8 * i)) & 0xff;
		pixel[i] = (uint8_t)(light ? part + (255 - part) / 2 : part);
	}
	pixel[3] = outside ? 0 : 255;
}

struct ad_bytes dt_image_png(struct ad_arena *arena, unsigned size, uint32_t color)
{
	static const uint8_t magic[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
	uint8_t header[13] = { 0, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, 0 }; /* 8 bits, RGBA */
	size_t row = 1 + (size_t)size * PIXEL_LEN, len = row * size;
	uint8_t *raw = ad_alloc(arena, len), *packed;
	uLongf packed_len = compressBound((uLong)len);

	for (unsigned y = 0; y < size; y++)
		for (unsigned x = 0; x < size; x++)
			paint(raw + y * row + 1 + (size_t)x * PIXEL_LEN, (int)x, (int)y, (int)size,
				color);
	packed = ad_alloc(arena, packed_len);
	AD_ASSERT(compress2(packed, &packed_len, raw, (uLong)len, 9) == Z_OK);
	put_be32(header, size);
	put_be32(header + 4, size);
	return dt_bytes_cat(
		arena, DT_BYTES_LIST({ magic, sizeof(magic) },
			       chunk(arena, "IHDR", (struct ad_bytes){ header, sizeof(header) }),
			       chunk(arena, "IDAT", (struct ad_bytes){ packed, packed_len }),
			       chunk(arena, "IEND", (struct ad_bytes){ NULL, 0 })));
}

struct ad_bytes dt_image_ico(struct ad_arena *arena, uint32_t color)
{
	struct ad_bytes png = dt_image_png(arena, ICO_SIZE, color);
	/* One picture: kind 1, one entry; 64 x 64, one plane, 32 bits, length, offset. */
	uint8_t header[ICO_HEADER_LEN] = { 0, 0, 1, 0, 1, 0, ICO_SIZE, ICO_SIZE, 0, 0, 1, 0, 32,
		0 };

	for (int i = 0; i < 4; i++)
		header[14 + i] = (uint8_t)(png.len >> (8 * i));
	header[18] = ICO_HEADER_LEN;
	return dt_bytes_cat(arena, DT_BYTES_LIST({ header, sizeof(header) }, png));
}
