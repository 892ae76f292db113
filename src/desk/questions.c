/* SPDX-License-Identifier: Apache-2.0 */
/* What a form asks: the app's questions, and then those of the policy that counts (product F16). */
#include "form.h"

int ad_form_questions(struct ad_desk *desk, const struct ad_app *app,
	const struct ad_policy *policy, struct ad_app_questions *ret, struct ad_err *err)
{
	int e = ad_store_app_questions(desk->db, desk->arena, app->id, ret, err);
	if (e != 0 || policy->question_count == 0)
		return e;
	struct ad_app_question *items =
		ad_alloc_array(desk->arena, ret->count + policy->question_count, sizeof *items);
	size_t count = 0;
	for (; count < ret->count; count++)
		items[count] = ret->items[count];
	int ordinal = count > 0 ? items[count - 1].ordinal : 0;
	for (size_t i = 0; i < policy->question_count; i++) {
		const struct ad_policy_question *question = &policy->questions[i];
		items[count++] = (struct ad_app_question){
			.ordinal = ++ordinal,
			.label = question->label,
			.kind = question->is_choice ? AD_QUESTION_CHOICE : AD_QUESTION_TEXT,
			.choices = question->choices,
			.choice_count = question->choice_count,
			.required = question->required,
		};
	}
	*ret = (struct ad_app_questions){ .items = items, .count = count };
	return 0;
}

const char *ad_form_stamp(struct ad_arena *arena, const struct ad_policy *policy)
{
	return ad_printf(arena, "%d:%s", policy->version, policy->name);
}
