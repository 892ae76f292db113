/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request on one libcurl handle: what the blocking and the multiplexed client share. Sets every
 * option of the handle, collects the answer, and turns libcurl's results into ours.
 */
#ifndef AD_NET_TRANSFER_H
#define AD_NET_TRANSFER_H

#include "ad/buf.h"
#include "ad/net.h"

#include <curl/curl.h>
#include <stdatomic.h>

struct ad_net_transfer {
	CURL *easy; /* borrowed */
	const struct ad_net_request *request;
	struct ad_net_url url;
	struct curl_slist *headers;
	struct ad_buf body;
	int64_t received;
	int64_t uploaded;
	unsigned attempts;    /* times that libcurl was about to send the request */
	bool address_refused; /* an address of the host was not allowed */
	int failure;          /* AD_E* of a callback of ours that ended the transfer; or 0 */
	char detail[CURL_ERROR_SIZE];
};

/* Checks the request and prepares the handle. The request must stay as it is until the end. On
 * failure release is still to be called. */
AD_MUST int ad_net_transfer_start(struct ad_net_transfer *transfer, struct ad_arena *arena,
	CURL *easy, const struct ad_net_request *request, struct ad_err *err);
/* Ends the transfer when the flag becomes true; libcurl looks about once a second. Before it
 * starts. */
void ad_net_transfer_watch(struct ad_net_transfer *transfer, atomic_bool *cancelled);
/* After libcurl is done: fills the response (in the arena) and says what has become of it. */
AD_MUST int ad_net_transfer_end(struct ad_net_transfer *transfer, struct ad_arena *arena,
	CURLcode code, struct ad_net_response *ret, struct ad_err *err);
void ad_net_transfer_release(struct ad_net_transfer *transfer);

/* The result when the transfer is given up from outside before it has ended. */
int ad_net_transfer_abandon(const struct ad_net_transfer *transfer, struct ad_err *err);

#endif
