/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody is back whom Teams did not reach: one message tells what was missed, and questions that
 * are still open come again with their cards (product E15). What is older than
 * AD_LEDGER_DIGEST_DAYS stays in the ledger.
 */
#include "parts.h"
#include "ad/text.h"

/* Still undelivered, now that it is locked. */
static bool is_owed(const struct ad_ledger_entry *entry)
{
	return ad_text_eq(entry->state, "dead") && !ad_text_empty(entry->fallback) &&
	       !ad_text_eq(entry->fallback, "digest");
}

/* A question that waits for this person comes again as a card of its own. */
static int ask_again(struct ad_desk *desk, const struct ad_ledger_entry *entry, bool *ret_sent,
	struct ad_err *err)
{
	struct ad_request request;
	*ret_sent = false;
	if (entry->request_id == 0 || !ad_text_eq(entry->card, "approval"))
		return 0;
	int e = ad_store_request_get(
		desk->db, desk->arena, desk->tenant_id, entry->request_id, &request, err);
	if (e != 0 || !ad_request_undecided(request.state))
		return e;
	return ad_notice_resend(desk, entry, "", ret_sent, err);
}

static int take(struct ad_desk *desk, const struct ad_person *who, int64_t id, struct ad_json *rows,
	struct ad_err *err)
{
	struct ad_ledger_entry entry;
	struct ad_json *row;
	bool sent;
	int e = ad_notice_hold(desk, id, &entry, err);
	if (e != 0 || !is_owed(&entry))
		return e;
	e = ask_again(desk, &entry, &sent, err);
	if (e == 0 && !sent)
		e = ad_store_ledger_settle(desk->db, desk->arena, id, "digest", "", err);
	if (e != 0 || ad_ledger_is_answer(&entry))
		return e;
	e = ad_ledger_data(desk, &entry, who->locale, &row, err);
	if (e != 0)
		return e;
	ad_json_set_bool(desk->arena, row, "is_open", sent);
	ad_json_set_bool(desk->arena, row, "separator", ad_json_count(rows) > 0);
	ad_json_append(desk->arena, rows, row);
	return 0;
}

static int send_digest(struct ad_desk *desk, const struct ad_person *who, struct ad_json *rows,
	int64_t newest, struct ad_err *err)
{
	struct ad_desk_reply digest;
	struct ad_json *data = ad_json_new_object(desk->arena);
	ad_json_set_int(desk->arena, data, "count", (int64_t)ad_json_count(rows));
	ad_json_set(desk->arena, data, "rows", rows);
	int e = ad_reply_card(desk, who, "missed", "missed.short", data, "missed", &digest, err);
	if (e != 0)
		return e;
	return ad_notice_send(desk,
		&(struct ad_notice){ .oid = who->oid,
			.fact = ad_printf(desk->arena, "missed.%lld", (long long)newest),
			.card = digest.card,
			.text = digest.text },
		err);
}

int ad_desk_missed(struct ad_desk *desk, const struct ad_person *who, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db));
	int64_t *ids;
	size_t count;
	struct ad_json *rows = ad_json_new_array(desk->arena);
	int e = ad_store_ledger_missed(
		desk->db, desk->arena, desk->tenant_id, who->oid, &ids, &count, err);
	for (size_t i = 0; e == 0 && i < count; i++)
		e = take(desk, who, ids[i], rows, err);
	if (e != 0 || ad_json_count(rows) == 0)
		return e;
	return send_digest(desk, who, rows, ids[count - 1], err);
}
