/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions that wait for a sign-in. */
#include "ad/store/stepups.h"
#include "ad/crypto.h"
#include "ad/db.h"
#include "ad/text.h"

#include "ad_queries.h"

#define ID_BYTES 16u

/* What the row knows a button by, as action_tokens do. */
static struct ad_db_param press_of(const struct ad_stepup *stepup, uint8_t hash[AD_SHA256_LEN])
{
	if (ad_text_empty(stepup->press))
		return AD_DB_NULL;
	ad_sha256(stepup->press, strlen(stepup->press), hash);
	return AD_DB_BYTES(hash, AD_SHA256_LEN);
}

int ad_store_stepup_new(struct ad_db *db, struct ad_arena *arena, const struct ad_stepup *stepup,
	const char **ret_id, struct ad_err *err)
{
	uint8_t random[ID_BYTES];
	uint8_t hash[AD_SHA256_LEN];
	ad_crypto_random(random, sizeof random);
	const char *id = ad_hex(arena, random, sizeof random);
	int e = ad_db_exec(db, arena, AD_Q_STEPUPS_INSERT,
		AD_DB_PARAMS(AD_DB_TEXT(id), AD_DB_TEXT(stepup->tenant_id), AD_DB_TEXT(stepup->oid),
			press_of(stepup, hash), AD_DB_TEXT(stepup->wish), AD_DB_INT(AD_STEPUP_S)),
		NULL, err);
	if (e == 0)
		*ret_id = id;
	return e;
}

static void read_row(
	const struct ad_db_result *row, const struct ad_stepup *key, struct ad_stepup *ret)
{
	*ret = (struct ad_stepup){
		.id = ad_db_text(row, 0, 0),
		.tenant_id = key->tenant_id,
		.oid = key->oid,
		.press = key->press,
		.wish = ad_db_text(row, 0, 1),
		.expired = ad_db_bool(row, 0, 2),
		.used = ad_db_bool(row, 0, 3),
	};
}

int ad_store_stepup_find(struct ad_db *db, struct ad_arena *arena, const struct ad_stepup *key,
	struct ad_stepup *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	uint8_t hash[AD_SHA256_LEN];
	int e = ad_db_exec_one(db, arena, AD_Q_STEPUPS_FIND,
		AD_DB_PARAMS(AD_DB_TEXT(key->tenant_id), AD_DB_TEXT(key->oid),
			AD_DB_TEXT(key->id ? key->id : ""), press_of(key, hash)),
		&row, err);
	if (e == 0)
		read_row(row, key, ret);
	return e;
}

int ad_store_stepup_lock(struct ad_db *db, struct ad_arena *arena, const struct ad_stepup *key,
	struct ad_stepup *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_STEPUPS_LOCK,
		AD_DB_PARAMS(AD_DB_TEXT(key->tenant_id), AD_DB_TEXT(key->oid), AD_DB_TEXT(key->id)),
		&row, err);
	if (e == 0)
		read_row(row, key, ret);
	return e;
}

int ad_store_stepup_used(
	struct ad_db *db, struct ad_arena *arena, const char *id, struct ad_err *err)
{
	return ad_db_exec_later(
		db, arena, AD_Q_STEPUPS_USED, AD_DB_PARAMS(AD_DB_TEXT(id)), NULL, err);
}
