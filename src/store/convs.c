/* SPDX-License-Identifier: Apache-2.0 */
/* Conversation references: sealed on the way in, opened on the way out. */
#include "ad/store/convs.h"

#include "ad/db.h"
#include "ad/text.h"

#include "ad_queries.h"

static const char *const state_names[] = {
	[AD_CONV_ACTIVE] = "active",
	[AD_CONV_BLOCKED] = "blocked",
	[AD_CONV_REMOVED] = "removed",
	[AD_CONV_STALE] = "stale",
};

const char *ad_conv_state_name(enum ad_conv_state state)
{
	return state_names[state];
}

enum ad_conv_state ad_conv_state_of(const char *name)
{
	for (int state = AD_CONV_ACTIVE; state <= AD_CONV_STALE; state++)
		if (ad_text_eq(state_names[state], name))
			return (enum ad_conv_state)state;
	return AD_CONV_STALE;
}

bool ad_conv_is_channel(const char *oid)
{
	return ad_text_starts(oid, AD_CONV_CHANNEL);
}

/* Binds the sealed text to its row: it cannot be opened in the row of another person or bot. */
struct ad_bytes ad_store_conv_context(struct ad_arena *arena, const struct ad_store_conv *who)
{
	const char *text = ad_printf(arena, "%s\n%s\n%s", who->tenant_id, who->oid, who->app_id);
	return (struct ad_bytes){ (const uint8_t *)text, strlen(text) };
}

int ad_store_conv_open(struct ad_arena *arena, const struct ad_store_conv_key *key,
	const struct ad_store_conv *who, struct ad_bytes sealed, const char **ret_reference,
	struct ad_err *err)
{
	struct ad_bytes plain;
	int rc =
		ad_store_unseal(arena, key, sealed, ad_store_conv_context(arena, who), &plain, err);
	if (rc != 0)
		return rc;
	*ret_reference = (const char *)plain.data;
	return 0;
}

int ad_store_conv_put(struct ad_db *db, struct ad_arena *arena, const struct ad_store_conv_key *key,
	const struct ad_store_conv *conv, struct ad_err *err)
{
	struct ad_bytes plain = { (const uint8_t *)conv->reference, strlen(conv->reference) };
	struct ad_bytes sealed =
		ad_crypto_seal(arena, key->key, plain, ad_store_conv_context(arena, conv));
	const struct ad_db_params params = AD_DB_PARAMS(AD_DB_TEXT(conv->tenant_id),
		AD_DB_TEXT(conv->oid), AD_DB_TEXT(conv->app_id), AD_DB_TEXT(conv->conversation_id),
		AD_DB_BYTES(sealed.data, sealed.len), AD_DB_TEXT(key->id));
	return ad_db_exec_later(db, arena, AD_Q_CONVS_PUT, params, NULL, err);
}

int ad_store_conv_seen_later(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_store_conv *conv,
	struct ad_store_later *later, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_CONVS_SEEN,
		AD_DB_PARAMS(AD_DB_TEXT(conv->tenant_id), AD_DB_TEXT(conv->oid),
			AD_DB_TEXT(conv->app_id), AD_DB_TEXT(key->id)),
		&later->rows, err);
}

int ad_store_conv_seen(struct ad_db *db, struct ad_arena *arena,
	const struct ad_store_conv_key *key, const struct ad_store_conv *conv,
	const struct ad_store_later *later, bool *ret_owed, struct ad_err *err)
{
	const char *known = NULL;
	*ret_owed = ad_db_bool(later->rows, 0, 0);
	/* Sealed anew it would be another text each time, so the clear ones are compared. */
	if (!ad_db_is_null(later->rows, 0, 1) &&
		ad_store_conv_open(
			arena, key, conv, ad_db_bytes(later->rows, 0, 1), &known, NULL) == 0 &&
		ad_text_eq(known, conv->reference))
		return 0;
	return ad_store_conv_put(db, arena, key, conv, err);
}

static int read_conv(struct ad_arena *arena, const struct ad_store_conv_key *key,
	const struct ad_db_result *row, struct ad_store_conv *ret, struct ad_err *err)
{
	struct ad_store_conv conv = {
		.tenant_id = ad_db_text(row, 0, 0),
		.oid = ad_db_text(row, 0, 1),
		.app_id = ad_db_text(row, 0, 2),
		.conversation_id = ad_db_text(row, 0, 3),
		.state = ad_conv_state_of(ad_db_text(row, 0, 5)),
		.last_error = ad_db_text(row, 0, 6),
	};
	int rc =
		ad_store_conv_open(arena, key, &conv, ad_db_bytes(row, 0, 4), &conv.reference, err);
	if (rc == 0)
		*ret = conv;
	return rc;
}

int ad_store_conv_get(struct ad_db *db, struct ad_arena *arena, const struct ad_store_conv_key *key,
	const struct ad_store_conv *who, struct ad_store_conv *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	size_t keys;
	const char **ids = ad_store_key_ids(arena, key, &keys);
	int rc = ad_db_exec_one(db, arena, AD_Q_CONVS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(who->tenant_id), AD_DB_TEXT(who->oid),
			AD_DB_TEXT(who->app_id), AD_DB_TEXTS(ids, keys)),
		&row, err);
	return rc == 0 ? read_conv(arena, key, row, ret, err) : rc;
}

int ad_store_conv_any(struct ad_db *db, struct ad_arena *arena, const struct ad_store_conv_key *key,
	const char *tenant_id, const char *app_id, struct ad_store_conv *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	size_t keys;
	const char **ids = ad_store_key_ids(arena, key, &keys);
	int rc = ad_db_exec_one(db, arena, AD_Q_CONVS_ANY,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(app_id), AD_DB_TEXTS(ids, keys)),
		&row, err);
	return rc == 0 ? read_conv(arena, key, row, ret, err) : rc;
}

int ad_store_conv_mark(struct ad_db *db, struct ad_arena *arena, const struct ad_store_conv *who,
	struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_CONVS_MARK,
		AD_DB_PARAMS(AD_DB_TEXT(who->tenant_id), AD_DB_TEXT(who->oid),
			AD_DB_TEXT(who->app_id), AD_DB_TEXT(state_names[who->state]),
			AD_DB_TEXT(who->last_error ? who->last_error : "")),
		NULL, err);
}
