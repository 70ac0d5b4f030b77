#include "generated.h"

#include <stdlib.h>

#include "gen/delivery.h"
#include "gen/wrap.h"

enum { DAYS = 3, FORM_WITHOUT_RECEIPT = 10 };

static void
give_piles(struct plan *p, struct piles *piles,
    void (*put)(void *data, const char *line, size_t n), void *data)
{
	struct text line = { 0 };

	for (size_t i = 0; i < piles->n; i++) {
		pile_sort(&piles->pile[i]);
		for (size_t k = 0; k < piles->pile[i].n; k++) {
			line.n = 0;
			delivery_write(p, &piles->pile[i].v[k], &line);
			put(data, line.p, line.n);
		}
	}
	text_free(&line);
	piles_close(piles);
}

void
generated_lines(uint64_t seed, unsigned calls,
    void (*put)(void *data, const char *line, size_t n), void *data)
{
	struct plan p = {
		.world = { .seed = seed, .days = DAYS, .late_permille = 200,
		    .weight = { 1, 1, 1 } },
		.spoil = { .garbage = 50, .repeat = 150, .respace = 100,
		    .envelope = 300 },
		.calls = calls,
	};
	static struct call c;

	(void)when_parse_day("2026-03-06", &p.world.start_us);
	piles_open(&p.webhooks, DAYS, p.world.start_us, DAYS);
	piles_open(&p.dispatches, DAYS, p.world.start_us, DAYS);
	for (uint64_t i = 0; i < calls; i++) {
		call_plan(&c, &p.world, i);
		deliver_call(&p, &c);
	}
	give_piles(&p, &p.webhooks, put, data);
	give_piles(&p, &p.dispatches, put, data);
}

void
generated_copy(struct rng *r, int kind, const char *line, size_t n,
    void (*put)(void *data, const char *line, size_t n), void *data)
{
	struct text message = { 0 }, spaced = { 0 }, out = { 0 };

	text_put(&message, line, n);
	wrap_respace(&spaced, &message, r);
	wrap_write(&out, kind == 1 ? FORM_WITHOUT_RECEIPT : 0, 0, &spaced);
	put(data, out.p, out.n);
	text_free(&message);
	text_free(&spaced);
	text_free(&out);
}
