/* SPDX-License-Identifier: Apache-2.0 */
/* While the counter is frozen, and how that begins and ends. */
#include "frozen.h"
#include "parts.h"
#include "ad/store/settings.h"
#include "ad/text.h"

int ad_frozen_data(struct ad_desk *desk, const char *locale, const struct ad_freeze *freeze,
	struct ad_json *into, struct ad_err *err)
{
	bool by_name = !ad_text_empty(freeze->by_name);
	ad_json_set_str(desk->arena, into, "since", freeze->since);
	ad_json_set_str(desk->arena, into, "when", ad_words_time(desk, locale, freeze->since));
	ad_json_set_str(desk->arena, into, "reason", freeze->reason);
	ad_json_set_bool(desk->arena, into, "has_reason", !ad_text_empty(freeze->reason));
	ad_json_set_str(desk->arena, into, "by", freeze->by_name);
	return by_name ? 0 : ad_words_into(desk, locale, "frozen.by_operator", into, "by", err);
}

static int sentence(struct ad_desk *desk, const char *locale, const struct ad_freeze *freeze,
	struct ad_json *data, const char *name, struct ad_err *err)
{
	int e = ad_frozen_data(desk, locale, freeze, data, err);
	if (e != 0)
		return e;
	const char *key = ad_text_empty(freeze->reason) ? "frozen.short" : "frozen.short_why";
	return ad_words_into(desk, locale, key, data, name, err);
}

/* Most of the time there is none, as the settings that were read already say. */
static int find_freeze(struct ad_desk *desk, struct ad_freeze *ret, struct ad_err *err)
{
	struct ad_desk_settings now;
	*ret = (struct ad_freeze){ 0 };
	if (ad_gathered_settings(desk, &now) && !now.frozen)
		return 0;
	return ad_store_freeze_get(desk->db, desk->arena, desk->tenant_id, ret, err);
}

int ad_frozen_banner(
	struct ad_desk *desk, const char *locale, struct ad_json *data, struct ad_err *err)
{
	struct ad_freeze freeze;
	struct ad_json *own = ad_json_new_object(desk->arena);
	int e = find_freeze(desk, &freeze, err);
	if (e == 0 && freeze.on)
		e = sentence(desk, locale, &freeze, own, "banner", err);
	if (e != 0)
		return e;
	ad_json_set_bool(desk->arena, data, "has_banner", freeze.on);
	ad_json_set_str(desk->arena, data, "banner", freeze.on ? ad_json_str(own, "banner") : "");
	return 0;
}

int ad_frozen_now(struct ad_desk *desk, bool *ret, struct ad_err *err)
{
	struct ad_freeze freeze;
	int e = find_freeze(desk, &freeze, err);
	if (e == 0)
		*ret = freeze.on;
	return e;
}

static int refuse(struct ad_desk *desk, const struct ad_person *who, const struct ad_freeze *freeze,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	int e = sentence(desk, who->locale, freeze, data, "short", err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "t", "");
	ad_json_set_bool(desk->arena, data, "can_end", false);
	e = ad_reply_card(desk, who, "frozen", "frozen.short", data, "frozen", ret, err);
	if (e != 0)
		return e;
	ret->text = ad_json_str(data, "short");
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "reason", "frozen");
	return ad_trail(desk,
		&(struct ad_event){ .who = who,
			.action = "change.refused",
			.entity_type = "setting",
			.entity_name = AD_SETTING_FROZEN,
			.details = details },
		err);
}

int ad_frozen(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	bool *ret_done, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_freeze freeze;
	int e = find_freeze(desk, &freeze, err);
	if (e != 0)
		return e;
	*ret_done = freeze.on;
	return freeze.on ? refuse(desk, who, &freeze, ret, err) : 0;
}

/* ---- on and off ---- */

static int set_reason(
	struct ad_desk *desk, const struct ad_person *who, const char *reason, struct ad_err *err)
{
	const char *before;
	return ad_store_setting_set(desk->db, desk->arena, desk->tenant_id,
		&(struct ad_setting){
			.key = AD_SETTING_FROZEN_REASON, .value = reason, .changed_by = who->oid },
		&before, err);
}

static int trail_change(struct ad_desk *desk, const struct ad_person *who, bool on,
	const struct ad_thaw *thaw, struct ad_err *err)
{
	struct ad_freeze freeze = { .reason = "" };
	struct ad_json *details = ad_json_new_object(desk->arena);
	int e = on ? ad_store_freeze_get(desk->db, desk->arena, desk->tenant_id, &freeze, err) : 0;
	if (e != 0)
		return e;
	if (on) {
		ad_json_set_str(desk->arena, details, "reason", freeze.reason);
	} else {
		ad_json_set_int(desk->arena, details, "seconds", thaw->seconds);
		ad_json_set_int(desk->arena, details, "stages", thaw->stages);
		ad_json_set_int(desk->arena, details, "grants", thaw->grants);
	}
	return ad_trail(desk,
		&(struct ad_event){ .who = who,
			.action = on ? "freeze.on" : "freeze.off",
			.entity_type = "setting",
			.entity_name = AD_SETTING_FROZEN,
			.details = details },
		err);
}

int ad_freeze_change(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_freeze_change *change, bool *ret_changed, struct ad_thaw *ret_thaw,
	struct ad_err *err)
{
	*ret_thaw = (struct ad_thaw){ 0 };
	int e = change->on ? ad_store_freeze_on(desk->db, desk->arena, desk->tenant_id, who->oid,
				     ret_changed, err)
			   : ad_store_freeze_off(desk->db, desk->arena, desk->tenant_id, who->oid,
				     ret_thaw, err);
	ad_gathered_settings_changed(desk);
	if (e == 0 && !change->on)
		*ret_changed = ret_thaw->changed;
	if (e != 0 || !*ret_changed)
		return e;
	if (change->reason)
		e = set_reason(desk, who, change->reason, err);
	return e == 0 ? trail_change(desk, who, change->on, ret_thaw, err) : e;
}
