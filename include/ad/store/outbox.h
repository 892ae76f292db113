/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox: all that leaves towards people, written in the deciding transaction and delivered by
 * the sender. One person's rows leave in the order of their ids. A row is leased to one node at a
 * time; whoever's lease has run out writes nothing any more.
 */
#ifndef AD_STORE_OUTBOX_H
#define AD_STORE_OUTBOX_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/store/convs.h"
#include "ad/store/later.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_db;

#define AD_OUTBOX_LEASE_S 20    /* what a dead node held waits so long; renewed while it is held */
#define AD_OUTBOX_ERROR_MAX 500 /* characters of last_error */

/* ---- Those who have something to say ---- */

/* Strings may be NULL for "". */
struct ad_outbox_new {
	const char *node_id; /* this node: the row is leased to its sender */
	const char *tenant_id;
	const char *recipient_oid;
	const char *fact; /* what this is about: 'request.12.v1.approver'; one notice per person */
	const char *activity; /* JSON text by ad_activity_print, without address */
	/* A card that shows a request or a job is registered as a copy and can be changed later
	 * (ad/store/copies.h). */
	const char *card;   /* 'receipt', 'approval', 'job'; "" when it need not change */
	int64_t request_id; /* 0: none */
	int64_t job_id;     /* 0: none; only with card */
	int version;        /* of the request that the card shows */
	/* Address of an answer in the conversation that it belongs to; "": the person's own. */
	const char *service_url;
	const char *conversation_id;
	const char *reply_to_id;
	bool urgent; /* somebody waits for it: it goes before news to others */
};

/* Adds a send row inside the caller's transaction. *ret_id is 0 when this person was told this fact
 * before. After the commit give the ids to ad_outbox_kick. */
AD_MUST int ad_store_outbox_add(struct ad_db *db, struct ad_arena *arena,
	const struct ad_outbox_new *row, int64_t *ret_id, struct ad_err *err);

/* The same, with the next statement. Its rows, and those of ad_store_copy_change_later, are told by
 * ad_store_outbox_came; none while they are not there. */
AD_MUST int ad_store_outbox_add_later(struct ad_db *db, struct ad_arena *arena,
	const struct ad_outbox_new *row, struct ad_store_later *later, struct ad_err *err);
size_t ad_store_outbox_came(
	struct ad_arena *arena, const struct ad_store_later *later, int64_t **ret_ids);

/* ---- Mail: the second channel ---- */

#define AD_MAIL_SUBJECT_MAX 200       /* characters */
#define AD_MAIL_BODY_MAX (256u << 10) /* bytes of text and html together */
#define AD_MAIL_FACT "mail."          /* stands before a mail's fact in its row */
#define AD_MAIL_ALERT "alert:"        /* and before an operator's address in place of a person */

/* One mail to one person. Strings may be NULL for "". */
struct ad_mail_new {
	const char *tenant_id;
	const char *recipient_oid;
	/* What this is about; may be the fact of the notice that it stands for. One mail per person
	 * and fact. */
	const char *fact;
	int64_t fallback_of; /* the notice that Teams did not take; 0: none */
	int64_t request_id;  /* 0: none */
	bool urgent;         /* somebody waits for this person's decision */
	const char *node_id; /* this node: the row is leased to its sender */
	const char *to;      /* a plain address: ad_text_is_mail_address */
	const char *subject; /* one line */
	const char *text;
	const char *html; /* "": the text alone is sent */
};

/* Adds a mail inside the caller's transaction. All that it says, its address included, is sealed
 * with the key and bound to tenant, person and fact; nothing of it is left once the row has ended.
 * *ret_id is 0 when this person was mailed this fact before. AD_EINVAL: the address is not plain,
 * the subject is empty, too long or has more than one line, or there is no text; AD_ETOOBIG. After
 * the commit give the id to ad_outbox_kick. */
AD_MUST int ad_store_outbox_add_mail(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_mail_new *mail, int64_t *ret_id,
	struct ad_err *err);

/* Something that operators must hear of although Teams may be what fails. */
struct ad_mail_alert {
	const char *tenant_id;
	const char *node_id;
	const char *fact; /* names the episode: 'tenant.<id>.blocked.<since>'; one mail for each */
	const char *const *to; /* configuration's mail.alert_to; may be none */
	size_t to_count;
	const char *subject;
	const char *text;
};

/* One mail to each address, in the caller's transaction or in statements of their own. *ret_ids are
 * for ad_outbox_kick; what was told before is left out. */
AD_MUST int ad_store_outbox_add_alert(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_mail_alert *alert, int64_t **ret_ids,
	size_t *ret_count, struct ad_err *err);

/* ---- The sender ---- */

enum ad_outbox_kind { AD_OUTBOX_SEND = 0, AD_OUTBOX_UPDATE };

enum ad_outbox_channel { AD_OUTBOX_TEAMS = 0, AD_OUTBOX_MAIL };

/* What the row of a mail holds. */
struct ad_outbox_mail {
	const char *to;
	const char *subject;
	const char *text;
	const char *html; /* "": none */
};

/* A row with what its delivery needs. */
struct ad_outbox_row {
	int64_t id;
	enum ad_outbox_channel channel;
	enum ad_outbox_kind kind;
	int revision; /* of the activity: an update that was replaced meanwhile is not done */
	int attempts;
	bool maybe_sent; /* an earlier attempt ended without an answer */
	bool urgent;     /* this one is waited for, or one behind it */
	const char *tenant_id;
	const char *recipient_oid;
	const char *fact;
	const char *activity;
	const char *service_url; /* "" = the person's reference */
	const char *conversation_id;
	const char *reply_to_id;
	int64_t copy;                 /* the card copy that the row sends or changes; 0: none */
	const char *copy_activity_id; /* UPDATE: the activity to replace; "": not known */
	/* The person's reference: its JSON in clear, NULL when there is none that can be read. */
	const char *reference;
	enum ad_conv_state reference_state;
	/* MAIL: what it says (activity is then ""); NULL when the seal cannot be opened. */
	const struct ad_outbox_mail *mail;
};

struct ad_outbox_node {
	const char *node_id;
	const char *app_id; /* whose references count */
	const struct ad_store_conv_key *key;
};

/* The rows that are leased to this node, of all people whom the rows of ids are for; leases
 * renewed, in the order of ids. Nothing of a person of whom an older row is in other hands or
 * waits: give those ids back. */
AD_MUST int ad_store_outbox_load(struct ad_db *db, struct ad_arena *arena,
	const struct ad_outbox_node *node, const int64_t *ids, size_t count,
	struct ad_outbox_row **ret, size_t *ret_count, struct ad_err *err);

struct ad_outbox_room {
	int news;   /* rows that nobody waits for, at most */
	int urgent; /* and of the others */
	int mails;
};

/* Leases due rows that nobody holds, at most one (the oldest) of each person. A row in front of an
 * urgent one is as urgent. */
AD_MUST int ad_store_outbox_claim(struct ad_db *db, struct ad_arena *arena,
	const struct ad_outbox_node *node, struct ad_outbox_room room, struct ad_outbox_row **ret,
	size_t *ret_count, struct ad_err *err);

/* Just before a mail leaves, in a statement of its own: from now on its row says that it may have
 * been sent. *ret is false when it is not this node's any more. */
AD_MUST int ad_store_outbox_begin_mail(struct ad_db *db, struct ad_arena *arena,
	const char *node_id, int64_t id, bool *ret, struct ad_err *err);

/* Gives leases back: what cannot be sent now because of an older row. */
AD_MUST int ad_store_outbox_give_back(struct ad_db *db, struct ad_arena *arena, const char *node_id,
	const int64_t *ids, size_t count, struct ad_err *err);

enum ad_outbox_state {
	AD_OUTBOX_PENDING = 0, /* again after delay_ms */
	AD_OUTBOX_SENT,
	AD_OUTBOX_AMBIGUOUS,
	AD_OUTBOX_DEAD,
	AD_OUTBOX_LOCKED /* only as an answer: a deciding transaction holds the row; record again */
};

struct ad_outbox_result {
	int64_t id;
	int revision;
	enum ad_outbox_state state;
	bool maybe_sent; /* this or an earlier attempt ended without an answer */
	/* DEAD: the person blocked or removed the bot, or their conversation is gone and could not
	 * be created anew. A notice (no update) then has its fallback: 'waiting', and a job of kind
	 * AD_JOB_NOTICE. */
	bool is_unreachable;
	bool is_held; /* PENDING: all of its tenant waits, so give_up_s does not count */
	int64_t delay_ms;
	const char *activity_id; /* SENT: as the connector named it */
	int64_t copy;            /* SENT: the card copy that is this activity now; 0: none */
	const char *service_url; /* SENT: where it is */
	const char *conversation_id;
	const char *error; /* "" */
};

struct ad_outbox_results {
	const struct ad_outbox_result *list;
	size_t count;
	int give_up_s; /* a row older than this is dead (or ambiguous) in place of pending */
};

struct ad_outbox_recorded {
	int64_t id;
	enum ad_outbox_state state; /* as it is now; an update that was replaced is PENDING */
};

/* Writes the results (each an attempt) of rows that this node still holds and gives their leases
 * back; before that tells the card copies where they are. Does not wait for outbox rows that a
 * deciding transaction holds. A row that is missing in *ret is not this node's any more. */
AD_MUST int ad_store_outbox_record(struct ad_db *db, struct ad_arena *arena,
	const struct ad_outbox_node *node, const struct ad_outbox_results *results,
	struct ad_outbox_recorded **ret, size_t *ret_count, struct ad_err *err);

/* Renews the leases of rows in this node's hands; *ret holds those that are still its own. */
AD_MUST int ad_store_outbox_renew(struct ad_db *db, struct ad_arena *arena, const char *node_id,
	const int64_t *ids, size_t count, int64_t **ret, size_t *ret_count, struct ad_err *err);

/* Gives all leases of this node back: at the end. */
AD_MUST int ad_store_outbox_release_all(
	struct ad_db *db, struct ad_arena *arena, const char *node_id, struct ad_err *err);

#endif
