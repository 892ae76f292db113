/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the trail for other programs: CSV (RFC 4180) and JSON lines, with the same columns.
 * Private to app. */
#ifndef AD_APP_AUDIT_PRINT_H
#define AD_APP_AUDIT_PRINT_H

#include "ad/buf.h"
#include "ad/store/audit.h"

enum ad_audit_format { AD_AUDIT_CSV = 0, AD_AUDIT_JSON_LINES };

/* What stands before the first row: the names of the columns in CSV, nothing in JSON lines. */
void ad_audit_print_head(struct ad_buf *out, enum ad_audit_format format);

/*
 * One row and the end of its line. JSON carries every value as it is stored, Details as PostgreSQL
 * prints it, so that a row's hash can be made from the line alone. A cell of CSV that a spreadsheet
 * would take for a formula gets a ' in front.
 */
void ad_audit_print_row(struct ad_buf *out, struct ad_arena *arena, const struct ad_audit_row *row,
	enum ad_audit_format format);

#endif
