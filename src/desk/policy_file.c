/* SPDX-License-Identifier: Apache-2.0 */
/* A file of policies: all of them, and which apps exclude each other. */
#include "fields.h"
#include "policy_json.h"
#include "ad/text.h"

#include <stdlib.h>

#define PACKAGE_MAX 200 /* characters */

/* ---- policies ---- */

static int read_policy(const struct ad_field *at, void *ret)
{
	int e = ad_policy_read(at->arena, at->value, ret, at->err);
	if (e != 0)
		ad_err_prefix(at->err, "%s: ", at->path);
	return e;
}

static int by_order(const void *a, const void *b)
{
	return ad_policy_precedes(a, b) ? -1 : ad_policy_precedes(b, a) ? 1 : 0;
}

static int by_name(const void *a, const void *b)
{
	const struct ad_policy *left = a;
	const struct ad_policy *right = b;
	return strcmp(left->name, right->name);
}

/* A name is there once. */
static int check_names(const struct ad_field *at, struct ad_policy *policies, size_t count)
{
	qsort(policies, count, sizeof *policies, by_name);
	for (size_t i = 1; i < count; i++)
		if (ad_text_eq(policies[i].name, policies[i - 1].name))
			return ad_field_fault(at, "name '%s' twice; each needs a name of its own",
				policies[i].name);
	qsort(policies, count, sizeof *policies, by_order);
	return 0;
}

/* Comparing sets of policies looks at each entry beside each other one. */
static int check_entries(const struct ad_field *at, const struct ad_policy *policies, size_t count)
{
	size_t entries = 0;
	for (size_t i = 0; i < count; i++) {
		const struct ad_policy_match *match = &policies[i].match;
		entries += match->package_count + match->classification_count + match->group_count +
			   match->department_count + match->title_count;
	}
	if (entries > AD_POLICY_ENTRIES_MAX)
		return ad_field_fault(at,
			"have %zu entries in the lists of match, at most %d: use groups, or "
			"packages with a star",
			entries, AD_POLICY_ENTRIES_MAX);
	return 0;
}

/* ---- pairs ---- */

static int read_pair(const struct ad_field *at, void *slot)
{
	struct ad_policy_pair *ret = slot;
	size_t count = ad_json_count(at->value);
	if (ad_json_kind(at->value) != AD_JSON_ARRAY || count < 2 || count > 3)
		return ad_field_fault(at, "must be two packages and perhaps a reason, as in "
					  "[\"7zip.7zip\", \"Contoso.Viewer\", \"Why\"]");
	const char *parts[] = { "", "", "" };
	for (size_t i = 0; i < count; i++) {
		struct ad_field part = *at;
		part.path = ad_printf(at->arena, "%s[%zu]", at->path, i);
		part.value = ad_json_at(at->value, i);
		int e = ad_field_text(&part, i < 2 ? PACKAGE_MAX : AD_REASON_MAX, &parts[i]);
		if (e != 0)
			return e;
	}
	if (ad_text_eq_nocase(parts[0], parts[1]))
		return ad_field_fault(at, "names one package twice");
	/* Once, whichever way it is written. */
	bool ordered = strcasecmp(parts[0], parts[1]) < 0;
	*ret = (struct ad_policy_pair){ parts[!ordered], parts[ordered], parts[2] };
	return 0;
}

static int by_packages(const void *a, const void *b)
{
	const struct ad_policy_pair *left = a;
	const struct ad_policy_pair *right = b;
	int order = strcasecmp(left->a, right->a);
	return order != 0 ? order : strcasecmp(left->b, right->b);
}

static int check_pairs(const struct ad_field *at, struct ad_policy_pair *pairs, size_t count)
{
	qsort(pairs, count, sizeof *pairs, by_packages);
	for (size_t i = 1; i < count; i++)
		if (by_packages(&pairs[i], &pairs[i - 1]) == 0)
			return ad_field_fault(at, "name %s and %s twice", pairs[i].a, pairs[i].b);
	return 0;
}

/* ---- the whole ---- */

static int read_policies(const struct ad_field *at, struct ad_policy_file *ret)
{
	const void *items = NULL;
	if (ad_field_absent(at))
		return ad_field_fault(at, "are missing: the file is {\"policies\": [...]}");
	int e = ad_field_list(
		at, AD_POLICIES_MAX, sizeof(struct ad_policy), read_policy, &items, &ret->count);
	if (e != 0)
		return e;
	struct ad_policy *policies =
		ad_memdup(at->arena, items, ret->count * sizeof(struct ad_policy));
	ret->policies = policies;
	e = check_entries(at, policies, ret->count);
	return e == 0 ? check_names(at, policies, ret->count) : e;
}

static int read_pairs(const struct ad_field *at, struct ad_policy_file *ret)
{
	const void *items = NULL;
	int e = ad_field_list(at, AD_POLICY_PAIRS_MAX, sizeof(struct ad_policy_pair), read_pair,
		&items, &ret->pair_count);
	if (e != 0)
		return e;
	struct ad_policy_pair *pairs =
		ad_memdup(at->arena, items, ret->pair_count * sizeof(struct ad_policy_pair));
	ret->pairs = pairs;
	ret->has_pairs = !ad_field_absent(at);
	return check_pairs(at, pairs, ret->pair_count);
}

int ad_policy_file_read(struct ad_arena *arena, const char *text, size_t len,
	struct ad_policy_file *ret, struct ad_err *err)
{
	static const char *const known[] = { "policies", "incompatibilities", NULL };
	struct ad_json *document;
	*ret = (struct ad_policy_file){ 0 };
	if (len > AD_POLICY_FILE_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "the file of policies is larger than %u bytes",
			AD_POLICY_FILE_MAX);
	int e = ad_json_parse(arena, text, len, &document, err);
	if (e != 0) {
		ad_err_prefix(err, "the file of policies is not JSON: ");
		return e;
	}
	const struct ad_field at = { arena, "the file of policies", "", document, err };
	e = ad_field_object(&at, known);
	const struct ad_field policies = ad_field_member(&at, "policies");
	const struct ad_field pairs = ad_field_member(&at, "incompatibilities");
	if (e == 0)
		e = read_policies(&policies, ret);
	return e == 0 ? read_pairs(&pairs, ret) : e;
}

struct ad_json *ad_policy_file_print(struct ad_arena *arena, const struct ad_policy_file *file)
{
	struct ad_json *ret = ad_json_new_object(arena);
	struct ad_json *policies = ad_json_new_array(arena);
	struct ad_json *pairs = ad_json_new_array(arena);
	for (size_t i = 0; i < file->count; i++)
		ad_json_append(arena, policies, ad_policy_print(arena, &file->policies[i]));
	for (size_t i = 0; i < file->pair_count; i++) {
		struct ad_json *pair = ad_json_new_array(arena);
		ad_json_append(arena, pair, ad_json_new_string(arena, file->pairs[i].a));
		ad_json_append(arena, pair, ad_json_new_string(arena, file->pairs[i].b));
		if (!ad_text_empty(file->pairs[i].reason))
			ad_json_append(
				arena, pair, ad_json_new_string(arena, file->pairs[i].reason));
		ad_json_append(arena, pairs, pair);
	}
	ad_json_set(arena, ret, "policies", policies);
	if (file->has_pairs)
		ad_json_set(arena, ret, "incompatibilities", pairs);
	return ret;
}
