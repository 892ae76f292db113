/* SPDX-License-Identifier: Apache-2.0 */
/* Trust rules: learnt, set, and shown beside what was found. */
#include "trust.h"
#include "parts.h"
#include "ad/crypto.h"
#include "ad/desk/trust.h"
#include "ad/text.h"

#define HOST_MAX 253    /* characters of a name in DNS */
#define SIGNER_MAX 1000 /* bytes of a subject */
#define ISSUER_SHOWN 16 /* hex digits of a digest on a card */

/* ---- on cards ---- */

static const char *hosts_text(struct ad_arena *arena, const struct ad_trust *trust)
{
	const char *text = "";
	for (size_t i = 0; i < trust->host_count; i++)
		text = i == 0 ? trust->hosts[i] : ad_printf(arena, "%s, %s", text, trust->hosts[i]);
	return text;
}

static int signer_text(struct ad_desk *desk, const char *locale, const struct ad_trust *trust,
	const char **ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	const char *key = "trust.signer";
	if (ad_text_eq(trust->signer, AD_TRUST_UNSIGNED))
		key = "trust.unsigned";
	else if (ad_text_empty(trust->issuer))
		key = "trust.signer_alone";
	ad_json_set_str(desk->arena, data, "subject", trust->signer);
	ad_json_set_str(
		desk->arena, data, "issuer", ad_strndup(desk->arena, trust->issuer, ISSUER_SHOWN));
	return ad_words(desk, locale, key, data, ret, err);
}

static int add_row(struct ad_desk *desk, const char *locale, const char *key, const char *expected,
	const char *found, struct ad_json *rows, struct ad_err *err)
{
	struct ad_json *row = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, row, "expected", expected);
	ad_json_set_str(desk->arena, row, "found", found);
	ad_json_append(desk->arena, rows, row);
	return ad_words_into(desk, locale, key, row, "what", err);
}

int ad_trust_data(struct ad_desk *desk, const char *locale, const struct ad_app *app,
	struct ad_json *data, struct ad_err *err)
{
	struct ad_trust_row row;
	struct ad_json *rows = ad_json_new_array(desk->arena);
	const char *expected;
	const char *found;
	int e = ad_store_trust_get(desk->db, desk->arena, app->id, &row, err);
	if (e == 0 && row.has_found && !ad_trust_hosts_fit(&row.rule, &row.found))
		e = add_row(desk, locale, "trust.hosts", hosts_text(desk->arena, &row.rule),
			hosts_text(desk->arena, &row.found), rows, err);
	if (e == 0 && row.has_found && !ad_trust_signer_fits(&row.rule, &row.found)) {
		e = signer_text(desk, locale, &row.rule, &expected, err);
		if (e == 0)
			e = signer_text(desk, locale, &row.found, &found, err);
		if (e == 0)
			e = add_row(desk, locale, "trust.who", expected, found, rows, err);
	}
	ad_json_set_bool(desk->arena, data, "has_trust", true);
	ad_json_set(desk->arena, data, "trust", rows);
	return e == 0 ? ad_words_into(desk, locale, "trust.kept_out_reason", data, "kept_out", err)
		      : e;
}

/* ---- the trail ---- */

struct ad_json *ad_trust_change(
	struct ad_arena *arena, const struct ad_trust *old, const struct ad_trust *now)
{
	struct ad_json *details = ad_json_new_object(arena);
	if (old)
		ad_json_set(arena, details, "old", ad_trust_json(arena, old));
	ad_json_set(arena, details, "new", ad_trust_json(arena, now));
	return details;
}

int ad_trust_learn(
	struct ad_desk *desk, int64_t app_id, const struct ad_trust *found, struct ad_err *err)
{
	bool learnt;
	struct ad_trust_row row;
	int e = ad_store_trust_learn(desk->db, desk->arena, app_id, found, &learnt, err);
	if (e != 0 || !learnt)
		return e;
	e = ad_store_trust_get(desk->db, desk->arena, app_id, &row, err);
	if (e != 0)
		return e;
	return ad_trail(desk,
		&(struct ad_event){ .action = "trust.learned",
			.entity_type = "app",
			.entity_id = app_id,
			.details = ad_trust_change(desk->arena, NULL, &row.rule) },
		err);
}

/* ---- from the command line ---- */

static bool is_host(const char *text)
{
	size_t len = strlen(text);
	return len > 0 && len <= HOST_MAX &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-._:[]")] == '\0';
}

static int read_hosts(struct ad_arena *arena, const struct ad_desk_trust_wish *wish,
	struct ad_trust *ret, struct ad_err *err)
{
	const char **hosts = ad_alloc_array(arena, wish->host_count, sizeof *hosts);
	if (wish->host_count > AD_TRUST_HOSTS_MAX)
		return AD_FAIL(err, AD_EINVAL, "more than %d hosts", AD_TRUST_HOSTS_MAX);
	for (size_t i = 0; i < wish->host_count; i++) {
		hosts[i] = ad_text_lower(arena, wish->hosts[i]);
		if (!is_host(hosts[i]))
			return AD_FAIL(err, AD_EINVAL,
				"'%.100s' is no host: give the name alone, as in dl.example.com",
				wish->hosts[i]);
	}
	ret->hosts = hosts;
	ret->host_count = wish->host_count;
	return 0;
}

static int read_signer(struct ad_arena *arena, const struct ad_desk_trust_wish *wish,
	struct ad_trust *ret, struct ad_err *err)
{
	uint8_t digest[AD_SHA256_LEN];
	if (wish->signer) {
		ret->signer = wish->signer;
		ret->issuer = "";
	}
	if (wish->issuer)
		ret->issuer = ad_text_lower(arena, wish->issuer);
	if (strlen(ret->signer) > SIGNER_MAX ||
		(*ret->signer && !ad_text_eq(ret->signer, AD_TRUST_UNSIGNED) &&
			!strchr(ret->signer, '=')))
		return AD_FAIL(err, AD_EINVAL,
			"'%.100s' is no signer: give the subject of a certificate, as in "
			"CN=Example Ltd,O=Example Ltd,C=US, or unsigned",
			ret->signer);
	if (*ret->issuer && ad_hex_decode(ret->issuer, digest, sizeof digest) < 0)
		return AD_FAIL(err, AD_EINVAL, "'%.100s' is no SHA-256 of a certificate in hex",
			ret->issuer);
	if (*ret->issuer && (!*ret->signer || ad_text_eq(ret->signer, AD_TRUST_UNSIGNED)))
		return AD_FAIL(err, AD_EINVAL, "a certificate vouches for a signer: name one, too");
	return 0;
}

static int find_app(struct ad_desk *desk, const char *package, int64_t *ret_id, struct ad_err *err)
{
	int e = ad_store_app_by_package(
		desk->db, desk->arena, desk->tenant_id, package, ret_id, err);
	return e == AD_ENOTFOUND ? AD_FAIL(err, e, "'%.200s' is not in the catalogue", package) : e;
}

int ad_desk_trust_get(
	struct ad_desk *desk, const char *package, struct ad_trust *ret, struct ad_err *err)
{
	int64_t id;
	struct ad_trust_row row;
	int e = find_app(desk, package, &id, err);
	if (e == 0)
		e = ad_store_trust_get(desk->db, desk->arena, id, &row, err);
	if (e == 0)
		*ret = row.rule;
	return e;
}

int ad_desk_trust_set(struct ad_desk *desk, const char *actor,
	const struct ad_desk_trust_wish *wish, struct ad_trust *ret, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	const struct ad_person who = { .oid = actor, .mail = "" };
	int64_t id;
	struct ad_trust_row row;
	int e = find_app(desk, wish->package, &id, err);
	if (e == 0)
		e = ad_store_trust_get(desk->db, desk->arena, id, &row, err);
	if (e != 0)
		return e;
	struct ad_trust rule = row.rule;
	e = wish->hosts ? read_hosts(desk->arena, wish, &rule, err) : 0;
	if (e == 0)
		e = read_signer(desk->arena, wish, &rule, err);
	if (e == 0)
		e = ad_store_trust_set(desk->db, desk->arena, id, &rule, actor, err);
	if (e != 0)
		return e;
	*ret = rule;
	return ad_trail(desk,
		&(struct ad_event){ .who = &who,
			.action = "trust.changed",
			.entity_type = "app",
			.entity_id = id,
			.details = ad_trust_change(desk->arena, &row.rule, &rule) },
		err);
}
