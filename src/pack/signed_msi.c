/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSIs. The signature is a stream of the root. It covers the bytes of all other streams, storage by
 * storage in the order of their names, each followed by the storage's class; where there is a
 * second stream beside it, also a digest of what the directory says of them, which is that stream.
 * (The order is that of osslsigncode's msi.c, which is the second opinion of the tests.)
 */
#include "signed_file.h"

#include "compound.h"

#include <stdlib.h>

#define DEPTH_MAX 16 /* storages within each other */

/* UTF-16LE; with the NUL behind a literal they end as names do. */
static const uint8_t signature_name[] = "\5\0D\0i\0g\0i\0t\0a\0l\0S\0i\0g\0n\0a\0t\0u\0r\0e\0\0";
static const uint8_t extended_name[] = "\5\0M\0s\0i\0D\0i\0g\0i\0t\0a\0l\0S\0i\0g\0n\0a\0t\0u\0r\0"
				       "e\0E\0x\0\0";

struct storage {
	const struct compound_entry *entry;
	const struct compound_entry **items; /* in the order of the digest */
	size_t count;
	const struct compound_entry *signature; /* of the root; not among the items */
	const struct compound_entry *extended;
};

static bool is_named(const struct compound_entry *entry, const uint8_t *name, size_t len)
{
	return entry->is_stream && entry->name_len == len && memcmp(entry->name, name, len) == 0;
}

/* By bytes; of two that begin alike the longer one is the later. */
static int by_name(const void *a, const void *b)
{
	const struct compound_entry *x = *(const struct compound_entry *const *)a;
	const struct compound_entry *y = *(const struct compound_entry *const *)b;
	int order = memcmp(x->name, y->name, x->name_len < y->name_len ? x->name_len : y->name_len);
	return order != 0 ? order : (x->name_len > y->name_len) - (x->name_len < y->name_len);
}

static int list(struct compound *compound, const struct compound_entry *entry, struct storage *ret,
	struct ad_err *err)
{
	struct storage storage = { .entry = entry };
	bool is_root = entry == pack_compound_root(compound);
	size_t found;
	int r = pack_compound_list(compound, entry, &storage.items, &found, err);
	for (size_t i = 0; r == 0 && i < found; i++) {
		const struct compound_entry *item = storage.items[i];
		if (is_root && is_named(item, signature_name, sizeof signature_name))
			storage.signature = item;
		else if (is_root && is_named(item, extended_name, sizeof extended_name))
			storage.extended = item;
		else
			storage.items[storage.count++] = item;
	}
	if (r == 0 && storage.count > 1)
		qsort(storage.items, storage.count, sizeof *storage.items, by_name);
	*ret = storage;
	return r;
}

/* ---- the signature ---- */

struct collected {
	uint8_t *bytes;
	size_t len;
};

static void collect(void *context, const void *data, size_t len)
{
	struct collected *collected = context;
	memcpy(collected->bytes + collected->len, data, len);
	collected->len += len;
}

static int read_stream(struct ad_arena *arena, struct compound *compound,
	const struct compound_entry *stream, struct ad_bytes *ret, struct ad_err *err)
{
	if (stream->size > AD_AUTHENTICODE_MAX)
		return AD_FAIL(
			err, AD_ETOOBIG, "signature is larger than %u bytes", AD_AUTHENTICODE_MAX);
	struct collected collected = { .bytes = ad_alloc(arena, (size_t)stream->size + 1) };
	int r = pack_compound_stream(compound, stream, collect, &collected, err);
	*ret = (struct ad_bytes){ collected.bytes, collected.len };
	return r;
}

static int open_root(struct ad_arena *arena, const struct pack_file *file,
	struct compound **ret_compound, struct storage *ret_root, struct ad_err *err)
{
	*ret_root = (struct storage){ 0 };
	int r = pack_compound_open(arena, file, ret_compound, err);
	if (r < 0 || !*ret_compound)
		return r;
	return list(*ret_compound, pack_compound_root(*ret_compound), ret_root, err);
}

static int find(struct ad_arena *arena, const struct pack_file *file, struct ad_bytes *ret,
	struct ad_err *err)
{
	struct compound *compound;
	struct storage root;
	*ret = (struct ad_bytes){ 0 };
	int r = open_root(arena, file, &compound, &root, err);
	if (r < 0 || !root.signature)
		return r;
	if (root.signature->size == 0)
		return AD_FAIL(err, AD_EINTEGRITY, "signature: is empty");
	return read_stream(arena, compound, root.signature, ret, err);
}

/* ---- the digest ---- */

/* Of the streams, and of what the directory says; both walk the same tree. */
struct digests {
	struct compound *compound;
	struct ad_hash *content;
	struct ad_hash *directory;
};

static void hash_entry(struct ad_hash *hash, const struct compound_entry *entry, bool is_root)
{
	if (!is_root)
		ad_hash_update(hash, entry->name, entry->name_len - 2);
	if (entry->is_stream)
		ad_hash_update(hash, entry->size_field, sizeof entry->size_field);
	else
		ad_hash_update(hash, entry->class_id, sizeof entry->class_id);
	ad_hash_update(hash, entry->state, sizeof entry->state);
	if (!is_root)
		ad_hash_update(hash, entry->times, sizeof entry->times);
}

static void hash_piece(void *context, const void *data, size_t len)
{
	ad_hash_update(context, data, len);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as DEPTH_MAX */
static int hash_storage(
	const struct digests *digests, const struct storage *storage, int depth, struct ad_err *err)
{
	int r = 0;
	if (depth > DEPTH_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "installer has too deep a directory");
	hash_entry(digests->directory, storage->entry, depth == 0);
	for (size_t i = 0; r == 0 && i < storage->count; i++) {
		const struct compound_entry *item = storage->items[i];
		struct storage inner;
		if (item->is_stream) {
			hash_entry(digests->directory, item, false);
			r = pack_compound_stream(
				digests->compound, item, hash_piece, digests->content, err);
			continue;
		}
		r = list(digests->compound, item, &inner, err);
		if (r == 0)
			r = hash_storage(digests, &inner, depth + 1, err);
	}
	ad_hash_update(digests->content, storage->entry->class_id, sizeof storage->entry->class_id);
	return r;
}

static int compute(struct ad_arena *arena, const struct digests *digests,
	const struct storage *root, uint8_t ret[AD_HASH_MAX], struct ad_err *err)
{
	struct ad_bytes extended = { 0 };
	uint8_t directory[AD_HASH_MAX];
	int r = 0;
	if (root->extended) {
		r = read_stream(arena, digests->compound, root->extended, &extended, err);
		ad_hash_update(digests->content, extended.data, extended.len);
	}
	if (r == 0)
		r = hash_storage(digests, root, 0, err);
	size_t len = ad_hash_final(digests->directory, directory);
	(void)ad_hash_final(digests->content, ret);
	if (r == 0 && root->extended &&
		(extended.len != len || memcmp(extended.data, directory, len) != 0))
		return AD_FAIL(err, AD_EINTEGRITY,
			"signature: the file's directory is not the one that was signed");
	return r;
}

static int digest(struct ad_arena *arena, const struct pack_file *file, const char *algorithm,
	uint8_t ret[AD_HASH_MAX], struct ad_err *err)
{
	struct digests digests;
	struct storage root;
	int r = open_root(arena, file, &digests.compound, &root, err);
	if (r < 0)
		return r;
	digests.content = ad_hash_new(algorithm);
	digests.directory = ad_hash_new(algorithm);
	r = compute(arena, &digests, &root, ret, err);
	ad_hash_free(digests.content);
	ad_hash_free(digests.directory);
	return r;
}

const struct pack_signed_form pack_signed_msi = { find, digest };
