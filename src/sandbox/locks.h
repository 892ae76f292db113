/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's two locks. Private to sandbox. */
#ifndef AD_SANDBOX_LOCKS_H
#define AD_SANDBOX_LOCKS_H

#include "ad/sandbox.h"

/* Paths and TCP, for this thread and what it starts. Does nothing where the kernel has no Landlock.
 * AD_EIO for a path that is not there. */
AD_MUST int sandbox_lock_paths(const struct ad_sandbox *wish, struct ad_err *err);

/* System calls, for all threads. */
AD_MUST int sandbox_lock_calls(const struct ad_sandbox *wish, struct ad_err *err);

#endif
