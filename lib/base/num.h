/*
 * num: numbers as text, without floating point where money or time is meant.
 *
 * "Scaled" is an integer that counts 10^-places units: micro-credits with
 * places 6, milliseconds of a second with places 3. Rounding is half away
 * from zero, on the decimal digits as they were written.
 */
#ifndef CALLTALLY_BASE_NUM_H
#define CALLTALLY_BASE_NUM_H

#include <stdint.h>

#include "base/str.h"

enum { NUM_TEXT_BYTES = 40 };

/* A whole number in decimal with an optional sign; false on anything else or overflow. */
bool num_int(struct str s, int64_t *out);

/*
 * A decimal number ("12", "-0.5", "1e3", "+2.50", ".5"), scaled. False when s
 * is not one (blank, hex, "inf", "nan", a unit behind it) or does not fit.
 * places: at most 18, here and below.
 */
bool num_scaled(struct str s, unsigned places, int64_t *out);

/* The shortest decimal that reads back as value, scaled; false when it does not fit. */
bool num_scale_double(double value, unsigned places, int64_t *out);

/*
 * The shortest text that reads back as value, in the form "1.5", "100.0",
 * "1e+22", "1.5e-07" (fixed for exponents -4..15). value must be finite.
 */
void num_double_text(double value, char out[NUM_TEXT_BYTES]);

/* A scaled integer without trailing zeros: 1500000 with places 6 is "1.5". */
void num_scaled_text(int64_t scaled, unsigned places, char out[NUM_TEXT_BYTES]);

#endif
