/* SPDX-License-Identifier: Apache-2.0 */
/* How much one address, and everybody who is not known, may have of the server. */
#include "fixture.h"

#include "ad/refusal.h"

#define GET "GET /get HTTP/1.1\r\n" HOST
#define PER_S 2
#define BURST ((size_t)PER_S * AD_HTTP_BURST_S)

/* Status of one more request on an open connection; 0 when it is closed. */
static int ask(int fd, const char *text)
{
	send_text(fd, text);
	char *answer = read_until(fd, "\r\n\r\n");
	int status = strncmp(answer, "HTTP/1.1 ", 9) == 0 ? (int)strtol(answer + 9, NULL, 10) : 0;
	free(answer);
	return status;
}

/* Status of a request on a connection of its own. */
static int ask_once(const struct fixture *fixture, const char *from, const char *text)
{
	int fd = connect_from(fixture, from);
	int status = ask(fd, text);
	(void)close(fd);
	return status;
}

static void an_address_that_asks_too_often_is_told_to_wait(void **state)
{
	(void)state;
	struct fixture fixture;
	const struct ad_http_listener options = { .address_per_s = PER_S };
	uint64_t before = ad_refusal_get(AD_REFUSED_ADDRESS_LIMIT);
	start_with(&fixture, NULL, &options);
	int fd = connect_from(&fixture, "127.0.0.2");
	for (size_t i = 0; i < BURST; i++)
		assert_int_equal(ask(fd, GET "\r\n"), 200);
	send_text(fd, GET "\r\n");
	char *answer = read_until(fd, NULL);
	assert_int_equal(strncmp(answer, "HTTP/1.1 429 Too Many Requests\r\n", 32), 0);
	assert_non_null(strstr(answer, "\r\nRetry-After: 1\r\n"));
	free(answer);
	(void)close(fd);
	/* nobody else pays for it */
	assert_int_equal(ask_once(&fixture, "127.0.0.3", GET "\r\n"), 200);
	stop(&fixture);
	assert_int_equal(ad_refusal_get(AD_REFUSED_ADDRESS_LIMIT), before + 1);
}

static void a_flood_of_strangers_leaves_room_for_those_who_are_known(void **state)
{
	(void)state;
	static const char stranger[] = "POST /private HTTP/1.1\r\n" HOST
				       "Authorization: Bearer forged\r\nContent-Length: 0\r\n\r\n";
	static const char regular[] = "POST /private HTTP/1.1\r\n" HOST
				      "Authorization: Bearer regular\r\nContent-Length: 0\r\n\r\n";
	struct fixture fixture;
	const struct ad_http_listener options = { .address_per_s = PER_S };
	start_with(&fixture, NULL, &options);
	size_t refused = 0;
	for (size_t i = 0; i < 10 * BURST; i++)
		refused += ask_once(&fixture, NULL, stranger) == 429;
	assert_in_range(refused, 8 * BURST, 9 * BURST);
	for (size_t i = 0; i < BURST; i++)
		assert_int_equal(ask_once(&fixture, NULL, regular), 200);
	stop(&fixture);
}

static void the_connections_of_one_address_are_limited(void **state)
{
	(void)state;
	struct fixture fixture;
	const struct ad_http_config config = { .address_connections_max = 2 };
	const struct ad_http_listener options = { .address_per_s = 1000 };
	start_with(&fixture, &config, &options);
	int first = connect_from(&fixture, "127.0.0.2");
	assert_int_equal(ask(first, GET "\r\n"), 200);
	int other = connect_from(&fixture, "127.0.0.3");
	assert_int_equal(ask(other, GET "\r\n"), 200);
	int second = connect_from(&fixture, "127.0.0.2");
	assert_int_equal(ask(second, GET "\r\n"), 200);
	int third = connect_from(&fixture, "127.0.0.2");
	assert_int_equal(ask(third, GET "\r\n"), 200);
	char *end = read_until(first, NULL); /* its longest idle one has made room */
	assert_string_equal(end, "");
	free(end);
	assert_int_equal(ask(second, GET "\r\n"), 200);
	assert_int_equal(ask(other, GET "\r\n"), 200);
	(void)close(first);
	(void)close(second);
	(void)close(third);
	(void)close(other);
	stop(&fixture);
}

/* Whoever sends a byte now and then holds no place longer than the grace when others want it. */
static void a_newcomer_takes_the_place_of_who_dawdles(void **state)
{
	(void)state;
	struct fixture fixture;
	const struct ad_http_config config = { .connections_max = 2 };
	start(&fixture, &config);
	int served = connect_to(&fixture);
	send_text(served, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
	(void)sem_wait(&fixture.taken);
	int slow = connect_to(&fixture);
	send_text(slow, "GET /g");
	/* until the grace is over, newcomers are closed: those who are there may stay */
	bool came = false;
	while (!came) {
		char piece[16];
		int fd = connect_to(&fixture);
		(void)send(fd, GET "\r\n", strlen(GET "\r\n"), MSG_NOSIGNAL);
		came = recv(fd, piece, sizeof piece, 0) > 0;
		(void)close(fd);
	}
	char *end = read_until(slow, NULL);
	assert_string_equal(end, "");
	free(end);
	(void)close(slow);
	struct ad_http_reply reply = { .status = 204 };
	ad_http_answer(fixture.slow[0], &reply);
	free(read_until(served, "HTTP/1.1 204 No Content"));
	(void)close(served);
	stop(&fixture);
}

/* Whoever was useful keeps a place, however many strangers come. */
static void strangers_do_not_take_all_places(void **state)
{
	(void)state;
	struct fixture fixture;
	const struct ad_http_config config = { .connections_max = 4 };
	uint64_t before = ad_refusal_get(AD_REFUSED_CONNECTIONS);
	start(&fixture, &config);
	int useful = connect_to(&fixture);
	assert_int_equal(ask(useful, GET "\r\n"), 200);
	int strangers[3];
	for (size_t i = 0; i < 3; i++) {
		strangers[i] = connect_to(&fixture);
		send_text(strangers[i], "GET /slow HTTP/1.1\r\n" HOST "\r\n");
		(void)sem_wait(&fixture.taken); /* being served: they stay */
	}
	int newcomer = connect_to(&fixture);
	char *end = read_until(newcomer, NULL);
	assert_string_equal(end, "");
	free(end);
	assert_int_equal(ad_refusal_get(AD_REFUSED_CONNECTIONS), before + 1);
	assert_int_equal(ask(useful, GET "\r\n"), 200);
	const struct ad_http_reply reply = { .status = 204 };
	for (size_t i = 0; i < 3; i++) {
		ad_http_answer(fixture.slow[i], &reply);
		(void)close(strangers[i]);
	}
	(void)close(newcomer);
	(void)close(useful);
	stop(&fixture);
}

static int open_operator(const struct fixture *fixture)
{
	const struct fixture place = { .port = fixture->operators_port };
	return connect_to(&place);
}

/* A health check is answered however many strangers there are, and takes nobody's place. */
static void operators_have_a_house_of_their_own(void **state)
{
	(void)state;
	struct fixture fixture;
	const struct ad_http_config config = { .connections_max = 2 };
	start(&fixture, &config);
	int operator= open_operator(&fixture);
	int guests[3];
	for (size_t i = 0; i < 3; i++) {
		guests[i] = connect_to(&fixture);
		send_text(guests[i], GET "\r\n");
		free(read_until(guests[i], "\r\n\r\n"));
	}
	assert_int_equal(ask(operator, GET "\r\n"), 200);
	char *end = read_until(guests[0], NULL); /* the first of three in a house for two */
	assert_string_equal(end, "");
	free(end);
	assert_int_equal(ask(guests[1], GET "\r\n"), 200);
	for (size_t i = 0; i < 3; i++)
		(void)close(guests[i]);
	(void)close(operator);
	stop(&fixture);
}

/* A body of which all but the last byte has come. */
static int hold_body(const struct fixture *fixture, const char *from, const char *who)
{
	int fd = connect_from(fixture, from);
	char head[160];
	(void)snprintf(head, sizeof head,
		"POST /private HTTP/1.1\r\n" HOST
		"Authorization: Bearer %s\r\nContent-Length: 1048576\r\n\r\n",
		who);
	send_text(fd, head);
	static char body[AD_HTTP_BODY_MAX - 1];
	ssize_t sent = 0;
	while (sent < (ssize_t)sizeof body) {
		ssize_t n = send(fd, body + sent, sizeof body - (size_t)sent, MSG_NOSIGNAL);
		if (n <= 0)
			break; /* refused in the middle of it */
		sent += n;
	}
	return fd;
}

static void bodies_of_strangers_cannot_fill_the_memory_for_bodies(void **state)
{
	(void)state;
	enum { HELD = 12, SHARE = (int)(AD_HTTP_ADDRESS_BUFFERED_MAX / AD_HTTP_BODY_MAX) };
	struct fixture fixture;
	const struct ad_http_listener options = { .address_per_s = 1000 };
	uint64_t before = ad_refusal_get(AD_REFUSED_BODIES_FULL);
	start_with(&fixture, NULL, &options);
	int held[HELD];
	for (int i = 0; i < HELD; i++)
		held[i] = hold_body(&fixture, "127.0.0.2", "forged");
	/* the same address, but known: its body comes through */
	int fd = hold_body(&fixture, "127.0.0.2", "regular");
	assert_int_equal(ask(fd, "!"), 200);
	(void)close(fd);
	/* another stranger's too */
	fd = hold_body(&fixture, "127.0.0.3", "forged");
	assert_int_equal(ask(fd, "!"), 200);
	(void)close(fd);
	for (int i = 0; i < HELD; i++)
		(void)close(held[i]);
	stop(&fixture);
	assert_in_range(ad_refusal_get(AD_REFUSED_BODIES_FULL) - before, HELD - SHARE - 1,
		HELD - SHARE + 1);
}

/* ---- Proxies ---- */

static const char *const local_proxy[] = { "127.0.0.2/31" }; /* .2 and .3 */
static const struct ad_http_nets proxies = { local_proxy, 1 };

static void only_a_named_proxy_may_connect_where_there_is_one(void **state)
{
	(void)state;
	struct fixture fixture;
	const struct ad_http_listener options = { .proxies = &proxies };
	uint64_t before = ad_refusal_get(AD_REFUSED_PROXY);
	start_with(&fixture, NULL, &options);
	assert_int_equal(ask_once(&fixture, "127.0.0.2", GET "\r\n"), 200);
	assert_int_equal(ask_once(&fixture, "127.0.0.4", GET "\r\n"), 403);
	assert_int_equal(fixture.handled, 1);
	stop(&fixture);
	assert_int_equal(ad_refusal_get(AD_REFUSED_PROXY), before + 1);
}

static void the_proxys_clients_are_counted_one_by_one(void **state)
{
	(void)state;
	struct fixture fixture;
	const struct ad_http_config config = { .address_connections_max = 1 };
	const struct ad_http_listener options = { .proxies = &proxies, .address_per_s = PER_S };
	start_with(&fixture, &config, &options);
	int fd = connect_from(&fixture, "127.0.0.2");
	int also = connect_from(&fixture, "127.0.0.2"); /* a proxy's connections are not limited */
	for (size_t i = 0; i < BURST; i++)
		assert_int_equal(ask(fd, GET "X-Forwarded-For: 1.1.1.1, 192.0.2.7\r\n\r\n"), 200);
	assert_int_equal(ask(also, GET "X-Forwarded-For: 192.0.2.8\r\n\r\n"), 200);
	/* what the client itself wrote in front does not make it somebody else */
	assert_int_equal(ask(fd, GET "X-Forwarded-For: 2.2.2.2, 192.0.2.7\r\n\r\n"), 429);
	(void)close(fd);
	(void)close(also);
	stop(&fixture);
}

static void a_handler_sees_whom_the_proxy_names_and_nobody_elses_word(void **state)
{
	(void)state;
	struct fixture fixture;
	start_with(&fixture, NULL, &(struct ad_http_listener){ .proxies = &proxies });
	int fd = connect_from(&fixture, "127.0.0.3");
	send_text(fd, GET "X-Forwarded-For: 192.0.2.7\r\n\r\n");
	char *answer = read_until(fd, "\r\n\r\n");
	assert_non_null(strstr(answer, "\r\nX-Peer: 192.0.2.7\r\n"));
	free(answer);
	send_text(fd, GET "\r\n"); /* the next one of the same connection is not the same client */
	answer = read_until(fd, "\r\n\r\n");
	assert_non_null(strstr(answer, "\r\nX-Peer: 127.0.0.3\r\n"));
	free(answer);
	(void)close(fd);
	stop(&fixture);
	start(&fixture, NULL);
	fd = connect_to(&fixture);
	send_text(fd, GET "X-Forwarded-For: 192.0.2.7\r\n\r\n");
	answer = read_until(fd, "\r\n\r\n");
	assert_non_null(strstr(answer, "\r\nX-Peer: 127.0.0.1\r\n"));
	free(answer);
	(void)close(fd);
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_that_asks_too_often_is_told_to_wait),
		cmocka_unit_test(a_flood_of_strangers_leaves_room_for_those_who_are_known),
		cmocka_unit_test(the_connections_of_one_address_are_limited),
		cmocka_unit_test(a_newcomer_takes_the_place_of_who_dawdles),
		cmocka_unit_test(strangers_do_not_take_all_places),
		cmocka_unit_test(operators_have_a_house_of_their_own),
		cmocka_unit_test(bodies_of_strangers_cannot_fill_the_memory_for_bodies),
		cmocka_unit_test(only_a_named_proxy_may_connect_where_there_is_one),
		cmocka_unit_test(the_proxys_clients_are_counted_one_by_one),
		cmocka_unit_test(a_handler_sees_whom_the_proxy_names_and_nobody_elses_word),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
