/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue as a file (docs/guides/catalogue.md): rows that say something about an app, what
 * they would change, and the change. A member that a row does not have stays as it is; an app that
 * no row names stays, too. What is read lives in the arena, or in the text that it was read from.
 */
#ifndef AD_DESK_CATALOG_H
#define AD_DESK_CATALOG_H

#include "ad/desk.h"

#define AD_CATALOG_FILE_MAX ((size_t)64 << 20) /* bytes */
#define AD_CATALOG_ROWS_MAX 50000

struct ad_catalog_row {
	int line; /* where it begins, from 1; 0: not of a file */
	const struct ad_json *app;
};
struct ad_catalog_rows {
	struct ad_catalog_row *items;
	size_t count;
};

/* A file in JSON (a list of objects, or one object after the other) or in CSV (a line of names,
 * then the apps; separated by comma, semicolon or tab), told apart by its first character.
 * AD_EINVAL names the line. Pure. */
AD_MUST int ad_catalog_file_read(struct ad_arena *arena, const char *text, size_t len,
	struct ad_catalog_rows *ret, struct ad_err *err);

enum ad_catalog_change { AD_CATALOG_SAME = 0, AD_CATALOG_NEW, AD_CATALOG_CHANGED };
/* "same", "new", "changed" */
const char *ad_catalog_change_name(enum ad_catalog_change change);

struct ad_catalog_step {
	enum ad_catalog_change change;
	const char *winget_id;     /* as it is spelt in the catalogue */
	struct ad_json *members;   /* list: the names of those that change */
	const struct ad_json *old; /* NULL: a new app */
	struct ad_json *app;       /* the whole entry as it will be */
};

/* What the row would change; reads alone. AD_EINVAL: "line 7: seats must be ...". */
AD_MUST int ad_desk_catalog_plan(struct ad_desk *desk, const struct ad_catalog_row *row,
	struct ad_catalog_step *ret, struct ad_err *err);
/* Carries the step out, in a transaction. actor: "cli" or an object id. Audit rows catalog.added
 * with the entry, catalog.changed with what was and what is. */
AD_MUST int ad_desk_catalog_put(struct ad_desk *desk, const char *actor,
	const struct ad_catalog_step *step, struct ad_err *err);

/* ---- export ---- */

/* The entry as a line of CSV, without its end; NULL: the line of names. */
const char *ad_catalog_csv(struct ad_arena *arena, const struct ad_json *app);

#endif
