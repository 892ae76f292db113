/* SPDX-License-Identifier: Apache-2.0 */
/* Adaptive expressions: the tree that a text is compiled to, and its evaluation. Private to cards.
 */
#ifndef AD_CARDS_EXPR_H
#define AD_CARDS_EXPR_H

#include "ad/cards/template.h"
#include "ad/err.h"
#include "member_index.h"
#include "value.h"

/* Kinds of values that a function takes or gives, for the check while compiling. */
enum ad_type {
	AD_T_BOOLEAN = 1,
	AD_T_NUMBER = 2,
	AD_T_OBJECT = 4, /* anything */
	AD_T_STRING = 8,
	AD_T_ARRAY = 16,
};

/* How an evaluation ends. The official engine has two kinds of failure: an error that a function
 * gives back, which comparisons and conditions take for false, and an exception, which passes
 * through all but a text with several parts. */
enum ad_outcome {
	AD_DONE = 0,
	AD_FAILED,  /* error given back */
	AD_THROWN,  /* exception */
	AD_NOTHING, /* a failed element access: an exception to all but the outermost text */
	AD_STOPPED, /* a limit: the expansion ends */
};

struct ad_expr;
struct ad_eval;

struct ad_call {
	struct ad_eval *x;
	const struct ad_expr *expr;
	bool substitute;      /* missing values become "${path}" */
	struct ad_value *arg; /* evaluated and verified arguments; not for lazy functions */
	size_t count;
};

enum ad_verify {
	AD_ANY = 0,
	AD_IS_NUMBER,
	AD_IS_INTEGER,
	AD_IS_NUMBER_OR_LIST,
	AD_IS_NUMBER_LIST,
	AD_IS_NUMBER_OR_TEXT, /* or undefined */
	AD_IS_TEXT,
	AD_IS_TEXT_OR_UNDEFINED,
	AD_IS_LIST,
	AD_IS_CONTAINER,
	AD_IS_CONTAINER_OR_NULL,
	AD_IS_NOT_NULL,
};

enum ad_function_flag {
	AD_LAZY = 1,     /* evaluates its arguments itself */
	AD_COMPARES = 2, /* a failing argument makes it false; nothing is substituted */
	AD_LAMBDA = 4,   /* collection, name, expression; lazy */
	AD_KEEPS = 8,    /* gives a value along with an error, which or() hands on */
	AD_PATTERN = 16, /* the second argument is a regular expression */
};

#define AD_MANY 255
#define AD_TYPES_MAX 5

struct ad_function {
	const char *name; /* as it is called */
	const char *type; /* as the official engine prints it; NULL: name */
	uint8_t returns;
	uint8_t least, most;         /* arguments; AD_MANY: no limit */
	uint8_t types[AD_TYPES_MAX]; /* of each argument; the last one is for all behind it; 0: any
				      */
	uint8_t verify;
	uint8_t flags;
	enum ad_outcome (*call)(struct ad_call *call, struct ad_value *ret);
};

struct ad_expr {
	const struct ad_function *fn;
	const char *type;         /* fn's type, or the name of an unknown function */
	struct ad_value constant; /* when fn is ad_constant */
	struct ad_expr **child;
	size_t count;
	uint8_t returns;
	uint16_t height;      /* of the tree below */
	bool is_path;         /* an accessor of names alone: the next three */
	struct ad_name *name; /* the names */
	size_t names;         /* how many */
	const char *path;     /* "a.b.c" */
	const char *source;   /* between "${" and "}", when it stood there */
};

/* name -> value inside the expression of a lambda */
struct ad_local {
	const char *name;
	struct ad_value value;
	struct ad_local *outer;
};

/* One container of the data that an expression has changed. */
struct ad_change {
	const struct ad_json *json;
	struct ad_list *list;
	struct ad_change *next;
};

struct ad_eval {
	struct ad_arena *arena;
	const struct ad_template_context *context;
	const struct ad_template_filter *filter;
	struct ad_buf *out;
	struct ad_value root, data, host;
	int64_t index; /* -1: undefined */
	struct ad_local *local;
	struct ad_local *named; /* names that the binding has set itself, oldest first */
	size_t sets;            /* how often setPathToValue() has set something */
	size_t nested;          /* bindings in texts that are being evaluated */
	struct ad_member_indices indices;
	struct ad_change *changes;
	size_t steps, memory;
	uint64_t random;
	const char *missing;
	const char *why; /* of the last failure */
	const struct ad_expr *where;
	struct ad_buf scratch;
};

extern const struct ad_function ad_constant, ad_accessor, ad_element;

/* Compiles an expression in the arena: what the official engine's Expression.parse takes. */
AD_MUST int ad_expr_parse(struct ad_arena *arena, const char *text, size_t len, size_t depth,
	struct ad_expr **ret, struct ad_err *err);
/* A call of name, checked as the official engine checks it. */
AD_MUST int ad_expr_make(struct ad_arena *arena, const char *name, struct ad_expr **child,
	size_t count, struct ad_expr **ret, struct ad_err *err);
struct ad_expr *ad_expr_constant(struct ad_arena *arena, struct ad_value value);
const struct ad_function *ad_function_find(const char *name);

/* Whether there are functions for all that the expression calls. */
bool ad_expr_is_known(const struct ad_expr *expr);

/* The expression as the official engine prints it. */
void ad_expr_print(struct ad_buf *out, const struct ad_expr *expr);

enum ad_outcome ad_expr_eval(
	struct ad_eval *x, const struct ad_expr *expr, bool substitute, struct ad_value *ret);

/* One argument of a lazy function; all of them, to be its call->arg; and one that must be a whole
 * number. */
enum ad_outcome ad_eval_child(struct ad_call *call, size_t at, struct ad_value *ret);
enum ad_outcome ad_eval_children(struct ad_call *call, struct ad_value *arg);
enum ad_outcome ad_eval_whole(struct ad_call *call, size_t at, double *ret);

/* An accessor of names alone. */
enum ad_outcome ad_name_eval(
	struct ad_eval *x, const struct ad_expr *expr, bool substitutes, struct ad_value *ret);

/* Remembers why an expression failed, and gives AD_FAILED. */
enum ad_outcome ad_fail(struct ad_call *call, const char *why);
enum ad_outcome ad_throw(struct ad_call *call, const char *why);
/* Counts steps and bytes; AD_STOPPED when there are too many. */
enum ad_outcome ad_spend(struct ad_eval *x, size_t steps, size_t bytes);

/* A new text: fill the buffer and hand it back. */
struct ad_buf *ad_text_begin(struct ad_eval *x);
enum ad_outcome ad_text_end(struct ad_eval *x, struct ad_value *ret);

/* Elements of a list, counted; NULL after AD_STOPPED. */
struct ad_list *ad_list_of(struct ad_eval *x, const struct ad_value *value);
struct ad_list *ad_list_make(struct ad_eval *x, size_t count, bool named);
/* A copy to be changed, with room for one more, that stands for the container from now on. */
struct ad_list *ad_list_change(struct ad_eval *x, struct ad_value *value);
/* Sets a member: a new one stands last, or if its name is an index, by its size before all others.
 * There must be room for one more. */
void ad_list_set(
	struct ad_list *object, const struct ad_string *name, const struct ad_value *value);
/* What the data's container has become, if an expression has changed it. */
void ad_value_settle(const struct ad_eval *x, struct ad_value *value);

/* The value at a path of scope (NULL: of all that names mean here); "${path}" or undefined when
 * there is none. */
enum ad_outcome ad_path_eval(
	struct ad_call *call, const struct ad_value *scope, const char *path, struct ad_value *ret);
/* The path that an accessor stands for, and what it begins with: NULL when that is a name. */
enum ad_outcome ad_path_of(struct ad_call *call, const struct ad_expr *expr, const char **ret_path,
	const struct ad_expr **ret_left);
/* Sets what a path of names means; where there is no such container, nothing happens. */
enum ad_outcome ad_path_set(struct ad_call *call, const char *path, const struct ad_value *value);
enum ad_outcome ad_index(
	struct ad_call *call, const struct ad_value *list, double index, struct ad_value *ret);

/* Arguments: text or "" when undefined. */
struct ad_string ad_arg_text(const struct ad_call *call, size_t at);

/* Whether a constant may be the pattern of isMatch(): 0, AD_EINVAL or AD_ETOOBIG. */
AD_MUST int ad_pattern_check(struct ad_arena *arena, const struct ad_string *pattern);

/* Tables of functions, each ended by a row without a name. */
extern const struct ad_function ad_functions_logic[], ad_functions_math[], ad_functions_text[],
	ad_functions_list[], ad_functions_object[], ad_functions_convert[], ad_functions_date[],
	ad_functions_uri[], ad_functions_match[], ad_functions_xml[], ad_functions_memory[],
	ad_functions_zone[], ad_functions_timex[];

#endif
