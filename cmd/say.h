/*
 * say: text for people.
 *
 * What came from a payload, a file name or a server may hold anything. On
 * its way to a terminal, control characters, escape sequences, marks that
 * change the direction of writing, and bytes that are no UTF-8 are made
 * visible ("\n", "\x1b", "\u202e").
 */
#ifndef CALLTALLY_CMD_SAY_H
#define CALLTALLY_CMD_SAY_H

#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/str.h"

/* Prints s with what could harm made visible. */
void say_text(FILE *, struct str s);

/* The same for a message of our own: line ends become blanks, those at the end go. */
void say_message(FILE *, const char *text);

/* A message of its own on standard error; as the note of a run, whose data it ignores. */
void say_note(void *unused, const char *text);

enum { SAY_COUNT_BYTES = 32 };

/* "1,234,567" */
const char *say_count(int64_t n, char out[SAY_COUNT_BYTES]);

/* "590.2 MB", of 1000 each */
const char *say_bytes(int64_t n, char out[SAY_COUNT_BYTES]);

/* "1 line", "2 lines": the word in its number, with the count before it. */
void say_some(FILE *, int64_t n, const char *one, const char *many);

/* ", 3 unfinished", when there are any. */
void say_also(FILE *, int64_t n, const char *what);

#endif
