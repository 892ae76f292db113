/* SPDX-License-Identifier: Apache-2.0 */
/* A change that waits for a second admin, on a card; one per admin, changed in place. */
#include "proposal.h"
#include "html.h"
#include "parts.h"
#include "ad/desk/proposals.h"
#include "ad/store/locales.h"
#include "ad/text.h"

#define OPEN_VERSION 1
#define ENDED_VERSION 2
#define STEPS_SHOWN_MAX 10

static bool is_open(const struct ad_proposal *proposal)
{
	return ad_text_eq(proposal->state, AD_PROPOSAL_OPEN);
}

static const char *title_key(const struct ad_proposal *proposal)
{
	return is_open(proposal) ? "proposal.title" : "proposal.title_ended";
}

static const char *short_key(const struct ad_proposal *proposal)
{
	return is_open(proposal) ? "proposal.short" : "proposal.short_ended";
}

/* ---- lists ---- */

static void add_text(struct ad_arena *arena, struct ad_json *rows, const char *text)
{
	struct ad_json *row = ad_json_new_object(arena);
	ad_json_set_str(arena, row, "text", text);
	ad_json_append(arena, rows, row);
}

/* "and 3 more" behind what is shown. */
static int add_more(struct ad_desk *desk, const char *locale, size_t count, size_t shown,
	struct ad_json *rows, struct ad_err *err)
{
	const char *text;
	struct ad_json *data = ad_json_new_object(desk->arena);
	if (count <= shown)
		return 0;
	ad_json_set_int(desk->arena, data, "n", (int64_t)(count - shown));
	int e = ad_words(desk, locale, "proposal.more", data, &text, err);
	if (e == 0)
		add_text(desk->arena, rows, text);
	return e;
}

static int add_laxer(struct ad_desk *desk, const char *locale, const struct ad_proposal *proposal,
	struct ad_json *data, struct ad_err *err)
{
	struct ad_json *weakens;
	const char *const *sentences;
	size_t count = 0;
	struct ad_json *rows = ad_json_new_array(desk->arena);
	ad_json_set(desk->arena, data, "laxer", rows);
	int e = ad_json_parse(
		desk->arena, proposal->weakens, strlen(proposal->weakens), &weakens, err);
	if (e == 0)
		e = ad_laxer_sentences(desk, locale, weakens, &sentences, &count, err);
	for (size_t i = 0; e == 0 && i < count && i < AD_LAXER_SHOWN_MAX; i++)
		add_text(desk->arena, rows, sentences[i]);
	return e == 0 ? add_more(desk, locale, count, AD_LAXER_SHOWN_MAX, rows, err) : e;
}

/* What else the file changes: the second admin accepts all of it. */
static int add_steps(struct ad_desk *desk, const char *locale, const struct ad_proposal *proposal,
	struct ad_json *data, struct ad_err *err)
{
	struct ad_json *content;
	struct ad_json *rows = ad_json_new_array(desk->arena);
	ad_json_set(desk->arena, data, "steps", rows);
	int e = ad_json_parse(
		desk->arena, proposal->content, strlen(proposal->content), &content, err);
	size_t count = 0;
	AD_JSON_EACH(step, e == 0 ? ad_json_get(content, "steps") : NULL)
	{
		const char *text;
		if (e != 0 || count++ >= STEPS_SHOWN_MAX)
			continue;
		e = ad_words(desk, locale,
			ad_printf(desk->arena, "policy_step.%s", ad_json_str(step, "change")), step,
			&text, err);
		if (e == 0)
			add_text(desk->arena, rows, text);
	}
	ad_json_set_bool(desk->arena, data, "has_steps", count > 0);
	return e == 0 ? add_more(desk, locale, count, STEPS_SHOWN_MAX, rows, err) : e;
}

/* ---- the card ---- */

static int add_name(struct ad_desk *desk, const char *locale, const char *oid, const char *name,
	struct ad_json *data, const char *member, struct ad_err *err)
{
	if (ad_text_eq(oid, "cli"))
		return ad_words_into(desk, locale, "proposal.by_operator", data, member, err);
	ad_json_set_str(desk->arena, data, member, ad_text_empty(name) ? oid : name);
	return 0;
}

static int make_data(struct ad_desk *desk, const char *locale, const struct ad_proposal *proposal,
	struct ad_json **ret, struct ad_err *err)
{
	struct ad_arena *arena = desk->arena;
	struct ad_json *data = ad_json_new_object(arena);
	*ret = data;
	ad_json_set_int(arena, data, "n", proposal->id);
	ad_json_set_str(arena, data, "subject", proposal->subject);
	ad_json_set_str(arena, data, "since", proposal->created_at);
	ad_json_set_str(arena, data, "until", proposal->expires_at);
	ad_json_set_str(arena, data, "reason", proposal->reason);
	ad_json_set_bool(arena, data, "open", is_open(proposal));
	int e = add_name(
		desk, locale, proposal->proposed_by, proposal->proposed_by_name, data, "by", err);
	if (e == 0)
		e = add_name(desk, locale, proposal->decided_by, proposal->decided_by_name, data,
			"decider", err);
	if (e == 0)
		e = ad_words_into(desk, locale,
			ad_printf(arena, "proposal.kind_%s", proposal->kind), data, "kind", err);
	if (e == 0)
		e = ad_words_into(desk, locale,
			ad_printf(arena, "proposal.state_%s", proposal->state), data, "state_label",
			err);
	if (e == 0)
		e = ad_words_into(desk, locale, title_key(proposal), data, "title", err);
	return e == 0 ? ad_words_into(desk, locale, short_key(proposal), data, "short", err) : e;
}

int ad_proposal_show(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_proposal_view *view, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_json *data;
	const struct ad_proposal *proposal = view->proposal;
	int e = make_data(desk, who->locale, proposal, &data, err);
	if (e == 0)
		e = add_laxer(desk, who->locale, proposal, data, err);
	if (e == 0)
		e = add_steps(desk, who->locale, proposal, data, err);
	if (e != 0)
		return e;
	ad_json_set_str(desk->arena, data, "t", view->token ? view->token : "");
	ad_json_set_bool(desk->arena, data, "has_token", view->token != NULL);
	ad_json_set_bool(desk->arena, data, "can_accept",
		view->token && !ad_text_eq(proposal->proposed_by, who->oid));
	ad_json_set_str(desk->arena, data, "fault", view->fault ? view->fault : "");
	ad_json_set_bool(desk->arena, data, "has_fault", view->fault != NULL);
	e = ad_reply_card(desk, who, "proposal",
		is_open(proposal) ? "proposal.short" : "proposal.short_ended", data, "proposal",
		ret, err);
	if (e != 0)
		return e;
	ret->role = "proposal";
	ret->job_id = proposal->job_id;
	ret->version = is_open(proposal) ? OPEN_VERSION : ENDED_VERSION;
	return 0;
}

int ad_proposal_show_to(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_proposal *proposal, struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_proposal_view view = { .proposal = proposal };
	int e = 0;
	if (is_open(proposal))
		e = ad_store_token_new(desk->db, desk->arena,
			&(struct ad_token){ .tenant_id = desk->tenant_id,
				.oid = who->oid,
				.purpose = "proposal",
				.job_id = proposal->job_id },
			&view.token, err);
	return e == 0 ? ad_proposal_show(desk, who, &view, ret, err) : e;
}

int ad_proposal_show_now(struct ad_desk *desk, const struct ad_person *who, int64_t job_id,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	int64_t id;
	struct ad_proposal proposal;
	int e = ad_store_proposal_of_job(desk->db, desk->arena, desk->tenant_id, job_id, &id, err);
	if (e == 0)
		e = ad_store_proposal_get(
			desk->db, desk->arena, desk->tenant_id, id, &proposal, err);
	return e == 0 ? ad_proposal_show_to(desk, who, &proposal, ret, err) : e;
}

/* ---- copies ---- */

static int show_thing(struct ad_desk *desk, const struct ad_person *who, const void *thing,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	return ad_proposal_show_to(desk, who, thing, ret, err);
}

int ad_proposal_send(struct ad_desk *desk, const struct ad_proposal *proposal,
	const struct ad_person *admin, struct ad_err *err)
{
	return ad_admin_card_send(desk, admin,
		ad_printf(desk->arena, "proposal.%lld", (long long)proposal->id),
		&(struct ad_admin_card){ proposal, show_thing }, err);
}

int ad_proposal_refresh(
	struct ad_desk *desk, const struct ad_proposal *proposal, struct ad_err *err)
{
	return ad_admin_card_refresh(desk,
		&(struct ad_admin_copies){ .job_id = proposal->job_id, .role = "proposal" },
		&(struct ad_admin_card){ proposal, show_thing }, err);
}

/* ---- looking ---- */

static int add_row(struct ad_desk *desk, const struct ad_person *who, int64_t id,
	struct ad_json *rows, struct ad_err *err)
{
	struct ad_proposal proposal;
	struct ad_json *row;
	int e = ad_store_proposal_get(desk->db, desk->arena, desk->tenant_id, id, &proposal, err);
	if (e == 0)
		e = make_data(desk, who->locale, &proposal, &row, err);
	if (e == 0)
		e = ad_words_into(desk, who->locale, "proposals.open", row, "open_label", err);
	if (e != 0)
		return e;
	ad_json_set_bool(desk->arena, row, "separator", ad_json_count(rows) > 0);
	ad_json_append(desk->arena, rows, row);
	return 0;
}

int ad_desk_proposals(struct ad_desk *desk, const struct ad_person *who, struct ad_desk_reply *ret,
	struct ad_err *err)
{
	int64_t *ids;
	size_t count = 0;
	struct ad_json *data = ad_json_new_object(desk->arena);
	struct ad_json *rows = ad_json_new_array(desk->arena);
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = ad_store_proposals_open(
		desk->db, desk->arena, desk->tenant_id, AD_LIST_MAX, &ids, &count, err);
	for (size_t i = 0; e == 0 && i < count; i++)
		e = add_row(desk, who, ids[i], rows, err);
	if (e != 0)
		return e;
	if (count == 0)
		return ad_reply_words(desk, who, "proposals.none", NULL, "proposals", ret, err);
	ad_json_set_int(desk->arena, data, "count", (int64_t)count);
	ad_json_set(desk->arena, data, "rows", rows);
	return ad_reply_card(
		desk, who, "proposals", "proposals.short", data, "proposals", ret, err);
}

int ad_desk_proposal(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err)
{
	struct ad_proposal proposal;
	if (!who->is_admin)
		return ad_reply_not_admin(desk, who, ret, err);
	int e = ad_store_proposal_get(
		desk->db, desk->arena, desk->tenant_id, number, &proposal, err);
	if (e != AD_ENOTFOUND)
		return e == 0 ? ad_proposal_show_to(desk, who, &proposal, ret, err) : e;
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "n", number);
	return ad_reply_words(desk, who, "proposal.unknown", data, "no_proposal", ret, err);
}
