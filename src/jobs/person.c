/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind `person`: the directory has said something new of one person, and the counter follows.
 * The person is looked up first, so that nobody loses anything because of a list that was wrong.
 * One transaction for each thing that follows.
 */
#include "kit.h"

#include "ad/desk/people.h"
#include "ad/store/directory.h"
#include "ad/text.h"

extern const struct ad_job_kind ad_job_kind_person;

struct look {
	const char *oid;
	bool asked;
	bool there;
	struct ad_graph_user user;
	struct ad_desk_person_walk walk;
	unsigned rounds;
};

#define ROUNDS_MAX 50u /* of one claim; the next one goes on at once */

static int look_up(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	const struct ad_graph graph = ad_job_graph(run);
	struct look *look = run->state;
	(void)result;
	if (!look)
		run->state = look = ad_alloc(run->arena, sizeof(*look));
	if (look->asked)
		return 0;
	look->oid = ad_json_str(run->payload, "oid");
	if (!look->oid)
		return AD_FAIL(err, AD_EINVAL, "the job's payload names no person");
	int r = ad_graph_user_get(&graph, run->arena, look->oid, &look->user, err);
	look->there = r == 0;
	look->asked = r == 0 || r == AD_ENOTFOUND;
	return look->asked ? 0 : r;
}

static int learn(struct ad_job_run *run, const struct look *look, struct ad_err *err)
{
	const struct ad_graph_user *user = &look->user;
	struct ad_directory_news news = {
		.tenant_id = run->job.tenant_id, .oid = look->oid, .state = "deleted"
	};
	if (look->there) {
		news.state = user->enabled ? "active" : "disabled";
		news.name = user->name;
		news.mail = user->mail;
		news.upn = user->upn;
		news.department = user->department;
		news.job_title = user->job_title;
		news.guest = &user->guest;
	}
	return ad_store_directory_learn(run->db, run->arena, &news, err);
}

static int follow(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct look *look = run->state;
	struct ad_desk desk = ad_job_desk(run);
	struct ad_desk_person_walk walk =
		look->walk; /* a try that is rolled back leaves no trace */
	bool more = false;
	(void)result;
	int r = learn(run, look, err);
	if (r == 0)
		r = ad_desk_settings_load(
			run->db, run->arena, run->job.tenant_id, &desk.settings, err);
	if (r == 0)
		r = ad_desk_person_settle(&desk, look->oid, &walk, &more, err);
	ad_job_hand_over(run, &desk);
	if (r < 0 || !more)
		return r;
	look->walk = walk;
	run->later_ms = 0;
	return ++look->rounds < ROUNDS_MAX ? AD_JOB_AGAIN : AD_JOB_LATER;
}

static const struct ad_job_step_spec steps[] = {
	{ "follow", look_up, follow, NULL },
};

const struct ad_job_kind ad_job_kind_person = {
	.name = AD_JOB_PERSON,
	.is_short = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
