/* SPDX-License-Identifier: Apache-2.0 */
/* Named queries: parameters to text, prepare on first use, execute. */
#include "conn.h"
#include "sql.h"

#include "ad/buf.h"
#include "ad/text.h"
#include "ad_queries.h"

#include <inttypes.h>
#include <limits.h>

#define ARRAY_TEXT_MAX ((size_t)16 << 20) /* callers limit what they pass far below */
#define NUMBER_MAX 24                     /* bytes of a 64-bit number as text */

/* Parameters as libpq wants them. */
struct bound {
	const char *values[AD_DB_PARAMS_MAX];
	int lengths[AD_DB_PARAMS_MAX];
	int formats[AD_DB_PARAMS_MAX]; /* 1: binary, for bytes */
	char numbers[AD_DB_PARAMS_MAX][NUMBER_MAX];
};

int ad_db_query_count(void)
{
	return ad_sql_query_count;
}

static const struct ad_sql_query *query_at(int query)
{
	AD_ASSERT(query >= 0 && query < ad_sql_query_count);
	return &ad_sql_queries[query];
}

const char *ad_db_query_name(int query)
{
	return query_at(query)->name;
}

/* {"a","b\"c"}: every element quoted, backslash and quote escaped. */
static void add_element(struct ad_buf *buf, const char *text)
{
	(void)ad_buf_addc(buf, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			(void)ad_buf_addc(buf, '\\');
		(void)ad_buf_addc(buf, *text);
	}
	(void)ad_buf_addc(buf, '"');
}

static const char *array_text(struct ad_arena *arena, const struct ad_db_param *p)
{
	struct ad_buf buf;
	ad_buf_init(&buf, ARRAY_TEXT_MAX);
	(void)ad_buf_addc(&buf, '{');
	for (size_t i = 0; i < p->len; i++) {
		if (i > 0)
			(void)ad_buf_addc(&buf, ',');
		if (p->kind == AD_DB_PARAM_INTS)
			(void)ad_buf_addf(&buf, "%" PRId64, ((const int64_t *)p->data)[i]);
		else
			add_element(&buf, ((const char *const *)p->data)[i]);
	}
	(void)ad_buf_addc(&buf, '}');
	AD_ASSERT(!buf.overflow);
	const char *text = ad_strdup(arena, buf.data);
	ad_buf_release(&buf);
	return text;
}

static void bind_param(
	struct ad_arena *arena, struct bound *bound, size_t i, const struct ad_db_param *p)
{
	switch (p->kind) {
	case AD_DB_PARAM_NULL:
		break;
	case AD_DB_PARAM_TEXT:
		bound->values[i] = p->data;
		break;
	case AD_DB_PARAM_INT:
		(void)snprintf(bound->numbers[i], NUMBER_MAX, "%" PRId64, p->number);
		bound->values[i] = bound->numbers[i];
		break;
	case AD_DB_PARAM_BOOL:
		bound->values[i] = p->number ? "t" : "f";
		break;
	case AD_DB_PARAM_BYTES:
		AD_ASSERT(p->len <= INT_MAX);
		bound->values[i] = p->data ? p->data : "";
		bound->lengths[i] = (int)p->len;
		bound->formats[i] = 1;
		break;
	case AD_DB_PARAM_TEXTS:
	case AD_DB_PARAM_INTS:
		bound->values[i] = array_text(arena, p);
		break;
	}
}

/* Before a statement: a living connection, unless a transaction has chosen one already. */
static int need_connection(struct ad_db *db, struct ad_err *err)
{
	if (db->tx == TX_LOST)
		return AD_FAIL(err, AD_EUNAVAIL, "the connection was lost inside the transaction");
	return db->tx == TX_NONE ? ad_db_ready(db, err) : 0;
}

/* A query, and before it what prepares it for this connection. Returns the new count. */
static size_t add_query(struct ad_db *db, int query, const struct bound *bound, PGresult **ret,
	struct db_step *steps, size_t count)
{
	const struct ad_sql_query *q = query_at(query);
	if (!db->prepared[query])
		steps[count++] = (struct db_step){
			.name = q->name, .text = q->text, .prepared = &db->prepared[query]
		};
	steps[count++] = (struct db_step){ .name = q->name,
		.count = q->params,
		.values = bound->values,
		.lengths = bound->lengths,
		.formats = bound->formats,
		.ret = ret };
	return count;
}

size_t db_add_settle(struct ad_db *db, struct db_step *steps, size_t count)
{
	static const struct bound nothing;
	if (!db->may_settle)
		return count;
	return add_query(db, AD_Q_SCHEMA_SETTLE, &nothing, NULL, steps, count);
}

/* BEGIN. With what follows COMMIT instead, nobody waits for our locks while the disk writes. */
static size_t add_begin(const struct ad_db *db, struct db_step *steps, size_t count)
{
	steps[count++] = (struct db_step){ .text = "begin" };
	if (db->may_settle)
		steps[count++] = (struct db_step){ .text = "set local synchronous_commit = off" };
	return count;
}

int ad_db_exec(struct ad_db *db, struct ad_arena *arena, int query, struct ad_db_params params,
	struct ad_db_result **ret, struct ad_err *err)
{
	const struct ad_sql_query *q = query_at(query);
	AD_ASSERT(params.count == (size_t)q->params && params.count <= AD_DB_PARAMS_MAX);
	int r = need_connection(db, err);
	if (r < 0)
		goto out;

	struct bound bound = { 0 };
	for (size_t i = 0; i < params.count; i++)
		bind_param(arena, &bound, i, &params.list[i]);
	struct db_step steps[2 + 2 * DB_QUERY_STEPS];
	size_t count = 0;
	if (db->tx == TX_WANTED) {
		count = add_begin(db, steps, count);
		db->tx = TX_OPEN;
	}
	PGresult *result = NULL;
	count = add_query(db, query, &bound, &result, steps, count);
	if (db->tx == TX_NONE && !db->unsettled_reads)
		count = db_add_settle(db, steps, count);
	r = db_run(db, steps, count, err);
	if (r == 0) {
		struct ad_db_result *kept = db_result_new(arena, result);
		if (ret)
			*ret = kept;
	}
out:
	if (r < 0)
		ad_err_prefix(err, "%s: ", q->name);
	return r;
}

int ad_db_exec_one(struct ad_db *db, struct ad_arena *arena, int query, struct ad_db_params params,
	struct ad_db_result **ret, struct ad_err *err)
{
	struct ad_db_result *result;
	int r = ad_db_exec(db, arena, query, params, &result, err);
	if (r < 0)
		return r;
	size_t rows = ad_db_rows(result);
	if (rows == 0)
		return AD_FAIL(err, AD_ENOTFOUND, "%s: no such row", ad_db_query_name(query));
	if (rows > 1)
		return AD_FAIL(err, AD_EBUG, "%s: %zu rows", ad_db_query_name(query), rows);
	if (ret)
		*ret = result;
	return 0;
}

int ad_db_query_prepare(struct ad_db *db, int query, struct ad_err *err)
{
	const struct ad_sql_query *q = query_at(query);
	AD_ASSERT(db->tx == TX_NONE);
	int r = need_connection(db, err);
	if (r == 0 && !db->prepared[query])
		r = db_run(db,
			&(struct db_step){ .name = q->name,
				.text = q->text,
				.prepared = &db->prepared[query] },
			1, err);
	if (r < 0)
		ad_err_prefix(err, "%s: ", q->name);
	return r;
}

const char *ad_db_constraint(const struct ad_db *db)
{
	return db->constraint;
}
