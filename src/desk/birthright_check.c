/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what people got without asking still comes with what they are, and how many a change
 * means. */
#include "birthright.h"
#include "grants.h"
#include "stages.h"
#include "ad/text.h"

#define CHECKS_MAX 50 /* grants of one look */

/* ---- grants ---- */

struct check {
	struct ad_birthright_grant row;
	struct ad_grant grant;
	bool named; /* by a policy with a birthright for this app */
};

static int look(struct ad_desk *desk, struct check *check, struct ad_err *err)
{
	struct ad_app app;
	const struct ad_policy *policy;
	int e = ad_store_grant_get(
		desk->db, desk->arena, desk->tenant_id, check->row.id, &check->grant, err);
	if (e == 0)
		e = ad_store_app_get(
			desk->db, desk->arena, desk->tenant_id, check->grant.app_id, &app, err);
	if (e != 0)
		return e;
	const struct ad_person who = {
		.oid = check->grant.oid, .name = check->grant.person_name, .locale = ""
	};
	e = ad_policy_for(desk, &who, &app, &policy, err);
	check->named = e == 0 && ad_policy_is_birthright(policy, app.classification);
	return e;
}

static int trail(struct ad_desk *desk, const struct check *check, const char *action)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, details, "request_id", check->grant.request_id);
	ad_json_set_int(desk->arena, details, "app_id", check->grant.app_id);
	ad_json_set_str(desk->arena, details, "person", check->grant.oid);
	ad_json_set_str(desk->arena, details, "policy", check->row.policy_name);
	ad_json_set_int(desk->arena, details, "policy_version", check->row.policy_version);
	return ad_trail_later(desk, &(struct ad_event){ .action = action,
					    .entity_type = "grant",
					    .entity_id = check->grant.id,
					    .details = details });
}

/* The row as it is now, and its person is told; the fact has the end, for it may come again. */
static int tell(struct ad_desk *desk, struct check *check, const char *key, struct ad_err *err)
{
	struct ad_grant *grant = &check->grant;
	int e = ad_store_grant_get(desk->db, desk->arena, desk->tenant_id, grant->id, grant, err);
	bool lapses = grant->expires_at != NULL;
	if (e != 0)
		return e;
	return ad_grant_tell(desk, grant, lapses ? AD_GRANT_OFFER : AD_GRANT_PLAIN, key,
		ad_printf(desk->arena, "%s.%s", key + strlen("grant."),
			lapses ? grant->expires_at : ""),
		err);
}

/* It ends after the grace that the policy gave when it brought the app. */
static int lapse(struct ad_desk *desk, struct check *check, struct ad_err *err)
{
	const struct ad_policy *policy;
	struct ad_grant *grant = &check->grant;
	int e = ad_policy_version(
		desk, check->row.policy_name, check->row.policy_version, &policy, err);
	if (e == 0)
		e = ad_grant_hold(desk, check->row.id, grant, err);
	if (e != 0 || grant->state != AD_GRANT_ACTIVE)
		return e;
	(void)trail(desk, check, "grant.lapsing");
	if (policy->birthright.grace_days == 0) {
		e = ad_grant_finish(desk, grant,
			&(struct ad_grant_ending){
				.state = AD_GRANT_REVOKED, .reason = "birthright", .quiet = true },
			err);
		return e == 0 ? tell(desk, check, "grant.lapsed", err) : e;
	}
	e = ad_store_birthright_lapse(
		desk->db, desk->arena, grant->id, policy->birthright.grace_days, err);
	return e == 0 ? tell(desk, check, "grant.lapsing", err) : e;
}

static int restore(struct ad_desk *desk, struct check *check, struct ad_err *err)
{
	int e = ad_grant_hold(desk, check->row.id, &check->grant, err);
	if (e != 0 || check->grant.state != AD_GRANT_ACTIVE)
		return e;
	(void)trail(desk, check, "grant.restored");
	e = ad_store_birthright_restore(desk->db, desk->arena, check->row.id, err);
	return e == 0 ? tell(desk, check, "grant.restored", err) : e;
}

static int follow(struct ad_desk *desk, struct check *check, struct ad_err *err)
{
	int e = 0;
	if (!check->named && !check->row.lapsed)
		e = lapse(desk, check, err);
	else if (check->named && check->row.lapsed)
		e = restore(desk, check, err);
	return e == 0 ? ad_store_birthright_checked(desk->db, desk->arena, check->row.id, err) : e;
}

int ad_birthrights_check(struct ad_desk *desk, bool *ret_more, struct ad_err *err)
{
	struct ad_birthright_grant *rows;
	size_t count;
	int first = 0;
	int e = ad_store_birthrights_unchecked(
		desk->db, desk->arena, desk->tenant_id, CHECKS_MAX, &rows, &count, err);
	if (e != 0)
		return e;
	struct check *checks = ad_alloc_array(desk->arena, count, sizeof *checks);
	for (size_t i = 0; i < count; i++) {
		checks[i] = (struct check){ .row = rows[i] };
		e = look(desk, &checks[i], err);
		if (e != 0 && e != AD_ECONFLICT)
			return e;
		first = first == 0 ? e : first;
	}
	for (size_t i = 0; first == 0 && i < count; i++)
		first = follow(desk, &checks[i], err);
	*ret_more = count == CHECKS_MAX;
	return first;
}

/* ---- how many a change means ---- */

static int count_policy(
	struct ad_desk *desk, const struct ad_policy *policy, int64_t *ret, struct ad_err *err)
{
	int e = 0;
	*ret = 0;
	for (size_t i = 0; e == 0 && i < policy->match.package_count; i++) {
		int64_t app_id;
		int64_t people;
		e = ad_store_app_by_package(desk->db, desk->arena, desk->tenant_id,
			policy->match.packages[i], &app_id, err);
		if (e == AD_ENOTFOUND) {
			e = 0;
			continue;
		}
		const struct ad_birthright_query query =
			ad_birthright_query_of(desk, policy, app_id);
		if (e == 0)
			e = ad_store_birthrights_count(desk->db, desk->arena, &query, &people, err);
		if (e == 0 && people > *ret)
			*ret = people;
	}
	return e;
}

int ad_birthrights_count(struct ad_desk *desk, const struct ad_policy_file *file,
	struct ad_json *weakens, struct ad_err *err)
{
	AD_JSON_EACH(item, weakens)
	{
		int64_t people = 0;
		if (!ad_text_eq(ad_json_str(item, "what"), "birthright"))
			continue;
		for (size_t i = 0; i < file->count; i++) {
			if (!ad_text_eq(file->policies[i].name, ad_json_str(item, "after")))
				continue;
			int e = count_policy(desk, &file->policies[i], &people, err);
			if (e != 0)
				return e;
		}
		ad_json_set_int(desk->arena, item, "people", people);
	}
	return 0;
}
