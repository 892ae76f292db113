/* SPDX-License-Identifier: Apache-2.0 */
/* Our own tokens: from the configuration to their sources, and the watch over them. Private to
 * app. */
#ifndef AD_APP_TOKENS_H
#define AD_APP_TOKENS_H

#include "ad/buf.h"
#include "ad/config.h"
#include "ad/identity/token.h"

/* The configuration of one source; its strings are the config's, which must outlive the source. */
struct ad_token_config ad_tokens_bot(const struct ad_config *config);
struct ad_token_config ad_tokens_graph(const struct ad_config *config);

/* What the watch has seen of one source last; of the watching thread alone. */
struct ad_token_watch {
	struct ad_token_source *source;
	const char *name; /* "bot", "graph" */
	/* Its certificate is watched, too; false when another source has the same. */
	bool certificate;
	struct ad_err error;      /* as it was logged; code 0: nothing is wrong */
	struct ad_err unreadable; /* likewise */
	int certificate_days;     /* as they were logged; INT32_MAX: none were */
	unsigned certificates;    /* that were in use, as it was logged */
};

void ad_token_watch_init(struct ad_token_watch *watch, struct ad_token_source *source,
	const char *name, bool certificate);
/* Logs what has changed since the last look: a token that cannot be had, a certificate that ends
 * within 30 days or whose new files cannot be used. The watching thread. */
void ad_token_watch_look(struct ad_token_watch *watch);

#endif
