/* SPDX-License-Identifier: Apache-2.0 */
/* Where replies go, and what an operator does from the command line. */
#include "desk_fixture.h"

static const struct ad_desk_place said = { .service_url = "https://smba/",
	.conversation_id = "conv-ana",
	.activity_id = "",
	.fact = "reply.1" };

static void words_are_answered_by_a_message_in_their_conversation(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_welcome(&desk, &ana, &reply, &err));
	TURN(&c, reply, ad_desk_post(&desk, &ana, &reply, &said, &err));
	assert_string_equal(
		db_test_text(
			c.t, "select kind || ' ' || conversation_id || ' ' || card from outbox"),
		"send conv-ana view");
	/* The same answer twice is one message. */
	TURN(&c, reply, ad_desk_post(&desk, &ana, &reply, &said, &err));
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox"), 1);
}

static void a_sentence_is_plain_text(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_status(&desk, &ana, &reply, &err));
	TURN(&c, reply, ad_desk_post(&desk, &ana, &reply, &said, &err));
	assert_string_equal(
		db_test_text(c.t, "select activity::jsonb->>'textFormat' from outbox"), "plain");
	assert_int_equal(db_test_int(c.t, "select count(*) from card_copies"), 0);
}

static void the_rows_of_a_turn_are_named_for_the_sender(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk desk = company_desk(&c, c.t->db);
	struct ad_desk_reply reply = { 0 };
	struct ad_err err = { 0 };
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_help(&desk, &ana, &reply, &err), err);
	assert_ok(ad_desk_post(&desk, &ana, &reply, &said, &err), err);
	assert_ok(ad_db_commit(desk.db, &err), err);
	assert_int_equal(desk.notices, 1);
	assert_int_equal(desk.notice_ids[0], db_test_int(c.t, "select id from outbox"));
}

/* A matches card that the connector has named. */
static struct ad_desk_place delivered_matches(struct company *c)
{
	struct ad_desk_reply reply = { 0 };
	TURN(c, reply, ad_desk_search(&desk, &ana, "7zip", &reply, &err));
	TURN(c, reply, ad_desk_post(&desk, &ana, &reply, &said, &err));
	db_test_sql(c->t,
		"update card_copies set conversation_id = 'conv-ana', activity_id = 'a1', "
		"service_url = 'https://smba/'");
	struct ad_desk_place place = said;
	place.activity_id = "a1";
	place.fact = "reply.2";
	return place;
}

static void a_form_takes_the_place_of_the_pressed_card(void **state)
{
	struct company c = company_open(*state);
	const struct ad_desk_place place = delivered_matches(&c);
	struct ad_desk_reply form = { 0 };
	TURN(&c, form, ad_desk_form(&desk, &ana, 1, &form, &err));
	TURN(&c, form, ad_desk_post(&desk, &ana, &form, &place, &err));
	assert_string_equal(
		db_test_text(c.t, "select kind || ' ' || copy_of from outbox order by id "
				  "desc limit 1"),
		"update 1");
}

static void a_card_that_has_no_copy_is_answered_by_a_message(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_place place = delivered_matches(&c);
	struct ad_desk_reply form = { 0 };
	place.activity_id = "unknown";
	TURN(&c, form, ad_desk_form(&desk, &ana, 1, &form, &err));
	place.shown = true;
	TURN(&c, form, ad_desk_post(&desk, &ana, &form, &place, &err));
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox"), 1);
	place.shown = false;
	TURN(&c, form, ad_desk_post(&desk, &ana, &form, &place, &err));
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where kind = 'send'"), 2);
}

static void a_form_becomes_the_receipt_and_follows_its_request(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_place place = delivered_matches(&c);
	struct ad_desk_reply reply = { 0 };
	place.shown = true;
	TURN(&c, reply, ad_desk_form(&desk, &ana, 1, &reply, &err));
	TURN(&c, reply, ad_desk_post(&desk, &ana, &reply, &place, &err));
	const struct ad_desk_press press = { .token = card_token(reply.card),
		.inputs = inputs_of(&c, "why not") };
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	TURN(&c, reply, ad_desk_post(&desk, &ana, &reply, &place, &err));
	assert_string_equal(
		db_test_text(c.t, "select card || ' ' || request_id || ' ' || shown_version"
				  " from card_copies where recipient_oid = 'ana'"),
		"receipt 1 1");
	const struct ad_desk_press cancel = { .number = 1 };
	TURN(&c, reply, ad_desk_cancel(&desk, &ana, &cancel, &reply, &err));
	assert_int_equal(db_test_int(c.t, "select shown_version from card_copies where card = "
					  "'receipt'"),
		2);
	/* The form's button once more, by a client that retries: the receipt stays as it is now. */
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "repeated");
	TURN(&c, reply, ad_desk_post(&desk, &ana, &reply, &place, &err));
	assert_non_null(strstr(db_test_text(c.t, "select activity from outbox where copy_of = 1"
						 " order by id desc limit 1"),
		"Withdrawn"));
	assert_int_equal(
		db_test_int(c.t,
			"select count(*) from outbox where recipient_oid = 'ana' and kind = "
			"'send'"),
		1);
}

static void a_press_tells_where_a_lost_card_is(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	const struct ad_desk_press press = press_of(&c, &kim, NULL);
	struct ad_desk_reply reply = { 0 };
	struct ad_desk_place place = { .service_url = "https://smba/",
		.conversation_id = "conv-kim",
		.activity_id = "a7",
		.shown = true,
		.fact = "reply.3" };
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &reply, &err));
	TURN(&c, reply, ad_desk_post(&desk, &kim, &reply, &place, &err));
	assert_string_equal(db_test_text(c.t, "select conversation_id || ' ' || activity_id from "
					      "card_copies where recipient_oid = 'kim'"),
		"conv-kim a7");
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where kind = 'update'"), 3);
}

/* ---- operators ---- */

static void settings_are_checked_and_audited(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk desk = company_desk(&c, c.t->db);
	struct ad_err err = { 0 };
	int64_t proposal = 0;
	desk.source = "cli";
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_int_equal(ad_desk_setting_set(&desk, "cli", "AdminGroupID", ADMINS, &proposal, &err),
		AD_EINVAL);
	assert_int_equal(ad_desk_setting_set(&desk, "cli", "AdminGroupId", "me", &proposal, &err),
		AD_EINVAL);
	assert_int_equal(ad_desk_setting_set(
				 &desk, "cli", "VerifyManifestIntegrity", "off", &proposal, &err),
		AD_EINVAL);
	assert_ok(ad_desk_setting_set(&desk, "cli", "AdminGroupId", USERS, &proposal, &err), err);
	assert_int_equal(proposal, 0);
	assert_ok(ad_db_commit(desk.db, &err), err);
	desk = company_desk(&c, c.t->db);
	assert_string_equal(desk.settings.admin_group_id, USERS);
	assert_true(desk.settings.verify_manifest_integrity);
	assert_string_equal(
		db_test_text(c.t, "select details->>'old' from audit_logs where action = "
				  "'settings.changed' order by seq limit 1"),
		ADMINS);
}

static void an_app_of_the_catalogue_is_found_and_asked_for(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk desk = company_desk(&c, c.t->db);
	struct ad_err err = { 0 };
	static const char *const choices[] = { "Home", "Office" };
	static const struct ad_app_question question = { .label = "Where?",
		.kind = AD_QUESTION_CHOICE,
		.choices = choices,
		.choice_count = 2,
		.required = true };
	const struct ad_desk_catalog_entry entry = {
		.app = { .name = "VLC media player",
			.winget_id = "VideoLAN.VLC",
			.published = true },
		.aliases = (const char *[]){ "Cone" },
		.alias_count = 1,
		.questions = &question,
		.question_count = 1,
	};
	int64_t id = 0;
	assert_ok(ad_db_begin(desk.db, &err), err);
	assert_ok(ad_desk_catalog_add(&desk, "cli", &entry, &id, &err), err);
	assert_int_equal(ad_desk_catalog_add(&desk, "cli", &entry, &id, &err), AD_ECONFLICT);
	struct ad_desk_catalog_entry bad = entry;
	bad.app.name = " ";
	assert_int_equal(ad_desk_catalog_add(&desk, "cli", &bad, &id, &err), AD_EINVAL);
	assert_non_null(strstr(err.text, "name"));
	struct ad_desk_reply reply = { 0 };
	assert_ok(ad_desk_search(&desk, &ana, "cone", &reply, &err), err);
	assert_true(card_says(&c, reply.card, "VLC media player"));
	assert_ok(ad_desk_form(&desk, &ana, id, &reply, &err), err);
	assert_true(card_says(&c, reply.card, "Where?"));
	assert_true(card_says(&c, reply.card, "Office"));
	assert_ok(ad_db_commit(desk.db, &err), err);
	assert_int_equal(
		db_test_int(c.t, "select count(*) from audit_logs where action = 'catalog.added'"),
		1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(words_are_answered_by_a_message_in_their_conversation),
		db_test(a_sentence_is_plain_text),
		db_test(the_rows_of_a_turn_are_named_for_the_sender),
		db_test(a_form_takes_the_place_of_the_pressed_card),
		db_test(a_card_that_has_no_copy_is_answered_by_a_message),
		db_test(a_form_becomes_the_receipt_and_follows_its_request),
		db_test(a_press_tells_where_a_lost_card_is),
		db_test(settings_are_checked_and_audited),
		db_test(an_app_of_the_catalogue_is_found_and_asked_for),
	};
	int failed = db_test_run(tests);
	ad_cards_free(desk_cards);
	return failed;
}
