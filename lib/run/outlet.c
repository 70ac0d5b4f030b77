#include "run/outlet.h"

static void
take_cell(struct csvout_hook *hook, struct csvcell *cell)
{
	struct outlet *o = (struct outlet *)hook;

	if (o->sheet != NULL)
		sheet_cell(o->sheet, cell);
}

static void
take_end(struct csvout_hook *hook)
{
	struct outlet *o = (struct outlet *)hook;

	if (o->sheet != NULL)
		sheet_end_row(o->sheet);
}

void
outlet_set(struct outlet *o, struct csvout *out)
{
	if (o == NULL || o->sheet == NULL)
		return;
	o->hook = (struct csvout_hook){ take_cell, take_end };
	out->hook = &o->hook;
}
