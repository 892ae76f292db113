/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock by its three system calls; Debian has no library for it, and its header is older than
 * the rights that newer kernels know. What a kernel does not know is left out (its documentation,
 * userspace-api/landlock, "Compatibility").
 */
#include "locks.h"

#include "ad/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ABI_REFER 2
#define ABI_TRUNCATE 3
#define ABI_NET 4
#define ABI_DEVICES 5
#define ABI_SCOPES 6

#define FS_ALL_OF_1 ((UINT64_C(1) << 13) - 1)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_IOCTL_DEV (UINT64_C(1) << 15)
#define NET_BIND_TCP (UINT64_C(1) << 0)
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (UINT64_C(1) << 0)
#define SCOPE_SIGNAL (UINT64_C(1) << 1)

#define FS_OF_FOLDER                                                             \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |            \
		LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
		LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |    \
		LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE)

/* struct landlock_ruleset_attr of ABI 6; an older kernel takes it while what it lacks is 0. */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scopes;
};

int ad_sandbox_landlock(void)
{
	long abi = syscall(
		SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
	return abi > 0 ? (int)abi : 0;
}

static struct ruleset all_of(int abi)
{
	struct ruleset all = { .fs = FS_ALL_OF_1 };
	if (abi >= ABI_REFER)
		all.fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= ABI_TRUNCATE)
		all.fs |= FS_TRUNCATE;
	if (abi >= ABI_NET)
		all.net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (abi >= ABI_DEVICES)
		all.fs |= FS_IOCTL_DEV;
	if (abi >= ABI_SCOPES)
		all.scopes = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
	return all;
}

static int allow(int rules, const char *path, uint64_t access, struct ad_err *err)
{
	if (!path)
		return 0;
	AD_AUTO_FD int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = fd };
	if (fd < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
		return AD_FAIL(
			err, AD_EIO, "Landlock rule of %s: %s", path, strerrordesc_np(errno));
	return 0;
}

int sandbox_lock_paths(const struct ad_sandbox *wish, struct ad_err *err)
{
	int abi = ad_sandbox_landlock();
	bool needs_path = wish->readable || wish->writable;
	if (abi == 0 && !needs_path)
		return 0;
	if (abi == 0)
		return AD_FAIL(err, AD_ECONFIG,
			"the kernel has no Landlock, so foreign files that are read by their path "
			"are refused: start Linux 5.13 or newer, with landlock in its list of "
			"security modules (lsm=)");
	struct ruleset all = all_of(abi);
	AD_AUTO_FD int rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
	if (rules < 0)
		return AD_FAIL(err, AD_EIO, "Landlock rules: %s", strerrordesc_np(errno));
	int r = allow(rules, wish->readable, LANDLOCK_ACCESS_FS_READ_FILE, err);
	if (r == 0)
		r = allow(rules, wish->writable, FS_OF_FOLDER & all.fs, err);
	if (r == 0 && syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		r = AD_FAIL(err, AD_EIO, "Landlock: %s", strerrordesc_np(errno));
	return r;
}
