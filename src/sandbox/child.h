/* SPDX-License-Identifier: Apache-2.0 */
/* A reader's process, from outside. Private to sandbox. */
#ifndef AD_SANDBOX_CHILD_H
#define AD_SANDBOX_CHILD_H

#include "ad/arena.h"
#include "ad/err.h"

#include <sys/types.h>

struct child {
	pid_t pid;
	int fd; /* our end of its socket pair */
};

/* Starts `program read KIND [path]`. out: the file that it may write to, which is its descriptor 2;
 * -1: none. AD_EIO. */
AD_MUST int child_start(const char *program, const char *kind, const char *path, int out,
	struct child *ret, struct ad_err *err);

/* Ends it, unless it has ended by itself, and tells how: "signal 11 (Segmentation fault)". */
const char *child_end(struct ad_arena *arena, const struct child *child);

#endif
