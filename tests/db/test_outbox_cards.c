/* SPDX-License-Identifier: Apache-2.0 */
/* The sender and card copies: changes, cards that are gone or too big. */
#include "stage.h"

#include "ad/teams/activity.h"

static void a_change_is_repeated_until_it_is_done(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule fail = {
		.method = "PUT", .in_path = "/activities/", .times = 3, .status = 503
	};
	connector_rule(stage_connector, &fail);
	struct ad_outbox *outbox = stage_start(t, "n");
	int64_t card = stage_add_card(t, "ann");
	int64_t ids[2] = { card, stage_change_card(t, card, "card v2", 2) };
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(stage_connector, "PUT", "/activities/", 4);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, ids[1]), "sent");
}

static void a_change_waits_for_its_card_and_replaces_it(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule slow = { .method = "POST", .in_path = "a%3Aann/", .delay_ms = 150 };
	connector_rule(stage_connector, &slow);
	struct ad_outbox *outbox = stage_start(t, "n");
	int64_t card = stage_add_card(t, "ann");
	int64_t change = stage_change_card(t, card, "card v2", 2);
	ad_outbox_kick(outbox, &change, 1);
	connector_wait(stage_connector, "PUT", "/activities/act-", 1);
	stage_stop(outbox);
	struct connector_call post = connector_call(stage_connector, STAGE_POSTS("ann"), 0);
	struct connector_call put = connector_call(stage_connector, "PUT", "/activities/act-", 0);
	assert_true(stage_says(&post, "card v1") && stage_says(&put, "card v2"));
	assert_true(put.at_ms - post.at_ms >= 150);
	assert_string_equal(stage_state_of(t, change), "sent");
	assert_string_equal(
		db_test_text(t, "select activity_id from card_copies"), strrchr(put.path, '/') + 1);
}

static void a_change_during_a_change_is_not_lost(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule slow = {
		.method = "PUT", .in_path = "/activities/", .times = 1, .delay_ms = 300
	};
	connector_rule(stage_connector, &slow);
	struct ad_outbox *outbox = stage_start(t, "n");
	int64_t card = stage_add_card(t, "ann");
	int64_t ids[2] = { card, stage_change_card(t, card, "card v2", 2) };
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(stage_connector, "PUT", "/activities/", 1);
	assert_int_equal(stage_change_card(t, card, "card v3", 3), ids[1]);
	ad_outbox_kick(outbox, &ids[1], 1);
	connector_wait(stage_connector, "PUT", "/activities/", 2);
	stage_stop(outbox);
	struct connector_call last = connector_call(stage_connector, "PUT", "/activities/", 1);
	assert_true(stage_says(&last, "card v3"));
	assert_int_equal(last.together, 1);
	assert_string_equal(stage_state_of(t, ids[1]), "sent");
}

static void a_card_that_is_gone_is_sent_anew(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule gone = { .method = "PUT",
		.in_path = "/activities/",
		.times = 1,
		.status = 404,
		.body = "{\"error\":{\"code\":\"ActivityNotFoundInConversation\"}}" };
	connector_rule(stage_connector, &gone);
	struct ad_outbox *outbox = stage_start(t, "n");
	int64_t card = stage_add_card(t, "ann");
	int64_t ids[2] = { card, stage_change_card(t, card, "card v2", 2) };
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 2);
	stage_stop(outbox);
	struct connector_call again = connector_call(stage_connector, STAGE_POSTS("ann"), 1);
	assert_true(stage_says(&again, "card v2"));
	assert_int_equal(db_test_int(t, "select count(*) from card_copies c join outbox o on "
					"o.copy_of = c.outbox_id where o.state = 'sent' and "
					"c.activity_id = o.activity_id"),
		1);
}

static void a_change_of_a_card_that_perhaps_arrived_is_in_the_ledger(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule fail = { .method = "POST", .in_path = "a%3Aann/", .status = 500 };
	connector_rule(stage_connector, &fail);
	struct ad_outbox *outbox = stage_start(t, "n");
	int64_t card = stage_add_card(t, "ann");
	int64_t ids[2] = { card, stage_change_card(t, card, "card v2", 2) };
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 2);
	stage_know(t, "bob");
	for (size_t i = 1; stage_metrics(outbox).dead < 1; i++) {
		int64_t id = stage_add(t, "n", "bob", ad_printf(t->arena, "b%zu", i));
		ad_outbox_kick(outbox, &id, 1);
		connector_wait(stage_connector, STAGE_POSTS("bob"), i);
	}
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, ids[0]), "ambiguous");
	assert_string_equal(stage_state_of(t, ids[1]), "dead");
	assert_int_equal(connector_count(stage_connector, "PUT", "/"), 0);
}

static void n07_a_card_that_is_too_big_arrives_shorter_then_as_text(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule big = {
		.method = "POST", .in_path = "a%3Aann/", .body_has = "attachments", .status = 413
	};
	connector_rule(stage_connector, &big);
	struct ad_outbox_new row = {
		.node_id = "n",
		.tenant_id = "t",
		.recipient_oid = "ann",
		.fact = "f",
		.activity = ad_json_print(t->arena,
			ad_activity_card(t->arena, ad_json_new_object(t->arena), "Approve #1?")),
	};
	int64_t id = stage_add_row(t, &row);
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 3);
	stage_stop(outbox);
	struct connector_call second = connector_call(stage_connector, STAGE_POSTS("ann"), 1);
	struct connector_call third = connector_call(stage_connector, STAGE_POSTS("ann"), 2);
	assert_true(stage_says(&second, "attachments"));
	assert_true(stage_says(&third, "\"text\":\"Approve #1?\""));
	assert_string_equal(stage_state_of(t, id), "sent");
}

/* The card is changed, and the conversation is gone: sent as new where the person is now. */
static void e13_a_change_finds_the_person_in_their_new_conversation(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule gone = { .method = "PUT",
		.in_path = "/activities/",
		.status = 404,
		.body = "{\"error\":{\"code\":\"ConversationNotFound\"}}" };
	connector_rule(stage_connector, &gone);
	struct ad_outbox *outbox = stage_start(t, "n");
	int64_t card = stage_add_card(t, "ann");
	int64_t ids[2] = { card, stage_change_card(t, card, "card v2", 2) };
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(stage_connector, "POST", "created", 1);
	stage_stop(outbox);
	struct connector_call again = connector_call(stage_connector, "POST", "created", 0);
	assert_true(stage_says(&again, "card v2"));
	assert_string_equal(stage_state_of(t, ids[1]), "sent");
	assert_int_equal(db_test_int(t, "select count(*) from card_copies where conversation_id "
					"like '%%created%%' and activity_id <> ''"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_change_is_repeated_until_it_is_done),
		stage_test(a_change_waits_for_its_card_and_replaces_it),
		stage_test(a_change_during_a_change_is_not_lost),
		stage_test(a_card_that_is_gone_is_sent_anew),
		stage_test(a_change_of_a_card_that_perhaps_arrived_is_in_the_ledger),
		stage_test(n07_a_card_that_is_too_big_arrives_shorter_then_as_text),
		stage_test(e13_a_change_finds_the_person_in_their_new_conversation),
	};
	return stage_run(tests);
}
