/*
 * local_inner: what the files of the private cluster share; for them only.
 *
 * find: folders and programs. child: running things as the owner. make: a new
 * cluster. server: the process. local: the public verbs.
 */
#ifndef CALLTALLY_DB_LOCAL_INNER_H
#define CALLTALLY_DB_LOCAL_INNER_H

#include <pwd.h>
#include <sys/types.h>

#include "db/local.h"

/* The database's superuser, and the port that names the socket. */
#define LOCAL_DB_USER "calltally"
#define LOCAL_PORT "5432"

enum {
	LOCAL_SOCKET_BYTES = 107 - 14,	/* of a folder, before "/.s.PGSQL.5432" */
	LOCAL_WAIT_S = 300,	/* for another command, a recovery, a shutdown */
	LOCAL_POLL_MS = 20,
};

/* Prints a path; false when it is too long. */
bool local_path(char out[LOCAL_PATH_BYTES], struct err *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* -- child -- */

/* The user that the cluster belongs to: our own, as root postgres. False with an err when there is none. */
struct local_owner {
	uid_t uid;
	gid_t gid;
	char name[64];
};
bool local_owner(struct local_owner *, struct err *);

/*
 * Runs work in a child that is the owner, has no open files but the standard
 * ones, default signals, no environment to speak of, and / as its folder.
 * *l and the error come back from it.
 */
bool local_as_owner(struct local *l,
    bool (*work)(struct local *, struct err *), struct err *);

/*
 * Runs a program, its output into the file log (made anew), and waits. It is
 * killed when the caller dies. False without an err when it fails.
 */
bool local_run(const char *const argv[], const char *log);

/* The first line of a program's output, found in PATH; false without an err when it fails. */
bool local_first_line(const char *const argv[], char *out, size_t n);

/* The last lines of a file from an offset on, on one line. */
void local_tail(const char *path, off_t from, char *out, size_t n);

void local_sleep(void);

/* -- make -- */

/* Whether there is a cluster; *major its version. */
bool local_is_made(const struct local *, int *major);
/* Makes it. The caller is the owner and has the lock. */
bool local_make(const struct local *, struct err *);

/* -- server -- */

enum server_state { SERVER_NONE, SERVER_STARTING, SERVER_READY, SERVER_STOPPING };

struct server {
	enum server_state state;
	long pid;
	char socket[LOCAL_PATH_BYTES];	/* folder of its socket, "" unknown */
};

/* What the server does, by its postmaster.pid and the process that this names. */
void server_look(const struct local *, struct server *);
/* Starts it and waits until it answers. The caller is the owner and has the lock. */
bool server_start(struct local *, struct err *);
/* Waits until its state is the wanted one, or there is none. */
bool server_wait(const struct local *, enum server_state, struct server *,
    struct err *);

/* Removes the folder of a socket that is gone, if it was made for it in /tmp. */
void server_forget_socket(const char *folder);

#endif
