/* SPDX-License-Identifier: Apache-2.0 */
/* Who comes first, and who waits for whom: urgent rows and news, one conversation of several
 * people, a tenant that refuses the bot, a conversation that is gone. */
#include "stage.h"

#define NEWS 1000
#define URGENT_MS 3000 /* sanitizers and a busy machine included; the news take ten times that */

static int64_t add_urgent(struct db_test *t, const char *oid, const char *text)
{
	struct ad_outbox_new row = {
		.node_id = "n",
		.tenant_id = "t",
		.recipient_oid = oid,
		.fact = text,
		.activity = stage_text(t, text),
		.urgent = true,
	};
	return stage_add_row(t, &row);
}

/* A broadcast: one row for each of many people, of whom oid is the last. */
static void add_news(struct db_test *t, const char *owner, const char *oid)
{
	db_test_sql(t,
		"insert into outbox (tenant_id, recipient_oid, kind, fact, activity, service_url, "
		"conversation_id, lease_owner, lease_until) select 't', case when n = %d then '%s' "
		"else 'p' || n end, 'send', 'news', '{\"type\":\"message\",\"text\":\"news\"}', "
		"'%s', 'a:p' || n, '%s', now() + case when '%s' = '' then interval '0' else "
		"interval '20 s' end from generate_series(1, %d) n",
		NEWS, oid, connector_url(stage_connector), owner, owner, NEWS);
}

static void check_urgent(struct db_test *t, struct ad_outbox *outbox)
{
	connector_wait(stage_connector, "POST", "a%3Ap", 20); /* the broadcast is under way */
	int64_t begun_ms = ad_clock_mono_ms();
	int64_t id = add_urgent(t, "ann", "approve this");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(stage_connector, STAGE_POSTS("ann"), 1);
	struct connector_call call = connector_call(stage_connector, STAGE_POSTS("ann"), 0);
	assert_true(stage_says(&call, "approve this"));
	assert_true(call.at_ms - begun_ms < URGENT_MS);
	assert_true(connector_count(stage_connector, "POST", "a%3Ap") < NEWS / 2);
	assert_int_equal(stage_stop_early(outbox, 0), AD_ETIMEOUT);
}

static void a_broadcast_in_the_database_delays_no_approval(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	add_news(t, "", "ann");
	struct ad_outbox *outbox = stage_start(t, "n");
	check_urgent(t, outbox);
}

static void a_broadcast_in_memory_delays_no_approval(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	add_news(t, "n", "somebody");
	int64_t ids[NEWS];
	for (size_t i = 0; i < NEWS; i++)
		ids[i] = (int64_t)i + 1;
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, ids, NEWS);
	check_urgent(t, outbox);
}

static void one_conversation_of_many_people_is_patient_as_one(void **state)
{
	struct db_test *t = *state;
	struct connector_rule busy = { .method = "POST",
		.in_path = "19%3Agroup/",
		.times = 1,
		.status = 429,
		.headers = "Retry-After: 1\r\n" };
	connector_rule(stage_connector, &busy);
	int64_t ids[2];
	for (size_t i = 0; i < 2; i++) {
		struct ad_outbox_new row = {
			.node_id = "n",
			.tenant_id = "t",
			.recipient_oid = i == 0 ? "ann" : "bob",
			.fact = "f",
			.activity = stage_text(t, "hello"),
			.service_url = connector_url(stage_connector),
			.conversation_id = "19:group",
		};
		ids[i] = stage_add_row(t, &row);
	}
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, ids, 1);
	connector_wait(stage_connector, "POST", "19%3Agroup/", 1);
	while (stage_metrics(outbox).throttled == 0)
		ad_outbox_wake(outbox);
	ad_outbox_kick(outbox, &ids[1], 1);
	connector_wait(stage_connector, "POST", "19%3Agroup/", 3);
	stage_stop(outbox);
	struct connector_call refused = connector_call(stage_connector, "POST", "19%3Agroup/", 0);
	struct connector_call next = connector_call(stage_connector, "POST", "19%3Agroup/", 1);
	assert_true(next.at_ms - refused.at_ms >= 1000);
}

static void e13_a_conversation_that_is_gone_is_created_anew_once(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule gone = { .method = "POST",
		.in_path = "a%3Aann/",
		.status = 404,
		.body = "{\"error\":{\"code\":\"ConversationNotFound\"}}" };
	connector_rule(stage_connector, &gone);
	int64_t id = stage_add(t, "n", "ann", "hello");
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(stage_connector, "POST", "created", 1);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, id), "sent");
	assert_int_equal(connector_count(stage_connector, STAGE_POSTS("ann")), 1);
	struct connector_call create =
		connector_call(stage_connector, "POST", "/v3/conversations", 1);
	assert_true(stage_says(&create, "\"members\":[{\"id\":\"ann\"}]")); /* not "29:ann" */
	assert_int_equal(db_test_int(t, "select count(*) from bot_conversation_references where "
					"oid = 'ann' and state = 'active' and conversation_id "
					"like '%%created%%'"),
		1);
}

static void e13_a_conversation_that_stays_gone_makes_the_person_unreachable(void **state)
{
	struct db_test *t = *state;
	stage_know(t, "ann");
	struct connector_rule gone = { .method = "POST",
		.in_path = "/activities",
		.status = 404,
		.body = "{\"error\":{\"code\":\"ConversationNotFound\"}}" };
	connector_rule(stage_connector, &gone);
	int64_t id = stage_add(t, "n", "ann", "hello");
	struct ad_outbox *outbox = stage_start(t, "n");
	ad_outbox_kick(outbox, &id, 1);
	connector_wait(stage_connector, "POST", "created", 1);
	stage_stop(outbox);
	assert_string_equal(stage_state_of(t, id), "dead");
	assert_int_equal(connector_count(stage_connector, "POST", "/v3/conversations"), 3);
	assert_int_equal(db_test_int(t, "select attempts from outbox"), 1);
	assert_string_equal(
		db_test_text(t, "select state from bot_conversation_references"), "stale");
}

static void e12_a_refused_tenant_is_tried_by_one_call_at_a_time(void **state)
{
	struct db_test *t = *state;
	static const struct {
		int status;
		const char *body;
		enum ad_outbox_alarm_kind alarm;
		size_t calls; /* of the first message: a new token is tried, too */
	} cases[] = {
		{ 403, "{\"error\":{\"code\":\"BotDisabledByAdmin\"}}", AD_OUTBOX_ALARM_POLICY, 1 },
		{ 401, "{\"error\":{\"code\":\"BotNotRegistered\"}}", AD_OUTBOX_ALARM_REGISTRATION,
			2 },
	};
	const char *people[] = { "ann", "bob" };
	for (size_t i = 0; i < 2; i++) {
		stage_know(t, people[i]);
		const char *path = ad_printf(t->arena, "a%%3A%s/", people[i]);
		struct connector_rule refuse = { .method = "POST",
			.in_path = path,
			.status = cases[i].status,
			.body = cases[i].body };
		connector_rule(stage_connector, &refuse);
		struct ad_outbox *outbox = stage_start(t, "n");
		int64_t first = stage_add(t, "n", people[i], ad_printf(t->arena, "m%zu", i));
		ad_outbox_kick(outbox, &first, 1);
		connector_wait(stage_connector, "POST", path, cases[i].calls);
		while (stage_metrics(outbox).retried < 1)
			ad_outbox_wake(outbox);
		for (int n = 0; n < 20; n++) {
			int64_t id =
				stage_add(t, "n", ad_printf(t->arena, "x%zu.%d", i, n), "hello");
			ad_outbox_kick(outbox, &id, 1);
		}
		while (stage_metrics(outbox).retried < 21)
			ad_outbox_wake(outbox);
		stage_stop(outbox);
		assert_int_equal(connector_count(stage_connector, "POST", "/v3"),
			cases[i].calls + (i > 0 ? cases[0].calls : 0));
		assert_int_equal(stage_alarms[cases[i].alarm], 1);
		assert_int_equal(db_test_int(t, "select count(*) from outbox where state = "
						"'pending' and due_at > now() + interval '3 min'"),
			21 * (int64_t)(i + 1));
	}
}

static void what_no_retry_mends_is_said_once(void **state)
{
	struct db_test *t = *state;
	struct connector_rule rules[] = {
		{ .method = "POST",
			.in_path = "/activities",
			.times = 2,
			.status = 403,
			.body = "{\"error\":{\"code\":\"NotEnoughPermissions\"}}" },
		{ .method = "POST",
			.in_path = "/activities",
			.times = 2,
			.status = 400,
			.body = "{\"error\":{\"code\":\"BadSyntax\"}}" },
	};
	connector_rule(stage_connector, &rules[0]);
	connector_rule(stage_connector, &rules[1]);
	struct ad_outbox *outbox = stage_start(t, "n");
	stage_know(t, "ann");
	for (size_t i = 0; i < 4; i++) {
		int64_t id = stage_add(t, "n", "ann", ad_printf(t->arena, "m%zu", i));
		ad_outbox_kick(outbox, &id, 1);
		connector_wait(stage_connector, STAGE_POSTS("ann"), i + 1);
	}
	stage_stop(outbox);
	assert_int_equal(stage_alarms[AD_OUTBOX_ALARM_PERMISSION], 1);
	assert_int_equal(stage_alarms[AD_OUTBOX_ALARM_MALFORMED], 1);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where state = 'dead'"), 4);
	assert_string_equal(
		db_test_text(t, "select state from bot_conversation_references"), "active");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		stage_test(a_broadcast_in_the_database_delays_no_approval),
		stage_test(a_broadcast_in_memory_delays_no_approval),
		stage_test(one_conversation_of_many_people_is_patient_as_one),
		stage_test(e13_a_conversation_that_is_gone_is_created_anew_once),
		stage_test(e13_a_conversation_that_stays_gone_makes_the_person_unreachable),
		stage_test(e12_a_refused_tenant_is_tried_by_one_call_at_a_time),
		stage_test(what_no_retry_mends_is_said_once),
	};
	return stage_run(tests);
}
