/*
 * command: the commands, as data.
 *
 * Each command is a constant in a file of its own. main finds it by its
 * words, reads its options, runs it, prints the one error that it may come
 * back with, and checks that standard output could be written.
 */
#ifndef CALLTALLY_CMD_COMMAND_H
#define CALLTALLY_CMD_COMMAND_H

#include <stdio.h>

#include "opt.h"

#define CALLTALLY_VERSION "0.1.0"

enum {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_PARTLY = 3,	/* done, but lines were rejected or a source was unfinished */
	STATUS_AGAIN = 75,
	STATUS_SIGNAL = 128,	/* and the signal's number */
};

/* The status of a command that ended with this error; of none, STATUS_DONE. */
int status_of_err(const struct err *);

/* What a command was asked for. */
struct request {
	struct opts opt;
	const char *const *arg;
	size_t args;
};

struct command {
	const char *name;	/* one or two words */
	const char *args;	/* as in "PATH..."; "" when there are none */
	const char *summary;	/* a line without a period */
	const char *text;	/* the paragraphs of -h */
	const char *example;	/* command lines without "calltally " */
	size_t min_args, max_args;
	const struct opt *opts;
	/* Returns a status; sets *err instead when it failed. */
	int (*run)(const struct request *, struct err *);
};

#define ARGS_ANY ((size_t)-1)

extern const struct command command_init, command_ingest, command_map,
    command_export, command_status, command_show, command_rejects_list,
    command_rejects_replay, command_rejects_export, command_providers_list,
    command_providers_show, command_providers_check, command_local_start,
    command_local_stop, command_local_status, command_help;

extern const struct command command_pull, command_run;
extern const struct command command_verify;

extern const struct command command_refold;

extern const struct command command_explain;

/* All commands in the order of help; the last is NULL. */
extern const struct command *const commands[];

/* The command that these words begin with, *words of them; NULL when there is none. */
const struct command *command_find(const char *const *arg, size_t n, size_t *words);

/* True when some command's first of two words is this one. */
bool command_is_group(const char *word);

/* Prints what "calltally -h", "calltally GROUP -h", "calltally COMMAND -h" say. */
void help_overview(FILE *);
void help_group(FILE *, const char *word);
void help_command(FILE *, const struct command *);

#endif
