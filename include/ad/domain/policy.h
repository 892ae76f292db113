/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies: who may ask for what, who must agree in which order, when nobody needs to, and what a
 * change of a policy makes laxer. A policy is data (docs/guides/policies.md), versioned and never
 * changed. Pure. Any thread.
 */
#ifndef AD_DOMAIN_POLICY_H
#define AD_DOMAIN_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#define AD_STAGES_MAX 8     /* of one policy */
#define AD_ALTERNATES_MAX 4 /* of one stage */
#define AD_POLICIES_MAX 200 /* that count at a time */

/* Column stages.kind, and whom an alternate asks. */
enum ad_asked_kind {
	AD_ASKED_GROUP = 0, /* ref is the group's id; "" the setting ApproverGroupId */
	AD_ASKED_MANAGER,   /* of the beneficiary */
	AD_ASKED_USER,      /* ref is the person's object id */
	AD_ASKED_APP_OWNER,
	AD_ASKED_ADMINS /* the setting AdminGroupId */
};
const char *ad_asked_kind_name(enum ad_asked_kind kind);
/* AD_EINVAL for any other text. */
int ad_asked_kind_parse(const char *name, enum ad_asked_kind *ret);

struct ad_asked {
	enum ad_asked_kind kind;
	const char *ref; /* "" for kinds that need none */
};

/* What happens when the last of a stage's levels has timed out. */
enum ad_timeout_end { AD_TIMEOUT_EXPIRE = 0, AD_TIMEOUT_APPROVE };

struct ad_stage_rule {
	struct ad_asked ask; /* level 0 */
	int need;            /* approvals wanted; 0: of all who were asked */
	bool reject_ends; /* one rejection ends the stage; else only when `need` is out of reach */
	int timeout_min;  /* of each level, in minutes; 0: waits for good */
	const struct ad_asked *alternates; /* levels 1 to alternate_count, in this order */
	size_t alternate_count;
	enum ad_timeout_end on_timeout;
};

/* For whom and what a policy counts; an empty list asks for nothing. All that are given must hold;
 * an attribute that is not known never holds. */
struct ad_policy_match {
	const char *const *packages; /* winget ids; "Contoso.*" by its beginning */
	size_t package_count;
	const char *const *classifications;
	size_t classification_count;
	const char *const *groups; /* the requester is in one of them */
	size_t group_count;
	const char *const *departments; /* of the requester, whatever the case */
	size_t department_count;
	bool guests; /* counts for guests, too; false: never */
};

struct ad_policy_question {
	const char *label;
	bool is_choice;
	const char *const *choices;
	size_t choice_count;
	bool required;
};

/* Approved without asking anybody. */
struct ad_auto_rule {
	bool on;
	int max; /* for one person in the window; at least 1 */
	int window_days;
};

/* Working hours: deadlines count minutes inside them alone. */
struct ad_hours {
	bool on;
	int from_min;          /* of the day, 0 to 1439 */
	int until_min;         /* 1 to 1440, greater than from_min */
	unsigned days;         /* bit 0 is Monday */
	const char *time_zone; /* IANA */
};

struct ad_policy {
	const char *name;
	int version;
	int priority; /* the lowest that matches counts; equal ones by name */
	struct ad_policy_match match;
	const char *refusal; /* not NULL: who matches may not ask, and reads this */
	const struct ad_policy_question *questions;
	size_t question_count;
	const struct ad_stage_rule *stages; /* none only with `refusal` or `automatic.on` */
	size_t stage_count;
	struct ad_auto_rule automatic;
	int grant_days;     /* offered; 0: for good */
	int grant_max_days; /* the longest, extensions included; 0: no limit */
	bool follow;        /* a manager who changed is asked in stages not yet decided */
	int undo_min;       /* a decision may be taken back that long */
	bool ask_owner;     /* extensions ask the app's owner alone (product F18) */
	struct ad_hours hours;
};

struct ad_policy_subject {
	const char *package;
	const char *classification;
	const char *department; /* "" not known */
	bool guest;
	const char *const *groups; /* that the requester is in, of those any policy names */
	size_t group_count;
};

bool ad_policy_matches(const struct ad_policy *policy, const struct ad_policy_subject *subject);
/* The one that counts; NULL when none matches. */
const struct ad_policy *ad_policy_find(
	const struct ad_policy *policies, size_t count, const struct ad_policy_subject *subject);

/* The rule of a tenant without policies: one stage of the approver group, the first decides, no
 * time limit (name "", version 0). */
const struct ad_policy *ad_policy_built_in(void);

/* Whether nobody needs to be asked: the rule is on and this person has had fewer than its cap in
 * its window (product F24). Never for a policy that refuses, never for a critical app. */
bool ad_policy_is_automatic(
	const struct ad_policy *policy, const char *classification, int used_in_window);

/* Days that are granted for a wish (0: for good): never more than the policy's maximum less what
 * was used up by earlier grants in the chain. 0 only where the policy has no maximum. */
int ad_policy_days(const struct ad_policy *policy, int wanted_days);

/* What a change makes laxer; each a bit, none for a new refusal or a stricter stage. before NULL: a
 * new policy is judged against `instead`, which counted for its subjects so far; after NULL: it
 * goes. */
enum ad_weakening {
	AD_WEAKER_STAGE_GONE = 1 << 0,
	AD_WEAKER_FEWER_NEEDED = 1 << 1,
	AD_WEAKER_AUTOMATIC = 1 << 2,
	AD_WEAKER_TIMEOUT_APPROVES = 1 << 3,
	AD_WEAKER_LONGER = 1 << 4,
	AD_WEAKER_REFUSAL_GONE = 1 << 5,
	AD_WEAKER_GUESTS = 1 << 6,
	AD_WEAKER_ASKED_OTHERS = 1 << 7 /* other people are asked */
};
unsigned ad_policy_weakens(const struct ad_policy *before, const struct ad_policy *after);

#endif
