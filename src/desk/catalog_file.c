/* SPDX-License-Identifier: Apache-2.0 */
/* A catalogue file to rows: JSON or CSV. What the members may be is not looked at here. */
#include "ad/desk/catalog.h"
#include "ad/buf.h"
#include "ad/text.h"
#include "catalog_members.h"

#define BOM "\xEF\xBB\xBF"
#define SEPARATORS ",;\t"
#define LIST_SEPARATOR ";"
#define COLUMNS_MAX 64

struct reader {
	struct ad_arena *arena;
	const char *at;
	const char *end;
	int line;
	char separator; /* CSV */
	struct ad_catalog_rows rows;
	size_t cap;
	struct ad_err *err;
};

static int add_row(struct reader *r, int line, const struct ad_json *app)
{
	if (r->rows.count == AD_CATALOG_ROWS_MAX)
		return AD_FAIL(
			r->err, AD_ETOOBIG, "more than %d apps in one file", AD_CATALOG_ROWS_MAX);
	if (r->rows.count == r->cap) {
		r->cap = r->cap == 0 ? 64 : 2 * r->cap;
		struct ad_catalog_row *more =
			ad_alloc_array(r->arena, r->cap, sizeof *r->rows.items);
		if (r->rows.count > 0)
			memcpy(more, r->rows.items, r->rows.count * sizeof *more);
		r->rows.items = more;
	}
	r->rows.items[r->rows.count++] = (struct ad_catalog_row){ .line = line, .app = app };
	return 0;
}

/* ---- JSON ---- */

/* Behind the object that begins here; NULL: it does not end. Counts lines. */
static const char *behind_object(struct reader *r)
{
	int depth = 0;
	bool in_text = false;
	for (const char *p = r->at; p < r->end; p++) {
		r->line += *p == '\n';
		if (in_text) {
			p += *p == '\\' && p + 1 < r->end;
			in_text = *p != '"';
			continue;
		}
		in_text = *p == '"';
		depth += (*p == '{') - (*p == '}');
		if (depth == 0)
			return p + 1;
	}
	return NULL;
}

static int read_object(struct reader *r)
{
	struct ad_json *app;
	const int line = r->line;
	const char *begin = r->at;
	const char *behind = behind_object(r);
	if (!behind)
		return AD_FAIL(
			r->err, AD_EINVAL, "line %d: the object that begins here has no end", line);
	int e = ad_json_parse(r->arena, begin, (size_t)(behind - begin), &app, r->err);
	if (e != 0)
		return AD_FAIL(r->err, AD_EINVAL, "line %d: no JSON: %s", line,
			ad_strdup(r->arena, r->err->text));
	r->at = behind;
	return add_row(r, line, app);
}

/* One object after the other: a list's brackets and commas are passed over. */
static int read_json(struct reader *r)
{
	while (r->at < r->end) {
		if (*r->at == '{') {
			int e = read_object(r);
			if (e != 0)
				return e;
			continue;
		}
		if (!strchr(" \t\r\n[],", *r->at))
			return AD_FAIL(r->err, AD_EINVAL,
				"line %d: a list of objects is expected, one for each app",
				r->line);
		r->line += *r->at == '\n';
		r->at++;
	}
	return 0;
}

/* ---- CSV ---- */

static int read_quoted(struct reader *r, struct ad_buf *cell)
{
	const int line = r->line;
	for (r->at++; r->at < r->end; r->at++) {
		bool doubled = *r->at == '"' && r->at + 1 < r->end && r->at[1] == '"';
		if (*r->at == '"' && !doubled) {
			r->at++;
			return 0;
		}
		r->at += doubled;
		r->line += *r->at == '\n';
		(void)ad_buf_addc(cell, *r->at);
	}
	return AD_FAIL(r->err, AD_EINVAL, "line %d: a quotation mark is not closed", line);
}

/* One cell; *ret_last: the line ends with it. */
static int read_cell(struct reader *r, const char **ret, bool *ret_last)
{
	struct ad_buf cell;
	ad_buf_init(&cell, AD_CATALOG_FILE_MAX);
	int e = r->at < r->end && *r->at == '"' ? read_quoted(r, &cell) : 0;
	while (e == 0 && r->at < r->end && *r->at != r->separator && *r->at != '\n')
		(void)ad_buf_addc(&cell, *r->at++);
	*ret_last = r->at == r->end || *r->at == '\n';
	r->line += r->at < r->end && *r->at == '\n';
	r->at += r->at < r->end;
	const char *text = ad_buf_str(&cell);
	*ret = ad_text_trim(r->arena, text);
	ad_buf_release(&cell);
	return e;
}

static struct ad_json *list_of(struct ad_arena *arena, const char *text)
{
	struct ad_json *list = ad_json_new_array(arena);
	char *rest = ad_strdup(arena, text);
	for (char *part; (part = strsep(&rest, LIST_SEPARATOR));) {
		const char *trimmed = ad_text_trim(arena, part);
		if (*trimmed)
			ad_json_append(arena, list, ad_json_new_string(arena, trimmed));
	}
	return list;
}

/* What the cell says, in the member's type where it has its form: else the text, which the check
 * will refuse. An empty cell is the usual value. */
static struct ad_json *value_of(
	struct ad_arena *arena, const struct ad_catalog_member *member, const char *text)
{
	int64_t number;
	struct ad_json *questions;
	if (!*text)
		return ad_catalog_usual(arena, member);
	switch (member->kind) {
	case AD_CATALOG_NUMBER:
		if (ad_text_i64(text, INT32_MIN, INT32_MAX, &number) == 0)
			return ad_json_new_int(arena, number);
		break;
	case AD_CATALOG_TEXTS:
	case AD_CATALOG_ALIASES:
	case AD_CATALOG_IDS:
		return list_of(arena, text);
	case AD_CATALOG_QUESTIONS:
		if (ad_json_parse(arena, text, strlen(text), &questions, NULL) == 0)
			return questions;
		break;
	case AD_CATALOG_TEXT:
	case AD_CATALOG_WORD:
	case AD_CATALOG_ID:
	default:
		break;
	}
	return ad_json_new_string(arena, text);
}

struct columns {
	const struct ad_catalog_member *members[COLUMNS_MAX];
	size_t count;
};

static int read_names(struct reader *r, struct columns *ret)
{
	bool last = false;
	while (!last) {
		const char *name;
		int e = read_cell(r, &name, &last);
		if (e != 0)
			return e;
		const struct ad_catalog_member *member =
			ad_catalog_member(ad_text_lower(r->arena, name));
		if (!member || ret->count == COLUMNS_MAX)
			return AD_FAIL(r->err, AD_EINVAL,
				"line 1: column %zu is called '%.64s'; there are %s",
				ret->count + 1, name, ad_catalog_csv(r->arena, NULL));
		for (size_t i = 0; i < ret->count; i++)
			if (ret->members[i] == member)
				return AD_FAIL(r->err, AD_EINVAL,
					"line 1: the column %s is there twice", member->name);
		ret->members[ret->count++] = member;
	}
	return 0;
}

static int read_line(struct reader *r, const struct columns *columns)
{
	const int line = r->line;
	struct ad_json *app = ad_json_new_object(r->arena);
	bool last = false;
	bool blank = true;
	size_t count = 0;
	for (; !last; count++) {
		const char *text;
		int e = read_cell(r, &text, &last);
		if (e != 0)
			return e;
		blank = blank && !*text;
		if (count < columns->count)
			ad_json_set(r->arena, app, columns->members[count]->name,
				value_of(r->arena, columns->members[count], text));
	}
	if (blank)
		return 0;
	if (count != columns->count)
		return AD_FAIL(r->err, AD_EINVAL,
			"line %d: has %zu columns where line 1 names %zu; a text with a '%c' in it "
			"needs quotation marks",
			line, count, columns->count, r->separator);
	return add_row(r, line, app);
}

/* Whichever of them comes first in the line of names. */
static char separator_of(const struct reader *r)
{
	const char *p = r->at;
	while (p < r->end && *p != '\n' && !strchr(SEPARATORS, *p))
		p++;
	return p < r->end && *p != '\n' ? *p : ',';
}

static int read_csv(struct reader *r)
{
	struct columns columns = { .count = 0 };
	r->separator = separator_of(r);
	int e = read_names(r, &columns);
	while (e == 0 && r->at < r->end)
		e = read_line(r, &columns);
	return e;
}

int ad_catalog_file_read(struct ad_arena *arena, const char *text, size_t len,
	struct ad_catalog_rows *ret, struct ad_err *err)
{
	struct reader r = { .arena = arena, .at = text, .end = text + len, .line = 1, .err = err };
	if (!ad_utf8_valid(text, len) || memchr(text, '\0', len))
		return AD_FAIL(err, AD_EINVAL, "the file is not UTF-8; save it as CSV UTF-8");
	if (len >= strlen(BOM) && memcmp(text, BOM, strlen(BOM)) == 0)
		r.at += strlen(BOM);
	const char *first = r.at;
	while (first < r.end && strchr(" \t\r\n", *first))
		first++;
	int e = first < r.end && strchr("[{", *first) ? read_json(&r) : read_csv(&r);
	*ret = r.rows;
	return e;
}
