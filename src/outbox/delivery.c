/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivery: from a row to a call under way. Nothing is remembered between the calls of one row but
 * the flags of what was tried, so every call starts here from the beginning. The order of the steps
 * is the rule that the token leaves only towards listed hosts: place, host check, token, call.
 */
#include "sender.h"

#include "ad/clock.h"
#include "ad/fault.h"
#include "ad/text.h"

/* ---- place ---- */

/* The person never wrote, or the conversation is gone: whoever of the tenant did write tells where
 * its people live. False: the database did not answer. */
static bool find_service_url(struct item *item, const char **ret)
{
	struct ad_outbox *outbox = item->outbox;
	struct ad_store_conv colleague;
	struct ad_reference reference;
	struct ad_err err = { 0 };
	*ret = outbox->config.service_url;
	if (item->row.reference) {
		*ret = item->reference.service_url;
		return true;
	}
	int rc = ad_store_conv_any(outbox->db, item->arena, &outbox->config.key,
		item->row.tenant_id, outbox->config.app_id, &colleague, &err);
	if (rc == AD_ENOTFOUND || rc == AD_EINTEGRITY)
		return true;
	if (!ledger_went_well(outbox, rc, &err))
		return false;
	if (ad_reference_parse(item->arena, colleague.reference, &reference, NULL) == 0)
		*ret = reference.service_url;
	return true;
}

static bool find_place_of_new(struct item *item)
{
	const char *service_url = "";
	if (!find_service_url(item, &service_url)) {
		item->lane->not_before_ms = item->outbox->now_ms + DATABASE_PAUSE_MS;
		return false;
	}
	if (ad_text_empty(service_url)) {
		item->result.is_unreachable = true;
		settle_dead(item, "nobody of the tenant has written yet: no service URL is known");
		return false;
	}
	item->op = AD_CONNECTOR_CREATE;
	item->place = (struct place){ service_url, "", "", true };
	return true;
}

/* The app was added there once; nobody but people there can do it again. */
static bool find_place_of_channel(struct item *item)
{
	if (!item->row.reference) {
		item->result.is_unreachable = true;
		settle_dead(item, "how to write to the channel is not known");
		return false;
	}
	item->op = AD_CONNECTOR_SEND;
	item->place = (struct place){ item->reference.service_url, item->reference.conversation_id,
		"", false };
	return true;
}

static bool find_place_of_person(struct item *item)
{
	enum ad_conv_state state = item->row.reference ? item->row.reference_state : AD_CONV_STALE;
	if (state == AD_CONV_STALE)
		return find_place_of_new(item);
	if (state != AD_CONV_ACTIVE) {
		item->result.is_unreachable = true;
		settle_dead(item, ad_printf(item->arena, "the person's conversation is %s",
					  ad_conv_state_name(state)));
		return false;
	}
	item->op = AD_CONNECTOR_SEND;
	item->place = (struct place){ item->reference.service_url, item->reference.conversation_id,
		item->reference.user_id, true };
	return true;
}

/* The address that the row itself has: an answer where it was asked, or the card to change. */
static bool find_place_of_row(struct item *item)
{
	const struct ad_outbox_row *row = &item->row;
	bool is_update = row->kind == AD_OUTBOX_UPDATE && !item->is_new_message;
	if (is_update && ad_text_empty(row->copy_activity_id)) {
		settle_dead(item, "the card to change has no known activity id");
		return false;
	}
	item->op = is_update ? AD_CONNECTOR_UPDATE : AD_CONNECTOR_SEND;
	item->place = (struct place){ row->service_url, row->conversation_id, "", false };
	if (row->reference && !ad_conv_is_channel(item->row.recipient_oid) &&
		ad_text_eq(row->conversation_id, item->reference.conversation_id)) {
		item->place.is_personal = true;
		item->place.user_id = item->reference.user_id;
	}
	return true;
}

/* False when the item was settled or has to wait. */
static bool find_place(struct item *item)
{
	bool has_own_address =
		!item->is_recreated &&
		(item->row.kind == AD_OUTBOX_UPDATE || !ad_text_empty(item->row.service_url));
	bool found = has_own_address                               ? find_place_of_row(item)
		     : ad_conv_is_channel(item->row.recipient_oid) ? find_place_of_channel(item)
								   : find_place_of_person(item);
	if (found && item->is_host_changed)
		item->place.service_url = AD_CONNECTOR_GCC_URL;
	return found;
}

static bool check_host(struct item *item)
{
	struct ad_outbox *outbox = item->outbox;
	if (ad_net_hosts_allow_url(&outbox->config.hosts, item->place.service_url,
		    outbox->config.allow_http_loopback))
		return true;
	COUNT(outbox, refused_hosts);
	settle_dead(item, ad_printf(item->arena, "the host of %s is not on the list",
				  item->place.service_url));
	return false;
}

/* ---- call ---- */

static const char *body_of(struct item *item)
{
	struct ad_arena *arena = item->arena;
	const struct ad_outbox_row *row = &item->row;
	const char *bot_id = item->outbox->bot_id;
	if (item->op == AD_CONNECTOR_CREATE) {
		/* By object id: the channel's own id may be gone with the conversation. */
		return ad_connector_create_body(arena, bot_id, row->recipient_oid, row->tenant_id);
	}
	struct ad_json *activity = NULL;
	if (ad_json_parse(arena, row->activity, strlen(row->activity), &activity, NULL) != 0)
		return NULL;
	if (item->reduction != WHOLE)
		activity = item->reduction == SHORT_CARD ? ad_activity_short(arena, activity)
							 : ad_activity_reduced(arena, activity);
	if (!activity)
		return NULL;
	struct ad_activity_address address = {
		.bot_id = bot_id,
		.conversation_id = item->place.conversation_id,
		.recipient_id = item->place.user_id,
		.reply_to_id = row->reply_to_id,
	};
	ad_activity_address(arena, activity, &address);
	return ad_json_print(arena, activity);
}

static void call_connector(struct item *item)
{
	struct ad_outbox *outbox = item->outbox;
	struct ad_net_request request;
	struct ad_err err = { 0 };
	struct ad_connector_call call = {
		.op = item->op,
		.service_url = item->place.service_url,
		.conversation_id = item->place.conversation_id,
		.activity_id = item->row.copy_activity_id,
		.body = body_of(item),
		.token = item->token,
		.allow_http_loopback = outbox->config.allow_http_loopback,
	};
	if (!call.body) {
		settle_dead(item, item->reduction != WHOLE ? "too big, and nothing smaller to send"
							   : "the activity is not JSON");
		return;
	}
	int rc = ad_connector_request(item->arena, &call, &request, &err);
	if (rc == 0) {
		request.total_ms = outbox->config.total_ms;
		rc = ad_net_multi_add(outbox->multi, &request, settle_done, item, &err);
	}
	if (rc != 0)
		settle_dead(item, err.text);
}

/* False when there is none yet: the item waits, or was settled. */
static bool get_token(struct item *item)
{
	struct ad_outbox *outbox = item->outbox;
	struct ad_err err = { 0 };
	char *token = NULL;
	int rc = ad_token_get(outbox->config.token, item->arena, 0, &token, &err);
	if (rc == 0) {
		item->token = token;
		return true;
	}
	if (rc == AD_EBUSY) /* being fetched: everybody waits for the same one */
		item->lane->not_before_ms = outbox->now_ms + TOKEN_WAIT_MS;
	else
		settle_later(item, settle_backoff_ms(item),
			ad_printf(item->arena, "no token: %s", err.text));
	return false;
}

/* ---- start ---- */

/* True when the item has to wait because of its conversation. Short waits are spent here, long ones
 * in the database. */
static bool conversation_waits(struct item *item)
{
	int64_t wait_ms = pace_wait(item->outbox, item);
	if (wait_ms > WAIT_HERE_MAX_MS)
		settle_later(
			item, wait_ms, "the connector asked for patience in this conversation");
	else if (wait_ms > 0)
		item->lane->not_before_ms = item->outbox->now_ms + wait_ms;
	return wait_ms > 0;
}

/* What costs nothing comes first: many lanes wait for their tenant's pace at a time. */
static void start(struct lane *lane)
{
	struct item *item = lane->head;
	struct ad_outbox *outbox = item->outbox;
	struct tenant *tenant = lane->tenant;
	if (lane->channel == AD_OUTBOX_MAIL) {
		mail_start(item);
		return;
	}
	int64_t held_ms = tenant->hold_until_ms - outbox->now_ms;
	if (held_ms > 0) {
		item->result.is_held = true;
		settle_later(item, held_ms, "the tenant refuses the bot");
		return;
	}
	int64_t tenant_ms = pace_wait_tenant(outbox, lane);
	if (tenant_ms > 0) {
		lane->not_before_ms = outbox->now_ms + tenant_ms;
		return;
	}
	if (!find_place(item) || !check_host(item) || conversation_waits(item) || !get_token(item))
		return;
	if (AD_FAULT("outbox.before.send")) {
		settle_later(item, settle_backoff_ms(item), "fault point outbox.before.send");
		return;
	}
	if (tenant->is_refused) /* this call tries whether it still is; the others wait for it */
		tenant->hold_until_ms = outbox->now_ms + AD_OUTBOX_TENANT_HOLD_MS;
	pace_take(outbox, item);
	lane->is_busy = true;
	call_connector(item);
}

/* Starts what may start of the urgent lanes, or of the others. */
static void start_lanes(struct ad_outbox *outbox, bool urgent, size_t room, int64_t *soonest_ms)
{
	struct lane *last = outbox->last;
	struct lane *lane = outbox->first;
	while (lane && ad_net_multi_count(outbox->multi) < room) {
		struct lane *next = lane == last ? NULL : lane->next;
		bool is_free = !lane->is_busy && (lane->urgent > 0) == urgent;
		if (is_free && lane->not_before_ms <= outbox->now_ms) {
			start(lane);
			if (lane->is_busy)
				lane_move_last(outbox, lane);
		}
		if (is_free && !lane->is_busy && lane->not_before_ms < *soonest_ms)
			*soonest_ms = lane->not_before_ms;
		lane = next;
	}
}

int delivery_start_ready(struct ad_outbox *outbox, int max_ms)
{
	int64_t soonest_ms = outbox->now_ms + max_ms;
	size_t room = (size_t)outbox->config.in_flight_max;
	start_lanes(outbox, true, room, &soonest_ms);
	start_lanes(outbox, false, room - room / IN_FLIGHT_RESERVE, &soonest_ms);
	int64_t wait_ms = soonest_ms - outbox->now_ms;
	return wait_ms > 0 ? (int)wait_ms : 0;
}
