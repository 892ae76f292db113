/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk winget verify: judge a source package by a trust profile. */
#include "ad/clock.h"
#include "ad/file.h"
#include "ad/winget/package.h"
#include "command.h"

static int verify(struct ad_arena *arena, const struct ad_words *words, struct ad_err *err)
{
	struct ad_winget_profile profile;
	struct ad_winget_package package;
	char *data;
	size_t len;
	int r = ad_winget_profile_load(
		arena, ad_words_option(words, "--profile", ""), &profile, err);
	if (r == 0)
		r = ad_file_read(arena, words->word[0], AD_WINGET_PACKAGE_MAX, &data, &len, err);
	if (r != 0)
		return r;
	const struct ad_bytes bytes = { .data = (const uint8_t *)data, .len = len };
	r = ad_winget_package_verify(
		arena, bytes, &profile, ad_clock_unix_ms() / 1000, &package, err);
	if (r == 0)
		(void)printf("%s\n", ad_json_print(arena, ad_winget_package_json(arena, &package)));
	return r;
}

static int run_verify(const struct ad_command *self, int argc, char **argv)
{
	static const char *const known[] = { "--profile", NULL };
	struct ad_words words;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, known))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 1 || !ad_words_option(&words, "--profile", NULL))
		return ad_app_usage(self);
	struct ad_arena *arena = ad_arena_new();
	int r = verify(arena, &words, &err);
	ad_arena_free(arena);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_winget_verify = {
	"winget verify",
	"FILE.msix --profile PROFILE.json",
	"verify a signed source package and print the report as JSON",
	run_verify,
};
