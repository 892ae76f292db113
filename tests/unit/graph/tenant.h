/* SPDX-License-Identifier: Apache-2.0 */
/* A local tenant for the tests of graph: started once, reset before each test. */
#ifndef AD_TESTS_GRAPH_TENANT_H
#define AD_TESTS_GRAPH_TENANT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ad/file.h"
#include "ad/graph/content.h"
#include "ad/graph/intune.h"
#include "ad/net.h"
#include "ad/text.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define TENANT_ID "00000000-0000-4000-8000-000000000001"
#define ALEX "00000000-0000-4000-8000-000000000020"
#define MEGAN "00000000-0000-4000-8000-000000000021"
#define ISAIAH "00000000-0000-4000-8000-000000000023"
#define LYNNE "00000000-0000-4000-8000-000000000025"
#define NORA "00000000-0000-4000-8000-000000000026"
#define NOBODY "00000000-0000-4000-8000-0000000000ff"
#define EVERYONE "00000000-0000-4000-8000-0000000000a1"
#define APPROVERS "00000000-0000-4000-8000-0000000000a2"

extern char **environ;

static struct {
	pid_t pid;
	char folder[32];
	char url[64]; /* "http://127.0.0.1:8700" */
	struct ad_net_client *net;
	struct ad_arena *arena;
	char *token; /* the one in use; malloc */
	int token_fetches;
	struct ad_graph graph;
	char graph_url[80];
} tenant;

/* ---- its control side ---- */

static inline struct ad_json *tenant_send(const char *method, const char *path, const char *body)
{
	struct ad_net_response response;
	struct ad_err err = { 0 };
	struct ad_json *json = NULL;
	const struct ad_net_request request = { .method = method,
		.url = ad_printf(tenant.arena, "%s%s", tenant.url, path),
		.body = body,
		.body_len = body ? strlen(body) : 0,
		.content_type = "application/json",
		.response_max = 16 << 20,
		.allow_http_loopback = true };
	if (ad_net_send(tenant.net, tenant.arena, &request, &response, &err) < 0)
		fail_msg("%s", err.text);
	if (response.status / 100 != 2)
		fail_msg("%s %s: %d %s", method, path, response.status, response.body);
	if (response.body_len > 0)
		assert_int_equal(
			ad_json_parse(tenant.arena, response.body, response.body_len, &json, &err),
			0);
	return json;
}

static inline void tenant_fault(const char *json)
{
	(void)tenant_send("POST", "/control/faults", json);
}

/* Calls that the tenant has seen. */
static inline size_t tenant_calls(const char *filter)
{
	return ad_json_count(ad_json_get(
		tenant_send("GET", ad_printf(tenant.arena, "/control/calls?%s", filter), NULL),
		"calls"));
}

static inline struct ad_json *tenant_apps(void)
{
	return ad_json_get(tenant_send("GET", "/control/intune", NULL), "apps");
}

/* ---- our side ---- */

static int token_get(void *ctx, struct ad_arena *arena, char **ret, struct ad_err *err)
{
	static const char form[] =
		"grant_type=client_credentials&client_id=00000000-0000-4000-8000-000000000011"
		"&client_secret=local-tenant-secret&scope=https%3A%2F%2Fgraph.microsoft.com%2F."
		"default";
	struct ad_net_response response;
	struct ad_json *json;
	(void)ctx;
	if (!tenant.token) {
		const struct ad_net_request request = { .method = "POST",
			.url = ad_printf(arena, "%s/" TENANT_ID "/oauth2/v2.0/token", tenant.url),
			.body = form,
			.body_len = strlen(form),
			.content_type = "application/x-www-form-urlencoded",
			.allow_http_loopback = true };
		int r = ad_net_send(tenant.net, arena, &request, &response, err);
		if (r == 0)
			r = ad_json_parse(arena, response.body, response.body_len, &json, err);
		if (r < 0)
			return r;
		if (!ad_json_str(json, "access_token"))
			return AD_FAIL(err, AD_EAUTH, "%s", response.body);
		tenant.token = ad_xstrdup(ad_json_str(json, "access_token"));
		tenant.token_fetches++;
	}
	*ret = ad_strdup(arena, tenant.token);
	return 0;
}

static void token_drop(void *ctx, const char *token)
{
	(void)ctx;
	assert_string_equal(token, tenant.token);
	free(tenant.token);
	tenant.token = NULL;
}

/* The tenant counts calls, not seconds. */
static int64_t tenant_waited_ms;

static bool no_wait(void *ctx, int64_t ms)
{
	(void)ctx;
	tenant_waited_ms += ms;
	return true;
}

static int tenant_begin(void **state)
{
	(void)state;
	ad_arena_reset(tenant.arena);
	(void)tenant_send("DELETE", "/control/faults", NULL);
	(void)tenant_send("POST", "/control/reset", "{}");
	(void)tenant_send(
		"POST", "/control/settings", "{\"pending_polls\":1,\"sas_lifetime_s\":900}");
	tenant.graph.patience_ms = 20000;
	tenant.graph.pause = no_wait;
	tenant_waited_ms = 0;
	tenant.token_fetches = 0;
	return 0;
}

static int tenant_start(void **state)
{
	struct ad_err err;
	char line[512] = { 0 };
	int out[2];
	const char *program = getenv("APPDESK_TEST_TENANT");
	(void)state;
	if (!program || ad_net_init(&err) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return -1;
	tenant.arena = ad_arena_new();
	tenant.net = ad_net_client_new();
	(void)snprintf(tenant.folder, sizeof(tenant.folder), "/tmp/ad-graph-test-XXXXXX");
	if (!mkdtemp(tenant.folder))
		return -1;
	char *const argv[] = { ad_strdup(tenant.arena, program), ad_strdup(tenant.arena, "serve"),
		ad_strdup(tenant.arena, "--port"), ad_strdup(tenant.arena, "0"),
		ad_strdup(tenant.arena, "--dir"), tenant.folder, ad_strdup(tenant.arena, "--bot"),
		ad_strdup(tenant.arena, "http://127.0.0.1:9/api/messages"),
		ad_strdup(tenant.arena, "--installers"),
		ad_strdup(tenant.arena, getenv("APPDESK_TEST_INSTALLERS")),
		ad_strdup(tenant.arena, "--filler"), ad_strdup(tenant.arena, "0"), NULL };
	posix_spawn_file_actions_t actions;
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	int r = posix_spawn(&tenant.pid, program, &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(out[1]);
	for (size_t len = 0; r == 0 && !strchr(line, '\n'); len++)
		if (len == sizeof(line) - 1 || read(out[0], line + len, 1) != 1)
			return -1;
	(void)close(out[0]);
	struct ad_json *ready;
	if (r != 0 || ad_json_parse(tenant.arena, line, strlen(line) - 1, &ready, &err) < 0)
		return -1;
	(void)snprintf(tenant.url, sizeof(tenant.url), "http://127.0.0.1:%lld",
		(long long)ad_json_int(ready, "listening", 0));
	(void)snprintf(tenant.graph_url, sizeof(tenant.graph_url), "%s/graph", tenant.url);
	tenant.graph = (struct ad_graph){ .base_url = tenant.graph_url,
		.token = { token_get, token_drop, NULL },
		.net = tenant.net,
		.allow_http_loopback = true };
	return 0;
}

static int tenant_stop(void **state)
{
	struct ad_err err;
	(void)state;
	(void)kill(tenant.pid, SIGTERM);
	(void)waitpid(tenant.pid, NULL, 0);
	ad_net_client_free(tenant.net);
	ad_arena_free(tenant.arena);
	free(tenant.token);
	ad_net_exit();
	return ad_file_remove_tree(tenant.folder, &err);
}

#define assert_ok(call)                                          \
	do {                                                     \
		if ((call) < 0)                                  \
			fail_msg(#call ": %s", tenant_err.text); \
	} while (0)

#define tenant_test(function) cmocka_unit_test_setup(function, tenant_begin)

#endif
