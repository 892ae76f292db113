/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies: who may ask for what, who must agree in which order, when nobody needs to, and what a
 * change of a policy makes laxer. A policy is data (docs/guides/policies.md), versioned and never
 * changed. Pure. Any thread.
 */
#ifndef AD_DOMAIN_POLICY_H
#define AD_DOMAIN_POLICY_H

#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>

#define AD_STAGES_MAX 8            /* of one policy */
#define AD_ALTERNATES_MAX 4        /* of one stage */
#define AD_POLICIES_MAX 200        /* that count at a time */
#define AD_POLICY_ENTRIES_MAX 2000 /* of all their lists of packages, groups and so on together */
#define AD_POLICY_PRIORITY 100     /* of a policy that names none */

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
AD_MUST int ad_asked_kind_parse(const char *name, enum ad_asked_kind *ret);

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
	const char *const *titles; /* their job titles, whatever the case */
	size_t title_count;
	bool guests; /* counts for guests, too; false: for them never */
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

/* For whom the policy counts, they get its packages without asking (product 1.5). */
struct ad_birthright_rule {
	bool on;
	int grace_days; /* that they keep them when it counts for them no more; 0: none */
};

/* Working hours: deadlines count minutes inside them alone. Hours that never come (no day, or an
 * end before the beginning) count as off. */
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
	const struct ad_stage_rule *stages; /* none only with `refusal` */
	size_t stage_count;
	struct ad_auto_rule automatic;
	struct ad_birthright_rule birthright;
	int grant_days;     /* offered; 0: for good */
	int grant_max_days; /* the longest, extensions included; 0: no limit */
	bool follow;        /* a manager who changed is asked in stages not yet decided */
	int undo_min;       /* a decision may be taken back that long */
	bool ask_owner;     /* extensions ask the app's owner alone (product F18) */
	bool require_compliant_device; /* when it is asked for, and when it is approved (1.27) */
	const char *device_refusal;    /* what else is said then; NULL: nothing */
	struct ad_hours hours;
};

/* What is asked for, and by whom. */
struct ad_policy_subject {
	const char *package; /* winget id */
	const char *classification;
	const char *department; /* "" not known */
	const char *title;      /* "" not known */
	bool guest;
	const char *const *groups; /* that the requester is in, of those any policy names */
	size_t group_count;
};

bool ad_policy_matches(const struct ad_policy *policy, const struct ad_policy_subject *subject);
/* Whether a pattern of packages ("Contoso.*", "7zip.7zip") names this one, whatever the case. */
bool ad_package_matches(const char *pattern, const char *package);
/* Whether some package is named by both patterns: they are the same up to a star, or to both ends.
 */
bool ad_package_patterns_meet(const char *a, const char *b);
/* Whether a is looked at before b: by priority, then by name. */
bool ad_policy_precedes(const struct ad_policy *a, const struct ad_policy *b);
/* The one that counts; NULL when none matches: then the built-in one does. */
const struct ad_policy *ad_policy_find(
	const struct ad_policy *policies, size_t count, const struct ad_policy_subject *subject);

/* How long a decision may be taken back unless a policy says otherwise (product A13). */
#define AD_UNDO_MIN 15

/* The rule where no policy matches: one stage of the approver group, the first decides, no time
 * limit, not for guests (name "", version 0). */
const struct ad_policy *ad_policy_built_in(void);

/* Column apps.classification: "low", "medium", "high", and the one that people always decide. */
#define AD_CLASSIFICATION_CRITICAL "critical"

/* Whether nobody needs to be asked: the rule is on and this person has had fewer than its cap in
 * its window (product F24). Never for a policy that refuses, for a critical app, or for one whose
 * classification is not known. */
bool ad_policy_is_automatic(
	const struct ad_policy *policy, const char *classification, int used_in_window);

/* Whether people get the app without asking. Never by a policy that refuses, and never a critical
 * app or one whose classification is not known. */
bool ad_policy_is_birthright(const struct ad_policy *policy, const char *classification);

/* Days that are granted for a wish (0: for good): never more than the policy's maximum less
 * used_days, what earlier grants of the same chain had (product F18). 0 (for good) only where the
 * policy has no maximum; AD_DAYS_USED_UP when nothing is left of it. */
#define AD_DAYS_USED_UP (-1)
int ad_policy_days(const struct ad_policy *policy, int wanted_days, int used_days);

/* ---- changes ---- */

/* What a change makes laxer; each a bit, none for a new refusal or a stricter stage. */
enum ad_weakening {
	AD_WEAKER_STAGE_GONE = 1 << 0,   /* fewer stages, and one that nobody decides any more */
	AD_WEAKER_FEWER_NEEDED = 1 << 1, /* fewer approvals end a stage */
	AD_WEAKER_AUTOMATIC = 1 << 2,    /* nobody is asked, or not more often, or sooner again */
	AD_WEAKER_TIMEOUT_APPROVES = 1 << 3, /* silence approves, or sooner */
	AD_WEAKER_LONGER = 1 << 4,           /* grants may last longer */
	AD_WEAKER_REFUSAL_GONE = 1 << 5,     /* may ask now */
	AD_WEAKER_GUESTS = 1 << 6,           /* counts for guests now */
	AD_WEAKER_ASKED_OTHERS = 1 << 7,     /* other people may decide */
	AD_WEAKER_REJECTION = 1 << 8,        /* one rejection does not end a stage any more */
	AD_WEAKER_BIRTHRIGHT = 1 << 9,       /* people get apps without asking */
	AD_WEAKER_DEVICE = 1 << 10           /* also for devices that are not compliant */
};
#define AD_WEAKENINGS 11

/* What becomes laxer for those for whom `before` counted and `after` counts from now on: two
 * versions of one policy, or two policies; the built-in one for a policy that is new or goes. */
unsigned ad_policy_weakens(const struct ad_policy *before, const struct ad_policy *after);

/* "stage_gone", "fewer_needed", ...: bit 1 << index. Never NULL. */
const char *ad_weakening_name(int index);

struct ad_policies {
	const struct ad_policy *items; /* in the order in which they are looked at */
	size_t count;
};

/* People for whom one policy counted and another will. */
struct ad_policy_shift {
	const struct ad_policy *before;
	const struct ad_policy *after;
	unsigned weakens;
};

/* What becomes laxer for anybody when these policies take the place of those, whether a policy is
 * laxer than its last version or people come under another one; the built-in one counts for whom no
 * other does. It may name a shift that touches nobody, but never leaves one out. At most max are
 * written; how many there are is returned. */
size_t ad_policies_weaken(const struct ad_policies *before, const struct ad_policies *after,
	struct ad_policy_shift *ret, size_t max);

#endif
