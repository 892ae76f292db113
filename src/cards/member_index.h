/* SPDX-License-Identifier: Apache-2.0 */
/* Members of large objects by name, found without walking their list each time. Private to cards.
 */
#ifndef AD_CARDS_MEMBER_INDEX_H
#define AD_CARDS_MEMBER_INDEX_H

#include "value.h"

struct ad_member_index;

/* The indices of one expansion. Zeroed at the start. */
struct ad_member_indices {
	struct ad_member_index *newest;
	size_t count;
};

/* A name of a path, with what finds it in a table. */
struct ad_name {
	const char *text;
	size_t len;
	uint32_t hash;
	bool is_ascii;
};

struct ad_name ad_name_of(const char *text, size_t len);

/* The member of a borrowed object with this name, whatever its case; undefined if none. */
void ad_member_find(struct ad_arena *arena, struct ad_member_indices *indices,
	const struct ad_json *object, const struct ad_name *name, struct ad_value *ret);

#endif
