/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk msi inspect: facts of an MSI. A process that does nothing else is its own reader. */
#include "ad/json.h"
#include "ad/pack.h"
#include "command.h"

#define OUTPUT_MAX ((uint64_t)64 << 10) /* bytes, where the answer goes into a file */

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

static int read_here(
	struct ad_arena *arena, const char *path, struct ad_msi *ret, struct ad_err *err)
{
	int r = ad_reader_become(&ad_pack_msi_reader, path, OUTPUT_MAX, err);
	return r == 0 ? ad_pack_msi_read(arena, path, ret, err) : r;
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
	struct ad_arena *arena = ad_arena_new();
	int r = read_here(arena, words.word[0], &msi, &err);
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
