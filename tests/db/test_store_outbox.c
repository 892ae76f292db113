/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the sender: references, outbox rows, card copies. */
#include "ad/store/convs.h"
#include "ad/store/copies.h"
#include "ad/store/ledger.h"
#include "ad/store/outbox.h"
#include "ad/text.h"

#include "harness.h"

static const struct ad_store_conv_key key = { .id = "k1", .key = { 1, 2, 3 } };
static const struct ad_outbox_node node_a = { "a", "app", &key };
static const struct ad_outbox_node node_b = { "b", "app", &key };

static int64_t add(struct db_test *t, const char *node, const char *oid, const char *fact)
{
	struct ad_err err = { 0 };
	int64_t id = 0;
	struct ad_outbox_new row = {
		.node_id = node,
		.tenant_id = "t",
		.recipient_oid = oid,
		.fact = fact,
		.activity = "{\"type\":\"message\",\"text\":\"x\"}",
		.card = "approval",
		.job_id = 9,
		.version = 1,
	};
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_outbox_add(t->db, t->arena, &row, &id, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	return id;
}

static size_t load(struct db_test *t, const struct ad_outbox_node *node, int64_t id,
	struct ad_outbox_row **ret)
{
	struct ad_err err = { 0 };
	size_t count = 0;
	assert_ok(ad_store_outbox_load(t->db, t->arena, node, &id, 1, ret, &count, &err), err);
	return count;
}

static size_t claim(
	struct db_test *t, const struct ad_outbox_node *node, struct ad_outbox_row **ret)
{
	struct ad_err err = { 0 };
	size_t count = 0;
	assert_ok(ad_store_outbox_claim(t->db, t->arena, node,
			  (struct ad_outbox_room){ 100, 100, 100 }, ret, &count, &err),
		err);
	return count;
}

static size_t record(struct db_test *t, const struct ad_outbox_node *node,
	const struct ad_outbox_result *result, struct ad_outbox_recorded **ret)
{
	struct ad_err err = { 0 };
	size_t count = 0;
	struct ad_outbox_results results = { result, 1, 86400 };
	assert_ok(ad_store_outbox_record(t->db, t->arena, node, &results, ret, &count, &err), err);
	return count;
}

static const char *state_of(struct db_test *t, int64_t id)
{
	return db_test_text(t, "select state from outbox where id = %lld", (long long)id);
}

static void a_person_is_told_a_fact_once(void **state)
{
	struct db_test *t = *state;
	assert_true(add(t, "a", "ann", "request.1.v1") > 0);
	assert_int_equal(add(t, "a", "ann", "request.1.v1"), 0);
	assert_true(add(t, "a", "bob", "request.1.v1") > 0);
	assert_int_equal(db_test_int(t, "select count(*) from outbox"), 2);
	assert_int_equal(db_test_int(t, "select count(*) from card_copies where job_id = 9"), 2);
}

static void a_row_is_loaded_by_the_node_that_wrote_it_and_no_other(void **state)
{
	struct db_test *t = *state;
	struct ad_outbox_row *rows;
	int64_t id = add(t, "a", "ann", "f");
	assert_int_equal(load(t, &node_b, id, &rows), 0);
	assert_int_equal(load(t, &node_a, id, &rows), 1);
	assert_int_equal(rows[0].id, id);
	assert_int_equal(rows[0].kind, AD_OUTBOX_SEND);
	assert_string_equal(rows[0].fact, "f");
	assert_null(rows[0].reference);
	assert_int_equal(claim(t, &node_b, &rows), 0);
}

static void an_older_row_is_never_overtaken(void **state)
{
	struct db_test *t = *state;
	struct ad_outbox_row *rows;
	int64_t first = add(t, "b", "ann", "f1");
	int64_t second = add(t, "a", "ann", "f2");
	assert_int_equal(load(t, &node_a, second, &rows), 0);
	/* Handing the second one over brings the first one along when both are ours. */
	db_test_sql(t, "update outbox set lease_owner = 'a' where id = %lld", (long long)first);
	assert_int_equal(load(t, &node_a, second, &rows), 2);
	assert_int_equal(rows[0].id, first);
	/* The first waits for its time: the second waits too. */
	db_test_sql(t,
		"update outbox set lease_owner = '', lease_until = now(), due_at = now() + "
		"interval "
		"'1 h' where id = %lld",
		(long long)first);
	assert_int_equal(load(t, &node_a, second, &rows), 0);
	db_test_sql(t, "update outbox set lease_owner = '', lease_until = now()");
	assert_int_equal(claim(t, &node_b, &rows), 0);
}

static void one_row_of_each_person_is_claimed_once_its_lease_is_over(void **state)
{
	struct db_test *t = *state;
	struct ad_outbox_row *rows;
	int64_t first = add(t, "dead", "ann", "f1");
	(void)add(t, "dead", "ann", "f2");
	(void)add(t, "dead", "bob", "f1");
	assert_int_equal(claim(t, &node_b, &rows), 0);
	db_test_sql(t, "update outbox set lease_until = now()");
	assert_int_equal(claim(t, &node_b, &rows), 2);
	assert_int_equal(rows[0].id, first);
	assert_int_equal(claim(t, &node_a, &rows), 0);
}

static void only_the_holder_of_the_lease_writes_results(void **state)
{
	struct db_test *t = *state;
	struct ad_outbox_recorded *recorded;
	int64_t id = add(t, "a", "ann", "f");
	struct ad_outbox_result sent = { .id = id,
		.state = AD_OUTBOX_SENT,
		.activity_id = "act",
		.copy = id,
		.service_url = "https://s/",
		.conversation_id = "a:1" };
	assert_int_equal(record(t, &node_b, &sent, &recorded), 0);
	assert_string_equal(state_of(t, id), "pending");
	assert_int_equal(record(t, &node_a, &sent, &recorded), 1);
	assert_int_equal(recorded[0].state, AD_OUTBOX_SENT);
	assert_string_equal(state_of(t, id), "sent");
	assert_int_equal(
		db_test_int(t, "select count(*) from card_copies where activity_id = 'act'"), 1);
	assert_int_equal(record(t, &node_a, &sent, &recorded), 0);
	assert_int_equal(db_test_int(t, "select attempts from outbox"), 1);
}

static void a_row_in_a_deciding_transaction_is_not_waited_for(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_outbox_recorded *recorded;
	int64_t id = add(t, "a", "ann", "f");
	struct ad_outbox_result dead = { .id = id, .state = AD_OUTBOX_DEAD, .error = "\xc3" };
	struct ad_db *other = db_test_open(t);
	struct ad_outbox_node node = node_a;
	int64_t *kept;
	size_t kept_count;
	assert_ok(ad_db_begin(other, &err), err);
	assert_ok(
		ad_store_outbox_renew(other, t->arena, "a", &id, 1, &kept, &kept_count, &err), err);
	assert_int_equal(record(t, &node, &dead, &recorded), 1);
	assert_int_equal(recorded[0].state, AD_OUTBOX_LOCKED);
	assert_ok(ad_db_commit(other, &err), err);
	assert_int_equal(record(t, &node, &dead, &recorded), 1);
	assert_int_equal(recorded[0].state, AD_OUTBOX_DEAD);
	assert_string_equal(db_test_text(t, "select last_error from outbox"), "?");
	ad_db_close(other);
}

static void what_is_too_old_is_given_up(void **state)
{
	struct db_test *t = *state;
	struct ad_outbox_recorded *recorded;
	int64_t id = add(t, "a", "ann", "f1");
	int64_t unsure = add(t, "a", "bob", "f1");
	db_test_sql(t, "update outbox set created_at = now() - interval '25 h'");
	struct ad_outbox_result later = { .id = id, .state = AD_OUTBOX_PENDING, .delay_ms = 5 };
	assert_int_equal(record(t, &node_a, &later, &recorded), 1);
	assert_int_equal(recorded[0].state, AD_OUTBOX_DEAD);
	later.id = unsure;
	later.maybe_sent = true;
	assert_int_equal(record(t, &node_a, &later, &recorded), 1);
	assert_int_equal(recorded[0].state, AD_OUTBOX_AMBIGUOUS);
}

static void leases_are_renewed_and_given_back(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	int64_t ids[2] = { add(t, "a", "ann", "f1"), add(t, "b", "bob", "f1") };
	int64_t *kept;
	size_t count;
	db_test_sql(t, "update outbox set lease_until = now() + interval '1 s'");
	assert_ok(ad_store_outbox_renew(t->db, t->arena, "a", ids, 2, &kept, &count, &err), err);
	assert_int_equal(count, 1);
	assert_int_equal(kept[0], ids[0]);
	assert_int_equal(db_test_int(t,
				 "select count(*) from outbox where lease_until > now() + "
				 "interval '%d s'",
				 AD_OUTBOX_LEASE_S / 2),
		1);
	assert_ok(ad_store_outbox_release_all(t->db, t->arena, "a", &err), err);
	struct ad_outbox_row *rows;
	assert_int_equal(claim(t, &node_b, &rows), 1);
	assert_int_equal(rows[0].id, ids[0]);
}

static void the_ledger_lists_what_did_not_arrive(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	(void)add(t, "a", "ann", "f1");
	(void)add(t, "a", "ann", "f2");
	(void)add(t, "a", "ann", "f3");
	db_test_sql(t, "update outbox set state = 'dead', last_error = 'blocked' where id = 1");
	db_test_sql(t, "update outbox set state = 'ambiguous' where id = 2");
	struct ad_ledger_counts counts;
	assert_ok(ad_store_ledger_count(t->db, t->arena, &counts, &err), err);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where state = 'pending'"), 1);
	assert_int_equal(counts.dead, 1);
	assert_int_equal(counts.ambiguous, 1);
	struct ad_ledger_entry *list;
	size_t count;
	assert_ok(ad_store_ledger_list(t->db, t->arena, "t", 0, 10, &list, &count, &err), err);
	assert_int_equal(count, 2);
	assert_int_equal(list[0].id, 2);
	assert_string_equal(list[1].last_error, "blocked");
	assert_ok(ad_store_ledger_list(t->db, t->arena, "t", 2, 10, &list, &count, &err), err);
	assert_int_equal(count, 1);
	assert_ok(ad_store_ledger_list(t->db, t->arena, "other", 0, 10, &list, &count, &err), err);
	assert_int_equal(count, 0);
}

/* The end of a notice and the job that does something about it are one statement. */
static void an_unreachable_person_is_a_job_at_once(void **state)
{
	struct db_test *t = *state;
	struct ad_outbox_recorded *recorded;
	struct ad_outbox_row *rows;
	int64_t id = add(t, "a", "ann", "f1");
	int64_t other = add(t, "a", "bob", "f1");
	struct ad_outbox_result dead = {
		.id = id, .state = AD_OUTBOX_DEAD, .error = "blocked", .is_unreachable = true
	};
	assert_int_equal(load(t, &node_a, id, &rows), 1);
	assert_int_equal(record(t, &node_a, &dead, &recorded), 1);
	assert_int_equal(recorded[0].state, AD_OUTBOX_DEAD);
	assert_string_equal(
		db_test_text(t, "select fallback from outbox where id = %lld", (long long)id),
		"waiting");
	assert_string_equal(db_test_text(t, "select kind || ' ' || key || ' ' || state from jobs"),
		ad_printf(t->arena, "notice outbox:%lld queued", (long long)id));
	/* A fault of the message itself is no fault of the person. */
	assert_int_equal(load(t, &node_a, other, &rows), 1);
	dead = (struct ad_outbox_result){ .id = other, .state = AD_OUTBOX_DEAD, .error = "" };
	assert_int_equal(record(t, &node_a, &dead, &recorded), 1);
	assert_int_equal(db_test_int(t, "select count(*) from jobs"), 1);
}

/* Of all ways that a notice ends, only the certain one has a fallback; and a change of a card none.
 */
static void what_may_have_arrived_and_changes_of_cards_have_no_fallback(void **state)
{
	struct db_test *t = *state;
	struct ad_outbox_recorded *recorded;
	struct ad_outbox_row *rows;
	int64_t id = add(t, "a", "ann", "f1");
	struct ad_outbox_result result = {
		.id = id, .state = AD_OUTBOX_AMBIGUOUS, .error = "blocked", .is_unreachable = true
	};
	assert_int_equal(load(t, &node_a, id, &rows), 1);
	assert_int_equal(record(t, &node_a, &result, &recorded), 1);
	db_test_sql(t,
		"insert into outbox (tenant_id, recipient_oid, kind, fact, activity, copy_of,"
		" lease_owner, lease_until) values ('t', 'ann', 'update', 'c', '{}', %lld, 'a',"
		" now() + interval '1 h')",
		(long long)id);
	result.id = db_test_int(t, "select max(id) from outbox");
	result.state = AD_OUTBOX_DEAD;
	assert_int_equal(record(t, &node_a, &result, &recorded), 1);
	assert_int_equal(db_test_int(t, "select count(*) from outbox where fallback <> ''"), 0);
	assert_int_equal(db_test_int(t, "select count(*) from jobs"), 0);
}

/* ---- references ---- */

static void put_reference(struct db_test *t, const char *oid, const char *conversation_id)
{
	struct ad_err err = { 0 };
	struct ad_store_conv conv = { .tenant_id = "t",
		.oid = oid,
		.app_id = "app",
		.conversation_id = conversation_id,
		.reference = "{\"secret\":1}" };
	assert_ok(ad_store_conv_put(t->db, t->arena, &key, &conv, &err), err);
}

/* Heard of in a turn. Whether something is owed. */
static bool is_seen(struct db_test *t, const char *reference)
{
	struct ad_err err = { 0 };
	struct ad_store_later known;
	bool owed = false;
	const struct ad_store_conv conv = { .tenant_id = "t",
		.oid = "ana",
		.app_id = "app",
		.conversation_id = "a:ana",
		.reference = reference };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_conv_seen_later(t->db, t->arena, &key, &conv, &known, &err), err);
	assert_ok(ad_db_flush(t->db, &err), err);
	assert_ok(ad_store_conv_seen(t->db, t->arena, &key, &conv, &known, &owed, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	return owed;
}

static void a_reference_is_written_when_something_about_it_is_new(void **state)
{
	struct db_test *t = *state;
	static const char *const changes[] = { "state = 'stale'", "key_id = 'old'",
		"updated_at = now() - interval '2 hours'", "reference = '\\x00'" };
	assert_false(is_seen(t, "{\"n\":1}"));
	const char *place = db_test_text(t, "select ctid from bot_conversation_references");
	(void)is_seen(t, "{\"n\":1}");
	assert_string_equal(db_test_text(t, "select ctid from bot_conversation_references"), place);
	(void)is_seen(t, "{\"n\":2}");
	assert_string_not_equal(
		db_test_text(t, "select ctid from bot_conversation_references"), place);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		db_test_sql(t, "update bot_conversation_references set %s", changes[i]);
		place = db_test_text(t, "select ctid from bot_conversation_references");
		(void)is_seen(t, "{\"n\":2}");
		assert_string_not_equal(
			db_test_text(t, "select ctid from bot_conversation_references"), place);
		assert_int_equal(db_test_int(t, "select count(*) from bot_conversation_references "
						"where state = 'active' and key_id <> 'old' and "
						"updated_at > now() - interval '1 hour'"),
			1);
	}
}

static void a_reference_is_sealed_and_opens_only_in_its_own_row(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_store_conv who = { .tenant_id = "t", .oid = "ann", .app_id = "app" };
	struct ad_store_conv conv;
	put_reference(t, "ann", "a:1");
	put_reference(t, "bob", "a:2");
	assert_ok(ad_store_conv_get(t->db, t->arena, &key, &who, &conv, &err), err);
	assert_string_equal(conv.reference, "{\"secret\":1}");
	assert_string_equal(conv.conversation_id, "a:1");
	assert_int_equal(db_test_int(t, "select count(*) from bot_conversation_references where "
					"position('secret'::bytea in reference) > 0"),
		0);
	db_test_sql(t, "update bot_conversation_references set reference = (select reference from "
		       "bot_conversation_references where oid = 'bob') where oid = 'ann'");
	assert_int_equal(
		ad_store_conv_get(t->db, t->arena, &key, &who, &conv, &err), AD_EINTEGRITY);
	struct ad_store_conv_key other = key;
	other.id = "k2";
	assert_int_equal(
		ad_store_conv_get(t->db, t->arena, &other, &who, &conv, &err), AD_ENOTFOUND);
}

static void a_conversation_stays_with_the_person_who_has_it(void **state)
{
	struct db_test *t = *state;
	put_reference(t, "ann", "a:1");
	put_reference(t, "bob", "a:1");
	assert_int_equal(
		db_test_int(
			t, "select count(*) from bot_conversation_references where oid = 'bob'"),
		0);
	put_reference(t, "bob", "a:2");
	put_reference(t, "bob", "a:1");
	assert_int_equal(db_test_int(t, "select count(*) from bot_conversation_references where "
					"oid = 'bob' and conversation_id = 'a:2'"),
		1);
}

static void a_marked_reference_lives_again_when_the_person_writes(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_store_conv conv = { .tenant_id = "t",
		.oid = "ann",
		.app_id = "app",
		.state = AD_CONV_BLOCKED,
		.last_error = "blocked by the person" };
	put_reference(t, "ann", "a:1");
	assert_ok(ad_store_conv_mark(t->db, t->arena, &conv, &err), err);
	assert_int_equal(
		ad_store_conv_any(t->db, t->arena, &key, "t", "app", &conv, &err), AD_ENOTFOUND);
	conv = (struct ad_store_conv){ .tenant_id = "t", .oid = "ann", .app_id = "app" };
	assert_ok(ad_store_conv_get(t->db, t->arena, &key, &conv, &conv, &err), err);
	assert_int_equal(conv.state, AD_CONV_BLOCKED);
	put_reference(t, "ann", "a:1");
	assert_ok(ad_store_conv_any(t->db, t->arena, &key, "t", "app", &conv, &err), err);
	assert_int_equal(conv.state, AD_CONV_ACTIVE);
	assert_string_equal(conv.last_error, "");
}

/* ---- copies ---- */

static size_t change(
	struct db_test *t, int64_t copy, const char *activity, int version, int64_t **ret)
{
	struct ad_err err = { 0 };
	size_t count = 0;
	const struct ad_card_change c = { &copy, 1, activity, version, false };
	const struct ad_card_changes changes = { "a", &c, 1 };
	assert_ok(ad_db_begin(t->db, &err), err);
	assert_ok(ad_store_copy_change(t->db, t->arena, &changes, ret, &count, &err), err);
	assert_ok(ad_db_commit(t->db, &err), err);
	return count;
}

static void a_waiting_update_is_replaced_by_a_newer_one(void **state)
{
	struct db_test *t = *state;
	int64_t *ids;
	int64_t copy = add(t, "a", "ann", "f");
	assert_int_equal(change(t, copy, "{\"v\":2}", 2, &ids), 1);
	int64_t update = ids[0];
	assert_int_equal(change(t, copy, "{\"v\":3}", 3, &ids), 1);
	assert_int_equal(ids[0], update);
	assert_int_equal(change(t, copy, "{\"v\":2}", 2, &ids), 0);
	assert_string_equal(
		db_test_text(t, "select activity from outbox where kind = 'update'"), "{\"v\":3}");
	/* The sender had version 2 in its hands. */
	struct ad_outbox_recorded *recorded;
	struct ad_outbox_result sent = { .id = update, .revision = 0, .state = AD_OUTBOX_SENT };
	assert_int_equal(record(t, &node_a, &sent, &recorded), 1);
	assert_int_equal(recorded[0].state, AD_OUTBOX_PENDING);
	struct ad_outbox_row *rows;
	db_test_sql(t, "update outbox set state = 'sent' where kind = 'send'");
	assert_int_equal(claim(t, &node_a, &rows), 1);
	assert_int_equal(rows[0].revision, 1);
	sent.revision = 1;
	assert_int_equal(record(t, &node_a, &sent, &recorded), 1);
	assert_int_equal(recorded[0].state, AD_OUTBOX_SENT);
}

static void copies_are_found_and_learn_their_activity_id_once(void **state)
{
	struct db_test *t = *state;
	struct ad_err err = { 0 };
	struct ad_card_copy *copies;
	struct ad_card_copy copy;
	size_t count;
	int64_t id = add(t, "a", "ann", "f1");
	(void)add(t, "a", "bob", "f1");
	assert_ok(ad_store_copy_list(t->db, t->arena, 0, 9, &copies, &count, &err), err);
	assert_int_equal(count, 2);
	assert_int_equal(copies[0].outbox_id, id);
	assert_string_equal(copies[0].card, "approval");
	struct ad_card_copy_place place = { id, "https://s/", "a:1", "act-1" };
	assert_ok(ad_store_copy_learn(t->db, t->arena, &place, &err), err);
	place.activity_id = "act-2";
	assert_ok(ad_store_copy_learn(t->db, t->arena, &place, &err), err);
	assert_ok(ad_store_copy_find(t->db, t->arena, "a:1", "act-1", &copy, &err), err);
	assert_int_equal(copy.outbox_id, id);
	assert_int_equal(
		ad_store_copy_find(t->db, t->arena, "a:1", "act-2", &copy, &err), AD_ENOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(a_person_is_told_a_fact_once),
		db_test(a_row_is_loaded_by_the_node_that_wrote_it_and_no_other),
		db_test(an_older_row_is_never_overtaken),
		db_test(one_row_of_each_person_is_claimed_once_its_lease_is_over),
		db_test(only_the_holder_of_the_lease_writes_results),
		db_test(a_row_in_a_deciding_transaction_is_not_waited_for),
		db_test(what_is_too_old_is_given_up),
		db_test(leases_are_renewed_and_given_back),
		db_test(the_ledger_lists_what_did_not_arrive),
		db_test(an_unreachable_person_is_a_job_at_once),
		db_test(what_may_have_arrived_and_changes_of_cards_have_no_fallback),
		db_test(a_reference_is_written_when_something_about_it_is_new),
		db_test(a_reference_is_sealed_and_opens_only_in_its_own_row),
		db_test(a_conversation_stays_with_the_person_who_has_it),
		db_test(a_marked_reference_lives_again_when_the_person_writes),
		db_test(a_waiting_update_is_replaced_by_a_newer_one),
		db_test(copies_are_found_and_learn_their_activity_id_once),
	};
	return db_test_run(tests);
}
