/* SPDX-License-Identifier: Apache-2.0 */
/* What a file of policies would change. */
#include "policy_change.h"
#include "stages.h"
#include "ad/db.h"
#include "ad/store/policies.h"
#include "ad/text.h"

const char *ad_policy_step_name(enum ad_policy_step_kind kind)
{
	static const char *const names[] = {
		[AD_POLICY_NEW] = "new",
		[AD_POLICY_CHANGED] = "changed",
		[AD_POLICY_RETIRED] = "retired",
		[AD_POLICY_PAIR_NEW] = "pair_new",
		[AD_POLICY_PAIR_CHANGED] = "pair_changed",
		[AD_POLICY_PAIR_GONE] = "pair_gone",
	};
	return names[kind];
}

static void add(struct ad_policy_change *change, struct ad_policy_work step)
{
	change->steps[change->count++] = step;
}

/* ---- policies ---- */

static const struct ad_policy *find(const struct ad_policy_file *file, const char *name)
{
	for (size_t i = 0; i < file->count; i++)
		if (ad_text_eq(file->policies[i].name, name))
			return &file->policies[i];
	return NULL;
}

/* Equal policies are equal texts. */
static bool is_same(struct ad_arena *arena, const struct ad_policy *a, const struct ad_policy *b)
{
	return ad_text_eq(ad_json_print(arena, ad_policy_print(arena, a)),
		ad_json_print(arena, ad_policy_print(arena, b)));
}

static void compare_policies(struct ad_arena *arena, struct ad_policy_change *change)
{
	for (size_t i = 0; i < change->after.count; i++) {
		const struct ad_policy *after = &change->after.policies[i];
		const struct ad_policy *before = find(&change->before, after->name);
		if (!before)
			add(change,
				(struct ad_policy_work){ .kind = AD_POLICY_NEW, .after = after });
		else if (!is_same(arena, before, after))
			add(change, (struct ad_policy_work){ .kind = AD_POLICY_CHANGED,
					    .before = before,
					    .after = after });
	}
	for (size_t i = 0; i < change->before.count; i++) {
		const struct ad_policy *before = &change->before.policies[i];
		if (!find(&change->after, before->name))
			add(change, (struct ad_policy_work){
					    .kind = AD_POLICY_RETIRED, .before = before });
	}
}

/* ---- pairs ---- */

static bool is_pair(const struct ad_policy_pair *pair, const struct ad_incompatibility *row)
{
	return (ad_text_eq_nocase(pair->a, row->winget_a) &&
		       ad_text_eq_nocase(pair->b, row->winget_b)) ||
	       (ad_text_eq_nocase(pair->a, row->winget_b) &&
		       ad_text_eq_nocase(pair->b, row->winget_a));
}

static int find_app(struct ad_desk *desk, const char *package, int64_t *ret, struct ad_err *err)
{
	int e = ad_store_app_by_package(desk->db, desk->arena, desk->tenant_id, package, ret, err);
	if (e == AD_ENOTFOUND)
		return AD_FAIL(err, AD_ENOTFOUND,
			"incompatibilities name '%s', which is not in the catalogue: add it first "
			"(appdesk catalog add %s)",
			package, package);
	return e;
}

static int add_new_pair(struct ad_desk *desk, const struct ad_policy_pair *pair,
	struct ad_policy_change *change, struct ad_err *err)
{
	struct ad_incompatibility *row = ad_alloc(desk->arena, sizeof *row);
	*row = (struct ad_incompatibility){
		.winget_a = pair->a, .winget_b = pair->b, .reason = pair->reason
	};
	int e = find_app(desk, pair->a, &row->app_a, err);
	if (e == 0)
		e = find_app(desk, pair->b, &row->app_b, err);
	if (e == 0)
		add(change, (struct ad_policy_work){ .kind = AD_POLICY_PAIR_NEW, .pair = row });
	return e;
}

/* A pair of the file against those of the database. */
static int compare_pair(struct ad_desk *desk, const struct ad_policy_pair *pair,
	const struct ad_incompatibilities *rows, struct ad_policy_change *change,
	struct ad_err *err)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct ad_incompatibility *row = &rows->items[i];
		if (!is_pair(pair, row))
			continue;
		if (ad_text_eq(row->reason, pair->reason))
			return 0;
		struct ad_incompatibility *changed = ad_memdup(desk->arena, row, sizeof *row);
		changed->reason = pair->reason;
		add(change, (struct ad_policy_work){ .kind = AD_POLICY_PAIR_CHANGED,
				    .pair = changed,
				    .old_reason = row->reason });
		return 0;
	}
	return add_new_pair(desk, pair, change, err);
}

static bool is_named(const struct ad_policy_file *file, const struct ad_incompatibility *row)
{
	for (size_t i = 0; i < file->pair_count; i++)
		if (is_pair(&file->pairs[i], row))
			return true;
	return false;
}

static int compare_pairs(struct ad_desk *desk, const struct ad_incompatibilities *rows,
	struct ad_policy_change *change, struct ad_err *err)
{
	int e = 0;
	for (size_t i = 0; e == 0 && i < change->after.pair_count; i++)
		e = compare_pair(desk, &change->after.pairs[i], rows, change, err);
	for (size_t i = 0; e == 0 && i < rows->count; i++)
		if (!is_named(&change->after, &rows->items[i]))
			add(change, (struct ad_policy_work){ .kind = AD_POLICY_PAIR_GONE,
					    .pair = &rows->items[i],
					    .old_reason = rows->items[i].reason });
	return e;
}

/* ---- the whole ---- */

static void pairs_of(
	struct ad_arena *arena, const struct ad_incompatibilities *rows, struct ad_policy_file *ret)
{
	struct ad_policy_pair *pairs = ad_alloc_array(arena, rows->count, sizeof *pairs);
	for (size_t i = 0; i < rows->count; i++)
		pairs[i] = (struct ad_policy_pair){
			rows->items[i].winget_a,
			rows->items[i].winget_b,
			rows->items[i].reason,
		};
	ret->pairs = pairs;
	ret->pair_count = rows->count;
	ret->has_pairs = true;
}

int ad_policy_compare(struct ad_desk *desk, const struct ad_policy_file *file,
	struct ad_policy_change *ret, struct ad_err *err)
{
	struct ad_incompatibilities rows;
	*ret = (struct ad_policy_change){ .after = *file };
	int e = ad_policies_active(desk, &ret->before.policies, &ret->before.count, err);
	if (e == 0)
		e = ad_store_incompatibilities(desk->db, desk->arena, desk->tenant_id, &rows, err);
	if (e != 0)
		return e;
	pairs_of(desk->arena, &rows, &ret->before);
	ret->steps = ad_alloc_array(desk->arena,
		ret->before.count + ret->before.pair_count + file->count + file->pair_count,
		sizeof *ret->steps);
	compare_policies(desk->arena, ret);
	return file->has_pairs ? compare_pairs(desk, &rows, ret, err) : 0;
}

static struct ad_policy_step step_of(struct ad_arena *arena, const struct ad_policy_work *work)
{
	struct ad_policy_step ret = { .kind = work->kind };
	if (work->pair) {
		ret.name = ad_printf(arena, "%s, %s", work->pair->winget_a, work->pair->winget_b);
		return ret;
	}
	ret.name = work->after ? work->after->name : work->before->name;
	if (work->before) {
		ret.old_version = work->before->version;
		ret.old_body = ad_policy_print(arena, work->before);
	}
	if (work->after)
		ret.new_body = ad_policy_print(arena, work->after);
	return ret;
}

void ad_policy_plan_of(
	struct ad_arena *arena, const struct ad_policy_change *change, struct ad_policy_plan *ret)
{
	struct ad_policy_step *steps = ad_alloc_array(arena, change->count, sizeof *steps);
	for (size_t i = 0; i < change->count; i++)
		steps[i] = step_of(arena, &change->steps[i]);
	*ret = (struct ad_policy_plan){ .steps = steps, .count = change->count };
}
