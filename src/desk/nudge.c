/* SPDX-License-Identifier: Apache-2.0 */
/* The requester reminds those who can decide now, once a day (product R11). A person did it, so it
 * goes out at once and waits for no morning. */
#include "aside.h"
#include "ad/store/rounds.h"
#include "ad/text.h"

#define PAUSE_S (24 * 60 * 60)
#define HOUR_S (60 * 60)

/* Those of the open stage whose voice is awaited. */
static int find_awaited(struct ad_desk *desk, const struct ad_request *request,
	struct ad_stage_approver **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_asked_people people;
	int e = ad_store_asked_of(desk->db, desk->arena, request->id, request->stage, &people, err);
	if (e != 0)
		return e;
	*ret = ad_alloc_array(desk->arena, people.count, sizeof **ret);
	*ret_count = 0;
	for (size_t i = 0; i < people.count && *ret_count < AD_DESK_CARDS_MAX; i++)
		if (people.items[i].state == AD_ASKED_NOW && !people.items[i].voted)
			(*ret)[(*ret_count)++] = (struct ad_stage_approver){ people.items[i].oid,
				people.items[i].name };
	return 0;
}

static int remind_all(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_stage_approver *people, size_t count, const char *names,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *more = ad_json_new_object(desk->arena);
	struct ad_json *details = ad_json_new_object(desk->arena);
	struct ad_json *oids = ad_json_new_array(desk->arena);
	int64_t now;
	int e = ad_store_round_nudged_at(desk->db, desk->arena, aside->request.id, &now, err);
	for (size_t i = 0; e == 0 && i < count; i++) {
		ad_json_append(desk->arena, oids, ad_json_new_string(desk->arena, people[i].oid));
		e = ad_aside_send(desk, &aside->request,
			&(struct ad_aside_card){ .oid = people[i].oid,
				.name = people[i].name,
				.key = "nudge.short",
				.what = ad_printf(desk->arena, "%lld.nudge", (long long)now) },
			err);
	}
	ad_json_set_str(desk->arena, more, "people", names);
	if (e == 0)
		e = ad_aside_say(desk, aside,
			&(struct ad_aside_words){
				.key = "nudge.done", .more = more, .outcome = "nudged" },
			ret, err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, details, "stage", aside->request.stage);
	ad_json_set(desk->arena, details, "people", oids);
	return ad_aside_end(desk, aside,
		&(struct ad_event){ .who = aside->who,
			.action = "request.nudged",
			.entity_type = "request",
			.entity_id = aside->request.id,
			.details = details },
		ret, err);
}

static int nudge(struct ad_desk *desk, const struct ad_aside *aside, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_json *more = ad_json_new_object(desk->arena);
	struct ad_stage_approver *people;
	size_t count;
	const char *names;
	bool may = false;
	int64_t wait_s = 0;
	int e = find_awaited(desk, &aside->request, &people, &count, err);
	if (e == 0 && count == 0)
		return ad_aside_say(desk, aside,
			&(struct ad_aside_words){ .key = "nudge.nobody", .outcome = "nobody" }, ret,
			err);
	if (e == 0)
		e = ad_words_people(desk, aside->who->locale, people, count, &names, err);
	if (e == 0)
		e = ad_store_round_nudge(
			desk->db, desk->arena, aside->request.id, PAUSE_S, &may, &wait_s, err);
	if (e == 0 && may)
		return remind_all(desk, aside, people, count, names, ret, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, more, "people", names);
	ad_json_set_int(desk->arena, more, "hours", (wait_s + HOUR_S - 1) / HOUR_S);
	return ad_aside_say(desk, aside,
		&(struct ad_aside_words){
			.key = "nudge.too_soon", .more = more, .outcome = "too_soon" },
		ret, err);
}

int ad_desk_nudge(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_aside aside = { .who = who, .press = press, .wanted = "nudge" };
	bool done;
	int e = ad_aside_begin(desk, &aside, NULL, ret, &done, err);
	if (e == 0 && !done)
		e = ad_aside_own(desk, &aside, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (aside.request.state == AD_REQUEST_NEEDS_INFO)
		return ad_aside_show(desk, &aside,
			&(struct ad_aside_words){ .key = "nudge.yours", .outcome = "yours" }, ret,
			err);
	if (aside.request.state != AD_REQUEST_PENDING)
		return ad_aside_show(desk, &aside,
			&(struct ad_aside_words){ .key = "nudge.late", .outcome = "closed" }, ret,
			err);
	return nudge(desk, &aside, ret, err);
}
