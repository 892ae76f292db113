/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON values: cJSON behind our own door, with its memory taken from arenas. cJSON's allocation
 * hooks carry no context, so the arena in use is a variable of the thread, set around each call
 * into the library. The strict check of a text is in json_scan.c and runs before cJSON sees it.
 */
#include "ad/json.h"
#include "ad/text.h"
#include "json_scan.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <pthread.h>

#define WHOLE_MAX 9007199254740992.0 /* 2^53: larger numbers are not exact in a double */

static _Thread_local struct ad_arena *current;
static pthread_once_t hooks_once = PTHREAD_ONCE_INIT;

static void *arena_malloc(size_t size)
{
	return ad_alloc(current, size);
}

static void arena_free(void *memory)
{
	(void)memory; /* the arena frees */
}

static void install_hooks(void)
{
	cJSON_Hooks hooks = { .malloc_fn = arena_malloc, .free_fn = arena_free };
	cJSON_InitHooks(&hooks);
}

static void use(struct ad_arena *arena)
{
	(void)pthread_once(&hooks_once, install_hooks);
	current = arena;
}

/* struct ad_json is cJSON's struct under our name: the cast is the whole conversion. */
static cJSON *in(struct ad_json *value)
{
	return (cJSON *)(void *)value;
}

static const cJSON *in_const(const struct ad_json *value)
{
	return (const cJSON *)(const void *)value;
}

static struct ad_json *out(cJSON *value)
{
	return (struct ad_json *)(void *)value;
}

int ad_json_parse(struct ad_arena *arena, const char *text, size_t len, struct ad_json **ret,
	struct ad_err *err)
{
	if (len > AD_JSON_TEXT_MAX)
		return AD_FAIL(err, AD_ETOOBIG, "JSON of %zu bytes is longer than %u", len,
			AD_JSON_TEXT_MAX);
	int r = ad_json_scan(text, len, err);
	if (r != 0)
		return r;
	use(arena);
	const char *end = NULL;
	cJSON *tree = cJSON_ParseWithLengthOpts(text, len, &end, 0);
	if (!tree)
		return AD_FAIL(
			err, AD_EINVAL, "not JSON near byte %zu", end ? (size_t)(end - text) : 0);
	r = ad_json_check_names(arena, out(tree), err);
	if (r == 0)
		*ret = out(tree);
	return r;
}

enum ad_json_kind ad_json_kind(const struct ad_json *value)
{
	const cJSON *v = in_const(value);
	if (!v)
		return AD_JSON_NONE;
	switch (v->type & 0xFF) {
	case cJSON_False:
	case cJSON_True:
		return AD_JSON_BOOL;
	case cJSON_NULL:
		return AD_JSON_NULL;
	case cJSON_Number:
		return AD_JSON_NUMBER;
	case cJSON_String:
		return AD_JSON_STRING;
	case cJSON_Array:
		return AD_JSON_ARRAY;
	case cJSON_Object:
		return AD_JSON_OBJECT;
	default:
		return AD_JSON_NONE;
	}
}

struct ad_json *ad_json_get(const struct ad_json *object, const char *name)
{
	return cJSON_IsObject(in_const(object))
		       ? out(cJSON_GetObjectItemCaseSensitive(in_const(object), name))
		       : NULL;
}

struct ad_json *ad_json_path(const struct ad_json *object, const char *path)
{
	char name[128];
	const char *dot;
	while ((dot = strchr(path, '.'))) {
		AD_ASSERT((size_t)(dot - path) < sizeof name);
		(void)snprintf(name, sizeof name, "%.*s", (int)(dot - path), path);
		object = ad_json_get(object, name);
		path = dot + 1;
	}
	return ad_json_get(object, path);
}

const char *ad_json_text(const struct ad_json *value)
{
	return cJSON_IsString(in_const(value)) ? in_const(value)->valuestring : NULL;
}

const char *ad_json_str(const struct ad_json *object, const char *path)
{
	return ad_json_text(ad_json_path(object, path));
}

bool ad_json_truth(const struct ad_json *value)
{
	return cJSON_IsTrue(in_const(value));
}

bool ad_json_bool(const struct ad_json *object, const char *path, bool otherwise)
{
	const struct ad_json *value = ad_json_path(object, path);
	return ad_json_kind(value) == AD_JSON_BOOL ? ad_json_truth(value) : otherwise;
}

double ad_json_number(const struct ad_json *value, double otherwise)
{
	return cJSON_IsNumber(in_const(value)) ? in_const(value)->valuedouble : otherwise;
}

int64_t ad_json_int(const struct ad_json *object, const char *path, int64_t otherwise)
{
	double number = ad_json_number(ad_json_path(object, path), NAN);
	if (isnan(number) || number != floor(number) || fabs(number) > WHOLE_MAX)
		return otherwise;
	return (int64_t)number;
}

size_t ad_json_count(const struct ad_json *container)
{
	return container ? (size_t)cJSON_GetArraySize(in_const(container)) : 0;
}

struct ad_json *ad_json_at(const struct ad_json *array, size_t index)
{
	return array && index <= INT32_MAX ? out(cJSON_GetArrayItem(in_const(array), (int)index))
					   : NULL;
}

struct ad_json *ad_json_first(const struct ad_json *container)
{
	return container ? out(in_const(container)->child) : NULL;
}

struct ad_json *ad_json_next(const struct ad_json *value)
{
	return value ? out(in_const(value)->next) : NULL;
}

const char *ad_json_name(const struct ad_json *member)
{
	return member ? in_const(member)->string : NULL;
}

struct ad_json *ad_json_new_object(struct ad_arena *arena)
{
	use(arena);
	return out(cJSON_CreateObject());
}

struct ad_json *ad_json_new_array(struct ad_arena *arena)
{
	use(arena);
	return out(cJSON_CreateArray());
}

struct ad_json *ad_json_new_string(struct ad_arena *arena, const char *text)
{
	use(arena);
	return out(text ? cJSON_CreateString(text) : cJSON_CreateNull());
}

struct ad_json *ad_json_new_number(struct ad_arena *arena, double number)
{
	use(arena);
	return out(cJSON_CreateNumber(number));
}

struct ad_json *ad_json_new_int(struct ad_arena *arena, int64_t number)
{
	return ad_json_new_number(arena, (double)number);
}

struct ad_json *ad_json_new_bool(struct ad_arena *arena, bool value)
{
	use(arena);
	return out(cJSON_CreateBool(value));
}

struct ad_json *ad_json_new_null(struct ad_arena *arena)
{
	use(arena);
	return out(cJSON_CreateNull());
}

struct ad_json *ad_json_copy(struct ad_arena *arena, const struct ad_json *value)
{
	use(arena);
	return out(cJSON_Duplicate(in_const(value), 1));
}

void ad_json_set(
	struct ad_arena *arena, struct ad_json *object, const char *name, struct ad_json *value)
{
	use(arena);
	AD_ASSERT(object && value);
	if (ad_json_get(object, name))
		(void)cJSON_ReplaceItemInObjectCaseSensitive(in(object), name, in(value));
	else
		(void)cJSON_AddItemToObject(in(object), name, in(value));
}

void ad_json_set_str(
	struct ad_arena *arena, struct ad_json *object, const char *name, const char *text)
{
	ad_json_set(arena, object, name, ad_json_new_string(arena, text));
}

void ad_json_set_int(
	struct ad_arena *arena, struct ad_json *object, const char *name, int64_t number)
{
	ad_json_set(arena, object, name, ad_json_new_int(arena, number));
}

void ad_json_set_bool(struct ad_arena *arena, struct ad_json *object, const char *name, bool value)
{
	ad_json_set(arena, object, name, ad_json_new_bool(arena, value));
}

void ad_json_append(struct ad_arena *arena, struct ad_json *array, struct ad_json *value)
{
	use(arena);
	AD_ASSERT(array && value);
	(void)cJSON_AddItemToArray(in(array), in(value));
}

void ad_json_remove(struct ad_json *object, const char *name)
{
	cJSON *member = in(ad_json_get(object, name));
	if (member)
		(void)cJSON_DetachItemViaPointer(in(object), member);
}

char *ad_json_print(struct ad_arena *arena, const struct ad_json *value)
{
	use(arena);
	char *text = cJSON_PrintUnformatted(in_const(value));
	AD_ASSERT(text != NULL);
	return text;
}
