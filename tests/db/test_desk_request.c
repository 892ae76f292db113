/* SPDX-License-Identifier: Apache-2.0 */
/* From free text to a request: search, form, submit, cancel, looking up. */
#include "desk_fixture.h"

/* ---- search ---- */

static void expect_first(struct company *c, const char *text, const char *app)
{
	struct ad_desk_reply reply = { 0 };
	TURN(c, reply, ad_desk_search(&desk, &ana, text, &reply, &err));
	assert_string_equal(reply.outcome, "matches");
	const struct ad_json *body = ad_json_get(reply.card, "body");
	const char *shown = ad_json_print(c->t->arena, ad_json_at(body, 2));
	if (!strstr(shown, app))
		fail_msg("'%s' found %s", text, shown);
}

static void free_text_finds_the_app(void **state)
{
	struct company c = company_open(*state);
	expect_first(&c, "I need 7zip", "7-Zip");
	expect_first(&c, "Could I please have the newest 7-Zip?", "7-Zip");
	expect_first(&c, "zip", "7-Zip");
	expect_first(&c, "ARCHIVER!!", "7-Zip");
	expect_first(&c, "visio viwer", "Microsoft Visio Viewer");
	expect_first(&c, "Microsoft.VisioViewer", "Microsoft Visio Viewer");
}

static void slips_accents_and_spaces_are_no_obstacle(void **state)
{
	struct company c = company_open(*state);
	db_test_sql(c.t, "insert into apps (tenant_id, name, publisher, winget_id) values"
			 " ('" TENANT "', 'Visual Studio Code', 'Microsoft', 'Microsoft.VSCode'),"
			 " ('" TENANT "', 'Krita', 'KDE', 'KDE.Krita'),"
			 " ('" TENANT "', 'Any Desk', 'AnyDesk GmbH', 'AnyDesk.AnyDesk'),"
			 " ('" TENANT "', 'Málaga Pläne', 'Peña', 'Pena.Malaga')");
	expect_first(&c, "visualstudiocode", "Visual Studio Code");
	expect_first(&c, "code visual", "Visual Studio Code");
	expect_first(&c, "visual stdio cod", "Visual Studio Code");
	expect_first(&c, "krtia", "Krita");
	expect_first(&c, "any desk", "Any Desk"); /* "any" is filler, but not here */
	expect_first(&c, "MALAGA plane", "Málaga Pläne");
	expect_first(&c, "pena", "Málaga Pläne");
	expect_first(&c, "7-ZIP 23.01", "7-Zip");
}

static void word_forms_count_in_the_persons_language(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	struct ad_person jan = ana;
	jan.locale = "de-DE";
	db_test_sql(c.t,
		"insert into apps (tenant_id, name, description, winget_id) values ('" TENANT
		"', 'Malo', 'Für Zeichnungen und Gemälde', 'Malo.Malo')");
	TURN(&c, reply, ad_desk_search(&desk, &jan, "zeichnung", &reply, &err));
	assert_true(card_says(&c, reply.card, "Malo"));
	TURN(&c, reply, ad_desk_search(&desk, &ana, "archivers", &reply, &err));
	assert_true(card_says(&c, reply.card, "7-Zip"));
}

static void hidden_apps_never_appear(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	static const char *const tries[] = { "secret viewer", "Acme.Secret", "visio", "viewer",
		"drawings" };
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		TURN(&c, reply, ad_desk_search(&desk, &ana, tries[i], &reply, &err));
		assert_false(card_says(&c, reply.card, "Secret"));
	}
	TURN(&c, reply, ad_desk_form(&desk, &ana, 3, &reply, &err));
	assert_string_equal(reply.outcome, "no_app");
	const char *hidden = reply.text;
	TURN(&c, reply, ad_desk_form(&desk, &ana, 4711, &reply, &err));
	assert_string_equal(reply.text, hidden);
}

static void what_is_not_there_gets_a_friendly_answer(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_search(&desk, &ana, "quantum <b>thing</b>", &reply, &err));
	assert_string_equal(reply.outcome, "no_match");
	TURN(&c, reply, ad_desk_search(&desk, &ana, "hi, can I please have an app?", &reply, &err));
	assert_string_equal(reply.outcome, "unclear");
	TURN(&c, reply, ad_desk_search(&desk, &ana, "", &reply, &err));
	assert_string_equal(reply.outcome, "unclear");
	TURN(&c, reply, ad_desk_search(&desk, &kim, "7zip", &reply, &err));
	assert_string_equal(reply.outcome, "no_access");
}

static void search_survives_any_text(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	static const char *const texts[] = { "'; drop table apps; --", "%%%", "a & b | !c <-> d",
		"\\", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", ":*", "((((", "\xe2\x80\xae",
		"\"7zip\"" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		TURN(&c, reply, ad_desk_search(&desk, &ana, texts[i], &reply, &err));
	char *longest = ad_alloc(c.t->arena, 20001);
	memset(longest, 'z', 20000);
	TURN(&c, reply, ad_desk_search(&desk, &ana, longest, &reply, &err));
	assert_string_equal(reply.outcome, "no_match");
}

/* ---- form and submit ---- */

static struct ad_desk_press filled_form(struct company *c, int64_t app_id)
{
	struct ad_desk_reply form = { 0 };
	TURN(c, form, ad_desk_form(&desk, &ana, app_id, &form, &err));
	assert_string_equal(form.outcome, "form");
	return (struct ad_desk_press){ .token = card_token(form.card),
		.inputs = inputs_of(c, "I draw a lot") };
}

static void input(
	struct company *c, struct ad_desk_press *press, const char *name, const char *text)
{
	struct ad_json *inputs = ad_json_copy(c->t->arena, press->inputs);
	ad_json_set_str(c->t->arena, inputs, name, text);
	press->inputs = inputs;
}

static void a_request_is_created_with_everything(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_press press = filled_form(&c, 2);
	struct ad_desk_reply reply = { 0 };
	input(&c, &press, "q1", "IT");
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "submitted");
	assert_true(reply.in_place);
	assert_int_equal(reply.request_id, 1);
	assert_string_equal(reply.role, "receipt");
	post(&c, &ana, &reply);
	assert_string_equal(db_test_text(c.t, "select state || ' ' || justification from requests"),
		"pending I draw a lot");
	assert_string_equal(db_test_text(c.t, "select string_agg(label || '=' || answer, ';' order "
					      "by ordinal) from answers"),
		"Which department?=IT;Anything else?=");
	assert_string_equal(db_test_text(c.t, "select string_agg(oid, ',' order by oid) from "
					      "stage_approvers"),
		"kim,lee");
	assert_string_equal(
		db_test_text(c.t,
			"select string_agg(recipient_oid || ':' || card, ' ' order by id) "
			"from card_copies join outbox using (recipient_oid, card)"),
		"kim:approval lee:approval ana:receipt");
	assert_string_equal(db_test_text(c.t, "select string_agg(action || ' ' || user_id, ', ' "
					      "order by seq) from audit_logs"),
		"request.created ana, stage.opened system");
	assert_true(card_says(&c, sent_card(&c, &kim, "approval"), "Ana asks for Microsoft Visio"));
	assert_true(card_says(&c, sent_card(&c, &kim, "approval"), "Which department?"));
	assert_true(card_says(&c, sent_card(&c, &ana, "receipt"), "Waiting for Kim or Lee"));
	/* Each approver's buttons carry a token of their own. */
	assert_string_not_equal(card_token(sent_card(&c, &kim, "approval")),
		card_token(sent_card(&c, &lee, "approval")));
}

static void faulty_inputs_bring_the_form_back_and_store_nothing(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_press press = filled_form(&c, 2);
	struct ad_desk_reply reply = { 0 };
	input(&c, &press, "justification", " \n ");
	input(&c, &press, "q1", "Marketing");
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "invalid");
	assert_true(reply.in_place);
	assert_true(card_says(&c, reply.card, "is empty"));
	assert_true(card_says(&c, reply.card, "choose one of the list"));
	assert_string_equal(card_token(reply.card), press.token);

	char *longest = ad_alloc(c.t->arena, AD_JUSTIFICATION_MAX + 2);
	memset(longest, 'x', AD_JUSTIFICATION_MAX + 1);
	input(&c, &press, "justification", longest);
	input(&c, &press, "q1", "IT");
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	assert_true(card_says(&c, reply.card, "is longer than 1000 characters"));
	assert_int_equal(db_test_int(c.t, "select count(*) from requests"), 0);

	/* The same form, repaired, is accepted; inputs of a wrong type count as missing. */
	input(&c, &press, "justification", "short");
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "submitted");
}

static void a_form_without_inputs_is_faulty_not_a_crash(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_press press = filled_form(&c, 1);
	struct ad_desk_reply reply = { 0 };
	press.inputs = NULL;
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "invalid");
}

static void a_form_sent_twice_makes_one_request(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_press press = filled_form(&c, 1);
	struct ad_desk_reply first = { 0 };
	struct ad_desk_reply again = { 0 };
	TURN(&c, first, ad_desk_submit(&desk, &ana, &press, &first, &err));
	TURN(&c, again, ad_desk_submit(&desk, &ana, &press, &again, &err));
	assert_string_equal(again.outcome, "repeated");
	assert_string_equal(again.text, first.text);
	assert_int_equal(db_test_int(c.t, "select count(*) from requests"), 1);
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox"), 2);
}

static void a_second_open_request_shows_the_first(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_press one = filled_form(&c, 1);
	struct ad_desk_press two = filled_form(&c, 1);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &one, &reply, &err));
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &two, &reply, &err));
	assert_string_equal(reply.outcome, "standing");
	assert_string_equal(reply.role, "receipt");
	TURN(&c, reply, ad_desk_form(&desk, &ana, 1, &reply, &err));
	assert_string_equal(reply.outcome, "standing");
	assert_true(ad_text_starts(reply.text, "You have asked for 7-Zip already"));
	assert_int_equal(db_test_int(c.t, "select count(*) from requests"), 1);
}

static void somebody_elses_form_is_refused(void **state)
{
	struct company c = company_open(*state);
	const struct ad_desk_press press = filled_form(&c, 1);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_submit(&desk, &bob, &press, &reply, &err));
	assert_string_equal(reply.outcome, "foreign_token");
	struct ad_person gone = ana;
	gone.is_user = false;
	TURN(&c, reply, ad_desk_submit(&desk, &gone, &press, &reply, &err));
	assert_string_equal(reply.outcome, "no_access");
	assert_int_equal(db_test_int(c.t, "select count(*) from requests"), 0);
}

static void without_an_approver_nothing_is_asked_and_admins_hear_of_it(void **state)
{
	struct company c = company_open(*state);
	c.approvers[0] = c.approvers[1] = ana; /* nobody but the requester */
	c.admins[1] = ana;
	/* The one other admin is not reached. */
	db_test_sql(c.t, "insert into bot_conversation_references (tenant_id, oid, app_id, "
			 "conversation_id, reference, key_id, state) values ('" TENANT
			 "', 'ada', 'bot', 'gone', '', '', 'blocked')");
	const struct ad_desk_press press = filled_form(&c, 1);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "no_approver");
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	assert_int_equal(db_test_int(c.t, "select count(*) from requests"), 0);
	assert_string_equal(db_test_text(c.t, "select string_agg(recipient_oid, ',' order by id) "
					      "from outbox"),
		"ada,ana");
	assert_string_equal(db_test_text(c.t, "select action from audit_logs order by seq limit 1"),
		"request.refused");
}

/* E1: the requester never decides, and nothing is approved by itself. */
static void when_no_approver_is_left_the_admins_are_asked(void **state)
{
	struct company c = company_open(*state);
	c.approvers[0] = c.approvers[1] = ana;
	const struct ad_desk_press press = filled_form(&c, 1);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "submitted");
	assert_true(card_says(&c, reply.card, "Waiting for Abe or Ada"));
	assert_string_equal(
		db_test_text(c.t, "select string_agg(oid || ' ' || via, ',' order by oid) "
				  "from stage_approvers"),
		"abe admins,ada admins");
	assert_string_equal(db_test_text(c.t, "select state from requests"), "pending");
}

static void an_empty_approver_setting_denies(void **state)
{
	struct company c = company_open(*state);
	db_test_sql(c.t, "update portal_settings set value = '' where key = 'ApproverGroupId'");
	const struct ad_desk_press press = filled_form(&c, 1);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "no_approver");
}

static void too_many_open_requests_are_refused(void **state)
{
	struct company c = company_open(*state);
	db_test_sql(c.t, "with a as (insert into apps (tenant_id, name, winget_id) select '" TENANT
			 "', 'x', 'x' || n from generate_series(1, 20) n returning id), r as "
			 "(insert into requests (tenant_id, requester_oid, app_id, state, "
			 "justification) select '" TENANT "', 'ana', id, 'pending', '' from a "
			 "returning id) insert into stages (request_id, ordinal, kind, group_id) "
			 "select id, 1, 'group', '' from r");
	const struct ad_desk_press press = filled_form(&c, 1);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "too_many");
}

static void what_people_write_is_text_and_not_markup(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_press press = filled_form(&c, 1);
	struct ad_desk_reply reply = { 0 };
	input(&c, &press, "justification",
		"[click](http://evil) <at>all</at> **now** \xe2\x80\xaetxt ${app} {{DATE(x)}}");
	TURN(&c, reply, ad_desk_submit(&desk, &ana, &press, &reply, &err));
	const struct ad_json *card = sent_card(&c, &kim, "approval");
	assert_true(card_says(&c, card, "\\\\[click\\\\](http://evil) \\\\<at\\\\>all"));
	assert_true(card_says(&c, card, "\\\\*\\\\*now\\\\*\\\\*"));
	assert_true(card_says(&c, card, "${app}"));
	assert_false(card_says(&c, card, "\xe2\x80\xae"));
}

/* ---- afterwards ---- */

static void a_withdrawn_request_cannot_be_approved(void **state)
{
	struct company c = company_open(*state);
	ask(&c, &ana, 1);
	const struct ad_desk_press kims = press_of(&c, &kim, NULL);
	const struct ad_desk_press cancel = { .token = card_token(sent_card(&c, &ana, "receipt")) };
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_cancel(&desk, &ana, &cancel, &reply, &err));
	assert_string_equal(reply.outcome, "cancelled");
	assert_true(card_says(&c, reply.card, "Withdrawn"));
	assert_int_equal(db_test_int(c.t, "select count(*) from outbox where kind = 'update'"), 3);
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &kims, AD_DECISION_APPROVED, &reply, &err));
	assert_string_equal(reply.outcome, "closed");
	assert_string_equal(db_test_text(c.t, "select state from requests"), "cancelled");
	assert_string_equal(db_test_text(c.t, "select state from stages"), "closed");
	assert_int_equal(db_test_int(c.t, "select count(*) from jobs where kind = 'package'"), 0);
	TURN(&c, reply, ad_desk_cancel(&desk, &ana, &cancel, &reply, &err));
	assert_string_equal(reply.outcome, "repeated");
	assert_int_equal(
		db_test_int(
			c.t, "select count(*) from audit_logs where action = 'request.cancelled'"),
		1);
	/* And the person may ask again. */
	assert_int_equal(ask(&c, &ana, 1), 2);
}

static void a_decided_request_cannot_be_withdrawn(void **state)
{
	struct company c = company_open(*state);
	const struct ad_desk_press press = { .number = ask(&c, &ana, 1) };
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_decide(&desk, &kim, &press, AD_DECISION_APPROVED, &reply, &err));
	TURN(&c, reply, ad_desk_cancel(&desk, &ana, &press, &reply, &err));
	assert_string_equal(reply.outcome, "closed");
	assert_string_equal(db_test_text(c.t, "select state from requests"), "fulfilling");
}

static void lists_show_what_is_mine_and_what_waits_for_me(void **state)
{
	struct company c = company_open(*state);
	struct ad_desk_reply reply = { 0 };
	TURN(&c, reply, ad_desk_status(&desk, &ana, &reply, &err));
	assert_null(reply.card);
	TURN(&c, reply, ad_desk_pending(&desk, &kim, false, &reply, &err));
	assert_null(reply.card);
	ask(&c, &ana, 1);
	ask(&c, &bob, 1);
	TURN(&c, reply, ad_desk_status(&desk, &ana, &reply, &err));
	assert_true(card_says(&c, reply.card, "#1 7-Zip"));
	assert_false(card_says(&c, reply.card, "#2 7-Zip"));
	TURN(&c, reply, ad_desk_pending(&desk, &kim, false, &reply, &err));
	assert_true(card_says(&c, reply.card, "#1 7-Zip"));
	assert_true(card_says(&c, reply.card, "#2 7-Zip"));
	struct ad_person both = ana;
	both.is_approver = true;
	TURN(&c, reply, ad_desk_pending(&desk, &both, false, &reply, &err));
	assert_false(card_says(&c, reply.card, "#1 7-Zip"));
	TURN(&c, reply, ad_desk_pending(&desk, &ana, false, &reply, &err));
	assert_string_equal(reply.outcome, "not_approver");
}

static void everybody_sees_only_what_they_may(void **state)
{
	struct company c = company_open(*state);
	int64_t id = ask(&c, &ana, 1);
	struct ad_person former = kim;
	former.is_approver = false;
	const struct {
		const struct ad_person *who;
		const char *role; /* "" when it is not shown */
		bool button;
	} cells[] = {
		{ &ana, "receipt", true },
		{ &kim, "approval", true },
		{ &former, "approval", false },
		{ &ada, "approval", false },
		{ &bob, "", false },
	};
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		struct ad_desk_reply reply = { 0 };
		TURN(&c, reply, ad_desk_request_view(&desk, cells[i].who, id, &reply, &err));
		assert_string_equal(reply.role, cells[i].role);
		assert_int_equal(reply.card && card_token(reply.card), cells[i].button);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(free_text_finds_the_app),
		db_test(slips_accents_and_spaces_are_no_obstacle),
		db_test(word_forms_count_in_the_persons_language),
		db_test(hidden_apps_never_appear),
		db_test(what_is_not_there_gets_a_friendly_answer),
		db_test(search_survives_any_text),
		db_test(a_request_is_created_with_everything),
		db_test(faulty_inputs_bring_the_form_back_and_store_nothing),
		db_test(a_form_without_inputs_is_faulty_not_a_crash),
		db_test(a_form_sent_twice_makes_one_request),
		db_test(a_second_open_request_shows_the_first),
		db_test(somebody_elses_form_is_refused),
		db_test(without_an_approver_nothing_is_asked_and_admins_hear_of_it),
		db_test(when_no_approver_is_left_the_admins_are_asked),
		db_test(an_empty_approver_setting_denies),
		db_test(too_many_open_requests_are_refused),
		db_test(what_people_write_is_text_and_not_markup),
		db_test(a_withdrawn_request_cannot_be_approved),
		db_test(a_decided_request_cannot_be_withdrawn),
		db_test(lists_show_what_is_mine_and_what_waits_for_me),
		db_test(everybody_sees_only_what_they_may),
	};
	int failed = db_test_run(tests);
	ad_cards_free(desk_cards);
	return failed;
}
