/* SPDX-License-Identifier: Apache-2.0 */
/* Files of policies: checked, compared, imported, exported. */
#include "birthright.h"
#include "policy_change.h"
#include "parts.h"
#include "proposal.h"
#include "ad/store/birthrights.h"
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

static int trail_policy(
	struct ad_desk *desk, const struct ad_change_by *by, const struct ad_policy_step *step)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "change", ad_policy_step_name(step->kind));
	ad_json_set_int(desk->arena, details, "old_version", step->old_version);
	ad_json_set_int(desk->arena, details, "new_version", step->new_version);
	set_copy(desk, details, "old", step->old_body);
	set_copy(desk, details, "new", step->new_body);
	ad_change_note(desk->arena, by, details);
	return ad_trail_later(desk, &(struct ad_event){ .who = by->who,
					    .action = "policy.version",
					    .entity_type = "policy",
					    .entity_name = step->name,
					    .details = details });
}

static int trail_pair(
	struct ad_desk *desk, const struct ad_change_by *by, const struct ad_policy_work *work)
{
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, details, "change", ad_policy_step_name(work->kind));
	ad_json_set_str(desk->arena, details, "a", work->pair->winget_a);
	ad_json_set_str(desk->arena, details, "b", work->pair->winget_b);
	if (work->old_reason)
		ad_json_set_str(desk->arena, details, "old", work->old_reason);
	if (work->kind != AD_POLICY_PAIR_GONE)
		ad_json_set_str(desk->arena, details, "new", work->pair->reason);
	ad_change_note(desk->arena, by, details);
	return ad_trail_later(desk, &(struct ad_event){ .who = by->who,
					    .action = "incompatibility.changed",
					    .entity_type = "app",
					    .entity_id = work->pair->app_a,
					    .details = details });
}

int ad_policy_carry_out(struct ad_desk *desk, const struct ad_change_by *by,
	const struct ad_policy_change *change, struct ad_policy_plan *ret, struct ad_err *err)
{
	ad_policy_plan_of(desk->arena, change, ret);
	struct ad_policy_step *steps =
		ad_memdup(desk->arena, ret->steps, ret->count * sizeof *steps);
	ret->steps = steps;
	int e = 0;
	for (size_t i = 0; e == 0 && i < change->count; i++)
		e = write_step(desk, by->who->oid, &change->steps[i], &steps[i], err);
	if (e == 0 && change->count > 0)
		e = ad_store_birthrights_check_anew(
			desk->db, desk->arena, desk->tenant_id, "", err);
	for (size_t i = 0; e == 0 && i < change->count; i++)
		e = change->steps[i].pair ? trail_pair(desk, by, &change->steps[i])
					  : trail_policy(desk, by, &steps[i]);
	return e;
}

/* ---- or proposing it ---- */

/* What is to be done, what counted when it was proposed, and the steps by name for the card. */
static struct ad_json *content_of(struct ad_arena *arena, const struct ad_policy_change *change,
	const struct ad_policy_plan *plan)
{
	struct ad_json *ret = ad_json_new_object(arena);
	struct ad_json *steps = ad_json_new_array(arena);
	for (size_t i = 0; i < plan->count; i++) {
		struct ad_json *step = ad_json_new_object(arena);
		ad_json_set_str(arena, step, "change", ad_policy_step_name(plan->steps[i].kind));
		ad_json_set_str(arena, step, "name", plan->steps[i].name);
		ad_json_append(arena, steps, step);
	}
	ad_json_set(arena, ret, "file", ad_policy_file_print(arena, &change->after));
	ad_json_set(arena, ret, "base", ad_policy_file_print(arena, &change->before));
	ad_json_set(arena, ret, "steps", steps);
	return ret;
}

static int propose(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_policy_change *change, const struct ad_json *weakens,
	struct ad_policy_plan *ret, struct ad_err *err)
{
	return ad_proposal_open(desk,
		&(struct ad_proposal_draft){ .kind = AD_PROPOSAL_POLICIES,
			.subject = "",
			.content = content_of(desk->arena, change, ret),
			.weakens = weakens,
			.who = who },
		&ret->proposal, err);
}

static int plan_and_laxer(struct ad_desk *desk, const struct ad_policy_change *change,
	const struct ad_json **ret_weakens, struct ad_policy_plan *ret, struct ad_err *err)
{
	ad_policy_plan_of(desk->arena, change, ret);
	struct ad_json *weakens = ad_laxer_policies(desk->arena, change);
	*ret_weakens = weakens;
	int e = ad_birthrights_count(desk, &change->after, weakens, err);
	if (e != 0)
		return e;
	return ad_laxer_sentences(desk, "", *ret_weakens, &ret->laxer, &ret->laxer_count, err);
}

int ad_desk_policy_plan(struct ad_desk *desk, const char *text, size_t len,
	struct ad_policy_plan *ret, struct ad_err *err)
{
	struct ad_policy_change change;
	const struct ad_json *weakens;
	int e = read_and_compare(desk, text, len, &change, err);
	return e == 0 ? plan_and_laxer(desk, &change, &weakens, ret, err) : e;
}

int ad_desk_policy_import(struct ad_desk *desk, const char *actor, const char *text, size_t len,
	struct ad_policy_plan *ret, struct ad_err *err)
{
	struct ad_policy_change change;
	const struct ad_json *weakens;
	const struct ad_person who = { .oid = actor, .mail = "" };
	const struct ad_change_by by = { .who = &who };
	bool in_use = true;
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int e = ad_store_policies_lock(desk->db, desk->arena, desk->tenant_id, err);
	if (e == 0)
		e = read_and_compare(desk, text, len, &change, err);
	if (e == 0)
		e = plan_and_laxer(desk, &change, &weakens, ret, err);
	if (e == 0)
		e = ad_store_tenant_in_use(desk->db, desk->arena, desk->tenant_id, &in_use, err);
	if (e != 0)
		return e;
	if (ret->laxer_count > 0 && in_use)
		return propose(desk, &who, &change, weakens, ret, err);
	struct ad_policy_plan done;
	e = ad_policy_carry_out(desk, &by, &change, &done, err);
	ret->steps = done.steps;
	return e == 0 ? ad_trail_flush(desk, err) : e;
}

/* ---- the second admin has accepted ---- */

/* The documents that a proposal holds were read before they were kept. */
static int read_part(struct ad_desk *desk, const struct ad_json *content, const char *name,
	struct ad_policy_file *ret, struct ad_err *err)
{
	const char *text = ad_json_print(desk->arena, ad_json_get(content, name));
	return ad_policy_file_read(desk->arena, text, strlen(text), ret, err);
}

static const char *print(struct ad_desk *desk, const struct ad_policy_file *file)
{
	return ad_json_print(desk->arena, ad_policy_file_print(desk->arena, file));
}

int ad_policy_accept(struct ad_desk *desk, const struct ad_change_by *by,
	const struct ad_json *content, bool *ret_stale, struct ad_err *err)
{
	struct ad_policy_file file;
	struct ad_policy_file base;
	struct ad_policy_change change;
	struct ad_policy_plan done;
	int e = ad_store_policies_lock(desk->db, desk->arena, desk->tenant_id, err);
	if (e == 0)
		e = read_part(desk, content, "file", &file, err);
	if (e == 0)
		e = read_part(desk, content, "base", &base, err);
	if (e == 0)
		e = ad_policy_compare(desk, &file, &change, err);
	if (e != 0)
		return e;
	/* What was shown as laxer was so beside what counted then. */
	*ret_stale = !ad_text_eq(print(desk, &base), print(desk, &change.before));
	return *ret_stale ? 0 : ad_policy_carry_out(desk, by, &change, &done, err);
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
