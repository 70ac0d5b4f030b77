/*
 * Runs targets with inputs from files, without libFuzzer.
 *
 * usage: fuzz-replay CORPUS...
 *
 * CORPUS is a folder named like a target, or TARGET=FILE. Speaks TAP, a test
 * for each CORPUS; an input that breaks a promise ends the program with its
 * name on standard error.
 */
#include "fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include "base/buf.h"

static const struct target {
	const char *name;
	void (*run)(struct str input);
} target[] = {
#define X(name) { #name, fuzz_##name },
	TARGETS(X)
#undef X
};

enum { TARGETS_COUNT = sizeof(target) / sizeof(target[0]) };

static char current[4096];	/* the input that runs */

static void
on_abort(int sig)
{
	static const char what[] = "# the input was ";

	(void)sig;
	(void)!write(STDERR_FILENO, what, sizeof(what) - 1);
	(void)!write(STDERR_FILENO, current, strlen(current));
	(void)!write(STDERR_FILENO, "\n", 1);
}

static const struct target *
find_target(const char *name, size_t n)
{
	for (size_t i = 0; i < TARGETS_COUNT; i++)
		if (strlen(target[i].name) == n && memcmp(target[i].name, name, n) == 0)
			return &target[i];
	(void)fprintf(stderr, "fuzz-replay: %.*s is no target\n", (int)n, name);
	exit(2);
}

/* Runs one file, and every start of it when it is small. */
static size_t
run_file(const struct target *t, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b = BUF_INIT(0);
	char piece[65536];
	size_t n, runs = 1;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	(void)snprintf(current, sizeof(current), "%s", path);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_put(&b, piece, n);
	(void)fclose(f);
	t->run(b.n > 0 ? buf_str(&b) : STR(""));
	for (n = 0; b.n <= 512 && n < b.n; n++, runs++) {
		(void)snprintf(current, sizeof(current), "the first %zu bytes of %s",
		    n, path);
		t->run((struct str){ b.p, n });
	}
	buf_free(&b);
	return runs;
}

static int
is_visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static size_t
run_folder(const struct target *t, const char *folder, int *files)
{
	struct dirent **entry;
	char path[4096];
	size_t runs = 0;

	*files = scandir(folder, &entry, is_visible, alphasort);
	for (int i = 0; i < *files; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry[i]->d_name);
		runs += run_file(t, path);
		free(entry[i]);
	}
	if (*files >= 0)
		free(entry);
	return runs;
}

static void
run_argument(const char *arg, int number)
{
	const char *equals = strchr(arg, '='), *slash = strrchr(arg, '/');
	const char *name = slash != NULL ? slash + 1 : arg;
	const struct target *t;
	int files = 1;
	size_t runs;

	if (equals != NULL) {
		t = find_target(arg, (size_t)(equals - arg));
		runs = run_file(t, equals + 1);
	} else {
		t = find_target(name, strlen(name));
		runs = run_folder(t, arg, &files);
	}
	printf("%sok %d - %s: %d files, %zu inputs\n", files > 0 ? "" : "not ",
	    number, arg, files, runs);
	(void)fflush(stdout);
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("usage: fuzz-replay CORPUS...\n", stderr);
		return 2;
	}
	(void)signal(SIGABRT, on_abort);
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++)
		run_argument(argv[i], i);
	return 0;
}
