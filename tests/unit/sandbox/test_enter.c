/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody can do any more inside: one test for each promise of ad_sandbox_enter. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <setjmp.h>
#include <cmocka.h>

#include "ad/file.h"
#include "ad/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((size_t)1 << 20)
#define NOT_ENTERED 200
#define HELD_FD 9

static char folder[] = "/tmp/ad-sandbox-XXXXXX";
static char inner[64];
static char file[128];   /* in inner */
static char beside[128]; /* outside of inner */

static const struct ad_sandbox closed = { .memory_max = 512 * MIB, .file_max = MIB, .cpu_s = 20 };
static const struct ad_sandbox reading = {
	.readable = file, .memory_max = 512 * MIB, .file_max = MIB, .cpu_s = 20
};
static const struct ad_sandbox writing = {
	.writable = inner, .memory_max = 512 * MIB, .file_max = MIB, .cpu_s = 20
};

/* How a child ends that enters and then tries: its signal as a negative number, else its exit
 * code, which is 0 or the errno of what it tried. */
static int inside(const struct ad_sandbox *wish, int (*attempt)(void))
{
	pid_t child = fork();
	int status = 0;
	assert_true(child >= 0);
	if (child == 0) {
		struct ad_err err = { 0 };
		if (ad_sandbox_enter(wish, &err) == 0)
			_exit(attempt() == 0 ? 0 : errno);
		(void)fprintf(stderr, "%s\n", err.text);
		_exit(NOT_ENTERED);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int open_close(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	return fd < 0 ? -1 : close(fd);
}

/* ---- the network ---- */

static int open_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? -1 : 0;
}

static void nobody_inside_reaches_a_network(void **state)
{
	(void)state;
	assert_int_equal(inside(&closed, open_socket), -SIGSYS);
	assert_int_equal(inside(&writing, open_socket), -SIGSYS);
}

/* ---- other processes ---- */

static int start_process(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	return child < 0 ? -1 : 0;
}

static int start_program(void)
{
	char name[] = "true";
	char *const words[] = { name, NULL };
	char *const nothing[] = { NULL };
	return execve("/bin/true", words, nothing);
}

static int end_parent(void)
{
	return kill(getppid(), 0);
}

static void nobody_inside_starts_a_process(void **state)
{
	(void)state;
	assert_int_equal(inside(&closed, start_process), -SIGSYS);
}

static void nobody_inside_starts_a_program(void **state)
{
	(void)state;
	assert_int_equal(inside(&closed, start_program), -SIGSYS);
}

static void nobody_inside_signals_another_process(void **state)
{
	(void)state;
	assert_int_equal(inside(&closed, end_parent), EPERM);
}

/* ---- files ---- */

static int read_passwd(void)
{
	return open_close("/etc/passwd", O_RDONLY);
}

static int read_file(void)
{
	return open_close(file, O_RDONLY);
}

static int write_file(void)
{
	return open_close(file, O_WRONLY);
}

static int empty_file(void)
{
	return open_close(file, O_RDONLY | O_TRUNC);
}

static int write_beside(void)
{
	return open_close(beside, O_WRONLY | O_CREAT);
}

static int write_and_rename(void)
{
	char made[128];
	char named[128];
	(void)snprintf(made, sizeof made, "%s/made", inner);
	(void)snprintf(named, sizeof named, "%s/named", inner);
	return open_close(made, O_WRONLY | O_CREAT) == 0 ? rename(made, named) : -1;
}

static int move_out(void)
{
	return rename(file, beside);
}

static int use_held(void)
{
	char byte;
	return read(HELD_FD, &byte, 1) < 0 ? -1 : 0;
}

static void without_a_path_no_file_opens(void **state)
{
	(void)state;
	assert_int_equal(inside(&closed, read_passwd), EPERM);
	assert_int_equal(inside(&closed, read_file), EPERM);
	assert_int_equal(inside(&closed, write_beside), EPERM);
}

static void one_file_opens_to_be_read_and_no_other(void **state)
{
	(void)state;
	if (ad_sandbox_landlock() == 0)
		skip();
	assert_int_equal(inside(&reading, read_file), 0);
	assert_int_equal(inside(&reading, read_passwd), EACCES);
	assert_int_equal(inside(&reading, write_file), EPERM);
	assert_int_equal(inside(&reading, empty_file), EPERM);
	assert_int_equal(inside(&reading, write_beside), EPERM);
}

static void one_folder_is_written_to_and_nothing_else(void **state)
{
	(void)state;
	if (ad_sandbox_landlock() == 0)
		skip();
	assert_int_equal(inside(&writing, write_and_rename), 0);
	assert_int_equal(inside(&writing, write_beside), EACCES);
	assert_int_equal(inside(&writing, move_out), EACCES);
	assert_int_equal(inside(&writing, read_passwd), EACCES);
}

static void descriptors_from_before_are_closed(void **state)
{
	(void)state;
	int held = open("/dev/zero", O_RDONLY);
	assert_int_equal(dup2(held, HELD_FD), HELD_FD);
	assert_int_equal(inside(&closed, use_held), EBADF);
	(void)close(HELD_FD);
	(void)close(held);
}

/* ---- memory and time ---- */

static int make_code(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) /* NOLINT */
		return -1;
	return mprotect(memory, 4096, PROT_READ | PROT_EXEC);
}

static int take_a_gibibyte(void)
{
	void *memory =
		mmap(NULL, 1024 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? -1 : 0; /* NOLINT */
}

static int run_for_ever(void)
{
	for (volatile unsigned i = 0; i < UINT32_MAX; i++)
		for (volatile unsigned k = 0; k < UINT32_MAX; k++)
			continue;
	return 0;
}

static int raise_the_limit(void)
{
	const struct rlimit more = { .rlim_cur = 100, .rlim_max = 100 };
	return setrlimit(RLIMIT_NOFILE, &more);
}

static void memory_that_was_written_is_never_executed(void **state)
{
	(void)state;
	assert_int_equal(inside(&closed, make_code), EPERM);
}

static void memory_has_a_limit(void **state)
{
	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip();
#endif
	assert_int_equal(inside(&closed, take_a_gibibyte), ENOMEM);
}

static void processor_time_has_a_limit(void **state)
{
	(void)state;
	struct ad_sandbox short_lived = closed;
	short_lived.cpu_s = 1;
	assert_int_equal(inside(&short_lived, run_for_ever), -SIGKILL);
}

static void limits_cannot_be_raised(void **state)
{
	(void)state;
	assert_int_equal(inside(&closed, raise_the_limit), EPERM);
}

/* ---- what does work ---- */

static int allocate_and_print(void)
{
	for (size_t i = 1; i < 64; i++) {
		char *memory = malloc(i * 100000);
		if (!memory)
			return -1;
		memset(memory, 1, i * 100000);
		free(memory);
	}
	FILE *out = fdopen(STDOUT_FILENO, "w");
	return out && fprintf(out, "%d\n", 7) > 0 && fflush(out) == 0 ? 0 : -1;
}

static int give_up(void)
{
	abort();
}

static void memory_and_open_descriptors_work(void **state)
{
	(void)state;
	assert_int_equal(inside(&closed, allocate_and_print), 0);
}

static void who_aborts_is_seen_to_abort(void **state)
{
	(void)state;
	assert_int_equal(inside(&closed, give_up), -SIGABRT);
}

/* ---- kernels that lack a lock ---- */

/* From now on the kernel seems to know none of these calls. */
static bool forget(const int *calls, size_t count)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int e = filter ? 0 : -ENOMEM;
	for (size_t i = 0; e == 0 && i < count; i++)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), calls[i], 0);
	e = e == 0 ? seccomp_load(filter) : e;
	seccomp_release(filter);
	return e == 0;
}

/* As inside, on a kernel without some calls; refused: the code of ad_sandbox_enter, negative. */
static int inside_without(const int *calls, size_t count, const struct ad_sandbox *wish)
{
	pid_t child = fork();
	int status = 0;
	assert_true(child >= 0);
	if (child == 0) {
		struct ad_err err = { 0 };
		if (!forget(calls, count))
			_exit(NOT_ENTERED);
		int r = ad_sandbox_enter(wish, &err);
		_exit(r < 0 ? -r : read_passwd() == 0 ? 0 : 100 + errno);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void without_landlock_who_needs_a_path_is_refused_and_nobody_else(void **state)
{
	(void)state;
	static const int landlock[] = { SCMP_SYS(landlock_create_ruleset) };
	assert_int_equal(inside_without(landlock, 1, &reading), -AD_ECONFIG);
	assert_int_equal(inside_without(landlock, 1, &writing), -AD_ECONFIG);
	assert_int_equal(inside_without(landlock, 1, &closed), 100 + EPERM);
}

static void without_seccomp_nobody_reads(void **state)
{
	(void)state;
	static const int loading[] = { SCMP_SYS(seccomp) };
	assert_int_equal(inside_without(loading, 1, &closed), -AD_ECONFIG);
}

/* ---- fixture ---- */

static int make_folder(void **state)
{
	(void)state;
	struct ad_err err;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(inner, sizeof inner, "%s/inner", folder);
	(void)snprintf(file, sizeof file, "%s/file", inner);
	(void)snprintf(beside, sizeof beside, "%s/beside", folder);
	return ad_file_mkdirs(inner, &err) == 0 ? ad_file_write(file, "x", 1, 0600, &err) : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	struct ad_err err;
	return ad_file_remove_tree(folder, &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_inside_reaches_a_network),
		cmocka_unit_test(nobody_inside_starts_a_process),
		cmocka_unit_test(nobody_inside_starts_a_program),
		cmocka_unit_test(nobody_inside_signals_another_process),
		cmocka_unit_test(without_a_path_no_file_opens),
		cmocka_unit_test(one_file_opens_to_be_read_and_no_other),
		cmocka_unit_test(one_folder_is_written_to_and_nothing_else),
		cmocka_unit_test(descriptors_from_before_are_closed),
		cmocka_unit_test(memory_that_was_written_is_never_executed),
		cmocka_unit_test(memory_has_a_limit),
		cmocka_unit_test(processor_time_has_a_limit),
		cmocka_unit_test(limits_cannot_be_raised),
		cmocka_unit_test(memory_and_open_descriptors_work),
		cmocka_unit_test(who_aborts_is_seen_to_abort),
		cmocka_unit_test(without_landlock_who_needs_a_path_is_refused_and_nobody_else),
		cmocka_unit_test(without_seccomp_nobody_reads),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
