#include "db/local_inner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

static bool
is_empty(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *d;
	bool empty = dir != NULL;

	while (empty && (d = readdir(dir)) != NULL)
		empty = strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0;
	if (dir != NULL)
		(void)closedir(dir);
	else if (fd >= 0)
		(void)close(fd);
	return empty;
}

/*
 * Makes sure that the folder is the owner's and nobody else can write to it.
 * As root a folder of root is given away, but only an empty one: what is in
 * others was not meant for this.
 */
static bool
own_folder(const char *path, int fd, struct err *e)
{
	struct local_owner o;
	struct stat st;

	if (!local_owner(&o, e))
		return false;
	if (fstat(fd, &st) != 0)
		return err_sys(e, errno, "%s", path);
	if (st.st_uid != o.uid && st.st_uid == 0 && geteuid() == 0 &&
	    is_empty(fd) && fchown(fd, o.uid, o.gid) == 0)
		st.st_uid = o.uid;
	if (st.st_uid != o.uid)
		return err_fail(e, "%s does not belong to %s, whose private "
		    "PostgreSQL would be in it", path, o.name);
	if ((st.st_mode & 077) != 0 && fchmod(fd, 0700) != 0)
		return err_sys(e, errno, "%s", path);
	return true;
}

static bool
no_folder(const char *path, struct err *e)
{
	return err_sys(e, errno, "%s: the folder for the private PostgreSQL "
	    "cannot be made", path);
}

/* Makes the folder, and those above it. */
static bool
make_folder(const struct local *l, struct err *e)
{
	char path[LOCAL_PATH_BYTES];
	char *p = path;
	bool ok;
	int fd;

	(void)strcpy(path, l->folder);
	while ((p = strchr(p + 1, '/')) != NULL) {
		*p = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return no_folder(path, e);
		*p = '/';
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return no_folder(path, e);
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return err_sys(e, errno, "%s", path);
	ok = own_folder(path, fd, e);
	(void)close(fd);
	return ok;
}

/* Takes the lock that makes one command start or stop at a time; it goes with the process. */
static bool
lock(const struct local *l, struct err *e)
{
	int64_t until_us = clock_mono_us() + LOCAL_WAIT_S * INT64_C(1000000);
	char path[LOCAL_PATH_BYTES];
	int fd;

	if (!local_path(path, e, "%s/lock", l->folder))
		return false;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(e, errno, "%s", path);
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_sys(e, errno, "%s", path);
		if (clock_mono_us() > until_us)
			return err_set(e, ERR_AGAIN, "%s: another command has "
			    "been starting or stopping the private PostgreSQL "
			    "for %d s", path, LOCAL_WAIT_S);
		local_sleep();
	}
	return true;
}

/* A running server whose socket was taken away cannot be reached. */
static bool
check_socket(struct local *l, const struct server *s, struct err *e)
{
	char path[LOCAL_PATH_BYTES];

	if (!local_path(l->socket, e, "%s", s->socket) ||
	    !local_path(path, e, "%s/.s.PGSQL." LOCAL_PORT, s->socket))
		return false;
	if (access(path, F_OK) != 0)
		return err_fail(e, "the private PostgreSQL in %s runs (process "
		    "%ld), but its socket %s is gone: calltally local stop, "
		    "then try again", l->folder, s->pid, path);
	return true;
}

static bool
start_as_owner(struct local *l, struct err *e)
{
	struct server s;
	int major;

	if (!lock(l, e))
		return false;
	server_look(l, &s);
	if (s.state == SERVER_STOPPING && !server_wait(l, SERVER_NONE, &s, e))
		return false;
	if (s.state == SERVER_STARTING && !server_wait(l, SERVER_READY, &s, e))
		return false;
	if (s.state == SERVER_READY)
		return check_socket(l, &s, e);
	if (!local_is_made(l, &major) && !local_make(l, e))
		return false;
	return server_start(l, e);
}

bool
local_start(struct local *l, struct err *e)
{
	return make_folder(l, e) && local_as_owner(l, start_as_owner, e);
}

static bool
stop_as_owner(struct local *l, struct err *e)
{
	struct server s;

	if (!lock(l, e))
		return false;
	server_look(l, &s);
	if (s.state == SERVER_NONE)
		return true;
	if (kill((pid_t)s.pid, SIGINT) != 0 && errno != ESRCH)
		return err_sys(e, errno, "stopping process %ld", s.pid);
	if (!server_wait(l, SERVER_NONE, &s, e))
		return false;
	server_forget_socket(l->socket);
	return true;
}

bool
local_stop(struct local *l, struct err *e)
{
	if (access(l->data, F_OK) != 0 && errno == ENOENT)
		return true;
	return local_as_owner(l, stop_as_owner, e);
}

bool
local_status(struct local *l, struct local_status *st, struct err *e)
{
	struct server s;
	int major;

	(void)e;
	*st = (struct local_status){ 0 };
	st->made = local_is_made(l, &major);
	server_look(l, &s);
	st->running = s.state == SERVER_READY || s.state == SERVER_STARTING;
	st->pid = st->running ? s.pid : 0;
	(void)strcpy(st->version, l->version);
	return true;
}

/* A value as it stands between the quotes of a connection string. */
static void
escape(const char *value, char out[2 * LOCAL_PATH_BYTES])
{
	size_t n = 0;

	for (; *value != '\0' && n + 3 < 2 * LOCAL_PATH_BYTES; value++) {
		if (*value == '\'' || *value == '\\')
			out[n++] = '\\';
		out[n++] = *value;
	}
	out[n] = '\0';
}

void
local_conninfo(const struct local *l, char *out, size_t n)
{
	char socket[2 * LOCAL_PATH_BYTES], peer[2 * LOCAL_PATH_BYTES] = "";
	struct local_owner o;
	struct err ignored = ERR_INIT;

	escape(l->socket, socket);
	if (local_owner(&o, &ignored))
		escape(o.name, peer);
	(void)snprintf(out, n, "host='%s' port=" LOCAL_PORT " dbname=postgres "
	    "user=" LOCAL_DB_USER " requirepeer='%s'", socket, peer);
}
