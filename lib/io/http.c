#include "io/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "io/address.h"
#include "io/http_url.h"
#include "io/retry.h"

enum { TEXT_BYTES = 128 };

struct transfer {
	struct http *http;
	struct transfer *next;		/* of those that are free */
	CURL *easy;
	struct curl_slist *headers;
	struct buf body;
	char *url;
	void *data;
	bool loopback_only;
	bool foreign;
	bool refused;			/* an address, by us */
	bool too_large;
	bool sent;			/* the request went out */
};

struct http {
	struct http_options opt;
	CURLM *multi;
	struct transfer *all;		/* parallel of them */
	struct transfer *free;
	struct transfer *told;		/* whose answer the caller has */
	int running;
	size_t bodies_bytes;
	struct http_answer answer;
	char *redirect;
	char what[TEXT_BYTES];
};

/* ---- callbacks ---- */

/* Opens a socket only to addresses that this transfer may reach. */
static curl_socket_t
open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = data;
	struct address a;
	bool known = address_of_socket(&to->addr, &a);

	(void)purpose;
	if (!known || (t->loopback_only && !address_is_loopback(&a)) ||
	    (t->foreign && address_is_private(&a))) {
		t->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/*
 * A request that a kept connection swallowed would be sent once more, without
 * the caller's knowing; whether it is, and when, is the caller's business.
 */
static int
before_request(void *data, char *ip, char *local_ip, int to_port, int from_port)
{
	struct transfer *t = data;
	bool again = t->sent;

	(void)ip;
	(void)local_ip;
	(void)to_port;
	(void)from_port;
	t->sent = true;
	return again ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Takes a piece of the answer. */
static size_t
take_body(char *p, size_t size, size_t n, void *data)
{
	struct transfer *t = data;

	n *= size;
	if (t->http->bodies_bytes + n > t->http->opt.bodies_max_bytes ||
	    !buf_put(&t->body, p, n)) {
		t->too_large = true;
		return 0;
	}
	t->http->bodies_bytes += n;
	return n;
}

/* ---- transfers ---- */

/* Frees headers, which hold keys, so that nothing of them is left behind. */
static void
free_headers(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l != NULL; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

static bool
add_header(struct transfer *t, const char *header)
{
	struct curl_slist *list = curl_slist_append(t->headers, header);

	if (list == NULL)
		return false;
	t->headers = list;
	return true;
}

static bool
add_headers(struct transfer *t, const struct http_request *r)
{
	bool ok = add_header(t, "Accept: application/json");

	if (r->post)
		ok = ok && add_header(t, "Content-Type: application/json");
	for (size_t i = 0; ok && i < r->headers; i++)
		ok = add_header(t, r->header[i]);
	return ok;
}

/* What is the same for every request of an easy handle. */
static bool
prepare(struct http *h, struct transfer *t)
{
	const struct http_options *o = &h->opt;
	long silent_s = (long)((o->silent_ms + 999) / 1000);
	CURL *e = t->easy;
	CURLcode bad = 0;

	bad |= curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(e, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
	bad |= curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	bad |= curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	bad |= curl_easy_setopt(e, CURLOPT_SSLVERSION,
	    (long)CURL_SSLVERSION_TLSv1_2);
	bad |= curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_ms);
	bad |= curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)o->total_ms);
	bad |= curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, silent_s);
	bad |= curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	bad |= curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, before_request);
	bad |= curl_easy_setopt(e, CURLOPT_PREREQDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	bad |= curl_easy_setopt(e, CURLOPT_USERAGENT, o->user_agent);
	if (o->ca_file != NULL)
		bad |= curl_easy_setopt(e, CURLOPT_CAINFO, o->ca_file);
	return bad == CURLE_OK;
}

/* What belongs to one request. */
static bool
set_request(struct transfer *t, const struct http_request *r)
{
	CURL *e = t->easy;
	CURLcode bad = 0;

	bad |= curl_easy_setopt(e, CURLOPT_URL, t->url);
	/*
	 * HTTP/2 is found out with TLS, and then one connection is waited for
	 * and shared. Without TLS nobody must wait: the first may hang.
	 */
	bad |= curl_easy_setopt(e, CURLOPT_HTTP_VERSION, t->loopback_only ?
	    (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS);
	bad |= curl_easy_setopt(e, CURLOPT_PIPEWAIT, t->loopback_only ? 0L : 1L);
	bad |= curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->headers);
	bad |= curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE,
	    (curl_off_t)r->max_body_bytes);
	if (!r->post) {
		bad |= curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
	} else {
		bad |= curl_easy_setopt(e, CURLOPT_POST, 1L);
		bad |= curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)r->body.n);
		bad |= curl_easy_setopt(e, CURLOPT_COPYPOSTFIELDS,
		    r->body.n > 0 ? r->body.p : "");
	}
	return bad == CURLE_OK;
}

/* Makes a transfer free again. */
static void
recycle(struct http *h, struct transfer *t)
{
	h->bodies_bytes -= t->body.n;
	/* The memory of a large body is not kept for small ones. */
	buf_free(&t->body);
	t->body = (struct buf)BUF_INIT(0);
	free_headers(t->headers);
	t->headers = NULL;
	free(t->url);
	t->url = NULL;
	t->next = h->free;
	h->free = t;
	h->running--;
}

/* Ends the loan of the last answer. */
static void
take_back(struct http *h)
{
	if (h->told != NULL)
		recycle(h, h->told);
	h->told = NULL;
	free(h->redirect);
	h->redirect = NULL;
}

bool
http_start(struct http *h, const struct http_request *r, struct err *err)
{
	char origin[HTTP_ORIGIN_BYTES];
	struct transfer *t;

	take_back(h);
	if (!http_origin(r->url, origin, err))
		return false;
	t = h->free;
	if (t == NULL)
		return err_fail(err, "too many requests at once");
	h->free = t->next;
	h->running++;
	t->body = (struct buf)BUF_INIT(r->max_body_bytes);
	t->refused = t->too_large = t->sent = false;
	t->foreign = r->foreign;
	t->loopback_only = strncmp(origin, "http:", 5) == 0;
	t->data = r->data;
	t->url = strdup(r->url);
	if (t->url != NULL && add_headers(t, r) && set_request(t, r) &&
	    curl_multi_add_handle(h->multi, t->easy) == CURLM_OK)
		return true;
	recycle(h, t);
	return err_nomem(err);
}

int
http_running(const struct http *h)
{
	return h->running - (h->told != NULL);
}

static bool
multi_ok(CURLMcode code, struct err *err)
{
	return code == CURLM_OK || err_fail(err, "HTTP: %s",
	    curl_multi_strerror(code));
}

bool
http_wait(struct http *h, int64_t timeout_ms, struct err *err)
{
	int still;

	take_back(h);
	if (!multi_ok(curl_multi_perform(h->multi, &still), err))
		return false;
	if (still < h->running || timeout_ms <= 0)
		return true;
	return multi_ok(curl_multi_poll(h->multi, NULL, 0, (int)timeout_ms,
	    NULL), err) && multi_ok(curl_multi_perform(h->multi, &still), err);
}

/* ---- answers ---- */

static enum http_trouble
trouble_of(const struct transfer *t, CURLcode code)
{
	if (t->refused)
		return HTTP_REFUSED;
	if (t->too_large)
		return HTTP_TOO_LARGE;
	switch (code) {
	case CURLE_OK:
		return HTTP_ANSWERED;
	case CURLE_FILESIZE_EXCEEDED:
		return HTTP_TOO_LARGE;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_TIMED_OUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return HTTP_UNTRUSTED;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_ABORTED_BY_CALLBACK:
		return HTTP_NO_CONNECTION;
	default:
		return HTTP_CUT;
	}
}

static const char *
header_value(CURL *e, const char *name)
{
	struct curl_header *h;

	return curl_easy_header(e, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ?
	    h->value : NULL;
}

/* By the sender's clock where it tells it: both dates are then of one clock. */
static int64_t
retry_after_ms(CURL *e)
{
	const char *value = header_value(e, "Retry-After");
	int64_t now = clock_now_us(), by_own, by_theirs, sent;

	if (value == NULL || !retry_after(str_of(value), now, &by_own))
		return -1;
	if (header_value(e, "Date") == NULL ||
	    !http_date(str_of(header_value(e, "Date")), now, &sent))
		return by_own;
	value = header_value(e, "Retry-After");
	return value != NULL && retry_after(str_of(value), sent, &by_theirs) ?
	    by_theirs : by_own;
}

/* Where a redirect leads: into h->redirect on the same host, else trouble. */
static void
read_redirect(struct http *h, const struct transfer *t)
{
	const char *to = header_value(t->easy, "Location");

	h->redirect = to != NULL ? http_url_follow(t->url, to) : NULL;
	if (h->redirect != NULL) {
		h->answer.redirect = h->redirect;
		return;
	}
	h->answer.trouble = HTTP_ELSEWHERE;
	h->answer.what = "redirected to another host, which is not followed";
}

static bool
is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 ||
	    status == 307 || status == 308;
}

static void
fill_answer(struct http *h, struct transfer *t, CURLcode code)
{
	const char *type;
	long status = 0;

	h->answer = (struct http_answer){
		.data = t->data,
		.trouble = trouble_of(t, code),
		.retry_after_ms = -1,
	};
	if (h->answer.trouble == HTTP_ANSWERED) {
		(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
		h->answer.status = (int)status;
		h->answer.body = buf_str(&t->body);
		type = header_value(t->easy, "Content-Type");
		h->answer.content_type = str_of(type);
		h->answer.retry_after_ms = retry_after_ms(t->easy);
		if (is_redirect(h->answer.status))
			read_redirect(h, t);
		return;
	}
	/* libcurl's words for a code hold nothing of the request. */
	(void)snprintf(h->what, sizeof(h->what), "%s",
	    t->refused ? "the address is one that is not gone to" :
	    t->too_large || code == CURLE_FILESIZE_EXCEEDED ?
	    "the answer is too large" : code == CURLE_ABORTED_BY_CALLBACK ?
	    "closed without an answer" : curl_easy_strerror(code));
	h->answer.what = h->what;
}

const struct http_answer *
http_next(struct http *h)
{
	struct transfer *t = NULL;
	CURLMsg *msg;
	CURLcode code;
	int left;

	take_back(h);
	do
		msg = curl_multi_info_read(h->multi, &left);
	while (msg != NULL && msg->msg != CURLMSG_DONE);
	if (msg == NULL)
		return NULL;
	code = msg->data.result;
	(void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
	fill_answer(h, t, code);
	(void)curl_multi_remove_handle(h->multi, t->easy);
	h->told = t;
	return &h->answer;
}

/* ---- life ---- */

static bool
open_transfers(struct http *h)
{
	h->all = calloc((size_t)h->opt.parallel, sizeof(*h->all));
	for (int i = 0; h->all != NULL && i < h->opt.parallel; i++) {
		struct transfer *t = &h->all[i];

		t->http = h;
		t->next = h->free;
		h->free = t;
		if ((t->easy = curl_easy_init()) == NULL || !prepare(h, t))
			return false;
	}
	return h->all != NULL;
}

struct http *
http_open(const struct http_options *opt, struct err *err)
{
	struct http *h;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		err_fail(err, "HTTP: the library does not start");
		return NULL;
	}
	if ((h = calloc(1, sizeof(*h))) == NULL) {
		err_nomem(err);
		return NULL;
	}
	h->opt = *opt;
	h->multi = curl_multi_init();
	if (h->multi == NULL || !open_transfers(h)) {
		err_nomem(err);
		http_close(h);
		return NULL;
	}
	(void)curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
	    (long)opt->parallel);
	(void)curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS,
	    (long)opt->parallel);
	return h;
}

void
http_close(struct http *h)
{
	if (h == NULL)
		return;
	take_back(h);
	for (int i = 0; h->all != NULL && i < h->opt.parallel; i++) {
		struct transfer *t = &h->all[i];

		if (t->easy != NULL) {
			(void)curl_multi_remove_handle(h->multi, t->easy);
			curl_easy_cleanup(t->easy);
		}
		free_headers(t->headers);
		buf_free(&t->body);
		free(t->url);
	}
	(void)curl_multi_cleanup(h->multi);
	free(h->all);
	free(h);
}
