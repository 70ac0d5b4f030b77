/*
 * calltally: from archived webhook dumps to one truth for each call.
 *
 * This file finds the command, reads its options, prints the error that it
 * failed with, once, and sees to it that what was printed did arrive.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "say.h"

/*
 * A program that was started with a standard file closed would open its
 * next file in its place. Output then fails, as it should.
 */
static bool
hold_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null", O_RDONLY) != fd)
			return false;
	return true;
}

/* Prints the error; c may be NULL. Returns the exit status. */
static int
tell(const struct err *err, const char *command)
{
	fputs("calltally: ", stderr);
	if (err->kind == ERR_USAGE && command != NULL)
		fprintf(stderr, "%s: ", command);
	say_message(stderr, err->text);
	if (err->kind == ERR_USAGE)
		fprintf(stderr, " (see calltally%s%s -h)",
		    command != NULL ? " " : "", command != NULL ? command : "");
	putc('\n', stderr);
	return status_of_err(err);
}

static int
usage(const char *command, const char *what, const char *word)
{
	struct err err = ERR_INIT;

	err_set(&err, ERR_USAGE, "%s%.100s", what, word);
	return tell(&err, command);
}

/* Runs a command with its arguments, which are reordered. */
static int
run_command(const struct command *c, const char **arg, size_t n)
{
	struct request r = { .arg = arg };
	struct err err = ERR_INIT;
	int status = STATUS_DONE;

	if (!opt_read(c->opts, arg, n, &r.opt, &r.args, &err))
		status = STATUS_USAGE;
	else if (r.opt.help)
		help_command(stdout, c);
	else if (r.args < c->min_args)
		err_set(&err, ERR_USAGE, "%s is missing", c->args);
	else if (r.args > c->max_args)
		err_set(&err, ERR_USAGE, "one argument too many: %.100s",
		    r.arg[c->max_args]);
	else
		status = c->run(&r, &err);
	opt_free(&r.opt);
	return err.kind == ERR_NONE ? status : tell(&err, c->name);
}

static bool
is_any(const char *word, const char *a, const char *b)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

/* The words that are no command: a group's name, --help, --version. */
static int
run_word(const char *const *arg, size_t n)
{
	if (command_is_group(arg[0])) {
		if (n < 2)
			return usage(arg[0], "which command?", "");
		if (!is_any(arg[1], "-h", "--help"))
			return usage(arg[0], "no such command: ", arg[1]);
		help_group(stdout, arg[0]);
	} else if (is_any(arg[0], "-h", "--help")) {
		help_overview(stdout);
	} else if (strcmp(arg[0], "--version") == 0) {
		puts("calltally " CALLTALLY_VERSION);
	} else if (arg[0][0] == '-') {
		return usage(NULL, "no command behind ", arg[0]);
	} else {
		return usage(NULL, "no such command: ", arg[0]);
	}
	return STATUS_DONE;
}

/*
 * The command whose name stands behind some options, which are moved behind
 * its words; NULL when there is none.
 */
static const struct command *
find_behind_options(const char **arg, size_t n, size_t *words)
{
	const struct command *c;

	for (size_t at = 1; at < n && arg[0][0] == '-'; at++) {
		if ((c = command_find(arg + at, n - at, words)) == NULL)
			continue;
		for (size_t w = 0; w < *words; w++) {
			const char *word = arg[at + w];

			memmove(arg + w + 1, arg + w, at * sizeof(*arg));
			arg[w] = word;
		}
		return c;
	}
	return NULL;
}

static int
run(const char **arg, size_t n)
{
	const struct command *c;
	size_t words;

	if (n == 0) {
		help_overview(stderr);
		return STATUS_USAGE;
	}
	if ((c = command_find(arg, n, &words)) == NULL &&
	    (c = find_behind_options(arg, n, &words)) == NULL)
		return run_word(arg, n);
	return run_command(c, arg + words, n - words);
}

/* What was printed must have arrived; else a status of success would lie. */
static int
finish(int status)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	if (fclose(stdout) == 0 && !failed)
		return status;
	fprintf(stderr, "calltally: standard output: %s\n",
	    errno != 0 ? strerror(errno) : "could not be written");
	return status == STATUS_DONE || status == STATUS_PARTLY ?
	    STATUS_FAILED : status;
}

int
main(int argc, char **argv)
{
	const char **arg = (const char **)argv;
	size_t n = argc > 0 ? (size_t)argc - 1 : 0;

	if (!hold_standard_files())
		return STATUS_FAILED;
	/* A closed pipe is a failed write; a lost server is no reason to die. */
	(void)signal(SIGPIPE, SIG_IGN);
	return finish(run(arg + 1, n));
}
