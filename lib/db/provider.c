#include "db/provider.h"

#include "embedded.h"

/* Whether a row of get_providers says the same as the profile. */
static bool
is_current(const struct db_rows *rows, const struct profile *p)
{
	for (size_t i = 0; i < db_rows_count(rows); i++)
		if (str_eq(db_get_text(rows, i, 0), profile_name(p)))
			return str_eq(db_get_text(rows, i, 1), profile_title(p)) &&
			    str_eq(db_get_text(rows, i, 2),
			    profile_credits_unit(p));
	return false;
}

static bool
put_provider(struct db *db, const struct profile *p, struct err *err)
{
	struct str unit = profile_credits_unit(p);
	struct db_param param[] = {
		db_text(profile_name(p)),
		db_text(profile_title(p)),
		unit.n > 0 ? db_text(unit) : db_null(),
	};

	return db_run(db, sql_put_provider, param, 3, NULL, err);
}

static bool
may_put(struct db *db, bool *may, struct err *err)
{
	return db_query_bool(db, sql_may_put_provider, NULL, 0, may, err);
}

bool
providers_put(struct db *db, const struct profiles *profiles, struct err *err)
{
	struct db_rows *rows = db_query(db, sql_get_providers, NULL, 0, err);
	bool ok = rows != NULL, asked = false, may = true;

	for (size_t i = 0; ok && may && i < profiles_count(profiles); i++) {
		const struct profile *p = profiles_at(profiles, i);

		if (is_current(rows, p))
			continue;
		ok = asked || may_put(db, &may, err);
		asked = true;
		ok = ok && (!may || put_provider(db, p, err));
	}
	db_rows_free(rows);
	return ok;
}
