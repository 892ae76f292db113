/* SPDX-License-Identifier: Apache-2.0 */
/* The running service: every module that `serve` builds, in the order in which they are built.
 * Private to app. */
#ifndef AD_APP_SERVICE_H
#define AD_APP_SERVICE_H

#include "ad/bot.h"
#include "ad/config.h"
#include "ad/crypto/tls.h"
#include "ad/db.h"
#include "ad/desk.h"
#include "ad/identity/token.h"
#include "ad/jobs.h"
#include "ad/store/outbox.h"
#include "ad/winget.h"
#include "ad/winget/package.h"
#include "rekey.h"
#include "tokens.h"

#include <pthread.h>
#include <stdatomic.h>

#define AD_STOP_TURNS_MS 10000 /* turns and their answers after a stop was asked for */
#define AD_STOP_SENDER_MS 5000 /* the sender's flush */

#define AD_HEALTH_TOKENS 2 /* the bot's and Graph's */

/* The newest alarm of a kind, left by the sender. */
struct ad_notice_alarm {
	bool is_due;
	char tenant_id[64];
	char text[AD_OUTBOX_ERROR_MAX];
};

struct ad_service;

/* What did not arrive, and what keeps messages from arriving: looked at by the health thread. */
struct ad_notice_watch {
	struct ad_service *service; /* NULL until it is started */
	pthread_mutex_t lock;       /* guards the next two */
	struct ad_notice_alarm alarms[AD_OUTBOX_ALARMS];
	struct ad_outbox *outbox;                 /* NULL: not there, or going */
	int64_t next_count_ms;                    /* of the watching thread alone */
	_Atomic int64_t dead, ambiguous, waiting; /* the last count */
};

/* Before the sender and the health thread start. */
void ad_notice_watch_start(struct ad_notice_watch *watch, struct ad_service *service);
/* The sender's alarm function; ctx is the watch. */
void ad_notice_watch_alarm(void *ctx, const struct ad_outbox_alarm *alarm);
/* One look. Health thread. */
void ad_notice_watch_look(struct ad_notice_watch *watch, struct ad_db *db);
/* The sender that is told of mails; NULL before it is stopped. */
void ad_notice_watch_sender(struct ad_notice_watch *watch, struct ad_outbox *outbox);

/* Watches the database from a thread of its own, so that /readyz never waits. */
struct ad_health {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake; /* with lock: stopping has changed */
	bool stopping;       /* under lock */
	bool running;
	struct ad_db_url *database;
	struct ad_notice_watch *notices;
	struct ad_identity *identity; /* NULL until it is there; under lock */
	bool keys_failing;            /* at the last look; of the watching thread alone */
	bool keys_old;
	struct ad_token_watch tokens[AD_HEALTH_TOKENS]; /* of the watching thread alone, ... */
	bool watches_tokens;                            /* ... once this is set, under lock */
	_Atomic bool database_ok;
	_Atomic bool schema_ok;
};

/* notices is looked at as well. Both must outlive the watch. */
AD_MUST int ad_health_start(struct ad_health *health, struct ad_db_url *database,
	struct ad_notice_watch *notices, struct ad_err *err);
/* From now on the age of its keys is watched too. */
void ad_health_watch_keys(struct ad_health *health, struct ad_identity *identity);
/* From now on our own tokens are watched too; the certificate of the second one only when it is not
 * the first one's. They must outlive the watch. */
void ad_health_watch_tokens(struct ad_health *health, struct ad_token_source *bot,
	struct ad_token_source *graph, bool own_certificate);
void ad_health_stop(struct ad_health *health);

struct ad_service {
	struct ad_config *config;
	struct ad_arena *arena; /* lives as long as the service */
	const char *node_id;
	struct ad_cards *cards;
	struct ad_winget_profile profile;
	struct ad_store_conv_key key;
	struct ad_desk_mail mail;
	struct ad_net_hosts hosts;
	struct ad_db_url *database;
	bool net;
	struct ad_notice_watch notices;
	struct ad_health health;
	struct ad_identity *identity;
	struct ad_signin *signin; /* NULL: nothing is stepped up */
	struct ad_bot_stepup stepup;
	struct ad_token_source *bot_token;
	struct ad_token_source *graph_token;
	struct ad_outbox *outbox;
	struct ad_jobs *jobs;
	struct ad_rekey rekey;
	struct ad_bot *bot;
	struct ad_tls_server *tls; /* NULL: plain HTTP on loopback or behind a proxy */
	struct ad_http_server *server;
	uint16_t port;
	uint16_t admin_port;
};

/* Builds and starts everything but the loop. On an error what was built is taken down. */
AD_MUST int ad_service_start(const char *config_path, struct ad_service *ret, struct ad_err *err);
/* After the loop has ended: stops in order and frees. */
void ad_service_stop(struct ad_service *service);

/* The front door. Fills hosts. */
void ad_front_hosts(struct ad_service *s);
/* Makes the server and its listeners. */
AD_MUST int ad_front_open(struct ad_service *s, struct ad_err *err);
/* Certificates and the database's address are read again (SIGHUP); what cannot be read stays as it
 * was. Loop thread. */
void ad_front_reload(struct ad_service *s);

/* Handlers of the admin listener; ctx is the service. Loop thread. */
ad_http_handler ad_admin_healthz;
ad_http_handler ad_admin_readyz;
ad_http_handler ad_admin_metrics;

#endif
