/*
 * style: emphasis for people at a terminal.
 *
 * A file has colours when it is a terminal that shows them: TERM is set and
 * not "dumb", and NO_COLOR is not set (no-color.org). Anywhere else the
 * marks are empty texts, so that what is printed is the same but for them.
 */
#ifndef CALLTALLY_CMD_STYLE_H
#define CALLTALLY_CMD_STYLE_H

#include <stdbool.h>
#include <stdio.h>

enum style { STYLE_PLAIN, STYLE_HEADING, STYLE_GOOD, STYLE_CAUTION, STYLE_BAD };

/* What begins a style, or with STYLE_PLAIN ends any; "" where there is none. */
const char *style_mark(FILE *, enum style);

/* True when TERM names a terminal that can move its cursor. */
bool style_terminal(void);

#endif
