/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signing in inside Teams (protocol.md 6.3): the request to do so, what the client brings
 * afterwards, and the channel's user-token service. A client that has a token of its own sends it
 * with the press that was answered by the request, or, for a card in a message, as
 * signin/tokenExchange; one that had to show a sign-in page sends the page's code.
 */
#ifndef AD_TEAMS_SIGNIN_H
#define AD_TEAMS_SIGNIN_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/json.h"
#include "ad/net.h"
#include "ad/teams/activity.h"

#include <stdbool.h>
#include <stddef.h>

#define AD_SIGNIN_CODE_MAX 64 /* bytes of a code: in practice six digits */

/* ---- What the client brings. Pure; any thread. ---- */

/* How it came, which says how it is answered. */
enum ad_signin_way {
	AD_SIGNIN_BY_PRESS = 0, /* with the repeated press: as any press */
	AD_SIGNIN_BY_EXCHANGE,  /* signin/tokenExchange: by an HTTP status */
	AD_SIGNIN_BY_CODE       /* signin/verifyState: by 200, and a message */
};

/* A token or a code; texts are "" when they are missing, and nothing of them may be logged. */
struct ad_signin_answer {
	enum ad_signin_way way;
	const char *exchange_id; /* of the request that this answers */
	const char *connection;
	const char *token;
	const char *code;
};

/* False: the activity brings neither. A refresh brings nothing, whatever is in it. */
bool ad_signin_answer_of(const struct ad_activity *activity, struct ad_signin_answer *ret);

/* ---- Asking to sign in. Pure; any thread. ---- */

struct ad_signin_request {
	const char *text;
	const char *connection;  /* name of the bot's OAuth connection */
	const char *button;      /* its title */
	const char *link;        /* of the sign-in page */
	const char *exchange_id; /* comes back with the token */
	const char *resource;    /* for which the client asks for a token; "": it cannot */
	const char *provider;    /* "" */
};

/* The OAuth card of the request. */
struct ad_json *ad_signin_card(struct ad_arena *arena, const struct ad_signin_request *request);
/* Body of the answer to signin/tokenExchange; fault: why it failed, for the client's log, or NULL.
 */
struct ad_json *ad_signin_exchange_body(
	struct ad_arena *arena, const struct ad_signin_answer *answer, const char *fault);

/* ---- The user-token service. A worker thread; waits for HTTP. ---- */

struct ad_user_tokens {
	const char *base_url;   /* "https://token.botframework.com" */
	const char *connection; /* name of the bot's OAuth connection */
	const char *app_id;     /* of the bot */
	struct ad_net_client *net;
	const char *token; /* the bot's own access token */
	int total_ms;      /* for one call */
	bool allow_http_loopback;
};

struct ad_signin_resource {
	const char *link;
	const char *resource; /* "" when the connection has none */
	const char *provider; /* "" */
};

/* Where the person who sent the activity signs in. AD_EINVAL: an answer that is none. */
AD_MUST int ad_user_token_resource(const struct ad_user_tokens *service, struct ad_arena *arena,
	const struct ad_activity *activity, struct ad_signin_resource *ret, struct ad_err *err);

/* The token that a sign-in with this code has brought. AD_ENOTFOUND: none. The service's own copy
 * is dropped afterwards, as far as it can be reached. The caller drops *ret_token. */
AD_MUST int ad_user_token_take(const struct ad_user_tokens *service, struct ad_arena *arena,
	const struct ad_activity *activity, const char *code, const char **ret_token,
	struct ad_err *err);

#endif
