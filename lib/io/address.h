/*
 * address: what kind of place an IP address is.
 */
#ifndef CALLTALLY_IO_ADDRESS_H
#define CALLTALLY_IO_ADDRESS_H

#include <stdbool.h>

struct sockaddr;

struct address {
	unsigned char b[16];	/* IPv6; IPv4 as ::ffff:a.b.c.d */
};

/* Reads "127.0.0.1" or "::1", without brackets; false on anything else. */
bool address_read(const char *text, struct address *);
/* False when it is neither IPv4 nor IPv6. */
bool address_of_socket(const struct sockaddr *, struct address *);

/* 127.0.0.0/8 and ::1 */
bool address_is_loopback(const struct address *);

/*
 * Not an address of the public internet: loopback, private, link-local,
 * shared, reserved for documents and tests, multicast, and IPv6 forms that
 * lead to such an IPv4 address.
 */
bool address_is_private(const struct address *);

#endif
