#include "run/rowid.h"

#include <stdlib.h>

/* Below all that a part has. */
#define SEPARATOR '\x01'

/* Before a number. */
#define NUMBER_MARK '#'

void
rowid_set(struct buf *id, struct str day, struct str key)
{
	buf_reset(id);
	(void)buf_puts(id, day);
	(void)buf_putc(id, SEPARATOR);
	(void)buf_puts(id, key);
}

/* A separator within a value becomes the character behind it: rows with the same key may be numbered, but none is lost. */
static void
put_value(struct buf *id, struct str s)
{
	size_t at = id->n;

	(void)buf_putc(id, SEPARATOR);
	if (!buf_puts(id, s) || s.n == 0)
		return;
	for (char *p = id->p + at + 1, *end = id->p + id->n;
	    (p = memchr(p, SEPARATOR, (size_t)(end - p))) != NULL; p++)
		*p = SEPARATOR + 1;
}

void
rowid_make(struct buf *id, struct str day, const struct str *cell,
    const int *column, size_t n)
{
	buf_reset(id);
	(void)buf_puts(id, day);
	for (size_t i = 0; i < n; i++)
		put_value(id, cell[column[i]]);
	if (n == 0)
		(void)buf_putc(id, SEPARATOR);
}

void
rowid_put_number(struct buf *id, uint32_t number)
{
	(void)buf_printf(id, "%c%c%08u", SEPARATOR, NUMBER_MARK, number);
}

void
rowid_day(struct str id, char day[DAY_BYTES])
{
	const char *end = memchr(id.p, SEPARATOR, id.n);
	size_t n = (size_t)(end - id.p);

	memcpy(day, id.p, n);
	day[n] = '\0';
}

struct str
rowid_key(struct str id)
{
	const char *end = memchr(id.p, SEPARATOR, id.n);

	return str_from(id, (size_t)(end - id.p) + 1);
}

struct str
rowid_next_value(struct str *key)
{
	const char *end = key->n > 0 ? memchr(key->p, SEPARATOR, key->n) : NULL;
	struct str value = *key;

	if (end != NULL)
		value.n = (size_t)(end - key->p);
	*key = str_from(*key, value.n + (end != NULL));
	return value;
}

uint32_t
rowid_number(struct str rest)
{
	/* Of no key columns the separator is still there. */
	if (rest.n > 0 && rest.p[0] == SEPARATOR)
		rest = str_from(rest, 1);
	if (rest.n < 2 || rest.p[0] != NUMBER_MARK)
		return 0;
	return (uint32_t)strtoul(rest.p + 1, NULL, 10);
}
