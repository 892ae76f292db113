/* SPDX-License-Identifier: Apache-2.0 */
/* The cache of group memberships. */
#include "ad/store/groups.h"

#include "ad/db.h"
#include "ad/store/users.h"
#include "ad_queries.h"

static void read_list(
	struct ad_arena *arena, const struct ad_db_result *rows, struct ad_membership_list *ret)
{
	size_t count = ad_db_rows(rows);
	struct ad_membership *items = ad_alloc_array(arena, count, sizeof *items);
	for (size_t i = 0; i < count; i++)
		items[i] = (struct ad_membership){
			.group_id = ad_db_text(rows, i, 0),
			.is_member = ad_db_bool(rows, i, 1),
			.age_s = ad_db_int(rows, i, 2),
		};
	*ret = (struct ad_membership_list){ .items = items, .count = count };
}

int ad_store_memberships_get(struct ad_db *db, struct ad_arena *arena,
	const struct ad_membership_key *key, struct ad_membership_list *ret, struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_GROUPS_GET,
		AD_DB_PARAMS(AD_DB_TEXT(key->tenant_id), AD_DB_TEXT(key->oid),
			AD_DB_TEXTS(key->group_ids, key->count)),
		&rows, err);
	if (r == 0)
		read_list(arena, rows, ret);
	return r;
}

int ad_store_memberships_later(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *oid, struct ad_store_later *later, struct ad_err *err)
{
	return ad_db_exec_later(db, arena, AD_Q_GROUPS_SET,
		AD_DB_PARAMS(AD_DB_TEXT(tenant_id), AD_DB_TEXT(oid)), &later->rows, err);
}

void ad_store_memberships_came(
	struct ad_arena *arena, const struct ad_store_later *later, struct ad_membership_list *ret)
{
	read_list(arena, later->rows, ret);
}

int ad_store_memberships_put(struct ad_db *db, struct ad_arena *arena,
	const struct ad_membership_key *key, const char *const *member_of, size_t member_count,
	struct ad_err *err)
{
	AD_ASSERT(!ad_db_in_transaction(db)); /* it would lose its durability */
	return ad_db_exec(db, arena, AD_Q_GROUPS_PUT,
		AD_DB_PARAMS(AD_DB_TEXT(key->tenant_id), AD_DB_TEXT(key->oid),
			AD_DB_TEXTS(key->group_ids, key->count),
			AD_DB_TEXTS(member_of, member_count)),
		NULL, err);
}

int ad_store_members_known(struct ad_db *db, struct ad_arena *arena, const char *tenant_id,
	const char *group_id, size_t limit, struct ad_user **ret, size_t *ret_count,
	struct ad_err *err)
{
	struct ad_db_result *rows;
	int r = ad_db_exec(db, arena, AD_Q_GROUPS_KNOWN,
		AD_DB_PARAMS(
			AD_DB_TEXT(tenant_id), AD_DB_TEXT(group_id), AD_DB_INT((int64_t)limit)),
		&rows, err);
	if (r < 0)
		return r;
	*ret_count = ad_db_rows(rows);
	*ret = ad_alloc_array(arena, *ret_count, sizeof **ret);
	for (size_t i = 0; i < *ret_count; i++)
		(*ret)[i] = (struct ad_user){ .tenant_id = tenant_id,
			.oid = ad_db_text(rows, i, 0),
			.name = ad_db_text(rows, i, 1),
			.mail = ad_db_text(rows, i, 2) };
	return 0;
}
