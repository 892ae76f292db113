/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSIs are read by a child: libmsi follows what a file says about itself, and there are files that
 * end it. The child is `PROGRAM msi inspect --json FILE`, with limits of its own
 * (src/app/cmd_msi.c) and without our environment, which has secrets. Its death is an answer: no
 * MSI that can be read.
 */
#include "ad/clock.h"
#include "ad/file.h"
#include "ad/json.h"
#include "ad/text.h"
#include "msi_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define READER_MS 20000 /* for one file; then the child is ended */
#define WAIT_MS 2       /* between two looks whether it has ended by itself */
#define ANSWER_MAX ((size_t)16 << 10)
#define COMPLAINT "appdesk: " /* how the child's refusals begin */

static const char *reader; /* set before there are threads */

void ad_pack_msi_reader_set(const char *program)
{
	reader = program;
}

/* Both of its outputs come to us. */
static int start(const char *path, int answer, pid_t *ret, struct ad_err *err)
{
	char name[] = "appdesk", command[] = "msi", word[] = "inspect", json[] = "--json";
	char *const argv[] = { name, command, word, json, (char *)(uintptr_t)path, NULL };
	char *const no_environment[] = { NULL };
	posix_spawn_file_actions_t files;
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&files, answer, STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&files, answer, STDERR_FILENO);
	int e = posix_spawn(ret, reader, &files, NULL, argv, no_environment);
	(void)posix_spawn_file_actions_destroy(&files);
	return e == 0 ? 0
		      : AD_FAIL(err, AD_EIO, "the reader of MSIs cannot be started: %s",
				strerrordesc_np(e));
}

/* What the child says, until it closes its end or its time is over. Cut at ANSWER_MAX. */
static char *listen_to(struct ad_arena *arena, int fd, int64_t until_ms)
{
	char *text = ad_alloc(arena, ANSWER_MAX + 1);
	size_t len = 0;
	for (;;) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		int64_t left_ms = until_ms - ad_clock_mono_ms();
		int n = left_ms > 0 ? poll(&ready, 1, (int)left_ms) : 0;
		if (n < 0 && errno == EINTR)
			continue;
		ssize_t got =
			n > 0 && len < ANSWER_MAX ? read(fd, text + len, ANSWER_MAX - len) : 0;
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	text[len] = '\0';
	return text;
}

/* It has said all, and ends by itself, or has had its time. */
static int end(pid_t child, int64_t until_ms)
{
	int status = 0;
	pid_t ended;
	while ((ended = waitpid(child, &status, WNOHANG)) == 0 && ad_clock_mono_ms() < until_ms)
		(void)poll(NULL, 0, WAIT_MS);
	if (ended != 0)
		return status;
	(void)kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

static int read_facts(
	struct ad_arena *arena, const char *text, struct ad_msi *ret, struct ad_err *err)
{
	struct ad_json *facts;
	int r = ad_json_parse(arena, text, strlen(text), &facts, err);
	if (r < 0)
		return r;
	*ret = (struct ad_msi){
		.product_code = ad_json_str(facts, "product_code"),
		.product_version = ad_json_str(facts, "product_version"),
		.product_name = ad_json_str(facts, "product_name"),
		.manufacturer = ad_json_str(facts, "manufacturer"),
		.upgrade_code = ad_json_str(facts, "upgrade_code"),
		.package_code = ad_json_str(facts, "package_code"),
		.arch = ad_json_str(facts, "arch"),
		.scope = (enum ad_msi_scope)ad_json_int(facts, "scope", AD_MSI_PER_USER),
		.includes_services = ad_json_bool(facts, "includes_services", false),
		.includes_odbc = ad_json_bool(facts, "includes_odbc", false),
		.requires_reboot = ad_json_bool(facts, "requires_reboot", false),
	};
	return 0;
}

struct ad_json *ad_pack_msi_json(struct ad_arena *arena, const struct ad_msi *msi)
{
	struct ad_json *facts = ad_json_new_object(arena);
	ad_json_set_str(arena, facts, "product_code", msi->product_code);
	ad_json_set_str(arena, facts, "product_version", msi->product_version);
	ad_json_set_str(arena, facts, "product_name", msi->product_name);
	ad_json_set_str(arena, facts, "manufacturer", msi->manufacturer);
	ad_json_set_str(arena, facts, "upgrade_code", msi->upgrade_code);
	ad_json_set_str(arena, facts, "package_code", msi->package_code);
	ad_json_set_str(arena, facts, "arch", msi->arch);
	ad_json_set_int(arena, facts, "scope", msi->scope);
	ad_json_set_bool(arena, facts, "includes_services", msi->includes_services);
	ad_json_set_bool(arena, facts, "includes_odbc", msi->includes_odbc);
	ad_json_set_bool(arena, facts, "requires_reboot", msi->requires_reboot);
	return facts;
}

/* What became of the child. A sanitizer's report is no refusal of ours. */
static int judge(struct ad_arena *arena, int status, const char *answer, struct ad_msi *ret,
	struct ad_err *err)
{
	bool ended = WIFEXITED(status);
	if (ended && WEXITSTATUS(status) == 0)
		return read_facts(arena, answer, ret, err);
	if (ended && ad_text_starts(answer, COMPLAINT))
		return AD_FAIL(
			err, AD_EINVAL, "%s", ad_text_trim(arena, answer + sizeof COMPLAINT - 1));
	return AD_FAIL(err, AD_EINVAL,
		"installer is no MSI that can be read, for it ends its reader: its publisher has "
		"to mend it");
}

static int ask_child(
	struct ad_arena *arena, const char *path, struct ad_msi *ret, struct ad_err *err)
{
	pid_t child;
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return AD_FAIL(err, AD_EIO, "pipe: %s", strerrordesc_np(errno));
	AD_AUTO_FD int answers = ends[0];
	int r = start(path, ends[1], &child, err);
	(void)close(ends[1]);
	if (r < 0)
		return r;
	int64_t until_ms = ad_clock_mono_ms() + READER_MS;
	const char *answer = listen_to(arena, answers, until_ms);
	return judge(arena, end(child, until_ms), answer, ret, err);
}

int ad_pack_msi_read(
	struct ad_arena *arena, const char *path, struct ad_msi *ret, struct ad_err *err)
{
	if (!reader)
		return pack_msi_parse(arena, path, ret, err);
	if (access(path, R_OK) != 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	return ask_child(arena, path, ret, err);
}
