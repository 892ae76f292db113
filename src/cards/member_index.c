/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table for each of the first few large objects that an expansion looks into, most of all its
 * root. Only ASCII names: with others the case of a letter is not one of bytes.
 */
#include "member_index.h"

#include <string.h>

#define WORTHWHILE 9  /* members from which on a table pays */
#define INDICES_MAX 4 /* tables of one expansion */

struct entry {
	const char *name;
	const struct ad_json *member;
};

struct ad_member_index {
	const struct ad_json *object;
	struct ad_member_index *next;
	struct entry *entry; /* NULL: some name is not ASCII */
	size_t mask;
};

static unsigned char folded(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* FNV-1a over the name in lower case; a name that is not ASCII sets the highest bit of *bits. */
static uint32_t hash_of(const char *text, size_t len, unsigned char *bits)
{
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < len; i++) {
		*bits |= (unsigned char)text[i];
		hash = (hash ^ folded(text[i])) * 16777619u;
	}
	return hash;
}

struct ad_name ad_name_of(const char *text, size_t len)
{
	unsigned char bits = 0;
	uint32_t hash = hash_of(text, len, &bits);
	return (struct ad_name){ text, len, hash, !(bits & 0x80) };
}

static bool is_same(const char *its, const struct ad_name *name)
{
	size_t at = 0;
	while (at < name->len &&
		(its[at] == name->text[at] || folded(its[at]) == folded(name->text[at])))
		at++;
	return at == name->len && !its[at];
}

static struct ad_member_index *build(
	struct ad_arena *arena, const struct ad_json *object, size_t count)
{
	struct ad_member_index *index = ad_alloc(arena, sizeof *index);
	size_t size = 32;
	while (size < 2 * count)
		size *= 2;
	index->object = object;
	index->mask = size - 1;
	index->entry = ad_alloc_array(arena, size, sizeof *index->entry);
	AD_JSON_EACH(member, object)
	{
		const char *name = ad_json_name(member);
		unsigned char bits = 0;
		size_t at = hash_of(name, strlen(name), &bits) & index->mask;
		if (bits & 0x80) {
			index->entry = NULL;
			break;
		}
		while (index->entry[at].name)
			at = (at + 1) & index->mask;
		index->entry[at] = (struct entry){ name, member };
	}
	return index;
}

/* The object's table, made now if it is worth it; NULL: none. */
static const struct ad_member_index *index_of(
	struct ad_arena *arena, struct ad_member_indices *indices, const struct ad_json *object)
{
	for (const struct ad_member_index *i = indices->newest; i; i = i->next) {
		if (i->object == object)
			return i;
	}
	if (indices->count == INDICES_MAX)
		return NULL;
	size_t count = 0;
	for (const struct ad_json *m = ad_json_first(object); m && count < WORTHWHILE;
		m = ad_json_next(m))
		count++;
	if (count < WORTHWHILE)
		return NULL;
	struct ad_member_index *made = build(arena, object, ad_json_count(object));
	made->next = indices->newest;
	indices->newest = made;
	indices->count++;
	return made;
}

void ad_member_find(struct ad_arena *arena, struct ad_member_indices *indices,
	const struct ad_json *object, const struct ad_name *name, struct ad_value *ret)
{
	const struct ad_member_index *index = index_of(arena, indices, object);
	if (!index || !index->entry || !name->is_ascii) {
		struct ad_value value = { .kind = AD_OBJECT, .json = object };
		*ret = ad_value_property(arena, &value, name->text, name->len);
		return;
	}
	size_t at = name->hash & index->mask;
	while (index->entry[at].name && !is_same(index->entry[at].name, name))
		at = (at + 1) & index->mask;
	ad_value_set_json(ret, index->entry[at].member);
}
