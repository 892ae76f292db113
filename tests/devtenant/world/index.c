/* SPDX-License-Identifier: Apache-2.0 */
/* Writer of the index database; see index.h. Made in memory, read out as a file. */
#include "index.h"

#include "ad/text.h"
#include "filler.h"
#include "manifest.h"

#include <ctype.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>

/* As served: the indexes that the publisher needs while working have been dropped. */
#define PAIR_TABLE(name, value)                                                   \
	"CREATE TABLE " name "(" value " TEXT NOT NULL, package INT64 NOT NULL, " \
	"PRIMARY KEY(" value ", package)) WITHOUT ROWID;"
#define WORD_TABLES(name, value)                                                       \
	"CREATE TABLE " name "(rowid INTEGER PRIMARY KEY, " value " TEXT NOT NULL);"   \
	"CREATE TABLE " name "_map(" value " INT64 NOT NULL, package INT64 NOT NULL, " \
	"PRIMARY KEY(" value ", package)) WITHOUT ROWID;"

static const char schema[] =
	"CREATE TABLE metadata(name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE packages(rowid INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, "
	"moniker TEXT, latest_version TEXT NOT NULL, arp_min_version TEXT, arp_max_version TEXT, "
	"hash BLOB);" WORD_TABLES("tags2", "tag") WORD_TABLES("commands2", "command")
		PAIR_TABLE("pfns2", "pfn") PAIR_TABLE("productcodes2", "productcode")
			PAIR_TABLE("upgradecodes2", "upgradecode")
				PAIR_TABLE("norm_names2", "norm_name")
					PAIR_TABLE("norm_publishers2", "norm_publisher");

enum statement {
	PUT_METADATA,
	PUT_PACKAGE,
	PUT_TAG,
	MAP_TAG,
	PUT_COMMAND,
	MAP_COMMAND,
	PUT_PRODUCT_CODE,
	PUT_UPGRADE_CODE,
	PUT_NAME,
	PUT_PUBLISHER,
	STATEMENTS
};

#define PUT_WORD(table, value)                                         \
	"INSERT INTO " table "(" value ") SELECT ?1 WHERE NOT EXISTS " \
	"(SELECT 1 FROM " table " WHERE " value " = ?1)"
#define MAP_WORD(table, value) \
	"INSERT OR IGNORE INTO " table "_map SELECT rowid, ?2 FROM " table " WHERE " value " = ?1"

static const char *const statements[STATEMENTS] = {
	[PUT_METADATA] = "INSERT INTO metadata VALUES(?1, ?2)",
	[PUT_PACKAGE] = "INSERT INTO packages VALUES(NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[PUT_TAG] = PUT_WORD("tags2", "tag"),
	[MAP_TAG] = MAP_WORD("tags2", "tag"),
	[PUT_COMMAND] = PUT_WORD("commands2", "command"),
	[MAP_COMMAND] = MAP_WORD("commands2", "command"),
	[PUT_PRODUCT_CODE] = "INSERT OR IGNORE INTO productcodes2 VALUES(?1, ?2)",
	[PUT_UPGRADE_CODE] = "INSERT OR IGNORE INTO upgradecodes2 VALUES(?1, ?2)",
	[PUT_NAME] = "INSERT OR IGNORE INTO norm_names2 VALUES(?1, ?2)",
	[PUT_PUBLISHER] = "INSERT OR IGNORE INTO norm_publishers2 VALUES(?1, ?2)",
};

struct writer {
	struct ad_arena *arena;
	sqlite3 *db;
	sqlite3_stmt *statement[STATEMENTS];
	bool failed;         /* sticky */
	const char *message; /* of the first failure */
};

static void check(struct writer *writer, int result, int expected)
{
	if (result == expected || writer->failed)
		return;
	writer->failed = true;
	writer->message = ad_strdup(writer->arena, sqlite3_errmsg(writer->db));
}

static void bind_text(struct writer *writer, enum statement which, int slot, const char *text)
{
	check(writer, sqlite3_bind_text(writer->statement[which], slot, text, -1, SQLITE_STATIC),
		SQLITE_OK);
}

static void run(struct writer *writer, enum statement which)
{
	sqlite3_stmt *statement = writer->statement[which];

	check(writer, sqlite3_step(statement), SQLITE_DONE);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

static void put_reference(
	struct writer *writer, enum statement which, const char *text, int64_t package)
{
	if (!text)
		return;
	/* References are stored case-folded. */
	bind_text(writer, which, 1, ad_text_lower(writer->arena, text));
	sqlite3_bind_int64(writer->statement[which], 2, package);
	run(writer, which);
}

static void put_word(struct writer *writer, enum statement put, const char *word, int64_t package)
{
	bind_text(writer, put, 1, ad_text_lower(writer->arena, word));
	run(writer, put);
	put_reference(writer, put + 1, word, package);
}

/* What is left of a name when blanks and punctuation are gone. */
static const char *normalized(struct ad_arena *arena, const char *name)
{
	char *copy = ad_text_lower(arena, name), *out = copy;

	for (const char *in = copy; *in; in++)
		if (isalnum((unsigned char)*in) || (unsigned char)*in >= 0x80)
			*out++ = *in;
	*out = '\0';
	return copy;
}

struct package_row {
	const char *id, *name, *moniker, *latest, *arp_min, *arp_max, *publisher;
	struct ad_bytes hash;
};

static int64_t put_package(struct writer *writer, const struct package_row *row)
{
	sqlite3_stmt *statement = writer->statement[PUT_PACKAGE];
	int64_t rowid;

	bind_text(writer, PUT_PACKAGE, 1, row->id);
	bind_text(writer, PUT_PACKAGE, 2, row->name);
	bind_text(writer, PUT_PACKAGE, 3, row->moniker);
	bind_text(writer, PUT_PACKAGE, 4, row->latest);
	bind_text(writer, PUT_PACKAGE, 5, row->arp_min);
	bind_text(writer, PUT_PACKAGE, 6, row->arp_max);
	if (row->hash.len)
		sqlite3_bind_blob(statement, 7, row->hash.data, (int)row->hash.len, SQLITE_STATIC);
	run(writer, PUT_PACKAGE);
	rowid = sqlite3_last_insert_rowid(writer->db);
	put_reference(writer, PUT_NAME, normalized(writer->arena, row->name), rowid);
	put_reference(writer, PUT_PUBLISHER, normalized(writer->arena, row->publisher), rowid);
	return rowid;
}

static void put_real(struct writer *writer, const struct dt_index_row *row)
{
	const struct dt_package *package = row->package;
	int64_t rowid = put_package(
		writer, &(struct package_row){ package->id, package->name, package->moniker,
				row->latest_version, row->arp_min_version, row->arp_max_version,
				package->publisher, row->hash });

	for (const char *const *tag = package->tags; *tag; tag++)
		put_word(writer, PUT_TAG, *tag, rowid);
	for (const char *const *command = package->commands; *command; command++)
		put_word(writer, PUT_COMMAND, *command, rowid);
	for (size_t i = 0; i < row->offer_count; i++) {
		put_reference(
			writer, PUT_PRODUCT_CODE, row->offers[i].installer->product_code, rowid);
		put_reference(
			writer, PUT_UPGRADE_CODE, row->offers[i].installer->upgrade_code, rowid);
	}
}

static void put_filler(struct writer *writer, unsigned number)
{
	struct dt_filler filler;
	int64_t rowid;

	dt_filler_make(writer->arena, number, &filler);
	rowid = put_package(
		writer, &(struct package_row){ filler.id, filler.name, filler.moniker,
				filler.version, NULL, NULL, filler.publisher, filler.hash });
	for (size_t i = 0; i < DT_FILLER_TAGS; i++)
		put_word(writer, PUT_TAG, filler.tags[i], rowid);
}

static void put_metadata(struct writer *writer, const char *name, const char *value)
{
	bind_text(writer, PUT_METADATA, 1, name);
	bind_text(writer, PUT_METADATA, 2, value);
	run(writer, PUT_METADATA);
}

static void put_rows(struct writer *writer, const struct dt_index *index)
{
	struct ad_arena *arena = writer->arena;
	const char *now = ad_printf(arena, "%" PRId64, index->publish_time);

	put_metadata(writer, "databaseIdentifier", "{AD000005-0000-4000-8000-000000000001}");
	put_metadata(writer, "lastwritetime", now);
	put_metadata(writer, "majorVersion", ad_printf(arena, "%u", index->major_version));
	put_metadata(writer, "minorVersion", "0");
	put_metadata(writer, "updateTrackingBase", now);
	for (size_t i = 0; i < index->row_count; i++)
		put_real(writer, &index->rows[i]);
	for (unsigned i = 0; i < index->filler; i++)
		put_filler(writer, i);
}

static void fill(struct writer *writer, const struct dt_index *index)
{
	check(writer, sqlite3_open(":memory:", &writer->db), SQLITE_OK);
	check(writer, sqlite3_exec(writer->db, schema, NULL, NULL, NULL), SQLITE_OK);
	check(writer, sqlite3_exec(writer->db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
	for (size_t i = 0; !writer->failed && i < STATEMENTS; i++)
		check(writer,
			sqlite3_prepare_v2(
				writer->db, statements[i], -1, &writer->statement[i], NULL),
			SQLITE_OK);
	if (!writer->failed)
		put_rows(writer, index);
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(writer->statement[i]);
	check(writer, sqlite3_exec(writer->db, "COMMIT; VACUUM", NULL, NULL, NULL), SQLITE_OK);
}

int dt_index_write(struct ad_arena *arena, const struct dt_index *index, struct ad_bytes *ret_bytes,
	struct ad_err *err)
{
	struct writer writer = { .arena = arena };
	sqlite3_int64 len = 0;
	unsigned char *file = NULL;
	int code = 0;

	fill(&writer, index);
	if (!writer.failed)
		file = sqlite3_serialize(writer.db, "main", &len, 0);
	if (file)
		*ret_bytes = (struct ad_bytes){ ad_memdup(arena, file, (size_t)len), (size_t)len };
	else
		code = AD_FAIL(err, AD_EBUG, "cannot write the index: %s",
			writer.message ? writer.message : "no memory");
	sqlite3_free(file);
	sqlite3_close(writer.db);
	return code;
}
