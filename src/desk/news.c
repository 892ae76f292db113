/* SPDX-License-Identifier: Apache-2.0 */
/* News that people may do without: told at once, once a day, after quiet hours, or not at all, as
 * each of them wishes. Everything else is none of this file's business and always comes. */
#include "parts.h"
#include "ad/store/preferences.h"
#include "ad/text.h"

int ad_news_hold(
	struct ad_desk *desk, const struct ad_notice *notice, bool *ret_held, struct ad_err *err)
{
	struct ad_preferences wish;
	int e = ad_store_preferences_get(
		desk->db, desk->arena, desk->tenant_id, notice->oid, &wish, err);
	if (notice->digest)
		wish.due_s = wish.digest_s;
	*ret_held = e == 0 && (wish.muted || wish.due_s > 0);
	if (e != 0 || !*ret_held || wish.muted)
		return e;
	return ad_store_news_hold(desk->db, desk->arena, &wish,
		&(struct ad_news){ .fact = notice->fact, .text = notice->text }, err);
}

static int send_news(struct ad_desk *desk, const struct ad_person *who, const struct ad_news *news,
	size_t count, int64_t job_id, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_desk_reply reply;
	struct ad_json *data = ad_json_new_object(arena);
	struct ad_json *rows = ad_json_new_array(arena);
	size_t shown = count < AD_NEWS_MAX ? count : AD_NEWS_MAX;
	for (size_t i = 0; i < shown; i++) {
		struct ad_json *row = ad_json_new_object(arena);
		ad_json_set_str(arena, row, "text", news[i].text);
		ad_json_set_str(arena, row, "since", news[i].held_at);
		ad_json_set_bool(arena, row, "separator", i > 0);
		ad_json_append(arena, rows, row);
	}
	ad_json_set(arena, data, "rows", rows);
	ad_json_set_int(arena, data, "count", (int64_t)count);
	ad_json_set_int(arena, data, "more", (int64_t)(count - shown));
	ad_json_set_bool(arena, data, "has_more", count > shown);
	int e = ad_reply_card(desk, who, "news", "news.short", data, "news", &reply, err);
	if (e != 0)
		return e;
	return ad_notice_send(desk,
		&(struct ad_notice){ .oid = who->oid,
			.fact = ad_printf(arena, "news.%lld", (long long)job_id),
			.card = reply.card,
			.text = reply.text },
		err);
}

int ad_desk_tell_news(struct ad_desk *desk, const char *oid, int64_t job_id, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_person who = { .oid = oid };
	struct ad_preferences wish;
	struct ad_news *news;
	size_t count;
	int e = ad_store_preferences_get(desk->db, desk->arena, desk->tenant_id, oid, &wish, err);
	if (e == 0)
		e = ad_store_news_take(
			desk->db, desk->arena, desk->tenant_id, oid, &news, &count, err);
	if (e == 0)
		e = ad_notice_locale(desk, oid, &who.locale, err);
	/* Muted meanwhile: it counts as told. */
	if (e != 0 || count == 0 || wish.muted)
		return e;
	return send_news(desk, &who, news, count, job_id, err);
}
