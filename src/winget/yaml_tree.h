/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small YAML tree in which every scalar is text: "1.10", "yes" and "~" stay what was written.
 * Refuses what published data never has and what bombs are made of: anchors, aliases, tags, several
 * documents, repeated keys, and too much of anything.
 */
#ifndef AD_SRC_WINGET_YAML_TREE_H
#define AD_SRC_WINGET_YAML_TREE_H

#include "ad/arena.h"
#include "ad/bytes.h"
#include "ad/err.h"

#include <stdbool.h>

#define AD_YAML_DEPTH_MAX 32u
#define AD_YAML_NODES_MAX 250000u
#define AD_YAML_KEYS_MAX 256u /* of one mapping */

enum ad_yaml_kind { AD_YAML_SCALAR, AD_YAML_SEQUENCE, AD_YAML_MAPPING };

struct ad_yaml {
	enum ad_yaml_kind kind;
	size_t line;           /* from 1 */
	const char *key;       /* of a mapping's member */
	const char *text;      /* of a scalar */
	struct ad_yaml *first; /* of a sequence or mapping */
	struct ad_yaml *next;  /* sibling */
	size_t count;
};

/* Parses UTF-8, or UTF-16 behind its byte order mark, whose size the caller has limited. AD_EINVAL
 * with the line, AD_ETOOBIG. */
AD_MUST int ad_yaml_parse(
	struct ad_arena *arena, struct ad_bytes bytes, struct ad_yaml **ret, struct ad_err *err);

/* All take NULL and other kinds and then answer NULL. An empty scalar counts as absent. */
const struct ad_yaml *ad_yaml_get(const struct ad_yaml *mapping, const char *key);
const char *ad_yaml_text(const struct ad_yaml *scalar);
const char *ad_yaml_str(const struct ad_yaml *mapping, const char *key);

#define AD_YAML_EACH(item, container)                                                    \
	for (const struct ad_yaml *item = (container) ? (container)->first : NULL; item; \
		item = item->next)

#endif
