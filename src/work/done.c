/* SPDX-License-Identifier: Apache-2.0 */
/* Finished items on their way back to a loop thread: a list under a lock, and an eventfd that wakes
 * the loop. */
#include "ad/work.h"

#include "ad/arena.h"

#include <errno.h>
#include <sys/eventfd.h>

struct ad_done {
	int fd;
	pthread_mutex_t lock; /* guards first and last */
	struct ad_done_item *first;
	struct ad_done_item *last;
};

int ad_done_new(struct ad_done **ret, struct ad_err *err)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return AD_FAIL(err, AD_EIO, "eventfd failed (errno %d)", errno);
	struct ad_done *done = ad_xalloc(sizeof *done);
	done->fd = fd;
	AD_ASSERT(pthread_mutex_init(&done->lock, NULL) == 0);
	*ret = done;
	return 0;
}

void ad_done_free(struct ad_done *done)
{
	if (!done)
		return;
	AD_ASSERT(!done->first);
	(void)close(done->fd);
	(void)pthread_mutex_destroy(&done->lock);
	free(done);
}

int ad_done_fd(const struct ad_done *done)
{
	return done->fd;
}

void ad_done_wake(struct ad_done *done)
{
	/* Fails only when the counter is at its maximum, and then the loop is awake anyway. */
	(void)!eventfd_write(done->fd, 1);
}

void ad_done_push(struct ad_done *done, struct ad_done_item *item)
{
	item->next = NULL;
	(void)pthread_mutex_lock(&done->lock);
	if (done->last)
		done->last->next = item;
	else
		done->first = item;
	done->last = item;
	(void)pthread_mutex_unlock(&done->lock);
	ad_done_wake(done);
}

struct ad_done_item *ad_done_take(struct ad_done *done)
{
	/* Drain before taking: a push in between leaves the descriptor readable, never silent. */
	eventfd_t ignored;
	(void)!eventfd_read(done->fd, &ignored);
	(void)pthread_mutex_lock(&done->lock);
	struct ad_done_item *items = done->first;
	done->first = NULL;
	done->last = NULL;
	(void)pthread_mutex_unlock(&done->lock);
	return items;
}
