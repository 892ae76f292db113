/* SPDX-License-Identifier: Apache-2.0 */
/* The schema, the roles, and every named query against them. */
#include "harness.h"

#include "ad/text.h"

#include <libpq-fe.h>

#define EXPLAIN_MAX 512

static void every_named_query_is_prepared_against_the_schema(void **state)
{
	struct db_test *t = *state;
	for (int query = 0; query < ad_db_query_count(); query++) {
		struct ad_err err = { 0 };
		assert_ok(ad_db_query_prepare(t->db, query, &err), err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(every_named_query_is_prepared_against_the_schema),
	};
	return db_test_run(tests);
}
