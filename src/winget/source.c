/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cached source: work_dir/source holds the newest verified source2.msix and a note of where it
 * came from. Nothing there is believed: the file is verified each time it is opened, the note only
 * saves requests. A lock serialises the threads and processes that share the folder while one of
 * them looks for a newer file; it is taken before the cached file is read, so that nobody can put
 * an older file over a newer one.
 */
#include "ad/winget.h"

#include "ask.h"
#include "fetch.h"
#include "source.h"

#include "ad/clock.h"
#include "ad/file.h"
#include "ad/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#define PACKAGE_FILE "source2.msix"
#define NOTE_FILE "source.json"
#define LOCK_FILE "lock"
#define NOTE_MAX 4096u
#define DAY_S (24 * 3600)
#define FUTURE_MAX_S DAY_S

struct ad_winget_source {
	struct ad_winget_package package;
	struct ad_reader *reader;
};

/* The state of one opening. */
struct opening {
	struct ad_arena *arena;
	const struct ad_winget_options *options;
	const char *folder;
	const char *url;
	struct ad_winget_package package; /* the newest verified one */
	bool have;                        /* package is set */
	struct ad_reader *reader;         /* of package */
	bool is_open;                     /* its index is */
	const char *etag;                 /* of the cached file, or NULL */
	int64_t asked_at;                 /* Unix seconds, 0: never */
};

static char *path_of(const struct opening *opening, const char *file)
{
	return ad_printf(opening->arena, "%s/%s", opening->folder, file);
}

static int lock_folder(const struct opening *opening, int *ret_fd, struct ad_err *err)
{
	const char *path = path_of(opening, LOCK_FILE);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(errno));
	int locked = 0;
	do
		locked = flock(fd, LOCK_EX);
	while (locked != 0 && errno == EINTR);
	if (locked != 0) {
		int reason = errno;
		(void)close(fd);
		return AD_FAIL(err, AD_EIO, "%s: %s", path, strerrordesc_np(reason));
	}
	*ret_fd = fd;
	return 0;
}

/* Age and direction: what the signature alone does not promise. */
static int check_time(
	const struct opening *opening, const struct ad_winget_package *package, struct ad_err *err)
{
	const struct ad_winget_options *options = opening->options;
	const char *mark = options->high_water_mark;
	int days = options->max_index_age_days ? options->max_index_age_days
					       : AD_WINGET_INDEX_AGE_DAYS;
	if (mark && ad_winget_index_compare(package->version, mark) < 0)
		return AD_FAIL(err, AD_EINTEGRITY,
			"index is rolled back: version %s is older than %s, which was accepted "
			"before",
			package->version, mark);
	if (package->published_at > options->now + FUTURE_MAX_S)
		return AD_FAIL(err, AD_EINTEGRITY, "index version %s lies in the future",
			package->version);
	if (days > 0 && options->now - package->published_at > (int64_t)days * DAY_S)
		return AD_FAIL(err, AD_EINTEGRITY,
			"index is stale: version %s is older than %d days", package->version, days);
	return 0;
}

/* What was noted about the cached file counts only if it is still that file. */
static void read_note(struct opening *opening)
{
	char *text = NULL;
	size_t len = 0;
	struct ad_json *note = NULL;
	if (ad_file_read(opening->arena, path_of(opening, NOTE_FILE), NOTE_MAX, &text, &len,
		    NULL) != 0 ||
		ad_json_parse(opening->arena, text, len, &note, NULL) != 0 ||
		!ad_text_eq(ad_json_str(note, "sha256"), opening->package.sha256) ||
		!ad_text_eq(ad_json_str(note, "url"), opening->url))
		return;
	opening->etag = ad_json_str(note, "etag");
	opening->asked_at = ad_json_int(note, "asked_at", 0);
}

static int write_note(const struct opening *opening, struct ad_err *err)
{
	struct ad_json *note = ad_json_new_object(opening->arena);
	ad_json_set_str(opening->arena, note, "url", opening->url);
	ad_json_set_str(opening->arena, note, "sha256", opening->package.sha256);
	ad_json_set_str(opening->arena, note, "version", opening->package.version);
	if (opening->etag)
		ad_json_set_str(opening->arena, note, "etag", opening->etag);
	ad_json_set_int(opening->arena, note, "asked_at", opening->options->now);
	const char *text = ad_json_print(opening->arena, note);
	return ad_file_write(path_of(opening, NOTE_FILE), text, strlen(text), 0600, err);
}

/* A cached file that does not verify (damaged, or of another trust profile) is as good as none. */
static void load_cached(struct opening *opening)
{
	char *data = NULL;
	size_t len = 0;
	if (ad_file_read(opening->arena, path_of(opening, PACKAGE_FILE), AD_WINGET_PACKAGE_MAX,
		    &data, &len, NULL) != 0)
		return;
	struct ad_bytes bytes = { .data = (const uint8_t *)data, .len = len };
	if (ad_winget_ask_package(opening->arena, bytes, opening->options, &opening->reader,
		    &opening->package, NULL) != 0)
		return;
	opening->have = true;
	read_note(opening);
}

/* A file that cannot be used does not replace one that can. */
static int check_fetched(
	const struct opening *opening, const struct ad_winget_package *package, struct ad_err *err)
{
	int rc = check_time(opening, package, err);
	if (rc)
		return rc;
	if (opening->have &&
		ad_winget_index_compare(package->version, opening->package.version) < 0)
		return AD_FAIL(err, AD_EINTEGRITY,
			"index is rolled back: version %s is older than %s, which was accepted "
			"before",
			package->version, opening->package.version);
	return 0;
}

/* In a reader of its own: what the cached file may have done to its reader is of no concern. */
static int accept_fetched(
	struct opening *opening, const struct ad_winget_fetched *fetched, struct ad_err *err)
{
	struct ad_winget_package package;
	struct ad_reader *reader = NULL;
	int rc = ad_winget_ask_package(
		opening->arena, fetched->bytes, opening->options, &reader, &package, err);
	if (!rc)
		rc = check_fetched(opening, &package, err);
	if (!rc)
		rc = ad_winget_ask_index(opening->arena, reader, err);
	if (!rc)
		rc = ad_file_write(path_of(opening, PACKAGE_FILE), fetched->bytes.data,
			fetched->bytes.len, 0600, err);
	ad_reader_end(rc ? reader : opening->reader);
	if (rc)
		return rc;
	opening->reader = reader;
	opening->package = package;
	opening->have = opening->is_open = true;
	opening->etag = fetched->etag;
	return 0;
}

static int refresh(struct opening *opening, struct ad_err *err)
{
	struct ad_winget_fetched fetched;
	struct ad_winget_fetch fetch = { .url = opening->url,
		.what = "index",
		.etag = opening->have ? opening->etag : NULL,
		.max = AD_WINGET_PACKAGE_MAX };
	int rc = ad_winget_fetch(opening->arena, opening->options, &fetch, &fetched, err);
	if (!rc && !fetched.unchanged)
		rc = accept_fetched(opening, &fetched, err);
	return rc ? rc : write_note(opening, err);
}

/* The cached file may be used as it is: no older than what others have accepted since, and checked
 * against the CDN a short while ago. */
static bool cached_suffices(const struct opening *opening)
{
	int64_t age = opening->options->now - opening->asked_at;
	return opening->have && age >= 0 && age < opening->options->refresh_floor_s &&
	       check_time(opening, &opening->package, NULL) == 0;
}

static int open_locked(struct opening *opening, bool forced, struct ad_err *err)
{
	load_cached(opening);
	if (forced || !cached_suffices(opening)) {
		int rc = refresh(opening, err);
		if (rc)
			return rc;
	}
	int rc = check_time(opening, &opening->package, err);
	return rc || opening->is_open ? rc
				      : ad_winget_ask_index(opening->arena, opening->reader, err);
}

int ad_winget_source_open(struct ad_arena *arena, const struct ad_winget_options *options,
	bool forced, struct ad_winget_source **ret, struct ad_err *err)
{
	struct opening opening = { .arena = arena,
		.options = options,
		.folder = ad_printf(arena, "%s/source", options->work_dir),
		.url = ad_printf(arena, "%s/" PACKAGE_FILE, options->base_url) };
	int rc = ad_file_mkdirs(opening.folder, err);
	if (rc)
		return rc;
	AD_AUTO_FD int lock = -1;
	rc = lock_folder(&opening, &lock, err);
	if (!rc)
		rc = open_locked(&opening, forced, err);
	if (rc) {
		ad_reader_end(opening.reader);
		return rc;
	}
	struct ad_winget_source *source = ad_alloc(arena, sizeof *source);
	*source = (struct ad_winget_source){ .package = opening.package, .reader = opening.reader };
	*ret = source;
	return 0;
}

void ad_winget_source_close(struct ad_winget_source *source)
{
	if (source)
		ad_reader_end(source->reader);
}

struct ad_reader *ad_winget_source_reader(struct ad_winget_source *source)
{
	return source->reader;
}

const struct ad_winget_package *ad_winget_source_package(const struct ad_winget_source *source)
{
	return &source->package;
}

int ad_winget_source_find(struct ad_arena *arena, struct ad_winget_source *source, const char *id,
	struct ad_winget_row *ret, struct ad_err *err)
{
	return ad_winget_ask_row(arena, source->reader, id, ret, err);
}

int ad_winget_source_search(struct ad_arena *arena, struct ad_winget_source *source,
	const char *text, size_t max, struct ad_winget_row **ret_rows, size_t *ret_count,
	struct ad_err *err)
{
	return ad_winget_ask_rows(arena, source->reader, text, max, ret_rows, ret_count, err);
}
