/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk migrate, check-config. */
#include "ad/db.h"
#include "command.h"
#include "tokens.h"

/* Reads what a credential needs, as a start would; asks nobody. */
static int check_credential(const struct ad_token_config *token, struct ad_err *err)
{
	struct ad_token_source *source = NULL;
	int r = ad_token_source_new(token, &source, err);
	ad_token_source_free(source);
	return r;
}

static int load_config(const char *path, struct ad_config **ret, struct ad_err *err)
{
	int r = ad_config_load(path, ret, err);
	if (r != 0)
		return r;
	const struct ad_token_config bot = ad_tokens_bot(*ret);
	const struct ad_token_config graph = ad_tokens_graph(*ret);
	r = check_credential(&bot, err);
	if (r == 0)
		r = check_credential(&graph, err);
	if (r != 0)
		ad_config_free(*ret);
	return r;
}

static int run_check_config(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_config *config = NULL;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (load_config(words.config, &config, &err) != 0) {
		(void)ad_app_fail(&err);
		return AD_EXIT_USAGE;
	}
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *all = ad_config_print(arena, config);
	if (words.json) {
		(void)printf("%s\n", ad_json_print(arena, all));
	} else {
		AD_JSON_EACH(value, all)
		(void)printf("%s = %s\n", ad_json_name(value),
			ad_json_text(value) ? ad_json_text(value) : ad_json_print(arena, value));
	}
	ad_arena_free(arena);
	ad_config_free(config);
	return AD_EXIT_DONE;
}

const struct ad_command ad_command_check_config = {
	"check-config",
	"[--config FILE] [--json]",
	"check the configuration and print it, secrets hidden",
	run_check_config,
};

static void print_applied(void *ctx, int number, const char *name)
{
	(void)ctx;
	(void)printf("applied %04d %s\n", number, name);
}

static int run_migrate(const struct ad_command *self, int argc, char **argv)
{
	static const char *const known[] = { "--role", NULL };
	struct ad_words words;
	struct ad_err err = { 0 };
	const struct ad_db_migration_report report = { .applied = print_applied };
	if (!ad_words_parse(&words, self, argc, argv, known))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (!words.database || words.count > 0)
		return ad_app_usage(self);
	const char *role = ad_words_option(&words, "--role", AD_DB_SERVICE_ROLE);
	struct ad_arena *arena = ad_arena_new();
	/* A password in the arguments is for every process on the machine to read. */
	int r = ad_config_resolve(arena, "--database", &words.database, &err);
	if (r == 0)
		r = ad_db_migrate(words.database, role, &report, &err);
	ad_arena_free(arena);
	if (r != 0)
		return ad_app_fail(&err);
	(void)printf("the schema is at %04d\n", ad_db_schema_number());
	return AD_EXIT_DONE;
}

const struct ad_command ad_command_migrate = {
	"migrate",
	"--database URL_OF_THE_OWNER|@File(path)|@Env(NAME) [--role SERVICE_ROLE]",
	"bring the database's schema up to this program, as its owner",
	run_migrate,
};
