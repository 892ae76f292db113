/* SPDX-License-Identifier: Apache-2.0 */
/* People, rows and senders for the tests of the outbox. */
#include "stage.h"

#include "ad/identity/token.h"
#include "ad/store/copies.h"
#include "ad/teams/activity.h"
#include "ad/teams/reference.h"

#define SENDERS_MAX 4

static const struct ad_store_conv_key key = { .id = "k1", .key = { 1, 2, 3 } };

struct connector *stage_connector;
_Atomic int stage_alarms[AD_OUTBOX_ALARMS];
static struct ad_token_source *tokens;
static struct ad_db_url *database;
static struct ad_outbox *senders[SENDERS_MAX];

int stage_open_net(void)
{
	struct ad_err err = { 0 };
	return ad_net_init(&err);
}

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

static void count_alarm(void *ctx, const struct ad_outbox_alarm *alarm)
{
	(void)ctx;
	stage_alarms[alarm->kind]++;
}

struct ad_outbox *stage_open_sender(const char *url, const char *node, int port)
{
	struct ad_err err = { 0 };
	struct ad_outbox *outbox = NULL;
	char host[32];
	if (!tokens)
		tokens = open_tokens(port);
	if (!database)
		assert_ok(ad_db_url_new(url, &database, &err), err);
	(void)snprintf(host, sizeof host, "127.0.0.1:%d", port);
	char graph[48];
	(void)snprintf(graph, sizeof graph, "http://127.0.0.1:%d/graph", port);
	const char *const hosts[] = { host };
	struct ad_outbox_config config = {
		.database = database,
		.node_id = node,
		.app_id = "app",
		.token = tokens,
		.hosts = { .exact = hosts, .exact_count = 1 },
		.allow_http_loopback = true,
		.key = key,
		.mail = { .transport = AD_OUTBOX_MAIL_GRAPH,
			.from = "desk@example.com",
			.graph_base_url = graph,
			.token = tokens,
			.total_ms = STAGE_CALL_MS },
		.total_ms = STAGE_CALL_MS,
		.poll_ms = 20,
		.ambiguous_ms = STAGE_AMBIGUOUS_MS,
		.backoff_base_ms = 50,
		.alarm = count_alarm,
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

struct ad_outbox *stage_start(struct db_test *t, const char *node)
{
	struct ad_outbox **place = place_of(NULL);
	*place = stage_open_sender(t->url, node, connector_port(stage_connector));
	return *place;
}

struct ad_outbox_metrics stage_metrics(struct ad_outbox *outbox)
{
	struct ad_outbox_metrics metrics;
	ad_outbox_get_metrics(outbox, &metrics);
	return metrics;
}

void stage_stop(struct ad_outbox *outbox)
{
	struct ad_err err = { 0 };
	*place_of(outbox) = NULL;
	assert_ok(ad_outbox_stop(outbox, STAGE_STOP_MS, &err), err);
}

int stage_stop_early(struct ad_outbox *outbox, int deadline_ms)
{
	*place_of(outbox) = NULL;
	return ad_outbox_stop(outbox, deadline_ms, NULL);
}

int stage_begin(void **state)
{
	stage_connector = connector_start();
	for (size_t i = 0; i < AD_OUTBOX_ALARMS; i++)
		stage_alarms[i] = 0;
	tokens = NULL;
	database = NULL;
	return db_test_begin(state);
}

int stage_end(void **state)
{
	for (size_t i = 0; i < SENDERS_MAX; i++) {
		if (senders[i] && ad_outbox_stop(senders[i], 0, NULL) != 0)
			print_message("a sender was left by a failed test\n");
		senders[i] = NULL;
	}
	ad_token_source_free(tokens);
	ad_db_url_free(database);
	connector_stop(stage_connector);
	return db_test_end(state);
}

void stage_know(struct db_test *t, const char *oid)
{
	struct ad_err err = { 0 };
	struct ad_reference reference = {
		.tenant_id = "t",
		.oid = oid,
		.user_id = ad_printf(t->arena, "29:%s", oid),
		.bot_id = "28:app",
		.channel_id = "msteams",
		.service_url = connector_url(stage_connector),
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

const char *stage_text(struct db_test *t, const char *text)
{
	return ad_json_print(t->arena, ad_activity_text(t->arena, text));
}

int64_t stage_add_row(struct db_test *t, const struct ad_outbox_new *row)
{
	struct ad_err err = { 0 };
	int64_t id = 0;
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_outbox_add(t->db, t->arena, row, &id, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	return id;
}

int64_t stage_add(struct db_test *t, const char *node, const char *oid, const char *text)
{
	struct ad_outbox_new row = {
		.node_id = node,
		.tenant_id = "t",
		.recipient_oid = oid,
		.fact = text,
		.activity = stage_text(t, text),
	};
	return stage_add_row(t, &row);
}

int64_t stage_add_mail(struct db_test *t, const char *node, const char *oid, const char *text)
{
	struct ad_err err = { 0 };
	int64_t id = 0;
	struct ad_mail_new mail = {
		.tenant_id = "t",
		.recipient_oid = oid,
		.fact = text,
		.node_id = node,
		.to = ad_printf(t->arena, "%s@example.com", oid),
		.subject = text,
		.text = ad_printf(t->arena, "text of %s", text),
	};
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_outbox_add_mail(t->db, t->arena, &key, &mail, &id, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	return id;
}

int64_t stage_add_card(struct db_test *t, const char *oid)
{
	struct ad_outbox_new row = {
		.node_id = "n",
		.tenant_id = "t",
		.recipient_oid = oid,
		.fact = "card",
		.activity = stage_text(t, "card v1"),
		.card = "approval",
		.job_id = 1,
		.version = 1,
	};
	return stage_add_row(t, &row);
}

int64_t stage_change_card(struct db_test *t, int64_t copy, const char *text, int version)
{
	struct ad_err err = { 0 };
	int64_t *ids = NULL;
	size_t count = 0;
	const struct ad_card_change change = { &copy, 1, stage_text(t, text), version, false };
	const struct ad_card_changes changes = { "n", &change, 1 };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_copy_change(t->db, t->arena, &changes, &ids, &count, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	assert_int_equal(count, 1);
	return ids[0];
}

const char *stage_state_of(struct db_test *t, int64_t id)
{
	return db_test_text(t, "select state from outbox where id = %lld", (long long)id);
}

bool stage_says(const struct connector_call *call, const char *text)
{
	return strstr(call->body, text) != NULL;
}
