/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of one statement, as text from the server. */
#include "conn.h"

#include "ad/text.h"

struct ad_db_result {
	PGresult *pg;
	struct ad_arena *arena;
};

static void clear(void *pg)
{
	PQclear(pg);
}

struct ad_db_result *db_result_new(struct ad_arena *arena, PGresult *pg)
{
	struct ad_db_result *result = ad_alloc(arena, sizeof *result);
	*result = (struct ad_db_result){ .pg = pg, .arena = arena };
	ad_arena_defer(arena, clear, pg);
	return result;
}

size_t ad_db_rows(const struct ad_db_result *result)
{
	return (size_t)PQntuples(result->pg);
}

int64_t ad_db_affected(const struct ad_db_result *result)
{
	int64_t count = 0;
	const char *text = PQcmdTuples(result->pg); /* "" for statements that touch no row */
	if (*text && ad_text_i64(text, 0, INT64_MAX, &count) < 0)
		return 0;
	return count;
}

bool ad_db_is_null(const struct ad_db_result *result, size_t row, size_t col)
{
	AD_ASSERT(row < ad_db_rows(result) && col < (size_t)PQnfields(result->pg));
	return PQgetisnull(result->pg, (int)row, (int)col) == 1;
}

const char *ad_db_text(const struct ad_db_result *result, size_t row, size_t col)
{
	if (ad_db_is_null(result, row, col))
		return NULL;
	return PQgetvalue(result->pg, (int)row, (int)col);
}

int64_t ad_db_int(const struct ad_db_result *result, size_t row, size_t col)
{
	const char *text = ad_db_text(result, row, col);
	int64_t number = 0;
	if (text) {
		int r = ad_text_i64(text, INT64_MIN, INT64_MAX, &number);
		AD_ASSERT(r == 0);
	}
	return number;
}

bool ad_db_bool(const struct ad_db_result *result, size_t row, size_t col)
{
	const char *text = ad_db_text(result, row, col);
	AD_ASSERT(!text || strcmp(text, "t") == 0 || strcmp(text, "f") == 0);
	return text && *text == 't';
}

struct ad_bytes ad_db_bytes(const struct ad_db_result *result, size_t row, size_t col)
{
	const char *text = ad_db_text(result, row, col); /* "\x" and hex digits */
	if (!text)
		return (struct ad_bytes){ 0 };
	size_t len = strlen(text) / 2 - 1;
	uint8_t *data = ad_alloc(result->arena, len + 1);
	int r = strncmp(text, "\\x", 2) == 0 ? ad_hex_decode(text + 2, data, len) : -1;
	AD_ASSERT(r == 0);
	return (struct ad_bytes){ .data = data, .len = len };
}
