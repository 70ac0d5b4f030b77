/*
 * phones: phone numbers in text, hidden as far as one wishes.
 *
 * Masked, a number keeps its country code, where it has a "+", and its last
 * two digits: "+91********10". With none, nothing of it is left. In free text
 * every run of 7 digits or more counts as a number, whatever it is: blanks,
 * dots, dashes, slashes and brackets between the digits do not end it. A day
 * (2026-03-01) is none. In text that begins like JSON a number that is
 * hidden becomes a string, so that it stays JSON.
 */
#ifndef CALLTALLY_BASE_PHONES_H
#define CALLTALLY_BASE_PHONES_H

#include "base/buf.h"

enum phones { PHONES_FULL, PHONES_MASKED, PHONES_NONE };

/* "full|masked|none", in the order of the values. */
extern const char phones_words[];
extern const char *const phones_name[];	/* the words one by one */
/* The value of such a word; PHONES_FULL of any other. */
enum phones phones_of(const char *word);

/* Appends free text. */
void phones_put_text(struct buf *out, struct str s, enum phones);
/* Appends what is known to be a phone number, however short; with none nothing. */
void phones_put_number(struct buf *out, struct str s, enum phones);

#endif
