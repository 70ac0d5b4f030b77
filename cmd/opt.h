/*
 * opt: the options of a command line, told by a table.
 *
 * Each command has one table of struct opt; it feeds the parser, the text of
 * -h and "help --options". Values land in one struct opts, which all
 * commands share. Options may stand anywhere before "--", as "--name value"
 * or "--name=value". Texts are borrowed from argv; what had to be copied
 * lives in opts->arena.
 */
#ifndef CALLTALLY_CMD_OPT_H
#define CALLTALLY_CMD_OPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/phones.h"

enum { OPT_WAIT_S = 10, OPT_RECONNECT_S = 120, OPT_LIMIT = 20, OPT_LIST_MAX = 64 };

/* Texts of an option that may come many times, or as a comma list. */
struct opt_list {
	const char *v[OPT_LIST_MAX];
	size_t n;
};

struct opts {
	struct arena arena;
	int help;
	/* the database, the profiles and the answer: most commands */
	const char *dsn;
	const char *profiles;
	int json;
	int progress;			/* 1 asked for, -1 refused, 0 by the terminal */
	int64_t wait_s;
	int64_t reconnect_s;
	/* init */
	int roles;
	/* ingest */
	int64_t max_line_bytes;
	int transcripts;		/* also of pull, refold and show */
	int64_t memory_bytes;
	int64_t jobs;
	/* export; out also of rejects export */
	const char *out;
	const char *from, *to;
	const char *tz;
	struct opt_list report;
	const char *reports_folder;
	int plain;
	int xlsx;
	int64_t sheet_rows;
	int html;
	const char *as_of;
	int changed;
	int dictionary;
	/* map, show */
	const char *provider;
	const char *phones;
	/* rejects, providers check */
	const char *reason;
	int64_t limit;
	/* explain */
	const char *day;
	struct opt_list key;
	const char *column;
	int raw;
	/* refold */
	int stored;
	int from_archive;
	/* pull, run */
	const char *archive;
	const char *since;
	const char *grace;
	const char *call;
	int64_t parallel;
	int64_t rate;
	int64_t attempts;
	int64_t timeout_s;
	int64_t max_requests;
	int64_t max_minutes;
	const char *metrics;
	struct opt_list allow_host;
	/* local */
	const char *folder;
};

enum opt_type {
	OPT_FLAG,	/* int, becomes set */
	OPT_TEXT,	/* const char *, never empty unless may_be_empty */
	OPT_LIST,	/* struct opt_list */
	OPT_NUMBER,	/* int64_t in [min, max] */
	OPT_BYTES,	/* int64_t in [min, max]: "65536", "128M", "4MiB" */
	OPT_DAY,	/* const char *: YYYY-MM-DD, a day that there is */
};

struct opt {
	const char *name;	/* without its dashes; NULL ends a table */
	const char *value;	/* what -h calls the value; NULL: a flag */
	const char *help;
	size_t at;		/* of the value in struct opts */
	enum opt_type type;
	int set;		/* OPT_FLAG */
	int64_t min, max;	/* OPT_NUMBER, OPT_BYTES */
	int64_t preset;		/* OPT_NUMBER: the value when it is not given */
	const char *words;	/* OPT_TEXT: "one|other", the values there are */
	bool whole;		/* OPT_LIST: a comma is part of the text */
	bool required;
	bool may_be_empty;
};

#define OPT_AT(member) offsetof(struct opts, member)

/* Options that several commands take, in one wording. */
#define OPT_DSN { "dsn", "CONNINFO", "the database; else CALLTALLY_DSN, PGHOST and the like,\nelse a private cluster", \
	OPT_AT(dsn), .type = OPT_TEXT, .may_be_empty = true }
#define OPT_PROFILES { "profiles", "DIR", "profiles that add to or replace the built-in ones", \
	OPT_AT(profiles), .type = OPT_TEXT }
#define OPT_JSON { "json", NULL, "answer with one JSON object", \
	OPT_AT(json), .type = OPT_FLAG, .set = 1 }
#define OPT_WAIT { "wait", "SECONDS", "how long to wait for another writer", \
	OPT_AT(wait_s), .type = OPT_NUMBER, .max = 86400, .preset = OPT_WAIT_S }
#define OPT_RECONNECT { "reconnect", "SECONDS", "how long a server may be away meanwhile", \
	OPT_AT(reconnect_s), .type = OPT_NUMBER, .max = 86400, .preset = OPT_RECONNECT_S }
#define OPT_PROGRESS { "progress", NULL, "tell the progress also where there is no terminal", \
	OPT_AT(progress), .type = OPT_FLAG, .set = 1 }
#define OPT_NO_PROGRESS { "no-progress", NULL, "never tell the progress", \
	OPT_AT(progress), .type = OPT_FLAG, .set = -1 }
#define OPT_TRANSCRIPTS { "transcripts", NULL, "also store what was said, word by word", \
	OPT_AT(transcripts), .type = OPT_FLAG, .set = 1 }
/* --phones; preset: what help says of its default. */
#define OPT_PHONES(preset) { "phones", "full|masked|none", "whether phone numbers are shown whole" preset, \
	OPT_AT(phones), .type = OPT_TEXT, .words = phones_words }
#define OPT_PHONES_MASKED "\n(default: masked, but full with --json)"
#define OPT_END { .name = NULL }

/*
 * Reads arg[0..n) by the table into *opts and puts what is no option to the
 * front of arg, *rest of them. -h and --help set opts->help and end the
 * reading. False: ERR_USAGE, the message without the command's name.
 */
bool opt_read(const struct opt *table, const char **arg, size_t n,
    struct opts *opts, size_t *rest, struct err *);
void opt_free(struct opts *);

/* What --phones says, else preset. */
enum phones opt_phones(const struct opts *, enum phones preset);
/* The same for answers: people get them masked, programs whole, unless it is said. */
enum phones opt_phones_of_answer(const struct opts *);

/* "--name VALUE" of an option, at most cap bytes; returns its length. */
size_t opt_text(const struct opt *, char *out, size_t cap);

#endif
