#include "run/pull_inner.h"

#include <stdio.h>
#include <stdlib.h>

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
	if (reply_parse(l->pull->doc, &l->pull->text, &root) == DOC_OK)
		reply_error_code(l, root, code);
	want_error(w, a->status, code, a->body);
	if (!w->attachment && (a->status == 401 || a->status == 403))
		return keys_refused(w, a->status, err);
	if (a->status == 404 || a->status == 410 || reply_is_gone(l, code))
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
		if (!good && reply_is_gone(w->lane, w->error_code))
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
