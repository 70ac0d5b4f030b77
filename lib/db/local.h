/*
 * local: the private PostgreSQL cluster, the default when no database is named.
 *
 * Made by the installed server's own initdb and postgres, durable, listening
 * on a Unix socket in its own folder only, started on demand, left running
 * until local_stop. As root it belongs to, and runs as, the user postgres.
 *
 * Folder, all of it 0700 and the owner's:
 *	data		the cluster; appears by a rename when it is complete
 *	data.new-*	one that is being made, or was when its maker was killed
 *	socket		the folder of the socket, if its path is short enough;
 *			else one is made under /tmp at each start, and the
 *			server's own postmaster.pid says which
 *	lock		flocked while a command makes, starts or stops it
 *	log, log.old	what the server says; initdb.log: what initdb said
 *
 * Who may enter: nobody else can reach the socket, its folder being 0700.
 * Beside that the server asks the kernel who is there (peer): only the owner
 * and root are let in, as the database user calltally. And the client asks
 * who the server is (requirepeer), so that nobody can pose as it in /tmp.
 *
 * What touches the cluster is done in a forked child, which as root becomes
 * the owner first: no file is ever written, and no program run, in the
 * owner's folder with root's rights. Call these before threads are started.
 * Waits are bounded; one that ends without success is ERR_AGAIN.
 */
#ifndef CALLTALLY_DB_LOCAL_H
#define CALLTALLY_DB_LOCAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
	LOCAL_PATH_BYTES = 1024,
	LOCAL_VERSION_BYTES = 64,
	LOCAL_CONNINFO_BYTES = 2 * LOCAL_PATH_BYTES + 512,
};

struct local {
	char folder[LOCAL_PATH_BYTES];		/* $XDG_DATA_HOME/calltally, root: /var/lib/calltally */
	char data[LOCAL_PATH_BYTES];		/* the cluster */
	char socket[LOCAL_PATH_BYTES];		/* folder of the socket; "" when that is known only once it runs */
	char bindir[LOCAL_PATH_BYTES];		/* of initdb and postgres */
	char version[LOCAL_VERSION_BYTES];	/* theirs, "15.18" */
};

struct local_status {
	bool made;
	bool running;
	long pid;
	char version[LOCAL_VERSION_BYTES];
};

/*
 * Finds folders and the server's programs; makes nothing. folder NULL: the
 * default. Of several servers the newest is taken, for a cluster that is
 * there the one of its version.
 */
bool local_find(struct local *, const char *folder, struct err *);
/* Makes the cluster if there is none, starts it if it does not run; waits until it answers. */
bool local_start(struct local *, struct err *);
/* A fast shutdown; waits for its end. Nothing to do is no error. */
bool local_stop(struct local *, struct err *);
bool local_status(struct local *, struct local_status *, struct err *);
/* A libpq connection string for it; LOCAL_CONNINFO_BYTES are enough. */
void local_conninfo(const struct local *, char *out, size_t n);

#endif
