/*
 * http_url: what URLs are gone to, and where they lead.
 *
 * Whether two URLs are of one host is told by their origins, as libcurl, which
 * asks for them, takes them apart.
 */
#ifndef CALLTALLY_IO_HTTP_URL_H
#define CALLTALLY_IO_HTTP_URL_H

#include "base/err.h"

enum { HTTP_ORIGIN_BYTES = 320 };	/* "https://", a host's name, a port */

/*
 * Scheme, host and port of a URL, "https://api.example:443". False, with the
 * reason, when it is not a URL that we go to: neither https nor http to a
 * loopback address, or with a user's name in it.
 */
bool http_origin(const char *url, char out[HTTP_ORIGIN_BYTES], struct err *);
/* Only the host, lower case, without the brackets of IPv6. */
bool http_host(const char *url, char out[HTTP_ORIGIN_BYTES]);
/* True for the text of an IP address, and for localhost. */
bool http_host_is_literal(const char *host);

/*
 * Where a redirect from a URL leads, as a whole URL that the caller frees;
 * NULL when its origin is another, or memory ran out.
 */
char *http_url_follow(const char *from, const char *location);

#endif
