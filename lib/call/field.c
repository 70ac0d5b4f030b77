#include "call/field.h"

const struct field_info field_info[FIELD_COUNT] = {
#define X(id, profile_name, column, type, merge) \
	[FIELD_##id] = { profile_name, column, type, merge },
	FIELDS(X)
#undef X
};

enum field
field_by_name(struct str profile_name)
{
	for (int f = 0; f < FIELD_COUNT; f++)
		if (str_eq(profile_name, str_of(field_info[f].profile_name)))
			return (enum field)f;
	return FIELD_COUNT;
}
