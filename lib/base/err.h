/*
 * err: why a run failed.
 *
 * A fallible function returns bool, true = done, and fills the caller's
 * struct err when it returns false. The first error wins: a second err_set
 * on the same struct changes nothing. Callers add context in front with
 * err_add. Only cmd/ prints it, once. A bad record is not an err (it is a
 * reject), and a bug is an abort.
 */
#ifndef CALLTALLY_BASE_ERR_H
#define CALLTALLY_BASE_ERR_H

#include <stdbool.h>

enum err_kind {
	ERR_NONE = 0,
	ERR_FAILED,	/* exit 1 */
	ERR_USAGE,	/* exit 2: what was asked for cannot be meant */
	ERR_AGAIN,	/* exit 75: may work later (lock, database, API) */
	ERR_LOST,	/* exit 75: the database's server is gone, or not there */
	ERR_SIGNAL,	/* exit 128+n: asked to stop; see signal_no */
};

enum { ERR_TEXT_MAX = 2048 };

struct err {
	enum err_kind kind;
	int signal_no;
	char text[ERR_TEXT_MAX];
};

#define ERR_INIT { .kind = ERR_NONE }

/* Records a failure of the given kind unless one is recorded; returns false. */
bool err_set(struct err *, enum err_kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* err_set with ERR_FAILED. */
bool err_fail(struct err *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* err_fail with ": " and the text of errno_value behind the message. */
bool err_sys(struct err *, int errno_value, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " in front of a recorded error; returns false. */
bool err_add(struct err *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The failure that memory could not be had; returns false. */
bool err_nomem(struct err *);

#endif
