/* SPDX-License-Identifier: Apache-2.0 */
/* Outbox rows: added by use cases, leased, read and finished by the sender. */
#include "ad/store/outbox.h"

#include "ad/db.h"
#include "ad/store/convs.h"
#include "ad/text.h"

#include "ad_queries.h"
#include "outbox_mail.h"

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

int ad_store_outbox_add_later(struct ad_db *db, struct ad_arena *arena,
	const struct ad_outbox_new *row, struct ad_store_later *later, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	return ad_db_exec_later(db, arena, AD_Q_OUTBOX_ADD,
		AD_DB_PARAMS(AD_DB_TEXT(row->tenant_id), AD_DB_TEXT(row->recipient_oid),
			AD_DB_TEXT(row->fact), AD_DB_TEXT(row->activity),
			AD_DB_INT(row->request_id), AD_DB_TEXT(or_empty(row->card)),
			AD_DB_TEXT(or_empty(row->service_url)),
			AD_DB_TEXT(or_empty(row->conversation_id)),
			AD_DB_TEXT(or_empty(row->reply_to_id)), AD_DB_TEXT(or_empty(row->node_id)),
			AD_DB_INT(AD_OUTBOX_LEASE_S), AD_DB_INT(row->job_id),
			AD_DB_INT(row->version), AD_DB_BOOL(row->urgent)),
		&later->rows, err);
}

size_t ad_store_outbox_came(
	struct ad_arena *arena, const struct ad_store_later *later, int64_t **ret_ids)
{
	size_t count = later->rows ? ad_db_rows(later->rows) : 0;
	*ret_ids = ad_alloc_array(arena, count, sizeof **ret_ids);
	for (size_t i = 0; i < count; i++)
		(*ret_ids)[i] = ad_db_int(later->rows, i, 0);
	return count;
}

int ad_store_outbox_add(struct ad_db *db, struct ad_arena *arena, const struct ad_outbox_new *row,
	int64_t *ret_id, struct ad_err *err)
{
	struct ad_store_later *later = ad_alloc(arena, sizeof *later);
	int64_t *ids;
	int rc = ad_store_outbox_add_later(db, arena, row, later, err);
	if (rc == 0)
		rc = ad_db_flush(db, err);
	if (rc == 0)
		*ret_id = ad_store_outbox_came(arena, later, &ids) > 0 ? ids[0] : 0;
	return rc;
}

/* ---- The sender ---- */

/* The columns of outbox_load and outbox_claim. A reference that cannot be opened is left out: the
 * conversation is then created anew, and a sealed text from another row gets nobody a message. */
static struct ad_outbox_row read_row(struct ad_arena *arena, const struct ad_outbox_node *node,
	const struct ad_db_result *rows, size_t i)
{
	struct ad_outbox_row row = {
		.id = ad_db_int(rows, i, 0),
		.kind = ad_text_eq(ad_db_text(rows, i, 1), "update") ? AD_OUTBOX_UPDATE
								     : AD_OUTBOX_SEND,
		.revision = (int)ad_db_int(rows, i, 2),
		.attempts = (int)ad_db_int(rows, i, 3),
		.maybe_sent = ad_db_bool(rows, i, 4),
		.tenant_id = ad_db_text(rows, i, 5),
		.recipient_oid = ad_db_text(rows, i, 6),
		.fact = ad_db_text(rows, i, 7),
		.activity = ad_db_text(rows, i, 8),
		.service_url = ad_db_text(rows, i, 9),
		.conversation_id = ad_db_text(rows, i, 10),
		.reply_to_id = ad_db_text(rows, i, 11),
		.copy = ad_db_int(rows, i, 12),
		.copy_activity_id = ad_db_text(rows, i, 13),
		.urgent = ad_db_bool(rows, i, 16),
		.reference_state = AD_CONV_STALE,
	};
	if (ad_text_eq(ad_db_text(rows, i, 17), "mail")) {
		row.channel = AD_OUTBOX_MAIL;
		row.mail = ad_outbox_mail_open(arena, node->key, &row);
		row.activity = "";
		return row;
	}
	if (ad_db_is_null(rows, i, 14))
		return row;
	struct ad_store_conv who = {
		.tenant_id = row.tenant_id,
		.oid = row.recipient_oid,
		.app_id = node->app_id,
	};
	if (ad_store_conv_open(
		    arena, node->key, &who, ad_db_bytes(rows, i, 14), &row.reference, NULL) == 0)
		row.reference_state = ad_conv_state_of(ad_db_text(rows, i, 15));
	return row;
}

static void read_rows(struct ad_arena *arena, const struct ad_outbox_node *node,
	const struct ad_db_result *rows, struct ad_outbox_row **ret, size_t *ret_count)
{
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = read_row(arena, node, rows, i);
}

int ad_store_outbox_load(struct ad_db *db, struct ad_arena *arena,
	const struct ad_outbox_node *node, const int64_t *ids, size_t count,
	struct ad_outbox_row **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	size_t keys_count;
	const char **keys = ad_store_key_ids(arena, node->key, &keys_count);
	int rc = ad_db_exec(db, arena, AD_Q_OUTBOX_LOAD,
		AD_DB_PARAMS(AD_DB_INTS(ids, count), AD_DB_TEXT(node->node_id),
			AD_DB_INT(AD_OUTBOX_LEASE_S), AD_DB_TEXT(node->app_id),
			AD_DB_TEXTS(keys, keys_count)),
		&rows, err);
	if (rc == 0)
		read_rows(arena, node, rows, ret, ret_count);
	return rc;
}

int ad_store_outbox_claim(struct ad_db *db, struct ad_arena *arena,
	const struct ad_outbox_node *node, struct ad_outbox_room room, struct ad_outbox_row **ret,
	size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	size_t keys_count;
	const char **keys = ad_store_key_ids(arena, node->key, &keys_count);
	int rc = ad_db_exec(db, arena, AD_Q_OUTBOX_CLAIM,
		AD_DB_PARAMS(AD_DB_INT(room.news), AD_DB_TEXT(node->node_id),
			AD_DB_INT(AD_OUTBOX_LEASE_S), AD_DB_TEXT(node->app_id),
			AD_DB_TEXTS(keys, keys_count), AD_DB_INT(room.urgent),
			AD_DB_INT(room.mails)),
		&rows, err);
	if (rc == 0)
		read_rows(arena, node, rows, ret, ret_count);
	return rc;
}

int ad_store_outbox_give_back(struct ad_db *db, struct ad_arena *arena, const char *node_id,
	const int64_t *ids, size_t count, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_OUTBOX_GIVE_BACK,
		AD_DB_PARAMS(AD_DB_INTS(ids, count), AD_DB_TEXT(node_id)), NULL, err);
}

static const char *const state_names[] = {
	[AD_OUTBOX_PENDING] = "pending",
	[AD_OUTBOX_SENT] = "sent",
	[AD_OUTBOX_AMBIGUOUS] = "ambiguous",
	[AD_OUTBOX_DEAD] = "dead",
	[AD_OUTBOX_LOCKED] = "locked",
};

static enum ad_outbox_state state_of(const char *name)
{
	int state = AD_OUTBOX_PENDING;
	while (state < AD_OUTBOX_LOCKED && !ad_text_eq(state_names[state], name))
		state++;
	return (enum ad_outbox_state)state;
}

/* What a peer or a system said may be cut within a character; PostgreSQL takes whole ones only. */
static const char *storable(struct ad_arena *arena, const char *text)
{
	char *copy = ad_strdup(arena, or_empty(text));
	if (!ad_utf8_valid(copy, strlen(copy)))
		for (char *c = copy; *c; c++)
			if ((unsigned char)*c > 0x7f)
				*c = '?';
	return ad_utf8_cut(arena, copy, AD_OUTBOX_ERROR_MAX);
}

/* Results as columns, the shape that unnest takes. */
struct columns {
	int64_t *ids, *revisions, *maybe_sent, *delays, *unreachable, *held;
	const char **states, **activity_ids, **errors;
};

static struct columns to_columns(
	struct ad_arena *arena, const struct ad_outbox_result *results, size_t count)
{
	int64_t *numbers = ad_alloc_array(arena, 6 * count, sizeof *numbers);
	const char **texts = ad_alloc_array(arena, 3 * count, sizeof *texts);
	struct columns c = { numbers, numbers + count, numbers + 2 * count, numbers + 3 * count,
		numbers + 4 * count, numbers + 5 * count, texts, texts + count, texts + 2 * count };
	for (size_t i = 0; i < count; i++) {
		const struct ad_outbox_result *r = &results[i];
		c.ids[i] = r->id;
		c.revisions[i] = r->revision;
		c.maybe_sent[i] = r->maybe_sent ? 1 : 0;
		c.delays[i] = r->delay_ms;
		c.held[i] = r->is_held ? 1 : 0;
		c.unreachable[i] = r->is_unreachable ? 1 : 0;
		c.states[i] = state_names[r->state];
		c.activity_ids[i] = or_empty(r->activity_id);
		c.errors[i] = storable(arena, r->error);
	}
	return c;
}

/* Where the delivered cards are. */
static int place_copies(struct ad_db *db, struct ad_arena *arena,
	const struct ad_outbox_results *results, struct ad_err *err)
{
	int64_t *ids = ad_alloc_array(arena, results->count, sizeof *ids);
	const char **texts = ad_alloc_array(arena, 3 * results->count, sizeof *texts);
	const char **activity_ids = texts;
	const char **service_urls = texts + results->count;
	const char **conversation_ids = texts + 2 * results->count;
	size_t n = 0;
	for (size_t i = 0; i < results->count; i++) {
		const struct ad_outbox_result *r = &results->list[i];
		if (r->copy == 0 || ad_text_empty(r->activity_id))
			continue;
		ids[n] = r->copy;
		activity_ids[n] = r->activity_id;
		service_urls[n] = or_empty(r->service_url);
		conversation_ids[n++] = or_empty(r->conversation_id);
	}
	if (n == 0)
		return 0;
	return ad_db_exec(db, arena, AD_Q_COPIES_PLACE,
		AD_DB_PARAMS(AD_DB_INTS(ids, n), AD_DB_TEXTS(activity_ids, n),
			AD_DB_TEXTS(service_urls, n), AD_DB_TEXTS(conversation_ids, n)),
		NULL, err);
}

int ad_store_outbox_record(struct ad_db *db, struct ad_arena *arena,
	const struct ad_outbox_node *node, const struct ad_outbox_results *results,
	struct ad_outbox_recorded **ret, size_t *ret_count, struct ad_err *err)
{
	size_t n = results->count;
	struct columns c = to_columns(arena, results->list, n);
	struct ad_db_result *rows;
	int rc = place_copies(db, arena, results, err);
	if (rc == 0)
		rc = ad_db_exec(db, arena, AD_Q_OUTBOX_RECORD,
			AD_DB_PARAMS(AD_DB_TEXT(node->node_id), AD_DB_INTS(c.ids, n),
				AD_DB_INTS(c.revisions, n), AD_DB_TEXTS(c.states, n),
				AD_DB_INTS(c.maybe_sent, n), AD_DB_INTS(c.delays, n),
				AD_DB_TEXTS(c.activity_ids, n), AD_DB_TEXTS(c.errors, n),
				AD_DB_INT(results->give_up_s), AD_DB_INTS(c.unreachable, n),
				AD_DB_INTS(c.held, n)),
			&rows, err);
	if (rc != 0)
		return rc;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = (struct ad_outbox_recorded){
			.id = ad_db_int(rows, i, 0),
			.state = state_of(ad_db_text(rows, i, 1)),
		};
	return 0;
}

int ad_store_outbox_renew(struct ad_db *db, struct ad_arena *arena, const char *node_id,
	const int64_t *ids, size_t count, int64_t **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int rc = ad_db_exec(db, arena, AD_Q_OUTBOX_RENEW,
		AD_DB_PARAMS(
			AD_DB_INTS(ids, count), AD_DB_TEXT(node_id), AD_DB_INT(AD_OUTBOX_LEASE_S)),
		&rows, err);
	if (rc != 0)
		return rc;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = ad_db_int(rows, i, 0);
	return 0;
}

int ad_store_outbox_release_all(
	struct ad_db *db, struct ad_arena *arena, const char *node_id, struct ad_err *err)
{
	return ad_db_exec(
		db, arena, AD_Q_OUTBOX_RELEASE_ALL, AD_DB_PARAMS(AD_DB_TEXT(node_id)), NULL, err);
}
