/*
 * session: the database and the profiles of a command.
 *
 * Opened from --dsn, else CALLTALLY_DSN, else libpq's own environment, else
 * the private cluster, which is made and started when it is not there.
 * Owns the connection and the profiles. cmd/ is the only place that reads
 * the environment, apart from libpq itself.
 */
#ifndef CALLTALLY_CMD_SESSION_H
#define CALLTALLY_CMD_SESSION_H

#include "call/profile.h"
#include "db/db.h"
#include "opt.h"

enum session_mode {
	SESSION_READ,	/* the tables are only checked, but in the private cluster */
	SESSION_WRITE,	/* under the writer lock, with the tables up to date */
	SESSION_FILL,	/* the same, but where there are no tables they are left to be made */
};

struct session {
	struct db *db;
	struct profiles *profiles;
	char *conninfo;
	bool private;		/* the private cluster */
	bool bare;		/* there are no tables yet: SESSION_FILL */
	int steps;		/* of the schema that were applied now */
};

/* After false session_close is still right. */
bool session_open(struct session *, const struct opts *, enum session_mode,
    struct err *);
void session_close(struct session *);

#endif
