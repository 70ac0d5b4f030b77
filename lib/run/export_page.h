/*
 * export_page: report.html, an export to look at.
 *
 * One file that needs no other and no network: the markup of lib/run/page,
 * its style and scripts, Chart.js, and the data (run/page_data.h). What
 * others wrote is data in a script element that is not run, in which no byte
 * can end that element, and reaches the page as text only. Its policy
 * (Content-Security-Policy) names the hashes of the style and the scripts,
 * and allows nothing else.
 */
#ifndef CALLTALLY_RUN_EXPORT_PAGE_H
#define CALLTALLY_RUN_EXPORT_PAGE_H

#include "io/atomicfile.h"
#include "run/page_data.h"

#define PAGE_FILE "report.html"

/* Writes the page; what page_data.h says of the connection goes here, too. */
bool export_page(struct db *, const struct page *, struct atomicfile *,
    struct err *);

#endif
