/*
 * A body as an event: whether an answer says something of the call that it was
 * asked for, and what.
 */
#include "run/pull_inner.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/quote.h"
#include "io/doc.h"

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

enum doc_status
reply_parse(struct doc *doc, struct buf *text, struct node *root)
{
	struct buf mended = BUF_INIT(0);
	enum doc_status s = doc_parse(doc, text->p, text->n, root);

	if (s != DOC_BAD_STRING)
		return s;
	if (doc_mend_surrogates(&mended, text->p, text->n) > 0 &&
	    !mended.failed) {
		buf_free(text);
		*text = mended;
		return doc_parse(doc, text->p, text->n, root);
	}
	buf_free(&mended);
	return s;
}

void
reply_error_code(struct lane *l, struct node root,
    char out[ERROR_CODE_BYTES])
{
	struct node n = l->api->error_code != NULL ?
	    path_get(&l->error_code, root) : (struct node){ .doc = NULL };

	out[0] = '\0';
	if (n.type == NODE_TEXT)
		(void)snprintf(out, ERROR_CODE_BYTES, "%.*s",
		    STR_ARG(node_text(n)));
}

bool
reply_is_gone(const struct lane *l, const char *code)
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
	if (reply_parse(p->doc, &p->text, &root) != DOC_OK ||
	    root.type != NODE_OBJECT) {
		want_error(w, 200, "not_json", body);
		return false;
	}
	if (!make_line(p, w))
		return err_nomem(err);
	if (!decode(w, body, &good, err))
		return false;
	if (!good) {
		/* An error's own code says more than that it is no event. */
		reply_error_code(l, root, code);
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
