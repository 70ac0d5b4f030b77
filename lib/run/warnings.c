#include "run/warnings.h"

#include <inttypes.h>

void
warnings_add(struct decode_warnings *sum, const struct decode_warnings *w)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		sum->dropped[f] += w->dropped[f];
	sum->times_dropped += w->times_dropped;
	sum->replaced += w->replaced;
	sum->unknown_types += w->unknown_types;
	sum->unknown_statuses += w->unknown_statuses;
}

static void
put(struct buf *out, const char *prefix, const char *name, uint64_t n)
{
	if (n > 0)
		buf_printf(out, "%s\"%s%s\":%" PRIu64,
		    out->n > 1 ? "," : "", prefix, name, n);
}

void
warnings_json(const struct decode_warnings *w, struct buf *out)
{
	buf_reset(out);
	buf_putc(out, '{');
	for (int f = 0; f < FIELD_COUNT; f++)
		put(out, "dropped_", field_info[f].profile_name,
		    w->dropped[f]);
	put(out, "", "times_dropped", w->times_dropped);
	put(out, "", "characters_replaced", w->replaced);
	put(out, "", "unknown_types", w->unknown_types);
	put(out, "", "unknown_statuses", w->unknown_statuses);
	buf_putc(out, '}');
}
