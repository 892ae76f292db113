/* SPDX-License-Identifier: Apache-2.0 */
/* A notice of the ledger in words: who, what, why, since when, and what was done about it. */
#include "parts.h"
#include "ad/store/convs.h"
#include "ad/text.h"

/* What a fact is about: the first entry whose words it begins and ends with. */
static const struct {
	const char *begin, *end;
	const char *key; /* of the words */
	bool is_answer;
} facts[] = {
	{ "request.", ".approval", "what.approval", false },
	{ "request.", ".channel", "what.channel", false },
	{ "request.", ".approved", "what.approved", false },
	{ "request.", ".rejected", "what.rejected", false },
	{ "request.", ".delivered", "what.delivered", false },
	{ "request.", ".delayed", "what.delayed", false },
	{ "request.", ".failed", "what.failed", false },
	{ "request.", ".question", "what.question", false },
	{ "request.", ".reply", "what.reply", false },
	{ "request.", ".nudge", "what.nudge", false },
	{ "request.", ".handover", "what.handover", false },
	{ "request.", ".undone", "what.undone", false },
	{ "request.", "", "what.request", false },
	{ "grant.", "", "what.grant", false },
	{ "job.", "", "what.job", false },
	{ "proposal.", "", "what.proposal", false },
	{ "privacy.", "", "what.privacy", false },
	{ "drift.", "", "what.drift", false },
	{ "brake.", "", "what.brake", false },
	{ "reply.", "", "what.answer", true },
	{ "welcome.", "", "what.answer", true },
	{ "pointer.", "", "what.answer", true },
	{ "", "", "what.news", false },
};

static size_t find_fact(const struct ad_ledger_entry *entry)
{
	size_t i = 0;
	while (!ad_text_starts(entry->fact, facts[i].begin) ||
		!ad_text_ends(entry->fact, facts[i].end))
		i++;
	return i;
}

bool ad_ledger_is_mailed(const struct ad_ledger_entry *entry)
{
	return !ad_text_empty(entry->mail_state) && !ad_text_eq(entry->mail_state, "dead");
}

bool ad_ledger_is_answer(const struct ad_ledger_entry *entry)
{
	return facts[find_fact(entry)].is_answer;
}

/* What was done about it; of a mail, what became of it. */
static const char *fallback_key(const struct ad_desk *desk, const struct ad_ledger_entry *entry)
{
	bool mailed = ad_text_eq(entry->fallback, "mail") || ad_text_eq(entry->fallback, "none");
	if (mailed && !ad_text_empty(entry->mail_state))
		return ad_printf(desk->arena, "fallback.mail_%s", entry->mail_state);
	if (ad_text_empty(entry->fallback))
		return "fallback.nothing";
	return ad_printf(desk->arena, "fallback.%s", entry->fallback);
}

int ad_ledger_data(struct ad_desk *desk, const struct ad_ledger_entry *entry, const char *locale,
	struct ad_json **ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	ad_json_set_int(arena, data, "n", entry->id);
	ad_json_set_int(arena, data, "rid", entry->request_id);
	ad_json_set_int(arena, data, "job", entry->job_id);
	ad_json_set_str(arena, data, "person",
		ad_text_empty(entry->name) ? entry->recipient_oid : entry->name);
	ad_json_set_str(arena, data, "why", ad_words_cut(desk, entry->last_error, AD_SHOWN_MAX));
	ad_json_set_bool(arena, data, "has_why", !ad_text_empty(entry->last_error));
	ad_json_set_str(
		arena, data, "mail_error", ad_words_cut(desk, entry->mail_error, AD_SHOWN_MAX));
	ad_json_set_str(arena, data, "since", entry->created_at);
	ad_json_set_int(arena, data, "attempts", entry->attempts);
	*ret = data;
	int e = ad_conv_is_channel(entry->recipient_oid)
			? ad_words_into(desk, locale, "channel.name", data, "person", err)
			: 0;
	if (e == 0)
		e = ad_words_into(desk, locale, facts[find_fact(entry)].key, data, "what", err);
	if (e == 0)
		e = ad_words_into(desk, locale, ad_printf(arena, "notice_state.%s", entry->state),
			data, "state_label", err);
	if (e == 0)
		e = ad_words_into(
			desk, locale, fallback_key(desk, entry), data, "fallback_label", err);
	return e;
}

static bool is_stuck(const struct ad_ledger_entry *entry)
{
	return ad_text_eq(entry->state, "dead") || ad_text_eq(entry->state, "ambiguous");
}

int ad_ledger_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_ledger_entry *entry, const char *note, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data;
	int e = ad_ledger_data(desk, entry, who->locale, &data, err);
	if (e != 0)
		return e;
	bool stuck = is_stuck(entry) && ad_text_eq(entry->channel, "teams");
	ad_json_set_str(arena, data, "style", is_stuck(entry) ? "attention" : "good");
	ad_json_set_str(arena, data, "mark", is_stuck(entry) ? "✖" : "●");
	ad_json_set_bool(arena, data, "can_retry", stuck && entry->has_activity);
	ad_json_set_bool(arena, data, "can_mail",
		stuck && desk->mail && !ad_text_empty(entry->mail) && !ad_ledger_is_mailed(entry));
	ad_json_set_bool(arena, data, "can_install",
		stuck && desk->can_install && !ad_conv_is_channel(entry->recipient_oid));
	ad_json_set_str(arena, data, "note", note ? note : "");
	ad_json_set_bool(arena, data, "has_note", note != NULL);
	return ad_reply_card(desk, who, "notice", "notice.short", data, "notice", ret, err);
}
