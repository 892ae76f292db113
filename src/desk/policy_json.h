/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies as JSON (docs/guides/policies.md) and as the structs that the rules look at. Strict: an
 * unknown member, a wrong type or a passed limit is an error that names policy, place and remedy.
 * Private to desk. What is read lives in the arena, or in the document that it was read from.
 */
#ifndef AD_DESK_POLICY_JSON_H
#define AD_DESK_POLICY_JSON_H

#include "ad/desk.h"
#include "ad/domain/policy.h"

/* ---- policy_read.c ---- */

/* One policy. version is left 0. */
AD_MUST int ad_policy_read(struct ad_arena *arena, const struct ad_json *document,
	struct ad_policy *ret, struct ad_err *err);

/* ---- policy_print.c ---- */

/* The same policy as a document: members that have their usual value are left out, so that equal
 * policies are equal texts. */
struct ad_json *ad_policy_print(struct ad_arena *arena, const struct ad_policy *policy);

/* ---- policy_file.c ---- */

/* Who has one app may not have the other; winget ids. */
struct ad_policy_pair {
	const char *a;
	const char *b;
	const char *reason; /* "" for none */
};

#define AD_POLICY_PAIRS_MAX 500
#define AD_POLICY_FILE_MAX (1u << 20) /* bytes */

struct ad_policy_file {
	const struct ad_policy *policies; /* by what is looked at first */
	size_t count;
	bool has_pairs; /* false: the file says nothing about them */
	const struct ad_policy_pair *pairs;
	size_t pair_count;
};
AD_MUST int ad_policy_file_read(struct ad_arena *arena, const char *text, size_t len,
	struct ad_policy_file *ret, struct ad_err *err);
struct ad_json *ad_policy_file_print(struct ad_arena *arena, const struct ad_policy_file *file);

/* ---- policies.c ---- */

struct ad_policy_row;

/* The policy of a row. AD_ECONFIG when it cannot be read: nothing is decided by half of one. */
AD_MUST int ad_policy_of_row(struct ad_arena *arena, const struct ad_policy_row *row,
	struct ad_policy *ret, struct ad_err *err);

/* Those that count now, by what is looked at first; the built-in rule is not among them. One
 * statement. */
AD_MUST int ad_policies_active(
	struct ad_desk *desk, const struct ad_policy **ret, size_t *ret_count, struct ad_err *err);
/* One version; "" is the built-in rule. AD_ENOTFOUND. */
AD_MUST int ad_policy_version(struct ad_desk *desk, const char *name, int version,
	const struct ad_policy **ret, struct ad_err *err);

#endif
