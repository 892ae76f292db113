/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arena: a list of blocks that only grow, freed together. Every turn and every job has one, so
 * nothing inside a turn is freed by hand.
 */
#include "ad/arena.h"
#include "ad/err.h"

#include <stdalign.h>
#include <stdint.h>

#define FIRST_BLOCK ((size_t)16 << 10)
#define LARGEST_BLOCK ((size_t)1 << 20) /* a larger wish gets a block of its own size */

struct block {
	struct block *next;
	size_t size;
	size_t used;
	alignas(max_align_t) unsigned char data[];
};

struct deferred {
	struct deferred *next;
	void (*fn)(void *);
	void *ptr;
};

struct ad_arena {
	struct block *blocks; /* newest first */
	struct deferred *deferred;
	size_t used;
};

void *ad_xalloc(size_t size)
{
	void *memory = calloc(1, size ? size : 1);
	if (!memory) {
		/* State is in PostgreSQL and a restart is safe, so running out is the end. */
		static const char line[] =
			"{\"level\":\"error\",\"module\":\"base\",\"msg\":\"out of memory\"}\n";
		ssize_t n = write(STDERR_FILENO, line, sizeof line - 1);
		(void)n;
		abort();
	}
	return memory;
}

char *ad_xstrdup(const char *text)
{
	if (!text)
		return NULL;
	size_t size = strlen(text) + 1;
	char *copy = ad_xalloc(size);
	memcpy(copy, text, size);
	return copy;
}

struct ad_arena *ad_arena_new(void)
{
	return ad_xalloc(sizeof(struct ad_arena));
}

static void run_deferred(struct ad_arena *arena)
{
	while (arena->deferred) {
		struct deferred *d = arena->deferred;
		arena->deferred = d->next;
		d->fn(d->ptr);
	}
}

void ad_arena_reset(struct ad_arena *arena)
{
	run_deferred(arena);
	while (arena->blocks && arena->blocks->next) {
		struct block *block = arena->blocks;
		arena->blocks = block->next;
		free(block);
	}
	if (arena->blocks)
		arena->blocks->used = 0;
	arena->used = 0;
}

void ad_arena_free(struct ad_arena *arena)
{
	if (!arena)
		return;
	ad_arena_reset(arena);
	free(arena->blocks);
	free(arena);
}

size_t ad_arena_used(const struct ad_arena *arena)
{
	return arena->used;
}

void *ad_alloc(struct ad_arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	AD_ASSERT(size <= SIZE_MAX / 2);
	size = (size + align - 1) & ~(align - 1);
	struct block *block = arena->blocks;
	if (!block || block->size - block->used < size) {
		size_t want = block ? block->size * 2 : FIRST_BLOCK;
		want = want > LARGEST_BLOCK ? LARGEST_BLOCK : want;
		want = want < size ? size : want;
		block = malloc(sizeof *block + want);
		if (!block)
			block = ad_xalloc(sizeof *block + want);
		block->next = arena->blocks;
		block->size = want;
		block->used = 0;
		arena->blocks = block;
	}
	void *memory = block->data + block->used;
	block->used += size;
	arena->used += size;
	return memset(memory, 0, size);
}

void *ad_alloc_array(struct ad_arena *arena, size_t count, size_t size)
{
	AD_ASSERT(size == 0 || count <= SIZE_MAX / 2 / size);
	return ad_alloc(arena, count * size);
}

void ad_arena_defer(struct ad_arena *arena, void (*fn)(void *), void *ptr)
{
	struct deferred *d = ad_alloc(arena, sizeof *d);
	*d = (struct deferred){ .next = arena->deferred, .fn = fn, .ptr = ptr };
	arena->deferred = d;
}

void *ad_memdup(struct ad_arena *arena, const void *data, size_t len)
{
	void *copy = ad_alloc(arena, len + 1); /* one zero byte behind, so text is terminated */
	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

char *ad_strndup(struct ad_arena *arena, const char *text, size_t len)
{
	return text ? ad_memdup(arena, text, strnlen(text, len)) : NULL;
}

char *ad_strdup(struct ad_arena *arena, const char *text)
{
	return text ? ad_memdup(arena, text, strlen(text)) : NULL;
}

char *ad_vprintf(struct ad_arena *arena, const char *fmt, va_list args)
{
	va_list again;
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	AD_ASSERT(len >= 0);
	char *text = ad_alloc(arena, (size_t)len + 1);
	(void)vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

char *ad_printf(struct ad_arena *arena, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	char *text = ad_vprintf(arena, fmt, args);
	va_end(args);
	return text;
}
