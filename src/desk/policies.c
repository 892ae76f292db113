/* SPDX-License-Identifier: Apache-2.0 */
/* The policies of a tenant, as the rules look at them. */
#include "policy_json.h"
#include "ad/store/policies.h"
#include "ad/text.h"

/* What stands in the database was read strictly before it was written: another form of it is not
 * the caller's fault, and nothing is decided by half of a policy. */
int ad_policy_of_row(struct ad_arena *arena, const struct ad_policy_row *row, struct ad_policy *ret,
	struct ad_err *err)
{
	struct ad_json *document;
	struct ad_err why = { 0 };
	int e = ad_json_parse(arena, row->body, strlen(row->body), &document, &why);
	if (e == 0)
		e = ad_policy_read(arena, document, ret, &why);
	if (e != 0)
		return AD_FAIL(err, AD_ECONFIG,
			"version %d of policy '%s' in the database cannot be read: %.400s",
			row->version, row->name, why.text);
	ret->version = row->version;
	return 0;
}

int ad_policies_active(
	struct ad_desk *desk, const struct ad_policy **ret, size_t *ret_count, struct ad_err *err)
{
	struct ad_policy_rows rows;
	int e = ad_store_policies_active(desk->db, desk->arena, desk->tenant_id, &rows, err);
	if (e != 0)
		return e;
	struct ad_policy *items = ad_alloc_array(desk->arena, rows.count, sizeof *items);
	for (size_t i = 0; i < rows.count; i++) {
		e = ad_policy_of_row(desk->arena, &rows.items[i], &items[i], err);
		if (e != 0)
			return e;
	}
	*ret = items;
	*ret_count = rows.count;
	return 0;
}

int ad_policy_version(struct ad_desk *desk, const char *name, int version,
	const struct ad_policy **ret, struct ad_err *err)
{
	if (ad_text_empty(name)) {
		*ret = ad_policy_built_in();
		return 0;
	}
	struct ad_policy_row row;
	struct ad_policy *policy = ad_alloc(desk->arena, sizeof *policy);
	int e = ad_store_policy_get(
		desk->db, desk->arena, desk->tenant_id, name, version, &row, err);
	if (e == AD_ENOTFOUND)
		return AD_FAIL(
			err, AD_ENOTFOUND, "there is no version %d of policy '%s'", version, name);
	if (e == 0)
		e = ad_policy_of_row(desk->arena, &row, policy, err);
	*ret = policy;
	return e;
}
