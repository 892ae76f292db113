/* SPDX-License-Identifier: Apache-2.0 */
/* A set-associative table under one lock; see token_cache.h. */
#include "token_cache.h"

#include <pthread.h>

struct entry {
	uint8_t digest[AD_SHA256_LEN];
	uint64_t used; /* when last, by the cache's own count; 0: empty */
	char *kid;
	char *serviceurl;
	struct ad_verified verified; /* its strings are the two above */
};

struct ad_token_cache {
	pthread_mutex_t lock; /* guards all below */
	uint64_t clock;       /* counts uses */
	struct entry entries[AD_TOKEN_CACHE_SETS][AD_TOKEN_CACHE_WAYS];
};

struct ad_token_cache *ad_token_cache_new(void)
{
	struct ad_token_cache *cache = ad_xalloc(sizeof *cache);
	AD_ASSERT(pthread_mutex_init(&cache->lock, NULL) == 0);
	return cache;
}

static void clear(struct entry *entry)
{
	free(entry->kid);
	free(entry->serviceurl);
	*entry = (struct entry){ 0 };
}

void ad_token_cache_free(struct ad_token_cache *cache)
{
	if (!cache)
		return;
	for (size_t set = 0; set < AD_TOKEN_CACHE_SETS; set++) {
		for (size_t way = 0; way < AD_TOKEN_CACHE_WAYS; way++)
			clear(&cache->entries[set][way]);
	}
	(void)pthread_mutex_destroy(&cache->lock);
	free(cache);
}

/* The entry with this digest, or else the best one to replace. */
static struct entry *place_locked(struct ad_token_cache *cache, const uint8_t *digest)
{
	struct entry *set = cache->entries[digest[0] % AD_TOKEN_CACHE_SETS];
	struct entry *oldest = &set[0];
	for (size_t way = 0; way < AD_TOKEN_CACHE_WAYS; way++) {
		if (set[way].used && memcmp(set[way].digest, digest, AD_SHA256_LEN) == 0)
			return &set[way];
		if (set[way].used < oldest->used)
			oldest = &set[way];
	}
	return oldest;
}

bool ad_token_cache_get(struct ad_token_cache *cache, const uint8_t digest[AD_SHA256_LEN],
	struct ad_arena *arena, struct ad_verified *ret)
{
	(void)pthread_mutex_lock(&cache->lock);
	struct entry *entry = place_locked(cache, digest);
	bool found = entry->used && memcmp(entry->digest, digest, AD_SHA256_LEN) == 0;
	if (found) {
		entry->used = ++cache->clock;
		*ret = entry->verified;
		ret->kid = ad_strdup(arena, entry->kid);
		ret->serviceurl = ad_strdup(arena, entry->serviceurl);
	}
	(void)pthread_mutex_unlock(&cache->lock);
	return found;
}

void ad_token_cache_put(struct ad_token_cache *cache, const uint8_t digest[AD_SHA256_LEN],
	const struct ad_verified *verified)
{
	(void)pthread_mutex_lock(&cache->lock);
	struct entry *entry = place_locked(cache, digest);
	clear(entry);
	memcpy(entry->digest, digest, AD_SHA256_LEN);
	entry->used = ++cache->clock;
	entry->kid = ad_xstrdup(verified->kid);
	entry->serviceurl = ad_xstrdup(verified->serviceurl);
	entry->verified = *verified;
	entry->verified.kid = entry->kid;
	entry->verified.serviceurl = entry->serviceurl;
	(void)pthread_mutex_unlock(&cache->lock);
}
