/* SPDX-License-Identifier: Apache-2.0 */
/* Named threads with a known stack and all signals blocked. */
#include "ad/work.h"

#include <signal.h>

static int start_masked(pthread_t *ret, void *(*fn)(void *), void *ctx)
{
	pthread_attr_t attr;
	int rc = pthread_attr_init(&attr);
	if (rc != 0)
		return rc;
	rc = pthread_attr_setstacksize(&attr, AD_THREAD_STACK);
	if (rc == 0)
		rc = pthread_create(ret, &attr, fn, ctx);
	(void)pthread_attr_destroy(&attr);
	return rc;
}

int ad_thread_start(
	pthread_t *ret, const char *name, void *(*fn)(void *), void *ctx, struct ad_err *err)
{
	sigset_t all;
	sigset_t before;
	(void)sigfillset(&all);
	/* A thread inherits the mask of its maker: block first, so that no signal slips in. */
	AD_ASSERT(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	int rc = start_masked(ret, fn, ctx);
	AD_ASSERT(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	if (rc != 0)
		return AD_FAIL(
			err, AD_EUNAVAIL, "thread %s cannot be started (error %d)", name, rc);
	char cut[AD_THREAD_NAME_MAX + 1];
	(void)snprintf(cut, sizeof cut, "%s", name);
	(void)pthread_setname_np(*ret, cut); /* only for people who look: failure does not matter */
	return 0;
}
