/* SPDX-License-Identifier: Apache-2.0 */
/* libyaml's events made into a tree, with limits. */
#include "yaml_tree.h"

#include "ad/text.h"

#include <string.h>
#include <strings.h>
#include <yaml.h>

struct reader {
	struct ad_arena *arena;
	yaml_parser_t parser;
	size_t nodes;
	struct ad_err *err;
};

static int refuse(struct reader *reader, size_t line, const char *what)
{
	return AD_FAIL(reader->err, AD_EINVAL, "yaml: line %zu: %s", line, what);
}

static int next_event(struct reader *reader, yaml_event_t *event)
{
	if (!yaml_parser_parse(&reader->parser, event))
		return refuse(reader, reader->parser.problem_mark.line + 1,
			reader->parser.problem ? reader->parser.problem : "malformed");
	return 0;
}

/* Takes one event of this type and forgets it. */
static int expect(struct reader *reader, yaml_event_type_t type, const char *otherwise)
{
	yaml_event_t event;
	int rc = next_event(reader, &event);
	if (rc)
		return rc;
	if (event.type != type)
		rc = refuse(reader, event.start_mark.line + 1, otherwise);
	yaml_event_delete(&event);
	return rc;
}

static int read_scalar(struct reader *reader, const yaml_event_t *event, struct ad_yaml *node)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	if (event->data.scalar.anchor || event->data.scalar.tag)
		return refuse(reader, node->line, "anchors and tags are not allowed");
	if (memchr(text, '\0', len))
		return refuse(reader, node->line, "NUL in a text");
	node->kind = AD_YAML_SCALAR;
	node->text = ad_strndup(reader->arena, text, len);
	return 0;
}

static int read_node(
	struct reader *reader, const yaml_event_t *event, unsigned depth, struct ad_yaml **ret);

static void append(struct ad_yaml *container, struct ad_yaml ***tail, struct ad_yaml *item)
{
	**tail = item;
	*tail = &item->next;
	container->count++;
}

static int read_sequence(struct reader *reader, unsigned depth, struct ad_yaml *sequence)
{
	struct ad_yaml **tail = &sequence->first;
	for (;;) {
		yaml_event_t event;
		struct ad_yaml *item = NULL;
		int rc = next_event(reader, &event);
		if (rc)
			return rc;
		bool end = event.type == YAML_SEQUENCE_END_EVENT;
		if (!end)
			rc = read_node(reader, &event, depth + 1, &item);
		yaml_event_delete(&event);
		if (rc || end)
			return rc;
		append(sequence, &tail, item);
	}
}

/* Readers that ignore case must not see another document than we do. */
static int check_key(
	struct reader *reader, const struct ad_yaml *mapping, const struct ad_yaml *key)
{
	if (key->kind != AD_YAML_SCALAR || ad_text_empty(key->text))
		return refuse(reader, key->line, "key is not a text");
	if (mapping->count >= AD_YAML_KEYS_MAX)
		return AD_FAIL(reader->err, AD_ETOOBIG, "yaml: line %zu: too many keys", key->line);
	AD_YAML_EACH(other, mapping)
	{
		if (strcasecmp(other->key, key->text) == 0)
			return refuse(reader, key->line, "key appears twice");
	}
	return 0;
}

static int read_member(struct reader *reader, const yaml_event_t *key_event, unsigned depth,
	const struct ad_yaml *mapping, struct ad_yaml **ret)
{
	struct ad_yaml *key = NULL;
	yaml_event_t event;
	int rc = read_node(reader, key_event, depth, &key);
	if (!rc)
		rc = check_key(reader, mapping, key);
	if (!rc)
		rc = next_event(reader, &event);
	if (rc)
		return rc;
	rc = read_node(reader, &event, depth, ret);
	yaml_event_delete(&event);
	if (!rc)
		(*ret)->key = key->text;
	return rc;
}

static int read_mapping(struct reader *reader, unsigned depth, struct ad_yaml *mapping)
{
	struct ad_yaml **tail = &mapping->first;
	for (;;) {
		yaml_event_t event;
		struct ad_yaml *member = NULL;
		int rc = next_event(reader, &event);
		if (rc)
			return rc;
		bool end = event.type == YAML_MAPPING_END_EVENT;
		if (!end)
			rc = read_member(reader, &event, depth + 1, mapping, &member);
		yaml_event_delete(&event);
		if (rc || end)
			return rc;
		append(mapping, &tail, member);
	}
}

static int read_node(
	struct reader *reader, const yaml_event_t *event, unsigned depth, struct ad_yaml **ret)
{
	struct ad_yaml *node = ad_alloc(reader->arena, sizeof *node);
	node->line = event->start_mark.line + 1;
	*ret = node;
	if (depth > AD_YAML_DEPTH_MAX || ++reader->nodes > AD_YAML_NODES_MAX)
		return AD_FAIL(reader->err, AD_ETOOBIG, "yaml: line %zu: too deep or too much",
			node->line);
	if (event->type == YAML_SCALAR_EVENT)
		return read_scalar(reader, event, node);
	if (event->type == YAML_SEQUENCE_START_EVENT) {
		node->kind = AD_YAML_SEQUENCE;
		if (event->data.sequence_start.anchor || event->data.sequence_start.tag)
			return refuse(reader, node->line, "anchors and tags are not allowed");
		return read_sequence(reader, depth, node);
	}
	if (event->type == YAML_MAPPING_START_EVENT) {
		node->kind = AD_YAML_MAPPING;
		if (event->data.mapping_start.anchor || event->data.mapping_start.tag)
			return refuse(reader, node->line, "anchors and tags are not allowed");
		return read_mapping(reader, depth, node);
	}
	return refuse(reader, node->line, "aliases are not allowed");
}

static int read_document(struct reader *reader, struct ad_yaml **ret)
{
	yaml_event_t event;
	int rc = expect(reader, YAML_STREAM_START_EVENT, "no stream");
	if (!rc)
		rc = expect(reader, YAML_DOCUMENT_START_EVENT, "no document");
	if (!rc)
		rc = next_event(reader, &event);
	if (rc)
		return rc;
	rc = read_node(reader, &event, 1, ret);
	yaml_event_delete(&event);
	if (!rc)
		rc = expect(reader, YAML_DOCUMENT_END_EVENT, "document does not end");
	return rc ? rc : expect(reader, YAML_STREAM_END_EVENT, "more than one document");
}

int ad_yaml_parse(
	struct ad_arena *arena, struct ad_bytes bytes, struct ad_yaml **ret, struct ad_err *err)
{
	struct reader reader = { .arena = arena, .err = err };
	struct ad_yaml *root = NULL;
	AD_ASSERT(yaml_parser_initialize(&reader.parser) == 1);
	yaml_parser_set_input_string(&reader.parser, bytes.data, bytes.len);
	int rc = read_document(&reader, &root);
	yaml_parser_delete(&reader.parser);
	if (!rc)
		*ret = root;
	return rc;
}

const struct ad_yaml *ad_yaml_get(const struct ad_yaml *mapping, const char *key)
{
	if (!mapping || mapping->kind != AD_YAML_MAPPING)
		return NULL;
	AD_YAML_EACH(member, mapping)
	{
		if (strcmp(member->key, key) == 0)
			return member;
	}
	return NULL;
}

const char *ad_yaml_text(const struct ad_yaml *scalar)
{
	bool present = scalar && scalar->kind == AD_YAML_SCALAR && scalar->text[0] != '\0';
	return present ? scalar->text : NULL;
}

const char *ad_yaml_str(const struct ad_yaml *mapping, const char *key)
{
	return ad_yaml_text(ad_yaml_get(mapping, key));
}
