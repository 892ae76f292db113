/* SPDX-License-Identifier: Apache-2.0 */
/* Who is meant by what somebody wrote. */
#include "person_find.h"
#include "parts.h"
#include "ad/buf.h"
#include "ad/desk/facts.h"
#include "ad/store/users.h"
#include "ad/text.h"

#define CHOICES_TEXT_MAX 4096 /* bytes of the list */

/* The mention that the text is; NULL: it is none. */
static const struct ad_mention *mention_of(const struct ad_person_query *query)
{
	for (size_t i = 0; i < query->mention_count; i++)
		if (ad_text_eq(query->mentions[i].mark, query->text))
			return &query->mentions[i];
	return NULL;
}

/* "@Ana Lopez", "<at>Ana Lopez</at>" without the marks. */
static const char *plain(const struct ad_desk *desk, const char *text)
{
	const char *end = strstr(text, "</at>");
	const char *begin = ad_text_starts(text, "<at") ? strchr(text, '>') : NULL;
	if (begin && end && begin < end)
		text = ad_strndup(desk->arena, begin + 1, (size_t)(end - begin - 1));
	text += *text == '@';
	return ad_text_lower(desk->arena, ad_text_trim(desk->arena, text));
}

static bool is_id(const char *text)
{
	return ad_text_is_guid(text) || strchr(text, '@');
}

/* By object id or address, as the directory has it now. */
static int ask_directory(
	struct ad_desk *desk, const char *id, struct ad_people *ret, struct ad_err *err)
{
	const struct ad_person *one = NULL;
	int e = ad_fact_person(desk, id, &one, err);
	if (e == 0)
		*ret = (struct ad_people){ .items = one, .count = one ? 1 : 0 };
	return e;
}

int ad_person_find(struct ad_desk *desk, const struct ad_person_query *query, struct ad_people *ret,
	struct ad_err *err)
{
	const struct ad_mention *mention = mention_of(query);
	struct ad_user *users;
	size_t count;
	*ret = (struct ad_people){ 0 };
	if (mention && !ad_text_empty(mention->oid))
		return ask_directory(desk, mention->oid, ret, err);
	bool has_name = mention && !ad_text_empty(mention->name);
	const char *text = plain(desk, has_name ? mention->name : query->text);
	if (ad_text_empty(text))
		return 0;
	int e = ad_store_users_find(desk->db, desk->arena, desk->tenant_id, text,
		AD_PERSON_CHOICES_MAX + 1, &users, &count, err);
	if (e == 0 && count == 0 && is_id(text))
		return ask_directory(desk, text, ret, err);
	if (e != 0)
		return e;
	struct ad_person *people = ad_alloc_array(desk->arena, count, sizeof *people);
	for (size_t i = 0; i < count; i++)
		people[i] = (struct ad_person){ .oid = users[i].oid,
			.name = users[i].name,
			.mail = users[i].mail,
			.locale = "" };
	*ret = (struct ad_people){ .items = people, .count = count };
	return 0;
}

/* One line for each: name and address. */
static const char *list(const struct ad_desk *desk, const struct ad_people *found)
{
	struct ad_buf lines;
	ad_buf_init(&lines, CHOICES_TEXT_MAX);
	for (size_t i = 0; i < found->count && i < AD_PERSON_CHOICES_MAX; i++)
		(void)ad_buf_addf(&lines, "\n- %s: %s", found->items[i].name, found->items[i].mail);
	const char *text = ad_strdup(desk->arena, ad_buf_str(&lines));
	ad_buf_release(&lines);
	return text;
}

int ad_person_choices(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_person_query *query, const struct ad_people *found,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "text", ad_words_cut(desk, query->text, AD_SHOWN_MAX));
	ad_json_set_str(desk->arena, data, "list", list(desk, found));
	return ad_reply_words(desk, who, found->count == 0 ? "person.none" : "person.several", data,
		found->count == 0 ? "no_person" : "several_people", ret, err);
}

int ad_person_known(struct ad_desk *desk, const struct ad_person *person, struct ad_err *err)
{
	return ad_store_user_known(desk->db, desk->arena,
		&(struct ad_user){ .tenant_id = desk->tenant_id,
			.oid = person->oid,
			.name = person->name,
			.mail = person->mail },
		err);
}
