/* SPDX-License-Identifier: Apache-2.0 */
/* Large files in pieces. */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

int ad_stream_read(int fd, void *room, size_t len, ssize_t *ret, struct ad_err *err)
{
	ssize_t got;
	do
		got = read(fd, room, len);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return AD_FAIL(err, AD_EIO, "reading: %s", strerrordesc_np(errno));
	*ret = got;
	return 0;
}

int ad_stream_create(
	struct ad_arena *arena, const char *path, struct ad_stream_out *ret, struct ad_err *err)
{
	ret->path = path;
	ret->part = ad_printf(arena, "%s.part", path);
	ret->fd = open(ret->part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (ret->fd < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", ret->part, strerrordesc_np(errno));
	return 0;
}

int ad_stream_finish(struct ad_stream_out *out, int result, struct ad_err *err)
{
	if (result == 0 && fsync(out->fd) < 0)
		result = AD_FAIL(err, AD_EIO, "%s: %s", out->part, strerrordesc_np(errno));
	if (close(out->fd) < 0 && result == 0)
		result = AD_FAIL(err, AD_EIO, "%s: %s", out->part, strerrordesc_np(errno));
	if (result == 0 && rename(out->part, out->path) < 0)
		result = AD_FAIL(err, AD_EIO, "%s: %s", out->path, strerrordesc_np(errno));
	if (result < 0)
		(void)unlink(out->part);
	return result;
}
