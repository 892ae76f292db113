/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of jobs of the program: one row each. */
#include "ad/jobs/kind.h"

extern const struct ad_job_kind ad_job_kind_birthright;
extern const struct ad_job_kind ad_job_kind_candidates;
extern const struct ad_job_kind ad_job_kind_delegation;
extern const struct ad_job_kind ad_job_kind_escalation;
extern const struct ad_job_kind ad_job_kind_grant;
extern const struct ad_job_kind ad_job_kind_anchor;
extern const struct ad_job_kind ad_job_kind_directory;
extern const struct ad_job_kind ad_job_kind_drift;
extern const struct ad_job_kind ad_job_kind_news;
extern const struct ad_job_kind ad_job_kind_notice;
extern const struct ad_job_kind ad_job_kind_package;
extern const struct ad_job_kind ad_job_kind_privacy;
extern const struct ad_job_kind ad_job_kind_proposal;
extern const struct ad_job_kind ad_job_kind_person;
extern const struct ad_job_kind ad_job_kind_suggestion;
extern const struct ad_job_kind ad_job_kind_watch;
extern const struct ad_job_kind ad_job_kind_stage;

const struct ad_job_kind *const ad_job_kinds[] = {
	&ad_job_kind_birthright,
	&ad_job_kind_candidates,
	&ad_job_kind_delegation,
	&ad_job_kind_escalation,
	&ad_job_kind_grant,
	&ad_job_kind_anchor,
	&ad_job_kind_directory,
	&ad_job_kind_drift,
	&ad_job_kind_news,
	&ad_job_kind_notice,
	&ad_job_kind_package,
	&ad_job_kind_privacy,
	&ad_job_kind_proposal,
	&ad_job_kind_person,
	&ad_job_kind_suggestion,
	&ad_job_kind_watch,
	&ad_job_kind_stage,
};
const size_t ad_job_kinds_count = sizeof(ad_job_kinds) / sizeof(ad_job_kinds[0]);
