/* SPDX-License-Identifier: Apache-2.0 */
/* Fault points: armed once from APPDESK_FAULT, looked up by name. Only builds with AD_FAULTS have
 * them. */
#include "ad/fault.h"

#if AD_FAULTS
#include "ad/arena.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#define POINTS_MAX 16

static struct {
	const char *name;
	enum { FAULT_FAIL, FAULT_KILL, FAULT_STOP } kind;
	long turn; /* the how-manieth hit acts; 0: every one */
	atomic_long hits;
} points[POINTS_MAX];
static size_t count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* name=kind[:turn],... ; a word that is not understood stops the program, for a test that arms
 * nothing proves nothing. The copy of the variable lives as long as the process. */
static void arm(void)
{
	const char *armed = getenv("APPDESK_FAULT");
	char *next = armed ? ad_xstrdup(armed) : NULL;
	for (char *item; (item = strsep(&next, ",")) && count < POINTS_MAX;) {
		char *kind = strchr(item, '=');
		if (!kind)
			abort();
		*kind++ = '\0';
		char *turn = strchr(kind, ':');
		if (turn)
			*turn++ = '\0';
		points[count].name = item;
		points[count].turn = turn ? strtol(turn, NULL, 10) : 0;
		if (strcmp(kind, "fail") == 0)
			points[count].kind = FAULT_FAIL;
		else if (strcmp(kind, "kill") == 0)
			points[count].kind = FAULT_KILL;
		else if (strcmp(kind, "stop") == 0)
			points[count].kind = FAULT_STOP;
		else
			abort();
		count++;
	}
}

bool ad_fault_hit(const char *name)
{
	(void)pthread_once(&once, arm);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(points[i].name, name) != 0)
			continue;
		long hit = atomic_fetch_add(&points[i].hits, 1) + 1;
		if (points[i].turn != 0 && points[i].turn != hit)
			continue;
		if (points[i].kind == FAULT_KILL)
			(void)kill(getpid(), SIGKILL);
		else if (points[i].kind == FAULT_STOP)
			(void)raise(SIGSTOP);
		else
			return true;
	}
	return false;
}
#else
bool ad_fault_hit(const char *name)
{
	(void)name;
	return false;
}
#endif
