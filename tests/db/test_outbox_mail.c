/* SPDX-License-Identifier: Apache-2.0 */
/* Mail by Graph through the sender: once or not at all, at the mailbox's pace, and in nobody's way.
 */
#include "stage.h"

static const char *wait_state(struct db_test *t, int64_t id, const char *state)
{
	int64_t end_ms = ad_clock_mono_ms() + CONNECTOR_WAIT_MS;
	const char *now = "";
	while (!ad_text_eq(now, state) && ad_clock_mono_ms() < end_ms) {
		(void)usleep(5000);
		now = stage_state_of(t, id);
	}
	return now;
}

/* What is counted follows what is written. */
static bool was_mailed(struct ad_outbox *outbox)
{
	int64_t end_ms = ad_clock_mono_ms() + CONNECTOR_WAIT_MS;
	while (stage_metrics(outbox).mailed == 0 && ad_clock_mono_ms() < end_ms)
		(void)usleep(2000);
	return stage_metrics(outbox).mailed == 1;
}

static bool was_throttled(struct ad_outbox *outbox)
{
	int64_t end_ms = ad_clock_mono_ms() + CONNECTOR_WAIT_MS;
	while (stage_metrics(outbox).throttled == 0 && ad_clock_mono_ms() < end_ms)
		(void)usleep(2000);
	return stage_metrics(outbox).throttled == 1;
}

static const char *error_of(struct db_test *t, int64_t id)
{
	return db_test_text(t, "select last_error from outbox where id = %lld", (long long)id);
}

static void a_mail_is_sent_once_with_its_text_and_then_forgotten(void **state)
{
	struct db_test *t = *state;
	int64_t id = stage_add_mail(t, "n", "ann", "canary");
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	assert_string_equal(wait_state(t, id, "sent"), "sent");
	assert_true(was_mailed(outbox));
	stage_stop(outbox);
	struct connector_call call = connector_call(stage_connector, STAGE_MAILS, 0);
	assert_true(stage_says(&call, "ann@example.com"));
	assert_true(stage_says(&call, "text of canary"));
	assert_string_equal(call.token, "token-0");
	assert_int_equal(connector_count(stage_connector, STAGE_MAILS), 1);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where activity = '' and not "
					"maybe_sent"),
		1);
}

static void a_mail_that_may_have_arrived_is_never_repeated(void **state)
{
	static const int answers[] = { 500, 502, 504 };
	struct db_test *t = *state;
	struct ad_outbox *outbox = stage_start(t, "n");
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		struct connector_rule rule = {
			.method = "POST", .in_path = "/sendMail", .times = 1, .status = answers[i]
		};
		connector_rule(stage_connector, &rule);
		int64_t id =
			stage_add_mail(t, "n", "ann", ad_printf(t->arena, "mail %d", answers[i]));
		ad_outbox_kick(outbox, &id, 1);
		assert_string_equal(wait_state(t, id, "ambiguous"), "ambiguous");
		assert_int_equal(connector_count(stage_connector, STAGE_MAILS), i + 1);
	}
	/* No answer at all: the call runs into its limit. */
	struct connector_rule hang = { .method = "POST",
		.in_path = "/sendMail",
		.times = 1,
		.delay_ms = STAGE_CALL_MS + 500 };
	connector_rule(stage_connector, &hang);
	int64_t id = stage_add_mail(t, "n", "bob", "no answer");
	ad_outbox_kick(outbox, &id, 1);
	assert_string_equal(wait_state(t, id, "ambiguous"), "ambiguous");
	stage_stop(outbox);
	assert_int_equal(connector_count(stage_connector, STAGE_MAILS), 4);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where activity <> ''"), 0);
}

static void what_was_certainly_not_taken_comes_again(void **state)
{
	struct db_test *t = *state;
	struct connector_rule busy = {
		.method = "POST", .in_path = "/sendMail", .times = 1, .status = 503
	};
	struct connector_rule throttled = { .method = "POST",
		.in_path = "/sendMail",
		.times = 1,
		.status = 429,
		.headers = "Retry-After: 1\r\n" };
	connector_rule(stage_connector, &busy);
	connector_rule(stage_connector, &throttled);
	int64_t ids[2] = { stage_add_mail(t, "n", "ann", "first"), 0 };
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, ids, 1);
	assert_true(was_throttled(outbox));
	/* The limit is the mailbox's: nobody else's mail leaves before it is over. */
	ids[1] = stage_add_mail(t, "n", "bob", "second");
	ad_outbox_kick(outbox, &ids[1], 1);
	assert_string_equal(wait_state(t, ids[0], "sent"), "sent");
	assert_string_equal(wait_state(t, ids[1], "sent"), "sent");
	stage_stop(outbox);
	struct connector_call refused = connector_call(stage_connector, STAGE_MAILS, 1);
	struct connector_call next = connector_call(stage_connector, STAGE_MAILS, 2);
	assert_true(next.at_ms - refused.at_ms >= 950);
	assert_int_equal(connector_count(stage_connector, STAGE_MAILS), 4);
}

static void a_refusal_ends_the_mail_and_says_what_to_do(void **state)
{
	struct db_test *t = *state;
	struct connector_rule denied = { .method = "POST",
		.in_path = "/sendMail",
		.times = 1,
		.status = 403,
		.body = "{\"error\":{\"code\":\"ErrorAccessDenied\"}}" };
	connector_rule(stage_connector, &denied);
	int64_t id = stage_add_mail(t, "n", "ann", "denied");
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	assert_string_equal(wait_state(t, id, "dead"), "dead");
	stage_stop(outbox);
	assert_non_null(strstr(error_of(t, id), "Mail.Send"));
	assert_int_equal(connector_count(stage_connector, STAGE_MAILS), 1);
}

static void a_refused_token_of_graph_is_renewed_once(void **state)
{
	struct db_test *t = *state;
	struct connector_rule refuse = {
		.method = "POST", .in_path = "/sendMail", .times = 1, .status = 401
	};
	connector_rule(stage_connector, &refuse);
	int64_t id = stage_add_mail(t, "n", "ann", "token");
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	assert_string_equal(wait_state(t, id, "sent"), "sent");
	stage_stop(outbox);
	struct connector_call first = connector_call(stage_connector, STAGE_MAILS, 0);
	struct connector_call second = connector_call(stage_connector, STAGE_MAILS, 1);
	assert_string_not_equal(first.token, second.token);
}

static void what_a_dead_node_had_under_way_is_not_sent_again(void **state)
{
	struct db_test *t = *state;
	int64_t under_way = stage_add_mail(t, "gone", "ann", "under way");
	int64_t not_begun = stage_add_mail(t, "gone", "bob", "not begun");
	struct ad_err err = { 0 };
	bool ours = false;
	assert_ok(ad_store_outbox_begin_mail(t->db, t->arena, "gone", under_way, &ours, &err), err);
	assert_true(ours);
	assert_ok(ad_store_outbox_begin_mail(t->db, t->arena, "n", not_begun, &ours, &err), err);
	assert_false(ours);
	db_test_sql(t, "update outbox set lease_until = now()");
	struct ad_outbox *outbox = stage_start(t, "n");
	assert_string_equal(wait_state(t, not_begun, "sent"), "sent");
	assert_string_equal(wait_state(t, under_way, "ambiguous"), "ambiguous");
	stage_stop(outbox);
	assert_int_equal(connector_count(stage_connector, STAGE_MAILS), 1);
	struct connector_call call = connector_call(stage_connector, STAGE_MAILS, 0);
	assert_true(stage_says(&call, "not begun"));
}

static void what_cannot_be_opened_is_dead(void **state)
{
	struct db_test *t = *state;
	int64_t id = stage_add_mail(t, "n", "ann", "sealed");
	db_test_sql(t, "update outbox set activity = 'k0' || substr(activity, 3)");
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	assert_string_equal(wait_state(t, id, "dead"), "dead");
	stage_stop(outbox);
	assert_non_null(strstr(error_of(t, id), "security.reference_key"));
	assert_int_equal(connector_count(stage_connector, STAGE_MAILS), 0);
}

/* ---- neither channel waits for the other ---- */

static void a_mail_does_not_wait_for_the_same_persons_chat(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule busy = { .method = "POST",
		.in_path = "a%3Aann/",
		.times = 1,
		.status = 429,
		.headers = "Retry-After: 3\r\n" };
	connector_rule(stage_connector, &busy);
	int64_t ids[2] = { stage_add(t, "n", "ann", "chat"),
		stage_add_mail(t, "n", "ann", "mail") };
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 1);
	assert_string_equal(wait_state(t, ids[1], "sent"), "sent");
	assert_string_equal(stage_state_of(t, ids[0]), "pending");
	(void)stage_stop_early(outbox, 0);
}

static void a_chat_does_not_wait_for_the_same_persons_mail(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule busy = { .method = "POST",
		.in_path = "/sendMail",
		.times = 1,
		.status = 429,
		.headers = "Retry-After: 3\r\n" };
	connector_rule(stage_connector, &busy);
	int64_t ids[2] = { stage_add_mail(t, "n", "ann", "mail"),
		stage_add(t, "n", "ann", "chat") };
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(stage_connector, STAGE_MAILS, 1);
	assert_string_equal(wait_state(t, ids[1], "sent"), "sent");
	assert_string_equal(stage_state_of(t, ids[0]), "pending");
	(void)stage_stop_early(outbox, 0);
}

static void many_mails_leave_at_the_mailboxs_pace_and_chats_between_them(void **state)
{
	enum { MAILS = 300, CHATS = 20 };
	struct db_test *t = *state;
	int64_t ids[MAILS + CHATS];
	struct connector_rule slow = { .method = "POST", .in_path = "/sendMail", .delay_ms = 200 };
	connector_rule(stage_connector, &slow);
	stage_know(t, "zoe");
	for (int i = 0; i < MAILS; i++)
		ids[i] = stage_add_mail(t, "n", ad_printf(t->arena, "p%d", i), "news");
	for (int i = 0; i < CHATS; i++) {
		const char *oid = ad_printf(t->arena, "c%d", i);
		stage_know(t, oid);
		ids[MAILS + i] = stage_add(t, "n", oid, "chat");
	}
	struct ad_outbox *outbox = stage_start(t, "n");
	int64_t begin_ms = ad_clock_mono_ms();
	ad_outbox_kick(outbox, ids, MAILS + CHATS);
	for (int i = 0; i < CHATS; i++)
		assert_string_equal(wait_state(t, ids[MAILS + i], "sent"), "sent");
	/* A row that nobody has handed over is found too, behind 300 mails. */
	int64_t late = stage_add(t, "gone", "zoe", "chat");
	db_test_sql(t, "update outbox set lease_until = now() where id = %lld", (long long)late);
	assert_string_equal(wait_state(t, late, "sent"), "sent");
	int64_t took_ms = ad_clock_mono_ms() - begin_ms;
	(void)stage_stop_early(outbox, 0);
	size_t mails = connector_count(stage_connector, STAGE_MAILS);
	assert_true(mails >= 4);
	assert_true((int64_t)mails <= 5 + 1 + took_ms * 25 / 60000);
	for (size_t i = 0; i < mails; i++)
		assert_true(connector_call(stage_connector, STAGE_MAILS, i).together <=
			    AD_OUTBOX_MAIL_AT_ONCE);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where state = 'dead'"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_mail_is_sent_once_with_its_text_and_then_forgotten),
		stage_test(a_mail_that_may_have_arrived_is_never_repeated),
		stage_test(what_was_certainly_not_taken_comes_again),
		stage_test(a_refusal_ends_the_mail_and_says_what_to_do),
		stage_test(a_refused_token_of_graph_is_renewed_once),
		stage_test(what_a_dead_node_had_under_way_is_not_sent_again),
		stage_test(what_cannot_be_opened_is_dead),
		stage_test(a_mail_does_not_wait_for_the_same_persons_chat),
		stage_test(a_chat_does_not_wait_for_the_same_persons_mail),
		stage_test(many_mails_leave_at_the_mailboxs_pace_and_chats_between_them),
	};
	return stage_run(tests);
}
