#include "call/decode.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "call/envelope.h"
#include "call/extract.h"

enum { LONG_LINE_BYTES = 256 * 1024, MASK_DIGITS = 7 };

struct decoder {
	struct finder finder;
	struct buf call_id;
	struct buf scratch;
	bool id_beside;		/* the call id is the archive's, not the body's */
	struct drift_set *drift;	/* NULL: nobody asks */
	bool transcripts;	/* are wanted */
};

const char *const reject_name[REJECT_COUNT] = {
	[REJECT_NOT_JSON] = "not_json",
	[REJECT_BAD_UTF8] = "bad_utf8",
	[REJECT_NUMBER_RANGE] = "number_range",
	[REJECT_TOO_DEEP] = "too_deep",
	[REJECT_TOO_LONG] = "too_long",
	[REJECT_NOT_OBJECT] = "not_object",
	[REJECT_NO_SHAPE] = "no_shape",
	[REJECT_NO_CALL_ID] = "no_call_id",
	[REJECT_ERROR_BODY] = "error_body",
	[REJECT_BAD_DETAIL] = "bad_detail",
};

struct decoder *
decoder_open(const struct profiles *set)
{
	struct decoder *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	if (!finder_init(&d->finder, set)) {
		decoder_close(d);
		return NULL;
	}
	return d;
}

void
decoder_watch(struct decoder *d, struct drift_set *set)
{
	d->drift = set;
}

void
decoder_keep_transcripts(struct decoder *d)
{
	d->transcripts = true;
}

void
decoder_trim(struct decoder *d, size_t keep_bytes)
{
	for (int i = 0; i <= ENVELOPE_DEPTH_MAX; i++)
		if (d->finder.doc[i] != NULL)
			doc_trim(d->finder.doc[i], keep_bytes);
	if (d->finder.inner.cap > keep_bytes)
		buf_free(&d->finder.inner);
	if (d->finder.mended.cap > keep_bytes)
		buf_free(&d->finder.mended);
	if (d->scratch.cap > keep_bytes)
		buf_free(&d->scratch);
}

void
decoder_close(struct decoder *d)
{
	if (d == NULL)
		return;
	finder_close(&d->finder);
	buf_free(&d->call_id);
	buf_free(&d->scratch);
	free(d);
}

/*
 * Puts s, somebody else's words, behind a message: printable, and with long
 * runs of digits, which may be a phone number, masked.
 */
static void
quote(char message[DECODE_MESSAGE_BYTES], struct str s)
{
	size_t at = strlen(message), run = 0;

	for (size_t i = 0; i < s.n && at + 1 < DECODE_MESSAGE_BYTES; i++) {
		char c = s.p[i];

		message[at++] = (char)(c >= ' ' && c <= '~' ? c : '?');
		run = c >= '0' && c <= '9' ? run + 1 : 0;
		if (run == MASK_DIGITS)
			memset(message + at - MASK_DIGITS, '*', MASK_DIGITS);
		else if (run > MASK_DIGITS)
			message[at - 1] = '*';
	}
	message[at] = '\0';
}

static enum decode_result
reject(struct decode_out *out, enum reject_reason reason, const char *message)
{
	out->reason = reason;
	(void)snprintf(out->message, sizeof(out->message), "%s", message);
	return DECODED_REJECT;
}

static enum decode_result
not_parsed(struct str line, enum doc_status status, struct decode_out *out)
{
	static const enum reject_reason reason[] = {
		[DOC_BAD_UTF8] = REJECT_BAD_UTF8,
		[DOC_BAD_NUMBER] = REJECT_NUMBER_RANGE,
		[DOC_TOO_DEEP] = REJECT_TOO_DEEP,
		[DOC_BAD_STRING] = REJECT_NOT_JSON,
		[DOC_BAD_SYNTAX] = REJECT_NOT_JSON,
	};
	long position;

	if (status == DOC_NO_MEMORY)
		return DECODED_NO_MEMORY;
	if (status == DOC_EMPTY) {
		out->ignored_because = "blank";
		return DECODED_IGNORED;
	}
	out->reason = reason[status];
	doc_explain(line.p, line.n, status, out->message, sizeof(out->message),
	    &position);
	return DECODED_REJECT;
}

/* Names the top members of what no shape fits. */
static enum decode_result
no_shape(struct node root, const char *what, struct decode_out *out)
{
	struct node_iter it = node_iter(root);
	const char *before = " (members: ";
	struct node value;
	struct str name;

	(void)reject(out, REJECT_NO_SHAPE, what);
	while (strlen(out->message) + 16 < sizeof(out->message) &&
	    node_next(&it, &name, &value)) {
		quote(out->message, str_of(before));
		quote(out->message, name);
		before = ", ";
	}
	quote(out->message, str_of(before[0] == ',' ? ")" : ""));
	return DECODED_REJECT;
}

static enum decode_result
not_found(enum found found, const struct message *m, struct node root,
    struct decode_out *out)
{
	if (found == FOUND_NO_MEMORY)
		return DECODED_NO_MEMORY;
	if (root.type != NODE_OBJECT)
		return reject(out, REJECT_NOT_OBJECT,
		    root.type == NODE_ARRAY ? "an array, not an object" :
		    "a bare value, not an object");
	if (found == FOUND_NO_PROVIDER)
		return reject(out, REJECT_BAD_DETAIL,
		    "an archived answer of a provider that no profile knows");
	if (m->error_body)
		return reject(out, REJECT_ERROR_BODY,
		    "an error body, which says nothing about a call");
	if (found == FOUND_NO_DETAIL)
		return no_shape(m->body, "an archived answer of no known shape",
		    out);
	return no_shape(root, "no profile knows this shape", out);
}

/*
 * The id that the body states, else the one beside an archived answer, into
 * d->call_id. An answer that is of another call is rejected.
 */
static enum decode_result
find_call_id(struct decoder *d, const struct message *m,
    struct decode_warnings *w, struct decode_out *out)
{
	struct extraction x = { .shape = m->shape, .walk = &d->finder.walk };
	char tmp[SCALAR_TEXT_BYTES], asked_tmp[SCALAR_TEXT_BYTES];
	struct str asked = coerce_scalar(m->asked_id, asked_tmp), id;
	struct node n;

	d->id_beside = extract_find(&x, &m->shape->call_id, &n) == NULL;
	id = d->id_beside ? asked : coerce_scalar(n, tmp);
	if (id.n == 0)
		return reject(out, REJECT_NO_CALL_ID, d->id_beside ?
		    "no call id" :
		    "the call id is neither a text nor a whole number");
	if (id.n > CALL_ID_MAX_BYTES)
		return reject(out, REJECT_NO_CALL_ID,
		    "the call id is longer than 1024 bytes");
	if (asked.n > 0 && !str_eq(id, asked))
		return reject(out, REJECT_BAD_DETAIL,
		    "the archived answer is of another call than was asked for");
	buf_reset(&d->call_id);
	put_text(&d->call_id, id, &w->replaced);
	return d->call_id.failed ? DECODED_NO_MEMORY : DECODED_EVENT;
}

/*
 * A hash of provider, kind, body and, where only the archive names it, the
 * call. False when memory ran out.
 */
static bool
identify(struct decoder *d, const struct message *m, struct id128 *identity)
{
	const struct profile *p = m->shape->profile;
	struct node skip[VOLATILE_MAX];
	struct id128 body;
	size_t n = 0;

	for (size_t i = 0; i < p->volatiles.n; i++) {
		const struct node *v =
		    walk_at(&d->finder.walk, p->volatiles.v[i]);

		if (v != NULL)
			skip[n++] = *v;
	}
	body = node_hash(m->body, skip, n, &d->scratch);
	if (d->scratch.failed)
		return false;
	buf_reset(&d->scratch);
	buf_puts(&d->scratch, p->name);
	buf_putc(&d->scratch, '\0');
	buf_puts(&d->scratch, str_of(event_kind_name[m->shape->kind]));
	buf_putc(&d->scratch, '\0');
	buf_put(&d->scratch, &body, sizeof(body));
	if (d->id_beside)
		buf_puts(&d->scratch, buf_str(&d->call_id));
	if (d->scratch.failed)
		return false;
	*identity = hash_bytes(d->scratch.p, d->scratch.n);
	return true;
}

static enum decode_result
decode_message(struct decoder *d, const struct message *m, struct arena *a,
    struct decode_warnings *w, struct decode_out *out)
{
	enum decode_result result;
	struct id128 identity;

	out->shape = m->shape->name;
	out->ignored_because = shape_ignores(m->shape, &d->finder.walk);
	if (out->ignored_because != NULL)
		return DECODED_IGNORED;
	if ((result = find_call_id(d, m, w, out)) != DECODED_EVENT)
		return result;
	if (!identify(d, m, &identity))
		return DECODED_NO_MEMORY;
	out->event = extract(m->shape, &d->finder.walk, buf_str(&d->call_id),
	    d->transcripts, &d->scratch, a, w);
	if (out->event == NULL)
		return DECODED_NO_MEMORY;
	out->event->identity = identity;
	if (!out->event->time_stated)
		out->event->time_us = m->receipt_us;
	w->times_dropped += m->times_dropped;
	w->replaced += d->finder.replaced;
	return d->drift == NULL || drift_look(d->drift, m->shape,
	    &d->finder.walk, m->body, out->event, &d->scratch) ?
	    DECODED_EVENT : DECODED_NO_MEMORY;
}

enum decode_result
decode_line(struct decoder *d, struct str line, struct arena *a,
    struct decode_warnings *w, struct decode_out *out)
{
	enum decode_result result;
	enum doc_status status;
	struct message m;
	enum found found;
	struct node root;

	*out = (struct decode_out){ .event = NULL };
	status = str_trim(line).n == 0 ? DOC_EMPTY :
	    finder_parse(&d->finder, line, &root);
	if (status != DOC_OK)
		return not_parsed(line, status, out);
	found = finder_find(&d->finder, root, &m);
	result = found == FOUND_MESSAGE ? decode_message(d, &m, a, w, out) :
	    not_found(found, &m, root, out);
	if (line.n > LONG_LINE_BYTES)
		finder_trim(&d->finder);
	return result;
}
