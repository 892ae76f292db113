/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions: one commit decides, nobody for themselves, the same press gets the same answer. */
#include "desk_fixture.h"

#include <pthread.h>

static void an_approval_starts_one_job_and_tells_everybody(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	struct ad_desk_press press = press_of(&c, &kim, NULL);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "decided");
	assert_true(reply.in_place);
	assert_true(card_says(&c, reply.card, "Approved by Kim"));
	assert_null(card_token(reply.card));
	assert_string_equal(db_test_text(c.t, "select state from requests where id = %d", (int)id),
		"fulfilling");
	assert_int_equal(db_test_int(c.t, "select count(*) from jobs where kind = 'package' and "
					  "key = 'app:1' and state = 'queued'"),
		1);
	assert_int_equal(db_test_int(c.t, "select count(*) from decisions"), 1);
	/* The receipt and both approvers' cards get new content. */
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where kind = 'update'"), 3);
	assert_string_equal(
		db_test_text(c.t,
			"select activity::jsonb->>'text' from outbox where recipient_oid = "
			"'ana' and fact = 'request.1.approved'"),
		"Good news: Kim approved your request #1 for 7-Zip. I am preparing it now and will "
		"tell you when it is ready.");
	assert_string_equal(db_test_text(c.t, "select string_agg(action, ' ' order by seq) from "
					      "audit_logs"),
		"request.created stage.opened decision.approved job.queued");
}

/* Decided and answered, with the answer in place of the pressed card. */
static int decide_in_place(struct ad_desk *desk, const struct ad_desk_press *press,
	const struct ad_desk_place *place, struct ad_desk_reply *ret, struct ad_err *err)
{
	int e = ad_desk_decide(desk, &kim, press, AD_DECISION_APPROVED, ret, err);
	return e == 0 ? ad_desk_post(desk, &kim, ret, place, err) : e;
}

static void the_pressed_card_is_written_once_and_last(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	struct ad_desk_press press = press_of(&c, &kim, NULL);
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_place place = { .service_url = "https://smba/",
		.conversation_id = "conv-kim",
		.activity_id = "a1",
		.shown = true,
		.fact = "reply.a" };
	db_test_sql(c.t, "update card_copies set conversation_id = 'conv-kim', activity_id = 'a1' "
			 "where recipient_oid = 'kim'");
	TURN(&c, reply, decide_in_place(&desk, &press, &place, &reply, &err));
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where kind = 'update'"), 3);
	assert_int_equal(db_test_int(c.t, "select sum(revision) from outbox"), 0);
	/* What only who pressed reads stands on that card alone. */
	const char *shown = ad_json_print(c.t->arena, reply.card);
	assert_int_equal(db_test_int(c.t,
				 "select count(*) from outbox where kind = 'update' and "
				 "activity::jsonb->'attachments'->0->'content' = $c$%s$c$::jsonb",
				 shown),
		1);
	assert_string_equal(
		db_test_text(c.t,
			"select recipient_oid from outbox where kind = 'update' and "
			"activity::jsonb->'attachments'->0->'content' = $c$%s$c$::jsonb",
			shown),
		"kim");
	assert_int_equal(db_test_int(c.t, "select count(*) from card_copies where request_id = 1 "
					  "and card <> 'view' and shown_version <> 2"),
		0);
}

/* The sender is told of all that left with COMMIT. */
static void the_rows_that_left_last_are_named_for_the_sender(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	struct ad_desk_press press = press_of(&c, &kim, NULL);
	struct ad_desk desk = company_desk(&c, c.t->db);
	struct ad_desk_reply reply = { 0 };
	struct ad_err err = { 0 };
	int64_t newest = db_test_int(c.t, "select max(id) from outbox");
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_gather_writes(&desk, &err), err);
	assert_ok(ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &reply, &err), err);
	assert_ok(ad_desk_finish(&desk, &err), err);
	assert_ok(ad_db_commit(desk.db, &err), err);
	assert_int_equal(ad_desk_notices(&desk),
		db_test_int(c.t, "select count(*) from outbox where id > %d", (int)newest));
	assert_int_equal(ad_desk_notices(&desk), desk.notices);
	for (size_t i = 0; i < desk.notices; i++)
		assert_int_equal(
			db_test_int(c.t, "select count(*) from outbox where id = %d and id > %d",
				(int)desk.notice_ids[i], (int)newest),
			1);
}

static void other_requests_of_the_app_wait_for_the_same_job(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press first = { .number = ask(&c, &ana, 1) };
	const struct ad_desk_press second = { .number = ask(&c, &bob, 1) };
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &first, AD_DECISION_APPROVED, &reply, &err));
	TURN(&c, reply, ad_desk_decide(&desk, &lee, &second, AD_DECISION_APPROVED, &reply, &err));
	assert_int_equal(db_test_int(c.t, "select count(*) from jobs where kind = 'package'"), 1);
	assert_int_equal(db_test_int(c.t, "select count(distinct job_id) from requests"), 1);
}

static void a_rejection_needs_a_reason_and_shows_it(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	struct ad_desk_press press = press_of(&c, &kim, "  \xc2\xa0 ");
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_REJECTED, &reply, &err));
	assert_string_equal(reply.outcome, "needs_reason");
	assert_string_equal(card_token(reply.card), press.token);
	assert_string_equal(db_test_text(c.t, "select state from requests"), "pending");

	press.reason = "We have *another* archiver";
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_REJECTED, &reply, &err));
	assert_string_equal(reply.outcome, "decided");
	assert_string_equal(db_test_text(c.t, "select state from requests"), "rejected");
	assert_int_equal(db_test_int(c.t, "select count(*) from jobs where kind = 'package'"), 0);
	const struct ad_json *card = sent_card(&c, &ana, "view");
	assert_true(card_says(&c, card, "We have \\\\*another\\\\* archiver"));
	assert_string_equal(
		db_test_text(c.t, "select details->>'reason' from audit_logs where action = "
				  "'decision.rejected'"),
		press.reason);
}

static void nobody_decides_their_own_request(void **state)
{
	struct company c = company_open(*state);
	struct ad_person both = ana;
	both.is_approver = true;
	const struct ad_desk_press press = { .number = ask(&c, &ana, 1) };
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &both, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "self");
	assert_string_equal(db_test_text(c.t, "select state from requests"), "pending");
	assert_string_equal(
		db_test_text(c.t, "select details->>'reason' from audit_logs where action = "
				  "'decision.refused' and user_id = 'ana'"),
		"self");
}

static void a_requester_is_never_on_the_slate(void **state)
{
	struct company c = company_open(*state);
	c.approvers[1] = ana;
	ask(&c, &ana, 1);
	assert_string_equal(
		db_test_text(c.t, "select string_agg(oid, ',') from stage_approvers"), "kim");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from outbox where card = 'approval'"), 1);
}

static void a_repeated_press_gets_the_first_answer(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	struct ad_desk_press press = press_of(&c, &kim, NULL);
	struct ad_desk_reply first = { 0 };
	struct ad_desk_reply again = { 0 };
	TURN(&c, first, ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &first, &err));
	press.reason = "changed my mind";
	TURN(&c, again, ad_desk_decide(&desk, &kim, &press, AD_DECISION_REJECTED, &again, &err));
	assert_string_equal(again.outcome, "repeated");
	assert_string_equal(again.text, first.text);
	assert_string_equal(
		ad_json_print(c.t->arena, again.card), ad_json_print(c.t->arena, first.card));
	assert_true(again.in_place);
	assert_int_equal(db_test_int(c.t, "select count(*) from decisions"), 1);
	assert_int_equal(db_test_int(c.t, "select count(*) from audit_logs where action like "
					  "'decision.%%'"),
		1);
}

static void a_button_works_only_for_whom_it_was_made(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	const struct ad_desk_press press = press_of(&c, &kim, NULL);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &lee, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "foreign_token");
	/* A token of another purpose is no token. */
	const struct ad_desk_press cancel = { .token = card_token(sent_card(&c, &ana, "receipt")) };
	TURN(&c, reply, ad_desk_decide(&desk, &ana, &cancel, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "foreign_token");
	assert_string_equal(db_test_text(c.t, "select state from requests"), "pending");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from audit_logs where action = 'token.refused'"),
		2);
}

static void an_old_card_does_not_decide_but_is_made_fresh(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	const struct ad_desk_press old = press_of(&c, &kim, NULL);
	db_test_sql(c.t, "update requests set version = version + 1");
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &old, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "stale");
	assert_string_equal(db_test_text(c.t, "select state from requests"), "pending");
	const struct ad_desk_press fresh = { .token = card_token(reply.card) };
	assert_string_not_equal(fresh.token, old.token);
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &fresh, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "decided");
}

static void who_left_the_group_is_refused_at_the_click(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	const struct ad_desk_press press = press_of(&c, &kim, NULL);
	struct ad_person left = kim;
	left.is_approver = false;
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &left, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "not_approver");
	assert_string_equal(db_test_text(c.t, "select state from requests"), "pending");
}

static void not_found_and_not_allowed_look_the_same(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	struct ad_desk_reply hidden = { 0 };
	struct ad_desk_reply missing = { 0 };
	const struct ad_desk_press press = { .number = id };
	TURN(&c, hidden, ad_desk_decide(&desk, &bob, &press, AD_DECISION_APPROVED, &hidden, &err));
	TURN(&c, missing, ad_desk_request_view(&desk, &bob, id, &missing, &err));
	assert_string_equal(hidden.text, missing.text);
	assert_null(hidden.card);
	const struct ad_desk_press nowhere = { .number = 4711 };
	TURN(&c, missing,
		ad_desk_decide(&desk, &bob, &nowhere, AD_DECISION_APPROVED, &missing, &err));
	const char *expected = ad_printf(c.t->arena, "%s", missing.text);
	TURN(&c, missing, ad_desk_request_view(&desk, &bob, 4711, &missing, &err));
	assert_string_equal(missing.text, expected);
	assert_string_equal(missing.outcome, hidden.outcome);
	TURN(&c, missing, ad_desk_cancel(&desk, &bob, &nowhere, &missing, &err));
	assert_string_equal(missing.text, expected);
	TURN(&c, hidden, ad_desk_cancel(&desk, &bob, &press, &hidden, &err));
	assert_string_equal(db_test_text(c.t, "select state from requests"), "pending");
}

static void settings_that_changed_meanwhile_start_the_turn_over(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	const struct ad_desk_press press = press_of(&c, &kim, NULL);
	struct ad_desk before = company_desk(&c, c.t->db);
	db_test_sql(c.t, "update portal_settings set value = '' where key = 'ApproverGroupId'");
	struct ad_desk_reply reply = { 0 };
	struct ad_err error = { 0 };
	assert_ok(ad_db_begin(c.t->db, &error), error);
	assert_int_equal(
		ad_desk_decide(&before, &kim, &press, AD_DECISION_APPROVED, &reply, &error),
		AD_ECONFLICT);
	assert_int_equal(error.class, AD_CLASS_TRANSIENT);
	ad_db_rollback(c.t->db);
	/* Looked up again: an empty group has no members, whatever the fact says. */
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "not_approver");
}

/* ---- many at once ---- */

enum { CLICKS = 8 };

struct click {
	struct company *c;
	const char *token;
	const struct ad_person *who;
	enum ad_decision decision;
	struct ad_db *db;
	struct ad_arena *arena;
	char outcome[32];
};

static int click_once(struct click *click, struct ad_err *err)
{
	struct ad_desk desk = {
		.db = click->db,
		.arena = click->arena,
		.cards = desk_cards,
		.tenant_id = TENANT,
		.node_id = "node",
		.bot_app_id = "bot",
		.source = "teams",
	};
	const struct ad_desk_press press = { .token = click->token, .reason = "because" };
	struct ad_desk_reply reply = { 0 };
	int e = ad_desk_settings_load(click->db, click->arena, TENANT, &desk.settings, err);
	if (e == 0)
		e = ad_db_begin(click->db, err);
	if (e == 0)
		e = ad_desk_decide(&desk, click->who, &press, click->decision, &reply, err);
	if (e == 0)
		e = ad_db_commit(click->db, err);
	else
		ad_db_rollback(click->db);
	(void)snprintf(click->outcome, sizeof click->outcome, "%s",
		e == 0 ? reply.outcome : ad_err_code_name(e));
	return e;
}

static void *click_thread(void *arg)
{
	struct ad_err err = { 0 };
	return click_once(arg, &err) == 0 ? NULL : arg;
}

static void many_clicks_at_once_make_one_decision(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	const char *tokens[] = { press_of(&c, &kim, NULL).token, press_of(&c, &lee, NULL).token };
	const struct ad_person *people[] = { &kim, &lee };
	struct click clicks[CLICKS];
	pthread_t threads[CLICKS];
	for (int i = 0; i < CLICKS; i++) {
		clicks[i] = (struct click){ .c = &c,
			.token = tokens[i % 2],
			.who = people[i % 2],
			.decision = i % 4 < 2 ? AD_DECISION_APPROVED : AD_DECISION_REJECTED,
			.db = db_test_open(c.t),
			.arena = ad_arena_new() };
		assert_int_equal(pthread_create(&threads[i], NULL, click_thread, &clicks[i]), 0);
	}
	int decided = 0;
	int shown = 0;
	for (int i = 0; i < CLICKS; i++) {
		void *failed;
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
		decided += strcmp(clicks[i].outcome, "decided") == 0;
		shown += strcmp(clicks[i].outcome, "already") == 0 ||
			 strcmp(clicks[i].outcome, "repeated") == 0;
		ad_arena_free(clicks[i].arena);
		ad_db_close(clicks[i].db);
	}
	assert_int_equal(decided, 1);
	assert_int_equal(shown, CLICKS - 1);
	assert_int_equal(db_test_int(c.t, "select count(*) from decisions"), 1);
	assert_true(db_test_int(c.t, "select count(*) from jobs where kind = 'package'") <= 1);
	assert_int_equal(db_test_int(c.t, "select count(*) from audit_logs where action in "
					  "('decision.approved', 'decision.rejected')"),
		1);
}

static void the_loser_is_shown_who_decided(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	const struct ad_desk_press kims = press_of(&c, &kim, NULL);
	const struct ad_desk_press lees = press_of(&c, &lee, "no");
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &kims, AD_DECISION_APPROVED, &reply, &err));
	TURN(&c, reply, ad_desk_decide(&desk, &lee, &lees, AD_DECISION_REJECTED, &reply, &err));
	assert_string_equal(reply.outcome, "already");
	assert_true(ad_text_starts(reply.text, "Already decided by Kim"));
	assert_true(reply.in_place);
	assert_true(card_says(&c, reply.card, "Approved by Kim"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(an_approval_starts_one_job_and_tells_everybody),
		db_test(the_pressed_card_is_written_once_and_last),
		db_test(the_rows_that_left_last_are_named_for_the_sender),
		db_test(other_requests_of_the_app_wait_for_the_same_job),
		db_test(a_rejection_needs_a_reason_and_shows_it),
		db_test(nobody_decides_their_own_request),
		db_test(a_requester_is_never_on_the_slate),
		db_test(a_repeated_press_gets_the_first_answer),
		db_test(a_button_works_only_for_whom_it_was_made),
		db_test(an_old_card_does_not_decide_but_is_made_fresh),
		db_test(who_left_the_group_is_refused_at_the_click),
		db_test(not_found_and_not_allowed_look_the_same),
		db_test(settings_that_changed_meanwhile_start_the_turn_over),
		db_test(many_clicks_at_once_make_one_decision),
		db_test(the_loser_is_shown_who_decided),
	};
	int failed = db_test_run(tests);
	ad_cards_free(desk_cards);
	return failed;
}
