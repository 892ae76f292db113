/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runner against a real database, with kinds of the test's own. Jobs of these tests keep
 * counters in memory; what counts is what the rows say in the end.
 */
#include "harness.h"

#include "ad/clock.h"
#include "ad/jobs/kind.h"
#include "ad/net.h"

#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>

#define WAIT_MS 20000
#define LOOK_MS 10
#define LATER_MS 30

/* What the steps of the test's kinds do next, and how often they were run. */
static struct {
	atomic_int runs[3];
	atomic_int fail_at;    /* step number that fails; -1: none */
	atomic_int fail_code;  /* with this error */
	atomic_int fail_times; /* so often; then it works */
	atomic_int told;       /* calls of failed */
	atomic_int tell_fails; /* calls of failing that are to fail */
	atomic_bool block;     /* step 1 waits until it is false, or until it is to stop */
	atomic_bool deaf;      /* and does not even look whether it is to stop */
	atomic_int blocked;    /* workers that wait there */
	atomic_bool broken;    /* the result of step 0 is not intact */
	atomic_int again;      /* rounds of step 2 that have more to do */
	atomic_int later;      /* rounds of the job that have a next time */
} script;

static void reset_script(void)
{
	memset(&script, 0, sizeof(script));
	atomic_store(&script.fail_at, -1);
}

static int step(struct ad_job_run *run, int number, struct ad_json *result, struct ad_err *err)
{
	atomic_fetch_add(&script.runs[number], 1);
	ad_json_set_int(run->arena, result, "fence", run->job.fence);
	if (number == atomic_load(&script.fail_at) && atomic_fetch_sub(&script.fail_times, 1) > 0)
		return AD_FAIL(err, atomic_load(&script.fail_code), "as the test wants");
	return 0;
}

static int step_0(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	return step(run, 0, result, err);
}

static bool intact_0(const struct ad_job_run *run)
{
	(void)run;
	return !atomic_load(&script.broken);
}

static int step_1(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	atomic_fetch_add(&script.blocked, 1);
	while (atomic_load(&script.block)) {
		bool going = ad_job_pause(run, LOOK_MS);
		if (!going && !atomic_load(&script.deaf))
			return AD_FAIL(err, AD_EBUSY, "stopped");
	}
	atomic_fetch_sub(&script.blocked, 1);
	return step(run, 1, result, err);
}

static int step_2(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	assert_non_null(ad_job_result(run, "zero"));
	assert_non_null(ad_job_result(run, "one"));
	return step(run, 2, result, err);
}

/* A write beside the step's own record. */
static int record_2(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	int64_t id;
	(void)result;
	const struct ad_job_new job = {
		.tenant_id = "t", .kind = "later", .key = run->job.key, .delay_s = 3600
	};
	int r = ad_store_jobs_add(run->db, run->arena, &job, &id, err);
	if (r == 0 && atomic_fetch_sub(&script.again, 1) > 0)
		return AD_JOB_AGAIN;
	run->later_ms = LATER_MS;
	return r == 0 && atomic_fetch_sub(&script.later, 1) > 0 ? AD_JOB_LATER : r;
}

static int failing(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err)
{
	(void)run;
	(void)end;
	if (atomic_fetch_sub(&script.tell_fails, 1) > 0)
		return AD_FAIL(err, AD_EUNAVAIL, "nobody there");
	return 0;
}

static int failed(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err)
{
	(void)err;
	assert_true(ad_db_in_transaction(run->db));
	assert_non_null(end->err);
	atomic_fetch_add(&script.told, 1);
	return 0;
}

static const struct ad_job_step_spec steps[] = {
	{ "zero", step_0, NULL, intact_0 },
	{ "one", step_1, NULL, NULL },
	{ "two", step_2, record_2, NULL },
};
static const struct ad_job_kind kind = {
	.name = "test", .steps = steps, .steps_count = 3, .failing = failing, .failed = failed
};
static const struct ad_job_kind *const kinds[] = { &kind };

static const struct ad_job_kind standing_kind = { .name = "standing",
	.is_standing = true,
	.steps = steps,
	.steps_count = 3,
	.failing = failing,
	.failed = failed };
static const struct ad_job_kind *const standing_kinds[] = { &standing_kind };

static struct ad_jobs *start_kinds(
	struct db_test *t, const char *node, const struct ad_job_kind *const *wanted)
{
	struct ad_jobs *jobs;
	struct ad_err err = { 0 };
	const struct ad_jobs_options options = { .database = t->database,
		.node = node,
		.tenant_id = "t",
		.workers = 4,
		.kinds = wanted,
		.kinds_count = 1,
		.timing = { .lease_s = 2,
			.heartbeat_ms = 200,
			.poll_ms = 50,
			.backoff_ms = 20,
			.backoff_max_ms = 50,
			.upstream_ms = 60000 } };
	assert_ok(ad_jobs_start(&options, &jobs, &err), err);
	return jobs;
}

static struct ad_jobs *start(struct db_test *t, const char *node)
{
	return start_kinds(t, node, kinds);
}

static int64_t add(struct db_test *t, const char *key)
{
	int64_t id = 0;
	struct ad_err err = { 0 };
	const struct ad_job_new job = { .tenant_id = "t", .kind = "test", .key = key };
	assert_ok(ad_store_jobs_add(t->db, t->arena, &job, &id, &err), err);
	return id;
}

/* Looks again and again until the query says 1. */
static void wait_for(struct db_test *t, const char *query)
{
	int64_t until = ad_clock_mono_ms() + WAIT_MS;
	while (db_test_int(t, "%s", query) != 1) {
		if (ad_clock_mono_ms() > until)
			fail_msg("never: %s; jobs: %s", query,
				db_test_text(t, "select string_agg(state || ' ' || step || ' ' || "
						"last_error, '; ') from jobs"));
		(void)poll(NULL, 0, LOOK_MS);
	}
}

static const char *state_of(struct db_test *t, int64_t id)
{
	return db_test_text(t, "select state from jobs where id = %" PRId64, id);
}

/* ---- promises ---- */

static void each_job_runs_once_whoever_claims(void **state)
{
	struct db_test *t = *state;
	reset_script();
	db_test_sql(t, "insert into jobs (tenant_id, kind, key) select 't', 'test', n::text from "
		       "generate_series(1, 300) n");
	struct ad_jobs *a = start(t, "node-a");
	struct ad_jobs *b = start(t, "node-b");
	wait_for(t, "select (count(*) = 300)::int from jobs where state = 'succeeded'");
	ad_jobs_stop(a);
	ad_jobs_stop(b);
	for (int i = 0; i < 3; i++)
		assert_int_equal(atomic_load(&script.runs[i]), 300);
	assert_int_equal(db_test_int(t, "select max(fence) from jobs where kind = 'test'"), 1);
	assert_int_equal(db_test_int(t, "select count(*) from job_steps"), 900);
	assert_int_equal(db_test_int(t, "select count(*) from jobs where lease_owner <> ''"), 0);
}

static void an_idle_process_hears_of_a_job_at_once(void **state)
{
	struct db_test *t = *state;
	reset_script();
	struct ad_jobs *jobs = start(t, "node-a");
	int64_t id = add(t, "one");
	ad_jobs_wake(jobs);
	wait_for(t, "select count(*) from jobs where state = 'succeeded'");
	ad_jobs_stop(jobs);
	assert_string_equal(state_of(t, id), "succeeded");
}

static void a_job_is_not_run_before_its_time(void **state)
{
	struct db_test *t = *state;
	int64_t id;
	struct ad_err err = { 0 };
	reset_script();
	const struct ad_job_new later = {
		.tenant_id = "t", .kind = "test", .key = "later", .delay_s = 3600
	};
	assert_ok(ad_store_jobs_add(t->db, t->arena, &later, &id, &err), err);
	struct ad_jobs *jobs = start(t, "node-a");
	(void)add(t, "now");
	wait_for(t, "select count(*) from jobs where state = 'succeeded'");
	ad_jobs_stop(jobs);
	assert_string_equal(state_of(t, id), "queued");
}

static void a_dead_workers_job_goes_on_after_its_last_finished_step(void **state)
{
	struct db_test *t = *state;
	reset_script();
	int64_t id = add(t, "one");
	db_test_sql(t,
		"update jobs set state = 'running', fence = 1, attempts = 1, lease_owner = 'dead', "
		"lease_until = now() + interval '300 ms', step = 'one'");
	db_test_sql(t,
		"insert into job_steps (job_id, step, result) values (%" PRId64
		", 'zero', '{\"x\": 1}')",
		id);
	struct ad_jobs *jobs = start(t, "node-a");
	wait_for(t, "select count(*) from jobs where state = 'succeeded'");
	ad_jobs_stop(jobs);
	assert_int_equal(atomic_load(&script.runs[0]), 0);
	assert_int_equal(atomic_load(&script.runs[1]), 1);
	assert_int_equal(atomic_load(&script.runs[2]), 1);
	assert_string_equal(
		db_test_text(t, "select result->>'x' from job_steps where step = 'zero'"), "1");
}

static void a_step_whose_files_are_gone_is_done_again(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.broken, true);
	int64_t id = add(t, "one");
	db_test_sql(t,
		"insert into job_steps (job_id, step, result) values (%" PRId64 ", 'zero', '{}')",
		id);
	struct ad_jobs *jobs = start(t, "node-a");
	wait_for(t, "select count(*) from jobs where state = 'succeeded'");
	ad_jobs_stop(jobs);
	assert_int_equal(atomic_load(&script.runs[0]), 1);
	assert_string_equal(
		db_test_text(t, "select result->>'fence' from job_steps where step = 'zero'"), "1");
}

static void a_fenced_worker_writes_nothing(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.block, true);
	atomic_store(&script.deaf, true);
	int64_t id = add(t, "one");
	struct ad_jobs *jobs = start(t, "node-a");
	while (atomic_load(&script.blocked) == 0)
		(void)poll(NULL, 0, LOOK_MS);
	/* Somebody else has taken the job over. */
	db_test_sql(t, "update jobs set fence = fence + 1, lease_owner = 'other', "
		       "lease_until = now() + interval '1 hour'");
	atomic_store(&script.block, false);
	while (ad_jobs_running(jobs) > 0)
		(void)poll(NULL, 0, LOOK_MS);
	ad_jobs_stop(jobs);
	assert_int_equal(atomic_load(&script.runs[1]), 1);
	assert_int_equal(atomic_load(&script.runs[2]), 0);
	assert_int_equal(atomic_load(&script.told), 0);
	assert_int_equal(db_test_int(t, "select count(*) from job_steps where step = 'one'"), 0);
	assert_string_equal(state_of(t, id), "running");
	assert_string_equal(db_test_text(t, "select lease_owner from jobs"), "other");
}

static void a_lease_lives_as_long_as_its_worker(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.block, true);
	(void)add(t, "one");
	struct ad_jobs *a = start(t, "node-a");
	while (atomic_load(&script.blocked) == 0)
		(void)poll(NULL, 0, LOOK_MS);
	struct ad_jobs *b = start(t, "node-b");
	/* Two leases long. */
	wait_for(t, "select (now() > changed_at + interval '4 s' and lease_until > now())::int "
		    "from jobs");
	atomic_store(&script.block, false);
	wait_for(t, "select count(*) from jobs where state = 'succeeded'");
	ad_jobs_stop(a);
	ad_jobs_stop(b);
	assert_int_equal(db_test_int(t, "select fence from jobs where kind = 'test'"), 1);
}

static void a_poison_job_is_parked_after_five_deaths_and_told(void **state)
{
	struct db_test *t = *state;
	reset_script();
	int64_t poison = add(t, "poison");
	db_test_sql(t, "update jobs set state = 'running', attempts = 5, crashes = 4, fence = 5, "
		       "step = 'one', "
		       "lease_owner = 'dead', lease_until = now() - interval '1 s'");
	int64_t other = add(t, "other");
	struct ad_jobs *jobs = start(t, "node-a");
	wait_for(t, "select (count(*) = 2)::int from jobs where state in ('succeeded', 'failed')");
	ad_jobs_stop(jobs);
	assert_string_equal(state_of(t, poison), "failed");
	assert_string_equal(state_of(t, other), "succeeded");
	assert_int_equal(atomic_load(&script.runs[0]), 1);
	assert_int_equal(atomic_load(&script.told), 1);
	assert_string_equal(db_test_text(t, "select step from jobs where state = 'failed'"), "one");
}

static void a_transient_failure_is_tried_again_with_a_pause(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.fail_at, 1);
	atomic_store(&script.fail_code, AD_EUNAVAIL);
	atomic_store(&script.fail_times, 3);
	(void)add(t, "one");
	struct ad_jobs *jobs = start(t, "node-a");
	wait_for(t, "select count(*) from jobs where state = 'succeeded'");
	ad_jobs_stop(jobs);
	assert_int_equal(atomic_load(&script.runs[0]), 1); /* its result stood */
	assert_int_equal(atomic_load(&script.runs[1]), 4);
	assert_int_equal(atomic_load(&script.told), 2); /* not the first time */
	assert_string_equal(db_test_text(t, "select last_error from jobs where kind = 'test'"), "");
}

static void a_failure_that_stays_is_parked_at_last(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.fail_at, 1);
	atomic_store(&script.fail_code, AD_ETIMEOUT);
	atomic_store(&script.fail_times, 1000);
	(void)add(t, "one");
	struct ad_jobs *jobs = start(t, "node-a");
	wait_for(t, "select count(*) from jobs where state = 'failed'");
	ad_jobs_stop(jobs);
	assert_int_equal(atomic_load(&script.runs[1]), AD_JOBS_TRIES_MAX);
	assert_string_equal(db_test_text(t, "select error_class from jobs"), "transient");
}

static void a_standing_job_is_told_of_and_tried_again_whatever_is_wrong(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.fail_at, 1);
	atomic_store(&script.fail_code, AD_EINTEGRITY);
	atomic_store(&script.fail_times, 1);
	db_test_sql(t, "insert into jobs (tenant_id, kind, key, payload, run_at) values"
		       " ('t', 'standing', '" AD_JOB_STANDING_KEY "', '{}', now())");
	struct ad_jobs *jobs = start_kinds(t, "node-a", standing_kinds);
	wait_for(t, "select count(*) from jobs where state = 'retry_wait'");
	assert_int_equal(atomic_load(&script.told), 1);
	assert_int_equal(
		db_test_int(t, "select (run_at > now() + interval '9 min')::int from jobs"), 1);
	/* Neither do five deaths end it. */
	db_test_sql(t, "update jobs set state = 'running', crashes = 4, lease_owner = 'dead', "
		       "lease_until = now() - interval '1 s'");
	wait_for(t, "select count(*) from jobs where state = 'retry_wait'");
	ad_jobs_stop(jobs);
	assert_int_equal(atomic_load(&script.told), 2);
	assert_int_equal(db_test_int(t, "select crashes from jobs"), 0);
	assert_int_equal(db_test_int(t, "select (failing_since is not null)::int from jobs"), 1);
}

static void a_permanent_failure_is_parked_at_once_and_retried_at_its_step(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	bool changed;
	reset_script();
	atomic_store(&script.fail_at, 1);
	atomic_store(&script.fail_code, AD_EINTEGRITY);
	atomic_store(&script.fail_times, 1);
	int64_t id = add(t, "one");
	struct ad_jobs *jobs = start(t, "node-a");
	wait_for(t, "select count(*) from jobs where state = 'failed'");
	assert_int_equal(atomic_load(&script.runs[1]), 1);
	assert_int_equal(atomic_load(&script.told), 1);
	assert_string_equal(db_test_text(t, "select step || ': ' || last_error from jobs"),
		"one: as the test wants");
	assert_ok(ad_store_jobs_retry(t->db, t->arena, id, &changed, &err), err);
	assert_true(changed);
	ad_jobs_wake(jobs);
	wait_for(t, "select count(*) from jobs where state = 'succeeded'");
	ad_jobs_stop(jobs);
	assert_int_equal(atomic_load(&script.runs[0]), 1);
	assert_int_equal(atomic_load(&script.runs[1]), 2);
}

static void an_upstream_failure_waits_and_is_told_once(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.fail_at, 1);
	atomic_store(&script.fail_code, AD_EUPSTREAM);
	atomic_store(&script.fail_times, 2);
	(void)add(t, "one");
	struct ad_jobs *jobs = start(t, "node-a");
	wait_for(t, "select count(*) from jobs where state = 'waiting_upstream'");
	assert_int_equal(atomic_load(&script.told), 1);
	assert_int_equal(
		db_test_int(t, "select (run_at > now() + interval '10 s')::int from jobs"), 1);
	db_test_sql(t, "update jobs set run_at = now()");
	wait_for(t, "select count(*) from jobs where state = 'waiting_upstream' and fence = 2 and "
		    "run_at > now()");
	db_test_sql(t, "update jobs set run_at = now()");
	wait_for(t, "select count(*) from jobs where state = 'succeeded'");
	ad_jobs_stop(jobs);
	assert_int_equal(atomic_load(&script.told), 1);
}

static void a_job_does_not_rest_before_somebody_could_be_told(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.fail_at, 1);
	atomic_store(&script.fail_code, AD_EINVAL);
	atomic_store(&script.fail_times, 1000);
	atomic_store(&script.tell_fails, 2);
	(void)add(t, "one");
	struct ad_jobs *jobs = start(t, "node-a");
	wait_for(t, "select count(*) from jobs where state = 'failed'");
	ad_jobs_stop(jobs);
	assert_int_equal(atomic_load(&script.told), 1);
	assert_int_equal(atomic_load(&script.runs[1]), 3);
}

static void a_step_with_more_to_do_keeps_what_it_wrote_and_runs_again(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.again, 2);
	(void)add(t, "one");
	struct ad_jobs *jobs = start(t, "node-a");
	wait_for(t, "select count(*) from jobs where state = 'succeeded'");
	ad_jobs_stop(jobs);
	assert_int_equal(atomic_load(&script.runs[2]), 3);
	assert_int_equal(db_test_int(t, "select count(*) from jobs where kind = 'later'"), 1);
}

static void the_newest_lines_of_a_jobs_log_stay(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.fail_at, 0);
	atomic_store(&script.fail_code, AD_EINVAL);
	atomic_store(&script.fail_times, 1);
	int64_t id = add(t, "one");
	db_test_sql(t,
		"insert into job_log (job_id, step, event, detail) select %" PRId64
		", 'one', 'failed', n::text from generate_series(1, %d) n",
		id, 2 * AD_JOB_LOG_KEPT);
	struct ad_jobs *jobs = start(t, "node-a");
	wait_for(t, "select count(*) from jobs where state = 'failed'");
	ad_jobs_stop(jobs);
	assert_int_equal(db_test_int(t, "select count(*) from job_log"), AD_JOB_LOG_KEPT);
	assert_int_equal(
		db_test_int(t, "select min(detail::int) from job_log where detail ~ '^[0-9]+$'"),
		AD_JOB_LOG_KEPT + 2); /* the newest line is the failure itself */
}

static void a_job_with_a_next_time_runs_again_from_its_first_step(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.later, 2);
	int64_t id = add(t, "one");
	db_test_sql(t,
		"insert into job_log (job_id, step, event, detail) values (%" PRId64
		", 'one', 'failed', 'of an earlier time')",
		id);
	struct ad_jobs *jobs = start(t, "node-a");
	wait_for(t, "select count(*) from jobs where state = 'succeeded'");
	ad_jobs_stop(jobs);
	for (int i = 0; i < 3; i++)
		assert_int_equal(atomic_load(&script.runs[i]), 3);
	assert_int_equal(atomic_load(&script.told), 0);
	assert_int_equal(
		db_test_int(t, "select crashes * 100 + attempts from jobs where id = %" PRId64, id),
		1);
	assert_int_equal(db_test_int(t, "select fence from jobs where id = %" PRId64, id), 3);
	assert_int_equal(db_test_int(t, "select count(*) from job_log"), 0);
}

static void a_stop_gives_jobs_back_uncounted(void **state)
{
	struct db_test *t = *state;
	reset_script();
	atomic_store(&script.block, true);
	int64_t id = add(t, "one");
	struct ad_jobs *jobs = start(t, "node-a");
	while (atomic_load(&script.blocked) == 0)
		(void)poll(NULL, 0, LOOK_MS);
	ad_jobs_stop(jobs);
	assert_string_equal(state_of(t, id), "queued");
	assert_int_equal(db_test_int(t, "select (lease_owner = '' and attempts = 0 and run_at <= "
					"now())::int from jobs"),
		1);
	assert_int_equal(atomic_load(&script.told), 0);
	atomic_store(&script.block, false);
	jobs = start(t, "node-b");
	wait_for(t, "select count(*) from jobs where state = 'succeeded'");
	ad_jobs_stop(jobs);
	assert_int_equal(atomic_load(&script.runs[0]), 1);
}

static void a_lost_database_is_outlived(void **state)
{
	struct db_test *t = *state;
	reset_script();
	struct ad_jobs *jobs = start(t, "node-a");
	for (int i = 0; i < 5; i++) {
		(void)add(t, ad_printf(t->arena, "%d", i));
		db_test_sql(t, "select pg_terminate_backend(pid) from pg_stat_activity "
			       "where application_name like 'appdesk job%%' and datname = "
			       "current_database()");
	}
	wait_for(t, "select (count(*) = 5)::int from jobs where state = 'succeeded'");
	ad_jobs_stop(jobs);
	assert_int_equal(db_test_int(t, "select count(*) from job_steps"), 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(each_job_runs_once_whoever_claims),
		db_test(an_idle_process_hears_of_a_job_at_once),
		db_test(a_job_is_not_run_before_its_time),
		db_test(a_dead_workers_job_goes_on_after_its_last_finished_step),
		db_test(a_step_whose_files_are_gone_is_done_again),
		db_test(a_fenced_worker_writes_nothing),
		db_test(a_lease_lives_as_long_as_its_worker),
		db_test(a_poison_job_is_parked_after_five_deaths_and_told),
		db_test(a_transient_failure_is_tried_again_with_a_pause),
		db_test(a_failure_that_stays_is_parked_at_last),
		db_test(a_standing_job_is_told_of_and_tried_again_whatever_is_wrong),
		db_test(a_permanent_failure_is_parked_at_once_and_retried_at_its_step),
		db_test(an_upstream_failure_waits_and_is_told_once),
		db_test(a_job_does_not_rest_before_somebody_could_be_told),
		db_test(a_step_with_more_to_do_keeps_what_it_wrote_and_runs_again),
		db_test(the_newest_lines_of_a_jobs_log_stay),
		db_test(a_job_with_a_next_time_runs_again_from_its_first_step),
		db_test(a_stop_gives_jobs_back_uncounted),
		db_test(a_lost_database_is_outlived),
	};
	struct ad_err err;
	if (ad_net_init(&err) < 0)
		return 1;
	return db_test_run(tests);
}
