/* SPDX-License-Identifier: Apache-2.0 */
/* Which policy counts for a person and an app, and which one a request was made under. */
#include "stages.h"
#include "ad/store/birthrights.h"
#include "ad/store/users.h"
#include "ad/text.h"

/* Extensions of such policies ask the owner alone (product F18). */
static const struct ad_stage_rule owner_alone = {
	.ask = { AD_ASKED_APP_OWNER, "" },
	.need = 1,
	.reject_ends = true,
};

/* Of a review (product 1.3): the new manager, then whoever answers for the app, then the admins. */
#define REVIEW_LEVEL_MIN (7 * 24 * 60)
static const struct ad_asked after_manager[] = {
	{ AD_ASKED_APP_OWNER, "" },
	{ AD_ASKED_ADMINS, "" },
};
static const struct ad_stage_rule reviewer = {
	.ask = { AD_ASKED_MANAGER, "" },
	.need = 1,
	.reject_ends = true,
	.timeout_min = REVIEW_LEVEL_MIN,
	.alternates = after_manager,
	.alternate_count = sizeof after_manager / sizeof after_manager[0],
	.on_timeout = AD_TIMEOUT_EXPIRE,
};

/* Those groups of the policies that the person is in; all are asked for in one round. */
static int groups_of(struct ad_desk *desk, const char *oid, const struct ad_policy *policies,
	size_t count, struct ad_policy_subject *subject, struct ad_err *err)
{
	int first = 0;
	size_t named = 0;
	for (size_t i = 0; i < count; i++)
		named += policies[i].match.group_count;
	const char **groups = ad_alloc_array(desk->arena, named, sizeof *groups);
	subject->groups = groups;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < policies[i].match.group_count; j++) {
			bool is_member = false;
			int e = ad_fact_member(
				desk, oid, policies[i].match.groups[j], &is_member, err);
			if (e == 0 && is_member)
				groups[subject->group_count++] = policies[i].match.groups[j];
			if (e != 0 && first == 0)
				first = e;
		}
	}
	return first;
}

/* A guest whom no policy names may not ask (product E21): the built-in rule, refusing. */
static int refuse_guest(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_policy **ret, struct ad_err *err)
{
	struct ad_policy *policy = ad_memdup(desk->arena, ad_policy_built_in(), sizeof *policy);
	policy->stage_count = 0;
	*ret = policy;
	return ad_words(desk, who->locale, "guest.denied", NULL, &policy->refusal, err);
}

/* What policies ask of a person and an app, but for the groups; whoever is unknown is nobody. */
static int subject_of(
	struct ad_desk *desk, const char *oid, struct ad_policy_subject *ret, struct ad_err *err)
{
	struct ad_user user = { 0 };
	int e = ad_store_user_get(desk->db, desk->arena, desk->tenant_id, oid, &user, err);
	if (e != 0 && e != AD_ENOTFOUND)
		return e;
	*ret = (struct ad_policy_subject){
		.department = user.department ? user.department : "",
		.title = user.job_title ? user.job_title : "",
		.guest = user.guest,
	};
	return 0;
}

static void about(struct ad_policy_subject *subject, const struct ad_app *app)
{
	subject->package = app->winget_id;
	subject->classification = app->classification;
}

int ad_policy_for(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	const struct ad_policy **ret, struct ad_err *err)
{
	const struct ad_policy *policies;
	size_t count;
	struct ad_policy_subject subject;
	*ret = ad_policy_built_in();
	int e = ad_policies_active(desk, &policies, &count, err);
	if (e == 0)
		e = subject_of(desk, who->oid, &subject, err);
	if (e != 0)
		return e;
	about(&subject, app);
	e = groups_of(desk, who->oid, policies, count, &subject, err);
	const struct ad_policy *found = e == 0 ? ad_policy_find(policies, count, &subject) : NULL;
	if (e == 0 && !found && subject.guest)
		return refuse_guest(desk, who, ret, err);
	if (found)
		*ret = found;
	return e;
}

/* Somebody who is in all of the groups that policies name. */
static struct ad_policy_subject in_all_groups(struct ad_desk *desk,
	const struct ad_policy_subject *subject, const struct ad_policy *policies, size_t count)
{
	struct ad_policy_subject ret = *subject;
	size_t named = 0;
	for (size_t i = 0; i < count; i++)
		named += policies[i].match.group_count;
	const char **groups = ad_alloc_array(desk->arena, named, sizeof *groups);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < policies[i].match.group_count; j++)
			groups[ret.group_count++] = policies[i].match.groups[j];
	ret.groups = groups;
	return ret;
}

/* Groups only ever add matches, so what counts with none and with all of them counts for sure. */
int ad_policies_foreseen(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app_list *apps, const struct ad_policy **ret, struct ad_err *err)
{
	const struct ad_policy *policies;
	size_t count;
	struct ad_policy_subject none;
	int e = ad_policies_active(desk, &policies, &count, err);
	if (e == 0)
		e = subject_of(desk, who->oid, &none, err);
	if (e != 0)
		return e;
	struct ad_policy_subject all = in_all_groups(desk, &none, policies, count);
	for (size_t i = 0; i < apps->count; i++) {
		about(&none, &apps->items[i]);
		about(&all, &apps->items[i]);
		const struct ad_policy *found = ad_policy_find(policies, count, &none);
		bool is_sure = found == ad_policy_find(policies, count, &all);
		ret[i] = is_sure && !found && !none.guest ? ad_policy_built_in() : found;
		if (!is_sure)
			ret[i] = NULL;
	}
	return 0;
}

int ad_policy_of(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_policy **ret, const struct ad_stage_rule **ret_rule, struct ad_err *err)
{
	int e = ad_policy_version(desk, request->policy_name, request->policy_version, ret, err);
	if (e != 0 || !ret_rule)
		return e;
	size_t step = (size_t)request->stage_step;
	if (request->is_review)
		*ret_rule = step > 0 ? &reviewer : NULL;
	else if (request->extends_grant != 0 && (*ret)->ask_owner)
		*ret_rule = step > 0 ? &owner_alone : NULL;
	else
		*ret_rule =
			step > 0 && step <= (*ret)->stage_count ? &(*ret)->stages[step - 1] : NULL;
	return 0;
}

int ad_policy_automatic(struct ad_desk *desk, const char *oid, const struct ad_app *app,
	const struct ad_policy *policy, bool *ret, struct ad_err *err)
{
	int64_t used = 0;
	bool refused;
	int e;
	*ret = false;
	if (ad_policy_is_birthright(policy, app->classification)) {
		e = ad_store_birthright_refused(
			desk->db, desk->arena, desk->tenant_id, oid, app->id, &refused, err);
		*ret = e == 0 && !refused;
		return e;
	}
	if (!policy->automatic.on)
		return 0;
	e = ad_store_requests_automatic_count(desk->db, desk->arena, desk->tenant_id, oid,
		policy->automatic.window_days, &used, err);
	if (e == 0)
		*ret = ad_policy_is_automatic(policy, app->classification, (int)used);
	return e;
}
