/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes between a reader and who asks it, over a socket pair: a head, a JSON text, and with a
 * question the bytes of a file. Both ends are one program on one machine. Private to sandbox.
 */
#ifndef AD_SANDBOX_FRAME_H
#define AD_SANDBOX_FRAME_H

#include "ad/bytes.h"
#include "ad/json.h"

#include <stdbool.h>

#define FRAME_BYTES_MAX ((uint32_t)256 << 20)
#define FRAME_NEVER INT64_MAX /* no deadline */

struct frame {
	struct ad_json *json;
	struct ad_bytes bytes;
};

/* Both give AD_ETIMEOUT when the time until_ms of the monotonic clock comes first, AD_EIO when the
 * other end is gone. receive: AD_EINVAL, AD_ETOOBIG for what is no frame or has more than
 * bytes_max. */
AD_MUST int frame_send(
	int fd, const char *json, struct ad_bytes bytes, int64_t until_ms, struct ad_err *err);
AD_MUST int frame_receive(struct ad_arena *arena, int fd, uint32_t bytes_max, int64_t until_ms,
	struct frame *ret, struct ad_err *err);

#endif
