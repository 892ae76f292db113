/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk catalog import, catalog export: the catalogue as a file. */
#include "ad/desk/catalog.h"
#include "ad/file.h"
#include "ad/text.h"
#include "command.h"
#include "progress.h"
#include "session.h"

#include <stdlib.h>
#include <strings.h>

#define AT_ONCE 100     /* apps of one transaction */
#define PAGE 500        /* apps of one look at the database */
#define FAULTS_SHOWN 20 /* lines; all of them are counted */

/* ---- import ---- */

struct import {
	struct ad_session *s;
	struct ad_catalog_rows rows;
	struct ad_catalog_step *steps; /* one for each row */
	struct ad_json *faults;        /* texts */
	size_t fault_count;
	size_t counts[AD_CATALOG_CHANGED + 1];
	struct ad_progress progress;
};

static void add_fault(struct import *im, const char *text)
{
	if (im->fault_count++ < FAULTS_SHOWN)
		ad_json_append(im->s->arena, im->faults, ad_json_new_string(im->s->arena, text));
}

/* An app that two lines speak of would be what the second one says, and nobody would know. */
static int by_package(const void *a, const void *b)
{
	const struct ad_catalog_step *const *first = a;
	const struct ad_catalog_step *const *second = b;
	int order = strcasecmp((*first)->winget_id, (*second)->winget_id);
	return order != 0 ? order : (*first > *second) - (*first < *second);
}

static void find_twins(struct import *im)
{
	struct ad_arena *arena = im->s->arena;
	size_t count = im->rows.count;
	const struct ad_catalog_step **sorted = ad_alloc_array(arena, count, sizeof *sorted);
	for (size_t i = 0; i < count; i++)
		sorted[i] = &im->steps[i];
	if (count > 0)
		qsort(sorted, count, sizeof *sorted, by_package);
	for (size_t i = 1; i < count; i++) {
		if (strcasecmp(sorted[i]->winget_id, sorted[i - 1]->winget_id) != 0)
			continue;
		add_fault(im,
			ad_printf(arena, "line %d: %s is in line %d already",
				im->rows.items[sorted[i] - im->steps].line, sorted[i]->winget_id,
				im->rows.items[sorted[i - 1] - im->steps].line));
	}
}

/* All rows are judged before anything is changed. */
static int judge(struct import *im, struct ad_err *err)
{
	im->progress.what = "apps checked";
	for (size_t i = 0; i < im->rows.count; i++) {
		int r = ad_desk_catalog_plan(&im->s->desk, &im->rows.items[i], &im->steps[i], err);
		if (r != 0 && r != AD_EINVAL)
			return r;
		if (r == AD_EINVAL)
			add_fault(im, err->text);
		else
			im->counts[im->steps[i].change]++;
		ad_progress_step(&im->progress, (int64_t)i + 1, (int64_t)im->rows.count);
	}
	if (im->fault_count == 0)
		find_twins(im);
	return 0;
}

static int put_some(struct import *im, size_t from, size_t until, struct ad_err *err)
{
	int r = ad_db_begin(im->s->db, err);
	if (r != 0)
		return r;
	for (size_t i = from; r == 0 && i < until; i++)
		r = ad_desk_catalog_put(&im->s->desk, "cli", &im->steps[i], err);
	if (r == 0)
		return ad_db_commit(im->s->db, err);
	ad_db_rollback(im->s->db);
	return r;
}

static int put_all(struct import *im, struct ad_err *err)
{
	int r = 0;
	im->progress.what = "apps imported";
	for (size_t i = 0; r == 0 && i < im->rows.count; i += AT_ONCE) {
		size_t until = i + AT_ONCE < im->rows.count ? i + AT_ONCE : im->rows.count;
		r = put_some(im, i, until, err);
		ad_progress_step(&im->progress, (int64_t)until, (int64_t)im->rows.count);
	}
	return r;
}

static void print_step(const struct import *im, const struct ad_catalog_step *step)
{
	const char *members = "";
	AD_JSON_EACH(name, step->members)
	{
		members = ad_printf(im->s->arena, "%s%s%s", members, *members ? ", " : ": ",
			ad_json_text(name));
	}
	(void)printf("%-8s %s%s\n", ad_catalog_change_name(step->change), step->winget_id,
		step->change == AD_CATALOG_CHANGED ? members : "");
}

static void print_report(const struct import *im, bool dry, bool json)
{
	struct ad_arena *arena = im->s->arena;
	struct ad_json *report = ad_json_new_object(arena);
	struct ad_json *apps = ad_json_new_array(arena);
	for (size_t i = 0; im->fault_count == 0 && i < im->rows.count; i++) {
		const struct ad_catalog_step *step = &im->steps[i];
		struct ad_json *app = ad_json_new_object(arena);
		if (step->change == AD_CATALOG_SAME)
			continue;
		ad_json_set_str(arena, app, "winget_id", step->winget_id);
		ad_json_set_str(arena, app, "change", ad_catalog_change_name(step->change));
		ad_json_set(arena, app, "members", step->members);
		ad_json_append(arena, apps, app);
		if (!json)
			print_step(im, step);
	}
	for (int i = 0; i <= AD_CATALOG_CHANGED; i++)
		ad_json_set_int(arena, report, ad_catalog_change_name((enum ad_catalog_change)i),
			(int64_t)im->counts[i]);
	ad_json_set_bool(arena, report, "dry_run", dry);
	ad_json_set_int(arena, report, "fault_count", (int64_t)im->fault_count);
	ad_json_set(arena, report, "faults", im->faults);
	ad_json_set(arena, report, "apps", apps);
	if (json)
		(void)printf("%s\n", ad_json_print(arena, report));
	else if (im->fault_count == 0)
		(void)printf("%zu new, %zu changed, %zu as they were%s\n",
			im->counts[AD_CATALOG_NEW], im->counts[AD_CATALOG_CHANGED],
			im->counts[AD_CATALOG_SAME], dry ? "; nothing was imported" : "");
}

static void print_faults(const struct import *im, const char *path)
{
	AD_JSON_EACH(fault, im->faults)
	{
		(void)fprintf(stderr, "%s: %s\n", path, ad_json_text(fault));
	}
	(void)fprintf(stderr, "appdesk: nothing was imported: %zu %s\n", im->fault_count,
		im->fault_count == 1 ? "fault" : "faults");
}

static int import(struct import *im, const char *path, bool dry, struct ad_err *err)
{
	char *text;
	size_t len;
	int r = ad_file_read(im->s->arena, path, AD_CATALOG_FILE_MAX, &text, &len, err);
	if (r == 0)
		r = ad_catalog_file_read(im->s->arena, text, len, &im->rows, err);
	if (r == AD_EINVAL) {
		add_fault(im, err->text);
		return 0;
	}
	if (r != 0)
		return r;
	im->steps = ad_alloc_array(im->s->arena, im->rows.count, sizeof *im->steps);
	r = judge(im, err);
	if (r == 0 && !dry && im->fault_count == 0)
		r = put_all(im, err);
	ad_progress_end(&im->progress);
	return r;
}

static int run_import(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_session s;
	struct ad_err err = { 0 };
	static const char *const known[] = { "--dry-run", NULL };
	if (!ad_words_parse(&words, self, argc, argv, known))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count != 1)
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_ACTS, &s, &err) != 0)
		return ad_app_fail(&err);
	struct import im = { .s = &s, .faults = ad_json_new_array(s.arena) };
	int r = import(&im, words.word[0], words.dry_run, &err);
	if (r == 0 && im.fault_count > 0 && !words.json)
		print_faults(&im, words.word[0]);
	else if (r == 0)
		print_report(&im, words.dry_run, words.json);
	bool is_done = r == 0 && im.fault_count == 0;
	ad_session_close(&s);
	return r != 0 ? ad_app_fail(&err) : is_done ? AD_EXIT_DONE : AD_EXIT_FAILED;
}

const struct ad_command ad_command_catalog_import = {
	"catalog import",
	"[--config FILE] [--dry-run] [--json] APPS.csv|APPS.json",
	"put the apps of a file into the catalogue, or change those that are there",
	run_import,
};

/* ---- export ---- */

static int print_pages(struct ad_session *s, bool csv, struct ad_err *err)
{
	const char *after = "";
	size_t count = PAGE;
	const char *before = csv ? "" : "[\n";
	if (csv)
		(void)printf("%s\n", ad_catalog_csv(s->arena, NULL));
	while (count == PAGE) {
		struct ad_app_document *page;
		int r = ad_store_app_documents(
			s->db, s->arena, s->desk.tenant_id, after, PAGE, &page, &count, err);
		if (r != 0)
			return r;
		for (size_t i = 0; i < count; i++) {
			(void)printf("%s%s%s", before,
				csv ? ad_catalog_csv(s->arena, page[i].app)
				    : ad_json_print(s->arena, page[i].app),
				csv ? "\n" : "");
			before = csv ? "" : ",\n";
			after = page[i].winget_id;
		}
	}
	if (!csv)
		(void)printf("%s]\n", *before == '[' ? "[" : "\n");
	return 0;
}

static int run_export(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_session s;
	struct ad_err err = { 0 };
	static const char *const known[] = { "--format", NULL };
	if (!ad_words_parse(&words, self, argc, argv, known))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	const char *format = ad_words_option(&words, "--format", "json");
	bool csv = ad_text_eq(format, "csv");
	if (words.count != 0 || (!csv && !ad_text_eq(format, "json")))
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_READS, &s, &err) != 0)
		return ad_app_fail(&err);
	int r = print_pages(&s, csv, &err);
	ad_session_close(&s);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_catalog_export = {
	"catalog export",
	"[--config FILE] [--format json|csv]",
	"print the catalogue as a file for catalog import, in JSON or CSV",
	run_export,
};
