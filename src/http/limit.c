/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of us one address, and everybody who is not known, may have: connections, requests a
 * second, TLS handshakes a second, memory for bodies. The numbers are in ad/http.h.
 */
#include "internal.h"

#include "ad/clock.h"
#include "ad/log.h"

/* ---- Connections ---- */

/* Who gives way to a newcomer first: who has got an answer and is only waited for, who takes longer
 * than the grace to say something, who has said something useful before and is idle now. Whoever is
 * being served stays, and so do newcomers for the length of the grace. */
enum rank { LEAVING, DAWDLING, IDLE, NEVER };

static enum rank rank_of(const struct ad_http_conn *conn, int64_t now_ms)
{
	bool idle = conn->state == AD_HTTP_IDLE;
	if (conn->port->operators)
		return NEVER;
	if (conn->state == AD_HTTP_LINGER)
		return LEAVING;
	if (idle && conn->useful)
		return IDLE;
	if (idle || ad_http_conn_is_arriving(conn))
		return now_ms - conn->since_ms > AD_HTTP_GRACE_MS ? DAWDLING : NEVER;
	return NEVER;
}

/* Of all, or of one address; of a rank below the given one. They stand in the order of their
 * since_ms, so the first of a rank is the one that has been in it longest. */
static struct ad_http_conn *find_victim(
	const struct ad_http_server *server, const struct ad_http_address *peer, enum rank below)
{
	int64_t now_ms = ad_clock_mono_ms();
	enum rank best = below;
	struct ad_http_conn *victim = NULL;
	struct ad_http_conn *conn;
	TAILQ_FOREACH(conn, &server->conns, link)
	{
		if (peer && !ad_http_address_same(&conn->peer, peer))
			continue;
		enum rank rank = rank_of(conn, now_ms);
		if (rank < best) {
			best = rank;
			victim = conn;
		}
	}
	return victim;
}

static size_t count_of(const struct ad_http_server *server, const struct ad_http_address *peer)
{
	size_t count = 0;
	const struct ad_http_conn *conn;
	TAILQ_FOREACH(conn, &server->conns, link)
	{
		count += !conn->port->operators && ad_http_address_same(&conn->peer, peer);
	}
	return count;
}

static bool close_one(
	struct ad_http_server *server, const struct ad_http_address *peer, enum rank below)
{
	struct ad_http_conn *victim = find_victim(server, peer, below);
	if (victim) {
		if (rank_of(victim, ad_clock_mono_ms()) == DAWDLING)
			ad_http_limit_log(AD_REFUSED_CONNECTIONS, 0, &victim->peer);
		ad_http_conn_free(victim);
	}
	return victim != NULL;
}

/* Those who have never had a good answer may take three quarters of the house; beyond that they get
 * no place of one who has. */
static bool strangers_fill(const struct ad_http_server *server, size_t most)
{
	size_t strangers = 0;
	const struct ad_http_conn *conn;
	TAILQ_FOREACH(conn, &server->conns, link)
	{
		strangers += !conn->useful && !conn->port->operators;
	}
	return strangers >= most - most / 4;
}

bool ad_http_limit_connection(struct ad_http_server *server, struct ad_http_port *port,
	const struct ad_http_address *peer)
{
	char key[AD_HTTP_ADDRESS_MAX];
	int wait_s;
	if (port->operators)
		return port->operators_count < AD_HTTP_OPERATORS_MAX;
	bool counts = port->strangers && !ad_http_port_is_proxy(port, peer);
	ad_http_address_key(peer, key);
	if (counts && port->tls &&
		ad_rate_take(port->handshakes, key, ad_clock_mono_ms(), &wait_s) != AD_RATE_TAKEN) {
		ad_http_limit_log(AD_REFUSED_ADDRESS_LIMIT, 0, peer);
		return false;
	}
	bool room = true;
	size_t most = server->config.connections_max;
	if (counts && count_of(server, peer) >= server->config.address_connections_max)
		room = close_one(server, peer, NEVER);
	else if (server->conns_count >= most)
		room = close_one(server, NULL, strangers_fill(server, most) ? IDLE : NEVER);
	if (!room)
		ad_http_limit_log(AD_REFUSED_CONNECTIONS, 0, peer);
	return room;
}

/* ---- Requests ---- */

static struct ad_rate *new_rate(int per_s)
{
	const struct ad_rate_config config = {
		.takes = per_s,
		.period_ms = 1000,
		.burst = per_s * AD_HTTP_BURST_S,
		.keys = AD_HTTP_ADDRESSES,
	};
	return ad_rate_new(&config);
}

void ad_http_limit_port(struct ad_http_port *port, int address_per_s)
{
	if (address_per_s <= 0)
		return;
	port->strangers = new_rate(address_per_s);
	port->known = new_rate(address_per_s);
	port->handshakes = new_rate(address_per_s);
}

int ad_http_limit_request(const struct ad_http_conn *conn)
{
	char key[AD_HTTP_ADDRESS_MAX];
	int wait_s = 0;
	struct ad_rate *rate = conn->known ? conn->port->known : conn->port->strangers;
	if (!rate)
		return 0;
	ad_http_address_key(&conn->client, key);
	(void)ad_rate_take(rate, key, ad_clock_mono_ms(), &wait_s);
	return wait_s;
}

/* ---- Bodies ---- */

static size_t buffered_of(const struct ad_http_conn *of)
{
	size_t sum = 0;
	const struct ad_http_conn *conn;
	TAILQ_FOREACH(conn, &of->server->conns, link)
	{
		if (!conn->known && ad_http_address_same(&conn->client, &of->client))
			sum += conn->buffered;
	}
	return sum;
}

bool ad_http_limit_body(const struct ad_http_conn *conn)
{
	const struct ad_http_server *server = conn->server;
	if (server->buffered > AD_HTTP_BUFFERED_MAX)
		return true;
	if (conn->known || server->strangers_buffered <= AD_HTTP_ADDRESS_BUFFERED_MAX)
		return false;
	return server->strangers_buffered > AD_HTTP_STRANGERS_BUFFERED_MAX ||
	       buffered_of(conn) > AD_HTTP_ADDRESS_BUFFERED_MAX;
}

/* ---- The log ---- */

void ad_http_limit_log(enum ad_refusal why, int status, const struct ad_http_address *client)
{
	static struct ad_log_budget budget;
	char peer[AD_HTTP_ADDRESS_MAX];
	unsigned suppressed = 0;
	ad_refusal_count(why);
	if (!ad_log_may(&budget, &suppressed))
		return;
	ad_http_address_print(client, peer);
	ad_log(AD_LOG_INFO, "http", "refused", "why", ad_refusal_name(why), "status",
		status ? AD_NUM(status) : NULL, "peer", peer, "suppressed",
		suppressed ? AD_NUM(suppressed) : NULL, NULL);
}
