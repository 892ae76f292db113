/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of jobs as one claim after the other finds it: which comes first, and when. */
#include "harness.h"

#include "ad/store/jobs.h"

#include "../../src/db/sql.h"
#include "ad_queries.h"

#include <inttypes.h>

#define CLAIMS 50
#define CLAIM_BLOCKS_MAX \
	300 /* of 8 KiB; the jobs that a claim has no business with fill thousands */

static int64_t add_at(struct db_test *t, struct ad_job_new job)
{
	int64_t id = 0;
	struct ad_err err = { 0 };
	job.tenant_id = "t";
	job.kind = "test";
	assert_ok(ad_store_jobs_add(t->db, t->arena, &job, &id, &err), err);
	return id;
}

static void a_job_waits_for_its_next_time_with_nothing_recorded(void **state)
{
	struct db_test *t = *state;
	struct ad_job *job;
	struct ad_err err = { 0 };
	const char *const names[] = { "test" };
	const struct ad_job_claim wish = { "me", names, 1, 20 };
	int64_t id = add_at(t, (struct ad_job_new){ .key = "one" });
	assert_ok(ad_store_jobs_claim(t->db, t->arena, &wish, &job, &err), err);
	db_test_sql(t, "insert into job_steps (job_id, step) values (%" PRId64 ", 'zero')", id);
	assert_int_equal(
		ad_store_jobs_again(t->db, t->arena, id, job->fence + 1, 1000, &err), AD_ECONFLICT);
	assert_int_equal(db_test_int(t, "select count(*) from job_steps"), 1);
	assert_ok(ad_store_jobs_again(t->db, t->arena, id, job->fence, 86400000, &err), err);
	assert_int_equal(db_test_int(t, "select count(*) from job_steps"), 0);
	assert_int_equal(db_test_int(t, "select (state = 'queued' and attempts = 0 and lease_owner "
					"= '' and run_at > "
					"now() + interval '23 h')::int from jobs"),
		1);
}

static int64_t run_at(struct db_test *t)
{
	return db_test_int(t, "select extract(epoch from run_at)::bigint from jobs");
}

static void a_jobs_time_may_come_forward_and_is_never_pushed_back(void **state)
{
	struct db_test *t = *state;
	int64_t now = db_test_int(t, "select extract(epoch from now())::bigint");
	int64_t id = add_at(t, (struct ad_job_new){ .key = "k", .run_at = now + 1000 });
	assert_int_equal(run_at(t), now + 1000);
	assert_int_equal(add_at(t, (struct ad_job_new){ .key = "k" }), id);
	assert_int_equal(run_at(t), now + 1000); /* it did not ask for that */
	(void)add_at(t, (struct ad_job_new){ .key = "k", .run_at = now + 2000, .sooner = true });
	assert_int_equal(run_at(t), now + 1000);
	(void)add_at(t, (struct ad_job_new){ .key = "k", .run_at = now + 500, .sooner = true });
	assert_int_equal(run_at(t), now + 500);
	/* A pause after a failure was asked for by the other side. */
	db_test_sql(t, "update jobs set state = 'retry_wait'");
	(void)add_at(t, (struct ad_job_new){ .key = "k", .sooner = true });
	assert_int_equal(run_at(t), now + 500);
}

static const char *claim_key(struct db_test *t)
{
	struct ad_job *job;
	struct ad_err err = { 0 };
	const char *const names[] = { "test" };
	const struct ad_job_claim wish = { "me", names, 1, 20 };
	assert_ok(ad_store_jobs_claim(t->db, t->arena, &wish, &job, &err), err);
	return job ? job->key : "";
}

static void what_must_not_wait_is_claimed_first(void **state)
{
	struct db_test *t = *state;
	int64_t now = db_test_int(t, "select extract(epoch from now())::bigint");
	const enum ad_job_priority first = AD_JOB_PRIORITY_FIRST;
	(void)add_at(t, (struct ad_job_new){ .key = "lost" });
	assert_string_equal(claim_key(t), "lost");
	db_test_sql(t, "update jobs set lease_until = now() - interval '1 h'");
	(void)add_at(t, (struct ad_job_new){ .key = "old", .run_at = now - 9000 });
	(void)add_at(t, (struct ad_job_new){ .key = "older", .run_at = now - 9999 });
	(void)add_at(t, (struct ad_job_new){ .key = "b", .run_at = now - 10, .priority = first });
	(void)add_at(t, (struct ad_job_new){ .key = "a", .run_at = now - 20, .priority = first });
	(void)add_at(t, (struct ad_job_new){ .key = "c", .run_at = now + 900, .priority = first });
	const char *const order[] = { "a", "b", "lost", "older", "old", "" };
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		assert_string_equal(claim_key(t), order[i]);
}

/* Claims a job. How the database finds what is due, and what it reads for it, as text. */
static const char *plan_of_claim(struct db_test *t)
{
	db_test_sql(t, "deallocate all");
	return db_test_text(t,
		"prepare claim (text[], text, bigint) as %s; "
		"explain (analyze, buffers, format json) execute claim (array['test'], 'me', 20)",
		ad_sql_queries[AD_Q_JOBS_CLAIM].text);
}

static int blocks_of(const char *plan)
{
	int blocks = 0;
	const char *top = strstr(plan, "\"Shared Hit Blocks\": "); /* of the whole plan */
	assert_non_null(top);
	assert_int_equal(sscanf(top, "\"Shared Hit Blocks\": %d", &blocks), 1);
	return blocks;
}

/* Without statistics, as after a restore: a plan that walks the table shows at once. */
static void a_claim_does_not_walk_what_is_done_or_far_away(void **state)
{
	struct db_test *t = *state;
	db_test_sql(t, "insert into jobs (tenant_id, kind, key, state) select 't', 'test', "
		       "'done' || n, 'succeeded' from generate_series(1, 100000) n");
	db_test_sql(t, "insert into jobs (tenant_id, kind, key, run_at, priority) select 't', "
		       "'test', 'far' || n, now() + interval '30 d', n %% 2 from "
		       "generate_series(1, 20000) n");
	db_test_sql(t,
		"insert into jobs (tenant_id, kind, key, priority) select 't', 'test', n, "
		"n %% 2 from generate_series(1, %d) n",
		2 * CLAIMS);
	for (int analyzed = 0; analyzed < 2; analyzed++) {
		for (int i = 1; i < CLAIMS; i++)
			assert_string_not_equal(claim_key(t), "");
		const char *plan = plan_of_claim(t);
		assert_non_null(strstr(plan, "((priority = 0) AND (run_at <= now()))"));
		assert_non_null(strstr(plan, "((priority = 1) AND (run_at <= now()))"));
		assert_null(strstr(plan, "Seq Scan"));
		assert_in_range(blocks_of(plan), 1, CLAIM_BLOCKS_MAX);
		db_test_sql(t, "analyze jobs");
	}
	assert_string_equal(claim_key(t), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(a_job_waits_for_its_next_time_with_nothing_recorded),
		db_test(a_jobs_time_may_come_forward_and_is_never_pushed_back),
		db_test(what_must_not_wait_is_claimed_first),
		db_test(a_claim_does_not_walk_what_is_done_or_far_away),
	};
	return db_test_run(tests);
}
