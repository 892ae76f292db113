/* SPDX-License-Identifier: Apache-2.0 */
/* Promises of ad/work.h: bounds, order, one owner of each task, and an orderly stop. */
#include "ad/work.h"

#include "ad/arena.h"

#include <poll.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- Queue ---- */

static void queue_keeps_order_and_refuses_when_full(void **state)
{
	(void)state;
	struct ad_queue *queue = ad_queue_new(2);
	int items[3];
	void *item = NULL;
	assert_int_equal(ad_queue_push(queue, &items[0]), 0);
	assert_int_equal(ad_queue_push(queue, &items[1]), 0);
	assert_int_equal(ad_queue_push(queue, &items[2]), AD_EBUSY);
	assert_int_equal(ad_queue_count(queue), 2);
	assert_true(ad_queue_pop(queue, &item));
	assert_ptr_equal(item, &items[0]);
	assert_int_equal(ad_queue_push(queue, &items[2]), 0);
	assert_true(ad_queue_pop(queue, &item));
	assert_ptr_equal(item, &items[1]);
	assert_true(ad_queue_pop(queue, &item));
	assert_ptr_equal(item, &items[2]);
	assert_false(ad_queue_try_pop(queue, &item));
	ad_queue_free(queue);
}

static void queue_takes_first_what_goes_ahead(void **state)
{
	(void)state;
	int items[5];
	struct ad_queue *queue = ad_queue_new(4);
	void *item;
	assert_int_equal(ad_queue_push(queue, &items[2]), 0);
	assert_int_equal(ad_queue_push_ahead(queue, &items[0]), 0);
	assert_int_equal(ad_queue_push(queue, &items[3]), 0);
	assert_int_equal(ad_queue_push_ahead(queue, &items[1]), 0);
	assert_int_equal(ad_queue_push_ahead(queue, &items[4]), AD_EBUSY); /* one limit for all */
	for (int i = 0; i < 4; i++) {
		assert_true(ad_queue_pop(queue, &item));
		assert_ptr_equal(item, &items[i]);
	}
	assert_int_equal(ad_queue_count(queue), 0);
	ad_queue_free(queue);
}

static void closed_queue_gives_what_it_holds_and_then_ends(void **state)
{
	(void)state;
	struct ad_queue *queue = ad_queue_new(2);
	int one;
	void *item = NULL;
	assert_int_equal(ad_queue_push(queue, &one), 0);
	ad_queue_close(queue);
	assert_int_equal(ad_queue_push(queue, &one), AD_EUNAVAIL);
	assert_true(ad_queue_pop(queue, &item));
	assert_false(ad_queue_pop(queue, &item));
	ad_queue_free(queue);
}

/* ---- Pool ---- */

struct fixture {
	sem_t started; /* posted when a task begins */
	sem_t proceed; /* a task ends when it may take one */
	atomic_int ran;
	atomic_int dropped;
	atomic_int opened;
	atomic_int closed;
};

struct worker {
	struct fixture *fixture;
	pthread_t thread;
};

static void *open_worker(void *ctx, size_t index)
{
	(void)index;
	struct worker *worker = ad_xalloc(sizeof *worker);
	worker->fixture = ctx;
	worker->thread = pthread_self();
	atomic_fetch_add(&worker->fixture->opened, 1);
	return worker;
}

static void close_worker(void *ptr)
{
	struct worker *worker = ptr;
	assert_true(pthread_equal(worker->thread, pthread_self()));
	atomic_fetch_add(&worker->fixture->closed, 1);
	free(worker);
}

static void run_gated(void *ptr, void *task)
{
	struct worker *worker = ptr;
	assert_true(pthread_equal(worker->thread, pthread_self()));
	(void)sem_post(&worker->fixture->started);
	(void)sem_wait(&worker->fixture->proceed);
	atomic_fetch_add(&worker->fixture->ran, 1);
	free(task);
}

static void drop(void *ctx, void *task)
{
	struct fixture *fixture = ctx;
	atomic_fetch_add(&fixture->dropped, 1);
	free(task);
}

static void fixture_init(struct fixture *fixture)
{
	*fixture = (struct fixture){ 0 };
	assert_int_equal(sem_init(&fixture->started, 0, 0), 0);
	assert_int_equal(sem_init(&fixture->proceed, 0, 0), 0);
}

static struct ad_pool *pool_new(struct fixture *fixture, size_t workers, size_t queue_max)
{
	struct ad_pool_config config = {
		.name = "test",
		.workers = workers,
		.queue_max = queue_max,
		.ctx = fixture,
		.open = open_worker,
		.close = close_worker,
		.run = run_gated,
		.drop = drop,
	};
	struct ad_pool *pool = NULL;
	assert_int_equal(ad_pool_new(&config, &pool, NULL), 0);
	return pool;
}

static void submit(struct ad_pool *pool)
{
	assert_int_equal(ad_pool_submit(pool, ad_xalloc(1)), 0);
}

static void full_pool_answers_busy_at_once_and_leaves_the_task_to_the_caller(void **state)
{
	(void)state;
	struct fixture fixture;
	fixture_init(&fixture);
	struct ad_pool *pool = pool_new(&fixture, 1, 1);
	submit(pool);
	(void)sem_wait(&fixture.started); /* runs, so the queue is empty again */
	submit(pool);
	void *refused = ad_xalloc(1);
	assert_int_equal(ad_pool_submit(pool, refused), AD_EBUSY);
	free(refused);
	assert_int_equal(ad_pool_pending(pool), 2);
	(void)sem_post(&fixture.proceed);
	(void)sem_post(&fixture.proceed);
	assert_int_equal(ad_pool_stop(pool, 10000, NULL), 0);
	assert_int_equal(fixture.ran, 2);
	ad_pool_free(pool);
}

static void stop_lets_waiting_tasks_finish_and_closes_every_worker_once(void **state)
{
	(void)state;
	struct fixture fixture;
	fixture_init(&fixture);
	struct ad_pool *pool = pool_new(&fixture, 3, 100);
	for (int i = 0; i < 100; i++) {
		(void)sem_post(&fixture.proceed);
		submit(pool);
	}
	assert_int_equal(ad_pool_stop(pool, 10000, NULL), 0);
	assert_int_equal(fixture.ran, 100);
	assert_int_equal(fixture.dropped, 0);
	assert_int_equal(fixture.opened, 3);
	assert_int_equal(fixture.closed, 3);
	assert_int_equal(ad_pool_pending(pool), 0);
	void *late = ad_xalloc(1);
	assert_int_equal(ad_pool_submit(pool, late), AD_EUNAVAIL);
	free(late);
	ad_pool_free(pool);
}

static void *release_when_stopping(void *ctx)
{
	struct fixture *fixture = ctx;
	/* The tasks behind the first are dropped; only then may the first one end. */
	while (atomic_load(&fixture->dropped) < 2)
		(void)sched_yield();
	(void)sem_post(&fixture->proceed);
	return NULL;
}

static void tasks_not_started_at_the_deadline_are_dropped_not_lost(void **state)
{
	(void)state;
	struct fixture fixture;
	fixture_init(&fixture);
	struct ad_pool *pool = pool_new(&fixture, 1, 10);
	for (int i = 0; i < 3; i++)
		submit(pool);
	(void)sem_wait(&fixture.started);
	pthread_t helper;
	assert_int_equal(
		ad_thread_start(&helper, "helper", release_when_stopping, &fixture, NULL), 0);
	struct ad_err err;
	assert_int_equal(ad_pool_stop(pool, 1, &err), AD_ETIMEOUT);
	(void)pthread_join(helper, NULL);
	assert_int_equal(fixture.ran, 1);
	assert_int_equal(fixture.dropped, 2);
	ad_pool_free(pool);
}

static void *submit_many(void *ctx)
{
	struct ad_pool *pool = ctx;
	for (int i = 0; i < 500; i++) {
		void *task = ad_xalloc(1);
		while (ad_pool_submit(pool, task) != 0)
			(void)sched_yield();
	}
	return NULL;
}

static void every_task_of_many_producers_runs_once(void **state)
{
	(void)state;
	struct fixture fixture;
	fixture_init(&fixture);
	for (int i = 0; i < 2000; i++)
		(void)sem_post(&fixture.proceed);
	struct ad_pool *pool = pool_new(&fixture, 4, 8);
	pthread_t producers[4];
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
			ad_thread_start(&producers[i], "producer", submit_many, pool, NULL), 0);
	for (size_t i = 0; i < 4; i++)
		(void)pthread_join(producers[i], NULL);
	assert_int_equal(ad_pool_stop(pool, 10000, NULL), 0);
	assert_int_equal(fixture.ran, 2000);
	ad_pool_free(pool);
}

static void *report_mask(void *ctx)
{
	(void)pthread_sigmask(SIG_SETMASK, NULL, ctx);
	return NULL;
}

static void threads_leave_signals_to_the_loop_thread(void **state)
{
	(void)state;
	sigset_t mask;
	(void)sigemptyset(&mask);
	pthread_t thread;
	assert_int_equal(ad_thread_start(&thread, "mask", report_mask, &mask, NULL), 0);
	(void)pthread_join(thread, NULL);
	assert_int_equal(sigismember(&mask, SIGTERM), 1);
	assert_int_equal(sigismember(&mask, SIGHUP), 1);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
	assert_int_equal(sigismember(&mask, SIGTERM), 0);
}

/* ---- Done ---- */

struct number {
	struct ad_done_item item;
	int producer;
	int value;
};

struct producer {
	struct ad_done *done;
	int id;
};

enum { PER_PRODUCER = 1000, PRODUCERS = 3 };

static void *push_many(void *ctx)
{
	const struct producer *producer = ctx;
	for (int i = 0; i < PER_PRODUCER; i++) {
		struct number *number = ad_xalloc(sizeof *number);
		number->producer = producer->id;
		number->value = i;
		ad_done_push(producer->done, &number->item);
	}
	return NULL;
}

static int take_all(struct ad_done *done, int *next_value)
{
	int taken = 0;
	struct ad_done_item *item = ad_done_take(done);
	while (item) {
		struct number *number = (struct number *)item;
		item = item->next;
		assert_int_equal(number->value, next_value[number->producer]);
		next_value[number->producer]++;
		free(number);
		taken++;
	}
	return taken;
}

static void finished_items_wake_the_loop_and_keep_their_order(void **state)
{
	(void)state;
	struct ad_done *done = NULL;
	assert_int_equal(ad_done_new(&done, NULL), 0);
	struct producer producers[PRODUCERS];
	pthread_t threads[PRODUCERS];
	for (int i = 0; i < PRODUCERS; i++) {
		producers[i] = (struct producer){ done, i };
		assert_int_equal(
			ad_thread_start(&threads[i], "push", push_many, &producers[i], NULL), 0);
	}
	int next_value[PRODUCERS] = { 0 };
	int taken = 0;
	while (taken < PRODUCERS * PER_PRODUCER) {
		struct pollfd fd = { .fd = ad_done_fd(done), .events = POLLIN };
		assert_int_equal(poll(&fd, 1, 10000), 1);
		taken += take_all(done, next_value);
	}
	for (size_t i = 0; i < PRODUCERS; i++)
		(void)pthread_join(threads[i], NULL);
	(void)ad_done_take(done);
	struct pollfd quiet = { .fd = ad_done_fd(done), .events = POLLIN };
	assert_int_equal(poll(&quiet, 1, 0), 0);
	ad_done_wake(done);
	assert_int_equal(poll(&quiet, 1, 0), 1);
	assert_null(ad_done_take(done));
	ad_done_free(done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_keeps_order_and_refuses_when_full),
		cmocka_unit_test(queue_takes_first_what_goes_ahead),
		cmocka_unit_test(closed_queue_gives_what_it_holds_and_then_ends),
		cmocka_unit_test(full_pool_answers_busy_at_once_and_leaves_the_task_to_the_caller),
		cmocka_unit_test(stop_lets_waiting_tasks_finish_and_closes_every_worker_once),
		cmocka_unit_test(tasks_not_started_at_the_deadline_are_dropped_not_lost),
		cmocka_unit_test(every_task_of_many_producers_runs_once),
		cmocka_unit_test(threads_leave_signals_to_the_loop_thread),
		cmocka_unit_test(finished_items_wake_the_loop_and_keep_their_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
