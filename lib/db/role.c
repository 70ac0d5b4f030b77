#include "db/role.h"

#include "embedded.h"

static bool
put_all(struct db *db, struct err *err)
{
	for (const struct embedded *r = embedded_roles; r->name != NULL; r++)
		if (!db_exec(db, r->text, err))
			return err_add(err, "role calltally_%s", r->name);
	return true;
}

bool
roles_put(struct db *db, struct err *err)
{
	if (!db_begin(db, err))
		return false;
	if (put_all(db, err) && db_commit(db, err))
		return true;
	db_rollback(db);
	return false;
}
