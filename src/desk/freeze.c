/* SPDX-License-Identifier: Apache-2.0 */
/* Freezing the counter and letting it work again: each is said first and then confirmed. */
#include "frozen.h"
#include "parts.h"
#include "ad/desk/freeze.h"
#include "ad/text.h"

/* ---- cards ---- */

static int new_token(struct ad_desk *desk, const struct ad_person *who, const char *purpose,
	const char **ret, struct ad_err *err)
{
	return ad_store_token_new(desk->db, desk->arena,
		&(struct ad_token){
			.tenant_id = desk->tenant_id, .oid = who->oid, .purpose = purpose },
		ret, err);
}

/* The question before it: with the reason, which can be changed there. */
static int ask_freeze(struct ad_desk *desk, const struct ad_person *who, const char *reason,
	const char *fault_key, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	const char *token;
	int e = new_token(desk, who, "freeze", &token, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "t", token);
	ad_json_set_str(desk->arena, data, "reason", ad_words_cut(desk, reason, AD_REASON_MAX));
	ad_json_set_int(desk->arena, data, "max", AD_REASON_MAX);
	ad_json_set_bool(desk->arena, data, "has_fault", fault_key != NULL);
	ad_json_set_str(desk->arena, data, "fault", "");
	if (fault_key)
		e = ad_words_into(desk, who->locale, fault_key, data, "fault", err);
	if (e == 0)
		e = ad_reply_card(desk, who, "freeze", "freeze.short", data, "asked", ret, err);
	return e;
}

/* How it is frozen, with the button that ends it. */
static int show_frozen(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_freeze *freeze, const char *outcome, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	const char *token;
	const char *key = ad_text_empty(freeze->reason) ? "frozen.short" : "frozen.short_why";
	int e = ad_frozen_data(desk, who->locale, freeze, data, err);
	if (e == 0)
		e = ad_words_into(desk, who->locale, key, data, "short", err);
	if (e == 0)
		e = new_token(desk, who, "unfreeze", &token, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "t", token);
	ad_json_set_bool(desk->arena, data, "can_end", true);
	return ad_reply_card(desk, who, "frozen", key, data, outcome, ret, err);
}

static int show_thawed(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_thaw *thaw, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "hours", thaw->seconds / 3600);
	ad_json_set_int(desk->arena, data, "minutes", thaw->seconds / 60 % 60);
	ad_json_set_int(desk->arena, data, "stages", thaw->stages);
	ad_json_set_int(desk->arena, data, "grants", thaw->grants);
	return ad_reply_card(desk, who, "thawed", "thawed.short", data, "unfrozen", ret, err);
}

/* ---- the use cases ---- */

/* Only admins, by the directory's live answer; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, const struct ad_person *who, struct ad_freeze *ret_freeze,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	*ret_done = false;
	int e = ad_settings_hold(desk, err);
	if (e != 0)
		return e;
	if (!who->is_admin || ad_text_empty(desk->settings.admin_group_id)) {
		*ret_done = true;
		return ad_reply_not_admin(desk, who, ret, err);
	}
	return ad_store_freeze_get(desk->db, desk->arena, desk->tenant_id, ret_freeze, err);
}

static const char *clean(const struct ad_desk *desk, const char *reason)
{
	return reason ? ad_text_trim(desk->arena, ad_utf8_clean(desk->arena, reason, true)) : "";
}

/* The key that says what is wrong with the reason; NULL: nothing. */
static const char *fault_of(const char *reason)
{
	static const struct ad_input_rule rule = { .required = true, .max_chars = AD_REASON_MAX };
	switch (ad_input_check(&rule, reason)) {
	case AD_INPUT_EMPTY:
		return "freeze.needs_reason";
	case AD_INPUT_TOO_LONG:
		return "freeze.long_reason";
	case AD_INPUT_OK:
	case AD_INPUT_NOT_LISTED:
	case AD_INPUT_NOT_A_DATE:
	default:
		return NULL;
	}
}

int ad_desk_freeze(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_freeze freeze;
	bool done;
	int e = begin(desk, who, &freeze, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (freeze.on)
		return show_frozen(desk, who, &freeze, "already", ret, err);
	const char *reason = clean(desk, press->reason);
	return ask_freeze(desk, who, reason, fault_of(reason), ret, err);
}

int ad_desk_unfreeze(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_freeze freeze;
	bool done;
	int e = begin(desk, who, &freeze, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (!freeze.on)
		return ad_reply_words(desk, who, "frozen.not", NULL, "already", ret, err);
	return show_frozen(desk, who, &freeze, "asked", ret, err);
}

/* begin, and the token of a press. */
static int confirm(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, const char *purpose, struct ad_freeze *ret_freeze,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	struct ad_token token;
	int e = begin(desk, who, ret_freeze, ret, ret_done, err);
	if (e != 0 || *ret_done || ad_text_empty(press->token))
		return e;
	return ad_reply_token(desk, who, press, purpose, &token, ret, ret_done, err);
}

/* The reply takes the place of the pressed card, and a second press gets it again. */
static int finish(struct ad_desk *desk, const struct ad_desk_press *press,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	if (ad_text_empty(press->token))
		return 0;
	ret->in_place = ret->card != NULL;
	return ad_reply_remember(desk, press->token, ret, err);
}

int ad_desk_freeze_confirm(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_freeze freeze;
	struct ad_thaw none;
	bool done;
	bool changed;
	int e = confirm(desk, who, press, "freeze", &freeze, ret, &done, err);
	if (e != 0 || done)
		return e;
	const char *reason = clean(desk, press->reason);
	const char *fault = fault_of(reason);
	if (fault && !freeze.on) {
		e = ask_freeze(desk, who, reason, fault, ret, err);
		ret->in_place = !ad_text_empty(press->token);
		return e;
	}
	e = ad_freeze_change(desk, who, &(struct ad_freeze_change){ .on = true, .reason = reason },
		&changed, &none, err);
	if (e == 0) /* another admin's freeze may have come first, and is shown then */
		e = ad_store_freeze_get(desk->db, desk->arena, desk->tenant_id, &freeze, err);
	if (e == 0)
		e = show_frozen(desk, who, &freeze, changed ? "frozen" : "already", ret, err);
	return e == 0 ? finish(desk, press, ret, err) : e;
}

int ad_desk_unfreeze_confirm(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_freeze freeze;
	struct ad_thaw thaw;
	bool done;
	bool changed;
	int e = confirm(desk, who, press, "unfreeze", &freeze, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = ad_freeze_change(
		desk, who, &(struct ad_freeze_change){ .on = false }, &changed, &thaw, err);
	if (e == 0 && changed)
		e = show_thawed(desk, who, &thaw, ret, err);
	else if (e == 0)
		e = ad_reply_words(desk, who, "frozen.not", NULL, "already", ret, err);
	return e == 0 ? finish(desk, press, ret, err) : e;
}
