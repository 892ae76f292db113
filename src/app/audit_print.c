/* SPDX-License-Identifier: Apache-2.0 */
/* A row of the trail as a line of CSV or JSON. */
#include "audit_print.h"
#include "ad/json.h"
#include "ad/text.h"

enum kind { TEXT, NUMBER, JSON };

/* In this order in both formats: the nine that other tools know, then ours. */
static const struct column {
	const char *name;
	enum kind kind;
} columns[] = {
	{ "Id", NUMBER },
	{ "UserId", TEXT },
	{ "UserEmail", TEXT },
	{ "Action", TEXT },
	{ "EntityType", TEXT },
	{ "EntityId", TEXT },
	{ "Details", JSON },
	{ "Timestamp", TEXT },
	{ "IpAddress", TEXT },
	{ "TenantId", TEXT },
	{ "Seq", NUMBER },
	{ "Source", TEXT },
	{ "CorrelationId", TEXT },
	{ "Policy", TEXT },
	{ "PolicyVersion", NUMBER },
	{ "PrevHash", TEXT },
	{ "Hash", TEXT },
};
#define COLUMNS (sizeof columns / sizeof columns[0])

static const char *number(struct ad_arena *arena, int64_t value)
{
	return ad_printf(arena, "%lld", (long long)value);
}

static const char *hex(struct ad_arena *arena, struct ad_bytes bytes)
{
	return ad_hex(arena, bytes.data, bytes.len);
}

/* The cells; NULL where there is nothing: a row that no policy stands behind. */
static void read_cells(
	struct ad_arena *arena, const struct ad_audit_row *row, const char *cells[COLUMNS])
{
	const struct ad_audit *e = &row->entry;
	struct ad_json *details = NULL;
	if (ad_json_parse(arena, e->details, strlen(e->details), &details, NULL) != 0)
		details = NULL;
	int64_t version = ad_json_int(details, "policy_version", 0);
	const char *const values[COLUMNS] = { number(arena, row->id), e->user_id, e->user_email,
		e->action, e->entity_type, e->entity_id, e->details, row->timestamp, e->ip_address,
		e->tenant_id, number(arena, row->seq), e->source, e->correlation_id,
		ad_json_str(details, "policy"), version > 0 ? number(arena, version) : NULL,
		hex(arena, row->prev_hash), hex(arena, row->hash) };
	memcpy(cells, values, sizeof values);
}

/* ---- CSV ---- */

/* What spreadsheets begin a formula with, also in its wide forms and behind spaces. */
static bool is_formula(const char *text)
{
	static const char *const starts[] = { "=", "+", "-", "@", "\t", "\r", "\n", "\xef\xbc\x9d",
		"\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0" };
	text += strspn(text, " ");
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		if (ad_text_starts(text, starts[i]))
			return true;
	}
	return false;
}

static void add_text_cell(struct ad_buf *out, const char *text)
{
	(void)ad_buf_addc(out, '"');
	if (is_formula(text))
		(void)ad_buf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '"')
			(void)ad_buf_addc(out, '"');
		(void)ad_buf_addc(out, *text);
	}
	(void)ad_buf_addc(out, '"');
}

static void print_csv(struct ad_buf *out, const char *const cells[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		if (i > 0)
			(void)ad_buf_addc(out, ',');
		if (!cells[i])
			continue;
		if (columns[i].kind == NUMBER)
			(void)ad_buf_adds(out, cells[i]);
		else
			add_text_cell(out, cells[i]);
	}
	(void)ad_buf_adds(out, "\r\n");
}

void ad_audit_print_head(struct ad_buf *out, enum ad_audit_format format)
{
	if (format != AD_AUDIT_CSV)
		return;
	for (size_t i = 0; i < COLUMNS; i++)
		(void)ad_buf_addf(out, "%s%s", i > 0 ? "," : "", columns[i].name);
	(void)ad_buf_adds(out, "\r\n");
}

/* ---- JSON lines ---- */

static void print_json(struct ad_buf *out, struct ad_arena *arena, const char *const cells[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		const char *value = cells[i];
		if (!value)
			value = "null";
		else if (columns[i].kind == TEXT)
			value = ad_json_print(arena, ad_json_new_string(arena, value));
		(void)ad_buf_addf(out, "%s\"%s\":", i > 0 ? "," : "{", columns[i].name);
		(void)ad_buf_adds(out, value);
	}
	(void)ad_buf_adds(out, "}\n");
}

void ad_audit_print_row(struct ad_buf *out, struct ad_arena *arena, const struct ad_audit_row *row,
	enum ad_audit_format format)
{
	const char *cells[COLUMNS];
	read_cells(arena, row, cells);
	if (format == AD_AUDIT_CSV)
		print_csv(out, cells);
	else
		print_json(out, arena, cells);
}
