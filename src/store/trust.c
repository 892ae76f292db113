/* SPDX-License-Identifier: Apache-2.0 */
/* Trust rules of apps: rows of app_trust. */
#include "ad/store/trust.h"

#include "ad/db.h"
#include "ad/text.h"

#include "ad_queries.h"

struct ad_json *ad_trust_json(struct ad_arena *arena, const struct ad_trust *trust)
{
	struct ad_json *json = ad_json_new_object(arena);
	struct ad_json *hosts = ad_json_new_array(arena);
	for (size_t i = 0; i < trust->host_count; i++)
		ad_json_append(arena, hosts, ad_json_new_string(arena, trust->hosts[i]));
	ad_json_set(arena, json, "hosts", hosts);
	ad_json_set_str(arena, json, "signer", trust->signer ? trust->signer : "");
	ad_json_set_str(arena, json, "issuer", trust->issuer ? trust->issuer : "");
	return json;
}

static void read_hosts(struct ad_arena *arena, const struct ad_json *list, struct ad_trust *ret)
{
	const char **hosts = ad_alloc_array(arena, ad_json_count(list), sizeof *hosts);
	AD_JSON_EACH(host, list)
	{
		if (ad_json_text(host))
			hosts[ret->host_count++] = ad_json_text(host);
	}
	ret->hosts = hosts;
}

static const char *or_nothing(const char *text)
{
	return text ? text : "";
}

struct ad_trust ad_trust_of_json(struct ad_arena *arena, const struct ad_json *json)
{
	struct ad_trust trust = { .signer = or_nothing(ad_json_str(json, "signer")),
		.issuer = or_nothing(ad_json_str(json, "issuer")) };
	read_hosts(arena, ad_json_get(json, "hosts"), &trust);
	return trust;
}

int ad_store_trust_get(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	struct ad_trust_row *ret, struct ad_err *err)
{
	struct ad_db_result *row;
	struct ad_json *json;
	*ret = (struct ad_trust_row){ .rule = { .signer = "", .issuer = "" } };
	int e = ad_db_exec(db, arena, AD_Q_TRUST_GET, AD_DB_PARAMS(AD_DB_INT(app_id)), &row, err);
	if (e != 0 || ad_db_rows(row) == 0)
		return e;
	const char *hosts = ad_db_text(row, 0, 0);
	const char *found = ad_db_text(row, 0, 3);
	ret->rule.signer = ad_db_text(row, 0, 1);
	ret->rule.issuer = ad_db_text(row, 0, 2);
	e = ad_json_parse(arena, hosts, strlen(hosts), &json, err);
	if (e != 0)
		return e;
	read_hosts(arena, json, &ret->rule);
	ret->has_found = *found != '\0';
	if (ret->has_found)
		e = ad_json_parse(arena, found, strlen(found), &json, err);
	if (e == 0 && ret->has_found)
		ret->found = ad_trust_of_json(arena, json);
	return e;
}

int ad_store_trust_learn(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const struct ad_trust *found, bool *ret_learnt, struct ad_err *err)
{
	struct ad_db_result *rows;
	int e = ad_db_exec(db, arena, AD_Q_TRUST_LEARN,
		AD_DB_PARAMS(AD_DB_INT(app_id), AD_DB_TEXTS(found->hosts, found->host_count),
			AD_DB_TEXT(found->signer), AD_DB_TEXT(found->issuer)),
		&rows, err);
	*ret_learnt = e == 0 && ad_db_rows(rows) > 0;
	return e;
}

int ad_store_trust_found(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const struct ad_trust *found, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_TRUST_FOUND,
		AD_DB_PARAMS(AD_DB_INT(app_id),
			AD_DB_TEXT(ad_json_print(arena, ad_trust_json(arena, found)))),
		NULL, err);
}

int ad_store_trust_accept(struct ad_db *db, struct ad_arena *arena, int64_t app_id, const char *by,
	struct ad_err *err)
{
	struct ad_db_result *row;
	return ad_db_exec_one(db, arena, AD_Q_TRUST_ACCEPT,
		AD_DB_PARAMS(AD_DB_INT(app_id), AD_DB_TEXT(by)), &row, err);
}

int ad_store_trust_set(struct ad_db *db, struct ad_arena *arena, int64_t app_id,
	const struct ad_trust *rule, const char *by, struct ad_err *err)
{
	return ad_db_exec(db, arena, AD_Q_TRUST_SET,
		AD_DB_PARAMS(AD_DB_INT(app_id), AD_DB_TEXTS(rule->hosts, rule->host_count),
			AD_DB_TEXT(rule->signer), AD_DB_TEXT(rule->issuer), AD_DB_TEXT(by)),
		NULL, err);
}
