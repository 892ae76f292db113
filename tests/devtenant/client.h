/* SPDX-License-Identifier: Apache-2.0 */
/* The control API from a terminal: what all small commands share. */
#ifndef DT_CLIENT_H
#define DT_CLIENT_H

#include "dt.h"

/* What the words of a command line said. */
struct dt_words {
	int port;
	const char *as;         /* NULL: not given */
	const char *timeout_ms; /* NULL: not given */
	const char *after;      /* NULL: not given */
	bool json;
	char **rest; /* the words behind the options */
	int rest_count;
};

/* False when an option is unknown or wrong. */
bool dt_words_read(int argc, char **argv, struct dt_words *ret);

/* One call; body NULL: GET, else POST. Returns the HTTP status, 0 when there is no tenant. */
int dt_control(struct ad_arena *arena, int port, const char *path, const struct ad_json *body,
	struct ad_json **ret_answer);

/* Prints an answer's error to stderr and returns the exit code. */
int dt_refused(const struct dt_words *words, int status, const struct ad_json *answer);

/* "a=1" words (with values that may have been quoted by the shell) into {"a":"1"}. */
struct ad_json *dt_inputs_of(struct ad_arena *arena, char **words, int count);

/* An entry as people read it. */
void dt_entry_print(const struct ad_json *entry);

#endif
