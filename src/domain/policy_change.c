/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes laxer when one set of policies takes the place of another. People move between
 * policies when a policy comes, goes, catches others than before or is looked at sooner or later.
 * Two policies are compared when somebody may move from the one to the other.
 */
#include "ad/domain/policy.h"
#include "ad/text.h"

/* ---- lists: an empty one asks for nothing ---- */

struct list {
	const char *const *items;
	size_t count;
};

typedef bool relation(const char *a, const char *b);

static bool is_any(const struct list *a, const char *b, relation *holds)
{
	for (size_t i = 0; i < a->count; i++)
		if (holds(a->items[i], b))
			return true;
	return false;
}

static bool lists_meet(struct list a, struct list b, relation *meet)
{
	for (size_t i = 0; i < b.count; i++)
		if (is_any(&a, b.items[i], meet))
			return true;
	return a.count == 0 || b.count == 0;
}

static bool list_covers(struct list a, struct list b, relation *covers)
{
	for (size_t i = 0; i < b.count; i++)
		if (a.count > 0 && !is_any(&a, b.items[i], covers))
			return false;
	return a.count == 0 || b.count > 0;
}

#define LIST(match, field) ((struct list){ (match)->field##s, (match)->field##_count })

/* ---- matches ---- */

/* Somebody may be meant by both. A person is in several groups, so groups never tell apart. */
static bool matches_meet(const struct ad_policy_match *a, const struct ad_policy_match *b)
{
	return lists_meet(LIST(a, package), LIST(b, package), ad_package_patterns_meet) &&
	       lists_meet(LIST(a, classification), LIST(b, classification), ad_text_eq_nocase) &&
	       lists_meet(LIST(a, department), LIST(b, department), ad_text_eq_nocase) &&
	       lists_meet(LIST(a, title), LIST(b, title), ad_text_eq_nocase);
}

/* Whoever is meant by b is meant by a. */
static bool match_covers(const struct ad_policy_match *a, const struct ad_policy_match *b)
{
	return (a->guests || !b->guests) &&
	       /* a pattern reads as a package whose end is a star */
	       list_covers(LIST(a, package), LIST(b, package), ad_package_matches) &&
	       list_covers(LIST(a, classification), LIST(b, classification), ad_text_eq_nocase) &&
	       list_covers(LIST(a, group), LIST(b, group), ad_text_eq_nocase) &&
	       list_covers(LIST(a, department), LIST(b, department), ad_text_eq_nocase) &&
	       list_covers(LIST(a, title), LIST(b, title), ad_text_eq_nocase);
}

/* ---- sets ---- */

static bool is_built_in(const struct ad_policy *policy)
{
	return ad_text_empty(policy->name);
}

/* Everybody comes to the built-in one at last: also guests, whom it refuses. */
static const struct ad_policy_match *match_of(const struct ad_policy *policy)
{
	static const struct ad_policy_match everybody = { .guests = true };
	return is_built_in(policy) ? &everybody : &policy->match;
}

/* Whether nobody whom both mean gets as far as this policy of the set: an earlier one means all of
 * them. The built-in one is in no set, and looked at last. */
static bool is_shadowed(const struct ad_policies *set, const struct ad_policy *policy,
	const struct ad_policy *other)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct ad_policy *earlier = &set->items[i];
		bool precedes = is_built_in(policy) || ad_policy_precedes(earlier, policy);
		if (precedes && (match_covers(&earlier->match, match_of(policy)) ||
					match_covers(&earlier->match, match_of(other))))
			return true;
	}
	return false;
}

/* Whether somebody may have been with one and come to the other. (A policy that stays as it was
 * and comes first keeps its people: it hides the other one from them.) */
static bool may_move(const struct ad_policies *from, const struct ad_policies *to,
	const struct ad_policy *before, const struct ad_policy *after)
{
	return matches_meet(match_of(before), match_of(after)) &&
	       !is_shadowed(from, before, after) && !is_shadowed(to, after, before);
}

/* Guests were never with a policy that is not for them: they come from the built-in one. */
static unsigned weakens(const struct ad_policy *before, const struct ad_policy *after)
{
	unsigned bits = ad_policy_weakens(before, after);
	bool moves = !ad_text_eq(before->name, after->name);
	return moves && !is_built_in(before) ? bits & ~(unsigned)AD_WEAKER_GUESTS : bits;
}

/* The set's policies, and then the built-in one. */
static const struct ad_policy *at(const struct ad_policies *set, size_t i)
{
	return i < set->count ? &set->items[i] : ad_policy_built_in();
}

size_t ad_policies_weaken(const struct ad_policies *before, const struct ad_policies *after,
	struct ad_policy_shift *ret, size_t max)
{
	size_t count = 0;
	for (size_t i = 0; i <= before->count; i++) {
		for (size_t j = 0; j <= after->count; j++) {
			const struct ad_policy *from = at(before, i);
			const struct ad_policy *to = at(after, j);
			unsigned bits = weakens(from, to);
			if (bits == 0 || !may_move(before, after, from, to))
				continue;
			if (count < max)
				ret[count] = (struct ad_policy_shift){ from, to, bits };
			count++;
		}
	}
	return count;
}
