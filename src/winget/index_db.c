/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index in SQLite. The file is signed, but a signer may be hacked and a mirror may be trusted
 * by mistake: views, triggers and virtual tables are refused before anything but the schema is
 * read, limits are low, and a budget of steps ends every statement.
 */
#include "index_db.h"

#include "ad/text.h"

#include <sqlite3.h>

#define MAJOR_VERSION 2
#define TEXT_BYTES_MAX (64 << 10)
#define SQL_BYTES_MAX (16 << 10)
#define COLUMNS_MAX 64
#define STEPS_PER_CALL 100000
#define CALLS_MAX 20000 /* 2e9 steps: ten times what checking the largest index takes */
/* Bytes 18 and 19 of the header: 1 for a rollback journal, 2 for a write-ahead log. */
#define JOURNAL_OFFSET 18
#define SEARCH_MAX 200u
#define PACKAGES_MAX 1000000 /* sixty times what is published */

/* Where a package stands in the table. */
struct place {
	uint64_t hash; /* of its id without regard to case */
	int64_t rowid;
};

struct ad_winget_index {
	sqlite3 *db;
	struct ad_arena *arena; /* as long as the index */
	/* Both by the first look-up. */
	sqlite3_stmt *by_rowid;
	struct place *places; /* by hash, then row */
	size_t place_count;
	int calls; /* of on_progress, for the running statement */
};

static int refuse(struct ad_err *err, const char *why)
{
	return AD_FAIL(err, AD_EINTEGRITY, "index: %s", why);
}

static void close_db(void *pointer)
{
	struct ad_winget_index *index = pointer;
	(void)sqlite3_finalize(index->by_rowid);
	(void)sqlite3_close(index->db);
}

static int on_progress(void *pointer)
{
	struct ad_winget_index *index = pointer;
	return ++index->calls > CALLS_MAX;
}

static void harden(struct ad_winget_index *index)
{
	sqlite3 *db = index->db;
	static const struct {
		int option;
		int value;
	} switches[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
		{ SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
	};
	for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
		AD_ASSERT(sqlite3_db_config(db, switches[i].option, switches[i].value, NULL) ==
			  SQLITE_OK);
	(void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, TEXT_BYTES_MAX);
	(void)sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, SQL_BYTES_MAX);
	(void)sqlite3_limit(db, SQLITE_LIMIT_COLUMN, COLUMNS_MAX);
	(void)sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, 0);
	sqlite3_progress_handler(db, STEPS_PER_CALL, on_progress, index);
}

/* SQLite owns the copy, so that what was verified cannot change under it. */
static int load(struct ad_winget_index *index, struct ad_bytes bytes, struct ad_err *err)
{
	if (bytes.len < 512)
		return refuse(err, "not a database");
	unsigned char *copy = sqlite3_malloc64(bytes.len);
	AD_ASSERT(copy);
	memcpy(copy, bytes.data, bytes.len);
	/* A database in memory has no place for a log; without one both modes mean the same. */
	copy[JOURNAL_OFFSET] = 1;
	copy[JOURNAL_OFFSET + 1] = 1;
	int rc = sqlite3_deserialize(index->db, "main", copy, (sqlite3_int64)bytes.len,
		(sqlite3_int64)bytes.len,
		SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY);
	return rc == SQLITE_OK ? 0 : refuse(err, "not a database");
}

static int prepare(
	struct ad_winget_index *index, const char *sql, sqlite3_stmt **ret, struct ad_err *err)
{
	index->calls = 0;
	if (sqlite3_prepare_v2(index->db, sql, -1, ret, NULL) != SQLITE_OK)
		return AD_FAIL(err, AD_EINTEGRITY, "index: unsupported schema: %.200s",
			sqlite3_errmsg(index->db));
	return 0;
}

/* The first column of the first row as text, into a new string; NULL for no row. */
static int query_text(struct ad_arena *arena, struct ad_winget_index *index, const char *sql,
	char **ret, struct ad_err *err)
{
	sqlite3_stmt *statement = NULL;
	int rc = prepare(index, sql, &statement, err);
	if (rc)
		return rc;
	int step = sqlite3_step(statement);
	*ret = NULL;
	if (step == SQLITE_ROW)
		*ret = ad_strdup(arena, (const char *)sqlite3_column_text(statement, 0));
	else if (step != SQLITE_DONE)
		rc = AD_FAIL(err, AD_EINTEGRITY, "index: cannot be read: %.200s",
			sqlite3_errmsg(index->db));
	(void)sqlite3_finalize(statement);
	return rc;
}

static int check_schema(struct ad_arena *arena, struct ad_winget_index *index, struct ad_err *err)
{
	char *text = NULL;
	int64_t major = 0;
	int rc = query_text(arena, index, "PRAGMA cell_size_check = ON", &text, err);
	if (!rc) /* the reader of an index can make no file to sort in */
		rc = query_text(arena, index, "PRAGMA temp_store = MEMORY", &text, err);
	if (!rc)
		rc = query_text(arena, index,
			"SELECT name FROM sqlite_schema WHERE type NOT IN ('table', 'index')"
			" OR coalesce(rootpage, 0) = 0 OR sql LIKE 'create virtual%' LIMIT 1",
			&text, err);
	if (rc)
		return rc;
	if (text)
		return refuse(err, "has a view, a trigger or a virtual table");
	rc = query_text(arena, index, "PRAGMA quick_check(1)", &text, err);
	if (rc)
		return rc;
	if (!ad_text_eq(text, "ok"))
		return refuse(err, "pages are damaged");
	rc = query_text(
		arena, index, "SELECT value FROM metadata WHERE name = 'majorVersion'", &text, err);
	if (rc)
		return rc;
	if (!text || ad_text_i64(text, 0, INT32_MAX, &major) != 0 || major != MAJOR_VERSION)
		return AD_FAIL(err, AD_EINTEGRITY, "index: unsupported schema version %.20s",
			text ? text : "absent");
	return 0;
}

int ad_winget_index_open(struct ad_arena *arena, struct ad_bytes bytes,
	struct ad_winget_index **ret, struct ad_err *err)
{
	struct ad_winget_index *index = ad_alloc(arena, sizeof *index);
	index->arena = arena;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX;
	int opened = sqlite3_open_v2(":memory:", &index->db, flags, NULL);
	AD_ASSERT(opened == SQLITE_OK);
	ad_arena_defer(arena, close_db, index);
	harden(index);
	int rc = load(index, bytes, err);
	if (!rc)
		rc = check_schema(arena, index, err);
	if (!rc)
		*ret = index;
	return rc;
}

/* A text column without NUL and in proper UTF-8; NULL stays NULL. */
static bool read_text(struct ad_arena *arena, sqlite3_stmt *statement, int column, const char **ret)
{
	*ret = NULL;
	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return true;
	const char *text = (const char *)sqlite3_column_text(statement, column);
	size_t len = (size_t)sqlite3_column_bytes(statement, column);
	if (sqlite3_column_type(statement, column) != SQLITE_TEXT || strlen(text) != len ||
		!ad_utf8_valid(text, len))
		return false;
	*ret = ad_strdup(arena, text);
	return true;
}

/* Columns id, name, moniker, latest_version, hash. */
static int read_row(struct ad_arena *arena, sqlite3_stmt *statement, struct ad_winget_row *ret,
	struct ad_err *err)
{
	struct ad_winget_row row = { 0 };
	if (!read_text(arena, statement, 0, &row.id) || !row.id ||
		!read_text(arena, statement, 1, &row.name) ||
		!read_text(arena, statement, 2, &row.moniker) ||
		!read_text(arena, statement, 3, &row.latest_version))
		return refuse(err, "row is malformed");
	if (sqlite3_column_type(statement, 4) != SQLITE_BLOB ||
		sqlite3_column_bytes(statement, 4) != (int)AD_SHA256_LEN)
		return AD_FAIL(err, AD_EINTEGRITY,
			"Manifest integrity check failed: package %.140s, index: the row has no "
			"SHA-256",
			row.id);
	memcpy(row.hash, sqlite3_column_blob(statement, 4), AD_SHA256_LEN);
	*ret = row;
	return 0;
}

static int ambiguous(struct ad_err *err, const char *id)
{
	int rc = AD_FAIL(
		err, AD_EAMBIGUOUS, "index: several packages differ from %.140s in case", id);
	if (err)
		err->class = AD_CLASS_PERMANENT;
	return rc;
}

/* FNV-1a of the id in small letters. */
static uint64_t hash_id(const char *id)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	for (const char *c = id; *c; c++) {
		uint8_t letter = (uint8_t)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
		hash = (hash ^ letter) * UINT64_C(1099511628211);
	}
	return hash;
}

static int by_hash(const void *a, const void *b)
{
	const struct place *left = a;
	const struct place *right = b;
	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return (left->rowid > right->rowid) - (left->rowid < right->rowid);
}

static int read_places(
	struct ad_winget_index *index, sqlite3_stmt *statement, size_t max, struct ad_err *err)
{
	int step = SQLITE_ROW;
	index->places = ad_alloc_array(index->arena, max, sizeof *index->places);
	index->place_count = 0;
	while ((step = sqlite3_step(statement)) == SQLITE_ROW && index->place_count < max) {
		/* What is no text is nobody's id. */
		if (sqlite3_column_type(statement, 1) != SQLITE_TEXT)
			continue;
		const char *id = (const char *)sqlite3_column_text(statement, 1);
		index->places[index->place_count++] = (struct place){ .hash = hash_id(id),
			.rowid = sqlite3_column_int64(statement, 0) };
	}
	if (step != SQLITE_DONE)
		return refuse(err, "the packages cannot be read");
	qsort(index->places, index->place_count, sizeof *index->places, by_hash);
	return 0;
}

/* Once: the place of every package, and the statement that reads one. */
static int import_ids(struct ad_arena *arena, struct ad_winget_index *index, struct ad_err *err)
{
	sqlite3_stmt *statement = NULL;
	char *text = NULL;
	int64_t count = 0;
	if (index->by_rowid)
		return 0;
	int rc = query_text(arena, index, "SELECT count(*) FROM packages", &text, err);
	if (!rc && (!text || ad_text_i64(text, 0, PACKAGES_MAX, &count) != 0))
		rc = refuse(err, "holds too many packages");
	if (!rc)
		rc = prepare(index, "SELECT rowid, id FROM packages", &statement, err);
	if (!rc)
		rc = read_places(index, statement, (size_t)count, err);
	(void)sqlite3_finalize(statement);
	if (rc)
		return rc;
	return prepare(index,
		"SELECT id, name, moniker, latest_version, hash FROM packages WHERE rowid = ?1",
		&index->by_rowid, err);
}

/* The statement on that row; the id there, or NULL. */
static const char *go_to(struct ad_winget_index *index, const struct place *place)
{
	index->calls = 0;
	(void)sqlite3_reset(index->by_rowid);
	(void)sqlite3_bind_int64(index->by_rowid, 1, place->rowid);
	if (sqlite3_step(index->by_rowid) != SQLITE_ROW)
		return NULL;
	return (const char *)sqlite3_column_text(index->by_rowid, 0);
}

static const struct place *first_place(const struct ad_winget_index *index, uint64_t hash)
{
	size_t low = 0;
	size_t high = index->place_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (index->places[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return index->places + low;
}

/* The exact id wins; otherwise there must be one. */
static int pick_row(struct ad_arena *arena, struct ad_winget_index *index, const char *id,
	struct ad_winget_row *ret, struct ad_err *err)
{
	const struct place *end = index->places + index->place_count;
	const struct place *found = NULL;
	size_t count = 0;
	uint64_t hash = hash_id(id);
	for (const struct place *at = first_place(index, hash); at < end && at->hash == hash;
		at++) {
		const char *text = go_to(index, at);
		if (text && strcmp(text, id) == 0)
			return read_row(arena, index->by_rowid, ret, err);
		if (!text || !ad_text_eq_nocase(text, id))
			continue;
		found = at;
		count++;
	}
	if (count > 1)
		return ambiguous(err, id);
	if (!found || !go_to(index, found))
		return AD_FAIL(err, AD_ENOTFOUND, "package %.140s is not in the index", id);
	return read_row(arena, index->by_rowid, ret, err);
}

int ad_winget_index_find(struct ad_arena *arena, struct ad_winget_index *index, const char *id,
	struct ad_winget_row *ret, struct ad_err *err)
{
	struct ad_winget_row row;
	int rc = import_ids(arena, index, err);
	if (!rc)
		rc = pick_row(arena, index, id, &row, err);
	if (!rc)
		*ret = row;
	return rc;
}

int ad_winget_index_search(struct ad_arena *arena, struct ad_winget_index *index, const char *text,
	size_t max, struct ad_winget_row **ret_rows, size_t *ret_count, struct ad_err *err)
{
	sqlite3_stmt *statement = NULL;
	size_t count = 0;
	size_t limit = max < SEARCH_MAX ? max : SEARCH_MAX;
	struct ad_winget_row *rows = ad_alloc_array(arena, limit, sizeof *rows);
	int rc = prepare(index,
		"SELECT id, name, moniker, latest_version, hash FROM packages"
		" WHERE instr(lower(id), ?1) OR instr(lower(name), ?1) OR lower(moniker) = ?1"
		" ORDER BY coalesce(lower(moniker) = ?1, 0) DESC, lower(name) = ?1 DESC,"
		" length(name), id LIMIT ?2",
		&statement, err);
	if (rc)
		return rc;
	(void)sqlite3_bind_text(statement, 1, ad_text_lower(arena, text), -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(statement, 2, (sqlite3_int64)limit);
	/* A broken row is no candidate; asked for by its id it is an error. */
	while (count < limit && sqlite3_step(statement) == SQLITE_ROW)
		count += read_row(arena, statement, &rows[count], NULL) == 0;
	(void)sqlite3_finalize(statement);
	*ret_rows = rows;
	*ret_count = count;
	return 0;
}
