/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS for our own listener: TLS 1.2 or later, forward secrecy and authenticated encryption only, no
 * compression, no renegotiation. What it makes is handed to the HTTP server as an opaque pointer.
 */
#ifndef AD_CRYPTO_TLS_H
#define AD_CRYPTO_TLS_H

#include "ad/arena.h"
#include "ad/err.h"

#include <stddef.h>
#include <stdint.h>

#define AD_TLS_PAIRS_MAX 32 /* certificates of one listener */

struct ad_tls_server;

/* Strings are copied. */
struct ad_tls_config {
	/* PEM files, pair by pair: a certificate with its chain, and its key. The client's server
	 * name (SNI) chooses; the first pair serves everybody whom no other one fits. */
	const char *const *certificates;
	const char *const *keys;
	size_t pairs_count;
	/* PEM file of the authorities whose client certificates are accepted; NULL: nobody is asked
	 * for one. Showing none is allowed; showing a bad one ends the handshake. */
	const char *client_ca;
};

/* AD_ECONFIG with file and reason when something cannot be read or does not belong together. */
AD_MUST int ad_tls_server_new(
	const struct ad_tls_config *config, struct ad_tls_server **ret, struct ad_err *err);
/* Open sessions stay valid. NULL is allowed. */
void ad_tls_server_free(struct ad_tls_server *server);
/* Reads the same files again (renewed certificate, SIGHUP); on failure the old ones stay. Any
 * thread. */
AD_MUST int ad_tls_server_reload(struct ad_tls_server *server, struct ad_err *err);
/* Seconds until the first of the certificates ends (by the wall clock; negative: it has). Any
 * thread. */
int64_t ad_tls_server_expires_in_s(struct ad_tls_server *server);
/* One new session (OpenSSL's SSL) for one connection, owned by the caller; NULL when memory is out.
 * Fits ad_http_listener.tls with the server as its ctx. Any thread. */
void *ad_tls_server_session(void *server);
/* Subject of the client's certificate in RFC 2253 form, in the arena; NULL when it has shown none
 * that client_ca vouches for. After the handshake. Fits ad_http_listener.tls_subject. */
char *ad_tls_session_subject(void *session, struct ad_arena *arena);
/* Sends the close alert, if it can be sent at once. Once for a session, after the handshake. Fits
 * ad_http_listener.tls_close. */
void ad_tls_session_close(void *session);

#endif
