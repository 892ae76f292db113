/* SPDX-License-Identifier: Apache-2.0 */
/* How the counter is: one small function for each line of the checklist. */
#include "doctor.h"
#include "policy_json.h"
#include "ad/graph.h"
#include "ad/store/audit.h"
#include "ad/store/ledger.h"
#include "ad/text.h"

#define HOUR_S INT64_C(3600)
#define DAY_S (24 * HOUR_S)
#define ENDS_SOON_DAYS 30 /* certificates */
#define ROUNDS_LATE 3     /* questions for the directory's news that may be missed */
#define TAIL_ROWS 1000    /* of the audit trail that are walked */
#define KEYS_OLD_S DAY_S  /* as the watch over them has it */
#define ROOM_GOOD 2       /* installers of the largest size that should have room */

const char *ad_check_state_name(enum ad_check_state state)
{
	static const char *const names[] = { "PASS", "WARN", "FAIL", "CLOUD" };
	return names[state];
}

/* ---- the directory, before the transaction ---- */

static const char *group_of(const struct ad_desk *desk, enum ad_desk_doctor_group group)
{
	const struct ad_desk_settings *s = &desk->settings;
	return group == AD_DOCTOR_USERS       ? s->user_group_id
	       : group == AD_DOCTOR_APPROVERS ? s->approver_group_id
					      : s->admin_group_id;
}

static int count_people(struct ad_desk *desk, const struct ad_graph *graph, const char *group_id,
	size_t *ret, struct ad_err *err)
{
	struct ad_graph_user *users = NULL;
	size_t count = 0;
	*ret = 0;
	int e = ad_graph_group_members(
		graph, desk->arena, group_id, AD_DOCTOR_PEOPLE_MAX, &users, &count, err);
	if (e == AD_ENOTFOUND) /* a group that is gone has nobody */
		return 0;
	for (size_t i = 0; users && i < count; i++)
		*ret += users[i].enabled;
	return e == AD_ETOOBIG && users ? 0 : e;
}

static void ask_for_devices(
	struct ad_desk *desk, const struct ad_graph *graph, struct ad_desk_machine *machine)
{
	struct ad_err err = { 0 };
	int e = ad_graph_devices_allowed(graph, desk->arena, &err);
	machine->devices_denied = e == AD_EDENIED;
	machine->devices_error =
		e == 0 || machine->devices_denied ? NULL : ad_strdup(desk->arena, err.text);
}

void ad_desk_doctor_ask(
	struct ad_desk *desk, const struct ad_graph *graph, struct ad_desk_machine *machine)
{
	struct ad_err err = { 0 };
	int e = 0;
	machine->asked = true;
	for (int i = 0; e == 0 && i < AD_DOCTOR_GROUPS; i++) {
		const char *group_id = group_of(desk, (enum ad_desk_doctor_group)i);
		if (!ad_text_empty(group_id))
			e = count_people(desk, graph, group_id, &machine->people[i], &err);
	}
	machine->directory_error = e == 0 ? NULL : ad_strdup(desk->arena, err.text);
	if (e == 0)
		ask_for_devices(desk, graph, machine);
}

/* ---- lines ---- */

static int found(struct ad_round *round, enum ad_check_state state, const char *key)
{
	round->state = state;
	round->key = key;
	return 0;
}

static void set_time(struct ad_round *round, const char *iso)
{
	ad_json_set_str(round->desk->arena, round->data, "since",
		ad_words_time(round->desk, round->locale, iso));
}

static void set_error(struct ad_round *round, const char *error)
{
	ad_json_set_str(round->desk->arena, round->data, "error",
		ad_words_cut(round->desk, error, AD_SHOWN_MAX));
}

static int check_database(struct ad_round *round)
{
	ad_json_set_int(round->desk->arena, round->data, "number", round->rows.schema);
	return found(round, AD_CHECK_PASS, "doctor.database.pass");
}

static int check_directory(struct ad_round *round)
{
	const struct ad_desk_machine *m = round->desk->machine;
	if (!m->asked)
		return found(round, AD_CHECK_WARN, "doctor.directory.unasked");
	if (!m->directory_error)
		return found(round, AD_CHECK_PASS, "doctor.directory.pass");
	set_error(round, m->directory_error);
	return found(round, AD_CHECK_FAIL, "doctor.directory.fail");
}

static int check_sync(struct ad_round *round)
{
	int64_t every_s = round->desk->machine->directory_every_s;
	int64_t age_s = round->rows.synced_age_s;
	if (age_s < 0)
		return found(round, AD_CHECK_WARN, "doctor.sync.never");
	set_time(round, round->rows.synced_at);
	if (age_s > DAY_S)
		return found(round, AD_CHECK_FAIL, "doctor.sync.old");
	return age_s > ROUNDS_LATE * every_s + AD_CHECKUP_SLOW_S
		       ? found(round, AD_CHECK_WARN, "doctor.sync.old")
		       : found(round, AD_CHECK_PASS, "doctor.sync.pass");
}

static int check_group(struct ad_round *round, enum ad_desk_doctor_group group, const char *setting)
{
	const struct ad_desk_machine *m = round->desk->machine;
	ad_json_set_str(round->desk->arena, round->data, "setting", setting);
	ad_json_set_int(round->desk->arena, round->data, "count", (int64_t)m->people[group]);
	if (ad_text_empty(group_of(round->desk, group)))
		return found(round, AD_CHECK_FAIL, "doctor.group.empty");
	if (!m->asked || m->directory_error)
		return found(round, AD_CHECK_WARN, "doctor.group.unknown");
	return m->people[group] == 0 ? found(round, AD_CHECK_FAIL, "doctor.group.nobody")
				     : found(round, AD_CHECK_PASS, "doctor.group.pass");
}

static int check_users(struct ad_round *round)
{
	return check_group(round, AD_DOCTOR_USERS, "UserAccessGroupId");
}

static int check_approvers(struct ad_round *round)
{
	return check_group(round, AD_DOCTOR_APPROVERS, "ApproverGroupId");
}

static int check_admins(struct ad_round *round)
{
	return check_group(round, AD_DOCTOR_ADMINS, "AdminGroupId");
}

static int check_outbox(struct ad_round *round)
{
	struct ad_desk *desk = round->desk;
	struct ad_ledger_counts counts;
	int e = ad_store_ledger_count(desk->db, desk->arena, &counts, round->err);
	if (e != 0)
		return e;
	if (round->rows.waiting > 0) {
		ad_json_set_int(desk->arena, round->data, "count", round->rows.waiting);
		set_time(round, round->rows.waiting_since);
		return found(round,
			round->rows.waiting_age_s > HOUR_S ? AD_CHECK_FAIL : AD_CHECK_WARN,
			"doctor.outbox.waiting");
	}
	ad_json_set_int(desk->arena, round->data, "count", counts.dead + counts.ambiguous);
	return counts.dead + counts.ambiguous > 0
		       ? found(round, AD_CHECK_WARN, "doctor.outbox.undelivered")
		       : found(round, AD_CHECK_PASS, "doctor.outbox.pass");
}

static int check_jobs(struct ad_round *round)
{
	if (round->rows.due_age_s >= 0) {
		set_time(round, round->rows.due_since);
		return found(round, round->rows.due_age_s > HOUR_S ? AD_CHECK_FAIL : AD_CHECK_WARN,
			"doctor.jobs.late");
	}
	ad_json_set_int(round->desk->arena, round->data, "count", round->rows.stuck);
	return round->rows.stuck > 0 ? found(round, AD_CHECK_WARN, "doctor.jobs.stuck")
				     : found(round, AD_CHECK_PASS, "doctor.jobs.pass");
}

static int check_index(struct ad_round *round)
{
	int64_t max_days = round->desk->machine->index_max_age_days;
	if (round->rows.index_age_s < 0)
		return found(round, AD_CHECK_WARN, "doctor.index.never");
	set_time(round, round->rows.index_at);
	ad_json_set_str(round->desk->arena, round->data, "version", round->rows.index_version);
	ad_json_set_int(round->desk->arena, round->data, "days", max_days);
	return round->rows.index_age_s > max_days * DAY_S
		       ? found(round, AD_CHECK_WARN, "doctor.index.old")
		       : found(round, AD_CHECK_PASS, "doctor.index.pass");
}

static int check_mail(struct ad_round *round)
{
	const char *mail = round->desk->machine->mail;
	if (ad_text_empty(mail))
		return found(round, AD_CHECK_WARN, "doctor.mail.off");
	ad_json_set_str(round->desk->arena, round->data, "transport", mail);
	return found(round, AD_CHECK_PASS, "doctor.mail.pass");
}

/* Nothing to be said where nobody wants to know them. */
static int check_devices(struct ad_round *round)
{
	const struct ad_desk_machine *m = round->desk->machine;
	const struct ad_policy *policies;
	size_t count;
	bool demanded = false;
	int e = ad_policies_active(round->desk, &policies, &count, round->err);
	for (size_t i = 0; e == 0 && i < count; i++)
		demanded |= policies[i].require_compliant_device;
	if (e != 0 || (!demanded && !round->desk->settings.offer_devices))
		return e;
	if (!m->asked || m->directory_error)
		return found(round, AD_CHECK_WARN, "doctor.devices.unknown");
	enum ad_check_state bad = demanded ? AD_CHECK_FAIL : AD_CHECK_WARN;
	if (m->devices_denied)
		return found(
			round, bad, demanded ? "doctor.devices.demanded" : "doctor.devices.denied");
	if (!m->devices_error)
		return found(round, AD_CHECK_PASS, "doctor.devices.pass");
	set_error(round, m->devices_error);
	return found(round, bad, "doctor.devices.fail");
}

static int check_credential(struct ad_round *round, const struct ad_desk_credential *credential)
{
	int64_t days = credential->certificate_s / DAY_S;
	ad_json_set_int(round->desk->arena, round->data, "days", days);
	if (credential->error) {
		set_error(round, credential->error);
		return found(round, AD_CHECK_FAIL, "doctor.credential.fail");
	}
	if (credential->certificate_s < 0)
		return found(round, AD_CHECK_FAIL, "doctor.credential.ended");
	if (credential->certificate_s > 0)
		return days < ENDS_SOON_DAYS
			       ? found(round, AD_CHECK_WARN, "doctor.credential.ends")
			       : found(round, AD_CHECK_PASS, "doctor.credential.days");
	return credential->is_secret ? found(round, AD_CHECK_CLOUD, "doctor.credential.secret")
				     : found(round, AD_CHECK_PASS, "doctor.credential.pass");
}

static int check_bot(struct ad_round *round)
{
	return check_credential(round, &round->desk->machine->bot);
}

static int check_graph(struct ad_round *round)
{
	return check_credential(round, &round->desk->machine->graph);
}

/* On the command line nobody holds them. */
static int check_keys(struct ad_round *round)
{
	const struct ad_desk_machine *m = round->desk->machine;
	if (!m->knows_keys)
		return 0;
	if (!m->keys_error)
		return found(round, AD_CHECK_PASS, "doctor.keys.pass");
	set_error(round, m->keys_error);
	return found(round, m->keys_age_s > KEYS_OLD_S ? AD_CHECK_FAIL : AD_CHECK_WARN,
		"doctor.keys.old");
}

static int check_tls(struct ad_round *round)
{
	int64_t left_s = round->desk->machine->tls_s;
	if (left_s == 0)
		return 0;
	ad_json_set_int(round->desk->arena, round->data, "days", left_s / DAY_S);
	if (left_s < 0)
		return found(round, AD_CHECK_FAIL, "doctor.tls.ended");
	return left_s < ENDS_SOON_DAYS * DAY_S ? found(round, AD_CHECK_WARN, "doctor.tls.ends")
					       : found(round, AD_CHECK_PASS, "doctor.tls.pass");
}

static int check_audit(struct ad_round *round)
{
	struct ad_desk *desk = round->desk;
	struct ad_audit_verdict verdict;
	int e = ad_store_audit_verify_tail(
		desk->db, desk->arena, desk->tenant_id, TAIL_ROWS, &verdict, round->err);
	if (e != 0)
		return e;
	ad_json_set_int(desk->arena, round->data, "seq",
		verdict.intact ? verdict.rows : verdict.broken_seq);
	ad_json_set_str(desk->arena, round->data, "error", verdict.intact ? "" : verdict.reason);
	return verdict.intact ? found(round, AD_CHECK_PASS, "doctor.audit.pass")
			      : found(round, AD_CHECK_FAIL, "doctor.audit.broken");
}

static int check_freeze(struct ad_round *round)
{
	return round->desk->settings.frozen ? found(round, AD_CHECK_WARN, "doctor.freeze.on")
					    : found(round, AD_CHECK_PASS, "doctor.freeze.pass");
}

static int check_room(struct ad_round *round)
{
	const struct ad_desk_machine *m = round->desk->machine;
	struct ad_arena *arena = round->desk->arena;
	ad_json_set_str(arena, round->data, "folder", m->work_dir);
	ad_json_set_int(arena, round->data, "free", m->free_bytes >> 20);
	ad_json_set_int(arena, round->data, "wanted", (ROOM_GOOD * m->installer_bytes) >> 20);
	if (m->disk_error) {
		set_error(round, m->disk_error);
		return found(round, AD_CHECK_FAIL, "doctor.room.fail");
	}
	if (m->free_bytes < m->installer_bytes)
		return found(round, AD_CHECK_FAIL, "doctor.room.low");
	return m->free_bytes < ROOM_GOOD * m->installer_bytes
		       ? found(round, AD_CHECK_WARN, "doctor.room.low")
		       : found(round, AD_CHECK_PASS, "doctor.room.pass");
}

static int check_readers(struct ad_round *round)
{
	const char *error = round->desk->machine->readers_error;
	if (!error)
		return found(round, AD_CHECK_PASS, "doctor.readers.pass");
	set_error(round, error);
	return found(round, AD_CHECK_FAIL, "doctor.readers.fail");
}

static int check_cloud(struct ad_round *round)
{
	return found(round, AD_CHECK_CLOUD,
		round->desk->machine->is_local ? "doctor.cloud.local" : "doctor.cloud.real");
}

/* ---- the list ---- */

static const struct {
	const char *name;
	int (*look)(struct ad_round *round);
} checks[] = {
	{ "database", check_database },
	{ "directory", check_directory },
	{ "sync", check_sync },
	{ "users", check_users },
	{ "approvers", check_approvers },
	{ "admins", check_admins },
	{ "outbox", check_outbox },
	{ "jobs", check_jobs },
	{ "index", check_index },
	{ "devices", check_devices },
	{ "mail", check_mail },
	{ "bot", check_bot },
	{ "graph", check_graph },
	{ "keys", check_keys },
	{ "tls", check_tls },
	{ "audit", check_audit },
	{ "freeze", check_freeze },
	{ "room", check_room },
	{ "readers", check_readers },
	{ "cloud", check_cloud },
};
#define CHECKS (sizeof checks / sizeof checks[0])

static int say(struct ad_round *round, const char *name, struct ad_check *ret)
{
	struct ad_desk *desk = round->desk;
	ret->name = name;
	ret->state = round->state;
	int e = ad_words(desk, round->locale, ad_printf(desk->arena, "doctor.%s", name), NULL,
		&ret->title, round->err);
	return e == 0 ? ad_words(desk, round->locale, round->key, round->data, &ret->text,
				round->err)
		      : e;
}

int ad_desk_doctor_look(struct ad_desk *desk, const char *locale, struct ad_check **ret,
	size_t *ret_count, struct ad_err *err)
{
	AD_ASSERT(ad_db_in_transaction(desk->db) && desk->machine);
	struct ad_round round = { .desk = desk, .locale = locale, .err = err };
	struct ad_check *found_checks = ad_alloc_array(desk->arena, CHECKS, sizeof *found_checks);
	size_t count = 0;
	int e = ad_store_checkup(
		desk->db, desk->arena, desk->tenant_id, desk->machine->index_url, &round.rows, err);
	for (size_t i = 0; e == 0 && i < CHECKS; i++) {
		round.key = NULL;
		round.data = ad_json_new_object(desk->arena);
		e = checks[i].look(&round);
		if (e == 0 && round.key) /* what is not there has no line */
			e = say(&round, checks[i].name, &found_checks[count++]);
	}
	*ret = found_checks;
	*ret_count = count;
	return e;
}
