/* SPDX-License-Identifier: Apache-2.0 */
/* What jobs report, what it means for who waits, and what admins can do about it. */
#include "desk_fixture.h"
#include "ad/desk/jobs.h"

#include <poll.h>
#include <pthread.h>

#define PACKAGE 2 /* the job of the first approved request; its stage's timer came before */
#define BROKEN "Manifest integrity check failed: 7zip.7zip is not in the signed index"

/* Ana's request for 7-Zip, approved by Kim; job PACKAGE works for it. */
static int64_t approved(struct company *c, const struct ad_person *who)
{
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press press = { .number = ask(c, who, 1) };
	TURN(c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "decided");
	return press.number;
}

/* One report of job PACKAGE in a transaction of its own. */
#define REPORT(company, call)                                                    \
	do {                                                                     \
		struct ad_err err = { 0 };                                       \
		struct ad_desk desk = company_desk((company), (company)->t->db); \
		desk.source = "system";                                          \
		assert_ok(ad_db_begin(desk.db, &err), err);                      \
		assert_ok((call), err);                                          \
		assert_ok(ad_db_commit(desk.db, &err), err);                     \
	} while (0)

static void fail_job(struct company *c, const char *text, const char *name)
{
	const struct ad_desk_job_report report = {
		.job_id = PACKAGE,
		.app_id = 1,
		.step = "verify",
		.state = AD_JOB_FAILED,
		.attempts = 1,
		.error_text = text,
		.error_name = name,
	};
	REPORT(c, ad_desk_job_failed(&desk, &report, &err));
	db_test_sql(c->t, "update jobs set state = 'failed', step = 'verify', fence = fence + 1, "
			  "last_error = 'x' where kind = 'package'");
}

static size_t deliver_to(struct company *c, const char *const *people, size_t count)
{
	const struct ad_desk_job_report report = {
		.job_id = PACKAGE,
		.app_id = 1,
		.step = "deliver",
		.app_version = "24.08",
		.intune_app_id = "intune-1",
		.people = people,
		.people_count = count,
	};
	size_t left = 99;
	REPORT(c, ad_desk_job_delivered(&desk, &report, &left, &err));
	return left;
}

static void delivery_ends_each_waiting_request(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	approved(&c, &bob);
	assert_int_equal(deliver_to(&c, (const char *[]){ "ana", "bob" }, 2), 0);
	assert_int_equal(db_test_int(c.t, "select count(*) from requests where state = 'delivered' "
					  "and closed_at is not null"),
		2);
	assert_string_equal(db_test_text(c.t, "select string_agg(oid || ':' || group_id, ' ' order "
					      "by oid) from grants"),
		"ana:g7 bob:g7");
	assert_string_equal(db_test_text(c.t, "select version || ' ' || intune_app_id from "
					      "app_versions"),
		"24.08 intune-1");
	assert_true(card_says(&c, sent_card(&c, &ana, "view"), "7-Zip is ready"));
	assert_int_equal(
		db_test_int(c.t,
			"select count(*) from audit_logs where action in ('grant.started', "
			"'request.closed') and user_id = 'system'"),
		4);
	assert_int_equal(
		db_test_int(c.t, "select count(*) from audit_logs where action = 'job.succeeded'"),
		1);
}

static void who_was_approved_meanwhile_is_left_for_another_round(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	approved(&c, &bob);
	assert_int_equal(deliver_to(&c, (const char *[]){ "ana" }, 1), 1);
	assert_string_equal(db_test_text(c.t, "select state from requests where requester_oid = "
					      "'bob'"),
		"fulfilling");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from audit_logs where action = 'job.succeeded'"),
		0);
	assert_int_equal(deliver_to(&c, (const char *[]){ "ana", "bob" }, 2), 0);
	assert_int_equal(db_test_int(c.t, "select count(*) from grants"), 2);
}

static void what_was_delivered_is_shown_and_not_asked_for_again(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	(void)deliver_to(&c, (const char *[]){ "ana" }, 1);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_form(&desk, &ana, 1, &reply, &err));
	assert_string_equal(reply.outcome, "standing");
	assert_true(ad_text_starts(reply.text, "You have 7-Zip already"));
	db_test_sql(c.t, "update grants set state = 'returned'");
	TURN(&c, reply, ad_desk_form(&desk, &ana, 1, &reply, &err));
	assert_string_equal(reply.outcome, "form");
}

static void the_waiting_people_are_each_named_once(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	approved(&c, &bob);
	const char *const *people;
	size_t count;
	REPORT(&c, ad_desk_waiting_people(&desk, 1, &people, &count, &err));
	assert_int_equal(count, 2);
	assert_string_equal(people[0], "ana");
	assert_string_equal(people[1], "bob");
}

static void a_failure_makes_one_card_for_each_admin(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	fail_job(&c, BROKEN, "integrity");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from outbox where kind = 'send' and card = "
				 "'job'"),
		2);
	const struct ad_json *card = sent_card(&c, &ada, "job");
	assert_true(card_says(&c, card, BROKEN));
	assert_true(card_says(&c, card, "#1 Ana"));
	assert_non_null(card_token(card));
	assert_string_not_equal(card_token(card), card_token(sent_card(&c, &abe, "job")));
	/* The requester hears a softer word, without the cause, and still waits. */
	const char *told =
		db_test_text(c.t, "select activity::jsonb->>'text' from outbox where fact "
				  "= 'request.1.delayed'");
	assert_true(ad_text_starts(told, "7-Zip, your request #1, takes longer"));
	assert_null(strstr(told, "ntegrity"));
	assert_string_equal(db_test_text(c.t, "select state from requests"), "fulfilling");
	assert_int_equal(db_test_int(c.t, "select count(*) from audit_logs where action in "
					  "('job.failed', 'integrity.failed')"),
		2);
}

static void the_same_failure_again_changes_the_card_in_place(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	fail_job(&c, "first", "unavailable");
	fail_job(&c, "second", "unavailable");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from outbox where kind = 'send' and card = "
				 "'job'"),
		2);
	assert_int_equal(
		db_test_int(c.t, "select count(*) from outbox where kind = 'update' and "
				 "recipient_oid in ('ada', 'abe') and activity like '%%second%%'"),
		2);
	assert_int_equal(
		db_test_int(c.t, "select count(*) from outbox where fact like '%%delayed'"), 1);
}

static void a_retry_resumes_the_job_once(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	fail_job(&c, BROKEN, "integrity");
	const struct ad_desk_press adas = { .token = card_token(sent_card(&c, &ada, "job")) };
	const struct ad_desk_press abes = { .token = card_token(sent_card(&c, &abe, "job")) };
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_retry_job(&desk, &ada, &adas, &reply, &err));
	assert_string_equal(reply.outcome, "job.retried");
	assert_true(reply.in_place);
	assert_null(card_token(reply.card));
	assert_string_equal(
		db_test_text(c.t, "select state || ' ' || step from jobs where kind = 'package'"),
		"queued verify");
	TURN(&c, reply, ad_desk_retry_job(&desk, &ada, &adas, &reply, &err));
	assert_string_equal(reply.outcome, "repeated");
	TURN(&c, reply, ad_desk_retry_job(&desk, &abe, &abes, &reply, &err));
	assert_string_equal(reply.outcome, "not_stuck");
	const struct ad_desk_press typed = { .number = PACKAGE };
	db_test_sql(c.t, "update jobs set state = 'waiting_upstream' where kind = 'package'");
	TURN(&c, reply, ad_desk_retry_job(&desk, &abe, &typed, &reply, &err));
	assert_string_equal(reply.outcome, "job.retried");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from audit_logs where action = 'job.retried'"),
		2);
	/* Progress and success reach the cards of those who were told. */
	const struct ad_desk_job_report report = {
		.job_id = PACKAGE, .app_id = 1, .step = "fetch"
	};
	REPORT(&c, ad_desk_job_progress(&desk, &report, &err));
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where kind = 'update' and "
					  "recipient_oid in ('ada', 'abe') and activity like "
					  "'%%Working%%'"),
		2);
	(void)deliver_to(&c, (const char *[]){ "ana" }, 1);
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where kind = 'update' and "
					  "recipient_oid in ('ada', 'abe') and activity like "
					  "'%%Done%%'"),
		2);
}

static void only_admins_handle_jobs(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	fail_job(&c, BROKEN, "integrity");
	const struct ad_desk_press typed = { .number = PACKAGE, .reason = "no" };
	const struct ad_desk_press stolen = { .token = card_token(sent_card(&c, &ada, "job")) };
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_retry_job(&desk, &kim, &typed, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	TURN(&c, reply, ad_desk_give_up_job(&desk, &ana, &typed, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	TURN(&c, reply, ad_desk_retry_job(&desk, &abe, &stolen, &reply, &err));
	assert_string_equal(reply.outcome, "foreign_token");
	TURN(&c, reply, ad_desk_jobs(&desk, &kim, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	TURN(&c, reply, ad_desk_job(&desk, &bob, PACKAGE, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	assert_string_equal(
		db_test_text(c.t, "select state from jobs where kind = 'package'"), "failed");
	/* No admin group: nobody is admin, whatever the fact says. */
	db_test_sql(c.t, "update portal_settings set value = '' where key = 'AdminGroupId'");
	TURN(&c, reply, ad_desk_retry_job(&desk, &ada, &typed, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
}

static void admins_see_the_jobs(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_jobs(&desk, &ada, &reply, &err));
	assert_null(reply.card);
	approved(&c, &ana);
	TURN(&c, reply, ad_desk_jobs(&desk, &ada, &reply, &err));
	assert_true(card_says(&c, reply.card, "#2 7-Zip"));
	TURN(&c, reply, ad_desk_job(&desk, &ada, PACKAGE, &reply, &err));
	assert_string_equal(reply.role, "job");
	assert_null(card_token(reply.card)); /* it works: no button */
	TURN(&c, reply, ad_desk_job(&desk, &ada, 4711, &reply, &err));
	assert_string_equal(reply.outcome, "no_job");
	db_test_sql(c.t, "update jobs set tenant_id = 'another'");
	TURN(&c, reply, ad_desk_job(&desk, &ada, PACKAGE, &reply, &err));
	assert_string_equal(reply.outcome, "no_job");
}

static void giving_up_ends_the_requests_with_the_reason(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	fail_job(&c, BROKEN, "integrity");
	struct ad_desk_press press = { .token = card_token(sent_card(&c, &ada, "job")) };
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_give_up_job(&desk, &ada, &press, &reply, &err));
	assert_string_equal(reply.outcome, "needs_reason");
	press.reason = "the publisher withdrew it";
	TURN(&c, reply, ad_desk_give_up_job(&desk, &ada, &press, &reply, &err));
	assert_string_equal(reply.outcome, "job.given_up");
	assert_string_equal(db_test_text(c.t, "select state || ': ' || reason from requests"),
		"failed: the publisher withdrew it");
	assert_string_equal(
		db_test_text(c.t, "select state from jobs where kind = 'package'"), "cancelled");
	assert_non_null(strstr(db_test_text(c.t, "select activity from outbox where fact = "
						 "'request.1.failed'"),
		press.reason));
	assert_int_equal(ask(&c, &ana, 1), 2);
}

struct giving_up {
	struct ad_desk desk;
	struct ad_desk_reply reply;
	struct ad_err err;
	int result;
};

static void *give_up(void *ctx)
{
	struct giving_up *g = ctx;
	const struct ad_desk_press press = { .number = PACKAGE, .reason = "nobody needs it" };
	g->result = ad_db_begin(g->desk.db, &g->err);
	if (g->result == 0)
		g->result = ad_desk_give_up_job(&g->desk, &ada, &press, &g->reply, &g->err);
	if (g->result == 0)
		g->result = ad_db_commit(g->desk.db, &g->err);
	return NULL;
}

/* Abe presses Retry; before that is committed Ada gives up. */
static void giving_up_a_job_that_was_just_retried_changes_nothing(void **state)
{
	struct company c = company_open(*state);
	approved(&c, &ana);
	fail_job(&c, BROKEN, "integrity");
	struct ad_db *other = db_test_open(c.t);
	struct giving_up g = { .desk = company_desk(&c, other) };
	g.desk.arena = ad_arena_new();
	struct ad_desk desk = company_desk(&c, c.t->db);
	struct ad_desk_reply reply = { 0 };
	struct ad_err err = { 0 };
	const struct ad_desk_press press = { .number = PACKAGE };
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_retry_job(&desk, &abe, &press, &reply, &err), err);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, give_up, &g), 0);
	while (db_test_int(c.t, "select count(*) from pg_stat_activity where wait_event_type = "
				"'Lock' and datname = current_database()") == 0)
		(void)poll(NULL, 0, 5);
	assert_ok(ad_db_commit(desk.db, &err), err);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_ok(g.result, g.err);
	assert_string_equal(g.reply.outcome, "not_stuck");
	assert_null(card_token(g.reply.card)); /* it is queued: no button */
	assert_string_equal(
		db_test_text(c.t, "select state from jobs where kind = 'package'"), "queued");
	assert_string_equal(db_test_text(c.t, "select state from requests"), "fulfilling");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from audit_logs where action = 'job.given_up'"),
		0);
	ad_arena_free(g.desk.arena);
	ad_db_close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(delivery_ends_each_waiting_request),
		db_test(who_was_approved_meanwhile_is_left_for_another_round),
		db_test(what_was_delivered_is_shown_and_not_asked_for_again),
		db_test(the_waiting_people_are_each_named_once),
		db_test(a_failure_makes_one_card_for_each_admin),
		db_test(the_same_failure_again_changes_the_card_in_place),
		db_test(a_retry_resumes_the_job_once),
		db_test(only_admins_handle_jobs),
		db_test(admins_see_the_jobs),
		db_test(giving_up_ends_the_requests_with_the_reason),
		db_test(giving_up_a_job_that_was_just_retried_changes_nothing),
	};
	int failed = db_test_run(tests);
	ad_cards_free(desk_cards);
	return failed;
}
