/* SPDX-License-Identifier: Apache-2.0 */
/* A card that each admin gets once, and whose copies follow what they show. */
#include "parts.h"
#include "ad/text.h"

static int show(struct ad_desk *desk, struct ad_person *who, const struct ad_admin_card *card,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	int e = ad_notice_locale(desk, who->oid, &who->locale, err);
	return e == 0 ? card->show(desk, who, card->thing, ret, err) : e;
}

int ad_admin_card_send(struct ad_desk *desk, const struct ad_person *admin, const char *fact,
	const struct ad_admin_card *card, struct ad_err *err)
{
	struct ad_person who = *admin;
	struct ad_desk_reply shown;
	int e = show(desk, &who, card, &shown, err);
	return e == 0 ? ad_notice_send(desk,
				&(struct ad_notice){ .oid = who.oid,
					.fact = fact,
					.card = shown.card,
					.text = shown.text,
					.role = shown.role,
					.request_id = shown.request_id,
					.job_id = shown.job_id,
					.version = shown.version },
				err)
		      : e;
}

static int change_copy(struct ad_desk *desk, const struct ad_card_copy *copy,
	const struct ad_admin_card *card, struct ad_err *err)
{
	struct ad_person who = { .oid = copy->recipient_oid };
	struct ad_desk_reply shown;
	int e = show(desk, &who, card, &shown, err);
	if (e != 0)
		return e;
	const struct ad_card_change change = {
		.copies = &copy->outbox_id, .count = 1, .version = shown.version
	};
	return ad_notice_show(desk, &change, &shown, err);
}

int ad_admin_card_refresh(struct ad_desk *desk, const struct ad_admin_copies *of,
	const struct ad_admin_card *card, struct ad_err *err)
{
	struct ad_card_copy *copies;
	size_t count = 0;
	if (of->request_id == 0 && of->job_id == 0)
		return 0;
	int e = ad_store_copy_list(
		desk->db, desk->arena, of->request_id, of->job_id, &copies, &count, err);
	for (size_t i = 0; e == 0 && i < count; i++)
		if (ad_text_eq(copies[i].card, of->role))
			e = change_copy(desk, &copies[i], card, err);
	return e;
}
