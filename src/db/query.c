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

/* The same statement may leave twice in one message. */
static bool is_preparing(const struct db_step *steps, size_t count, const bool *prepared)
{
	for (size_t i = 0; i < count; i++)
		if (steps[i].prepared == prepared)
			return true;
	return false;
}

/* A query, and before it what prepares it for this connection. Returns the new count. */
static size_t add_query(struct ad_db *db, int query, const struct bound *bound, PGresult **ret,
	struct db_step *steps, size_t count)
{
	const struct ad_sql_query *q = query_at(query);
	if (!db->prepared[query] && !is_preparing(steps, count, &db->prepared[query]))
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

size_t db_add_waiting(struct ad_db *db, struct db_step *steps, size_t count)
{
	if (db->tx == TX_WANTED) {
		count = add_begin(db, steps, count);
		db->tx = TX_OPEN;
	}
	for (size_t i = 0; i < db->later_count; i++) {
		struct db_later *later = &db->later[i];
		count = add_query(db, later->query, later->bound, &later->result, steps, count);
	}
	return count;
}

int db_took_waiting(struct ad_db *db, int r, struct ad_err *err)
{
	size_t count = r == 0 ? db->later_count : 0;
	db->later_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct db_later *later = &db->later[i];
		struct ad_db_result *kept = db_result_new(later->arena, later->result);
		if (later->ret)
			*later->ret = kept;
		if (r == 0 && later->conflict && ad_db_affected(kept) != 1)
			r = AD_FAIL(err, AD_ECONFLICT, "%s", later->conflict);
	}
	return r;
}

const char *db_failed_step(const struct ad_db *db, const struct db_step *steps, size_t count)
{
	bool named = db->steps_done < count && steps[db->steps_done].name;
	return named ? steps[db->steps_done].name : "";
}

static void bind_params(
	struct ad_arena *arena, struct bound *bound, int query, struct ad_db_params params)
{
	const struct ad_sql_query *q = query_at(query);
	AD_ASSERT(params.count == (size_t)q->params && params.count <= AD_DB_PARAMS_MAX);
	for (size_t i = 0; i < params.count; i++)
		bind_param(arena, bound, i, &params.list[i]);
}

/* The error says which statement it is about. */
static int run_named(
	struct ad_db *db, const struct db_step *steps, size_t count, struct ad_err *err)
{
	int r = db_run(db, steps, count, err);
	const char *name = db_failed_step(db, steps, count);
	if (r < 0 && *name)
		ad_err_prefix(err, "%s: ", name);
	return r;
}

int ad_db_exec(struct ad_db *db, struct ad_arena *arena, int query, struct ad_db_params params,
	struct ad_db_result **ret, struct ad_err *err)
{
	struct bound bound = { 0 };
	bind_params(arena, &bound, query, params);
	int r = need_connection(db, err);
	if (r < 0) {
		ad_err_prefix(err, "%s: ", query_at(query)->name);
		return db_took_waiting(db, r, err);
	}
	struct db_step steps[DB_WAITING_STEPS + 2 * DB_QUERY_STEPS];
	PGresult *result = NULL;
	size_t count = db_add_waiting(db, steps, 0);
	count = add_query(db, query, &bound, &result, steps, count);
	if (db->tx == TX_NONE && !db->unsettled_reads)
		count = db_add_settle(db, steps, count);
	r = run_named(db, steps, count, err);
	struct ad_db_result *kept = r == 0 ? db_result_new(arena, result) : NULL;
	r = db_took_waiting(db, r, err);
	if (r == 0 && ret)
		*ret = kept;
	return r;
}

int ad_db_flush(struct ad_db *db, struct ad_err *err)
{
	if (db->later_count == 0)
		return 0;
	int r = need_connection(db, err);
	if (r < 0)
		return db_took_waiting(db, r, err);
	struct db_step steps[DB_WAITING_STEPS + DB_QUERY_STEPS];
	size_t count = db_add_waiting(db, steps, 0);
	if (db->tx == TX_NONE && !db->unsettled_reads)
		count = db_add_settle(db, steps, count);
	return db_took_waiting(db, run_named(db, steps, count, err), err);
}

/* The caller's values may be gone when the statement leaves. */
static void own_values(struct ad_arena *arena, struct bound *bound, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *value = bound->values[i];
		bool is_number = value == bound->numbers[i];
		if (!value || is_number)
			continue;
		bound->values[i] = bound->formats[i] == 1
					   ? ad_memdup(arena, value, (size_t)bound->lengths[i])
					   : ad_strdup(arena, value);
	}
}

static int exec_later(
	struct ad_db *db, struct db_later what, struct ad_db_params params, struct ad_err *err)
{
	int r = db->later_count == LATER_MAX ? ad_db_flush(db, err) : need_connection(db, err);
	if (r < 0)
		return db_took_waiting(db, r, err); /* what waits is not to outlive its caller */
	struct bound *bound = ad_alloc(what.arena, sizeof *bound);
	*bound = (struct bound){ 0 };
	bind_params(what.arena, bound, what.query, params);
	own_values(what.arena, bound, params.count);
	if (what.ret)
		*what.ret = NULL;
	what.bound = bound;
	db->later[db->later_count++] = what;
	return 0;
}

int ad_db_exec_later(struct ad_db *db, struct ad_arena *arena, int query,
	struct ad_db_params params, struct ad_db_result **ret, struct ad_err *err)
{
	if (db->tx == TX_NONE && !ret)
		return ad_db_exec(db, arena, query, params, NULL, err);
	return exec_later(
		db, (struct db_later){ .query = query, .arena = arena, .ret = ret }, params, err);
}

int ad_db_change_later(struct ad_db *db, struct ad_arena *arena, int query,
	struct ad_db_params params, const char *conflict, struct ad_err *err)
{
	AD_ASSERT(db->tx != TX_NONE);
	return exec_later(db,
		(struct db_later){ .query = query, .arena = arena, .conflict = conflict }, params,
		err);
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
