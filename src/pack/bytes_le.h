/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian numbers at unaligned places. The caller has checked that the bytes are there.
 * Private to pack. */
#ifndef AD_PACK_BYTES_LE_H
#define AD_PACK_BYTES_LE_H

#include <stdint.h>

static inline uint16_t pack_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t pack_le32(const uint8_t *p)
{
	return (uint32_t)pack_le16(p) | (uint32_t)pack_le16(p + 2) << 16;
}

#endif
