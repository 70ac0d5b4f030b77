/* Against the provider simulator: $SIM, else build/provider-sim. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/address.h"
#include "io/http.h"
#include "io/http_url.h"

static const char key[] = "Authorization: Bearer k";
static pid_t sim;
static int port;
static char url_text[8][512];
static unsigned url_next;

/* A URL at the simulator, valid until the next call but seven. */
static const char *
at(const char *path)
{
	char *u = url_text[url_next++ % 8];

	(void)snprintf(u, sizeof(url_text[0]), "http://127.0.0.1:%d%s", port, path);
	return u;
}

/* Starts a simulator with one rule of trouble; NULL: none. */
static void
start_sim(const char *fault)
{
	const char *path = getenv("SIM");
	char line[64] = "";
	int out[2];
	FILE *f;

	if (path == NULL)
		path = "build/provider-sim";
	assert_int_equal(pipe(out), 0);
	if ((sim = fork()) == 0) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(out[1]);
		if (fault != NULL)
			execl(path, path, "--make", "minivoice=3", "--seed", "1",
			    "--other-host", "--max-seconds", "60", "--fault",
			    fault, (char *)NULL);
		else
			execl(path, path, "--make", "minivoice=3", "--seed", "1",
			    "--other-host", "--max-seconds", "60", (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	f = fdopen(out[0], "r");
	assert_non_null(fgets(line, sizeof(line), f));
	assert_int_equal(sscanf(line, "listening %d", &port), 1);
	fclose(f);
}

static int
end_sim(void **state)
{
	(void)state;
	if (sim > 0) {
		kill(sim, SIGTERM);
		(void)waitpid(sim, NULL, 0);
	}
	sim = 0;
	return 0;
}

static struct http *
open_http(int64_t total_ms)
{
	struct http_options o = { .parallel = 4, .connect_ms = 2000,
	    .total_ms = total_ms, .silent_ms = 1000,
	    .bodies_max_bytes = 1 << 20, .user_agent = "test" };
	struct err err = ERR_INIT;
	struct http *h = http_open(&o, &err);

	assert_non_null(h);
	return h;
}

/* Makes one request and waits for its answer. */
static const struct http_answer *
get(struct http *h, const char *url, size_t max_bytes)
{
	static const char *const headers[] = { key };
	struct http_request r = { .url = url, .header = headers, .headers = 1,
	    .max_body_bytes = max_bytes };
	const struct http_answer *a;
	struct err err = ERR_INIT;

	assert_true(http_start(h, &r, &err));
	while ((a = http_next(h)) == NULL)
		assert_true(http_wait(h, 200, &err));
	return a;
}

static void
answers_come_with_status_body_and_type(void **state)
{
	const struct http_answer *a;
	struct http *h;

	(void)state;
	start_sim(NULL);
	h = open_http(5000);
	a = get(h, at("/v1/calls/none"), 1000);
	assert_int_equal(a->trouble, HTTP_ANSWERED);
	assert_int_equal(a->status, 404);
	assert_true(str_starts(a->content_type, STR("application/json")));
	assert_non_null(memmem(a->body.p, a->body.n, "call_not_found", 14));
	assert_int_equal(a->retry_after_ms, -1);
	assert_int_equal(http_running(h), 0);
	http_close(h);
}

static void
many_at_once_all_come_back(void **state)
{
	int data[200], started = 0, done = 0;
	const struct http_answer *a;
	struct err err = ERR_INIT;
	struct http *h;

	(void)state;
	memset(data, 0, sizeof(data));
	start_sim(NULL);
	h = open_http(5000);
	while (done < 200) {
		while (started < 200 && http_running(h) < 4) {
			struct http_request r = { .url = at("/v1/calls/x"),
			    .max_body_bytes = 1000, .data = &data[started++] };

			assert_true(http_start(h, &r, &err));
		}
		assert_true(http_wait(h, 200, &err));
		while ((a = http_next(h)) != NULL) {
			assert_int_equal(a->status, 401);
			(*(int *)a->data)++;
			done++;
		}
	}
	for (int i = 0; i < 200; i++)
		assert_int_equal(data[i], 1);
	http_close(h);
}

static void
trouble_is_told_apart(void **state)
{
	static const struct { const char *fault; enum http_trouble trouble; } c[] = {
		{ "{\"fault\":\"cut\"}", HTTP_CUT },
		{ "{\"fault\":\"cut\",\"chunked\":true}", HTTP_CUT },
		{ "{\"fault\":\"close\"}", HTTP_NO_CONNECTION },
		{ "{\"fault\":\"hang\"}", HTTP_TIMED_OUT },
		{ "{\"fault\":\"stall\"}", HTTP_TIMED_OUT },
		{ "{\"fault\":\"oversize\",\"bytes\":70000}", HTTP_TOO_LARGE },
		{ "{\"fault\":\"oversize\",\"bytes\":70000,\"chunked\":true}",
		    HTTP_TOO_LARGE },
		{ "{\"fault\":\"redirect\"}", HTTP_ELSEWHERE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct http *h = open_http(2500);

		start_sim(c[i].fault);
		assert_int_equal(get(h, at("/v1/message/list"), 60000)->trouble,
		    HTTP_ANSWERED);	/* another provider, without its key: 401 */
		assert_int_equal(get(h, at("/v1/calls/x"), 60000)->trouble,
		    c[i].trouble);
		end_sim(NULL);
		assert_int_equal(get(h, at("/v1/calls/x"), 60000)->trouble,
		    HTTP_NO_CONNECTION);
		http_close(h);
	}
}

static void
retry_after_comes_through_in_both_forms(void **state)
{
	const struct http_answer *a;
	struct http *h = open_http(5000);

	(void)state;
	start_sim("{\"fault\":\"429\",\"retry_after\":3}");
	a = get(h, at("/v1/calls/x"), 1000);
	assert_int_equal(a->status, 429);
	assert_int_equal(a->retry_after_ms, 3000);
	end_sim(NULL);
	start_sim("{\"fault\":\"503\",\"retry_after\":3,\"retry_form\":\"date\"}");
	a = get(h, at("/v1/calls/x"), 1000);
	assert_int_equal(a->status, 503);
	assert_in_range(a->retry_after_ms, 3000, 5000);
	http_close(h);
}

static void
a_redirect_on_the_same_host_is_told_not_followed(void **state)
{
	const struct http_answer *a;
	char there[512];
	struct http *h = open_http(5000);

	(void)state;
	start_sim("{\"fault\":\"redirect_same\"}");
	a = get(h, at("/v1/calls/x"), 1000);
	assert_int_equal(a->trouble, HTTP_ANSWERED);
	assert_int_equal(a->status, 307);
	assert_non_null(a->redirect);
	(void)snprintf(there, sizeof(there), "%s", a->redirect);
	assert_int_equal(get(h, there, 1000)->status, 404);
	http_close(h);
}

static void
only_https_and_loopback_are_gone_to(void **state)
{
	static const struct { const char *url, *origin; } good[] = {
		{ "https://API.example/v1?x", "https://api.example:443" },
		{ "https://api.example:8443", "https://api.example:8443" },
		{ "http://127.0.0.1:80/x", "http://127.0.0.1:80" },
		{ "http://127.9.8.7/x", "http://127.9.8.7:80" },
		{ "http://localhost:8080", "http://localhost:8080" },
		{ "http://[::1]:81/", "http://[::1]:81" },
	};
	static const char *const bad[] = {
		"http://api.example/", "http://10.0.0.1/", "http://128.0.0.1/",
		"http://127.0.0.1.example/", "http://localhost.example/",
		"http://[::2]/", "ftp://127.0.0.1/", "file:///etc/passwd",
		"https://user@api.example/", "https://u:p@api.example/",
		"http://0.0.0.0/", "", "x", "/path", "https://",
	};
	char origin[HTTP_ORIGIN_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct err err = ERR_INIT;

		assert_true(http_origin(good[i].url, origin, &err));
		assert_string_equal(origin, good[i].origin);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;

		assert_false(http_origin(bad[i], origin, &err));
	}
}

static void
a_strangers_name_does_not_lead_inside(void **state)
{
	struct http_request r = { .max_body_bytes = 1000, .foreign = true };
	const struct http_answer *a;
	struct err err = ERR_INIT;
	struct http *h = open_http(3000);
	char url[128];

	(void)state;
	start_sim(NULL);
	(void)snprintf(url, sizeof(url), "http://localhost:%d/v1/calls/x", port);
	r.url = url;
	assert_true(http_start(h, &r, &err));
	while ((a = http_next(h)) == NULL)
		assert_true(http_wait(h, 200, &err));
	assert_int_equal(a->trouble, HTTP_REFUSED);
	http_close(h);
}

static void
private_addresses_are_known(void **state)
{
	static const char *const inside[] = {
		"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.168.1.1", "198.18.0.1",
		"224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1",
		"::ffff:127.0.0.1", "fc00::1", "fd12::1", "fe80::1", "fec0::1",
		"ff02::1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2001:db8::1",
		"2001::1",
	};
	static const char *const outside[] = {
		"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255",
		"100.128.0.0", "172.15.255.255", "172.32.0.0", "192.167.0.1",
		"192.169.0.1", "223.255.255.255", "2606:4700::1",
		"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::",
	};
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		assert_true(address_read(inside[i], &a));
		assert_true(address_is_private(&a));
	}
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		assert_true(address_read(outside[i], &a));
		assert_false(address_is_private(&a));
	}
	assert_false(address_read("127.1", &a));
	assert_false(address_read("localhost", &a));
	assert_true(address_read("127.255.0.1", &a));
	assert_true(address_is_loopback(&a));
	assert_true(address_read("::2", &a));
	assert_false(address_is_loopback(&a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
		    answers_come_with_status_body_and_type, end_sim),
		cmocka_unit_test_teardown(many_at_once_all_come_back, end_sim),
		cmocka_unit_test_teardown(trouble_is_told_apart, end_sim),
		cmocka_unit_test_teardown(
		    retry_after_comes_through_in_both_forms, end_sim),
		cmocka_unit_test_teardown(
		    a_redirect_on_the_same_host_is_told_not_followed, end_sim),
		cmocka_unit_test(only_https_and_loopback_are_gone_to),
		cmocka_unit_test_teardown(a_strangers_name_does_not_lead_inside,
		    end_sim),
		cmocka_unit_test(private_addresses_are_known),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
