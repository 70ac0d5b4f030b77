/*
 * truth: what the dumps mean, as files to compare with.
 */
#ifndef GEN_TRUTH_H
#define GEN_TRUTH_H

#include <stdio.h>

#include "delivery.h"

/* The header of calls.csv, and a row; the deliveries must be planned. */
void truth_header(FILE *);
void truth_row(FILE *, const struct call *);

/* counts.json */
void truth_counts(FILE *, const struct counts *);

/* The two lists of display names. */
void truth_assistants(FILE *);
void truth_campaigns(FILE *);

#endif
