/*
 * secret: the keys for the providers' APIs.
 *
 * From the environment, else from systemd's credentials of the same names
 * ($CREDENTIALS_DIRECTORY). Never from the command line, never into a
 * message. Copies are wiped when they are freed.
 */
#ifndef CALLTALLY_CMD_SECRET_H
#define CALLTALLY_CMD_SECRET_H

#include "call/profile.h"

/* The keys of one provider. */
struct secrets {
	char **value;		/* one for each header of its API; NULL: not set */
	size_t n;
	char missing[512];	/* "X, Y not set"; "" when all are */
};

/* False only when memory runs out or a credential cannot be read. */
bool secrets_read(struct secrets *, const struct profile_api *, struct err *);
void secrets_free(struct secrets *);

#endif
