/* SPDX-License-Identifier: Apache-2.0 */
/* Stages of a request: begun, opened, moved on to the next people, and the right to decide one. */
#include "stages.h"
#include "channel.h"
#include "stage_timer.h"
#include "ad/store/delegations.h"
#include "ad/text.h"

/* ---- a round ---- */

/* The rules that a round of the request goes by. */
static size_t steps_of(const struct ad_request *request, const struct ad_policy *policy)
{
	bool owner_alone = request->extends_grant != 0 && policy->ask_owner;
	return owner_alone || request->is_review ? 1 : policy->stage_count;
}

/* Who is named once and for all: a person, or the manager of today for a policy that does not
 * follow (product E7). */
static int name_person(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_policy *policy, const struct ad_stage_rule *rule, const char **ret,
	struct ad_err *err)
{
	const struct ad_person *manager = NULL;
	*ret = rule->ask.kind == AD_ASKED_USER ? rule->ask.ref : "";
	if (rule->ask.kind != AD_ASKED_MANAGER || policy->follow)
		return 0;
	int e = ad_fact_manager(desk, request->beneficiary_oid, &manager, err);
	if (e == 0 && manager)
		*ret = manager->oid;
	return e;
}

struct step {
	int ordinal;
	int step;
	int steps;
	const struct ad_stage_rule *rule;
};

static int insert_step(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_policy *policy, const struct step *at, struct ad_err *err)
{
	const struct ad_stage_rule *rule = at->rule;
	const char *group = "";
	const char *person;
	int e = name_person(desk, request, policy, rule, &person, err);
	if (e != 0)
		return e;
	if (rule->ask.kind == AD_ASKED_GROUP)
		group = ad_text_empty(rule->ask.ref) ? desk->settings.approver_group_id
						     : rule->ask.ref;
	return ad_store_stage_insert(desk->db, desk->arena,
		&(struct ad_stage){ .request_id = request->id,
			.ordinal = at->ordinal,
			.round = request->round,
			.step = at->step,
			.steps = at->steps,
			.kind = rule->ask.kind,
			.group_id = group,
			.person_oid = person,
			.need = rule->need },
		err);
}

int ad_stage_begin(struct ad_desk *desk, struct ad_request *request, const struct ad_policy *policy,
	struct ad_err *err)
{
	int last;
	int steps = (int)steps_of(request, policy);
	int e = ad_store_stage_last(desk->db, desk->arena, request->id, &last, err);
	for (int step = 1; e == 0 && step <= steps; step++) {
		struct ad_request at = *request;
		const struct ad_policy *same;
		const struct ad_stage_rule *rule;
		at.stage_step = step;
		e = ad_policy_of(desk, &at, &same, &rule, err);
		if (e == 0)
			e = insert_step(desk, request, policy,
				&(struct step){ last + step, step, steps, rule }, err);
	}
	if (e == 0)
		e = ad_store_request_stage(desk->db, desk->arena, request->id, last + 1, err);
	if (e == 0)
		e = ad_store_request_get(
			desk->db, desk->arena, desk->tenant_id, request->id, request, err);
	return e == 0 ? ad_stage_open(desk, request, 0, err) : e;
}

/* ---- opening ---- */

static struct ad_slate_query query_of(
	const struct ad_request *request, const struct ad_stage_rule *rule)
{
	return (struct ad_slate_query){
		.rule = rule,
		.parties = { request->requester_oid, request->beneficiary_oid },
		.app_owner_oid = request->app_owner_oid,
		.manager_oid =
			request->stage_kind == AD_ASKED_MANAGER ? request->stage_person_oid : "",
	};
}

/* Of a large group some get a card, beginning at another one with each request, so that the load
 * goes round (product E22). */
static int send_cards(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_asked_people *people, struct ad_err *err)
{
	size_t count = people->count;
	size_t first = count > AD_DESK_CARDS_MAX ? (size_t)request->id % count : 0;
	int e = 0;
	for (size_t i = 0; e == 0 && i < count && i < AD_DESK_CARDS_MAX; i++) {
		const struct ad_asked_person *asked = &people->items[(first + i) % count];
		struct ad_person person = {
			.oid = asked->oid, .name = asked->name, .is_approver = true
		};
		e = ad_notice_locale(desk, person.oid, &person.locale, err);
		if (e == 0)
			e = ad_request_ask(desk, &person, request, err);
	}
	return e;
}

static int trail_opened(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_asked_people *people, bool moved_on)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	struct ad_json *oids = ad_json_new_array(desk->arena);
	ad_json_set_int(desk->arena, details, "stage", request->stage);
	ad_json_set_int(desk->arena, details, "step", request->stage_step);
	ad_json_set_int(desk->arena, details, "level", request->stage_level);
	ad_json_set_str(desk->arena, details, "kind", ad_asked_kind_name(request->stage_kind));
	ad_json_set_str(desk->arena, details, "group_id", request->stage_group_id);
	ad_json_set_str(desk->arena, details, "policy", request->policy_name);
	ad_json_set_int(desk->arena, details, "policy_version", request->policy_version);
	ad_json_set_int(desk->arena, details, "asked", (int64_t)people->count);
	for (size_t i = 0; i < people->count && i < AD_DESK_CARDS_MAX; i++)
		ad_json_append(
			desk->arena, oids, ad_json_new_string(desk->arena, people->items[i].oid));
	ad_json_set(desk->arena, details, "people", oids);
	return ad_trail_later(
		desk, &(struct ad_event){ .action = moved_on ? "stage.escalated" : "stage.opened",
			      .entity_type = "request",
			      .entity_id = request->id,
			      .details = details });
}

int ad_stage_open(struct ad_desk *desk, struct ad_request *request, int level, struct ad_err *err)
{
	const struct ad_policy *policy;
	const struct ad_stage_rule *rule;
	struct ad_slated slated = { 0 };
	bool moved_on = request->stage_state == AD_STAGE_OPEN;
	int64_t timeout_s = 0;
	int e = ad_policy_of(desk, request, &policy, &rule, err);
	if (e != 0)
		return e;
	const struct ad_slate_query query = query_of(request, rule);
	e = ad_slate_for(desk, &query, level, &slated, err);
	const struct ad_asked_people *people = &slated.asked;
	if (e == 0)
		e = ad_stage_timeout(desk, policy, rule, &timeout_s, err);
	if (e == 0)
		e = ad_store_stage_open(desk->db, desk->arena, request->id, request->stage,
			slated.level, timeout_s, err);
	if (e == 0 && people->count > 0)
		e = ad_store_asked_put(
			desk->db, desk->arena, request->id, request->stage, people, err);
	desk->memo = NULL;
	if (e == 0)
		e = ad_store_request_get(
			desk->db, desk->arena, desk->tenant_id, request->id, request, err);
	if (e == 0)
		e = people->count > 0 ? send_cards(desk, request, people, err)
				      : ad_stage_tell_nobody(desk, request, err);
	if (e == 0 && people->count > 0)
		e = ad_stage_tell_away(desk, request, &slated.away, err);
	if (e == 0)
		e = ad_channel_tell(desk, request, err);
	if (e == 0)
		e = ad_stage_timer_arm(desk, request, err);
	return e == 0 ? trail_opened(desk, request, people, moved_on) : e;
}

/* ---- voices ---- */

static const char *voice_of(const struct ad_asked_person *one)
{
	return ad_text_empty(one->on_behalf_of) ? one->oid : one->on_behalf_of;
}

/* Somebody else on the slate has the same voice and is counted for it. */
static bool is_second(const struct ad_asked_people *people, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (people->items[j].state == AD_ASKED_NOW &&
			ad_text_eq(voice_of(&people->items[j]), voice_of(&people->items[i])))
			return true;
	return false;
}

struct ad_voices ad_stage_voices(const struct ad_asked_people *people)
{
	struct ad_voices voices = { 0 };
	for (size_t i = 0; i < people->count; i++) {
		const struct ad_asked_person *one = &people->items[i];
		if (one->state != AD_ASKED_NOW || is_second(people, i))
			continue;
		voices.asked++;
		voices.approved += one->voted && one->vote == AD_DECISION_APPROVED;
	}
	return voices;
}

/* ---- rights ---- */

static const struct ad_asked_person *find(const struct ad_asked_people *people, const char *oid)
{
	for (size_t i = 0; i < people->count; i++)
		if (ad_text_eq(people->items[i].oid, oid))
			return &people->items[i];
	return NULL;
}

/* The stand-in still is one, and who is stood for has the right themselves. */
static int delegate_right(struct ad_desk *desk, const struct ad_slate_query *query, int level,
	const struct ad_asked_person *asked, bool *ret, struct ad_err *err)
{
	struct ad_delegations delegations;
	const char *whose = asked->on_behalf_of;
	int e = ad_store_delegations_from(
		desk->db, desk->arena, desk->tenant_id, &whose, 1, &delegations, err);
	if (e != 0)
		return e;
	const char *now =
		ad_delegate_of(delegations.items, delegations.count, &query->parties, whose);
	*ret = false;
	return ad_text_eq(now, asked->oid) ? ad_slate_names(desk, query, level, whose, ret, err)
					   : 0;
}

int ad_stage_right(struct ad_desk *desk, const struct ad_request *request, const char *oid,
	struct ad_seat *ret, bool *ret_has, struct ad_err *err)
{
	const struct ad_policy *policy;
	const struct ad_stage_rule *rule = NULL;
	struct ad_asked_people people;
	*ret = (struct ad_seat){ oid, "" };
	*ret_has = false;
	int e = ad_policy_of(desk, request, &policy, &rule, err);
	if (e != 0 || !rule)
		return e;
	e = ad_store_asked_one(
		desk->db, desk->arena, request->id, request->stage, oid, &people, err);
	const struct ad_asked_person *asked = e == 0 ? find(&people, oid) : NULL;
	if (e != 0 || (asked && asked->state == AD_ASKED_REPLACED))
		return e;
	const struct ad_slate_query query = query_of(request, rule);
	e = ad_slate_names(desk, &query, request->stage_level, oid, ret_has, err);
	if (e != 0 || *ret_has || !asked || asked->state != AD_ASKED_NOW)
		return e;
	if (asked->via == AD_VIA_HANDOVER) {
		*ret_has = true;
	} else if (asked->via == AD_VIA_DELEGATE) {
		ret->on_behalf_of = asked->on_behalf_of;
		e = delegate_right(desk, &query, request->stage_level, asked, ret_has, err);
	}
	return e;
}

int ad_stage_awaits(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_person *who, bool *ret, struct ad_err *err)
{
	struct ad_asked_people people;
	const struct ad_parties parties = { request->requester_oid, request->beneficiary_oid };
	*ret = false;
	if (!ad_request_undecided(request->state) || request->stage_state != AD_STAGE_OPEN ||
		ad_is_party(&parties, who->oid))
		return 0;
	int e = ad_store_asked_one(
		desk->db, desk->arena, request->id, request->stage, who->oid, &people, err);
	if (e != 0)
		return e;
	const struct ad_asked_person *asked = find(&people, who->oid);
	bool by_setting = !ad_text_empty(request->stage_group_id) &&
			  ad_text_eq(request->stage_group_id, desk->settings.approver_group_id);
	bool is_member = who->is_approver && by_setting;
	if (asked && (!by_setting || asked->via != AD_VIA_GROUP || is_member))
		*ret = asked->state == AD_ASKED_NOW && !asked->voted;
	else
		*ret = !asked && is_member;
	return 0;
}
