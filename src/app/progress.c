/* SPDX-License-Identifier: Apache-2.0 */
/* The line that tells how far a command is. */
#include "progress.h"
#include "ad/clock.h"

#include <stdio.h>
#include <unistd.h>

#define STEP_MS 200
#define CLEAR_LINE "\r\033[K"

void ad_progress_step(struct ad_progress *progress, int64_t done, int64_t of)
{
	int64_t now = ad_clock_mono_ms();
	if (!isatty(STDERR_FILENO) || now < progress->next_ms)
		return;
	progress->next_ms = now + STEP_MS;
	progress->is_shown = true;
	(void)fprintf(stderr, CLEAR_LINE "%lld of %lld %s", (long long)done, (long long)of,
		progress->what);
}

void ad_progress_end(struct ad_progress *progress)
{
	if (progress->is_shown)
		(void)fputs(CLEAR_LINE, stderr);
	progress->is_shown = false;
}
