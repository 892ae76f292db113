/* SPDX-License-Identifier: Apache-2.0 */
/* Very many people have left or moved at once: an admin looks before anything follows. */
#include "ad/desk/brake.h"
#include "parts.h"
#include "ad/desk/facts.h"
#include "ad/store/brakes.h"
#include "ad/store/directory.h"
#include "ad/text.h"

#define PURPOSE "brake"
#define TELL_AGAIN_S 86400

static int64_t people(const struct ad_brake_count *count)
{
	return count->leavers + count->movers;
}

static void trail(struct ad_desk *desk, const struct ad_person *who, const char *action, int64_t id,
	const struct ad_brake_count *count)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "leavers", count->leavers);
	ad_json_set_int(desk->arena, details, "movers", count->movers);
	ad_json_set_int(desk->arena, details, "known", count->known);
	(void)ad_trail_later(desk, &(struct ad_event){ .who = who,
					   .action = action,
					   .entity_type = "directory",
					   .entity_id = id,
					   .details = details });
}

/* ---- the card ---- */

static int add_names(struct ad_desk *desk, struct ad_json *data, int64_t all, struct ad_err *err)
{
	const char *const *names;
	size_t count;
	struct ad_json *rows = ad_json_new_array(desk->arena);
	int e = ad_store_brake_names(
		desk->db, desk->arena, desk->tenant_id, AD_LIST_MAX, &names, &count, err);
	for (size_t i = 0; e == 0 && i < count; i++) {
		struct ad_json *row = ad_json_new_object(desk->arena);
		ad_json_set_str(desk->arena, row, "name", names[i]);
		ad_json_append(desk->arena, rows, row);
	}
	if (e != 0)
		return e;
	ad_json_set(desk->arena, data, "people", rows);
	ad_json_set_int(desk->arena, data, "more", all - (int64_t)count);
	ad_json_set_bool(desk->arena, data, "has_more", all > (int64_t)count);
	return 0;
}

/* note: what became of it, in place of the button; NULL: it is open. */
static int show(struct ad_desk *desk, const struct ad_person *who, const struct ad_brake *brake,
	const char *note, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_token token = {
		.tenant_id = desk->tenant_id, .oid = who->oid, .purpose = PURPOSE
	};
	const char *text = "";
	int e = note ? 0 : ad_store_token_new(desk->db, desk->arena, &token, &text, err);
	if (e == 0)
		e = add_names(desk, data, people(&brake->told), err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "t", text);
	ad_json_set_bool(desk->arena, data, "open", !note);
	ad_json_set_str(desk->arena, data, "note", note ? note : "");
	ad_json_set_int(desk->arena, data, "n", brake->id);
	ad_json_set_int(desk->arena, data, "leavers", brake->told.leavers);
	ad_json_set_int(desk->arena, data, "movers", brake->told.movers);
	ad_json_set_int(desk->arena, data, "known", brake->told.known);
	return ad_reply_card(desk, who, "brake", "brake.short", data, "brake", ret, err);
}

/* ---- what the round found ---- */

static int tell_admins(struct ad_desk *desk, const struct ad_brake *brake, struct ad_err *err)
{
	struct ad_people admins;
	int e = ad_fact_members(desk, desk->settings.admin_group_id, &admins, err);
	for (size_t i = 0; e == 0 && i < admins.count && i < AD_DESK_CARDS_MAX; i++) {
		struct ad_person admin = admins.items[i];
		struct ad_desk_reply card;
		e = ad_notice_locale(desk, admin.oid, &admin.locale, err);
		if (e == 0)
			e = show(desk, &admin, brake, NULL, &card, err);
		if (e == 0)
			e = ad_notice_send(desk,
				&(struct ad_notice){ .oid = admin.oid,
					.fact = ad_printf(desk->arena, "brake.%lld.%lld.%lld",
						(long long)brake->id,
						(long long)people(&brake->told),
						(long long)brake->told_age_s / TELL_AGAIN_S),
					.card = card.card,
					.text = card.text,
					.urgent = true },
				err);
	}
	return e;
}

static int begin(struct ad_desk *desk, const struct ad_brake_count *count, struct ad_err *err)
{
	struct ad_brake brake = { .told = *count };
	int e = ad_store_brake_open(desk->db, desk->arena, desk->tenant_id, count, &brake.id, err);
	if (e == 0)
		e = tell_admins(desk, &brake, err);
	if (e == 0)
		trail(desk, NULL, "directory.braked", brake.id, count);
	return e;
}

/* An open one stays until an admin has spoken, or it holds up nobody any more. */
static int go_on(struct ad_desk *desk, struct ad_brake *brake, const struct ad_brake_count *count,
	bool *ret_held, struct ad_err *err)
{
	int e;
	*ret_held = people(count) > 0;
	if (!*ret_held) {
		trail(desk, NULL, "directory.mended", brake->id, &brake->told);
		return ad_store_brake_close(
			desk->db, desk->arena, brake->id, "mended", "system", err);
	}
	if (brake->told_age_s < TELL_AGAIN_S)
		return 0;
	brake->told = *count;
	e = tell_admins(desk, brake, err);
	return e == 0 ? ad_store_brake_told(desk->db, desk->arena, brake->id, count, err) : e;
}

int ad_desk_brake_look(struct ad_desk *desk, const struct ad_brake_limits *limits, bool *ret_held,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_brake brake;
	struct ad_brake_count count;
	*ret_held = false;
	int e = ad_store_brake_pending(desk->db, desk->arena, desk->tenant_id, &count, err);
	if (e != 0)
		return e;
	e = ad_store_brake_lock(desk->db, desk->arena, desk->tenant_id, 0, &brake, err);
	if (e == AD_ENOTFOUND) {
		*ret_held = ad_brake_holds(limits, people(&count), count.known);
		e = *ret_held ? begin(desk, &count, err) : 0;
	} else if (e == 0) {
		e = go_on(desk, &brake, &count, ret_held, err);
	}
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

/* ---- admins ---- */

int ad_desk_brake(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_brake brake;
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = ad_store_brake_lock(desk->db, desk->arena, desk->tenant_id, 0, &brake, err);
	if (e == AD_ENOTFOUND)
		return ad_reply_words(desk, who, "brake.none", NULL, "brake", ret, err);
	return e == 0 ? show(desk, who, &brake, NULL, ret, err) : e;
}

/* The card says what became of it. */
static int show_over(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_brake *brake, const char *key, const struct ad_json *data,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	const char *note;
	int e = ad_words(desk, who->locale, key, data, &note, err);
	if (e == 0)
		e = show(desk, who, brake, note, ret, err);
	ret->text = note;
	return e;
}

static int over(struct ad_desk *desk, const struct ad_person *who, const struct ad_brake *brake,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	bool released = ad_text_eq(brake->state, "released");
	ad_json_set_str(desk->arena, data, "who", brake->decided_by);
	int e = show_over(
		desk, who, brake, released ? "brake.already" : "brake.mended", data, ret, err);
	ret->outcome = "already";
	return e;
}

/* They are more by now: what was not shown is not followed. */
static int ask_again(struct ad_desk *desk, const struct ad_person *who, struct ad_brake *brake,
	const struct ad_brake_count *count, struct ad_desk_reply *ret, struct ad_err *err)
{
	brake->told = *count;
	int e = ad_store_brake_told(desk->db, desk->arena, brake->id, count, err);
	if (e == 0)
		e = show(desk, who, brake, NULL, ret, err);
	ret->outcome = "stale";
	return e;
}

static int release(struct ad_desk *desk, const struct ad_person *who, const struct ad_brake *brake,
	const struct ad_brake_count *count, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "count", people(count));
	int e = show_over(desk, who, brake, "brake.released", data, ret, err);
	if (e == 0)
		e = ad_store_directory_unsettled(desk->db, desk->arena, desk->tenant_id, 0, err);
	if (e == 0)
		e = ad_store_brake_close(
			desk->db, desk->arena, brake->id, "released", who->oid, err);
	if (e != 0)
		return e;
	trail(desk, who, "directory.released", brake->id, count);
	ret->outcome = "released";
	return 0;
}

static int judge(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_brake brake;
	struct ad_brake_count count;
	int e = number == 0 ? AD_ENOTFOUND
			    : ad_store_brake_lock(
				      desk->db, desk->arena, desk->tenant_id, number, &brake, err);
	if (e == AD_ENOTFOUND)
		return ad_reply_words(desk, who, "brake.none", NULL, "brake", ret, err);
	if (e == 0 && !ad_text_eq(brake.state, "open"))
		return over(desk, who, &brake, ret, err);
	if (e == 0)
		e = ad_store_brake_pending(desk->db, desk->arena, desk->tenant_id, &count, err);
	if (e != 0)
		return e;
	return people(&count) > people(&brake.told) ? ask_again(desk, who, &brake, &count, ret, err)
						    : release(desk, who, &brake, &count, ret, err);
}

int ad_desk_brake_release(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_token token;
	bool done = false;
	int e = ad_settings_hold(desk, err);
	if (e == 0 && (!who->is_admin || ad_text_empty(desk->settings.admin_group_id)))
		return ad_reply_not_admin(desk, who, ret, err);
	if (e == 0 && !ad_text_empty(press->token))
		e = ad_reply_token(desk, who, press, PURPOSE, &token, ret, &done, err);
	if (e != 0 || done)
		return e;
	e = judge(desk, who, press->number, ret, err);
	ret->in_place = e == 0 && ret->card && press->inputs;
	if (e == 0 && !ad_text_empty(press->token))
		e = ad_reply_remember(desk, press->token, ret, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}
