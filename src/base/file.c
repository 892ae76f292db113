/* SPDX-License-Identifier: Apache-2.0 */
/* Files: whole reads with a limit, writes that are visible at once or not at all, folders. */
#include "ad/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static int fail_errno(struct ad_err *err, const char *what, const char *path)
{
	int saved = errno;
	char room[128];
	const char *reason = strerror_r(saved, room, sizeof room);
	return AD_FAIL(err, saved == ENOENT ? AD_ENOTFOUND : AD_EIO, "cannot %s %s: %s", what, path,
		reason);
}

void ad_file_close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static int read_all(int fd, char *data, size_t size, size_t *ret_len)
{
	size_t len = 0;
	while (len < size) {
		ssize_t n = read(fd, data + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret_len = len;
	return 0;
}

int ad_file_read(struct ad_arena *arena, const char *path, size_t max, char **ret_data,
	size_t *ret_len, struct ad_err *err)
{
	AD_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0)
		return fail_errno(err, "open", path);
	if (st.st_size < 0 || (uint64_t)st.st_size > max)
		return AD_FAIL(err, AD_ETOOBIG, "%s is larger than %zu bytes", path, max);
	/* A pipe or a /proc file says size 0: read up to the limit. */
	size_t room = st.st_size > 0 ? (size_t)st.st_size : max;
	char *data = ad_alloc(arena, room + 2);
	size_t len = 0;
	if (read_all(fd, data, room + 1, &len) != 0)
		return fail_errno(err, "read", path);
	if (len > max)
		return AD_FAIL(err, AD_ETOOBIG, "%s is larger than %zu bytes", path, max);
	data[len] = '\0';
	*ret_data = data;
	*ret_len = len;
	return 0;
}

int ad_file_write_all(int fd, const void *data, size_t len, struct ad_err *err)
{
	const char *p = data;
	while (len > 0) {
		ssize_t n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(err, "write", "file");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int sync_parent(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int len = slash ? (int)(slash - path) : 0;
	(void)snprintf(folder, sizeof folder, "%.*s", len ? len : 1,
		len     ? path
		: slash ? "/"
			: ".");
	AD_AUTO_FD int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd >= 0 && fsync(fd) == 0 ? 0 : -1;
}

int ad_file_write(const char *path, const void *data, size_t len, unsigned mode, struct ad_err *err)
{
	char beside[PATH_MAX];
	if (snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= (int)sizeof beside)
		return AD_FAIL(err, AD_ETOOBIG, "path is too long: %s", path);
	AD_AUTO_FD int fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return fail_errno(err, "create", beside);
	int r = ad_file_write_all(fd, data, len, err);
	if (r == 0 && (fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0 ||
			      rename(beside, path) != 0 || sync_parent(path) != 0))
		r = fail_errno(err, "write", path);
	if (r != 0)
		(void)unlink(beside);
	return r;
}

const char *ad_file_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

int ad_file_size(const char *path, int64_t *ret, struct ad_err *err)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return fail_errno(err, "stat", path);
	*ret = st.st_size;
	return 0;
}

bool ad_file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int ad_file_mkdirs(const char *path, struct ad_err *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	if (len == 0 || len >= sizeof part)
		return AD_FAIL(err, AD_EINVAL, "bad folder path '%s'", path);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return fail_errno(err, "make folder", part);
	}
	return 0;
}

/* Removes name below the open folder dir; recursion is as deep as the tree. */
static int remove_at(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	DIR *stream = fdopendir(fd);
	if (!stream) {
		(void)close(fd);
		return -1;
	}
	int r = 0;
	struct dirent *entry;
	while (r == 0 && (entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = remove_at(fd, entry->d_name);
	}
	(void)closedir(stream);
	return r == 0 ? unlinkat(dir, name, AT_REMOVEDIR) : r;
}

int ad_file_remove_tree(const char *path, struct ad_err *err)
{
	return remove_at(AT_FDCWD, path) == 0 ? 0 : fail_errno(err, "remove", path);
}

int ad_file_free_bytes(const char *path, int64_t *ret, struct ad_err *err)
{
	struct statvfs vfs;
	if (statvfs(path, &vfs) != 0)
		return fail_errno(err, "look at", path);
	*ret = (int64_t)(vfs.f_bavail * vfs.f_frsize);
	return 0;
}
