/* SPDX-License-Identifier: Apache-2.0 */
/* What is known around a request. */
#include "ad/store/background.h"
#include "ad/db.h"
#include "ad/text.h"

#include "ad_queries.h"

enum column { WHAT, NAME, NUMBER, AT };

int ad_store_background_later(struct ad_db *db, struct ad_arena *arena, int64_t request_id,
	struct ad_store_later *later, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_BACKGROUND_OF, AD_DB_PARAMS(AD_DB_INT(request_id)),
		&later->rows, err);
}

/* The names in rows of a kind that count. */
static struct ad_background_names names_of(
	struct ad_arena *arena, const struct ad_db_result *rows, const char *what)
{
	const char **items = ad_alloc_array(arena, ad_db_rows(rows), sizeof *items);
	size_t count = 0;
	for (size_t i = 0; i < ad_db_rows(rows); i++)
		if (ad_text_eq(ad_db_text(rows, i, WHAT), what) && ad_db_int(rows, i, NUMBER) > 0)
			items[count++] = ad_db_text(rows, i, NAME);
	return (struct ad_background_names){ items, count };
}

void ad_store_background_came(
	struct ad_arena *arena, const struct ad_store_later *later, struct ad_background *ret)
{
	const struct ad_db_result *rows = later->rows;
	*ret = (struct ad_background){ .had_until = "",
		.before_state = "",
		.before_at = "",
		.looked_at = "",
		.held = names_of(arena, rows, "barred"),
		.again = names_of(arena, rows, "again") };
	for (size_t i = 0; i < ad_db_rows(rows); i++) {
		const char *what = ad_db_text(rows, i, WHAT);
		const char *at = ad_db_text(rows, i, AT);
		if (ad_text_eq(what, "had")) {
			ret->had = ad_db_int(rows, i, NUMBER);
			ret->had_until = at;
		} else if (ad_text_eq(what, "before")) {
			ret->before_state = ad_db_text(rows, i, NAME);
			ret->before_at = at;
		} else {
			ret->barred += ad_text_eq(what, "barred");
			ret->looked_at = at;
		}
	}
}
