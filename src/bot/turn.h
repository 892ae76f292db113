/* SPDX-License-Identifier: Apache-2.0 */
/* One turn and the worker that runs it. Private to bot. */
#ifndef AD_BOT_TURN_H
#define AD_BOT_TURN_H

#include "ad/bot.h"
#include "ad/db.h"
#include "ad/desk/facts.h"
#include "ad/desk/stepup.h"
#include "ad/rate.h"
#include "ad/store/groups.h"
#include "ad/store/users.h"
#include "ad/teams/activity.h"
#include "intent.h"

#include <stdatomic.h>

struct ad_bulk_item;
struct ad_pool;

struct ad_bot {
	struct ad_bot_options options;
	struct ad_pool *pool;
	struct ad_net_client **nets; /* one for each worker */
	struct ad_rate *persons;     /* what one may say in a minute; NULL: no limit */
	atomic_bool stopping;
	_Atomic int64_t held_up_ms; /* when a turn last waited in vain; 0: not since a good one */
	_Atomic uint64_t counts[AD_BOT_ENDS];
};

/* Belongs to one thread of the pool. */
struct ad_bot_worker {
	struct ad_bot *bot;
	struct ad_db *db;
	struct ad_net_client *net; /* the bot's */
	struct ad_arena *arena;    /* reset after each turn */
	bool has_trail;            /* our tenant's trail has begun, as a commit has shown */
};

/* What goes back to the channel. */
struct ad_answer {
	int status;
	const char *body; /* JSON or "" */
	bool challenge;   /* 401: WWW-Authenticate */
	int retry_s;      /* Retry-After, for 429 and 503; 0: none */
	enum ad_bot_end end;
};

/* A turn in the making; everything lives in the worker's arena. */
struct ad_turn {
	struct ad_bot_worker *worker;
	struct ad_activity activity;
	struct ad_intent intent;
	struct ad_person who;
	struct ad_desk desk;
	struct ad_desk_facts facts;            /* that use cases asked for */
	bool is_known;                         /* the person was heard of before: */
	struct ad_user known;                  /* as they were at the begin of the turn */
	struct ad_membership_list memberships; /* in the groups of settings, as remembered then */
	int64_t directory_until_ms; /* monotonic; afterwards the directory is not asked any more */
	bool directory_down;        /* the facts could not be had: say so, and do nothing */
	bool disabled;              /* so is the person in our directory: say so, and do nothing */
	bool too_fast;              /* say that this was too much at once, and do nothing else */
	bool jobs_due;              /* the use case may have added a job */
	int64_t unclear;            /* messages in a row before this one that were not understood */
	bool is_owed;               /* notices did not reach the person meanwhile */
	bool has_facts;   /* an earlier transaction of the turn stood on them: they still count */
	bool signin_down; /* signing in cannot be begun or judged: say so, and do nothing */
	const char *signin_fault;  /* why what a sign-in has brought does not do */
	bool signin_again;         /* the client is to show the sign-in page */
	struct ad_desk_held held;  /* the decision that has waited; id NULL: none */
	struct ad_bulk_item *bulk; /* what became of several decisions; NULL: none were made */
	struct ad_desk_reply bulk_refusal; /* why */
};

#define AD_BOT_TOO_FAST "bot.too_fast" /* the words for that */

struct ad_answer ad_answer_refuse(int status, enum ad_bot_end end);
struct ad_answer ad_answer_accept(const char *body); /* 200 */
/* The answer to an invoke that shows these words. */
const char *ad_turn_message(struct ad_turn *turn, const char *key);

/* Verifies the token, reads the activity into the turn, and judges both. On an error *answer says
 * what to send and err why. */
AD_MUST int ad_turn_admit(struct ad_turn *turn, const struct ad_http_request *request,
	struct ad_answer *answer, struct ad_err *err);

/* One more message of this person: 0 to go on; too_fast is set when it is the first one of too
 * many, which is told in words. An error as in ad_turn_admit: those behind it. */
AD_MUST int ad_turn_limit(struct ad_turn *turn, struct ad_answer *answer, struct ad_err *err);

/* Verifies, runs and answers one request. Worker thread. */
void ad_turn_run(struct ad_bot_worker *worker, struct ad_http_request *request);

/* The desk as any turn uses it, in our tenant; source and correlation id are the caller's to add.
 */
struct ad_desk ad_turn_desk(struct ad_bot_worker *worker, const struct ad_http_request *request);

/* The facts (of an intent that is a use case), then work in one transaction, then whoever has to
 * know of its commit is woken. *ret_unknown: a commit ended without an answer, here or in a round
 * before the one that ended this. */
AD_MUST int ad_turn_commit(
	struct ad_turn *turn, ad_db_work *work, void *ctx, bool *ret_unknown, struct ad_err *err);

/* Several decisions, each in a transaction of its own, before the turn's own transaction tells what
 * became of them. An error: nothing was decided. */
AD_MUST int ad_turn_bulk(struct ad_turn *turn, struct ad_err *err);

/* The rule of step-up for a desk, in the worker's arena; NULL: there is none. */
struct ad_desk_stepup *ad_turn_stepup_rule(struct ad_bot_worker *worker);
/* Where the person signs in, for a use case that wants it. An error sets signin_down. Outside any
 * transaction. */
AD_MUST int ad_turn_page(struct ad_turn *turn, struct ad_err *err);
/* Judges what the client brings after a sign-in, and makes the turn be about the decision that has
 * waited for it, or about the refusal. Outside any transaction. */
AD_MUST int ad_turn_stepup(struct ad_turn *turn, struct ad_err *err);
/* The activity is the answer to a sign-in request, and no press. */
bool ad_turn_is_signin(const struct ad_turn *turn);

/* What is said in place of an answer; NULL: nothing stands in its way. */
const char *ad_turn_obstacle(const struct ad_turn *turn);

/* Who is speaking, as the activity says. */
struct ad_user ad_turn_speaker(const struct ad_turn *turn);

/* Fills who and desk with what the use case needs to know from the directory. Asks Graph only for
 * what the cache does not have, or has not fresh enough. Outside any transaction. An error is the
 * directory's when directory_down is set, else the database's. */
AD_MUST int ad_turn_facts(struct ad_turn *turn, struct ad_err *err);
/* The facts that the use case wanted in the last round; as ad_turn_facts. */
AD_MUST int ad_turn_more_facts(struct ad_turn *turn, struct ad_err *err);

/* Runs the use case inside the open transaction. */
AD_MUST int ad_turn_flow(struct ad_turn *turn, struct ad_desk_reply *ret, struct ad_err *err);

/* The conversation of the turn is the approvers' channel from now on; or there is none any more.
 * Inside the transaction. */
AD_MUST int ad_turn_channel_here(
	struct ad_turn *turn, struct ad_desk_reply *ret, struct ad_err *err);
AD_MUST int ad_turn_channel_off(
	struct ad_turn *turn, struct ad_desk_reply *ret, struct ad_err *err);

/* Answers a query of the message extension. Inside a transaction. */
AD_MUST int ad_turn_browse(struct ad_turn *turn, struct ad_answer *ret, struct ad_err *err);

/* Posts the reply where it belongs and makes the HTTP answer. Inside the transaction. */
AD_MUST int ad_turn_reply(struct ad_turn *turn, const struct ad_desk_reply *reply,
	struct ad_answer *ret, struct ad_err *err);

#endif
