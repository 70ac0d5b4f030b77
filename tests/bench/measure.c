/*
 * measure: runs a command and tells what it took.
 *
 *	measure [-s POSTMASTER] FILE COMMAND [ARG]...
 *
 * Writes to FILE, of the command and its descendants that were waited for:
 * wall seconds, CPU seconds (user and system), the peak of the largest single
 * process in KiB (ru_maxrss), and the bytes that they gave to the file system
 * (write_bytes of /proc: pages dirtied, less those dropped again before they
 * reached the disk). Exits as the command did.
 *
 * Of the PostgreSQL server whose postmaster has that process number three
 * more: CPU seconds, the peak of the private memory of all its processes
 * together in KiB, and the bytes they gave to the file system meanwhile: WAL,
 * tables that grew, temporary files. Without -s these are 0. All is what the
 * kernel counts; only the server's memory is looked at every SAMPLE_MS.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLE_MS = 100 };

extern char **environ;

/* What a server's processes have taken so far, those that ended included. */
struct server {
	long long cpu_ticks, written_bytes;
	long memory_kib;	/* private, now */
};

struct result {
	struct rusage used;
	double wall_s;
	long long written_bytes;
	struct server server;	/* meanwhile; its memory is the peak */
};

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

/* The number behind a name in a file of /proc/PID; 0 when it is not there. */
static long long
proc_number(long pid, const char *file, const char *name)
{
	char path[64], line[256];
	long long n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%ld/%s", pid, file);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			n = strtoll(line + strlen(name), NULL, 10);
	(void)fclose(f);
	return n;
}

/* Bytes given to the file system, by those that it waited for, too. */
static long long
written(long pid)
{
	return proc_number(pid, "io", "write_bytes:") -
	    proc_number(pid, "io", "cancelled_write_bytes:");
}

/* The parent of a process and its CPU time with that of its dead children; false: it is gone. */
static bool
proc_stat(long pid, long *parent, long long *ticks)
{
	unsigned long long user, system, dead_user, dead_system;
	char path[64], line[1024];
	char *behind;
	FILE *f;
	bool ok;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	if ((f = fopen(path, "r")) == NULL)
		return false;
	ok = fgets(line, sizeof(line), f) != NULL &&
	    (behind = strrchr(line, ')')) != NULL &&
	    sscanf(behind + 1, " %*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u "
	    "%llu %llu %llu %llu", parent, &user, &system, &dead_user,
	    &dead_system) == 5;
	(void)fclose(f);
	if (ok)
		*ticks = (long long)(user + system + dead_user + dead_system);
	return ok;
}

/* Adds what one process of the server has taken, if it is one. */
static void
add_process(struct server *s, long postmaster, long pid)
{
	long parent;
	long long ticks;

	if (!proc_stat(pid, &parent, &ticks) ||
	    (pid != postmaster && parent != postmaster))
		return;
	s->cpu_ticks += ticks;
	s->written_bytes += written(pid);
	s->memory_kib += (long)proc_number(pid, "status", "RssAnon:");
}

static struct server
look(long postmaster)
{
	struct server s = { 0 };
	struct dirent *entry;
	DIR *dir;

	if (postmaster == 0 || (dir = opendir("/proc")) == NULL)
		return s;
	while ((entry = readdir(dir)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]))
			add_process(&s, postmaster, atol(entry->d_name));
	(void)closedir(dir);
	return s;
}

/* Waits for the command's end and looks at the server's memory meanwhile. */
static bool
wait_for(pid_t pid, long postmaster, long *peak_kib)
{
	struct pollfd end = { .events = POLLIN };
	int n;

	if ((end.fd = (int)syscall(SYS_pidfd_open, pid, 0)) < 0)
		return false;
	while ((n = poll(&end, 1, postmaster != 0 ? SAMPLE_MS : -1)) <= 0) {
		long kib = look(postmaster).memory_kib;

		if (n < 0 && errno != EINTR)
			break;
		if (kib > *peak_kib)
			*peak_kib = kib;
	}
	(void)close(end.fd);
	return n > 0;
}

/* The command's exit status as a shell tells it; -1 when it could not be run. */
static int
run(char *argv[], long postmaster, struct result *r)
{
	struct server before = look(postmaster);
	long peak_kib = before.memory_kib;
	long long written_before = written(getpid());
	double start = now_s();
	pid_t pid;
	int status, e;

	if ((e = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ)) != 0) {
		fprintf(stderr, "measure: %s: %s\n", argv[0], strerror(e));
		return -1;
	}
	if (!wait_for(pid, postmaster, &peak_kib))
		return -1;
	r->wall_s = now_s() - start;
	if (wait4(pid, &status, 0, &r->used) < 0)
		return -1;
	r->written_bytes = written(getpid()) - written_before;
	r->server = look(postmaster);
	r->server.cpu_ticks -= before.cpu_ticks;
	r->server.written_bytes -= before.written_bytes;
	r->server.memory_kib = peak_kib;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
tell(const char *path, const struct result *r)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return -1;
	fprintf(f, "%.4f %.4f %ld %lld %.2f %ld %lld\n", r->wall_s,
	    seconds(r->used.ru_utime) + seconds(r->used.ru_stime),
	    r->used.ru_maxrss, r->written_bytes,
	    (double)r->server.cpu_ticks / (double)sysconf(_SC_CLK_TCK),
	    r->server.memory_kib, r->server.written_bytes);
	return fclose(f);
}

int
main(int argc, char *argv[])
{
	struct result r = { 0 };
	long postmaster = 0;
	int status;

	if (argc > 2 && strcmp(argv[1], "-s") == 0) {
		postmaster = atol(argv[2]);
		argc -= 2;
		argv += 2;
	}
	if (argc < 3) {
		fputs("usage: measure [-s POSTMASTER] FILE COMMAND [ARG]...\n",
		    stderr);
		return 2;
	}
	if ((status = run(argv + 2, postmaster, &r)) < 0)
		return 127;
	if (tell(argv[1], &r) != 0) {
		fprintf(stderr, "measure: %s: %s\n", argv[1], strerror(errno));
		return 127;
	}
	return status;
}
