/* SPDX-License-Identifier: Apache-2.0 */
/* The sender against a connector that misbehaves on order. */
#include "ad/clock.h"
#include "ad/identity/token.h"
#include "ad/outbox.h"
#include "ad/store/copies.h"
#include "ad/store/outbox.h"
#include "ad/teams/activity.h"
#include "ad/teams/reference.h"
#include "ad/text.h"

#include "connector.h"
#include "harness.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define STOP_MS 8000
#define AMBIGUOUS_MS 300
#define CALL_MS 1500

static const struct ad_store_conv_key key = { "k1", { 1, 2, 3 } };

static struct connector *connector;
static struct ad_token_source *tokens;

/* Senders that run: a test that fails must not leave one to the next test. */
#define SENDERS_MAX 4
static struct ad_outbox *senders[SENDERS_MAX];

/* ---- the stage ---- */

static struct ad_token_source *open_tokens(int port)
{
	struct ad_err err = { 0 };
	struct ad_token_source *source = NULL;
	char url[64];
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%d/token", port);
	struct ad_token_config config = {
		.name = "bot",
		.token_url = url,
		.client_id = "app",
		.secret = "s3cret",
		.scope = "https://api.botframework.com/.default",
		.allow_http_loopback = true,
	};
	assert_ok(ad_token_source_new(&config, &source, &err), err);
	return source;
}

static struct ad_outbox *open_sender(const char *url, const char *node, int port)
{
	struct ad_err err = { 0 };
	struct ad_outbox *outbox = NULL;
	char host[32];
	(void)snprintf(host, sizeof host, "127.0.0.1:%d", port);
	const char *const hosts[] = { host };
	struct ad_outbox_config config = {
		.database_url = url,
		.node_id = node,
		.app_id = "app",
		.token = tokens,
		.hosts = { .exact = hosts, .exact_count = 1 },
		.allow_http_loopback = true,
		.key = key,
		.total_ms = CALL_MS,
		.poll_ms = 20,
		.ambiguous_ms = AMBIGUOUS_MS,
		.backoff_base_ms = 50,
	};
	assert_ok(ad_outbox_start(&config, &outbox, &err), err);
	return outbox;
}

static struct ad_outbox **place_of(const struct ad_outbox *outbox)
{
	size_t i = 0;
	while (i < SENDERS_MAX && senders[i] != outbox)
		i++;
	assert_true(i < SENDERS_MAX);
	return &senders[i];
}

static struct ad_outbox *start(struct db_test *t, const char *node)
{
	struct ad_outbox **place = place_of(NULL);
	*place = open_sender(t->url, node, connector_port(connector));
	return *place;
}

static struct ad_outbox_metrics metrics_of(struct ad_outbox *outbox)
{
	struct ad_outbox_metrics metrics;
	ad_outbox_get_metrics(outbox, &metrics);
	return metrics;
}

/* Everything that the sender holds is finished and written. */
static void stop(struct ad_outbox *outbox)
{
	struct ad_err err = { 0 };
	*place_of(outbox) = NULL;
	assert_ok(ad_outbox_stop(outbox, STOP_MS, &err), err);
}

static int begin(void **state)
{
	connector = connector_start();
	tokens = open_tokens(connector_port(connector));
	return db_test_begin(state);
}

static int end(void **state)
{
	for (size_t i = 0; i < SENDERS_MAX; i++) {
		if (senders[i] && ad_outbox_stop(senders[i], 0, NULL) != 0)
			print_message("a sender was left by a failed test\n");
		senders[i] = NULL;
	}
	ad_token_source_free(tokens);
	connector_stop(connector);
	return db_test_end(state);
}

/* A person who wrote before, in the conversation "a:<oid>". */
static void know(struct db_test *t, const char *oid)
{
	struct ad_err err = { 0 };
	struct ad_reference reference = {
		.tenant_id = "t",
		.oid = oid,
		.user_id = ad_printf(t->arena, "29:%s", oid),
		.bot_id = "28:app",
		.channel_id = "msteams",
		.service_url = connector_url(connector),
		.conversation_id = ad_printf(t->arena, "a:%s", oid),
		.locale = "",
	};
	struct ad_store_conv conv = {
		.tenant_id = "t",
		.oid = oid,
		.app_id = "app",
		.conversation_id = reference.conversation_id,
		.reference = ad_reference_print(t->arena, &reference),
	};
	assert_ok(ad_store_conv_put(t->db, t->arena, &key, &conv, &err), err);
}

static const char *text_activity(struct db_test *t, const char *text)
{
	return ad_json_print(t->arena, ad_activity_text(t->arena, text));
}

static int64_t add_row(struct db_test *t, const struct ad_outbox_new *row)
{
	struct ad_err err = { 0 };
	int64_t id = 0;
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_outbox_add(t->db, t->arena, row, &id, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	return id;
}

static int64_t add(struct db_test *t, const char *node, const char *oid, const char *text)
{
	struct ad_outbox_new row = {
		.node_id = node,
		.tenant_id = "t",
		.recipient_oid = oid,
		.fact = text,
		.activity = text_activity(t, text),
	};
	return add_row(t, &row);
}

static int64_t add_card(struct db_test *t, const char *oid)
{
	struct ad_outbox_new row = {
		.node_id = "n",
		.tenant_id = "t",
		.recipient_oid = oid,
		.fact = "card",
		.activity = text_activity(t, "card v1"),
		.card = "approval",
		.job_id = 1,
		.version = 1,
	};
	return add_row(t, &row);
}

static int64_t change_card(struct db_test *t, int64_t copy, const char *text, int version)
{
	struct ad_err err = { 0 };
	int64_t *ids = NULL;
	size_t count = 0;
	struct ad_card_change change = { "n", &copy, 1, text_activity(t, text), version };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_copy_change(t->db, t->arena, &change, &ids, &count, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	assert_int_equal(count, 1);
	return ids[0];
}

static const char *state_of(struct db_test *t, int64_t id)
{
	return db_test_text(t, "select state from outbox where id = %lld", (long long)id);
}

static bool says(const struct connector_call *call, const char *text)
{
	return strstr(call->body, text) != NULL;
}

#define POSTS(oid) "POST", "a%3A" oid "/activities"

/* ---- promises ---- */

static void a_message_goes_to_the_persons_conversation_with_the_bots_token(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	struct ad_outbox *outbox = start(t, "n");
	int64_t id = add(t, "n", "ann", "hello");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(connector, POSTS("ann"), 1);
	stop(outbox);
	struct connector_call call = connector_call(connector, POSTS("ann"), 0);
	assert_string_equal(call.path, "/emea/t1/v3/conversations/a%3Aann/activities");
	assert_true(ad_text_starts(call.token, "token-"));
	assert_true(says(&call, "\"from\":{\"id\":\"28:app\"}"));
	assert_true(says(&call, "\"recipient\":{\"id\":\"29:ann\"}"));
	assert_true(says(&call, "\"conversation\":{\"id\":\"a:ann\"}"));
	assert_string_equal(state_of(t, id), "sent");
	assert_int_equal(
		db_test_int(t, "select count(*) from outbox where activity_id like 'act-%%' "
			       "and lease_owner = '' and done_at is not null"),
		1);
}

static void one_persons_messages_keep_their_order_one_at_a_time(void **state)
{
	struct db_test *t = *state;
	int64_t ids[5];
	know(t, "ann");
	struct connector_rule slow = { .method = "POST", .in_path = "/activities", .delay_ms = 30 };
	connector_rule(connector, &slow);
	struct ad_outbox *outbox = start(t, "n");
	for (int i = 0; i < 5; i++)
		ids[i] = add(t, "n", "ann", ad_printf(t->arena, "m%d", i));
	for (int i = 4; i >= 0; i--)
		ad_outbox_kick(outbox, &ids[i], 1);
	connector_wait(connector, POSTS("ann"), 5);
	stop(outbox);
	for (size_t i = 0; i < 5; i++) {
		struct connector_call call = connector_call(connector, POSTS("ann"), i);
		assert_true(says(&call, ad_printf(t->arena, "\"m%zu\"", i)));
		assert_int_equal(call.together, 1);
	}
}

static void one_slow_conversation_delays_nobody(void **state)
{
	struct db_test *t = *state;
	enum { PEOPLE = 20 };
	know(t, "slow");
	struct connector_rule slow = { .method = "POST", .in_path = "a%3Aslow/", .delay_ms = 1200 };
	connector_rule(connector, &slow);
	struct ad_outbox *outbox = start(t, "n");
	int64_t id = add(t, "n", "slow", "x");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(connector, POSTS("slow"), 1);
	int64_t began_ms = ad_clock_mono_ms();
	for (int i = 0; i < PEOPLE; i++) {
		const char *oid = ad_printf(t->arena, "p%d", i);
		know(t, oid);
		id = add(t, "n", oid, "x");
		ad_outbox_kick(outbox, &id, 1);
	}
	connector_wait(connector, "POST", "a%3Ap", PEOPLE);
	assert_true(ad_clock_mono_ms() - began_ms < 1000);
	stop(outbox);
	assert_int_equal(
		db_test_int(t, "select count(*) from outbox where state = 'sent'"), PEOPLE + 1);
}

static void a_throttled_conversation_waits_as_long_as_it_was_told(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	know(t, "bob");
	struct connector_rule busy = { .method = "POST",
		.in_path = "a%3Aann/",
		.times = 1,
		.status = 429,
		.headers = "Retry-After: 1\r\n",
		.body = "{\"error\":{\"code\":\"Throttled\"}}" };
	connector_rule(connector, &busy);
	int64_t ids[3] = { add(t, "n", "ann", "m0"), add(t, "n", "ann", "m1"),
		add(t, "n", "bob", "m2") };
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, ids, 3);
	connector_wait(connector, POSTS("ann"), 3);
	assert_int_equal(metrics_of(outbox).throttled, 1);
	stop(outbox);
	struct connector_call refused = connector_call(connector, POSTS("ann"), 0);
	struct connector_call again = connector_call(connector, POSTS("ann"), 1);
	struct connector_call next = connector_call(connector, POSTS("ann"), 2);
	struct connector_call other = connector_call(connector, POSTS("bob"), 0);
	assert_true(says(&refused, "m0") && says(&again, "m0") && says(&next, "m1"));
	assert_true(again.at_ms - refused.at_ms >= 1000);
	assert_true(other.at_ms < again.at_ms);
}

static void a_refused_token_is_renewed_once(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	struct connector_rule refuse = {
		.method = "POST", .in_path = "/activities", .times = 1, .status = 401
	};
	connector_rule(connector, &refuse);
	int64_t id = add(t, "n", "ann", "hello");
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(connector, POSTS("ann"), 2);
	stop(outbox);
	assert_string_equal(state_of(t, id), "sent");
	assert_int_equal(connector_count(connector, "POST", "/token"), 2);
	struct connector_call first = connector_call(connector, POSTS("ann"), 0);
	struct connector_call second = connector_call(connector, POSTS("ann"), 1);
	assert_string_not_equal(first.token, second.token);
}

static void a_token_that_is_always_refused_keeps_the_row_for_later(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	struct connector_rule refuse = {
		.method = "POST", .in_path = "/activities", .times = 2, .status = 401
	};
	connector_rule(connector, &refuse);
	int64_t id = add(t, "n", "ann", "hello");
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(connector, POSTS("ann"), 3);
	stop(outbox);
	assert_string_equal(state_of(t, id), "sent");
	assert_int_equal(db_test_int(t, "select attempts from outbox"), 2);
}

static void a_redirect_is_not_followed_and_the_token_stays_here(void **state)
{
	struct db_test *t = *state;
	struct connector *trap = connector_start();
	know(t, "ann");
	char location[128];
	(void)snprintf(location, sizeof location, "Location: %strap\r\n", connector_url(trap));
	struct connector_rule redirect = {
		.method = "POST", .in_path = "/activities", .status = 307, .headers = location
	};
	connector_rule(connector, &redirect);
	int64_t id = add(t, "n", "ann", "hello");
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(connector, POSTS("ann"), 1);
	stop(outbox);
	assert_string_equal(state_of(t, id), "dead");
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
		.activity = text_activity(t, "hello"),
		.service_url = connector_url(trap),
		.conversation_id = "a:ann",
	};
	int64_t id = add_row(t, &row);
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	stop(outbox);
	assert_string_equal(state_of(t, id), "dead");
	assert_int_equal(connector_count(connector, "POST", "/token"), 0);
	assert_int_equal(connector_count(trap, "POST", "/"), 0);
	connector_stop(trap);
}

static void rows_of_a_dead_node_are_taken_over_when_their_lease_is_over(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	know(t, "bob");
	int64_t alive = add(t, "other", "bob", "hello");
	int64_t orphan = add(t, "other", "ann", "m0");
	(void)add(t, "other", "ann", "m1");
	db_test_sql(t, "update outbox set lease_until = now() where recipient_oid = 'ann'");
	struct ad_outbox *outbox = start(t, "n");
	connector_wait(connector, POSTS("ann"), 2);
	stop(outbox);
	assert_string_equal(state_of(t, orphan), "sent");
	assert_string_equal(state_of(t, alive), "pending");
	assert_int_equal(connector_count(connector, POSTS("ann")), 2);
	struct connector_call second = connector_call(connector, POSTS("ann"), 1);
	assert_true(says(&second, "m1"));
}

static void two_senders_deliver_everything_once_and_in_order(void **state)
{
	struct db_test *t = *state;
	enum { PEOPLE = 12, EACH = 4 };
	int64_t ids[PEOPLE * EACH];
	for (int i = 0; i < PEOPLE; i++)
		know(t, ad_printf(t->arena, "p%02d", i));
	for (int i = 0; i < PEOPLE * EACH; i++)
		ids[i] = add(t, i % 3 ? "n1" : "n2", ad_printf(t->arena, "p%02d", i % PEOPLE),
			ad_printf(t->arena, "m%d", i / PEOPLE));
	struct ad_outbox *first = start(t, "n1");
	struct ad_outbox *second = start(t, "n2");
	ad_outbox_kick(first, ids, PEOPLE * EACH);
	ad_outbox_kick(second, ids, PEOPLE * EACH);
	connector_wait(connector, "POST", "/activities", PEOPLE * EACH);
	stop(first);
	stop(second);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where state <> 'sent'"), 0);
	for (int i = 0; i < PEOPLE; i++) {
		const char *path = ad_printf(t->arena, "a%%3Ap%02d/", i);
		assert_int_equal(connector_count(connector, "POST", path), EACH);
		for (size_t k = 0; k < EACH; k++) {
			struct connector_call call = connector_call(connector, "POST", path, k);
			assert_true(says(&call, ad_printf(t->arena, "\"m%zu\"", k)));
			assert_int_equal(call.together, 1);
		}
	}
}

static void a_send_without_clear_answer_is_repeated_once_then_ambiguous(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	know(t, "bob");
	struct connector_rule fail = { .method = "POST", .in_path = "a%3Aann/", .status = 502 };
	struct connector_rule hang = {
		.method = "POST", .in_path = "a%3Abob/", .times = 1, .delay_ms = 2 * CALL_MS
	};
	connector_rule(connector, &fail);
	connector_rule(connector, &hang);
	int64_t ids[2] = { add(t, "n", "ann", "hello"), add(t, "n", "bob", "hello") };
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(connector, POSTS("ann"), 2);
	connector_wait(connector, POSTS("bob"), 2);
	stop(outbox);
	assert_string_equal(state_of(t, ids[0]), "ambiguous");
	assert_string_equal(state_of(t, ids[1]), "sent");
	assert_int_equal(connector_count(connector, POSTS("ann")), 2);
	struct connector_call first = connector_call(connector, POSTS("ann"), 0);
	struct connector_call second = connector_call(connector, POSTS("ann"), 1);
	assert_true(second.at_ms - first.at_ms >= AMBIGUOUS_MS);
}

static void a_change_is_repeated_until_it_is_done(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	struct connector_rule fail = {
		.method = "PUT", .in_path = "/activities/", .times = 3, .status = 503
	};
	connector_rule(connector, &fail);
	struct ad_outbox *outbox = start(t, "n");
	int64_t card = add_card(t, "ann");
	int64_t ids[2] = { card, change_card(t, card, "card v2", 2) };
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(connector, "PUT", "/activities/", 4);
	stop(outbox);
	assert_string_equal(state_of(t, ids[1]), "sent");
}

static void a_change_waits_for_its_card_and_replaces_it(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	struct connector_rule slow = { .method = "POST", .in_path = "a%3Aann/", .delay_ms = 150 };
	connector_rule(connector, &slow);
	struct ad_outbox *outbox = start(t, "n");
	int64_t card = add_card(t, "ann");
	int64_t change = change_card(t, card, "card v2", 2);
	ad_outbox_kick(outbox, &change, 1);
	connector_wait(connector, "PUT", "/activities/act-", 1);
	stop(outbox);
	struct connector_call post = connector_call(connector, POSTS("ann"), 0);
	struct connector_call put = connector_call(connector, "PUT", "/activities/act-", 0);
	assert_true(says(&post, "card v1") && says(&put, "card v2"));
	assert_true(put.at_ms - post.at_ms >= 150);
	assert_string_equal(state_of(t, change), "sent");
	assert_string_equal(
		db_test_text(t, "select activity_id from card_copies"), strrchr(put.path, '/') + 1);
}

static void a_change_during_a_change_is_not_lost(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	struct connector_rule slow = {
		.method = "PUT", .in_path = "/activities/", .times = 1, .delay_ms = 300
	};
	connector_rule(connector, &slow);
	struct ad_outbox *outbox = start(t, "n");
	int64_t card = add_card(t, "ann");
	int64_t ids[2] = { card, change_card(t, card, "card v2", 2) };
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(connector, "PUT", "/activities/", 1);
	assert_int_equal(change_card(t, card, "card v3", 3), ids[1]);
	ad_outbox_kick(outbox, &ids[1], 1);
	connector_wait(connector, "PUT", "/activities/", 2);
	stop(outbox);
	struct connector_call last = connector_call(connector, "PUT", "/activities/", 1);
	assert_true(says(&last, "card v3"));
	assert_int_equal(last.together, 1);
	assert_string_equal(state_of(t, ids[1]), "sent");
}

static void a_card_that_is_gone_is_sent_anew(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	struct connector_rule gone = { .method = "PUT",
		.in_path = "/activities/",
		.times = 1,
		.status = 404,
		.body = "{\"error\":{\"code\":\"ActivityNotFoundInConversation\"}}" };
	connector_rule(connector, &gone);
	struct ad_outbox *outbox = start(t, "n");
	int64_t card = add_card(t, "ann");
	int64_t ids[2] = { card, change_card(t, card, "card v2", 2) };
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(connector, POSTS("ann"), 2);
	stop(outbox);
	struct connector_call again = connector_call(connector, POSTS("ann"), 1);
	assert_true(says(&again, "card v2"));
	assert_int_equal(db_test_int(t, "select count(*) from card_copies c join outbox o on "
					"o.copy_of = c.outbox_id where o.state = 'sent' and "
					"c.activity_id = o.activity_id"),
		1);
}

static void a_person_who_blocked_the_bot_is_tried_once(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	struct connector_rule blocked = { .method = "POST",
		.in_path = "a%3Aann/",
		.status = 403,
		.body = "{\"error\":{\"code\":\"ConversationBlockedByUser\",\"message\":\"no\"}}" };
	connector_rule(connector, &blocked);
	int64_t ids[2] = { add(t, "n", "ann", "m0"), add(t, "n", "ann", "m1") };
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(connector, POSTS("ann"), 1);
	know(t, "bob");
	int64_t after = 0;
	while (metrics_of(outbox).dead < 2) { /* each round trip is a message to somebody else */
		after++;
		int64_t id = add(t, "n", "bob", ad_printf(t->arena, "b%d", (int)after));
		ad_outbox_kick(outbox, &id, 1);
		connector_wait(connector, POSTS("bob"), (size_t)after);
	}
	stop(outbox);
	assert_int_equal(connector_count(connector, POSTS("ann")), 1);
	assert_string_equal(state_of(t, ids[0]), "dead");
	assert_string_equal(state_of(t, ids[1]), "dead");
	assert_string_equal(db_test_text(t, "select state from bot_conversation_references where "
					    "oid = 'ann'"),
		"blocked");
	assert_non_null(strstr(
		db_test_text(t, "select last_error from outbox where id = %lld", (long long)ids[0]),
		"ConversationBlockedByUser"));
}

static void a_person_who_never_wrote_gets_a_conversation_first(void **state)
{
	struct db_test *t = *state;
	know(t, "colleague");
	int64_t ids[2] = { add(t, "n", "new", "m0"), add(t, "n", "new", "m1") };
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(connector, "POST", "created", 2);
	stop(outbox);
	assert_int_equal(connector_count(connector, "POST", "/v3/conversations"), 3);
	struct connector_call create = connector_call(connector, "POST", "/v3/conversations", 0);
	assert_string_equal(create.path, "/emea/t1/v3/conversations");
	assert_true(says(&create, "\"members\":[{\"id\":\"new\"}]"));
	assert_true(says(&create, "\"tenantId\":\"t\""));
	assert_string_equal(state_of(t, ids[1]), "sent");
	assert_int_equal(
		db_test_int(t, "select count(*) from bot_conversation_references where oid "
			       "= 'new' and state = 'active'"),
		1);
}

static void without_any_service_url_a_notice_is_dead_and_says_why(void **state)
{
	struct db_test *t = *state;
	int64_t id = add(t, "n", "new", "m0");
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	stop(outbox);
	assert_string_equal(state_of(t, id), "dead");
	assert_non_null(strstr(db_test_text(t, "select last_error from outbox"), "service URL"));
}

static void a_card_that_is_too_big_arrives_as_text(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	struct connector_rule big = {
		.method = "POST", .in_path = "a%3Aann/", .body_has = "attachments", .status = 413
	};
	connector_rule(connector, &big);
	struct ad_outbox_new row = {
		.node_id = "n",
		.tenant_id = "t",
		.recipient_oid = "ann",
		.fact = "f",
		.activity = ad_json_print(t->arena,
			ad_activity_card(t->arena, ad_json_new_object(t->arena), "Approve #1?")),
	};
	int64_t id = add_row(t, &row);
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(connector, POSTS("ann"), 2);
	stop(outbox);
	struct connector_call second = connector_call(connector, POSTS("ann"), 1);
	assert_true(says(&second, "\"text\":\"Approve #1?\""));
	assert_string_equal(state_of(t, id), "sent");
}

static void a_stop_leaves_unfinished_rows_to_others(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	know(t, "ann");
	struct connector_rule hang = {
		.method = "POST", .in_path = "a%3Aann/", .times = 1, .delay_ms = 60000
	};
	connector_rule(connector, &hang);
	int64_t ids[2] = { add(t, "n", "ann", "m0"), add(t, "n", "ann", "m1") };
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, ids, 2);
	connector_wait(connector, POSTS("ann"), 1);
	*place_of(outbox) = NULL;
	assert_int_equal(ad_outbox_stop(outbox, 50, &err), AD_ETIMEOUT);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where state = 'pending' and "
					"lease_owner = '' and lease_until <= now()"),
		2);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where maybe_sent"), 1);
	outbox = start(t, "n2");
	connector_wait(connector, POSTS("ann"), 3);
	stop(outbox);
	assert_string_equal(state_of(t, ids[1]), "sent");
}

static void a_burst_to_one_person_is_spread(void **state)
{
	struct db_test *t = *state;
	enum { MESSAGES = AD_OUTBOX_PERSON_BURST + 1 };
	int64_t ids[MESSAGES];
	know(t, "ann");
	for (int i = 0; i < MESSAGES; i++)
		ids[i] = add(t, "n", "ann", ad_printf(t->arena, "m%d", i));
	struct ad_outbox *outbox = start(t, "n");
	ad_outbox_kick(outbox, ids, MESSAGES);
	connector_wait(connector, POSTS("ann"), MESSAGES);
	stop(outbox);
	struct connector_call first = connector_call(connector, POSTS("ann"), 0);
	struct connector_call last = connector_call(connector, POSTS("ann"), MESSAGES - 1);
	assert_true(last.at_ms - first.at_ms >= AD_OUTBOX_PERSON_MS - 50);
}

/* ---- kill -9 ---- */

static const char *self;

/* Another process with a sender that dies at a fault point, its lease still on the row. */
static void die_at(struct db_test *t, const char *fault, int64_t id)
{
	char *port = ad_printf(t->arena, "%d", connector_port(connector));
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
	struct ad_err err = { 0 };
	int port = (int)strtol(argv[3], NULL, 10);
	int64_t id = strtoll(argv[4], NULL, 10);
	if (ad_net_init(&err) != 0)
		return 1;
	tokens = open_tokens(port);
	struct ad_outbox *outbox = open_sender(argv[2], "n", port);
	ad_outbox_kick(outbox, &id, 1);
	(void)pause();
	return 1;
}

static void a_sender_killed_before_sending_loses_nothing(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	int64_t id = add(t, "n", "ann", "hello");
	die_at(t, "outbox.before.send", id);
	assert_int_equal(connector_count(connector, POSTS("ann")), 0);
	db_test_sql(t, "update outbox set lease_until = now()");
	struct ad_outbox *outbox = start(t, "n2");
	connector_wait(connector, POSTS("ann"), 1);
	stop(outbox);
	assert_string_equal(state_of(t, id), "sent");
	assert_int_equal(connector_count(connector, POSTS("ann")), 1);
}

static void a_sender_killed_after_sending_repeats_once_at_most(void **state)
{
	struct db_test *t = *state;
	know(t, "ann");
	int64_t id = add(t, "n", "ann", "hello");
	die_at(t, "outbox.after.send", id);
	assert_string_equal(state_of(t, id), "pending");
	db_test_sql(t, "update outbox set lease_until = now()");
	struct ad_outbox *outbox = start(t, "n2");
	connector_wait(connector, POSTS("ann"), 2);
	stop(outbox);
	assert_string_equal(state_of(t, id), "sent");
	assert_int_equal(connector_count(connector, POSTS("ann")), 2);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(a_message_goes_to_the_persons_conversation_with_the_bots_token),
		T(one_persons_messages_keep_their_order_one_at_a_time),
		T(one_slow_conversation_delays_nobody),
		T(a_throttled_conversation_waits_as_long_as_it_was_told),
		T(a_refused_token_is_renewed_once),
		T(a_token_that_is_always_refused_keeps_the_row_for_later),
		T(a_redirect_is_not_followed_and_the_token_stays_here),
		T(an_unlisted_host_is_refused_before_a_token_is_asked_for),
		T(rows_of_a_dead_node_are_taken_over_when_their_lease_is_over),
		T(two_senders_deliver_everything_once_and_in_order),
		T(a_send_without_clear_answer_is_repeated_once_then_ambiguous),
		T(a_change_is_repeated_until_it_is_done),
		T(a_change_waits_for_its_card_and_replaces_it),
		T(a_change_during_a_change_is_not_lost),
		T(a_card_that_is_gone_is_sent_anew),
		T(a_person_who_blocked_the_bot_is_tried_once),
		T(a_person_who_never_wrote_gets_a_conversation_first),
		T(without_any_service_url_a_notice_is_dead_and_says_why),
		T(a_card_that_is_too_big_arrives_as_text),
		T(a_stop_leaves_unfinished_rows_to_others),
		T(a_burst_to_one_person_is_spread),
		T(a_sender_killed_before_sending_loses_nothing),
		T(a_sender_killed_after_sending_repeats_once_at_most),
	};
	struct ad_err err = { 0 };
	if (argc == 5 && strcmp(argv[1], "--sender") == 0)
		return be_the_sender_that_dies(argv);
	self = argv[0];
	if (ad_net_init(&err) != 0)
		return 1;
	int failed = db_test_run(tests);
	ad_net_exit();
	return failed;
}
