/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS for our own listener: TLS 1.2 or later, forward secrecy and authenticated encryption only, no
 * compression, no renegotiation. What it makes is handed to the HTTP server as an opaque pointer.
 */
#ifndef AD_CRYPTO_TLS_H
#define AD_CRYPTO_TLS_H

#include "ad/err.h"

struct ad_tls_server;

/* PEM files: the certificate with its chain, and its key. AD_ECONFIG with the reason when they
 * cannot be read or do not belong together. */
AD_MUST int ad_tls_server_new(const char *certificate_path, const char *key_path,
	struct ad_tls_server **ret, struct ad_err *err);
/* Open sessions stay valid. NULL is allowed. */
void ad_tls_server_free(struct ad_tls_server *server);
/* Reads the same files again (renewed certificate, SIGHUP); on failure the old ones stay. Any
 * thread. */
AD_MUST int ad_tls_server_reload(struct ad_tls_server *server, struct ad_err *err);
/* One new session (OpenSSL's SSL) for one connection, owned by the caller; NULL when memory is out.
 * Fits ad_http_listener.tls with the server as its ctx. Any thread. */
void *ad_tls_server_session(void *server);

#endif
