/*
 * http: many HTTP requests at once, in the caller's thread. With http_url the
 * only user of libcurl.
 *
 * Connections are kept and shared, HTTP/2 is used where it is offered. What
 * is never done: plain http to anything but a loopback address, https without
 * verification, a redirect followed (the caller is told of one that stays on
 * the host), a proxy, a cookie, a header to another host than the request
 * names. A request whose host was named by a stranger does not reach private
 * addresses. Nothing that a header holds is in any message.
 *
 * Memory: each body up to its own maximum, all bodies together up to one, one
 * connection a transfer. Times are milliseconds.
 */
#ifndef CALLTALLY_IO_HTTP_H
#define CALLTALLY_IO_HTTP_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { HTTP_PARALLEL_MAX = 512 };

struct http_options {
	int parallel;			/* transfers at once, at most HTTP_PARALLEL_MAX */
	int64_t connect_ms;
	int64_t total_ms;		/* from its start to the last byte */
	int64_t silent_ms;		/* so long without a byte; rounded up to seconds */
	size_t bodies_max_bytes;	/* of all transfers together */
	const char *ca_file;		/* trusted certificates; NULL: the system's */
	const char *user_agent;
};

struct http_request {
	const char *url;
	bool post;			/* else GET */
	struct str body;		/* of a POST; is copied */
	const char *const *header;	/* "Name: value" */
	size_t headers;
	size_t max_body_bytes;		/* of the answer */
	bool foreign;			/* the host is a name that a stranger gave */
	void *data;			/* comes back with the answer */
};

enum http_trouble {
	HTTP_ANSWERED,		/* none: status and body are there */
	HTTP_NO_CONNECTION,	/* no address, nobody there, closed without an answer */
	HTTP_TIMED_OUT,
	HTTP_CUT,		/* the answer broke off */
	HTTP_TOO_LARGE,
	HTTP_UNTRUSTED,		/* the server's certificate */
	HTTP_REFUSED,		/* we do not go to that address */
	HTTP_ELSEWHERE,		/* redirected to another host */
};

/* Borrowed until the next call with the same struct http. */
struct http_answer {
	void *data;
	enum http_trouble trouble;
	const char *what;		/* the trouble in words */
	int status;			/* 0: no answer came */
	struct str body;
	struct str content_type;	/* {NULL,0}: none */
	int64_t retry_after_ms;		/* -1: none */
	const char *redirect;		/* where to, on the same scheme, host and port; NULL: no redirect */
};

struct http;

/* NULL on error. */
struct http *http_open(const struct http_options *, struct err *);
/* Breaks off what is under way. NULL is fine. */
void http_close(struct http *);

/* Starts a request; there must be room (http_running below parallel). */
bool http_start(struct http *, const struct http_request *, struct err *);
/* Transfers that are under way or whose answer was not taken yet. */
int http_running(const struct http *);
/* Moves the transfers on; returns when an answer is there or after timeout_ms. */
bool http_wait(struct http *, int64_t timeout_ms, struct err *);
/* The next answer; NULL when none is there. */
const struct http_answer *http_next(struct http *);

#endif
