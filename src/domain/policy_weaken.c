/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes laxer when one policy takes the place of another: that needs a second admin. */
#include "ad/domain/policy.h"
#include "ad/text.h"

const char *ad_weakening_name(int index)
{
	static const char *const names[AD_WEAKENINGS] = { "stage_gone", "fewer_needed", "automatic",
		"timeout_approves", "longer", "refusal_gone", "guests", "asked_others", "rejection",
		"birthright", "device" };
	return names[index];
}

static bool is_same_ask(const struct ad_asked *a, const struct ad_asked *b)
{
	return a->kind == b->kind && ad_text_eq_nocase(a->ref, b->ref);
}

/* ---- one stage ---- */

static bool needs_fewer(int before, int after)
{
	return after != 0 && (before == 0 || after < before);
}

/* Minutes until silence approves; 0: it never does. */
static long long approves_after(const struct ad_stage_rule *stage)
{
	if (stage->on_timeout != AD_TIMEOUT_APPROVE)
		return 0;
	return (long long)stage->timeout_min * (1 + (long long)stage->alternate_count);
}

static bool silence_approves(const struct ad_stage_rule *before, const struct ad_stage_rule *after)
{
	long long was = approves_after(before);
	long long is = approves_after(after);
	return is != 0 && (was == 0 || is < was);
}

static bool is_alternate(const struct ad_stage_rule *stage, const struct ad_asked *ask)
{
	for (size_t i = 0; i < stage->alternate_count; i++)
		if (is_same_ask(&stage->alternates[i], ask))
			return true;
	return false;
}

static bool asks_more(const struct ad_stage_rule *before, const struct ad_stage_rule *after)
{
	for (size_t i = 0; i < after->alternate_count; i++)
		if (!is_alternate(before, &after->alternates[i]))
			return true;
	return false;
}

static unsigned weakens_stage(const struct ad_stage_rule *before, const struct ad_stage_rule *after)
{
	unsigned bits = 0;
	if (needs_fewer(before->need, after->need))
		bits |= AD_WEAKER_FEWER_NEEDED;
	if (before->reject_ends && !after->reject_ends)
		bits |= AD_WEAKER_REJECTION;
	if (silence_approves(before, after))
		bits |= AD_WEAKER_TIMEOUT_APPROVES;
	if (asks_more(before, after))
		bits |= AD_WEAKER_ASKED_OTHERS;
	return bits;
}

/* ---- all stages ---- */

/* The first stage from `from` on that asks the same; the count when there is none. */
static size_t find_stage(const struct ad_policy *policy, size_t from, const struct ad_asked *ask)
{
	while (from < policy->stage_count && !is_same_ask(&policy->stages[from].ask, ask))
		from++;
	return from;
}

/* Each stage is compared with the one that asks the same people and comes after those found before:
 * a stage put in between is stricter, one that asks nobody any more is gone. */
static unsigned weakens_stages(const struct ad_policy *before, const struct ad_policy *after)
{
	unsigned bits = 0;
	size_t next = 0;
	for (size_t i = 0; i < before->stage_count; i++) {
		size_t j = find_stage(after, next, &before->stages[i].ask);
		if (j == after->stage_count) {
			bits |= after->stage_count < before->stage_count ? AD_WEAKER_STAGE_GONE
									 : AD_WEAKER_ASKED_OTHERS;
			continue;
		}
		bits |= weakens_stage(&before->stages[i], &after->stages[j]);
		next = j + 1;
	}
	return bits;
}

/* ---- all else ---- */

static bool is_more_automatic(const struct ad_auto_rule *before, const struct ad_auto_rule *after)
{
	return after->on && (!before->on || after->max > before->max ||
				    after->window_days < before->window_days);
}

static bool is_longer(int before, int after)
{
	return before != 0 && (after == 0 || after > before);
}

static bool keeps_longer(const struct ad_policy *before, const struct ad_policy *after)
{
	return before->birthright.on &&
	       after->birthright.grace_days > before->birthright.grace_days;
}

unsigned ad_policy_weakens(const struct ad_policy *before, const struct ad_policy *after)
{
	if (after->refusal)
		return 0;
	if (before->refusal)
		return AD_WEAKER_REFUSAL_GONE;
	unsigned bits = weakens_stages(before, after);
	if (is_more_automatic(&before->automatic, &after->automatic))
		bits |= AD_WEAKER_AUTOMATIC;
	if (after->birthright.on && !before->birthright.on)
		bits |= AD_WEAKER_BIRTHRIGHT;
	if (before->require_compliant_device && !after->require_compliant_device)
		bits |= AD_WEAKER_DEVICE;
	if (is_longer(before->grant_max_days, after->grant_max_days) || keeps_longer(before, after))
		bits |= AD_WEAKER_LONGER;
	if (after->match.guests && !before->match.guests)
		bits |= AD_WEAKER_GUESTS;
	if (after->ask_owner && !before->ask_owner)
		bits |= AD_WEAKER_ASKED_OTHERS;
	return bits;
}
