/*
 * parts: what the command run shares with ingest and export.
 */
#ifndef CALLTALLY_CMD_PARTS_H
#define CALLTALLY_CMD_PARTS_H

#include "answer.h"
#include "command.h"
#include "run/export.h"
#include "run/ingest.h"
#include "run/export_xlsx.h"
#include "session.h"

/* Everything that the options and arguments say, but for progress and notes. */
struct ingest_options part_ingest_options(const struct request *,
    const struct session *);
int part_ingest_status(const struct ingest_result *);
void part_ingest_answer(struct answer, const struct ingest_result *);
void part_ingest_say(const struct ingest_result *);

/* False (ERR_USAGE) when the window ends before it begins. */
bool part_export_check(const struct request *, struct err *);
struct export_options part_export_options(const struct request *,
    const struct session *);
void part_export_answer(struct answer, const struct export_options *,
    const struct export_result *);
void part_export_say(const struct export_options *,
    const struct export_result *);

/* The options of export, for both tables; whether --out must be given. */
#define OPTS_EXPORT(must) \
	{ "out", "DIR", "where to write the files; made when it is not there", \
	    OPT_AT(out), .type = OPT_TEXT, .required = (must) }, \
	{ "from", "DAY", "first day, as YYYY-MM-DD (default: open)", \
	    OPT_AT(from), .type = OPT_DAY }, \
	{ "to", "DAY", "last day, inclusive (default: open)", \
	    OPT_AT(to), .type = OPT_DAY }, \
	{ "tz", "AREA/CITY", "time zone of days and times (default: UTC)", \
	    OPT_AT(tz), .type = OPT_TEXT }, \
	{ "report", "NAME,...", "only these reports; may come many times", \
	    OPT_AT(report), .type = OPT_LIST }, \
	{ "reports", "DIR", "own reports: *.sql files that add to or replace\nthe built-in ones", \
	    OPT_AT(reports_folder), .type = OPT_TEXT }, \
	{ "plain", NULL, "for programs: no BOM, LF, no guard against formulas", \
	    OPT_AT(plain), .type = OPT_FLAG, .set = 1 }, \
	OPT_PHONES("\n(default: full)"), \
	{ "xlsx", NULL, "also write " WORKBOOK_NAME ", with a sheet a report", \
	    OPT_AT(xlsx), .type = OPT_FLAG, .set = 1 }, \
	{ "sheet-rows", "N", "rows of a sheet; a longer report goes on in\nthe next", \
	    OPT_AT(sheet_rows), .type = OPT_NUMBER, .min = SHEET_MIN_ROWS, \
	    .max = SHEET_MAX_ROWS, .preset = SHEET_MAX_ROWS }, \
	{ "html", NULL, "also report.html, a page to look at", \
	    OPT_AT(html), .type = OPT_FLAG, .set = 1 }

/* The options of ingest, for both tables. */
#define OPTS_INGEST \
	OPT_TRANSCRIPTS, \
	{ "max-line", "SIZE", "a longer line is a reject (default: 4M)", \
	    OPT_AT(max_line_bytes), .type = OPT_BYTES, .min = 1024, .max = 1 << 26 }, \
	{ "memory", "SIZE", "what the program may hold (default: 128M)", \
	    OPT_AT(memory_bytes), .type = OPT_BYTES, .min = 16 << 20, \
	    .max = INT64_C(1) << 40 }, \
	{ "jobs", "N", "threads that decode (default: by the machine's cores)", \
	    OPT_AT(jobs), .type = OPT_NUMBER, .min = 1, .max = INGEST_JOBS_MAX }

#endif
