/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open stage after its people have changed: who is asked must still be one of those whom the
 * rule names. Whoever is not any more keeps a card without buttons, and when nobody is left the
 * stage asks those who come next. Membership is asked live, once for each group.
 */
#include "review.h"
#include "ad/text.h"

struct recheck {
	struct ad_request *request;
	const struct ad_policy *policy;
	const struct ad_stage_rule *rule;
	struct ad_asked_people people;
	const char *first_gone; /* a name, for words; NULL: nobody has gone */
	bool left;              /* somebody has left; else there is another manager */
};

static bool awaited(const struct ad_asked_person *one)
{
	return one->state == AD_ASKED_NOW && !one->voted;
}

static bool by_group(const struct ad_asked_person *one)
{
	return one->via == AD_VIA_GROUP || one->via == AD_VIA_ADMINS;
}

static bool lists(const struct ad_people *people, const char *oid)
{
	for (size_t i = 0; i < people->count; i++)
		if (ad_text_eq(people->items[i].oid, oid))
			return true;
	return false;
}

/* One question for a whole group; who is beyond the first AD_FACTS_MEMBERS_MAX is asked about
 * alone. */
static int still_member(struct ad_desk *desk, const struct recheck *check,
	const struct ad_asked_person *one, bool *ret, struct ad_err *err)
{
	const struct ad_asked asked = ad_slate_at(check->rule, one->level);
	const char *group_id = ad_slate_group(desk, &asked);
	struct ad_people members;
	int e = ad_fact_members(desk, group_id, &members, err);
	if (e != 0)
		return e;
	*ret = lists(&members, one->oid);
	if (*ret || members.count < AD_FACTS_MEMBERS_MAX)
		return 0;
	return ad_fact_member(desk, one->oid, group_id, ret, err);
}

/* AD_ASKED_NOW: stays. With the account closed nobody decides, however they were named; a manager
 * who is one no more, and who stands for them, are replaced. */
static int state_of(struct ad_desk *desk, const struct recheck *check,
	const struct ad_asked_person *one, enum ad_asked_state *ret, struct ad_err *err)
{
	const struct ad_person *person = NULL;
	struct ad_seat seat;
	bool stays = false;
	int e;
	*ret = AD_ASKED_LEFT;
	if (by_group(one)) {
		e = still_member(desk, check, one, &stays, err);
	} else {
		e = ad_fact_person(desk, one->oid, &person, err);
		if (e == 0 && person)
			e = ad_stage_right(desk, check->request, one->oid, &seat, &stays, err);
		if (person)
			*ret = AD_ASKED_REPLACED;
	}
	if (e == 0 && stays)
		*ret = AD_ASKED_NOW;
	return e;
}

static int trail_gone(struct ad_desk *desk, const struct recheck *check,
	const struct ad_asked_person *one, enum ad_asked_state state)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "stage", check->request->stage);
	ad_json_set_int(desk->arena, details, "level", one->level);
	ad_json_set_str(desk->arena, details, "person", one->oid);
	return ad_trail_later(desk,
		&(struct ad_event){
			.action = state == AD_ASKED_LEFT ? "approver.left" : "approver.replaced",
			.entity_type = "request",
			.entity_id = check->request->id,
			.details = details });
}

/* All wants are noted in one round; nothing is written before every answer is there. */
static int find_gone(struct ad_desk *desk, const struct recheck *check, enum ad_asked_state *states,
	struct ad_err *err)
{
	int first = 0;
	for (size_t i = 0; i < check->people.count; i++) {
		const struct ad_asked_person *one = &check->people.items[i];
		states[i] = one->state;
		int e = awaited(one) ? state_of(desk, check, one, &states[i], err) : 0;
		if (e != 0 && e != AD_ECONFLICT)
			return e;
		if (e != 0 && first == 0)
			first = e;
	}
	return first;
}

static int mark_gone(struct ad_desk *desk, struct recheck *check, const enum ad_asked_state *states,
	struct ad_err *err)
{
	const struct ad_request *request = check->request;
	for (size_t i = 0; i < check->people.count; i++) {
		const struct ad_asked_person *one = &check->people.items[i];
		if (states[i] == one->state)
			continue;
		if (!check->first_gone)
			check->first_gone = one->name;
		check->left |= states[i] == AD_ASKED_LEFT;
		int e = ad_store_asked_mark(desk->db, desk->arena, request->id, request->stage,
			one->oid, states[i], err);
		if (e == 0)
			e = trail_gone(desk, check, one, states[i]);
		if (e != 0)
			return e;
	}
	return 0;
}

/* ---- asking anew ---- */

static int load(struct ad_desk *desk, struct recheck *check, struct ad_err *err)
{
	const struct ad_request *request = check->request;
	int e = ad_policy_of(desk, request, &check->policy, &check->rule, err);
	return e == 0 ? ad_store_asked_of(desk->db, desk->arena, request->id, request->stage,
				&check->people, err)
		      : e;
}

static bool somebody_awaited(const struct ad_asked_people *people)
{
	for (size_t i = 0; i < people->count; i++)
		if (awaited(&people->items[i]))
			return true;
	return false;
}

/* The requester learns whose answer is awaited from now on. */
static int tell_asked_now(struct ad_desk *desk, const struct recheck *check, struct ad_err *err)
{
	const struct ad_request *request = check->request;
	struct ad_json *more = ad_json_new_object(desk->arena);
	const char *locale;
	const char *names;
	int e = ad_notice_locale(desk, request->requester_oid, &locale, err);
	if (e == 0)
		e = ad_words_asked(desk, locale, &check->people, &names, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, more, "left", check->first_gone);
	ad_json_set_str(desk->arena, more, "approvers", names);
	return ad_request_tell(desk, request,
		&(struct ad_telling){ .what = ad_printf(desk->arena, "%d.%d.anew", request->stage,
					      request->version),
			.key = check->left ? "stage.left" : "stage.new_manager",
			.more = more },
		err);
}

/* The present level first: its group may have others by now. Then those who come after it. The
 * version has grown already: who is asked now gets a card that is true. */
static int ask_anew(struct ad_desk *desk, struct recheck *check, struct ad_err *err)
{
	int level = check->request->stage_level;
	int e = ad_stage_open(desk, check->request, level, err);
	if (e == 0)
		e = load(desk, check, err);
	if (e == 0 && !somebody_awaited(&check->people) &&
		level + 1 < ad_slate_levels(check->rule)) {
		e = ad_stage_open(desk, check->request, level + 1, err);
		if (e == 0)
			e = load(desk, check, err);
	}
	if (e == 0 && somebody_awaited(&check->people))
		e = tell_asked_now(desk, check, err);
	return e == 0 ? ad_request_refresh(desk, check->request, err) : e;
}

int ad_stage_recheck(
	struct ad_desk *desk, struct ad_request *request, bool *ret_changed, struct ad_err *err)
{
	struct recheck check = { .request = request };
	*ret_changed = false;
	if (!ad_request_undecided(request->state) || request->stage_state != AD_STAGE_OPEN)
		return 0;
	int e = ad_review_is_over(desk, request, ret_changed, err);
	if (e != 0 || *ret_changed)
		return e;
	e = load(desk, &check, err);
	if (e != 0 || !check.rule)
		return e;
	enum ad_asked_state *states =
		ad_alloc_array(desk->arena, check.people.count + 1, sizeof *states);
	e = find_gone(desk, &check, states, err);
	if (e == 0)
		e = mark_gone(desk, &check, states, err);
	if (e != 0 || !check.first_gone)
		return e;
	*ret_changed = true;
	e = ad_request_changed(desk, request, err);
	if (e == 0)
		e = load(desk, &check, err);
	return e == 0 && !somebody_awaited(&check.people) ? ask_anew(desk, &check, err) : e;
}
