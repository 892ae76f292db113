/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grants over time: begun by a delivery, ended by time, by their person or by an approver, and
 * extended by a request of their own. Private to desk; inside the caller's transaction. Locks: job
 * of the grant, then the grant (the job takes them in this order, too). Audit rows are put off.
 */
#ifndef AD_DESK_GRANTS_H
#define AD_DESK_GRANTS_H

#include "ad/desk/grants.h"
#include "ad/store/grants.h"
#include "parts.h"

#define AD_GRANTS_MAX 50      /* of one person, that a list or a name looks at */
#define AD_GRANT_MORE_DAYS 30 /* of an extension that names no days */

/* ---- grant_life.c ---- */

/* A delivered request becomes a grant: of granted_days, else wanted_days, else for good. */
AD_MUST int ad_grant_begin(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_app *app, struct ad_err *err);
/* Locks the job, which looks at the grant anew after the commit, and then the grant. */
AD_MUST int ad_grant_hold(
	struct ad_desk *desk, int64_t id, struct ad_grant *ret, struct ad_err *err);

struct ad_grant_ending {
	enum ad_grant_state state;
	const struct ad_person *who; /* NULL: time */
	const char *reason;          /* NULL: none */
	bool quiet;                  /* its person has left: there is nobody to tell */
};
/* Of a held, active grant: its state, who is told, the audit row. The membership goes later, by the
 * job. grant is read again. */
AD_MUST int ad_grant_finish(struct ad_desk *desk, struct ad_grant *grant,
	const struct ad_grant_ending *ending, struct ad_err *err);

/* ---- grant_view.c ---- */

/* Members rid, app, person, since, until, status ...: what cards and sentences need. */
AD_MUST int ad_grant_data(struct ad_desk *desk, const struct ad_grant *grant, const char *locale,
	struct ad_json **ret, struct ad_err *err);

enum ad_grant_buttons {
	AD_GRANT_PLAIN = 0, /* none */
	AD_GRANT_OFFER,     /* extend, let it end, end now */
	AD_GRANT_CONFIRM    /* give it back: yes, no */
};
struct ad_grant_view {
	const struct ad_grant *grant;
	const struct ad_person *who; /* its person, whose card it is */
	enum ad_grant_buttons buttons;
	const char *key; /* of the sentence on the card, which is its short form, too */
};
/* The card; buttons carry a token for this person and grant. */
AD_MUST int ad_grant_show(struct ad_desk *desk, const struct ad_grant_view *view,
	const char *outcome, struct ad_desk_reply *ret, struct ad_err *err);
/* The same, as a notice to the grant's person. what: last part of the fact. */
AD_MUST int ad_grant_tell(struct ad_desk *desk, const struct ad_grant *grant,
	enum ad_grant_buttons buttons, const char *key, const char *what, struct ad_err *err);

/* The person's own grant by a number ("12", of a request) or by the app's name. AD_ENOTFOUND. */
AD_MUST int ad_grant_find_own(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	const char *name, struct ad_grant *ret, struct ad_err *err);
/* The answer to a number or name that is none of theirs; number 0: a name. */
AD_MUST int ad_grant_unknown(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);

#endif
