/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the key that seals: what older keys have sealed is read all the time and sealed again,
 * row by row, and no other thing about a row changes. */
#include "ad/store/convs.h"
#include "ad/store/outbox.h"
#include "ad/store/rekey.h"
#include "ad/text.h"

#include "harness.h"

#define LIMIT 2 /* rows of a batch */
#define STEPS_MAX 50

static const struct ad_store_conv_key first = { .id = "k1", .key = { 1, 2, 3 } };
static const struct ad_store_conv_key second = { .id = "k2", .key = { 4, 5, 6 } };
static const struct ad_store_conv_key third = { .id = "k3", .key = { 7 }, .next = &second };
static const struct ad_store_conv_key ring = { .id = "k2", .key = { 4, 5, 6 }, .next = &first };

static void put(struct db_test *t, const struct ad_store_conv_key *key, const char *oid)
{
	struct ad_err err = { 0 };
	const struct ad_store_conv conv = {
		.tenant_id = "t",
		.oid = oid,
		.app_id = "app",
		.conversation_id = ad_printf(t->arena, "a:%s", oid),
		.reference = ad_printf(t->arena, "{\"who\":\"%s\"}", oid),
	};
	assert_ok(ad_store_conv_put(t->db, t->arena, key, &conv, &err), err);
}

/* The clear text of the person's reference, or NULL. */
static const char *get(struct db_test *t, const struct ad_store_conv_key *key, const char *oid)
{
	const struct ad_store_conv who = { .tenant_id = "t", .oid = oid, .app_id = "app" };
	struct ad_store_conv conv;
	int rc = ad_store_conv_get(t->db, t->arena, key, &who, &conv, NULL);
	assert_true(rc == 0 || rc == AD_ENOTFOUND || rc == AD_EINTEGRITY);
	return rc == 0 ? conv.reference : NULL;
}

static int64_t add_mail(struct db_test *t, const struct ad_store_conv_key *key, const char *fact)
{
	struct ad_err err = { 0 };
	const struct ad_mail_new mail = {
		.tenant_id = "t",
		.recipient_oid = "ann",
		.fact = fact,
		.node_id = "a",
		.to = "ann@example.com",
		.subject = fact,
		.text = "text",
	};
	int64_t id = 0;
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_outbox_add_mail(t->db, t->arena, key, &mail, &id, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	return id;
}

/* The mail's subject, or NULL. */
static const char *subject(struct db_test *t, const struct ad_store_conv_key *key, int64_t id)
{
	const struct ad_outbox_node node = { "a", "app", key };
	struct ad_err err = { 0 };
	struct ad_outbox_row *rows;
	size_t count = 0;
	assert_ok(ad_store_outbox_load(t->db, t->arena, &node, &id, 1, &rows, &count, &err), err);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].id == id)
			return rows[i].mail ? rows[i].mail->subject : NULL;
	}
	return NULL;
}

static struct ad_bytes as_bytes(const char *text)
{
	return (struct ad_bytes){ (const uint8_t *)text, strlen(text) };
}

static void add_package(struct db_test *t, const char *state, int64_t job_id, const char *sealed)
{
	db_test_sql(t,
		"insert into jobs (tenant_id, kind, key, state) values ('t', 'package', "
		"'app:%lld', '%s')",
		(long long)job_id, state);
	db_test_sql(t,
		"insert into job_steps (job_id, step, result) values (%lld, 'wrap', "
		"jsonb_build_object('size', 5, 'sealed', '%s'))",
		(long long)job_id, sealed);
}

static const char *seal_package(
	struct db_test *t, const struct ad_store_conv_key *key, int64_t job_id)
{
	return ad_store_seal_text(
		t->arena, key, as_bytes("package key"), ad_store_package_context(t->arena, job_id));
}

static bool opens(struct db_test *t, const struct ad_store_conv_key *key, int64_t job_id)
{
	const char *sealed = db_test_text(t,
		"select result->>'sealed' from job_steps where job_id = %lld", (long long)job_id);
	struct ad_bytes plain;
	return ad_store_unseal_text(t->arena, key, sealed,
		       ad_store_package_context(t->arena, job_id), &plain, NULL) == 0 &&
	       strcmp((const char *)plain.data, "package key") == 0;
}

static struct ad_rekey_left left(struct db_test *t, const struct ad_store_conv_key *key)
{
	struct ad_rekey_left left = { -1, -1 };
	struct ad_err err = { 0 };
	assert_ok(ad_store_rekey_count(t->db, t->arena, key, &left, &err), err);
	return left;
}

/* A whole pass; the rows that were sealed again. */
static int64_t seal_again(
	struct db_test *t, const struct ad_store_conv_key *key, int64_t *ret_broken)
{
	struct ad_rekey_pass pass = { 0 };
	struct ad_err err = { 0 };
	for (int i = 0; !pass.over; i++) {
		assert_true(i < STEPS_MAX);
		assert_ok(ad_store_rekey_step(t->db, key, LIMIT, &pass, &err), err);
	}
	int64_t sealed = pass.sealed;
	*ret_broken = pass.broken;
	ad_store_rekey_pass_release(&pass);
	return sealed;
}

static void references_are_read_before_during_and_after_and_lose_nothing(void **state)
{
	static const char *const people[] = { "ann", "ben", "cem", "dan", "eva" };
	struct db_test *t = *state;
	struct ad_rekey_pass pass = { 0 };
	struct ad_err err = { 0 };
	for (size_t i = 0; i < 5; i++)
		put(t, &first, people[i]);
	db_test_sql(t,
		"update bot_conversation_references set state = 'blocked', last_error = 'x', "
		"updated_at = '2026-01-01' where oid = 'ben'");
	const char *before = db_test_text(t, "select string_agg((to_jsonb(r) - 'reference' - "
					     "'key_id')::text, ',' order by oid) from "
					     "bot_conversation_references r");
	assert_int_equal(left(t, &ring).old, 5);
	for (int64_t steps = 0; !pass.over; steps++) {
		assert_true(steps < STEPS_MAX);
		for (size_t i = 0; i < 5; i++)
			assert_string_equal(get(t, &ring, people[i]),
				ad_printf(t->arena, "{\"who\":\"%s\"}", people[i]));
		assert_ok(ad_store_rekey_step(t->db, &ring, LIMIT, &pass, &err), err);
		assert_int_equal(left(t, &ring).old, 5 - pass.sealed);
	}
	assert_int_equal(pass.sealed, 5);
	ad_store_rekey_pass_release(&pass);
	for (size_t i = 0; i < 5; i++) {
		assert_non_null(get(t, &second, people[i]));
		assert_null(get(t, &first, people[i]));
	}
	assert_string_equal(
		before, db_test_text(t, "select string_agg((to_jsonb(r) - 'reference' - "
					"'key_id')::text, ',' order by oid) from "
					"bot_conversation_references r"));
}

static void anybodys_reference_is_found_whatever_key_has_sealed_it(void **state)
{
	struct db_test *t = *state;
	struct ad_store_conv conv;
	struct ad_err err = { 0 };
	put(t, &first, "ann");
	assert_ok(ad_store_conv_any(t->db, t->arena, &ring, "t", "app", &conv, &err), err);
	assert_string_equal(conv.reference, "{\"who\":\"ann\"}");
	assert_int_equal(
		ad_store_conv_any(t->db, t->arena, &second, "t", "app", &conv, NULL), AD_ENOTFOUND);
}

static void the_sender_gets_references_of_every_key(void **state)
{
	struct db_test *t = *state;
	const struct ad_outbox_node node = { "a", "app", &ring };
	const struct ad_outbox_room room = { .news = 10, .urgent = 10 };
	struct ad_err err = { 0 };
	struct ad_outbox_row *rows;
	size_t count = 0;
	put(t, &first, "ann");
	put(t, &second, "ben");
	put(t, &third, "cem");
	db_test_sql(t,
		"insert into outbox (tenant_id, recipient_oid, kind, fact, activity) select 't', "
		"oid, 'send', 'f', '{}' from bot_conversation_references");
	assert_ok(ad_store_outbox_claim(t->db, t->arena, &node, room, &rows, &count, &err), err);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++) {
		bool known = strcmp(rows[i].recipient_oid, "cem") != 0;
		assert_int_equal(rows[i].reference != NULL, known);
	}
}

static void mails_that_wait_are_sealed_again(void **state)
{
	struct db_test *t = *state;
	int64_t broken;
	int64_t waits = add_mail(t, &first, "waits");
	int64_t ended = add_mail(t, &first, "ended");
	db_test_sql(t, "update outbox set state = 'sent', activity = '' where id = %lld",
		(long long)ended);
	assert_string_equal(subject(t, &ring, waits), "waits");
	assert_int_equal(left(t, &ring).old, 1);
	assert_int_equal(seal_again(t, &ring, &broken), 1);
	assert_int_equal(broken, 0);
	assert_string_equal(subject(t, &second, waits), "waits");
	assert_null(subject(t, &first, waits));
}

static void keys_of_packages_that_are_not_done_are_sealed_again(void **state)
{
	struct db_test *t = *state;
	int64_t broken;
	/* as it was written once: without the key's name */
	const char *unnamed = strchr(seal_package(t, &first, 3), ':') + 1;
	add_package(t, "failed", 1, seal_package(t, &first, 1));
	add_package(t, "running", 2, seal_package(t, &second, 2));
	add_package(t, "retry_wait", 3, unnamed);
	add_package(t, "succeeded", 4, seal_package(t, &first, 4));
	for (int64_t id = 1; id <= 4; id++)
		assert_true(opens(t, &ring, id));
	assert_int_equal(left(t, &ring).old, 2);
	assert_int_equal(seal_again(t, &ring, &broken), 2);
	assert_int_equal(broken, 0);
	for (int64_t id = 1; id <= 3; id++)
		assert_true(opens(t, &second, id));
	assert_int_equal(
		db_test_int(t, "select count(*) from job_steps where (result->>'size')::int = 5"),
		4);
	assert_int_equal(left(t, &ring).old, 0);
}

static void a_key_that_nobody_knows_is_counted_and_left_alone(void **state)
{
	struct db_test *t = *state;
	int64_t broken;
	put(t, &third, "ann");
	put(t, &second, "ben");
	assert_int_equal(left(t, &ring).old, 0);
	assert_int_equal(left(t, &ring).unknown, 1);
	assert_int_equal(left(t, &second).unknown, 1);
	assert_null(get(t, &ring, "ann"));
	assert_int_equal(seal_again(t, &ring, &broken), 0);
	assert_non_null(get(t, &third, "ann"));
}

static void a_row_that_does_not_open_stops_nobody(void **state)
{
	struct db_test *t = *state;
	int64_t broken;
	put(t, &first, "ann");
	put(t, &first, "ben");
	put(t, &first, "cem");
	add_package(t, "failed", 1, seal_package(t, &first, 9));
	db_test_sql(t, "update bot_conversation_references set reference = "
		       "(select reference from bot_conversation_references where oid = 'cem') "
		       "where oid = 'ann'");
	assert_int_equal(seal_again(t, &ring, &broken), 2);
	assert_int_equal(broken, 2);
	assert_int_equal(left(t, &ring).old, 2);
	assert_non_null(get(t, &second, "ben"));
	assert_non_null(get(t, &second, "cem"));
	assert_null(get(t, &ring, "ann"));
}

static void a_row_that_somebody_holds_is_waited_for_by_nobody(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	int64_t broken;
	struct ad_db *other = db_test_open(t);
	const struct ad_store_conv fresh = { .tenant_id = "t",
		.oid = "ann",
		.app_id = "app",
		.conversation_id = "a:ann",
		.reference = "{\"who\":\"new\"}" };
	put(t, &first, "ann");
	put(t, &first, "ben");
	assert_ok(ad_db_begin(other, &err), err);
	assert_ok(ad_store_conv_put(other, t->arena, &ring, &fresh, &err), err);
	assert_ok(ad_db_flush(other, &err), err);
	assert_int_equal(seal_again(t, &ring, &broken), 1);
	assert_ok(ad_db_commit(other, &err), err);
	ad_db_close(other);
	assert_int_equal(left(t, &ring).old, 0);
	assert_string_equal(get(t, &second, "ann"), "{\"who\":\"new\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(references_are_read_before_during_and_after_and_lose_nothing),
		db_test(anybodys_reference_is_found_whatever_key_has_sealed_it),
		db_test(the_sender_gets_references_of_every_key),
		db_test(mails_that_wait_are_sealed_again),
		db_test(keys_of_packages_that_are_not_done_are_sealed_again),
		db_test(a_key_that_nobody_knows_is_counted_and_left_alone),
		db_test(a_row_that_does_not_open_stops_nobody),
		db_test(a_row_that_somebody_holds_is_waited_for_by_nobody),
	};
	return db_test_run(tests);
}
