/* SPDX-License-Identifier: Apache-2.0 */
/* What is done with an open request besides deciding it, where two of these meet. */
#include "desk_fixture.h"

#include "ad/desk/facts.h"

/* Kim and Lee are approvers, as the directory would say it. */
static struct ad_desk *known(struct ad_desk *desk)
{
	ad_fact_put_member(desk, "kim", APPROVERS, true);
	ad_fact_put_member(desk, "lee", APPROVERS, true);
	return desk;
}

static void approve(struct company *c, const struct ad_person *who, int64_t id)
{
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press typed = { .number = id };
	TURN(c, reply, ad_desk_decide(&desk, who, &typed, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "decided");
}

static const char *undo(struct company *c, const struct ad_person *who, int64_t id)
{
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press typed = { .number = id, .reason = "a mistake" };
	TURN(c, reply, ad_desk_undo(known(&desk), who, &typed, &reply, &err));
	return reply.outcome;
}

static const char *state_of(struct company *c, int64_t id)
{
	return db_test_text(c->t, "select state from requests where id = %lld", (long long)id);
}

static void a_job_goes_on_while_somebody_waits_for_it(void **state)
{
	struct company c = company_open(*state);
	int64_t first = ask(&c, &ana, 1);
	int64_t second = ask(&c, &bob, 1);
	approve(&c, &kim, first);
	approve(&c, &kim, second);
	assert_string_equal(undo(&c, &kim, first), "undone");
	assert_string_equal(state_of(&c, first), "pending");
	assert_string_equal(
		db_test_text(c.t, "select state from jobs where kind = 'package'"), "queued");
	assert_string_equal(undo(&c, &kim, second), "undone");
	assert_string_equal(
		db_test_text(c.t, "select state from jobs where kind = 'package'"), "cancelled");
	/* Approved once more, it gets a job of its own. */
	approve(&c, &lee, first);
	assert_int_equal(db_test_int(c.t, "select count(*) from jobs where kind = 'package'"
					  " and state = 'queued'"),
		1);
}

static void what_is_handed_out_is_not_taken_back(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	approve(&c, &kim, id);
	db_test_sql(c.t, "update jobs set state = 'running', step = 'upload' where kind = "
			 "'package'");
	db_test_sql(c.t, "update jobs set step = 'deliver' where kind = 'package'");
	assert_string_equal(undo(&c, &kim, id), "delivering");
	assert_string_equal(state_of(&c, id), "fulfilling");
	db_test_sql(c.t, "update jobs set step = 'upload' where kind = 'package'");
	assert_string_equal(undo(&c, &kim, id), "undone");
	/* What works already works on: the app is there for whoever is next. */
	assert_string_equal(
		db_test_text(c.t, "select state from jobs where kind = 'package'"), "running");
}

static void a_decision_is_taken_back_once_and_by_one(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	approve(&c, &kim, id);
	assert_string_equal(undo(&c, &lee, id), "not_yours");
	assert_string_equal(undo(&c, &bob, id), "no_request");
	assert_string_equal(undo(&c, &kim, id), "undone");
	assert_string_equal(undo(&c, &kim, id), "not_yours");
	assert_int_equal(db_test_int(c.t, "select count(*) from audit_logs where action = "
					  "'decision.undone'"),
		1);
}

static const char *hand_over(
	struct company *c, const struct ad_person *who, int64_t id, const char *to)
{
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press typed = { .number = id, .reason = to };
	TURN(c, reply, ad_desk_hand_over(known(&desk), who, &typed, &reply, &err));
	return reply.outcome;
}

static void a_voice_of_ones_own_is_not_worth_two(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	db_test_sql(c.t, "update stages set need = 2");
	assert_string_equal(hand_over(&c, &kim, id, "to Lee"), "not_eligible");
	/* An admin is the stage's last level, and not asked yet. */
	assert_string_equal(hand_over(&c, &kim, id, "to ADA@corp"), "handed_over");
	assert_string_equal(
		db_test_text(c.t, "select string_agg(oid || ' ' || state, ', ' order by oid) from"
				  " stage_approvers"),
		"ada asked, kim replaced, lee asked");
	assert_string_equal(hand_over(&c, &kim, id, "to Abe"), "not_approver");
}

static void where_one_voice_is_enough_it_may_be_handed_to_who_has_one(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	assert_string_equal(hand_over(&c, &kim, id, "lee"), "handed_over");
	approve(&c, &lee, id);
}

static void who_has_just_become_an_approver_keeps_the_buttons(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	struct ad_person remembered = kim; /* as of some minutes ago; the directory says now */
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press press = { .number = id, .reason = "what for?" };
	remembered.is_approver = false;
	TURN(&c, reply, ad_desk_ask(known(&desk), &remembered, &press, &reply, &err));
	assert_string_equal(reply.outcome, "asked");
	assert_non_null(card_token(reply.card));
}

static void an_edit_leaves_an_open_question_behind(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	struct ad_desk_reply reply = { 0 };
	struct ad_desk_press press = { .number = id, .reason = "what for?" };
	TURN(&c, reply, ad_desk_ask(known(&desk), &kim, &press, &reply, &err));
	assert_string_equal(reply.outcome, "asked");
	press = (struct ad_desk_press){ .number = id };
	TURN(&c, reply, ad_desk_edit(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "form");
	press = (struct ad_desk_press){ .token = card_token(reply.card),
		.inputs = inputs_of(&c, "For the audit, as you asked") };
	TURN(&c, reply, ad_desk_edit_send(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "edited");
	assert_string_equal(state_of(&c, id), "pending");
	/* The same press again is the same answer, and no third round. */
	TURN(&c, reply, ad_desk_edit_send(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "repeated");
	assert_int_equal(db_test_int(c.t, "select round from requests"), 2);
	press = (struct ad_desk_press){ .number = id, .reason = "for work" };
	TURN(&c, reply, ad_desk_answer(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "no_question");
	assert_string_equal(db_test_text(c.t, "select answer from inquiries"), "");
}

static void a_faulty_edit_changes_nothing(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	struct ad_desk_reply reply = { 0 };
	struct ad_desk_press press = { .number = id };
	TURN(&c, reply, ad_desk_edit(&desk, &ana, &press, &reply, &err));
	press = (struct ad_desk_press){ .token = card_token(reply.card),
		.inputs = inputs_of(&c, "  ") };
	TURN(&c, reply, ad_desk_edit_send(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "invalid");
	assert_string_equal(card_token(reply.card), press.token);
	assert_true(card_says(&c, reply.card, "edit_send"));
	assert_int_equal(db_test_int(c.t, "select round from requests"), 1);
	/* Without the form's token nothing is sent. */
	press = (struct ad_desk_press){ .number = id, .inputs = inputs_of(&c, "another") };
	TURN(&c, reply, ad_desk_edit_send(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "foreign_token");
}

static void the_votes_of_an_earlier_round_do_not_count(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	db_test_sql(c.t, "update stages set need = 2");
	struct ad_desk_reply reply = { 0 };
	struct ad_desk_press press = { .number = id };
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &reply, &err));
	TURN(&c, reply, ad_desk_edit(&desk, &ana, &press, &reply, &err));
	press = (struct ad_desk_press){ .token = card_token(reply.card),
		.inputs = inputs_of(&c, "something else") };
	TURN(&c, reply, ad_desk_edit_send(&desk, &ana, &press, &reply, &err));
	db_test_sql(c.t, "update stages set need = 2");
	press = (struct ad_desk_press){ .number = id };
	TURN(&c, reply, ad_desk_decide(&desk, &lee, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(state_of(&c, id), "pending");
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(state_of(&c, id), "fulfilling");
}

static void a_later_stage_gives_no_more_than_an_earlier_one_has_left(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	db_test_sql(c.t, "update requests set wanted_days = 90, granted_days = 30");
	struct ad_desk_reply reply = { 0 };
	struct ad_desk_press press = { .number = id, .days = 60 };
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "wider");
	press.days = 0; /* as wanted is what is left of it */
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "decided");
	assert_int_equal(db_test_int(c.t, "select granted_days from requests"), 30);
}

static void a_repeated_press_asks_once(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	struct ad_json *inputs = ad_json_new_object(c.t->arena);
	ad_json_set_str(c.t->arena, inputs, "question", "what for?");
	struct ad_desk_press press = press_of(&c, &kim, NULL);
	press.inputs = inputs;
	struct ad_desk_reply reply = { 0 };
	for (int i = 0; i < 2; i++)
		TURN(&c, reply, ad_desk_ask(known(&desk), &kim, &press, &reply, &err));
	assert_string_equal(reply.outcome, "repeated");
	assert_int_equal(db_test_int(c.t, "select count(*) from inquiries"), 1);
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where fact like "
					  "'%%.question'"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(a_job_goes_on_while_somebody_waits_for_it),
		db_test(what_is_handed_out_is_not_taken_back),
		db_test(a_decision_is_taken_back_once_and_by_one),
		db_test(a_voice_of_ones_own_is_not_worth_two),
		db_test(where_one_voice_is_enough_it_may_be_handed_to_who_has_one),
		db_test(who_has_just_become_an_approver_keeps_the_buttons),
		db_test(an_edit_leaves_an_open_question_behind),
		db_test(a_faulty_edit_changes_nothing),
		db_test(the_votes_of_an_earlier_round_do_not_count),
		db_test(a_later_stage_gives_no_more_than_an_earlier_one_has_left),
		db_test(a_repeated_press_asks_once),
	};
	return db_test_run(tests);
}
