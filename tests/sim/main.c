/*
 * provider-sim: plays the call APIs of three providers for tests.
 *
 * See fault.h for what can go wrong on demand, calls.h for the data set,
 * life.h for what becomes of an initiate, decide.c for the endpoints.
 */
#include <curl/curl.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "make.h"
#include "server.h"

#define DEFAULT_EPOCH "2026-03-02T08:00:00Z"

enum { DEFAULT_MAX_SECONDS = 600, DEFAULT_STEP_MS = 10, DEFAULT_LATE_MS = 200 };

struct texts {
	const char **p;
	size_t n;
};

struct config {
	const char *port_file, *tls_cert, *tls_key, *log, *dump, *dispatch;
	const char *truth, *epoch;
	struct texts calls, make, faults, fault;
	unsigned port, max_seconds, latency_ms, step_ms, late_ms, lose, repeat;
	unsigned seed;
	bool other_host;
};

enum kind { TEXT, TEXTS, NUMBER, FLAG };

static const struct option_row {
	const char *name;
	const char *arg;	/* NULL: takes none */
	enum kind kind;
	size_t place;
	unsigned max;		/* NUMBER */
	const char *help;
} rows[] = {
#define AT(member) offsetof(struct config, member)
	{ "port", "N", NUMBER, AT(port), 65535, "listen there (0: any free port)" },
	{ "port-file", "FILE", TEXT, AT(port_file), 0, "write the port into it" },
	{ "other-host", NULL, FLAG, AT(other_host), 0,
	    "listen on 127.0.0.2 too, as a host that must see no key" },
	{ "tls-cert", "FILE", TEXT, AT(tls_cert), 0, "https with this certificate" },
	{ "tls-key", "FILE", TEXT, AT(tls_key), 0, "and this key" },
	{ "max-seconds", "N", NUMBER, AT(max_seconds), 86400, "end after that (600)" },
	{ "latency-ms", "N", NUMBER, AT(latency_ms), 600000, "before every answer" },
	{ "calls", "FILE", TEXTS, AT(calls), 0, "load calls, one JSON line each" },
	{ "make", "[P=]N", TEXTS, AT(make), 0, "make N calls (of provider P)" },
	{ "seed", "N", NUMBER, AT(seed), UINT32_MAX, "for all that chance decides" },
	{ "epoch", "TIME", TEXT, AT(epoch), 0,
	    "when the first call begins (" DEFAULT_EPOCH ")" },
	{ "step-ms", "N", NUMBER, AT(step_ms), 600000, "between two webhooks (10)" },
	{ "late-ms", "N", NUMBER, AT(late_ms), 600000, "before late analysis (200)" },
	{ "lose", "PERCENT", NUMBER, AT(lose), 100, "webhooks that are not sent" },
	{ "repeat", "PERCENT", NUMBER, AT(repeat), 100, "webhooks that come twice" },
	{ "faults", "FILE", TEXTS, AT(faults), 0, "fault plan: a JSON list of rules" },
	{ "fault", "JSON", TEXTS, AT(fault), 0, "one rule, before those of files" },
	{ "log", "FILE", TEXT, AT(log), 0, "a JSON line for each request" },
	{ "dump", "FILE", TEXT, AT(dump), 0, "the webhooks (gzip for *.gz)" },
	{ "dispatch", "FILE", TEXT, AT(dispatch), 0, "the initiates" },
	{ "truth", "FILE", TEXT, AT(truth), 0, "at the end, all calls as for --calls" },
	{ "help", NULL, FLAG, 0, 0, "this text" },
#undef AT
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Prints what the options are. */
static void
usage(FILE *f)
{
	(void)fprintf(f, "usage: provider-sim [options]\n"
	    "Prints \"listening PORT\" when it is ready; ends on SIGTERM.\n");
	for (size_t i = 0; i < ROWS; i++) {
		char left[32];

		(void)snprintf(left, sizeof(left), "--%s %s", rows[i].name,
		    rows[i].arg != NULL ? rows[i].arg : "");
		(void)fprintf(f, "  %-21s %s\n", left, rows[i].help);
	}
	(void)fprintf(f, "Keys: MIRAIMINDS_PUBLIC_KEY, MIRAIMINDS_PRIVATE_KEY,"
	    " MIRAIMINDS_WORKSPACE, WHIPPY_API_KEY,\nMINIVOICE_API_KEY; any"
	    " value is right for one that is unset.\n");
}

/* Reads a number within 0 and max; dies with the option's name otherwise. */
static unsigned
read_number(const struct option_row *row, const char *text)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n > row->max)
		die("--%s %s: not a number within 0 and %u", row->name, text,
		    row->max);
	return (unsigned)n;
}

/* Appends to a list of texts. */
static void
texts_add(struct texts *t, const char *text)
{
	t->p = mem_grow(t->p, t->n + 1, sizeof(*t->p));
	t->p[t->n++] = text;
}

/* Stores one option. */
static void
set_option(struct config *c, const struct option_row *row, const char *text)
{
	char *at = (char *)c + row->place;

	switch (row->kind) {
	case TEXT:
		memcpy(at, &text, sizeof(text));
		break;
	case TEXTS:
		texts_add((struct texts *)(void *)at, text);
		break;
	case NUMBER:
		*(unsigned *)(void *)at = read_number(row, text);
		break;
	case FLAG:
		*(bool *)at = true;
		break;
	}
}

/* Reads the command line; exits where it cannot be meant, or asks for help. */
static void
read_options(struct config *c, int argc, char **argv)
{
	struct option table[ROWS + 1] = { 0 };
	int at, got;

	for (size_t i = 0; i < ROWS; i++)
		table[i] = (struct option){ rows[i].name, rows[i].arg != NULL ?
		    required_argument : no_argument, NULL, 1 };
	while ((got = getopt_long(argc, argv, "h", table, &at)) != -1) {
		if (got == 'h' || (got == 1 && at == ROWS - 1)) {
			usage(stdout);
			exit(0);
		}
		if (got != 1) {
			usage(stderr);
			exit(2);
		}
		set_option(c, &rows[at], optarg);
	}
	if (optind < argc || (c->tls_cert == NULL) != (c->tls_key == NULL)) {
		usage(stderr);
		exit(2);
	}
}

/* Loads the fault rules: those of the command line come first. */
static void
load_faults(struct sim *sim, const struct config *c)
{
	sim->faults.seed = c->seed;
	for (size_t i = 0; i < c->fault.n; i++)
		faults_add(&sim->faults, c->fault.p[i], "--fault");
	for (size_t i = 0; i < c->faults.n; i++) {
		char *json = file_read(c->faults.p[i]);

		faults_add(&sim->faults, json, c->faults.p[i]);
		free(json);
	}
}

/* Makes the calls that one --make asks for. */
static void
make_some(struct maker *m, const char *text)
{
	static const struct option_row row = { .name = "make", .max = 10000000 };
	const char *sign = strchr(text, '=');
	enum provider p = PROVIDER_COUNT;
	char *name;

	if (sign != NULL) {
		name = mem_fmt("%.*s", (int)(sign - text), text);
		p = provider_named(name);
		if (p != P_MIRAIMINDS && p != P_WHIPPY && p != P_MINIVOICE)
			die("--make: provider %s is not played", name);
		free(name);
	}
	make_calls(m, p, read_number(&row, sign != NULL ? sign + 1 : text));
}

/* Fills the data set. */
static void
load_calls(struct sim *sim, const struct config *c, int64_t epoch_us)
{
	struct maker maker = { &sim->calls, sim->lives, c->seed, epoch_us,
	    c->lose, sim->dump, 0 };

	for (size_t i = 0; i < c->calls.n; i++)
		calls_load(&sim->calls, c->calls.p[i]);
	for (size_t i = 0; i < c->make.n; i++)
		make_some(&maker, c->make.p[i]);
	calls_sort(&sim->calls);
}

/* Opens the simulator's state behind a bound server. */
static void
sim_open(struct sim *sim, const struct config *c)
{
	struct life_options life = { .seed = c->seed, .step_ms = c->step_ms,
	    .late_ms = c->late_ms, .lose_percent = c->lose,
	    .repeat_percent = c->repeat, .ca_file = c->tls_cert };

	if (!time_read(c->epoch, &life.epoch_us))
		die("--epoch %s: not a time", c->epoch);
	sim->log = out_open(c->log);
	life.dump = sim->dump = out_open(c->dump);
	life.dispatch = sim->dispatch = out_open(c->dispatch);
	life.detail_base = c->other_host ? sim->other :
	    "https://calls.voice-agents.invalid";
	sim->latency_us = c->latency_ms * INT64_C(1000);
	sim->started_us = mono_us();
	calls_open(&sim->calls, sim->here, sim->other);
	sim->lives = lives_open(&life, &sim->calls, &sim->lock);
	load_faults(sim, c);
	load_calls(sim, c, life.epoch_us);
	out_flush(sim->dump);
	out_flush(sim->dispatch);
}

/* Writes what is true of every call. */
static void
write_truth(const struct sim *sim, const char *path)
{
	struct out *out = out_open(path);

	for (size_t i = 0; out != NULL && i < sim->calls.all.n; i++) {
		char *line = call_line(sim->calls.all.p[i]);

		out_line(out, line);
		free(line);
	}
	out_close(out);
}

/* Frees all that sim_open opened. */
static void
sim_close(struct sim *sim)
{
	out_close(sim->log);
	out_close(sim->dump);
	out_close(sim->dispatch);
	lives_free(sim->lives);
	calls_close(&sim->calls);
	faults_free(&sim->faults);
	due_free(sim->wakes);
	free(sim->here);
	free(sim->other);
	(void)pthread_mutex_destroy(&sim->lock);
}

/* Says where it listens: in a file, whole or not at all, and on stdout. */
static void
announce(uint16_t port, const char *port_file)
{
	char *temporary;
	FILE *f;

	if (port_file != NULL) {
		temporary = mem_fmt("%s.tmp", port_file);
		if ((f = fopen(temporary, "w")) == NULL ||
		    fprintf(f, "%u\n", port) < 0 || fclose(f) != 0 ||
		    rename(temporary, port_file) != 0)
			die("%s: %s", port_file, strerror(errno));
		free(temporary);
	}
	(void)printf("listening %u\n", port);
	(void)fflush(stdout);
}

/* Waits for a signal to stop, or for the end of the time. */
static void
wait_end(const sigset_t *stop, unsigned max_seconds)
{
	struct timespec left = { .tv_sec = (time_t)max_seconds };

	while (sigtimedwait(stop, NULL, &left) < 0) {
		if (errno == EAGAIN) {
			(void)fprintf(stderr, "provider-sim: %u seconds are over\n",
			    max_seconds);
			return;
		}
	}
}

/* Serves until the end. */
static void
run(struct sim *sim, const struct config *c, const sigset_t *stop)
{
	struct server_options opt = { (uint16_t)c->port, c->other_host,
	    c->tls_cert, c->tls_key };
	struct server *server = server_bind(sim, &opt);

	sim_open(sim, c);
	server_start(server);
	lives_start(sim->lives);
	announce(server_port(server), c->port_file);
	wait_end(stop, c->max_seconds);
	lives_stop(sim->lives);
	server_stop(server);
	write_truth(sim, c->truth);
	sim_close(sim);
}

int
main(int argc, char **argv)
{
	struct config c = { .max_seconds = DEFAULT_MAX_SECONDS,
	    .step_ms = DEFAULT_STEP_MS, .late_ms = DEFAULT_LATE_MS, .seed = 1,
	    .epoch = DEFAULT_EPOCH };
	struct sim *sim = mem_new(sizeof(*sim));
	sigset_t stop;

	read_options(&c, argc, argv);
	json_object_seed(1);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTERM);
	(void)sigaddset(&stop, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &stop, NULL);
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	(void)pthread_mutex_init(&sim->lock, NULL);
	sim->wakes = due_new();
	run(sim, &c, &stop);
	curl_global_cleanup();
	free(sim);
	free(c.calls.p);
	free(c.make.p);
	free(c.faults.p);
	free(c.fault.p);
	return 0;
}
