#include "run/privacy.h"

enum privacy
privacy_of_column(struct str name)
{
	static const char *const kept[] = {
		"provider", "workspace", "day", "report", "column", "source",
		"published_at", "outcome", "direction",
	};

	if (str_ends(name, STR("_number")) ||
	    (name.n > 0 && memmem(name.p, name.n, "phone", 5) != NULL))
		return PRIVACY_NUMBER;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (str_eq(name, str_of(kept[i])))
			return PRIVACY_NONE;
	if (str_ends(name, STR("_id")) || str_ends(name, STR("_url")))
		return PRIVACY_NONE;
	return PRIVACY_TEXT;
}

void
privacy_put(struct buf *out, enum privacy p, struct str s, enum phones how)
{
	if (p == PRIVACY_NUMBER)
		phones_put_number(out, s, how);
	else if (p == PRIVACY_TEXT)
		phones_put_text(out, s, how);
	else
		buf_puts(out, s);
}
