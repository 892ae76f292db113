/* SPDX-License-Identifier: Apache-2.0 */
/* The approvers' channel: which one it is, and its cards. */
#include "channel.h"
#include "ad/store/convs.h"
#include "ad/text.h"

/* ---- which one ---- */

/* The language stays when the channel goes: cards that are there still change. */
static int keep(struct ad_desk *desk, const struct ad_person *who, const char *conversation_id,
	struct ad_err *err)
{
	int e = ad_setting_change(desk, who, AD_SETTING_CHANNEL, conversation_id, err);
	if (e == 0 && *conversation_id)
		e = ad_setting_change(desk, who, AD_SETTING_CHANNEL_LOCALE, who->locale, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

/* Only admins, by the directory's live answer; *ret_done: *ret is the answer. */
static int begin(struct ad_desk *desk, const struct ad_person *who, bool *ret_done,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int e = ad_settings_hold(desk, err);
	*ret_done = e == 0 && (!who->is_admin || ad_text_empty(desk->settings.admin_group_id));
	return *ret_done ? ad_reply_not_admin(desk, who, ret, err) : e;
}

int ad_desk_channel_here(struct ad_desk *desk, const struct ad_person *who,
	const char *conversation_id, bool *ret_set, struct ad_desk_reply *ret, struct ad_err *err)
{
	bool done;
	*ret_set = false;
	int e = begin(desk, who, &done, ret, err);
	if (e != 0 || done)
		return e;
	if (!*conversation_id)
		return ad_reply_words(desk, who, "channel.not_here", NULL, "no_channel", ret, err);
	*ret_set = true;
	e = keep(desk, who, conversation_id, err);
	return e == 0 ? ad_reply_words(desk, who, "channel.set", NULL, "channel_set", ret, err) : e;
}

int ad_desk_channel_off(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	bool done;
	int e = begin(desk, who, &done, ret, err);
	if (e != 0 || done)
		return e;
	if (!ad_text_empty(desk->settings.channel_id))
		e = keep(desk, who, "", err);
	return e == 0 ? ad_reply_words(desk, who, "channel.off", NULL, "channel_off", ret, err) : e;
}

/* ---- its cards ---- */

int ad_channel_show(struct ad_desk *desk, const struct ad_request *request,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	const struct ad_person reader = { .locale = desk->settings.channel_locale };
	struct ad_json *data = ad_json_new_object(arena);
	bool waits = ad_request_undecided(request->state);
	const char *key = waits ? "channel.short" : "channel.short_over";
	ad_json_set_int(arena, data, "rid", request->id);
	ad_json_set_str(arena, data, "app", request->app_name);
	ad_json_set_bool(arena, data, "waits", waits);
	int e = ad_words_into(desk, reader.locale,
		ad_printf(arena, "class.%s", request->app_classification), data, "risk", err);
	if (e == 0)
		e = ad_words_into(desk, reader.locale, key, data, "short", err);
	if (e == 0)
		e = ad_reply_card(desk, &reader, "channel", key, data, "shown", ret, err);
	ret->role = AD_CHANNEL_ROLE;
	ret->request_id = request->id;
	ret->version = request->version;
	return e;
}

/* What is hidden, or there for some alone, is named where everybody reads it as little as in a
 * search. */
static int is_for_all(
	struct ad_desk *desk, const struct ad_request *request, bool *ret, struct ad_err *err)
{
	struct ad_app app;
	int e = ad_store_app_get(
		desk->db, desk->arena, desk->tenant_id, request->app_id, &app, err);
	*ret = e == 0 && app.published && app.audience_count == 0;
	return e;
}

int ad_channel_tell(struct ad_desk *desk, const struct ad_request *request, struct ad_err *err)
{
	const char *channel = desk->settings.channel_id;
	struct ad_desk_reply reply;
	bool all;
	if (ad_text_empty(channel) || request->stage_kind != AD_ASKED_GROUP)
		return 0;
	int e = is_for_all(desk, request, &all, err);
	if (e != 0 || !all)
		return e;
	e = ad_channel_show(desk, request, &reply, err);
	if (e != 0)
		return e;
	return ad_notice_send(desk,
		&(struct ad_notice){ .oid = ad_printf(desk->arena, AD_CONV_CHANNEL "%s", channel),
			.fact = ad_printf(
				desk->arena, "request.%lld.channel", (long long)request->id),
			.card = reply.card,
			.text = reply.text,
			.role = reply.role,
			.request_id = request->id,
			.version = request->version,
			.urgent = true },
		err);
}
