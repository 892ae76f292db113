/* SPDX-License-Identifier: Apache-2.0 */
/* Pauses of a stage's clock, new rounds of stages, and who was reminded when. */
#include "ad/store/inquiries.h"
#include "ad/store/requests.h"
#include "ad/store/rounds.h"

#include "harness.h"

#define DAY_S (24 * 60 * 60)

/* Request 1 of ana for app 1 with two stages, the first one open for another hour. */
static struct ad_request make(struct db_test *t)
{
	db_test_sql(t, "insert into users (tenant_id, oid, name) values ('t', 'ana', 'Ana'),"
		       " ('t', 'kim', 'Kim')");
	db_test_sql(t, "insert into apps (tenant_id, name, winget_id) values ('t', '7-Zip', 'z')");
	db_test_sql(t, "insert into requests (tenant_id, requester_oid, app_id, state,"
		       " justification) values ('t', 'ana', 1, 'pending', 'why')");
	db_test_sql(t,
		"insert into stages (request_id, ordinal, round, step, steps, kind, group_id,"
		" state, opened_at, deadline_at) values"
		" (1, 1, 1, 1, 2, 'group', 'g', 'open', now(), now() + interval '1 hour'),"
		" (1, 2, 1, 2, 2, 'admins', '', 'waiting', null, null)");
	return (struct ad_request){ .id = 1, .version = 1, .stage = 1 };
}

static void a_pause_keeps_what_was_left_of_the_deadline(void **state)
{
	struct db_test *t = *state;
	struct ad_request request = make(t);
	struct ad_err err = { 0 };
	assert_ok(ad_store_request_pause(t->db, t->arena, &request, &err), err);
	assert_string_equal(
		db_test_text(t, "select state || pauses || version from requests"), "needs_info12");
	assert_int_equal(db_test_int(t, "select count(*) from stages where ordinal = 1 and"
					" deadline_at is null and left_s between 3590 and 3600"),
		1);
	assert_int_equal(ad_store_request_pause(t->db, t->arena, &request, &err), AD_ECONFLICT);
	db_test_sql(t, "update stages set left_s = 100");
	request.version = 2;
	assert_ok(ad_store_request_resume(t->db, t->arena, &request, &err), err);
	assert_int_equal(db_test_int(t, "select count(*) from stages where left_s is null and"
					" deadline_at between now() + interval '90 s' and"
					" now() + interval '100 s'"),
		1);
	assert_string_equal(
		db_test_text(t, "select state || pauses || version from requests"), "pending13");
}

static void a_question_is_answered_once(void **state)
{
	struct db_test *t = *state;
	make(t);
	struct ad_err err = { 0 };
	int64_t id;
	const struct ad_inquiry asked = {
		.ordinal = 1, .asked_by = "kim", .question = "For how long?"
	};
	assert_ok(ad_store_inquiry_insert(t->db, t->arena, 1, &asked, &id, &err), err);
	assert_ok(ad_store_inquiry_answer(t->db, t->arena, id, "A week", &err), err);
	assert_int_equal(
		ad_store_inquiry_answer(t->db, t->arena, id, "A year", &err), AD_ECONFLICT);
	struct ad_inquiries list;
	assert_ok(ad_store_inquiries_of(t->db, t->arena, 1, &list, &err), err);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].asked_by_name, "Kim");
	assert_string_equal(list.items[0].answer, "A week");
	assert_non_null(list.items[0].answered_at);
}

static void a_decision_taken_back_opens_a_copy_of_its_stage(void **state)
{
	struct db_test *t = *state;
	struct ad_request request = make(t);
	struct ad_err err = { 0 };
	int stage;
	request.stage = 2;
	db_test_sql(t, "update requests set state = 'rejected', stage = 2, reason = 'no',"
		       " closed_at = now()");
	db_test_sql(t, "update stages set state = 'rejected' where ordinal = 2");
	assert_ok(ad_store_round_reopen(t->db, t->arena, &request, &stage, &err), err);
	assert_int_equal(stage, 3);
	assert_string_equal(
		db_test_text(t, "select string_agg(format('%%s/%%s/%%s/%%s/%%s', ordinal, round,"
				" step, kind, state), ' ' order by ordinal) from stages"
				" where round = 2"),
		"3/2/2/admins/waiting");
	assert_string_equal(db_test_text(t, "select format('%%s %%s %%s %%s %%s', state, round,"
					    " stage, version, closed_at is null) from requests"),
		"pending 2 3 2 t");
}

static void who_has_asked_again_meanwhile_keeps_the_new_request(void **state)
{
	struct db_test *t = *state;
	struct ad_request request = make(t);
	struct ad_err err = { 0 };
	int stage;
	db_test_sql(t, "update requests set state = 'rejected'");
	db_test_sql(t, "insert into requests (tenant_id, requester_oid, app_id, state,"
		       " justification) values ('t', 'ana', 1, 'pending', 'again')");
	assert_int_equal(
		ad_store_round_reopen(t->db, t->arena, &request, &stage, &err), AD_ECONFLICT);
}

static void an_edit_keeps_the_old_answers(void **state)
{
	struct db_test *t = *state;
	make(t);
	struct ad_err err = { 0 };
	struct ad_answers answers;
	struct ad_revisions lines;
	db_test_sql(t, "insert into answers (request_id, ordinal, label, answer)"
		       " values (1, 1, 'Where?', 'Here')");
	const struct ad_round_edit edit = { .id = 1,
		.version = 1,
		.justification = "another",
		.wanted_days = 30,
		.policy_name = "" };
	assert_ok(ad_store_round_edit(t->db, t->arena, &edit, &err), err);
	assert_ok(ad_store_round_answer(
			  t->db, t->arena, 1, 2, &(struct ad_answer){ 1, "Where?", "There" }, &err),
		err);
	assert_ok(ad_store_round_revise(t->db, t->arena, 1, 2,
			  &(struct ad_revision){ "answer", "Where?", "Here", "There" }, &err),
		err);
	assert_ok(ad_store_request_answers(t->db, t->arena, 1, &answers, &err), err);
	assert_int_equal(answers.count, 1);
	assert_string_equal(answers.items[0].answer, "There");
	assert_int_equal(db_test_int(t, "select count(*) from answers"), 2);
	assert_ok(ad_store_round_revisions(t->db, t->arena, 1, 2, &lines, &err), err);
	assert_int_equal(lines.count, 1);
	assert_string_equal(lines.items[0].before, "Here");
	assert_string_equal(
		db_test_text(t, "select format('%%s %%s %%s %%s', justification, round, version,"
				" wanted_days) from requests"),
		"another 2 2 30");
	/* What was written stays written. */
	assert_string_equal(db_test_try(t, t->url, "delete from answers"), "42501");
	assert_string_equal(db_test_try(t, t->url, "update revisions set after = ''"), "42501");
}

static void a_reminder_is_possible_once_a_day(void **state)
{
	struct db_test *t = *state;
	make(t);
	struct ad_err err = { 0 };
	bool done;
	int64_t wait_s;
	assert_ok(ad_store_round_nudge(t->db, t->arena, 1, DAY_S, &done, &wait_s, &err), err);
	assert_true(done);
	assert_ok(ad_store_round_nudge(t->db, t->arena, 1, DAY_S, &done, &wait_s, &err), err);
	assert_false(done);
	assert_in_range(wait_s, DAY_S - 60, DAY_S);
	db_test_sql(t, "update requests set nudged_at = nudged_at - interval '1 day'");
	assert_ok(ad_store_round_nudge(t->db, t->arena, 1, DAY_S, &done, &wait_s, &err), err);
	assert_true(done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(a_pause_keeps_what_was_left_of_the_deadline),
		db_test(a_question_is_answered_once),
		db_test(a_decision_taken_back_opens_a_copy_of_its_stage),
		db_test(who_has_asked_again_meanwhile_keeps_the_new_request),
		db_test(an_edit_keeps_the_old_answers),
		db_test(a_reminder_is_possible_once_a_day),
	};
	return db_test_run(tests);
}
