/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind `directory`: what has changed among the organisation's people, asked every few minutes,
 * and everybody once a day. Written down page by page; what a change means for the counter is the
 * business of a job for each person (person.c), so that one of them cannot hold up the others.
 */
#include "kit.h"

#include "ad/desk/brake.h"
#include "ad/store/directory.h"
#include "ad/text.h"

#define FULL_S INT64_C(86400) /* everybody is looked at again after that */
#define PAGES_MAX 20u         /* of one claim; the next one goes on at once */
#define UNSETTLED_MAX 1000u   /* people acted upon after one round; the others after the next */

extern const struct ad_job_kind ad_job_kind_directory;

struct round {
	struct ad_graph_delta page;
	bool full;    /* the page belongs to a full round */
	bool restart; /* the directory does not know the place any more */
	unsigned pages;
};

static bool is_forgotten(const struct ad_directory_place *place, const struct ad_err *err)
{
	return !ad_text_empty(place->link) && (err->status == 410 || err->status == 400);
}

static int ask(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_directory_place place;
	const struct ad_graph graph = ad_job_graph(run);
	struct round *round = run->state;
	struct ad_err room = { 0 };
	struct ad_err *e = err ? err : &room;
	(void)result;
	if (!round)
		run->state = round = ad_alloc(run->arena, sizeof(*round));
	int r = ad_store_directory_get(run->db, run->arena, run->job.tenant_id, &place, e);
	if (r < 0)
		return r;
	bool due = place.full_age_s < 0 || place.full_age_s >= FULL_S;
	bool begins = ad_text_empty(place.link) || (due && !place.full);
	round->full = place.full || begins;
	r = ad_graph_users_delta(&graph, run->arena, begins ? "" : place.link, &round->page, e);
	round->restart = r < 0 && !begins && is_forgotten(&place, e);
	return round->restart ? 0 : r;
}

static const char *state_of(const struct ad_graph_change *change)
{
	if (change->removed)
		return "deleted";
	if (change->enabled == AD_GRAPH_UNSAID)
		return NULL;
	return change->enabled == AD_GRAPH_YES ? "active" : "disabled";
}

static int learn(struct ad_job_run *run, const struct ad_graph_change *change, struct ad_err *err)
{
	bool guest = change->guest == AD_GRAPH_YES;
	const struct ad_directory_news news = { .tenant_id = run->job.tenant_id,
		.oid = change->oid,
		.name = change->name,
		.mail = change->mail,
		.upn = change->upn,
		.department = change->department,
		.job_title = change->job_title,
		.manager_oid = change->manager,
		.state = state_of(change),
		.guest = change->guest == AD_GRAPH_UNSAID ? NULL : &guest };
	return ad_store_directory_learn(run->db, run->arena, &news, err);
}

/* What follows from the news, unless they are so many that an admin has to look at them first. */
static int act(struct ad_job_run *run, struct ad_err *err)
{
	struct ad_desk desk = ad_job_desk(run);
	bool held;
	int r = ad_desk_settings_load(run->db, run->arena, run->job.tenant_id, &desk.settings, err);
	if (r == 0)
		r = ad_desk_brake_look(&desk, &run->options->brake, &held, err);
	if (r == 0 && !held)
		r = ad_store_directory_unsettled(
			run->db, run->arena, run->job.tenant_id, UNSETTLED_MAX, err);
	ad_job_hand_over(run, &desk);
	return r;
}

/* The last page is written: who is to be acted upon, and until when the job rests. */
static int rest(struct ad_job_run *run, const struct round *round, struct ad_err *err)
{
	int r = 0;
	if (round->full)
		r = ad_store_directory_full(run->db, run->arena, run->job.tenant_id, err);
	if (r == 0)
		r = act(run, err);
	run->later_ms = (int64_t)run->options->directory_every_s * 1000;
	return r == 0 ? AD_JOB_LATER : r;
}

static int note(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct round *round = run->state;
	const struct ad_graph_delta *page = &round->page;
	const char *tenant = run->job.tenant_id;
	int r;
	(void)result;
	if (round->restart) {
		r = ad_store_directory_restart(run->db, run->arena, tenant, err);
		return r == 0 ? AD_JOB_AGAIN : r;
	}
	r = ad_store_directory_page(run->db, run->arena, tenant, page->next, round->full, err);
	for (size_t i = 0; r == 0 && i < page->count; i++)
		r = learn(run, &page->changes[i], err);
	if (r < 0)
		return r;
	if (page->done)
		return rest(run, round, err);
	round->pages++;
	run->later_ms = 0;
	return round->pages < PAGES_MAX ? AD_JOB_AGAIN : AD_JOB_LATER;
}

static const struct ad_job_step_spec steps[] = {
	{ "round", ask, note, NULL },
};

const struct ad_job_kind ad_job_kind_directory = {
	.name = AD_JOB_DIRECTORY,
	.is_short = true,
	.is_standing = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
