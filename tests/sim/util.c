#include "util.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void
die(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("provider-sim: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	exit(1);
}

void *
mem_new(size_t bytes)
{
	void *p = calloc(1, bytes > 0 ? bytes : 1);

	if (p == NULL)
		abort();
	return p;
}

void *
mem_grow(void *p, size_t n, size_t size)
{
	void *q = reallocarray(p, n, size);

	if (q == NULL)
		abort();
	return q;
}

char *
mem_text(const char *s)
{
	char *p;

	if (s == NULL)
		return NULL;
	if ((p = strdup(s)) == NULL)
		abort();
	return p;
}

char *
mem_fmt(const char *fmt, ...)
{
	char *p;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&p, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	return p;
}

char *
mem_replace(const char *text, const char *what, const char *with)
{
	struct text out = { 0 };
	const char *hit;

	text_puts(&out, "");
	while ((hit = strstr(text, what)) != NULL) {
		text_put(&out, text, (size_t)(hit - text));
		text_puts(&out, with);
		text = hit + strlen(what);
	}
	text_puts(&out, text);
	return out.p;
}

char *
file_read(const char *path)
{
	struct text all = { 0 };
	char part[65536];
	FILE *f = fopen(path, "r");
	size_t n;

	if (f == NULL)
		die("%s: %s", path, strerror(errno));
	text_puts(&all, "");
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		text_put(&all, part, n);
	if (ferror(f))
		die("%s: %s", path, strerror(errno));
	(void)fclose(f);
	return all.p;
}

void
text_put(struct text *t, const void *p, size_t n)
{
	if (t->cap - t->n <= n) {
		t->cap = (t->n + n + 1) * 2;
		t->p = mem_grow(t->p, t->cap, 1);
	}
	memcpy(t->p + t->n, p, n);
	t->n += n;
	t->p[t->n] = '\0';
}

void
text_puts(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

/* One of the system's clocks in microseconds. */
static int64_t
clock_us(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * SECOND_US + ts.tv_nsec / 1000;
}

int64_t
mono_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

int64_t
wall_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

const char *
time_text(char buf[TIME_TEXT_MAX], int64_t us, bool micros)
{
	time_t s = (time_t)(us / SECOND_US);
	struct tm tm;
	size_t n;

	(void)gmtime_r(&s, &tm);
	n = strftime(buf, TIME_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	if (micros)
		(void)snprintf(buf + n, TIME_TEXT_MAX - n, ".%06dZ",
		    (int)(us % SECOND_US));
	else
		(void)snprintf(buf + n, TIME_TEXT_MAX - n, "Z");
	return buf;
}

const char *
time_http(char buf[TIME_TEXT_MAX], int64_t us)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu",
	    "Fri", "Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t s = (time_t)(us / SECOND_US);
	struct tm tm;

	(void)gmtime_r(&s, &tm);
	(void)snprintf(buf, TIME_TEXT_MAX,
	    "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday],
	    tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	return buf;
}

/* Reads epoch seconds, or milliseconds from 1e11 on. */
static bool
epoch_read(const char *s, int64_t *us)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno != 0 || end == s || *end != '\0' || v < 0 ||
	    v > INT64_C(10000000000000))
		return false;
	*us = v >= INT64_C(100000000000) ? v * 1000 : v * SECOND_US;
	return true;
}

/* Reads ".123456" at *s and steps over it; 0 where there is none. */
static int64_t
fraction_read(const char **s)
{
	int64_t us = 0, unit = SECOND_US / 10;

	if (**s != '.')
		return 0;
	for ((*s)++; **s >= '0' && **s <= '9'; (*s)++, unit /= 10)
		us += (**s - '0') * unit;
	return us;
}

/* Reads "Z", "+05:30", "-0800" or nothing up to the end of the text. */
static bool
offset_read(const char *s, int64_t *us)
{
	int h, m, used = 0;

	*us = 0;
	if (*s == '\0' || strcmp(s, "Z") == 0)
		return true;
	if (*s != '+' && *s != '-')
		return false;
	if (sscanf(s + 1, "%2d:%2d%n", &h, &m, &used) != 2 &&
	    sscanf(s + 1, "%2d%2d%n", &h, &m, &used) != 2)
		return false;
	*us = (h * 60 + m) * 60 * SECOND_US * (*s == '-' ? -1 : 1);
	return s[1 + used] == '\0';
}

bool
time_read(const char *s, int64_t *us)
{
	struct tm tm = { 0 };
	int64_t fraction, offset;
	int used = 0;

	if (strchr(s, '-') == NULL)
		return epoch_read(s, us);
	if (sscanf(s, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
	    &used) != 3)
		return false;
	s += used;
	used = 0;
	if ((*s == 'T' || *s == ' ') && sscanf(s + 1, "%2d:%2d:%2d%n",
	    &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) == 3)
		s += 1 + used;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	fraction = fraction_read(&s);
	if (!offset_read(s, &offset))
		return false;
	*us = (int64_t)timegm(&tm) * SECOND_US + fraction - offset;
	return true;
}

/* Spreads every bit of x over all the others (splitmix64's finisher). */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t
hash_bytes(const void *p, size_t n)
{
	const unsigned char *b = p;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * UINT64_C(0x100000001b3);
	return mix(h);
}

uint64_t
rng_start(uint64_t seed, uint64_t number)
{
	uint64_t parts[2] = { seed, number };

	return hash_bytes(parts, sizeof(parts));
}

uint64_t
rng_next(uint64_t *state)
{
	*state += UINT64_C(0x9e3779b97f4a7c15);
	return mix(*state);
}

bool
coin(uint64_t key, unsigned percent)
{
	return mix(key + UINT64_C(0x9e3779b97f4a7c15)) % 100 < percent;
}

/* The slot where key is or would be. */
static struct map_slot *
map_slot(const struct map *m, const char *key)
{
	size_t i = hash_bytes(key, strlen(key)) & (m->cap - 1);

	while (m->slots[i].key != NULL && strcmp(m->slots[i].key, key) != 0)
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

/* Doubles the table. */
static void
map_widen(struct map *m)
{
	struct map old = *m;

	m->cap = old.cap > 0 ? old.cap * 2 : 64;
	m->slots = mem_new(m->cap * sizeof(*m->slots));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].key != NULL)
			*map_slot(m, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

void *
map_get(const struct map *m, const char *key)
{
	return m->cap > 0 ? map_slot(m, key)->value : NULL;
}

void
map_put(struct map *m, const char *key, void *value)
{
	struct map_slot *slot;

	if ((m->n + 1) * 2 > m->cap)
		map_widen(m);
	slot = map_slot(m, key);
	if (slot->key == NULL)
		m->n++;
	*slot = (struct map_slot){ key, value };
}

void
map_free(struct map *m)
{
	free(m->slots);
	*m = (struct map){ 0 };
}
