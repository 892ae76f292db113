/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody who decides names somebody else who decides in their place (product A6): one of those
 * whom the stage could ask on any of its levels, never a party. */
#include "aside.h"
#include "ad/text.h"

#define CHOICES_MAX 100 /* of the card; more can be named by words */

/* ---- whom it may be handed to ---- */

static const struct ad_asked_person *find_asked(
	const struct ad_asked_people *people, const char *oid)
{
	for (size_t i = 0; i < people->count; i++)
		if (ad_text_eq(people->items[i].oid, oid))
			return &people->items[i];
	return NULL;
}

/* A voice of their own is not worth two: who is asked already may take another's place only where
 * one voice is enough. */
static bool is_eligible(const struct ad_aside *aside, const struct ad_asked_people *asked,
	const struct ad_person *person)
{
	const struct ad_request *request = &aside->request;
	const struct ad_parties parties = { request->requester_oid, request->beneficiary_oid };
	const struct ad_asked_person *row = find_asked(asked, person->oid);
	if (ad_text_empty(person->oid) || ad_is_party(&parties, person->oid) ||
		ad_text_eq(person->oid, aside->who->oid))
		return false;
	return !row || row->state != AD_ASKED_NOW || request->stage_need == 1;
}

static bool holds(const struct ad_person *items, size_t count, const char *oid)
{
	for (size_t i = 0; i < count; i++)
		if (ad_text_eq(items[i].oid, oid))
			return true;
	return false;
}

/* Of all levels, each once, in the order of the levels. */
static int find_eligible(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_asked_people *asked, struct ad_people *ret, struct ad_err *err)
{
	const struct ad_request *request = &aside->request;
	const struct ad_policy *policy;
	const struct ad_stage_rule *rule;
	int e = ad_policy_of(desk, request, &policy, &rule, err);
	if (e != 0 || !rule)
		return e;
	const struct ad_slate_query query = { .rule = rule,
		.parties = { request->requester_oid, request->beneficiary_oid },
		.app_owner_oid = request->app_owner_oid };
	size_t levels = (size_t)ad_slate_levels(rule);
	struct ad_people *people = ad_alloc_array(desk->arena, levels, sizeof *people);
	size_t room = 0;
	int first = 0; /* all that is wanted of the directory in one round */
	for (size_t i = 0; i < levels; i++) {
		e = ad_slate_people(desk, &query, (int)i, &people[i], err);
		room += people[i].count;
		first = first == 0 ? e : first;
	}
	struct ad_person *items = ad_alloc_array(desk->arena, room, sizeof *items);
	size_t count = 0;
	for (size_t i = 0; first == 0 && i < levels; i++)
		for (size_t j = 0; j < people[i].count; j++) {
			const struct ad_person *person = &people[i].items[j];
			if (is_eligible(aside, asked, person) && !holds(items, count, person->oid))
				items[count++] = *person;
		}
	*ret = (struct ad_people){ .items = items, .count = count };
	return first;
}

static bool is_named(const struct ad_person *person, const char *text)
{
	return ad_text_eq_nocase(person->oid, text) || ad_text_eq_nocase(person->name, text) ||
	       (!ad_text_empty(person->mail) && ad_text_eq_nocase(person->mail, text));
}

/* How many of them the text names; *ret is the first. */
static size_t find_named(
	const struct ad_people *people, const char *text, const struct ad_person **ret)
{
	size_t found = 0;
	for (size_t i = 0; i < people->count; i++)
		if (is_named(&people->items[i], text) && found++ == 0)
			*ret = &people->items[i];
	return found;
}

/* ---- the card that asks whom ---- */

static int show_choices(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_people *people, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	struct ad_json *choices = ad_json_new_array(desk->arena);
	for (size_t i = 0; i < people->count && i < CHOICES_MAX; i++) {
		struct ad_json *choice = ad_json_new_object(desk->arena);
		ad_json_set_str(desk->arena, choice, "name", people->items[i].name);
		ad_json_set_str(desk->arena, choice, "oid", people->items[i].oid);
		ad_json_append(desk->arena, choices, choice);
	}
	int e = ad_request_data(desk, &aside->request, aside->who->locale, &data, err);
	if (e != 0)
		return e;
	ad_json_set(desk->arena, data, "choices", choices);
	return ad_reply_card(
		desk, aside->who, "handover", "handover.ask", data, "handover_asked", ret, err);
}

/* ---- handing over ---- */

/* They decide no more, and nobody in their place. */
static int take_seats(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_asked_people *asked, struct ad_err *err)
{
	const struct ad_request *request = &aside->request;
	const char *oid = aside->who->oid;
	int e = ad_store_asked_mark(
		desk->db, desk->arena, request->id, request->stage, oid, AD_ASKED_REPLACED, err);
	for (size_t i = 0; e == 0 && i < asked->count; i++)
		if (ad_text_eq(asked->items[i].on_behalf_of, oid))
			e = ad_store_asked_mark(desk->db, desk->arena, request->id, request->stage,
				asked->items[i].oid, AD_ASKED_REPLACED, err);
	return e;
}

/* The seat changes hands: who gives it away decides no more, even where their group could. */
static int change_seat(struct ad_desk *desk, const struct ad_aside *aside,
	const struct ad_asked_people *asked, const struct ad_person *to, struct ad_err *err)
{
	const struct ad_request *request = &aside->request;
	const struct ad_asked_person rows[] = {
		{ .oid = to->oid,
			.name = to->name,
			.level = request->stage_level,
			.via = AD_VIA_HANDOVER,
			.on_behalf_of = "" },
		{ .oid = aside->who->oid,
			.name = aside->who->name,
			.level = request->stage_level,
			.via = AD_VIA_GROUP,
			.on_behalf_of = "" },
	};
	bool known = find_asked(asked, aside->who->oid) != NULL;
	const struct ad_asked_people people = { .items = rows, .count = known ? 1 : 2 };
	int e = take_seats(desk, aside, asked, err);
	if (e == 0)
		e = ad_store_asked_put(
			desk->db, desk->arena, request->id, request->stage, &people, err);
	if (e == 0 && !known)
		e = ad_store_asked_mark(desk->db, desk->arena, request->id, request->stage,
			aside->who->oid, AD_ASKED_REPLACED, err);
	return e;
}

static struct ad_event event_of(
	struct ad_desk *desk, const struct ad_aside *aside, const struct ad_person *to)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "stage", aside->request.stage);
	ad_json_set_str(desk->arena, details, "from", aside->who->oid);
	ad_json_set_str(desk->arena, details, "to", to->oid);
	ad_json_set_str(desk->arena, details, "to_name", to->name);
	return (struct ad_event){ .who = aside->who,
		.action = "stage.handed_over",
		.entity_type = "request",
		.entity_id = aside->request.id,
		.details = details };
}

static int hand_over(struct ad_desk *desk, struct ad_aside *aside,
	const struct ad_asked_people *asked, const struct ad_person *to, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_json *more = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, more, "from", aside->who->name);
	ad_json_set_str(desk->arena, more, "to", to->name);
	int e = change_seat(desk, aside, asked, to, err);
	if (e == 0)
		e = ad_request_changed(desk, &aside->request, err);
	if (e == 0)
		e = ad_aside_send(desk, &aside->request,
			&(struct ad_aside_card){ .oid = to->oid,
				.name = to->name,
				.key = "handover.short",
				.more = more,
				.what = ad_printf(
					desk->arena, "v%d.handover", aside->request.version) },
			err);
	if (e == 0)
		e = ad_aside_show(desk, aside,
			&(struct ad_aside_words){
				.key = "handover.done", .more = more, .outcome = "handed_over" },
			ret, err);
	if (e != 0)
		return e;
	/* Pressed on the card that asked whom, which is no copy of the request's. */
	const struct ad_event event = event_of(desk, aside, to);
	return ad_aside_end(desk, aside, &event, ret, err);
}

/* ---- the use case ---- */

/* "to Kim" or "Kim"; from the card the object id. */
static const char *whom(const struct ad_desk *desk, const struct ad_aside *aside)
{
	const char *text = ad_aside_text(desk, aside, AD_DESK_INPUT_PERSON);
	const char *name = ad_cards_said(desk->cards, "said.to", aside->who->locale, text);
	return name && *name ? ad_text_trim(desk->arena, name) : text;
}

static int refuse(struct ad_desk *desk, const struct ad_aside *aside, const char *name,
	const char *what, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *more = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, more, "to", ad_words_cut(desk, name, AD_SEARCH_MAX));
	return ad_aside_refuse(desk, aside,
		&(struct ad_aside_words){ .key = ad_printf(desk->arena, "handover.%s", what),
			.more = more,
			.outcome = what },
		ret, err);
}

static int choose(
	struct ad_desk *desk, struct ad_aside *aside, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_asked_people asked;
	struct ad_people people = { 0 };
	struct ad_people reached = { 0 };
	const struct ad_person *to = NULL;
	const char *text = whom(desk, aside);
	int e = ad_store_asked_of(
		desk->db, desk->arena, aside->request.id, aside->request.stage, &asked, err);
	if (e == 0)
		e = find_eligible(desk, aside, &asked, &people, err);
	if (e != 0)
		return e;
	const struct ad_asked_person *own = find_asked(&asked, aside->who->oid);
	if (own && own->voted)
		return refuse(desk, aside, "", "voted", ret, err);
	if (people.count == 0)
		return refuse(desk, aside, "", "nobody", ret, err);
	if (ad_text_empty(text))
		return show_choices(desk, aside, &people, ret, err);
	size_t found = find_named(&people, text, &to);
	if (found != 1)
		return refuse(
			desk, aside, text, found == 0 ? "not_eligible" : "twins_named", ret, err);
	e = ad_reach(desk, &(struct ad_people){ .items = to, .count = 1 }, &reached, err);
	if (e == 0 && reached.count == 0)
		return refuse(desk, aside, to->name, "unreached", ret, err);
	return e == 0 ? hand_over(desk, aside, &asked, to, ret, err) : e;
}

int ad_desk_hand_over(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_aside aside = { .who = who, .press = press, .wanted = "hand_over" };
	struct ad_seat seat;
	bool done;
	int e = ad_aside_begin(desk, &aside, NULL, ret, &done, err);
	if (e == 0 && !done)
		e = ad_aside_seat(desk, &aside, &seat, ret, &done, err);
	return e != 0 || done ? e : choose(desk, &aside, ret, err);
}
