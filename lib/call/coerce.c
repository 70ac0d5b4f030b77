#include "call/coerce.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/num.h"

struct str
coerce_scalar(struct node n, char tmp[SCALAR_TEXT_BYTES])
{
	switch (n.type) {
	case NODE_TEXT:
		return node_text(n);
	case NODE_INT:
		(void)snprintf(tmp, SCALAR_TEXT_BYTES, "%" PRId64, node_int(n));
		return str_of(tmp);
	case NODE_UINT:
		(void)snprintf(tmp, SCALAR_TEXT_BYTES, "%" PRIu64, node_uint(n));
		return str_of(tmp);
	default:
		return (struct str){ NULL, 0 };
	}
}

void
put_text(struct buf *out, struct str s, uint64_t *replaced)
{
	const char *nul;

	while (s.n > 0 && (nul = memchr(s.p, '\0', s.n)) != NULL) {
		size_t before = (size_t)(nul - s.p);

		buf_put(out, s.p, before);
		buf_put(out, "\xef\xbf\xbd", 3);
		++*replaced;
		s = str_from(s, before + 1);
	}
	buf_puts(out, s);
}

bool
coerce_text(struct node n, struct buf *out, uint64_t *replaced)
{
	char tmp[SCALAR_TEXT_BYTES];
	struct str s = coerce_scalar(n, tmp);

	if (s.p == NULL)
		return false;
	put_text(out, s, replaced);
	return true;
}

bool
coerce_bool(struct node n, int64_t *out)
{
	if (n.type == NODE_BOOL)
		*out = node_bool(n);
	else if (n.type == NODE_TEXT && str_eq_nocase(node_text(n), STR("true")))
		*out = 1;
	else if (n.type == NODE_TEXT && str_eq_nocase(node_text(n), STR("false")))
		*out = 0;
	else
		return false;
	return true;
}

bool
coerce_time(struct node n, int64_t *out)
{
	switch (n.type) {
	case NODE_TEXT:
		return time_parse(node_text(n), out);
	case NODE_INT:
		return time_from_epoch_int(node_int(n), out);
	case NODE_REAL:
		return time_from_epoch(node_real(n), out);
	default:
		return false;
	}
}

/* A number or a numeric text as an integer that counts 10^-places. */
static bool
scaled(struct node n, unsigned places, int64_t *out)
{
	static const int64_t power[] = { 1, 10, 100, 1000, 10000, 100000,
	    1000000 };

	switch (n.type) {
	case NODE_TEXT:
		return num_scaled(node_text(n), places, out);
	case NODE_INT:
		return !__builtin_mul_overflow(node_int(n), power[places], out);
	case NODE_REAL:
		return num_scale_double(node_real(n), places, out);
	default:
		return false;
	}
}

/* Minutes: in millionths first, so that thirds of a minute keep their ms. */
static bool
minutes_ms(struct node n, int64_t *out)
{
	int64_t micro;

	if (!scaled(n, 6, &micro) || micro < 0 ||
	    __builtin_mul_overflow(micro, 60, &micro) ||
	    __builtin_add_overflow(micro, 500, &micro))
		return false;
	*out = micro / 1000;
	return true;
}

bool
coerce_ms(struct node n, enum unit unit, int64_t *out)
{
	if (unit == UNIT_MIN)
		return minutes_ms(n, out);
	return scaled(n, unit == UNIT_S ? 3 : 0, out) && *out >= 0;
}

bool
coerce_micro(struct node n, bool may_be_negative, int64_t *out)
{
	return scaled(n, 6, out) && (may_be_negative || *out >= 0);
}

bool
coerce_count(struct node n, int64_t *out)
{
	int64_t micro;

	if (n.type == NODE_INT) {
		*out = node_int(n);
		return *out >= 0;
	}
	if (n.type == NODE_TEXT && num_int(node_text(n), out))
		return *out >= 0;
	if (!scaled(n, 6, &micro) || micro < 0 || micro % 1000000 != 0)
		return false;
	*out = micro / 1000000;
	return true;
}

static uint64_t
nuls_in(struct str s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\0';
	return n;
}

/* As deep as the document, which the parser limits. */
static uint64_t
count_nuls(struct node n)
{
	struct node_iter it = node_iter(n);
	struct node value;
	struct str name;
	uint64_t nuls = 0;

	if (n.type == NODE_TEXT)
		return nuls_in(node_text(n));
	while (node_next(&it, &name, &value))
		nuls += nuls_in(name) + count_nuls(value);
	return nuls;
}

bool
put_canonical(struct node n, bool drop_silent, struct buf *out,
    uint64_t *replaced)
{
	size_t start = out->n;

	if (!node_canonical(n, drop_silent, out))
		return false;
	/* U+FFFD, which may stand for a NUL, begins with this byte. */
	if (out->n > start && memchr(out->p + start, 0xef, out->n - start))
		*replaced += count_nuls(n);
	return true;
}

bool
coerce_list(struct node n, struct buf *out, uint64_t *replaced, bool *silent)
{
	struct node_iter it = node_iter(n);
	struct node element = n;
	struct str name;
	size_t start = out->n;

	if (n.type != NODE_ARRAY && n.type != NODE_TEXT)
		return false;
	buf_putc(out, '[');
	while (n.type == NODE_TEXT || node_next(&it, &name, &element)) {
		if (node_silent(element))
			continue;
		if (out->n > start + 1)
			buf_putc(out, ',');
		(void)put_canonical(element, false, out, replaced);
		if (n.type == NODE_TEXT)
			break;
	}
	*silent = out->n == start + 1;
	buf_putc(out, ']');
	return true;
}
