/* local_child: running things as the owner of the private cluster. */
#include "db/local_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_FD = 3, TAIL_BYTES = 1200 };

/* What a child that was the owner sends back. */
struct answer {
	bool ok;
	struct local local;
	struct err err;
};

bool
local_path(char out[LOCAL_PATH_BYTES], struct err *e, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out, LOCAL_PATH_BYTES, fmt, ap);
	va_end(ap);
	if (n < 0 || n >= LOCAL_PATH_BYTES)
		return err_fail(e, "the path %.60s... is too long", out);
	return true;
}

bool
local_owner(struct local_owner *o, struct err *e)
{
	bool root = geteuid() == 0;
	struct passwd *p = root ? getpwnam("postgres") : getpwuid(geteuid());

	if (p == NULL && root)
		return err_fail(e, "there is no user postgres, whom the private "
		    "PostgreSQL would belong to: install the package "
		    "postgresql, or name a database with --dsn");
	if (p == NULL || strlen(p->pw_name) >= sizeof(o->name))
		return err_fail(e, "the user %ld has no name, which PostgreSQL "
		    "needs: name a database with --dsn", (long)geteuid());
	o->uid = p->pw_uid;
	o->gid = p->pw_gid;
	(void)snprintf(o->name, sizeof(o->name), "%s", p->pw_name);
	return true;
}

void
local_sleep(void)
{
	const struct timespec t = { .tv_nsec = LOCAL_POLL_MS * 1000000L };

	(void)nanosleep(&t, NULL);
}

/* Gives up root's rights for good. */
static bool
become(const struct local_owner *o, struct err *e)
{
	if (geteuid() != 0)
		return true;
	if (initgroups(o->name, o->gid) != 0 ||
	    setresgid(o->gid, o->gid, o->gid) != 0 ||
	    setresuid(o->uid, o->uid, o->uid) != 0)
		return err_sys(e, errno, "becoming the user %s", o->name);
	if (setuid(0) == 0)
		return err_fail(e, "becoming the user %s: root's rights stay",
		    o->name);
	return true;
}

static void
reset_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Only what the server's programs need: none of libpq's variables, no locale. */
static void
reset_environment(const char *bindir)
{
	const char *libraries = getenv("LD_LIBRARY_PATH");
	char path[LOCAL_PATH_BYTES + 32];
	char *kept = libraries ? strdup(libraries) : NULL;

	(void)snprintf(path, sizeof(path), "%s:/usr/bin:/bin", bindir);
	(void)clearenv();
	(void)setenv("PATH", path, 1);
	(void)setenv("LC_ALL", "C", 1);
	(void)setenv("TZ", "UTC", 1);
	if (kept != NULL && geteuid() != 0)
		(void)setenv("LD_LIBRARY_PATH", kept, 1);
	free(kept);
}

/* Standard input from nowhere, nothing open above standard error but fd, as ANSWER_FD. */
static bool
reset_files(int fd, struct err *e)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0)
		return err_sys(e, errno, "/dev/null");
	if (fd != ANSWER_FD && dup3(fd, ANSWER_FD, O_CLOEXEC) < 0)
		return err_sys(e, errno, "dup3");
	closefrom(ANSWER_FD + 1);
	(void)umask(077);
	if (chdir("/") != 0)
		return err_sys(e, errno, "/");
	return true;
}

static bool
write_all(int fd, const void *p, size_t n)
{
	const char *from = p;
	ssize_t w;

	while (n > 0) {
		if ((w = write(fd, from, n)) < 0 && errno != EINTR)
			return false;
		if (w > 0) {
			from += w;
			n -= (size_t)w;
		}
	}
	return true;
}

/* Reads up to n bytes, to the end; how many there were. */
static size_t
read_all(int fd, void *p, size_t n)
{
	size_t got = 0;
	ssize_t r;

	while (got < n) {
		r = read(fd, (char *)p + got, n - got);
		if (r > 0)
			got += (size_t)r;
		else if (r == 0 || errno != EINTR)
			break;
	}
	return got;
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static _Noreturn void
child(const struct local *l, const struct local_owner *o,
    bool (*work)(struct local *, struct err *), int fd)
{
	struct answer *a = calloc(1, sizeof(*a));

	if (a == NULL)
		_exit(1);
	a->local = *l;
	reset_signals();
	a->ok = reset_files(fd, &a->err);
	if (a->ok) {
		fd = ANSWER_FD;
		reset_environment(l->bindir);
		a->ok = become(o, &a->err) && work(&a->local, &a->err);
	}
	_exit(write_all(fd, a, sizeof(*a)) ? 0 : 1);
}

/* The child's answer; or, when it could give none, how it ended. */
static bool
take_answer(struct local *l, const struct answer *a, size_t got, int status,
    struct err *e)
{
	int n = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (got == sizeof(*a)) {
		*l = a->local;
		if (!a->ok)
			(void)err_set(e, a->err.kind, "%s", a->err.text);
		return a->ok;
	}
	if (n != SIGINT && n != SIGTERM && n != SIGHUP)
		return err_fail(e, "the private PostgreSQL: the helper process "
		    "ended without an answer (signal %d)", n);
	(void)err_set(e, ERR_SIGNAL, "stopped while the private PostgreSQL "
	    "was being readied");
	e->signal_no = n;
	return false;
}

bool
local_as_owner(struct local *l, bool (*work)(struct local *, struct err *),
    struct err *e)
{
	struct local_owner o;
	struct answer *a;
	int fd[2], status;
	size_t got;
	pid_t pid;
	bool ok;

	if (!local_owner(&o, e))
		return false;
	if ((a = calloc(1, sizeof(*a))) == NULL)
		return err_nomem(e);
	if (pipe2(fd, O_CLOEXEC) != 0) {
		free(a);
		return err_sys(e, errno, "pipe");
	}
	if ((pid = fork()) == 0)
		child(l, &o, work, fd[1]);
	ok = pid > 0 || err_sys(e, errno, "fork");
	(void)close(fd[1]);
	if (ok) {
		got = read_all(fd[0], a, sizeof(*a));
		status = wait_for(pid);
		ok = take_answer(l, a, got, status, e);
	}
	(void)close(fd[0]);
	free(a);
	return ok;
}

bool
local_run(const char *const argv[], const char *log)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	pid_t pid, parent = getpid();

	if (fd < 0)
		return false;
	if ((pid = fork()) == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			_exit(126);
		execv(argv[0], (char **)(uintptr_t)argv);
		dprintf(2, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	(void)close(fd);
	return pid > 0 && wait_for(pid) == 0;
}

bool
local_first_line(const char *const argv[], char *out, size_t n)
{
	size_t got;
	int fd[2];
	pid_t pid;

	out[0] = '\0';
	if (pipe2(fd, O_CLOEXEC) != 0)
		return false;
	if ((pid = fork()) == 0) {
		int null = open("/dev/null", O_RDWR);

		if (dup2(fd[1], 1) < 0 || dup2(null, 0) < 0 ||
		    dup2(null, 2) < 0)
			_exit(126);
		closefrom(3);
		execvp(argv[0], (char **)(uintptr_t)argv);
		_exit(127);
	}
	(void)close(fd[1]);
	got = pid > 0 ? read_all(fd[0], out, n - 1) : 0;
	(void)close(fd[0]);
	out[got] = '\0';
	out[strcspn(out, "\r\n")] = '\0';
	return pid > 0 && wait_for(pid) == 0 && out[0] != '\0';
}

void
local_tail(const char *path, off_t from, char *out, size_t n)
{
	char text[TAIL_BYTES + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	size_t got = 0, len = 0;
	char *p = text;

	if (end - TAIL_BYTES > from)
		from = end - TAIL_BYTES;
	if (fd >= 0 && lseek(fd, from, SEEK_SET) == from)
		got = read_all(fd, text, TAIL_BYTES);
	if (fd >= 0)
		(void)close(fd);
	text[got] = '\0';
	if (got == TAIL_BYTES && strchr(text, '\n') != NULL)
		p = strchr(text, '\n') + 1;	/* not from the middle of a line */
	for (; *p != '\0' && len + 2 < n; p++) {
		if (*p != '\n')
			out[len++] = *p;
		else if (p[1] != '\0') {
			out[len++] = ';';
			out[len++] = ' ';
		}
	}
	out[len] = '\0';
}
