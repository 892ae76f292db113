/* SPDX-License-Identifier: Apache-2.0 */
/* The sender: order, fairness, take-over, stop and kill -9. */
#include "stage.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

static void a_message_goes_to_the_persons_conversation_with_the_bots_token(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct ad_outbox *outbox = stage_start(t, "n");
	int64_t id = stage_add(t, "n", "ann", "hello");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 1);
	stage_stop(outbox);
	struct connector_call call = connector_call(stage_connector, STAGE_POSTS("ann"), 0);
	assert_string_equal(call.path, "/emea/t1/v3/conversations/a%3Aann/activities");
	assert_true(ad_text_starts(call.token, "token-"));
	assert_true(stage_says(&call, "\"from\":{\"id\":\"28:app\"}"));
	assert_true(stage_says(&call, "\"recipient\":{\"id\":\"29:ann\"}"));
	assert_true(stage_says(&call, "\"conversation\":{\"id\":\"a:ann\"}"));
	assert_string_equal(stage_state_of(t, id), "sent");
	assert_int_equal(
		db_test_int(t, "select count(*) from outbox where activity_id like 'act-%%' "
			       "and lease_owner = '' and done_at is not null"),
		1);
}

static void one_persons_messages_keep_their_order_one_at_a_time(void **state)
{
	struct db_test *t = *state;
	int64_t ids[5];
	stage_know(t, "ann");
	struct connector_rule slow = { .method = "POST", .in_path = "/activities", .delay_ms = 30 };
	connector_rule(stage_connector, &slow);
	struct ad_outbox *outbox = stage_start(t, "n");
	for (int i = 0; i < 5; i++)
		ids[i] = stage_add(t, "n", "ann", ad_printf(t->arena, "m%d", i));
	for (int i = 4; i >= 0; i--)
		ad_outbox_kick(outbox, &ids[i], 1);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 5);
	stage_stop(outbox);
	for (size_t i = 0; i < 5; i++) {
		struct connector_call call = connector_call(stage_connector, STAGE_POSTS("ann"), i);
		assert_true(stage_says(&call, ad_printf(t->arena, "\"m%zu\"", i)));
		assert_int_equal(call.together, 1);
	}
}

static void one_slow_conversation_delays_nobody(void **state)
{
	struct db_test *t = *state;
	enum { PEOPLE = 20, SLOW_MS = 2000 };
	stage_know(t, "slow");
	struct connector_rule slow = {
		.method = "POST", .in_path = "a%3Aslow/", .delay_ms = SLOW_MS
	};
	connector_rule(stage_connector, &slow);
	struct ad_outbox *outbox = stage_start(t, "n");
	int64_t id = stage_add(t, "n", "slow", "x");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(stage_connector, STAGE_POSTS("slow"), 1);
	int64_t began_ms = ad_clock_mono_ms();
	for (int i = 0; i < PEOPLE; i++) {
		const char *oid = ad_printf(t->arena, "p%d", i);
		stage_know(t, oid);
		id = stage_add(t, "n", oid, "x");
		ad_outbox_kick(outbox, &id, 1);
	}
	connector_wait(stage_connector, "POST", "a%3Ap", PEOPLE);
	assert_true(ad_clock_mono_ms() - began_ms < SLOW_MS / 2);
	stage_stop(outbox);
	assert_int_equal(
		db_test_int(t, "select count(*) from outbox where state = 'sent'"), PEOPLE + 1);
}

static void rows_of_a_dead_node_are_taken_over_when_their_lease_is_over(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	stage_know(t, "bob");
	int64_t alive = stage_add(t, "other", "bob", "hello");
	int64_t orphan = stage_add(t, "other", "ann", "m0");
	(void)stage_add(t, "other", "ann", "m1");
	db_test_sql(t, "update outbox set lease_until = now() where recipient_oid = 'ann'");
	struct ad_outbox *outbox = stage_start(t, "n");
	connector_wait(stage_connector, STAGE_POSTS("ann"), 2);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, orphan), "sent");
	assert_string_equal(stage_state_of(t, alive), "pending");
	assert_int_equal(connector_count(stage_connector, STAGE_POSTS("ann")), 2);
	struct connector_call second = connector_call(stage_connector, STAGE_POSTS("ann"), 1);
	assert_true(stage_says(&second, "m1"));
}

static void two_senders_deliver_everything_once_and_in_order(void **state)
{
	struct db_test *t = *state;
	enum { PEOPLE = 12, EACH = 4 };
	int64_t ids[PEOPLE * EACH];
	for (int i = 0; i < PEOPLE; i++)
		stage_know(t, ad_printf(t->arena, "p%02d", i));
	for (int i = 0; i < PEOPLE * EACH; i++)
		ids[i] = stage_add(t, i % 3 ? "n1" : "n2", ad_printf(t->arena, "p%02d", i % PEOPLE),
			ad_printf(t->arena, "m%d", i / PEOPLE));
	struct ad_outbox *first = stage_start(t, "n1");
	struct ad_outbox *second = stage_start(t, "n2");
	ad_outbox_kick(first, ids, PEOPLE * EACH);
	ad_outbox_kick(second, ids, PEOPLE * EACH);
	connector_wait(stage_connector, "POST", "/activities", PEOPLE * EACH);
	stage_stop(first);
	stage_stop(second);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where state <> 'sent'"), 0);
	for (int i = 0; i < PEOPLE; i++) {
		const char *path = ad_printf(t->arena, "a%%3Ap%02d/", i);
		assert_int_equal(connector_count(stage_connector, "POST", path), EACH);
		for (size_t k = 0; k < EACH; k++) {
			struct connector_call call =
				connector_call(stage_connector, "POST", path, k);
			assert_true(stage_says(&call, ad_printf(t->arena, "\"m%zu\"", k)));
			assert_int_equal(call.together, 1);
		}
	}
}

static void a_person_who_never_wrote_gets_a_conversation_first(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "colleague");
	int64_t ids[2] = { stage_add(t, "n", "new", "m0"), stage_add(t, "n", "new", "m1") };
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(stage_connector, "POST", "created", 2);
	stage_stop(outbox);
	assert_int_equal(connector_count(stage_connector, "POST", "/v3/conversations"), 3);
	struct connector_call create =
		connector_call(stage_connector, "POST", "/v3/conversations", 0);
	assert_string_equal(create.path, "/emea/t1/v3/conversations");
	assert_true(stage_says(&create, "\"members\":[{\"id\":\"new\"}]"));
	assert_true(stage_says(&create, "\"tenantId\":\"t\""));
	assert_string_equal(stage_state_of(t, ids[1]), "sent");
	assert_int_equal(
		db_test_int(t, "select count(*) from bot_conversation_references where oid "
			       "= 'new' and state = 'active'"),
		1);
}

static void a_lost_database_connection_costs_nothing_but_time(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule slow = { .method = "POST", .in_path = "a%3Aann/", .delay_ms = 200 };
	connector_rule(stage_connector, &slow);
	struct ad_outbox *outbox = stage_start(t, "n");
	int64_t id = stage_add(t, "n", "ann", "hello");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 1);
	db_test_sql(t, "select pg_terminate_backend(pid) from pg_stat_activity where "
		       "application_name = 'appdesk-sender'");
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, id), "sent");
	assert_int_equal(connector_count(stage_connector, STAGE_POSTS("ann")), 1);
}

static void a_stop_leaves_unfinished_rows_to_others(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule hang = {
		.method = "POST", .in_path = "a%3Aann/", .times = 1, .delay_ms = 60000
	};
	connector_rule(stage_connector, &hang);
	int64_t ids[2] = { stage_add(t, "n", "ann", "m0"), stage_add(t, "n", "ann", "m1") };
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 1);
	assert_int_equal(stage_stop_early(outbox, 50), AD_ETIMEOUT);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where state = 'pending' and "
					"lease_owner = '' and lease_until <= now()"),
		2);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where maybe_sent"), 1);
	outbox = stage_start(t, "n2");
	connector_wait(stage_connector, STAGE_POSTS("ann"), 3);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, ids[1]), "sent");
}

static void a_burst_to_one_person_is_spread(void **state)
{
	struct db_test *t = *state;
	enum { MESSAGES = AD_OUTBOX_PERSON_BURST + 1 };
	int64_t ids[MESSAGES];
	stage_know(t, "ann");
	for (int i = 0; i < MESSAGES; i++)
		ids[i] = stage_add(t, "n", "ann", ad_printf(t->arena, "m%d", i));
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, ids, MESSAGES);
	connector_wait(stage_connector, STAGE_POSTS("ann"), MESSAGES);
	stage_stop(outbox);
	struct connector_call first = connector_call(stage_connector, STAGE_POSTS("ann"), 0);
	struct connector_call last =
		connector_call(stage_connector, STAGE_POSTS("ann"), MESSAGES - 1);
	assert_true(last.at_ms - first.at_ms >= AD_OUTBOX_PERSON_MS - 50);
}

/* ---- kill -9 ---- */

static const char *self;

/* Another process with a sender that dies at a fault point, its lease still on the row. */
static void die_at(struct db_test *t, const char *fault, int64_t id)
{
	char *port = ad_printf(t->arena, "%d", connector_port(stage_connector));
	char *row = ad_printf(t->arena, "%lld", (long long)id);
	char *argv[] = { ad_strdup(t->arena, self), (char[]){ "--sender" },
		ad_strdup(t->arena, t->url), port, row, NULL };
	char *envp[] = { ad_printf(t->arena, "APPDESK_FAULT=%s=kill", fault), NULL };
	pid_t pid = 0;
	int status = 0;
	assert_int_equal(posix_spawn(&pid, self, NULL, NULL, argv, envp), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static int be_the_sender_that_dies(char **argv)
{
	int port = (int)strtol(argv[3], NULL, 10);
	int64_t id = strtoll(argv[4], NULL, 10);
	if (stage_open_net() != 0)
		return 1;
	struct ad_outbox *outbox = stage_open_sender(argv[2], "n", port);
	ad_outbox_kick(outbox, &id, 1);
	(void)pause();
	return 1;
}

static void a_sender_killed_before_sending_loses_nothing(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	int64_t id = stage_add(t, "n", "ann", "hello");
	die_at(t, "outbox.before.send", id);
	assert_int_equal(connector_count(stage_connector, STAGE_POSTS("ann")), 0);
	db_test_sql(t, "update outbox set lease_until = now()");
	struct ad_outbox *outbox = stage_start(t, "n2");
	connector_wait(stage_connector, STAGE_POSTS("ann"), 1);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, id), "sent");
	assert_int_equal(connector_count(stage_connector, STAGE_POSTS("ann")), 1);
}

static void a_sender_killed_after_sending_repeats_once_at_most(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	int64_t id = stage_add(t, "n", "ann", "hello");
	die_at(t, "outbox.after.send", id);
	assert_string_equal(stage_state_of(t, id), "pending");
	db_test_sql(t, "update outbox set lease_until = now()");
	struct ad_outbox *outbox = stage_start(t, "n2");
	connector_wait(stage_connector, STAGE_POSTS("ann"), 2);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, id), "sent");
	assert_int_equal(connector_count(stage_connector, STAGE_POSTS("ann")), 2);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_message_goes_to_the_persons_conversation_with_the_bots_token),
		stage_test(one_persons_messages_keep_their_order_one_at_a_time),
		stage_test(one_slow_conversation_delays_nobody),
		stage_test(rows_of_a_dead_node_are_taken_over_when_their_lease_is_over),
		stage_test(two_senders_deliver_everything_once_and_in_order),
		stage_test(a_person_who_never_wrote_gets_a_conversation_first),
		stage_test(a_lost_database_connection_costs_nothing_but_time),
		stage_test(a_stop_leaves_unfinished_rows_to_others),
		stage_test(a_burst_to_one_person_is_spread),
		stage_test(a_sender_killed_before_sending_loses_nothing),
		stage_test(a_sender_killed_after_sending_repeats_once_at_most),
	};
	if (argc == 5 && strcmp(argv[1], "--sender") == 0)
		return be_the_sender_that_dies(argv);
	self = argv[0];
	return stage_run(tests);
}
