/* SPDX-License-Identifier: Apache-2.0 */
/* What was not understood: a short card, and after some of them in a row somebody human. */
#include "parts.h"
#include "ad/desk/facts.h"
#include "ad/store/users.h"
#include "ad/text.h"

/* ---- somebody human ---- */

/* The admins but for the person; nobody is a sentence, too. */
static int name_admins(
	struct ad_desk *desk, const struct ad_person *who, const char **ret, struct ad_err *err)
{
	struct ad_people admins;
	const char *names[AD_NAMES_MAX];
	size_t count = 0;
	int e = ad_fact_members(desk, desk->settings.admin_group_id, &admins, err);
	if (e != 0)
		return e;
	for (size_t i = 0; i < admins.count; i++) {
		if (ad_text_eq(admins.items[i].oid, who->oid))
			continue;
		if (count < AD_NAMES_MAX)
			names[count] = admins.items[i].name;
		count++;
	}
	if (count == 0)
		return ad_words(desk, who->locale, "human.nobody", NULL, ret, err);
	return ad_words_list(desk, who->locale, "human.admins",
		&(struct ad_words_names){ .items = names, .count = count, .any = true }, ret, err);
}

int ad_human(
	struct ad_desk *desk, const struct ad_person *who, const char **ret, struct ad_err *err)
{
	*ret = desk->settings.human_contact;
	return ad_text_empty(*ret) ? name_admins(desk, who, ret, err) : 0;
}

int ad_unclear_count(struct ad_desk *desk, const struct ad_person *who, const char **ret_contact,
	struct ad_err *err)
{
	int64_t count;
	*ret_contact = "";
	int e = ad_store_user_unclear(
		desk->db, desk->arena, desk->tenant_id, who->oid, &count, err);
	return e == 0 && count >= AD_UNCLEAR_MAX ? ad_human(desk, who, ret_contact, err) : e;
}

void ad_unclear_contact(struct ad_desk *desk, const char *contact, struct ad_json *data)
{
	ad_json_set_str(desk->arena, data, "contact", contact ? contact : "");
	ad_json_set_bool(desk->arena, data, "has_contact", !ad_text_empty(contact));
}

/* ---- the card ---- */

int ad_desk_unclear(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_json *data = ad_json_new_object(desk->arena);
	const char *contact;
	int e = ad_unclear_count(desk, who, &contact, err);
	if (e != 0)
		return e;
	const char *key = ad_text_empty(contact) ? "unclear.short" : "unclear.short_human";
	ad_unclear_contact(desk, contact, data);
	e = ad_words_into(desk, who->locale, key, data, "short", err);
	if (e == 0)
		e = ad_reply_card(desk, who, "unclear", key, data, "unclear", ret, err);
	if (e == 0)
		ret->unclear = true;
	return e;
}
