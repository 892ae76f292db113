/* SPDX-License-Identifier: Apache-2.0 */
/* Files of this machine. Errors are AD_EIO, AD_ENOTFOUND or AD_ETOOBIG with path and reason. Any
 * thread. */
#ifndef AD_FILE_H
#define AD_FILE_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Closes the descriptor at the end of the block: AD_AUTO_FD int fd = open(...). */
void ad_file_close_fd(int *fd);
#define AD_AUTO_FD __attribute__((cleanup(ad_file_close_fd)))

/* Whole file, at most max bytes, NUL-terminated behind ret_len, in the arena. */
AD_MUST int ad_file_read(struct ad_arena *arena, const char *path, size_t max, char **ret_data,
	size_t *ret_len, struct ad_err *err);
/* Writes beside, fsyncs and renames: a reader sees the old or the new content. Mode as given (0600
 * for secrets). */
AD_MUST int ad_file_write(
	const char *path, const void *data, size_t len, unsigned mode, struct ad_err *err);
/* All of it, or AD_EIO; retries after signals and short writes. */
AD_MUST int ad_file_write_all(int fd, const void *data, size_t len, struct ad_err *err);
/* The last part of a path; points into it. */
const char *ad_file_name(const char *path);
AD_MUST int ad_file_size(const char *path, int64_t *ret, struct ad_err *err);
bool ad_file_exists(const char *path);
/* mkdir -p, mode 0700 for what it makes. */
AD_MUST int ad_file_mkdirs(const char *path, struct ad_err *err);
/* Removes a file or a folder with all in it, following no link. A missing path is fine. */
AD_MUST int ad_file_remove_tree(const char *path, struct ad_err *err);
/* Free bytes for unprivileged users on the file system of path. */
AD_MUST int ad_file_free_bytes(const char *path, int64_t *ret, struct ad_err *err);

#endif
