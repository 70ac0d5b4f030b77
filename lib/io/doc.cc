#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"	/* C tells struct and function apart */
extern "C" {
#include "io/doc.h"

#include "base/num.h"
#include "base/sort.h"
}
#pragma GCC diagnostic pop

#include <jansson.h>
#include <simdjson.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

constexpr size_t MIN_CAPACITY = 64 * 1024;
constexpr size_t BYTES_PER_BYTE = 14;		/* held for each byte of capacity */
constexpr size_t EXPLAIN_MAX_BYTES = 256 * 1024;	/* jansson builds a tree of it */
constexpr size_t COPY_STEP = 16;
constexpr size_t TOKEN_BYTES = 1 + sizeof(uint64_t) + COPY_STEP;	/* but its text */

} // namespace

struct doc : doc_tape {
	simdjson::dom::parser parser;
	simdjson::dom::document document;

	/* cppcheck-suppress uninitDerivedMemberVar ; the braces do it */
	doc() : doc_tape{ nullptr, nullptr } {}
};

namespace {

constexpr doc_kinds
make_kinds()
{
	doc_kinds k = {};

	k.type[int('n')] = NODE_NULL;
	k.type[int('t')] = NODE_BOOL;
	k.type[int('f')] = NODE_BOOL;
	k.type[int('l')] = NODE_INT;
	k.type[int('u')] = NODE_UINT;
	k.type[int('d')] = NODE_REAL;
	k.type[int('"')] = NODE_TEXT;
	k.type[int('[')] = NODE_ARRAY;
	k.type[int('{')] = NODE_OBJECT;
	return k;
}

} // namespace

constexpr doc_kinds doc_kind_of = make_kinds();

namespace {

node
node_at(const struct doc_tape *d, size_t at)
{
	return { d, static_cast<uint32_t>(at), static_cast<node_type>(
	    doc_kind_of.type[doc_word_kind(d->word[at])]) };
}

const node absent = { nullptr, 0, NODE_ABSENT };

size_t
after(const struct doc_tape *d, size_t at)
{
	return doc_behind(at, d->word[at]);
}

bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Skips digits; false when there is none. */
bool
skip_digits(const char **p, const char *end)
{
	const char *start = *p;

	while (*p < end && is_digit(**p))
		++*p;
	return *p > start;
}

enum number_kind { NUMBER_GOOD, NUMBER_TOO_BIG, NUMBER_MALFORMED };

/* Whether digits, a whole number, fit 64 bits. */
bool
whole_fits(const char *p, const char *end, bool minus)
{
	uint64_t v = 0;

	for (; p < end; p++)
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, unsigned(*p - '0'), &v))
			return false;
	return !minus || v <= uint64_t{1} << 63;
}

bool
real_fits(const char *p, const char *end)
{
	size_t n = static_cast<size_t>(end - p);
	char *copy = static_cast<char *>(malloc(n + 1));
	bool fits;

	if (copy == nullptr)
		return true;
	memcpy(copy, p, n);
	copy[n] = '\0';
	fits = std::isfinite(strtod(copy, nullptr));
	free(copy);
	return fits;
}

number_kind
judge_number(const char *p, const char *end)
{
	const char *start = p, *digits;
	bool minus = *p == '-', whole = true;

	if (minus)
		p++;
	digits = p;
	if (!skip_digits(&p, end) || (*digits == '0' && p - digits > 1))
		return NUMBER_MALFORMED;
	if (p < end && *p == '.') {
		whole = false;
		p++;
		if (!skip_digits(&p, end))
			return NUMBER_MALFORMED;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		whole = false;
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		if (!skip_digits(&p, end))
			return NUMBER_MALFORMED;
	}
	if (p < end)
		return NUMBER_MALFORMED;
	if (whole ? whole_fits(digits, end, minus) : real_fits(start, end))
		return NUMBER_GOOD;
	return NUMBER_TOO_BIG;
}

/*
 * simdjson tells only that a number is wrong. Finds the first one that is
 * no good number, and whether it is too big; *at is its place.
 */
bool
first_bad_number_is_big(const char *p, size_t n, size_t *at)
{
	const char *end = p + n;

	for (const char *s = p; s < end; s++) {
		if (*s == '"') {
			for (s++; s < end && *s != '"'; s++)
				if (*s == '\\')
					s++;
		} else if (*s == '-' || is_digit(*s)) {
			const char *e = s;
			number_kind kind;

			while (e < end && strchr(" \t\r\n,:[]{}\"", *e) == nullptr)
				e++;
			kind = judge_number(s, e);
			*at = static_cast<size_t>(s - p);
			if (kind != NUMBER_GOOD)
				return kind == NUMBER_TOO_BIG;
			s = e - 1;
		}
	}
	return false;
}

doc_status
status_of(simdjson::error_code code, const char *p, size_t n)
{
	size_t at;

	switch (code) {
	case simdjson::SUCCESS:
		return DOC_OK;
	case simdjson::EMPTY:
		return DOC_EMPTY;
	case simdjson::UTF8_ERROR:
		return DOC_BAD_UTF8;
	case simdjson::DEPTH_ERROR:
		return DOC_TOO_DEEP;
	case simdjson::STRING_ERROR:
		return DOC_BAD_STRING;
	case simdjson::CAPACITY:
	case simdjson::MEMALLOC:
		return DOC_NO_MEMORY;
	case simdjson::TAPE_ERROR:
	case simdjson::T_ATOM_ERROR:
	case simdjson::F_ATOM_ERROR:
	case simdjson::N_ATOM_ERROR:
		return DOC_BAD_SYNTAX;
	case simdjson::UNESCAPED_CHARS:
	case simdjson::UNCLOSED_STRING:
		/* seen before UTF-8 is checked, but bad UTF-8 says more */
		return str_utf8_bytes({ p, n }) < n ?
		    DOC_BAD_UTF8 : DOC_BAD_SYNTAX;
	default:
		/* NUMBER_ERROR, and codes of later versions for big numbers */
		return first_bad_number_is_big(p, n, &at) ?
		    DOC_BAD_NUMBER : DOC_BAD_SYNTAX;
	}
}

/* Room for n bytes, growing by doubling: simdjson would grow byte by byte. */
bool
reserve(struct doc *d, size_t n)
{
	size_t cap = MIN_CAPACITY;

	if (n <= d->document.capacity() && n <= d->parser.capacity() &&
	    d->document.capacity() > 0)
		return true;
	if (n > UINT32_MAX)
		return false;
	while (cap < n)
		cap *= 2;
	return d->document.allocate(cap) == simdjson::SUCCESS &&
	    d->parser.allocate(cap) == simdjson::SUCCESS;
}

/* Versions of simdjson differ in whether they skip a BOM; here it is skipped. */
void
skip_bom(const char **p, size_t *n)
{
	if (*n >= 3 && memcmp(*p, "\xef\xbb\xbf", 3) == 0) {
		*p += 3;
		*n -= 3;
	}
}

} // namespace

struct doc *
doc_open(void)
{
	return new (std::nothrow) struct doc;
}

void
doc_close(struct doc *d)
{
	delete d;
}

void
doc_trim(struct doc *d, size_t keep_bytes)
{
	if (d->document.capacity() * BYTES_PER_BYTE <= keep_bytes)
		return;
	d->document = simdjson::dom::document();
	d->parser = simdjson::dom::parser();
}

enum doc_status
doc_parse(struct doc *d, const char *p, size_t n, struct node *root)
{
	simdjson::error_code code;

	*root = absent;
	skip_bom(&p, &n);
	if (!reserve(d, n))
		return DOC_NO_MEMORY;
	code = d->parser.parse_into_document(d->document, p, n, false).error();
	if (code != simdjson::SUCCESS)
		return status_of(code, p, n);
	d->word = d->document.tape.get();
	d->strings = reinterpret_cast<const char *>(d->document.string_buf.get());
	*root = node_at(d, 1);		/* word 0 is the tape's own root */
	return DOC_OK;
}

/* ---------------------------------------------------------------- trouble */

namespace {

/*
 * jansson's words, without the text that it quotes behind "near" when that
 * may be data: messages are for logs, and texts and numbers are not.
 */
void
drop_quoted_data(char *text)
{
	char *near = strstr(text, " near '");

	if (near == nullptr)
		return;
	for (const char *c = near; *c != '\0'; c++)
		if (*c < ' ' || *c > '~' || *c == '"' || is_digit(*c)) {
			*near = '\0';
			return;
		}
}

/* Fills text and *position from jansson; false when it finds nothing wrong. */
bool
ask_jansson(const char *p, size_t n, char *text, size_t text_bytes,
    long *position)
{
	json_error_t error;
	const char *near;
	json_t *json;

	if (n > EXPLAIN_MAX_BYTES)
		return false;
	json = json_loadb(p, n, JSON_DECODE_ANY | JSON_ALLOW_NUL |
	    JSON_DECODE_INT_AS_REAL, &error);
	if (json != nullptr) {
		json_decref(json);
		return false;
	}
	/* It counts what it has read: go back to where the token begins. */
	*position = error.position;
	near = strstr(error.text, " near '");
	if (near != nullptr)
		*position -= static_cast<long>(strlen(near) - strlen(" near ''"));
	else if (*position > 0)
		--*position;
	if (*position < 0)
		*position = 0;
	drop_quoted_data(error.text);
	(void)snprintf(text, text_bytes, "%s", error.text);
	return true;
}

const char *
status_words(doc_status status)
{
	switch (status) {
	case DOC_OK:
		return "nothing is wrong";
	case DOC_EMPTY:
		return "nothing but white space";
	case DOC_BAD_UTF8:
		return "not UTF-8";
	case DOC_BAD_NUMBER:
		return "number beyond 64 bits";
	case DOC_TOO_DEEP:
		return "nested too deep";
	case DOC_BAD_STRING:
		return "bad escape in a string";
	case DOC_NO_MEMORY:
		return "out of memory";
	case DOC_BAD_SYNTAX:
		break;
	}
	return "not JSON";
}

} // namespace

void
doc_explain(const char *p, size_t n, enum doc_status status, char *out,
    size_t out_bytes, long *position)
{
	char text[JSON_ERROR_TEXT_LENGTH];
	const char *start = p;
	size_t at;

	*position = -1;
	skip_bom(&p, &n);
	(void)snprintf(text, sizeof(text), "%s", status_words(status));
	switch (status) {
	case DOC_BAD_UTF8:
		*position = static_cast<long>(str_utf8_bytes({ p, n }));
		break;
	case DOC_BAD_NUMBER:
		if (first_bad_number_is_big(p, n, &at))
			*position = static_cast<long>(at);
		break;
	case DOC_BAD_STRING:
	case DOC_BAD_SYNTAX:
		(void)ask_jansson(p, n, text, sizeof(text), position);
		break;
	default:
		break;
	}
	if (*position < 0) {
		(void)snprintf(out, out_bytes, "%s", text);
		return;
	}
	*position += p - start;
	(void)snprintf(out, out_bytes, "%s, at byte %ld", text, *position);
}

namespace {

/* The value of the escape \uXXXX at p; -1 when there is none. */
int
unicode_escape(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		char c = p[i];

		if (is_digit(c))
			v = v * 16 + (c - '0');
		else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			v = v * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return v;
}

bool
is_high(int v)
{
	return v >= 0xd800 && v < 0xdc00;
}

bool
is_low(int v)
{
	return v >= 0xdc00 && v < 0xe000;
}

} // namespace

size_t
doc_mend_surrogates(struct buf *out, const char *p, size_t n)
{
	static const char zeros[DOC_PADDING_BYTES] = {};
	const char *end = p + n, *kept = p, *s = p;
	size_t mended = 0;

	buf_reset(out);
	while ((s = static_cast<const char *>(memchr(s, '\\',
	    static_cast<size_t>(end - s)))) != nullptr) {
		int v = unicode_escape(s, end);

		if (is_high(v) && is_low(unicode_escape(s + 6, end))) {
			s += 12;
		} else if (is_high(v) || is_low(v)) {
			buf_put(out, kept, static_cast<size_t>(s - kept));
			buf_put(out, "\\ufffd", 6);
			s += 6;
			kept = s;
			mended++;
		} else {
			s += end - s > 1 ? 2 : 1;
		}
	}
	buf_put(out, kept, static_cast<size_t>(end - kept));
	if (buf_put(out, zeros, sizeof(zeros)))
		out->n -= sizeof(zeros);
	return mended;
}

/* ------------------------------------------------------------------ nodes */

bool
node_bool(struct node n)
{
	return doc_word_kind(n.doc->word[n.at]) == 't';
}

int64_t
node_int(struct node n)
{
	return static_cast<int64_t>(n.doc->word[n.at + 1]);
}

uint64_t
node_uint(struct node n)
{
	return n.doc->word[n.at + 1];
}

double
node_real(struct node n)
{
	double v;

	memcpy(&v, &n.doc->word[n.at + 1], sizeof(v));
	return v;
}

struct node
node_member(struct node object, struct str name)
{
	const struct doc_tape *d = object.doc;
	size_t end;

	if (object.type != NODE_OBJECT)
		return absent;
	end = after(d, object.at) - 1;
	for (size_t at = object.at + 1; at < end; at = after(d, at + 1)) {
		str s = doc_word_text(d, d->word[at]);

		if (s.n == name.n && memcmp(s.p, name.p, s.n) == 0)
			return node_at(d, at + 1);
	}
	return absent;
}

struct node
node_element(struct node array, size_t i)
{
	const struct doc_tape *d = array.doc;
	size_t end;

	if (array.type != NODE_ARRAY)
		return absent;
	end = after(d, array.at) - 1;
	for (size_t at = array.at + 1; at < end; at = after(d, at))
		if (i-- == 0)
			return node_at(d, at);
	return absent;
}

/* ------------------------------------------------------------------- hash */

namespace {

/* Little-endian on every machine, so that a stored hash means the same. */
template<typename T> char *
put_number(char *out, T v)
{
	for (size_t i = 0; i < sizeof(v); i++)
		*out++ = static_cast<char>(v >> (8 * i) & 0xff);
	return out;
}

/*
 * Short texts in steps that may read and write past the end: behind every
 * text the string buffer has simdjson's padding, and out has been given it.
 */
char *
put_text(char *out, str s)
{
	if (s.n <= 4 * COPY_STEP)
		for (size_t i = 0; i < s.n; i += COPY_STEP)
			memcpy(out + i, s.p + i, COPY_STEP);
	else
		memcpy(out, s.p, s.n);
	return out + s.n;
}

/* The smallest place of a node in skip from from on; SIZE_MAX when none. */
size_t
next_skip(const struct node *skip, size_t n_skip, size_t from)
{
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < n_skip; i++)
		if (skip[i].at >= from && skip[i].at < least)
			least = skip[i].at;
	return least;
}

} // namespace

struct id128
node_hash(struct node n, const struct node *skip, size_t n_skip,
    struct buf *scratch)
{
	const struct doc_tape *d = n.doc;
	size_t end, to_skip;

	buf_reset(scratch);
	if (n.type == NODE_ABSENT)
		return hash_bytes("", 0);
	end = after(d, n.at);
	to_skip = next_skip(skip, n_skip, n.at + 2);
	for (size_t at = n.at; at < end;) {
		uint64_t word = d->word[at];
		unsigned char kind = doc_word_kind(word);
		str s = { nullptr, 0 };
		char *out;

		/* A member's name is the word before its value. */
		if (at + 1 == to_skip) {
			at = after(d, at + 1);
			to_skip = next_skip(skip, n_skip, at + 1);
			continue;
		}
		if (kind == '"')
			s = doc_word_text(d, word);
		if (scratch->cap - scratch->n < TOKEN_BYTES + s.n &&
		    !buf_reserve(scratch, TOKEN_BYTES + s.n))
			break;
		out = scratch->p + scratch->n;
		*out++ = static_cast<char>(kind);
		at++;
		if (kind == '"') {
			out = put_number(out, static_cast<uint32_t>(s.n));
			out = put_text(out, s);
		} else if (kind == 'l' || kind == 'u' || kind == 'd') {
			out = put_number(out, d->word[at++]);
		}
		scratch->n = static_cast<size_t>(out - scratch->p);
	}
	return hash_bytes(scratch->p, scratch->n);
}

/* -------------------------------------------------------------- canonical */

namespace {

/* The bytes of a name as canonical JSON spells it: a NUL is U+FFFD. */
struct spelling {
	str name;
	size_t at;
	unsigned part;		/* of a NUL's three bytes */

	bool next(unsigned char *c)
	{
		static const unsigned char replacement[] = { 0xef, 0xbf, 0xbd };

		if (at == name.n)
			return false;
		*c = static_cast<unsigned char>(name.p[at]);
		if (*c == '\0') {
			*c = replacement[part];
			part = (part + 1) % 3;
		}
		at += part == 0;
		return true;
	}
};

bool
has_nul(str s)
{
	return s.n > 0 && memchr(s.p, '\0', s.n) != nullptr;
}

struct member {
	str name;
	node value;
};

/* By name; the first of repeated ones first. */
int
compare_members(const void *a, const void *b)
{
	const member *x = static_cast<const member *>(a);
	const member *y = static_cast<const member *>(b);
	int c = doc_name_cmp(x->name, y->name);

	return c != 0 ? c : (x->value.at > y->value.at) -
	    (x->value.at < y->value.at);
}

void
put_json_text(str s, struct buf *out)
{
	size_t kept = 0;

	buf_putc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = static_cast<unsigned char>(s.p[i]);
		const char *escape;

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		buf_put(out, s.p + kept, i - kept);
		kept = i + 1;
		escape = c != '\0' ? strchr("\"\"\\\\\bb\ff\nn\rr\tt", c) : nullptr;
		if (c == '\0')
			buf_put(out, "\xef\xbf\xbd", 3);
		else if (escape == nullptr)
			buf_printf(out, "\\u%04x", c);
		else
			buf_printf(out, "\\%c", escape[1]);
	}
	buf_put(out, s.p + kept, s.n - kept);
	buf_putc(out, '"');
}

void put_json(struct node n, bool drop_silent, struct buf *out);

void
put_object(struct node n, bool drop_silent, struct buf *out)
{
	struct node_iter it = node_iter(n);
	member *list, m;
	size_t count = 0, i = 0;
	char comma = '{';

	while (node_next(&it, &m.name, &m.value))
		count++;
	list = static_cast<member *>(malloc((count + 1) * sizeof(*list)));
	if (list == nullptr) {
		out->failed = true;
		return;
	}
	it = node_iter(n);
	while (node_next(&it, &list[i].name, &list[i].value))
		i++;
	sort_short(list, count, sizeof(*list), compare_members);
	for (i = 0; i < count; i++) {
		if ((i > 0 && doc_name_cmp(list[i].name, list[i - 1].name) == 0) ||
		    (drop_silent && node_silent(list[i].value)))
			continue;
		buf_putc(out, comma);
		comma = ',';
		put_json_text(list[i].name, out);
		buf_putc(out, ':');
		put_json(list[i].value, false, out);
	}
	if (comma == '{')
		buf_putc(out, '{');
	buf_putc(out, '}');
	free(list);
}

void
put_array(struct node n, struct buf *out)
{
	struct node_iter it = node_iter(n);
	struct node value;
	struct str name;
	bool first = true;

	buf_putc(out, '[');
	while (node_next(&it, &name, &value)) {
		if (!first)
			buf_putc(out, ',');
		first = false;
		put_json(value, false, out);
	}
	buf_putc(out, ']');
}

/* As deep as the document, which simdjson limits. */
void
put_json(struct node n, bool drop_silent, struct buf *out)
{
	char text[NUM_TEXT_BYTES];

	switch (n.type) {
	case NODE_ABSENT:
		break;
	case NODE_NULL:
		buf_put(out, "null", 4);
		break;
	case NODE_BOOL:
		buf_puts(out, str_of(node_bool(n) ? "true" : "false"));
		break;
	case NODE_INT:
		buf_printf(out, "%lld", static_cast<long long>(node_int(n)));
		break;
	case NODE_UINT:
		buf_printf(out, "%llu",
		    static_cast<unsigned long long>(node_uint(n)));
		break;
	case NODE_REAL:
		num_double_text(node_real(n), text);
		buf_puts(out, str_of(text));
		break;
	case NODE_TEXT:
		put_json_text(node_text(n), out);
		break;
	case NODE_ARRAY:
		put_array(n, out);
		break;
	case NODE_OBJECT:
		put_object(n, drop_silent, out);
		break;
	}
}

} // namespace

int
doc_name_cmp(struct str a, struct str b)
{
	spelling x = { a, 0, 0 }, y = { b, 0, 0 };
	unsigned char c = 0, d = 0;
	int order = str_cmp(a, b);

	if (order == 0 || (!has_nul(a) && !has_nul(b)))
		return order;
	for (;;) {
		bool more_x = x.next(&c), more_y = y.next(&d);

		if (!more_x || !more_y)
			return more_x - more_y;
		if (c != d)
			return c < d ? -1 : 1;
	}
}

bool
node_canonical(struct node n, bool drop_silent, struct buf *out)
{
	put_json(n, drop_silent, out);
	return !out->failed;
}
