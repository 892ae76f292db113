/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a request: its states, the arrows between them, and what a job's news does to it. */
#include "ad/domain.h"
#include "ad/text.h"

#include <stdint.h>

static const char *const request_states[] = {
	[AD_REQUEST_PENDING] = "pending",
	[AD_REQUEST_NEEDS_INFO] = "needs_info",
	[AD_REQUEST_APPROVED] = "approved",
	[AD_REQUEST_FULFILLING] = "fulfilling",
	[AD_REQUEST_DELIVERED] = "delivered",
	[AD_REQUEST_REJECTED] = "rejected",
	[AD_REQUEST_CANCELLED] = "cancelled",
	[AD_REQUEST_EXPIRED] = "expired",
	[AD_REQUEST_FAILED] = "failed",
	[AD_REQUEST_DRAFT] = "draft",
};

static const char *const stage_states[] = {
	[AD_STAGE_OPEN] = "open",
	[AD_STAGE_WAITING] = "waiting",
	[AD_STAGE_APPROVED] = "approved",
	[AD_STAGE_REJECTED] = "rejected",
	[AD_STAGE_EXPIRED] = "expired",
	[AD_STAGE_CLOSED] = "closed",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TO(state) (1u << (state))

#define DECIDED                                                                         \
	(TO(AD_REQUEST_APPROVED) | TO(AD_REQUEST_REJECTED) | TO(AD_REQUEST_CANCELLED) | \
		TO(AD_REQUEST_EXPIRED))

/* Which states follow which. An approved request may be delivered at once: the app may stand in
 * Intune already. What is under way ends when its person leaves, and goes back to pending when the
 * decision is taken back. */
static const uint32_t arrows[AD_REQUEST_STATES] = {
	[AD_REQUEST_PENDING] = TO(AD_REQUEST_NEEDS_INFO) | DECIDED,
	[AD_REQUEST_NEEDS_INFO] = TO(AD_REQUEST_PENDING) | DECIDED,
	[AD_REQUEST_APPROVED] = TO(AD_REQUEST_PENDING) | TO(AD_REQUEST_FULFILLING) |
				TO(AD_REQUEST_DELIVERED) | TO(AD_REQUEST_FAILED) |
				TO(AD_REQUEST_CANCELLED),
	[AD_REQUEST_FULFILLING] = TO(AD_REQUEST_PENDING) | TO(AD_REQUEST_DELIVERED) |
				  TO(AD_REQUEST_FAILED) | TO(AD_REQUEST_CANCELLED),
	[AD_REQUEST_REJECTED] = TO(AD_REQUEST_PENDING),
	[AD_REQUEST_DRAFT] =
		TO(AD_REQUEST_PENDING) | TO(AD_REQUEST_APPROVED) | TO(AD_REQUEST_CANCELLED),
};

/* Index of name in names, or -1. */
static int find(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (ad_text_eq(names[i], name))
			return (int)i;
	return -1;
}

const char *ad_request_state_name(enum ad_request_state state)
{
	return request_states[state];
}

int ad_request_state_parse(const char *name, enum ad_request_state *ret)
{
	int i = find(request_states, COUNT(request_states), name);
	if (i < 0)
		return AD_EINVAL;
	*ret = (enum ad_request_state)i;
	return 0;
}

const char *ad_stage_state_name(enum ad_stage_state state)
{
	return stage_states[state];
}

int ad_stage_state_parse(const char *name, enum ad_stage_state *ret)
{
	int i = find(stage_states, COUNT(stage_states), name);
	if (i < 0)
		return AD_EINVAL;
	*ret = (enum ad_stage_state)i;
	return 0;
}

bool ad_request_open(enum ad_request_state state)
{
	return ad_request_undecided(state) || state == AD_REQUEST_APPROVED ||
	       state == AD_REQUEST_FULFILLING || state == AD_REQUEST_DRAFT;
}

bool ad_request_undecided(enum ad_request_state state)
{
	return state == AD_REQUEST_PENDING || state == AD_REQUEST_NEEDS_INFO;
}

bool ad_request_may_ask_for(const char *oid, bool is_admin, const char *manager_oid)
{
	return is_admin || (!ad_text_empty(manager_oid) && ad_text_eq(oid, manager_oid));
}

bool ad_request_may_become(enum ad_request_state from, enum ad_request_state to)
{
	return (arrows[from] & TO(to)) != 0;
}

enum ad_request_state ad_request_after(enum ad_request_state state, enum ad_fulfilment event)
{
	static const enum ad_request_state wanted[] = {
		[AD_FULFILMENT_STARTED] = AD_REQUEST_FULFILLING,
		[AD_FULFILMENT_STALLED] = AD_REQUEST_FULFILLING,
		[AD_FULFILMENT_DELIVERED] = AD_REQUEST_DELIVERED,
		[AD_FULFILMENT_GIVEN_UP] = AD_REQUEST_FAILED,
	};
	return ad_request_may_become(state, wanted[event]) ? wanted[event] : state;
}
