/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies as files (docs/guides/policies.md): checked, compared with those that count, imported,
 * exported. A file is the whole truth: a policy that is not in it counts no more. Functions with a
 * desk run in the caller's transaction; a worker thread of its own connection.
 */
#ifndef AD_DESK_POLICY_H
#define AD_DESK_POLICY_H

#include "ad/desk.h"

enum ad_policy_step_kind {
	AD_POLICY_NEW = 0,
	AD_POLICY_CHANGED,
	AD_POLICY_RETIRED,
	AD_POLICY_PAIR_NEW, /* two apps exclude each other */
	AD_POLICY_PAIR_CHANGED,
	AD_POLICY_PAIR_GONE
};
/* "new", "changed", "retired", "pair_new", "pair_changed", "pair_gone". Never NULL. */
const char *ad_policy_step_name(enum ad_policy_step_kind kind);

struct ad_policy_step {
	enum ad_policy_step_kind kind;
	const char *name;               /* of the policy; of a pair: "7zip.7zip, Contoso.Viewer" */
	int old_version;                /* 0: none */
	int new_version;                /* 0: none, or not written yet */
	const struct ad_json *old_body; /* documents; NULL: none */
	const struct ad_json *new_body;
};

/* What a file would change, or has changed. */
struct ad_policy_plan {
	const struct ad_policy_step *steps;
	size_t count;
	const char *const *laxer; /* sentences in English: what becomes laxer for whom */
	size_t laxer_count;
	int64_t proposal; /* nothing is changed yet: this change waits for a second admin; 0: done
			   */
};

/* Reads a file of policies without looking at any database. AD_EINVAL or AD_ETOOBIG with policy,
 * place and remedy in the text. */
AD_MUST int ad_desk_policy_check(struct ad_arena *arena, const char *text, size_t len,
	size_t *ret_policies, struct ad_err *err);

/* Compares a file with what counts now, and writes nothing; proposal is 0. */
AD_MUST int ad_desk_policy_plan(struct ad_desk *desk, const char *text, size_t len,
	struct ad_policy_plan *ret, struct ad_err *err);

/* A new version for each policy that is new or changed, and no other; the others retire. Pairs of
 * apps are kept once. Audit rows policy.version and incompatibility.changed. A file that makes
 * anything laxer waits for a second admin as a whole (ret->proposal), unless nobody has ever asked
 * for anything here. actor: 'cli' or an object id. AD_ENOTFOUND names an app of a pair that is not
 * in the catalogue. */
AD_MUST int ad_desk_policy_import(struct ad_desk *desk, const char *actor, const char *text,
	size_t len, struct ad_policy_plan *ret, struct ad_err *err);

/* The policies that count, for an admin, in the order in which they are looked at. */
AD_MUST int ad_desk_policies(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);

/* What counts now, as a file. */
AD_MUST int ad_desk_policy_export(
	struct ad_desk *desk, const struct ad_json **ret, struct ad_err *err);

#endif
