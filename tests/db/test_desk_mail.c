/* SPDX-License-Identifier: Apache-2.0 */
/* Mails in place of notices, and the links in them. */
#include "desk_fixture.h"

#include "ad/crypto.h"
#include "ad/store/links.h"
#include "ad/store/outbox.h"

#include <pthread.h>

static const struct ad_store_conv_key key = { .id = "k1", .key = { 1, 2, 3 } };
static const struct ad_desk_mail with_links = {
	.links = true, .public_url = "https://desk.example.com", .key = &key
};
static const struct ad_desk_mail without_links = { .public_url = "", .key = &key };

/* Mails the newest notice to somebody in this role. */
static enum ad_desk_mailed mail_with(struct company *c, const struct ad_desk_mail *how,
	const struct ad_person *to, const char *role)
{
	struct ad_err err = { 0 };
	struct ad_desk desk = company_desk(c, c->t->db);
	enum ad_desk_mailed mailed = AD_DESK_MAIL_OFF;
	int64_t notice = db_test_int(c->t,
		"select id from outbox where recipient_oid = '%s' and card = '%s' and kind = 'send'"
		" and channel = 'teams' order by id desc limit 1",
		to->oid, role);
	desk.mail = how;
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_mail_notice(&desk, notice, &mailed, &err), err);
	assert_ok(ad_db_commit(desk.db, &err), err);
	return mailed;
}

static int64_t mails(struct company *c)
{
	return db_test_int(c->t, "select count(*) from outbox where channel = 'mail'");
}

/* What the newest mail says. */
static const struct ad_outbox_mail *last_mail(struct company *c)
{
	const struct ad_outbox_node node = { "node", "bot", &key };
	struct ad_err err = { 0 };
	struct ad_outbox_row *rows;
	size_t count = 0;
	int64_t id = db_test_int(c->t, "select max(id) from outbox where channel = 'mail'");
	assert_ok(ad_store_outbox_load(c->t->db, c->t->arena, &node, &id, 1, &rows, &count, &err),
		err);
	assert_true(count > 0);
	assert_non_null(rows[count - 1].mail);
	return rows[count - 1].mail;
}

/* The first and second link of a mail. */
static const char *link_of(struct company *c, const struct ad_outbox_mail *mail, int which)
{
	static const char prefix[] = "https://desk.example.com/act/";
	const char *at = mail->text;
	for (int i = 0; i <= which; i++) {
		at = strstr(i == 0 ? at : at + 1, prefix);
		assert_non_null(at);
	}
	const char *text = ad_strndup(c->t->arena, at + strlen(prefix), AD_LINK_TEXT_LEN);
	assert_true(ad_store_link_is_text(text));
	return text;
}

/* One request, asked and mailed to Kim; her two links. */
struct mailed {
	int64_t id;
	const char *approve;
	const char *reject;
};

static struct mailed ask_by_mail(struct company *c)
{
	struct mailed m = { .id = ask(c, &ana, 1) };
	assert_int_equal(mail_with(c, &with_links, &kim, "approval"), AD_DESK_MAILED);
	const struct ad_outbox_mail *mail = last_mail(c);
	m.approve = link_of(c, mail, 0);
	m.reject = link_of(c, mail, 1);
	return m;
}

static struct ad_desk_page press_on(
	struct ad_desk desk, const struct ad_person *who, const struct ad_desk_link_press *press)
{
	struct ad_err err = { 0 };
	struct ad_desk_page page = { 0 };
	desk.source = "email";
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_link_decide(&desk, who, press, &page, &err), err);
	assert_ok(ad_db_commit(desk.db, &err), err);
	return page;
}

static struct ad_desk_page press_link(
	struct company *c, const struct ad_person *who, const char *link, const char *reason)
{
	const struct ad_desk_link_press press = { .text = link, .reason = reason, .locale = "" };
	return press_on(company_desk(c, c->t->db), who, &press);
}

static struct ad_desk_page look(struct company *c, const char *link)
{
	struct ad_err err = { 0 };
	struct ad_desk desk = company_desk(c, c->t->db);
	struct ad_desk_page page = { 0 };
	assert_ok(ad_desk_link_look(&desk, link, "", &page, &err), err);
	return page;
}

static void a_question_by_mail_has_the_facts_and_two_links(void **state)
{
	struct company c = company_open(*state);
	struct mailed m = ask_by_mail(&c);
	const struct ad_outbox_mail *mail = last_mail(&c);
	assert_string_equal(mail->to, "kim@corp");
	assert_string_equal(mail->subject, "Ana asks for 7-Zip (request #1)");
	static const char *const facts[] = { "Ana", "7-Zip", "Igor Pavlov",
		"I have to open archives", "users=28:bot", "could not reach you" };
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		assert_non_null(strstr(mail->text, facts[i]));
		assert_non_null(strstr(mail->html, facts[i]));
	}
	assert_non_null(strstr(mail->html, m.approve));
	assert_non_null(strstr(mail->html, m.reject));
	assert_string_not_equal(m.approve, m.reject);
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where channel = 'mail' and "
					  "fallback_of is not null and urgent and request_id = 1"),
		1);
}

static void a_link_is_stored_as_its_hash_alone_and_bound_to_all_that_it_decides(void **state)
{
	struct company c = company_open(*state);
	struct mailed m = ask_by_mail(&c);
	uint8_t hash[AD_SHA256_LEN];
	ad_sha256(m.reject, strlen(m.reject), hash);
	assert_string_equal(db_test_text(c.t,
				    "select concat_ws(' ', tenant_id, oid, purpose, request_id, "
				    "stage, decision, "
				    "version) from action_tokens where token_sha256 = '\\x%s'",
				    ad_hex(c.t->arena, hash, sizeof hash)),
		TENANT " kim mail 1 1 rejected 1");
	assert_int_equal(
		db_test_int(c.t, "select count(*) from action_tokens where purpose = 'mail' "
				 "and used_at is null and expires_at between now() + "
				 "interval '167 h' and now() + interval '168 h'"),
		2);
	assert_int_equal(
		db_test_int(c.t,
			"select (select count(*) from action_tokens where "
			"action_tokens::text like '%%%s%%') + (select count(*) from outbox "
			"where outbox::text like '%%%s%%')",
			m.reject, m.reject),
		0);
}

static void without_the_setting_a_mail_has_no_links(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	assert_int_equal(mail_with(&c, &without_links, &kim, "approval"), AD_DESK_MAILED);
	const struct ad_outbox_mail *mail = last_mail(&c);
	assert_null(strstr(mail->text, "/act/"));
	assert_null(strstr(mail->html, "/act/"));
	assert_non_null(strstr(mail->text, "approve 1"));
	assert_int_equal(
		db_test_int(c.t, "select count(*) from action_tokens where purpose = 'mail'"), 0);
}

static void there_is_one_mail_for_a_notice(void **state)
{
	struct company c = company_open(*state);
	ask_by_mail(&c);
	assert_int_equal(mail_with(&c, &with_links, &kim, "approval"), AD_DESK_MAILED);
	assert_int_equal(mails(&c), 1);
	assert_int_equal(
		db_test_int(c.t, "select count(*) from action_tokens where purpose = 'mail'"), 2);
}

static void a_mail_that_did_not_arrive_may_be_followed_by_another_one(void **state)
{
	struct company c = company_open(*state);
	struct mailed first = ask_by_mail(&c);
	db_test_sql(c.t, "update outbox set state = 'ambiguous' where channel = 'mail'");
	assert_int_equal(mail_with(&c, &with_links, &kim, "approval"), AD_DESK_MAILED);
	assert_int_equal(mails(&c), 1);
	db_test_sql(c.t, "update outbox set state = 'dead' where channel = 'mail'");
	assert_int_equal(mail_with(&c, &with_links, &kim, "approval"), AD_DESK_MAILED);
	assert_int_equal(mails(&c), 2);
	assert_string_not_equal(link_of(&c, last_mail(&c), 0), first.approve);
	assert_int_equal(mail_with(&c, &with_links, &kim, "approval"), AD_DESK_MAILED);
	assert_int_equal(mails(&c), 2);
}

static void an_answered_question_is_not_mailed(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	struct ad_desk_press press = press_of(&c, &lee, NULL);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &lee, &press, AD_DECISION_APPROVED, &reply, &err));
	assert_int_equal(mail_with(&c, &with_links, &kim, "approval"), AD_DESK_MAIL_MOOT);
	assert_int_equal(mails(&c), 0);
	assert_int_equal(
		db_test_int(c.t, "select count(*) from action_tokens where purpose = 'mail'"), 0);
}

static void who_has_no_address_or_no_account_gets_no_mail(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	db_test_sql(c.t, "update users set mail = '' where oid = 'kim'");
	assert_int_equal(mail_with(&c, &with_links, &kim, "approval"), AD_DESK_MAIL_NO_ADDRESS);
	db_test_sql(c.t, "update users set mail = 'kim@corp, all@corp' where oid = 'kim'");
	assert_int_equal(mail_with(&c, &with_links, &kim, "approval"), AD_DESK_MAIL_NO_ADDRESS);
	db_test_sql(
		c.t, "update users set mail = 'kim@corp', state = 'disabled' where oid = 'kim'");
	assert_int_equal(mail_with(&c, &with_links, &kim, "approval"), AD_DESK_MAIL_NO_ADDRESS);
	db_test_sql(c.t, "update users set state = 'active' where oid = 'kim'");
	assert_int_equal(mail_with(&c, NULL, &kim, "approval"), AD_DESK_MAIL_OFF);
	assert_int_equal(mails(&c), 0);
}

static void news_by_mail_say_what_the_message_said(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	struct ad_desk_press press = press_of(&c, &kim, "We have <b>another</b> one");
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_REJECTED, &reply, &err));
	assert_int_equal(mail_with(&c, &with_links, &ana, "view"), AD_DESK_MAILED);
	const struct ad_outbox_mail *mail = last_mail(&c);
	assert_string_equal(mail->subject, "Your request #1: 7-Zip");
	assert_non_null(strstr(mail->text, "Kim did not approve your request #1"));
	assert_non_null(strstr(mail->text, "We have <b>another</b> one"));
	assert_non_null(strstr(mail->html, "We have &lt;b&gt;another&lt;/b&gt; one"));
	assert_null(strstr(mail->text, "/act/"));
}

static void a_receipt_by_mail_says_how_things_stand_now(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	struct ad_desk_press press = { .number = 1 };
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_cancel(&desk, &ana, &press, &reply, &err));
	assert_int_equal(mail_with(&c, &with_links, &ana, "receipt"), AD_DESK_MAILED);
	assert_non_null(strstr(last_mail(&c)->text, "Request #1, 7-Zip: Withdrawn"));
}

/* The job about Kim's undelivered question does what is left to do. */
static void fall_back(struct company *c)
{
	struct ad_err err = { 0 };
	struct ad_desk desk = company_desk(c, c->t->db);
	struct ad_desk_fallback what = { .install_error = "" };
	db_test_sql(c->t, "update outbox set state = 'dead', fallback = 'waiting', last_error = "
			  "'blocked', done_at = now() where recipient_oid = 'kim' and card = "
			  "'approval'");
	what.notice_id = db_test_int(c->t, "select id from outbox where fallback = 'waiting'");
	desk.mail = &with_links;
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_fallback(&desk, &what, &err), err);
	assert_ok(ad_db_commit(desk.db, &err), err);
}

static const char *fallback(struct company *c)
{
	return db_test_text(c->t, "select fallback from outbox where state = 'dead'");
}

static int64_t told_admins(struct company *c)
{
	return db_test_int(c->t, "select count(*) from outbox where fact like 'unreached.%%'");
}

static void what_teams_does_not_take_goes_by_mail_and_admins_are_left_alone(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	fall_back(&c);
	assert_string_equal(fallback(&c), "mail");
	assert_int_equal(mails(&c), 1);
	assert_int_equal(told_admins(&c), 0);
	assert_string_equal(db_test_text(c.t, "select details->>'fallback' from audit_logs where "
					      "action = 'notice.undelivered'"),
		"mail");
}

static const char *admin_mails(struct company *c)
{
	struct ad_err err = { 0 };
	struct ad_desk desk = company_desk(c, c->t->db);
	struct ad_desk_reply reply = { 0 };
	int64_t notice = db_test_int(
		c->t, "select id from outbox where state = 'dead' and channel = 'teams'");
	desk.mail = &with_links;
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_notice_mail(&desk, &ada, notice, false, &reply, &err), err);
	assert_ok(ad_db_commit(desk.db, &err), err);
	return reply.outcome;
}

static void an_admin_may_mail_again_when_the_mail_did_not_arrive(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	fall_back(&c);
	assert_string_equal(admin_mails(&c), "not_stuck");
	assert_int_equal(mails(&c), 1);
	db_test_sql(c.t, "update outbox set state = 'dead' where channel = 'mail'");
	assert_string_equal(admin_mails(&c), "notice.mailed");
	assert_int_equal(mails(&c), 2);
	assert_string_equal(admin_mails(&c), "not_stuck");
}

static void without_an_address_the_admins_hear_of_it(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	db_test_sql(c.t, "update users set mail = '' where oid = 'kim'");
	fall_back(&c);
	assert_string_equal(fallback(&c), "none");
	assert_int_equal(mails(&c), 0);
	assert_int_equal(told_admins(&c), 2);
}

static void an_answered_question_is_let_be(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	struct ad_desk_press press = press_of(&c, &lee, NULL);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &lee, &press, AD_DECISION_APPROVED, &reply, &err));
	fall_back(&c);
	assert_string_equal(fallback(&c), "none");
	assert_int_equal(mails(&c), 0);
	assert_int_equal(told_admins(&c), 0);
}

static void a_link_decides_once_and_ends_the_other_one(void **state)
{
	struct company c = company_open(*state);
	struct mailed m = ask_by_mail(&c);
	assert_int_equal(look(&c, m.approve).kind, AD_DESK_PAGE_ASKS);
	assert_int_equal(press_link(&c, &kim, m.approve, NULL).kind, AD_DESK_PAGE_DECIDED);
	assert_string_equal(
		db_test_text(c.t, "select oid || ' ' || decision from decisions"), "kim approved");
	assert_string_equal(
		db_test_text(
			c.t, "select source from audit_logs where action = 'decision.approved'"),
		"email");
	static const char *const outcomes[] = { "used_link", "already" };
	const char *const links[] = { m.approve, m.reject };
	for (int i = 0; i < 2; i++) {
		struct ad_desk_page page = press_link(&c, &kim, links[i], "why");
		assert_int_equal(page.kind, AD_DESK_PAGE_OVER);
		assert_string_equal(page.outcome, outcomes[i]);
		assert_non_null(strstr(page.html, "Approved by Kim"));
		assert_int_equal(look(&c, links[i]).kind, AD_DESK_PAGE_OVER);
	}
	assert_int_equal(db_test_int(c.t, "select count(*) from decisions"), 1);
	assert_int_equal(
		db_test_int(c.t, "select count(*) from action_tokens where purpose = 'mail' "
				 "and used_at is null and expires_at <= now()"),
		1);
}

static void a_link_is_its_holders_alone(void **state)
{
	struct company c = company_open(*state);
	struct mailed m = ask_by_mail(&c);
	assert_int_equal(press_link(&c, &lee, m.approve, NULL).kind, AD_DESK_PAGE_UNKNOWN);
	assert_int_equal(press_link(&c, &ana, m.approve, NULL).kind, AD_DESK_PAGE_UNKNOWN);
	assert_string_equal(db_test_text(c.t, "select state from requests"), "pending");
	struct ad_person gone = kim;
	gone.is_approver = false;
	assert_int_equal(press_link(&c, &gone, m.approve, NULL).kind, AD_DESK_PAGE_REFUSED);
	assert_string_equal(db_test_text(c.t, "select state from requests"), "pending");
	assert_int_equal(press_link(&c, &kim, m.approve, NULL).kind, AD_DESK_PAGE_DECIDED);
}

static void a_link_is_no_button(void **state)
{
	struct company c = company_open(*state);
	struct mailed m = ask_by_mail(&c);
	const struct ad_desk_press pressed = { .token = m.approve };
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &pressed, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "foreign_token");
	const char *button = press_of(&c, &kim, NULL).token;
	assert_int_equal(press_link(&c, &kim, button, NULL).kind, AD_DESK_PAGE_UNKNOWN);
	assert_string_equal(db_test_text(c.t, "select state from requests"), "pending");
}

static void a_link_is_dead_when_the_stage_has_moved(void **state)
{
	static const struct {
		const char *first;
		const char *then;
	} moves[] = {
		{ "update requests set version = 2", "select 1" },
		{ "insert into stages values (1, 2, 'group', 'g')",
			"update requests set version = 1, stage = 2" },
		{ "update requests set stage = 1",
			"update stages set state = 'closed' where ordinal = 1" },
	};
	struct company c = company_open(*state);
	struct mailed m = ask_by_mail(&c);
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		db_test_sql(c.t, "%s", moves[i].first);
		db_test_sql(c.t, "%s", moves[i].then);
		db_test_sql(c.t, "update action_tokens set expires_at = now() + interval '1 day'");
		assert_int_equal(look(&c, m.approve).kind, AD_DESK_PAGE_OVER);
		assert_int_equal(press_link(&c, &kim, m.approve, NULL).kind, AD_DESK_PAGE_OVER);
		assert_int_equal(
			db_test_int(c.t,
				"select count(*) from action_tokens where purpose = 'mail' "
				"and expires_at <= now()"),
			1);
	}
	assert_int_equal(db_test_int(c.t, "select count(*) from decisions"), 0);
}

static void an_expired_link_decides_nothing(void **state)
{
	struct company c = company_open(*state);
	struct mailed m = ask_by_mail(&c);
	db_test_sql(c.t, "update action_tokens set expires_at = now()");
	struct ad_desk_page page = press_link(&c, &kim, m.approve, NULL);
	assert_int_equal(page.kind, AD_DESK_PAGE_OVER);
	assert_string_equal(page.outcome, "expired_link");
	assert_non_null(strstr(page.html, "still open"));
	assert_string_equal(db_test_text(c.t, "select state from requests"), "pending");
}

/* ---- two at once ---- */

/* On a thread of its own, with a connection and an arena of its own. */
struct late {
	struct ad_desk desk;
	const char *link;
	struct ad_desk_page page;
};

static void *press_late(void *ctx)
{
	struct late *late = ctx;
	const struct ad_desk_link_press press = {
		.text = late->link, .reason = "no", .locale = ""
	};
	late->page = press_on(late->desk, &kim, &press);
	return NULL;
}

/* Some transaction of the test's database waits for a lock. */
static void wait_until_blocked(struct company *c)
{
	while (db_test_int(c->t, "select count(*) from pg_stat_activity where datname = "
				 "current_database() and wait_event_type = 'Lock'") == 0)
		;
}

static void a_link_that_waits_for_a_card_learns_who_was_first(void **state)
{
	struct company c = company_open(*state);
	struct mailed m = ask_by_mail(&c);
	struct ad_err err = { 0 };
	struct ad_desk desk = company_desk(&c, c.t->db);
	const struct ad_desk_press press = press_of(&c, &lee, NULL);
	struct ad_desk_reply reply = { 0 };
	struct late late = { .desk = company_desk(&c, db_test_open(c.t)), .link = m.reject };
	late.desk.arena = ad_arena_new();
	pthread_t thread;
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_decide(&desk, &lee, &press, AD_DECISION_APPROVED, &reply, &err), err);
	assert_int_equal(pthread_create(&thread, NULL, press_late, &late), 0);
	wait_until_blocked(&c);
	assert_ok(ad_db_commit(desk.db, &err), err);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(late.page.kind, AD_DESK_PAGE_OVER);
	assert_non_null(strstr(late.page.html, "Approved by Lee"));
	assert_string_equal(
		db_test_text(c.t, "select oid || ' ' || decision from decisions"), "lee approved");
	ad_db_close(late.desk.db);
	ad_arena_free(late.desk.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(a_question_by_mail_has_the_facts_and_two_links),
		db_test(a_link_is_stored_as_its_hash_alone_and_bound_to_all_that_it_decides),
		db_test(without_the_setting_a_mail_has_no_links),
		db_test(there_is_one_mail_for_a_notice),
		db_test(a_mail_that_did_not_arrive_may_be_followed_by_another_one),
		db_test(an_answered_question_is_not_mailed),
		db_test(who_has_no_address_or_no_account_gets_no_mail),
		db_test(news_by_mail_say_what_the_message_said),
		db_test(a_receipt_by_mail_says_how_things_stand_now),
		db_test(what_teams_does_not_take_goes_by_mail_and_admins_are_left_alone),
		db_test(an_admin_may_mail_again_when_the_mail_did_not_arrive),
		db_test(without_an_address_the_admins_hear_of_it),
		db_test(an_answered_question_is_let_be),
		db_test(a_link_decides_once_and_ends_the_other_one),
		db_test(a_link_is_its_holders_alone),
		db_test(a_link_is_no_button),
		db_test(a_link_is_dead_when_the_stage_has_moved),
		db_test(an_expired_link_decides_nothing),
		db_test(a_link_that_waits_for_a_card_learns_who_was_first),
	};
	return db_test_run(tests);
}
