/*
 * view: events, what decided a call, and warnings, for people and programs.
 */
#ifndef CALLTALLY_CMD_VIEW_H
#define CALLTALLY_CMD_VIEW_H

#include "answer.h"
#include "base/phones.h"
#include "call/decode.h"
#include "call/event.h"

/* The value of a field as people read it. */
void say_value(enum field, const union value *, enum phones);

/* "2026-03-01 09:30:00" or "-" */
void say_time(int64_t us);

/* What an event states, a line a field, indented. */
void say_stated(const struct event *, enum phones);

void answer_value(struct answer, enum field, const union value *, enum phones);
/* Time, kind, type, status, outcome and "states" of an event. */
void answer_event(struct answer, const struct event *, enum phones);

/* Warnings that are not zero, a line each, or as the member "warnings". */
void say_warnings(const struct decode_warnings *);
void answer_warnings(struct answer, const struct decode_warnings *);

#endif
