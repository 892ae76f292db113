/* SPDX-License-Identifier: Apache-2.0 */
/* A wish that data be deleted: the answer to its person, and the card of who deals with it. */
#include "privacy.h"
#include "parts.h"
#include "ad/text.h"

static struct ad_json *make_data(
	struct ad_desk *desk, const char *locale, const struct ad_privacy *privacy)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	ad_json_set_int(arena, data, "n", privacy->id);
	ad_json_set_str(arena, data, "person", privacy->name);
	ad_json_set_str(arena, data, "since", ad_words_time(desk, locale, privacy->created_at));
	ad_json_set_str(arena, data, "by", privacy->done_by_name);
	ad_json_set_str(arena, data, "note", privacy->note);
	ad_json_set_bool(arena, data, "has_note", !ad_text_empty(privacy->note));
	ad_json_set_bool(arena, data, "is_open", !privacy->is_done);
	return data;
}

/* ---- its person ---- */

int ad_privacy_answer(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_privacy *privacy, bool is_new, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_json *data = make_data(desk, who->locale, privacy);
	ad_json_set_bool(desk->arena, data, "is_new", is_new);
	int e = ad_words_into(
		desk, who->locale, is_new ? "forget.text" : "forget.text_again", data, "text", err);
	return e == 0 ? ad_reply_card(desk, who, "forget", "forget.short", data,
				is_new ? "privacy_asked" : "privacy_open", ret, err)
		      : e;
}

int ad_privacy_tell_end(struct ad_desk *desk, const struct ad_privacy *privacy, struct ad_err *err)
{
	const char *locale;
	struct ad_notice notice = {
		.oid = privacy->oid,
		.fact = ad_printf(desk->arena, "privacy.%lld.done", (long long)privacy->id),
	};
	int e = ad_notice_locale(desk, privacy->oid, &locale, err);
	if (e == 0)
		e = ad_words(desk, locale,
			ad_text_empty(privacy->note) ? "forget.done" : "forget.done_note",
			make_data(desk, locale, privacy), &notice.text, err);
	return e == 0 ? ad_notice_send(desk, &notice, err) : e;
}

/* ---- those who deal with it ---- */

int ad_privacy_show_to(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_privacy *privacy, struct ad_desk_reply *ret, struct ad_err *err)
{
	const char *token = "";
	const char *key = privacy->is_done ? "privacy.short_done" : "privacy.short";
	struct ad_json *data = make_data(desk, who->locale, privacy);
	int e = 0;
	if (!privacy->is_done)
		e = ad_store_token_new(desk->db, desk->arena,
			&(struct ad_token){ .tenant_id = desk->tenant_id,
				.oid = who->oid,
				.purpose = "privacy",
				.job_id = privacy->job_id },
			&token, err);
	ad_json_set_str(desk->arena, data, "t", token);
	if (e == 0)
		e = ad_words_into(desk, who->locale, key, data, "short", err);
	if (e == 0)
		e = ad_words_into(desk, who->locale,
			privacy->is_done ? "privacy.title_done" : "privacy.title", data, "title",
			err);
	if (e == 0)
		e = ad_reply_card(desk, who, "privacy", key, data, "privacy", ret, err);
	if (e != 0)
		return e;
	ret->role = "privacy";
	ret->job_id = privacy->job_id;
	ret->version = privacy->version;
	return 0;
}

int ad_privacy_show_now(struct ad_desk *desk, const struct ad_person *who, int64_t job_id,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	int64_t id;
	struct ad_privacy privacy;
	int e = ad_store_privacy_of_job(desk->db, desk->arena, desk->tenant_id, job_id, &id, err);
	if (e == 0)
		e = ad_store_privacy_get(desk->db, desk->arena, desk->tenant_id, id, &privacy, err);
	return e == 0 ? ad_privacy_show_to(desk, who, &privacy, ret, err) : e;
}

static int show_thing(struct ad_desk *desk, const struct ad_person *who, const void *thing,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_privacy_show_to(desk, who, thing, ret, err);
}

int ad_privacy_send(struct ad_desk *desk, const struct ad_privacy *privacy,
	const struct ad_person *who, struct ad_err *err)
{
	return ad_admin_card_send(desk, who,
		ad_printf(desk->arena, "privacy.%lld", (long long)privacy->id),
		&(struct ad_admin_card){ privacy, show_thing }, err);
}

int ad_privacy_refresh(struct ad_desk *desk, const struct ad_privacy *privacy, struct ad_err *err)
{
	return ad_admin_card_refresh(desk,
		&(struct ad_admin_copies){ .job_id = privacy->job_id, .role = "privacy" },
		&(struct ad_admin_card){ privacy, show_thing }, err);
}
