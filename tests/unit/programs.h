/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of others that tests ask for a second opinion. Include after cmocka.h. */
#ifndef AD_TESTS_PROGRAMS_H
#define AD_TESTS_PROGRAMS_H

#include "ad/arena.h"

#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define PROGRAM_WORDS_MAX 24

extern char **environ;

/* Exit code of a program from PATH; arguments end with NULL. -1: it is not installed. */
static inline int run_program(const char *const *arguments)
{
	struct ad_arena *arena = ad_arena_new();
	pid_t pid;
	int status;
	char *argv[PROGRAM_WORDS_MAX];
	size_t count = 0;
	for (; arguments[count] && count + 1 < PROGRAM_WORDS_MAX; count++)
		argv[count] = ad_strdup(arena, arguments[count]);
	argv[count] = NULL;
	int spawned = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	ad_arena_free(arena);
	if (spawned != 0)
		return -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Skips the running test for want of a program; in CI that is a failure. */
static inline void miss_program(const char *name)
{
	const char *ci = getenv("CI");
	if (ci && strcmp(ci, "true") == 0)
		fail_msg("%s is not there; scripts/setup test installs it", name);
	print_message("skipped: %s is not there; scripts/setup test installs it\n", name);
	skip();
}

#endif
