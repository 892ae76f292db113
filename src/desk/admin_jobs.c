/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs in the hands of admins: the list, one job, Retry, Give up, Assign me. */
#include "frozen.h"
#include "parts.h"
#include "trust.h"
#include "ad/desk/jobs.h"
#include "ad/text.h"

static int no_such_job(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "job", number);
	return ad_reply_words(desk, who, "job.unknown", data, "no_job", ret, err);
}

/* A job of this tenant with its app. AD_ENOTFOUND for any other number. */
static int find(struct ad_desk *desk, int64_t number, struct ad_job *ret_job,
	struct ad_app *ret_app, struct ad_err *err)
{
	int e = ad_store_jobs_get(desk->db, desk->arena, number, ret_job, err);
	if (e == 0 && !ad_text_eq(ret_job->tenant_id, desk->tenant_id))
		return AD_ENOTFOUND;
	return e == 0 ? ad_job_app(desk, ret_job, ret_app, err) : e;
}

static int show(struct ad_desk *desk, const struct ad_person *who, const struct ad_job *job,
	const struct ad_app *app, bool details, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_request_list waiting;
	struct ad_job_log log;
	int e = ad_store_requests_waiting(
		desk->db, desk->arena, desk->tenant_id, app->id, &waiting, err);
	if (e == 0)
		e = ad_job_log_read(desk, job->id, &log, err);
	if (e != 0)
		return e;
	return ad_job_show_to(desk, who->oid,
		&(struct ad_job_view){ .job = job,
			.app = app,
			.waiting = &waiting,
			.log = &log,
			.locale = who->locale,
			.details = details },
		ret, err);
}

int ad_job_show_now(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_job job;
	struct ad_app app;
	int e = find(desk, number, &job, &app, err);
	return e == 0 ? show(desk, who, &job, &app, true, ret, err) : e;
}

int ad_desk_job(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = ad_job_show_now(desk, who, number, ret, err);
	return e == AD_ENOTFOUND ? no_such_job(desk, who, number, ret, err) : e;
}

static int add_row(struct ad_desk *desk, const struct ad_person *who, struct ad_json *rows,
	const struct ad_job *job, struct ad_err *err)
{
	struct ad_app app;
	struct ad_json *row;
	int e = ad_job_app(desk, job, &app, err);
	if (e == 0 && app.id == 0 && !ad_job_stuck(job)) /* the counter at its own work */
		return 0;
	if (e == 0)
		e = ad_job_data(desk, job, &app, who->locale, &row, err);
	if (e != 0)
		return e;
	ad_json_set_str(
		desk->arena, row, "error", ad_words_cut(desk, job->last_error, AD_SHOWN_MAX));
	ad_json_set_bool(desk->arena, row, "separator", ad_json_count(rows) > 0);
	ad_json_append(desk->arena, rows, row);
	return ad_words_into(desk, who->locale, "jobs.open", row, "open", err);
}

int ad_desk_jobs(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	struct ad_job *jobs;
	size_t count;
	int e = ad_store_jobs_list(
		desk->db, desk->arena, desk->tenant_id, AD_LIST_MAX, &jobs, &count, err);
	struct ad_json *rows = ad_json_new_array(desk->arena);
	for (size_t i = 0; e == 0 && i < count; i++)
		e = add_row(desk, who, rows, &jobs[i], err);
	if (e != 0)
		return e;
	if (ad_json_count(rows) == 0)
		return ad_reply_words(desk, who, "jobs.none", NULL, "jobs", ret, err);
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "count", (int64_t)ad_json_count(rows));
	ad_json_set(desk->arena, data, "rows", rows);
	return ad_reply_card(desk, who, "jobs", "jobs.short", data, "jobs", ret, err);
}

/* ---- Retry, Give up, Assign me ---- */

struct handling {
	const struct ad_person *who;
	const struct ad_desk_press *press;
	struct ad_job job;
	struct ad_app app;
	int64_t shown; /* the job's fence on the card that was pressed; of what is typed, as it is
			*/
};

static bool is_pressed(const struct handling *h)
{
	return !ad_text_empty(h->press->token);
}

/* The job that the press or the number is about; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, struct handling *h, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int64_t number = h->press->number;
	*ret_done = false;
	int e = ad_settings_hold(desk, err);
	if (e != 0)
		return e;
	if (!h->who->is_admin || ad_text_empty(desk->settings.admin_group_id)) {
		*ret_done = true;
		return ad_reply_not_admin(desk, h->who, ret, err);
	}
	struct ad_token token = { 0 };
	if (is_pressed(h)) {
		e = ad_reply_token(desk, h->who, h->press, "retry", &token, ret, ret_done, err);
		if (e != 0 || *ret_done)
			return e;
		number = token.job_id;
	}
	e = find(desk, number, &h->job, &h->app, err);
	h->shown = is_pressed(h) ? token.version : h->job.fence;
	if (e != AD_ENOTFOUND)
		return e;
	*ret_done = true;
	return no_such_job(desk, h->who, number, ret, err);
}

/* Every copy, the reply, and the audit row: what each button ends with. */
static int end(struct ad_desk *desk, struct handling *h, const char *note_key,
	const struct ad_event *event, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	int e = ad_store_jobs_get(desk->db, desk->arena, h->job.id, &h->job, err);
	if (e == 0)
		e = ad_job_data(desk, &h->job, &h->app, h->who->locale, &data, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "admin", h->who->name);
	e = ad_job_refresh(desk,
		&(struct ad_job_news){ .job = &h->job, .note_key = note_key, .note_data = data },
		err);
	if (e == 0)
		e = show(desk, h->who, &h->job, &h->app, false, ret, err);
	if (e == 0)
		e = ad_words(desk, h->who->locale, note_key, data, &ret->text, err);
	if (e != 0)
		return e;
	ret->in_place = is_pressed(h);
	ret->outcome = event->action;
	if (is_pressed(h))
		e = ad_reply_remember(desk, h->press->token, ret, err);
	return e == 0 ? ad_trail(desk, event, err) : e;
}

/* The card as it is now, with a sentence about why nothing was done. */
static int show_instead(struct ad_desk *desk, struct handling *h, const char *key,
	const char *outcome, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	int e = ad_store_jobs_get(desk->db, desk->arena, h->job.id, &h->job, err);
	if (e == 0)
		e = show(desk, h->who, &h->job, &h->app, false, ret, err);
	if (e == 0)
		e = ad_job_data(desk, &h->job, &h->app, h->who->locale, &data, err);
	if (e == 0)
		e = ad_words(desk, h->who->locale, key, data, &ret->text, err);
	ret->in_place = is_pressed(h);
	ret->outcome = outcome;
	return e;
}

/* Nothing to do any more: the job may have moved on while we waited for its row. */
static int too_late(
	struct ad_desk *desk, struct handling *h, struct ad_desk_reply *ret, struct ad_err *err)
{
	return show_instead(desk, h, "job.not_stuck", "not_stuck", ret, err);
}

int ad_desk_retry_job(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct handling h = { .who = who, .press = press };
	bool done;
	bool queued = false;
	int e = begin(desk, &h, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = ad_store_jobs_retry(desk->db, desk->arena, h.job.id, &queued, err);
	if (e != 0)
		return e;
	if (!queued)
		return too_late(desk, &h, ret, err);
	e = ad_store_jobs_note(desk->db, desk->arena, h.job.id, "retried", who->name, err);
	if (e != 0)
		return e;
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "step", h.job.step);
	return end(desk, &h, "job.retried",
		&(struct ad_event){ .who = who,
			.action = "job.retried",
			.entity_type = "job",
			.entity_id = h.job.id,
			.details = details },
		ret, err);
}

/* What the counter needs for itself is not given up. */
static int keep_going(
	struct ad_desk *desk, struct handling *h, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	int e = ad_job_data(desk, &h->job, &h->app, h->who->locale, &data, err);
	return e == 0 ? ad_reply_words(desk, h->who, "job.needed", data, "needed", ret, err) : e;
}

/* What the admin wrote; an installer that is kept out has a reason by itself. */
static int reason_of(
	struct ad_desk *desk, const struct handling *h, const char **ret, struct ad_err *err)
{
	const char *written = h->press->reason;
	struct ad_json *data = ad_json_new_object(desk->arena);
	*ret = written ? ad_text_trim(desk->arena, ad_utf8_clean(desk->arena, written, true)) : "";
	if (h->job.state != AD_JOB_WAITING_ADMIN || !ad_text_empty(*ret))
		return 0;
	ad_json_set_str(desk->arena, data, "app", h->app.name);
	return ad_words(desk, h->who->locale, "trust.kept_out_reason", data, ret, err);
}

int ad_desk_give_up_job(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	static const struct ad_input_rule rule = { .required = true, .max_chars = AD_REASON_MAX };
	struct handling h = { .who = who, .press = press };
	bool done;
	bool stopped;
	int e = ad_frozen(desk, who, ret, &done, err);
	if (e == 0 && !done)
		e = begin(desk, &h, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (!ad_job_stuck(&h.job))
		return too_late(desk, &h, ret, err);
	if (h.app.id == 0)
		return keep_going(desk, &h, ret, err);
	bool keeps_out = h.job.state == AD_JOB_WAITING_ADMIN;
	const char *reason;
	e = reason_of(desk, &h, &reason, err);
	if (e != 0)
		return e;
	if (ad_input_check(&rule, reason) != AD_INPUT_OK)
		return ad_reply_words(
			desk, who, "job.needs_reason", NULL, "needs_reason", ret, err);
	e = ad_store_jobs_cancel(desk->db, desk->arena, h.job.id, &stopped, err);
	if (e == 0 && !stopped) /* another admin's Retry came first */
		return too_late(desk, &h, ret, err);
	if (e == 0)
		e = ad_fulfil_give_up(desk, &h.job, &h.app, reason, err);
	if (e != 0)
		return e;
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "reason", reason);
	return end(desk, &h, keeps_out ? "trust.kept_out" : "job.given_up",
		&(struct ad_event){ .who = who,
			.action = keeps_out ? "trust.kept_out" : "job.given_up",
			.entity_type = "job",
			.entity_id = h.job.id,
			.details = details },
		ret, err);
}

/* ---- an installer that is not within its rule ---- */

/* Nobody decides for themselves: not who waits for the app. */
static int refuse_own(struct ad_desk *desk, struct handling *h, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	struct ad_request_list waiting;
	int e = ad_store_requests_waiting(
		desk->db, desk->arena, desk->tenant_id, h->app.id, &waiting, err);
	for (size_t i = 0; e == 0 && !*ret_done && i < waiting.count; i++)
		*ret_done = ad_text_eq(waiting.items[i].requester_oid, h->who->oid) ||
			    ad_text_eq(waiting.items[i].beneficiary_oid, h->who->oid);
	if (e == 0 && *ret_done)
		e = ad_reply_words(desk, h->who, "trust.own", NULL, "self", ret, err);
	if (e != 0 || !*ret_done)
		return e;
	return ad_trail(desk,
		&(struct ad_event){ .who = h->who,
			.action = "trust.denied",
			.entity_type = "job",
			.entity_id = h->job.id },
		err);
}

/* Under the lock of the job's row: what waits is still what the job found when it was shown. */
static int accept(struct ad_desk *desk, struct handling *h, bool *ret_accepted,
	struct ad_json **ret_details, struct ad_err *err)
{
	struct ad_trust_row before;
	struct ad_trust_row after;
	struct ad_job now;
	int e = ad_store_jobs_retry(desk->db, desk->arena, h->job.id, ret_accepted, err);
	if (e != 0 || !*ret_accepted)
		return e;
	e = ad_store_jobs_get(desk->db, desk->arena, h->job.id, &now, err);
	*ret_accepted = e == 0 && now.fence == h->shown;
	if (e != 0 || !*ret_accepted)
		return e;
	e = ad_store_trust_get(desk->db, desk->arena, h->app.id, &before, err);
	if (e == 0)
		e = ad_store_trust_accept(desk->db, desk->arena, h->app.id, h->who->oid, err);
	if (e == 0)
		e = ad_store_trust_get(desk->db, desk->arena, h->app.id, &after, err);
	if (e == 0)
		*ret_details = ad_trust_change(desk->arena, &before.rule, &after.rule);
	return e;
}

int ad_desk_accept_installer(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct handling h = { .who = who, .press = press };
	bool done;
	bool accepted = false;
	struct ad_json *details;
	int e = ad_frozen(desk, who, ret, &done, err);
	if (e == 0 && !done)
		e = begin(desk, &h, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (h.job.state != AD_JOB_WAITING_ADMIN)
		return too_late(desk, &h, ret, err);
	if (h.shown != h.job.fence)
		return show_instead(desk, &h, "trust.moved", "moved", ret, err);
	e = refuse_own(desk, &h, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = accept(desk, &h, &accepted, &details, err);
	if (e == 0 && !accepted)
		return too_late(desk, &h, ret, err);
	if (e == 0)
		e = ad_store_jobs_note(desk->db, desk->arena, h.job.id, "accepted", who->name, err);
	if (e != 0)
		return e;
	return end(desk, &h, "trust.accepted",
		&(struct ad_event){ .who = who,
			.action = "trust.accepted",
			.entity_type = "app",
			.entity_id = h.app.id,
			.details = details },
		ret, err);
}

int ad_desk_take_job(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct handling h = { .who = who, .press = press };
	bool done;
	bool taken = false;
	int e = begin(desk, &h, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = ad_store_jobs_assign(desk->db, desk->arena, h.job.id, who->oid, who->name, &taken, err);
	if (e == 0 && !taken)
		return too_late(desk, &h, ret, err);
	if (e == 0)
		e = ad_store_jobs_note(desk->db, desk->arena, h.job.id, "assigned", who->name, err);
	if (e != 0)
		return e;
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "before", h.job.assignee_oid);
	return end(desk, &h, "job.taken",
		&(struct ad_event){ .who = who,
			.action = "job.assigned",
			.entity_type = "job",
			.entity_id = h.job.id,
			.details = details },
		ret, err);
}
