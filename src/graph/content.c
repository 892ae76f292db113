/* SPDX-License-Identifier: Apache-2.0 */
/* Content versions and files of an app: announce, state, commit. */
#include "content.h"

#include "ad/clock.h"
#include "ad/text.h"
#include "call.h"
#include "intune.h"

#define CONTENTS "/microsoft.graph.win32LobApp/contentVersions"

static const char *version_path(
	struct ad_arena *arena, const char *app_id, const char *version, const char *rest)
{
	return ad_graph_app_path(arena, app_id,
		ad_printf(arena, CONTENTS "/%s%s", ad_url_segment(arena, version), rest));
}

const char *ad_graph_file_path(
	struct ad_arena *arena, const struct ad_graph_content *content, const char *rest)
{
	return version_path(arena, content->app_id, content->version,
		ad_printf(arena, "/files/%s%s", ad_url_segment(arena, content->file_id), rest));
}

/* ---- announce ---- */

struct newest {
	const char *id;
	int64_t number;
};

/* Versions are "1", "2", ... */
static bool look_version(void *ctx, const struct ad_json *item)
{
	struct newest *newest = ctx;
	const char *id = ad_graph_str(item, "id");
	int64_t number;
	if (ad_text_i64(id, 1, INT32_MAX, &number) == 0 && number > newest->number) {
		newest->number = number;
		newest->id = id;
	}
	return true;
}

struct file_search {
	const struct ad_graph_content_wish *wish;
	const char *id;
};

static bool look_file(void *ctx, const struct ad_json *item)
{
	struct file_search *search = ctx;
	const char *state = ad_graph_str(item, "uploadState");
	bool usable = !ad_text_ends(state, "Failed") && !ad_text_ends(state, "TimedOut") &&
		      !ad_text_eq(state, "error");
	if (usable && ad_json_int(item, "size", -1) == (int64_t)search->wish->size &&
		ad_json_int(item, "sizeEncrypted", -1) == (int64_t)search->wish->size_encrypted)
		search->id = ad_graph_str(item, "id");
	return !search->id;
}

/* POST that makes something with an id. */
static int make(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_call *call, const char **ret_id, struct ad_err *err)
{
	struct ad_json *answer;
	int r = ad_graph_send(graph, arena, call, &answer, err);
	if (r < 0)
		return r;
	*ret_id = ad_json_str(answer, "id");
	if (!*ret_id)
		return AD_FAIL(err, AD_EAMBIGUOUS, "graph: %s: the answer has no id", call->what);
	return 0;
}

static int ensure_version(const struct ad_graph *graph, struct ad_arena *arena, const char *app_id,
	const char **ret, struct ad_err *err)
{
	struct newest newest = { 0 };
	const char *path = ad_graph_app_path(arena, app_id, CONTENTS);
	const struct ad_graph_call list = {
		.what = "list content versions", .path = path, .total_ms = AD_GRAPH_INTUNE_MS
	};
	int r = ad_graph_each(graph, arena, &list, look_version, &newest, err);
	if (r < 0)
		return r;
	if (newest.id) {
		*ret = newest.id;
		return 0;
	}
	const struct ad_graph_call call = { .what = "create content version",
		.method = "POST",
		.path = path,
		.body = ad_json_new_object(arena),
		.total_ms = AD_GRAPH_INTUNE_MS };
	r = make(graph, arena, &call, ret, err);
	/* Content of a new version is refused as long as the first one was never committed. */
	if (r == AD_EINVAL)
		return AD_FAIL(err, AD_ECONFLICT, "graph: the app takes no further content");
	return r;
}

static int ensure_file(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_content_wish *wish, const char *version, const char **ret,
	struct ad_err *err)
{
	struct file_search search = { .wish = wish };
	const char *path = version_path(arena, wish->app_id, version, "/files");
	const struct ad_graph_call list = {
		.what = "list content files", .path = path, .total_ms = AD_GRAPH_INTUNE_MS
	};
	int r = ad_graph_each(graph, arena, &list, look_file, &search, err);
	if (r < 0)
		return r;
	if (search.id) {
		*ret = search.id;
		return 0;
	}
	struct ad_json *body = ad_json_new_object(arena);
	ad_json_set_str(arena, body, "@odata.type", "#microsoft.graph.mobileAppContentFile");
	ad_json_set_str(arena, body, "name", wish->name);
	ad_json_set_int(arena, body, "size", (int64_t)wish->size);
	ad_json_set_int(arena, body, "sizeEncrypted", (int64_t)wish->size_encrypted);
	ad_json_set(arena, body, "manifest", ad_json_new_null(arena));
	ad_json_set_bool(arena, body, "isDependency", false);
	const struct ad_graph_call call = { .what = "create content file",
		.method = "POST",
		.path = path,
		.body = body,
		.total_ms = AD_GRAPH_INTUNE_MS };
	return make(graph, arena, &call, ret, err);
}

int ad_graph_content_ensure(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_content_wish *wish, struct ad_graph_content *ret, struct ad_err *err)
{
	struct ad_graph_content content = { .app_id = ad_strdup(arena, wish->app_id) };
	int r = ensure_version(graph, arena, wish->app_id, &content.version, err);
	if (r == 0)
		r = ensure_file(graph, arena, wish, content.version, &content.file_id, err);
	if (r == 0)
		*ret = content;
	return r;
}

/* ---- state ---- */

static int get_file(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_content *content, struct ad_json **ret, struct ad_err *err)
{
	const struct ad_graph_call call = { .what = "get content file",
		.path = ad_graph_file_path(arena, content, ""),
		.total_ms = AD_GRAPH_INTUNE_MS };
	return ad_graph_send(graph, arena, &call, ret, err);
}

static int ask_renewal(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_content *content, struct ad_err *err)
{
	const struct ad_graph_call call = { .what = "renew upload address",
		.method = "POST",
		.path = ad_graph_file_path(arena, content, "/renewUpload"),
		.idempotent = true,
		.total_ms = AD_GRAPH_INTUNE_MS };
	return ad_graph_send(graph, arena, &call, NULL, err);
}

static bool has_failed(const char *state)
{
	return ad_text_ends(state, "Failed") || ad_text_ends(state, "TimedOut") ||
	       ad_text_eq(state, "error");
}

static bool has_address(const char *state, bool renewed)
{
	return ad_text_eq(state, "azureStorageUriRenewalSuccess") ||
	       (!renewed && ad_text_eq(state, "azureStorageUriRequestSuccess"));
}

int ad_graph_address_get(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_content *content, bool renew, struct ad_graph_address *ret,
	struct ad_err *err)
{
	struct ad_graph_poll poll = { 0 };
	struct ad_json *file;
	int r = renew ? ask_renewal(graph, arena, content, err) : 0;
	while (r == 0) {
		r = get_file(graph, arena, content, &file, err);
		if (r < 0)
			return r;
		const char *state = ad_graph_str(file, "uploadState");
		const char *url = ad_json_str(file, "azureStorageUri");
		if (has_address(state, renew) && url) {
			ret->url = url;
			ret->mono_ms = ad_clock_mono_ms();
			if (ad_clock_parse_iso(
				    ad_graph_str(file, "azureStorageUriExpirationDateTime"),
				    &ret->expires_at) < 0)
				ret->expires_at = 0;
			return 0;
		}
		if (has_failed(state) && !ad_text_starts(state, "commitFile"))
			return AD_FAIL(
				err, AD_EUNAVAIL, "graph: upload address: state %.60s", state);
		r = ad_graph_poll_wait(graph, &poll, "upload address", err);
	}
	return r;
}

/* ---- commit ---- */

static int send_commit(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_content *content, const struct ad_graph_encryption *encryption,
	struct ad_err *err)
{
	struct ad_json *info = ad_json_new_object(arena);
	ad_json_set_str(arena, info, "encryptionKey", encryption->encryption_key);
	ad_json_set_str(arena, info, "macKey", encryption->mac_key);
	ad_json_set_str(arena, info, "initializationVector", encryption->iv);
	ad_json_set_str(arena, info, "mac", encryption->mac);
	ad_json_set_str(arena, info, "profileIdentifier", "ProfileVersion1");
	ad_json_set_str(arena, info, "fileDigest", encryption->file_digest);
	ad_json_set_str(arena, info, "fileDigestAlgorithm", "SHA256");
	struct ad_json *body = ad_json_new_object(arena);
	ad_json_set(arena, body, "fileEncryptionInfo", info);
	const struct ad_graph_call call = { .what = "commit content",
		.method = "POST",
		.path = ad_graph_file_path(arena, content, "/commit"),
		.body = body,
		.total_ms = AD_GRAPH_INTUNE_MS };
	return ad_graph_send(graph, arena, &call, NULL, err);
}

int ad_graph_content_commit(const struct ad_graph *graph, struct ad_arena *arena,
	const struct ad_graph_content *content, const struct ad_graph_encryption *encryption,
	struct ad_err *err)
{
	struct ad_graph_poll poll = { 0 };
	bool sent = false;
	for (;;) {
		struct ad_json *file;
		int r = get_file(graph, arena, content, &file, err);
		if (r < 0)
			return r;
		const char *state = ad_graph_str(file, "uploadState");
		if (ad_text_eq(state, "commitFileSuccess"))
			return 0;
		if (ad_text_eq(state, "commitFileFailed")) {
			r = AD_FAIL(
				err, AD_EINTEGRITY, "graph: Intune refused the uploaded content");
			if (err)
				err->class = AD_CLASS_TRANSIENT;
			return r;
		}
		if (sent && has_failed(state))
			return AD_FAIL(
				err, AD_EUNAVAIL, "graph: commit content: state %.60s", state);
		if (!sent && !ad_text_eq(state, "commitFilePending")) {
			r = send_commit(graph, arena, content, encryption, err);
			sent = true;
		} else {
			r = ad_graph_poll_wait(graph, &poll, "commit content", err);
		}
		if (r < 0)
			return r;
	}
}
