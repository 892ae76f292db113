/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk package: an app's package without Intune, or only how it would be deployed. */
#include "cmd_package.h"

#include "ad/text.h"

/* "" leaves it open; anything else must be a known word. */
static int read_arch(const char *word, enum ad_winget_arch *ret, struct ad_err *err)
{
	static const enum ad_winget_arch known[] = { AD_WINGET_ARCH_X64, AD_WINGET_ARCH_X86,
		AD_WINGET_ARCH_ARM64 };
	for (size_t i = 0; *word && i < sizeof known / sizeof known[0]; i++) {
		if (ad_text_eq(word, ad_winget_arch_name(known[i]))) {
			*ret = known[i];
			return 0;
		}
	}
	return *word ? AD_FAIL(err, AD_EINVAL, "--arch is '%.20s': write x64, x86 or arm64", word)
		     : 0;
}

static int read_scope(const char *word, enum ad_winget_scope *ret, struct ad_err *err)
{
	if (ad_text_eq(word, "machine"))
		*ret = AD_WINGET_SCOPE_MACHINE;
	else if (ad_text_eq(word, "user"))
		*ret = AD_WINGET_SCOPE_USER;
	else if (*word)
		return AD_FAIL(err, AD_EINVAL, "--scope is '%.20s': write machine or user", word);
	return 0;
}

static int run_words(struct ad_arena *arena, const struct ad_words *words, struct ad_err *err)
{
	struct ad_winget_rules rules = { .allow_zip = true };
	int r = read_arch(ad_words_option(words, "--arch", ""), &rules.host, err);
	if (r == 0)
		r = read_scope(ad_words_option(words, "--scope", ""), &rules.scope, err);
	if (r != 0)
		return r;
	return words->count == 0 ? ad_package_preview(arena, words, &rules, err)
				 : ad_package_hand_off(arena, words, &rules, err);
}

static int run(const struct ad_command *self, int argc, char **argv)
{
	static const char *const known[] = { "--manifest", "--scope", "--arch", "--out", NULL };
	struct ad_words words;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, known))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	bool preview = ad_words_option(&words, "--manifest", NULL) != NULL;
	bool out = ad_words_option(&words, "--out", NULL) != NULL;
	if (preview ? words.count != 0 || out || words.version : words.count != 1 || !out)
		return ad_app_usage(self);
	struct ad_arena *arena = ad_arena_new();
	int r = run_words(arena, &words, &err);
	ad_arena_free(arena);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_package = {
	"package",
	"ID --out FOLDER [--version V] [--scope machine|user] [--arch x64|x86|arm64] [--json] "
	"[--config FILE]\n"
	"       appdesk package --manifest FILE_OR_FOLDER [--scope ...] [--arch ...] [--json]",
	"write a verified package with its evidence, without Intune; or print a manifest's plan",
	run,
};
