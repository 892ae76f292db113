/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log: one JSON object a line on stderr, written with one write(2), keys ts, level, module, msg,
 * then the thread's context and the call's own pairs. Values are escaped and cut, so nobody can
 * forge a line. Only app, bot, jobs, outbox and http's outermost functions log; lower floors fill
 * ad_err. Any thread.
 */
#ifndef AD_LOG_H
#define AD_LOG_H

#include "ad/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum ad_log_level { AD_LOG_DEBUG = 0, AD_LOG_INFO, AD_LOG_WARN, AD_LOG_ERROR };

#define AD_LOG_VALUE_MAX 1024 /* bytes of one value that are written; the rest is cut */

/* Lowest level that is written (default info). Called at start and on reload. */
void ad_log_set_level(enum ad_log_level level);
/* "debug", "info", "warn", "error"; AD_EINVAL otherwise. */
AD_MUST int ad_log_parse_level(const char *text, enum ad_log_level *ret);

/* Pairs of name and value (both const char *), ended by NULL; a NULL value is left out. */
void ad_log(enum ad_log_level level, const char *module, const char *msg, ...)
	__attribute__((sentinel));

/* Adds code, class, where, status and text of err to the line. */
void ad_log_err(enum ad_log_level level, const char *module, const char *msg,
	const struct ad_err *err, ...) __attribute__((sentinel));

/*
 * How often a kind of line may be written, so that whoever is refused a thousand times a second
 * cannot fill a disk. Initialised with zeros; static where the lines are written.
 */
struct ad_log_budget {
	_Atomic uint64_t second;     /* of the monotonic clock, that the next counts */
	_Atomic unsigned spent;      /* lines in it */
	_Atomic unsigned suppressed; /* lines left out since the last one written */
};

#define AD_LOG_BUDGET_PER_S 20 /* lines of one budget in a second */

/* True when one more line may be written now; then *ret_suppressed tells how many were left out
 * before it (a pair of that line). Any thread; exact enough, not exact. */
AD_MUST bool ad_log_may(struct ad_log_budget *budget, unsigned *ret_suppressed);

/* Number as text for a pair: ad_log(..., "job", AD_NUM(job->id), NULL). Lives until the block ends.
 */
#define AD_NUM(n) ad_log_num((char[24]){ 0 }, (long long)(n))
const char *ad_log_num(char *room, long long number);

/* Context of this thread, added to each line until cleared; copied. At most 4 names. */
void ad_log_context(const char *name, const char *value);
void ad_log_context_clear(void);

#endif
