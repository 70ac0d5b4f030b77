#include "db/cursor.h"

/* Makes sure that a row is at hand, or that there are no more. */
static bool
fill(struct cursor *c, struct err *err)
{
	if (c->rows != NULL && c->at < db_rows_count(c->rows))
		return true;
	db_rows_free(c->rows);
	c->at = 0;
	if ((c->rows = db_query(c->db, c->fetch, NULL, 0, err)) == NULL)
		return false;
	c->ended = db_rows_count(c->rows) == 0;
	return true;
}

bool
cursor_open(struct cursor *c, struct db *db, const char *declare,
    const struct db_param *p, int n, const char *fetch, struct err *err)
{
	*c = (struct cursor){ .db = db, .fetch = fetch };
	return db_run(db, declare, p, n, NULL, err) && fill(c, err);
}

bool
cursor_next(struct cursor *c, struct err *err)
{
	c->at++;
	return fill(c, err);
}

void
cursor_close(struct cursor *c)
{
	db_rows_free(c->rows);
	*c = (struct cursor){ .rows = NULL };
}
