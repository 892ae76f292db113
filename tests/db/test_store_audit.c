/* SPDX-License-Identifier: Apache-2.0 */
/* The trail: nobody changes it unseen, not even the superuser. */
#include "harness.h"

#include "ad/crypto.h"
#include "ad/store/audit.h"
#include "ad/text.h"

#include <pthread.h>

#define TRIES_PER_WRITER 20
#define WRITERS 4

static struct ad_audit entry(const char *entity_id)
{
	return (struct ad_audit){ .tenant_id = "t",
		.user_id = "o",
		.user_email = "ana@example.com",
		.action = "request.created",
		.entity_type = "request",
		.entity_id = entity_id,
		.details = "{\"b\": [1.50, \"\\u00e4\\\"\"],   \"a\": null}",
		.source = "teams",
		.correlation_id = "c",
		.ip_address = "203.0.113.9" };
}

static int append_one(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_audit row = entry(ctx);
	int r = ad_store_audit_append(db, arena, &row, 1, err);
	ad_arena_free(arena);
	return r;
}

static char first_entity[] = "1";

static void append(struct db_test *t, int count)
{
	struct ad_err err = { 0 };
	for (int i = 0; i < count; i++)
		assert_ok(ad_db_transaction(t->db, append_one, first_entity, &err), err);
}

static struct ad_audit_verdict verify(struct db_test *t)
{
	struct ad_err err = { 0 };
	struct ad_audit_verdict verdict = { 0 };
	assert_ok(ad_store_audit_verify(t->db, t->arena, "t", NULL, NULL, &verdict, &err), err);
	return verdict;
}

/* As the superuser, past the trigger. */
static void tamper(struct db_test *t, const char *sql)
{
	db_test_sql(t, "set session_replication_role = replica");
	db_test_sql(t, "%s", sql);
	db_test_sql(t, "set session_replication_role = origin");
}

static void a_chain_is_intact_as_it_was_written(void **state)
{
	struct db_test *t = *state;
	assert_true(verify(t).intact);
	append(t, 5);
	struct ad_audit_verdict verdict = verify(t);
	assert_true(verdict.intact);
	assert_int_equal(verdict.rows, 5);
	assert_string_equal(ad_hex(t->arena, verdict.end.data, verdict.end.len),
		db_test_text(t, "select encode(hash, 'hex') from audit_logs where seq = 5"));
	assert_int_equal(db_test_int(t, "select count(*) from audit_logs where seq = 1 and "
					"prev_hash = decode(repeat('00', 32), 'hex')"),
		1);
}

/* The format is a promise to whoever verifies with a program of their own. */
static void a_rows_hash_is_made_as_the_header_says(void **state)
{
	struct db_test *t = *state;
	append(t, 1);
	const char *at = db_test_text(t, "select to_char(timestamp at time zone 'UTC', "
					 "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from audit_logs");
	const char *const parts[] = { "appdesk-audit-1", "t", "1", "o", "ana@example.com",
		"request.created", "request", "1", "{\"a\": null, \"b\": [1.50, \"ä\\\"\"]}", at,
		"203.0.113.9", "teams", "c" };
	struct ad_sha256 *sha = ad_sha256_new();
	uint8_t hash[AD_SHA256_LEN] = { 0 };
	ad_sha256_update(sha, hash, sizeof hash);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		const uint8_t length[4] = { 0, 0, 0, (uint8_t)strlen(parts[i]) };
		ad_sha256_update(sha, length, sizeof length);
		ad_sha256_update(sha, parts[i], strlen(parts[i]));
	}
	ad_sha256_final(sha, hash);
	ad_sha256_free(sha);
	assert_string_equal(ad_hex(t->arena, hash, sizeof hash),
		db_test_text(t, "select encode(hash, 'hex') from audit_logs"));
}

static void any_changed_column_is_found_at_its_row(void **state)
{
	struct db_test *t = *state;
	static const char *const changes[] = {
		"user_id = 'x'",
		"user_email = 'x'",
		"action = 'x'",
		"entity_type = 'x'",
		"entity_id = '2'",
		"details = '{}'",
		"timestamp = timestamp + interval '1 us'",
		"ip_address = ''",
		"source = 'cli'",
		"correlation_id = ''",
		"correlation_id = 'teamsc', source = ''",
		"hash = prev_hash",
		"prev_hash = hash",
	};
	append(t, 6);
	tamper(t, "create temp table kept as select * from audit_logs");
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		tamper(t,
			ad_printf(t->arena, "update audit_logs set %s where seq = 3", changes[i]));
		struct ad_audit_verdict verdict = verify(t);
		if (verdict.intact || verdict.broken_seq != 3)
			fail_msg("%s is not found", changes[i]);
		assert_int_equal(verdict.rows, 2);
		tamper(t, "delete from audit_logs");
		tamper(t, "insert into audit_logs overriding system value select * from kept");
		assert_true(verify(t).intact);
	}
	tamper(t, "drop table kept");
}

static void a_row_that_is_missing_or_added_is_found(void **state)
{
	struct db_test *t = *state;
	static const struct {
		const char *change;
		int broken_seq;
	} cases[] = {
		{ "delete from audit_logs where seq = 2", 2 },
		{ "delete from audit_logs where seq = 6", 6 },
		{ "delete from audit_logs", 1 },
		{ "update audit_logs set seq = 0 where seq = 1", 0 },
		{ "update audit_heads set seq = 5", 6 },
		{ "update audit_heads set hash = prev_hash", 6 },
		{ "delete from audit_heads", 1 },
	};
	append(t, 6);
	tamper(t, "create temp table kept as select * from audit_logs");
	tamper(t, "create temp table kept_heads as select * from audit_heads");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		tamper(t, cases[i].change);
		struct ad_audit_verdict verdict = verify(t);
		if (verdict.intact || verdict.broken_seq != cases[i].broken_seq)
			fail_msg("%s: %d, %s", cases[i].change, (int)verdict.broken_seq,
				verdict.reason);
		tamper(t, "delete from audit_logs; delete from audit_heads");
		tamper(t, "insert into audit_logs overriding system value select * from kept");
		tamper(t, "insert into audit_heads select * from kept_heads");
	}
	tamper(t, "drop table kept, kept_heads");
}

struct writer {
	struct db_test *t;
	int failed;
};

static void *write_rows(void *arg)
{
	struct writer *w = arg;
	struct ad_db *db = db_test_open(w->t);
	for (int i = 0; i < TRIES_PER_WRITER; i++)
		if (ad_db_transaction(db, append_one, first_entity, NULL) < 0)
			w->failed++;
	ad_db_close(db);
	return NULL;
}

static void writers_at_once_leave_no_gap_and_no_fork(void **state)
{
	struct db_test *t = *state;
	struct writer writers[WRITERS];
	pthread_t threads[WRITERS];
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .t = t };
		assert_int_equal(pthread_create(&threads[i], NULL, write_rows, &writers[i]), 0);
	}
	int failed = 0;
	for (int i = 0; i < WRITERS; i++) {
		(void)pthread_join(threads[i], NULL);
		failed += writers[i].failed;
	}
	assert_int_equal(failed, 0);
	struct ad_audit_verdict verdict = verify(t);
	assert_true(verdict.intact);
	assert_int_equal(verdict.rows, WRITERS * TRIES_PER_WRITER);
}

static void a_rolled_back_row_leaves_no_gap(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	append(t, 1);
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(append_one(t->db, first_entity, &err), err);
	assert_ok(append_one(t->db, first_entity, &err), err);
	ad_db_rollback(t->db);
	append(t, 1);
	struct ad_audit_verdict verdict = verify(t);
	assert_true(verdict.intact);
	assert_int_equal(verdict.rows, 2);
}

static void rows_that_are_added_together_stand_in_their_order(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	for (int i = 0; i < 2; i++) {
		const struct ad_audit rows[] = { entry("1"), entry("2"), entry("3") };
		assert_ok(ad_db_begin(t->db, &err), err);
		assert_ok(ad_store_audit_append(t->db, t->arena, rows, 3, &err), err);
		assert_ok(ad_db_commit(t->db, &err), err);
	}
	assert_string_equal(
		db_test_text(t, "select string_agg(entity_id, ' ' order by seq) from audit_logs"),
		"1 2 3 1 2 3");
	struct ad_audit_verdict verdict = verify(t);
	assert_true(verdict.intact);
	assert_int_equal(verdict.rows, 6);
}

static void each_tenant_has_its_own_chain(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	append(t, 2);
	struct ad_audit other = entry("1");
	other.tenant_id = "u";
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_audit_append(t->db, t->arena, &other, 1, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	struct ad_audit_tenants tenants;
	assert_ok(ad_store_audit_tenants(t->db, t->arena, &tenants, &err), err);
	assert_int_equal(tenants.count, 2);
	assert_string_equal(tenants.ids[0], "t");
	assert_string_equal(tenants.ids[1], "u");
	assert_int_equal(verify(t).rows, 2);
}

static void note_progress(void *ctx, int64_t rows, int64_t of)
{
	assert_true(rows <= of);
	++*(int *)ctx;
}

static void a_long_chain_is_read_in_pages(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	const int count = AD_AUDIT_PAGE_MAX + 5;
	assert_ok(ad_db_begin(t->db, &err), err);
	for (int i = 0; i < count; i++)
		assert_ok(append_one(t->db, first_entity, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);

	int pages = 0;
	const struct ad_audit_progress progress = { .fn = note_progress, .ctx = &pages };
	struct ad_audit_verdict verdict = { 0 };
	assert_ok(
		ad_store_audit_verify(t->db, t->arena, "t", NULL, &progress, &verdict, &err), err);
	assert_true(verdict.intact);
	assert_int_equal(verdict.rows, count);
	assert_int_equal(pages, 2);

	struct ad_audit_filter filter = { .tenant_id = "t" };
	struct ad_audit_rows rows;
	assert_ok(ad_store_audit_page(t->db, t->arena, &filter, &rows, &err), err);
	assert_int_equal(rows.count, AD_AUDIT_PAGE_MAX);
	filter.after_seq = rows.items[rows.count - 1].seq;
	assert_ok(ad_store_audit_page(t->db, t->arena, &filter, &rows, &err), err);
	assert_int_equal(rows.count, 5);
	assert_string_equal(rows.items[4].entry.action, "request.created");
	assert_string_equal(rows.items[4].entry.details, "{\"a\": null, \"b\": [1.50, \"ä\\\"\"]}");
}

static void an_export_is_limited_by_time(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	append(t, 3);
	const char *second = db_test_text(t, "select timestamp from audit_logs where seq = 2");
	struct ad_audit_filter filter = { .tenant_id = "t", .since = second };
	struct ad_audit_rows rows;
	assert_ok(ad_store_audit_page(t->db, t->arena, &filter, &rows, &err), err);
	assert_int_equal(rows.count, 2);
	filter = (struct ad_audit_filter){ .tenant_id = "t", .until = second };
	assert_ok(ad_store_audit_page(t->db, t->arena, &filter, &rows, &err), err);
	assert_int_equal(rows.count, 1);
	assert_int_equal(rows.items[0].seq, 1);
}

static int append_later(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct db_test *t = ctx;
	struct ad_audit rows[] = { entry("1"), entry("2") };
	return ad_store_audit_append_later(db, t->arena, rows, 2, err);
}

/* Who leaves rows to COMMIT does not see whether they were added: where no chain has begun, nothing
 * is committed without them. */
static void rows_beside_commit_are_added_or_nothing_is(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_int_equal(ad_db_transaction(t->db, append_later, t, &err), AD_EBUG);
	assert_non_null(strstr(err.text, "23502")); /* no number */
	assert_int_equal(db_test_int(t, "select count(*) from audit_logs"), 0);
	append(t, 1);
	assert_ok(ad_db_transaction(t->db, append_later, t, &err), err);
	assert_true(verify(t).intact);
	assert_int_equal(verify(t).rows, 3);
	assert_string_equal(
		db_test_text(t, "select string_agg(entity_id, '' order by seq) from audit_logs"),
		"112");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(a_chain_is_intact_as_it_was_written),
		db_test(a_rows_hash_is_made_as_the_header_says),
		db_test(any_changed_column_is_found_at_its_row),
		db_test(a_row_that_is_missing_or_added_is_found),
		db_test(writers_at_once_leave_no_gap_and_no_fork),
		db_test(a_rolled_back_row_leaves_no_gap),
		db_test(rows_that_are_added_together_stand_in_their_order),
		db_test(each_tenant_has_its_own_chain),
		db_test(a_long_chain_is_read_in_pages),
		db_test(an_export_is_limited_by_time),
		db_test(rows_beside_commit_are_added_or_nothing_is),
	};
	return db_test_run(tests);
}
