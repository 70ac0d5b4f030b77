/*
 * local: the private PostgreSQL cluster, the default when no database is named.
 *
 * Made by the installed server's own initdb and postgres, durable, listening
 * on a Unix socket in its own folder only, started on demand, left running
 * until local_stop. As root it belongs to, and runs as, the user postgres.
 */
#ifndef CALLTALLY_DB_LOCAL_H
#define CALLTALLY_DB_LOCAL_H

#include <stddef.h>

#include "base/err.h"

enum { LOCAL_PATH_BYTES = 1024 };

struct local {
	char folder[LOCAL_PATH_BYTES];		/* $XDG_DATA_HOME/calltally, root: /var/lib/calltally */
	char data[LOCAL_PATH_BYTES];		/* the cluster */
	char socket[LOCAL_PATH_BYTES];		/* folder of the socket; short enough for one */
	char bindir[LOCAL_PATH_BYTES];		/* of initdb and postgres */
};

struct local_status {
	bool made;
	bool running;
	long pid;
	char version[64];
};

/* Finds folders and the server's programs; makes nothing. folder NULL: the default. */
bool local_find(struct local *, const char *folder, struct err *);
/* Makes the cluster if there is none, starts it if it does not run; waits until it answers. */
bool local_start(struct local *, struct err *);
/* A fast shutdown; waits for its end. Nothing to do is no error. */
bool local_stop(struct local *, struct err *);
bool local_status(struct local *, struct local_status *, struct err *);
/* A libpq connection string for it. */
void local_conninfo(const struct local *, char *out, size_t n);

#endif
