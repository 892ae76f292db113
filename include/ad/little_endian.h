/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian numbers at unaligned places. The caller has checked that the bytes are there. Any
 * thread. */
#ifndef AD_LITTLE_ENDIAN_H
#define AD_LITTLE_ENDIAN_H

#include <stdint.h>

static inline uint16_t ad_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t ad_le32(const uint8_t *p)
{
	return (uint32_t)ad_le16(p) | (uint32_t)ad_le16(p + 2) << 16;
}

static inline uint64_t ad_le64(const uint8_t *p)
{
	return (uint64_t)ad_le32(p) | (uint64_t)ad_le32(p + 4) << 32;
}

static inline void ad_put_le16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static inline void ad_put_le32(uint8_t *p, uint32_t value)
{
	ad_put_le16(p, (uint16_t)value);
	ad_put_le16(p + 2, (uint16_t)(value >> 16));
}

static inline void ad_put_le64(uint8_t *p, uint64_t value)
{
	ad_put_le32(p, (uint32_t)value);
	ad_put_le32(p + 4, (uint32_t)(value >> 32));
}

#endif
