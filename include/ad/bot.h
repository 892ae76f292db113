/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bot: POST /api/messages. A request becomes a turn on a pool of workers; a turn verifies,
 * understands, asks the directory, runs one use case in one transaction, and answers. Each worker
 * owns a database connection, an HTTP client and an arena.
 */
#ifndef AD_BOT_H
#define AD_BOT_H

#include "ad/cards.h"
#include "ad/err.h"
#include "ad/graph.h"
#include "ad/http.h"
#include "ad/identity.h"
#include "ad/net.h"
#include "ad/outbox.h"
#include "ad/store/convs.h"

#include <stdbool.h>
#include <stdint.h>

#define AD_BOT_TURN_DEADLINE_MS \
	10000 /* a turn that waited longer is not begun: Teams has given up (protocol 3.7) */
#define AD_BOT_HELD_UP_MS 3000        /* after the database held a turn up, the next ones ... */
#define AD_BOT_HELD_UP_WAIT_MS 700    /* ... are not begun when they waited for so long already */
#define AD_BOT_MEMBERSHIP_CACHE_S 300 /* age of a membership that does not decide */
#define AD_BOT_PERSON_CACHE_S 86400   /* age of a person's name and mail */
#define AD_BOT_APPROVERS_MAX 1000     /* people of a group that are looked at */
#define AD_BOT_LOCK_MS 2000           /* for a row: a click wants its answer within 3 s */
#define AD_BOT_PERSONS 16384          /* whose rates are remembered */
#define AD_BOT_DIRECTORY_MS 5000      /* after that a turn asks the directory nothing more */
#define AD_BOT_BROWSE_DIRECTORY_MS \
	2000 /* nor does a search, which has 5 s for all (protocol 3.7) */

struct ad_desk_machine;
struct ad_desk_mail;
struct ad_bot;
struct ad_db_url;
struct ad_signin;
struct ad_token_source;

/* Step-up (ad/desk/stepup.h): which approvals want a fresh sign-in, and how it is had and judged.
 */
struct ad_bot_stepup {
	const char *from;              /* the lowest classification of apps that wants it */
	const char *connection;        /* OAuth connection of the bot's resource */
	int64_t max_age_s;             /* of a sign-in */
	const char *context;           /* authentication context that it must have; "": any */
	const char *service_url;       /* of the user-token service */
	struct ad_token_source *token; /* the bot's own, for that service */
	struct ad_signin *signin;      /* judges people's tokens */
};

/* Everything is borrowed and must outlive the bot. */
struct ad_bot_options {
	struct ad_db_url *database;
	const char *node_id;
	const char *app_id;
	const char *tenant_id; /* whose people, directory and catalogue these are */
	/* Allowed to talk to us. People of another one are known under their own tenant, where no
	 * setting gives anybody a right. */
	const char *const *tenants;
	size_t tenants_count;
	struct ad_net_hosts hosts; /* of service URLs */
	bool allow_http_loopback;
	const struct ad_cards *cards;
	struct ad_identity *identity;
	struct ad_outbox *outbox;
	const char *graph_base_url;
	struct ad_graph_token graph_token;
	const struct ad_desk_mail *mail; /* NULL: no mail is sent */
	bool can_install; /* graph.install_app is set: jobs install the app for people */
	struct ad_store_conv_key key;
	const struct ad_bot_stepup *stepup; /* NULL: no sign-in is asked for */
	size_t workers;
	size_t queue_max;      /* turns that wait; of those whose token is new, half as many */
	int person_per_minute; /* messages and clicks of one person; 0: no limit */
	/* What the process knows of itself (ad/desk/doctor.h), in the arena. A worker thread. */
	void (*look)(void *ctx, struct ad_arena *arena, struct ad_desk_machine *ret);
	void *look_ctx;
	void (*jobs_due)(void *ctx); /* called after a commit that may have added a job */
	void *jobs_ctx;
};

/* Starts the workers. */
AD_MUST int ad_bot_new(
	const struct ad_bot_options *options, struct ad_bot **ret, struct ad_err *err);

/* The handler of a route that demands an Authorization header (ctx is the bot): takes the request
 * to a worker, or answers 503 at once. Loop thread. */
void ad_bot_handle(struct ad_http_request *request, void *ctx);
/* The known function of that route: was this very token verified before? */
bool ad_bot_knows(const struct ad_http_request *request, void *ctx);

/* The handler of the routes below AD_BOT_LINK_PATH (GET, HEAD and POST; ctx is the bot): the pages
 * of links in mails. What cannot be a link is answered at once. Loop thread. */
#define AD_BOT_LINK_PATH "/act/"
#define AD_BOT_FORM_TYPE "application/x-www-form-urlencoded"
#define AD_BOT_FORM_MAX ((size_t)8 << 10) /* bytes of the form: a reason, percent-encoded */
void ad_bot_handle_link(struct ad_http_request *request, void *ctx);

/* Refuses new turns and lets waiting ones run for up to deadline_ms. Nobody waits for the directory
 * any more: what hangs on it is given up, stored nowhere, and answered 503. */
void ad_bot_stop(struct ad_bot *bot, int deadline_ms);
/* After the stop. NULL is allowed. */
void ad_bot_free(struct ad_bot *bot);

/* Why turns ended, for metrics. */
enum ad_bot_end {
	AD_BOT_ANSWERED = 0,
	AD_BOT_DUPLICATE,
	AD_BOT_UNAUTHENTICATED, /* 401 */
	AD_BOT_FORBIDDEN,       /* 403 */
	AD_BOT_MALFORMED,       /* 400 */
	AD_BOT_GONE,            /* 404 or 410: a link that is none, or has nothing left to decide */
	AD_BOT_THROTTLED,       /* 429, or a click told in words: limits.person_per_minute */
	AD_BOT_OVERLOADED,      /* 503: queue full or deadline passed */
	AD_BOT_UNAVAILABLE,     /* 503: database or keys cannot be reached */
	AD_BOT_FAILED,          /* 500: our own fault */
	AD_BOT_ENDS
};
const char *ad_bot_end_name(enum ad_bot_end end);
/* Counts since the start. Any thread. */
void ad_bot_get_counts(const struct ad_bot *bot, uint64_t ret[AD_BOT_ENDS]);
/* Turns waiting and running. Any thread. */
size_t ad_bot_pending(const struct ad_bot *bot);

#endif
