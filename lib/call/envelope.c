#include "call/envelope.h"

#include "base/clock.h"
#include "call/base64.h"
#include "call/coerce.h"

enum { DOC_KEEP_BYTES = 4 * 1024 * 1024 };

bool
finder_init(struct finder *f, const struct profiles *set)
{
	bool done = true;

	*f = (struct finder){ .set = set };
	for (int i = 0; i <= ENVELOPE_DEPTH_MAX; i++)
		done = (f->doc[i] = doc_open()) != NULL && done;
	return walk_init(&f->walk, &set->trie) && done;
}

void
finder_close(struct finder *f)
{
	for (int i = 0; i <= ENVELOPE_DEPTH_MAX; i++)
		doc_close(f->doc[i]);
	walk_close(&f->walk);
	buf_free(&f->inner);
	buf_free(&f->mended);
}

void
finder_trim(struct finder *f)
{
	for (int i = 0; i <= ENVELOPE_DEPTH_MAX; i++)
		doc_trim(f->doc[i], DOC_KEEP_BYTES);
	buf_free(&f->inner);
	buf_free(&f->mended);
}

/* Parses text with the parser of that depth. */
static enum doc_status
parse(struct finder *f, unsigned depth, struct str text, struct node *root)
{
	enum doc_status status = doc_parse(f->doc[depth], text.p, text.n, root);
	size_t mended;

	if (status != DOC_BAD_STRING)
		return status;
	mended = doc_mend_surrogates(&f->mended, text.p, text.n);
	if (f->mended.failed)
		return DOC_NO_MEMORY;
	if (mended == 0)
		return status;
	f->replaced += mended;
	return doc_parse(f->doc[depth], f->mended.p, f->mended.n, root);
}

enum doc_status
finder_parse(struct finder *f, struct str line, struct node *root)
{
	f->replaced = 0;
	return parse(f, 0, line, root);
}

/* The shape of a message that is not archived; NULL when there is none. */
static const struct shape *
fitting_shape(const struct finder *f)
{
	for (size_t i = 0; i < f->set->n; i++) {
		const struct profile *p = &f->set->profile[i];

		for (size_t k = 0; k < p->n_shapes; k++)
			if (p->shape[k].kind != KIND_DETAIL &&
			    shape_fits(&p->shape[k], &f->walk))
				return &p->shape[k];
	}
	return NULL;
}

static const struct shape *
fitting_detail(const struct finder *f, const struct profile *p)
{
	for (size_t k = 0; k < p->n_shapes; k++)
		if (p->shape[k].kind == KIND_DETAIL &&
		    shape_fits(&p->shape[k], &f->walk))
			return &p->shape[k];
	return NULL;
}

static bool
is_error_body(struct node n)
{
	struct node error = node_member(n, STR("error"));

	return error.type == NODE_OBJECT && !node_silent(error);
}

/* A receipt time; a stated one that is none is counted. */
static int64_t
read_time(struct node n, struct message *m)
{
	int64_t us;

	if (node_silent(n))
		return TIME_NONE;
	if (coerce_time(n, &us))
		return us;
	m->times_dropped++;
	return TIME_NONE;
}

static int64_t
receipt_of(struct node envelope, struct message *m)
{
	int64_t us = read_time(node_member(envelope, STR("received_at")), m);

	if (us == TIME_NONE)
		us = read_time(node_member(envelope, STR("receivedAt")), m);
	return us;
}

/* Makes f->inner ready to be parsed. */
static bool
pad_inner(struct finder *f)
{
	static const char zeros[DOC_PADDING_BYTES];

	if (!buf_put(&f->inner, zeros, sizeof(zeros)))
		return false;
	f->inner.n -= sizeof(zeros);
	return true;
}

/* The object that f->inner is the text of. */
static enum found
parse_inner(struct finder *f, unsigned depth, struct node *object)
{
	enum doc_status status;

	if (!pad_inner(f))
		return FOUND_NO_MEMORY;
	status = parse(f, depth, buf_str(&f->inner), object);
	if (status == DOC_NO_MEMORY)
		return FOUND_NO_MEMORY;
	return status == DOC_OK && object->type == NODE_OBJECT ?
	    FOUND_MESSAGE : FOUND_NOTHING;
}

/* The object that an envelope's member is, or is the JSON text of. */
static enum found
open_member(struct finder *f, struct node member, unsigned depth,
    struct node *object)
{
	*object = member;
	if (member.type == NODE_OBJECT)
		return FOUND_MESSAGE;
	if (member.type != NODE_TEXT)
		return FOUND_NOTHING;
	buf_reset(&f->inner);
	if (!buf_puts(&f->inner, node_text(member)))
		return FOUND_NO_MEMORY;
	return parse_inner(f, depth, object);
}

/* The object that a member is the base64 of, if the envelope says that it is. */
static enum found
open_base64(struct finder *f, struct node envelope, struct node member,
    unsigned depth, struct node *object)
{
	struct node flag = node_member(envelope, STR("isBase64Encoded"));
	int64_t encoded = 0;

	if (member.type != NODE_TEXT || !coerce_bool(flag, &encoded) ||
	    encoded == 0)
		return FOUND_NOTHING;
	buf_reset(&f->inner);
	if (!base64_decode(node_text(member), &f->inner))
		return f->inner.failed ? FOUND_NO_MEMORY : FOUND_NOTHING;
	return parse_inner(f, depth, object);
}

/* {"fetched_at", "provider", "kind": "detail", "call_id", "body"} */
static bool
is_archived(struct node n)
{
	struct node kind = node_member(n, STR("kind"));

	return kind.type == NODE_TEXT &&
	    str_eq(node_text(kind), STR("detail")) &&
	    node_member(n, STR("provider")).type == NODE_TEXT &&
	    node_member(n, STR("body")).type != NODE_ABSENT;
}

static enum found
find_archived(struct finder *f, struct node n, unsigned depth,
    struct message *m)
{
	const struct profile *p = profiles_find(f->set,
	    node_text(node_member(n, STR("provider"))));
	struct node body = node_member(n, STR("body"));
	enum found found;

	if (p == NULL)
		return FOUND_NO_PROVIDER;
	found = open_member(f, body, depth + 1, &m->body);
	if (found != FOUND_MESSAGE)
		return found == FOUND_NOTHING ? FOUND_NO_DETAIL : found;
	m->asked_id = node_member(n, STR("call_id"));
	m->receipt_us = read_time(node_member(n, STR("fetched_at")), m);
	walk_run(&f->walk, m->body);
	if ((m->shape = fitting_detail(f, p)) != NULL)
		return FOUND_MESSAGE;
	m->error_body = is_error_body(m->body);
	return FOUND_NO_DETAIL;
}

static enum found find(struct finder *, struct node, unsigned, struct message *);

static enum found
find_in_member(struct finder *f, struct node envelope, struct str name,
    unsigned depth, struct message *m)
{
	struct node member = node_member(envelope, name), object;
	enum found found = open_member(f, member, depth, &object);

	if (found == FOUND_MESSAGE)
		found = find(f, object, depth, m);
	if (found != FOUND_NOTHING)
		return found;
	found = open_base64(f, envelope, member, depth, &object);
	return found == FOUND_MESSAGE ? find(f, object, depth, m) : found;
}

/* The receipt time beside the innermost envelope that states one counts. */
static enum found
unwrap(struct finder *f, struct node envelope, unsigned depth,
    struct message *m)
{
	static const char *const name[] = { "body", "payload", "rawBody",
	    "data" };

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		enum found found = find_in_member(f, envelope,
		    str_of(name[i]), depth + 1, m);

		if (found == FOUND_NOTHING)
			continue;
		if (found == FOUND_MESSAGE && m->receipt_us == TIME_NONE)
			m->receipt_us = receipt_of(envelope, m);
		return found;
	}
	return FOUND_NOTHING;
}

static enum found
find(struct finder *f, struct node n, unsigned depth, struct message *m)
{
	walk_run(&f->walk, n);
	if ((m->shape = fitting_shape(f)) != NULL) {
		m->body = n;
		return FOUND_MESSAGE;
	}
	if (depth == ENVELOPE_DEPTH_MAX)
		return FOUND_NOTHING;
	if (is_archived(n))
		return find_archived(f, n, depth, m);
	m->error_body = m->error_body || is_error_body(n);
	return unwrap(f, n, depth, m);
}

enum found
finder_find(struct finder *f, struct node root, struct message *m)
{
	*m = (struct message){ .receipt_us = TIME_NONE };
	return root.type == NODE_OBJECT ? find(f, root, 0, m) : FOUND_NOTHING;
}
