/* SPDX-License-Identifier: Apache-2.0 */
/* What a mail in place of a notice is made from. On the caller's connection and transaction. */
#ifndef AD_STORE_MAILS_H
#define AD_STORE_MAILS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stdint.h>

struct ad_db;

/* A notice of the outbox (a message in Teams, no change of a card) and its person. */
struct ad_mail_notice {
	int64_t id;
	const char *recipient_oid;
	const char *fact;
	const char *activity; /* JSON */
	const char *card;     /* role, "" */
	int64_t request_id;   /* 0: none */
	int64_t job_id;       /* of the card; 0: none */
	const char *mail;     /* "" when there is none */
	const char *locale;
	bool is_active; /* in the directory, as far as we know */
	bool is_mailed; /* a mail in its place waits, was sent, or perhaps was */
	int mails;      /* in its place so far, also those that did not arrive */
};

/* AD_ENOTFOUND. */
AD_MUST int ad_store_mail_notice(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t outbox_id, struct ad_mail_notice *ret, struct ad_err *err);

#endif
