/* SPDX-License-Identifier: Apache-2.0 */
/* Which network addresses are public, and which are this machine's own. Checked at connect, so that
 * no spelling of a URL and no answer of a name server leads into our own network. Pure. */
#ifndef AD_NET_ADDRESS_H
#define AD_NET_ADDRESS_H

#include <stdbool.h>

struct sockaddr;

bool ad_net_address_is_public(const struct sockaddr *address);
bool ad_net_address_is_loopback(const struct sockaddr *address);
bool ad_net_address_is_link_local(const struct sockaddr *address);

#endif
