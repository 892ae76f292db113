/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, networks and forwarded clients; see address.h. */
#include "address.h"

#include "ad/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#define MAPPED_BITS 96u /* of ::ffff:0:0/96 */

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool is_v4(const struct ad_http_address *address)
{
	return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

static void set_v4(struct ad_http_address *ret, const struct in_addr *v4)
{
	memcpy(ret->bytes, mapped, sizeof mapped);
	memcpy(ret->bytes + sizeof mapped, v4, sizeof *v4);
}

void ad_http_address_of(const struct sockaddr *peer, struct ad_http_address *ret)
{
	*ret = (struct ad_http_address){ { 0 } };
	if (peer->sa_family == AF_INET)
		set_v4(ret, &((const struct sockaddr_in *)(const void *)peer)->sin_addr);
	else if (peer->sa_family == AF_INET6)
		memcpy(ret->bytes, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr,
			sizeof ret->bytes);
}

static bool parse_plain(const char *text, struct ad_http_address *ret)
{
	struct in_addr v4;
	struct in6_addr v6;
	if (inet_pton(AF_INET, text, &v4) == 1)
		set_v4(ret, &v4);
	else if (inet_pton(AF_INET6, text, &v6) == 1)
		memcpy(ret->bytes, &v6, sizeof ret->bytes);
	else
		return false;
	return true;
}

bool ad_http_address_parse(const char *text, size_t len, struct ad_http_address *ret)
{
	char copy[AD_HTTP_ADDRESS_MAX + sizeof "[]:65535"];
	char *plain = copy;
	if (len == 0 || len >= sizeof copy)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	char *port = NULL;
	if (copy[0] == '[') {
		char *end = strchr(copy, ']');
		if (!end || (end[1] && end[1] != ':'))
			return false;
		port = end[1] ? end + 2 : NULL;
		*end = '\0';
		plain++;
	} else if (strchr(copy, ':') == strrchr(copy, ':') && strchr(copy, ':')) {
		port = strchr(copy, ':') + 1;
		port[-1] = '\0';
	}
	int64_t number;
	if (port && ad_text_i64(port, 0, UINT16_MAX, &number) != 0)
		return false;
	return parse_plain(plain, ret);
}

void ad_http_address_print(const struct ad_http_address *address, char ret[AD_HTTP_ADDRESS_MAX])
{
	bool v4 = is_v4(address);
	const uint8_t *from = v4 ? address->bytes + sizeof mapped : address->bytes;
	if (!inet_ntop(v4 ? AF_INET : AF_INET6, from, ret, AD_HTTP_ADDRESS_MAX))
		ret[0] = '\0';
}

void ad_http_address_key(const struct ad_http_address *address, char ret[AD_HTTP_ADDRESS_MAX])
{
	struct ad_http_address net = *address;
	if (!is_v4(address))
		memset(net.bytes + 8, 0, 8);
	ad_http_address_print(&net, ret);
}

bool ad_http_address_same(const struct ad_http_address *a, const struct ad_http_address *b)
{
	size_t len = is_v4(a) ? 16 : 8;
	return memcmp(a->bytes, b->bytes, len) == 0;
}

/* ---- Networks ---- */

bool ad_http_net_parse(const char *text, struct ad_http_net *ret)
{
	char address[AD_HTTP_ADDRESS_MAX];
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	if (len >= sizeof address)
		return false;
	memcpy(address, text, len);
	address[len] = '\0';
	if (!parse_plain(address, &ret->address))
		return false;
	int64_t most = is_v4(&ret->address) ? 32 : 128;
	int64_t bits = most;
	if (slash && ad_text_i64(slash + 1, 0, most, &bits) != 0)
		return false;
	ret->bits = (unsigned)bits + (most == 32 ? MAPPED_BITS : 0);
	return true;
}

static bool net_holds(const struct ad_http_net *net, const struct ad_http_address *address)
{
	size_t whole = net->bits / 8;
	unsigned rest = net->bits % 8;
	if (memcmp(net->address.bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 || (net->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

bool ad_http_nets_hold(
	const struct ad_http_net *nets, size_t count, const struct ad_http_address *address)
{
	for (size_t i = 0; i < count; i++) {
		if (net_holds(&nets[i], address))
			return true;
	}
	return false;
}

int ad_http_nets_check(const struct ad_http_nets *nets, struct ad_err *err)
{
	struct ad_http_net net;
	if (nets->count > AD_HTTP_NETS_MAX)
		return AD_FAIL(err, AD_ECONFIG, "more than %d networks", AD_HTTP_NETS_MAX);
	for (size_t i = 0; i < nets->count; i++) {
		if (!ad_http_net_parse(nets->nets[i], &net))
			return AD_FAIL(err, AD_ECONFIG,
				"'%.60s' is neither an address nor a network: write 10.0.0.1 or "
				"10.0.0.0/8",
				nets->nets[i]);
	}
	return 0;
}

/* ---- Forwarded clients ---- */

/* The last item of a list that ends at *len; *len becomes where the list in front of it ends. */
static const char *last_item(const char *list, size_t *len, size_t *ret_len)
{
	const char *comma = memrchr(list, ',', *len);
	const char *item = comma ? comma + 1 : list;
	size_t item_len = *len - (size_t)(item - list);
	*len = comma ? (size_t)(comma - list) : 0;
	while (item_len > 0 && (*item == ' ' || *item == '\t')) {
		item++;
		item_len--;
	}
	while (item_len > 0 && (item[item_len - 1] == ' ' || item[item_len - 1] == '\t'))
		item_len--;
	*ret_len = item_len;
	return item;
}

bool ad_http_forwarded_for(const struct ad_http_head *head, const struct ad_http_net *nets,
	size_t count, struct ad_http_address *ret)
{
	bool found = false;
	for (size_t i = head->headers_count; i-- > 0;) {
		if (strcasecmp(head->headers[i].name, "x-forwarded-for") != 0)
			continue;
		const char *list = head->headers[i].value;
		size_t len = strlen(list);
		do {
			struct ad_http_address address;
			size_t item_len;
			const char *item = last_item(list, &len, &item_len);
			if (!ad_http_address_parse(item, item_len, &address))
				return found;
			*ret = address;
			found = true;
			if (!ad_http_nets_hold(nets, count, &address))
				return true;
		} while (len > 0);
	}
	return found;
}
