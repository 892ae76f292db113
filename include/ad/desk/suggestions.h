/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apps that are not in the catalogue (product F26, D5): WinGet is looked through for what a search
 * did not find, anybody who may use the counter suggests a package or says in words what they miss,
 * and an admin decides whether it becomes an app of the catalogue. In the caller's transaction; a
 * worker thread of its own connection.
 */
#ifndef AD_DESK_SUGGESTIONS_H
#define AD_DESK_SUGGESTIONS_H

#include "ad/desk.h"

#define AD_SUGGESTION_MAX 100      /* characters of what is suggested */
#define AD_SUGGESTIONS_OPEN_MAX 10 /* that one person waits for (reliability threat 21) */
#define AD_DESK_CANDIDATES_MAX 3   /* of WinGet on a card */
#define AD_DESK_INPUT_CLASS "classification"
#define AD_DESK_INPUT_SEATS "seats"
#define AD_DESK_INPUT_PACKAGE "package"

/* ---- everybody ---- */

/* Suggests a package ("7zip.7zip") or what is missed in plain words. What waits already is joined;
 * an app that the person can ask for anyway is shown as its form. An app that is hidden, or there
 * for others alone, is suggested like one that nobody knows. Audit rows suggestion.opened,
 * suggestion.joined. */
AD_MUST int ad_desk_suggest(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* ---- admins ---- */

/* Those that wait, oldest first. */
AD_MUST int ad_desk_suggestions(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
AD_MUST int ad_desk_suggestion(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);

enum ad_desk_vetting { AD_DESK_VET_PUBLISH = 0, AD_DESK_VET_HIDE, AD_DESK_VET_REJECT };
/* The first decision counts; it is on every admin's card, and everybody who waits hears of it. With
 * PUBLISH and HIDE the package is in the catalogue afterwards, with the card's classification and
 * seats or the typed ones ("high 25", and the package where WinGet did not know it). REJECT wants a
 * reason. Audit rows catalog.added or catalog.changed, then suggestion.published, .hidden or
 * .rejected. */
AD_MUST int ad_desk_vet(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, enum ad_desk_vetting vetting, struct ad_desk_reply *ret,
	struct ad_err *err);

/* ---- jobs ---- */

struct ad_desk_candidate {
	const char *package_id;
	const char *name;
	const char *version;
};
struct ad_desk_candidates {
	int64_t job_id;
	const char *words;   /* that were looked for */
	const char *contact; /* the human whom the card named; "" or NULL: none */
	bool unavailable;    /* WinGet could not be asked */
	const struct ad_desk_candidate *items;
	size_t count;
};
/* The card of the search that the job was made for shows what WinGet has. */
AD_MUST int ad_desk_candidates(
	struct ad_desk *desk, const struct ad_desk_candidates *found, struct ad_err *err);

/* What was suggested, for the job that looks for it. AD_ENOTFOUND when it is decided already. */
AD_MUST int ad_desk_suggestion_wanted(
	struct ad_desk *desk, int64_t number, const char **ret, struct ad_err *err);
struct ad_desk_looked {
	const char *found;           /* AD_SUGGESTION_FOUND, ... */
	const char *package_id;      /* "" when there is none */
	const struct ad_json *facts; /* what the manifest says */
};
/* Writes down what WinGet says, and every admin has a card that shows it; nothing when it is
 * decided already. May want facts. */
AD_MUST int ad_desk_suggestion_looked(struct ad_desk *desk, int64_t number,
	const struct ad_desk_looked *looked, struct ad_err *err);

#endif
