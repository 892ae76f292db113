/* SPDX-License-Identifier: Apache-2.0 */
/* Files of policies: checked, compared, imported, exported. */
#include "policy_change.h"
#include "parts.h"
#include "ad/store/policies.h"
#include "ad/store/preferences.h"
#include "ad/text.h"

/* ---- before ---- */

int ad_desk_policy_check(struct ad_arena *arena, const char *text, size_t len, size_t *ret_policies,
	struct ad_err *err)
{
	struct ad_policy_file file;
	int e = ad_policy_file_read(arena, text, len, &file, err);
	*ret_policies = file.count;
	return e;
}

/* What only the database knows: the names of time zones. */
static int check_zones(struct ad_desk *desk, const struct ad_policy_file *file, struct ad_err *err)
{
	for (size_t i = 0; i < file->count; i++) {
		const struct ad_policy *policy = &file->policies[i];
		const char *known;
		if (!policy->hours.on)
			continue;
		int e = ad_store_preferences_zone(
			desk->db, desk->arena, policy->hours.time_zone, &known, err);
		if (e == AD_ENOTFOUND)
			return AD_FAIL(err, AD_EINVAL,
				"policy '%s': hours.time_zone must be a time zone of the IANA "
				"list, as in \"Europe/Berlin\", not '%.64s'",
				policy->name, policy->hours.time_zone);
		if (e != 0)
			return e;
	}
	return 0;
}

static int read_and_compare(struct ad_desk *desk, const char *text, size_t len,
	struct ad_policy_change *ret, struct ad_err *err)
{
	struct ad_policy_file file;
	int e = ad_policy_file_read(desk->arena, text, len, &file, err);
	if (e == 0)
		e = check_zones(desk, &file, err);
	return e == 0 ? ad_policy_compare(desk, &file, ret, err) : e;
}

int ad_desk_policy_plan(struct ad_desk *desk, const char *text, size_t len,
	struct ad_policy_plan *ret, struct ad_err *err)
{
	struct ad_policy_change change;
	int e = read_and_compare(desk, text, len, &change, err);
	if (e == 0)
		ad_policy_plan_of(desk->arena, &change, ret);
	return e;
}

/* ---- doing it ---- */

static int write_step(struct ad_desk *desk, const char *actor, const struct ad_policy_work *work,
	struct ad_policy_step *step, struct ad_err *err)
{
	struct ad_db *db = desk->db;
	if (work->kind == AD_POLICY_RETIRED)
		return ad_store_policy_retire(db, desk->arena, desk->tenant_id, step->name, err);
	if (work->kind == AD_POLICY_PAIR_GONE)
		return ad_store_incompatibility_remove(
			db, desk->arena, desk->tenant_id, work->pair, err);
	if (work->pair)
		return ad_store_incompatibility_put(
			db, desk->arena, desk->tenant_id, work->pair, err);
	const struct ad_policy_row row = {
		.name = step->name,
		.priority = work->after->priority,
		.body = ad_json_print(desk->arena, step->new_body),
		.changed_by = actor,
	};
	return ad_store_policy_put(db, desk->arena, desk->tenant_id, &row, &step->new_version, err);
}

static void set_copy(const struct ad_desk *desk, struct ad_json *into, const char *name,
	const struct ad_json *value)
{
	if (value)
		ad_json_set(desk->arena, into, name, ad_json_copy(desk->arena, value));
}

static int trail_policy(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_policy_step *step, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "change", ad_policy_step_name(step->kind));
	ad_json_set_int(desk->arena, details, "old_version", step->old_version);
	ad_json_set_int(desk->arena, details, "new_version", step->new_version);
	set_copy(desk, details, "old", step->old_body);
	set_copy(desk, details, "new", step->new_body);
	return ad_trail(desk,
		&(struct ad_event){ .who = who,
			.action = "policy.version",
			.entity_type = "policy",
			.entity_name = step->name,
			.details = details },
		err);
}

static int trail_pair(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_policy_work *work, struct ad_err *err)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "change", ad_policy_step_name(work->kind));
	ad_json_set_str(desk->arena, details, "a", work->pair->winget_a);
	ad_json_set_str(desk->arena, details, "b", work->pair->winget_b);
	if (work->old_reason)
		ad_json_set_str(desk->arena, details, "old", work->old_reason);
	if (work->kind != AD_POLICY_PAIR_GONE)
		ad_json_set_str(desk->arena, details, "new", work->pair->reason);
	return ad_trail(desk,
		&(struct ad_event){ .who = who,
			.action = "incompatibility.changed",
			.entity_type = "app",
			.entity_id = work->pair->app_a,
			.details = details },
		err);
}

int ad_policy_carry_out(struct ad_desk *desk, const char *actor,
	const struct ad_policy_change *change, struct ad_policy_plan *ret, struct ad_err *err)
{
	const struct ad_person who = { .oid = actor, .mail = "" };
	ad_policy_plan_of(desk->arena, change, ret);
	struct ad_policy_step *steps =
		ad_memdup(desk->arena, ret->steps, ret->count * sizeof *steps);
	ret->steps = steps;
	int e = 0;
	for (size_t i = 0; e == 0 && i < change->count; i++)
		e = write_step(desk, actor, &change->steps[i], &steps[i], err);
	/* Rows of the trail come last: from the first one on its end is ours. */
	for (size_t i = 0; e == 0 && i < change->count; i++)
		e = change->steps[i].pair ? trail_pair(desk, &who, &change->steps[i], err)
					  : trail_policy(desk, &who, &steps[i], err);
	return e;
}

int ad_desk_policy_import(struct ad_desk *desk, const char *actor, const char *text, size_t len,
	struct ad_policy_plan *ret, struct ad_err *err)
{
	struct ad_policy_change change;
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int e = ad_store_policies_lock(desk->db, desk->arena, desk->tenant_id, err);
	if (e == 0)
		e = read_and_compare(desk, text, len, &change, err);
	return e == 0 ? ad_policy_carry_out(desk, actor, &change, ret, err) : e;
}

/* ---- export ---- */

int ad_desk_policy_export(struct ad_desk *desk, const struct ad_json **ret, struct ad_err *err)
{
	const struct ad_policy_file nothing = { 0 };
	struct ad_policy_change change;
	int e = ad_policy_compare(desk, &nothing, &change, err);
	if (e == 0)
		*ret = ad_policy_file_print(desk->arena, &change.before);
	return e;
}
