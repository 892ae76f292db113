/* SPDX-License-Identifier: Apache-2.0 */
/* What a change makes laxer: as rows that are kept, and as sentences. */
#include "policy_change.h"
#include "parts.h"
#include "proposal.h"
#include "ad/store/policies.h"
#include "ad/text.h"

#define SHIFTS_MAX 200 /* of one change */

/* ---- rows ---- */

static struct ad_json *row(struct ad_arena *arena, const char *what)
{
	struct ad_json *ret = ad_json_new_object(arena);
	ad_json_set_str(arena, ret, "what", what);
	return ret;
}

static void add_shift(
	struct ad_arena *arena, const struct ad_policy_shift *shift, struct ad_json *into)
{
	for (int i = 0; i < AD_WEAKENINGS; i++) {
		if ((shift->weakens >> i & 1u) == 0)
			continue;
		struct ad_json *item = row(arena, ad_weakening_name(i));
		ad_json_set_str(arena, item, "before", shift->before->name);
		ad_json_set_str(arena, item, "after", shift->after->name);
		ad_json_append(arena, into, item);
	}
}

struct ad_json *ad_laxer_policies(struct ad_arena *arena, const struct ad_policy_change *change)
{
	struct ad_json *ret = ad_json_new_array(arena);
	const struct ad_policies before = { change->before.policies, change->before.count };
	const struct ad_policies after = { change->after.policies, change->after.count };
	struct ad_policy_shift *shifts = ad_alloc_array(arena, SHIFTS_MAX, sizeof *shifts);
	size_t count = ad_policies_weaken(&before, &after, shifts, SHIFTS_MAX);
	for (size_t i = 0; i < count && i < SHIFTS_MAX; i++)
		add_shift(arena, &shifts[i], ret);
	for (size_t i = 0; i < change->count; i++) {
		const struct ad_policy_work *work = &change->steps[i];
		if (work->kind != AD_POLICY_PAIR_GONE)
			continue;
		struct ad_json *item = row(arena, "pair_gone");
		ad_json_set_str(arena, item, "before", work->pair->winget_a);
		ad_json_set_str(arena, item, "after", work->pair->winget_b);
		ad_json_append(arena, ret, item);
	}
	return ret;
}

struct ad_json *ad_laxer_setting(struct ad_arena *arena, const char *key, const char *value)
{
	struct ad_json *ret = ad_json_new_array(arena);
	struct ad_json *item = row(arena, "setting");
	ad_json_set_str(arena, item, "before", key);
	ad_json_set_str(arena, item, "after", value);
	ad_json_append(arena, ret, item);
	return ret;
}

/* ---- sentences ---- */

/* How the two policies are named: "design instead of sensitive". */
static const char *naming_key(const char *before, const char *after)
{
	if (ad_text_eq(before, after))
		return "laxer.same";
	if (ad_text_empty(before))
		return "laxer.first";
	return ad_text_empty(after) ? "laxer.none" : "laxer.instead";
}

static int sentence(struct ad_desk *desk, const char *locale, const struct ad_json *item,
	const char **ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	const char *before = ad_json_str(item, "before");
	const char *after = ad_json_str(item, "after");
	ad_json_set_str(desk->arena, data, "before", before);
	ad_json_set_str(desk->arena, data, "after", after);
	ad_json_set_int(desk->arena, data, "days", AD_PROPOSAL_DAYS);
	ad_json_set_int(desk->arena, data, "people", ad_json_int(item, "people", 0));
	int e = ad_words_into(desk, locale, naming_key(before, after), data, "policy", err);
	if (e != 0)
		return e;
	return ad_words(desk, locale, ad_printf(desk->arena, "laxer.%s", ad_json_str(item, "what")),
		data, ret, err);
}

int ad_laxer_sentences(struct ad_desk *desk, const char *locale, const struct ad_json *weakens,
	const char *const **ret, size_t *ret_count, struct ad_err *err)
{
	size_t count = 0;
	const char **items = ad_alloc_array(desk->arena, ad_json_count(weakens), sizeof *items);
	AD_JSON_EACH(item, weakens)
	{
		int e = sentence(desk, locale, item, &items[count++], err);
		if (e != 0)
			return e;
	}
	*ret = items;
	*ret_count = count;
	return 0;
}
