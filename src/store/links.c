/* SPDX-License-Identifier: Apache-2.0 */
/* Links: random in the mail, hashed in the row. As for buttons (tokens.c), the look-up by hash
 * needs no comparison in constant time. */
#include "ad/store/links.h"
#include "ad/crypto.h"
#include "ad/db.h"
#include "ad/text.h"

#include "ad_queries.h"

#define DIGEST_BYTES 4u

bool ad_store_link_is_text(const char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	return text && strlen(text) == AD_LINK_TEXT_LEN &&
	       strspn(text, letters) == AD_LINK_TEXT_LEN;
}

int ad_store_link_new(struct ad_db *db, struct ad_arena *arena, const struct ad_link *link,
	const char **ret_text, struct ad_err *err)
{
	uint8_t random[AD_LINK_BYTES];
	ad_crypto_random(random, sizeof random);
	const char *text = ad_base64url(arena, random, sizeof random);
	uint8_t hash[AD_SHA256_LEN];
	ad_sha256(text, strlen(text), hash);
	int e = ad_db_exec(db, arena, AD_Q_LINKS_INSERT,
		AD_DB_PARAMS(AD_DB_BYTES(hash, sizeof hash), AD_DB_TEXT(link->tenant_id),
			AD_DB_TEXT(link->oid), AD_DB_INT(link->request_id), AD_DB_INT(link->stage),
			AD_DB_TEXT(ad_decision_name(link->decision)), AD_DB_INT(link->version),
			AD_DB_INT(AD_LINK_DAYS)),
		NULL, err);
	if (e == 0)
		*ret_text = text;
	return e;
}

static int read_link(const struct ad_db_result *row, struct ad_link *ret, struct ad_err *err)
{
	*ret = (struct ad_link){
		.tenant_id = ad_db_text(row, 0, 0),
		.oid = ad_db_text(row, 0, 1),
		.request_id = ad_db_int(row, 0, 2),
		.stage = (int)ad_db_int(row, 0, 3),
		.version = (int)ad_db_int(row, 0, 5),
		.name = ad_db_text(row, 0, 6),
		.mail = ad_db_text(row, 0, 7),
		.locale = ad_db_text(row, 0, 8),
		.expired = ad_db_bool(row, 0, 9),
		.used = ad_db_bool(row, 0, 10),
	};
	if (ad_decision_parse(ad_db_text(row, 0, 4), &ret->decision) != 0)
		return AD_FAIL(err, AD_EINTEGRITY, "a link that decides neither way");
	return 0;
}

static int find(struct ad_db *db, struct ad_arena *arena, int query, const char *text,
	struct ad_link *ret, struct ad_err *err)
{
	if (!ad_store_link_is_text(text))
		return AD_FAIL(err, AD_ENOTFOUND, "no such link");
	uint8_t hash[AD_SHA256_LEN];
	ad_sha256(text, AD_LINK_TEXT_LEN, hash);
	struct ad_db_result *row;
	int e = ad_db_exec_one(
		db, arena, query, AD_DB_PARAMS(AD_DB_BYTES(hash, sizeof hash)), &row, err);
	return e == 0 ? read_link(row, ret, err) : e;
}

int ad_store_link_get(struct ad_db *db, struct ad_arena *arena, const char *text,
	struct ad_link *ret, struct ad_err *err)
{
	return find(db, arena, AD_Q_LINKS_GET, text, ret, err);
}

int ad_store_link_lock(struct ad_db *db, struct ad_arena *arena, const char *text,
	struct ad_link *ret, struct ad_err *err)
{
	return find(db, arena, AD_Q_LINKS_LOCK, text, ret, err);
}

static int end(
	struct ad_db *db, struct ad_arena *arena, int query, const char *text, struct ad_err *err)
{
	uint8_t hash[AD_SHA256_LEN];
	ad_sha256(text, strlen(text), hash);
	return ad_db_exec(
		db, arena, query, AD_DB_PARAMS(AD_DB_BYTES(hash, sizeof hash)), NULL, err);
}

int ad_store_link_used(
	struct ad_db *db, struct ad_arena *arena, const char *text, struct ad_err *err)
{
	return end(db, arena, AD_Q_LINKS_USED, text, err);
}

int ad_store_link_expire(
	struct ad_db *db, struct ad_arena *arena, const char *text, struct ad_err *err)
{
	return end(db, arena, AD_Q_LINKS_EXPIRE, text, err);
}

const char *ad_store_link_digest(struct ad_arena *arena, const char *text)
{
	uint8_t hash[AD_SHA256_LEN];
	ad_sha256(text, strlen(text), hash);
	return ad_hex(arena, hash, DIGEST_BYTES);
}
