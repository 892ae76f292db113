/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A job that goes on failing: the admins have its card, and after some failures or hours somebody
 * is called. The call is a job of its own, so that it comes also about what is not tried any more.
 * It holds its own row and then the other's, a failing job the other way round: who loses repeats
 * its transaction.
 */
#include "parts.h"
#include "ad/clock.h"
#include "ad/desk/facts.h"
#include "ad/desk/jobs.h"
#include "ad/text.h"

#define HOUR_S 3600

int ad_job_plan_escalation(struct ad_desk *desk, const struct ad_job *job, struct ad_err *err)
{
	const struct ad_desk_settings *s = &desk->settings;
	int64_t id;
	if (job->is_escalated || ad_text_eq(job->kind, AD_JOB_ESCALATION))
		return 0;
	bool often = job->failures >= s->escalation_failures;
	int64_t due = job->failing_since + (int64_t)s->escalation_hours * HOUR_S;
	return ad_store_jobs_add(desk->db, desk->arena,
		&(struct ad_job_new){ .tenant_id = desk->tenant_id,
			.kind = AD_JOB_ESCALATION,
			.key = ad_printf(desk->arena, "job:%lld", (long long)job->id),
			.payload = ad_printf(desk->arena, "{\"job\":%lld}", (long long)job->id),
			.run_at = often ? 0 : due,
			.sooner = often },
		&id, err);
}

/* ---- the call ---- */

struct call {
	struct ad_job job;
	struct ad_app app;
	struct ad_people people;
	const char *name; /* of the admin on call; "": all are called */
};

static int find_people(struct ad_desk *desk, struct call *call, struct ad_err *err)
{
	const struct ad_person *on_call = NULL;
	const char *oid = desk->settings.on_call_id;
	int e = ad_text_empty(oid) ? 0 : ad_fact_person(desk, oid, &on_call, err);
	if (e != 0)
		return e;
	call->people = (struct ad_people){ .items = on_call, .count = 1 };
	call->name = on_call ? on_call->name : "";
	return on_call ? 0
		       : ad_fact_members(desk, desk->settings.admin_group_id, &call->people, err);
}

static int tell(struct ad_desk *desk, const struct call *call, const struct ad_person *admin,
	struct ad_err *err)
{
	const struct ad_job *job = &call->job;
	bool taken = !ad_text_empty(job->assignee_oid);
	const char *locale;
	struct ad_json *data;
	struct ad_notice notice = { .oid = admin->oid,
		.fact = ad_printf(desk->arena, "job.%lld.escalated.%lld", (long long)job->id,
			(long long)job->failing_since),
		.job_id = job->id,
		.version = job->fence };
	int e = ad_notice_locale(desk, admin->oid, &locale, err);
	if (e == 0)
		e = ad_job_data(desk, job, &call->app, locale, &data, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "since",
		ad_words_time(desk, locale, ad_clock_iso(desk->arena, job->failing_since)));
	e = ad_words(desk, locale, taken ? "job.escalated_taken" : "job.escalated", data,
		&notice.text, err);
	return e == 0 ? ad_notice_send(desk, &notice, err) : e;
}

/* The cards that admins have. */
static int show(struct ad_desk *desk, const struct call *call, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "admin", call->name);
	return ad_job_refresh(desk,
		&(struct ad_job_news){ .job = &call->job,
			.note_key = ad_text_empty(call->name) ? "job.called_all" : "job.called",
			.note_data = data },
		err);
}

static int trail(struct ad_desk *desk, const struct call *call, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "failures", call->job.failures);
	ad_json_set_str(
		desk->arena, details, "since", ad_clock_iso(desk->arena, call->job.failing_since));
	ad_json_set_str(desk->arena, details, "called", call->name);
	return ad_trail(desk,
		&(struct ad_event){ .action = "job.escalated",
			.entity_type = "job",
			.entity_id = call->job.id,
			.details = details },
		err);
}

int ad_desk_job_escalate(struct ad_desk *desk, int64_t job_id, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct call call;
	bool due = false;
	int e = ad_desk_settings_load(desk->db, desk->arena, desk->tenant_id, &desk->settings, err);
	if (e == 0)
		e = find_people(desk, &call, err);
	if (e == 0)
		e = ad_store_jobs_escalate(desk->db, desk->arena, job_id, &due, err);
	if (e != 0 || !due)
		return e;
	e = ad_store_jobs_note(desk->db, desk->arena, job_id, "escalated", call.name, err);
	if (e == 0)
		e = ad_store_jobs_get(desk->db, desk->arena, job_id, &call.job, err);
	if (e == 0)
		e = ad_job_app(desk, &call.job, &call.app, err);
	if (e == 0)
		e = show(desk, &call, err);
	for (size_t i = 0; e == 0 && i < call.people.count && i < AD_DESK_CARDS_MAX; i++)
		e = tell(desk, &call, &call.people.items[i], err);
	return e == 0 ? trail(desk, &call, err) : e;
}
