/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of Azure Blob Storage that an upload needs: Put Block, Put Block List, with a shared
 * access signature. Blocks lie as files in STATE/blobs/<name>.blocks/, the committed blob in
 * STATE/blobs/<name>. A blob's document: {"id_length": of its block ids}.
 */
#include "blob.h"

#include "ad/clock.h"
#include "ad/file.h"
#include "ad/text.h"
#include "crypt.h"
#include "parts.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#define ACCOUNT_CONTAINER "content"
#define KEY_NAME "(upload addresses)"
#define EPOCH_NAME "(upload epoch)"
#define VERSION "2021-12-02"
#define BLOCKS_MAX 50000
#define BLOCK_ID_MAX 64
#define MD5_SIZE 16
#define EARLIER_S 300
#define PIECE ((size_t)1 << 20)

static const char *signing_key(struct dt_tenant *tenant, struct ad_arena *arena)
{
	struct ad_json *doc = dt_get(tenant->store, arena, DT_SECRETS, KEY_NAME);

	if (!doc) {
		uint8_t random[DT_SHA256_SIZE];

		dt_random(random, sizeof(random));
		doc = ad_json_new_object(arena);
		ad_json_set_str(arena, doc, "value", ad_hex(arena, random, sizeof(random)));
		dt_put(tenant->store, DT_SECRETS, KEY_NAME, "internal", doc);
	}
	return ad_json_str(doc, "value");
}

/* Grows when all addresses expire on order; stands in them as the "stored access policy". */
static int64_t epoch(struct dt_tenant *tenant, struct ad_arena *arena)
{
	return ad_json_int(dt_get(tenant->store, arena, DT_SECRETS, EPOCH_NAME), "value", 1);
}

void dt_blob_expire_all(struct dt_tenant *tenant)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *doc = ad_json_new_object(arena);

	ad_json_set_int(arena, doc, "value", epoch(tenant, arena) + 1);
	dt_put(tenant->store, DT_SECRETS, EPOCH_NAME, "internal", doc);
	ad_arena_free(arena);
}

struct address {
	const char *name, *starts, *ends, *policy;
};

static char *signature(
	struct dt_tenant *tenant, struct ad_arena *arena, const struct address *address)
{
	const char *key = signing_key(tenant, arena);
	const char *input = ad_printf(arena, "w\n%s\n%s\n/blob/%s/%s\n%s\n%s", address->starts,
		address->ends, ACCOUNT_CONTAINER, address->name, address->policy, VERSION);
	uint8_t mac[DT_SHA256_SIZE];

	dt_hmac(key, strlen(key), input, strlen(input), mac);
	return ad_base64(arena, mac, sizeof(mac));
}

char *dt_blob_address(
	struct dt_tenant *tenant, struct ad_arena *arena, const char *name, int64_t *ret_expires_s)
{
	int64_t now_s = ad_clock_unix_ms() / 1000;
	const struct address address = {
		.name = name,
		.starts = ad_clock_iso(arena, now_s - EARLIER_S),
		.ends = ad_clock_iso(arena, now_s + dt_setting(tenant, "sas_lifetime_s")),
		.policy = ad_printf(arena, "%lld", (long long)epoch(tenant, arena)),
	};

	*ret_expires_s = now_s + dt_setting(tenant, "sas_lifetime_s");
	return ad_printf(arena, "%s/blob/%s/%s?sv=%s&st=%s&se=%s&si=%s&sr=b&sp=w&sig=%s",
		tenant->base_url, ACCOUNT_CONTAINER, name, VERSION,
		ad_url_segment(arena, address.starts), ad_url_segment(arena, address.ends),
		address.policy, ad_url_segment(arena, signature(tenant, arena, &address)));
}

char *dt_blob_path(struct dt_tenant *tenant, struct ad_arena *arena, const char *name)
{
	return dt_state_path(tenant, arena, ad_printf(arena, "blobs/%s", name));
}

static bool forged(struct dt_request *req, const struct address *address)
{
	const char *given = dt_query(req, "sig");

	return !given || !address->starts || !address->ends || !address->policy ||
	       !ad_text_eq(dt_query(req, "sv"), VERSION) || !ad_text_eq(dt_query(req, "sp"), "w") ||
	       !ad_text_eq(dt_query(req, "sr"), "b") ||
	       !ad_text_eq(given, signature(req->tenant, req->arena, address));
}

static bool expired(struct dt_request *req, const struct address *address)
{
	int64_t now_s = ad_clock_unix_ms() / 1000, starts_s = 0, ends_s = 0, policy = 0;

	return ad_clock_parse_iso(address->starts, &starts_s) ||
	       ad_clock_parse_iso(address->ends, &ends_s) || now_s < starts_s || now_s >= ends_s ||
	       ad_text_i64(address->policy, 0, INT64_MAX, &policy) ||
	       policy != epoch(req->tenant, req->arena);
}

/* Answers 403 when the address is not good. */
static bool refused(struct dt_request *req)
{
	const struct address address = {
		.name = req->args[1],
		.starts = dt_query(req, "st"),
		.ends = dt_query(req, "se"),
		.policy = dt_query(req, "si"),
	};

	if (ad_text_eq(req->args[0], ACCOUNT_CONTAINER) && !forged(req, &address) &&
		!expired(req, &address))
		return false;
	dt_reply_error(req, 403, "AuthenticationFailed",
		"Server failed to authenticate the request. Make sure the value of Authorization "
		"header is formed correctly including the signature.");
	return true;
}

/* A blob's name is ours: hex and dashes. Anything else was made up. */
static bool name_is_good(const char *name)
{
	return *name && strspn(name, "0123456789abcdef-") == strlen(name);
}

static char *blocks_dir(struct dt_request *req)
{
	return ad_printf(
		req->arena, "%s.blocks", dt_blob_path(req->tenant, req->arena, req->args[1]));
}

/* The file of a block, or NULL when the id is no base64 of at most 64 bytes. */
static char *block_path(struct dt_request *req, const char *id)
{
	uint8_t *bytes;
	size_t len;

	if (!id || ad_base64_decode(req->arena, id, strlen(id), &bytes, &len) || !len ||
		len > BLOCK_ID_MAX)
		return NULL;
	return ad_printf(req->arena, "%s/%s", blocks_dir(req), ad_hex(req->arena, bytes, len));
}

static bool md5_differs(struct dt_request *req)
{
	const char *given = dt_header(req, "Content-MD5");
	uint8_t sum[EVP_MAX_MD_SIZE];

	if (!given)
		return false;
	AD_ASSERT(EVP_Digest(req->body, req->body_len, sum, NULL, EVP_md5(), NULL) == 1);
	return !ad_text_eq(given, ad_base64(req->arena, sum, MD5_SIZE));
}

/* All ids of a blob have the length of its first. */
static bool id_length_differs(struct dt_request *req, const char *id)
{
	struct dt_store *store = req->tenant->store;
	struct ad_json *doc = dt_get(store, req->arena, DT_BLOBS, req->args[1]);

	if (!doc) {
		doc = ad_json_new_object(req->arena);
		ad_json_set_int(req->arena, doc, "id_length", (int64_t)strlen(id));
		dt_put(store, DT_BLOBS, req->args[1], "", doc);
	}
	return ad_json_int(doc, "id_length", 0) != (int64_t)strlen(id);
}

static void put_block(struct dt_request *req)
{
	const char *id = dt_query(req, "blockid");
	const char *path = block_path(req, id);
	struct ad_err err;

	if (!path)
		dt_reply_error(req, 400, "InvalidQueryParameterValue",
			"Value for the query parameter blockid is invalid.");
	else if (!req->body_len)
		dt_reply_error(req, 400, "InvalidHeaderValue",
			"The value for Content-Length is not in the correct format.");
	else if (id_length_differs(req, id))
		dt_reply_error(req, 400, "InvalidBlobOrBlock",
			"The specified blob or block content is invalid.");
	else if (md5_differs(req))
		dt_reply_error(req, 400, "Md5Mismatch",
			"The MD5 value specified in the request did not match with the MD5 value "
			"calculated by the server.");
	else if (ad_file_mkdirs(blocks_dir(req), &err) ||
		 ad_file_write(path, req->body, req->body_len, 0600, &err))
		dt_reply_error(req, 500, "InternalError", "%s", err.text);
	else
		dt_reply_empty(req, 201);
}

/* The next <Latest>, <Committed> or <Uncommitted> id of a block list, or NULL at its end. */
static char *next_id(struct ad_arena *arena, const char **at)
{
	static const char *const names[] = { "Latest", "Committed", "Uncommitted" };

	for (; (*at = strchr(*at, '<')); (*at)++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			size_t len = strlen(names[i]);

			if (strncmp(*at + 1, names[i], len) || (*at)[1 + len] != '>')
				continue;
			*at += len + 2;
			size_t id_len = strcspn(*at, "<");
			char *id = ad_strndup(arena, *at, id_len);
			*at += id_len;
			return id;
		}
	return NULL;
}

static int append_file(int out, const char *path, struct ad_err *err)
{
	AD_AUTO_FD int in = open(path, O_RDONLY | O_CLOEXEC);
	static char piece[PIECE];
	ssize_t got;

	if (in < 0)
		return AD_FAIL(err, AD_ENOTFOUND, "%s", strerror(errno));
	while ((got = read(in, piece, sizeof(piece))) > 0) {
		int rc = ad_file_write_all(out, piece, (size_t)got, err);

		if (rc)
			return rc;
	}
	return got < 0 ? AD_FAIL(err, AD_EIO, "%s", strerror(errno)) : 0;
}

static int join_blocks(struct dt_request *req, const char *part, struct ad_err *err)
{
	AD_AUTO_FD int out = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const char *at = ad_strndup(req->arena, req->body, req->body_len);
	const char *id;
	size_t count = 0;

	if (out < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", part, strerror(errno));
	while ((id = next_id(req->arena, &at))) {
		const char *path = block_path(req, id);

		if (!path || ++count > BLOCKS_MAX)
			return AD_FAIL(err, AD_EINVAL, "block id '%s'", id);
		int rc = append_file(out, path, err);
		if (rc)
			return rc;
	}
	return count ? 0 : AD_FAIL(err, AD_EINVAL, "the block list is empty");
}

static void put_block_list(struct dt_request *req)
{
	const char *path = dt_blob_path(req->tenant, req->arena, req->args[1]);
	const char *part = ad_printf(req->arena, "%s.part", path);
	struct ad_err err;

	if (join_blocks(req, part, &err) || rename(part, path)) {
		unlink(part);
		dt_reply_error(
			req, 400, "InvalidBlockList", "The specified block list is invalid.");
		return;
	}
	/* A repeated commit must find its blocks again, so they go with the app. */
	dt_reply_empty(req, 201);
}

static void handle_put(struct dt_request *req)
{
	const char *comp = dt_query(req, "comp");

	if (refused(req))
		return;
	if (!name_is_good(req->args[1]))
		dt_reply_error(req, 400, "InvalidUri", "The requested URI is invalid.");
	else if (ad_text_eq(comp, "block"))
		put_block(req);
	else if (ad_text_eq(comp, "blocklist"))
		put_block_list(req);
	else
		dt_reply_error(req, 400, "InvalidQueryParameterValue",
			"Only Put Block and Put Block List are offered here.");
}

static const struct dt_route routes[] = {
	{ "PUT", "/blob/{}/{}", handle_put },
	{ NULL, NULL, NULL },
};
const struct dt_routes dt_blob_routes = { DT_SURFACE_BLOB, "/blob/", NULL, routes };
