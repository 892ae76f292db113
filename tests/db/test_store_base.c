/* SPDX-License-Identifier: Apache-2.0 */
/* People, memberships, settings, the inbox and the sources' marks. */
#include "harness.h"

#include "ad/store/directory.h"
#include "ad/store/groups.h"
#include "ad/store/inbox.h"
#include "ad/store/settings.h"
#include "ad/store/sources.h"
#include "ad/store/users.h"

#include <pthread.h>

static struct ad_user load_user(struct db_test *t)
{
	struct ad_err err = { 0 };
	struct ad_user user = { 0 };
	assert_ok(ad_store_user_get(t->db, t->arena, "t", "o", &user, &err), err);
	return user;
}

static void an_activity_makes_a_person_and_never_blanks_a_name(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_user none;
	assert_int_equal(ad_store_user_get(t->db, t->arena, "t", "o", &none, &err), AD_ENOTFOUND);
	struct ad_user seen = { .tenant_id = "t", .oid = "o", .name = "Ana", .locale = "de-DE" };
	assert_ok(ad_store_user_seen(t->db, t->arena, &seen, &err), err);
	struct ad_user user = load_user(t);
	assert_string_equal(user.name, "Ana");
	assert_string_equal(user.locale, "de-DE");
	assert_string_equal(user.state, "active");
	assert_null(user.synced_at);

	seen.name = NULL;
	seen.locale = "fr-FR";
	assert_ok(ad_store_user_seen(t->db, t->arena, &seen, &err), err);
	user = load_user(t);
	assert_string_equal(user.name, "Ana");
	assert_string_equal(user.locale, "fr-FR");
}

static void an_unchanged_person_costs_no_new_row_version(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_user seen = { .tenant_id = "t", .oid = "o", .name = "Ana", .locale = "de-DE" };
	assert_ok(ad_store_user_seen(t->db, t->arena, &seen, &err), err);
	const char *place = db_test_text(t, "select ctid from users");
	assert_ok(ad_store_user_seen(t->db, t->arena, &seen, &err), err);
	assert_string_equal(db_test_text(t, "select ctid from users"), place);
	db_test_sql(t, "update users set seen_at = now() - interval '2 hours'");
	assert_ok(ad_store_user_seen(t->db, t->arena, &seen, &err), err);
	assert_int_equal(db_test_int(t, "select count(*) from users where "
					"seen_at > now() - interval '1 hour'"),
		1);
}

static void the_directory_overwrites_a_person_but_not_the_locale(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_user seen = { .tenant_id = "t", .oid = "o", .name = "Ana", .locale = "de-DE" };
	assert_ok(ad_store_user_seen(t->db, t->arena, &seen, &err), err);
	struct ad_user synced = { .tenant_id = "t",
		.oid = "o",
		.name = "Ana Lima",
		.mail = "ana@example.com",
		.upn = "ana@example.com",
		.state = "disabled" };
	assert_ok(ad_store_user_synced(t->db, t->arena, &synced, &err), err);
	struct ad_user user = load_user(t);
	assert_string_equal(user.name, "Ana Lima");
	assert_string_equal(user.mail, "ana@example.com");
	assert_string_equal(user.state, "disabled");
	assert_string_equal(user.locale, "de-DE");
	assert_non_null(user.synced_at);
	assert_int_equal(strlen(user.synced_at), strlen("2026-11-22T17:54:32Z"));
}

static void those_of_whom_something_is_new_are_looked_up_at_a_pace(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	db_test_sql(t, "insert into users (tenant_id, oid, missed) select 't', n, n <= 3000 from "
		       "generate_series(1, 3010) n");
	assert_ok(ad_store_directory_unsettled(t->db, t->arena, "t", 0, &err), err);
	assert_int_equal(db_test_int(t, "select count(*) from jobs"), 3000);
	assert_int_equal(
		db_test_int(t, "select max(n) from (select count(*) as n from jobs group by "
			       "run_at) q"),
		20);
	assert_int_equal(
		db_test_int(
			t, "select extract(epoch from max(run_at) - min(run_at))::int from jobs"),
		149);
}

static void memberships_are_kept_with_their_age_and_absence_is_an_answer(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	/* Whatever stands in a text, an element of an array is that text. */
	const char *const groups[] = { "g1", "g\"2\\,{}", "g1", "NULL" };
	const char *const member_of[] = { "g\"2\\,{}", "somewhere else" };
	struct ad_membership_key key = {
		.tenant_id = "t", .oid = "o", .group_ids = groups, .count = 4
	};
	struct ad_membership_list list;
	assert_ok(ad_store_memberships_get(t->db, t->arena, &key, &list, &err), err);
	assert_int_equal(list.count, 0);
	assert_ok(ad_store_memberships_put(t->db, t->arena, &key, member_of, 2, &err), err);
	db_test_sql(t, "update group_members_cache set checked_at = now() - interval '100 s' "
		       "where group_id = 'g1'");
	assert_ok(ad_store_memberships_get(t->db, t->arena, &key, &list, &err), err);
	assert_int_equal(list.count, 3);
	for (size_t i = 0; i < list.count; i++) {
		const struct ad_membership *m = &list.items[i];
		assert_int_equal(m->is_member, strcmp(m->group_id, "g\"2\\,{}") == 0);
		assert_true(strcmp(m->group_id, "g1") == 0 ? m->age_s >= 100 : m->age_s < 100);
	}
	assert_ok(ad_store_memberships_put(t->db, t->arena, &key, NULL, 0, &err), err);
	assert_int_equal(
		db_test_int(t, "select count(*) from group_members_cache where is_member"), 0);
	assert_int_equal(db_test_int(t, "select count(*) from group_members_cache"), 3);
}

static void a_setting_tells_what_it_was_before(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	const char *value;
	assert_ok(ad_store_setting_get(t->db, t->arena, "t", "AdminGroupId", &value, &err), err);
	assert_string_equal(value, "");
	static const char *const values[] = { "one", "two" };
	static const char *const befores[] = { "", "one" };
	for (int i = 0; i < 2; i++) {
		const struct ad_setting setting = {
			.key = "AdminGroupId", .value = values[i], .changed_by = "cli"
		};
		const char *before;
		assert_ok(ad_db_begin(t->db, &err), err);
		assert_ok(ad_store_setting_set(t->db, t->arena, "t", &setting, &before, &err), err);
		assert_ok(ad_db_commit(t->db, &err), err);
		assert_string_equal(before, befores[i]);
	}
	assert_ok(ad_store_setting_get(t->db, t->arena, "t", "AdminGroupId", &value, &err), err);
	assert_string_equal(value, "two");
	assert_ok(ad_store_setting_get(t->db, t->arena, "u", "AdminGroupId", &value, &err), err);
	assert_string_equal(value, "");
	struct ad_setting_list list;
	assert_ok(ad_store_settings_list(t->db, t->arena, "t", &list, &err), err);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].changed_by, "cli");
}

static const struct ad_inbox_key activity = { .conversation_id = "c", .activity_id = "1" };

static void an_activity_is_new_once_and_then_answered_the_same(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	bool duplicate = true;
	struct ad_inbox_answer answer = { 0 };
	const struct ad_inbox_answer given = { .status = 200, .text = "{\"a\":1}" };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_inbox_claim(t->db, t->arena, &activity, &duplicate, &answer, &err), err);
	assert_false(duplicate);
	assert_ok(ad_store_inbox_answer(t->db, t->arena, &activity, &given, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);

	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_inbox_claim(t->db, t->arena, &activity, &duplicate, &answer, &err), err);
	assert_true(duplicate);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.text, "{\"a\":1}");
	const struct ad_inbox_key other = { .conversation_id = "c", .activity_id = "2" };
	assert_ok(ad_store_inbox_claim(t->db, t->arena, &other, &duplicate, &answer, &err), err);
	assert_false(duplicate);
	ad_db_rollback(t->db);
}

struct delivery {
	struct db_test *t;
	int result;
	bool duplicate;
	int status;
	struct ad_err err;
};

static void *deliver_again(void *arg)
{
	struct delivery *d = arg;
	struct ad_db *db = db_test_open(d->t);
	struct ad_arena *arena = ad_arena_new();
	struct ad_inbox_answer answer = { 0 };
	d->result = ad_db_begin(db, &d->err);
	if (d->result == 0)
		d->result =
			ad_store_inbox_claim(db, arena, &activity, &d->duplicate, &answer, &d->err);
	d->status = answer.status;
	ad_db_rollback(db);
	ad_arena_free(arena);
	ad_db_close(db);
	return NULL;
}

/* The first delivery is held open until the second one waits for it. */
static struct delivery deliver_twice(struct db_test *t, bool commit)
{
	struct ad_err err = { 0 };
	bool duplicate;
	struct ad_inbox_answer answer;
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_inbox_claim(t->db, t->arena, &activity, &duplicate, &answer, &err), err);
	struct delivery second = { .t = t };
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, deliver_again, &second), 0);
	while (db_test_int(t,
		       "select count(*) from pg_stat_activity where wait_event_type = 'Lock' "
		       "and datname = current_database()") == 0) {
	}
	const struct ad_inbox_answer given = { .status = 202 };
	assert_ok(ad_store_inbox_answer(t->db, t->arena, &activity, &given, &err), err);
	if (commit)
		assert_ok(ad_db_commit(t->db, &err), err);
	else
		ad_db_rollback(t->db);
	(void)pthread_join(thread, NULL);
	assert_ok(second.result, second.err);
	return second;
}

static void a_second_delivery_waits_for_the_first_ones_outcome(void **state)
{
	struct db_test *t = *state;
	struct delivery second = deliver_twice(t, false);
	assert_false(second.duplicate);
	second = deliver_twice(t, true);
	assert_true(second.duplicate);
	assert_int_equal(second.status, 202);
}

static void old_activities_are_forgotten_and_young_ones_are_not(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	db_test_sql(t, "insert into inbox (conversation_id, activity_id, status, received_at) "
		       "select 'c', n::text, 200, now() - n * interval '1 day' "
		       "from generate_series(1, 1500) n");
	int64_t count;
	assert_ok(ad_store_inbox_forget(t->db, t->arena, 10, &count, &err), err);
	assert_int_equal(count, AD_INBOX_FORGET_MAX);
	assert_ok(ad_store_inbox_forget(t->db, t->arena, 10, &count, &err), err);
	assert_int_equal(db_test_int(t, "select max(activity_id::int) from inbox"), 9);
}

static void a_sources_mark_rises_only_from_what_was_seen(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	const char *version;
	assert_int_equal(
		ad_store_source_highest(t->db, t->arena, "u", &version, &err), AD_ENOTFOUND);
	assert_ok(ad_store_source_raise(t->db, t->arena, "u", NULL, "1", &err), err);
	assert_int_equal(
		ad_store_source_raise(t->db, t->arena, "u", NULL, "2", &err), AD_ECONFLICT);
	assert_ok(ad_store_source_raise(t->db, t->arena, "u", "1", "3", &err), err);
	assert_int_equal(ad_store_source_raise(t->db, t->arena, "u", "1", "2", &err), AD_ECONFLICT);
	assert_ok(ad_store_source_highest(t->db, t->arena, "u", &version, &err), err);
	assert_string_equal(version, "3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(an_activity_makes_a_person_and_never_blanks_a_name),
		db_test(an_unchanged_person_costs_no_new_row_version),
		db_test(the_directory_overwrites_a_person_but_not_the_locale),
		db_test(those_of_whom_something_is_new_are_looked_up_at_a_pace),
		db_test(memberships_are_kept_with_their_age_and_absence_is_an_answer),
		db_test(a_setting_tells_what_it_was_before),
		db_test(an_activity_is_new_once_and_then_answered_the_same),
		db_test(a_second_delivery_waits_for_the_first_ones_outcome),
		db_test(old_activities_are_forgotten_and_young_ones_are_not),
		db_test(a_sources_mark_rises_only_from_what_was_seen),
	};
	return db_test_run(tests);
}
