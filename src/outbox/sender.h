/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sender's rooms. All of it belongs to the sender's thread, except what struct ad_outbox marks
 * as shared.
 *
 *   kick or poll -> ledger (rows into lanes) -> delivery (requests) -> settle (verdict -> result)
 *                -> ledger (results into rows)
 */
#ifndef AD_OUTBOX_SENDER_H
#define AD_OUTBOX_SENDER_H

#include "ad/db.h"
#include "ad/net/mailer.h"
#include "ad/outbox.h"
#include "ad/store/convs.h"
#include "ad/store/outbox.h"
#include "ad/teams/connector.h"
#include "ad/teams/reference.h"
#include "ad/work.h"

#include <pthread.h>
#include <stdatomic.h>

#define LANE_BUCKETS 1024
#define HELD_MAX 4096         /* rows in memory; what is kicked above that waits in the database */
#define KICKS_MAX 65536       /* ids that wait to be looked at */
#define LANE_IDLE_MS 30000    /* an empty lane is kept this long */
#define URGENT_ROOM 64        /* rows that are waited for are taken beyond all other limits */
#define IN_FLIGHT_RESERVE 8   /* one part of so many of the calls under way is not for news */
#define WAIT_HERE_MAX_MS 5000 /* for a conversation; longer waits are given back */
#define TOKEN_WAIT_MS 50      /* between two looks whether a token has come */
#define CLAIM_AHEAD 2         /* rows in hand for each call that may be under way */
#define CLAIM_REST 3          /* after a claim, so many times as long as it took */
#define DATABASE_PAUSE_MS 500 /* after the database failed */
#define MAILS_HELD_MAX 32     /* mails in memory: a slow mailbox must not stand before chats */
#define MAIL_ROOM_MS 100      /* between two looks whether another mail may leave */

/* Rate limit that saves up to burst messages. */
struct bucket {
	double saved;
	int64_t filled_ms;
};

/* From the first refusal of its kind until things are well again, or quiet for long. */
struct episode {
	bool is_on;
	int64_t last_ms;
};

struct tenant {
	struct tenant *next;
	char *id;
	struct bucket pace;
	bool is_refused; /* the bot as a whole: one call at a time tries whether it still is */
	int64_t hold_until_ms;
	struct episode episodes[AD_OUTBOX_ALARMS];
};

/* A conversation's pace; see pace.c. */
struct pace {
	struct pace *next_in_bucket;
	const struct tenant *tenant;
	char *key;
	struct bucket moment; /* for the limits of 1, 2 and 30 s */
	struct bucket hour;
	int64_t not_before_ms; /* the connector asked for patience */
};

/* One person's rows of one channel in our hands, in the order of ids. The head is being worked on;
 * the others wait for it. */
struct lane {
	struct lane *next_in_bucket;
	struct lane *prev, *next; /* of the lanes with rows, the one that waited longest first */
	struct item *head;
	struct tenant *tenant;
	char *oid;
	enum ad_outbox_channel channel;
	size_t urgent;         /* rows that are waited for, here or behind these in the database */
	bool is_busy;          /* the head is on its way, or its result is not yet written */
	int64_t not_before_ms; /* for the next start */
	int64_t empty_since_ms;
};

/* Where a message goes. */
struct place {
	const char *service_url;
	const char *conversation_id; /* "" for a conversation that has to be created */
	const char *user_id;         /* "" or "29:..." */
	bool is_personal;            /* the conversation of the person's reference */
};

enum reduction { WHOLE = 0, SHORT_CARD, TEXT_ONLY };

/* A row in our hands. */
struct item {
	struct item *next;          /* in its lane */
	struct item *next_finished; /* in sender->finished */
	struct ad_outbox *outbox;
	struct lane *lane;
	struct ad_arena *arena; /* of the item and all that it points to */
	struct ad_outbox_row row;
	struct ad_reference reference; /* when row.reference is not NULL */
	bool was_claimed;              /* more of this person may wait in the database */

	/* the attempt under way */
	enum ad_connector_op op;
	struct place place;
	const char *token;

	/* what was tried already; each of them happens once */
	bool is_token_new;
	bool is_host_changed;
	bool is_recreated; /* the conversation was gone: created anew */
	enum reduction reduction;
	bool is_new_message; /* an update whose activity is gone: sent as a new one */

	struct ad_outbox_result result;
	int status;
	const char *correlation_id;
};

/* The mailbox that all mails come from. */
struct mailbox {
	struct ad_net_hosts hosts; /* Graph's, and no other: where its token may go */
	size_t held;               /* mails in memory */
	size_t under_way;
	struct bucket pace;
	int64_t not_before_ms; /* Graph asked for patience */
	bool is_refused;       /* said so in the log */

	/* SMTP */
	struct ad_pool *pool;
	struct ad_done *done; /* mails that have an end */
	struct ad_mailer *mailers[AD_OUTBOX_MAIL_AT_ONCE];
	pthread_mutex_t lock; /* guards the next two */
	struct ad_arena *password_arena;
	const char *password;
};

struct counters {
	atomic_uint_fast64_t sent, mailed, updated, retried, ambiguous, dead, refused_hosts,
		throttled, token_drops, database_errors, alarms, in_flight, held;
};

struct ad_outbox {
	/* written before the thread starts */
	struct ad_outbox_config config;
	struct ad_arena *config_arena;
	struct ad_outbox_node node;
	const char *bot_id; /* "28:<app id>" */
	pthread_t thread;
	struct ad_net_multi *multi; /* ad_net_multi_wakeup is for any thread */

	/* shared */
	pthread_mutex_t lock; /* guards the next five */
	int64_t *kicks;
	size_t kicks_count;
	bool is_woken;
	bool is_stopping;
	int stop_deadline_ms;
	struct counters counters;

	struct mailbox mailbox; /* the sender's thread, but for what is marked there */

	/* the sender's thread */
	struct ad_db *db;
	struct ad_arena *arena; /* of one round of the loop */
	struct lane *lanes[LANE_BUCKETS];
	struct pace *paces[LANE_BUCKETS];
	struct lane *first, *last; /* lanes with rows */
	struct tenant *tenants;
	struct item *finished; /* results to be written */
	int64_t *give_back;    /* ids to be given back; HELD_MAX long */
	size_t give_back_count;
	size_t held;
	int64_t now_ms; /* of this round */
	int64_t next_poll_ms;
	int64_t claim_after_ms; /* no poll before this, however much there is to do */
	int64_t next_renew_ms;
	int64_t next_record_ms; /* some results had to wait for a deciding transaction */
	int64_t database_pause_until_ms;
	bool is_database_down; /* said so in the log */
};

/* lane.c */
/* Takes a row into its lane; false when it is there already. The row's strings are copied. */
bool lane_take(struct ad_outbox *outbox, const struct ad_outbox_row *row, bool was_claimed);
/* Removes and frees an item. */
void lane_drop(struct ad_outbox *outbox, struct item *item);
/* Lets go of all but the head and notes that their leases are to be given back: what they know of
 * the person is old, or the head has to wait. */
void lane_give_back_rest(struct ad_outbox *outbox, struct lane *lane);
void lane_move_last(struct ad_outbox *outbox, struct lane *lane);
/* Frees lanes that have been empty for long; all of them when the sender ends. */
void lane_sweep(struct ad_outbox *outbox, bool all);

#define HASH_START 2166136261u /* FNV-1a */
uint32_t sender_hash(uint32_t from, const char *text);

/* True for a mail that is not in its lane and finds no room there: its lease is to be given back.
 */
bool lane_has_no_room(const struct ad_outbox *outbox, const struct ad_outbox_row *row);
/* How many mails may be taken from the database. */
int lane_mail_room(const struct ad_outbox *outbox);

/* pace.c: milliseconds until the limits allow a call; 0 now. */
int64_t pace_wait_tenant(const struct ad_outbox *outbox, const struct lane *lane);
/* item->place is known. */
int64_t pace_wait(struct ad_outbox *outbox, const struct item *item);
/* The call is made: it counts. */
void pace_take(struct ad_outbox *outbox, const struct item *item);
/* Nothing to this conversation for so long. */
void pace_be_patient(struct ad_outbox *outbox, const struct item *item, int64_t delay_ms);
/* The same for the mailbox. */
int64_t pace_wait_mail(struct ad_outbox *outbox);
void pace_take_mail(struct ad_outbox *outbox);
void pace_start_mail(struct ad_outbox *outbox);
void pace_start_tenant(const struct ad_outbox *outbox, struct tenant *tenant);
/* Forgets conversations whose limits are at rest; all of them when the sender ends. */
void pace_sweep(struct ad_outbox *outbox, bool all);

/* ledger.c: the database. A failure is counted, logged once, and followed by a pause. */
/* False: the database did not answer, try again. */
bool ledger_load(struct ad_outbox *outbox, const int64_t *ids, size_t count);
void ledger_claim(struct ad_outbox *outbox);
void ledger_renew(struct ad_outbox *outbox);
void ledger_record(struct ad_outbox *outbox);
void ledger_give_back(struct ad_outbox *outbox);
void ledger_release_all(struct ad_outbox *outbox);
/* True when rc is 0; tells the log when the database goes and comes. */
bool ledger_went_well(struct ad_outbox *outbox, int rc, const struct ad_err *err);

/* delivery.c */
/* Starts what may start; returns the milliseconds until the next lane may, at most max_ms. */
int delivery_start_ready(struct ad_outbox *outbox, int max_ms);

/* alarm.c */
/* Tells whoever runs this, once per episode of the tenant's. */
void alarm_raise(struct item *item, enum ad_outbox_alarm_kind kind,
	const struct ad_connector_outcome *outcome);
/* The tenant takes the bot: what was wrong with it as a whole is over. */
void alarm_clear(struct tenant *tenant);

/* settle.c */
/* The answer, or its absence, for the item under way: an ad_net_done. */
void settle_done(
	void *item, int rc, const struct ad_net_response *response, const struct ad_err *err);
/* Ends the item's turn without an answer. */
void settle_dead(struct item *item, const char *why);
void settle_later(struct item *item, int64_t delay_ms, const char *why);
void settle_ambiguous(struct item *item, const char *why);
void settle_sent(struct item *item);
/* Once more from the beginning, in the next round. */
void settle_again(struct item *item);
/* The peer's wish in seconds (0: none) and our own back-off, whichever is longer. */
int64_t settle_delay_ms(const struct item *item, int retry_after_s);
/* Delay before the item's next attempt after a passing failure. */
int64_t settle_backoff_ms(const struct item *item);

/* mail.c */
AD_MUST int mail_open(struct ad_outbox *outbox, struct ad_err *err);
/* Starts the head of a mail's lane, or says when to look again. */
void mail_start(struct item *item);
/* The mail has left the hands of its transport. */
void mail_ended(struct item *item);
/* Whoever runs this must act; said once until it is well again. */
void mail_refused(struct item *item, const char *why);

/* mail_smtp.c */
AD_MUST int smtp_open(struct ad_outbox *outbox, struct ad_err *err);
void smtp_send(struct item *item);
/* Settles what the mailers are done with. */
void smtp_collect(struct ad_outbox *outbox);
/* Ends the mailers; what is under way is cut off and settled. */
void smtp_close(struct ad_outbox *outbox);

#define COUNT(outbox, what) \
	((void)atomic_fetch_add_explicit(&(outbox)->counters.what, 1, memory_order_relaxed))

#endif
