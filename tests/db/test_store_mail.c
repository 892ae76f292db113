/* SPDX-License-Identifier: Apache-2.0 */
/* Mail rows: what they say is sealed, bound to its row, and gone when the row has ended. */
#include "ad/store/outbox.h"
#include "ad/text.h"

#include "harness.h"

static const struct ad_store_conv_key key = { .id = "k1", .key = { 1, 2, 3 } };
static const struct ad_outbox_node node = { "a", "app", &key };
static const struct ad_mail_new mail = {
	.tenant_id = "t",
	.recipient_oid = "ann",
	.fact = "request.1.v1",
	.node_id = "a",
	.to = "ann@example.com",
	.subject = "Canary: b\xc3\xbc"
		   "cher",
	.text = "canary text",
	.html = "<p>canary html</p>",
};

static int add(
	struct db_test *t, const struct ad_mail_new *row, int64_t *ret_id, struct ad_err *err)
{
	*ret_id = 0;
	assert_ok(ad_db_begin(t->db, err), *err);
	int rc = ad_store_outbox_add_mail(t->db, t->arena, &key, row, ret_id, err);
	assert_int_equal(ad_db_commit(t->db, NULL), 0);
	return rc;
}

static int64_t add_mail(struct db_test *t, const char *oid, const char *fact)
{
	struct ad_err err = { 0 };
	struct ad_mail_new row = mail;
	int64_t id;
	row.recipient_oid = oid;
	row.fact = fact;
	assert_ok(add(t, &row, &id, &err), err);
	return id;
}

static struct ad_outbox_row load(struct db_test *t, const struct ad_outbox_node *who, int64_t id)
{
	struct ad_err err = { 0 };
	struct ad_outbox_row *rows;
	size_t count = 0;
	assert_ok(ad_store_outbox_load(t->db, t->arena, who, &id, 1, &rows, &count, &err), err);
	assert_int_equal(count, 1);
	return rows[0];
}

static void end(struct db_test *t, int64_t id, enum ad_outbox_state state)
{
	struct ad_err err = { 0 };
	struct ad_outbox_recorded *recorded;
	size_t count;
	struct ad_outbox_result result = { .id = id, .state = state };
	struct ad_outbox_results results = { &result, 1, 86400 };
	assert_ok(ad_store_outbox_record(t->db, t->arena, &node, &results, &recorded, &count, &err),
		err);
	assert_int_equal(count, 1);
}

static void nothing_of_a_mail_can_be_read_in_the_database(void **state)
{
	struct db_test *t = *state;
	int64_t id = add_mail(t, "ann", "request.1.v1");
	assert_true(id > 0);
	const char *row = db_test_text(t, "select lower(outbox::text) from outbox");
	assert_null(strstr(row, "canary"));
	assert_null(strstr(row, "example.com"));
	assert_null(strstr(row, "cher"));
	struct ad_outbox_row loaded = load(t, &node, id);
	assert_int_equal(loaded.channel, AD_OUTBOX_MAIL);
	assert_non_null(loaded.mail);
	assert_string_equal(loaded.mail->to, mail.to);
	assert_string_equal(loaded.mail->subject, mail.subject);
	assert_string_equal(loaded.mail->text, mail.text);
	assert_string_equal(loaded.mail->html, mail.html);
	assert_string_equal(loaded.activity, "");
}

static void a_mail_opens_only_in_its_own_row_and_with_its_own_key(void **state)
{
	static const char *const moves[] = { "tenant_id = 'u'", "recipient_oid = 'eve'",
		"fact = 'mail.other'" };
	struct db_test *t = *state;
	int64_t id = add_mail(t, "ann", "request.1.v1");
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		db_test_sql(t, "update outbox set %s", moves[i]);
		assert_null(load(t, &node, id).mail);
		db_test_sql(t, "update outbox set tenant_id = 't', recipient_oid = 'ann', fact = "
			       "'mail.request.1.v1'");
	}
	struct ad_store_conv_key other = key;
	struct ad_outbox_node stranger = { "a", "app", &other };
	other.key[0]++;
	assert_null(load(t, &stranger, id).mail);
	other = key;
	other.id = "k2";
	assert_null(load(t, &stranger, id).mail);
	assert_non_null(load(t, &node, id).mail);
	db_test_sql(t, "update outbox set activity = '{\"to\":\"eve@example.com\"}'");
	assert_null(load(t, &node, id).mail);
}

static void nothing_of_a_mail_is_left_when_its_row_has_ended(void **state)
{
	static const enum ad_outbox_state ends[] = { AD_OUTBOX_SENT, AD_OUTBOX_AMBIGUOUS,
		AD_OUTBOX_DEAD };
	struct db_test *t = *state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		end(t, add_mail(t, "ann", ad_printf(t->arena, "f%zu", i)), ends[i]);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where activity = ''"), 3);
	int64_t waits = add_mail(t, "ann", "waits");
	end(t, waits, AD_OUTBOX_PENDING);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where activity <> ''"), 1);
	/* What is given up for its age has ended too. */
	db_test_sql(t, "update outbox set created_at = now() - interval '25 h', lease_owner = 'a' "
		       "where state = 'pending'");
	end(t, waits, AD_OUTBOX_PENDING);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where activity = ''"), 4);
}

static void a_mail_may_stand_for_a_notice_and_is_sent_once(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	int64_t notice = 0;
	int64_t id;
	struct ad_outbox_new row = { .node_id = "a",
		.tenant_id = "t",
		.recipient_oid = "ann",
		.fact = mail.fact,
		.activity = "{}" };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_outbox_add(t->db, t->arena, &row, &notice, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	struct ad_mail_new instead = mail;
	instead.fallback_of = notice;
	assert_ok(add(t, &instead, &id, &err), err);
	assert_true(id > notice);
	assert_int_equal(
		db_test_int(t, "select fallback_of from outbox where channel = 'mail'"), notice);
	assert_ok(add(t, &instead, &id, &err), err);
	assert_int_equal(id, 0);
	/* Each channel has an order of its own: the notice waits, the mail does not. */
	db_test_sql(t, "update outbox set lease_owner = '', lease_until = now()");
	db_test_sql(t, "update outbox set due_at = now() + interval '1 h' where channel = 'teams'");
	struct ad_outbox_row *rows;
	size_t count;
	assert_ok(ad_store_outbox_claim(t->db, t->arena, &node, (struct ad_outbox_room){ 9, 9, 9 },
			  &rows, &count, &err),
		err);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].channel, AD_OUTBOX_MAIL);
}

static void a_mail_that_could_not_be_sent_is_refused(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	int64_t id;
	struct ad_mail_new bad[6] = { mail, mail, mail, mail, mail, mail };
	bad[0].to = "ann@example.com\r\nBcc: eve@example.com";
	bad[1].to = "";
	bad[2].subject = "one\r\nBcc: eve@example.com";
	bad[3].subject = "";
	bad[4].text = "";
	bad[5].html = "\xff";
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(add(t, &bad[i], &id, &err), AD_EINVAL);
	struct ad_mail_new big = mail;
	big.text = ad_printf(t->arena, "%0*d", (int)AD_MAIL_BODY_MAX + 1, 1);
	assert_int_equal(add(t, &big, &id, &err), AD_ETOOBIG);
	assert_int_equal(db_test_int(t, "select count(*) from outbox"), 0);
}

static void operators_hear_of_an_episode_once(void **state)
{
	static const char *const to[] = { "ops@example.com", "duty@example.com" };
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	int64_t *ids;
	size_t count;
	struct ad_mail_alert alert = { .tenant_id = "t",
		.node_id = "a",
		.fact = "tenant.t.blocked.1",
		.to = to,
		.to_count = 2,
		.subject = "Teams refuses the bot",
		.text = "text" };
	assert_ok(
		ad_store_outbox_add_alert(t->db, t->arena, &key, &alert, &ids, &count, &err), err);
	assert_int_equal(count, 2);
	assert_string_equal(load(t, &node, ids[1]).mail->to, "duty@example.com");
	assert_ok(
		ad_store_outbox_add_alert(t->db, t->arena, &key, &alert, &ids, &count, &err), err);
	assert_int_equal(count, 0);
	alert.fact = "tenant.t.blocked.2";
	alert.to_count = 0;
	assert_ok(
		ad_store_outbox_add_alert(t->db, t->arena, &key, &alert, &ids, &count, &err), err);
	assert_int_equal(count, 0);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where channel = 'mail' and "
					"recipient_oid like 'alert:%%'"),
		2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(nothing_of_a_mail_can_be_read_in_the_database),
		db_test(a_mail_opens_only_in_its_own_row_and_with_its_own_key),
		db_test(nothing_of_a_mail_is_left_when_its_row_has_ended),
		db_test(a_mail_may_stand_for_a_notice_and_is_sent_once),
		db_test(a_mail_that_could_not_be_sent_is_refused),
		db_test(operators_hear_of_an_episode_once),
	};
	return db_test_run(tests);
}
