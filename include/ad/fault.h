/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named fault points, for tests that stop the process between two instructions. Armed by the
 * environment: APPDESK_FAULT="job.after.upload=kill" or "db.commit=fail:3" (the third time),
 * several by comma. Compiled to nothing in releases (AD_FAULTS=0).
 */
#ifndef AD_FAULT_H
#define AD_FAULT_H

#include <stdbool.h>

/* True when this point is armed with "fail" and its turn has come. With "kill" it does not return:
 * the process ends as by kill -9. With "stop" the process stops itself (SIGSTOP). Any thread. */
bool ad_fault_hit(const char *name);

#if AD_FAULTS
#define AD_FAULT(name) ad_fault_hit(name)
#else
#define AD_FAULT(name) ((void)sizeof(name), false) /* the name is not evaluated */
#endif

#endif
