/* SPDX-License-Identifier: Apache-2.0 */
/* Action tokens: random on the card, hashed in the row. The look-up by hash needs no comparison in
 * constant time: what an attacker could learn is a prefix of a SHA-256, which says nothing about
 * the token. */
#include "ad/store/tokens.h"
#include "ad/crypto.h"
#include "ad/db.h"
#include "ad/text.h"

#include "ad_queries.h"

int ad_store_token_new(struct ad_db *db, struct ad_arena *arena, const struct ad_token *token,
	const char **ret_text, struct ad_err *err)
{
	uint8_t random[AD_TOKEN_BYTES];
	ad_crypto_random(random, sizeof random);
	const char *text = ad_base64url(arena, random, sizeof random);
	uint8_t hash[AD_SHA256_LEN];
	ad_sha256(text, strlen(text), hash);
	int e = ad_db_exec_later(db, arena, AD_Q_TOKENS_INSERT,
		AD_DB_PARAMS(AD_DB_BYTES(hash, sizeof hash), AD_DB_TEXT(token->tenant_id),
			AD_DB_TEXT(token->oid), AD_DB_TEXT(token->purpose),
			AD_DB_INT(token->request_id), AD_DB_INT(token->app_id),
			AD_DB_INT(token->job_id), AD_DB_INT(token->version),
			AD_DB_INT(AD_TOKEN_DAYS)),
		NULL, err);
	if (e == 0)
		*ret_text = text;
	return e;
}

int ad_store_token_lock(struct ad_db *db, struct ad_arena *arena, const struct ad_token *key,
	const char *text, struct ad_token *ret, struct ad_err *err)
{
	if (!text || strlen(text) != AD_TOKEN_TEXT_LEN)
		return AD_FAIL(err, AD_ENOTFOUND, "no such token");
	uint8_t hash[AD_SHA256_LEN];
	ad_sha256(text, AD_TOKEN_TEXT_LEN, hash);
	struct ad_db_result *row;
	int e = ad_db_exec_one(db, arena, AD_Q_TOKENS_LOCK,
		AD_DB_PARAMS(AD_DB_BYTES(hash, sizeof hash), AD_DB_TEXT(key->tenant_id),
			AD_DB_TEXT(key->oid), AD_DB_TEXT(key->purpose)),
		&row, err);
	if (e != 0)
		return e;
	*ret = (struct ad_token){
		.tenant_id = key->tenant_id,
		.oid = key->oid,
		.purpose = key->purpose,
		.request_id = ad_db_int(row, 0, 0),
		.app_id = ad_db_int(row, 0, 1),
		.job_id = ad_db_int(row, 0, 2),
		.version = (int)ad_db_int(row, 0, 3),
		.expired = ad_db_bool(row, 0, 4),
		.used = ad_db_bool(row, 0, 5),
		.answer = ad_db_text(row, 0, 6),
	};
	return 0;
}

int ad_store_token_used(struct ad_db *db, struct ad_arena *arena, const char *text,
	const char *answer, struct ad_err *err)
{
	uint8_t hash[AD_SHA256_LEN];
	ad_sha256(text, strlen(text), hash);
	return ad_db_exec_later(db, arena, AD_Q_TOKENS_USED,
		AD_DB_PARAMS(AD_DB_BYTES(hash, sizeof hash), AD_DB_TEXT(answer)), NULL, err);
}
