#include "run/outlet.h"

static void
take_cell(struct csvout_hook *hook, struct csvcell *cell)
{
	struct outlet *o = (struct outlet *)hook;

	if (o->sheet != NULL)
		sheet_cell(o->sheet, cell);
	if (o->page != NULL)
		page_restated_cell(o->page, cell);
}

static void
take_end(struct csvout_hook *hook)
{
	struct outlet *o = (struct outlet *)hook;

	if (o->sheet != NULL)
		sheet_end_row(o->sheet);
	if (o->page != NULL)
		page_restated_end(o->page);
}

void
outlet_set(struct outlet *o, struct csvout *out)
{
	if (o == NULL || (o->sheet == NULL && o->page == NULL))
		return;
	o->hook = (struct csvout_hook){ take_cell, take_end };
	out->hook = &o->hook;
}
