/* SPDX-License-Identifier: Apache-2.0 */
/*
 * appdesk package ID: the way that the job `package` takes, from the configured source to the
 * package, but for Intune: what comes out is a file for hand-off, and everything that was compared
 * on the way. The index that it accepts raises the mark for everybody, as a job's does.
 */
#include "cmd_package.h"

#include "ad/clock.h"
#include "ad/file.h"
#include "ad/jobs/packaging.h"
#include "ad/text.h"
#include "package_report.h"
#include "report.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define INTEGRITY "Manifest integrity check failed"
#define HASH_CHUNK ((size_t)64 << 10)

/* One run. What is not reached is zero. */
struct hand_off {
	struct ad_arena *arena;
	const char *out;  /* folder */
	const char *work; /* a folder of our own below it, removed at the end */
	struct ad_session *s;
	struct ad_winget_profile profile;
	struct ad_winget_options options;
	struct ad_winget_wish wish;
	struct ad_winget_resolution resolution;
	struct ad_winget_evidence evidence;
	struct ad_winget_file installer;
	struct ad_pack_nested nested; /* of a zip */
	bool judged;                  /* signature is that of the installer */
	struct ad_pack_signature signature;
	struct ad_pack_plan plan;
	bool planned;
	struct ad_intunewin_info info;
	const char *file; /* the package; NULL: it is not written */
	const char *file_sha256;
	struct ad_trail trail;
};

/* ---- the source ---- */

static int open_source(struct hand_off *h, struct ad_err *err)
{
	const struct ad_config *c = h->s->config;
	const char *mark;
	int r = ad_winget_profile_load(h->arena, c->winget.trust_profile, &h->profile, err);
	if (r == 0)
		r = ad_packaging_mark(h->s->db, h->arena, c->winget.base_url, &mark, err);
	if (r == 0)
		r = ad_file_mkdirs(c->packaging.work_dir, err);
	if (r != 0)
		return r;
	h->options = (struct ad_winget_options){ .client = ad_net_client_new(),
		.base_url = c->winget.base_url,
		.work_dir = c->packaging.work_dir,
		.profile = &h->profile,
		.high_water_mark = mark,
		.now = ad_clock_unix_ms() / 1000,
		.max_index_age_days = (int)c->winget.max_index_age_days,
		.max_installer_bytes = (uint64_t)c->packaging.max_installer_bytes,
		.allow_loopback_http = c->dev.loopback,
		.trail = &h->trail };
	return 0;
}

static int raise_mark(struct hand_off *h, struct ad_err *err)
{
	struct ad_db *db = h->s->db;
	int r = ad_db_begin(db, err);
	if (r != 0)
		return r;
	r = ad_packaging_accepted(
		db, h->arena, h->options.base_url, h->evidence.index->version, err);
	if (r == 0)
		return ad_db_commit(db, err);
	ad_db_rollback(db);
	return r;
}

static int unpack(struct hand_off *h, struct ad_err *err)
{
	if (h->resolution.choice.installer->type != AD_WINGET_TYPE_ZIP)
		return 0;
	ad_trail_begin(&h->trail, "zip");
	int r = ad_packaging_unpack(
		h->arena, &h->resolution, h->work, &h->installer, &h->nested, err);
	if (r == 0)
		ad_trail_saw(&h->trail, "%s, %llu bytes, and %zu files beside it",
			h->resolution.choice.installer->nested_files[0].path,
			(unsigned long long)h->nested.size, h->nested.beside_count);
	return r;
}

/* Whoever hands it off judges who that is: a trust rule is for what goes to Intune by itself. */
static int read_signature(struct hand_off *h, struct ad_err *err)
{
	ad_trail_begin(&h->trail, "installer signer");
	int r = ad_pack_signature_read(h->arena, h->installer.path, &h->signature, err);
	h->judged = r == 0;
	if (r == 0)
		ad_trail_saw(&h->trail, "%s",
			h->signature.is_signed ? h->signature.chain : "nobody has signed it");
	return r;
}

static int fetch(struct hand_off *h, struct ad_err *err)
{
	int r = ad_winget_resolve(
		h->arena, &h->options, &h->wish, &h->resolution, &h->evidence, err);
	if (r == 0)
		r = raise_mark(h, err);
	if (r == 0)
		r = ad_winget_download(h->arena, &h->options, &h->resolution, h->work,
			&h->installer, &h->evidence, err);
	if (r == 0)
		r = unpack(h, err);
	return r == 0 ? read_signature(h, err) : r;
}

/* ---- the package ---- */

static int make_plan(struct hand_off *h, struct ad_err *err)
{
	ad_trail_begin(&h->trail, "plan");
	int r = ad_packaging_plan(h->arena, &h->resolution, h->installer.path, &h->plan, err);
	if (r != 0)
		return r;
	h->planned = true;
	ad_trail_saw(&h->trail, "%s", h->plan.install_command);
	return 0;
}

static int hash_file(struct hand_off *h, const char *path, struct ad_err *err)
{
	uint8_t digest[AD_SHA256_LEN];
	uint8_t *chunk = ad_alloc(h->arena, HASH_CHUNK);
	AD_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = -1;
	struct ad_sha256 *sha = ad_sha256_new();
	while (fd >= 0 && (len = read(fd, chunk, HASH_CHUNK)) > 0)
		ad_sha256_update(sha, chunk, (size_t)len);
	ad_sha256_final(sha, digest);
	ad_sha256_free(sha);
	if (len != 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	h->file_sha256 = ad_hex(h->arena, digest, sizeof digest);
	return 0;
}

/* "setup-7zip.7zip-24.09-x64.msi" is handed off as "7zip.7zip-24.09-x64.intunewin". */
static const char *path_of_package(struct hand_off *h)
{
	const char *name = ad_winget_file_name(h->arena, &h->resolution) + strlen("setup-");
	const char *dot = strrchr(name, '.');
	return ad_printf(h->arena, "%s/%.*s.intunewin", h->out, (int)(dot - name), name);
}

static int write_package(struct hand_off *h, struct ad_err *err)
{
	const struct ad_intunewin_wish wish = { .name = h->resolution.manifest.locale.package_name,
		.out = ad_printf(h->arena, "%s/" AD_INTUNEWIN_NAME, h->work) };
	const struct ad_packaging_input input = { &h->resolution, &h->plan, h->installer.path,
		ad_printf(h->arena, "%s/" AD_PACKAGING_BESIDE, h->work), &h->nested };
	const char *file = path_of_package(h);
	ad_trail_begin(&h->trail, "package");
	int r = ad_packaging_encrypt(h->arena, &input, wish, &h->info, err);
	if (r == 0)
		r = ad_intunewin_wrap(h->arena, wish.out, &h->info, h->plan.msi, file, err);
	if (r == 0)
		r = hash_file(h, file, err);
	if (r != 0)
		return r;
	h->file = file;
	ad_trail_saw(&h->trail, "%s, %s", h->file_sha256, h->file);
	return 0;
}

static int make(struct hand_off *h, struct ad_err *err)
{
	int r = open_source(h, err);
	if (r == 0)
		r = fetch(h, err);
	if (r == 0)
		r = make_plan(h, err);
	if (r == 0)
		r = write_package(h, err);
	ad_net_client_free(h->options.client);
	return r;
}

/* ---- the report ---- */

/* The keys are left out: a report is read by many. */
static struct ad_json *file_json(const struct hand_off *h)
{
	struct ad_json *json = ad_json_new_object(h->arena);
	ad_json_set_str(h->arena, json, "path", h->file);
	ad_json_set_str(h->arena, json, "sha256", h->file_sha256);
	ad_json_set_int(h->arena, json, "content_size", (int64_t)h->info.size);
	ad_json_set_str(h->arena, json, "content_sha256",
		ad_hex(h->arena, h->info.digest, sizeof h->info.digest));
	ad_json_set_int(h->arena, json, "content_size_encrypted", (int64_t)h->info.size_encrypted);
	return json;
}

static struct ad_json *signature_json(const struct hand_off *h)
{
	struct ad_json *json = ad_json_new_object(h->arena);
	ad_json_set_bool(h->arena, json, "signed", h->signature.is_signed);
	if (!h->signature.is_signed)
		return json;
	ad_json_set_str(h->arena, json, "signer", h->signature.subject);
	ad_json_set_str(h->arena, json, "issuer_sha256", h->signature.issuer_sha256);
	ad_json_set_str(h->arena, json, "algorithm", h->signature.algorithm);
	ad_json_set_str(h->arena, json, "chain", h->signature.chain);
	return json;
}

/* err: why there is no package, or NULL. */
static void print(const struct hand_off *h, bool json, const struct ad_err *err)
{
	struct ad_json *report =
		ad_package_report(h->arena, &h->resolution, h->planned ? &h->plan : NULL);
	ad_json_set(h->arena, report, "evidence", ad_winget_evidence_json(h->arena, &h->evidence));
	if (h->nested.size > 0)
		ad_json_set(h->arena, report, "nested",
			ad_packaging_nested_json(h->arena, &h->resolution, &h->nested));
	if (h->judged)
		ad_json_set(h->arena, report, "signature", signature_json(h));
	if (h->file)
		ad_json_set(h->arena, report, "intunewin", file_json(h));
	if (!json) {
		ad_app_print_trail(&h->trail, err);
		(void)printf("\n");
		ad_app_print_facts(h->arena, report);
		return;
	}
	ad_json_set_bool(h->arena, report, "ok", !err);
	if (err) {
		ad_json_set_str(h->arena, report, "failed_step", ad_trail_failed(&h->trail));
		ad_json_set_str(h->arena, report, "error", err->text);
	}
	ad_json_set(h->arena, report, "steps", ad_trail_json(h->arena, &h->trail, err));
	(void)printf("%s\n", ad_json_print(h->arena, report));
}

/* A hash that differs has one name for who reads the report, also where the publisher alone has to
 * follow (AD_EUPSTREAM of a download that came). */
static void name_integrity(const struct hand_off *h, struct ad_err *err)
{
	bool changed =
		err->code == AD_EINTEGRITY || (err->code == AD_EUPSTREAM && err->status == 0);
	if (changed && !ad_text_starts(err->text, INTEGRITY))
		ad_err_prefix(err, INTEGRITY ": package %.100s, %s: ", h->wish.id,
			ad_trail_failed(&h->trail) ? ad_trail_failed(&h->trail) : "source");
}

/* ---- the run ---- */

static int make_folder(struct hand_off *h, struct ad_err *err)
{
	int r = ad_file_mkdirs(h->out, err);
	char *path = ad_printf(h->arena, "%s/.package-XXXXXX", h->out);
	if (r == 0 && !mkdtemp(path))
		r = AD_FAIL(err, AD_EIO, "%s: %s", h->out, strerrordesc_np(errno));
	if (r == 0)
		h->work = path;
	return r;
}

int ad_package_hand_off(struct ad_arena *arena, const struct ad_words *words,
	const struct ad_winget_rules *rules, struct ad_err *err)
{
	struct ad_session s;
	struct hand_off h = { .arena = arena,
		.out = ad_words_option(words, "--out", ""),
		.s = &s,
		.wish = { .id = words->word[0], .version = words->version, .rules = *rules },
		.trail = { .arena = arena } };
	int r = ad_session_open(words->config, AD_SESSION_ACTS, &s, err);
	if (r != 0)
		return r;
	r = ad_net_init(err);
	bool net = r == 0;
	if (r == 0)
		r = make_folder(&h, err);
	if (r == 0) {
		r = make(&h, err);
		if (r != 0)
			name_integrity(&h, err);
		print(&h, words->json, r == 0 ? NULL : err);
		(void)!ad_file_remove_tree(h.work, NULL);
	}
	ad_crypto_wipe(&h.info, sizeof h.info);
	if (net)
		ad_net_exit();
	ad_session_close(&s);
	return r;
}
