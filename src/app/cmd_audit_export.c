/* SPDX-License-Identifier: Apache-2.0 */
/*
 * appdesk audit export: the trail, or a part of it, for other programs. One page at a time, so a
 * trail of any length takes the same memory. Its own audit row is there before the first byte
 * leaves, and is the last row of a whole export: who reads the file sees that nothing is cut off.
 */
#include "audit_print.h"
#include "ad/clock.h"
#include "ad/text.h"
#include "command.h"
#include "progress.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_BYTES_MAX ((size_t)256 << 20) /* of a page as text: far beyond what rows can be */
#define DATE_LEN 10                        /* 2026-11-22 */

struct export
{
	struct ad_session *session;
	struct ad_audit_filter asked;  /* as the words say */
	struct ad_audit_filter filter; /* as the trail was when the export's own row was its end */
	enum ad_audit_format format;
	const char *path; /* NULL: standard output */
	const char *part; /* what a file is called until it is whole; NULL for anything else */
	FILE *out;
};

/* ---- what is wanted ---- */

/* A day is its first second, in UTC. */
static int read_time(struct ad_arena *arena, const struct ad_words *words, const char *option,
	const char **ret, struct ad_err *err)
{
	const char *text = ad_words_option(words, option, NULL);
	int64_t unix_s;
	*ret = NULL;
	if (!text)
		return 0;
	const char *full = strlen(text) == DATE_LEN ? ad_printf(arena, "%sT00:00:00Z", text) : text;
	if (ad_clock_parse_iso(full, &unix_s) != 0)
		return AD_FAIL(err, AD_EINVAL,
			"%s '%.40s' is no time: write 2026-11-22 or 2026-11-22T17:54:32Z", option,
			text);
	*ret = ad_clock_iso(arena, unix_s);
	return 0;
}

static int read_filter(struct export *e, const struct ad_words *words, struct ad_err *err)
{
	struct ad_arena *arena = e->session->arena;
	struct ad_audit_filter *f = &e->asked;
	const char *number = ad_words_option(words, "--request", NULL);
	f->tenant_id = e->session->desk.tenant_id;
	int r = read_time(arena, words, "--since", &f->since, err);
	if (r == 0)
		r = read_time(arena, words, "--until", &f->until, err);
	if (r != 0)
		return r;
	if (f->since && f->until && strcmp(f->since, f->until) >= 0)
		return AD_FAIL(err, AD_EINVAL, "--since is not before --until");
	if (number && ad_text_i64(number, 1, INT64_MAX, &f->request_id) != 0)
		return AD_FAIL(err, AD_EINVAL, "--request '%.40s' is no number", number);
	return 0;
}

/* ---- that it happened ---- */

static int append_row(struct ad_db *db, const struct export *e, struct ad_err *err)
{
	struct ad_arena *arena = e->session->arena;
	struct ad_json *details = ad_json_new_object(arena);
	ad_json_set_str(arena, details, "format", e->format == AD_AUDIT_CSV ? "csv" : "json lines");
	if (e->asked.since)
		ad_json_set_str(arena, details, "since", e->asked.since);
	if (e->asked.until)
		ad_json_set_str(arena, details, "until", e->asked.until);
	if (e->asked.request_id != 0)
		ad_json_set_int(arena, details, "request", e->asked.request_id);
	const struct ad_audit row = { .tenant_id = e->asked.tenant_id,
		.user_id = "cli",
		.action = "export.made",
		.entity_type = "audit",
		.entity_id = e->asked.tenant_id,
		.details = ad_json_print(arena, details),
		.source = "cli" };
	return ad_store_audit_append(db, arena, &row, 1, err);
}

/* Appends the row and finds where the export ends while nobody else can append. */
static int begin_export(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct export *e = ctx;
	e->filter = e->asked; /* a transaction may be run again */
	int r = append_row(db, e, err);
	return r == 0 ? ad_store_audit_narrow(db, e->session->arena, &e->filter, err) : r;
}

/* ---- where to ---- */

/* A pipe or a device is written to as it is; it is never replaced by a file. */
static bool is_special(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int open_out(struct export *e, struct ad_err *err)
{
	e->out = stdout;
	if (!e->path)
		return 0;
	const char *name = e->path;
	int flags = O_WRONLY | O_CLOEXEC;
	if (!is_special(e->path)) {
		name = e->part = ad_printf(e->session->arena, "%s.part", e->path);
		flags |= O_CREAT | O_TRUNC | O_NOFOLLOW;
	}
	int fd = open(name, flags, 0600);
	e->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (e->out)
		return 0;
	int reason = errno;
	if (fd >= 0)
		(void)close(fd);
	return AD_FAIL(err, AD_EIO, "%s: %s", name, strerror(reason));
}

static const char *name_of(const struct export *e)
{
	return e->path ? e->path : "standard output";
}

/* All of it is out, and of a file on the disk. 0, or the reason as errno has it. */
static int finish(struct export *e)
{
	errno = 0;
	bool is_whole =
		!ferror(e->out) && fflush(e->out) == 0 && (!e->part || fsync(fileno(e->out)) == 0);
	int reason = is_whole ? 0 : errno ? errno : EIO;
	if (e->out != stdout)
		(void)fclose(e->out);
	return reason;
}

/* Half an export never bears the name of a whole one. */
static int close_out(struct export *e, int r, struct ad_err *err)
{
	if (!e->out)
		return r;
	int reason = finish(e);
	bool is_done = r == 0 && reason == 0;
	if (is_done && e->part && rename(e->part, e->path) != 0) {
		reason = errno;
		is_done = false;
	}
	if (e->part && !is_done)
		(void)unlink(e->part);
	if (r == 0 && !is_done)
		return AD_FAIL(err, AD_EIO, "%s: %s", name_of(e), strerror(reason));
	return r;
}

static int write_page(struct export *e, struct ad_arena *arena, const struct ad_audit_rows *page,
	struct ad_err *err)
{
	struct ad_buf text;
	ad_buf_init(&text, PAGE_BYTES_MAX);
	for (size_t i = 0; i < page->count; i++)
		ad_audit_print_row(&text, arena, &page->items[i], e->format);
	bool fits = !text.overflow;
	bool written = fits && fwrite(text.data, 1, text.len, e->out) == text.len;
	int reason = errno;
	ad_buf_release(&text);
	if (!fits)
		return AD_FAIL(err, AD_ETOOBIG, "rows from %lld on are too long",
			(long long)page->items[0].seq);
	return written ? 0 : AD_FAIL(err, AD_EIO, "%s: %s", name_of(e), strerror(reason));
}

static int write_pages(struct export *e, struct ad_err *err)
{
	struct ad_progress progress = { .what = "rows" };
	struct ad_arena *arena = ad_arena_new();
	struct ad_audit_filter filter = e->filter;
	struct ad_audit_rows page;
	int r;
	do {
		ad_arena_reset(arena);
		page.count = 0;
		r = ad_store_audit_page(e->session->db, arena, &filter, &page, err);
		if (r != 0 || page.count == 0)
			break;
		r = write_page(e, arena, &page, err);
		filter.after_seq = page.items[page.count - 1].seq;
		ad_progress_step(&progress, filter.after_seq - e->filter.after_seq,
			e->filter.last_seq - e->filter.after_seq);
	} while (r == 0);
	ad_progress_end(&progress);
	ad_arena_free(arena);
	return r;
}

static int export(struct export *e, struct ad_err *err)
{
	struct ad_session *s = e->session;
	int r = open_out(e, err);
	if (r == 0)
		r = ad_db_transaction(s->db, begin_export, e, err);
	if (r == 0) {
		struct ad_buf head;
		ad_buf_init(&head, PAGE_BYTES_MAX);
		ad_audit_print_head(&head, e->format);
		(void)fputs(ad_buf_str(&head), e->out);
		ad_buf_release(&head);
		r = write_pages(e, err);
	}
	return close_out(e, r, err);
}

static int run_export(const struct ad_command *self, int argc, char **argv)
{
	static const char *const known[] = { "--since", "--until", "--request", NULL };
	struct ad_words words;
	struct ad_session s;
	struct ad_err err = { 0 };
	if (!ad_words_parse(&words, self, argc, argv, known))
		return words.help ? AD_EXIT_DONE : ad_app_usage(self);
	if (words.count > 0)
		return ad_app_usage(self);
	if (ad_session_open(words.config, AD_SESSION_READS, &s, &err) != 0)
		return ad_app_fail(&err);
	struct export e = { .session = &s,
		.format = words.json ? AD_AUDIT_JSON_LINES : AD_AUDIT_CSV,
		.path = words.output };
	int r = read_filter(&e, &words, &err);
	if (r == 0)
		r = export(&e, &err);
	ad_session_close(&s);
	return r == 0 ? AD_EXIT_DONE : ad_app_fail(&err);
}

const struct ad_command ad_command_audit_export = {
	"audit export",
	"[--config FILE] [--json] [--since TIME] [--until TIME] [--request N] [-o FILE]",
	"write the audit trail as CSV, or as JSON lines with --json",
	run_export,
};
