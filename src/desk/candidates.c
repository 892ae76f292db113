/* SPDX-License-Identifier: Apache-2.0 */
/* What a search did not find: WinGet is looked through by a job, since the index is a file, and the
 * card of the search shows what it has. */
#include "suggestion.h"
#include "parts.h"
#include "ad/text.h"

#define ANSWERED_VERSION 1 /* of the card; 0 while the job looks */

static int show(struct ad_desk *desk, const struct ad_person *who, const char *words,
	struct ad_json *data, struct ad_desk_reply *ret, struct ad_err *err)
{
	bool offers = !ad_json_bool(data, "is_looking", false);
	ad_json_set_str(desk->arena, data, "asked", ad_words_cut(desk, words, AD_SUGGESTION_MAX));
	ad_json_set_bool(desk->arena, data, "offers", offers);
	return ad_reply_card(desk, who, "not_found", "not_found.short", data, "no_match", ret, err);
}

static struct ad_json *state(struct ad_arena *arena, bool is_looking, bool is_unavailable)
{
	struct ad_json *data = ad_json_new_object(arena);
	ad_json_set_bool(arena, data, "is_looking", is_looking);
	ad_json_set_bool(arena, data, "is_unavailable", is_unavailable);
	ad_json_set_bool(arena, data, "has_candidates", false);
	ad_json_set_bool(arena, data, "is_none", !is_looking && !is_unavailable);
	ad_json_set(arena, data, "candidates", ad_json_new_array(arena));
	return data;
}

int ad_candidates_look(struct ad_desk *desk, const struct ad_person *who, const char *words,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	int64_t job;
	const char *contact;
	struct ad_json *payload = ad_json_new_object(desk->arena);
	struct ad_json *data = state(desk->arena, true, false);
	int e = ad_unclear_count(desk, who, &contact, err);
	if (e != 0)
		return e;
	ad_unclear_contact(desk, contact, data);
	ad_json_set_str(desk->arena, payload, "words", words);
	ad_json_set_str(desk->arena, payload, "contact", contact);
	e = ad_store_jobs_add(desk->db, desk->arena,
		&(struct ad_job_new){ .tenant_id = desk->tenant_id,
			.kind = AD_JOB_CANDIDATES,
			.key = ad_printf(desk->arena, "%s.%s", who->oid, desk->correlation_id),
			.payload = ad_json_print(desk->arena, payload) },
		&job, err);
	if (e == 0)
		e = show(desk, who, words, data, ret, err);
	if (e != 0)
		return e;
	ret->job_id = job;
	ret->unclear = true;
	return 0;
}

static struct ad_json *answer(struct ad_desk *desk, const struct ad_desk_candidates *found)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = state(arena, false, found->unavailable);
	struct ad_json *rows = ad_json_get(data, "candidates");
	for (size_t i = 0; i < found->count; i++) {
		struct ad_json *row = ad_json_new_object(arena);
		ad_json_set_str(arena, row, "package", found->items[i].package_id);
		ad_json_set_str(arena, row, "name",
			ad_words_cut(desk, found->items[i].name, AD_SUGGESTION_MAX));
		ad_json_set_str(arena, row, "version",
			ad_words_cut(desk, found->items[i].version, AD_SUGGESTION_MAX));
		ad_json_append(arena, rows, row);
	}
	ad_unclear_contact(desk, found->contact, data);
	ad_json_set_bool(arena, data, "has_candidates", found->count > 0);
	ad_json_set_bool(arena, data, "is_none", found->count == 0 && !found->unavailable);
	return data;
}

int ad_desk_candidates(
	struct ad_desk *desk, const struct ad_desk_candidates *found, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	struct ad_card_copy *copies;
	size_t count = 0;
	int e = ad_store_copy_list(desk->db, desk->arena, 0, found->job_id, &copies, &count, err);
	for (size_t i = 0; e == 0 && i < count; i++) {
		struct ad_person who = { .oid = copies[i].recipient_oid };
		struct ad_desk_reply reply;
		const struct ad_card_change change = { .copies = &copies[i].outbox_id,
			.count = 1,
			.version = ANSWERED_VERSION,
			.urgent = true };
		e = ad_notice_locale(desk, who.oid, &who.locale, err);
		if (e == 0)
			e = show(desk, &who, found->words, answer(desk, found), &reply, err);
		if (e == 0)
			e = ad_notice_show(desk, &change, &reply, err);
	}
	return e;
}
