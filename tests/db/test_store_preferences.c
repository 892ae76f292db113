/* SPDX-License-Identifier: Apache-2.0 */
/* When news may be told: by the person's own clock, over midnight and the change of the clocks. */
#include "ad/store/preferences.h"

#include "harness.h"

/* digest, quiet hours and zone of a person; when news come up, and when they are told (both UTC).
 */
static const struct due {
	const char *digest, *from, *until, *zone;
	const char *at, *told;
} cases[] = {
	{ "off", NULL, NULL, "UTC", "2026-11-22 03:00", "2026-11-22 03:00" },
	{ "off", "20:00", "07:00", "UTC", "2026-11-22 19:59", "2026-11-22 19:59" },
	{ "off", "20:00", "07:00", "UTC", "2026-11-22 20:00", "2026-11-23 07:00" },
	{ "off", "20:00", "07:00", "UTC", "2026-11-23 06:59", "2026-11-23 07:00" },
	{ "off", "20:00", "07:00", "UTC", "2026-11-23 07:00", "2026-11-23 07:00" },
	{ "off", "12:00", "13:30", "UTC", "2026-11-23 12:00", "2026-11-23 13:30" },
	{ "off", "12:00", "13:30", "UTC", "2026-11-23 13:30", "2026-11-23 13:30" },
	{ "off", "20:00", "07:00", "Europe/Berlin", "2026-11-22 18:59", "2026-11-22 18:59" },
	{ "off", "20:00", "07:00", "Europe/Berlin", "2026-11-22 19:00", "2026-11-23 06:00" },
	{ "off", "20:00", "07:00", "Asia/Kolkata", "2026-11-22 14:30", "2026-11-23 01:30" },
	{ "off", "20:00", "07:00", "America/Los_Angeles", "2026-11-22 04:00", "2026-11-22 15:00" },
	/* The clocks go back in the night to 25 October: it is an hour longer. */
	{ "off", "20:00", "07:00", "Europe/Berlin", "2026-10-24 18:00", "2026-10-25 06:00" },
	{ "daily", NULL, NULL, "UTC", "2026-11-22 08:59", "2026-11-22 09:00" },
	{ "daily", NULL, NULL, "UTC", "2026-11-22 09:00", "2026-11-23 09:00" },
	{ "daily", NULL, NULL, "Asia/Tokyo", "2026-11-22 01:00", "2026-11-23 00:00" },
	/* Who sleeps until ten hears it at ten. */
	{ "daily", "22:00", "10:00", "UTC", "2026-11-22 12:00", "2026-11-23 10:00" },
};

static const char *quoted(struct db_test *t, const char *text)
{
	return text ? ad_printf(t->arena, "'%s'", text) : "null";
}

static void news_wait_for_the_persons_own_clock(void **state)
{
	struct db_test *t = *state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct due *c = &cases[i];
		const char *told = db_test_text(t,
			"select to_char(news_due('%s', %s, %s, '%s', '%s+00') at time zone 'UTC',"
			" 'YYYY-MM-DD HH24:MI')",
			c->digest, quoted(t, c->from), quoted(t, c->until), c->zone, c->at);
		assert_string_equal(told, c->told);
	}
}

static void a_time_zone_is_a_place_whatever_its_case(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	const char *zone;
	assert_ok(ad_store_preferences_zone(t->db, t->arena, "europe/BERLIN", &zone, &err), err);
	assert_string_equal(zone, "Europe/Berlin");
	assert_ok(ad_store_preferences_zone(t->db, t->arena, "utc", &zone, &err), err);
	assert_string_equal(zone, "UTC");
	assert_int_equal(
		ad_store_preferences_zone(t->db, t->arena, "CET", &zone, &err), AD_ENOTFOUND);
	assert_int_equal(
		ad_store_preferences_zone(t->db, t->arena, "posix/Europe/Berlin", &zone, &err),
		AD_ENOTFOUND);
}

/* What waits, and the one job that will tell it. */
static void news_are_held_once_and_taken_once(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_preferences wish;
	struct ad_news *news;
	size_t count;
	db_test_sql(t, "insert into users (tenant_id, oid) values ('t', 'ann')");
	assert_ok(ad_store_preferences_get(t->db, t->arena, "t", "ann", &wish, &err), err);
	assert_int_equal(wish.due_s, 0);
	wish.daily = true;
	assert_ok(ad_store_preferences_put(t->db, t->arena, &wish, &err), err);
	assert_ok(ad_store_preferences_get(t->db, t->arena, "t", "ann", &wish, &err), err);
	assert_true(wish.due_s > 0 && wish.due_s <= 86400);
	for (int i = 0; i < 3; i++) {
		struct ad_news one = { .fact = i < 2 ? "a" : "b", .text = "x" };
		assert_ok(ad_store_news_hold(t->db, t->arena, &wish, &one, &err), err);
	}
	assert_int_equal(db_test_int(t, "select count(*) from jobs where kind = 'news'"), 1);
	assert_ok(ad_store_news_take(t->db, t->arena, "t", "ann", &news, &count, &err), err);
	assert_int_equal(count, 2);
	assert_ok(ad_store_news_take(t->db, t->arena, "t", "ann", &news, &count, &err), err);
	assert_int_equal(count, 0);
	struct ad_news again = { .fact = "a", .text = "x" };
	assert_ok(ad_store_news_hold(t->db, t->arena, &wish, &again, &err), err);
	assert_ok(ad_store_news_take(t->db, t->arena, "t", "ann", &news, &count, &err), err);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(news_wait_for_the_persons_own_clock),
		db_test(a_time_zone_is_a_place_whatever_its_case),
		db_test(news_are_held_once_and_taken_once),
	};
	return db_test_run(tests);
}
