/* SPDX-License-Identifier: Apache-2.0 */
/* A job on an admin's card: what failed, who waits, and the buttons. One card per job and admin,
 * changed in place. */
#include "parts.h"
#include "trust.h"
#include "ad/clock.h"
#include "ad/store/grants.h"
#include "ad/store/locales.h"
#include "ad/text.h"

#define KEY_APP "app:"
#define KEY_GRANT "grant:"
#define LOG_SHOWN 12 /* lines on the card */

bool ad_job_stuck(const struct ad_job *job)
{
	return job->state == AD_JOB_FAILED || job->state == AD_JOB_RETRY_WAIT ||
	       job->state == AD_JOB_WAITING_UPSTREAM || job->state == AD_JOB_WAITING_ADMIN;
}

int ad_job_app(
	struct ad_desk *desk, const struct ad_job *job, struct ad_app *ret, struct ad_err *err)
{
	int64_t id;
	struct ad_grant grant;
	bool of_app = ad_text_starts(job->key, KEY_APP);
	bool of_grant = ad_text_starts(job->key, KEY_GRANT);
	const char *number = job->key + (of_app ? strlen(KEY_APP) : strlen(KEY_GRANT));
	if ((!of_app && !of_grant) || ad_text_i64(number, 1, INT64_MAX, &id) != 0) {
		*ret = (struct ad_app){ .name = "", .winget_id = "" };
		return 0;
	}
	int e = of_grant ? ad_store_grant_get(
				   desk->db, desk->arena, desk->tenant_id, id, &grant, err)
			 : 0;
	if (e != 0)
		return e;
	return ad_store_app_get(
		desk->db, desk->arena, desk->tenant_id, of_grant ? grant.app_id : id, ret, err);
}

/* "#12 Ana, #14 Bob and 3 more". */
static int add_waiting(struct ad_desk *desk, const struct ad_job_view *view, struct ad_json *data,
	struct ad_err *err)
{
	const char *names[AD_NAMES_MAX];
	const char *list;
	int e = 0;
	for (size_t i = 0; e == 0 && i < view->waiting->count && i < AD_NAMES_MAX; i++) {
		const struct ad_request *request = &view->waiting->items[i];
		struct ad_json *item = ad_json_new_object(desk->arena);
		ad_json_set_int(desk->arena, item, "rid", request->id);
		ad_json_set_str(desk->arena, item, "requester", request->requester_name);
		e = ad_words(desk, view->locale, "waiting.item", item, &names[i], err);
	}
	const struct ad_words_names all = { .items = names, .count = view->waiting->count };
	if (e == 0)
		e = ad_words_list(desk, view->locale, "waiting", &all, &list, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "waiting_label", list);
	ad_json_set_bool(desk->arena, data, "has_waiting", all.count > 0);
	return 0;
}

int ad_job_log_read(
	struct ad_desk *desk, int64_t job_id, struct ad_job_log *ret, struct ad_err *err)
{
	return ad_store_jobs_log(
		desk->db, desk->arena, job_id, LOG_SHOWN, &ret->lines, &ret->count, err);
}

/* What happened to it lately, a sentence each. */
static int add_log(struct ad_desk *desk, const struct ad_job_view *view, struct ad_json *data,
	struct ad_err *err)
{
	const struct ad_job_line *lines = view->log->lines;
	struct ad_json *rows = ad_json_new_array(desk->arena);
	int e = 0;
	for (size_t i = 0; e == 0 && i < view->log->count; i++) {
		struct ad_json *row = ad_json_new_object(desk->arena);
		const char *everybody = ad_text_empty(lines[i].detail) ? "_all" : "";
		bool escalated = ad_text_eq(lines[i].event, "escalated");
		ad_json_set_str(desk->arena, row, "at", ad_clock_iso(desk->arena, lines[i].at));
		ad_json_set_str(desk->arena, row, "step", lines[i].step);
		ad_json_set_str(desk->arena, row, "detail",
			ad_words_cut(desk, lines[i].detail, AD_SHOWN_MAX));
		e = ad_words_into(desk, view->locale,
			ad_printf(desk->arena, "job_log.%s%s", lines[i].event,
				escalated ? everybody : ""),
			row, "line", err);
		ad_json_append(desk->arena, rows, row);
	}
	ad_json_set_bool(desk->arena, data, "has_log", ad_json_count(rows) > 0);
	ad_json_set_bool(desk->arena, data, "log_shown", view->details);
	ad_json_set(desk->arena, data, "log", rows);
	return e;
}

struct look {
	const char *mark;
	const char *color;
	const char *style;
};

static const struct look looks[] = {
	[AD_JOB_QUEUED] = { "○", "accent", "accent" },
	[AD_JOB_RUNNING] = { "●", "accent", "accent" },
	[AD_JOB_RETRY_WAIT] = { "⚠", "warning", "warning" },
	[AD_JOB_WAITING_UPSTREAM] = { "⚠", "warning", "warning" },
	[AD_JOB_WAITING_ADMIN] = { "⚠", "attention", "attention" },
	[AD_JOB_SUCCEEDED] = { "✔", "good", "good" },
	[AD_JOB_FAILED] = { "✖", "attention", "attention" },
	[AD_JOB_CANCELLED] = { "✖", "default", "emphasis" },
};

int ad_job_data(struct ad_desk *desk, const struct ad_job *job, const struct ad_app *app,
	const char *locale, struct ad_json **ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	ad_json_set_int(arena, data, "job", job->id);
	ad_json_set_str(arena, data, "app", app->name);
	ad_json_set_str(arena, data, "package", app->winget_id);
	ad_json_set_str(arena, data, "step", job->step);
	ad_json_set_bool(arena, data, "has_step", !ad_text_empty(job->step));
	ad_json_set_str(arena, data, "error", job->last_error);
	/* What waits for an admin is said by the rows of ad_trust_data. */
	ad_json_set_bool(arena, data, "has_trust", false);
	ad_json_set_bool(arena, data, "has_error",
		!ad_text_empty(job->last_error) && job->state != AD_JOB_SUCCEEDED &&
			job->state != AD_JOB_WAITING_ADMIN);
	ad_json_set_int(arena, data, "attempts", job->attempts);
	ad_json_set_str(arena, data, "mark", looks[job->state].mark);
	ad_json_set_str(arena, data, "color", looks[job->state].color);
	ad_json_set_str(arena, data, "style", looks[job->state].style);
	ad_json_set_str(arena, data, "changed_at", ad_clock_iso(arena, job->changed_at));
	ad_json_set_bool(arena, data, "stuck", ad_job_stuck(job));
	ad_json_set_bool(arena, data, "has_app", app->id != 0);
	ad_json_set_bool(arena, data, "has_since", job->failing_since != 0);
	ad_json_set_str(arena, data, "since", ad_clock_iso(arena, job->failing_since));
	ad_json_set_int(arena, data, "failures", job->failures);
	ad_json_set_str(arena, data, "code", job->error_code);
	ad_json_set_bool(arena, data, "has_code", !ad_text_empty(job->error_code));
	ad_json_set_str(arena, data, "created_at", ad_clock_iso(arena, job->created_at));
	bool is_tried = job->state == AD_JOB_RETRY_WAIT || job->state == AD_JOB_WAITING_UPSTREAM;
	ad_json_set_bool(arena, data, "has_next", is_tried);
	ad_json_set_str(arena, data, "next_at", ad_clock_iso(arena, job->run_at));
	ad_json_set_str(arena, data, "assignee", job->assignee_name);
	ad_json_set_bool(arena, data, "has_assignee", !ad_text_empty(job->assignee_oid));
	*ret = data;
	if (app->id == 0) {
		int e = ad_words_into(
			desk, locale, ad_printf(arena, "job.kind.%s", job->kind), data, "app", err);
		if (e != 0)
			return e;
	}
	return ad_words_into(desk, locale,
		ad_printf(arena, "job_state.%s", ad_job_state_name(job->state)), data,
		"state_label", err);
}

static const char *title_key(const struct ad_job_view *view)
{
	if (view->job->state == AD_JOB_WAITING_ADMIN)
		return "job.title_trust";
	if (!ad_job_stuck(view->job))
		return "job.title";
	return view->app->id != 0 ? "job.title_stuck" : "job.title_failing";
}

static const char *twins_key(const struct ad_job_view *view)
{
	if (view->job->state == AD_JOB_WAITING_ADMIN)
		return "job.twins_trust";
	return view->app->id != 0 ? "job.twins" : "job.twin";
}

static int show(struct ad_desk *desk, const char *oid, const struct ad_job_view *view,
	const char *token, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data;
	int e = ad_job_data(desk, view->job, view->app, view->locale, &data, err);
	if (e == 0)
		e = ad_words_into(desk, view->locale, title_key(view), data, "title", err);
	if (e == 0)
		e = ad_words_into(desk, view->locale, twins_key(view), data, "twins", err);
	if (e == 0 && view->job->state == AD_JOB_WAITING_ADMIN)
		e = ad_trust_data(desk, view->locale, view->app, data, err);
	if (e == 0)
		e = add_waiting(desk, view, data, err);
	if (e == 0)
		e = add_log(desk, view, data, err);
	if (e != 0)
		return e;
	ad_json_set_str(arena, data, "t", token ? token : "");
	ad_json_set_bool(arena, data, "has_token", token != NULL);
	ad_json_set_bool(arena, data, "is_mine", ad_text_eq(view->job->assignee_oid, oid));
	ad_json_set_str(arena, data, "note", view->note ? view->note : "");
	ad_json_set_bool(arena, data, "has_note", view->note != NULL);
	const struct ad_person viewer = { .locale = view->locale };
	e = ad_reply_card(desk, &viewer, "job_failed", "job.short", data, "job", ret, err);
	if (e != 0)
		return e;
	ret->role = "job";
	ret->job_id = view->job->id;
	ret->version = view->job->fence;
	return 0;
}

int ad_job_show_to(struct ad_desk *desk, const char *oid, const struct ad_job_view *view,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	const char *token = NULL;
	int e = 0;
	if (ad_job_stuck(view->job))
		e = ad_store_token_new(desk->db, desk->arena,
			&(struct ad_token){ .tenant_id = desk->tenant_id,
				.oid = oid,
				.purpose = "retry",
				.job_id = view->job->id,
				.version = view->job->fence },
			&token, err);
	return e == 0 ? show(desk, oid, view, token, ret, err) : e;
}

/* ---- one card per admin ---- */

struct telling {
	const struct ad_job_news *news;
	struct ad_app app;
	struct ad_request_list waiting;
	struct ad_job_log log;
	struct ad_card_copy *copies;
	size_t copy_count;
	const char *const *locales; /* of the copies' recipients */
};

static int show_for(struct ad_desk *desk, const struct telling *t, const char *oid,
	const char *locale, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_job_view view = {
		.job = t->news->job,
		.app = &t->app,
		.waiting = &t->waiting,
		.log = &t->log,
		.locale = locale,
	};
	int e = 0;
	if (t->news->note_key)
		e = ad_words(desk, locale, t->news->note_key, t->news->note_data, &view.note, err);
	return e == 0 ? ad_job_show_to(desk, oid, &view, ret, err) : e;
}

static int change_copy(struct ad_desk *desk, const struct telling *t, size_t i, struct ad_err *err)
{
	struct ad_desk_reply reply;
	int e = show_for(desk, t, t->copies[i].recipient_oid, t->locales[i], &reply, err);
	if (e != 0)
		return e;
	const struct ad_card_change change = {
		.copies = &t->copies[i].outbox_id,
		.count = 1,
		.version = reply.version,
	};
	return ad_notice_show(desk, &change, &reply, err);
}

static bool has_copy(const struct telling *t, const char *oid)
{
	for (size_t i = 0; i < t->copy_count; i++)
		if (ad_text_eq(t->copies[i].recipient_oid, oid))
			return true;
	return false;
}

static int tell_admin(struct ad_desk *desk, const struct telling *t, const struct ad_person *admin,
	struct ad_err *err)
{
	struct ad_desk_reply reply;
	const char *locale;
	int e = ad_notice_locale(desk, admin->oid, &locale, err);
	if (e == 0)
		e = show_for(desk, t, admin->oid, locale, &reply, err);
	if (e != 0)
		return e;
	return ad_notice_send(desk,
		&(struct ad_notice){ .oid = admin->oid,
			.fact = ad_printf(desk->arena, "job.%lld.failed.%lld",
				(long long)t->news->job->id,
				(long long)t->news->job->failing_since),
			.card = reply.card,
			.text = reply.text,
			.role = "job",
			.job_id = reply.job_id,
			.version = reply.version },
		err);
}

static int read_copies(struct ad_desk *desk, struct telling *t, struct ad_err *err)
{
	int e = ad_store_copy_list(
		desk->db, desk->arena, 0, t->news->job->id, &t->copies, &t->copy_count, err);
	if (e != 0 || t->copy_count == 0)
		return e;
	const char **people = ad_alloc_array(desk->arena, t->copy_count, sizeof *people);
	for (size_t i = 0; i < t->copy_count; i++)
		people[i] = t->copies[i].recipient_oid;
	return ad_store_locales_of(
		desk->db, desk->arena, desk->tenant_id, people, t->copy_count, &t->locales, err);
}

int ad_job_refresh(struct ad_desk *desk, const struct ad_job_news *news, struct ad_err *err)
{
	struct telling t = { .news = news };
	int e = read_copies(desk, &t, err);
	if (e != 0 || (t.copy_count == 0 && !news->tell))
		return e;
	e = ad_job_app(desk, news->job, &t.app, err);
	if (e == 0)
		e = ad_store_requests_waiting(
			desk->db, desk->arena, desk->tenant_id, t.app.id, &t.waiting, err);
	if (e == 0)
		e = ad_job_log_read(desk, news->job->id, &t.log, err);
	for (size_t i = 0; e == 0 && i < t.copy_count; i++)
		e = change_copy(desk, &t, i, err);
	for (size_t i = 0; e == 0 && news->tell && i < desk->admins.count && i < AD_DESK_CARDS_MAX;
		i++)
		if (!has_copy(&t, desk->admins.items[i].oid))
			e = tell_admin(desk, &t, &desk->admins.items[i], err);
	return e;
}
