/* SPDX-License-Identifier: Apache-2.0 */
/* Who is named by a policy with a birthright gets its apps without asking. */
#include "birthright.h"
#include "seats.h"
#include "stages.h"
#include "ad/desk/birthright.h"
#include "ad/store/brakes.h"
#include "ad/text.h"

struct ad_birthright_query ad_birthright_query_of(
	const struct ad_desk *desk, const struct ad_policy *policy, int64_t app_id)
{
	const struct ad_policy_match *match = &policy->match;
	return (struct ad_birthright_query){ .tenant_id = desk->tenant_id,
		.app_id = app_id,
		.departments = match->departments,
		.department_count = match->department_count,
		.titles = match->titles,
		.title_count = match->title_count,
		.by_people = match->group_count > 0,
		.policy_name = policy->name,
		.policy_version = policy->version,
		.limit = AD_BIRTHRIGHTS_SLICE };
}

/* ---- a rule: a policy and one of its apps ---- */

struct rule {
	const struct ad_policy *policy;
	struct ad_app app;
	struct ad_birthright_query query;
};

/* Everybody in the policy's groups; all groups are asked for in one round. */
static int add_members(struct ad_desk *desk, struct rule *rule, struct ad_err *err)
{
	const struct ad_policy_match *match = &rule->policy->match;
	int first = 0;
	struct ad_people *people = ad_alloc_array(desk->arena, match->group_count, sizeof *people);
	size_t count = 0;
	for (size_t i = 0; i < match->group_count; i++) {
		int e = ad_fact_members(desk, match->groups[i], &people[i], err);
		first = first == 0 ? e : first;
		count += people[i].count;
	}
	const char **oids = ad_alloc_array(desk->arena, count, sizeof *oids);
	for (size_t i = 0; i < match->group_count; i++)
		for (size_t j = 0; j < people[i].count; j++)
			oids[rule->query.oid_count++] = people[i].items[j].oid;
	rule->query.oids = oids;
	return first;
}

/* *ret_there false: the catalogue does not offer it, or people have to decide it. */
static int read_rule(struct ad_desk *desk, const struct ad_policy *policy, const char *package,
	struct rule *ret, bool *ret_there, struct ad_err *err)
{
	int64_t id;
	*ret_there = false;
	*ret = (struct rule){ .policy = policy };
	int e = ad_store_app_by_package(desk->db, desk->arena, desk->tenant_id, package, &id, err);
	if (e == AD_ENOTFOUND)
		return 0;
	if (e == 0)
		e = ad_store_app_get(desk->db, desk->arena, desk->tenant_id, id, &ret->app, err);
	if (e != 0)
		return e;
	*ret_there = ret->app.published && ad_policy_is_birthright(policy, ret->app.classification);
	ret->query = ad_birthright_query_of(desk, policy, id);
	return *ret_there ? add_members(desk, ret, err) : 0;
}

/* ---- one person ---- */

/* Why not; NULL: nothing stands against it. All facts are asked for in one round. */
static int judge(struct ad_desk *desk, const struct rule *rule,
	const struct ad_birthright_person *person, const char **ret_reason, struct ad_err *err)
{
	const struct ad_person who = { .oid = person->oid, .name = person->name, .locale = "" };
	const struct ad_person *there = NULL;
	const struct ad_policy *counts = NULL;
	const struct ad_app *other = NULL;
	const char *why;
	bool is_user = false;
	bool is_open = false;
	int known = ad_fact_person(desk, person->oid, &there, err);
	int member = ad_fact_member(desk, person->oid, desk->settings.user_group_id, &is_user, err);
	int open = ad_app_is_open(desk, &who, &rule->app, &is_open, err);
	int e = ad_policy_for(desk, &who, &rule->app, &counts, err);
	e = e == 0 ? known : e;
	e = e == 0 ? member : e;
	e = e == 0 ? open : e;
	if (e == 0)
		e = ad_conflict_with(desk, person->oid, rule->app.id, &other, &why, err);
	if (e != 0)
		return e;
	*ret_reason = NULL;
	if (!there)
		*ret_reason = "gone";
	else if (!is_user || !is_open)
		*ret_reason = "no_access";
	else if (!ad_text_eq(counts->name, rule->policy->name))
		*ret_reason = "other_policy";
	else if (other)
		*ret_reason = "conflict";
	return 0;
}

static struct ad_json *details_of(const struct ad_desk *desk, const struct rule *rule)
{
	struct ad_json *ret = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, ret, "app_id", rule->app.id);
	ad_json_set_str(desk->arena, ret, "app", rule->app.name);
	ad_json_set_str(desk->arena, ret, "policy", rule->policy->name);
	ad_json_set_int(desk->arena, ret, "policy_version", rule->policy->version);
	ad_json_set_bool(desk->arena, ret, "by_right", true);
	return ret;
}

static int skip(struct ad_desk *desk, const struct rule *rule, const char *oid, const char *reason,
	struct ad_err *err)
{
	bool is_new;
	struct ad_json *details = details_of(desk, rule);
	int e = ad_store_birthright_skip(desk->db, desk->arena, &rule->query,
		&(struct ad_birthright_request){ .oid = oid, .reason = reason }, &is_new, err);
	if (e != 0 || !is_new)
		return e;
	ad_json_set_str(desk->arena, details, "reason", reason);
	return ad_trail_later(desk, &(struct ad_event){ .action = "birthright.skipped",
					    .entity_type = "user",
					    .entity_name = oid,
					    .details = details });
}

/* From here on it is a request like any other that a policy approves. */
static int give(struct ad_desk *desk, const struct rule *rule, const char *oid, struct ad_err *err)
{
	struct ad_request request;
	struct ad_birthright_request ask = { .oid = oid };
	struct ad_json *data = ad_json_new_object(desk->arena);
	int64_t id;
	ad_json_set_str(desk->arena, data, "policy", rule->policy->name);
	const char *locale;
	int e = ad_notice_locale(desk, oid, &locale, err);
	if (e == 0)
		e = ad_words(
			desk, locale, "birthright.justification", data, &ask.justification, err);
	if (e == 0)
		e = ad_store_birthright_ask(desk->db, desk->arena, &rule->query, &ask, &id, err);
	if (e != 0 || id == 0)
		return e;
	e = ad_store_request_get(desk->db, desk->arena, desk->tenant_id, id, &request, err);
	if (e != 0)
		return e;
	(void)ad_trail_later(desk, &(struct ad_event){ .action = "request.created",
					   .entity_type = "request",
					   .entity_id = id,
					   .details = details_of(desk, rule) });
	(void)ad_trail_later(desk, &(struct ad_event){ .action = "decision.automatic",
					   .entity_type = "request",
					   .entity_id = id,
					   .details = details_of(desk, rule) });
	return ad_request_fulfil(desk, &request, NULL, err);
}

/* ---- a slice ---- */

/* Seats that nobody has and nobody is on the way to. */
static int free_seats(
	struct ad_desk *desk, const struct ad_app *app, size_t *ret, struct ad_err *err)
{
	int64_t coming = 0;
	int e = ad_seats_free(desk, app, ret, err);
	if (e == 0 && *ret != SIZE_MAX)
		e = ad_store_birthrights_on_their_way(
			desk->db, desk->arena, desk->tenant_id, app->id, &coming, err);
	*ret = *ret > (size_t)coming ? *ret - (size_t)coming : 0;
	return e;
}

static int judge_all(struct ad_desk *desk, const struct rule *rule,
	const struct ad_birthright_person *people, size_t count, const char **reasons,
	struct ad_err *err)
{
	int first = 0;
	for (size_t i = 0; i < count; i++) {
		int e = judge(desk, rule, &people[i], &reasons[i], err);
		if (e != 0 && e != AD_ECONFLICT)
			return e;
		first = first == 0 ? e : first;
	}
	return first;
}

/* *ret_seen: how many were looked at; *ret_given: how many of them get it. */
static int serve(struct ad_desk *desk, const struct rule *rule, size_t *ret_seen, size_t *ret_given,
	struct ad_err *err)
{
	struct ad_birthright_person *people;
	size_t seats;
	*ret_given = 0;
	int e = ad_store_birthrights_due(
		desk->db, desk->arena, &rule->query, &people, ret_seen, err);
	if (e != 0 || *ret_seen == 0)
		return e;
	const char **reasons = ad_alloc_array(desk->arena, *ret_seen, sizeof *reasons);
	e = judge_all(desk, rule, people, *ret_seen, reasons, err);
	if (e == 0)
		e = free_seats(desk, &rule->app, &seats, err);
	for (size_t i = 0; e == 0 && i < *ret_seen; i++) {
		const char *reason = reasons[i];
		if (!reason && *ret_given >= seats)
			reason = "no_seat";
		*ret_given += !reason;
		e = reason ? skip(desk, rule, people[i].oid, reason, err)
			   : give(desk, rule, people[i].oid, err);
	}
	return e;
}

/* Whatever number of rules name groups, they are asked for in one round. */
static int need_groups(
	struct ad_desk *desk, const struct ad_policy *policies, size_t count, struct ad_err *err)
{
	int first = 0;
	for (size_t i = 0; i < count; i++) {
		const struct ad_policy_match *match = &policies[i].match;
		struct ad_people people;
		for (size_t j = 0; policies[i].birthright.on && j < match->group_count; j++) {
			int e = ad_fact_members(desk, match->groups[j], &people, err);
			first = first == 0 ? e : first;
		}
	}
	return first;
}

/* The first of the policy's apps that somebody is to get. */
static int serve_policy(struct ad_desk *desk, const struct ad_policy *policy, size_t *ret_seen,
	size_t *ret_given, struct ad_err *err)
{
	int e = 0;
	for (size_t i = 0; e == 0 && *ret_seen == 0 && i < policy->match.package_count; i++) {
		struct rule rule;
		bool there;
		e = read_rule(desk, policy, policy->match.packages[i], &rule, &there, err);
		if (e == 0 && there)
			e = serve(desk, &rule, ret_seen, ret_given, err);
	}
	return e;
}

static int serve_next(struct ad_desk *desk, bool *ret_more, struct ad_err *err)
{
	const struct ad_policy *policies;
	size_t count;
	size_t seen = 0;
	size_t given = 0;
	int e = ad_policies_active(desk, &policies, &count, err);
	if (e == 0)
		e = need_groups(desk, policies, count, err);
	for (size_t i = 0; e == 0 && seen == 0 && i < count; i++)
		if (policies[i].birthright.on)
			e = serve_policy(desk, &policies[i], &seen, &given, err);
	*ret_more = seen > 0 && given == 0; /* who was skipped makes way for others */
	return e;
}

static int is_held(struct ad_desk *desk, bool *ret, struct ad_err *err)
{
	struct ad_brake brake;
	int e = ad_store_brake_lock(desk->db, desk->arena, desk->tenant_id, 0, &brake, err);
	*ret = e == 0 || desk->settings.frozen;
	return e == AD_ENOTFOUND ? 0 : e;
}

int ad_desk_birthrights(struct ad_desk *desk, bool *ret_more, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	bool held;
	*ret_more = false;
	int e = is_held(desk, &held, err);
	if (e != 0 || held)
		return e;
	e = ad_birthrights_check(desk, ret_more, err);
	if (e == 0 && !*ret_more)
		e = serve_next(desk, ret_more, err);
	return e == 0 ? ad_trail_flush(desk, err) : e;
}
