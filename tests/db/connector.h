/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Bot Connector (and token endpoint) for tests of the sender, on a loopback port and threads of
 * its own. It answers well unless a rule says otherwise, and remembers every call.
 */
#ifndef AD_TESTS_DB_CONNECTOR_H
#define AD_TESTS_DB_CONNECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONNECTOR_WAIT_MS 10000

struct connector;

/* What to answer to calls whose method and path (and body, when body_has is set) fit; the oldest
 * rule that still has times left wins. Strings must outlive the connector. */
struct connector_rule {
	const char *method;
	const char *in_path;
	const char *body_has;
	int times; /* 0: for ever */
	int delay_ms;
	int status;          /* 0: the usual answer */
	const char *headers; /* "Retry-After: 1\r\n" */
	const char *body;
};

struct connector_call {
	char method[8];
	char path[512];
	char token[64]; /* without "Bearer " */
	char body[4096];
	int64_t at_ms;     /* monotonic */
	unsigned together; /* calls of the same path that were under way, this one included */
};

struct connector *connector_start(void);
void connector_stop(struct connector *c);
int connector_port(const struct connector *c);
/* "http://127.0.0.1:PORT/emea/t1/" */
const char *connector_url(const struct connector *c);
void connector_rule(struct connector *c, const struct connector_rule *rule);

/* Calls whose method and path fit, so far. */
size_t connector_count(struct connector *c, const char *method, const char *in_path);
/* The nth of them (from 0); fails the test when there is none. */
struct connector_call connector_call(
	struct connector *c, const char *method, const char *in_path, size_t nth);
/* Waits until there are count of them; fails the test after CONNECTOR_WAIT_MS. */
void connector_wait(struct connector *c, const char *method, const char *in_path, size_t count);

#endif
