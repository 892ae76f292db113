/* SPDX-License-Identifier: Apache-2.0 */
/* Which policy counts for whom, and what it grants without asking and for how long. */
#include "ad/domain/policy.h"
#include "ad/err.h"
#include "ad/text.h"

#include <string.h>

/* ---- names ---- */

static const char *const asked_kinds[] = {
	[AD_ASKED_GROUP] = "group",
	[AD_ASKED_MANAGER] = "manager",
	[AD_ASKED_USER] = "user",
	[AD_ASKED_APP_OWNER] = "app_owner",
	[AD_ASKED_ADMINS] = "admins",
};

const char *ad_asked_kind_name(enum ad_asked_kind kind)
{
	return asked_kinds[kind];
}

int ad_asked_kind_parse(const char *name, enum ad_asked_kind *ret)
{
	for (int i = AD_ASKED_GROUP; i <= AD_ASKED_ADMINS; i++) {
		if (ad_text_eq(asked_kinds[i], name)) {
			*ret = (enum ad_asked_kind)i;
			return 0;
		}
	}
	return AD_EINVAL;
}

/* ---- what counts ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool ad_package_matches(const char *pattern, const char *package)
{
	for (; *pattern && *pattern != '*'; pattern++, package++)
		if (lower(*pattern) != lower(*package))
			return false;
	return *pattern == '*' || *package == '\0';
}

bool ad_package_patterns_meet(const char *a, const char *b)
{
	for (; *a != '*' && *b != '*'; a++, b++) {
		if (lower(*a) != lower(*b))
			return false;
		if (*a == '\0')
			return true;
	}
	return true;
}

static bool is_any_package(const struct ad_policy_match *match, const char *package)
{
	for (size_t i = 0; i < match->package_count; i++)
		if (ad_package_matches(match->packages[i], package))
			return true;
	return match->package_count == 0;
}

/* Whether the text is one of the list; an empty list asks for nothing, an unknown text never is. */
static bool is_any(const char *const *list, size_t count, const char *text)
{
	for (size_t i = 0; i < count && !ad_text_empty(text); i++)
		if (ad_text_eq_nocase(list[i], text))
			return true;
	return count == 0;
}

static bool is_in_any_group(
	const struct ad_policy_match *match, const struct ad_policy_subject *subject)
{
	for (size_t i = 0; i < subject->group_count; i++)
		if (is_any(match->groups, match->group_count, subject->groups[i]))
			return true;
	return match->group_count == 0;
}

bool ad_policy_matches(const struct ad_policy *policy, const struct ad_policy_subject *subject)
{
	const struct ad_policy_match *match = &policy->match;
	return (match->guests || !subject->guest) && is_any_package(match, subject->package) &&
	       is_any(match->classifications, match->classification_count,
		       subject->classification) &&
	       is_any(match->departments, match->department_count, subject->department) &&
	       is_any(match->titles, match->title_count, subject->title) &&
	       is_in_any_group(match, subject);
}

bool ad_policy_precedes(const struct ad_policy *a, const struct ad_policy *b)
{
	if (a->priority != b->priority)
		return a->priority < b->priority;
	return strcmp(a->name, b->name) < 0;
}

const struct ad_policy *ad_policy_find(
	const struct ad_policy *policies, size_t count, const struct ad_policy_subject *subject)
{
	const struct ad_policy *best = NULL;
	for (size_t i = 0; i < count; i++)
		if (ad_policy_matches(&policies[i], subject) &&
			(!best || ad_policy_precedes(&policies[i], best)))
			best = &policies[i];
	return best;
}

const struct ad_policy *ad_policy_built_in(void)
{
	static const struct ad_stage_rule stage = {
		.ask = { AD_ASKED_GROUP, "" },
		.need = 1,
		.reject_ends = true,
		.on_timeout = AD_TIMEOUT_EXPIRE,
	};
	static const struct ad_policy policy = {
		.name = "",
		.stages = &stage,
		.stage_count = 1,
		.follow = true,
		.undo_min = AD_UNDO_MIN,
	};
	return &policy;
}

/* ---- what it grants ---- */

/* What people always decide, or what nobody knows. */
static bool is_for_people(const struct ad_policy *policy, const char *classification)
{
	return policy->refusal || ad_text_empty(classification) ||
	       ad_text_eq(classification, AD_CLASSIFICATION_CRITICAL);
}

bool ad_policy_is_automatic(
	const struct ad_policy *policy, const char *classification, int used_in_window)
{
	return policy->automatic.on && !is_for_people(policy, classification) &&
	       used_in_window < policy->automatic.max;
}

bool ad_policy_is_birthright(const struct ad_policy *policy, const char *classification)
{
	return policy->birthright.on && !is_for_people(policy, classification);
}

int ad_policy_days(const struct ad_policy *policy, int wanted_days, int used_days)
{
	if (policy->grant_max_days == 0)
		return wanted_days;
	int left = policy->grant_max_days - used_days;
	if (left <= 0)
		return AD_DAYS_USED_UP;
	return wanted_days == 0 || wanted_days > left ? left : wanted_days;
}
