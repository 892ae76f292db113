/* SPDX-License-Identifier: Apache-2.0 */
/* The table of subcommands, their help, and the words of the command line. */
#include "command.h"
#include "ad/sandbox/reader.h"
#include "ad/store/proposals.h"
#include "ad/text.h"

#define DRY_RUN "--dry-run"

static const struct ad_command *const commands[] = {
	&ad_command_serve,
	&ad_command_migrate,
	&ad_command_check_config,
	&ad_command_doctor,
	&ad_command_catalog_add,
	&ad_command_catalog_list,
	&ad_command_catalog_import,
	&ad_command_catalog_export,
	&ad_command_catalog_seats,
	&ad_command_catalog_trust,
	&ad_command_policy_import,
	&ad_command_policy_export,
	&ad_command_policy_list,
	&ad_command_policy_diff,
	&ad_command_policy_check,
	&ad_command_settings_get,
	&ad_command_settings_set,
	&ad_command_audit_verify,
	&ad_command_audit_export,
	&ad_command_card_render,
	&ad_command_card_check,
	&ad_command_manifest,
	&ad_command_winget_verify,
	&ad_command_package,
	&ad_command_msi_inspect,
	&ad_command_intunewin_create,
	&ad_command_intunewin_inspect,
	&ad_command_intunewin_extract,
	&ad_command_read,
};
static const size_t commands_count = sizeof commands / sizeof commands[0];

static int help(FILE *out)
{
	(void)fprintf(out, "AppDesk: an organisation's app counter inside Microsoft Teams.\n\n"
			   "usage: appdesk COMMAND [--help] ...\n\n");
	for (size_t i = 0; i < commands_count; i++)
		(void)fprintf(out, "  %-18s %s\n", commands[i]->name, commands[i]->help);
	(void)fprintf(out, "\nExit codes: 0 done, 1 refused or failed, 2 usage.\n");
	return out == stdout ? AD_EXIT_DONE : AD_EXIT_USAGE;
}

int ad_app_usage(const struct ad_command *self)
{
	(void)fprintf(stderr, "usage: appdesk %s %s\n", self->name, self->usage);
	return AD_EXIT_USAGE;
}

void ad_app_waits(int64_t proposal)
{
	if (proposal != 0)
		(void)printf("nothing is changed yet: change %lld waits for a second admin, for %d "
			     "days (in Teams: proposals)\n",
			(long long)proposal, AD_PROPOSAL_DAYS);
}

int ad_app_fail(const struct ad_err *err)
{
	(void)fprintf(stderr, "appdesk: %s\n", err->text);
	return AD_EXIT_FAILED;
}

/* How many of the words at argv this command's name takes: 0 when they are not its name. */
static int matches(const struct ad_command *command, int argc, char **argv)
{
	const char *space = strchr(command->name, ' ');
	if (!space)
		return strcmp(command->name, argv[0]) == 0 ? 1 : 0;
	size_t first = (size_t)(space - command->name);
	bool both = argc > 1 && strlen(argv[0]) == first &&
		    memcmp(argv[0], command->name, first) == 0 && strcmp(argv[1], space + 1) == 0;
	return both ? 2 : 0;
}

int ad_app_main(int argc, char **argv)
{
	if (argc < 2)
		return help(stderr);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return help(stdout);
	ad_reader_program_set("/proc/self/exe");
	for (size_t i = 0; i < commands_count; i++) {
		int taken = matches(commands[i], argc - 1, argv + 1);
		if (taken > 0)
			return commands[i]->run(commands[i], argc - taken, argv + taken);
	}
	(void)fprintf(stderr, "appdesk: no command '%s'\n\n", argv[1]);
	return help(stderr);
}

/* Where the value of a named option goes, or NULL when this command does not know it. */
static const char **place_of(struct ad_words *words, const char *name, const char *const *known)
{
	const struct {
		const char *name;
		const char **place;
	} common[] = {
		{ "--config", &words->config },
		{ "--database", &words->database },
		{ "--output", &words->output },
		{ "-o", &words->output },
		{ "--version", &words->version },
	};
	for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
		if (strcmp(common[i].name, name) == 0)
			return common[i].place;
	}
	for (; known && *known; known++) {
		if (strcmp(*known, name) == 0 && words->options < 16) {
			words->option[words->options][0] = name;
			return &words->option[words->options++][1];
		}
	}
	return NULL;
}

static bool is_listed(const char *const *names, const char *name)
{
	while (names && *names && strcmp(*names, name) != 0)
		names++;
	return names && *names;
}

bool ad_words_parse(struct ad_words *words, const struct ad_command *self, int argc, char **argv,
	const char *const *known)
{
	*words = (struct ad_words){ 0 };
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		if (strcmp(word, "--json") == 0) {
			words->json = true;
		} else if (strcmp(word, DRY_RUN) == 0 && is_listed(known, word)) {
			words->dry_run = true;
		} else if (strcmp(word, "--help") == 0) {
			(void)printf("usage: appdesk %s %s\n\n%s\n", self->name, self->usage,
				self->help);
			words->help = true;
			return false;
		} else if (word[0] == '-' && word[1]) {
			const char **place = place_of(words, word, known);
			if (!place || i + 1 == argc) {
				(void)fprintf(stderr, "appdesk: %s '%s'\n",
					place ? "no value behind" : "unknown option", word);
				return false;
			}
			*place = argv[++i];
		} else if (words->count == 16) {
			(void)fprintf(stderr, "appdesk: too many words\n");
			return false;
		} else {
			words->word[words->count++] = word;
		}
	}
	return true;
}

const char *ad_words_option(const struct ad_words *words, const char *name, const char *otherwise)
{
	for (size_t i = 0; i < words->options; i++) {
		if (strcmp(words->option[i][0], name) == 0)
			return words->option[i][1];
	}
	return otherwise;
}
