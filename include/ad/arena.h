/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arena: memory that lives as long as one turn or one job and is freed at once. One arena belongs
 * to one thread at a time; it has no lock.
 */
#ifndef AD_ARENA_H
#define AD_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct ad_arena;

/* A new, empty arena; its first block of 16 KiB is taken when first needed. Aborts when memory is
 * out. */
struct ad_arena *ad_arena_new(void);

/* Runs the deferred functions, newest first, and frees everything. NULL is allowed. */
void ad_arena_free(struct ad_arena *arena);

/* Like free, but keeps the arena (and its first block) for the next turn. */
void ad_arena_reset(struct ad_arena *arena);

/* Bytes handed out since the last reset; for limits and tests. */
size_t ad_arena_used(const struct ad_arena *arena);

/* Calls fn(ptr) when the arena is reset or freed: for what is not memory (PGresult, FILE, fd
 * holder). */
void ad_arena_defer(struct ad_arena *arena, void (*fn)(void *), void *ptr);

/* Zeroed memory, aligned for any type, owned by the arena. Aborts when memory is out, so never
 * NULL. */
void *ad_alloc(struct ad_arena *arena, size_t size);

/* count * size bytes, overflow checked (aborts: counts from outside are limited before). */
void *ad_alloc_array(struct ad_arena *arena, size_t count, size_t size);

/* Copies, NUL-terminated; ad_strndup of len bytes at most, up to the first NUL. NULL of NULL. */
char *ad_strdup(struct ad_arena *arena, const char *text);
char *ad_strndup(struct ad_arena *arena, const char *text, size_t len);
void *ad_memdup(struct ad_arena *arena, const void *data, size_t len);

/* printf into the arena. */
char *ad_printf(struct ad_arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *ad_vprintf(struct ad_arena *arena, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

/* malloc family for what outlives a turn; aborts when memory is out. Freed with free(). */
void *ad_xalloc(size_t size);
char *ad_xstrdup(const char *text);

#endif
