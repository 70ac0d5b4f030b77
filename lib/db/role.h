/*
 * role: the roles of those who load and of those who read (sql/role).
 *
 * They cannot log in and belong to the whole server; the administrator grants
 * them to who can. Rights on tables of later schema steps come by default
 * privileges of the role that called this.
 */
#ifndef CALLTALLY_DB_ROLE_H
#define CALLTALLY_DB_ROLE_H

#include "db/db.h"

/* Makes the roles that are missing and grants all of them their rights, in one transaction. */
bool roles_put(struct db *, struct err *);

#endif
