/* SPDX-License-Identifier: Apache-2.0 */
/* People whom Teams does not reach: who is asked, who is told, what is sent again, and what they
 * wish to be told. */
#include "desk_fixture.h"

#include <pthread.h>

/* The notice that asks this person to decide request 1. */
static int64_t question_to(struct company *c, const struct ad_person *who)
{
	return db_test_int(c->t,
		"select id from outbox where recipient_oid = '%s' and fact = "
		"'request.1.1.approval'",
		who->oid);
}

/* As the sender leaves it when the connector refuses. */
static void lose(struct company *c, int64_t notice)
{
	db_test_sql(c->t,
		"update outbox set state = 'dead', fallback = 'waiting', last_error = 'blocked',"
		" attempts = 1 where id = %lld",
		(long long)notice);
	db_test_sql(c->t,
		"insert into bot_conversation_references (tenant_id, oid, app_id, conversation_id,"
		" reference, key_id, state) select tenant_id, recipient_oid, 'bot', recipient_oid,"
		" '', 'k1', 'blocked' from outbox where id = %lld",
		(long long)notice);
}

static void fall_back(struct company *c, struct ad_db *db, int64_t notice, bool is_installed)
{
	struct ad_err err = { 0 };
	struct ad_desk desk = company_desk(c, db);
	const struct ad_desk_fallback what = {
		.notice_id = notice, .is_installed = is_installed, .install_error = ""
	};
	assert_ok(ad_db_begin(db, &err), err);
	assert_ok(ad_desk_fallback(&desk, &what, &err), err);
	assert_ok(ad_db_commit(db, &err), err);
}

static int64_t told(struct company *c, const char *fact)
{
	return db_test_int(c->t, "select count(*) from outbox where fact like '%s'", fact);
}

static void a_fallback_is_taken_once_and_admins_hear_once_a_day(void **state)
{
	struct company c = company_open(*state);
	(void)ask(&c, &ana, 1);
	(void)ask(&c, &bob, 1);
	lose(&c, question_to(&c, &kim));
	fall_back(&c, c.t->db, question_to(&c, &kim), false);
	assert_int_equal(told(&c, "unreached.kim.%"), 2); /* Ada and Abe */
	fall_back(&c, c.t->db, question_to(&c, &kim), false);
	int64_t second = db_test_int(c.t, "select id from outbox where recipient_oid = 'kim' and"
					  " fact = 'request.2.1.approval'");
	db_test_sql(c.t, "update outbox set state = 'dead', fallback = 'waiting' where id = %lld",
		(long long)second);
	fall_back(&c, c.t->db, second, false);
	assert_int_equal(told(&c, "unreached.kim.%"), 2);
	assert_int_equal(db_test_int(c.t, "select count(*) from audit_logs where action = "
					  "'notice.undelivered'"),
		2);
	assert_int_equal(told(&c, "request.1.1.approval"), 2); /* Lee is there */
}

static void who_is_not_reached_is_not_asked(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply form = { 0 };
	struct ad_desk_reply refused = { 0 };
	(void)ask(&c, &ana, 1);
	lose(&c, question_to(&c, &kim));
	(void)ask(&c, &bob, 1);
	assert_string_equal(
		db_test_text(c.t, "select string_agg(oid, ' ') from stage_approvers where "
				  "request_id = 2"),
		"lee");
	lose(&c, question_to(&c, &lee));
	TURN(&c, form, ad_desk_form(&desk, &ana, 2, &form, &err));
	struct ad_json *inputs = inputs_of(&c, "why");
	ad_json_set_str(c.t->arena, inputs, "q1", "IT");
	const struct ad_desk_press press = { .token = card_token(form.card), .inputs = inputs };
	TURN(&c, refused, ad_desk_submit(&desk, &ana, &press, &refused, &err));
	/* Then the admins are asked (product E1). */
	assert_string_equal(refused.outcome, "submitted");
	assert_string_equal(db_test_text(c.t, "select string_agg(oid, ' ' order by oid) from "
					      "stage_approvers where request_id = 3"),
		"abe ada");
}

static void after_an_installation_the_same_notice_goes_out_again(void **state)
{
	struct company c = company_open(*state);
	(void)ask(&c, &ana, 1);
	int64_t notice = question_to(&c, &kim);
	lose(&c, notice);
	fall_back(&c, c.t->db, notice, true);
	assert_string_equal(db_test_text(c.t,
				    "select state || ' ' || fallback || ' ' || attempts from outbox"
				    " where id = %lld",
				    (long long)notice),
		"pending install 0");
	/* The next message makes the conversation anew. */
	assert_string_equal(db_test_text(c.t, "select state from bot_conversation_references where "
					      "oid = 'kim'"),
		"stale");
	assert_int_equal(told(&c, "unreached.%"), 0);
}

/* Of a group of many some are asked at first; when one of them is lost, the next one is asked. */
static void an_alternate_is_asked_in_place_of_who_is_lost(void **state)
{
	enum { MANY = AD_DESK_CARDS_MAX + 2 };
	struct company c = company_open(*state);
	struct ad_person many[MANY];
	struct ad_desk_reply form = { 0 };
	struct ad_desk_reply sent = { 0 };
	for (int i = 0; i < MANY; i++)
		many[i] = (struct ad_person){ .oid = ad_printf(c.t->arena, "p%02d", i),
			.name = ad_printf(c.t->arena, "P%02d", i),
			.mail = "",
			.locale = "" };
	const struct ad_people all = { many, MANY };
	TURN(&c, form, (desk.approvers = all, ad_desk_form(&desk, &ana, 1, &form, &err)));
	const struct ad_desk_press press = { .token = card_token(form.card),
		.inputs = inputs_of(&c, "why") };
	TURN(&c, sent, (desk.approvers = all, ad_desk_submit(&desk, &ana, &press, &sent, &err)));
	assert_string_equal(sent.outcome, "submitted");
	assert_int_equal(told(&c, "request.1.1.approval"), AD_DESK_CARDS_MAX);
	for (int lost = 1; lost <= 2; lost++) {
		int64_t notice = db_test_int(c.t, "select min(id) from outbox where fact = "
						  "'request.1.1.approval' and state = 'pending'");
		lose(&c, notice);
		fall_back(&c, c.t->db, notice, false);
		assert_int_equal(told(&c, "request.1.1.approval"), AD_DESK_CARDS_MAX + lost);
	}
}

/* ---- two at once ---- */

struct losing {
	struct ad_desk desk; /* made before the threads start: the fixture is for one */
	struct ad_db *db;
	struct ad_arena *arena;
	int64_t notice;
	pthread_t thread;
};

static int fall_back_once(struct ad_db *db, void *ctx, struct ad_err *err)
{
	const struct losing *losing = ctx;
	struct ad_desk desk = losing->desk;
	const struct ad_desk_fallback what = { .notice_id = losing->notice, .install_error = "" };
	desk.db = db;
	desk.arena = losing->arena;
	return ad_desk_fallback(&desk, &what, err);
}

static void *fall_back_thread(void *ctx)
{
	struct losing *losing = ctx;
	struct ad_err err = { 0 };
	return ad_db_transaction(losing->db, fall_back_once, losing, &err) == 0 ? NULL : losing;
}

/* The last two approvers are lost in the same moment: one of the two jobs sees that nobody is left
 * and asks the admins, and the receipt names both. */
static void two_that_are_lost_at_once_are_both_seen(void **state)
{
	struct company c = company_open(*state);
	struct losing both[2];
	(void)ask(&c, &ana, 1);
	for (int i = 0; i < 2; i++) {
		both[i] = (struct losing){ .desk = company_desk(&c, c.t->db),
			.notice = question_to(&c, i == 0 ? &kim : &lee),
			.db = db_test_open(c.t),
			.arena = ad_arena_new() };
		lose(&c, both[i].notice);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&both[i].thread, NULL, fall_back_thread, &both[i]), 0);
	for (int i = 0; i < 2; i++) {
		void *failed;
		assert_int_equal(pthread_join(both[i].thread, &failed), 0);
		assert_null(failed);
		ad_arena_free(both[i].arena);
		ad_db_close(both[i].db);
	}
	assert_int_equal(told(&c, "request.1.1.approval"), 4); /* the two admins are asked now */
	const char *receipt = db_test_text(c.t,
		"select activity from outbox where kind = 'update' and recipient_oid = 'ana'"
		" order by id desc limit 1");
	assert_non_null(strstr(receipt, "Kim and Lee could not be reached"));
}

/* ---- the ledger ---- */

static void a_retry_shows_what_is_true_now(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	(void)ask(&c, &ana, 1);
	int64_t notice = question_to(&c, &kim);
	lose(&c, notice);
	fall_back(&c, c.t->db, notice, false);
	const struct ad_desk_press press = press_of(&c, &lee, "no seat");
	TURN(&c, reply, ad_desk_decide(&desk, &lee, &press, AD_DECISION_REJECTED, &reply, &err));
	TURN(&c, reply, ad_desk_notice_retry(&desk, &ada, notice, false, &reply, &err));
	assert_string_equal(reply.outcome, "notice.retried");
	const char *sent =
		db_test_text(c.t, "select activity from outbox where id = %lld", (long long)notice);
	assert_non_null(strstr(sent, "Rejected by Lee"));
	assert_null(strstr(sent, "\"approve\""));
	assert_int_equal(db_test_int(c.t,
				 "select shown_version from card_copies where outbox_id = "
				 "%lld",
				 (long long)notice),
		2);
	TURN(&c, reply, ad_desk_notice_retry(&desk, &abe, notice, false, &reply, &err));
	assert_string_equal(reply.outcome, "not_stuck");
}

static void the_ledger_is_for_admins(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	const struct ad_desk_press all = { 0 };
	(void)ask(&c, &ana, 1);
	int64_t notice = question_to(&c, &kim);
	lose(&c, notice);
	TURN(&c, reply, ad_desk_undelivered(&desk, &lee, &all, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	TURN(&c, reply, ad_desk_notice(&desk, &ana, notice, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	TURN(&c, reply, ad_desk_notice_retry(&desk, &lee, notice, true, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	TURN(&c, reply, ad_desk_notice_mail(&desk, &lee, notice, true, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	TURN(&c, reply, ad_desk_notice_install(&desk, &lee, notice, true, &reply, &err));
	assert_string_equal(reply.outcome, "not_admin");
	TURN(&c, reply, ad_desk_notice(&desk, &ada, notice, &reply, &err));
	assert_true(card_says(&c, reply.card, "Kim was not reached"));
	TURN(&c, reply, ad_desk_notice_install(&desk, &ada, notice, true, &reply, &err));
	assert_string_equal(reply.outcome, "not_stuck"); /* graph.install_app is not set */
	TURN(&c, reply, ad_desk_notice(&desk, &ada, 4711, &reply, &err));
	assert_string_equal(reply.outcome, "no_notice");
}

/* ---- wishes ---- */

static void a_wish_is_kept_and_nonsense_is_not(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	static const struct {
		const char *name, *hours, *outcome, *kept;
	} cases[] = {
		{ "mute", NULL, "preferred", "off t - - UTC" },
		{ "digest daily", NULL, "preferred", "daily t - - UTC" },
		{ "quiet", "20:00-7:30 europe/berlin", "preferred",
			"daily t 20:00:00 07:30:00 Europe/Berlin" },
		{ "quiet", "9.00 - 17.00", "preferred", "daily t 09:00:00 17:00:00 Europe/Berlin" },
		{ "quiet", "24:00-07:00", "bad_wish", "daily t 09:00:00 17:00:00 Europe/Berlin" },
		{ "quiet", "20:00-07:00x", "bad_wish", "daily t 09:00:00 17:00:00 Europe/Berlin" },
		{ "quiet", "20-7", "bad_wish", "daily t 09:00:00 17:00:00 Europe/Berlin" },
		{ "quiet", "20:00-07:00 Nowhere/At_All", "bad_wish",
			"daily t 09:00:00 17:00:00 Europe/Berlin" },
		{ "format disk", NULL, "bad_wish", "daily t 09:00:00 17:00:00 Europe/Berlin" },
		{ "unmute", NULL, "preferred", "daily f 09:00:00 17:00:00 Europe/Berlin" },
		{ "quiet off", NULL, "preferred", "daily f - - Europe/Berlin" },
		{ "digest off", NULL, "preferred", "off f - - Europe/Berlin" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct ad_desk_wish wish = { .name = cases[i].name, .what = cases[i].hours };
		TURN(&c, reply, ad_desk_prefer(&desk, &ana, &wish, &reply, &err));
		assert_string_equal(reply.outcome, cases[i].outcome);
		assert_string_equal(
			db_test_text(c.t,
				"select concat_ws(' ', digest, muted, coalesce(quiet_from::text,"
				" '-'), coalesce(quiet_until::text, '-'), time_zone)"
				" from preferences"),
			cases[i].kept);
	}
	assert_int_equal(db_test_int(c.t, "select count(*) from audit_logs where action = "
					  "'preferences.changed'"),
		7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(a_fallback_is_taken_once_and_admins_hear_once_a_day),
		db_test(who_is_not_reached_is_not_asked),
		db_test(an_alternate_is_asked_in_place_of_who_is_lost),
		db_test(after_an_installation_the_same_notice_goes_out_again),
		db_test(two_that_are_lost_at_once_are_both_seen),
		db_test(a_retry_shows_what_is_true_now),
		db_test(the_ledger_is_for_admins),
		db_test(a_wish_is_kept_and_nonsense_is_not),
	};
	return db_test_run(tests);
}
