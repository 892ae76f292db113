/* SPDX-License-Identifier: Apache-2.0 */
/* Whom we reach: who blocked the bot or has no app hears only by mail. */
#include "parts.h"
#include "ad/clock.h"
#include "ad/text.h"

#define DAY_LEN 10 /* 2026-11-22 */

static bool is_among(const struct ad_ledger_oids *oids, const char *oid)
{
	for (size_t i = 0; i < oids->count; i++)
		if (ad_text_eq(oids->items[i], oid))
			return true;
	return false;
}

/* By what the directory has just said: who never wrote is no user of ours yet. */
static bool has_mail(const struct ad_desk *desk, const struct ad_person *person)
{
	return desk->mail && person->mail && ad_text_is_mail_address(person->mail);
}

int ad_reach(struct ad_desk *desk, const struct ad_people *people, struct ad_people *ret,
	struct ad_err *err)
{
	struct ad_ledger_oids away;
	const char **oids = ad_alloc_array(desk->arena, people->count, sizeof *oids);
	struct ad_person *kept = ad_alloc_array(desk->arena, people->count, sizeof *kept);
	size_t count = 0;
	for (size_t i = 0; i < people->count; i++)
		oids[i] = people->items[i].oid;
	const struct ad_ledger_reach reach = { .tenant_id = desk->tenant_id,
		.app_id = desk->bot_app_id,
		.with_mail = desk->mail != NULL,
		.oids = { oids, people->count } };
	int e = ad_store_ledger_unreachable(desk->db, desk->arena, &reach, &away, err);
	for (size_t i = 0; e == 0 && i < people->count; i++)
		if (!is_among(&away, people->items[i].oid) || has_mail(desk, &people->items[i]))
			kept[count++] = people->items[i];
	if (e == 0)
		*ret = (struct ad_people){ .items = kept, .count = count };
	return e;
}

const char *ad_reach_fact(const struct ad_desk *desk, const char *oid)
{
	const char *now = ad_clock_iso(desk->arena, ad_clock_unix_ms() / 1000);
	return ad_printf(desk->arena, "unreached.%s.%.*s", oid, DAY_LEN, now);
}
