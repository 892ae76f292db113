/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to an app without its owner being asked (product R5, R16, A14), and who decides in
 * whose place (A8): told once a day to those who answer for it. */
#include "owner.h"
#include "ad/text.h"

/* The person in the words of that person, unless nobody reaches them. */
static int tell(struct ad_desk *desk, const struct ad_person *person,
	const struct ad_digest *digest, struct ad_err *err)
{
	struct ad_people reached;
	struct ad_json *data;
	struct ad_notice notice = { .oid = person->oid, .fact = digest->fact, .digest = true };
	const char *locale;
	int e = ad_reach(desk, &(struct ad_people){ person, 1 }, &reached, err);
	if (e != 0 || reached.count == 0)
		return e;
	e = ad_notice_locale(desk, person->oid, &locale, err);
	if (e == 0)
		e = digest->data(desk, digest->about, locale, &data, err);
	if (e == 0)
		e = ad_words(desk, locale, digest->key, data, &notice.text, err);
	return e == 0 ? ad_notice_send(desk, &notice, err) : e;
}

int ad_digest_owner(struct ad_desk *desk, int64_t app_id, const char *done_by,
	const struct ad_digest *digest, struct ad_err *err)
{
	struct ad_app app;
	int e = ad_store_app_get(desk->db, desk->arena, desk->tenant_id, app_id, &app, err);
	if (e != 0 || ad_text_empty(app.owner_oid) || ad_text_eq(app.owner_oid, done_by))
		return e;
	return tell(desk, &(struct ad_person){ .oid = app.owner_oid, .name = "", .mail = "" },
		digest, err);
}

int ad_digest_admins(struct ad_desk *desk, const struct ad_people *admins, const char *done_by,
	const struct ad_digest *digest, struct ad_err *err)
{
	int e = 0;
	for (size_t i = 0; e == 0 && i < admins->count && i < AD_DESK_CARDS_MAX; i++)
		if (!ad_text_eq(admins->items[i].oid, done_by))
			e = tell(desk, &admins->items[i], digest, err);
	return e;
}
