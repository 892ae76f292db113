/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages of a request: by which policy, who is asked, who may decide, what a vote brings about,
 * and how a request ends. Private to desk; inside the caller's transaction, under the lock of the
 * request. All of them may want facts (ad/desk/facts.h). Audit rows are put off until
 * ad_trail_flush or the next ad_trail.
 */
#ifndef AD_DESK_STAGES_H
#define AD_DESK_STAGES_H

#include "ad/desk/facts.h"
#include "ad/domain/policy.h"
#include "ad/domain/stage.h"
#include "ad/store/stages.h"
#include "parts.h"
#include "policy_json.h"

/* ---- policy_for.c ---- */

/* The one that counts for this person and app; the built-in rule when none matches. */
AD_MUST int ad_policy_for(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app *app, const struct ad_policy **ret, struct ad_err *err);
/* The same for each app of a list as far as it can be told without asking the directory: NULL where
 * the person's groups decide. */
AD_MUST int ad_policies_foreseen(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app_list *apps, const struct ad_policy **ret, struct ad_err *err);
/* The one that the request was made under, and the rule of its present stage (NULL: it has none).
 * rule may be NULL. */
AD_MUST int ad_policy_of(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_policy **ret, const struct ad_stage_rule **ret_rule, struct ad_err *err);
/* Whether the policy approves by itself now: its rule is on, and the cap is not reached; or the app
 * is a birthright, and the person has not refused it. */
AD_MUST int ad_policy_automatic(struct ad_desk *desk, const char *oid, const struct ad_app *app,
	const struct ad_policy *policy, bool *ret, struct ad_err *err);

/* ---- duties.c ---- */

/* The app that stands against this one: the person has it, or will get it. *ret_app is NULL when
 * there is none (product F21). */
AD_MUST int ad_conflict_with(struct ad_desk *desk, const char *oid, int64_t app_id,
	const struct ad_app **ret_app, const char **ret_reason, struct ad_err *err);

/* Why the app is not requested: a card that offers to give the other one back, and says whom to ask
 * for an exception (product R7); words alone to somebody who asks for another. May want facts. */
AD_MUST int ad_conflict_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_app *app, const struct ad_app *other, const char *rule,
	struct ad_desk_reply *ret, struct ad_err *err);

/* ---- slate.c ---- */

/* What a stage is about, before there is a request or after. */
struct ad_slate_query {
	const struct ad_stage_rule *rule;
	struct ad_parties parties;
	const char *app_owner_oid;
	const char *manager_oid; /* who was the manager when it was asked for; "": who is now */
};

struct ad_slated {
	struct ad_asked_people asked;
	struct ad_people away; /* who would be asked as well, but is not reached */
	int level; /* whose people these are; away has those of the levels before it, too */
};

/* Who is asked: the first level from `level` on that has somebody who is reached and no party, with
 * delegates in their places; after the rule's alternates the app's owner and then the admins
 * (product E1). Nobody: ret->asked.count 0. A rule whose group is an empty setting asks nobody at
 * all (promise 10). */
AD_MUST int ad_slate_for(struct ad_desk *desk, const struct ad_slate_query *query, int level,
	struct ad_slated *ret, struct ad_err *err);
/* The people that one level names, as they are: parties, those who have stand-ins, and those who
 * are not reached among them. */
AD_MUST int ad_slate_people(struct ad_desk *desk, const struct ad_slate_query *query, int level,
	struct ad_people *ret, struct ad_err *err);
/* Whether a person is one of those that the rule's levels up to `level` name, by live facts. */
AD_MUST int ad_slate_names(struct ad_desk *desk, const struct ad_slate_query *query, int level,
	const char *oid, bool *ret, struct ad_err *err);
/* The levels that a rule has: its own, its alternates, the owner, the admins. */
int ad_slate_levels(const struct ad_stage_rule *rule);
/* Whom a level asks, and of groups and admins the group. */
struct ad_asked ad_slate_at(const struct ad_stage_rule *rule, int level);
const char *ad_slate_group(const struct ad_desk *desk, const struct ad_asked *asked);
/* The words of cards/text that name whom a level asks: "stage.manager". */
const char *ad_slate_key(enum ad_asked_kind kind);

/* "Kim", "Kim or Lee", "Kim, Lee or 3 more": those of a slate who are asked now. */
AD_MUST int ad_words_asked(const struct ad_desk *desk, const char *locale,
	const struct ad_asked_people *people, const char **ret, struct ad_err *err);
/* Sets "voices": the names of those of them who have approved; "" when nobody has. */
AD_MUST int ad_words_approved(const struct ad_desk *desk, const char *locale,
	const struct ad_asked_people *people, struct ad_json *into, struct ad_err *err);

/* ---- unasked.c ---- */

/* Nobody can decide: admins hear of it, the requester, too, and it waits (product G4). */
AD_MUST int ad_stage_tell_nobody(
	struct ad_desk *desk, const struct ad_request *request, struct ad_err *err);
/* The request goes on without these people, who are not reached: admins hear of each, once a day
 * (product F39). */
AD_MUST int ad_stage_tell_away(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_people *away, struct ad_err *err);

/* ---- stages.c ---- */

/* The stages of a new round, and the first one opened. *ret_asked false: nobody could be asked. */
AD_MUST int ad_stage_begin(struct ad_desk *desk, struct ad_request *request,
	const struct ad_policy *policy, struct ad_err *err);
/* Opens the present stage, or moves it on to `level`: people, cards, deadline, timer. Nobody to
 * ask: it stays open, and admins and requester hear of it. request is read again. */
AD_MUST int ad_stage_open(
	struct ad_desk *desk, struct ad_request *request, int level, struct ad_err *err);
/* The voices that are wanted at present, and those of them that have agreed. Whoever stands in for
 * somebody who is asked as well adds none. */
struct ad_voices {
	size_t asked;
	size_t approved;
};
struct ad_voices ad_stage_voices(const struct ad_asked_people *people);
/* Whether this person may decide the open stage now, and whose seat they take. */
AD_MUST int ad_stage_right(struct ad_desk *desk, const struct ad_request *request, const char *oid,
	struct ad_seat *ret, bool *ret_has, struct ad_err *err);
/* Whether the open stage waits for this person: asked, and not heard yet; of the approver group
 * only while who->is_approver. For what is shown, not for what is decided. */
AD_MUST int ad_stage_awaits(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_person *who, bool *ret, struct ad_err *err);

/* ---- outcome.c ---- */

/* A vote that the rules have let through. */
struct ad_voting {
	const struct ad_person *who; /* NULL: time has run out, and the policy says approved */
	const char *on_behalf_of;    /* "" */
	enum ad_decision decision;
	const char *reason;
	int granted_days; /* narrowed; 0: not */
};
/* Counts it: more votes are awaited, the next stage opens, or the request is approved or rejected,
 * with everything that follows. */
AD_MUST int ad_request_vote(struct ad_desk *desk, struct ad_request *request,
	const struct ad_voting *voting, struct ad_err *err);
/* Every stage has agreed, or none was needed: the app is packaged, or the grant gets its time. */
AD_MUST int ad_request_fulfil(struct ad_desk *desk, struct ad_request *request,
	const struct ad_person *who, struct ad_err *err);

/* extend.c: the same for a request for more time, which is done with it (product F18). */
AD_MUST int ad_extension_fulfil(struct ad_desk *desk, struct ad_request *request,
	const struct ad_person *who, struct ad_err *err);

/* One message about what became of it, to the requester and to whom it is for; who did it and why
 * is in the words' data. template: a card; NULL: the sentence alone. */
struct ad_telling {
	const char *what; /* last part of the fact */
	const char *key;
	const char *template;
	const struct ad_json *more; /* members for the words besides the request's; NULL: none */
	const char *to;             /* the only one who is told; NULL: both */
};
AD_MUST int ad_request_tell(struct ad_desk *desk, const struct ad_request *request,
	const struct ad_telling *telling, struct ad_err *err);

/* How a request ends. */
struct ad_closing {
	enum ad_request_state state;
	const struct ad_person *who; /* NULL: the system */
	const char *action;          /* of the audit row: "request.cancelled"; NULL: it has one */
	const char *reason;          /* shown to the requester; NULL: none */
	const struct ad_telling *telling; /* NULL: the requester need not be told */
};
/* Stages, state, every card, the requester's message, audit rows; request.closed last. */
AD_MUST int ad_request_close(struct ad_desk *desk, struct ad_request *request,
	const struct ad_closing *closing, struct ad_err *err);
/* The last audit row of a request: request.closed, with the count of those before (product G11).
 * Always 0. */
int ad_request_trail_closed(struct ad_desk *desk, const struct ad_request *request);
/* A draft is one no more; its stages are the caller's to begin. */
AD_MUST int ad_request_agreed(struct ad_desk *desk, struct ad_request *request, struct ad_err *err);
/* Its version grows, and every copy shows it as it is now. */
AD_MUST int ad_request_changed(
	struct ad_desk *desk, struct ad_request *request, struct ad_err *err);

/* ---- recheck.c ---- */

/* Who is asked in the open stage and has no right to it any more (left the organisation or the
 * group; is not the manager any more, and the policy follows) is asked no longer, and their buttons
 * go. When nobody is left to decide, the stage asks anew: the same level, then the next ones.
 * Everybody who needs to know hears of it (product E5, E7, G4). The request is locked.
 * *ret_changed: something was done. */
AD_MUST int ad_stage_recheck(
	struct ad_desk *desk, struct ad_request *request, bool *ret_changed, struct ad_err *err);

/* ---- leaver.c, mover.c ---- */

struct ad_directory_person;

/* What one person has going in the counter, piece by piece: each call does one thing in the
 * caller's transaction. *ret_more false: nothing was left to do. */
AD_MUST int ad_leaver_step(struct ad_desk *desk, const struct ad_directory_person *person,
	bool *ret_more, struct ad_err *err);
/* The same for somebody with another manager; after: number of the last request looked at, 0 at
 * first. */
AD_MUST int ad_mover_step(struct ad_desk *desk, const struct ad_directory_person *person,
	int64_t *after, bool *ret_more, struct ad_err *err);

#endif
