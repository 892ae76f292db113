/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bot Connector: requests to it and the meaning of its answers (protocol.md 4, 5.2). Pure functions
 * around net's requests and responses, so that the blocking and the multiplexed client share them.
 * Any thread. The caller checks the service URL against the host list before it asks for a token.
 */
#ifndef AD_TEAMS_CONNECTOR_H
#define AD_TEAMS_CONNECTOR_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/net.h"

#include <stdbool.h>

#define AD_CONNECTOR_TOTAL_MS 15000 /* a connector call, whole (reliability 15) */
#define AD_CONNECTOR_RETRY_AFTER_MAX_S 3600
#define AD_CONNECTOR_BODY_MAX (256u << 10) /* bytes of an answer that are read */
/* Where the connector of the US government's community cloud lives: the one re-try that
 * InvalidBotApiHost asks for. */
#define AD_CONNECTOR_GCC_URL "https://smba.infra.gcc.teams.microsoft.com/teams"

enum ad_connector_op {
	AD_CONNECTOR_SEND = 0, /* POST a message of its own */
	AD_CONNECTOR_REPLY,    /* POST under activity_id */
	AD_CONNECTOR_UPDATE,   /* PUT activity_id */
	AD_CONNECTOR_DELETE,   /* DELETE activity_id */
	AD_CONNECTOR_CREATE    /* POST a personal conversation; gives the same one each time */
};

struct ad_connector_call {
	enum ad_connector_op op;
	const char *service_url;     /* verbatim: region and tenant path are kept */
	const char *conversation_id; /* not for CREATE; may carry ;messageid= */
	const char *activity_id;     /* REPLY, UPDATE, DELETE */
	const char *body;            /* JSON text; not for DELETE */
	const char *token;           /* access token, without "Bearer " */
	bool allow_http_loopback;
};

/* The address alone: service URL, exactly one slash, v3/..., every id percent-encoded. */
char *ad_connector_url(struct ad_arena *arena, const struct ad_connector_call *call);

/* The whole request, ready for ad_net_send or ad_net_multi_add; strings live in the arena or are
 * the call's. AD_EINVAL when the call lacks something its op needs. */
AD_MUST int ad_connector_request(struct ad_arena *arena, const struct ad_connector_call *call,
	struct ad_net_request *ret, struct ad_err *err);

/* Body of CREATE for one person; user_id is "29:..." or the Entra object id. */
char *ad_connector_create_body(
	struct ad_arena *arena, const char *bot_id, const char *user_id, const char *tenant_id);

enum ad_connector_verdict {
	AD_CONNECTOR_DONE = 0,
	AD_CONNECTOR_RETRY, /* certainly not done (or harmless to repeat): later, see retry_after_s
			     */
	AD_CONNECTOR_TOKEN, /* 401: drop the token, once more */
	AD_CONNECTOR_UNKNOWN,         /* may have been done: no blind repetition */
	AD_CONNECTOR_WRONG_HOST,      /* once more at AD_CONNECTOR_GCC_URL */
	AD_CONNECTOR_TOO_BIG,         /* once more, reduced */
	AD_CONNECTOR_NO_ACTIVITY,     /* the activity to change is gone: send a new one */
	AD_CONNECTOR_NO_CONVERSATION, /* the conversation is gone: create it anew, once */
	AD_CONNECTOR_TENANT_BLOCKED,  /* the tenant's policy: hold all that goes there, tell admins
				       */
	AD_CONNECTOR_REFUSED,         /* never, and whoever runs this has to hear of it */
	AD_CONNECTOR_DEAD             /* never */
};

/* What the answer says about the person's reference. */
enum ad_reference_change {
	AD_REFERENCE_KEEP = 0,
	AD_REFERENCE_BLOCKED, /* the person blocked or muted the bot */
	AD_REFERENCE_REMOVED, /* not installed (any more): until the next installationUpdate */
	AD_REFERENCE_STALE    /* conversation gone: the next message creates it anew */
};

struct ad_connector_outcome {
	enum ad_connector_verdict verdict;
	enum ad_reference_change reference;
	int status;              /* HTTP, 0 when no answer came */
	int retry_after_s;       /* 0: the connector said nothing */
	const char *id;          /* DONE: activity id, or conversation id for CREATE; may be "" */
	const char *service_url; /* DONE of CREATE: "" or where the conversation lives */
	const char *code;        /* the connector's own error code, "" */
	const char *correlation_id; /* for Microsoft's support; "" */
	const char *text;           /* one line for ledger and log */
};

/* Judges an answer, or its absence (rc and err of net, response->status 0). Decides by status
 * first, then by code, and tolerates any body. Strings live in the arena. */
void ad_connector_judge(struct ad_arena *arena, enum ad_connector_op op, int rc,
	const struct ad_net_response *response, const struct ad_err *err,
	struct ad_connector_outcome *ret);

/* Stable lower-case name: "done", "retry", ... */
const char *ad_connector_verdict_name(enum ad_connector_verdict verdict);

#endif
