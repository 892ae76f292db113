/* SPDX-License-Identifier: Apache-2.0 */
/* What lies ahead of a request, in words. */
#include "outlook.h"
#include "ad/text.h"

#define MINUTES_A_DAY (24 * 60)
#define MINUTES_AN_HOUR 60
#define VALUES_SHOWN 5 /* of a policy's list */

/* A sentence into the member name, and whether there is one into has_<name>. key NULL: none. */
static int put(struct ad_desk *desk, const char *locale, struct ad_json *into, const char *name,
	const char *key, struct ad_err *err)
{
	ad_json_set_str(desk->arena, into, name, "");
	ad_json_set_bool(desk->arena, into, ad_printf(desk->arena, "has_%s", name), key != NULL);
	return key ? ad_words_into(desk, locale, key, into, name, err) : 0;
}

/* ---- a stage ---- */

static const char *within_key(struct ad_desk *desk, int minutes, struct ad_json *into)
{
	int unit = 1;
	if (minutes % MINUTES_A_DAY == 0)
		unit = MINUTES_A_DAY;
	else if (minutes % MINUTES_AN_HOUR == 0)
		unit = MINUTES_AN_HOUR;
	ad_json_set_int(desk->arena, into, "span", minutes / unit);
	if (minutes == 0)
		return NULL;
	if (unit == 1)
		return "ahead.within_minutes";
	return unit == MINUTES_A_DAY ? "ahead.within_days" : "ahead.within_hours";
}

/* What follows when the time of this level is over. */
static int put_after(struct ad_desk *desk, const char *locale, const struct ad_outlook_stage *stage,
	struct ad_json *into, struct ad_err *err)
{
	const struct ad_stage_rule *rule = stage->rule;
	const char *key = NULL;
	if (rule->timeout_min > 0 && stage->level < (int)rule->alternate_count) {
		const char *next = ad_slate_key(rule->alternates[stage->level].kind);
		int e = ad_words_into(desk, locale, next, into, "next", err);
		if (e != 0)
			return e;
		key = "ahead.after_next";
	} else if (rule->timeout_min > 0) {
		key = rule->on_timeout == AD_TIMEOUT_APPROVE ? "ahead.after_approve"
							     : "ahead.after_expire";
	}
	return put(desk, locale, into, "after", key, err);
}

static enum ad_asked_kind kind_at(const struct ad_stage_rule *rule, int level)
{
	int alternates = (int)rule->alternate_count;
	if (level == 0)
		return rule->ask.kind;
	if (level <= alternates)
		return rule->alternates[level - 1].kind;
	return level == alternates + 1 ? AD_ASKED_APP_OWNER : AD_ASKED_ADMINS;
}

/* "your manager (Kim)", "Kim or Lee". */
static int put_asked(struct ad_desk *desk, const char *locale, const struct ad_outlook_stage *stage,
	struct ad_json *into, struct ad_err *err)
{
	const char *people;
	enum ad_asked_kind kind = kind_at(stage->rule, stage->level);
	int e = ad_words_asked(desk, locale, stage->people, &people, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, into, "people", people);
	bool any = stage->people->count > 0;
	return ad_words_into(desk, locale,
		any ? ad_printf(desk->arena, "ahead.%s", ad_asked_kind_name(kind)) : "ahead.nobody",
		into, "asked", err);
}

int ad_outlook_stage(struct ad_desk *desk, const char *locale, const struct ad_outlook_stage *stage,
	struct ad_json **ret, struct ad_err *err)
{
	const struct ad_stage_rule *rule = stage->rule;
	struct ad_json *row = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, row, "step", stage->step);
	ad_json_set_int(desk->arena, row, "steps", stage->steps);
	ad_json_set_int(desk->arena, row, "need", rule->need);
	int e = ad_words_into(desk, locale, ad_slate_key(rule->ask.kind), row, "label", err);
	if (e == 0)
		e = ad_words_into(desk, locale, "ahead.title", row, "title", err);
	if (e == 0)
		e = put_asked(desk, locale, stage, row, err);
	if (e == 0)
		e = put(desk, locale, row, "needs",
			rule->need == 1   ? NULL
			: rule->need == 0 ? "ahead.needs_all"
					  : "ahead.needs",
			err);
	if (e == 0)
		e = put(desk, locale, row, "within", within_key(desk, rule->timeout_min, row), err);
	if (e == 0)
		e = put_after(desk, locale, stage, row, err);
	*ret = row;
	return e;
}

/* ---- all of them ---- */

int ad_outlook_stages(struct ad_desk *desk, const char *locale, const struct ad_policy *policy,
	const struct ad_slate_query *about, struct ad_json **ret, struct ad_err *err)
{
	int first = 0;
	*ret = ad_json_new_array(desk->arena);
	/* On to the last stage whatever the first one wants: all wants in one round. */
	for (size_t i = 0; i < policy->stage_count; i++) {
		struct ad_slate_query query = *about;
		struct ad_slated slated;
		struct ad_json *row;
		query.rule = &policy->stages[i];
		int e = ad_slate_for(desk, &query, 0, &slated, err);
		if (e == 0)
			e = ad_outlook_stage(desk, locale,
				&(struct ad_outlook_stage){ .rule = query.rule,
					.step = (int)i + 1,
					.steps = (int)policy->stage_count,
					.level = slated.level,
					.people = &slated.asked },
				&row, err);
		if (e == 0)
			ad_json_append(desk->arena, *ret, row);
		else if (first == 0)
			first = e;
	}
	return first;
}

/* ---- the policy ---- */

static int add_match(struct ad_desk *desk, const char *locale, const char *key,
	const char *const *values, size_t count, struct ad_json *list, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	const char *joined = "";
	for (size_t i = 0; i < count && i < VALUES_SHOWN; i++)
		joined = ad_printf(desk->arena, "%s%s%s", joined, i > 0 ? ", " : "", values[i]);
	if (count > VALUES_SHOWN)
		joined = ad_printf(desk->arena, "%s, …", joined);
	ad_json_set_str(desk->arena, data, "values", joined);
	const char *text;
	int e = ad_words(desk, locale, key, data, &text, err);
	if (e == 0)
		ad_json_append(desk->arena, list, ad_json_new_string(desk->arena, text));
	return e;
}

int ad_outlook_policy(struct ad_desk *desk, const char *locale, const struct ad_policy *policy,
	struct ad_json *into, struct ad_err *err)
{
	const struct ad_policy_match *m = &policy->match;
	const struct {
		const char *key;
		const char *const *values;
		size_t count;
	} lists[] = {
		{ "match.packages", m->packages, m->package_count },
		{ "match.classifications", m->classifications, m->classification_count },
		{ "match.departments", m->departments, m->department_count },
		{ "match.titles", m->titles, m->title_count },
		{ "match.groups", m->groups, m->group_count },
	};
	bool built_in = ad_text_empty(policy->name);
	struct ad_json *list = ad_json_new_array(desk->arena);
	ad_json_set_str(desk->arena, into, "policy_name", policy->name);
	ad_json_set_int(desk->arena, into, "policy_version", policy->version);
	int e = ad_words_into(
		desk, locale, built_in ? "ahead.built_in" : "ahead.policy", into, "policy", err);
	for (size_t i = 0; e == 0 && i < sizeof lists / sizeof lists[0]; i++) {
		if (lists[i].count > 0)
			e = add_match(desk, locale, lists[i].key, lists[i].values, lists[i].count,
				list, err);
	}
	if (e == 0 && ad_json_count(list) == 0)
		e = add_match(
			desk, locale, built_in ? "match.none" : "match.all", NULL, 0, list, err);
	if (e == 0 && policy->require_compliant_device)
		e = add_match(desk, locale, "match.device", NULL, 0, list, err);
	ad_json_set(desk->arena, into, "matches", list);
	return e;
}
