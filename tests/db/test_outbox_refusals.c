/* SPDX-License-Identifier: Apache-2.0 */
/* The sender and a connector that refuses, throttles, redirects or says nothing. */
#include "stage.h"

static void a_throttled_conversation_waits_as_long_as_it_was_told(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	stage_know(t, "bob");
	struct connector_rule busy = { .method = "POST",
		.in_path = "a%3Aann/",
		.times = 1,
		.status = 429,
		.headers = "Retry-After: 1\r\n",
		.body = "{\"error\":{\"code\":\"Throttled\"}}" };
	connector_rule(stage_connector, &busy);
	int64_t ids[3] = { stage_add(t, "n", "ann", "m0"), stage_add(t, "n", "ann", "m1"),
		stage_add(t, "n", "bob", "m2") };
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, ids, 3);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 3);
	assert_int_equal(stage_metrics(outbox).throttled, 1);
	stage_stop(outbox);
	struct connector_call refused = connector_call(stage_connector, STAGE_POSTS("ann"), 0);
	struct connector_call again = connector_call(stage_connector, STAGE_POSTS("ann"), 1);
	struct connector_call next = connector_call(stage_connector, STAGE_POSTS("ann"), 2);
	struct connector_call other = connector_call(stage_connector, STAGE_POSTS("bob"), 0);
	assert_true(
		stage_says(&refused, "m0") && stage_says(&again, "m0") && stage_says(&next, "m1"));
	assert_true(again.at_ms - refused.at_ms >= 1000);
	assert_true(other.at_ms < again.at_ms);
}

static void a_refused_token_is_renewed_once(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule refuse = {
		.method = "POST", .in_path = "/activities", .times = 1, .status = 401
	};
	connector_rule(stage_connector, &refuse);
	int64_t id = stage_add(t, "n", "ann", "hello");
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 2);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, id), "sent");
	assert_int_equal(connector_count(stage_connector, "POST", "/token"), 2);
	struct connector_call first = connector_call(stage_connector, STAGE_POSTS("ann"), 0);
	struct connector_call second = connector_call(stage_connector, STAGE_POSTS("ann"), 1);
	assert_string_not_equal(first.token, second.token);
}

static void a_token_that_is_always_refused_keeps_the_row_for_later(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule refuse = {
		.method = "POST", .in_path = "/activities", .times = 2, .status = 401
	};
	connector_rule(stage_connector, &refuse);
	int64_t id = stage_add(t, "n", "ann", "hello");
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 3);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, id), "sent");
	assert_int_equal(db_test_int(t, "select attempts from outbox"), 2);
}

static void a_redirect_is_not_followed_and_the_token_stays_here(void **state)
{
	struct db_test *t = *state;
	struct connector *trap = connector_start();
	stage_know(t, "ann");
	char location[128];
	(void)snprintf(location, sizeof location, "Location: %strap\r\n", connector_url(trap));
	struct connector_rule redirect = {
		.method = "POST", .in_path = "/activities", .status = 307, .headers = location
	};
	connector_rule(stage_connector, &redirect);
	int64_t id = stage_add(t, "n", "ann", "hello");
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 1);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, id), "dead");
	assert_int_equal(connector_count(trap, "POST", "/"), 0);
	connector_stop(trap);
}

static void an_unlisted_host_is_refused_before_a_token_is_asked_for(void **state)
{
	struct db_test *t = *state;
	struct connector *trap = connector_start();
	struct ad_outbox_new row = {
		.node_id = "n",
		.tenant_id = "t",
		.recipient_oid = "ann",
		.fact = "f",
		.activity = stage_text(t, "hello"),
		.service_url = connector_url(trap),
		.conversation_id = "a:ann",
	};
	int64_t id = stage_add_row(t, &row);
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, id), "dead");
	assert_int_equal(connector_count(stage_connector, "POST", "/token"), 0);
	assert_int_equal(connector_count(trap, "POST", "/"), 0);
	connector_stop(trap);
}

static void a_send_without_clear_answer_is_repeated_once_then_ambiguous(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	stage_know(t, "bob");
	struct connector_rule fail = { .method = "POST", .in_path = "a%3Aann/", .status = 502 };
	struct connector_rule hang = {
		.method = "POST", .in_path = "a%3Abob/", .times = 1, .delay_ms = 2 * STAGE_CALL_MS
	};
	connector_rule(stage_connector, &fail);
	connector_rule(stage_connector, &hang);
	int64_t ids[2] = { stage_add(t, "n", "ann", "hello"), stage_add(t, "n", "bob", "hello") };
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 2);
	connector_wait(stage_connector, STAGE_POSTS("bob"), 2);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, ids[0]), "ambiguous");
	assert_string_equal(stage_state_of(t, ids[1]), "sent");
	assert_int_equal(connector_count(stage_connector, STAGE_POSTS("ann")), 2);
	struct connector_call first = connector_call(stage_connector, STAGE_POSTS("ann"), 0);
	struct connector_call second = connector_call(stage_connector, STAGE_POSTS("ann"), 1);
	assert_true(second.at_ms - first.at_ms >= STAGE_AMBIGUOUS_MS);
}

static void a_person_who_blocked_the_bot_is_tried_once(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule blocked = { .method = "POST",
		.in_path = "a%3Aann/",
		.status = 403,
		.body = "{\"error\":{\"code\":\"ConversationBlockedByUser\",\"message\":\"no\"}}" };
	connector_rule(stage_connector, &blocked);
	int64_t ids[2] = { stage_add(t, "n", "ann", "m0"), stage_add(t, "n", "ann", "m1") };
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 1);
	stage_know(t, "bob");
	int64_t after = 0;
	while (stage_metrics(outbox).dead < 2) { /* each round trip is a message to somebody else */
		after++;
		int64_t id = stage_add(t, "n", "bob", ad_printf(t->arena, "b%d", (int)after));
		ad_outbox_kick(outbox, &id, 1);
		connector_wait(stage_connector, STAGE_POSTS("bob"), (size_t)after);
	}
	stage_stop(outbox);
	assert_int_equal(connector_count(stage_connector, STAGE_POSTS("ann")), 1);
	assert_string_equal(stage_state_of(t, ids[0]), "dead");
	assert_string_equal(stage_state_of(t, ids[1]), "dead");
	assert_string_equal(db_test_text(t, "select state from bot_conversation_references where "
					    "oid = 'ann'"),
		"blocked");
	assert_non_null(strstr(
		db_test_text(t, "select last_error from outbox where id = %lld", (long long)ids[0]),
		"ConversationBlockedByUser"));
}

static void without_any_service_url_a_notice_is_dead_and_says_why(void **state)
{
	struct db_test *t = *state;
	int64_t id = stage_add(t, "n", "new", "m0");
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, id), "dead");
	assert_non_null(strstr(db_test_text(t, "select last_error from outbox"), "service URL"));
}

static void a_tenant_that_blocks_the_bot_is_left_alone_for_a_while(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	stage_know(t, "bob");
	struct connector_rule blocked = { .method = "POST",
		.in_path = "/activities",
		.status = 403,
		.body = "{\"error\":{\"code\":\"BotDisabledByAdmin\"}}" };
	connector_rule(stage_connector, &blocked);
	struct ad_outbox *outbox = stage_start(t, "n");
	int64_t id = stage_add(t, "n", "ann", "hello");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 1);
	stage_stop(outbox);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where state = 'pending' and "
					"due_at > now() + interval '4 min'"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_throttled_conversation_waits_as_long_as_it_was_told),
		stage_test(a_refused_token_is_renewed_once),
		stage_test(a_token_that_is_always_refused_keeps_the_row_for_later),
		stage_test(a_redirect_is_not_followed_and_the_token_stays_here),
		stage_test(an_unlisted_host_is_refused_before_a_token_is_asked_for),
		stage_test(a_send_without_clear_answer_is_repeated_once_then_ambiguous),
		stage_test(a_person_who_blocked_the_bot_is_tried_once),
		stage_test(without_any_service_url_a_notice_is_dead_and_says_why),
		stage_test(a_tenant_that_blocks_the_bot_is_left_alone_for_a_while),
	};
	return stage_run(tests);
}
