#include "run/pull_inner.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/quote.h"
#include "io/doc.h"

/* ---- what went wrong ---- */

/* Puts s as UTF-8 without control characters that a table cannot hold. */
static void
put_clean(struct buf *out, struct str s)
{
	while (s.n > 0) {
		size_t n = str_utf8_bytes(s), to = 0;

		while (to < n && s.p[to] != '\0')
			to++;
		buf_put(out, s.p, to);
		s = str_from(s, to);
		if (s.n > 0) {
			buf_putc(out, '?');
			s = str_from(s, 1);
		}
	}
}

/* Keeps the beginning of an error's body, without secrets. */
static void
keep_body(struct want *w, struct str body)
{
	const size_t most = 4 * (size_t)PULL_BODY_BYTES;
	struct buf clean = BUF_INIT(0);

	buf_free(&w->body);
	w->body = (struct buf){ 0 };
	/* A secret that the cut would halve must be whole when it is looked for. */
	if (body.n > most)
		body.n = most;
	(void)redact(&w->lane->pull->redactor, &clean, body);
	if (clean.n > PULL_BODY_BYTES)
		clean.n = PULL_BODY_BYTES;
	put_clean(&w->body, buf_str(&clean));
	buf_free(&clean);
}

void
want_error(struct want *w, int status, const char *code, struct str body)
{
	struct buf clean = BUF_INIT(0), safe = BUF_INIT(0);

	w->status = status;
	(void)redact(&w->lane->pull->redactor, &safe, str_of(code));
	put_clean(&clean, buf_str(&safe));
	(void)snprintf(w->error_code, sizeof(w->error_code), "%s",
	    buf_cstr(&clean));
	/* Cut in the middle of a character it would be refused. */
	w->error_code[str_utf8_bytes(str_of(w->error_code))] = '\0';
	buf_free(&clean);
	buf_free(&safe);
	keep_body(w, body);
}

static void
no_error(struct want *w)
{
	w->error_code[0] = '\0';
	buf_free(&w->body);
	w->body = (struct buf){ 0 };
}

/* An error that says nothing about the call: the run may soon give up. */
static bool
in_vain(struct lane *l, struct err *err)
{
	int most = 20 + 5 * l->pull->opt->parallel;

	if (++l->in_vain < most || l->stop != PULL_WENT_ON)
		return true;
	pull_note(l->pull, "%.*s: %d requests in a row were in vain; given up "
	    "for this run", STR_ARG(l->provider), l->in_vain);
	return lane_stop(l, PULL_NOT_AVAILABLE, err);
}

bool
want_failed(struct want *w, bool again, struct err *err)
{
	struct lane *l = w->lane;
	const struct retry_policy *retry = &l->pull->opt->retry;

	w->failures++;
	w->redirects = 0;
	free(w->url);
	w->url = NULL;
	if (again && w->failures < retry->attempts &&
	    l->stop == PULL_WENT_ON) {
		lane_push_later(l, w, retry_delay_ms(retry, w->failures,
		    pull_random(l->pull)));
		return true;
	}
	if (w->page)
		return walk_give_up(l, err);
	w->failed = true;
	/* A part in vain does not take away what the others said. */
	return l->stop == PULL_WENT_ON && (w->attachment || w->answered) ?
	    want_next(w, err) : want_settle(w, err);
}

/* ---- a body as an event ---- */

bool
reply_text(struct pull *p, struct str body)
{
	static const char zeros[DOC_PADDING_BYTES];
	struct buf *t = &p->text;

	buf_reset(t);
	if (str_starts(body, STR("\xef\xbb\xbf")))
		body = str_from(body, 3);
	if (redactor_finds(&p->redactor, body))
		(void)redact(&p->redactor, t, body);
	else
		buf_puts(t, body);
	/* Between tokens a line end is a blank; inside a string it is no JSON. */
	for (size_t i = 0; i < t->n; i++)
		if (t->p[i] == '\n' || t->p[i] == '\r')
			t->p[i] = ' ';
	if (!buf_put(t, zeros, sizeof(zeros)))
		return false;
	t->n -= sizeof(zeros);
	return true;
}

/* Parses p->text by itself; what is no object is no answer. */
static enum doc_status
parse(struct pull *p, struct node *root)
{
	struct buf mended = BUF_INIT(0);
	enum doc_status s = doc_parse(p->doc, p->text.p, p->text.n, root);

	if (s != DOC_BAD_STRING)
		return s;
	if (doc_mend_surrogates(&mended, p->text.p, p->text.n) > 0 &&
	    !mended.failed) {
		buf_free(&p->text);
		p->text = mended;
		return doc_parse(p->doc, p->text.p, p->text.n, root);
	}
	buf_free(&mended);
	return s;
}

/* The provider's error code in a body; "" when there is none. */
static void
error_code(struct lane *l, struct node root, char out[ERROR_CODE_BYTES])
{
	struct node n = l->api->error_code != NULL ?
	    path_get(&l->error_code, root) : (struct node){ .doc = NULL };

	out[0] = '\0';
	if (n.type == NODE_TEXT)
		(void)snprintf(out, ERROR_CODE_BYTES, "%.*s",
		    STR_ARG(node_text(n)));
}

static bool
code_is_gone(const struct lane *l, const char *code)
{
	for (size_t i = 0; i < l->api->n_gone; i++)
		if (strcmp(l->api->gone[i], code) == 0)
			return true;
	return false;
}

static bool
make_line(struct pull *p, const struct want *w)
{
	static const char zeros[DOC_PADDING_BYTES];
	char at[TIME_TEXT_BYTES];
	struct buf *b = &p->line;

	time_text(clock_now_us(), at);
	buf_reset(b);
	buf_puts(b, STR("{\"fetched_at\":\""));
	buf_puts(b, str_of(at));
	buf_puts(b, STR("\",\"provider\":\""));
	quote_json(b, w->lane->provider);
	buf_puts(b, STR("\",\"kind\":\"detail\",\"call_id\":\""));
	quote_json(b, w->row.call_id);
	buf_puts(b, STR("\",\"body\":"));
	buf_puts(b, str_trim(buf_str(&p->text)));
	buf_puts(b, STR("}"));
	if (!buf_put(b, zeros, sizeof(zeros)))
		return false;
	b->n -= sizeof(zeros);
	return true;
}

/* What the event says about whether there is more to ask. */
static void
learn(struct want *w, const struct event *e)
{
	enum outcome o = (enum outcome)e->outcome;

	if (o != OUTCOME_NONE) {
		w->done = w->done || outcome_terminal(o);
		w->row.held = o == OUTCOME_COMPLETED ||
		    o == OUTCOME_TRANSFERRED || o == OUTCOME_TIMEOUT;
	} else if (w->row.terminal) {
		w->done = true;
	}
	if (event_states(e, FIELD_SUCCESS) || event_states(e, FIELD_SUMMARY) ||
	    event_states(e, FIELD_SENTIMENT))
		w->row.analyzed = true;
}

/* Takes the line if the decoder takes it for an event of this call. */
static bool
decode(struct want *w, struct str body, bool *good, struct err *err)
{
	struct pull *p = w->lane->pull;
	struct decode_warnings warnings = { 0 };
	struct decode_out out;
	enum decode_result r;

	arena_reset(&p->scratch);
	r = decode_line(p->decoder, buf_str(&p->line), &p->scratch, &warnings,
	    &out);
	*good = false;
	if (r == DECODED_NO_MEMORY)
		return err_nomem(err);
	if (r == DECODED_REJECT)
		want_error(w, 200, reject_name[out.reason], body);
	else if (r == DECODED_IGNORED)
		want_error(w, 200, "no_call", body);
	else if (id128_cmp(&out.event->key, &w->row.key) != 0)
		want_error(w, 200, reject_name[REJECT_BAD_DETAIL], body);
	else
		*good = true;
	if (*good)
		learn(w, out.event);
	return true;
}

/* The URL of the first attachment that holds an analysis, if it may be fetched. */
static bool
find_attachment(struct want *w, struct node root, struct err *err)
{
	struct lane *l = w->lane;
	struct node_iter it = node_iter(path_get(&l->files, root));
	struct str name = str_of(l->api->attachments->name), url, path, none;
	struct node item;
	char *copy = NULL;

	while (copy == NULL && node_next(&it, &none, &item)) {
		struct node n = path_get(&l->file_url, item);
		const char *end;

		url = n.type == NODE_TEXT ? node_text(n) : STR("");
		path = url;
		end = path.n > 0 ? memchr(path.p, '?', path.n) : NULL;
		if (end != NULL)
			path.n = (size_t)(end - path.p);
		if (!str_ends(path, name) || path.n == name.n ||
		    path.p[path.n - name.n - 1] != '/' ||
		    memchr(url.p, '\0', url.n) != NULL)
			continue;
		if ((copy = strndup(url.p, url.n)) == NULL)
			return err_nomem(err);
	}
	if (copy != NULL && attachment_allowed(l, copy, &w->foreign)) {
		free(w->file);
		w->file = copy;
		return true;
	}
	if (copy != NULL && !l->noted_files) {
		char host[HTTP_ORIGIN_BYTES];

		l->noted_files = true;
		pull_note(l->pull, "%.*s: %s of some calls is on %s, which is "
		    "not allowed (--allow-host)", STR_ARG(l->provider),
		    l->api->attachments->name,
		    http_host(copy, host) ? host : "a strange host");
	}
	free(copy);
	return true;
}

bool
reply_judge(struct want *w, struct str body, struct err *err)
{
	struct lane *l = w->lane;
	struct pull *p = l->pull;
	char code[ERROR_CODE_BYTES] = "";
	struct node root;
	bool good;

	if (!reply_text(p, body))
		return err_nomem(err);
	if (parse(p, &root) != DOC_OK || root.type != NODE_OBJECT) {
		want_error(w, 200, "not_json", body);
		return false;
	}
	if (!make_line(p, w))
		return err_nomem(err);
	if (!decode(w, body, &good, err))
		return false;
	if (!good) {
		/* An error's own code says more than that it is no event. */
		error_code(l, root, code);
		if (code[0] != '\0')
			want_error(w, 200, code, body);
		return false;
	}
	if (l->api->attachments != NULL && !w->attachment && w->row.held &&
	    !w->row.analyzed && !find_attachment(w, root, err))
		return false;
	buf_puts(&w->lines, buf_str(&p->line));
	if (!buf_putc(&w->lines, '\n'))
		return err_nomem(err);
	w->status = 200;
	w->answered = true;
	l->in_vain = 0;
	return true;
}

/* ---- what comes next ---- */

/* Whether a request is to be made for this call. */
static bool
part_wanted(const struct want *w, const struct api_request *r)
{
	return r->page == NULL &&
	    (!r->for_analysis || (w->row.held && !w->row.analyzed));
}

/* The bucket that the attachment's requests are counted in. */
static bool
turn_to_file(struct want *w, struct err *err)
{
	char origin[HTTP_ORIGIN_BYTES];
	struct err ignored = ERR_INIT;

	w->attachment = true;
	w->bucket = NULL;
	if (http_origin(w->file, origin, &ignored))
		w->bucket = lane_bucket(w->lane, origin, err);
	return err->kind == ERR_NONE;
}

bool
want_next(struct want *w, struct err *err)
{
	struct lane *l = w->lane;

	w->failures = w->redirects = 0;
	free(w->url);
	w->url = NULL;
	if (w->attachment) {
		w->attachment = w->foreign = false;
		free(w->file);
		w->file = NULL;
	} else {
		w->part++;
	}
	w->bucket = l->bucket[0];
	while (w->part < l->api->n_requests &&
	    !part_wanted(w, &l->api->request[w->part]))
		w->part++;
	if (w->file != NULL) {
		if (!turn_to_file(w, err))
			return false;
	} else if (w->part >= l->api->n_requests) {
		return want_settle(w, err);
	}
	if (w->bucket == NULL || l->stop != PULL_WENT_ON) {
		w->failed = true;
		return want_settle(w, err);
	}
	lane_push(l, w);
	return true;
}

/* ---- answers ---- */

static bool
keys_refused(struct want *w, int status, struct err *err)
{
	struct lane *l = w->lane;
	struct buf names = BUF_INIT(0);

	if (l->stop == PULL_WENT_ON) {
		for (size_t i = 0; i < l->api->n_headers; i++)
			buf_printf(&names, "%s%s", i > 0 ? ", " : "",
			    l->api->header[i].variable);
		pull_note(l->pull, "%.*s: the keys were refused (%d%s%s); check "
		    "%s; given up for this run", STR_ARG(l->provider), status,
		    w->error_code[0] != '\0' ? ", " : "", w->error_code,
		    buf_cstr(&names));
		buf_free(&names);
	}
	if (!lane_stop(l, PULL_KEYS_REFUSED, err))
		return false;
	return want_failed(w, false, err);
}

/* Nothing came, or nothing that could be read. */
static bool
no_answer(struct want *w, const struct http_answer *a, struct err *err)
{
	static const char *const code[] = {
		[HTTP_ANSWERED] = "",
		[HTTP_NO_CONNECTION] = "no_connection",
		[HTTP_TIMED_OUT] = "timed_out",
		[HTTP_CUT] = "cut_off",
		[HTTP_TOO_LARGE] = "too_large",
		[HTTP_UNTRUSTED] = "untrusted",
		[HTTP_REFUSED] = "address_refused",
		[HTTP_ELSEWHERE] = "redirected",
	};

	want_error(w, a->status, code[a->trouble], str_of(a->what));
	if (a->trouble == HTTP_UNTRUSTED && w->lane->stop == PULL_WENT_ON &&
	    !w->attachment) {
		pull_note(w->lane->pull, "%.*s: the server's certificate is "
		    "not trusted; given up for this run",
		    STR_ARG(w->lane->provider));
		if (!lane_stop(w->lane, PULL_NOT_AVAILABLE, err))
			return false;
	}
	if (!w->attachment && !in_vain(w->lane, err))
		return false;
	return want_failed(w, a->trouble != HTTP_REFUSED, err);
}

static bool
redirected(struct want *w, const struct http_answer *a, struct err *err)
{
	bool post = w->page && strcmp(w->lane->list->method, "POST") == 0;

	if (w->redirects == REDIRECTS_MAX ||
	    (post && a->status != 307 && a->status != 308)) {
		want_error(w, a->status, "redirected", STR(""));
		return want_failed(w, true, err);
	}
	w->redirects++;
	free(w->url);
	if ((w->url = strdup(a->redirect)) == NULL)
		return err_nomem(err);
	if (w->lane->stop != PULL_WENT_ON)
		return want_failed(w, false, err);
	lane_push(w->lane, w);
	return true;
}

/* 429, 5xx and the like: later, and when the host says so, all of it later. */
static bool
busy(struct want *w, const struct http_answer *a, struct err *err)
{
	struct lane *l = w->lane;
	int failures = l->in_vain < 10 ? l->in_vain + 1 : 10;
	int64_t hold_ms = a->retry_after_ms;

	if (hold_ms < 0 && a->status == 429)
		hold_ms = retry_delay_ms(&l->pull->opt->retry, failures,
		    pull_random(l->pull));
	if (hold_ms >= 0 && !lane_hold(l, w->bucket, hold_ms, err))
		return false;
	if (!w->attachment && !in_vain(l, err))
		return false;
	return want_failed(w, true, err);
}

/* There is nothing, and there will be nothing. */
static bool
gone(struct want *w, struct err *err)
{
	w->lane->in_vain = 0;
	if (w->page)
		return want_failed(w, false, err);
	if (w->answered || w->attachment) {
		/* Of a part: the call itself is there. */
		no_error(w);
		return want_next(w, err);
	}
	w->gone = true;
	return want_settle(w, err);
}

static bool
is_busy(int status)
{
	return status == 408 || status == 425 || status == 429 || status >= 500;
}

/* Any status but 200. */
static bool
bad_status(struct want *w, const struct http_answer *a, struct err *err)
{
	struct lane *l = w->lane;
	char code[ERROR_CODE_BYTES] = "";
	struct node root;

	if (!reply_text(l->pull, a->body))
		return err_nomem(err);
	if (parse(l->pull, &root) == DOC_OK)
		error_code(l, root, code);
	want_error(w, a->status, code, a->body);
	if (!w->attachment && (a->status == 401 || a->status == 403))
		return keys_refused(w, a->status, err);
	if (a->status == 404 || a->status == 410 || code_is_gone(l, code))
		return gone(w, err);
	if (is_busy(a->status))
		return busy(w, a, err);
	if (a->retry_after_ms >= 0 &&
	    !lane_hold(l, w->bucket, a->retry_after_ms, err))
		return false;
	return want_failed(w, false, err);
}

static bool
good_status(struct want *w, struct str body, struct err *err)
{
	bool good = false;

	if (w->page) {
		if (!walk_page(w, body, &good, err))
			return false;
	} else {
		good = reply_judge(w, body, err);
		if (err->kind != ERR_NONE)
			return false;
		if (!good && code_is_gone(w->lane, w->error_code))
			return gone(w, err);
	}
	if (!good)
		return in_vain(w->lane, err) && want_failed(w, true, err);
	if (w->page)
		return true;
	no_error(w);
	return want_next(w, err);
}

bool
reply_take(struct want *w, const struct http_answer *a, struct err *err)
{
	w->lane->running--;
	if (a->trouble == HTTP_ANSWERED && !is_busy(a->status))
		w->lane->heard = true;
	if (a->trouble != HTTP_ANSWERED)
		return no_answer(w, a, err);
	if (a->redirect != NULL)
		return redirected(w, a, err);
	if (a->status == 200)
		return good_status(w, a->body, err);
	return bad_status(w, a, err);
}
