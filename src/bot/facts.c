/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts: what only the directory knows, fetched before the transaction (docs/adr/0005). Memberships
 * come from the cache while they are fresh; a use case that decides asks live. When the directory
 * is away, an older answer does for everything that decides nothing. Called by a turn on its
 * worker.
 */
#include "ad/clock.h"
#include "ad/store/groups.h"
#include "ad/store/users.h"
#include "ad/text.h"
#include "turn.h"

#define GRAPH_PATIENCE_MS 2000 /* waits between tries inside one turn */
#define STALE_MEMBERSHIP_S                                                    \
	INT64_C(86400) /* oldest answer that does while the directory is away \
			*/

static struct ad_graph graph_of(const struct ad_bot_worker *worker)
{
	const struct ad_bot_options *o = &worker->bot->options;
	return (struct ad_graph){
		.base_url = o->graph_base_url,
		.token = o->graph_token,
		.net = worker->net,
		.allow_http_loopback = o->allow_http_loopback,
		.patience_ms = GRAPH_PATIENCE_MS,
	};
}

/* Decisions and what admins set in motion. */
static bool wants_live(enum ad_desk_use use)
{
	return use == AD_DESK_DECIDE || use == AD_DESK_RETRY || use == AD_DESK_GIVE_UP;
}

/* Name and mail as the directory has them, once a day. Its silence is no obstacle: the activity
 * brought a name. */
static int sync_person(struct ad_turn *turn, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	struct ad_user user;
	struct ad_graph_user found;
	int64_t synced = 0;
	int r = ad_store_user_get(w->db, w->arena, turn->desk.tenant_id, turn->who.oid, &user, err);
	if (r != 0 && r != AD_ENOTFOUND)
		return r;
	if (r == 0) {
		turn->who.mail = user.mail;
		turn->who.name = ad_text_empty(user.name) ? turn->who.name : user.name;
		if (user.synced_at && ad_clock_parse_iso(user.synced_at, &synced) == 0 &&
			ad_clock_unix_ms() / 1000 - synced < AD_BOT_PERSON_CACHE_S)
			return 0;
	}
	struct ad_graph graph = graph_of(w);
	struct ad_err quiet = { 0 };
	if (ad_graph_user_get(&graph, w->arena, turn->who.oid, &found, &quiet) != 0)
		return 0;
	turn->who.name = found.name;
	turn->who.mail = found.mail;
	user = (struct ad_user){
		.tenant_id = turn->desk.tenant_id,
		.oid = turn->who.oid,
		.name = found.name,
		.mail = found.mail,
		.upn = found.upn,
		.state = found.enabled ? "active" : "disabled",
	};
	return ad_store_user_synced(w->db, w->arena, &user, err);
}

/* Asks the directory and remembers the answer. */
static int ask(struct ad_turn *turn, const char *group_id, bool *ret, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	struct ad_graph graph = graph_of(w);
	int r = ad_graph_is_member(&graph, w->arena, turn->who.oid, group_id, ret, err);
	/* An unknown person is in no group; a group that is gone has no members. */
	if (r == AD_ENOTFOUND) {
		*ret = false;
		r = 0;
	}
	if (r != 0)
		return r;
	const struct ad_membership_key key = { turn->desk.tenant_id, turn->who.oid, &group_id, 1 };
	return ad_store_memberships_put(w->db, w->arena, &key, &group_id, *ret ? 1 : 0, err);
}

static int membership(struct ad_turn *turn, const char *group_id, bool *ret, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	struct ad_membership_list cached = { 0 };
	const struct ad_membership_key key = { turn->desk.tenant_id, turn->who.oid, &group_id, 1 };
	*ret = false;
	if (ad_text_empty(group_id))
		return 0; /* an empty setting denies */
	bool live = wants_live(turn->intent.use);
	int r = live ? 0 : ad_store_memberships_get(w->db, w->arena, &key, &cached, err);
	if (r != 0)
		return r;
	const struct ad_membership *known = cached.count > 0 ? &cached.items[0] : NULL;
	if (known && known->age_s < AD_BOT_MEMBERSHIP_CACHE_S) {
		*ret = known->is_member;
		return 0;
	}
	r = ask(turn, group_id, ret, err);
	if (r != 0 && known && known->age_s < STALE_MEMBERSHIP_S) {
		*ret = known->is_member;
		return 0;
	}
	return r;
}

static int members(
	struct ad_turn *turn, const char *group_id, struct ad_people *ret, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	struct ad_graph graph = graph_of(w);
	struct ad_graph_user *users = NULL;
	size_t count = 0;
	*ret = (struct ad_people){ 0 };
	if (ad_text_empty(group_id))
		return 0;
	int r = ad_graph_group_members(
		&graph, w->arena, group_id, AD_BOT_APPROVERS_MAX, &users, &count, err);
	if (r == AD_ENOTFOUND)
		return 0;
	if (r != 0)
		return r;
	struct ad_person *people = ad_alloc_array(w->arena, count ? count : 1, sizeof *people);
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (users[i].enabled)
			people[kept++] = (struct ad_person){ .oid = users[i].oid,
				.name = users[i].name,
				.mail = users[i].mail,
				.locale = "" };
	}
	*ret = (struct ad_people){ .items = people, .count = kept };
	return 0;
}

int ad_turn_facts(struct ad_turn *turn, struct ad_err *err)
{
	struct ad_desk *desk = &turn->desk;
	const struct ad_desk_settings *s = &desk->settings;
	unsigned needs = ad_desk_needs(turn->intent.use);
	int r = ad_desk_settings_load(desk->db, desk->arena, desk->tenant_id, &desk->settings, err);
	if (r == 0)
		r = sync_person(turn, err);
	if (r == 0 && needs & AD_DESK_FACT_USER)
		r = membership(turn, s->user_group_id, &turn->who.is_user, err);
	if (r == 0 && needs & AD_DESK_FACT_APPROVER)
		r = membership(turn, s->approver_group_id, &turn->who.is_approver, err);
	if (r == 0 && needs & AD_DESK_FACT_ADMIN)
		r = membership(turn, s->admin_group_id, &turn->who.is_admin, err);
	if (r == 0 && needs & AD_DESK_FACT_APPROVERS)
		r = members(turn, s->approver_group_id, &desk->approvers, err);
	if (r == 0 && needs & AD_DESK_FACT_ADMINS)
		r = members(turn, s->admin_group_id, &desk->admins, err);
	return r;
}
