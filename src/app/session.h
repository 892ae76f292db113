/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that work on the database need: configuration, cards, connection, and a desk
 * that acts as the command line. Private to app. */
#ifndef AD_APP_SESSION_H
#define AD_APP_SESSION_H

#include "ad/cards.h"
#include "ad/config.h"
#include "ad/db.h"
#include "ad/desk.h"

struct ad_session {
	struct ad_config *config;
	struct ad_cards
		*cards; /* NULL for who only reads: compiling them takes longer than most reading */
	struct ad_db *db;
	struct ad_arena *arena;
	struct ad_desk desk;
};

enum ad_session_kind {
	AD_SESSION_READS, /* no cards, and no use case of desk that tells anybody anything */
	AD_SESSION_ACTS,
};

/* Loads what the kind needs and checks the schema. On an error nothing is open. */
AD_MUST int ad_session_open(const char *config_path, enum ad_session_kind kind,
	struct ad_session *ret, struct ad_err *err);
void ad_session_close(struct ad_session *session);

#endif
