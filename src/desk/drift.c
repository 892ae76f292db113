/* SPDX-License-Identifier: Apache-2.0 */
/* Members of an app's group that no grant explains: the card, and what admins do about it. */
#include "ad/desk/drift.h"
#include "frozen.h"
#include "grants.h"
#include "stages.h"
#include "ad/store/drifts.h"
#include "ad/text.h"

#define PURPOSE "drift"

/* ---- the card ---- */

static struct ad_json *names_of(const struct ad_desk *desk, const struct ad_drift_list *list)
{
	struct ad_json *names = ad_json_new_array(desk->arena);
	for (size_t i = 0; i < list->count && i < AD_LIST_MAX; i++) {
		struct ad_json *row = ad_json_new_object(desk->arena);
		const char *name = list->items[i].name;
		ad_json_set_str(
			desk->arena, row, "name", ad_text_empty(name) ? list->items[i].oid : name);
		ad_json_append(desk->arena, names, row);
	}
	return names;
}

/* The open findings of an app for one admin; AD_ENOTFOUND when there are none. */
static int show(struct ad_desk *desk, const struct ad_person *who, int64_t app_id,
	struct ad_desk_reply *ret, int64_t *ret_up_to, struct ad_err *err)
{
	struct ad_app app;
	struct ad_drift_list list;
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_token token = {
		.tenant_id = desk->tenant_id, .oid = who->oid, .purpose = PURPOSE, .app_id = app_id
	};
	const char *text;
	int e = ad_store_app_get(desk->db, desk->arena, desk->tenant_id, app_id, &app, err);
	if (e == 0)
		e = ad_store_drift_open(
			desk->db, desk->arena, desk->tenant_id, app_id, 0, &list, err);
	if (e == 0 && list.count == 0)
		return AD_FAIL(err, AD_ENOTFOUND, "nothing was found");
	*ret_up_to = 0;
	for (size_t i = 0; e == 0 && i < list.count; i++)
		if (list.items[i].id > *ret_up_to)
			*ret_up_to = list.items[i].id;
	token.version = (int)*ret_up_to;
	if (e == 0)
		e = ad_store_token_new(desk->db, desk->arena, &token, &text, err);
	if (e != 0)
		return e;
	size_t more = list.count > AD_LIST_MAX ? list.count - AD_LIST_MAX : 0;
	ad_json_set_str(desk->arena, data, "t", text);
	ad_json_set_str(desk->arena, data, "app", app.name);
	ad_json_set_int(desk->arena, data, "n", app_id);
	ad_json_set_int(desk->arena, data, "count", (int64_t)list.count);
	ad_json_set_int(desk->arena, data, "more", (int64_t)more);
	ad_json_set_bool(desk->arena, data, "has_more", more > 0);
	ad_json_set_int(desk->arena, data, "days", AD_DRIFT_IGNORE_DAYS);
	ad_json_set(desk->arena, data, "people", names_of(desk, &list));
	return ad_reply_card(desk, who, "drift", "drift.short", data, "drift", ret, err);
}

/* ---- admins ---- */

/* Several apps: one line each, with the number that is typed. */
static int show_apps(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_drift_app *apps, size_t count, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	const char *lines = "";
	for (size_t i = 0; i < count; i++)
		lines = ad_printf(desk->arena, "%s%s%lld %s (%lld)", lines, i > 0 ? ", " : "",
			(long long)apps[i].app_id, apps[i].name, (long long)apps[i].count);
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "apps", lines);
	return ad_reply_words(desk, who, "drift.apps", data, "drift", ret, err);
}

int ad_desk_drift(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_drift_app *apps;
	size_t count;
	int64_t up_to;
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = ad_store_drift_apps(
		desk->db, desk->arena, desk->tenant_id, AD_LIST_MAX, &apps, &count, err);
	if (e == 0 && count == 0)
		return ad_reply_words(desk, who, "drift.none", NULL, "drift", ret, err);
	if (e != 0)
		return e;
	return count == 1 ? show(desk, who, apps[0].app_id, ret, &up_to, err)
			  : show_apps(desk, who, apps, count, ret, err);
}

/* ---- acting ---- */

static const struct {
	const char *state;
	const char *action;
	const char *key;
} acts[] = {
	[AD_DESK_DRIFT_ADOPT] = { "adopted", "drift.adopted", "drift.adopted" },
	[AD_DESK_DRIFT_REMOVE] = { "removed", "drift.removed", "drift.removed" },
	[AD_DESK_DRIFT_IGNORE] = { "ignored", "drift.ignored", "drift.ignored" },
};

/* A grant wants a request that it came by. */
static int adopt(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	const struct ad_drift *drift, struct ad_err *err)
{
	struct ad_request request;
	int64_t number;
	struct ad_json *details = ad_json_new_object(desk->arena);
	const char *why;
	const char *locale;
	int e = ad_notice_locale(desk, drift->oid, &locale, err);
	if (e == 0)
		e = ad_words(desk, locale, "drift.justification", NULL, &why, err);
	if (e == 0)
		e = ad_store_drift_adopt(desk->db, desk->arena, desk->tenant_id, drift->oid,
			app->id, why, &number, err);
	if (e != 0 || number == 0)
		return e;
	e = ad_store_request_get(desk->db, desk->arena, desk->tenant_id, number, &request, err);
	if (e == 0)
		e = ad_grant_begin(desk, &request, app, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, details, "person", drift->oid);
	ad_json_set_int(desk->arena, details, "app_id", app->id);
	(void)ad_trail_later(desk, &(struct ad_event){ .who = who,
					   .action = "request.adopted",
					   .entity_type = "request",
					   .entity_id = number,
					   .details = details });
	return ad_request_trail_closed(desk, &request);
}

static int follow(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	enum ad_desk_drift_act act, const struct ad_drift_list *list, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	struct ad_json *oids = ad_json_new_array(desk->arena);
	int64_t job;
	int e = 0;
	for (size_t i = 0; e == 0 && i < list->count; i++) {
		ad_json_append(
			desk->arena, oids, ad_json_new_string(desk->arena, list->items[i].oid));
		if (act == AD_DESK_DRIFT_ADOPT)
			e = adopt(desk, who, app, &list->items[i], err);
	}
	if (e == 0 && act == AD_DESK_DRIFT_REMOVE)
		e = ad_store_jobs_add(desk->db, desk->arena,
			&(struct ad_job_new){ .tenant_id = desk->tenant_id,
				.kind = AD_JOB_DRIFT,
				.key = AD_JOB_STANDING_KEY,
				.sooner = true },
			&job, err);
	if (e != 0)
		return e;
	ad_json_set(desk->arena, details, "people", oids);
	return ad_trail_later(desk, &(struct ad_event){ .who = who,
					    .action = acts[act].action,
					    .entity_type = "app",
					    .entity_id = app->id,
					    .details = details });
}

/* Which app, and up to which finding; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_drift_decision *ret_decision,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	struct ad_token token = { .app_id = press->number, .version = INT32_MAX };
	AD_ASSERT(ad_db_in_transaction(desk->db));
	*ret_done = false;
	int e = ad_settings_hold(desk, err);
	if (e == 0 && (!who->is_admin || ad_text_empty(desk->settings.admin_group_id))) {
		*ret_done = true;
		return ad_reply_not_admin(desk, who, ret, err);
	}
	if (e == 0)
		e = ad_frozen(desk, who, ret, ret_done, err);
	if (e == 0 && !*ret_done && !ad_text_empty(press->token))
		e = ad_reply_token(desk, who, press, PURPOSE, &token, ret, ret_done, err);
	ret_decision->app_id = token.app_id;
	ret_decision->up_to = token.version;
	return e;
}

static int nothing(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	return ad_reply_words(desk, who, "drift.none", NULL, "drift", ret, err);
}

int ad_desk_drift_act(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_desk_drift_act act, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_drift_decision decision = { .tenant_id = desk->tenant_id,
		.state = acts[act].state,
		.by = who->oid,
		.days = AD_DRIFT_IGNORE_DAYS };
	struct ad_drift_list list = { 0 };
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_app app;
	bool done;
	int e = begin(desk, who, press, &decision, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = ad_store_app_get(desk->db, desk->arena, desk->tenant_id, decision.app_id, &app, err);
	if (e == AD_ENOTFOUND)
		return nothing(desk, who, ret, err);
	if (e == 0)
		e = ad_store_drift_decide(desk->db, desk->arena, &decision, &list, err);
	if (e == 0 && list.count > 0)
		e = follow(desk, who, &app, act, &list, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "app", app.name);
	ad_json_set_int(desk->arena, data, "count", (int64_t)list.count);
	ad_json_set_int(desk->arena, data, "days", AD_DRIFT_IGNORE_DAYS);
	e = list.count == 0
		    ? nothing(desk, who, ret, err)
		    : ad_reply_words(desk, who, acts[act].key, data, acts[act].state, ret, err);
	if (e == 0 && !ad_text_empty(press->token))
		e = ad_reply_remember(desk, press->token, ret, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

/* ---- what the job found ---- */

static int tell_admins(struct ad_desk *desk, int64_t app_id, struct ad_err *err)
{
	struct ad_people admins;
	int e = ad_fact_members(desk, desk->settings.admin_group_id, &admins, err);
	for (size_t i = 0; e == 0 && i < admins.count && i < AD_DESK_CARDS_MAX; i++) {
		struct ad_person admin = admins.items[i];
		struct ad_desk_reply card;
		int64_t up_to;
		e = ad_notice_locale(desk, admin.oid, &admin.locale, err);
		if (e == 0)
			e = show(desk, &admin, app_id, &card, &up_to, err);
		if (e == 0)
			e = ad_notice_send(desk,
				&(struct ad_notice){ .oid = admin.oid,
					.fact = ad_printf(desk->arena, "drift.%lld.%lld",
						(long long)app_id, (long long)up_to),
					.card = card.card,
					.text = card.text },
				err);
	}
	return e;
}

static void trail_restored(
	struct ad_desk *desk, const struct ad_drift_group *group, const char *oid)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "person", oid);
	ad_json_set_str(desk->arena, details, "group_id", group->group_id);
	(void)ad_trail_later(desk, &(struct ad_event){ .action = "grant.drift",
					   .entity_type = "app",
					   .entity_id = group->app_id,
					   .details = details });
}

int ad_desk_drift_note(struct ad_desk *desk, const struct ad_drift_group *group,
	const char *const *restored, size_t restored_count, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	size_t found = 0;
	int e = ad_store_drift_note(desk->db, desk->arena, group, &found, err);
	if (e == 0 && found > 0)
		e = tell_admins(desk, group->app_id, err);
	if (e != 0)
		return e;
	for (size_t i = 0; i < restored_count; i++)
		trail_restored(desk, group, restored[i]);
	return ad_trail_flush(desk, err);
}
