/*
 * provider: what the profiles say of the providers, for the reports.
 *
 * Written by whoever loads and by exports that may; a role that may only
 * read reports with what was written last.
 */
#ifndef CALLTALLY_DB_PROVIDER_H
#define CALLTALLY_DB_PROVIDER_H

#include "call/profile.h"
#include "db/db.h"

/* Writes it where the database says otherwise and this session may. */
bool providers_put(struct db *, const struct profiles *, struct err *);

#endif
