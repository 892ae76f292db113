/* SPDX-License-Identifier: Apache-2.0 */
/* The trail: adding and reading rows. The walk along the chain is audit_verify.c. */
#include "ad/store/audit.h"

#include "ad/db.h"
#include "ad/text.h"
#include "ad_queries.h"

#define COLUMNS 9 /* of a row, beside its tenant */

static const char *or_empty(const char *value)
{
	return value ? value : "";
}

/* Rows as columns, the shape that unnest takes. */
struct rows {
	const char *tenant_id;
	const char **columns[COLUMNS];
	size_t count;
};

#define PARAMS (2 + COLUMNS)

static struct ad_db_params params_of(
	const struct rows *rows, bool begun, struct ad_db_param list[PARAMS])
{
	list[0] = AD_DB_TEXT(rows->tenant_id);
	for (size_t c = 0; c < COLUMNS; c++)
		list[1 + c] = AD_DB_TEXTS(rows->columns[c], rows->count);
	list[1 + COLUMNS] = AD_DB_BOOL(begun);
	return (struct ad_db_params){ .list = list, .count = PARAMS };
}

static int add_rows(struct ad_db *db, struct ad_arena *arena, const struct rows *rows,
	int64_t *ret_added, struct ad_err *err)
{
	struct ad_db_param list[PARAMS];
	struct ad_db_result *result;
	int r = ad_db_exec(
		db, arena, AD_Q_AUDIT_APPEND, params_of(rows, false, list), &result, err);
	if (r == 0)
		*ret_added = ad_db_affected(result);
	return r;
}

static void to_rows(
	struct ad_arena *arena, const struct ad_audit *entries, size_t count, struct rows *ret)
{
	*ret = (struct rows){ .tenant_id = entries[0].tenant_id, .count = count };
	for (size_t c = 0; c < COLUMNS; c++)
		ret->columns[c] = ad_alloc_array(arena, count, sizeof *ret->columns[c]);
	for (size_t i = 0; i < count; i++) {
		const struct ad_audit *entry = &entries[i];
		AD_ASSERT(ad_text_eq(entry->tenant_id, ret->tenant_id));
		const char *const row[COLUMNS] = { entry->user_id, or_empty(entry->user_email),
			entry->action, entry->entity_type, entry->entity_id,
			entry->details ? entry->details : "{}", or_empty(entry->ip_address),
			entry->source, or_empty(entry->correlation_id) };
		for (size_t c = 0; c < COLUMNS; c++)
			ret->columns[c][i] = row[c];
	}
}

int ad_store_audit_append(struct ad_db *db, struct ad_arena *arena, const struct ad_audit *entries,
	size_t count, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db) && count > 0);
	struct rows rows;
	int64_t added = 0;
	to_rows(arena, entries, count, &rows);
	int r = add_rows(db, arena, &rows, &added, err);
	if (r != 0 || added > 0)
		return r;
	r = ad_db_exec(
		db, arena, AD_Q_AUDIT_BEGIN, AD_DB_PARAMS(AD_DB_TEXT(rows.tenant_id)), NULL, err);
	if (r == 0)
		r = add_rows(db, arena, &rows, &added, err);
	if (r == 0)
		AD_ASSERT(added == (int64_t)count);
	return r;
}

int ad_store_audit_append_later(struct ad_db *db, struct ad_arena *arena,
	const struct ad_audit *entries, size_t count, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db) && count > 0);
	struct rows rows;
	struct ad_db_param list[PARAMS];
	to_rows(arena, entries, count, &rows);
	return ad_db_exec_later(
		db, arena, AD_Q_AUDIT_APPEND, params_of(&rows, true, list), NULL, err);
}

int ad_store_audit_count(struct ad_db *db, struct ad_arena *arena, const struct ad_audit *key,
	struct ad_audit_count *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec_one(db, arena, AD_Q_AUDIT_COUNT,
		AD_DB_PARAMS(AD_DB_TEXT(key->tenant_id), AD_DB_TEXT(key->entity_type),
			AD_DB_TEXT(key->entity_id)),
		&row, err);
	if (r == 0)
		*ret = (struct ad_audit_count){ ad_db_int(row, 0, 0), ad_db_int(row, 0, 1) };
	return r;
}

static struct ad_audit_row read_row(
	const struct ad_db_result *rows, size_t i, const char *tenant_id)
{
	return (struct ad_audit_row){
		.seq = ad_db_int(rows, i, 0),
		.entry = {
			.tenant_id = tenant_id,
			.user_id = ad_db_text(rows, i, 1),
			.user_email = ad_db_text(rows, i, 2),
			.action = ad_db_text(rows, i, 3),
			.entity_type = ad_db_text(rows, i, 4),
			.entity_id = ad_db_text(rows, i, 5),
			.details = ad_db_text(rows, i, 6),
			.ip_address = ad_db_text(rows, i, 8),
			.source = ad_db_text(rows, i, 9),
			.correlation_id = ad_db_text(rows, i, 10),
		},
		.timestamp = ad_db_text(rows, i, 7),
		.prev_hash = ad_db_bytes(rows, i, 11),
		.hash = ad_db_bytes(rows, i, 12),
		.id = ad_db_int(rows, i, 13),
	};
}

int ad_store_audit_page(struct ad_db *db, struct ad_arena *arena,
	const struct ad_audit_filter *filter, struct ad_audit_rows *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	bool one = filter->request_id != 0;
	struct ad_db_params params =
		AD_DB_PARAMS(AD_DB_TEXT(filter->tenant_id), AD_DB_INT(filter->after_seq),
			AD_DB_INT(filter->last_seq ? filter->last_seq : INT64_MAX),
			AD_DB_TEXT(filter->since), AD_DB_TEXT(filter->until),
			AD_DB_INT(AD_AUDIT_PAGE_MAX), AD_DB_INT(filter->request_id));
	params.count -= one ? 0 : 1;
	int r = ad_db_exec(
		db, arena, one ? AD_Q_AUDIT_OF_REQUEST : AD_Q_AUDIT_PAGE, params, &rows, err);
	if (r < 0)
		return r;
	size_t count = ad_db_rows(rows);
	struct ad_audit_row *items = ad_alloc_array(arena, count, sizeof *items);
	const char *tenant_id = ad_strdup(arena, filter->tenant_id);
	for (size_t i = 0; i < count; i++)
		items[i] = read_row(rows, i, tenant_id);
	*ret = (struct ad_audit_rows){ .items = items, .count = count };
	return 0;
}

int ad_store_audit_end(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	int64_t *ret_seq, struct ad_bytes *ret_hash, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec(
		db, arena, AD_Q_AUDIT_HEAD, AD_DB_PARAMS(AD_DB_TEXT(tenant_id)), &row, err);
	if (r < 0)
		return r;
	bool exists = ad_db_rows(row) > 0;
	*ret_seq = exists ? ad_db_int(row, 0, 0) : 0;
	*ret_hash = exists ? ad_db_bytes(row, 0, 1) : (struct ad_bytes){ 0 };
	return 0;
}

/* ---- what a time means in numbers ---- */

#define SLACK_HOURS 1

struct search {
	const char *tenant_id;
	const char *time;
	int hours; /* added to the time */
};

static int is_before(struct ad_db *db, struct ad_arena *arena, const struct search *search,
	int64_t seq, bool *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int r = ad_db_exec(db, arena, AD_Q_AUDIT_IS_BEFORE,
		AD_DB_PARAMS(AD_DB_TEXT(search->tenant_id), AD_DB_INT(seq),
			AD_DB_TEXT(search->time), AD_DB_INT(search->hours)),
		&row, err);
	if (r == 0)
		*ret = ad_db_rows(row) > 0 && ad_db_bool(row, 0, 0);
	return r;
}

/* The last number in [from, to] whose row is older than the time; from when none is. */
static int last_before(struct ad_db *db, struct ad_arena *arena, const struct search *search,
	int64_t from, int64_t *to, struct ad_err *err)
{
	int64_t high = *to + 1;
	int64_t low = from;
	int r = 0;
	while (r == 0 && high - low > 1) {
		int64_t middle = low + (high - low) / 2;
		bool before = false;
		r = is_before(db, arena, search, middle, &before, err);
		if (before)
			low = middle;
		else
			high = middle;
	}
	if (r == 0)
		*to = low;
	return r;
}

int ad_store_audit_narrow(struct ad_db *db, struct ad_arena *arena, struct ad_audit_filter *filter,
	struct ad_err *err)
{
	int64_t end;
	struct ad_bytes hash;
	int r = ad_store_audit_end(db, arena, filter->tenant_id, &end, &hash, err);
	if (r < 0)
		return r;
	if (filter->last_seq == 0 || filter->last_seq > end)
		filter->last_seq = end;
	int64_t first = filter->last_seq;
	const struct search since = { filter->tenant_id, filter->since, -SLACK_HOURS };
	const struct search until = { filter->tenant_id, filter->until, SLACK_HOURS };
	if (filter->since) {
		r = last_before(db, arena, &since, filter->after_seq, &first, err);
		if (r == 0)
			filter->after_seq = first;
	}
	if (r == 0 && filter->until)
		r = last_before(db, arena, &until, filter->after_seq, &filter->last_seq, err);
	return r;
}

int ad_store_audit_tenants(
	struct ad_db *db, struct ad_arena *arena, struct ad_audit_tenants *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_AUDIT_TENANTS, AD_DB_NO_PARAMS, &rows, err);
	if (r < 0)
		return r;
	size_t count = ad_db_rows(rows);
	const char **ids = ad_alloc_array(arena, count, sizeof *ids);
	for (size_t i = 0; i < count; i++)
		ids[i] = ad_db_text(rows, i, 0);
	*ret = (struct ad_audit_tenants){ .ids = ids, .count = count };
	return 0;
}
