/*
 * measure: runs a command and tells what it took.
 *
 *	measure FILE COMMAND [ARG]...
 *
 * Writes "wall-seconds cpu-seconds peak-KiB" of the command to FILE and exits
 * as the command did. CPU is user and system time of the command and all its
 * descendants that were waited for, the peak that of the largest single
 * process among them (ru_maxrss): what getrusage says, no sampling. A
 * database server is no descendant.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

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

/* The command's exit status as a shell tells it; -1 when it could not be run. */
static int
run(char *argv[], struct rusage *used, double *wall_s)
{
	double start = now_s();
	pid_t pid;
	int status, e;

	if ((e = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ)) != 0) {
		fprintf(stderr, "measure: %s: %s\n", argv[0], strerror(e));
		return -1;
	}
	while (wait4(pid, &status, 0, used) < 0)
		if (errno != EINTR)
			return -1;
	*wall_s = now_s() - start;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
tell(const char *path, const struct rusage *used, double wall_s)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return -1;
	fprintf(f, "%.4f %.4f %ld\n", wall_s,
	    seconds(used->ru_utime) + seconds(used->ru_stime),
	    used->ru_maxrss);
	return fclose(f);
}

int
main(int argc, char *argv[])
{
	struct rusage used;
	double wall_s;
	int status;

	if (argc < 3) {
		fputs("usage: measure FILE COMMAND [ARG]...\n", stderr);
		return 2;
	}
	if ((status = run(argv + 2, &used, &wall_s)) < 0)
		return 127;
	if (tell(argv[1], &used, wall_s) != 0) {
		fprintf(stderr, "measure: %s: %s\n", argv[1], strerror(errno));
		return 127;
	}
	return status;
}
