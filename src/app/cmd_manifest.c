/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk manifest: the app package that an admin uploads to Teams. */
#include "ad/file.h"
#include "ad/net.h"
#include "ad/text.h"
#include "command.h"
#include "teams_package.h"

#define OUTPUT "appdesk-teams.zip"
#define MODE 0644u /* nothing in it is secret */

/* What the words leave out, from the configuration; which is not asked when they leave out nothing.
 */
static int complete(struct ad_arena *arena, const struct ad_words *words,
	struct ad_teams_package *package, struct ad_err *err)
{
	struct ad_config *config;
	struct ad_net_url url = { 0 };
	if (package->app_id && package->host)
		return 0;
	int r = ad_config_load(words->config, &config, err);
	if (r != 0)
		return r;
	if (!package->app_id)
		package->app_id = ad_strdup(arena, config->bot.app_id);
	if (!package->host && ad_text_empty(config->server.public_url))
		r = AD_FAIL(err, AD_ECONFIG,
			"the host is missing: give --host, or set server.public_url");
	else if (!package->host)
		r = ad_net_url_parse(arena, config->server.public_url, &url, err);
	if (r == 0 && !package->host)
		package->host = url.host;
	ad_config_free(config);
	return r;
}

static int write_package(
	struct ad_arena *arena, const struct ad_words *words, const char *path, struct ad_err *err)
{
	struct ad_teams_package package = {
		.app_id = ad_words_option(words, "--app-id", NULL),
		.host = ad_words_option(words, "--host", NULL),
		.version = words->version ? words->version : AD_VERSION,
		.organization = ad_words_option(words, "--organization", "AppDesk"),
	};
	struct ad_bytes bytes;
	int r = complete(arena, words, &package, err);
	if (r != 0)
		return r;
	const char *home = ad_printf(arena, "https://%s/", package.host);
	package.website = ad_words_option(words, "--website", home);
	package.privacy = ad_words_option(words, "--privacy", package.website);
	package.terms = ad_words_option(words, "--terms", package.website);
	r = ad_teams_package_make(arena, &package, &bytes, err);
	return r == 0 ? ad_file_write(path, bytes.data, bytes.len, MODE, err) : r;
}

static int run_manifest(const struct ad_command *self, int argc, char **argv)
{
	static const char *const known[] = { "--app-id", "--host", "--organization", "--website",
		"--privacy", "--terms", NULL };
	struct ad_words words;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, known))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count > 0)
		return ad_app_usage(self);
	struct ad_arena *arena = ad_arena_new();
	const char *path = words.output ? words.output : OUTPUT;
	int r = write_package(arena, &words, path, &err);
	if (r == 0)
		(void)printf("%s\n", path);
	ad_arena_free(arena);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_manifest = {
	"manifest",
	"[--config FILE] [--app-id ID] [--host HOST] [--version V] [--organization NAME] "
	"[--website URL] [--privacy URL] [--terms URL] [-o FILE]",
	"write the app package for Teams; id and host are bot.app_id and server.public_url's",
	run_manifest,
};
