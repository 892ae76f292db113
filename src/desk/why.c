/* SPDX-License-Identifier: Apache-2.0 */
/*
 * why 12, who decides 12: the policy that the request was made under and why it counts, each stage
 * of the present round with its people and their time, what happens when nobody decides, and what
 * comes next (product F43). Changes nothing.
 */
#include "frozen.h"
#include "outlook.h"
#include "ad/text.h"

#define PEOPLE_SHOWN 10 /* of one stage */

/* ---- a stage's people ---- */

static const char *state_key(const struct ad_asked_person *person)
{
	static const char *const keys[] = {
		[AD_ASKED_NOW] = "why.asked",
		[AD_ASKED_REPLACED] = "why.replaced",
		[AD_ASKED_LEFT] = "why.left",
		[AD_ASKED_UNREACHABLE] = "why.unreachable",
	};
	if (person->voted)
		return person->vote == AD_DECISION_APPROVED ? "why.approved" : "why.rejected";
	return keys[person->state];
}

static const char *name_of(const struct ad_asked_people *people, const char *oid)
{
	for (size_t i = 0; i < people->count; i++)
		if (ad_text_eq(people->items[i].oid, oid))
			return people->items[i].name;
	return "";
}

static int add_people(struct ad_desk *desk, const char *locale,
	const struct ad_asked_people *people, struct ad_json *row, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *lines = ad_json_new_array(arena);
	int e = 0;
	for (size_t i = 0; e == 0 && i < people->count && i < PEOPLE_SHOWN; i++) {
		const struct ad_asked_person *person = &people->items[i];
		struct ad_json *line = ad_json_new_object(arena);
		const char *whose = name_of(people, person->on_behalf_of);
		ad_json_set_str(arena, line, "name", person->name);
		e = ad_words_into(desk, locale, state_key(person), line, "text", err);
		ad_json_set_bool(arena, line, "has_whose", !ad_text_empty(whose));
		ad_json_set_str(arena, line, "whose", whose);
		ad_json_append(arena, lines, line);
	}
	size_t others = people->count > PEOPLE_SHOWN ? people->count - PEOPLE_SHOWN : 0;
	ad_json_set(arena, row, "lines", lines);
	ad_json_set_int(arena, row, "others", (int64_t)others);
	ad_json_set_bool(arena, row, "has_others", others > 0);
	return e;
}

/* ---- a stage ---- */

struct asking {
	const char *locale;
	const struct ad_request *request;
	bool is_live; /* the request is not decided yet */
};

/* Who was asked; of a stage that is not open yet, who would be asked now. */
static int people_of(struct ad_desk *desk, const struct asking *asking,
	const struct ad_stage *stage, const struct ad_stage_rule *rule, struct ad_slated *ret,
	struct ad_err *err)
{
	const struct ad_request *request = asking->request;
	const struct ad_slate_query query = { .rule = rule,
		.parties = { request->requester_oid, request->beneficiary_oid },
		.app_owner_oid = request->app_owner_oid };
	*ret = (struct ad_slated){ .level = stage->level };
	if (stage->state != AD_STAGE_WAITING)
		return ad_store_asked_of(
			desk->db, desk->arena, request->id, stage->ordinal, &ret->asked, err);
	return asking->is_live ? ad_slate_for(desk, &query, 0, ret, err) : 0;
}

static int stage_row(struct ad_desk *desk, const struct asking *asking,
	const struct ad_stage *stage, struct ad_json **ret, struct ad_err *err)
{
	struct ad_request at = *asking->request;
	const struct ad_policy *policy;
	const struct ad_stage_rule *rule = NULL;
	struct ad_slated slated;
	at.stage_step = stage->step;
	int e = ad_policy_of(desk, &at, &policy, &rule, err);
	if (e == 0 && !rule)
		return AD_FAIL(
			err, AD_EBUG, "policy '%s' has no step %d", at.policy_name, stage->step);
	if (e == 0)
		e = people_of(desk, asking, stage, rule, &slated, err);
	if (e == 0)
		e = ad_outlook_stage(desk, asking->locale,
			&(struct ad_outlook_stage){ .rule = rule,
				.step = stage->step,
				.steps = stage->steps,
				.level = slated.level,
				.people = &slated.asked },
			ret, err);
	/* Nobody is asked yet in a stage that waits: a sentence is enough. */
	if (stage->state == AD_STAGE_WAITING)
		slated.asked.count = 0;
	return e == 0 ? add_people(desk, asking->locale, &slated.asked, *ret, err) : e;
}

static int add_stage(struct ad_desk *desk, const struct asking *asking,
	const struct ad_stage *stage, struct ad_json *rows, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *row;
	bool open = stage->state == AD_STAGE_OPEN && asking->is_live;
	bool ahead = open || (stage->state == AD_STAGE_WAITING && asking->is_live);
	int e = stage_row(desk, asking, stage, &row, err);
	if (e != 0)
		return e;
	const char *by = stage->decided_by_name ? stage->decided_by_name : "";
	ad_json_set_str(arena, row, "by", by);
	ad_json_set_str(arena, row, "deadline", stage->deadline_at ? stage->deadline_at : "");
	ad_json_set_bool(arena, row, "has_deadline", open && stage->deadline_at);
	if (!ahead || (open && stage->deadline_at))
		ad_json_set_bool(arena, row, "has_within", false);
	if (!ahead)
		ad_json_set_bool(arena, row, "has_after", false);
	ad_json_set_bool(arena, row, "separator", true);
	ad_json_append(arena, rows, row);
	return ad_words_into(desk, asking->locale,
		ad_printf(arena, "why.stage.%s", ad_stage_state_name(stage->state)), row, "state",
		err);
}

static int add_stages(
	struct ad_desk *desk, const struct asking *asking, struct ad_json *data, struct ad_err *err)
{
	const struct ad_request *request = asking->request;
	struct ad_stages stages;
	struct ad_json *rows = ad_json_new_array(desk->arena);
	int first = 0;
	int e = ad_store_stages_of(
		desk->db, desk->arena, request->id, request->round, &stages, err);
	if (e != 0)
		return e;
	for (size_t i = 0; i < stages.count; i++) {
		e = add_stage(desk, asking, &stages.items[i], rows, err);
		if (e != 0 && first == 0)
			first = e; /* all wants in one round */
	}
	ad_json_set(desk->arena, data, "stages", rows);
	return first;
}

/* ---- what next ---- */

static const char *next_key(const struct ad_request *request)
{
	if (request->state == AD_REQUEST_DRAFT)
		return "step.agree";
	if (ad_request_undecided(request->state))
		return request->stage_step < request->stage_steps ? "why.next.stage"
								  : "why.next.package";
	return ad_request_open(request->state) ? "why.next.ready" : "why.next.nothing";
}

static int show(struct ad_desk *desk, const struct ad_person *who, const struct ad_request *request,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	const struct ad_policy *policy;
	struct ad_json *data;
	const struct asking asking = { .locale = who->locale,
		.request = request,
		.is_live = ad_request_undecided(request->state) };
	int e = ad_request_data(desk, request, who->locale, &data, err);
	if (e == 0)
		e = ad_policy_of(desk, request, &policy, NULL, err);
	if (e == 0)
		e = ad_outlook_policy(desk, who->locale, policy, data, err);
	if (e == 0)
		e = add_stages(desk, &asking, data, err);
	if (e == 0)
		e = ad_frozen_banner(desk, who->locale, data, err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, data, "next_step", request->stage_step + 1);
	ad_json_set_bool(desk->arena, data, "is_automatic",
		request->stage_step == 0 && !asking.is_live && request->state != AD_REQUEST_DRAFT);
	e = ad_words_into(desk, who->locale, next_key(request), data, "next", err);
	return e == 0 ? ad_reply_card(desk, who, "why", "why.short", data, "why", ret, err) : e;
}

int ad_desk_why(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_request request;
	int e = ad_request_find_visible(desk, who, number, &request, err);
	if (e == AD_ENOTFOUND)
		return ad_request_unknown(desk, who, number, ret, err);
	return e == 0 ? show(desk, who, &request, ret, err) : e;
}
