/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The multiplexed client: many requests at a time on few connections, driven by the one thread that
 * calls ad_net_multi_poll. Only ad_net_multi_wakeup may be called by others.
 */
#include "ad/net.h"
#include "ad/text.h"

#include "transfer.h"

#include <sys/queue.h>

#define CONNECTIONS_MAX 64L
#define HOST_CONNECTIONS_MAX 16L
#define HOST_CONNECTIONS_FIRST 32L /* until an answer tells that a request takes a whole one */

struct flight {
	TAILQ_ENTRY(flight) link;
	struct ad_arena *arena; /* holds this struct, the copy of the request, and the response */
	CURL *easy;
	struct ad_net_request request;
	struct ad_net_transfer transfer;
	ad_net_done *done;
	void *ctx;
};

struct ad_net_multi {
	CURLM *multi;
	TAILQ_HEAD(, flight) flights;
	size_t count;
	long host_connections; /* at most; 0: allowed by now */
};

static void limit_host_connections(struct ad_net_multi *multi, long most)
{
	AD_ASSERT(curl_multi_setopt(multi->multi, CURLMOPT_MAX_HOST_CONNECTIONS, most) == CURLM_OK);
}

struct ad_net_multi *ad_net_multi_new(const struct ad_net_multi_config *config)
{
	struct ad_net_multi *multi = ad_xalloc(sizeof *multi);
	long total = config && config->connections_max ? config->connections_max : CONNECTIONS_MAX;
	long host = config && config->host_connections_max ? config->host_connections_max
							   : HOST_CONNECTIONS_MAX;
	TAILQ_INIT(&multi->flights);
	multi->multi = curl_multi_init();
	AD_ASSERT(multi->multi != NULL);
	AD_ASSERT(
		curl_multi_setopt(multi->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, total) == CURLM_OK);
	multi->host_connections = host;
	limit_host_connections(
		multi, host < HOST_CONNECTIONS_FIRST ? host : HOST_CONNECTIONS_FIRST);
	AD_ASSERT(curl_multi_setopt(multi->multi, CURLMOPT_MAXCONNECTS, total) == CURLM_OK);
	return multi;
}

/* The caller's strings need not outlive the call. */
static void copy_request(struct flight *flight, const struct ad_net_request *from)
{
	struct ad_arena *arena = flight->arena;
	struct ad_net_request *to = &flight->request;
	*to = *from;
	to->method = ad_strdup(arena, from->method);
	to->url = ad_strdup(arena, from->url);
	to->content_type = ad_strdup(arena, from->content_type);
	if (from->body)
		to->body = ad_memdup(arena, from->body, from->body_len);
	struct ad_net_header *headers = ad_alloc_array(arena, from->headers_count, sizeof *headers);
	for (size_t i = 0; i < from->headers_count; i++) {
		headers[i].name = ad_strdup(arena, from->headers[i].name);
		headers[i].value = ad_strdup(arena, from->headers[i].value);
	}
	to->headers = headers;
}

static void flight_free(struct flight *flight)
{
	ad_net_transfer_release(&flight->transfer);
	curl_easy_cleanup(flight->easy);
	ad_arena_free(flight->arena);
}

int ad_net_multi_add(struct ad_net_multi *multi, const struct ad_net_request *request,
	ad_net_done *done, void *ctx, struct ad_err *err)
{
	AD_ASSERT(!request->sink && !request->upload && !request->redirect);
	struct ad_arena *arena = ad_arena_new();
	struct flight *flight = ad_alloc(arena, sizeof *flight);
	flight->arena = arena;
	flight->done = done;
	flight->ctx = ctx;
	flight->easy = curl_easy_init();
	AD_ASSERT(flight->easy != NULL);
	copy_request(flight, request);
	int rc = ad_net_transfer_start(
		&flight->transfer, arena, flight->easy, &flight->request, err);
	if (rc != 0) {
		flight_free(flight);
		return rc;
	}
	/* Rather wait for a stream of an open connection than open another one. The handshake of
	 * TLS tells at once whether that is possible; without TLS only the first answer would, and
	 * one slow answer would hold all others up. */
	long wait = ad_text_starts(flight->request.url, "https:") ? 1L : 0L;
	AD_ASSERT(curl_easy_setopt(flight->easy, CURLOPT_PIPEWAIT, wait) == CURLE_OK);
	AD_ASSERT(curl_easy_setopt(flight->easy, CURLOPT_PRIVATE, flight) == CURLE_OK);
	CURLMcode code = curl_multi_add_handle(multi->multi, flight->easy);
	if (code != CURLM_OK) {
		flight_free(flight);
		return AD_FAIL(err, AD_EBUG, "libcurl: %s", curl_multi_strerror(code));
	}
	TAILQ_INSERT_TAIL(&multi->flights, flight, link);
	multi->count++;
	return 0;
}

/* Out of the books before the callback, which may add new requests. */
static void take_out(struct ad_net_multi *multi, struct flight *flight)
{
	(void)curl_multi_remove_handle(multi->multi, flight->easy);
	TAILQ_REMOVE(&multi->flights, flight, link);
	multi->count--;
}

/* libcurl opens a connection for each request that does not fit on the first one of HTTP/2, all at
 * the same moment; few carry as much. Without HTTP/2 each request under way needs one of its own.
 */
static void learn_version(struct ad_net_multi *multi, const struct flight *flight)
{
	long version = CURL_HTTP_VERSION_NONE;
	(void)curl_easy_getinfo(flight->easy, CURLINFO_HTTP_VERSION, &version);
	if (multi->host_connections == 0 ||
		(version != CURL_HTTP_VERSION_1_0 && version != CURL_HTTP_VERSION_1_1))
		return;
	limit_host_connections(multi, multi->host_connections);
	multi->host_connections = 0;
}

static void land(struct ad_net_multi *multi, struct flight *flight, CURLcode code)
{
	struct ad_net_response response;
	struct ad_err err = { 0 };
	/* Headers are read from the handle: before it leaves the multi handle. */
	int rc = ad_net_transfer_end(&flight->transfer, flight->arena, code, &response, &err);
	learn_version(multi, flight);
	take_out(multi, flight);
	flight->done(flight->ctx, rc, &response, &err);
	flight_free(flight);
}

/* True when at least one request has ended. */
static bool land_all(struct ad_net_multi *multi)
{
	bool any = false;
	int left = 0;
	CURLMsg *msg;
	while ((msg = curl_multi_info_read(multi->multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		char *private = NULL;
		CURLcode code = msg->data.result;
		(void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &private);
		land(multi, (struct flight *)(void *)private, code);
		any = true;
	}
	return any;
}

int ad_net_multi_poll(struct ad_net_multi *multi, int timeout_ms, struct ad_err *err)
{
	int running = 0;
	CURLMcode code = curl_multi_perform(multi->multi, &running);
	if (code == CURLM_OK && !land_all(multi)) {
		code = curl_multi_poll(multi->multi, NULL, 0, timeout_ms, NULL);
		if (code == CURLM_OK)
			code = curl_multi_perform(multi->multi, &running);
		if (code == CURLM_OK)
			(void)land_all(multi);
	}
	if (code != CURLM_OK)
		return AD_FAIL(err, AD_EBUG, "libcurl: %s", curl_multi_strerror(code));
	return 0;
}

void ad_net_multi_wakeup(struct ad_net_multi *multi)
{
	(void)curl_multi_wakeup(multi->multi);
}

size_t ad_net_multi_count(const struct ad_net_multi *multi)
{
	return multi->count;
}

void ad_net_multi_free(struct ad_net_multi *multi)
{
	if (!multi)
		return;
	while (!TAILQ_EMPTY(&multi->flights)) {
		struct flight *flight = TAILQ_FIRST(&multi->flights);
		struct ad_net_response response = {
			.sent_anything = flight->transfer.attempts > 0,
			.url = ad_strdup(flight->arena, flight->request.url),
			.body = ad_strdup(flight->arena, ""),
		};
		struct ad_err err = { 0 };
		int rc = ad_net_transfer_abandon(&flight->transfer, &err);
		take_out(multi, flight);
		flight->done(flight->ctx, rc, &response, &err);
		flight_free(flight);
	}
	(void)curl_multi_cleanup(multi->multi);
	free(multi);
}
