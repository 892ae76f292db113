/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk winget verify: judge a source package by a trust profile, step by step. */
#include "ad/clock.h"
#include "ad/file.h"
#include "ad/winget.h"
#include "command.h"
#include "report.h"

#define REPORT_MAX ((uint64_t)1 << 20) /* bytes, where it goes into a file */

/* err: why it is not verified, or NULL. */
static void print_json(struct ad_arena *arena, const struct ad_winget_package *package,
	const struct ad_trail *trail, const struct ad_err *err)
{
	bool verified = !err;
	struct ad_json *report =
		verified ? ad_winget_package_json(arena, package) : ad_json_new_object(arena);
	ad_json_set_bool(arena, report, "verified", verified);
	if (!verified) {
		ad_json_set_str(arena, report, "failed_step", ad_trail_failed(trail));
		ad_json_set_str(arena, report, "error", err->text);
	}
	ad_json_set(arena, report, "steps", ad_trail_json(arena, trail, err));
	(void)printf("%s\n", ad_json_print(arena, report));
}

/* The report is printed also when a step fails: then err names it. */
static int verify(struct ad_arena *arena, const struct ad_words *words, struct ad_err *err)
{
	struct ad_winget_profile profile;
	struct ad_winget_package package;
	struct ad_trail trail = { .arena = arena };
	char *data;
	size_t len;
	int r = ad_winget_profile_load(
		arena, ad_words_option(words, "--profile", ""), &profile, err);
	if (r == 0)
		r = ad_file_read(arena, words->word[0], AD_WINGET_PACKAGE_MAX, &data, &len, err);
	if (r != 0)
		return r;
	r = ad_reader_become(&ad_winget_reader, NULL, REPORT_MAX, err);
	if (r != 0)
		return r;
	const struct ad_winget_package_query query = {
		.bytes = { .data = (const uint8_t *)data, .len = len },
		.profile = &profile,
		.now = ad_clock_unix_ms() / 1000,
		.trail = &trail,
	};
	r = ad_winget_package_examine(arena, &query, &package, err);
	if (words->json) {
		print_json(arena, &package, &trail, r == 0 ? NULL : err);
	} else {
		ad_app_print_trail(&trail, err);
		(void)printf("\n%s is %s: %s\n", words->word[0],
			r == 0 ? "verified" : "NOT verified", profile.name);
	}
	if (r != 0 && ad_trail_failed(&trail))
		ad_err_prefix(err, "%s is not verified: ", words->word[0]);
	return r;
}

static int run_verify(const struct ad_command *self, int argc, char **argv)
{
	static const char *const known[] = { "--profile", NULL };
	struct ad_words words;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, known))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 1)
		return ad_app_usage(self);
	struct ad_arena *arena = ad_arena_new();
	int r = verify(arena, &words, &err);
	ad_arena_free(arena);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_winget_verify = {
	"winget verify",
	"FILE.msix [--profile PROFILE.json] [--json]",
	"verify a signed source package step by step, by Microsoft's own trust profile unless told",
	run_verify,
};
