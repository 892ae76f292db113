/* SPDX-License-Identifier: Apache-2.0 */
/* The blocking client of one thread, and redirects, which it follows only as a policy agrees. */
#include "ad/net.h"

#include "ad/text.h"
#include "transfer.h"

#include <strings.h>

/* A connection that was opened for anybody must not serve a request that wants public addresses
 * only, so each kind has its own handle with its own connections. */
struct ad_net_client {
	CURL *any;
	CURL *public_only;
	atomic_bool cancelled;
};

int ad_net_init(struct ad_err *err)
{
	CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
	if (code != CURLE_OK)
		return AD_FAIL(err, AD_EBUG, "libcurl: %s", curl_easy_strerror(code));
	return 0;
}

void ad_net_exit(void)
{
	curl_global_cleanup();
}

struct ad_net_client *ad_net_client_new(void)
{
	struct ad_net_client *client = ad_xalloc(sizeof *client);
	client->any = curl_easy_init();
	client->public_only = curl_easy_init();
	AD_ASSERT(client->any && client->public_only);
	return client;
}

void ad_net_client_free(struct ad_net_client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->any);
	curl_easy_cleanup(client->public_only);
	free(client);
}

void ad_net_client_cancel(struct ad_net_client *client)
{
	atomic_store(&client->cancelled, true);
}

/* One exchange; ret_next is the absolute address of a redirect, or NULL. */
static int exchange(struct ad_net_client *client, struct ad_arena *arena,
	const struct ad_net_request *request, struct ad_net_response *ret, char **ret_next,
	struct ad_err *err)
{
	CURL *easy = request->public_addresses_only ? client->public_only : client->any;
	struct ad_net_transfer transfer;
	*ret_next = NULL;
	*ret = (struct ad_net_response){ .body = ad_strdup(arena, "") };
	int rc = ad_net_transfer_start(&transfer, arena, easy, request, err);
	if (rc == 0) {
		ad_net_transfer_watch(&transfer, &client->cancelled);
		rc = ad_net_transfer_end(&transfer, arena, curl_easy_perform(easy), ret, err);
	}
	if (rc == 0) {
		char *next = NULL;
		(void)curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &next);
		*ret_next = ad_strdup(arena, next);
	}
	ad_net_transfer_release(&transfer);
	return rc;
}

int ad_net_send(struct ad_net_client *client, struct ad_arena *arena,
	const struct ad_net_request *request, struct ad_net_response *ret, struct ad_err *err)
{
	struct ad_net_request hop = *request;
	bool follow = request->redirect && (!request->method || ad_text_eq(request->method, "GET"));
	for (int hops = 0; hops <= AD_NET_REDIRECTS_MAX; hops++) {
		char *next = NULL;
		int rc = exchange(client, arena, &hop, ret, &next, err);
		if (rc != 0 || !follow || !next)
			return rc;
		if (!request->redirect(request->redirect_ctx, hop.url, next))
			return AD_FAIL(err, AD_EDENIED, "redirect to a host that is not allowed");
		hop.url = next;
	}
	return AD_FAIL(err, AD_EUNAVAIL, "more than %d redirects", AD_NET_REDIRECTS_MAX);
}

const char *ad_net_response_header(const struct ad_net_response *response, const char *name)
{
	for (size_t i = 0; i < response->headers_count; i++) {
		if (strcasecmp(response->headers[i].name, name) == 0)
			return response->headers[i].value;
	}
	return NULL;
}
