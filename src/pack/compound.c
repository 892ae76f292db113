/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compound files: a header, then sectors that tables chain to streams, and streams that are small
 * within a stream of their own. Every number is the file's own word: chains end at the number of
 * sectors that there are, and each entry of the directory is visited once.
 */
#include "compound.h"

#include "ad/little_endian.h"

#define HEADER_LEN 512u
#define ENTRY_LEN 128u
#define HEADER_DIFAT 109u
#define MINI_SHIFT 6u
#define MINI_CUTOFF 4096u
#define ENTRIES_MAX 65536u
#define CHAIN_MAX (1u << 23) /* sectors of one table or of the stream of small ones */

#define SECTOR_LAST 0xfffffffau /* numbers above are no sectors */
#define NO_ENTRY 0xffffffffu

enum { TYPE_STORAGE = 1, TYPE_STREAM = 2, TYPE_ROOT = 5 };

struct sectors {
	const uint32_t *items;
	size_t count;
};

struct compound {
	struct ad_arena *arena;
	const struct pack_file *file;
	unsigned shift;        /* of a sector's size */
	uint32_t sector_count; /* in the file */
	uint8_t header[HEADER_LEN];
	struct sectors fat;      /* sector -> the one behind it */
	struct sectors mini_fat; /* the same for small ones */
	struct sectors mini;     /* the sectors that small ones are in */
	struct compound_entry *entries;
	size_t entry_count;
	uint8_t *visited;
};

static int malformed(struct ad_err *err, const char *what)
{
	return AD_FAIL(err, AD_EINTEGRITY, "installer is no sound compound file: %s", what);
}

static uint64_t sector_at(const struct compound *c, uint32_t sector)
{
	return ((uint64_t)sector + 1) << c->shift;
}

/* ---- the tables ---- */

static int read_sector(const struct compound *c, uint32_t sector, uint8_t *ret, struct ad_err *err)
{
	if (sector >= c->sector_count)
		return malformed(err, "a sector is not there");
	return pack_file_read(c->file, sector_at(c, sector), ret, (size_t)1 << c->shift, err);
}

/* The sectors of a chain, in order. */
static int follow(const struct compound *c, uint32_t start, struct sectors *ret, struct ad_err *err)
{
	size_t room = 0;
	uint32_t *items = NULL;
	size_t count = 0;
	for (uint32_t at = start; at < SECTOR_LAST; at = c->fat.items[at]) {
		if (at >= c->fat.count || count >= c->sector_count)
			return malformed(err, "a chain of sectors leads nowhere");
		if (count >= CHAIN_MAX)
			return AD_FAIL(err, AD_ETOOBIG, "installer has too long a table");
		if (count == room) {
			uint32_t *more =
				ad_alloc_array(c->arena, room ? 2 * room : 64, sizeof *more);
			if (count > 0)
				memcpy(more, items, count * sizeof *more);
			room = room ? 2 * room : 64;
			items = more;
		}
		items[count++] = at;
	}
	*ret = (struct sectors){ items, count };
	return 0;
}

/* The numbers that are in these sectors, one after the other. */
static int read_numbers(const struct compound *c, const struct sectors *where, struct sectors *ret,
	struct ad_err *err)
{
	size_t each = ((size_t)1 << c->shift) / 4;
	uint8_t *sector = ad_alloc(c->arena, (size_t)1 << c->shift);
	uint32_t *items = ad_alloc_array(c->arena, where->count * each, sizeof *items);
	for (size_t i = 0; i < where->count; i++) {
		int r = read_sector(c, where->items[i], sector, err);
		if (r < 0)
			return r;
		for (size_t j = 0; j < each; j++)
			items[i * each + j] = ad_le32(sector + 4 * j);
	}
	*ret = (struct sectors){ items, where->count * each };
	return 0;
}

/* Which sectors hold the table of sectors: the first are named in the header, more in a chain of
 * their own. */
static int find_fat(const struct compound *c, struct sectors *ret, struct ad_err *err)
{
	size_t each = ((size_t)1 << c->shift) / 4;
	uint32_t wanted = ad_le32(c->header + 44);
	uint32_t next = ad_le32(c->header + 68);
	uint8_t *sector = ad_alloc(c->arena, (size_t)1 << c->shift);
	if (wanted > c->sector_count / each + 1)
		return malformed(err, "its table is longer than the file");
	uint32_t *items = ad_alloc_array(c->arena, wanted, sizeof *items);
	uint32_t count = 0;
	for (; count < wanted && count < HEADER_DIFAT; count++)
		items[count] = ad_le32(c->header + 76 + 4 * (size_t)count);
	while (count < wanted) {
		int r = read_sector(c, next, sector, err);
		if (r < 0)
			return r;
		for (size_t i = 0; i + 1 < each && count < wanted; i++)
			items[count++] = ad_le32(sector + 4 * i);
		next = ad_le32(sector + 4 * (each - 1));
	}
	*ret = (struct sectors){ items, count };
	return 0;
}

static int read_tables(struct compound *c, struct ad_err *err)
{
	struct sectors where;
	int r = find_fat(c, &where, err);
	if (r == 0)
		r = read_numbers(c, &where, &c->fat, err);
	if (r == 0)
		r = follow(c, ad_le32(c->header + 60), &where, err);
	return r == 0 ? read_numbers(c, &where, &c->mini_fat, err) : r;
}

/* ---- the directory ---- */

static int read_entry(const struct compound *c, const uint8_t *raw, struct compound_entry *ret,
	struct ad_err *err)
{
	static const uint8_t never[8];
	uint16_t name_len = ad_le16(raw + 64);
	uint8_t type = raw[66];
	*ret = (struct compound_entry){ .is_stream = type == TYPE_STREAM,
		.name_len = name_len,
		.left = ad_le32(raw + 68),
		.right = ad_le32(raw + 72),
		.child = ad_le32(raw + 76),
		.start = ad_le32(raw + 116),
		.size = ad_le32(raw + 120) };
	if (type == 0) { /* an empty place, whatever else it says: nothing may lead to it */
		ret->name_len = 0;
		return 0;
	}
	if ((type != TYPE_STORAGE && type != TYPE_STREAM && type != TYPE_ROOT) || name_len < 2 ||
		name_len > COMPOUND_NAME_MAX || name_len % 2 != 0)
		return malformed(err, "an entry is of no known kind");

	if (type == TYPE_ROOT && memcmp(raw + 100, never, sizeof never) != 0)
		return malformed(err, "its root has a time of creation");
	/* There are writers that put 0 in place of none. */
	if (ret->is_stream && ret->child != NO_ENTRY && ret->child != 0)
		return malformed(err, "a stream has entries below it");
	/* Files of small sectors have 32 bits, and anything in the rest. */
	if (c->shift > 9)
		ret->size |= (uint64_t)ad_le32(raw + 124) << 32;
	memcpy(ret->name, raw, sizeof ret->name);
	memcpy(ret->class_id, raw + 80, sizeof ret->class_id);
	memcpy(ret->state, raw + 96, sizeof ret->state);
	memcpy(ret->times, raw + 100, sizeof ret->times);
	memcpy(ret->size_field, raw + 120, sizeof ret->size_field);
	return 0;
}

static int read_directory(struct compound *c, struct ad_err *err)
{
	struct sectors where;
	size_t each = ((size_t)1 << c->shift) / ENTRY_LEN;
	uint8_t *sector = ad_alloc(c->arena, (size_t)1 << c->shift);
	int r = follow(c, ad_le32(c->header + 48), &where, err);
	if (r < 0)
		return r;
	if (where.count == 0 || where.count * each > ENTRIES_MAX)
		return malformed(err, "its directory is empty or too long");
	c->entry_count = where.count * each;
	c->entries = ad_alloc_array(c->arena, c->entry_count, sizeof *c->entries);
	c->visited = ad_alloc(c->arena, c->entry_count);
	memset(c->visited, 0, c->entry_count);
	for (size_t i = 0; i < where.count; i++) {
		r = read_sector(c, where.items[i], sector, err);
		for (size_t j = 0; r == 0 && j < each; j++)
			r = read_entry(c, sector + j * ENTRY_LEN, &c->entries[i * each + j], err);
		if (r < 0)
			return r;
	}
	if (c->entries[0].name_len == 0)
		return malformed(err, "it has no root");
	c->visited[0] = 1;
	return follow(c, c->entries[0].start, &c->mini, err);
}

static int open_compound(struct compound *c, struct ad_err *err)
{
	c->shift = ad_le16(c->header + 30);
	if ((c->shift != 9 && c->shift != 12) || ad_le16(c->header + 32) != MINI_SHIFT ||
		ad_le32(c->header + 56) != MINI_CUTOFF)
		return malformed(err, "its header is of no known kind");
	uint64_t count = c->file->size >> c->shift;
	if (count > SECTOR_LAST)
		return AD_FAIL(err, AD_ETOOBIG, "installer has too many sectors");
	c->sector_count = (uint32_t)(count > 0 ? count - 1 : 0);
	int r = read_tables(c, err);
	return r == 0 ? read_directory(c, err) : r;
}

int pack_compound_open(struct ad_arena *arena, const struct pack_file *file, struct compound **ret,
	struct ad_err *err)
{
	static const uint8_t magic[] = { 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1 };
	struct compound *c = ad_alloc(arena, sizeof *c);
	*c = (struct compound){ .arena = arena, .file = file };
	*ret = NULL;
	if (file->size < HEADER_LEN)
		return 0;
	int r = pack_file_read(file, 0, c->header, sizeof c->header, err);
	if (r < 0 || memcmp(c->header, magic, sizeof magic) != 0)
		return r;
	*ret = c;
	return open_compound(c, err);
}

const struct compound_entry *pack_compound_root(const struct compound *compound)
{
	return &compound->entries[0];
}

int pack_compound_list(struct compound *c, const struct compound_entry *storage,
	const struct compound_entry ***ret, size_t *ret_count, struct ad_err *err)
{
	const struct compound_entry **found =
		ad_alloc_array(c->arena, c->entry_count, sizeof *found);
	uint32_t *pending = ad_alloc_array(c->arena, 2 * c->entry_count + 1, sizeof *pending);
	size_t left = 0;
	size_t count = 0;
	pending[left++] = storage->child;
	while (left > 0) {
		uint32_t at = pending[--left];
		if (at == NO_ENTRY)
			continue;
		if (at >= c->entry_count || c->visited[at] || c->entries[at].name_len == 0)
			return malformed(err, "its directory leads nowhere");
		c->visited[at] = 1;
		found[count++] = &c->entries[at];
		pending[left++] = c->entries[at].left;
		pending[left++] = c->entries[at].right;
	}
	*ret = found;
	*ret_count = count;
	return 0;
}

/* ---- streams ---- */

/* Where a small sector is in the file; 0: nowhere. */
static uint64_t mini_at(const struct compound *c, uint32_t sector)
{
	uint64_t offset = (uint64_t)sector << MINI_SHIFT;
	uint64_t place = offset >> c->shift;
	if (place >= c->mini.count)
		return 0;
	return sector_at(c, c->mini.items[place]) + (offset & (((uint64_t)1 << c->shift) - 1));
}

int pack_compound_stream(struct compound *c, const struct compound_entry *stream,
	compound_sink *sink, void *context, struct ad_err *err)
{
	bool small = stream->size < MINI_CUTOFF;
	const struct sectors *table = small ? &c->mini_fat : &c->fat;
	uint64_t piece = (uint64_t)1 << (small ? MINI_SHIFT : c->shift);
	uint8_t buffer[4096];
	uint32_t at = stream->start;
	if (stream->size > c->file->size)
		return malformed(err, "a stream is longer than the file");
	for (uint64_t left = stream->size; left > 0;) {
		size_t len = (size_t)(left < piece ? left : piece);
		if (at >= table->count || (!small && at >= c->sector_count))
			return malformed(err, "a stream ends early");
		uint64_t offset = small ? mini_at(c, at) : sector_at(c, at);
		if (offset == 0)
			return malformed(err, "a stream ends early");
		int r = pack_file_read(c->file, offset, buffer, len, err);
		if (r < 0)
			return r;
		sink(context, buffer, len);
		left -= len;
		at = table->items[at];
	}
	return 0;
}
