/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client assertions. One is either signed by a certificate that was registered through the control
 * API, or it is a token that somebody trusted has made: the managed identity, or an issuer that was
 * registered (federated credential).
 */
#ifndef DT_ASSERTION_H
#define DT_ASSERTION_H

#include "http.h"

/* NULL when the assertion proves this client, else the sentence of the refusal, which begins with
 * its AADSTS code. */
const char *dt_assertion_refuse(
	const struct dt_request *req, const char *assertion, const char *client);

#endif
