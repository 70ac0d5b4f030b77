/*
 * export_report: the reports of an export, each the text of one SQL file.
 *
 * The built-in ones, and the *.sql files of a user's folder; of the same
 * name the user's stands.
 */
#ifndef CALLTALLY_RUN_EXPORT_REPORT_H
#define CALLTALLY_RUN_EXPORT_REPORT_H

#include <stddef.h>

#include "base/err.h"

enum {
	REPORT_NAME_BYTES = 124,	/* with ".csv" behind it, a name of export_file */
	REPORT_ORIGIN_BYTES = 1024,
	REPORT_SQL_MAX_BYTES = 256 * 1024,
};

struct report {
	char name[REPORT_NAME_BYTES];
	char origin[REPORT_ORIGIN_BYTES];	/* for messages: the file */
	char *sql;				/* owned */
	bool is_own;				/* of a user's folder: it may read any table */
};

struct report_set {
	struct report *report;	/* by name, ascending */
	size_t n;
};

/*
 * All reports, or those of the names given (n > 0); folder may be NULL. An
 * unknown name is ERR_USAGE and told with the known ones. On error the set
 * is empty.
 */
bool report_set_load(struct report_set *, const char *folder,
    const char *const *name, size_t n, struct err *);
void report_set_free(struct report_set *);

#endif
