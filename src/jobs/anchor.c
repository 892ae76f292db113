/* SPDX-License-Identifier: Apache-2.0 */
/* The kind `anchor`: once a day the end of the trail is written into the log, which is kept
 * elsewhere: `appdesk audit verify --anchor` then finds a trail that was made anew by whoever owns
 * the database. */
#include "kit.h"

#include "ad/log.h"
#include "ad/store/audit.h"
#include "ad/text.h"

#define EVERY_MS (INT64_C(24) * 3600 * 1000)

extern const struct ad_job_kind ad_job_kind_anchor;

static int note(struct ad_job_run *run, struct ad_json *result, struct ad_err *err)
{
	int64_t seq;
	struct ad_bytes hash;
	(void)result;
	int r = ad_store_audit_end(run->db, run->arena, run->job.tenant_id, &seq, &hash, err);
	if (r < 0)
		return r;
	if (seq > 0)
		ad_log(AD_LOG_INFO, "jobs", "anchor of the audit trail", "tenant",
			run->job.tenant_id, "anchor",
			ad_printf(run->arena, "%lld:%s", (long long)seq,
				ad_hex(run->arena, hash.data, hash.len)),
			NULL);
	run->later_ms = EVERY_MS;
	return AD_JOB_LATER;
}

static const struct ad_job_step_spec steps[] = {
	{ "note", NULL, note, NULL },
};

const struct ad_job_kind ad_job_kind_anchor = {
	.name = "anchor",
	.is_short = true,
	.is_standing = true,
	.steps = steps,
	.steps_count = sizeof(steps) / sizeof(steps[0]),
	AD_JOB_UPKEEP,
};
