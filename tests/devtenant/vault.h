/* SPDX-License-Identifier: Apache-2.0 */
/* What the vault knows that the token endpoint has to know too. */
#ifndef DT_VAULT_H
#define DT_VAULT_H

#include "http.h"

/* The bot's client secret: the vault's newest bot-secret, from the start the one of the options.
 * The token endpoint takes no other. In the arena of the request. */
const char *dt_vault_bot_secret(const struct dt_request *req);

/* The bot's secret is the one of the options again. */
void dt_vault_reset(struct dt_tenant *tenant);

#endif
