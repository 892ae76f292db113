/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of system calls. What is not on it fails with EPERM, so that a library that asks for
 * something it can do without goes on; what only somebody who has taken over the process would ask
 * for ends it. The only file that includes libseccomp.
 */
#include "locks.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#define RULES(calls) calls, sizeof(calls) / sizeof((calls)[0])

/* Memory, the open descriptors, signals of our own, time, and the end. */
static const int always[] = { SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write),
	SCMP_SYS(writev), SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(brk),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(getrandom), SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(sched_yield), SCMP_SYS(exit), SCMP_SYS(exit_group) };

/* With a folder to write to. Where these may reach is Landlock's to say. */
static const int writing[] = { SCMP_SYS(pwrite64), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),
	SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rmdir), SCMP_SYS(newfstatat) };

static const int deadly[] = { SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect),
	SCMP_SYS(bind), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(clone), SCMP_SYS(clone3),
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(bpf), SCMP_SYS(io_uring_setup), SCMP_SYS(userfaultfd),
	SCMP_SYS(perf_event_open), SCMP_SYS(keyctl), SCMP_SYS(unshare), SCMP_SYS(mount) };

/* TSan starts a thread of its own in every process; it may come up when the locks are there. */
static const int sanitizer[] = { SCMP_SYS(rseq), SCMP_SYS(set_robust_list) };

static int add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	int e = 0;
	for (size_t i = 0; e == 0 && i < count; i++)
		e = seccomp_rule_add(filter, action, calls[i], 0);
	return e;
}

/* This call, while the bits of mask in one of its arguments are as given. */
static int allow_if(scmp_filter_ctx filter, int call, unsigned argument, uint64_t mask, uint64_t is)
{
	const struct scmp_arg_cmp same = {
		.arg = argument, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = is
	};
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &same);
}

/* abort() signals itself. */
static int allow_own_end(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp own = {
		.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid(), .datum_b = 0
	};
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &own);
}

/* No code comes into being, and a descriptor may be looked at: its flags, and what it is. */
static int allow_in_part(scmp_filter_ctx filter)
{
	int e = allow_if(filter, SCMP_SYS(mmap), 2, PROT_EXEC, 0);
	if (e == 0)
		e = allow_if(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
	if (e == 0)
		e = allow_if(filter, SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFL);
	if (e == 0)
		e = allow_if(filter, SCMP_SYS(prlimit64), 2, UINT64_MAX, 0);
	return e == 0 ? allow_own_end(filter) : e;
}

/* Kernels before 6.2 empty a file that is opened to be read, whatever Landlock says. */
static int allow_paths(scmp_filter_ctx filter, const struct ad_sandbox *wish)
{
	const uint64_t more = O_ACCMODE | O_CREAT | O_TRUNC;
	if (wish->writable)
		return add_all(filter, SCMP_ACT_ALLOW, RULES(writing));
	/* The way in which the C library asks about a descriptor. */
	int e = allow_if(filter, SCMP_SYS(newfstatat), 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
	if (e != 0 || !wish->readable)
		return e;
	e = allow_if(filter, SCMP_SYS(open), 1, more, O_RDONLY);
	return e == 0 ? allow_if(filter, SCMP_SYS(openat), 2, more, O_RDONLY) : e;
}

static int fill(scmp_filter_ctx filter, const struct ad_sandbox *wish)
{
	int e = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (e == 0)
		e = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (e == 0)
		e = add_all(filter, SCMP_ACT_ALLOW, RULES(always));
	if (e == 0 && AD_SANITIZED)
		e = add_all(filter, SCMP_ACT_ALLOW, RULES(sanitizer));
	if (e == 0)
		e = add_all(filter, SCMP_ACT_KILL_PROCESS, RULES(deadly));
	if (e == 0)
		e = allow_in_part(filter);
	return e == 0 ? allow_paths(filter, wish) : e;
}

int sandbox_lock_calls(const struct ad_sandbox *wish, struct ad_err *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter)
		return AD_FAIL(err, AD_EIO, "seccomp: no filter");
	int e = fill(filter, wish);
	if (e == 0)
		e = seccomp_load(filter);
	seccomp_release(filter);
	if (e == 0)
		return 0;
	return AD_FAIL(err, AD_ECONFIG,
		"the kernel takes no list of system calls (seccomp), so no foreign file is read: "
		"%s",
		strerrordesc_np(-e));
}
