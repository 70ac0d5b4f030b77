#include "run/page_json.h"

#include "base/quote.h"

/* What stands before a value: a comma, unless it is the first, and its name. */
static void
begin(struct buf *b, const char *name)
{
	char last = b->n > 0 ? b->p[b->n - 1] : '[';

	if (last != '[' && last != '{')
		(void)buf_putc(b, ',');
	if (name == NULL)
		return;
	(void)buf_putc(b, '"');
	(void)quote_json(b, str_of(name));
	(void)buf_puts(b, STR("\":"));
}

void
page_open(struct buf *b, const char *name, char bracket)
{
	begin(b, name);
	(void)buf_putc(b, bracket);
}

void
page_close(struct buf *b, char bracket)
{
	(void)buf_putc(b, bracket);
}

void
page_text(struct buf *b, const char *name, struct str s)
{
	begin(b, name);
	if (s.p == NULL) {
		(void)buf_puts(b, STR("null"));
		return;
	}
	(void)buf_putc(b, '"');
	(void)quote_json(b, s);
	(void)buf_putc(b, '"');
}

void
page_int(struct buf *b, const char *name, int64_t n)
{
	begin(b, name);
	(void)buf_printf(b, "%lld", (long long)n);
}

void
page_raw(struct buf *b, const char *name, struct str s)
{
	begin(b, name);
	(void)buf_puts(b, s.p != NULL ? s : STR("null"));
}
