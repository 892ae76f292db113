/* SPDX-License-Identifier: Apache-2.0 */
/* appdesk doctor: how the counter is, as a checklist; what admins see in Teams, for operators. */
#include "ad/graph.h"
#include "ad/net.h"
#include "ad/text.h"
#include "checkup.h"
#include "command.h"
#include "session.h"
#include "tokens.h"

#define PATIENCE_MS 2000
#define TOTAL_MS 10000

/* What a look needs besides the session. */
struct tools {
	bool net;
	struct ad_net_client *client;
	struct ad_token_source *bot;
	struct ad_token_source *graph;
};

static int token_get(void *ctx, struct ad_arena *arena, char **ret, struct ad_err *err)
{
	return ad_token_get(ctx, arena, TOTAL_MS, ret, err);
}

static void token_drop(void *ctx, const char *token)
{
	ad_token_drop(ctx, token);
}

static int open_tools(const struct ad_config *config, struct tools *tools, struct ad_err *err)
{
	const struct ad_token_config bot = ad_tokens_bot(config);
	const struct ad_token_config graph = ad_tokens_graph(config);
	int r = ad_net_init(err);
	tools->net = r == 0;
	if (r == 0) {
		tools->client = ad_net_client_new();
		r = ad_token_source_new(&bot, &tools->bot, err);
	}
	return r == 0 ? ad_token_source_new(&graph, &tools->graph, err) : r;
}

static void close_tools(struct tools *tools)
{
	ad_token_source_free(tools->graph);
	ad_token_source_free(tools->bot);
	ad_net_client_free(tools->client);
	if (tools->net)
		ad_net_exit();
}

/* Both credentials are tried, and the directory is asked; what fails is part of what is found. */
static void look_around(
	struct ad_session *s, const struct tools *tools, struct ad_desk_machine *machine)
{
	char *token;
	struct ad_desk_machine asked = { 0 };
	const struct ad_graph graph = {
		.base_url = s->config->graph.base_url,
		.token = { .get = token_get, .drop = token_drop, .ctx = tools->graph },
		.net = tools->client,
		.allow_http_loopback = s->config->dev.loopback,
		.patience_ms = PATIENCE_MS,
		.total_ms = TOTAL_MS,
	};
	struct ad_err ignored = { 0 }; /* the source remembers it */
	(void)!ad_token_get(tools->bot, s->arena, TOTAL_MS, &token, &ignored);
	ad_desk_doctor_ask(&s->desk, &graph, &asked);
	ad_checkup_fill(s->config, s->arena, tools->bot, tools->graph, machine);
	machine->asked = asked.asked;
	machine->directory_error = asked.directory_error;
	memcpy(machine->people, asked.people, sizeof machine->people);
}

static int look(struct ad_session *s, struct ad_check **ret, size_t *ret_count, struct ad_err *err)
{
	int r = ad_db_begin(s->db, err);
	if (r != 0)
		return r;
	r = ad_desk_doctor_look(&s->desk, "", ret, ret_count, err);
	ad_db_rollback(s->db); /* nothing was written */
	return r;
}

static void print_json(struct ad_arena *arena, const struct ad_check *checks, size_t count)
{
	struct ad_json *list = ad_json_new_array(arena);
	for (size_t i = 0; i < count; i++) {
		struct ad_json *item = ad_json_new_object(arena);
		ad_json_set_str(arena, item, "check", checks[i].name);
		ad_json_set_str(arena, item, "state", ad_check_state_name(checks[i].state));
		ad_json_set_str(arena, item, "text", checks[i].text);
		ad_json_append(arena, list, item);
	}
	(void)printf("%s\n", ad_json_print(arena, list));
}

/* True when nothing fails. */
static bool print(struct ad_arena *arena, const struct ad_check *checks, size_t count, bool json)
{
	bool well = true;
	if (json)
		print_json(arena, checks, count);
	for (size_t i = 0; i < count; i++) {
		well &= checks[i].state != AD_CHECK_FAIL;
		if (!json)
			(void)printf("%-5s  %s: %s\n", ad_check_state_name(checks[i].state),
				checks[i].title, checks[i].text);
	}
	return well;
}

static int run(const struct ad_command *self, int argc, char **argv)
{
	struct ad_words words;
	struct ad_session s;
	struct tools tools = { 0 };
	struct ad_desk_machine machine;
	struct ad_check *checks;
	size_t count;
	struct ad_err err = { 0 };
	bool well = false;
	if (!ad_words_parse(&words, self, argc, argv, NULL))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count > 0)
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_ACTS, &s, &err) != 0)
		return ad_app_fail(&err);
	int r = open_tools(s.config, &tools, &err);
	if (r == 0) {
		look_around(&s, &tools, &machine);
		s.desk.machine = &machine;
		r = look(&s, &checks, &count, &err);
	}
	if (r == 0)
		well = print(s.arena, checks, count, words.json);
	close_tools(&tools);
	ad_session_close(&s);
	if (r != 0)
		return ad_app_fail(&err);
	return well ? AD_EXIT_DONE : AD_EXIT_FAILED;
}

const struct ad_command ad_command_doctor = {
	"doctor",
	"[--config FILE] [--json]",
	"how the counter is, as a checklist; exit code 1 when something fails",
	run,
};
