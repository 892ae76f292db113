/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict JSON. Parsing refuses what other parsers read differently: bad UTF-8, NUL, duplicate keys,
 * trailing bytes, depth, lone surrogates. Names are compared with case. Every value lives in the
 * arena that it was made in and dies with it; nothing is freed one by one. One arena, one thread.
 */
#ifndef AD_JSON_H
#define AD_JSON_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_json;

enum ad_json_kind {
	AD_JSON_NONE = 0, /* absent: what the getters give for NULL */
	AD_JSON_NULL,
	AD_JSON_BOOL,
	AD_JSON_NUMBER,
	AD_JSON_STRING,
	AD_JSON_ARRAY,
	AD_JSON_OBJECT
};

#define AD_JSON_DEPTH_MAX 64         /* nesting of arrays and objects */
#define AD_JSON_TEXT_MAX (16u << 20) /* bytes of one document; callers set lower limits before */
#define AD_JSON_VALUES_MAX 100000    /* in one document: each takes 64 bytes, "[]," only three */

/* Parses exactly len bytes. AD_EINVAL with byte offset in the text, AD_ETOOBIG for a limit. */
AD_MUST int ad_json_parse(struct ad_arena *arena, const char *text, size_t len,
	struct ad_json **ret, struct ad_err *err);

/* Reading. All take NULL and wrong kinds and then answer NULL, false, 0 or the given default. */
enum ad_json_kind ad_json_kind(const struct ad_json *value);
struct ad_json *ad_json_get(const struct ad_json *object, const char *name);
/* "a.b.c" through objects; a name with a dot cannot be reached. */
struct ad_json *ad_json_path(const struct ad_json *object, const char *path);
const char *ad_json_text(const struct ad_json *value); /* string value or NULL */
const char *ad_json_str(
	const struct ad_json *object, const char *path); /* string at path or NULL */
bool ad_json_bool(const struct ad_json *object, const char *path, bool otherwise);
/* Whole numbers up to 2^53 in size; otherwise for anything else. */
int64_t ad_json_int(const struct ad_json *object, const char *path, int64_t otherwise);
double ad_json_number(const struct ad_json *value, double otherwise);
bool ad_json_truth(const struct ad_json *value); /* the value is the literal true */
size_t ad_json_count(const struct ad_json *container);
struct ad_json *ad_json_at(const struct ad_json *array, size_t index); /* linear: use first/next */
struct ad_json *ad_json_first(const struct ad_json *container);
struct ad_json *ad_json_next(const struct ad_json *value);
const char *ad_json_name(const struct ad_json *member); /* member's name in its object, or NULL */

/* for (item in container) */
#define AD_JSON_EACH(item, container) \
	for (struct ad_json *item = ad_json_first(container); item; item = ad_json_next(item))

/* Building. Values are created in the arena; a value belongs to one container only. */
struct ad_json *ad_json_new_object(struct ad_arena *arena);
struct ad_json *ad_json_new_array(struct ad_arena *arena);
struct ad_json *ad_json_new_string(
	struct ad_arena *arena, const char *text); /* NULL -> JSON null */
struct ad_json *ad_json_new_int(struct ad_arena *arena, int64_t number);
struct ad_json *ad_json_new_number(struct ad_arena *arena, double number);
struct ad_json *ad_json_new_bool(struct ad_arena *arena, bool value);
struct ad_json *ad_json_new_null(struct ad_arena *arena);
struct ad_json *ad_json_copy(struct ad_arena *arena, const struct ad_json *value); /* deep */

/* Sets or replaces a member; order of first setting is kept (Graph wants "@odata.type" first). */
void ad_json_set(
	struct ad_arena *arena, struct ad_json *object, const char *name, struct ad_json *value);
void ad_json_set_str(
	struct ad_arena *arena, struct ad_json *object, const char *name, const char *text);
void ad_json_set_int(
	struct ad_arena *arena, struct ad_json *object, const char *name, int64_t number);
void ad_json_set_bool(struct ad_arena *arena, struct ad_json *object, const char *name, bool value);
void ad_json_append(struct ad_arena *arena, struct ad_json *array, struct ad_json *value);
void ad_json_remove(struct ad_json *object, const char *name);

/* Compact text, in the arena. */
char *ad_json_print(struct ad_arena *arena, const struct ad_json *value);

#endif
