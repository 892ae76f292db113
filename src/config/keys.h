/* SPDX-License-Identifier: Apache-2.0 */
/* The table of keys. Private to config. */
#ifndef AD_CONFIG_KEYS_H
#define AD_CONFIG_KEYS_H

#include "ad/config.h"

enum ad_key_type { AD_KEY_TEXT, AD_KEY_INT, AD_KEY_BOOL, AD_KEY_LIST };

struct ad_key {
	const char *name; /* section.key */
	enum ad_key_type type;
	size_t offset;         /* of the field in struct ad_config */
	const char *otherwise; /* default, written as in the file */
	int64_t min;
	int64_t max;
	bool secret;
	const char *help;
};

extern const struct ad_key ad_keys[];
extern const size_t ad_keys_count;

/* NULL when there is none. */
const struct ad_key *ad_key_find(const char *name);

/* Fills what the file left empty and another key or the cloud's preset decides. */
AD_MUST int ad_config_presets(struct ad_arena *arena, struct ad_config *config, struct ad_err *err);

/* What one key alone cannot tell. */
AD_MUST int ad_config_check(
	struct ad_arena *arena, const struct ad_config *config, struct ad_err *err);

/* Fills what the second of two credentials does not say from the first. */
void ad_config_inherit(
	struct ad_config_credential *credential, const struct ad_config_credential *from);
/* A Kubernetes workload's environment says what the configuration of a federated credential does
 * not: client, tenant, file. Returns its host for tokens, or otherwise. */
const char *ad_config_workload(
	struct ad_arena *arena, struct ad_config *config, const char *otherwise);
/* The file of a federated credential that names neither file nor identity. */
void ad_config_workload_file(struct ad_arena *arena, struct ad_config_credential *credential);
/* section names the keys in the error. */
AD_MUST int ad_config_check_credential(
	const char *section, const struct ad_config_credential *credential, struct ad_err *err);

/* url is https, or http on loopback where dev.loopback allows it. */
AD_MUST int ad_config_check_url(
	const struct ad_config *config, const char *key, const char *url, struct ad_err *err);

/* The section [mail]. */
AD_MUST int ad_config_check_mail(const struct ad_config *config, struct ad_err *err);

#endif
