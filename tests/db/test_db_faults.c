/* SPDX-License-Identifier: Apache-2.0 */
/* The fault points, each armed once by CMakeLists.txt: begin, before commit, after commit. */
#include "harness.h"

#include "ad/store/settings.h"

static int change(struct ad_db *db, void *ctx, struct ad_err *err)
{
	struct db_test *t = ctx;
	const char *before;
	const struct ad_setting setting = { .key = "k", .value = "v", .changed_by = "o" };
	return ad_store_setting_set(db, t->arena, "t", &setting, &before, err);
}

static void each_fault_point_acts_as_its_name_says(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	assert_int_equal(ad_db_transaction(t->db, change, t, &err), AD_EUNAVAIL);
	assert_string_equal(err.text, "fault point db.begin");
	assert_int_equal(ad_db_transaction(t->db, change, t, &err), AD_EUNAVAIL);
	assert_string_equal(err.text, "fault point db.commit.before");
	assert_int_equal(db_test_int(t, "select count(*) from portal_settings"), 0);
	assert_int_equal(ad_db_transaction(t->db, change, t, &err), AD_EAMBIGUOUS);
	assert_int_equal(db_test_int(t, "select count(*) from portal_settings"), 1);
	assert_ok(ad_db_transaction(t->db, change, t, &err), err);
}

int main(void)
{
	const struct CMUnitTest tests[] = { db_test(each_fault_point_acts_as_its_name_says) };
	return db_test_run(tests);
}
