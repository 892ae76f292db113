/* SPDX-License-Identifier: Apache-2.0 */
/* What jobs report about an app, and what it means for the requests that wait: they move on, their
 * people and the admins hear of it. Locks first (waiting requests by number), audit rows last. */
#include "grants.h"
#include "others.h"
#include "seats.h"
#include "trust.h"
#include "verdict.h"
#include "ad/desk/jobs.h"
#include "ad/text.h"

/* ---- one request moves on ---- */

static int move_on(struct ad_desk *desk, struct ad_request *request, enum ad_fulfilment event,
	const char *reason, struct ad_err *err)
{
	enum ad_request_state state = ad_request_after(request->state, event);
	int e = ad_store_request_change(desk->db, desk->arena,
		&(struct ad_request_change){ .id = request->id,
			.version = request->version,
			.state = state,
			.reason = reason },
		err);
	if (e == 0)
		e = ad_store_request_get(
			desk->db, desk->arena, desk->tenant_id, request->id, request, err);
	return e == 0 ? ad_request_refresh(desk, request, err) : e;
}

static int tell_one(struct ad_desk *desk, const struct ad_request *request, const char *oid,
	const char *what, const char *key, struct ad_err *err)
{
	const char *locale;
	struct ad_json *data;
	struct ad_notice notice = {
		.oid = oid,
		.fact = ad_printf(desk->arena, "request.%lld.%s", (long long)request->id, what),
		.request_id = request->id,
		.version = request->version,
		.optional = ad_text_eq(what, "delayed"),
	};
	int e = ad_notice_locale(desk, oid, &locale, err);
	if (e == 0)
		e = ad_request_data(desk, request, locale, &data, err);
	if (e == 0)
		e = ad_words(desk, locale, key, data, &notice.text, err);
	return e == 0 ? ad_notice_send(desk, &notice, err) : e;
}

/* A message to the requester, and to whom it is for. */
static int tell(struct ad_desk *desk, const struct ad_request *request, const char *what,
	const char *key, struct ad_err *err)
{
	int e = tell_one(desk, request, request->requester_oid, what, key, err);
	if (e == 0 && ad_request_for_other(request))
		e = tell_one(desk, request, request->beneficiary_oid, what, key, err);
	return e;
}

/* The job's row with what the report knows better: it may not be written yet. */
static int read_job(struct ad_desk *desk, const struct ad_desk_job_report *report,
	struct ad_job *ret, struct ad_err *err)
{
	int e = ad_store_jobs_get(desk->db, desk->arena, report->job_id, ret, err);
	if (e == 0 && report->step)
		ret->step = report->step;
	return e;
}

/* ---- progress ---- */

int ad_desk_job_progress(
	struct ad_desk *desk, const struct ad_desk_job_report *report, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_job job;
	int e = read_job(desk, report, &job, err);
	if (e != 0)
		return e;
	job.state = AD_JOB_RUNNING;
	return ad_job_refresh(desk, &(struct ad_job_news){ .job = &job }, err);
}

/* ---- delivery ---- */

static bool is_served(const struct ad_desk_job_report *report, const struct ad_request *request)
{
	for (size_t i = 0; i < report->people_count; i++)
		if (ad_text_eq(report->people[i], request->beneficiary_oid))
			return true;
	return false;
}

static int deliver(struct ad_desk *desk, const struct ad_app *app, struct ad_request *request,
	struct ad_err *err)
{
	int e = ad_grant_begin(desk, request, app, err);
	if (e == 0)
		e = move_on(desk, request, AD_FULFILMENT_DELIVERED, NULL, err);
	if (e == 0)
		e = ad_verdict_tell(desk, request->beneficiary_oid,
			&(struct ad_verdict_view){ .request = request }, "delivered", err);
	if (e == 0 && ad_request_for_other(request))
		e = tell_one(desk, request, request->requester_oid, "delivered", "for.ready", err);
	return e;
}

static int trail_delivered(struct ad_desk *desk, const struct ad_desk_job_report *report,
	const struct ad_request *request, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "app_id", request->app_id);
	ad_json_set_str(desk->arena, details, "person", request->beneficiary_oid);
	ad_json_set_str(desk->arena, details, "version", report->app_version);
	ad_json_set_str(desk->arena, details, "intune_app_id", report->intune_app_id);
	ad_json_set_int(desk->arena, details, "job_id", report->job_id);
	int e = ad_trail(desk,
		&(struct ad_event){ .action = "grant.started",
			.entity_type = "request",
			.entity_id = request->id,
			.details = details },
		err);
	return e == 0 ? ad_request_trail_closed(desk, request) : e;
}

static int trail_succeeded(
	struct ad_desk *desk, const struct ad_desk_job_report *report, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "app_id", report->app_id);
	ad_json_set_str(desk->arena, details, "version", report->app_version);
	ad_json_set_str(desk->arena, details, "intune_app_id", report->intune_app_id);
	return ad_trail(desk,
		&(struct ad_event){ .action = "job.succeeded",
			.entity_type = "job",
			.entity_id = report->job_id,
			.details = details },
		err);
}

int ad_desk_job_recovered(struct ad_desk *desk, int64_t job_id, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_job job;
	int e = ad_store_jobs_get(desk->db, desk->arena, job_id, &job, err);
	if (e != 0)
		return e;
	job.state = AD_JOB_SUCCEEDED;
	e = ad_job_refresh(desk, &(struct ad_job_news){ .job = &job }, err);
	return e == 0 ? ad_store_copy_part(desk->db, desk->arena, job_id, err) : e;
}

/* Those who are left get none when every seat is taken by now. */
static int refuse_seats(struct ad_desk *desk, const struct ad_desk_job_report *report,
	const struct ad_app *app, const struct ad_request_list *waiting, size_t *left,
	struct ad_err *err)
{
	size_t free_seats;
	int e = ad_seats_free(desk, app, &free_seats, err);
	if (e != 0 || free_seats > 0)
		return e;
	for (size_t i = 0; e == 0 && i < waiting->count; i++) {
		struct ad_request request = waiting->items[i];
		if (!is_served(report, &request))
			e = ad_seats_refuse(desk, app, &request, err);
	}
	*left = 0;
	return e;
}

/* The served requests, moved on; returned in *ret for their audit rows. */
static int deliver_all(struct ad_desk *desk, const struct ad_desk_job_report *report,
	struct ad_request_list *ret, size_t *ret_left, struct ad_err *err)
{
	struct ad_app app;
	struct ad_request_list waiting;
	int e = ad_store_app_get(desk->db, desk->arena, desk->tenant_id, report->app_id, &app, err);
	if (e == 0)
		e = ad_store_requests_waiting_lock(
			desk->db, desk->arena, desk->tenant_id, app.id, &waiting, err);
	if (e != 0)
		return e;
	struct ad_request *served = ad_alloc_array(desk->arena, waiting.count, sizeof *served);
	size_t count = 0;
	for (size_t i = 0; e == 0 && i < waiting.count; i++) {
		if (!is_served(report, &waiting.items[i]))
			continue;
		served[count] = waiting.items[i];
		e = deliver(desk, &app, &served[count++], err);
	}
	*ret = (struct ad_request_list){ .items = served, .count = count };
	*ret_left = waiting.count - count;
	return e == 0 && *ret_left > 0 ? refuse_seats(desk, report, &app, &waiting, ret_left, err)
				       : e;
}

int ad_desk_job_delivered(struct ad_desk *desk, const struct ad_desk_job_report *report,
	size_t *ret_left, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_request_list served;
	int e = ad_store_app_version_put(desk->db, desk->arena,
		&(struct ad_app_version){ .app_id = report->app_id,
			.version = report->app_version,
			.intune_app_id = report->intune_app_id,
			.job_id = report->job_id },
		err);
	if (e == 0)
		e = deliver_all(desk, report, &served, ret_left, err);
	if (e == 0 && *ret_left == 0)
		e = ad_desk_job_recovered(desk, report->job_id, err);
	if (e == 0 && report->trust && report->trust->host_count > 0)
		e = ad_trust_learn(desk, report->app_id, report->trust, err);
	for (size_t i = 0; e == 0 && i < served.count; i++)
		e = trail_delivered(desk, report, &served.items[i], err);
	if (e == 0 && *ret_left == 0)
		e = trail_succeeded(desk, report, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

int ad_desk_waiting_people(struct ad_desk *desk, int64_t app_id, const char *const **ret,
	size_t *ret_count, struct ad_err *err)
{
	struct ad_request_list waiting;
	struct ad_app app;
	size_t free_seats;
	int e = ad_store_requests_waiting(
		desk->db, desk->arena, desk->tenant_id, app_id, &waiting, err);
	if (e == 0)
		e = ad_store_app_get(desk->db, desk->arena, desk->tenant_id, app_id, &app, err);
	if (e == 0)
		e = ad_seats_free(desk, &app, &free_seats, err);
	if (e != 0)
		return e;
	/* One open request per person and app: nobody is in the list twice. */
	const char **people = ad_alloc_array(desk->arena, waiting.count, sizeof *people);
	for (size_t i = 0; i < waiting.count; i++)
		people[i] = waiting.items[i].beneficiary_oid;
	*ret = people;
	*ret_count = waiting.count < free_seats ? waiting.count : free_seats;
	return 0;
}

/* ---- failure ---- */

static int trail_failed(struct ad_desk *desk, const struct ad_desk_job_report *report,
	const char *action, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	if (report->app_id != 0)
		ad_json_set_int(desk->arena, details, "app_id", report->app_id);
	ad_json_set_str(desk->arena, details, "step", report->step);
	ad_json_set_str(desk->arena, details, "state", ad_job_state_name(report->state));
	ad_json_set_str(desk->arena, details, "error", report->error_name);
	ad_json_set_str(desk->arena, details, "text", report->error_text);
	ad_json_set_int(desk->arena, details, "attempts", report->attempts);
	return ad_trail(desk,
		&(struct ad_event){ .action = action,
			.entity_type = "job",
			.entity_id = report->job_id,
			.details = details },
		err);
}

/* Who waits hears once that it takes longer, without the cause: that is for admins. */
static int tell_waiting(
	struct ad_desk *desk, const struct ad_desk_job_report *report, struct ad_err *err)
{
	struct ad_request_list waiting;
	int e = ad_store_requests_waiting(
		desk->db, desk->arena, desk->tenant_id, report->app_id, &waiting, err);
	for (size_t i = 0; e == 0 && i < waiting.count; i++)
		e = tell(desk, &waiting.items[i], "delayed", "delayed.message", err);
	return e;
}

int ad_desk_job_failed(
	struct ad_desk *desk, const struct ad_desk_job_report *report, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_job job;
	int e = read_job(desk, report, &job, err);
	if (e == 0 && report->trust)
		e = ad_store_trust_found(desk->db, desk->arena, report->app_id, report->trust, err);
	if (e != 0)
		return e;
	job.state = report->state;
	job.attempts = report->attempts;
	job.last_error = report->error_text;
	job.error_code = report->error_name;
	e = ad_job_refresh(desk, &(struct ad_job_news){ .job = &job, .tell = true }, err);
	if (e == 0)
		e = ad_job_plan_escalation(desk, &job, err);
	if (e == 0 && report->state != AD_JOB_RETRY_WAIT && ad_text_eq(job.kind, AD_PACKAGE_JOB))
		e = tell_waiting(desk, report, err);
	if (e == 0)
		e = trail_failed(desk, report, "job.failed", err);
	if (e == 0 && ad_text_eq(report->error_name, ad_err_code_name(AD_EINTEGRITY)))
		e = trail_failed(desk, report, "integrity.failed", err);
	return e;
}

/* ---- given up ---- */

int ad_fulfil_give_up(struct ad_desk *desk, const struct ad_job *job, const struct ad_app *app,
	const char *reason, struct ad_err *err)
{
	struct ad_request_list waiting;
	int e = ad_store_requests_waiting_lock(
		desk->db, desk->arena, desk->tenant_id, app->id, &waiting, err);
	if (e != 0)
		return e;
	struct ad_request *ended = ad_alloc_array(desk->arena, waiting.count, sizeof *ended);
	size_t count = 0;
	for (size_t i = 0; e == 0 && i < waiting.count; i++) {
		/* Another job may work for a later request of the app. */
		if (waiting.items[i].job_id != job->id)
			continue;
		ended[count] = waiting.items[i];
		e = move_on(desk, &ended[count], AD_FULFILMENT_GIVEN_UP, reason, err);
		if (e == 0)
			e = tell(desk, &ended[count], "failed", "failed.message", err);
		count++;
	}
	for (size_t i = 0; e == 0 && i < count; i++)
		e = ad_request_trail_closed(desk, &ended[i]);
	return e;
}
