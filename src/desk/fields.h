/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a document member by member, with errors that say whose document, which place in it and
 * what belongs there. A member that is absent leaves *ret as it was, unless said otherwise. Private
 * to desk. Pure; any thread.
 */
#ifndef AD_DESK_FIELDS_H
#define AD_DESK_FIELDS_H

#include "ad/arena.h"
#include "ad/err.h"
#include "ad/json.h"

/* Where we are. */
struct ad_field {
	struct ad_arena *arena;
	const char *whose; /* "policy 'design'" */
	const char *path;  /* "stages[1].need"; "" the document itself */
	const struct ad_json *value;
	struct ad_err *err;
};

struct ad_field ad_field_member(const struct ad_field *at, const char *name);
bool ad_field_absent(const struct ad_field *at);
/* AD_EINVAL: "<whose>: <path> <wanted>". */
AD_MUST int ad_field_fault(const struct ad_field *at, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* An object with no member but those known (NULL-terminated). */
AD_MUST int ad_field_object(const struct ad_field *at, const char *const *known);
AD_MUST int ad_field_int(const struct ad_field *at, int min, int max, int *ret);
AD_MUST int ad_field_bool(const struct ad_field *at, bool *ret);
/* These want a value. Text: one line without hidden characters, trimmed, 1 to max code points. */
AD_MUST int ad_field_text(const struct ad_field *at, size_t max, const char **ret);
AD_MUST int ad_field_guid(const struct ad_field *at, const char **ret);

/* What reads one entry of a list into its slot. */
typedef int ad_field_entry(const struct ad_field *at, void *ret);
/* A list of at most max entries of size bytes each. */
AD_MUST int ad_field_list(const struct ad_field *at, size_t max, size_t size, ad_field_entry *entry,
	const void **ret, size_t *ret_count);

#endif
