/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses of clients, the networks of named proxies, and whom such a proxy speaks for. Pure. */
#ifndef AD_HTTP_ADDRESS_H
#define AD_HTTP_ADDRESS_H

#include "ad/http.h"
#include "head.h"

#define AD_HTTP_ADDRESS_MAX 46 /* INET6_ADDRSTRLEN */
#define AD_HTTP_NETS_MAX 32    /* networks of one listener */

struct sockaddr;

/* IPv4 is held as ::ffff:a.b.c.d, so that one client has one form. */
struct ad_http_address {
	uint8_t bytes[16];
};

struct ad_http_net {
	struct ad_http_address address;
	unsigned bits;
};

void ad_http_address_of(const struct sockaddr *peer, struct ad_http_address *ret);
/* "192.0.2.1", "2001:db8::1", each also as "192.0.2.1:80" or "[2001:db8::1]:80"; false otherwise.
 */
bool ad_http_address_parse(const char *text, size_t len, struct ad_http_address *ret);
void ad_http_address_print(const struct ad_http_address *address, char ret[AD_HTTP_ADDRESS_MAX]);
/* What limits count by: an IPv4 address, or the /64 that one subscriber has in IPv6. */
void ad_http_address_key(const struct ad_http_address *address, char ret[AD_HTTP_ADDRESS_MAX]);
bool ad_http_address_same(const struct ad_http_address *a, const struct ad_http_address *b);

/* "10.0.0.1", "10.0.0.0/8", "fd00::/8". */
bool ad_http_net_parse(const char *text, struct ad_http_net *ret);
bool ad_http_nets_hold(
	const struct ad_http_net *nets, size_t count, const struct ad_http_address *address);

/* The client behind a proxy of these networks: the last address in X-Forwarded-For that is not
 * itself a named proxy, because everything in front of it is the client's own word. False when the
 * header is missing or that place holds no address. */
bool ad_http_forwarded_for(const struct ad_http_head *head, const struct ad_http_net *nets,
	size_t count, struct ad_http_address *ret);

#endif
