/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail by Graph: the request that sends one, and what the answer to it means. Pure functions around
 * net's requests, for the sender's loop; the caller brings the token and limits the pace. Any
 * thread. Needs the application permission Mail.Send.
 */
#ifndef AD_GRAPH_MAIL_H
#define AD_GRAPH_MAIL_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/net.h"

#define AD_GRAPH_MAIL_TOTAL_MS 30000       /* one call, whole */
#define AD_GRAPH_MAIL_BODY_MAX (64u << 10) /* bytes of an answer that are read */
#define AD_GRAPH_MAIL_RETRY_AFTER_MAX_S 3600
#define AD_GRAPH_MAIL_PER_MINUTE 30 /* messages that a mailbox may send (Exchange Online) */
#define AD_GRAPH_MAIL_AT_ONCE 4     /* calls for one mailbox (Graph's Outlook limits) */

struct ad_graph_mail {
	const char *base_url; /* "https://graph.microsoft.com": no slash at the end */
	const char *from;     /* the mailbox: object id, user principal name or address */
	const char *token;    /* access token, without "Bearer " */
	const char *to;
	const char *subject;
	const char *text;
	const char *html; /* "": the text alone */
	bool allow_http_loopback;
};

/* The whole request; strings live in the arena or are the mail's. AD_EINVAL: the recipient is no
 * plain address, or something is missing. */
AD_MUST int ad_graph_mail_request(struct ad_arena *arena, const struct ad_graph_mail *mail,
	struct ad_net_request *ret, struct ad_err *err);

enum ad_graph_mail_verdict {
	AD_GRAPH_MAIL_DONE = 0,
	AD_GRAPH_MAIL_RETRY,   /* certainly not taken: later, see retry_after_s */
	AD_GRAPH_MAIL_TOKEN,   /* 401: drop the token, once more */
	AD_GRAPH_MAIL_UNKNOWN, /* may have been taken: never again by itself */
	AD_GRAPH_MAIL_REFUSED, /* our mailbox or permission is wrong: operators must act */
	AD_GRAPH_MAIL_DEAD     /* this mail, never */
};

struct ad_graph_mail_outcome {
	enum ad_graph_mail_verdict verdict;
	int status; /* HTTP, 0 when no answer came */
	int retry_after_s;
	const char *request_id; /* for Microsoft's support; "" */
	const char *text;       /* one line for ledger and log */
};

/* Judges an answer, or its absence (rc and err of net). Tolerates any body. Strings live in the
 * arena. */
void ad_graph_mail_judge(struct ad_arena *arena, int rc, const struct ad_net_response *response,
	const struct ad_err *err, struct ad_graph_mail_outcome *ret);

#endif
