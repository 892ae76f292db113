/* SPDX-License-Identifier: Apache-2.0 */
/* A suggestion on cards. Private to desk; inside the caller's transaction. */
#ifndef AD_DESK_SUGGESTION_H
#define AD_DESK_SUGGESTION_H

#include "ad/desk/suggestions.h"
#include "ad/store/suggestions.h"

/* ---- candidates.c ---- */

/* The answer to a search that found nothing, while a job looks through WinGet for it. */
AD_MUST int ad_candidates_look(struct ad_desk *desk, const struct ad_person *who, const char *words,
	struct ad_desk_reply *ret, struct ad_err *err);

/* ---- suggestion_view.c: the admins' card ---- */

struct ad_suggestion_view {
	const struct ad_suggestion *suggestion;
	const char *token; /* for its buttons; NULL: none */
	const char *fault; /* a sentence about a faulty input; NULL: none */
};
/* Card, text, role, job and version of *ret. */
AD_MUST int ad_suggestion_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_suggestion_view *view, struct ad_desk_reply *ret, struct ad_err *err);
/* With fresh buttons while it is open. */
AD_MUST int ad_suggestion_show_to(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_suggestion *suggestion, struct ad_desk_reply *ret, struct ad_err *err);
/* The same for a card that is sent again, by the job that told of it. AD_ENOTFOUND. */
AD_MUST int ad_suggestion_show_now(struct ad_desk *desk, const struct ad_person *who,
	int64_t job_id, struct ad_desk_reply *ret, struct ad_err *err);
/* To one admin, once. */
AD_MUST int ad_suggestion_send(struct ad_desk *desk, const struct ad_suggestion *suggestion,
	const struct ad_person *admin, struct ad_err *err);
/* Every copy of it shows it as it is now. */
AD_MUST int ad_suggestion_refresh(struct ad_desk *desk, int64_t id, struct ad_err *err);

/* ---- suggested.c: what people hear ---- */

/* "Thank you", or what came of it, with a button that asks for the app where it can be asked for.
 * key: of the words, without ".title" and ".text". */
struct ad_suggested {
	const char *key;
	const char *name;     /* what was suggested, as people know it */
	const char *reason;   /* of a rejection; NULL: none */
	const char *app_name; /* that the button asks for */
	int64_t app_id;       /* 0: no button */
};
AD_MUST int ad_suggested_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_suggested *suggested, struct ad_desk_reply *ret, struct ad_err *err);

#endif
