/* SPDX-License-Identifier: Apache-2.0 */
/* The order of giving up: descriptors, rights and limits, then paths, and system calls last, since
 * the calls that do the rest are not on the list. */
#include "locks.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 16 /* open at once */

#if AD_SANITIZED
static int is_inside;

/* LeakSanitizer looks from a second process, which nobody inside can start. */
int __lsan_is_turned_off(void);
__attribute__((visibility("default"))) int __lsan_is_turned_off(void)
{
	return is_inside;
}
#endif

static int limit(int resource, const char *what, rlim_t most, struct ad_err *err)
{
	const struct rlimit both = { .rlim_cur = most, .rlim_max = most };
	if (setrlimit((__rlimit_resource_t)resource, &both) == 0)
		return 0;
	return AD_FAIL(
		err, AD_EIO, "the limit of %s cannot be set: %s", what, strerrordesc_np(errno));
}

/* Room to map the readable file, and once more what is inside it: that takes addresses, no memory.
 */
static rlim_t mapped(const struct ad_sandbox *wish)
{
	struct stat file;
	return wish->readable && stat(wish->readable, &file) == 0 ? 2 * (rlim_t)file.st_size : 0;
}

static int set_limits(const struct ad_sandbox *wish, struct ad_err *err)
{
	int r = limit(RLIMIT_CORE, "core dumps", 0, err);
	if (r == 0)
		r = limit(RLIMIT_CPU, "processor time", wish->cpu_s, err);
	if (r == 0)
		r = limit(RLIMIT_FSIZE, "file size", wish->file_max, err);
	if (r == 0)
		r = limit(RLIMIT_NOFILE, "open files", FILES, err);
	if (r == 0)
		r = limit(RLIMIT_NPROC, "processes", 0, err);
	if (r == 0 && !AD_SANITIZED)
		r = limit(RLIMIT_AS, "memory", wish->memory_max + mapped(wish), err);
	return r;
}

int ad_sandbox_enter(const struct ad_sandbox *wish, struct ad_err *err)
{
	if (close_range(STDERR_FILENO + 1, UINT32_MAX, 0) != 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
		return AD_FAIL(
			err, AD_EIO, "rights cannot be given up: %s", strerrordesc_np(errno));
	int r = set_limits(wish, err);
	if (r == 0)
		r = sandbox_lock_paths(wish, err);
	if (r == 0)
		r = sandbox_lock_calls(wish, err);
#if AD_SANITIZED
	is_inside = r == 0;
#endif
	return r;
}
