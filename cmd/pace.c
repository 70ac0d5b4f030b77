#include "pace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "say.h"

enum {
	TEXT_BYTES = 64,
	BAR_MOST = 24, BAR_LEAST = 10,	/* columns, with its brackets */
	SMOOTH_S = 3,		/* a change of the rate shows by half after about so long */
	ETA_AFTER_US = 1000000,	/* before, a guess is worth nothing */
};

static void
begin(struct pace *p, unsigned stages, int64_t now_us)
{
	*p = (struct pace){ .stages = stages, .begun_us = now_us,
	    .at_us = now_us };
}

/* A rate that follows the newest one slowly; in the first seconds the mean. */
static double
smoothed(double rate, double newest, double mean, double elapsed_s, double s)
{
	return elapsed_s <= SMOOTH_S ? mean :
	    rate + (newest - rate) * s / (s + SMOOTH_S);
}

static void
take_rates(struct pace *p, uint64_t counted, uint64_t done, int64_t now_us)
{
	double s = (double)(now_us - p->at_us) / 1e6;
	double elapsed_s = (double)(now_us - p->begun_us) / 1e6;

	if (s > 0) {
		p->rate = smoothed(p->rate,
		    (double)(counted - p->counted) / s,
		    (double)counted / elapsed_s, elapsed_s, s);
		p->done_rate = smoothed(p->done_rate,
		    (double)(done - p->done) / s, (double)done / elapsed_s,
		    elapsed_s, s);
		p->at_us = now_us;
		p->counted = counted;
	}
	p->done = done;
}

void
pace_look(struct pace *p, const struct progress *from, int64_t now_us)
{
	unsigned stages = atomic_load(&from->stages);
	uint64_t done, lines = atomic_load(&from->lines);

	if (stages != p->stages)
		begin(p, stages, now_us);
	p->stage = atomic_load(&from->stage);
	p->steps_of = atomic_load(&from->steps_of);
	p->requests = atomic_load(&from->requests);
	p->files_done = atomic_load(&from->files_done);
	p->files_total = atomic_load(&from->files_total);
	p->count = lines > 0 ? lines : atomic_load(&from->rows);
	if (p->steps_of != NULL) {
		done = atomic_load(&from->steps_done);
		p->total = atomic_load(&from->steps_total);
	} else {
		done = atomic_load(&from->raw_bytes_done);
		p->total = atomic_load(&from->raw_bytes_total);
	}
	/* A stage that begins meanwhile, or a file that has shrunk. */
	if (done < p->done || p->count < p->counted)
		begin(p, stages, now_us);
	else
		take_rates(p, p->steps_of == NULL || p->count > 0 ? p->count :
		    done, done, now_us);
}

/* The parts of a line, in their order. */
enum piece { STAGE, BAR, PERCENT, AMOUNT, COUNT, RATE, ETA, PIECES };

struct line {
	char text[PIECES][TEXT_BYTES];
};

__attribute__((format(printf, 3, 4))) static void
put(struct line *l, enum piece piece, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(l->text[piece], TEXT_BYTES, fmt, ap);
	va_end(ap);
}

static uint64_t
done_of(const struct pace *p)
{
	return p->done < p->total ? p->done : p->total;
}

static void
put_amount(struct line *l, const struct pace *p)
{
	char a[SAY_COUNT_BYTES], b[SAY_COUNT_BYTES];

	if (p->total > 0)
		put(l, PERCENT, "%3d%%", (int)(100.0 * (double)done_of(p) /
		    (double)p->total));
	if (p->steps_of != NULL && p->total > 0)
		put(l, AMOUNT, "%s/%s %s", say_count((int64_t)done_of(p), a),
		    say_count((int64_t)p->total, b), p->steps_of);
	else if (p->steps_of != NULL)
		put(l, AMOUNT, "%s %s", say_count((int64_t)p->done, a),
		    p->steps_of);
	else if (p->total > 0)
		put(l, AMOUNT, "%.1f/%.1f MB", (double)done_of(p) / 1e6,
		    (double)p->total / 1e6);
	else
		put(l, AMOUNT, "%.1f MB", (double)p->done / 1e6);
}

static void
put_rate(struct line *l, const struct pace *p)
{
	const char *what = p->steps_of == NULL ? "lines" : p->count > 0 ?
	    "rows" : p->steps_of;
	char a[SAY_COUNT_BYTES];

	if (p->steps_of == NULL || p->count > 0)
		put(l, COUNT, "%s %s", say_count((int64_t)p->count, a), what);
	else if (p->requests > 0)
		put(l, COUNT, "%s requests", say_count((int64_t)p->requests, a));
	put(l, RATE, "%s %s/s", say_count((int64_t)(p->rate + 0.5), a), what);
}

/* Steps that write rows (reports) are too unlike each other for a guess. */
static void
put_eta(struct line *l, const struct pace *p)
{
	bool alike = p->steps_of == NULL || p->count == 0;
	double s;

	if (p->total > 0 && p->done >= p->total)
		put(l, ETA, "finishing");
	if (!alike || p->done >= p->total || p->done == 0 ||
	    p->done_rate <= 0 || p->at_us - p->begun_us < ETA_AFTER_US)
		return;
	s = (double)(p->total - done_of(p)) / p->done_rate;
	if (s < 100)
		put(l, ETA, "%d s left", (int)(s + 0.5));
	else if (s < 6000)
		put(l, ETA, "%d min left", (int)(s / 60 + 0.5));
	else if (s < 360000)
		put(l, ETA, "%d h %02d min left", (int)(s / 3600),
		    (int)(s / 60) % 60);
}

static size_t
width(const struct line *l)
{
	size_t n = 0;

	for (int i = 0; i < PIECES; i++)
		if (l->text[i][0] != '\0')
			n += strlen(l->text[i]) + (n > 0 ? 2 : 0);
	return n;
}

/* Leaves out what is less important until the line fits. */
static void
fit(struct line *l, size_t columns)
{
	static const enum piece order[] = { COUNT, RATE, AMOUNT, ETA, STAGE,
	    PERCENT };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) &&
	    width(l) > columns; i++)
		l->text[order[i]][0] = '\0';
}

static void
put_bar(struct line *l, const struct pace *p, size_t columns)
{
	size_t used = width(l) + 2, room, filled;
	char *bar = l->text[BAR];

	if (p->total == 0 || used + BAR_LEAST > columns)
		return;
	room = columns - used < BAR_MOST ? columns - used : BAR_MOST;
	filled = (size_t)((double)(room - 2) * (double)done_of(p) /
	    (double)p->total);
	bar[0] = '[';
	memset(bar + 1, '.', room - 2);
	memset(bar + 1, '#', filled);
	bar[room - 1] = ']';
	bar[room] = '\0';
}

void
pace_line(const struct pace *p, size_t columns, bool bar,
    char out[PACE_LINE_BYTES])
{
	struct line l = { { "" } };
	size_t n = 0;

	out[0] = '\0';
	if (p->stage == NULL)
		return;
	put(&l, STAGE, "%s", p->stage);
	put_amount(&l, p);
	put_rate(&l, p);
	put_eta(&l, p);
	if (columns > PACE_LINE_BYTES - 1)
		columns = PACE_LINE_BYTES - 1;
	fit(&l, columns);
	if (bar)
		put_bar(&l, p, columns);
	for (int i = 0; i < PIECES; i++)
		if (l.text[i][0] != '\0')
			n += (size_t)snprintf(out + n, PACE_LINE_BYTES - n,
			    "%s%s", n > 0 ? "  " : "", l.text[i]);
}
