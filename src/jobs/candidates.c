/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind `candidates`: what WinGet has for the words of a search that found nothing, onto the
 * card of that search. That WinGet cannot be asked is an answer, too: the person waits for one.
 */
#include "kit.h"

#include "ad/db.h"
#include "ad/desk/suggestions.h"
#include "ad/log.h"
#include "ad/text.h"
#include "ad/winget.h"

#define WORD_MIN 3 /* characters of a word that is looked for alone */

extern const struct ad_job_kind ad_job_kind_candidates;

/* The longest word: it says most. */
static const char *longest_word(struct ad_arena *arena, const char *words)
{
	const char *best = "";
	char *rest = ad_strdup(arena, words);
	char *word;
	while ((word = strsep(&rest, " ")))
		if (strlen(word) > strlen(best))
			best = word;
	return strlen(best) < WORD_MIN ? "" : best;
}

/* All words as they stand, without the spaces, then the longest one. */
static int find(struct ad_job_run *run, struct ad_winget_source *source, const char *words,
	struct ad_winget_row **ret, size_t *ret_count, struct ad_err *err)
{
	char *squeezed = ad_strdup(run->arena, words);
	size_t len = 0;
	for (const char *c = words; *c; c++)
		if (*c != ' ')
			squeezed[len++] = *c;
	squeezed[len] = '\0';
	const char *const tries[] = { words, squeezed, longest_word(run->arena, words) };
	int r = 0;
	*ret_count = 0;
	for (size_t i = 0; r == 0 && *ret_count == 0 && i < sizeof tries / sizeof tries[0]; i++)
		if (*tries[i])
			r = ad_winget_source_search(run->arena, source, tries[i],
				AD_DESK_CANDIDATES_MAX, ret, ret_count, err);
	return r;
}

static void note(struct ad_job_run *run, const struct ad_winget_row *rows, size_t count,
	struct ad_json *result)
{
	struct ad_json *list = ad_json_new_array(run->arena);
	for (size_t i = 0; i < count; i++) {
		struct ad_json *item = ad_json_new_object(run->arena);
		const char *name = rows[i].name ? rows[i].name : rows[i].id;
		ad_json_set_str(run->arena, item, "package", rows[i].id);
		ad_json_set_str(run->arena, item, "name", name);
		ad_json_set_str(run->arena, item, "version",
			rows[i].latest_version ? rows[i].latest_version : "");
		ad_json_append(run->arena, list, item);
	}
	ad_json_set(run->arena, result, "candidates", list);
}

static int look(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_err room = { 0 };
	struct ad_winget_options options;
	struct ad_winget_source *source = NULL;
	struct ad_winget_row *rows = NULL;
	size_t count = 0;
	int r = ad_job_winget(run, &options, err);
	if (r != 0)
		return r;
	options.refresh_floor_s = AD_WINGET_REFRESH_FLOOR_S;
	r = ad_winget_source_open(run->arena, &options, false, &source, &room);
	if (r == 0)
		r = find(run, source, ad_json_str(run->payload, "words"), &rows, &count, &room);
	if (!ad_job_keep_going(run))
		return AD_FAIL(err, AD_EBUSY, "stopping");
	if (r != 0)
		ad_log_err(AD_LOG_WARN, "jobs", "WinGet could not be looked through", &room, NULL);
	else
		ad_json_set_str(run->arena, result, "index_version",
			ad_winget_source_package(source)->version);
	ad_winget_source_close(source);
	ad_json_set_bool(run->arena, result, "unavailable", r != 0);
	note(run, rows, count, result);
	return 0;
}

static int show(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	const struct ad_json *list = ad_json_get(result, "candidates");
	struct ad_desk_candidate *items =
		ad_alloc_array(run->arena, ad_json_count(list), sizeof *items);
	struct ad_desk_candidates found = { .job_id = run->job.id,
		.words = ad_json_str(run->payload, "words"),
		.contact = ad_json_str(run->payload, "contact"),
		.unavailable = ad_json_bool(result, "unavailable", false),
		.items = items };
	AD_JSON_EACH(item, list)
	items[found.count++] =
		(struct ad_desk_candidate){ .package_id = ad_json_str(item, "package"),
			.name = ad_json_str(item, "name"),
			.version = ad_json_str(item, "version") };
	const char *version = ad_json_str(result, "index_version");
	int r = version ? ad_job_winget_accepted(run, version, err) : 0;
	if (r == 0)
		r = ad_desk_candidates(&desk, &found, err);
	ad_job_hand_over(run, &desk);
	return r;
}

static const struct ad_job_step_spec steps[] = {
	{ "look", look, show, NULL },
};

const struct ad_job_kind ad_job_kind_candidates = {
	.name = AD_JOB_CANDIDATES,
	.is_short = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
