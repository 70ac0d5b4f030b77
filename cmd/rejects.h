/*
 * rejects: what the commands on rejected lines share.
 */
#ifndef CALLTALLY_CMD_REJECTS_H
#define CALLTALLY_CMD_REJECTS_H

#include "opt.h"

#define OPT_REASON { "reason", "REASON", "only lines that were rejected for this reason", \
	OPT_AT(reason), .type = OPT_TEXT }

/* True for NULL and for a reason that there is; else ERR_USAGE, naming all. */
bool reject_reason_known(const char *reason, struct err *);

#endif
