/*
 * export: the reports, from one snapshot to CSV files.
 *
 * Each report is one SQL file (sql/report, or a user's in options.reports),
 * one SELECT without parameters; it sees the window and the zone through the
 * view calltally.report_call and the session's TimeZone. All files come from
 * one REPEATABLE READ snapshot (over two connections that share it), each is
 * atomic, manifest.json is last.
 *
 * What the reports with days say is published (run/publication.h), and
 * restatements.csv tells how it differs from what they said before
 * (run/restate.h). It is left out of an export of chosen reports that does
 * not name it and changes nothing.
 */
#ifndef CALLTALLY_RUN_EXPORT_H
#define CALLTALLY_RUN_EXPORT_H

#include <stdint.h>

#include "base/err.h"
#include "base/phones.h"
#include "call/profile.h"
#include "run/progress.h"

struct export_options {
	const char *conninfo;
	const struct profiles *profiles;
	const char *out;		/* folder; made when it is not there */
	const char *from, *to;		/* YYYY-MM-DD inclusive; NULL: open */
	const char *tz;			/* NULL: UTC */
	const char *const *report;	/* names; NULL: all */
	size_t reports;
	const char *reports_folder;	/* of the user's *.sql; NULL: none */
	bool plain;
	enum phones phones;		/* how phone numbers are shown; what is published has them */
	bool xlsx;			/* also a workbook of them */
	uint32_t sheet_rows;		/* that a sheet of it holds; 0: as many as a spreadsheet can */
	bool changed_only;		/* only the days that changed since they were published */
	bool html;			/* also the page (run/export_page.h) */
	struct progress *progress;	/* NULL: nobody asks */
	int64_t comeback_ms;		/* how long the server may be away (run/comeback.h) */
	const char *version;		/* of the program, for the manifest; NULL: not told */
};

struct export_file {
	char name[128];			/* of the file */
	char sha256[65];
	bool is_page;			/* it has no rows */
	uint64_t rows;
	uint64_t bytes;
	char unpublished[80];		/* why a report with days is not published; else "" */
};

/* A sheet of the workbook. */
struct export_sheet {
	char name[128];
	char report[128];
	uint64_t rows;
	unsigned number;		/* of the report's sheets, from 1 */
};

/* What the workbook is; without sheets there is none. */
struct export_workbook {
	struct export_sheet *sheet;	/* owned; export_result_free */
	size_t sheets;
	uint64_t cut_texts;		/* longer than a cell holds */
	uint64_t long_numbers;		/* longer than a spreadsheet's, and there as text */
};

struct export_result {
	struct export_file *file;	/* owned; export_result_free */
	size_t files;
	const char *unpublished;	/* why it may put nothing on record as published; NULL: it may */
	struct export_workbook workbook;
};

/*
 * Writes all files, from a new snapshot where the server went away, or, when it fails, leaves those in the folder as they
 * were; a failure of the disk while the finished files are renamed is the
 * exception, and then manifest.json is the old one. *result is to be freed
 * in any case.
 */
bool export_run(const struct export_options *, struct export_result *, struct err *);
void export_result_free(struct export_result *);

#endif
