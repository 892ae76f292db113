/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of readers; see frame.h. */
#include "frame.h"

#include "ad/clock.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

struct head {
	uint32_t json_len;
	uint32_t bytes_len;
};

/* Waits where there is a deadline; without one the descriptor itself waits. */
static int wait_for(int fd, short event, int64_t until_ms, struct ad_err *err)
{
	struct pollfd ready = { .fd = fd, .events = event };
	if (until_ms == FRAME_NEVER)
		return 0;
	for (;;) {
		int64_t left_ms = until_ms - ad_clock_mono_ms();
		int n = left_ms > 0 ? poll(&ready, 1, (int)left_ms) : 0;
		if (n > 0)
			return 0;
		if (n == 0)
			return AD_FAIL(err, AD_ETIMEOUT, "no answer in time");
		if (errno != EINTR)
			return AD_FAIL(err, AD_EIO, "poll: %s", strerrordesc_np(errno));
	}
}

static int move_on(ssize_t n, size_t *done, struct ad_err *err)
{
	if (n > 0)
		*done += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		return AD_FAIL(err, AD_EIO, "the other end is gone");
	return 0;
}

/* A reader may be ended by a lost partner and may wait; who asks it must not. */
static ssize_t send_some(int fd, const char *data, size_t len, int64_t until_ms)
{
	return until_ms == FRAME_NEVER ? write(fd, data, len)
				       : send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int send_all(int fd, const void *data, size_t len, int64_t until_ms, struct ad_err *err)
{
	int r = 0;
	for (size_t done = 0; r == 0 && done < len;) {
		r = wait_for(fd, POLLOUT, until_ms, err);
		if (r == 0)
			r = move_on(send_some(fd, (const char *)data + done, len - done, until_ms),
				&done, err);
	}
	return r;
}

static int receive_all(int fd, void *data, size_t len, int64_t until_ms, struct ad_err *err)
{
	int r = 0;
	for (size_t done = 0; r == 0 && done < len;) {
		r = wait_for(fd, POLLIN, until_ms, err);
		if (r == 0)
			r = move_on(read(fd, (char *)data + done, len - done), &done, err);
	}
	return r;
}

int frame_send(
	int fd, const char *json, struct ad_bytes bytes, int64_t until_ms, struct ad_err *err)
{
	size_t json_len = strlen(json);
	if (json_len > AD_JSON_TEXT_MAX || bytes.len > FRAME_BYTES_MAX)
		return AD_FAIL(
			err, AD_ETOOBIG, "%zu and %zu bytes are too many", json_len, bytes.len);
	const struct head head = { .json_len = (uint32_t)json_len,
		.bytes_len = (uint32_t)bytes.len };
	int r = send_all(fd, &head, sizeof head, until_ms, err);
	if (r == 0)
		r = send_all(fd, json, json_len, until_ms, err);
	return r == 0 ? send_all(fd, bytes.data, bytes.len, until_ms, err) : r;
}

int frame_receive(struct ad_arena *arena, int fd, uint32_t bytes_max, int64_t until_ms,
	struct frame *ret, struct ad_err *err)
{
	struct head head;
	int r = receive_all(fd, &head, sizeof head, until_ms, err);
	if (r == 0 && (head.json_len > AD_JSON_TEXT_MAX || head.bytes_len > bytes_max))
		r = AD_FAIL(err, AD_ETOOBIG, "too much is said");
	if (r < 0)
		return r;
	char *json = ad_alloc(arena, (size_t)head.json_len + 1);
	uint8_t *data = ad_alloc(arena, (size_t)head.bytes_len + 1);
	r = receive_all(fd, json, head.json_len, until_ms, err);
	if (r == 0)
		r = receive_all(fd, data, head.bytes_len, until_ms, err);
	ret->bytes = (struct ad_bytes){ .data = data, .len = head.bytes_len };
	return r == 0 ? ad_json_parse(arena, json, head.json_len, &ret->json, err) : r;
}
