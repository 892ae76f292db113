/* SPDX-License-Identifier: Apache-2.0 */
/* The form, as opening and submitting it share it. Private to desk. */
#ifndef AD_DESK_FORM_H
#define AD_DESK_FORM_H

#include "stages.h"

struct ad_form {
	const struct ad_app *app;
	const struct ad_policy *policy; /* that counts for it */
	const struct ad_app_questions *questions;
	const char *locale;
	const char *token;
	const char *justification;      /* as typed so far */
	const char *const *answers;     /* by question, as typed so far; NULL: none yet */
	struct ad_json *faults;         /* sentences about inputs, an array */
	const char *device;             /* id, chosen so far; "" or NULL: none yet */
	int days;                       /* chosen so far; -1: what the policy offers */
	const struct ad_request *edits; /* the request that it changes; NULL: a new one */
};

/* questions.c: the app's questions and then the policy's, numbered on. */
AD_MUST int ad_form_questions(struct ad_desk *desk, const struct ad_app *app,
	const struct ad_policy *policy, struct ad_app_questions *ret, struct ad_err *err);
/* Which policy a form was made for: what it sends back shows whether another one counts by then. */
#define AD_FORM_STAMP "p"
const char *ad_form_stamp(struct ad_arena *arena, const struct ad_policy *policy);

/* filled.c: the policy does not let this person ask. */
AD_MUST int ad_form_refuse(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app *app, const struct ad_policy *policy, struct ad_desk_reply *ret,
	struct ad_err *err);

/* Who would be asked first under the policy; none: nobody can be. */
AD_MUST int ad_form_slate(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app *app, const struct ad_policy *policy, struct ad_asked_people *ret,
	struct ad_err *err);

/* The app, where the person may see it; *ret_done: *ret says that they may not. One that is hidden,
 * or not for them, answers as one that is not there. */
AD_MUST int ad_form_app(struct ad_desk *desk, const struct ad_person *who, int64_t app_id,
	struct ad_app *ret_app, struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err);

/* "Approved by: the manager (Kim)", "Then: Lee or Pat", or that nobody needs to; and how long it
 * usually takes: an array of sentences. Of form only app, policy and locale count. */
AD_MUST int ad_form_ahead(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_form *form, struct ad_json **ret, struct ad_err *err);

/* What stands in the way of asking for the app; *ret_done says that *ret tells it. */
AD_MUST int ad_form_obstacle(struct ad_desk *desk, const struct ad_person *who, int64_t app_id,
	struct ad_app *ret_app, struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err);

/* An empty form with a token of its own. */
AD_MUST int ad_form_new(struct ad_desk *desk, const struct ad_person *who, const struct ad_app *app,
	struct ad_desk_reply *ret, struct ad_err *err);

AD_MUST int ad_form_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_form *form, struct ad_desk_reply *ret, struct ad_err *err);

#endif
