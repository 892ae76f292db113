/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts: what only the directory knows, fetched before the transaction (docs/adr/0005). Memberships
 * come from the cache while they are fresh; a use case that decides asks live. When the directory
 * is away, an older answer does for everything that decides nothing, and a directory that hangs is
 * waited for once in a turn. Called by a turn on its worker.
 */
#include "ad/clock.h"
#include "ad/desk/doctor.h"
#include "ad/text.h"
#include "turn.h"

#include <poll.h>

#define GRAPH_PATIENCE_MS 2000 /* waits between tries inside one turn */
#define STALE_MEMBERSHIP_S                                                    \
	INT64_C(86400) /* oldest answer that does while the directory is away \
			*/

/* What the directory says again unchanged is not written again so soon. */
#define RENEW_S 60

/* Waits between tries end with the turn's time for the directory. */
static bool pause_in_time(void *ctx, int64_t ms)
{
	const struct ad_turn *turn = ctx;
	if (ad_clock_mono_ms() + ms >= turn->directory_until_ms ||
		atomic_load(&turn->worker->bot->stopping))
		return false;
	(void)poll(NULL, 0, (int)ms);
	return true;
}

/* False when the turn's time for the directory is over: an earlier question has cost all of it. */
static bool reach(struct ad_turn *turn, struct ad_graph *ret, struct ad_err *err)
{
	const struct ad_bot_options *o = &turn->worker->bot->options;
	int64_t left_ms = turn->directory_until_ms - ad_clock_mono_ms();
	*ret = (struct ad_graph){
		.base_url = o->graph_base_url,
		.token = o->graph_token,
		.net = turn->worker->net,
		.allow_http_loopback = o->allow_http_loopback,
		.patience_ms = GRAPH_PATIENCE_MS,
		.total_ms = (int)left_ms,
		.pause = pause_in_time,
		.pause_ctx = turn,
	};
	if (left_ms > 0)
		return true;
	(void)AD_FAIL(err, AD_ETIMEOUT, "no time left for the directory");
	return false;
}

/* Decisions and what admins set in motion. */
static bool wants_live(enum ad_desk_use use)
{
	static const enum ad_desk_use uses[] = { AD_DESK_DECIDE, AD_DESK_BULK_DECIDE, AD_DESK_RETRY,
		AD_DESK_GIVE_UP, AD_DESK_ACCEPT_INSTALLER, AD_DESK_TAKE_JOB, AD_DESK_NOTICE_RETRY,
		AD_DESK_NOTICE_MAIL, AD_DESK_NOTICE_INSTALL, AD_DESK_FREEZE_CONFIRM,
		AD_DESK_UNFREEZE_CONFIRM, AD_DESK_PROPOSAL_ACCEPT, AD_DESK_PROPOSAL_REFUSE,
		AD_DESK_BRAKE_RELEASE, AD_DESK_SUGGESTION_PUBLISH, AD_DESK_SUGGESTION_HIDE,
		AD_DESK_SUGGESTION_REJECT, AD_DESK_VERDICT_ANSWER, AD_DESK_PRIVACY_DONE,
		AD_DESK_CHANNEL_HERE, AD_DESK_CHANNEL_OFF };
	for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
		if (uses[i] == use)
			return true;
	return false;
}

/* Since the directory was asked about the person; never: as long as can be. */
static int64_t synced_age_s(const struct ad_user *user)
{
	int64_t synced = 0;
	bool never = !user->synced_at || ad_clock_parse_iso(user->synced_at, &synced) != 0;
	return never ? INT64_MAX : ad_clock_unix_ms() / 1000 - synced;
}

/* Whether what we know of the person is new enough. Somebody who was enabled again does not wait
 * for a day. */
static bool is_fresh(const struct ad_turn *turn, const struct ad_user *user, bool disabled)
{
	int64_t max_s = disabled ? AD_BOT_MEMBERSHIP_CACHE_S : AD_BOT_PERSON_CACHE_S;
	return !wants_live(turn->intent.use) && synced_age_s(user) < max_s;
}

static bool is_same(const struct ad_user *a, const struct ad_user *b)
{
	return ad_text_eq(a->name, b->name) && ad_text_eq(a->mail, b->mail) &&
	       ad_text_eq(a->upn, b->upn) && ad_text_eq(a->state, b->state);
}

/* Name, mail and state as the directory has them, once a day. Its silence is no obstacle: the
 * activity brought a name. */
static int sync_person(struct ad_turn *turn, bool *ret_disabled, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	const struct ad_user *known = &turn->known;
	struct ad_graph graph;
	struct ad_graph_user found;
	*ret_disabled = false;
	if (turn->is_known) {
		turn->who.mail = known->mail;
		turn->who.name = ad_text_empty(known->name) ? turn->who.name : known->name;
		*ret_disabled = ad_text_eq(known->state, "disabled");
		if (is_fresh(turn, known, *ret_disabled))
			return 0;
	}
	if (!reach(turn, &graph, NULL) ||
		ad_graph_user_get(&graph, w->arena, turn->who.oid, &found, NULL) != 0)
		return 0;
	*ret_disabled = !found.enabled;
	turn->who.name = found.name;
	turn->who.mail = found.mail;
	const struct ad_user user = {
		.tenant_id = turn->desk.tenant_id,
		.oid = turn->who.oid,
		.name = found.name,
		.mail = found.mail,
		.upn = found.upn,
		.state = found.enabled ? "active" : "disabled",
	};
	if (turn->is_known && is_same(known, &user) && synced_age_s(known) < RENEW_S)
		return 0;
	return ad_store_user_synced(w->db, w->arena, &user, err);
}

/* What is remembered of the person in this group; NULL: nothing. */
static const struct ad_membership *find(const struct ad_membership_list *list, const char *group_id)
{
	for (size_t i = 0; i < list->count; i++)
		if (ad_text_eq(list->items[i].group_id, group_id))
			return &list->items[i];
	return NULL;
}

/* Asks the directory and remembers the answer. */
static int ask(struct ad_turn *turn, const char *group_id, bool *ret, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	struct ad_graph graph;
	int r = reach(turn, &graph, err)
			? ad_graph_is_member(&graph, w->arena, turn->who.oid, group_id, ret, err)
			: AD_ETIMEOUT;
	/* An unknown person is in no group; a group that is gone has no members. */
	if (r == AD_ENOTFOUND) {
		*ret = false;
		r = 0;
	}
	turn->directory_down = r != 0;
	if (r != 0)
		return r;
	const struct ad_membership *known = find(&turn->memberships, group_id);
	if (known && known->is_member == *ret && known->age_s < RENEW_S)
		return 0;
	const struct ad_membership_key key = { turn->desk.tenant_id, turn->who.oid, &group_id, 1 };
	return ad_store_memberships_put(w->db, w->arena, &key, &group_id, *ret ? 1 : 0, err);
}

/* known: what is remembered; NULL: nothing, or nothing that counts. */
static int membership(struct ad_turn *turn, const char *group_id, const struct ad_membership *known,
	bool *ret, struct ad_err *err)
{
	*ret = false;
	if (ad_text_empty(group_id))
		return 0; /* an empty setting denies */
	if (known && known->age_s < AD_BOT_MEMBERSHIP_CACHE_S) {
		*ret = known->is_member;
		return 0;
	}
	int r = ask(turn, group_id, ret, err);
	if (turn->directory_down && known && known->age_s < STALE_MEMBERSHIP_S) {
		turn->directory_down = false;
		*ret = known->is_member;
		return 0;
	}
	return r;
}

static int members(
	struct ad_turn *turn, const char *group_id, struct ad_people *ret, struct ad_err *err)
{
	struct ad_bot_worker *w = turn->worker;
	struct ad_graph graph;
	struct ad_graph_user *users = NULL;
	size_t count = 0;
	*ret = (struct ad_people){ 0 };
	if (ad_text_empty(group_id))
		return 0;
	int r = reach(turn, &graph, err) ? ad_graph_group_members(&graph, w->arena, group_id,
						   AD_BOT_APPROVERS_MAX, &users, &count, err)
					 : AD_ETIMEOUT;
	/* Of a larger group the first ones are asked; whoever is in it may decide (product E22). */
	bool answered = r == 0 || r == AD_ENOTFOUND || (r == AD_ETOOBIG && users);
	turn->directory_down = !answered;
	if (!answered)
		return r;
	struct ad_person *people = ad_alloc_array(w->arena, count ? count : 1, sizeof *people);
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (users[i].enabled)
			people[kept++] =
				(struct ad_person){ .oid = ad_text_lower(w->arena, users[i].oid),
					.name = users[i].name,
					.mail = users[i].mail,
					.locale = "" };
	}
	*ret = (struct ad_people){ .items = people, .count = kept };
	return 0;
}

/* The settings, and what is remembered of the person, in one round trip. */
static int recall(struct ad_turn *turn, struct ad_err *err)
{
	struct ad_desk *desk = &turn->desk;
	struct ad_store_later user;
	struct ad_store_later memberships;
	int r = ad_store_user_later(
		desk->db, desk->arena, desk->tenant_id, turn->who.oid, &user, err);
	if (r == 0)
		r = ad_store_memberships_later(
			desk->db, desk->arena, desk->tenant_id, turn->who.oid, &memberships, err);
	if (r == 0)
		r = ad_desk_settings_load(
			desk->db, desk->arena, desk->tenant_id, &desk->settings, err);
	if (r != 0)
		return r;
	turn->is_known = ad_store_user_came(&user, &turn->known);
	ad_store_memberships_came(desk->arena, &memberships, &turn->memberships);
	return 0;
}

/* Membership of a group that a setting names. */
static int set_membership(struct ad_turn *turn, const char *group_id, bool *ret, struct ad_err *err)
{
	const struct ad_membership *known =
		wants_live(turn->intent.use) ? NULL : find(&turn->memberships, group_id);
	return membership(turn, group_id, known, ret, err);
}

/* For an admin who asks how things are. That is told also when the directory does not answer: that
 * is one of them. */
static void look_around(struct ad_turn *turn)
{
	struct ad_bot_worker *w = turn->worker;
	const struct ad_bot_options *o = &w->bot->options;
	struct ad_graph graph;
	struct ad_err err = { 0 };
	if (turn->intent.use != AD_DESK_DOCTOR || !turn->who.is_admin)
		return;
	struct ad_desk_machine *machine = ad_alloc(w->arena, sizeof *machine);
	*machine = (struct ad_desk_machine){ .mail = "", .index_url = "", .work_dir = "" };
	o->look(o->look_ctx, w->arena, machine);
	if (reach(turn, &graph, &err))
		ad_desk_doctor_ask(&turn->desk, &graph, machine);
	turn->desk.machine = machine;
}

int ad_turn_facts(struct ad_turn *turn, struct ad_err *err)
{
	struct ad_desk *desk = &turn->desk;
	const struct ad_desk_settings *s = &desk->settings;
	unsigned needs = ad_desk_needs(turn->intent.use);
	turn->directory_down = turn->disabled = false;
	turn->who.is_user = turn->who.is_approver = turn->who.is_admin = false;
	int r = recall(turn, err);
	/* Our directory knows nothing of another tenant's people. */
	if (r != 0 || !ad_text_eq(desk->tenant_id, turn->worker->bot->options.tenant_id))
		return r;
	r = sync_person(turn, &turn->disabled, err);
	if (r != 0 || turn->disabled)
		return r;
	if (needs & AD_DESK_FACT_USER)
		r = set_membership(turn, s->user_group_id, &turn->who.is_user, err);
	if (r == 0 && needs & AD_DESK_FACT_APPROVER)
		r = set_membership(turn, s->approver_group_id, &turn->who.is_approver, err);
	if (r == 0 && needs & AD_DESK_FACT_ADMIN)
		r = set_membership(turn, s->admin_group_id, &turn->who.is_admin, err);
	if (r == 0 && needs & AD_DESK_FACT_APPROVERS)
		r = members(turn, s->approver_group_id, &desk->approvers, err);
	if (r == 0 && needs & AD_DESK_FACT_ADMINS)
		r = members(turn, s->admin_group_id, &desk->admins, err);
	if (r == 0)
		look_around(turn);
	return r;
}

/* A search comes with every letter and decides nothing: it asks for the groups of apps' audiences
 * as for its own, by the cache. Without an answer the person is in none of them. */
static int audience_facts(struct ad_turn *turn, struct ad_err *err)
{
	const char *group_id;
	while ((group_id = ad_desk_fact_wanted(&turn->desk, turn->who.oid))) {
		bool is_member = false;
		struct ad_membership_list cached = { 0 };
		const struct ad_membership_key key = { turn->desk.tenant_id, turn->who.oid,
			&group_id, 1 };
		int r = ad_store_memberships_get(
			turn->desk.db, turn->desk.arena, &key, &cached, err);
		if (r != 0)
			return r;
		r = membership(turn, group_id, find(&cached, group_id), &is_member, err);
		if (r != 0 && !turn->directory_down)
			return r;
		turn->directory_down = false;
		ad_fact_put_member(&turn->desk, turn->who.oid, group_id, is_member);
	}
	return 0;
}

int ad_turn_more_facts(struct ad_turn *turn, struct ad_err *err)
{
	if (turn->intent.kind == AD_INTENT_BROWSE)
		return audience_facts(turn, err);
	struct ad_graph graph;
	bool ours = ad_text_eq(turn->desk.tenant_id, turn->worker->bot->options.tenant_id);
	int r = ours ? 0
		     : AD_FAIL(err, AD_EDENIED, "another tenant's directory is not ours to ask");
	if (r == 0)
		r = reach(turn, &graph, err) ? ad_desk_gather(&turn->desk, &graph, err)
					     : AD_ETIMEOUT;
	turn->directory_down = r != 0;
	return r;
}
