/* local_server: the process of the private cluster. */
#include "db/local_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

/* Where a socket's folder is made when the cluster's own path is too long. */
#define SHORT_FOLDER "/tmp/calltally-"

enum {
	ORPHANS_WAIT_S = 20,
	LOG_MAX_BYTES = 8 * 1024 * 1024,
};

/* The lines of postmaster.pid, as PostgreSQL's miscadmin.h numbers them. */
enum { LINE_PID, LINE_DATA, LINE_TIME, LINE_PORT, LINE_SOCKET, LINE_ADDRESS,
	LINE_MEMORY, LINE_STATUS, LINES };

struct pid_file {
	char text[4 * LOCAL_PATH_BYTES];
	const char *line[LINES];	/* "" where it ends early */
};

static bool
pid_file_path(const struct local *l, char path[LOCAL_PATH_BYTES])
{
	struct err ignored = ERR_INIT;

	return local_path(path, &ignored, "%s/postmaster.pid", l->data);
}

static bool
pid_file_read(const struct local *l, struct pid_file *f)
{
	char path[LOCAL_PATH_BYTES], *p = f->text;
	size_t n;
	FILE *file;

	if (!pid_file_path(l, path) || (file = fopen(path, "re")) == NULL)
		return false;
	n = fread(f->text, 1, sizeof(f->text) - 1, file);
	(void)fclose(file);
	f->text[n] = '\0';
	for (int i = 0; i < LINES; i++) {
		f->line[i] = p;
		p += strcspn(p, "\n");
		if (*p != '\0')
			*p++ = '\0';
	}
	return true;
}

/*
 * Whether a process is the server of this cluster: a postgres whose folder is
 * the data. A number that was given to another process since, or a dead
 * process that nobody has waited for, is not. Without /proc any process of
 * that number counts.
 */
static bool
is_server(const struct local *l, long pid)
{
	char path[64], cwd[LOCAL_PATH_BYTES], name[32] = "";
	char *data;
	ssize_t n;
	FILE *f;
	bool same;

	if (pid <= 1)
		return false;
	if (readlink("/proc/self/cwd", cwd, sizeof(cwd)) < 0)
		return kill((pid_t)pid, 0) == 0;
	(void)snprintf(path, sizeof(path), "/proc/%ld/cwd", pid);
	if ((n = readlink(path, cwd, sizeof(cwd) - 1)) < 0)
		return false;
	cwd[n] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	if ((f = fopen(path, "re")) != NULL) {
		if (fgets(name, sizeof(name), f) == NULL)
			name[0] = '\0';
		(void)fclose(f);
	}
	if ((data = realpath(l->data, NULL)) == NULL)
		return false;
	same = strcmp(data, cwd) == 0 && strncmp(name, "postgres", 8) == 0;
	free(data);
	return same;
}

void
server_look(const struct local *l, struct server *s)
{
	struct pid_file f = { 0 };
	long pid;

	*s = (struct server){ .state = SERVER_NONE };
	if (!pid_file_read(l, &f))
		return;
	pid = labs(strtol(f.line[LINE_PID], NULL, 10));
	if (!is_server(l, pid))
		return;
	s->pid = pid;
	s->state = SERVER_STARTING;
	if (strncmp(f.line[LINE_STATUS], "ready", 5) == 0)
		s->state = SERVER_READY;
	if (strncmp(f.line[LINE_STATUS], "stopping", 8) == 0)
		s->state = SERVER_STOPPING;
	if (strlen(f.line[LINE_SOCKET]) < sizeof(s->socket))
		(void)strcpy(s->socket, f.line[LINE_SOCKET]);
}

bool
server_wait(const struct local *l, enum server_state wanted,
    struct server *s, struct err *e)
{
	int64_t until_us = clock_mono_us() + LOCAL_WAIT_S * INT64_C(1000000);

	for (;;) {
		server_look(l, s);
		if (s->state == wanted || s->state == SERVER_NONE)
			return true;
		if (clock_mono_us() > until_us)
			return err_set(e, ERR_AGAIN, "the private PostgreSQL "
			    "in %s (process %ld) is still %s after %d s",
			    l->folder, s->pid, wanted == SERVER_READY ?
			    "starting" : "stopping", LOCAL_WAIT_S);
		local_sleep();
	}
}

/* Whether the shared memory of a former server still has users. */
static bool
has_orphans(const struct pid_file *f)
{
	struct shmid_ds ds;
	char *end;
	unsigned long key = strtoul(f->line[LINE_MEMORY], &end, 10);
	long id = strtol(end, NULL, 10);

	return key != 0 && shmctl((int)id, IPC_STAT, &ds) == 0 &&
	    (unsigned long)(unsigned int)ds.shm_perm.__key ==
	    (unsigned long)(unsigned int)key && ds.shm_nattch > 0;
}

/*
 * Waits for the children of a server that was killed: they may be at work
 * still, and end soon.
 */
static bool
await_orphans(const struct local *l, const struct pid_file *f, struct err *e)
{
	int64_t until_us = clock_mono_us() + ORPHANS_WAIT_S * INT64_C(1000000);

	while (has_orphans(f)) {
		if (clock_mono_us() > until_us)
			return err_set(e, ERR_AGAIN, "the private PostgreSQL "
			    "in %s was killed, and processes of it are still "
			    "at work", l->folder);
		local_sleep();
	}
	return true;
}

void
server_forget_socket(const char *folder)
{
	if (str_starts(str_of(folder), STR(SHORT_FOLDER)))
		(void)rmdir(folder);
}

static bool
remove_if_there(const char *path, struct err *e)
{
	if (unlink(path) != 0 && errno != ENOENT)
		return err_sys(e, errno, "%s", path);
	return true;
}

/* Removes a socket, its lock, and their folder when it was made in /tmp. */
static bool
remove_socket(const char *folder, struct err *e)
{
	char path[LOCAL_PATH_BYTES];

	if (!local_path(path, e, "%s/.s.PGSQL." LOCAL_PORT, folder) ||
	    !remove_if_there(path, e) ||
	    !local_path(path, e, "%s/.s.PGSQL." LOCAL_PORT ".lock", folder) ||
	    !remove_if_there(path, e))
		return false;
	server_forget_socket(folder);
	return true;
}

/*
 * Removes what a server that was killed left: its postmaster.pid, its socket
 * and the lock of that. PostgreSQL would refuse to start if the number in
 * them now belongs to another process of the owner's, or to a dead one that
 * nobody has waited for. The caller holds our lock and knows that no server
 * runs.
 */
static bool
clear_stale(const struct local *l, struct err *e)
{
	char path[LOCAL_PATH_BYTES];
	struct err ignored = ERR_INIT;
	struct pid_file f = { 0 };

	if (!local_path(path, e, "%s/socket", l->folder) ||
	    !remove_socket(path, e))
		return false;
	if (!pid_file_read(l, &f))
		return true;
	if (!await_orphans(l, &f, e))
		return false;
	if (str_starts(str_of(f.line[LINE_SOCKET]), STR(SHORT_FOLDER)))
		(void)remove_socket(f.line[LINE_SOCKET], &ignored);
	return !pid_file_path(l, path) || remove_if_there(path, e);
}

/* A folder for the socket that is the owner's alone; where one would be too long, a new one in /tmp. */
static bool
make_socket_folder(struct local *l, struct err *e)
{
	char own[LOCAL_PATH_BYTES];
	struct stat st;

	if (!local_path(own, e, "%s/socket", l->folder))
		return false;
	if (strcmp(own, l->socket) != 0) {
		(void)strcpy(l->socket, SHORT_FOLDER "XXXXXX");
		if (mkdtemp(l->socket) == NULL)
			return err_sys(e, errno, "%s", l->socket);
		return true;
	}
	if (mkdir(own, 0700) != 0 && errno != EEXIST)
		return err_sys(e, errno, "%s", own);
	if (lstat(own, &st) != 0 || !S_ISDIR(st.st_mode) ||
	    st.st_uid != geteuid() || chmod(own, 0700) != 0)
		return err_fail(e, "%s is not a folder of ours", own);
	return true;
}

/* In the list that PostgreSQL takes, a name stands in quotes. */
static void
quote_socket(const char *socket, char *out, size_t n)
{
	size_t len = (size_t)snprintf(out, n, "unix_socket_directories=\"");

	for (; *socket != '\0' && len + 4 < n; socket++) {
		if (*socket == '"')
			out[len++] = '"';
		out[len++] = *socket;
	}
	out[len++] = '"';
	out[len] = '\0';
}

/* Opens the log for adding; *size is where this start's lines begin. */
static int
open_log(const char *path, off_t *size)
{
	char old[LOCAL_PATH_BYTES];
	struct err ignored = ERR_INIT;
	struct stat st;
	int fd;

	if (stat(path, &st) == 0 && st.st_size > LOG_MAX_BYTES &&
	    local_path(old, &ignored, "%s.old", path))
		(void)rename(path, old);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	*size = fd >= 0 && fstat(fd, &st) == 0 ? st.st_size : 0;
	return fd;
}

/* Becomes the server: in a session of its own, with nothing open but its log. */
static _Noreturn void
exec_server(const struct local *l, const char *program, int log)
{
	char socket[2 * LOCAL_PATH_BYTES];
	const char *const argv[] = { program, "-D", l->data, "-c", socket,
	    "-c", "port=" LOCAL_PORT, "-c", "listen_addresses=", NULL };

	quote_socket(l->socket, socket, sizeof(socket));
	(void)setsid();
	if (dup2(log, 1) >= 0 && dup2(log, 2) >= 0) {
		closefrom(3);
		execv(program, (char **)(uintptr_t)argv);
		dprintf(2, "%s: %s\n", program, strerror(errno));
	}
	_exit(127);
}

/* Waits until the child that is the server answers; when it ends instead, the log says why. */
static bool
await_ready(const struct local *l, pid_t pid, const char *log, off_t from,
    struct err *e)
{
	int64_t until_us = clock_mono_us() + LOCAL_WAIT_S * INT64_C(1000000);
	char why[1024];
	struct server s;

	for (;;) {
		server_look(l, &s);
		if (s.state == SERVER_READY && s.pid == pid)
			return true;
		if (waitpid(pid, NULL, WNOHANG) == pid) {
			local_tail(log, from, why, sizeof(why));
			return err_fail(e, "the private PostgreSQL in %s did "
			    "not start: %s", l->folder, why);
		}
		if (clock_mono_us() > until_us)
			return err_set(e, ERR_AGAIN, "the private PostgreSQL "
			    "in %s (process %ld) is still starting after %d "
			    "s; see %s", l->folder, (long)pid, LOCAL_WAIT_S,
			    log);
		local_sleep();
	}
}

bool
server_start(struct local *l, struct err *e)
{
	char program[LOCAL_PATH_BYTES], log[LOCAL_PATH_BYTES];
	off_t from;
	pid_t pid;
	int fd;

	if (!local_path(program, e, "%s/postgres", l->bindir) ||
	    !local_path(log, e, "%s/log", l->folder) ||
	    !clear_stale(l, e) || !make_socket_folder(l, e))
		return false;
	if ((fd = open_log(log, &from)) < 0)
		return err_sys(e, errno, "%s", log);
	if ((pid = fork()) == 0)
		exec_server(l, program, fd);
	(void)close(fd);
	if (pid < 0)
		return err_sys(e, errno, "fork");
	return await_ready(l, pid, log, from, e);
}
