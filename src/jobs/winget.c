/* SPDX-License-Identifier: Apache-2.0 */
/* The WinGet source as jobs ask it, and the mark that whoever asks it keeps. */
#include "kit.h"

#include "ad/clock.h"
#include "ad/file.h"
#include "ad/jobs/packaging.h"
#include "ad/store/sources.h"

#define MARK_TRIES_MAX 8

static bool keep_going(void *context, uint64_t done, uint64_t total)
{
	(void)done;
	(void)total;
	return ad_job_keep_going(context);
}

int ad_packaging_mark(struct ad_db *db, struct ad_arena *arena, const char *base_url,
	const char **ret_version, struct ad_err *err)
{
	*ret_version = NULL;
	int r = ad_store_source_highest(db, arena, base_url, ret_version, err);
	return r == AD_ENOTFOUND ? 0 : r;
}

int ad_packaging_accepted(struct ad_db *db, struct ad_arena *arena, const char *base_url,
	const char *version, struct ad_err *err)
{
	for (int i = 0; i < MARK_TRIES_MAX; i++) {
		const char *mark;
		int r = ad_packaging_mark(db, arena, base_url, &mark, err);
		if (r < 0)
			return r;
		if (mark && ad_winget_index_compare(mark, version) >= 0)
			return 0;
		r = ad_store_source_raise(db, arena, base_url, mark, version, err);
		if (r != AD_ECONFLICT)
			return r;
	}
	return AD_FAIL(err, AD_EUNAVAIL, "the mark of the source keeps moving");
}

int ad_job_winget(struct ad_job_run *run, struct ad_winget_options *ret, struct ad_err *err)
{
	const struct ad_jobs_options *options = run->options;
	const char *mark;
	int r = ad_packaging_mark(run->db, run->arena, options->winget_base_url, &mark, err);
	if (r < 0)
		return r;
	*ret = (struct ad_winget_options){ .client = run->net,
		.base_url = options->winget_base_url,
		.work_dir = options->work_dir,
		.profile = options->winget_profile,
		.high_water_mark = mark,
		.now = ad_clock_unix_ms() / 1000,
		.max_index_age_days = options->winget_max_index_age_days,
		.refresh_floor_s = 0, /* one conditional request a job is cheap */
		.max_installer_bytes = options->max_installer_bytes,
		.allow_loopback_http = options->allow_loopback_http,
		.keep_going = keep_going,
		.keep_going_context = run };
	return ad_file_mkdirs(options->work_dir, err);
}

int ad_job_winget_accepted(struct ad_job_run *run, const char *version, struct ad_err *err)
{
	return ad_packaging_accepted(
		run->db, run->arena, run->options->winget_base_url, version, err);
}
