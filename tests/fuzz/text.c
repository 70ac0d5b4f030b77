/*
 * JSON, times, numbers, secrets.
 */
#include "fuzz.h"

#include <math.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/num.h"
#include "io/doc.h"
#include "io/retry.h"
#include "run/redact.h"
#include "same_json.h"

static void
must_be_explained(struct str text, enum doc_status status)
{
	char words[256];
	long position;

	doc_explain(text.p, text.n, status, words, sizeof(words), &position);
	MUST(words[0] != '\0' && position <= (long)text.n);
	for (const char *c = words; *c != '\0'; c++)
		MUST(*c >= ' ' && *c <= '~');
}

/* Surrogates that are mended once need no mending, and are what was wrong. */
static void
must_mend(struct doc *d, struct str text, enum doc_status status)
{
	struct buf once = BUF_INIT(0), twice = BUF_INIT(0);
	struct node root;

	if (doc_mend_surrogates(&once, text.p, text.n) == 0)
		MUST(str_eq(buf_str(&once), text));
	MUST(doc_mend_surrogates(&twice, once.p, once.n) == 0);
	if (status == DOC_OK)
		MUST(doc_parse(d, once.p, once.n, &root) == DOC_OK);
	buf_free(&once);
	buf_free(&twice);
}

void
fuzz_json(struct str input)
{
	static struct doc *doc;
	struct buf canonical = BUF_INIT(0), scratch = BUF_INIT(0);
	char why[256] = "", *p = padded_copy(input);
	struct str text = { p, input.n };
	enum doc_status status;
	struct node root;

	if (doc == NULL)
		MUST((doc = doc_open()) != NULL);
	if (same_json(text, why, sizeof(why)) == NOT_SAME) {
		(void)fprintf(stderr, "%s\n", why);
		abort();
	}
	status = doc_parse(doc, text.p, text.n, &root);
	if (status == DOC_OK) {
		MUST(node_canonical(root, false, &canonical));
		(void)node_hash(root, NULL, 0, &scratch);
		if (root.type >= NODE_ARRAY)
			must_be_canonical(buf_str(&canonical), canonical.p[0]);
	} else {
		must_be_explained(text, status);
	}
	must_mend(doc, text, status);
	buf_free(&canonical);
	buf_free(&scratch);
	free(p);
}

void
fuzz_times(struct str input)
{
	int64_t us, again, wait_ms;
	char text[TIME_TEXT_BYTES];

	if (time_parse(input, &us)) {
		MUST(us >= TIME_MIN && us <= TIME_MAX);
		time_text(us, text);
		MUST(time_parse(str_of(text), &again) && again == us);
		MUST(time_utc_day(us) >= 1 && time_utc_day(us) <= TIME_UTC_DAYS);
	}
	if (http_date(input, TIME_MIN, &us))
		MUST(us >= TIME_MIN && us <= TIME_MAX);
	if (retry_after(input, TIME_MIN, &wait_ms))
		MUST(wait_ms >= 0 && wait_ms <= RETRY_AFTER_MAX_MS);
}

/* As the C library reads it, where that is no matter of rounding. */
static void
must_be_near(struct str input, int64_t scaled, unsigned places)
{
	char text[400];
	double want, is = (double)scaled / pow(10, places);

	if (input.n >= sizeof(text))
		return;
	memcpy(text, input.p, input.n);
	text[input.n] = '\0';
	want = strtod(text, NULL);
	MUST(fabs(want - is) <= 0.5 / pow(10, places) + fabs(want) * 1e-9);
}

void
fuzz_numbers(struct str input)
{
	char text[NUM_TEXT_BYTES];
	int64_t n, again;
	double d;

	if (num_int(input, &n))
		MUST(num_scaled(input, 0, &again) && again == n);
	for (unsigned places = 0; places <= 18; places += 3) {
		if (!num_scaled(input, places, &n))
			continue;
		must_be_near(input, n, places);
		num_scaled_text(n, places, text);
		MUST(num_scaled(str_of(text), places, &again) && again == n);
	}
	if (input.n != sizeof(d))
		return;
	memcpy(&d, input.p, sizeof(d));
	if (!isfinite(d))
		return;
	num_double_text(d, text);
	MUST(strtod(text, NULL) == d);
	if (num_scale_double(d, 6, &n))
		MUST(num_scaled(str_of(text), 6, &again) && again == n);
	if (time_from_epoch(d, &n))
		MUST(n >= TIME_MIN && n <= TIME_MAX);
}

/* The first byte tells how long the secret is; it stands at the start. */
void
fuzz_redact(struct str input)
{
	struct buf clean = BUF_INIT(0);
	struct redactor r;
	struct str secret, text;

	if (input.n == 0)
		return;
	secret = str_from(input, 1);
	if (secret.n > (size_t)(input.p[0] & 15) + 1)
		secret.n = (size_t)(input.p[0] & 15) + 1;
	text = str_from(input, 1 + secret.n);
	redactor_init(&r);
	if (redactor_add(&r, secret)) {
		MUST(redact(&r, &clean, text));
		if (!redactor_finds(&r, text))
			MUST(str_eq(buf_str(&clean), text));
	}
	redactor_free(&r);
	buf_free(&clean);
}
