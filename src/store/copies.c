/* SPDX-License-Identifier: Apache-2.0 */
/* Card copies: found by what they show, changed through the outbox. */
#include "ad/store/copies.h"

#include "ad/db.h"
#include "ad/store/outbox.h"

#include "ad_queries.h"

static struct ad_card_copy read_copy(const struct ad_db_result *rows, size_t row)
{
	return (struct ad_card_copy){
		.outbox_id = ad_db_int(rows, row, 0),
		.tenant_id = ad_db_text(rows, row, 1),
		.recipient_oid = ad_db_text(rows, row, 2),
		.card = ad_db_text(rows, row, 3),
		.request_id = ad_db_int(rows, row, 4),
		.job_id = ad_db_int(rows, row, 5),
		.conversation_id = ad_db_text(rows, row, 6),
		.activity_id = ad_db_text(rows, row, 7),
		.shown_version = (int)ad_db_int(rows, row, 8),
		.locale = ad_db_text(rows, row, 9),
	};
}

int ad_store_copy_list(struct ad_db *db, struct ad_arena *arena, int64_t request_id, int64_t job_id,
	struct ad_card_copy **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_db_result *rows;
	int rc = ad_db_exec(db, arena, AD_Q_COPIES_LIST,
		AD_DB_PARAMS(AD_DB_INT(request_id), AD_DB_INT(job_id)), &rows, err);
	if (rc != 0)
		return rc;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = read_copy(rows, i);
	return 0;
}

int ad_store_copy_find(struct ad_db *db, struct ad_arena *arena, const char *conversation_id,
	const char *activity_id, struct ad_card_copy *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int rc = ad_db_exec_one(db, arena, AD_Q_COPIES_FIND,
		AD_DB_PARAMS(AD_DB_TEXT(conversation_id), AD_DB_TEXT(activity_id)), &row, err);
	if (rc == 0)
		*ret = read_copy(row, 0);
	return rc;
}

int ad_store_copy_learn(struct ad_db *db, struct ad_arena *arena,
	const struct ad_card_copy_place *place, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_COPIES_LEARN,
		AD_DB_PARAMS(AD_DB_INT(place->outbox_id), AD_DB_TEXT(place->service_url),
			AD_DB_TEXT(place->conversation_id), AD_DB_TEXT(place->activity_id)),
		NULL, err);
}

int ad_store_copy_adopt(struct ad_db *db, struct ad_arena *arena,
	const struct ad_card_copy_place *place, int64_t *ret_outbox_id, struct ad_err *err)
{
	struct ad_db_result *row;
	AD_ASSERT(ad_db_in_transaction(db));
	int rc = ad_db_exec_one(db, arena, AD_Q_COPIES_ADOPT,
		AD_DB_PARAMS(AD_DB_INT(place->outbox_id), AD_DB_TEXT(place->service_url),
			AD_DB_TEXT(place->conversation_id), AD_DB_TEXT(place->activity_id)),
		&row, err);
	if (rc == 0)
		*ret_outbox_id = ad_db_int(row, 0, 0);
	return rc;
}

int ad_store_copy_become(struct ad_db *db, struct ad_arena *arena, const struct ad_card_copy *copy,
	struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_COPIES_BECOME,
		AD_DB_PARAMS(AD_DB_INT(copy->outbox_id), AD_DB_TEXT(copy->card),
			AD_DB_INT(copy->request_id), AD_DB_INT(copy->job_id)),
		NULL, err);
}

/* The changes as lists: of each copy its id and the place of its content, and the contents. */
struct change_lists {
	int64_t *ids, *places;
	size_t copies;
	const char **activities;
	int64_t *versions, *urgents;
};

static struct change_lists list_changes(
	struct ad_arena *arena, const struct ad_card_changes *changes)
{
	struct change_lists l = { .copies = 0 };
	for (size_t n = 0; n < changes->count; n++)
		l.copies += changes->items[n].count;
	l.ids = ad_alloc_array(arena, l.copies, sizeof *l.ids);
	l.places = ad_alloc_array(arena, l.copies, sizeof *l.places);
	l.activities = ad_alloc_array(arena, changes->count, sizeof *l.activities);
	l.versions = ad_alloc_array(arena, changes->count, sizeof *l.versions);
	l.urgents = ad_alloc_array(arena, changes->count, sizeof *l.urgents);
	for (size_t n = 0, at = 0; n < changes->count; n++) {
		const struct ad_card_change *change = &changes->items[n];
		l.activities[n] = change->activity;
		l.versions[n] = change->version;
		l.urgents[n] = change->urgent ? 1 : 0;
		for (size_t i = 0; i < change->count; i++, at++) {
			l.ids[at] = change->copies[i];
			l.places[at] = (int64_t)n + 1;
		}
	}
	return l;
}

int ad_store_copy_change_later(struct ad_db *db, struct ad_arena *arena,
	const struct ad_card_changes *changes, struct ad_store_later *later, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	const struct change_lists l = list_changes(arena, changes);
	return ad_db_exec_later(db, arena, AD_Q_COPIES_CHANGE,
		AD_DB_PARAMS(AD_DB_INTS(l.ids, l.copies), AD_DB_INTS(l.places, l.copies),
			AD_DB_TEXTS(l.activities, changes->count),
			AD_DB_INTS(l.versions, changes->count),
			AD_DB_INTS(l.urgents, changes->count), AD_DB_TEXT(changes->node_id),
			AD_DB_INT(AD_OUTBOX_LEASE_S)),
		&later->rows, err);
}

int ad_store_copy_change(struct ad_db *db, struct ad_arena *arena,
	const struct ad_card_changes *changes, int64_t **ret_ids, size_t *ret_count,
	struct ad_err *err)
{
	struct ad_store_later *later = ad_alloc(arena, sizeof *later);
	int rc = ad_store_copy_change_later(db, arena, changes, later, err);
	if (rc == 0)
		rc = ad_db_flush(db, err);
	if (rc == 0)
		*ret_count = ad_store_outbox_came(arena, later, ret_ids);
	return rc;
}

int ad_store_copy_part(struct ad_db *db, struct ad_arena *arena, int64_t job_id, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(db));
	return ad_db_exec(db, arena, AD_Q_COPIES_PART, AD_DB_PARAMS(AD_DB_INT(job_id)), NULL, err);
}
