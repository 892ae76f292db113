/* SPDX-License-Identifier: Apache-2.0 */
/* Grants over time: what the job of one finds, what stands for a membership, and seats. */
#include "desk_fixture.h"

#include "ad/desk/grants.h"
#include "ad/desk/jobs.h"

#include <inttypes.h>

#define WORK(company, call)                                                      \
	do {                                                                     \
		struct ad_err err = { 0 };                                       \
		struct ad_desk desk = company_desk((company), (company)->t->db); \
		assert_ok(ad_db_begin(desk.db, &err), err);                      \
		assert_ok((call), err);                                          \
		assert_ok(ad_db_commit(desk.db, &err), err);                     \
	} while (0)

static const struct ad_person kim_asks = {
	.oid = "kim", .name = "Kim", .mail = "kim@corp", .locale = "en-US", .is_user = true
};

/* A delivered request with a grant of so many days, some of which have passed. */
static int64_t grant(struct company *c, const struct ad_person *who, int app, int days, int passed)
{
	int64_t request = ask(c, who, app);
	db_test_sql(c->t,
		"update requests set state = 'delivered', closed_at = now() where id = %" PRId64,
		request);
	db_test_sql(c->t,
		"insert into grants (tenant_id, request_id, oid, app_id, group_id, started_at, "
		"expires_at) values ('" TENANT "', %" PRId64 ", '%s', %d, 'g1', "
		"now() - interval '%d days', now() + interval '%d days')",
		request, who->oid, app, passed, days - passed);
	return db_test_int(c->t, "select max(id) from grants");
}

static struct ad_desk_grant_news look(struct company *c, int64_t id)
{
	struct ad_desk_grant_news news;
	WORK(c, ad_desk_grant_look(&desk, id, &news, &err));
	return news;
}

static enum ad_desk_membership membership(struct company *c, int64_t id)
{
	struct ad_desk_grant_membership is;
	WORK(c, ad_desk_grant_membership(&desk, id, &is, &err));
	return is.wanted;
}

static void F17_the_end_is_written_once_whoever_looks_again(void **state)
{
	struct company c = company_open(*state);
	int64_t id = grant(&c, &ana, 1, 30, 31);
	for (int i = 0; i < 2; i++) {
		struct ad_desk_grant_news news = look(&c, id);
		assert_true(news.ended);
		assert_int_equal(news.later_ms, 0);
	}
	assert_string_equal(
		db_test_text(c.t, "select state || ' ' || ended_by from grants"), "expired system");
	assert_int_equal(db_test_int(c.t, "select count(*) from audit_logs where action = "
					  "'grant.expired'"),
		1);
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where fact like "
					  "'grant.%%.expired'"),
		1);
}

static void F18_a_notice_is_sent_once_and_the_next_time_is_told(void **state)
{
	struct company c = company_open(*state);
	int64_t id = grant(&c, &ana, 1, 30, 17);
	for (int i = 0; i < 2; i++) {
		struct ad_desk_grant_news news = look(&c, id);
		assert_false(news.ended);
		assert_in_range(news.later_ms / 1000, 12 * 86400 - 60, 12 * 86400);
	}
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where fact like "
					  "'grant.%%.ending.%%'"),
		1);
	assert_int_equal(db_test_int(c.t, "select warned_days from grants"), 14);
}

static void E32_while_it_is_frozen_the_job_looks_again_later(void **state)
{
	struct company c = company_open(*state);
	int64_t id = grant(&c, &ana, 1, 30, 31);
	db_test_sql(c.t, "insert into portal_settings (tenant_id, key, value, changed_by) values "
			 "('" TENANT "', 'Frozen', 'true', 'cli')");
	struct ad_desk_grant_news news = look(&c, id);
	assert_false(news.ended);
	assert_true(news.later_ms > 0);
	assert_string_equal(db_test_text(c.t, "select state from grants"), "active");
}

static void F17_a_membership_goes_only_when_nothing_else_stands_for_it(void **state)
{
	struct company c = company_open(*state);
	db_test_sql(c.t, "update apps set group_id = 'g1' where id = 1");
	int64_t id = grant(&c, &ana, 1, 30, 31);
	assert_int_equal(membership(&c, id), AD_DESK_MEMBERSHIP_STAYS); /* its own */
	assert_true(look(&c, id).ended);
	assert_int_equal(membership(&c, id), AD_DESK_MEMBERSHIP_GOES);

	/* The app is asked for anew: what is approved is waited for, what is given stands. */
	int64_t next = ask(&c, &ana, 1);
	assert_int_equal(membership(&c, id), AD_DESK_MEMBERSHIP_GOES);
	db_test_sql(c.t, "update requests set state = 'fulfilling' where id = %" PRId64, next);
	assert_int_equal(membership(&c, id), AD_DESK_MEMBERSHIP_WAITS);
	db_test_sql(c.t, "update requests set state = 'delivered' where id = %" PRId64, next);
	db_test_sql(c.t,
		"insert into grants (tenant_id, request_id, oid, app_id, group_id) values "
		"('" TENANT "', %" PRId64 ", 'ana', 1, 'g1')",
		next);
	assert_int_equal(membership(&c, id), AD_DESK_MEMBERSHIP_STAYS);
	db_test_sql(c.t, "update grants set removed_at = now() where id = %" PRId64, id);
	assert_int_equal(membership(&c, id), AD_DESK_MEMBERSHIP_DONE);
}

static void E35_no_more_people_are_served_than_there_are_seats(void **state)
{
	struct company c = company_open(*state);
	const char *const *people;
	size_t count;
	db_test_sql(c.t, "update apps set seats = 2, group_id = 'g1' where id = 1");
	(void)grant(&c, &ana, 1, 30, 1);
	int64_t first = ask(&c, &bob, 1);
	int64_t second = ask(&c, &kim_asks, 1);
	db_test_sql(c.t,
		"update requests set state = 'fulfilling' where id in (%" PRId64 ", %" PRId64 ")",
		first, second);
	WORK(&c, ad_desk_waiting_people(&desk, 1, &people, &count, &err));
	assert_int_equal(count, 1);
	assert_string_equal(people[0], "bob");
	db_test_sql(c.t, "update apps set seats = null where id = 1");
	WORK(&c, ad_desk_waiting_people(&desk, 1, &people, &count, &err));
	assert_int_equal(count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(F17_the_end_is_written_once_whoever_looks_again),
		db_test(F18_a_notice_is_sent_once_and_the_next_time_is_told),
		db_test(E32_while_it_is_frozen_the_job_looks_again_later),
		db_test(F17_a_membership_goes_only_when_nothing_else_stands_for_it),
		db_test(E35_no_more_people_are_served_than_there_are_seats),
	};
	return db_test_run(tests);
}
