/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of expressions, with the meanings that JavaScript gives them. Strings are UTF-8 in which a
 * lone UTF-16 surrogate may stand as three bytes (WTF-8). Arrays and objects are borrowed from the
 * data until somebody needs them as a list. Private to cards.
 */
#ifndef AD_CARDS_VALUE_H
#define AD_CARDS_VALUE_H

#include "ad/arena.h"
#include "ad/buf.h"
#include "ad/json.h"

enum ad_value_kind {
	AD_UNDEFINED = 0,
	AD_NULL,
	AD_BOOL,
	AD_NUMBER,
	AD_STRING,
	AD_ARRAY,
	AD_OBJECT,
	AD_TICKS, /* a whole number of 64 bits, from ticks() */
	AD_BYTES, /* from binary() and its like */
};

struct ad_string {
	const char *text; /* NUL-terminated, but may hold NULs */
	size_t len;
};

struct ad_list;

struct ad_value {
	enum ad_value_kind kind;
	union {
		bool truth;
		double number;
		int64_t ticks;
		struct ad_string string;    /* also the bytes of AD_BYTES */
		const struct ad_json *json; /* array or object of the data; list is NULL */
	};
	struct ad_list *list; /* array or object that an expression made */
};

/* Elements of an array, or members of an object in the order of JavaScript. */
struct ad_list {
	size_t count;
	struct ad_value *value;
	struct ad_string *name; /* NULL for an array */
};

struct ad_value ad_value_bool(bool truth);
struct ad_value ad_value_number(double number);
struct ad_value ad_value_string(const char *text, size_t len);              /* text must live on */
struct ad_value ad_value_of_json(const struct ad_json *json);               /* NULL: undefined */
void ad_value_set_json(struct ad_value *value, const struct ad_json *json); /* the same, in place */
struct ad_value ad_value_of_list(struct ad_list *list);

bool ad_value_is_nullish(const struct ad_value *value);
bool ad_value_is_integer(const struct ad_value *value);
/* What `and`, `or`, `not` and `if` take for true: all but false, null and undefined. */
bool ad_value_is_true(const struct ad_value *value);

/* A name that JavaScript takes for an index: in objects they stand before all others, by size. */
bool ad_name_is_index(const char *name);

/* The elements or members of an array or object; a borrowed one becomes a list of borrowed ones. */
struct ad_list *ad_value_list(struct ad_arena *arena, const struct ad_value *value);
struct ad_list *ad_list_new(struct ad_arena *arena, size_t count, bool named);
/* Position of the member with exactly this name; the count when there is none. */
size_t ad_list_find(const struct ad_list *object, const struct ad_string *name);

/* The member of an object (array, string) with this name, whatever its case; undefined if none. */
struct ad_value ad_value_property(
	struct ad_arena *arena, const struct ad_value *value, const char *name, size_t len);
/* The member with exactly this name, as JavaScript's own value[name]. */
struct ad_value ad_value_own(
	struct ad_arena *arena, const struct ad_value *value, const char *name, size_t len);

/* === of JavaScript; containers are the same only when they are one. */
bool ad_value_same(const struct ad_value *a, const struct ad_value *b);
/* == of the language: deep, and numbers with a tolerance. */
bool ad_value_equal(struct ad_arena *arena, const struct ad_value *a, const struct ad_value *b);

/* value.toString(): arrays joined by commas, objects "[object Object]". */
void ad_value_add_text(struct ad_arena *arena, struct ad_buf *out, const struct ad_value *value);
/* JSON.stringify; undefined is null. */
void ad_value_add_json(struct ad_arena *arena, struct ad_buf *out, const struct ad_value *value);
/* What concat() and string() make of it: null is empty, containers are JSON. */
void ad_value_add_plain(struct ad_arena *arena, struct ad_buf *out, const struct ad_value *value);

/* As JavaScript prints it. */
void ad_number_add(struct ad_buf *out, double number);
/* number.toFixed(digits). */
void ad_number_add_fixed(struct ad_buf *out, double number, int digits);

/* Text with the escapes of JSON.stringify, without quotes. */
void ad_json_add_escaped(struct ad_buf *out, const char *text, size_t len);

#endif
