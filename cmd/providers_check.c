#include <string.h>

#include "answer.h"
#include "call/decode.h"
#include "call/profile.h"
#include "command.h"
#include "io/lines.h"
#include "say.h"
#include "view.h"

enum { MAX_LINE_BYTES = 4 * 1024 * 1024 };

/* A profile on trial, and the answer as it grows. */
struct trial {
	const char *path;
	bool json;
	enum phones phones;
	int64_t limit;			/* sample lines to be shown */
	size_t findings;
	int64_t lines, rejected;
	struct answer_root a;
	struct answer finding_list, line_list;
	struct profiles *profiles;
	struct decoder *decoder;
	struct decode_warnings warnings;
	struct drift_set drift;		/* of one line */
	struct arena arena;		/* of one line */
};

static void
on_finding(void *data, const char *text)
{
	struct trial *t = data;

	t->findings++;
	if (t->json) {
		answer_text(t->finding_list, NULL, str_of(text));
		return;
	}
	say_text(stdout, str_of(t->path));
	fputs(": ", stdout);
	say_message(stdout, text);
	putchar('\n');
}

static void
say_drift(const struct drift_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		printf("    %-20s%s ", "not known", drift_kind_name[set->v[i].kind]);
		say_text(stdout, set->v[i].name);
		putchar('\n');
	}
}

static void
answer_drift(struct answer a, const struct drift_set *set)
{
	struct answer list = answer_list(a, "not_known");

	for (size_t i = 0; i < set->n; i++) {
		struct answer one = answer_object(list, NULL);

		answer_text(one, "kind", str_of(drift_kind_name[set->v[i].kind]));
		answer_text(one, "name", set->v[i].name);
	}
}

static void
say_event(const struct trial *t, const struct event *e)
{
	printf("line %lld: %s", (long long)t->lines, event_kind_name[e->kind]);
	if (e->type.n > 0) {
		putchar(' ');
		say_text(stdout, e->type);
	}
	printf("\n    %-20s", "call");
	say_text(stdout, e->call_id);
	printf("\n    %-20s", "time");
	say_time(e->time_us);
	putchar('\n');
	if (e->outcome != OUTCOME_NONE) {
		printf("    %-20s", "status");
		say_text(stdout, e->status);
		printf(", %s\n", outcome_name[e->outcome]);
	}
	say_stated(e, t->phones);
}

static void
say_line(const struct trial *t, enum decode_result result,
    const struct decode_out *out)
{
	if (result == DECODED_EVENT) {
		say_event(t, out->event);
		say_drift(&t->drift);
		return;
	}
	printf("line %lld: ", (long long)t->lines);
	if (result == DECODED_IGNORED)
		printf("ignored: %s\n", out->ignored_because);
	else {
		printf("rejected: %s: ", reject_name[out->reason]);
		say_message(stdout, out->message);
		putchar('\n');
	}
}

static void
answer_line(const struct trial *t, enum decode_result result,
    const struct decode_out *out)
{
	struct answer a = answer_object(t->line_list, NULL);

	answer_int(a, "line", t->lines);
	if (result == DECODED_EVENT) {
		answer_text(a, "call_id", out->event->call_id);
		answer_event(a, out->event, t->phones);
		answer_drift(a, &t->drift);
	} else if (result == DECODED_IGNORED) {
		answer_text(a, "ignored", str_of(out->ignored_because));
	} else {
		answer_text(a, "rejected", str_of(reject_name[out->reason]));
		answer_text(a, "message", str_of(out->message));
	}
}

static bool
try_line(struct trial *t, struct str line, struct err *err)
{
	struct decode_out out;
	enum decode_result result;

	arena_reset(&t->arena);
	t->drift = (struct drift_set){ .arena = &t->arena, .line = 1 };
	decoder_watch(t->decoder, &t->drift);
	result = decode_line(t->decoder, line, &t->arena, &t->warnings, &out);
	if (result == DECODED_NO_MEMORY)
		return err_nomem(err);
	t->lines++;
	t->rejected += result == DECODED_REJECT;
	if (t->json)
		answer_line(t, result, &out);
	else
		say_line(t, result, &out);
	return true;
}

/* The first line of s, without its end; *bytes with it. */
static struct str
first_line(struct str s, size_t *bytes)
{
	const char *end = memchr(s.p, '\n', s.n);
	struct str line = { s.p, end != NULL ? (size_t)(end - s.p) : s.n };

	*bytes = line.n + (end != NULL);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static bool
try_block(struct trial *t, const struct block *b, struct err *err)
{
	struct str rest = { b->p, b->n };
	size_t n;

	if (b->long_bytes > 0)
		return err_fail(err, "line %lld is longer than %d bytes",
		    (long long)b->first_line, MAX_LINE_BYTES);
	for (; rest.n > 0 && t->lines < t->limit; rest = str_from(rest, n))
		if (!try_line(t, first_line(rest, &n), err))
			return false;
	return true;
}

static bool
try_lines(struct trial *t, struct lines *lines, struct err *err)
{
	struct block block = { 0 };
	bool end = false, ok = true;

	while (ok && !end && t->lines < t->limit) {
		ok = lines_next(lines, &block, &end, err);
		if (ok && !end)
			ok = try_block(t, &block, err);
	}
	block_free(&block);
	return ok;
}

static bool
try_sample(struct trial *t, const char *path, struct err *err)
{
	struct gzin *in = gzin_open(path, err);
	struct lines *lines;
	bool ok;

	if (in == NULL)
		return false;
	if ((lines = lines_open(in, MAX_LINE_BYTES)) == NULL) {
		gzin_close(in);
		return err_nomem(err);
	}
	ok = try_lines(t, lines, err) || err_add(err, "%s", path);
	lines_close(lines);
	gzin_close(in);
	return ok;
}

/* Tries a profile without findings on a sample. */
static bool
try_profile(struct trial *t, const char *sample, struct err *err)
{
	bool ok;

	if ((t->profiles = profiles_load_file(t->path, err)) == NULL)
		return false;
	if ((t->decoder = decoder_open(t->profiles)) == NULL)
		return err_nomem(err);
	t->line_list = answer_list(t->a.top, "lines");
	ok = try_sample(t, sample, err);
	if (ok && t->json)
		answer_warnings(t->a.top, &t->warnings);
	else if (ok)
		say_warnings(&t->warnings);
	return ok;
}

static bool
check(struct trial *t, const char *sample, struct err *err)
{
	answer_open(&t->a);
	answer_text(t->a.top, "file", str_of(t->path));
	t->finding_list = answer_list(t->a.top, "findings");
	if (!profile_check(t->path, on_finding, t, err) && err->kind != ERR_NONE)
		return false;
	if (t->findings == 0 && !t->json && sample == NULL) {
		say_text(stdout, str_of(t->path));
		puts(": nothing wrong");
	}
	if (t->findings == 0 && sample != NULL && !try_profile(t, sample, err))
		return false;
	return !t->json || answer_print(&t->a, err);
}

static int
run(const struct request *r, struct err *err)
{
	struct trial t = {
		.path = r->arg[0],
		.json = r->opt.json != 0,
		.phones = opt_phones(&r->opt, PHONES_FULL),
		.limit = r->opt.limit,
	};

	arena_init(&t.arena, 0);
	(void)check(&t, r->args > 1 ? r->arg[1] : NULL, err);
	answer_free(&t.a);
	decoder_close(t.decoder);
	profiles_free(t.profiles);
	arena_close(&t.arena);
	if (t.findings > 0)
		return STATUS_FAILED;
	return t.rejected > 0 ? STATUS_PARTLY : STATUS_DONE;
}

static const struct opt opts[] = {
	{ "limit", "N", "how many lines of the sample to read",
	    OPT_AT(limit), .type = OPT_NUMBER, .min = 1, .max = 1000000,
	    .preset = OPT_LIMIT },
	OPT_PHONES("\n(default: full)"),
	OPT_JSON, OPT_END
};

const struct command command_providers_check = {
	.name = "providers check",
	.args = "FILE [SAMPLE]",
	.summary = "tell what is wrong with a profile",
	.text =
	    "Reads a profile and tells all that is wrong with it; then the exit status is 1.\n"
	    "With a sample, a file of lines as they would be ingested (\"-\": standard input),\n"
	    "tells what this profile, and no other, takes from each line, phone numbers too;\n"
	    "the exit status is 3 when it would reject one.",
	.example = "providers check profiles/acme.json sample.jsonl",
	.min_args = 1,
	.max_args = 2,
	.opts = opts,
	.run = run,
};
