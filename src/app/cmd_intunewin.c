/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk intunewin create, inspect, extract: packages for Intune, without Intune. */
#include "ad/file.h"
#include "ad/pack.h"
#include "ad/sandbox.h"
#include "ad/text.h"
#include "command.h"

#define MEMORY_MAX ((size_t)1 << 30)
#define REPORT_MAX ((uint64_t)1 << 20) /* bytes, where it goes into a file */
#define MINUTE_S 60
#define HOUR_S 3600 /* 30 GiB that are decrypted, hashed and inflated */

static bool parse(struct ad_words *words, const struct ad_command *self, int argc, char **argv,
	size_t count, int *ret_exit)
{
	bool understood = ad_words_parse(words, self, argc, argv, NULL);
	*ret_exit = words->help ? AD_EXIT_DONE : AD_EXIT_USAGE;
	if (understood && words->count == count)
		return true;
	if (!words->help)
		*ret_exit = ad_app_usage(self);
	return false;
}

static int create(
	struct ad_arena *arena, const char *installer, const char *out, struct ad_err *err)
{
	const char *name = ad_file_name(installer);
	const struct ad_intunewin_file file = { .name = name, .path = installer };
	const struct ad_intunewin_wish wish = {
		.files = &file,
		.files_count = 1,
		.setup_file = name,
		.name = name,
		.out = out,
	};
	struct ad_msi msi;
	bool is_msi = ad_text_ends(name, ".msi");
	int r = is_msi ? ad_pack_msi_read(arena, installer, &msi, err) : 0;
	return r == 0 ? ad_intunewin_create(arena, &wish, is_msi ? &msi : NULL, err) : r;
}

static int run_create(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_err err = { 0 };
	int exit_code;
	if (!parse(&words, self, argc, argv, 1, &exit_code))
		return exit_code;
	struct ad_arena *arena = ad_arena_new();
	const char *out = words.output
				  ? words.output
				  : ad_printf(arena, "%s.intunewin", ad_file_name(words.word[0]));
	int r = create(arena, words.word[0], out, &err);
	if (r == 0)
		(void)printf("%s\n", out);
	ad_arena_free(arena);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_intunewin_create = {
	"intunewin create",
	"INSTALLER [-o FILE]",
	"wrap an installer; the file holds its own keys, so keep it secret",
	run_create,
};

/* The keys are left out: a report is read by many. */
static void print_info(struct ad_arena *arena, const struct ad_intunewin_info *info, bool json)
{
	const char *digest = ad_hex(arena, info->digest, sizeof info->digest);
	if (!json) {
		(void)printf("name            %s\nsetup file      %s\nsize            "
			     "%llu\nencrypted size  %llu\n"
			     "SHA-256         %s\n",
			info->name, info->setup_file, (unsigned long long)info->size,
			(unsigned long long)info->size_encrypted, digest);
		return;
	}
	struct ad_json *report = ad_json_new_object(arena);
	ad_json_set_str(arena, report, "name", info->name);
	ad_json_set_str(arena, report, "setup_file", info->setup_file);
	ad_json_set_int(arena, report, "size", (int64_t)info->size);
	ad_json_set_int(arena, report, "size_encrypted", (int64_t)info->size_encrypted);
	ad_json_set_str(arena, report, "sha256", digest);
	(void)printf("%s\n", ad_json_print(arena, report));
}

static int run_inspect(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_intunewin_info info;
	struct ad_err err = { 0 };
	int exit_code;
	if (!parse(&words, self, argc, argv, 1, &exit_code))
		return exit_code;
	struct ad_arena *arena = ad_arena_new();
	const struct ad_sandbox inside = { .readable = words.word[0],
		.memory_max = MEMORY_MAX,
		.file_max = REPORT_MAX,
		.cpu_s = MINUTE_S };
	int r = ad_sandbox_enter(&inside, &err);
	if (r == 0)
		r = ad_intunewin_inspect(arena, words.word[0], &info, &err);
	if (r == 0)
		print_info(arena, &info, words.json);
	ad_arena_free(arena);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_intunewin_inspect = {
	"intunewin inspect",
	"FILE.intunewin [--json]",
	"print what a package holds",
	run_inspect,
};

static int run_extract(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_intunewin_info info;
	struct ad_err err = { 0 };
	int exit_code;
	if (!parse(&words, self, argc, argv, 2, &exit_code))
		return exit_code;
	struct ad_arena *arena = ad_arena_new();
	const struct ad_sandbox inside = { .readable = words.word[0],
		.writable = words.word[1],
		.memory_max = MEMORY_MAX,
		.file_max = AD_INTUNEWIN_PLAIN_MAX + REPORT_MAX,
		.cpu_s = HOUR_S };
	int r = ad_file_mkdirs(words.word[1], &err);
	if (r == 0)
		r = ad_sandbox_enter(&inside, &err);
	if (r == 0)
		r = ad_intunewin_extract(arena, words.word[0], words.word[1], &info, &err);
	if (r == 0)
		print_info(arena, &info, words.json);
	ad_arena_free(arena);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_intunewin_extract = {
	"intunewin extract",
	"FILE.intunewin FOLDER [--json]",
	"decrypt a package, checked, and write its files into a folder",
	run_extract,
};
