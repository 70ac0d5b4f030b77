/*
 * doc: one JSON document, read only; the only user of simdjson.
 *
 * A struct doc is a parser with its memory, reused from text to text; the
 * nodes of a parse, and the text slices had from them, live until the next
 * doc_parse or doc_close of the same doc. Nodes are small values, passed by
 * copy. Of repeated members the first counts. Not safe to share between
 * threads; each thread has its own. The memory grows with the largest text
 * (at most 14 times its bytes, rounded up to a power of two, of which only
 * what a text needs is touched); doc_trim gives it back.
 */
#ifndef CALLTALLY_IO_DOC_H
#define CALLTALLY_IO_DOC_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"

#ifdef __cplusplus
extern "C" {
#endif

/* So many readable bytes must follow a text given to doc_parse. */
enum { DOC_PADDING_BYTES = 64 };

enum node_type {
	NODE_ABSENT = 0,	/* there is no such node */
	NODE_NULL,
	NODE_BOOL,
	NODE_INT,		/* fits int64_t */
	NODE_UINT,		/* above INT64_MAX, fits uint64_t */
	NODE_REAL,
	NODE_TEXT,
	NODE_ARRAY,
	NODE_OBJECT,
};

/* What was parsed; only the functions here look into it (see the end). */
struct doc_tape {
	const uint64_t *word;
	const char *strings;
};

/* Small enough for two registers; no text has 2^32 tokens. */
struct node {
	const struct doc_tape *doc;
	uint32_t at;
	enum node_type type;
};

struct node_iter {
	const struct doc_tape *doc;
	size_t at, end;
	bool object;
};

enum doc_status {
	DOC_OK = 0,
	DOC_EMPTY,		/* nothing but white space */
	DOC_BAD_UTF8,
	DOC_BAD_NUMBER,		/* beyond 64 bits, or beyond a double */
	DOC_TOO_DEEP,		/* more than 1023 arrays and objects that are not empty in one another */
	DOC_BAD_STRING,		/* an escape that is none, among them lone surrogates */
	DOC_BAD_SYNTAX,
	DOC_NO_MEMORY,
};

struct doc;

struct doc *doc_open(void);		/* NULL: out of memory */
void doc_close(struct doc *);

/* Gives memory back when it holds more than keep_bytes. Ends all nodes. */
void doc_trim(struct doc *, size_t keep_bytes);

/*
 * Parses the n bytes at p, behind which DOC_PADDING_BYTES more can be read.
 * On DOC_OK *root is the document's node, else NODE_ABSENT. The text itself
 * is not kept. A BOM before it is skipped. Of several faults the first is
 * told, but bad UTF-8 before any other.
 */
enum doc_status doc_parse(struct doc *, const char *p, size_t n, struct node *root);

/*
 * Where and why a text that doc_parse refused is wrong, in words with the
 * byte position (asks jansson, which parses it into a tree: not beyond
 * 256 KiB). Quotes no text or number of the document. Fills out, terminated;
 * position in bytes from 0, or -1 where none is known.
 */
void doc_explain(const char *p, size_t n, enum doc_status status,
    char *out, size_t out_bytes, long *position);

/*
 * Copies text to out with every escaped lone surrogate (\ud800 and the like
 * without its partner) replaced by \ufffd, and DOC_PADDING_BYTES zero bytes
 * behind it (not counted in out->n). Returns how many were replaced; sets
 * out->failed when memory ran out.
 */
size_t doc_mend_surrogates(struct buf *out, const char *p, size_t n);

/* Scalars: the node must have the type that the name tells. */
bool node_bool(struct node);
int64_t node_int(struct node);
uint64_t node_uint(struct node);
double node_real(struct node);
static inline struct str node_text(struct node);

/* null, "", [], {} or absent: states nothing. */
static inline bool node_silent(struct node);

/* The first member of that name; NODE_ABSENT when none or not an object. */
struct node node_member(struct node object, struct str name);

/* The i-th element from 0; NODE_ABSENT when none or not an array. */
struct node node_element(struct node array, size_t i);

/* Starts over the members of an object or the elements of an array (any other: none). */
static inline struct node_iter node_iter(struct node);
/* The next one; *name is the member's name ({NULL,0} in an array). False at the end. */
static inline bool node_next(struct node_iter *, struct str *name, struct node *value);

/*
 * A 128-bit hash of the document below node: of its tokens in their order,
 * so that white space and the spelling of escapes do not matter, but the
 * order of members, repeated members, and 1 against 1.0 do. The members
 * whose *values* are the nodes in skip (n_skip of them, any order) are left
 * out with their names. scratch is reset and used; when it could not grow
 * (scratch->failed) the hash is of no use.
 */
struct id128 node_hash(struct node, const struct node *skip, size_t n_skip,
    struct buf *scratch);

/*
 * Appends the canonical JSON of node to out: compact, members in byte order
 * of their names, the first of repeated ones, UTF-8 with only the escapes
 * that JSON demands, whole numbers as written (but -0 as 0), others as
 * num_double_text writes them, U+0000 replaced by U+FFFD. With drop_silent, silent members
 * of the top object are left out. Returns false when memory ran out.
 */
bool node_canonical(struct node, bool drop_silent, struct buf *out);

/* The order of members there: by the bytes of their names, U+0000 as U+FFFD. */
int doc_name_cmp(struct str, struct str);

/*
 * The tape is simdjson's: 64-bit words, whose high byte tells the kind, the
 * rest is an index. A '"' points into the strings, where the text follows its
 * length (32 bits); 'l', 'u' and 'd' have their value in the next word; '{' and
 * '[' hold the index behind their end in the low 32 bits. A member is its
 * name's word, then its value. It is walked here, in the open, because the
 * calls would cost as much as the steps.
 */
struct doc_kinds {
	unsigned char type[256];	/* node_type of each kind of word */
};
extern const struct doc_kinds doc_kind_of;

static inline unsigned char
doc_word_kind(uint64_t word)
{
	return (unsigned char)(word >> 56);
}

static inline struct str
doc_word_text(const struct doc_tape *d, uint64_t word)
{
	const char *p = d->strings + (word & 0xffffffffffffff);
	struct str text = { p + sizeof(uint32_t), 0 };
	uint32_t n;

	memcpy(&n, p, sizeof(n));
	text.n = n;
	return text;
}

/*
 * The index behind the value at at, whose word it is. Branches, not a table:
 * guessing right beats waiting for the word.
 */
static inline size_t
doc_behind(size_t at, uint64_t word)
{
	unsigned char kind = doc_word_kind(word);

	if (kind == '"')
		return at + 1;
	if (kind == '{' || kind == '[')
		return (uint32_t)word;
	if (kind == 'l' || kind == 'd' || kind == 'u')
		return at + 2;
	return at + 1;
}

static inline struct str
node_text(struct node n)
{
	return doc_word_text(n.doc, n.doc->word[n.at]);
}

static inline bool
node_silent(struct node n)
{
	switch (n.type) {
	case NODE_ABSENT:
	case NODE_NULL:
		return true;
	case NODE_TEXT:
		return node_text(n).n == 0;
	case NODE_ARRAY:
	case NODE_OBJECT:
		return (uint32_t)n.doc->word[n.at] == n.at + 2;
	default:
		return false;
	}
}

static inline struct node_iter
node_iter(struct node n)
{
	struct node_iter it = { n.doc, 0, 0, n.type == NODE_OBJECT };

	if (n.type != NODE_OBJECT && n.type != NODE_ARRAY)
		return it;
	it.at = n.at + 1;
	it.end = (uint32_t)n.doc->word[n.at] - 1;
	return it;
}

static inline bool
node_next(struct node_iter *it, struct str *name, struct node *value)
{
	const struct doc_tape *d = it->doc;
	struct str none = { NULL, 0 };
	size_t at = it->at;
	uint64_t word;

	if (at >= it->end)
		return false;
	word = d->word[at];
	*name = none;
	if (it->object) {
		*name = doc_word_text(d, word);
		word = d->word[++at];
	}
	value->doc = d;
	value->at = (uint32_t)at;
	value->type = (enum node_type)doc_kind_of.type[doc_word_kind(word)];
	it->at = doc_behind(at, word);
	return true;
}

#ifdef __cplusplus
}
#endif

#endif
