/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that nobody waits for: in which order they leave, and who is told how they ended. */
#include "setting_k.h"

/* More than leave in one message, and of a statement that is not prepared yet. */
static void what_waits_leaves_before_the_next_statement_in_its_order(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_db_result *rows = NULL;
	const char *value;
	char number[12];
	assert_ok(ad_db_begin(t->db, &err), err);
	for (int i = 0; i < 40; i++) {
		(void)snprintf(number, sizeof number, "%d", i); /* is copied */
		assert_ok(put_later(t->db, t, "k", number, &err), err);
	}
	assert_ok(get_later(t->db, t, &rows, &err), err);
	assert_null(rows);
	assert_ok(put_later(t->db, t, "k", "last", &err), err);
	assert_ok(ad_store_setting_get(t->db, t->arena, "t", "k", &value, &err), err);
	assert_string_equal(value, "last");
	assert_string_equal(ad_db_text(rows, 0, 0), "39");
	ad_db_rollback(t->db);
	assert_string_equal(stored(t, "k"), "");
}

static void what_waits_is_committed_and_what_is_rolled_back_never_leaves(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put_later(t->db, t, "k", "kept", &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	assert_string_equal(stored(t, "k"), "kept");
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put_later(t->db, t, "k", "lost", &err), err);
	ad_db_rollback(t->db);
	assert_ok(put(t->db, t, "other", "v", &err), err);
	assert_string_equal(stored(t, "k"), "kept");
}

/* It is known not to be committed, so it is not "ambiguous". */
static void what_fails_beside_commit_is_rolled_back_and_says_so(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(put(t->db, t, "k", "v", &err), err);
	assert_ok(put_later(t->db, t, "k2", "v", &err), err);
	assert_ok(put_later(t->db, t, "other", NULL, &err), err); /* not null */
	assert_int_equal(ad_db_commit(t->db, &err), AD_EBUG);
	assert_non_null(strstr(err.text, "settings_set: "));
	assert_non_null(strstr(err.text, "23502"));
	assert_false(ad_db_in_transaction(t->db));
	assert_int_equal(db_test_int(t, "select count(*) from portal_settings"), 0);
	assert_ok(put(t->db, t, "k", "next", &err), err);
	assert_string_equal(stored(t, "k"), "next");
}

static void a_change_of_another_number_of_rows_is_a_conflict_before_commit(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	const char *value;
	for (int with_commit = 0; with_commit <= 1; with_commit++) {
		assert_ok(ad_db_begin(t->db, &err), err);
		assert_ok(put(t->db, t, "k", "v", &err), err);
		assert_ok(ad_db_change_later(t->db, t->arena, AD_Q_CONVS_MARK,
				  AD_DB_PARAMS(AD_DB_TEXT("t"), AD_DB_TEXT("nobody"),
					  AD_DB_TEXT("app"), AD_DB_TEXT("stale"), AD_DB_TEXT("")),
				  "it is gone", &err),
			err);
		assert_int_equal(
			with_commit ? ad_db_commit(t->db, &err)
				    : ad_store_setting_get(t->db, t->arena, "t", "k", &value, &err),
			AD_ECONFLICT);
		assert_int_equal(err.class, AD_CLASS_CALLER);
		assert_string_equal(err.text, "it is gone");
		ad_db_rollback(t->db);
		assert_string_equal(stored(t, "k"), "");
	}
}

static void what_waits_is_forgotten_when_the_next_statement_has_no_connection(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_db_url *url = NULL;
	struct ad_db_result *rows, *others;
	assert_ok(ad_db_url_new(t->url, &url, &err), err);
	struct ad_db *db =
		ad_db_open_shared(url, &(struct ad_db_options){ .application_name = "later" });
	assert_ok(get_later(db, t, &rows, &err), err);
	assert_ok(ad_db_url_set(url, "host=/nonexistent", &err), err);
	terminate(t, "later");
	assert_int_equal(get_later(db, t, &others, &err), AD_EUNAVAIL);
	assert_ok(ad_db_url_set(url, t->url, &err), err);
	while (ad_db_ready(db, &err) < 0)
		(void)!ad_db_wait_notify(db, PATIENCE_MS, NULL);
	assert_ok(ad_db_ping(db, &err), err);
	assert_null(rows);
	ad_db_close(db);
	ad_db_url_free(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(what_waits_leaves_before_the_next_statement_in_its_order),
		db_test(what_waits_is_committed_and_what_is_rolled_back_never_leaves),
		db_test(what_fails_beside_commit_is_rolled_back_and_says_so),
		db_test(a_change_of_another_number_of_rows_is_a_conflict_before_commit),
		db_test(what_waits_is_forgotten_when_the_next_statement_has_no_connection),
	};
	return db_test_run(tests);
}
