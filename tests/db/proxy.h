/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A door between the program and the database that fails on order: a thread that passes bytes
 * between a Unix socket of its own and the cluster's. It looks for the word "commit" in what the
 * program sends.
 */
#ifndef AD_TESTS_DB_PROXY_H
#define AD_TESTS_DB_PROXY_H

#include "harness.h"

enum db_proxy_fault {
	DB_PROXY_NONE,
	DB_PROXY_CUT_COMMIT, /* the connection ends, COMMIT does not reach the server */
	DB_PROXY_CUT_ANSWER, /* COMMIT is done, the connection ends before its answer */
	DB_PROXY_SWALLOW     /* bytes are taken and go nowhere, either way */
};

struct db_proxy;

/* Starts a proxy to the test's database; ret_url leads through it, as the service role. */
struct db_proxy *db_proxy_start(struct db_test *t, const char **ret_url);
/* From now on, for open and new connections. */
void db_proxy_set(struct db_proxy *proxy, enum db_proxy_fault fault);
/* Closes all connections and the listening socket, and frees the proxy. */
void db_proxy_stop(struct db_proxy *proxy);

#endif
