/* SPDX-License-Identifier: Apache-2.0 */
/*
 * appdesk msi inspect: facts of an MSI. The program calls itself this way (ad_pack_msi_reader_set),
 * since a file may end what reads it, so it gives up what reading does not need.
 */
#include "ad/json.h"
#include "ad/pack.h"
#include "command.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define CPU_S 10
#define FILES 32
#define OUTPUT_MAX ((rlim_t)64 << 10) /* bytes, where the answer goes into a file */

static void limit(int resource, rlim_t most)
{
	const struct rlimit both = { .rlim_cur = most, .rlim_max = most };
	(void)setrlimit((__rlimit_resource_t)resource, &both);
}

/* Nothing but the answer is written, no process started, no right gained, and who started us is not
 * outlived. */
static void give_up_rights(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_CPU, CPU_S);
	limit(RLIMIT_FSIZE, OUTPUT_MAX);
	limit(RLIMIT_NOFILE, FILES);
	limit(RLIMIT_NPROC, 0);
}

static void print_facts(const struct ad_msi *msi)
{
	static const char *const scopes[] = { [AD_MSI_PER_MACHINE] = "machine",
		[AD_MSI_PER_USER] = "user",
		[AD_MSI_DUAL] = "machine or user" };
	(void)printf("product       %s\nversion       %s\nmanufacturer  %s\nproduct code  %s\n"
		     "upgrade code  %s\narchitecture  %s\nscope         %s\n",
		msi->product_name, msi->product_version, msi->manufacturer, msi->product_code,
		msi->upgrade_code, msi->arch, scopes[msi->scope]);
}

static int run_inspect(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_msi msi;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 1)
		return ad_app_usage(self);
	give_up_rights();
	ad_pack_msi_reader_set(NULL);
	struct ad_arena *arena = ad_arena_new();
	int r = ad_pack_msi_read(arena, words.word[0], &msi, &err);
	if (r == 0 && words.json)
		(void)printf("%s\n", ad_json_print(arena, ad_pack_msi_json(arena, &msi)));
	else if (r == 0)
		print_facts(&msi);
	ad_arena_free(arena);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_msi_inspect = {
	"msi inspect",
	"[--json] FILE",
	"print facts of an MSI",
	run_inspect,
};
