/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing security.reference_key while everybody works: a thread counts what is sealed with which
 * key, seals again what older keys have sealed, and says when they can go. With one key alone it
 * only counts, and says what cannot be opened any more.
 */
#include "rekey.h"

#include "ad/crypto.h"
#include "ad/log.h"
#include "ad/text.h"
#include "ad/work.h"

#define ROWS_A_BATCH 100
#define BATCH_PAUSE_MS 50   /* so that others come first */
#define AGAIN_MS 1000       /* after a pass that left rows that somebody held */
#define PASS_PAUSE_MS 30000 /* another node may still use an older key */
#define TROUBLE_PAUSE_MS 5000
#define PROGRESS_ROWS 10000 /* between two lines in the log */
#define ID_BYTES 4          /* of the key's digest, that rows name it by */

/* ---- the keys ---- */

static int read_key(struct ad_arena *arena, const char *text, struct ad_store_conv_key *ret)
{
	uint8_t *key;
	size_t len;
	uint8_t digest[AD_SHA256_LEN];
	if (ad_base64_decode(arena, text, strlen(text), &key, &len) != 0 || len != sizeof ret->key)
		return AD_ECONFIG;
	memcpy(ret->key, key, len);
	ad_sha256(key, len, digest);
	ret->id = ad_hex(arena, digest, ID_BYTES);
	ret->next = NULL;
	return 0;
}

int ad_rekey_keys(struct ad_arena *arena, const struct ad_config *config,
	struct ad_store_conv_key *ret, struct ad_err *err)
{
	const struct ad_config_list *old = &config->security.reference_keys_old;
	if (read_key(arena, config->security.reference_key, ret) != 0)
		return AD_FAIL(err, AD_ECONFIG, "security.reference_key is not 32 bytes in base64");
	for (size_t i = old->count; i-- > 0;) {
		struct ad_store_conv_key *key = ad_alloc(arena, sizeof *key);
		if (read_key(arena, old->item[i], key) != 0)
			return AD_FAIL(err, AD_ECONFIG,
				"security.reference_keys_old has a key that is not 32 bytes in "
				"base64");
		if (ad_text_eq(key->id, ret->id))
			continue; /* the new one: written there first, as the guide has it */
		key->next = ret->next;
		ret->next = key;
	}
	return 0;
}

/* ---- the thread ---- */

static bool pause_for(struct ad_rekey *rekey, int64_t ms)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	int64_t nanoseconds = until.tv_nsec + ms % 1000 * 1000000;
	until.tv_sec += (time_t)(ms / 1000 + nanoseconds / 1000000000);
	until.tv_nsec = (long)(nanoseconds % 1000000000);
	(void)pthread_mutex_lock(&rekey->lock);
	while (!rekey->stopping && pthread_cond_timedwait(&rekey->wake, &rekey->lock, &until) == 0)
		continue;
	bool go_on = !rekey->stopping;
	(void)pthread_mutex_unlock(&rekey->lock);
	return go_on;
}

static void tell_unknown(struct ad_rekey *rekey, int64_t unknown)
{
	if (unknown > 0 && unknown != rekey->unknown_told)
		ad_log(AD_LOG_ERROR, "app",
			"rows are sealed with a key that is not configured and are as good as "
			"missing: write it into security.reference_keys_old",
			"rows", AD_NUM(unknown), NULL);
	rekey->unknown_told = unknown;
}

static int count(struct ad_rekey *rekey, struct ad_db *db, struct ad_err *err)
{
	struct ad_rekey_left left = { 0 };
	struct ad_arena *arena = ad_arena_new();
	int rc = ad_store_rekey_count(db, arena, rekey->key, &left, err);
	ad_arena_free(arena);
	if (rc != 0)
		return rc;
	atomic_store(&rekey->old, left.old);
	atomic_store(&rekey->unknown, left.unknown);
	atomic_store(&rekey->counted, true);
	tell_unknown(rekey, left.unknown);
	return 0;
}

static void tell_progress(const struct ad_rekey *rekey, int64_t before, int64_t sealed)
{
	if (before / PROGRESS_ROWS != sealed / PROGRESS_ROWS)
		ad_log(AD_LOG_INFO, "app", "sealing again with the new key", "rows_left",
			AD_NUM(atomic_load(&rekey->old)), NULL);
}

/* Through all rows once. */
static int seal_again(
	struct ad_rekey *rekey, struct ad_db *db, int64_t *ret_broken, struct ad_err *err)
{
	struct ad_rekey_pass pass = { 0 };
	int64_t begun = atomic_load(&rekey->old);
	int rc = 0;
	ad_log(AD_LOG_INFO, "app", "sealing again with the new key", "rows_left", AD_NUM(begun),
		NULL);
	while (rc == 0 && !pass.over && pause_for(rekey, BATCH_PAUSE_MS)) {
		int64_t before = pass.sealed;
		rc = ad_store_rekey_step(db, rekey->key, ROWS_A_BATCH, &pass, err);
		atomic_store(&rekey->old, begun > pass.sealed ? begun - pass.sealed : 0);
		tell_progress(rekey, before, pass.sealed);
	}
	*ret_broken = pass.broken;
	ad_store_rekey_pass_release(&pass);
	return rc;
}

/* Done is told once, and again when another node has used an older key meanwhile. */
static void tell_end(struct ad_rekey *rekey, int64_t broken)
{
	int64_t old = atomic_load(&rekey->old);
	if (old == 0 && !rekey->done_told)
		ad_log(AD_LOG_INFO, "app",
			"all is sealed with the new key: security.reference_keys_old can be "
			"emptied",
			NULL);
	rekey->done_told = old == 0;
	if (broken > 0 && broken != rekey->broken_told)
		ad_log(AD_LOG_ERROR, "app",
			"sealed rows do not open with the key that they name: somebody has "
			"changed them",
			"rows", AD_NUM(broken), NULL);
	rekey->broken_told = broken;
}

/* One look, and a pass when there is something to do. Milliseconds until the next look. */
static int64_t look(struct ad_rekey *rekey)
{
	const struct ad_db_options options = { .application_name = "appdesk rekey" };
	struct ad_db *db = ad_db_open_shared(rekey->database, &options);
	struct ad_err err = { 0 };
	int64_t broken = 0;
	int rc = count(rekey, db, &err);
	if (rc == 0 && rekey->key->next && atomic_load(&rekey->old) > 0) {
		rc = seal_again(rekey, db, &broken, &err);
		if (rc == 0)
			rc = count(rekey, db, &err);
	}
	if (rc == 0 && rekey->key->next)
		tell_end(rekey, broken);
	ad_db_close(db);
	/* The watch over the database tells of its outages. */
	if (rc != 0 && err.class != AD_CLASS_TRANSIENT)
		ad_log_err(AD_LOG_ERROR, "app", "sealing again does not go on", &err, NULL);
	if (rc != 0)
		return TROUBLE_PAUSE_MS;
	return atomic_load(&rekey->old) > broken ? AGAIN_MS : PASS_PAUSE_MS;
}

static void *run(void *ctx)
{
	struct ad_rekey *rekey = ctx;
	int64_t wait_ms;
	do {
		wait_ms = look(rekey);
	} while ((rekey->key->next || !atomic_load(&rekey->counted)) && pause_for(rekey, wait_ms));
	return NULL;
}

int ad_rekey_start(struct ad_rekey *rekey, struct ad_db_url *database,
	const struct ad_store_conv_key *key, struct ad_err *err)
{
	pthread_condattr_t attributes;
	rekey->database = database;
	rekey->key = key;
	(void)pthread_mutex_init(&rekey->lock, NULL);
	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&rekey->wake, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	int rc = ad_thread_start(&rekey->thread, "rekey", run, rekey, err);
	rekey->running = rc == 0;
	return rc;
}

void ad_rekey_stop(struct ad_rekey *rekey)
{
	if (!rekey->running)
		return;
	(void)pthread_mutex_lock(&rekey->lock);
	rekey->stopping = true;
	(void)pthread_cond_signal(&rekey->wake);
	(void)pthread_mutex_unlock(&rekey->lock);
	(void)pthread_join(rekey->thread, NULL);
	(void)pthread_cond_destroy(&rekey->wake);
	(void)pthread_mutex_destroy(&rekey->lock);
	rekey->running = false;
}
