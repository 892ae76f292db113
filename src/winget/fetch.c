/* SPDX-License-Identifier: Apache-2.0 */
/* Fetching small files from the CDN, and comparing their hashes. */
#include "fetch.h"

#include "ad/text.h"

#define FETCH_MS 60000
#define NOT_MODIFIED 304
#define NOT_FOUND 404
#define GONE 410

int ad_winget_fetch(struct ad_arena *arena, const struct ad_winget_options *options,
	const struct ad_winget_fetch *fetch, struct ad_winget_fetched *ret, struct ad_err *err)
{
	struct ad_net_response response = { 0 };
	struct ad_net_header condition = { .name = "If-None-Match", .value = fetch->etag };
	struct ad_net_request request = {
		.url = fetch->url,
		.headers = &condition,
		.headers_count = fetch->etag ? 1 : 0,
		.response_max = (int64_t)fetch->max,
		.total_ms = FETCH_MS,
		.allow_http_loopback = options->allow_loopback_http,
	};
	int rc = ad_net_send(options->client, arena, &request, &response, err);
	if (rc) {
		ad_err_prefix(err, "%s: ", fetch->what);
		return rc;
	}
	*ret = (struct ad_winget_fetched){ 0 };
	if (response.status == NOT_MODIFIED && fetch->etag) {
		ret->unchanged = true;
		return 0;
	}
	if (response.status == NOT_FOUND || response.status == GONE) {
		rc = AD_FAIL(err, AD_EUPSTREAM, "the package source has no %s at %.300s",
			fetch->what, fetch->url);
		if (err)
			err->status = response.status;
		return rc;
	}
	rc = ad_net_check(&response, fetch->what, err);
	if (rc)
		return rc;
	ret->bytes.data = (const uint8_t *)response.body;
	ret->bytes.len = response.body_len;
	ret->etag = response.etag;
	return 0;
}

int ad_winget_compare(struct ad_bytes bytes, const char *expected, const char *id, const char *what,
	struct ad_err *err)
{
	uint8_t digest[AD_SHA256_LEN];
	char found[AD_SHA256_HEX_LEN + 1];
	ad_sha256(bytes.data, bytes.len, digest);
	ad_hex_encode(digest, sizeof digest, found);
	if (strcmp(found, expected) == 0)
		return 0;
	return AD_FAIL(err, AD_EINTEGRITY,
		"Manifest integrity check failed: package %.140s, %s: expected %s, found %s", id,
		what, expected, found);
}
