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

/* One count in the JSON object. */
struct count {
	const char *prefix, *name;
	uint64_t *n;
};

enum { COUNTS = FIELD_COUNT + 4 };

static void
list(struct decode_warnings *w, struct count c[COUNTS])
{
	for (int f = 0; f < FIELD_COUNT; f++)
		*c++ = (struct count){
			"dropped_", field_info[f].profile_name, &w->dropped[f],
		};
	*c++ = (struct count){ "", "times_dropped", &w->times_dropped };
	*c++ = (struct count){ "", "characters_replaced", &w->replaced };
	*c++ = (struct count){ "", "unknown_types", &w->unknown_types };
	*c = (struct count){ "", "unknown_statuses", &w->unknown_statuses };
}

bool
warnings_json(const struct decode_warnings *w, struct buf *out)
{
	struct decode_warnings copy = *w;
	struct count c[COUNTS];

	list(&copy, c);
	buf_reset(out);
	buf_putc(out, '{');
	for (int i = 0; i < COUNTS; i++)
		if (*c[i].n > 0)
			buf_printf(out, "%s\"%s%s\":%" PRIu64,
			    out->n > 1 ? "," : "", c[i].prefix, c[i].name,
			    *c[i].n);
	buf_putc(out, '}');
	return !out->failed;
}

void
warnings_set(struct decode_warnings *w, struct str name, uint64_t n)
{
	struct count c[COUNTS];

	list(w, c);
	for (int i = 0; i < COUNTS; i++) {
		struct str prefix = str_of(c[i].prefix);

		if (str_starts(name, prefix) &&
		    str_eq(str_from(name, prefix.n), str_of(c[i].name)))
			*c[i].n = n;
	}
}
