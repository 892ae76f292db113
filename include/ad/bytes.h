/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowed bytes with their length; whoever hands them over says how long they live. */
#ifndef AD_BYTES_H
#define AD_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct ad_bytes {
	const uint8_t *data; /* may be NULL when len is 0 */
	size_t len;
};

#endif
