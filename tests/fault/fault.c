/*
 * fault: makes the n-th call of a kind go wrong in the program that it is
 * preloaded into. For tests, on glibc.
 *
 *	FAULT=KIND[@TEXT]:N[+]:ACTION
 *
 * KIND is one of the names in kind_name[]. Files of the system (/proc, /usr,
 * ...), pipes and terminals are not counted, nor are sockets other than Unix
 * ones, which lead to the database. get and put are reads and writes of stdio's
 * streams; begin, copy, copied and commit are those sends that hold such a
 * message (copied: the end of a COPY). With @TEXT only calls whose path has the
 * text in it count. N counts from 1 over all threads and forked processes;
 * with "+" all later calls are meant, too; 0 is no call at all.
 *
 * ACTION:
 *	EIO, ENOSPC, ...	the call fails so, and does nothing
 *	short			half of the bytes are read, written or sent
 *	kill			SIGKILL before the call
 *	half			half of the bytes, then SIGKILL
 *	after			SIGKILL behind the call
 *	hold, hold-after	makes the file $FAULT_HOLD and waits until somebody
 *				removes it, before or behind the call
 *
 * FAULT_COUNT=FILE: at its end the program writes there how many calls of
 * each kind there were, one "KIND N" a line. FAULT_WHILE=FILE: calls fail only
 * while that file exists.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind {
	OPEN, READ, WRITE, GET, PUT, SYNC, RENAME, REMOVE, MKDIR, TRUNCATE,
	CONNECT, SEND, RECV, BEGIN, COPY, COPIED, COMMIT, THREAD, KINDS
};

static const char *const kind_name[KINDS] = {
	"open", "read", "write", "get", "put", "sync", "rename", "remove",
	"mkdir", "truncate", "connect", "send", "recv", "begin", "copy",
	"copied", "commit", "thread",
};

enum action { NONE, FAIL, SHORT, KILL, HALF, AFTER, HOLD, HOLD_AFTER };

static const struct { const char *name; enum action action; int errno_value; } action_name[] = {
	{ "short", SHORT, 0 }, { "kill", KILL, 0 }, { "half", HALF, 0 },
	{ "after", AFTER, 0 }, { "hold", HOLD, 0 },
	{ "hold-after", HOLD_AFTER, 0 }, { "EIO", FAIL, EIO },
	{ "ENOSPC", FAIL, ENOSPC }, { "EINTR", FAIL, EINTR },
	{ "EMFILE", FAIL, EMFILE }, { "ENOMEM", FAIL, ENOMEM },
	{ "EACCES", FAIL, EACCES }, { "EAGAIN", FAIL, EAGAIN },
	{ "EPIPE", FAIL, EPIPE }, { "ECONNRESET", FAIL, ECONNRESET },
	{ "ECONNREFUSED", FAIL, ECONNREFUSED }, { "EROFS", FAIL, EROFS },
};

/* What a message holds that makes a send one of these kinds. */
#define BYTES(s) s, sizeof(s) - 1
static const struct { enum kind kind; const char *p; size_t n; } message[] = {
	{ BEGIN, BYTES("BEGIN\0") }, { COPY, BYTES("PGCOPY\n\377\r\n") },
	{ COPIED, BYTES("c\0\0\0\4") }, { COMMIT, BYTES("COMMIT\0") },
};

static struct {
	enum kind kind;
	char text[128];
	unsigned long n;
	bool and_later;
	enum action action;
	int errno_value;
} plan = { .kind = KINDS };

static atomic_ulong *counted;	/* by kind, shared with forked processes */
static atomic_ulong *matched;	/* of the plan's kind and text */

#define REAL(name) \
	static __typeof__(name) *real; \
	if (real == NULL) \
		*(void **)&real = dlsym(RTLD_NEXT, #name)

static void
bad_plan(const char *text)
{
	fprintf(stderr, "fault: FAULT=%s is none\n", text);
	_exit(70);
}

static bool
read_action(const char *name)
{
	for (size_t i = 0; i < sizeof(action_name) / sizeof(*action_name); i++)
		if (strcmp(action_name[i].name, name) == 0) {
			plan.action = action_name[i].action;
			plan.errno_value = action_name[i].errno_value;
			return true;
		}
	return false;
}

static void
read_plan(const char *text)
{
	const char *place = strchr(text, ':');
	size_t name = strcspn(text, "@:");
	char *end;

	for (int k = 0; k < KINDS; k++)
		if (strlen(kind_name[k]) == name &&
		    memcmp(kind_name[k], text, name) == 0)
			plan.kind = (enum kind)k;
	if (plan.kind == KINDS || place == NULL)
		bad_plan(text);
	if (text[name] == '@')
		(void)snprintf(plan.text, sizeof(plan.text), "%.*s",
		    (int)(place - text - (long)name - 1), text + name + 1);
	plan.n = strtoul(place + 1, &end, 10);
	if ((plan.and_later = *end == '+'))
		end++;
	if (*end != ':' || !read_action(end + 1))
		bad_plan(text);
}

__attribute__((constructor)) static void
begin(void)
{
	const char *text = getenv("FAULT");
	void *shared = mmap(NULL, (KINDS + 1) * sizeof(*counted),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		_exit(70);
	counted = shared;
	matched = counted + KINDS;
	if (text != NULL && *text != '\0')
		read_plan(text);
}

__attribute__((destructor)) static void
end(void)
{
	const char *path = getenv("FAULT_COUNT");
	FILE *f = path != NULL ? fopen(path, "w") : NULL;

	if (f == NULL)
		return;
	for (int k = 0; k < KINDS; k++)
		fprintf(f, "%s %lu\n", kind_name[k], atomic_load(&counted[k]));
	(void)fclose(f);
}

static void
hold(void)
{
	static __typeof__(open) *real_open;
	const struct timespec ms = { .tv_nsec = 1000000 };
	const char *path = getenv("FAULT_HOLD");
	int fd;

	if (path == NULL)
		bad_plan("hold, without FAULT_HOLD");
	*(void **)&real_open = dlsym(RTLD_NEXT, "open");
	if ((fd = real_open(path, O_CREAT | O_WRONLY, 0600)) < 0)
		_exit(70);
	(void)close(fd);
	while (access(path, F_OK) == 0)
		(void)nanosleep(&ms, NULL);
}

/* Counts a call; what is to happen to it, once that which comes before it has. */
static enum action
strike(enum kind kind, const char *where)
{
	const char *condition;
	unsigned long n;

	if (counted == NULL)
		return NONE;
	(void)atomic_fetch_add(&counted[kind], 1);
	if (kind != plan.kind || strstr(where, plan.text) == NULL)
		return NONE;
	condition = getenv("FAULT_WHILE");
	if (condition != NULL && access(condition, F_OK) != 0)
		return NONE;
	n = atomic_fetch_add(matched, 1) + 1;
	if (plan.n == 0 || (plan.and_later ? n < plan.n : n != plan.n))
		return NONE;
	if (plan.action == KILL)
		(void)kill(getpid(), SIGKILL);
	if (plan.action == HOLD)
		hold();
	return plan.action;
}

/* How many of n bytes a call is to take. */
static size_t
portion(enum action a, size_t n)
{
	return (a == SHORT || a == HALF) && n > 1 ? n / 2 : n;
}

static int
fail(void)
{
	errno = plan.errno_value;
	return -1;
}

/* The result of a call that was made, once that which comes behind it has happened. */
static long
done(enum action a, long result)
{
	int e = errno;

	if (a == HALF || a == AFTER)
		(void)kill(getpid(), SIGKILL);
	if (a == HOLD_AFTER)
		hold();
	errno = e;
	return result;
}

static bool
is_system(const char *path)
{
	static const char *const folder[] = {
		"/proc/", "/sys/", "/dev/", "/etc/", "/usr/", "/lib", "/run/",
	};

	for (size_t i = 0; i < sizeof(folder) / sizeof(*folder); i++)
		if (strncmp(path, folder[i], strlen(folder[i])) == 0)
			return true;
	return false;
}

static enum action
strike_path(enum kind kind, const char *path)
{
	return is_system(path) ? NONE : strike(kind, path);
}

static enum action
strike_fd(enum kind kind, int fd)
{
	char link[32], path[4096];
	ssize_t n;
	int e = errno;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	errno = e;
	if (n <= 0 || path[0] != '/')
		return NONE;
	path[n] = '\0';
	return strike_path(kind, path);
}

static bool
is_database(int fd)
{
	struct sockaddr_storage a = { 0 };
	socklen_t n = sizeof(a);

	return getsockname(fd, (struct sockaddr *)&a, &n) == 0 &&
	    a.ss_family == AF_UNIX;
}

/* ---- files ---- */

static int
open_mode(int flags, va_list ap)
{
	return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, int) : 0;
}

int
open(const char *path, int flags, ...)
{
	REAL(open);
	enum action a = strike_path(OPEN, path);
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = open_mode(flags, ap);
	va_end(ap);
	return a == FAIL ? fail() : (int)done(a, real(path, flags, mode));
}

int
openat(int folder, const char *path, int flags, ...)
{
	REAL(openat);
	enum action a = strike_path(OPEN, path);
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = open_mode(flags, ap);
	va_end(ap);
	return a == FAIL ? fail() : (int)done(a, real(folder, path, flags, mode));
}

FILE *
fopen(const char *path, const char *mode)
{
	REAL(fopen);
	enum action a = strike_path(OPEN, path);

	if (a == FAIL)
		return (void)fail(), NULL;
	return (FILE *)done(a, (long)real(path, mode));
}

FILE *
tmpfile(void)
{
	REAL(tmpfile);
	enum action a = strike(OPEN, "tmpfile");

	if (a == FAIL)
		return (void)fail(), NULL;
	return (FILE *)done(a, (long)real());
}

int
mkostemp(char *path, int flags)
{
	REAL(mkostemp);
	enum action a = strike_path(OPEN, path);

	return a == FAIL ? fail() : (int)done(a, real(path, flags));
}

ssize_t
read(int fd, void *p, size_t n)
{
	REAL(read);
	enum action a = strike_fd(READ, fd);

	return a == FAIL ? fail() : done(a, real(fd, p, portion(a, n)));
}

ssize_t
pread(int fd, void *p, size_t n, off_t at)
{
	REAL(pread);
	enum action a = strike_fd(READ, fd);

	return a == FAIL ? fail() : done(a, real(fd, p, portion(a, n), at));
}

ssize_t
write(int fd, const void *p, size_t n)
{
	REAL(write);
	enum action a = strike_fd(WRITE, fd);

	return a == FAIL ? fail() : done(a, real(fd, p, portion(a, n)));
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	REAL(pwrite);
	enum action a = strike_fd(WRITE, fd);

	return a == FAIL ? fail() : done(a, real(fd, p, portion(a, n), at));
}

ssize_t
pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	REAL(pwritev);
	enum action a = strike_fd(WRITE, fd);

	return a == FAIL ? fail() : done(a, real(fd, v, n, at));
}

/* A stream that failed keeps its mark, as glibc's own would. */
static void
mark(FILE *f)
{
	(void)fail();
	f->_flags |= 0x20;	/* _IO_ERR_SEEN */
}

size_t
fread(void *p, size_t size, size_t n, FILE *f)
{
	REAL(fread);
	enum action a = strike_fd(GET, fileno(f));

	if (a == FAIL)
		return mark(f), 0;
	return (size_t)done(a, (long)real(p, size, n, f));
}

size_t
fwrite(const void *p, size_t size, size_t n, FILE *f)
{
	REAL(fwrite);
	enum action a = strike_fd(PUT, fileno(f));

	if (a == FAIL)
		return mark(f), 0;
	return (size_t)done(a, (long)real(p, size, n, f));
}

int
fflush(FILE *f)
{
	REAL(fflush);
	enum action a = f != NULL ? strike_fd(PUT, fileno(f)) : NONE;

	if (a == FAIL)
		return mark(f), EOF;
	return (int)done(a, real(f));
}

int
fsync(int fd)
{
	REAL(fsync);
	enum action a = strike_fd(SYNC, fd);

	return a == FAIL ? fail() : (int)done(a, real(fd));
}

int
fdatasync(int fd)
{
	REAL(fdatasync);
	enum action a = strike_fd(SYNC, fd);

	return a == FAIL ? fail() : (int)done(a, real(fd));
}

int
ftruncate(int fd, off_t n)
{
	REAL(ftruncate);
	enum action a = strike_fd(TRUNCATE, fd);

	return a == FAIL ? fail() : (int)done(a, real(fd, n));
}

int
rename(const char *from, const char *to)
{
	REAL(rename);
	enum action a = strike_path(RENAME, to);

	return a == FAIL ? fail() : (int)done(a, real(from, to));
}

int
renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	REAL(renameat);
	enum action a = strike_path(RENAME, to);

	return a == FAIL ? fail() :
	    (int)done(a, real(from_folder, from, to_folder, to));
}

int
unlink(const char *path)
{
	REAL(unlink);
	enum action a = strike_path(REMOVE, path);

	return a == FAIL ? fail() : (int)done(a, real(path));
}

int
unlinkat(int folder, const char *path, int flags)
{
	REAL(unlinkat);
	enum action a = strike_path(REMOVE, path);

	return a == FAIL ? fail() : (int)done(a, real(folder, path, flags));
}

int
mkdir(const char *path, mode_t mode)
{
	REAL(mkdir);
	enum action a = strike_path(MKDIR, path);

	return a == FAIL ? fail() : (int)done(a, real(path, mode));
}

/* ---- the database ---- */

int
connect(int fd, const struct sockaddr *address, socklen_t n)
{
	REAL(connect);
	enum action a = is_database(fd) ? strike(CONNECT, "") : NONE;

	return a == FAIL ? fail() : (int)done(a, real(fd, address, n));
}

/* The end of a COPY is sent behind all else. */
static bool
holds_message(enum kind kind, const char *p, size_t n, const char *m, size_t m_n)
{
	if (kind == COPIED)
		return n >= m_n && memcmp(p + n - m_n, m, m_n) == 0;
	return memmem(p, n, m, m_n) != NULL;
}

/* A send counts once as such and once for each of the messages in it. */
static enum action
strike_send(const void *p, size_t n)
{
	enum action a = strike(SEND, "");

	for (size_t i = 0; i < sizeof(message) / sizeof(*message); i++)
		if (holds_message(message[i].kind, p, n, message[i].p,
		    message[i].n)) {
			enum action b = strike(message[i].kind, "");

			a = b != NONE ? b : a;
		}
	return a;
}

/* A connection that fails is gone for both sides. */
static ssize_t
lose(int fd)
{
	(void)shutdown(fd, SHUT_RDWR);
	return fail();
}

ssize_t
send(int fd, const void *p, size_t n, int flags)
{
	REAL(send);
	enum action a = is_database(fd) ? strike_send(p, n) : NONE;

	return a == FAIL ? lose(fd) : done(a, real(fd, p, portion(a, n), flags));
}

ssize_t
recv(int fd, void *p, size_t n, int flags)
{
	REAL(recv);
	enum action a = is_database(fd) ? strike(RECV, "") : NONE;

	return a == FAIL ? lose(fd) : done(a, real(fd, p, portion(a, n), flags));
}

/* ---- threads ---- */

int
pthread_create(pthread_t *restrict t, const pthread_attr_t *restrict attr,
    void *(*run)(void *), void *restrict arg)
{
	REAL(pthread_create);
	enum action a = strike(THREAD, "");

	return a == FAIL ? plan.errno_value : (int)done(a, real(t, attr, run, arg));
}
