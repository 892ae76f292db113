/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody suggests an app, or joins those who have; and the card that tells them so. */
#include "suggestion.h"
#include "parts.h"
#include "ad/text.h"

int ad_suggested_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_suggested *suggested, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	ad_json_set_str(arena, data, "name", suggested->name);
	ad_json_set_str(arena, data, "reason", suggested->reason ? suggested->reason : "");
	ad_json_set_str(arena, data, "app", suggested->app_name ? suggested->app_name : "");
	ad_json_set_int(arena, data, "app_id", suggested->app_id);
	ad_json_set_bool(arena, data, "has_app", suggested->app_id != 0);
	int e = ad_words_into(desk, who->locale, ad_printf(arena, "%s.title", suggested->key), data,
		"title", err);
	const char *text_key = ad_printf(arena, "%s.text", suggested->key);
	if (e == 0)
		e = ad_words_into(desk, who->locale, text_key, data, "text", err);
	return e == 0 ? ad_reply_card(desk, who, "suggested", text_key, data, "suggested", ret, err)
		      : e;
}

/* ---- suggesting ---- */

static int trail(struct ad_desk *desk, const struct ad_person *who, const char *action, int64_t id,
	const char *wanted, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "wanted", wanted);
	return ad_trail(desk,
		&(struct ad_event){ .who = who,
			.action = action,
			.entity_type = "suggestion",
			.entity_id = id,
			.details = details },
		err);
}

/* A job looks for it in WinGet and then tells the admins: nobody waits for either here. */
static int open_it(struct ad_desk *desk, int64_t id, struct ad_err *err)
{
	int64_t job;
	int e = ad_store_jobs_add(desk->db, desk->arena,
		&(struct ad_job_new){ .tenant_id = desk->tenant_id,
			.kind = AD_JOB_SUGGESTION,
			.key = ad_printf(desk->arena, "suggestion:%lld", (long long)id),
			.payload = ad_printf(desk->arena, "{\"suggestion\":%lld}", (long long)id) },
		&job, err);
	if (e != 0)
		return e;
	return ad_store_suggestion_told_by(desk->db, desk->arena, desk->tenant_id, id, job, err);
}

/* The admins see that one more wants it. */
static int join_it(struct ad_desk *desk, int64_t id, struct ad_err *err)
{
	int e = ad_store_suggestion_touch(desk->db, desk->arena, desk->tenant_id, id, err);
	return e == 0 ? ad_suggestion_refresh(desk, id, err) : e;
}

static int put(struct ad_desk *desk, const struct ad_person *who, const char *wanted,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	int64_t id;
	bool is_new = false;
	bool joins = false;
	int e = ad_store_suggestion_put(
		desk->db, desk->arena, desk->tenant_id, wanted, &id, &is_new, err);
	if (e == 0)
		e = ad_store_suggestion_join(desk->db, desk->arena, id, who->oid, &joins, err);
	if (e == 0 && is_new)
		e = open_it(desk, id, err);
	else if (e == 0 && joins)
		e = join_it(desk, id, err);
	const struct ad_suggested thanks = {
		.key = joins ? "suggest.done" : "suggest.again",
		.name = wanted,
	};
	if (e == 0)
		e = ad_suggested_show(desk, who, &thanks, ret, err);
	if (e != 0 || !joins)
		return e;
	return trail(
		desk, who, is_new ? "suggestion.opened" : "suggestion.joined", id, wanted, err);
}

/* The app is there for this person: its form. One that is not is no obstacle, and not told. */
static int find_app(struct ad_desk *desk, const struct ad_person *who, const char *wanted,
	int64_t *ret_id, struct ad_err *err)
{
	int64_t id;
	struct ad_app app;
	bool is_open;
	*ret_id = 0;
	int e = ad_store_app_by_package(desk->db, desk->arena, desk->tenant_id, wanted, &id, err);
	if (e == 0)
		e = ad_store_app_get(desk->db, desk->arena, desk->tenant_id, id, &app, err);
	if (e == 0)
		e = ad_app_is_open(desk, who, &app, &is_open, err);
	if (e == 0 && is_open)
		*ret_id = id;
	return e == AD_ENOTFOUND ? 0 : e;
}

/* What is suggested, as it is stored; "" when nothing is. */
static const char *read_wanted(const struct ad_desk *desk, const char *text)
{
	const char *clean = ad_utf8_clean(desk->arena, text ? text : "", false);
	return ad_text_trim(desk->arena, ad_utf8_cut(desk->arena, clean, AD_SUGGESTION_MAX));
}

int ad_desk_suggest(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int64_t app_id;
	int64_t waits_for;
	const char *wanted = read_wanted(desk, press->reason);
	if (!who->is_user)
		return ad_reply_words(desk, who, "user.denied", NULL, "no_access", ret, err);
	if (!*wanted)
		return ad_reply_words(desk, who, "suggest.how", NULL, "suggest_how", ret, err);
	int e = find_app(desk, who, wanted, &app_id, err);
	if (e == 0 && app_id != 0)
		return ad_desk_form(desk, who, app_id, ret, err);
	if (e == 0)
		e = ad_store_suggestions_count(
			desk->db, desk->arena, desk->tenant_id, who->oid, &waits_for, err);
	if (e == 0 && waits_for >= AD_SUGGESTIONS_OPEN_MAX)
		return ad_reply_words(desk, who, "suggest.many", NULL, "too_many", ret, err);
	if (e == 0)
		e = put(desk, who, wanted, ret, err);
	if (e == 0)
		ret->in_place = press->inputs != NULL;
	return e;
}
