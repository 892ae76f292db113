/* SPDX-License-Identifier: Apache-2.0 */
/* Subcommands of the program. Each gets its own words (argv[0] is its name) and gives the exit
 * code. Private to app. */
#ifndef AD_APP_COMMAND_H
#define AD_APP_COMMAND_H

#include "ad/config.h"
#include "ad/err.h"

#include <stdint.h>

struct ad_command {
	const char *name;  /* one or two words: "catalog add" */
	const char *usage; /* behind the name */
	const char *help;
	int (*run)(const struct ad_command *self, int argc, char **argv);
};

/* Exit codes (the program's contract). */
enum { AD_EXIT_DONE = 0, AD_EXIT_FAILED = 1, AD_EXIT_USAGE = 2 };

/* Runs the command that argv names; prints help and usage. */
int ad_app_main(int argc, char **argv);

/* ---- what commands share ---- */

/* Options that were given, in any order before and between the words. */
struct ad_words {
	const char *config;   /* --config FILE */
	const char *database; /* --database URL */
	const char *output;   /* -o, --output FILE */
	const char *version;  /* --version V */
	bool json;            /* --json */
	bool help;            /* --help */
	bool dry_run;         /* --dry-run, for commands that name it among known */
	const char *word[16]; /* the rest */
	size_t count;
	/* --name value for anything else that the command knows */
	const char *option[16][2];
	size_t options;
};

/* False after having said what is wrong. known: names of further options, NULL-terminated; may be
 * NULL. */
bool ad_words_parse(struct ad_words *words, const struct ad_command *self, int argc, char **argv,
	const char *const *known);
/* Value of --name, or otherwise. */
const char *ad_words_option(const struct ad_words *words, const char *name, const char *otherwise);

/* Prints usage to stderr; AD_EXIT_USAGE. */
int ad_app_usage(const struct ad_command *self);
/* Says that nothing is changed yet, where a second admin has to accept; 0: nothing to say. */
void ad_app_waits(int64_t proposal);
/* Prints "appdesk: <text>" to stderr; AD_EXIT_FAILED. */
int ad_app_fail(const struct ad_err *err);

extern const struct ad_command ad_command_serve;
extern const struct ad_command ad_command_migrate;
extern const struct ad_command ad_command_check_config;
extern const struct ad_command ad_command_msi_inspect;
extern const struct ad_command ad_command_read;
extern const struct ad_command ad_command_doctor;
extern const struct ad_command ad_command_catalog_add;
extern const struct ad_command ad_command_catalog_list;
extern const struct ad_command ad_command_catalog_seats;
extern const struct ad_command ad_command_catalog_trust;
extern const struct ad_command ad_command_catalog_import;
extern const struct ad_command ad_command_catalog_export;
extern const struct ad_command ad_command_policy_import;
extern const struct ad_command ad_command_policy_export;
extern const struct ad_command ad_command_policy_list;
extern const struct ad_command ad_command_policy_diff;
extern const struct ad_command ad_command_policy_check;
extern const struct ad_command ad_command_settings_get;
extern const struct ad_command ad_command_settings_set;
extern const struct ad_command ad_command_audit_verify;
extern const struct ad_command ad_command_audit_export;
extern const struct ad_command ad_command_card_render;
extern const struct ad_command ad_command_card_check;
extern const struct ad_command ad_command_manifest;
extern const struct ad_command ad_command_winget_verify;
extern const struct ad_command ad_command_package;
extern const struct ad_command ad_command_intunewin_create;
extern const struct ad_command ad_command_intunewin_inspect;
extern const struct ad_command ad_command_intunewin_extract;

#endif
