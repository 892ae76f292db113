/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rest of the world, as cheap as it can be: keys, a token for everybody, a directory in which
 * everybody may use the counter and nobody may decide (but where approvers are wanted), and a
 * connector that takes every message.
 */
#include "bench.h"

#include "ad/text.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USERS_GROUP "00000000-0000-4000-8000-0000000000a1"
#define APPROVERS_GROUP "00000000-0000-4000-8000-0000000000a2"
#define BODY_TEXT_MAX 512 /* bytes of a request's body that are looked at */

struct bench_world {
	struct bench_world_config config;
	struct evhttp *server;
	struct ad_arena *arena;
	const char *keys;
	unsigned sent;
	unsigned strange;
};

static void answer(struct evhttp_request *req, int status, const char *body)
{
	struct evbuffer *out = evbuffer_new();
	(void)evbuffer_add(out, body, strlen(body));
	(void)evhttp_add_header(
		evhttp_request_get_output_headers(req), "Content-Type", "application/json");
	evhttp_send_reply(req, status, "OK", out);
	evbuffer_free(out);
}

static void on_keys(struct bench_world *world, struct evhttp_request *req)
{
	answer(req, 200, world->keys);
}

/* Both documents in one: the channel's, and the directory's that clients ask before a token. */
static void on_metadata(struct bench_world *world, struct evhttp_request *req)
{
	char body[1024];
	const char *host = evhttp_request_get_host(req);
	(void)snprintf(body, sizeof body,
		"{\"issuer\":\"https://api.botframework.com\",\"jwks_uri\":\"http://%s:%d/keys\","
		"\"id_token_signing_alg_values_supported\":[\"RS256\"],"
		"\"authorization_endpoint\":\"https://login.microsoftonline.com/%s/oauth2/v2.0/"
		"authorize\","
		"\"token_endpoint\":\"https://login.microsoftonline.com/%s/oauth2/v2.0/token\"}",
		host, world->config.port, BENCH_TENANT_ID, BENCH_TENANT_ID);
	answer(req, 200, body);
}

static void on_token(struct bench_world *world, struct evhttp_request *req)
{
	(void)world;
	answer(req, 200,
		"{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,"
		"\"access_token\":\"eyJhbGciOiJub25lIn0.e30.bench\"}");
}

static void on_membership(struct bench_world *world, struct evhttp_request *req)
{
	char body[BODY_TEXT_MAX] = "";
	(void)evbuffer_copyout(evhttp_request_get_input_buffer(req), body, sizeof body - 1);
	bool user = strstr(body, USERS_GROUP) != NULL;
	bool approver = world->config.approvers && strstr(body, APPROVERS_GROUP);
	answer(req, 200,
		user && approver ? "{\"value\":[\"" USERS_GROUP "\",\"" APPROVERS_GROUP "\"]}"
		: user           ? "{\"value\":[\"" USERS_GROUP "\"]}"
		: approver       ? "{\"value\":[\"" APPROVERS_GROUP "\"]}"
				 : "{\"value\":[]}");
}

/* Nothing has changed among people, and nothing will. */
static void on_delta(struct bench_world *world, struct evhttp_request *req)
{
	char body[BODY_TEXT_MAX];
	(void)snprintf(body, sizeof body,
		"{\"value\":[],\"@odata.deltaLink\":\"http://%s:%d/graph/v1.0/users/delta?x=1\"}",
		evhttp_request_get_host(req), world->config.port);
	answer(req, 200, body);
}

/* Of any group: the first of the people. */
static void on_members(struct bench_world *world, struct evhttp_request *req)
{
	char body[BODY_TEXT_MAX];
	char oid[64];
	(void)world;
	(void)snprintf(oid, sizeof oid, BENCH_PERSON_FORMAT, 1u);
	(void)snprintf(body, sizeof body,
		"{\"value\":[{\"@odata.type\":\"#microsoft.graph.user\",\"id\":\"%s\","
		"\"displayName\":\"Person\",\"mail\":\"person@example.com\","
		"\"accountEnabled\":true,\"userType\":\"Member\"}]}",
		oid);
	answer(req, 200, body);
}

/* /graph/v1.0/users/<object id>?...: everybody is somebody. */
static void on_person(struct bench_world *world, struct evhttp_request *req)
{
	char body[BODY_TEXT_MAX];
	const char *oid = strstr(evhttp_request_get_uri(req), "/users/") + strlen("/users/");
	int len = (int)strcspn(oid, "?/");
	(void)world;
	(void)snprintf(body, sizeof body,
		"{\"id\":\"%.*s\",\"displayName\":\"Person\",\"mail\":\"person@example.com\","
		"\"accountEnabled\":true,\"userType\":\"Member\"}",
		len > 100 ? 100 : len, oid);
	answer(req, 200, body);
}

/* /teams/v3/conversations/a%3Abench-12/activities/...: the number behind the prefix. */
static void on_message(struct bench_world *world, struct evhttp_request *req)
{
	char body[64];
	const char *chat = strstr(evhttp_request_get_uri(req), "bench-");
	(void)snprintf(body, sizeof body, "{\"id\":\"17%011u\"}", ++world->sent);
	answer(req, 201, body);
	if (chat && evhttp_request_get_command(req) == EVHTTP_REQ_POST)
		world->config.on_reply(
			world->config.ctx, (unsigned)strtoul(chat + strlen("bench-"), NULL, 10));
}

static void on_request(struct evhttp_request *req, void *ctx)
{
	static const struct {
		const char *part; /* of the path */
		void (*handle)(struct bench_world *world, struct evhttp_request *req);
	} routes[] = {
		{ "/v3/conversations/", on_message },
		{ "/checkMemberGroups", on_membership },
		{ "/users/delta", on_delta },
		{ "/transitiveMembers", on_members },
		{ "/users/", on_person },
		{ "/oauth2/v2.0/token", on_token },
		{ "openid", on_metadata },
		{ "/keys", on_keys },
	};
	struct bench_world *world = ctx;
	const char *uri = evhttp_request_get_uri(req);
	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		if (strstr(uri, routes[i].part)) {
			routes[i].handle(world, req);
			return;
		}
	}
	world->strange++;
	(void)fprintf(stderr, "bench: nothing here for %s\n", uri);
	answer(req, 404, "{}");
}

struct bench_world *bench_world_new(const struct bench_world_config *config)
{
	struct bench_world *world = ad_xalloc(sizeof *world);
	world->config = *config;
	world->arena = ad_arena_new();
	world->keys = bench_issuer_keys(config->issuer, world->arena);
	world->server = evhttp_new(config->loop);
	evhttp_set_allowed_methods(world->server,
		EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE);
	evhttp_set_gencb(world->server, on_request, world);
	if (evhttp_bind_socket(world->server, "127.0.0.1", (uint16_t)config->port) != 0) {
		(void)fprintf(stderr, "bench: port %d is in use\n", config->port);
		exit(1);
	}
	return world;
}

void bench_world_free(struct bench_world *world)
{
	evhttp_free(world->server);
	ad_arena_free(world->arena);
	free(world);
}

unsigned bench_world_strange(const struct bench_world *world)
{
	return world->strange;
}
