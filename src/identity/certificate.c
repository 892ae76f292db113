/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The credential that is a certificate; see credential.h. Its files are read again when they have
 * changed; what cannot be used then leaves the certificate in use as it is, and is read again each
 * time that somebody looks: certificate and key are often written one after the other.
 */
#include "assertion.h"
#include "credential.h"

#include "ad/file.h"

#include <pthread.h>
#include <sys/stat.h>

#define FILE_MAX ((size_t)1 << 20) /* bytes of a PEM file */

/* What tells that a file has changed. */
struct stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

struct certificate {
	pthread_mutex_t lock; /* guards all below */
	struct ad_signer *signer;
	struct stamp stamps[2]; /* of certificate and key, as they are in use */
	unsigned loads;
	struct ad_err unreadable;
};

static const char *key_path(const struct ad_token_config *config)
{
	return config->certificate_key ? config->certificate_key : config->certificate;
}

/* A file that is not there has a stamp of its own: all zeros. */
static struct stamp stamp_of(const char *path)
{
	struct stat facts;
	if (stat(path, &facts) != 0)
		return (struct stamp){ 0 };
	return (struct stamp){
		.device = facts.st_dev,
		.inode = facts.st_ino,
		.size = facts.st_size,
		.changed = facts.st_mtim,
	};
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

static int read_signer(
	const struct ad_token_config *config, struct ad_signer **ret, struct ad_err *err)
{
	struct ad_arena *arena = ad_arena_new();
	const char *paths[2] = { config->certificate, key_path(config) };
	struct ad_bytes pem[2] = { { 0 } };
	char *text[2] = { NULL, NULL };
	int rc = 0;
	for (int i = 0; rc == 0 && i < 2; i++) {
		rc = ad_file_read(arena, paths[i], FILE_MAX, &text[i], &pem[i].len, err);
		pem[i].data = (const uint8_t *)text[i];
	}
	if (rc == 0) {
		rc = ad_signer_new(pem[0], pem[1], ret, err);
		if (rc != 0)
			ad_err_prefix(err, "%s: ", config->certificate);
	}
	for (int i = 0; i < 2; i++) {
		if (text[i])
			ad_crypto_wipe(text[i], pem[i].len);
	}
	ad_arena_free(arena);
	return rc;
}

/* Files are read without the lock; who reads them twice at a time does no harm. */
static void reload_if_changed(struct ad_credential *credential)
{
	struct certificate *certificate = credential->state;
	const struct ad_token_config *config = credential->config;
	const struct stamp now[2] = { stamp_of(config->certificate), stamp_of(key_path(config)) };
	struct ad_signer *fresh = NULL;
	struct ad_err err = { 0 };
	(void)pthread_mutex_lock(&certificate->lock);
	bool same = same_stamp(&now[0], &certificate->stamps[0]) &&
		    same_stamp(&now[1], &certificate->stamps[1]);
	if (same)
		certificate->unreadable = (struct ad_err){ 0 };
	(void)pthread_mutex_unlock(&certificate->lock);
	if (same)
		return;
	int rc = read_signer(config, &fresh, &err);
	(void)pthread_mutex_lock(&certificate->lock);
	struct ad_signer *old = NULL;
	certificate->unreadable = rc == 0 ? (struct ad_err){ 0 } : err;
	if (rc == 0) {
		old = certificate->signer;
		certificate->signer = fresh;
		certificate->loads++;
		memcpy(certificate->stamps, now, sizeof now);
	}
	(void)pthread_mutex_unlock(&certificate->lock);
	ad_signer_free(old);
}

static int open_certificate(struct ad_credential *credential, struct ad_err *err)
{
	const struct ad_token_config *config = credential->config;
	if (!config->certificate)
		return AD_FAIL(
			err, AD_ECONFIG, "%s.certificate: a PEM file is required", config->name);
	struct certificate *certificate = ad_xalloc(sizeof *certificate);
	AD_ASSERT(pthread_mutex_init(&certificate->lock, NULL) == 0);
	credential->state = certificate;
	certificate->stamps[0] = stamp_of(config->certificate);
	certificate->stamps[1] = stamp_of(key_path(config));
	certificate->loads = 1;
	if (read_signer(config, &certificate->signer, err) == 0)
		return 0;
	ad_err_prefix(err, "%s.certificate: ", config->name);
	return AD_ECONFIG;
}

/* A new assertion each time: the endpoint takes none twice. */
static char *sign(const struct ad_credential *credential, const struct ad_acquire *acquire)
{
	struct certificate *certificate = credential->state;
	const struct ad_token_config *config = credential->config;
	(void)pthread_mutex_lock(&certificate->lock);
	char *assertion = ad_assertion_new(acquire->arena, certificate->signer, config->client_id,
		config->token_url, acquire->now_s);
	(void)pthread_mutex_unlock(&certificate->lock);
	return assertion;
}

static int acquire_by_certificate(struct ad_credential *credential,
	const struct ad_acquire *acquire, struct ad_grant *ret, struct ad_err *err)
{
	reload_if_changed(credential);
	const char *proof = ad_endpoint_assertion(acquire->arena, sign(credential, acquire));
	return ad_endpoint_grant(credential->config, acquire, proof, ret, err);
}

static void look(struct ad_credential *credential, int64_t now_s, struct ad_token_status *status)
{
	struct certificate *certificate = credential->state;
	(void)pthread_mutex_lock(&certificate->lock);
	int64_t left_s = ad_signer_ends_s(certificate->signer) - now_s;
	status->certificate_s = left_s != 0 ? left_s : -1;
	status->certificate_early = ad_signer_begins_s(certificate->signer) > now_s;
	status->certificates = certificate->loads;
	status->unreadable = certificate->unreadable;
	(void)pthread_mutex_unlock(&certificate->lock);
}

static void close_certificate(struct ad_credential *credential)
{
	struct certificate *certificate = credential->state;
	if (!certificate)
		return;
	ad_signer_free(certificate->signer);
	(void)pthread_mutex_destroy(&certificate->lock);
	free(certificate);
}

const struct ad_credential_ops ad_credential_certificate = {
	.open = open_certificate,
	.acquire = acquire_by_certificate,
	.reload = reload_if_changed,
	.look = look,
	.close = close_certificate,
};
