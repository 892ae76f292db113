/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process gives up before it reads a foreign file (reliability.md 1.9). Whoever takes it
 * over from there on finds no network, no program to start, no file but what it needs, and little
 * memory and time. A process of one thread enters, once; there is no way out.
 *
 * Two locks of the kernel: seccomp lets a short list of system calls through, Landlock knows paths.
 * Without seccomp nothing is read at all. Landlock is from Linux 5.13: without it, who needs no
 * path loses nothing, since the list then has no call that opens a file; who needs one is refused.
 */
#ifndef AD_SANDBOX_H
#define AD_SANDBOX_H

#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_sandbox {
	const char *readable; /* the one file that may be opened, to read; NULL: none */
	const char *writable; /* the one folder below which files may be made; NULL: none */
	size_t memory_max;    /* bytes of address space besides mappings of the readable file;
				 sanitizers, which need terabytes, have no limit */
	uint64_t file_max;    /* bytes that any file may have */
	unsigned cpu_s;       /* seconds of processor */
};

/*
 * From now on: no new right, no core dump, no other process or program, no socket, no memory that
 * is written and then executed, no descriptor from 3 on but new ones; what is asked for beyond that
 * fails with EPERM or EACCES, and a call that no parser has a reason for (a socket, a new process)
 * ends the process by SIGSYS. AD_ECONFIG when the kernel lacks a lock that is needed, AD_EIO when
 * it refuses one; the process may have given up a part by then and should end.
 */
AD_MUST int ad_sandbox_enter(const struct ad_sandbox *wish, struct ad_err *err);

/* The kernel's Landlock: its version, from 1; 0: it has none, or it is switched off. */
int ad_sandbox_landlock(void);

#endif
