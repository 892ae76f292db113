/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that the counter needs for itself, in the hands of admins. */
#include "desk_fixture.h"

#include "ad/desk/jobs.h"
#include "ad/jobs/kind.h"

/* Kinds that deliver nothing are told of in words of their own, and nobody gives them up. */
static void each_kind_of_job_has_words_for_admins(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	for (size_t i = 0; i < ad_job_kinds_count; i++) {
		const char *kind = ad_job_kinds[i]->name;
		if (!ad_text_eq(kind, AD_JOB_PACKAGE) && !ad_text_eq(kind, AD_JOB_GRANT))
			db_test_sql(c.t,
				"insert into jobs (tenant_id, kind, key, payload, state) "
				"values ('" TENANT "', '%s', '', '{}', 'failed')",
				kind);
	}
	/* as many as the card has rows */
	int64_t count = db_test_int(c.t, "select least(count(*), 10) from jobs");
	assert_true(count > 5);
	TURN(&c, reply, ad_desk_jobs(&desk, &ada, &reply, &err));
	assert_string_equal(reply.text, ad_printf(c.t->arena, "%lld open jobs.", (long long)count));
	const struct ad_desk_press typed = { .number = 1, .reason = "no" };
	TURN(&c, reply, ad_desk_give_up_job(&desk, &ada, &typed, &reply, &err));
	assert_string_equal(reply.outcome, "needed");
	TURN(&c, reply, ad_desk_retry_job(&desk, &ada, &typed, &reply, &err));
	assert_string_equal(reply.outcome, "job.retried");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(each_kind_of_job_has_words_for_admins),
	};
	int failed = db_test_run(tests);
	ad_cards_free(desk_cards);
	return failed;
}
