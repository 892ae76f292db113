/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage of the sender's tests: a connector that misbehaves on order (connector.h), a database
 * (harness.h), people and rows. The connector and its tokens are new for each test; a sender that a
 * failed test left running is ended.
 */
#ifndef AD_TESTS_DB_STAGE_H
#define AD_TESTS_DB_STAGE_H

#include "connector.h"
#include "harness.h"

#include "ad/clock.h"
#include "ad/outbox.h"
#include "ad/store/outbox.h"
#include "ad/text.h"

#define STAGE_STOP_MS 8000
#define STAGE_AMBIGUOUS_MS 300 /* before the repetition of a send without answer */
#define STAGE_CALL_MS 2500     /* of one connector call */

extern struct connector *stage_connector;
extern _Atomic int stage_alarms[AD_OUTBOX_ALARMS]; /* since the test began */

int stage_begin(void **state);
int stage_end(void **state);
/* ad_net around db_test_run; returns main's status. */
#define stage_test(name) cmocka_unit_test_setup_teardown(name, stage_begin, stage_end)
#define stage_run(tests) (stage_open_net() == 0 ? db_test_run(tests) : 1)
int stage_open_net(void);

/* A sender of node that goes to the connector on port; start: to the test's own, and ended by stop
 * or at the end of the test. */
struct ad_outbox *stage_open_sender(const char *database_url, const char *node, int port);
struct ad_outbox *stage_start(struct db_test *t, const char *node);
/* Everything that the sender holds is finished and written. */
void stage_stop(struct ad_outbox *outbox);
/* What is under way after deadline_ms is left; the code of ad_outbox_stop. */
int stage_stop_early(struct ad_outbox *outbox, int deadline_ms);
struct ad_outbox_metrics stage_metrics(struct ad_outbox *outbox);

/* A person who wrote before, in the conversation "a:<oid>". */
void stage_know(struct db_test *t, const char *oid);
const char *stage_text(struct db_test *t, const char *text); /* an activity */
/* Rows leased to node (cards: to "n"); the fact is the text. */
int64_t stage_add_row(struct db_test *t, const struct ad_outbox_new *row);
int64_t stage_add(struct db_test *t, const char *node, const char *oid, const char *text);
/* To <oid>@example.com, by Graph; the fact and the subject are the text. */
int64_t stage_add_mail(struct db_test *t, const char *node, const char *oid, const char *text);
int64_t stage_add_card(struct db_test *t, const char *oid);
int64_t stage_change_card(struct db_test *t, int64_t copy, const char *text, int version);

const char *stage_state_of(struct db_test *t, int64_t id);
bool stage_says(const struct connector_call *call, const char *text);

/* Method and path of messages to a known person. */
#define STAGE_MAILS "POST", "/v1.0/users/desk%40example.com/sendMail"
#define STAGE_POSTS(oid) "POST", "a%3A" oid "/activities"

#endif
