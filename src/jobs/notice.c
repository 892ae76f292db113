/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind `notice`: something is done about a notice whose person Teams does not reach. One step:
 * its outside work installs the app where that may help; what is then tried, and who is told, is
 * decided and written in the transaction that ends the job. The notice waits for it
 * (ad_ledger_is_waiting); whoever has moved the row on meanwhile (an admin, the person's return)
 * has won.
 */
#include "kit.h"

#include "ad/db.h"
#include "ad/log.h"
#include "ad/store/convs.h"
#include "ad/store/ledger.h"
#include "ad/store/users.h"
#include "ad/text.h"

#define PATIENT_ATTEMPTS 3 /* with a directory that is away, before it is done without */

extern const struct ad_job_kind ad_job_kind_notice;

/* Of this claim. */
struct notice {
	struct ad_desk desk;
	struct ad_graph graph;
	struct ad_ledger_entry entry;
	bool is_moot; /* somebody else has dealt with it */
	struct ad_desk_fallback fallback;
};

static int open_notice(struct ad_job_run *run, struct ad_err *err)
{
	struct notice *notice = ad_alloc(run->arena, sizeof(*notice));
	run->state = notice;
	notice->desk = ad_job_desk(run);
	notice->graph = ad_job_graph(run);
	notice->fallback =
		(struct ad_desk_fallback){ .notice_id = ad_json_int(run->payload, "outbox", 0),
			.install_error = "" };
	int r = ad_store_ledger_get(run->db, run->arena, run->job.tenant_id,
		notice->fallback.notice_id, &notice->entry, err);
	notice->is_moot = r == AD_ENOTFOUND || !ad_ledger_is_waiting(&notice->entry);
	return r == AD_ENOTFOUND ? 0 : r;
}

/* What passes is waited for a few times; then the notice goes on without. */
static int forgive(const struct ad_job_run *run, int r, const struct ad_err *err)
{
	bool passes = r == AD_EBUSY ||
		      (err->class == AD_CLASS_TRANSIENT && run->job.attempts < PATIENT_ATTEMPTS);
	return r < 0 && passes ? r : 0;
}

/* Name and address, for people who never wrote. */
static int sync_person(struct ad_job_run *run, struct ad_err *err)
{
	struct notice *notice = run->state;
	const struct ad_ledger_entry *entry = &notice->entry;
	struct ad_graph_user found;
	if (ad_conv_is_channel(entry->recipient_oid) ||
		(!ad_text_empty(entry->mail) && !ad_text_empty(entry->name)))
		return 0;
	int r = ad_graph_user_get(&notice->graph, run->arena, entry->recipient_oid, &found, err);
	if (r < 0)
		return forgive(run, r, err);
	const struct ad_user user = { .tenant_id = entry->tenant_id,
		.oid = entry->recipient_oid,
		.name = found.name,
		.mail = found.mail,
		.upn = found.upn,
		.state = found.enabled ? "active" : "disabled" };
	return ad_store_user_synced(run->db, run->arena, &user, err);
}

/* Where it is missing, never where the person does not want it; an admin's wish stands above. */
static bool wants_install(const struct ad_job_run *run, const struct ad_ledger_entry *entry)
{
	if (ad_text_empty(run->options->install_app) || ad_conv_is_channel(entry->recipient_oid))
		return false;
	if (ad_text_eq(ad_json_str(run->payload, "wish"), "install"))
		return true;
	/* Each way is tried once; a mail comes after this one. */
	if (!ad_text_empty(ad_json_str(run->payload, "tried")) ||
		ad_text_eq(entry->reference_state, "blocked"))
		return false;
	return !ad_text_eq(entry->reference_error, AD_CONV_REMOVED_BY_PERSON);
}

static int install(struct ad_job_run *run, struct ad_err *err)
{
	struct notice *notice = run->state;
	struct ad_err why = { 0 };
	if (!wants_install(run, &notice->entry))
		return 0;
	int r = ad_graph_install_app(&notice->graph, run->arena, notice->entry.recipient_oid,
		run->options->install_app, &why);
	notice->fallback.is_installed = r == 0;
	if (r == 0)
		return 0;
	notice->fallback.install_error = ad_strdup(run->arena, why.text);
	r = forgive(run, r, &why);
	if (r == 0)
		ad_log_err(AD_LOG_WARN, "jobs", "the Teams app could not be installed", &why,
			"person", notice->entry.recipient_oid, NULL);
	else if (err)
		*err = why;
	return r;
}

static int look_up(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct notice *notice = run->state;
	struct ad_err room;
	struct ad_err *e = err ? err : &room;
	(void)result;
	if (notice->is_moot)
		return 0;
	int r = sync_person(run, e);
	if (r == 0)
		r = install(run, e);
	if (r == 0 && !notice->fallback.is_installed)
		r = forgive(run, ad_job_look_up_admins(run, &notice->graph, &notice->desk, e), e);
	return r;
}

static int decide(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	struct notice *notice = run->state;
	(void)result;
	ad_desk_restart(&notice->desk); /* a repeated transaction begins anew */
	int r = notice->is_moot ? 0 : ad_desk_fallback(&notice->desk, &notice->fallback, err);
	ad_job_hand_over(run, &notice->desk);
	return r;
}

/* Nothing may wait for a job that is at rest. */
static int give_up(struct ad_job_run *run, const struct ad_job_end *end, struct ad_err *err)
{
	const struct notice *notice = run->state;
	if (end->state != AD_JOB_FAILED || !notice || notice->is_moot)
		return 0;
	return ad_store_ledger_settle(
		run->db, run->arena, notice->fallback.notice_id, "none", end->err->text, err);
}

static const struct ad_job_step_spec steps[] = {
	{ "fallback", look_up, decide, NULL },
};

const struct ad_job_kind ad_job_kind_notice = {
	.name = AD_JOB_NOTICE,
	.is_short = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	.open = open_notice,
	.failed = give_up,
};
