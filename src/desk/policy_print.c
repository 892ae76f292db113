/* SPDX-License-Identifier: Apache-2.0 */
/* A policy as a document. */
#include "policy_json.h"
#include "ad/text.h"

/* ---- small parts ---- */

static void set_texts(struct ad_arena *arena, struct ad_json *into, const char *name,
	const char *const *items, size_t count)
{
	if (count == 0)
		return;
	struct ad_json *list = ad_json_new_array(arena);
	for (size_t i = 0; i < count; i++)
		ad_json_append(arena, list, ad_json_new_string(arena, items[i]));
	ad_json_set(arena, into, name, list);
}

static void set_int(
	struct ad_arena *arena, struct ad_json *into, const char *name, int value, int usual)
{
	if (value != usual)
		ad_json_set_int(arena, into, name, value);
}

static void set_bool(
	struct ad_arena *arena, struct ad_json *into, const char *name, bool value, bool usual)
{
	if (value != usual)
		ad_json_set_bool(arena, into, name, value);
}

static void set_time(struct ad_arena *arena, struct ad_json *into, const char *name, int minute)
{
	ad_json_set_str(arena, into, name, ad_printf(arena, "%02d:%02d", minute / 60, minute % 60));
}

/* ---- members ---- */

static struct ad_json *print_match(struct ad_arena *arena, const struct ad_policy_match *match)
{
	struct ad_json *ret = ad_json_new_object(arena);
	set_texts(arena, ret, "packages", match->packages, match->package_count);
	set_texts(
		arena, ret, "classifications", match->classifications, match->classification_count);
	set_texts(arena, ret, "groups", match->groups, match->group_count);
	set_texts(arena, ret, "departments", match->departments, match->department_count);
	set_texts(arena, ret, "titles", match->titles, match->title_count);
	set_bool(arena, ret, "guests", match->guests, false);
	return ret;
}

static struct ad_json *print_asked(struct ad_arena *arena, const struct ad_asked *asked)
{
	if (ad_text_empty(asked->ref))
		return ad_json_new_string(arena, ad_asked_kind_name(asked->kind));
	struct ad_json *ret = ad_json_new_object(arena);
	ad_json_set_str(arena, ret, ad_asked_kind_name(asked->kind), asked->ref);
	return ret;
}

static struct ad_json *print_stage(struct ad_arena *arena, const struct ad_stage_rule *rule)
{
	struct ad_json *ret = ad_json_new_object(arena);
	ad_json_set(arena, ret, "ask", print_asked(arena, &rule->ask));
	if (rule->need == 0)
		ad_json_set_str(arena, ret, "need", "all");
	else
		set_int(arena, ret, "need", rule->need, 1);
	set_bool(arena, ret, "reject_ends", rule->reject_ends, true);
	set_int(arena, ret, "timeout_min", rule->timeout_min, 0);
	struct ad_json *alternates = ad_json_new_array(arena);
	for (size_t i = 0; i < rule->alternate_count; i++)
		ad_json_append(arena, alternates, print_asked(arena, &rule->alternates[i]));
	if (rule->alternate_count > 0)
		ad_json_set(arena, ret, "alternates", alternates);
	if (rule->on_timeout == AD_TIMEOUT_APPROVE)
		ad_json_set_str(arena, ret, "on_timeout", "approve");
	return ret;
}

static struct ad_json *print_questions(struct ad_arena *arena, const struct ad_policy *policy)
{
	struct ad_json *ret = ad_json_new_array(arena);
	for (size_t i = 0; i < policy->question_count; i++) {
		const struct ad_policy_question *question = &policy->questions[i];
		struct ad_json *row = ad_json_new_object(arena);
		ad_json_set_str(arena, row, "label", question->label);
		set_texts(arena, row, "choices", question->choices, question->choice_count);
		set_bool(arena, row, "required", question->required, false);
		ad_json_append(arena, ret, row);
	}
	return ret;
}

static struct ad_json *print_hours(struct ad_arena *arena, const struct ad_hours *hours)
{
	static const char *const weekdays[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	struct ad_json *ret = ad_json_new_object(arena);
	struct ad_json *days = ad_json_new_array(arena);
	for (unsigned i = 0; i < sizeof(weekdays) / sizeof(weekdays[0]); i++)
		if (hours->days >> i & 1u)
			ad_json_append(arena, days, ad_json_new_string(arena, weekdays[i]));
	set_time(arena, ret, "from", hours->from_min);
	set_time(arena, ret, "until", hours->until_min);
	ad_json_set(arena, ret, "days", days);
	ad_json_set_str(arena, ret, "time_zone", hours->time_zone);
	return ret;
}

static void print_lists(
	struct ad_arena *arena, const struct ad_policy *policy, struct ad_json *into)
{
	if (policy->question_count > 0)
		ad_json_set(arena, into, "questions", print_questions(arena, policy));
	struct ad_json *stages = ad_json_new_array(arena);
	for (size_t i = 0; i < policy->stage_count; i++)
		ad_json_append(arena, stages, print_stage(arena, &policy->stages[i]));
	if (policy->stage_count > 0)
		ad_json_set(arena, into, "stages", stages);
	if (!policy->automatic.on)
		return;
	struct ad_json *automatic = ad_json_new_object(arena);
	ad_json_set_int(arena, automatic, "max", policy->automatic.max);
	ad_json_set_int(arena, automatic, "window_days", policy->automatic.window_days);
	ad_json_set(arena, into, "automatic", automatic);
}

/* ---- the whole ---- */

struct ad_json *ad_policy_print(struct ad_arena *arena, const struct ad_policy *policy)
{
	struct ad_json *ret = ad_json_new_object(arena);
	struct ad_json *match = print_match(arena, &policy->match);
	ad_json_set_str(arena, ret, "name", policy->name);
	ad_json_set_int(arena, ret, "priority", policy->priority);
	if (ad_json_count(match) > 0)
		ad_json_set(arena, ret, "match", match);
	if (policy->refusal)
		ad_json_set_str(arena, ret, "refusal", policy->refusal);
	print_lists(arena, policy, ret);
	set_int(arena, ret, "grant_days", policy->grant_days, 0);
	set_int(arena, ret, "grant_max_days", policy->grant_max_days, 0);
	set_bool(arena, ret, "follow", policy->follow, true);
	set_int(arena, ret, "undo_min", policy->undo_min, AD_UNDO_MIN);
	set_bool(arena, ret, "ask_owner", policy->ask_owner, false);
	set_bool(arena, ret, "require_compliant_device", policy->require_compliant_device, false);
	if (policy->device_refusal)
		ad_json_set_str(arena, ret, "device_refusal", policy->device_refusal);
	if (policy->birthright.on) {
		struct ad_json *birthright = ad_json_new_object(arena);
		ad_json_set_int(arena, birthright, "grace_days", policy->birthright.grace_days);
		ad_json_set(arena, ret, "birthright", birthright);
	}
	if (policy->hours.on)
		ad_json_set(arena, ret, "hours", print_hours(arena, &policy->hours));
	return ret;
}
