/* SPDX-License-Identifier: Apache-2.0 */
/* Documents in memory, journal on disk. Documents are kept as text: small, and nobody can change
 * one behind the store's back. */
#include "store.h"

#include "ad/buf.h"
#include "ad/file.h"
#include "ad/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 8192u
#define JOURNAL_MAX ((size_t)1 << 30)
#define LINE_MAX_BYTES ((size_t)64 << 20)

static const char *const kind_names[DT_KINDS] = { "people", "gone", "groups", "keys",
	"conversations", "messages", "mail", "apps", "files", "assignments", "blobs", "settings",
	"releases", "world", "secrets", "signins" };

struct collection {
	struct dt_doc *first, *last;
	struct dt_doc *buckets[BUCKETS];
};

struct dt_store {
	int journal;
	int64_t seq;
	struct collection collections[DT_KINDS];
};

static size_t bucket_of(const char *id)
{
	uint32_t hash = 2166136261u;

	for (; *id; id++)
		hash = (hash ^ (uint8_t)*id) * 16777619u;
	return hash % BUCKETS;
}

static struct dt_doc *find(const struct collection *collection, const char *id)
{
	struct dt_doc *doc = collection->buckets[bucket_of(id)];

	while (doc && !ad_text_eq(doc->id, id))
		doc = doc->chain;
	return doc;
}

static void doc_free(struct dt_doc *doc)
{
	free(doc->id);
	free(doc->tag);
	free(doc->text);
	free(doc);
}

static struct dt_doc *insert(struct collection *collection, const char *id)
{
	struct dt_doc *doc = ad_xalloc(sizeof(*doc));
	size_t bucket = bucket_of(id);

	doc->id = ad_xstrdup(id);
	doc->chain = collection->buckets[bucket];
	collection->buckets[bucket] = doc;
	doc->next = NULL;
	doc->prev = collection->last;
	if (collection->last)
		collection->last->next = doc;
	else
		collection->first = doc;
	collection->last = doc;
	return doc;
}

static void take_out(struct collection *collection, struct dt_doc *doc)
{
	struct dt_doc **link = &collection->buckets[bucket_of(doc->id)];

	while (*link != doc)
		link = &(*link)->chain;
	*link = doc->chain;
	if (doc->prev)
		doc->prev->next = doc->next;
	else
		collection->first = doc->next;
	if (doc->next)
		doc->next->prev = doc->prev;
	else
		collection->last = doc->prev;
	doc_free(doc);
}

static void keep(struct collection *collection, const char *id, const char *tag, const char *text,
	int64_t seq)
{
	struct dt_doc *doc = find(collection, id);

	if (!doc) {
		doc = insert(collection, id);
		doc->made_seq = seq;
	}
	free(doc->tag);
	free(doc->text);
	doc->tag = ad_xstrdup(tag ? tag : "");
	doc->text = ad_xstrdup(text);
	doc->seq = seq;
}

/* {"seq":1,"kind":"apps","id":"x","tag":"t","doc":{...}}; a dropped document has no doc. */
static void add_line(struct ad_buf *buf, struct ad_arena *arena, const char *kind,
	const struct dt_doc *doc, const char *text)
{
	struct ad_json *head = ad_json_new_object(arena);

	ad_json_set_int(arena, head, "seq", doc->seq);
	ad_json_set_str(arena, head, "kind", kind);
	ad_json_set_str(arena, head, "id", doc->id);
	ad_json_set_str(arena, head, "tag", doc->tag ? doc->tag : "");
	char *line = ad_json_print(arena, head);
	ad_buf_add(buf, line, strlen(line) - 1);
	if (text)
		ad_buf_addf(buf, ",\"doc\":%s", text);
	ad_buf_adds(buf, "}\n");
}

static void append(
	struct dt_store *store, enum dt_kind kind, const struct dt_doc *doc, const char *text)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_err err;
	struct ad_buf line;

	ad_buf_init(&line, LINE_MAX_BYTES);
	add_line(&line, arena, kind_names[kind], doc, text);
	if (line.overflow || ad_file_write_all(store->journal, line.data, line.len, &err)) {
		fprintf(stderr, "appdesk-devtenant: the journal cannot be written\n");
		exit(1);
	}
	ad_buf_release(&line);
	ad_arena_free(arena);
}

void dt_put(struct dt_store *store, enum dt_kind kind, const char *id, const char *tag,
	const struct ad_json *doc)
{
	struct collection *collection = &store->collections[kind];
	struct ad_arena *arena = ad_arena_new();

	keep(collection, id, tag, ad_json_print(arena, doc), ++store->seq);
	ad_arena_free(arena);
	struct dt_doc *kept = find(collection, id);
	append(store, kind, kept, kept->text);
}

void dt_drop(struct dt_store *store, enum dt_kind kind, const char *id)
{
	struct dt_doc *doc = find(&store->collections[kind], id);

	if (!doc)
		return;
	doc->seq = ++store->seq;
	append(store, kind, doc, NULL);
	take_out(&store->collections[kind], doc);
}

void dt_drop_all(struct dt_store *store, enum dt_kind kind)
{
	while (store->collections[kind].first) {
		char *id = ad_xstrdup(store->collections[kind].first->id);
		dt_drop(store, kind, id);
		free(id);
	}
}

const struct dt_doc *dt_first(const struct dt_store *store, enum dt_kind kind)
{
	return store->collections[kind].first;
}

const struct dt_doc *dt_last(const struct dt_store *store, enum dt_kind kind)
{
	return store->collections[kind].last;
}

const struct dt_doc *dt_find(const struct dt_store *store, enum dt_kind kind, const char *id)
{
	return id ? find(&store->collections[kind], id) : NULL;
}

struct ad_json *dt_doc_json(struct ad_arena *arena, const struct dt_doc *doc)
{
	struct ad_json *json = NULL;

	if (ad_json_parse(arena, doc->text, strlen(doc->text), &json, NULL))
		return NULL;
	return json;
}

struct ad_json *dt_get(
	struct dt_store *store, struct ad_arena *arena, enum dt_kind kind, const char *id)
{
	const struct dt_doc *doc = dt_find(store, kind, id);

	return doc ? dt_doc_json(arena, doc) : NULL;
}

struct ad_json *dt_list(
	struct dt_store *store, struct ad_arena *arena, enum dt_kind kind, const char *tag)
{
	struct ad_json *list = ad_json_new_array(arena);

	DT_EACH(doc, store, kind)
	if (!tag || ad_text_eq(doc->tag, tag))
		ad_json_append(arena, list, dt_doc_json(arena, doc));
	return list;
}

int64_t dt_store_seq(const struct dt_store *store)
{
	return store->seq;
}

static int kind_named(const char *name)
{
	for (int kind = 0; kind < DT_KINDS; kind++)
		if (ad_text_eq(kind_names[kind], name))
			return kind;
	return -1;
}

static void replay_line(struct dt_store *store, const char *text, size_t len)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_json *line = NULL;

	/* The last line may be half written when the program was killed: it never happened. */
	if (!ad_json_parse(arena, text, len, &line, NULL)) {
		int kind = kind_named(ad_json_str(line, "kind"));
		const char *id = ad_json_str(line, "id");
		struct ad_json *doc = ad_json_get(line, "doc");

		store->seq = ad_json_int(line, "seq", store->seq);
		if (kind >= 0 && id && doc)
			keep(&store->collections[kind], id, ad_json_str(line, "tag"),
				ad_json_print(arena, doc), store->seq);
		else if (kind >= 0 && id && find(&store->collections[kind], id))
			take_out(&store->collections[kind], find(&store->collections[kind], id));
	}
	ad_arena_free(arena);
}

static int replay(struct dt_store *store, const char *path, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	char *data = NULL;
	size_t len = 0;
	int rc = ad_file_read(arena, path, JOURNAL_MAX, &data, &len, err);

	if (rc == AD_ENOTFOUND)
		rc = 0;
	for (size_t start = 0; !rc && start < len;) {
		const char *end = memchr(data + start, '\n', len - start);
		size_t stop = end ? (size_t)(end - data) : len;

		replay_line(store, data + start, stop - start);
		start = stop + 1;
	}
	ad_arena_free(arena);
	return rc;
}

static int rewrite(struct dt_store *store, const char *path, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	struct ad_buf all;

	ad_buf_init(&all, JOURNAL_MAX);
	for (int kind = 0; kind < DT_KINDS; kind++)
		for (const struct dt_doc *doc = store->collections[kind].first; doc;
			doc = doc->next)
			add_line(&all, arena, kind_names[kind], doc, doc->text);
	int rc = ad_file_write(path, ad_buf_str(&all), all.len, 0600, err);
	ad_buf_release(&all);
	ad_arena_free(arena);
	return rc;
}

int dt_store_open(const char *path, bool fresh, struct dt_store **ret_store, struct ad_err *err)
{
	struct dt_store *store = ad_xalloc(sizeof(*store));
	int rc = 0;

	memset(store, 0, sizeof(*store));
	store->journal = -1;
	if (!fresh)
		rc = replay(store, path, err);
	if (!rc)
		rc = rewrite(store, path, err);
	if (!rc) {
		store->journal = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
		if (store->journal < 0)
			rc = AD_FAIL(err, AD_EIO, "%s: %s", path, strerror(errno));
	}
	if (rc) {
		dt_store_close(store);
		return rc;
	}
	*ret_store = store;
	return 0;
}

void dt_store_close(struct dt_store *store)
{
	if (!store)
		return;
	for (int kind = 0; kind < DT_KINDS; kind++)
		while (store->collections[kind].first)
			take_out(&store->collections[kind], store->collections[kind].first);
	ad_file_close_fd(&store->journal);
	free(store);
}
