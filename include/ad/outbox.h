/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sender: delivers outbox rows through the Bot Connector on a thread of its own, many people at
 * a time, one message at a time for each of them. Every outcome is recorded and logged once. What
 * it holds in memory is only a working copy: a row stays pending in the database until its outcome
 * is written there.
 */
#ifndef AD_OUTBOX_H
#define AD_OUTBOX_H

#include "ad/err.h"
#include "ad/identity/token.h"
#include "ad/net.h"
#include "ad/store/convs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AD_OUTBOX_POLL_MS 1000          /* between two looks for rows of dead nodes */
#define AD_OUTBOX_GIVE_UP_S 86400       /* then a row is dead */
#define AD_OUTBOX_AMBIGUOUS_MS 30000    /* before the one repetition of a send without answer */
#define AD_OUTBOX_BACKOFF_BASE_MS 1000  /* first delay after 412, 5xx, no connection */
#define AD_OUTBOX_BACKOFF_MAX_MS 300000 /* longest */
#define AD_OUTBOX_PERSON_BURST 5        /* messages at once in one conversation, then ... */
#define AD_OUTBOX_PERSON_MS 700         /* ... one every so often (protocol.md 4.4) */
#define AD_OUTBOX_HOUR_BURST 300        /* of many, the first so many at that pace, then ... */
#define AD_OUTBOX_HOUR_MS 2400          /* ... one every so often */
#define AD_OUTBOX_TENANT_PER_S 50       /* calls in any second */
#define AD_OUTBOX_IN_FLIGHT_MAX 256
#define AD_OUTBOX_TENANT_HOLD_MS 300000 /* between two tries while a tenant refuses the bot */
#define AD_OUTBOX_MAIL_AT_ONCE 4        /* mails under way */
#define AD_OUTBOX_EPISODE_MS 3600000    /* quiet that ends an episode of refused messages */

struct ad_db_url;
struct ad_outbox;

/* What whoever runs this has to hear of: said once per episode and tenant, in the log, in the
 * metrics and to the configuration's alarm function. */
enum ad_outbox_alarm_kind {
	/* 403 BotDisabledByAdmin: the tenant's messages wait. The episode ends with the first call
	 * that is not refused so. */
	AD_OUTBOX_ALARM_POLICY = 0,
	/* 401 for a new token: id, tenant or credential are wrong. With BotNotRegistered the
	 * tenant's messages wait. Ends as above. */
	AD_OUTBOX_ALARM_REGISTRATION,
	/* 403 NotEnoughPermissions. Ends after AD_OUTBOX_EPISODE_MS without another one. */
	AD_OUTBOX_ALARM_PERMISSION,
	/* 400: the connector takes a message for malformed; an error of ours. Ends as above. */
	AD_OUTBOX_ALARM_MALFORMED,
	AD_OUTBOX_ALARMS
};

struct ad_outbox_alarm {
	enum ad_outbox_alarm_kind kind;
	const char *tenant_id;
	const char *code; /* the connector's, "" */
	const char *text; /* one line */
};

/* On the sender's thread: leaves a note and returns; strings live until then. */
typedef void ad_outbox_alarm_fn(void *ctx, const struct ad_outbox_alarm *alarm);

/* Stable lower-case name: "policy", "registration", ... */
const char *ad_outbox_alarm_name(enum ad_outbox_alarm_kind kind);

/* How mail leaves. */
enum ad_outbox_transport { AD_OUTBOX_MAIL_OFF = 0, AD_OUTBOX_MAIL_GRAPH, AD_OUTBOX_MAIL_SMTP };

struct ad_outbox_mail_config {
	enum ad_outbox_transport transport; /* OFF: mails are dead, and say why */
	const char *from;
	/* GRAPH */
	const char *graph_base_url;
	struct ad_token_source *token;
	/* SMTP */
	const char *smtp_url;
	const char *smtp_ca;
	const char *smtp_user;
	const char *smtp_password;
	/* Asked for the password as it is now, after the server has refused the last one; NULL: it
	 * stays. A thread of the mailers. */
	int (*renew)(void *ctx, struct ad_arena *arena, const char **ret, struct ad_err *err);
	void *renew_ctx;
	int total_ms; /* of one mail; 0: the transport's own */
};

/* Strings, hosts and key are copied; database and tokens stay the caller's and must outlive
 * the outbox. A zero number means the constant above. */
struct ad_outbox_config {
	struct ad_db_url *database;
	const char *node_id; /* unique for each start of each process */
	const char *app_id;
	struct ad_token_source *token;
	struct ad_net_hosts hosts; /* where the token may go */
	bool allow_http_loopback;
	const char *service_url; /* for people nobody of whose tenant has written yet; "": none */
	struct ad_store_conv_key key;
	struct ad_outbox_mail_config mail;
	int total_ms; /* of one call; 0: AD_CONNECTOR_TOTAL_MS */
	int poll_ms;
	int give_up_s;
	int ambiguous_ms;
	int backoff_base_ms;
	int tenant_per_s;
	int in_flight_max;
	ad_outbox_alarm_fn *alarm; /* NULL: none */
	void *alarm_ctx;
};

/* Starts the sender's thread; the database need not be there yet. After ad_net_init. */
AD_MUST int ad_outbox_start(
	const struct ad_outbox_config *config, struct ad_outbox **ret, struct ad_err *err);

/* Rows that this node has just committed. Any thread, never waits. */
void ad_outbox_kick(struct ad_outbox *outbox, const int64_t *ids, size_t count);

/* Look for due rows now. Any thread, never waits. */
void ad_outbox_wake(struct ad_outbox *outbox);

/* Sends what it holds for up to deadline_ms, records, gives the other leases back, joins the thread
 * and frees. AD_ETIMEOUT when something was left for others. */
AD_MUST int ad_outbox_stop(struct ad_outbox *outbox, int deadline_ms, struct ad_err *err);

struct ad_outbox_metrics {
	uint64_t sent;   /* to Teams */
	uint64_t mailed; /* taken by the mail server */
	uint64_t updated;
	uint64_t retried;
	uint64_t ambiguous;
	uint64_t dead;
	uint64_t refused_hosts; /* service URLs off the list */
	uint64_t throttled;     /* 429 */
	uint64_t token_drops;   /* 401 */
	uint64_t database_errors;
	uint64_t alarms;    /* episodes begun */
	uint64_t in_flight; /* now */
	uint64_t held;      /* rows in memory now */
};

/* Any thread. */
void ad_outbox_get_metrics(struct ad_outbox *outbox, struct ad_outbox_metrics *ret);

#endif
