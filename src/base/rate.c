/* SPDX-License-Identifier: Apache-2.0 */
/* A set-associative table of token buckets under one lock; see rate.h. */
#include "ad/rate.h"

#include "ad/arena.h"
#include "ad/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define WAYS 4u                       /* places for keys whose hashes meet */
#define HASH_PRIME 0x100000001b3u     /* FNV-1a */
#define HASH_START 0xcbf29ce484222325 /* mixed with a secret: nobody can choose who meets whom */

struct bucket {
	char key[AD_RATE_KEY_MAX]; /* "": empty */
	int64_t seen_ms;
	int64_t level; /* of tokens, times period_ms: whole numbers only */
	bool told;     /* has had AD_RATE_FIRST */
};

struct ad_rate {
	struct ad_rate_config config;
	uint64_t secret;
	pthread_mutex_t lock; /* guards buckets */
	size_t sets;
	struct bucket buckets[];
};

struct ad_rate *ad_rate_new(const struct ad_rate_config *config)
{
	AD_ASSERT(config->takes > 0 && config->period_ms > 0 && config->burst > 0);
	size_t sets = (config->keys + WAYS - 1) / WAYS;
	struct ad_rate *rate =
		ad_xalloc(sizeof *rate + (sets ? sets : 1) * WAYS * sizeof rate->buckets[0]);
	rate->config = *config;
	rate->sets = sets ? sets : 1;
	AD_ASSERT(getrandom(&rate->secret, sizeof rate->secret, 0) == sizeof rate->secret);
	AD_ASSERT(pthread_mutex_init(&rate->lock, NULL) == 0);
	return rate;
}

void ad_rate_free(struct ad_rate *rate)
{
	if (!rate)
		return;
	(void)pthread_mutex_destroy(&rate->lock);
	free(rate);
}

static uint64_t hash(const struct ad_rate *rate, const char *key)
{
	uint64_t value = HASH_START ^ rate->secret;
	for (; *key; key++)
		value = (value ^ (unsigned char)*key) * HASH_PRIME;
	return value ^ value >> 32;
}

static int64_t full(const struct ad_rate *rate)
{
	return (int64_t)rate->config.burst * rate->config.period_ms;
}

/* The key's bucket; a new one is full and takes the place of the one seen longest ago. */
static struct bucket *bucket_locked(struct ad_rate *rate, const char *key, int64_t now_ms)
{
	struct bucket *set = &rate->buckets[hash(rate, key) % rate->sets * WAYS];
	struct bucket *oldest = &set[0];
	for (size_t way = 0; way < WAYS; way++) {
		if (strcmp(set[way].key, key) == 0)
			return &set[way];
		if (!set[way].key[0] || (oldest->key[0] && set[way].seen_ms < oldest->seen_ms))
			oldest = &set[way];
	}
	*oldest = (struct bucket){ .seen_ms = now_ms, .level = full(rate) };
	(void)snprintf(oldest->key, sizeof oldest->key, "%s", key);
	return oldest;
}

static void refill(const struct ad_rate *rate, struct bucket *bucket, int64_t now_ms)
{
	int64_t gone_ms = now_ms - bucket->seen_ms;
	int64_t room = full(rate) - bucket->level;
	if (gone_ms > room / rate->config.takes)
		bucket->level += room;
	else if (gone_ms > 0)
		bucket->level += gone_ms * rate->config.takes;
	bucket->seen_ms = now_ms;
}

enum ad_rate_answer ad_rate_take(
	struct ad_rate *rate, const char *key, int64_t now_ms, int *ret_wait_s)
{
	char cut[AD_RATE_KEY_MAX];
	enum ad_rate_answer answer = AD_RATE_TAKEN;
	const int64_t one = rate->config.period_ms;
	(void)snprintf(cut, sizeof cut, "%s", *key ? key : "-");
	*ret_wait_s = 0;
	(void)pthread_mutex_lock(&rate->lock);
	struct bucket *bucket = bucket_locked(rate, cut, now_ms);
	refill(rate, bucket, now_ms);
	if (bucket->level >= one) {
		bucket->level -= one;
		bucket->told &= bucket->level < full(rate) / 2;
	} else {
		int64_t wait_ms = (one - bucket->level) / rate->config.takes;
		*ret_wait_s = (int)(wait_ms / 1000) + 1;
		answer = bucket->told ? AD_RATE_OVER : AD_RATE_FIRST;
		bucket->told = true;
	}
	(void)pthread_mutex_unlock(&rate->lock);
	return answer;
}
