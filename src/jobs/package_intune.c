/* SPDX-License-Identifier: Apache-2.0 */
/*
 * create, upload, commit: from the encrypted file to a published Intune app. The app is found by
 * its marker before it is made; what cannot be gone on with is deleted and made anew.
 */
#include "package.h"

#include "ad/crypto.h"
#include "ad/file.h"
#include "ad/graph/content.h"
#include "ad/graph/intune.h"
#include "ad/text.h"

#include <inttypes.h>

#define PROGRESS_MAX 1024

/* ---- create ---- */

/* The content in Intune was announced with the size of the present file. */
bool ad_package_is_created(const struct ad_job_run *run)
{
	const struct ad_json *wrapped = ad_job_result(run, "wrap");
	if (ad_package_stands(run) || ad_job_result(run, "upload"))
		return true;
	return wrapped && ad_json_int(wrapped, "size", -1) ==
				  ad_json_int(ad_job_result(run, "create"), "size", -2);
}

/* Whether a marker names an earlier job of the same app that nobody will go on with by itself. */
static bool is_abandoned(struct ad_job_run *run, const char *notes)
{
	struct ad_job job;
	struct ad_err err;
	int64_t id;
	const char *begin = strstr(notes, "[AppDesk|");
	if (!begin)
		return false;
	begin += strlen("[AppDesk|");
	const char *number = ad_strndup(run->arena, begin, strcspn(begin, "|"));
	if (ad_text_i64(number, 1, INT64_MAX, &id) < 0 || id == run->job.id)
		return false;
	return ad_store_jobs_get(run->db, run->arena, id, &job, &err) == 0 &&
	       ad_text_eq(job.kind, run->job.kind) && ad_text_eq(job.key, run->job.key) &&
	       (job.state == AD_JOB_FAILED || job.state == AD_JOB_CANCELLED);
}

/* An unfinished app of a job that failed for good would stand beside ours for ever. */
static int remove_abandoned(struct ad_job_run *run, struct ad_err *err)
{
	const struct ad_graph *graph = &ad_package_of(run)->graph;
	const struct ad_json *resolved = ad_job_result(run, "resolve");
	const struct ad_graph_app *apps;
	size_t count;
	const char *tail = ad_printf(run->arena, "|%s|%s]", ad_json_str(resolved, "package_id"),
		ad_json_str(resolved, "version"));
	int r = ad_graph_apps_find(graph, run->arena, tail, &apps, &count, err);
	for (size_t i = 0; r == 0 && i < count; i++)
		if (!ad_text_eq(apps[i].publishing_state, "published") &&
			is_abandoned(run, apps[i].notes))
			r = ad_graph_app_delete(graph, run->arena, apps[i].id, err);
	return r;
}

static int ensure_app(struct ad_job_run *run, struct ad_graph_app *ret, struct ad_err *err)
{
	const struct ad_json *wrapped = ad_job_result(run, "wrap");
	const char *text = ad_json_str(wrapped, "body");
	struct ad_json *body;
	int r = ad_json_parse(run->arena, text, strlen(text), &body, err);
	if (r == 0)
		r = remove_abandoned(run, err);
	if (r == 0)
		r = ad_graph_app_ensure(&ad_package_of(run)->graph, run->arena, body,
			ad_json_str(wrapped, "marker"), ret, err);
	return r;
}

/* What Intune will not take up again goes, so that the next try makes it anew. */
static int start_over(struct ad_job_run *run, const char *app_id, int failed, struct ad_err *err)
{
	struct ad_err other;
	if (ad_graph_app_delete(&ad_package_of(run)->graph, run->arena, app_id, &other) < 0)
		return failed;
	(void)unlink(ad_package_path(run, AD_PACKAGE_PROGRESS));
	run->rewind = "create";
	if (err)
		err->class = AD_CLASS_TRANSIENT;
	return failed;
}

int ad_package_create(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_graph_app app;
	struct ad_graph_content content;
	if (ad_package_stands(run))
		return 0;
	const struct ad_json *wrapped = ad_job_result(run, "wrap");
	int r = ensure_app(run, &app, err);
	if (r < 0)
		return r;
	const struct ad_graph_content_wish wish = { .app_id = app.id,
		.name = AD_INTUNEWIN_NAME,
		.size = (uint64_t)ad_json_int(wrapped, "size", 0),
		.size_encrypted = (uint64_t)ad_json_int(wrapped, "size_encrypted", 0) };
	r = ad_graph_content_ensure(&ad_package_of(run)->graph, run->arena, &wish, &content, err);
	if (r == AD_ECONFLICT)
		return start_over(run, app.id, r, err);
	if (r < 0)
		return r;
	ad_json_set_str(run->arena, result, "app_id", content.app_id);
	ad_json_set_str(run->arena, result, "content_version", content.version);
	ad_json_set_str(run->arena, result, "file_id", content.file_id);
	ad_json_set_int(run->arena, result, "size", (int64_t)wish.size);
	return 0;
}

static struct ad_graph_content content_of(const struct ad_job_run *run)
{
	const struct ad_json *created = ad_job_result(run, "create");
	return (struct ad_graph_content){ .app_id = ad_json_str(created, "app_id"),
		.version = ad_json_str(created, "content_version"),
		.file_id = ad_json_str(created, "file_id") };
}

/* ---- upload ---- */

/* Names the encrypted file and its place in Intune: progress of any other pair is void. */
static const char *progress_of(const struct ad_job_run *run)
{
	struct ad_graph_content content = content_of(run);
	return ad_printf(run->arena, "%s %s %s ", ad_json_str(ad_job_result(run, "wrap"), "mac"),
		content.app_id, content.file_id);
}

static void save_progress(void *ctx, unsigned staged, unsigned blocks)
{
	const struct ad_job_run *run = ctx;
	struct ad_arena *arena = ad_arena_new();
	const char *text = ad_printf(arena, "%s%u", progress_of(run), staged);
	struct ad_err err;
	(void)blocks;
	/* Without it the blocks are uploaded once more, and that is all. */
	(void)!ad_file_write(
		ad_package_path(run, AD_PACKAGE_PROGRESS), text, strlen(text), 0600, &err);
	ad_arena_free(arena);
}

static unsigned load_progress(const struct ad_job_run *run)
{
	char *text;
	size_t len;
	int64_t staged;
	struct ad_err err;
	const char *head = progress_of(run);
	if (ad_file_read(run->arena, ad_package_path(run, AD_PACKAGE_PROGRESS), PROGRESS_MAX, &text,
		    &len, &err) < 0 ||
		!ad_text_starts(text, head) ||
		ad_text_i64(text + strlen(head), 0, INT32_MAX, &staged) < 0)
		return 0;
	return (unsigned)staged;
}

int ad_package_upload(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	(void)result;
	if (ad_package_stands(run))
		return 0;
	const struct ad_graph_upload upload = { .content = content_of(run),
		.path = ad_package_path(run, AD_PACKAGE_ENCRYPTED),
		.size = (uint64_t)ad_json_int(ad_job_result(run, "wrap"), "size_encrypted", 0),
		.staged = load_progress(run),
		.progress = save_progress,
		.progress_ctx = run };
	int r = ad_graph_content_upload(&ad_package_of(run)->graph, run->arena, &upload, err);
	if (r == AD_ENOTFOUND)
		return start_over(run, upload.content.app_id, r, err);
	if (r == AD_ECONFLICT) {
		(void)unlink(ad_package_path(run, AD_PACKAGE_PROGRESS));
		if (err)
			err->class = AD_CLASS_TRANSIENT;
	}
	return r;
}

/* ---- commit ---- */

static int commit(struct ad_job_run *run, const struct ad_graph_content *content,
	const struct ad_intunewin_info *info, struct ad_err *err)
{
	struct ad_arena *arena = run->arena;
	const struct ad_graph_encryption encryption = {
		.encryption_key =
			ad_base64(arena, info->encryption_key, sizeof(info->encryption_key)),
		.mac_key = ad_base64(arena, info->mac_key, sizeof(info->mac_key)),
		.iv = ad_base64(arena, info->iv, sizeof(info->iv)),
		.mac = ad_base64(arena, info->mac, sizeof(info->mac)),
		.file_digest = ad_base64(arena, info->digest, sizeof(info->digest)),
	};
	return ad_graph_content_commit(
		&ad_package_of(run)->graph, arena, content, &encryption, err);
}

int ad_package_commit(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct ad_intunewin_info info;
	(void)result;
	if (ad_package_stands(run))
		return 0;
	struct ad_graph_content content = content_of(run);
	int r = ad_package_unseal(
		run, ad_json_str(ad_job_result(run, "wrap"), "sealed"), &info, err);
	if (r == 0)
		r = commit(run, &content, &info, err);
	ad_crypto_wipe(&info, sizeof(info));
	if (r == AD_EINTEGRITY || r == AD_ENOTFOUND)
		return start_over(run, content.app_id, r, err);
	if (r == 0)
		r = ad_graph_app_publish(&ad_package_of(run)->graph, run->arena, content.app_id,
			content.version, err);
	return r;
}

/* ---- the end without success ---- */

void ad_package_abandon(struct ad_job_run *run)
{
	const struct ad_graph *graph = &ad_package_of(run)->graph;
	const char *app_id = ad_json_str(ad_job_result(run, "create"), "app_id");
	struct ad_graph_app app;
	struct ad_err err;
	if (!app_id || ad_job_result(run, "commit"))
		return;
	int r = ad_graph_app_get(graph, run->arena, app_id, &app, &err);
	if (r == 0 && !ad_text_eq(app.publishing_state, "published"))
		r = ad_graph_app_delete(graph, run->arena, app_id, &err);
	/* Where this fails, the job's next try goes on with the app, or another job removes it. */
	if (r == 0 || r == AD_ENOTFOUND)
		run->rewind = "create";
}
