/*
 * provider: who is played, what each one's keys are, how each one says no.
 *
 * The right keys come from the environment, from the variables that the
 * program under test reads too. Where a variable is unset, any value that is
 * not empty is right. A key's value is never written anywhere.
 */
#ifndef SIM_PROVIDER_H
#define SIM_PROVIDER_H

#include <stdbool.h>
#include <microhttpd.h>

enum provider {
	P_NONE,		/* no route leads there */
	P_MIRAIMINDS,
	P_WHIPPY,
	P_MINIVOICE,
	P_FILES,	/* attachments of Whippy, which need no key */
	P_SIM,		/* the simulator's own endpoints */
	PROVIDER_COUNT
};

enum auth { AUTH_NONE, AUTH_RIGHT, AUTH_MISSING, AUTH_WRONG };

const char *provider_name(enum provider);
/* PROVIDER_COUNT when no provider has that name. */
enum provider provider_named(const char *name);

const char *auth_name(enum auth);
/* Judges the keys of a request to the provider. AUTH_NONE where none are asked. */
enum auth auth_check(enum provider, struct MHD_Connection *);

/*
 * True when a key is where it has no business: any key at another host, one
 * provider's key at another one, a key's value in the target or in a header
 * that is not its own.
 */
bool auth_leak(enum provider, bool other_host, const char *target,
    struct MHD_Connection *);

/*
 * The body with which the provider answers an error status. code replaces
 * the usual one where the provider has codes; NULL: the usual one. The caller
 * frees it.
 */
char *provider_error(enum provider, unsigned status, const char *code);

#endif
