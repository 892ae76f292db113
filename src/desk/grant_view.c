/* SPDX-License-Identifier: Apache-2.0 */
/* A grant on a card of its person, in a notice, and in the list of what one has. */
#include "grants.h"
#include "html.h"
#include "ad/text.h"

struct look {
	const char *mark;
	const char *style;
};

static const struct look looks[] = {
	[AD_GRANT_ACTIVE] = { "✔", "good" },
	[AD_GRANT_RETURNED] = { "✖", "emphasis" },
	[AD_GRANT_REVOKED] = { "✖", "attention" },
	[AD_GRANT_EXPIRED] = { "✖", "warning" },
};

int ad_grant_data(struct ad_desk *desk, const struct ad_grant *grant, const char *locale,
	struct ad_json **ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	const char *until = grant->ended_at ? grant->ended_at : grant->expires_at;
	const char *status = ad_grant_state_name(grant->state);
	if (grant->state == AD_GRANT_ACTIVE && !grant->expires_at)
		status = "for_good";
	ad_json_set_int(arena, data, "rid", grant->request_id);
	ad_json_set_str(arena, data, "app", grant->app_name);
	ad_json_set_str(arena, data, "person",
		ad_text_empty(grant->person_name) ? grant->oid : grant->person_name);
	ad_json_set_str(arena, data, "by", grant->ended_by_name);
	ad_json_set_str(arena, data, "reason", grant->end_reason);
	ad_json_set_str(arena, data, "since", grant->started_at);
	ad_json_set_str(arena, data, "until", until ? until : "");
	ad_json_set_bool(arena, data, "has_until", until != NULL);
	ad_json_set_str(arena, data, "until_on", ad_words_time(desk, locale, until));
	ad_json_set_str(arena, data, "mark", looks[grant->state].mark);
	ad_json_set_str(arena, data, "style", looks[grant->state].style);
	ad_json_set_bool(arena, data, "active", grant->state == AD_GRANT_ACTIVE);
	ad_json_set_int(arena, data, "more", AD_GRANT_MORE_DAYS);
	*ret = data;
	return ad_words_into(
		desk, locale, ad_printf(arena, "grant.status.%s", status), data, "status", err);
}

/* ---- the card ---- */

int ad_grant_show(struct ad_desk *desk, const struct ad_grant_view *view, const char *outcome,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	static const char *const twins[] = {
		[AD_GRANT_PLAIN] = "grant.hint",
		[AD_GRANT_OFFER] = "grant.offer_twins", /* of one that ends */
		[AD_GRANT_CONFIRM] = "grant.confirm_twins",
	};
	struct ad_json *data;
	const char *token = "";
	const char *hint = twins[view->buttons];
	if (view->buttons == AD_GRANT_OFFER && !view->grant->expires_at)
		hint = "grant.end_twin";
	int e = ad_grant_data(desk, view->grant, view->who->locale, &data, err);
	if (e == 0)
		e = ad_words_into(desk, view->who->locale, view->key, data, "text", err);
	if (e == 0)
		e = ad_words_into(desk, view->who->locale, hint, data, "twins", err);
	if (e == 0 && view->buttons != AD_GRANT_PLAIN)
		e = ad_store_token_new(desk->db, desk->arena,
			&(struct ad_token){ .tenant_id = desk->tenant_id,
				.oid = view->who->oid,
				.purpose = "grant",
				.request_id = view->grant->request_id },
			&token, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "t", token);
	bool offers = view->buttons == AD_GRANT_OFFER;
	ad_json_set_bool(desk->arena, data, "can_end", offers);
	ad_json_set_bool(desk->arena, data, "can_more", offers && view->grant->expires_at);
	ad_json_set_bool(desk->arena, data, "asks", view->buttons == AD_GRANT_CONFIRM);
	e = ad_reply_card(desk, view->who, "grant", view->key, data, outcome, ret, err);
	if (e == 0)
		ret->text = ad_json_str(data, "text");
	return e;
}

int ad_grant_tell(struct ad_desk *desk, const struct ad_grant *grant, enum ad_grant_buttons buttons,
	const char *key, const char *what, struct ad_err *err)
{
	struct ad_person person = { .oid = grant->oid, .name = grant->person_name };
	struct ad_desk_reply card;
	int e = ad_notice_locale(desk, grant->oid, &person.locale, err);
	if (e == 0)
		e = ad_grant_show(desk,
			&(struct ad_grant_view){
				.grant = grant, .who = &person, .buttons = buttons, .key = key },
			"told", &card, err);
	if (e != 0)
		return e;
	return ad_notice_send(desk,
		&(struct ad_notice){ .oid = grant->oid,
			.fact = ad_printf(
				desk->arena, "grant.%lld.%s", (long long)grant->request_id, what),
			.card = card.card,
			.text = card.text },
		err);
}

/* ---- which one ---- */

static int find_by_name(struct ad_desk *desk, const struct ad_person *who, const char *name,
	struct ad_grant *ret, struct ad_err *err)
{
	struct ad_app_list apps;
	struct ad_grant_list own;
	int e = ad_apps_named(desk, who->locale, name, AD_LIST_MAX, &apps, err);
	if (e == 0)
		e = ad_store_grants_of_person(
			desk->db, desk->arena, desk->tenant_id, who->oid, AD_GRANTS_MAX, &own, err);
	for (size_t i = 0; e == 0 && i < apps.count; i++) {
		for (size_t k = 0; k < own.count; k++) {
			if (own.items[k].app_id != apps.items[i].id)
				continue;
			*ret = own.items[k];
			return 0;
		}
	}
	return e == 0 ? AD_ENOTFOUND : e;
}

int ad_grant_find_own(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	const char *name, struct ad_grant *ret, struct ad_err *err)
{
	if (number == 0 && !ad_text_empty(name))
		return find_by_name(desk, who, name, ret, err);
	int e = ad_store_grant_of_request(desk->db, desk->arena, desk->tenant_id, number, ret, err);
	return e == 0 && !ad_text_eq(ret->oid, who->oid) ? AD_ENOTFOUND : e;
}

/* ---- the list ---- */

int ad_desk_grants(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_grant_list own;
	struct ad_json *rows = ad_json_new_array(desk->arena);
	struct ad_json *data = ad_json_new_object(desk->arena);
	int e = ad_store_grants_of_person(
		desk->db, desk->arena, desk->tenant_id, who->oid, AD_LIST_MAX + 1, &own, err);
	if (e == 0 && own.count == 0)
		return ad_reply_words(desk, who, "grants.none", NULL, "grants", ret, err);
	for (size_t i = 0; e == 0 && i < own.count && i < AD_LIST_MAX; i++) {
		struct ad_json *row;
		e = ad_grant_data(desk, &own.items[i], who->locale, &row, err);
		if (e != 0)
			return e;
		ad_json_set_bool(desk->arena, row, "separator", i > 0);
		ad_json_append(desk->arena, rows, row);
		e = ad_words_into(desk, who->locale, "grants.open", row, "open", err);
	}
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, data, "count", (int64_t)ad_json_count(rows));
	ad_json_set_bool(desk->arena, data, "has_more", own.count > AD_LIST_MAX);
	ad_json_set(desk->arena, data, "rows", rows);
	return ad_reply_card(desk, who, "grants", "grants.short", data, "grants", ret, err);
}

int ad_grant_unknown(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "rid", number);
	const char *key = number > 0 ? "grant.unknown" : "grant.unknown_app";
	return ad_reply_words(desk, who, key, data, "no_grant", ret, err);
}

int ad_desk_grant(struct ad_desk *desk, const struct ad_person *who, int64_t number, bool pressed,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_grant grant;
	int e = ad_grant_find_own(desk, who, number, NULL, &grant, err);
	if (e == AD_ENOTFOUND)
		return ad_grant_unknown(desk, who, number, ret, err);
	if (e != 0)
		return e;
	bool active = grant.state == AD_GRANT_ACTIVE;
	e = ad_grant_show(desk,
		&(struct ad_grant_view){ .grant = &grant,
			.who = who,
			.buttons = active ? AD_GRANT_OFFER : AD_GRANT_PLAIN,
			.key = active ? "grant.yours" : "grant.over" },
		"grant", ret, err);
	ret->in_place = pressed;
	return e;
}
