/* SPDX-License-Identifier: Apache-2.0 */
/* How far a long command is: one line on standard error that is written over, on a terminal alone.
 * Private to app. */
#ifndef AD_APP_PROGRESS_H
#define AD_APP_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct ad_progress {
	const char *what; /* "rows" */
	bool is_shown;    /* something stands in the line */
	int64_t next_ms;
};

/* At most a few times a second. */
void ad_progress_step(struct ad_progress *progress, int64_t done, int64_t of);
/* Clears the line, before anything else is said. */
void ad_progress_end(struct ad_progress *progress);

#endif
