/* SPDX-License-Identifier: Apache-2.0 */
/* Seats: how many are free, who gets none, and who hears that one is free again. */
#include "seats.h"
#include "grants.h"
#include "ad/text.h"

#define QUEUE_MAX 100 /* that are looked at */

int ad_seats_free(struct ad_desk *desk, const struct ad_app *app, size_t *ret, struct ad_err *err)
{
	int64_t taken;
	*ret = SIZE_MAX;
	if (app->seats == 0)
		return 0;
	int e = ad_store_grants_count(desk->db, desk->arena, desk->tenant_id, app->id, &taken, err);
	if (e == 0)
		*ret = taken < app->seats ? (size_t)(app->seats - taken) : 0;
	return e;
}

int ad_seats_data(struct ad_desk *desk, const char *locale, const struct ad_app *app,
	struct ad_json *data, struct ad_err *err)
{
	int64_t taken = 0;
	int e = ad_store_grants_count(desk->db, desk->arena, desk->tenant_id, app->id, &taken, err);
	ad_json_set_bool(desk->arena, data, "has_seats", app->seats > 0);
	ad_json_set_int(desk->arena, data, "taken", taken);
	ad_json_set_int(desk->arena, data, "limit", app->seats);
	const char *key = taken < app->seats ? "seats.some" : "seats.full";
	return e == 0 ? ad_words_into(desk, locale, key, data, "seats", err) : e;
}

/* ---- the queue ---- */

static int place_of(
	struct ad_desk *desk, const struct ad_request *request, int64_t *ret, struct ad_err *err)
{
	struct ad_seat_wait *queue;
	size_t count;
	int e = ad_store_seat_queue(desk->db, desk->arena, desk->tenant_id, request->app_id,
		AD_NO_SEAT, QUEUE_MAX, &queue, &count, err);
	*ret = 1;
	for (size_t i = 0; e == 0 && i < count; i++)
		*ret += queue[i].request_id < request->id;
	return e;
}

static int tell_admins(struct ad_desk *desk, const struct ad_app *app,
	const struct ad_request *request, struct ad_err *err)
{
	struct ad_people admins = desk->admins;
	int e = admins.items ? 0
			     : ad_fact_members(desk, desk->settings.admin_group_id, &admins, err);
	for (size_t i = 0; e == 0 && i < admins.count && i < AD_DESK_CARDS_MAX; i++) {
		struct ad_person admin = admins.items[i];
		struct ad_json *data;
		struct ad_desk_reply card;
		e = ad_notice_locale(desk, admin.oid, &admin.locale, err);
		if (e == 0)
			e = ad_request_data(desk, request, admin.locale, &data, err);
		if (e != 0)
			return e;
		ad_json_set_int(desk->arena, data, "limit", app->seats);
		ad_json_set_str(desk->arena, data, "package", app->winget_id);
		e = ad_reply_card(
			desk, &admin, "no_seat", "no_seat.short", data, "told", &card, err);
		if (e == 0)
			e = ad_notice_send(desk,
				&(struct ad_notice){ .oid = admin.oid,
					.fact = ad_printf(desk->arena, "request.%lld.no_seat",
						(long long)request->id),
					.card = card.card,
					.text = card.text },
				err);
	}
	return e;
}

int ad_seats_refuse(struct ad_desk *desk, const struct ad_app *app, struct ad_request *request,
	struct ad_err *err)
{
	int64_t place;
	struct ad_json *more = ad_json_new_object(desk->arena);
	int e = place_of(desk, request, &place, err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, more, "place", place);
	ad_json_set_int(desk->arena, more, "limit", app->seats);
	e = ad_request_close(desk, request,
		&(struct ad_closing){ .state = AD_REQUEST_FAILED,
			.action = "request.no_seat",
			.reason = AD_NO_SEAT,
			.telling =
				&(struct ad_telling){
					.what = "no_seat", .key = "seats.refused", .more = more } },
		err);
	return e == 0 ? tell_admins(desk, app, request, err) : e;
}

static int tell_free(struct ad_desk *desk, const struct ad_app *app,
	const struct ad_seat_wait *wait, struct ad_err *err)
{
	struct ad_person person = { .oid = wait->oid };
	struct ad_desk_reply card;
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "app_id", app->id);
	ad_json_set_int(desk->arena, data, "rid", wait->request_id);
	ad_json_set_str(desk->arena, data, "app", app->name);
	int e = ad_notice_locale(desk, wait->oid, &person.locale, err);
	if (e == 0)
		e = ad_reply_card(
			desk, &person, "seat_free", "seat_free.short", data, "told", &card, err);
	if (e != 0)
		return e;
	return ad_notice_send(desk,
		&(struct ad_notice){ .oid = wait->oid,
			.fact = ad_printf(
				desk->arena, "request.%lld.seat_free", (long long)wait->request_id),
			.card = card.card,
			.text = card.text },
		err);
}

int ad_seats_freed(struct ad_desk *desk, int64_t app_id, struct ad_err *err)
{
	struct ad_app app;
	struct ad_seat_wait *queue;
	size_t count = 0;
	size_t free_seats = 0;
	int e = ad_store_app_get(desk->db, desk->arena, desk->tenant_id, app_id, &app, err);
	if (e == 0)
		e = ad_store_seat_queue(desk->db, desk->arena, desk->tenant_id, app_id, AD_NO_SEAT,
			QUEUE_MAX, &queue, &count, err);
	if (e == 0 && count > 0)
		e = ad_seats_free(desk, &app, &free_seats, err);
	for (size_t i = 0; e == 0 && i < count && i < free_seats; i++)
		e = tell_free(desk, &app, &queue[i], err);
	return e;
}

/* ---- for admins ---- */

static int find_app(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_app *ret, struct ad_err *err)
{
	struct ad_app_list found;
	int64_t id = ad_json_int(press->inputs, "app", 0);
	if (id != 0)
		return ad_store_app_get(desk->db, desk->arena, desk->tenant_id, id, ret, err);
	int e = ad_apps_named(desk, who->locale, press->reason, 1, &found, err);
	if (e == 0 && found.count == 1)
		*ret = found.items[0];
	return e == 0 && found.count == 0 ? AD_ENOTFOUND : e;
}

static int add_rows(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	struct ad_json *data, struct ad_err *err)
{
	struct ad_grant_list grants;
	struct ad_json *rows = ad_json_new_array(desk->arena);
	int e = ad_store_grants_of_app(
		desk->db, desk->arena, desk->tenant_id, app->id, AD_LIST_MAX + 1, &grants, err);
	for (size_t i = 0; e == 0 && i < grants.count && i < AD_LIST_MAX; i++) {
		struct ad_json *row;
		e = ad_grant_data(desk, &grants.items[i], who->locale, &row, err);
		if (e != 0)
			return e;
		ad_json_set_bool(desk->arena, row, "separator", i > 0);
		ad_json_append(desk->arena, rows, row);
		e = ad_words_into(desk, who->locale, "seats.row", row, "twin", err);
	}
	if (e != 0)
		return e;
	ad_json_set(desk->arena, data, "rows", rows);
	ad_json_set_bool(desk->arena, data, "has_more", grants.count > AD_LIST_MAX);
	return 0;
}

int ad_desk_seats(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_app app;
	struct ad_json *data = ad_json_new_object(desk->arena);
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = find_app(desk, who, press, &app, err);
	if (e == AD_ENOTFOUND)
		return ad_reply_words(desk, who, "app.unknown", NULL, "no_app", ret, err);
	if (e == 0)
		e = ad_seats_data(desk, who->locale, &app, data, err);
	if (e == 0)
		e = add_rows(desk, who, &app, data, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "app", app.name);
	ad_json_set_str(desk->arena, data, "package", app.winget_id);
	e = ad_words_into(desk, who->locale, app.seats > 0 ? "seats.some" : "seats.no_limit", data,
		"seats", err);
	/* Where it is asked how the limit is raised, that is the answer. */
	if (e == 0 && ad_json_bool(press->inputs, "how", false))
		return ad_reply_words(desk, who, "seats.how", data, "seats", ret, err);
	return e == 0 ? ad_reply_card(desk, who, "seats", "seats.short", data, "seats", ret, err)
		      : e;
}

int ad_desk_seats_set(struct ad_desk *desk, const char *actor, const char *winget_id, int seats,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int64_t id;
	const struct ad_person who = { .oid = actor, .mail = "" };
	struct ad_json *details = ad_json_new_object(desk->arena);
	if (seats < 0 || seats > AD_SEATS_MAX)
		return AD_FAIL(err, AD_EINVAL, "seats must be 0 to %d", AD_SEATS_MAX);
	int e = ad_store_app_seats_set(
		desk->db, desk->arena, desk->tenant_id, winget_id, seats, &id, err);
	if (e == 0)
		e = ad_seats_freed(desk, id, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, details, "package", winget_id);
	ad_json_set_int(desk->arena, details, "seats", seats);
	return ad_trail(desk,
		&(struct ad_event){ .who = &who,
			.action = "catalog.seats",
			.entity_type = "app",
			.entity_id = id,
			.details = details },
		err);
}
