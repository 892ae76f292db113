/* SPDX-License-Identifier: Apache-2.0 */
/* Special-purpose address ranges (IANA registries for IPv4 and IPv6). */
#include "address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

struct range {
	uint8_t prefix[16];
	unsigned bits;
};

static const struct range special_v4[] = {
	{ { 0 }, 8 },
	{ { 10 }, 8 },
	{ { 100, 64 }, 10 },
	{ { 127 }, 8 },
	{ { 169, 254 }, 16 },
	{ { 172, 16 }, 12 },
	{ { 192, 0, 0 }, 24 },
	{ { 192, 0, 2 }, 24 },
	{ { 192, 88, 99 }, 24 },
	{ { 192, 168 }, 16 },
	{ { 198, 18 }, 15 },
	{ { 198, 51, 100 }, 24 },
	{ { 203, 0, 113 }, 24 },
	{ { 224 }, 4 },
	{ { 240 }, 4 },
};

/* Within the global unicast range 2000::/3. */
static const struct range special_v6[] = {
	{ { 0x20, 0x01, 0x00 }, 23 },
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },
	{ { 0x20, 0x02 }, 16 },
	{ { 0x3f, 0xff }, 20 },
};

static const struct range global_v6 = { { 0x20 }, 3 };
static const struct range mapped_v4 = { { [10] = 0xff, [11] = 0xff }, 96 };
static const struct range nat64 = { { 0x00, 0x64, 0xff, 0x9b }, 96 };

static bool is_in(const uint8_t *address, const struct range *range)
{
	unsigned bytes = range->bits / 8;
	unsigned rest = range->bits % 8;
	if (memcmp(address, range->prefix, bytes) != 0)
		return false;
	unsigned mask = 0xffu << (8 - rest) & 0xffu;
	return rest == 0 || ((address[bytes] ^ range->prefix[bytes]) & mask) == 0;
}

static bool is_in_any(const uint8_t *address, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (is_in(address, &ranges[i]))
			return true;
	}
	return false;
}

static bool v4_is_public(const uint8_t *address)
{
	return !is_in_any(address, special_v4, sizeof special_v4 / sizeof special_v4[0]);
}

static bool v6_is_public(const uint8_t *address)
{
	if (is_in(address, &mapped_v4) || is_in(address, &nat64))
		return v4_is_public(address + 12);
	return is_in(address, &global_v6) &&
	       !is_in_any(address, special_v6, sizeof special_v6 / sizeof special_v6[0]);
}

/* The bytes of the address and their number: 4, 16, or 0 for another family. */
static size_t address_bytes(const struct sockaddr *address, uint8_t ret[16])
{
	if (address->sa_family == AF_INET) {
		memcpy(ret, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
		return 4;
	}
	if (address->sa_family == AF_INET6) {
		memcpy(ret, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
		return 16;
	}
	return 0;
}

bool ad_net_address_is_public(const struct sockaddr *address)
{
	uint8_t bytes[16];
	size_t len = address_bytes(address, bytes);
	return len == 4 ? v4_is_public(bytes) : len == 16 && v6_is_public(bytes);
}

bool ad_net_address_is_loopback(const struct sockaddr *address)
{
	static const uint8_t v6[16] = { [15] = 1 };
	uint8_t bytes[16];
	size_t len = address_bytes(address, bytes);
	return len == 4 ? bytes[0] == 127 : len == 16 && memcmp(bytes, v6, 16) == 0;
}

bool ad_net_address_is_link_local(const struct sockaddr *address)
{
	static const struct range v4 = { { 169, 254 }, 16 };
	static const struct range v6 = { { 0xfe, 0x80 }, 10 };
	uint8_t bytes[16];
	size_t len = address_bytes(address, bytes);
	return len == 4 ? is_in(bytes, &v4) : len == 16 && is_in(bytes, &v6);
}
