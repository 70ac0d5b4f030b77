#include "run/pull_inner.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/quote.h"

static bool
is_dots(struct str s)
{
	return str_eq(s, STR(".")) || str_eq(s, STR(".."));
}

/* The path of a URL, or a path itself; without query and fragment. */
static struct str
path_of_url(struct str url)
{
	const char *p = memmem(url.p, url.n, "://", 3);
	size_t n = 0;

	if (p != NULL) {
		url = str_from(url, (size_t)(p - url.p) + 3);
		while (n < url.n && url.p[n] != '/' && url.p[n] != '?' &&
		    url.p[n] != '#')
			n++;
		url = str_from(url, n);
	}
	for (n = 0; n < url.n && url.p[n] != '?' && url.p[n] != '#'; n++)
		;
	return (struct str){ url.p, n };
}

/* True for a path that climbs, or has nothing in it. */
static bool
is_strange(struct str path)
{
	size_t from = 0;

	if (path.n < 2 || path.p[0] != '/')
		return true;
	for (size_t i = 1; i <= path.n; i++) {
		if (i < path.n && path.p[i] != '/')
			continue;
		if (is_dots((struct str){ path.p + from + 1, i - from - 1 }))
			return true;
		from = i;
	}
	return false;
}

/* Puts the path with the call's id in its place. */
static bool
put_path(struct buf *url, const char *path, struct str call_id)
{
	const char *at = strstr(path, "{call_id}");

	if (at == NULL)
		return buf_puts(url, str_of(path));
	if (call_id.n == 0 || is_dots(call_id))
		return false;
	return buf_put(url, path, (size_t)(at - path)) &&
	    quote_url(url, call_id) &&
	    buf_puts(url, str_of(at + strlen("{call_id}")));
}

static void
put_pair(struct buf *query, struct buf *post, const char *name, struct str value)
{
	if (query != NULL) {
		buf_putc(query, query->n == 0 ? '?' : '&');
		quote_url(query, str_of(name));
		buf_putc(query, '=');
		quote_url(query, value);
	} else {
		buf_puts(post, post->n == 0 ? STR("{\"") : STR(",\""));
		quote_json(post, str_of(name));
		buf_puts(post, STR("\":\""));
		quote_json(post, value);
		buf_putc(post, '"');
	}
}

static void
put_time(struct buf *query, struct buf *post, const char *name, int64_t us)
{
	char text[TIME_TEXT_BYTES];

	if (name == NULL || us == TIME_NONE)
		return;
	time_text(us, text);
	put_pair(query, post, name, str_of(text));
}

static void
put_limit(struct buf *query, struct buf *post, const struct api_page *page)
{
	char text[32];

	if (page->limit_parameter == NULL || page->limit <= 0)
		return;
	(void)snprintf(text, sizeof(text), "%lld", (long long)page->limit);
	if (query != NULL) {
		put_pair(query, post, page->limit_parameter, str_of(text));
		return;
	}
	buf_puts(post, post->n == 0 ? STR("{\"") : STR(",\""));
	quote_json(post, str_of(page->limit_parameter));
	buf_puts(post, STR("\":"));
	buf_puts(post, str_of(text));
}

/* A request's parameters, and of a list the window and the page. */
static void
put_parameters(const struct want *w, const struct api_request *r,
    struct buf *query, struct buf *post)
{
	const struct list_walk *walk = &w->lane->walk;

	for (size_t i = 0; i < r->n_parameters; i++)
		put_pair(query, post, r->parameter[i].name,
		    str_of(r->parameter[i].value));
	if (r->page != NULL) {
		put_limit(query, post, r->page);
		put_time(query, post, r->page->after_parameter, walk->after_us);
		put_time(query, post, r->page->before_parameter,
		    walk->before_us);
		if (walk->cursor.n > 0 && r->page->cursor_parameter != NULL)
			put_pair(query, post, r->page->cursor_parameter,
			    buf_str(&walk->cursor));
	}
	if (post != NULL)
		buf_puts(post, post->n == 0 ? STR("{}") : STR("}"));
}

/* Makes the URL and the body of a want's next request; false: it cannot be made. */
static bool
make_request(const struct want *w, const struct api_request *r, struct buf *url,
    struct buf *post)
{
	struct buf query = BUF_INIT(0);
	bool is_post = strcmp(r->method, "POST") == 0, ok = true;
	struct str path;

	buf_reset(url);
	buf_reset(post);
	buf_puts(url, str_of(w->lane->base_url));
	if (r->path != NULL) {
		ok = put_path(url, r->path, w->row.call_id);
	} else {
		path = path_of_url(w->row.detail_url);
		ok = !is_strange(path) && quote_path(url, path);
	}
	put_parameters(w, r, is_post ? NULL : &query, is_post ? post : NULL);
	buf_puts(url, buf_str(&query));
	ok = ok && !query.failed && !url->failed && !post->failed;
	buf_free(&query);
	return ok;
}

static bool
start(struct want *w, const struct http_request *r)
{
	struct lane *l = w->lane;
	struct err wrong = ERR_INIT;

	if (!http_start(l->pull->http, r, &wrong)) {
		want_error(w, 0, "url", str_of(wrong.text));
		return false;
	}
	rate_take(&w->bucket->rate);
	w->asked_us = clock_now_us();
	if (!w->asked && !w->page)
		l->result->n.asked++;
	w->asked = true;
	l->running++;
	l->result->n.requests++;
	if (w->failures > 0)
		l->result->n.retried++;
	return true;
}

bool
ask(struct want *w)
{
	struct lane *l = w->lane;
	const struct api_request *r = w->page ? l->list :
	    w->attachment ? NULL : &l->api->request[w->part];
	struct http_request h = {
		.header = (const char *const *)l->header,
		.headers = w->attachment ? 0 : l->headers,
		.max_body_bytes = w->page ? PULL_PAGE_BYTES : PULL_ANSWER_BYTES,
		.foreign = w->foreign,
		.data = w,
	};

	if (w->attachment) {
		h.url = w->file;
	} else if (make_request(w, r, &l->pull->url, &l->pull->post)) {
		h.url = buf_cstr(&l->pull->url);
		h.post = strcmp(r->method, "POST") == 0;
		h.body = buf_str(&l->pull->post);
	} else {
		want_error(w, 0, "no_path", STR(""));
		return false;
	}
	if (w->url != NULL)
		h.url = w->url;
	return start(w, &h);
}

/* True when an entry of the allow-list, HOST or HOST:PORT, means this origin. */
static bool
entry_allows(const char *entry, const char *origin, const char *host)
{
	const char *authority = strstr(origin, "://") + 3;

	return strcasecmp(entry, host) == 0 || strcasecmp(entry, authority) == 0;
}

bool
attachment_allowed(struct lane *l, const char *url, bool *foreign)
{
	const struct pull_options *o = l->pull->opt;
	char origin[HTTP_ORIGIN_BYTES], host[HTTP_ORIGIN_BYTES];
	struct err ignored = ERR_INIT;

	*foreign = false;
	if (!http_origin(url, origin, &ignored) || !http_host(url, host))
		return false;
	if (strcmp(origin, l->origin) == 0)
		return true;
	/* A name leads where its owner likes; an address that was allowed is meant. */
	*foreign = !http_host_is_literal(host);
	for (size_t i = 0; i < o->allow_hosts; i++)
		if (entry_allows(o->allow_host[i], origin, host))
			return true;
	return false;
}
