/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and ending a reader's process. */
#include "child.h"

#include "ad/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Its end of the pair becomes its input and its output; nothing else of ours is open in it. */
static int spawn(const char *program, char *const *words, int end, int out, pid_t *ret)
{
	char *const no_environment[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_adddup2(&files, end, STDIN_FILENO);
	(void)posix_spawn_file_actions_adddup2(&files, end, STDOUT_FILENO);
	if (out >= 0)
		(void)posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	else
		(void)posix_spawn_file_actions_addopen(
			&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	(void)posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	/* In a group of its own a terminal's signals pass it by. */
	(void)posix_spawnattr_init(&how);
	(void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP);
	int e = posix_spawn(ret, program, &files, &how, words, no_environment);
	(void)posix_spawnattr_destroy(&how);
	(void)posix_spawn_file_actions_destroy(&files);
	return e;
}

int child_start(const char *program, const char *kind, const char *path, int out, struct child *ret,
	struct ad_err *err)
{
	char name[] = "appdesk", command[] = "read";
	char *const words[] = { name, command, (char *)(uintptr_t)kind, (char *)(uintptr_t)path,
		NULL };
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return AD_FAIL(err, AD_EIO, "socket pair: %s", strerrordesc_np(errno));
	AD_AUTO_FD int its = ends[1];
	int e = spawn(program, words, its, out, &ret->pid);
	if (e != 0) {
		(void)close(ends[0]);
		return AD_FAIL(err, AD_EIO, "the reader of foreign files cannot be started: %s",
			strerrordesc_np(e));
	}
	ret->fd = ends[0];
	return 0;
}

/* One that is already on its way out keeps its own reason. */
const char *child_end(struct ad_arena *arena, const struct child *child)
{
	int status = 0;
	(void)close(child->fd);
	(void)kill(child->pid, SIGKILL);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (!WIFSIGNALED(status))
		return ad_printf(arena, "exit code %d", WEXITSTATUS(status));
	return ad_printf(arena, "signal %d (%s)", WTERMSIG(status), sigdescr_np(WTERMSIG(status)));
}
