/* SPDX-License-Identifier: Apache-2.0 */
/* A suggestion on the card of an admin; one per admin, changed in place. */
#include "suggestion.h"
#include "parts.h"
#include "ad/text.h"

static bool is_open(const struct ad_suggestion *suggestion)
{
	return ad_text_eq(suggestion->state, AD_SUGGESTION_OPEN);
}

/* ---- what is known ---- */

static void add_text(const struct ad_desk *desk, const struct ad_json *facts, const char *member,
	struct ad_json *data)
{
	const char *text = ad_words_cut(desk, ad_json_str(facts, member), AD_SHOWN_MAX);
	const char *has = ad_printf(desk->arena, "has_%s", member);
	ad_json_set_str(desk->arena, data, member, text ? text : "");
	ad_json_set_bool(desk->arena, data, has, !ad_text_empty(text));
}

static const char *joined(struct ad_arena *arena, const struct ad_json *list)
{
	const char *ret = "";
	AD_JSON_EACH(item, list)
	ret = ad_printf(arena, "%s%s%s", ret, *ret ? ", " : "", ad_json_text(item));
	return ret;
}

/* Whether the catalogue has the package, which admins alone are told: hidden apps are nobody else's
 * business. */
static int add_standing(struct ad_desk *desk, const char *locale,
	const struct ad_suggestion *suggestion, struct ad_json *data, struct ad_err *err)
{
	struct ad_app_document app;
	const char *id =
		ad_text_empty(suggestion->package_id) ? suggestion->wanted : suggestion->package_id;
	ad_json_set_bool(desk->arena, data, "has_standing", false);
	ad_json_set_str(desk->arena, data, "standing", "");
	ad_json_set_str(desk->arena, data, "class", "low");
	ad_json_set_int(desk->arena, data, "seats", 0);
	int e = ad_store_app_document(desk->db, desk->arena, desk->tenant_id, id, &app, err);
	if (e == AD_ENOTFOUND || e != 0)
		return e == AD_ENOTFOUND ? 0 : e;
	bool hidden = ad_text_eq(ad_json_str(app.app, "state"), "hidden");
	ad_json_set_bool(desk->arena, data, "has_standing", is_open(suggestion));
	ad_json_set_str(desk->arena, data, "class", ad_json_str(app.app, "classification"));
	ad_json_set_int(desk->arena, data, "seats", ad_json_int(app.app, "seats", 0));
	return ad_words_into(desk, locale,
		hidden ? "suggestion.hidden_already" : "suggestion.there_already", data, "standing",
		err);
}

static int add_facts(struct ad_desk *desk, const char *locale,
	const struct ad_suggestion *suggestion, struct ad_json *data, struct ad_err *err)
{
	static const char *const members[] = { "name", "publisher", "latest", "licence", "about",
		"fault" };
	struct ad_json *facts;
	int e = ad_json_parse(
		desk->arena, suggestion->facts, strlen(suggestion->facts), &facts, err);
	for (size_t i = 0; e == 0 && i < sizeof members / sizeof members[0]; i++)
		add_text(desk, facts, members[i], data);
	if (e != 0)
		return e;
	const char *hosts = joined(desk->arena, ad_json_get(facts, "hosts"));
	ad_json_set_str(desk->arena, data, "hosts", ad_words_cut(desk, hosts, AD_SHOWN_MAX));
	ad_json_set_bool(desk->arena, data, "has_hosts", *hosts != '\0');
	return add_standing(desk, locale, suggestion, data, err);
}

/* ---- the card ---- */

static int make_data(struct ad_desk *desk, const char *locale,
	const struct ad_suggestion *suggestion, struct ad_json **ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	bool found = ad_text_eq(suggestion->found, AD_SUGGESTION_FOUND);
	*ret = data;
	ad_json_set_int(arena, data, "n", suggestion->id);
	ad_json_set_str(arena, data, "wanted", suggestion->wanted);
	ad_json_set_str(arena, data, "package", suggestion->package_id);
	ad_json_set_bool(arena, data, "has_package", !ad_text_empty(suggestion->package_id));
	ad_json_set_bool(arena, data, "wants_package", !found);
	ad_json_set_str(arena, data, "by", suggestion->by_name);
	ad_json_set_int(arena, data, "others", suggestion->others);
	ad_json_set_str(arena, data, "since", suggestion->created_at);
	ad_json_set_str(arena, data, "decider", suggestion->decided_by_name);
	ad_json_set_str(arena, data, "reason", suggestion->reason);
	int e = ad_words_into(desk, locale,
		ad_printf(arena, "suggestion.state_%s", suggestion->state), data, "state_label",
		err);
	if (e == 0)
		e = ad_words_into(desk, locale, "suggestion.by", data, "by_label", err);
	ad_json_set_bool(arena, data, "has_note", !found && is_open(suggestion));
	ad_json_set_str(arena, data, "note", "");
	if (e == 0 && !found)
		e = ad_words_into(desk, locale,
			ad_text_eq(suggestion->found, AD_SUGGESTION_UNKNOWN)
				? "suggestion.not_in_winget"
				: "suggestion.no_winget",
			data, "note", err);
	return e == 0 ? add_facts(desk, locale, suggestion, data, err) : e;
}

int ad_suggestion_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_suggestion_view *view, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	const struct ad_suggestion *suggestion = view->suggestion;
	const char *key = is_open(suggestion) ? "suggestion.short" : "suggestion.short_ended";
	int e = make_data(desk, who->locale, suggestion, &data, err);
	if (e == 0)
		e = ad_words_into(desk, who->locale, key, data, "short", err);
	if (e == 0)
		e = ad_words_into(desk, who->locale,
			is_open(suggestion) ? "suggestion.title" : "suggestion.title_ended", data,
			"title", err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "t", view->token ? view->token : "");
	ad_json_set_bool(desk->arena, data, "has_token", view->token != NULL);
	ad_json_set_bool(desk->arena, data, "asks_package",
		view->token && ad_json_bool(data, "wants_package", false));
	ad_json_set_str(desk->arena, data, "complaint", view->fault ? view->fault : "");
	ad_json_set_bool(desk->arena, data, "has_complaint", view->fault != NULL);
	e = ad_reply_card(desk, who, "suggestion", key, data, "suggestion", ret, err);
	if (e != 0)
		return e;
	ret->role = "suggestion";
	ret->job_id = suggestion->job_id;
	ret->version = suggestion->version;
	return 0;
}

int ad_suggestion_show_to(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_suggestion *suggestion, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_suggestion_view view = { .suggestion = suggestion };
	int e = 0;
	if (is_open(suggestion))
		e = ad_store_token_new(desk->db, desk->arena,
			&(struct ad_token){ .tenant_id = desk->tenant_id,
				.oid = who->oid,
				.purpose = "suggestion",
				.job_id = suggestion->job_id },
			&view.token, err);
	return e == 0 ? ad_suggestion_show(desk, who, &view, ret, err) : e;
}

int ad_suggestion_show_now(struct ad_desk *desk, const struct ad_person *who, int64_t job_id,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	int64_t id;
	struct ad_suggestion suggestion;
	int e = ad_store_suggestion_of_job(
		desk->db, desk->arena, desk->tenant_id, job_id, &id, err);
	if (e == 0)
		e = ad_store_suggestion_get(
			desk->db, desk->arena, desk->tenant_id, id, &suggestion, err);
	return e == 0 ? ad_suggestion_show_to(desk, who, &suggestion, ret, err) : e;
}

/* ---- copies ---- */

static int show_thing(struct ad_desk *desk, const struct ad_person *who, const void *thing,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_suggestion_show_to(desk, who, thing, ret, err);
}

int ad_suggestion_send(struct ad_desk *desk, const struct ad_suggestion *suggestion,
	const struct ad_person *admin, struct ad_err *err)
{
	return ad_admin_card_send(desk, admin,
		ad_printf(desk->arena, "suggestion.%lld", (long long)suggestion->id),
		&(struct ad_admin_card){ suggestion, show_thing }, err);
}

int ad_suggestion_refresh(struct ad_desk *desk, int64_t id, struct ad_err *err)
{
	struct ad_suggestion suggestion;
	int e = ad_store_suggestion_get(
		desk->db, desk->arena, desk->tenant_id, id, &suggestion, err);
	return e == 0 ? ad_admin_card_refresh(desk,
				&(struct ad_admin_copies){
					.job_id = suggestion.job_id, .role = "suggestion" },
				&(struct ad_admin_card){ &suggestion, show_thing }, err)
		      : e;
}

/* ---- looking ---- */

static int add_row(struct ad_desk *desk, const struct ad_person *who, int64_t id,
	struct ad_json *rows, struct ad_err *err)
{
	struct ad_suggestion suggestion;
	struct ad_json *row;
	int e = ad_store_suggestion_get(
		desk->db, desk->arena, desk->tenant_id, id, &suggestion, err);
	if (e == 0)
		e = make_data(desk, who->locale, &suggestion, &row, err);
	if (e == 0)
		e = ad_words_into(desk, who->locale, "suggestions.open", row, "open_label", err);
	if (e != 0)
		return e;
	ad_json_set_bool(desk->arena, row, "separator", ad_json_count(rows) > 0);
	ad_json_append(desk->arena, rows, row);
	return 0;
}

int ad_desk_suggestions(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	int64_t *ids;
	size_t count = 0;
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_json *rows = ad_json_new_array(desk->arena);
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = ad_store_suggestions_open(
		desk->db, desk->arena, desk->tenant_id, AD_LIST_MAX, &ids, &count, err);
	for (size_t i = 0; e == 0 && i < count; i++)
		e = add_row(desk, who, ids[i], rows, err);
	if (e != 0)
		return e;
	if (count == 0)
		return ad_reply_words(desk, who, "suggestions.none", NULL, "suggestions", ret, err);
	ad_json_set_int(desk->arena, data, "count", (int64_t)count);
	ad_json_set(desk->arena, data, "rows", rows);
	return ad_reply_card(
		desk, who, "suggestions", "suggestions.short", data, "suggestions", ret, err);
}

int ad_desk_suggestion(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_suggestion suggestion;
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = ad_store_suggestion_get(
		desk->db, desk->arena, desk->tenant_id, number, &suggestion, err);
	if (e != AD_ENOTFOUND)
		return e == 0 ? ad_suggestion_show_to(desk, who, &suggestion, ret, err) : e;
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "n", number);
	return ad_reply_words(desk, who, "suggestion.unknown", data, "no_suggestion", ret, err);
}
