/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs: what admins see of them and do about them, and what jobs report of an app. Inside the
 * caller's transaction; worker threads.
 */
#ifndef AD_DESK_JOBS_H
#define AD_DESK_JOBS_H

#include "ad/desk.h"
#include "ad/domain/trust.h"

/* ---- admins ---- */

/* Those that are open, with step and age. */
AD_MUST int ad_desk_jobs(struct ad_desk *desk, const struct ad_person *who,
	struct ad_desk_reply *ret, struct ad_err *err);
/* One of them, with its log. */
AD_MUST int ad_desk_job(struct ad_desk *desk, const struct ad_person *who, int64_t number,
	struct ad_desk_reply *ret, struct ad_err *err);
/* The failed job is queued again; it resumes at its failed step. */
AD_MUST int ad_desk_retry_job(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* The failed job stays as it is and the waiting requests end as failed, with the admin's reason. */
AD_MUST int ad_desk_give_up_job(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* The installer that the job waits about is within the app's rule from now on, and the job goes on.
 * Not by who waits for the app. (To give such a job up keeps the installer out.) */
AD_MUST int ad_desk_accept_installer(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);
/* The stuck job is this admin's from now on; everybody's card says so. */
AD_MUST int ad_desk_take_job(struct ad_desk *desk, const struct ad_person *who,
	const struct ad_desk_press *press, struct ad_desk_reply *ret, struct ad_err *err);

/* ---- what jobs report, in the transaction of the step ---- */

struct ad_desk_job_report {
	int64_t job_id;
	int64_t app_id;
	const char *step; /* that works or failed */
	enum ad_job_state
		state; /* failed: what the job is now: retry_wait, waiting_upstream, failed */
	int attempts;  /* failed: so far */
	const char *error_text;       /* failed: shown to admins as it is */
	const char *error_name;       /* failed: ad_err_code_name(); no secret is in either */
	const struct ad_trust *trust; /* of the installer: delivered: what may be learnt; failed:
				       * what an admin has to decide about; or NULL */
	const char *app_version;      /* delivered */
	const char *intune_app_id;    /* delivered */
	const char *const *people; /* delivered: object ids that the job has put into the group */
	size_t people_count;
};

/* The job works (again): admins who hold its card see the step. Cheap when nobody does. */
AD_MUST int ad_desk_job_progress(
	struct ad_desk *desk, const struct ad_desk_job_report *report, struct ad_err *err);
/* What failed has gone well after all: admins who were told see it on their card, and hear anew of
 * the next failure. Cheap when nobody was told. */
AD_MUST int ad_desk_job_recovered(struct ad_desk *desk, int64_t job_id, struct ad_err *err);
/* Version row, and for each waiting request of the report's people: grant, state delivered, audit,
 * "is ready", receipt. ret_left counts waiting requests of others, approved meanwhile: the job puts
 * those people into the group as well and reports again. Call it with the job's row held. */
AD_MUST int ad_desk_job_delivered(struct ad_desk *desk, const struct ad_desk_job_report *report,
	size_t *ret_left, struct ad_err *err);
/* One card per job and admin, changed in place when it fails again; a softer word to who waits,
 * once. Writes the audit rows job.failed and, for an error named "integrity", integrity.failed. */
AD_MUST int ad_desk_job_failed(
	struct ad_desk *desk, const struct ad_desk_job_report *report, struct ad_err *err);

/* In the transaction of a job of kind "escalation": when the other job still fails and nobody was
 * called since it does, the admin on call is (else all admins), and every card of it says so. Audit
 * row job.escalated. May want facts. */
AD_MUST int ad_desk_job_escalate(struct ad_desk *desk, int64_t job_id, struct ad_err *err);

/* The people whose requests of the app wait for delivery, so that a job can put them into the
 * group: object ids, at most once each, and no more than there are seats. */
AD_MUST int ad_desk_waiting_people(struct ad_desk *desk, int64_t app_id, const char *const **ret,
	size_t *ret_count, struct ad_err *err);

#endif
