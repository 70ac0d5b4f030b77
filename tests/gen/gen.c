/*
 * gen: writes dumps of calls whose truth is known.
 *
 * The output depends on the options alone. All calls are planned once, for
 * the truth and the place of each line (sixteen bytes a line are kept); then
 * file after file is written, each line from the plan of its call.
 */
#include <errno.h>
#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "delivery.h"
#include "truth.h"

enum { PATH_BYTES = 4096, MEMBER_LINES = 5000, DAYS_MAX = 3660, FILES_MAX = 100000 };

static const char usage[] =
    "usage: gen --out DIR --calls N [option...]\n"
    "Writes N calls as dumps into DIR, which must be empty or absent.\n"
    "  --seed S              another S, other calls (1)\n"
    "  --start YYYY-MM-DD    first day (2026-03-01)\n"
    "  --days D              days in which calls are placed (30)\n"
    "  --files F             webhook files over these days (one a day)\n"
    "  --providers m,w,v     some of MiraiMinds, Whippy, MiniVoice (all)\n"
    "  --transcripts         Whippy bodies of 1 to 6 KB\n"
    "  --late PERMILLE       calls whose analysis comes weeks later\n"
    "  --repeat PERMILLE     deliveries that are retried\n"
    "  --respace PERMILLE    events that come again with other white space\n"
    "  --envelope PERMILLE   lines in an envelope\n"
    "  --garbage PERMILLE    lines of noise, and files with CRLF, a byte order mark,\n"
    "                        no newline at the end\n"
    "  --shuffle             lines in any order, in any file\n"
    "  --plain               no gzip\n"
    "  --truth               DIR/truth/calls.csv and counts.json\n"
    "Names are in DIR/lists/assistants.csv and campaigns.csv.\n";

struct options {
	const char *out;
	uint64_t calls;
	long files;
	bool plain;
	bool truth;
	struct world world;
	struct spoil spoil;
};

/* The number of an option; ends the program where it is none or out of range. */
static long
number_of(const char *option, const char *s, long low, long high)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(s, &end, 10);
	if (errno != 0 || *s == '\0' || *end != '\0' || value < low || value > high)
		die("--%s %s: not a number from %ld to %ld", option, s, low, high);
	return value;
}

/* "m,w,v": how often each provider is the one. */
static void
parse_providers(const char *s, unsigned weight[PROVIDERS])
{
	static const char letters[] = "mwv";
	static const unsigned share[PROVIDERS] = { 50, 30, 20 };
	size_t n = strlen(s);

	memset(weight, 0, PROVIDERS * sizeof(*weight));
	for (size_t i = 0; i <= n; i += 2) {
		size_t which = s[i] != '\0' ? strcspn(letters, (char[]){ s[i], '\0' }) : PROVIDERS;

		if (which == PROVIDERS || (s[i + 1] != ',' && s[i + 1] != '\0'))
			die("--providers %s: not of the form m,w,v", s);
		weight[which] = share[which];
	}
}

static const struct option long_options[] = {
	{ "out", required_argument, NULL, 'o' },
	{ "calls", required_argument, NULL, 'n' },
	{ "seed", required_argument, NULL, 's' },
	{ "start", required_argument, NULL, 'b' },
	{ "days", required_argument, NULL, 'd' },
	{ "files", required_argument, NULL, 'f' },
	{ "providers", required_argument, NULL, 'v' },
	{ "transcripts", no_argument, NULL, 't' },
	{ "late", required_argument, NULL, 'l' },
	{ "repeat", required_argument, NULL, 'r' },
	{ "respace", required_argument, NULL, 'w' },
	{ "envelope", required_argument, NULL, 'e' },
	{ "garbage", required_argument, NULL, 'g' },
	{ "shuffle", no_argument, NULL, 'x' },
	{ "plain", no_argument, NULL, 'p' },
	{ "truth", no_argument, NULL, 'k' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Options that say how many of 1000; false when it is none of them. */
static bool
take_permille(struct options *o, int letter, const char *name)
{
	uint32_t *place = letter == 'l' ? &o->world.late_permille :
	    letter == 'r' ? &o->spoil.repeat : letter == 'w' ? &o->spoil.respace :
	    letter == 'e' ? &o->spoil.envelope : letter == 'g' ? &o->spoil.garbage : NULL;

	if (place != NULL)
		*place = (uint32_t)number_of(name, optarg, 0, 1000);
	return place != NULL;
}

/* Options without a value; false when it is none of them. */
static bool
take_flag(struct options *o, int letter)
{
	bool *place = letter == 't' ? &o->world.transcripts :
	    letter == 'x' ? &o->spoil.shuffle : letter == 'p' ? &o->plain :
	    letter == 'k' ? &o->truth : NULL;

	if (place != NULL)
		*place = true;
	return place != NULL;
}

/* All other options. */
static void
take_option(struct options *o, int letter, const char *name)
{
	switch (letter) {
	case 'o':
		o->out = optarg;
		break;
	case 'n':
		o->calls = (uint64_t)number_of(name, optarg, 1, 1000000000);
		break;
	case 's':
		o->world.seed = (uint64_t)number_of(name, optarg, 0, INT32_MAX);
		break;
	case 'b':
		if (!when_parse_day(optarg, &o->world.start_us))
			die("--start %s: no day from 2000 on", optarg);
		break;
	case 'd':
		o->world.days = (int)number_of(name, optarg, 1, DAYS_MAX);
		break;
	case 'f':
		o->files = number_of(name, optarg, 1, FILES_MAX);
		break;
	default:
		parse_providers(optarg, o->world.weight);
	}
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	int letter, at = 0;
	int64_t latest_us;

	when_parse_day("2026-03-01", &o->world.start_us);
	parse_providers("m,w,v", o->world.weight);
	while ((letter = getopt_long(argc, argv, "", long_options, &at)) != -1) {
		if (letter == 'h') {
			fputs(usage, stdout);
			exit(0);
		}
		if (letter == '?') {
			fputs(usage, stderr);
			exit(2);
		}
		if (!take_permille(o, letter, long_options[at].name) && !take_flag(o, letter))
			take_option(o, letter, long_options[at].name);
	}
	if (optind != argc || o->out == NULL || o->calls == 0) {
		fputs(usage, stderr);
		exit(2);
	}
	if (o->files == 0)
		o->files = o->world.days;
	when_parse_day("2098-01-01", &latest_us);
	if (o->world.start_us + o->world.days * DAY_US > latest_us)
		die("--start and --days: no calls after 2097");
}

/* DIR, made where it is absent. An old dump beside a new truth would be a lie. */
static void
make_empty_dir(const char *path)
{
	const struct dirent *entry;
	DIR *dir;

	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		die("%s: %s", path, strerror(errno));
	dir = opendir(path);
	if (dir == NULL)
		die("%s: %s", path, strerror(errno));
	while ((entry = readdir(dir)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			die("%s: not empty", path);
	closedir(dir);
}

static void
make_dir(const char *path)
{
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		die("%s: %s", path, strerror(errno));
}

/* DIR/folder/name for writing. */
static FILE *
open_beside(const struct options *o, const char *folder, const char *name)
{
	char path[PATH_BYTES];
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/%s", o->out, folder) >= PATH_BYTES - 64)
		die("%s: name too long", o->out);
	make_dir(path);
	strcat(strcat(path, "/"), name);
	f = fopen(path, "w");
	if (f == NULL)
		die("%s: %s", path, strerror(errno));
	return f;
}

static void
close_beside(FILE *f, const char *name)
{
	if (ferror(f) || fclose(f) != 0)
		die("%s: cannot be written", name);
}

/* Plans all calls; the truth of each is known when its deliveries are. */
static void
plan_calls(struct plan *p, const struct options *o)
{
	static struct call c;
	FILE *f = o->truth ? open_beside(o, "truth", "calls.csv") : NULL;

	if (f != NULL)
		truth_header(f);
	for (uint64_t i = 0; i < p->calls; i++) {
		call_plan(&c, &p->world, i);
		deliver_call(p, &c);
		if (f != NULL)
			truth_row(f, &c);
	}
	if (f != NULL)
		close_beside(f, "calls.csv");
}

/* A dump that is being written. */
struct dump {
	char path[PATH_BYTES];
	gzFile gz;
	bool plain;
	bool members;		/* many gzip members */
	const char *newline;
	bool open_end;		/* no newline after the last line */
};

static void
dump_open(struct dump *d, const char *mode)
{
	d->gz = gzopen(d->path, mode);
	if (d->gz == NULL)
		die("%s: %s", d->path, strerror(errno));
	gzbuffer(d->gz, 1 << 18);
}

static void
dump_close(struct dump *d)
{
	if (gzclose(d->gz) != Z_OK)
		die("%s: cannot be written", d->path);
}

static void
dump_put(struct dump *d, const struct text *t)
{
	if (t->n > 0 && gzwrite(d->gz, t->p, (unsigned)t->n) != (int)t->n)
		die("%s: cannot be written", d->path);
}

/* A byte order mark. */
static void
dump_mark(struct dump *d)
{
	if (gzputs(d->gz, "\xef\xbb\xbf") != 3)
		die("%s: cannot be written", d->path);
}

/* The i-th line of n, and a new member where it is time for one. */
static void
dump_line(struct dump *d, struct text *line, size_t i, size_t n)
{
	/* An empty line without its newline would be no line. */
	if (i + 1 < n || !d->open_end || line->n == 0)
		text_puts(line, d->newline);
	dump_put(d, line);
	if (d->members && i % MEMBER_LINES == MEMBER_LINES - 1) {
		dump_close(d);
		dump_open(d, d->plain ? "abT" : "ab1");
	}
}

/* Some files are written as other systems write them. */
static void
draw_manners(struct dump *d, const struct options *o, size_t number)
{
	bool odd = o->spoil.garbage > 0;

	d->plain = o->plain;
	d->members = number % 3 == 1;
	d->newline = odd && number % 5 == 1 ? "\r\n" : "\n";
	d->open_end = odd && number % 5 == 3;
}

/* Writes a pile into the file at d->path. */
static void
write_pile(struct plan *p, const struct options *o, struct pile *pile, struct dump *d,
    size_t number)
{
	static struct text line;

	if (p->spoil.shuffle)
		pile_shuffle(pile, p->world.seed);
	else
		pile_sort(pile);
	draw_manners(d, o, number);
	dump_open(d, d->plain ? "wbT" : "wb1");
	if (o->spoil.garbage > 0 && number % 5 == 2)
		dump_mark(d);
	for (size_t i = 0; i < pile->n; i++) {
		line.n = 0;
		delivery_write(p, &pile->v[i], &line);
		dump_line(d, &line, i, pile->n);
	}
	dump_close(d);
	free(pile->v);
	*pile = (struct pile){ .start_us = pile->start_us };
	p->counts.files++;
}

/* Writes files PREFIX-DAY-NN, NN counting within the day. */
static void
write_piles(struct plan *p, const struct options *o, struct piles *piles, const char *prefix)
{
	static struct dump d;
	char day[11], last_day[11] = "";
	int of_day = 0;

	for (size_t i = 0; i < piles->n; i++) {
		when_day(piles->pile[i].start_us, day);
		of_day = strcmp(day, last_day) == 0 ? of_day + 1 : 0;
		memcpy(last_day, day, sizeof(day));
		if (piles->pile[i].n == 0)
			continue;
		if (snprintf(d.path, sizeof(d.path), "%s/%s-%s-%02d.jsonl%s", o->out, prefix, day,
		    of_day, o->plain ? "" : ".gz") >= PATH_BYTES)
			die("%s: name too long", o->out);
		write_pile(p, o, &piles->pile[i], &d, i);
	}
}

static void
write_lists(const struct options *o)
{
	FILE *f = open_beside(o, "lists", "assistants.csv");

	truth_assistants(f);
	close_beside(f, "assistants.csv");
	f = open_beside(o, "lists", "campaigns.csv");
	truth_campaigns(f);
	close_beside(f, "campaigns.csv");
}

static void
write_counts(const struct options *o, const struct counts *n)
{
	FILE *f = open_beside(o, "truth", "counts.json");

	truth_counts(f, n);
	close_beside(f, "counts.json");
}

int
main(int argc, char **argv)
{
	struct options o = { .world = { .seed = 1, .days = 30 } };
	struct plan p = { 0 };

	parse_options(&o, argc, argv);
	p.world = o.world;
	p.spoil = o.spoil;
	p.calls = o.calls;
	make_empty_dir(o.out);
	piles_open(&p.webhooks, (size_t)o.files, o.world.start_us, o.world.days);
	piles_open(&p.dispatches, (size_t)o.world.days, o.world.start_us, o.world.days);
	plan_calls(&p, &o);
	write_lists(&o);
	write_piles(&p, &o, &p.webhooks, "webhooks");
	write_piles(&p, &o, &p.dispatches, "dispatch");
	if (o.truth)
		write_counts(&o, &p.counts);
	truth_counts(stdout, &p.counts);
	piles_close(&p.webhooks);
	piles_close(&p.dispatches);
	return fflush(stdout) == 0 ? 0 : 1;
}
