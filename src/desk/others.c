/* SPDX-License-Identifier: Apache-2.0 */
/* For whom somebody asks: who is meant, whether they may, and what a form offers. */
#include "others.h"
#include "person_find.h"
#include "ad/desk/facts.h"
#include "ad/store/users.h"
#include "ad/text.h"

bool ad_request_for_other(const struct ad_request *request)
{
	return !ad_text_empty(request->beneficiary_oid) &&
	       !ad_text_eq(request->beneficiary_oid, request->requester_oid);
}

/* ---- whether they may ---- */

struct asking {
	const struct ad_person *who;
	const char *oid;                 /* for whom */
	const struct ad_person *person;  /* as the directory has them; NULL: not there */
	const struct ad_person *manager; /* of theirs; NULL: nobody */
	bool is_admin;
	bool is_user; /* the person may use the counter */
	bool reached; /* the person would hear of it */
};

/* All that has to be known is asked for in one round. */
static int learn(struct ad_desk *desk, struct asking *a, struct ad_err *err)
{
	struct ad_people reached = { 0 };
	struct ad_err own = { 0 };
	int first = ad_fact_person(desk, a->oid, &a->person, err);
	int e = ad_fact_manager(desk, a->oid, &a->manager, first ? &own : err);
	first = first ? first : e;
	e = ad_fact_member(
		desk, a->oid, desk->settings.user_group_id, &a->is_user, first ? &own : err);
	first = first ? first : e;
	e = ad_fact_member(
		desk, a->who->oid, desk->settings.admin_group_id, &a->is_admin, first ? &own : err);
	first = first ? first : e;
	if (first == 0 && a->person) {
		first = ad_reach(desk, &(struct ad_people){ a->person, 1 }, &reached, err);
		a->reached = reached.count > 0;
	}
	return first;
}

static bool may_ask(const struct asking *a)
{
	return ad_request_may_ask_for(a->who->oid, a->is_admin, a->manager ? a->manager->oid : "");
}

/* The words that say why not; NULL: they may. Who has no right learns nothing else. */
static const char *obstacle_of(const struct asking *a)
{
	if (!a->person)
		return "for.gone";
	if (!may_ask(a))
		return a->manager ? "for.denied" : "for.denied_admin";
	if (!a->is_user)
		return "for.no_access";
	return a->reached ? NULL : "for.unreached";
}

static int refuse(struct ad_desk *desk, const struct asking *a, const char *key,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_json *details = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, data, "person", a->person ? a->person->name : "");
	ad_json_set_str(desk->arena, data, "manager", a->manager ? a->manager->name : "");
	int e = ad_reply_words(desk, a->who, key, data, "not_for_them", ret, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, details, "reason", key);
	ad_json_set_str(desk->arena, details, "beneficiary", a->oid);
	return ad_trail(desk,
		&(struct ad_event){ .who = a->who,
			.action = "request.refused",
			.entity_type = "user",
			.entity_name = a->oid,
			.details = details },
		err);
}

static int judge(struct ad_desk *desk, struct asking *a, struct ad_person *ret_who,
	struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	*ret_who = *a->who;
	*ret_done = false;
	if (ad_text_eq(a->oid, a->who->oid))
		return 0;
	int e = learn(desk, a, err);
	if (e != 0)
		return e;
	const char *key = obstacle_of(a);
	*ret_done = key != NULL;
	if (key)
		return refuse(desk, a, key, ret, err);
	struct ad_person *holder = ad_memdup(desk->arena, a->person, sizeof *holder);
	holder->locale = a->who->locale; /* what is said of them is read by who asks */
	holder->is_user = true;
	ret_who->asks_for = holder;
	return 0;
}

int ad_others_read(struct ad_desk *desk, const struct ad_person *who, const struct ad_json *inputs,
	struct ad_person *ret_who, struct ad_desk_reply *ret, bool *ret_done, struct ad_err *err)
{
	const char *oid = ad_json_str(inputs, AD_DESK_INPUT_FOR);
	struct asking a = { .who = who, .oid = oid };
	*ret_who = *who;
	*ret_done = false;
	if (ad_text_empty(oid) || ad_text_eq(oid, AD_DESK_FOR_ME))
		return 0;
	*ret_done = !ad_text_is_guid(oid);
	if (*ret_done) { /* no card of ours says that */
		a.oid = "";
		return refuse(desk, &a, "for.gone", ret, err);
	}
	a.oid = ad_text_lower(desk->arena, oid);
	return judge(desk, &a, ret_who, ret, ret_done, err);
}

struct ad_person ad_others_of(
	struct ad_desk *desk, const struct ad_person *who, const struct ad_request *request)
{
	struct ad_person asker = *who;
	if (!ad_request_for_other(request))
		return asker;
	struct ad_person *holder = ad_alloc(desk->arena, sizeof *holder);
	*holder = (struct ad_person){ .oid = request->beneficiary_oid,
		.name = request->beneficiary_name,
		.mail = "",
		.locale = who->locale,
		.is_user = true };
	asker.asks_for = holder;
	return asker;
}

/* ---- what a form offers ---- */

static void add_choice(
	const struct ad_desk *desk, struct ad_json *people, const char *name, const char *value)
{
	struct ad_json *choice = ad_json_new_object(desk->arena);
	ad_json_set_str(desk->arena, choice, "label", name);
	ad_json_set_str(desk->arena, choice, "value", value);
	ad_json_append(desk->arena, people, choice);
}

int ad_others_offer(
	struct ad_desk *desk, const struct ad_person *who, struct ad_json *data, struct ad_err *err)
{
	struct ad_user *reports;
	size_t count;
	const char *me;
	const struct ad_person *chosen = who->asks_for;
	struct ad_json *people = ad_json_new_array(desk->arena);
	int e = ad_store_users_reports(desk->db, desk->arena, desk->tenant_id, who->oid,
		AD_DESK_REPORTS_MAX, &reports, &count, err);
	if (e == 0)
		e = ad_words(desk, who->locale, "for.me", NULL, &me, err);
	if (e != 0)
		return e;
	bool listed = false;
	add_choice(desk, people, me, AD_DESK_FOR_ME);
	for (size_t i = 0; i < count; i++) {
		listed = listed || (chosen && ad_text_eq(chosen->oid, reports[i].oid));
		add_choice(desk, people, reports[i].name, reports[i].oid);
	}
	if (chosen && !listed)
		add_choice(desk, people, chosen->name, chosen->oid);
	ad_json_set(desk->arena, data, "people", people);
	ad_json_set_bool(desk->arena, data, "has_people", ad_json_count(people) > 1);
	ad_json_set_str(desk->arena, data, "whom", chosen ? chosen->oid : AD_DESK_FOR_ME);
	return 0;
}

/* ---- what was written ---- */

struct wish {
	const char *text; /* what is looked for */
	struct ad_person_query query;
	bool is_plain; /* a name alone, which may be part of what is looked for */
};

/* The mention that the text begins with; NULL: none. */
static const struct ad_mention *mention_at(const struct ad_desk_press *press, const char *text)
{
	for (size_t i = 0; i < press->mention_count; i++)
		if (!ad_text_empty(press->mentions[i].mark) &&
			ad_text_starts(text, press->mentions[i].mark))
			return &press->mentions[i];
	return NULL;
}

/* The end of the name: of a mention or an address what follows is not part of it. */
static size_t name_len(const struct ad_desk_press *press, const char *name)
{
	const struct ad_mention *mention = mention_at(press, name);
	size_t word = strcspn(name, " ");
	const char *at = memchr(name, '@', word);
	if (mention)
		return strlen(mention->mark);
	return at && at > name ? word : strlen(name);
}

/* "visio for @Ana", "for @Ana visio": the last "for" in the person's language or English. False:
 * there is none. */
static bool read_wish(struct ad_desk *desk, const struct ad_person *who, const char *text,
	const struct ad_desk_press *press, struct wish *ret)
{
	const char *begin = NULL;
	const char *name = NULL;
	for (const char *at = text; at && *at; at = strchr(at, ' ')) {
		at += strspn(at, " ");
		const char *rest = ad_cards_said(desk->cards, "said.for", who->locale, at);
		rest = rest ? rest + strspn(rest, " ") : NULL;
		begin = rest && *rest ? at : begin;
		name = rest && *rest ? rest : name;
	}
	if (!name)
		return false;
	size_t len = name_len(press, name);
	const char *before = ad_strndup(desk->arena, text, (size_t)(begin - text));
	const char *whom = ad_strndup(desk->arena, name, len);
	*ret = (struct wish){
		.text = ad_text_trim(
			desk->arena, ad_printf(desk->arena, "%s%s", before, name + len)),
		.query = { .text = ad_text_trim(desk->arena, whom),
			.mentions = press->mentions,
			.mention_count = press->mention_count },
		.is_plain = !mention_at(press, name) && !memchr(name, '@', len),
	};
	return true;
}

/* Whom it is for; NULL: nobody is named, and the whole text is what is looked for. A first name may
 * as well be part of an app's name: it counts where the person may ask for who has it. */
static int find(struct ad_desk *desk, const struct ad_person *who, const struct wish *wish,
	struct asking *ret, struct ad_desk_reply *reply, bool *ret_done, struct ad_err *err)
{
	struct ad_people found;
	*ret = (struct asking){ .who = who };
	*ret_done = false;
	int e = ad_person_find(desk, &wish->query, &found, err);
	if (e != 0)
		return e;
	if (found.count != 1) {
		*ret_done = !wish->is_plain;
		return wish->is_plain
			       ? 0
			       : ad_person_choices(desk, who, &wish->query, &found, reply, err);
	}
	ret->oid = found.items[0].oid;
	const char *name = ad_text_lower(desk->arena, found.items[0].name);
	if (!wish->is_plain || ad_text_eq(name, ad_text_lower(desk->arena, wish->query.text)))
		return 0;
	e = learn(desk, ret, err);
	if (e == 0 && !may_ask(ret))
		ret->oid = NULL;
	return e;
}

int ad_desk_look_for(struct ad_desk *desk, const struct ad_person *who, const char *text,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct wish wish;
	struct asking a;
	struct ad_person asker;
	bool done;
	if (!who->is_user || !read_wish(desk, who, text ? text : "", press, &wish))
		return ad_desk_search(desk, who, text, ret, err);
	int e = find(desk, who, &wish, &a, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (!a.oid)
		return ad_desk_search(desk, who, text, ret, err);
	e = judge(desk, &a, &asker, ret, &done, err);
	if (e != 0 || done)
		return e;
	if (*wish.text)
		return ad_desk_search(desk, &asker, wish.text, ret, err);
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_str(
		desk->arena, data, "person", asker.asks_for ? asker.asks_for->name : asker.name);
	return ad_reply_words(desk, who, "for.what", data, "for_what", ret, err);
}

int ad_desk_form_for(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_person asker;
	bool done;
	int e = ad_others_read(desk, who, press->inputs, &asker, ret, &done, err);
	if (e != 0 || done)
		return e;
	return ad_desk_form(desk, &asker, ad_json_int(press->inputs, "app", 0), ret, err);
}
